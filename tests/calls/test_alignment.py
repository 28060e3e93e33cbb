"""Recorded words beside live turns: whose, of which turn, at which second, and which hearing to believe."""

import pytest

from calls.alignment import LiveTurn, align, resembles_agent
from calls.hearings import choose, difference
from calls.words import pair_up, share_heard, sounds
from voice.stt.lines import Line, Word


def words(text, start, confidence=0.9, step=0.4):
    return tuple(
        Word(w, start + i * step, start + i * step + step - 0.05, confidence) for i, w in enumerate(text.split())
    )


def line(text, start, speaker="caller", confidence=0.9):
    said = words(text, start, confidence)
    return Line(speaker, start, said[-1].end_s if said else start + 1, text, confidence, said)


TURNS = [
    LiveTurn(0, "", "Hello, am I speaking with Asha?", at_s=0),
    LiveTurn(1, "yes", "What is your budget?", 0.9, 5),
    LiveTurn(2, "pachaas lakh", "In which city?", 0.8, 10),
    LiveTurn(3, "", "I did not hear you. Which city?", None, 18),
    LiveTurn(4, "puna wakad", "How many bedrooms?", 0.6, 25),
    LiveTurn(5, "", "Thank you, goodbye.", None, 30, digits="2"),
]
UNTIMED = [LiveTurn(one.number, one.heard, one.said, one.confidence, None, one.digits) for one in TURNS]
CALLER = [line("yes speaking", 3.5), line("पचास लाख", 8.5), line("hm let me think", 15), line("Pune Wakad please", 22)]
AGENT = [(0.2, 3), (5.1, 7.5), (10.2, 12), (18.1, 21), (25.2, 27), (30, 31)]
TEXTS = ["", "yes speaking", "पचास लाख", "hm let me think", "Pune Wakad please", ""]


def spoken(spans):
    """Where the agent's channel has a voice, as lines without words."""
    return [Line("agent", start, end, "", 0.0, ()) for start, end in spans]


def texts(aligned):
    return [one.text for one in aligned]


@pytest.mark.parametrize("turns", [TURNS, UNTIMED], ids=["timed", "untimed"])
def test_each_turn_gets_its_words_whatever_script_they_are_in(turns):
    aligned = align(turns, [*CALLER, *spoken(AGENT)])
    assert texts(aligned) == TEXTS
    assert [(one.start_s, one.end_s) for one in aligned[1:3]] == [(3.5, 4.25), (8.5, 9.25)]


def test_what_the_agent_said_has_its_seconds_between_the_answers():
    assert [(one.said_start_s, one.said_end_s) for one in align(TURNS, [*CALLER, *spoken(AGENT)])] == AGENT


def test_two_voices_on_one_track_are_told_apart_by_the_agents_known_words():
    mixed = [
        line("Hello am I speaking with Usha", 0.2, "unknown"),
        line("yes what is your budget", 3.5, "unknown"),
        line("पचास लाख", 7, "unknown"),
        line("In which city", 8.5, "unknown"),
        line("hm", 12, "unknown"),
        line("I didn't hear you which city Pune Wakad how many bedrooms", 14, "unknown"),
    ]
    aligned = align(TURNS, mixed)
    assert texts(aligned) == ["", "yes", "पचास लाख", "hm", "Pune Wakad", ""]
    assert aligned[0].said_start_s == 0.2


def test_words_of_one_breath_are_parted_where_the_agent_spoke():
    turns = [LiveTurn(0, "", "Hello?"), LiveTurn(1, "yes", "Budget?"), LiveTurn(2, "no idea", "Fine.")]
    recorded = [line("yes okay", 2), line("well no idea really", 5)]
    assert texts(align(turns, [*recorded, *spoken([(3.0, 4.6)])])) == ["", "yes okay", "well no idea really"]


def test_a_word_said_twice_goes_to_the_turn_whose_time_it_is():
    turns = [
        LiveTurn(0, "", "Hello?", at_s=0),
        LiveTurn(1, "", "Still there?", at_s=10),
        LiveTurn(2, "yes", "Good.", at_s=30),
    ]
    aligned = align(turns, [line("yes", 6), line("yes", 28)])
    assert texts(aligned) == ["", "yes", "yes"]


def test_a_recording_of_nothing_leaves_the_live_words():
    aligned = align(TURNS, [])
    assert [(one.better, one.why) for one in aligned] == [
        ("", ""),
        ("live", "whisper_empty"),
        ("live", "whisper_empty"),
        ("", ""),
        ("live", "whisper_empty"),
        ("live", "keys"),
    ]


def test_a_call_without_turns_and_turns_without_answers_align_with_nothing():
    assert align([], CALLER) == []
    assert texts(align(TURNS[:1], CALLER)) == [""]


