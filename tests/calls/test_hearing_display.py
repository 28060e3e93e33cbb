"""Recordings and what was heard in them, in the words of staff."""

import inspect
import re

import pytest

from calls import hearing_display as display
from calls import hearings
from calls.hearing_display import Hearing, Spoken
from voice.stt import gates

WORDS = [["around", 1.2, 1.6, 0.9], ["seventy", 1.6, 2.1, 0.9], ["lakh", 2.1, 2.5, 0.9]]
TIMED = [Spoken("around", "1.20", "1.60"), Spoken("seventy", "1.60", "2.10"), Spoken("lakh", "2.10", "2.50")]


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0:00"), (65.9, "1:05"), (3723, "1:02:03")])
def test_seconds_are_shown_as_a_player_shows_them(seconds, shown):
    assert display.clock(seconds) == shown


def test_a_better_whisper_stands_in_front_and_what_differs_is_marked_in_both():
    shown = display.hearing("around seventeen lakh", "around seventy lakh", WORDS, better="whisper", why="more_values")
    assert shown == Hearing(
        "around seventy lakh",
        [TIMED[0], TIMED[1]._replace(differs=True), TIMED[2]],
        [Spoken("around"), Spoken("seventeen", differs=True), Spoken("lakh")],
        "Heard live",
        "Better: Whisper, because it says more of what is wanted.",
    )


def test_a_better_live_hearing_stays_in_front_and_whispers_words_keep_their_seconds():
    shown = display.hearing("around seventeen lakh", "around seventy lakh", WORDS, better="live", why="live_surer")
    assert (shown.text, shown.other_by) == ("around seventeen lakh", "Whisper heard")
    assert [word.start for word in shown.other] == ["1.20", "1.60", "2.10"]


def test_where_both_heard_the_same_its_words_have_seconds_and_nothing_is_marked():
    shown = display.hearing("around seventy lakh", "Around seventy lakh.", WORDS, better="live", why="same")
    assert shown == Hearing("around seventy lakh", TIMED)


def test_words_that_only_sound_alike_stand_as_the_better_ear_heard_them():
    shown = display.hearing("Noida.", "noider,", [["noider,", 19, 19.5, 0.2]], better="live", why="whisper_unsure")
    assert shown == Hearing(
        "Noida.",
        [Spoken("Noida.")],
        [Spoken("noider,", "19.00", "19.50")],
        "Whisper heard",
        "Better: what was heard live, because Whisper was guessing.",
    )


def test_what_only_whisper_heard_says_so():
    shown = display.hearing("", "around seventy lakh", WORDS, better="whisper", why="live_empty")
    assert shown == Hearing("around seventy lakh", TIMED, better="Better: Whisper, because nothing was heard live.")


def test_words_that_cannot_be_counted_off_are_shown_unmarked():
    shown = display.hearing("around seventeen lakh", "around seventy lakh", WORDS[:2], better="whisper", why="")
    assert shown.spoken == TIMED[:2]


@pytest.mark.parametrize(
    "code", sorted({*re.findall(r'Better\("\w+", "(\w+)"\)', inspect.getsource(hearings)), "more_values"})
)
def test_every_reason_to_believe_a_hearing_is_told_in_words(code):
    assert code == "same" or "because" in display.why_better("live", code)


@pytest.mark.parametrize("code", sorted({*re.findall(r'return "(\w+)"', inspect.getsource(gates.gate)), "loop"}))
def test_every_gate_says_why_it_left_words_out(code):
    assert display.why_dropped(code) != display.why_dropped("unheard of")


@pytest.mark.parametrize(
    ("state", "error", "is_upload", "told"),
    [
        ("kept", "", False, ""),
        ("announced", "", False, "There is a recording. It is being fetched."),
        ("announced", "Twilio is down.", False, "There is a recording. It is being fetched. Twilio is down."),
        (
            "announced",
            "",
            True,
            "The upload did not come to its end, so nothing of it is kept. Upload the recording again.",
        ),
        ("failed", "Twilio has none.", False, "Twilio has none."),
        ("refused", "", False, "The caller did not want to be recorded, so no recording is kept."),
    ],
)
def test_what_became_of_a_recording_is_a_sentence(state, error, is_upload, told):
    assert display.state_sentence(state, error, is_upload=is_upload) == told


def test_whose_words_they_are_and_why_is_a_sentence():
    assert display.whose("whisper", "base", "") == "The recording was transcribed by Whisper (base)."
    assert display.whose("provider", "", "whisper_failed") == (
        "These are the words as the provider heard them during the call, because Whisper could not transcribe the "
        "recording."
    )
    assert display.whose("provider", "", "", by_provider=False) == (
        "These are the words as they were heard during the call."
    )
    assert display.transcription_sentence("failed", 0, "It ends too early.") == (
        "The recording could not be transcribed. It ends too early."
    )
    assert display.transcription_sentence("waiting", 0, "The storage is away.") == (
        "The recording waits to be transcribed. The storage is away."
    )
    assert display.transcription_sentence("running", 5, "The storage was away.") == (
        "The recording is being transcribed: 5 per cent."
    )
