import json
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from leads.qualification import ListingFacts
from voice.dialogue import Script, begin, hang_up, outcome, slots, step
from voice.dialogue.ending import ending
from voice.events import Direction, Utterance
from voice.personas import PERSONAS, Callee, pick
from voice.personas.answers import ANSWERS

AT = datetime.fromisoformat("2026-03-05T15:00:00+05:30")
TALKERS = ("cooperative", "one_breath", "hinglish", "hesitant", "corrects_herself")


def converse(persona, *, seed=1, language="en-IN", wants=None):
    callee = Callee(PERSONAS[persona], name="Meena Kulkarni", seed=seed, wants=wants)
    script = Script(language=language)
    state, reply = begin(script, name="Meena Kulkarni", direction=Direction.OUTBOUND, at=AT)
    while not reply.ends_call:
        said = callee.answer(reply.text)
        if said is None:
            return callee, hang_up(state)
        state, reply = step(state, Utterance(at=AT, text=said))
    return callee, state


@pytest.mark.parametrize("language", ["en-IN", "hi-IN"])
@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("persona", TALKERS)
def test_what_a_callee_wants_is_what_the_agent_understands(persona, seed, language):
    callee, state = converse(persona, seed=seed, language=language)
    wish, known = callee.wish, slots(state)
    corrected = 2 if persona == "corrects_herself" else 0
    expected = {
        "outcome": "completed",
        "cities": [wish.city],
        "category": wish.category,
        "property_type": wish.property_type,
        "bedrooms": None if wish.category == "commercial" else wish.bedrooms + corrected,
        "budget_max": wish.budget,
        "consent": wish.consent,
    }
    assert expected == {
        "outcome": outcome(state),
        "cities": [place["city"] for place in known.get("locations", ())],
        "category": known.get("category"),
        "property_type": known.get("property_type"),
        "bedrooms": known.get("bedrooms_max"),
        "budget_max": known.get("budget_max"),
        "consent": known.get("consent"),
    }


@pytest.mark.parametrize(
    ("persona", "expected"),
    [
        ("wrong_number", "wrong_number"),
        ("voicemail", "voicemail"),
        ("do_not_call", "do_not_call"),
        ("hangs_up", "abandoned"),
        ("asks_for_a_person", "human"),
    ],
)
@pytest.mark.parametrize("seed", range(6))
def test_difficult_callees_end_the_call_in_their_own_way(persona, expected, seed):
    assert outcome(converse(persona, seed=seed)[1]) == expected


@pytest.mark.parametrize("persona", ["busy", "no_answer"])
def test_nobody_speaks_on_a_line_that_is_not_answered(persona):
    assert Callee(PERSONAS[persona], name="Meena", seed=1).answer("Hello?") is None


def test_who_has_a_person_on_the_line_answers_again():
    callee = Callee(PERSONAS["asks_for_a_person"], name="Meena", seed=1)
    asked = [callee.answer("What is your budget?") for _ in range(4)]
    assert asked[2:] == ["Can I talk to a real person, please?", ""]
    callee.meet_staff()
    assert "crore" in str(callee.answer("What is your budget?"))


def test_a_machine_says_its_greeting_once_then_records():
    callee = Callee(PERSONAS["voicemail"], name="Meena", seed=1)
    assert [callee.answer("Hello?") for _ in range(3)] == ["Please leave your message after the tone.", "", ""]


@pytest.mark.parametrize("seed", range(30))
def test_who_corrects_herself_always_has_something_to_correct(seed):
    callee = Callee(PERSONAS["corrects_herself"], name="Meena", seed=seed)
    said = callee.answer("How many bedrooms do you need?")
    assert said == f"{callee.wish.bedrooms} BHK, no no, {callee.wish.bedrooms + 1} BHK."


def test_a_hesitant_callee_needs_a_question_twice():
    callee = Callee(PERSONAS["hesitant"], name="Meena", seed=1)
    first, second = callee.answer("What is your budget?"), callee.answer("What is your budget?")
    assert (first in ANSWERS["english"]["hesitation"], second in ANSWERS["english"]["hesitation"]) == (True, False)


def test_wants_steer_a_callee():
    wants = {"city": "Kochi", "bedrooms": 4, "budget": 9_000_000, "consent": True, "category": "residential"}
    wish = Callee(PERSONAS["cooperative"], name="Meena", seed=3, wants=wants).wish
    assert {name: getattr(wish, name) for name in wants} == wants


def test_the_same_seed_says_the_same_words_and_another_seed_other_ones():
    def said(seed):
        callee = Callee(PERSONAS["cooperative"], name="Meena", seed=seed)
        return [callee.answer(question) for question in ("Which city?", "What is your budget?", "How many bedrooms?")]

    assert (said(1) == said(1), len({tuple(said(seed)) for seed in range(8)}) > 5) == (True, True)


def test_a_number_always_reaches_the_same_person():
    numbers = [f"+9198200{index:05}" for index in range(2000)]
    drawn = [pick(number).name for number in numbers]
    helpful = sum(name in TALKERS for name in drawn)
    assert (drawn == [pick(number).name for number in numbers], set(drawn) == set(PERSONAS), helpful > 1500) == (
        True,
        True,
        True,
    )


def test_most_people_who_answer_want_what_the_demo_brokerage_has():
    demo = Path(__file__).parents[3] / "realty" / "demo" / "listings.json"
    inventory = [
        ListingFacts(
            city=row["city"],
            locality=row["locality"],
            category=row["category"],
            property_type=row["property_type"],
            bedrooms=row["bedrooms"],
            price=row["price"],
            purpose="rent" if row["offered_for"] == "rent" else "buy",
        )
        for row in json.loads(demo.read_text("utf-8"))
        if row["status"] == "available"
    ]
    ends = Counter()
    for seed in range(200):
        persona = pick(f"+9198200{seed:05}").name
        if persona in TALKERS:
            ends[ending(converse(persona, seed=seed)[1], inventory=inventory)[0]] += 1
    assert (ends["qualified"] > 0.7 * ends.total(), ends["not_qualified"] > 0.05 * ends.total()) == (True, True)