def test_a_long_conversation_is_aligned_by_its_equal_words():
    answers = [f"answer {'word ' * 40}number{n}" for n in range(30)]
    turns = [LiveTurn(0, "", "Hello?"), *(LiveTurn(n + 1, text, "And?") for n, text in enumerate(answers))]
    recorded = [line(text, 60 * n, confidence=0.9) for n, text in enumerate(answers)]
    assert texts(align(turns, recorded))[1:] == [" ".join(text.split()) for text in answers]


def test_a_very_long_conversation_is_aligned_turn_by_turn():
    answers = [f"well answer {n} in few words" for n in range(300)]
    turns = [LiveTurn(n, text, "And?", at_s=10.0 * n) for n, text in enumerate(["", *answers])]
    recorded = [line(text, 10 * n + 5) for n, text in enumerate(answers)]
    agent = spoken((10.0 * n + 1, 10.0 * n + 4) for n in range(300))
    assert texts(align(turns, [*recorded, *agent]))[1:] == answers


@pytest.mark.parametrize(
    ("said", "is_agent"),
    [
        ("hello am I speaking with asha what is your budget", True),
        ("yes पचास लाख puna wakad", False),
        ("hello", False),
    ],
)
def test_the_agents_voice_is_known_by_its_words(said, is_agent):
    assert resembles_agent([line(said, 1)], TURNS) is is_agent


@pytest.mark.parametrize(
    ("live", "again", "sure", "verdict"),
    [
        ("", "", (None, None), ("", "")),
        ("", "yes", (None, 0.9), ("whisper", "live_empty")),
        ("yes", "", (None, None), ("live", "whisper_empty")),
        ("fifty lakh", "50 lakh", (0.5, 0.99), ("live", "same")),
        ("pachaas lakh", "पचास लाख", (None, 0.99), ("live", "same")),
        ("fifty lakh", "thank you", (None, 0.2), ("live", "whisper_unsure")),
        ("fifty lakh", "fifteen lakh", (0.6, 0.9), ("whisper", "whisper_surer")),
        ("fifty lakh", "fifteen lakh", (0.95, 0.6), ("live", "live_surer")),
        ("fifty lakh", "fifteen lakh", (None, 0.75), ("live", "live_kept")),
    ],
)
def test_the_better_of_two_hearings_has_a_reason(live, again, sure, verdict):
    assert choose(live, again, live_sure=sure[0], again_sure=sure[1]) == verdict


@pytest.mark.parametrize(
    ("live", "again", "verdict"),
    [
        ({"budget_max": 5}, {"budget_max": 5, "purpose": "buy"}, ("whisper", "more_values")),
        ({"budget_max": 5, "purpose": "buy"}, {"budget_max": 5}, ("live", "more_values")),
        ({"budget_max": 5}, {"budget_max": 6, "purpose": "buy"}, ("live", "live_kept")),
        ({"budget_max": 5}, {"budget_max": 5}, ("live", "live_kept")),
    ],
)
def test_the_hearing_that_says_more_is_better_unless_they_contradict_each_other(live, again, verdict):
    meant = {"live words": live, "recorded words": again}
    assert choose("live words", "recorded words", live_sure=None, again_sure=0.75, read=meant.get) == verdict


def test_keys_that_were_pressed_need_no_hearing():
    assert choose("", "two", live_sure=None, again_sure=0.99, keys=True) == ("live", "keys")


def test_the_difference_is_told_word_by_word_and_spellings_are_none():
    assert difference("fifteen lakh in puna", "पचास लाख Pune mein") == [
        ("only_live", "fifteen"),
        ("only_again", "पचास"),
        ("same", "लाख"),
        ("only_live", "in"),
        ("same", "Pune"),
        ("only_again", "mein"),
    ]
    assert difference("", "yes") == [("only_again", "yes")]
    assert difference("yes", "yes") == [("same", "yes")]
    assert difference("two bhk", "") == [("only_live", "two bhk")]


def test_numbers_sound_alike_however_they_are_written():
    assert sounds("Fifty") == sounds("50") == sounds("pachaas") == sounds("पचास") == ("50",)
    assert share_heard("two BHK", "maybe 2 bhk flat") == 1.0
    assert share_heard("seventy lakhs", "seventeen lakhs") == 0.5
    assert pair_up(["a", "b"], []) == []


def test_answers_that_nobody_heard_live_find_their_turns_between_the_agents_words():
    answers = [
        "yes please",
        "in Baner near the school",
        "the budget is the usual",
        "a flat",
        "for the family",
        "in May",
    ]
    heard = ["yes please", "", "", "a flat", "", "in may"]
    turns = [LiveTurn(0, "", "Hello?"), *(LiveTurn(n, text, "And?") for n, text in enumerate(heard, 1))]
    recorded = [line(text, 10 * n) for n, text in enumerate(answers, 1)]
    agent = spoken((10 * n + 5, 10 * n + 8) for n in range(7))
    assert texts(align(turns, [*recorded, *agent]))[1:] == answers
    timed = [LiveTurn(one.number, one.heard, one.said, at_s=10.0 * one.number + 4) for one in turns]
    assert texts(align(timed, recorded))[1:] == answers
