import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dialogue_calls import AT, until
from voice.dialogue import Advice, Suggestion, doubt, evidence, outcome, slots, step
from voice.dialogue.figures import figures
from voice.dialogue.quotes import find_quote
from voice.dialogue.verification import verify
from voice.events import Utterance
from voice.understanding import Found, Places, Understanding


def advise(state, text, *suggestions, knowledge="", **more):
    advice = Advice(rung="primary", suggestions=tuple(Suggestion(*one) for one in suggestions), **more)
    return step(state, Utterance(at=AT, text=text), advice=advice, knowledge=knowledge)


def new_slots(before, after):
    return {slot: value for slot, value in slots(after).items() if slots(before).get(slot) != value}


def test_a_kind_that_only_a_model_heard_is_asked_about_and_taken_at_a_yes():
    state = until("category", order=("category", "location", "budget"))
    text = "a calm spot for my old parents"
    asked, reply = advise(state, text, ("category", "for my old parents", "residential"))
    assert (reply.text, reply.asked, new_slots(state, asked)) == ("Did you mean a home?", "category", {})
    agreed, _ = step(asked, Utterance(at=AT, text="yes"))
    assert (new_slots(asked, agreed), evidence(agreed)["category"]["words"]) == (
        {"category": "residential"},
        "for my old parents",
    )
    denied, reply = step(asked, Utterance(at=AT, text="no"))
    assert (new_slots(asked, denied), reply.asked) == ({}, "category")


def test_a_kind_that_nobody_asked_about_is_not_taken_from_a_model():
    state = until("location", order=("location", "purpose", "budget"))
    after, reply = advise(state, "when is the metro coming there", ("purpose", "when is the", "to rent"))
    assert (new_slots(state, after), "rent" in reply.text) == ({}, False)


def test_nobody_is_promised_a_sales_call_about_nothing():
    state = until("consent")
    replies = {}
    for on_offer in (True, False, None):
        after, reply = step(state, Utterance(at=AT, text="yes"), on_offer=lambda _, found=on_offer: found)
        while not reply.ends_call:
            after, reply = step(after, Utterance(at=AT, text="yes, that's right"))
        replies[on_offer] = reply.text
    assert replies[True] == replies[None]
    assert ("will call you" in replies[True], "will call you" in replies[False]) == (True, False)


@pytest.mark.parametrize(
    ("asked", "text", "suggestion", "expected"),
    [
        (
            "category",
            "like Sixty  five I guess, saved up",
            ("budget", "sixty five", "up to 65"),
            {"budget_max": 6_500_000},
        ),
        (
            "category",
            "hinjawdhi would be so dear to us",
            ("location", "hinjawdhi", "Hinjewadi"),
            {"locations": [{"city": "Pune", "locality": "Hinjewadi"}]},
        ),
    ],
)
def test_what_a_model_rephrases_is_taken_with_the_callers_words_as_evidence(asked, text, suggestion, expected):
    state = until(asked, order=("category", "location", "budget"))
    after, _ = advise(state, text, suggestion)
    slot = next(iter(expected))
    said = find_quote(text, suggestion[1])
    assert (new_slots(state, after), evidence(after)[slot]) == (
        expected,
        {
            "value": expected[slot],
            "turn": state["turn"] + 1,
            "words": text[slice(*said)],
            "start": said[0],
            "end": said[1],
            "rung": "primary",
        },
    )


REFUSED = [
    ("budget", "we would stretch somewhat", ("budget", "stretch somewhat", "80 lakh"), "budget_max", 8_000_000),
    ("category", "like sixty five I guess so no", ("budget", "five", "5 lakh"), "budget_max", 500_000),
    ("location", "near the big IT park", ("location", "near the big IT park", "Hinjewadi"), "locations", None),
    ("category", "I want the one near my office", ("bedrooms", "the one", "1 BHK"), "bedrooms_min", 1),
]


@pytest.mark.parametrize(("asked", "text", "suggestion", "slot", "value"), REFUSED)
def test_a_figure_or_a_place_that_was_not_said_is_left_to_staff(asked, text, suggestion, slot, value):
    state = until(asked)
    after, _ = advise(state, text, suggestion)
    kept = after["review"][0]
    assert (new_slots(state, after), kept["slot"], kept["words"], kept["rule"]) == ({}, slot, suggestion[1], None)
    assert value is None or kept["model"] == value


def test_what_the_caller_ruled_out_is_not_taken_from_a_model():
    state = until("location")
    after, _ = advise(state, "not Mumbai, somewhere calm", ("location", "Mumbai", "Mumbai"))
    assert (new_slots(state, after), len(after["review"])) == ({}, 1)


@pytest.mark.parametrize(("text", "expected"), [("sektor 62 pls", {}), ("sektor 62 pls noidaa", {"locations"})])
def test_a_place_that_many_cities_have_needs_its_city_said(text, expected):
    state = until("category", order=("category", "location"))
    understood = Understanding()
    verified = verify(
        state,
        text,
        understood,
        Advice(rung="primary", suggestions=(Suggestion("location", "sektor 62", "Sector 62, Noida"),)),
        now=AT,
        places=Places.default(),
        knowledge="",
    )
    assert {one.slot for one in verified.found} == set(expected)


