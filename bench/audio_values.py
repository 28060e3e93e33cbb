"""Property values recovered from sound: spoken answers through Whisper into slots, clean and by telephone.

Usage: python bench/audio_values.py [--failures] [--quick] [--model FOLDER]

Each answer is spoken by espeak-ng and read under the question that it answers, as a call reads it. `written` is what is
understood of the very words, and so the best that hearing could do. A value is right, wrong or missing; what nobody
said counts as made up, also for recorded people (SPEECH_DIR) who speak of other things.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402 -- the path comes first
from spoken import (  # noqa: E402 -- the path comes first
    RATE,
    Clip,
    espeak,
    human_clips,
    loud,
    speech_folder,
    telephone,
    write_mulaw,
)

from tests.whisper_model import model_folder  # noqa: E402 -- the path comes first
from voice.dialogue import Script, begin, hint  # noqa: E402 -- the path comes first
from voice.events import Direction  # noqa: E402 -- the path comes first
from voice.stt.whisper_engine import WhisperEngine  # noqa: E402 -- the path comes first
from voice.understanding import prepare, understand  # noqa: E402 -- the path comes first

if TYPE_CHECKING:
    from collections.abc import Iterable

NOW = datetime.fromisoformat("2026-03-05T15:00:00+05:30")
ENGLISH_VOICES = ("en-us", "en-gb", "en-us+f2")
HINDI_VOICES = ("hi", "hi+f2")
SILENCE_S = 0.6  # before and after an answer
WIDE = 16_000  # Hz, the clean form
SLOTS = (
    "locations", "bedrooms_min", "bedrooms_max", "budget_min", "budget_max", "property_type", "purpose",
    "timeline_months", "consent",
)  # fmt: skip
KINDS = ("right", "wrong", "missing", "made up")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to which question, in which language, and the values that it holds."""

    asked: str
    text: str
    language: str
    expect: dict[str, Any]


def place(city: str, locality: str | None = None) -> dict[str, Any]:
    return {"locations": [{"city": city, "locality": locality}]}


def bedrooms(low: int, high: int | None = None) -> dict[str, Any]:
    return {"bedrooms_min": low, "bedrooms_max": high or low}


def _english(asked: str, *answers: tuple[str, dict[str, Any]]) -> list[Answer]:
    return [Answer(asked, text, "en", expect) for text, expect in answers]


def _hindi(asked: str, *answers: tuple[str, dict[str, Any]]) -> list[Answer]:
    return [Answer(asked, text, "hi", expect) for text, expect in answers]


ANSWERS = [
    *_english(
        "location",
        ("I am looking in Bangalore.", place("Bengaluru")),
        ("Somewhere in Pune, please.", place("Pune")),
        ("Bandra, Mumbai.", place("Mumbai", "Bandra")),
        ("In Hyderabad, near my office.", place("Hyderabad")),
        ("Whitefield in Bangalore.", place("Bengaluru", "Whitefield")),
    ),
    *_english(
        "bedrooms",
        ("Three bedrooms, please.", bedrooms(3)),
        ("We need two bedrooms.", bedrooms(2)),
        ("A three B H K.", bedrooms(3)),
        ("At least four bedrooms.", {"bedrooms_min": 4}),
    ),
    *_english(
        "budget",
        ("My budget is around eighty lakhs at most.", {"budget_max": 8_000_000}),
        ("Up to ninety lakhs.", {"budget_max": 9_000_000}),
        ("Between fifty and sixty lakhs.", {"budget_min": 5_000_000, "budget_max": 6_000_000}),
        ("Not more than one crore.", {"budget_max": 10_000_000}),
        ("One point five crore maximum.", {"budget_max": 15_000_000}),
    ),
    *_english(
        "property_type",
        ("An apartment, please.", {"property_type": "apartment"}),
        ("I would like a villa.", {"property_type": "villa"}),
        ("A plot, please.", {"property_type": "plot"}),
    ),
    *_english(
        "purpose",
        ("It is for my own family to live in.", {"purpose": "buy"}),
        ("As an investment.", {"purpose": "invest"}),
    ),
    *_english(
        "timeline",
        ("Within three months.", {"timeline_months": 3}),
        ("Immediately, if possible.", {"timeline_months": 0}),
        ("In about six months.", {"timeline_months": 6}),
    ),
    *_english(
        "consent",
        ("Yes, please go ahead.", {"consent": True}),
        ("Yes, that is fine.", {"consent": True}),
        ("No, please do not.", {"consent": False}),
        ("Sure, no problem.", {"consent": True}),
    ),
    *_hindi(
        "location",
        ("मुझे पुणे में घर चाहिए।", place("Pune")),
        ("मुंबई में देख रहे हैं।", place("Mumbai")),
        ("नोएडा में चाहिए।", place("Noida")),
    ),
    *_hindi(
        "bedrooms", ("दो कमरे चाहिए।", bedrooms(2)), ("तीन बी एच के चाहिए।", bedrooms(3)), ("चार बेडरूम।", bedrooms(4))
    ),
    *_hindi(
        "budget",
        ("पचास लाख तक।", {"budget_max": 5_000_000}),
        ("एक करोड़ तक का बजट है।", {"budget_max": 10_000_000}),
        ("अस्सी लाख से ज़्यादा नहीं।", {"budget_max": 8_000_000}),
    ),
    *_hindi(
        "property_type", ("फ्लैट चाहिए।", {"property_type": "apartment"}), ("प्लॉट चाहिए।", {"property_type": "plot"})
    ),
    *_hindi("purpose", ("खुद रहने के लिए।", {"purpose": "buy"}), ("इन्वेस्टमेंट के लिए।", {"purpose": "invest"})),
    *_hindi("timeline", ("तीन महीने में।", {"timeline_months": 3}), ("तुरंत चाहिए।", {"timeline_months": 0})),
    *_hindi("consent", ("हाँ, ठीक है।", {"consent": True}), ("नहीं, रहने दीजिए।", {"consent": False})),
]