def test_a_quote_that_nobody_said_brings_nothing():
    state = until("budget")
    after, _ = advise(state, "well it all hangs on many things", ("budget", "80 lakhs", "80 lakhs"))
    assert (new_slots(state, after), after["review"]) == ({}, [])


@pytest.mark.parametrize("question", ["identity", "consent"])
def test_consent_and_identity_never_come_from_a_model(question):
    for asked in ("identity", "consent"):
        state = until(asked)
        after, _ = advise(state, "hmm well alright then perhaps", (question, "alright then", "yes"))
        assert new_slots(state, after) == {}


def test_what_the_rules_read_stands_and_the_difference_is_flagged():
    state = until("budget")
    after, _ = advise(state, "70 lakhs", ("budget", "70 lakhs", "around 70 lakhs"))
    assert (slots(after)["budget_max"], [(one["slot"], one["rule"], one["model"]) for one in after["review"]]) == (
        7_000_000,
        [("budget_min", None, 6_300_000), ("budget_max", 7_000_000, 7_700_000)],
    )


def test_a_model_does_not_replace_what_nobody_asked_about_again():
    state = until("consent")
    text = "with seventy five we would be happier folks"
    after, _ = advise(state, text, ("budget", "seventy five", "75"))
    assert (new_slots(state, after), len(after["review"])) == ({}, 1)


INTENTS = ["human", "callback", "not_interested", "already_bought", "repeat", "who_is_calling", "are_you_a_bot"]


@pytest.mark.parametrize("intent", ["do_not_call", "wrong_number", "voicemail", "language_hi", "", "consent"])
def test_a_model_ends_no_call_for_good(intent):
    state = until("location")
    after, reply = advise(state, "well you see my dear", intent=intent, intent_quote="you see")
    assert (outcome(after), reply.asked) == ("", "location")


def test_a_model_may_hear_that_somebody_is_not_interested():
    text = "my family went cold on the whole idea you know"
    assert outcome(
        advise(until("location"), text, intent="not_interested", intent_quote="cold on the whole idea")[0]
    ) == ("not_interested")


@pytest.mark.parametrize("quote", ["forget all about it", "cold"])
def test_an_intent_without_its_words_is_not_believed(quote):
    text = "my family went cold on the whole idea you know"
    assert outcome(advise(until("location"), text, intent="not_interested", intent_quote=quote)[0]) == ""


@pytest.mark.parametrize(
    ("intent", "quote"),
    [
        ("human", "the whole"),
        ("already_bought", "my family"),
        ("not_interested", "family went"),
        ("callback", "you know"),
    ],
)
def test_words_that_cannot_mean_it_end_no_call(intent, quote):
    text = "my family went cold on the whole idea you know"
    after, reply = advise(until("location"), text, intent=intent, intent_quote=quote)
    assert (outcome(after), reply.asked) == ("", "location")


def test_at_once_is_not_read_off_any_words():
    state = until("timeline", order=("timeline", "budget"))
    after, _ = advise(state, "dekho bhai hua to hua", ("timeline", "hua", "immediately"))
    assert new_slots(state, after) == {}


KNOWLEDGE = "Possession of tower B is in December 2027.\nPrices begin at 62 lakh; stamp duty is 6 percent."


def test_a_question_is_answered_in_staffs_own_sentence_whatever_the_model_would_say():
    state, reply = advise(
        until("location"),
        "what is the price over there",
        answer="Yes, they begin at 52 lakh, for you only.",
        answer_quote="Prices begin at 62 lakh",
        knowledge=KNOWLEDGE,
    )
    assert (reply.text, reply.asked, state["open_questions"]) == (
        "Prices begin at 62 lakh; stamp duty is 6 percent. Which city or area are you looking in?",
        "location",
        [
            {
                "turn": 2,
                "words": "what is the price over there",
                "answer": "Prices begin at 62 lakh; stamp duty is 6 percent.",
            }
        ],
    )


@pytest.mark.parametrize(
    ("answer", "quote"),
    [
        ("Prices begin at 62 lakh.", "Prices start from 62 lakh"),
        ("Prices begin at 62 lakh.", ""),
        ("Prices begin at 62 lakh.", "Prices"),
        ("", "Prices begin at 62 lakh"),
    ],
)
def test_an_answer_that_staff_did_not_write_is_left_to_a_colleague(answer, quote):
    state, reply = advise(
        until("location"), "what is the price", answer=answer, answer_quote=quote, knowledge=KNOWLEDGE
    )
    assert (reply.text, state["open_questions"]) == (
        "A colleague will get back to you on that. Which city or area are you looking in?",
        [{"turn": 2, "words": "what is the price", "answer": ""}],
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "70 lakhs",
        "yes",
        "no",
        "call me later",
        "who is this",
        "hmm",
        "9" * 10_000,
        "do not call me again",
        "let me think",
        "hold on",
        "slowly please",
        "<b>sixty five</b>",
    ],
)
def test_rules_that_suffice_ask_for_no_advice(text):
    assert doubt(until("budget"), Utterance(at=AT, text=text)) is None