def judged(expect: dict[str, Any], got: dict[str, Any]) -> Counter[tuple[str, str]]:
    """(slot, right | wrong | missing | made up), counted."""
    marks: Counter[tuple[str, str]] = Counter()
    for slot in SLOTS:
        if slot in expect:
            mark = "missing" if slot not in got else "right" if got[slot] == expect[slot] else "wrong"
            marks[slot, mark] += 1
        elif slot in got:
            marks[slot, "made up"] += 1
    return marks


class Ear:
    """Whisper and the reading of an answer, as a call has them."""

    def __init__(self, folder: str) -> None:
        self.engine = WhisperEngine(folder)
        self.temporary = tempfile.TemporaryDirectory()
        self.path = Path(self.temporary.name) / "answer.wav"

    def clean(self, answer: Answer, voice: str) -> str:
        """What is heard of the answer at 16 kHz."""
        quiet = np.zeros(round(SILENCE_S * WIDE), np.float32)
        samples = np.concatenate([quiet, loud(espeak(answer.text, voice, rate=WIDE)), quiet])
        return self.engine.transcribe(samples, WIDE, answer.language)[0]

    def telephone(self, answer: Answer, voice: str) -> str:
        """What is heard of it through the telephone: 300-3,400 Hz, 8 kHz mu-law, a quiet line."""
        return self.recorded(Clip(answer.text, loud(telephone(espeak(answer.text, voice)))), answer.language)

    def live(self, answer: Answer, voice: str) -> str:
        """The same by who knows which question it answers, as in a call."""
        clip = Clip(answer.text, loud(telephone(espeak(answer.text, voice))))
        return self.recorded(clip, answer.language, hinted(answer.language, answer.asked))

    def recorded(self, clip: Clip, language: str, hint: str = "") -> str:
        """What is heard of a clip at 8 kHz, through a file as a provider keeps it."""
        quiet = np.zeros(round(SILENCE_S * RATE), np.float32)
        noise = np.random.default_rng(1).normal(0, 0.001, clip.samples.size + 2 * quiet.size).astype(np.float32)
        write_mulaw(self.path, (np.concatenate([quiet, clip.samples, quiet]) + noise)[np.newaxis])
        heard = self.engine.hear(self.path, language=language, caller_channel=None, hint=hint)
        return " ".join(line.text for line in heard.lines)


def hinted(language: str, asked: str) -> str:
    """What a live turn tells Whisper of this question."""
    state, _reply = begin(Script(language=f"{language}-IN"), direction=Direction.OUTBOUND, known={}, at=NOW)
    return hint(state | {"asked": asked})


def read(text: str, asked: str) -> dict[str, Any]:
    return understand(text, asked=asked, now=NOW).slots


def table(title: str, marks: Counter[tuple[str, str]]) -> None:
    print(f"\n{title}\n{'slot':16} {'right':>8} {'wrong':>8} {'missing':>8} {'made up':>8}")
    for slot in SLOTS:
        print(f"{slot:16}", *(f"{marks[slot, kind]:8}" for kind in KINDS))
    sums = [sum(marks[slot, kind] for slot in SLOTS) for kind in KINDS]
    said = sum(sums[:3])
    share = f"   {sums[0] / said:.0%} of {said} right" if said else ""
    print(f"{'all':16}", *(f"{number:8}" for number in sums), share)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--failures", action="store_true", help="print what was heard where a value went wrong")
    parser.add_argument("--quick", action="store_true", help="one voice a language")
    parser.add_argument("--model", help="folder of the Whisper model; default: the one of the tests")
    options = parser.parse_args()
    prepare()
    ear = Ear(options.model or model_folder())
    for language, every in (("en", ENGLISH_VOICES), ("hi", HINDI_VOICES)):
        forms = [("clean", ear.clean), ("telephone", ear.telephone)]
        if hinted(language, "bedrooms"):
            forms.append(("telephone, knowing the question", ear.live))
        voices = every[:1] if options.quick else every
        answers = [answer for answer in ANSWERS if answer.language == language]
        written = sum((judged(one.expect, read(one.text, one.asked)) for one in answers), Counter[tuple[str, str]]())
        table(f"{language}: written", written)
        for name, hear in forms:
            marks: Counter[tuple[str, str]] = Counter()
            for answer, voice in _spoken(answers, voices):
                text = hear(answer, voice)
                found = judged(answer.expect, read(text, answer.asked))
                marks += found
                if options.failures and any(mark != "right" for _slot, mark in found):
                    print(f"  {voice}: {answer.text} -> {text!r}: {dict(found)}")
            table(f"{language}: {name}, voices {', '.join(voices)}", marks)
    _negative(ear)


def _spoken(answers: Iterable[Answer], voices: tuple[str, ...]) -> list[tuple[Answer, str]]:
    return [(answer, voice) for answer in answers for voice in voices]


def _negative(ear: Ear) -> None:
    folder = speech_folder(ROOT)
    if folder is None:
        print("\nNo recorded people: set SPEECH_DIR for the negative control.")
        return
    marks: Counter[tuple[str, str]] = Counter()
    for clip in human_clips(folder):
        for asked in ("location", "bedrooms", "budget", "property_type", "purpose", "timeline", "consent"):
            for told in sorted({"", hinted("en", asked)}):
                marks += judged({}, read(ear.recorded(clip, "en", told), asked))
    table("recorded people who speak of other things, under each question, told and not", marks)


if __name__ == "__main__":
    main()