def test_keys_ask_for_no_advice():
    assert doubt(until("consent"), Utterance(at=AT, digits="1")) is None


@pytest.mark.parametrize(
    ("text", "kind"), [("papa will like what is quieter", "meaning"), ("what is the price", "question")]
)
def test_a_doubt_tells_what_is_known(text, kind):
    state = until("budget")
    put = doubt(state, Utterance(at=AT, text=text))
    assert (put.kind, put.asked, put.text, put.language, put.now, put.known) == (
        kind, "budget", text, "en-IN", AT, slots(state),
    )  # fmt: skip


def test_a_state_of_the_first_version_goes_on():
    state = until("budget")
    old = {key: value for key, value in state.items() if key in OLD_KEYS} | {"version": 1}
    assert step(old, Utterance(at=AT, text="70 lakhs")) == step(state, Utterance(at=AT, text="70 lakhs"))


OLD_KEYS = {
    "version", "began_at", "script", "direction", "name", "source", "phone_known", "language", "turn", "asked",
    "outcome", "callback_at", "slots", "history", "attempts", "detours", "doubts", "silences", "other_language",
}  # fmt: skip

WORDS = st.sampled_from(
    ["stretch", "till", "sixty", "five", "sixty five", "65", "65 lakh", "6.5", "Pune", "Wakad", "the one", "yes", "no",
     "flat", "shop", "papa", "around", "2 crore", "three", "BHK", "my parents", "मीना", "पैंसठ", "don't call me", "Meena",
     "meena at gmail dot com", "9876543210", "hold", "zara", "next year", "speak to a person", "ignore the rules"]
)  # fmt: skip
SPEECH = st.lists(WORDS, max_size=6).map(" ".join)
QUESTION = st.sampled_from(["location", "budget", "bedrooms", "identity", "consent", "property_type", "category",
                            "name", "email", "timeline", "purpose", "phone", "confirm", "nonsense", ""])  # fmt: skip
SUGGESTION = st.builds(Suggestion, question=QUESTION, quote=SPEECH | st.text(max_size=20), plain=SPEECH | st.text())
ADVICE = st.builds(
    Advice,
    rung=st.sampled_from(["primary", "gemini"]),
    suggestions=st.lists(SUGGESTION, max_size=4).map(tuple),
    intent=st.sampled_from([*INTENTS, "do_not_call", "wrong_number", "voicemail", "language_hi", "x", ""]),
    intent_quote=SPEECH | st.text(max_size=20),
    answer=SPEECH | st.text(),
    answer_quote=SPEECH | st.text(max_size=20),
)
ASKED = ("identity", "location", "budget", "bedrooms", "consent", "confirm")
STATES = {asked: until(asked) for asked in ASKED}


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ASKED), SPEECH, ADVICE)
def test_whatever_a_model_says_nothing_is_invented(asked, text, advice):
    before = STATES[asked]
    alone, _ = step(before, Utterance(at=AT, text=text))
    after, reply = step(before, Utterance(at=AT, text=text), advice=advice, knowledge=KNOWLEDGE)
    json.dumps(after)
    advised = {slot: one for slot, one in after["slots"].items() if "rung" in one}
    said = {one.figure for question in (*ASKED, "phone") for one in figures(text, question)}
    for one in advised.values():
        assert text[one["start"] : one["end"]] == one["words"]
        assert (one["turn"], one["rung"]) == (after["turn"], advice.rung)
    for slot in ("bedrooms_min", "bedrooms_max", "budget_min", "budget_max"):
        if slot in advised and not slot.startswith("budget"):
            assert f"{advised[slot]['value']:g}" in said
    assert not {"consent", "identity"} & advised.keys()
    assert after["slots"].get("consent") == alone["slots"].get("consent") or outcome(alone)
    if outcome(after) in {"do_not_call", "wrong_number", "voicemail"}:
        assert outcome(alone) == outcome(after)
    assert bool(reply.text) or outcome(after) == "voicemail"


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(ASKED), SPEECH)
def test_an_empty_advice_changes_nothing(asked, text):
    heard = Utterance(at=AT, text=text)
    assert step(STATES[asked], heard, advice=Advice(rung="primary")) == step(STATES[asked], heard)


def test_a_range_counts_both_its_ends():
    assert [one.counts for one in figures("50 to 60 lakh, or 2 crore")] == [
        ("50", "lakh"),
        ("60", "lakh"),
        ("2", "crore"),
    ]


def test_the_evidence_type_is_the_rules_own():
    assert Found("name", "Meena", 0, 5, "Meena").words == "Meena"
