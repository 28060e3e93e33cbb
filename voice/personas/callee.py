"""One pretend person on the line: hears a sentence, tells what is asked, answers in character."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

from voice.dialogue.hearing import question_in
from voice.personas.answers import ANSWERS, BEDROOMS_HI, LAKHS_HI, PURPOSES_HI, TIMELINES, TYPES
from voice.personas.wish import wish_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voice.personas.persona import Persona

_HESITATED = frozenset({"location", "property_type", "budget", "consent"})
_CORRECTED = 2  # bedrooms that she who corrects herself adds in all


class Callee:
    """A persona in one call; the same persona, name, seed and wants say the same words to the same sentences."""

    def __init__(self, persona: Persona, name: str, seed: int, *, wants: Mapping[str, Any] | None = None) -> None:
        self.persona = persona
        self.name = name
        self.rng = Random(f"{persona.name} {seed}")
        # Only of a home can somebody change her mind about the bedrooms.
        home = {"category": "residential"} if persona.corrects else {}
        self.wish = wish_for(self.rng, home | dict(wants or {}), more_bedrooms=_CORRECTED if persona.corrects else 0)
        self.given = 0
        self.asked: Counter[str] = Counter()

    def answer(self, said: str) -> str | None:
        """What they say to the agent's sentence; "" is silence, None hangs up."""
        persona = self.persona
        if persona.line in {"busy", "no_answer"}:
            return None
        if persona.patience is not None and self.given >= persona.patience:
            return self._lose_patience()
        self.given += 1
        slot = question_in(said)
        self.asked[slot] += 1
        return self._say(self._way(slot))

    def meet_staff(self) -> None:
        """They have a person on the line, and so all the patience in the world."""
        self.persona = replace(self.persona, patience=None)

    def _lose_patience(self) -> str | None:
        if not self.persona.last_words:
            return None
        # A machine, or somebody who has had enough, has nothing to add.
        self.given += 1
        said_before = self.given - (self.persona.patience or 0) > 1
        return "" if said_before else self.rng.choice(self.persona.last_words)

    def _way(self, slot: str) -> str:
        """Which table of answers this question is answered from."""
        persona, first = self.persona, self.asked[slot] == 1
        if slot == "consent":
            slot = "consent.yes" if self.wish.consent else "consent.no"
        if persona.one_breath and self.given == 1:
            return "breath"
        if persona.hesitant and first and slot.split(".")[0] in _HESITATED:
            return "hesitation"
        if persona.corrects and first and slot in {"bedrooms", "confirm"} and self.wish.category == "residential":
            return {"bedrooms": "midway", "confirm": "correction"}[slot]
        return slot

    def _say(self, way: str) -> str:
        answers = ANSWERS[self.persona.style].get(way) or ANSWERS["english"][way]
        said = self.rng.choice(answers).format_map(self._holes(way))
        return said[:1].upper() + said[1:]

    def _holes(self, way: str) -> dict[str, str]:
        wish = self.wish
        kind = TYPES[wish.property_type]
        sized = wish.category == "residential" and wish.property_type not in {"plot", "studio"} and way == "breath"
        with_size = f"{wish.bedrooms} BHK {kind}" if sized else kind
        # She takes one more room while she speaks, and a second when it is read back.
        corrected = wish.bedrooms + (_CORRECTED if way == "correction" else 1)
        user = ".".join(part for part in self.name.lower().split() if part.isalpha()) or "someone"
        return {
            "name": self.name or "Rohan Mehta",
            "place": f"{wish.locality}, {wish.spoken_city}" if wish.locality else wish.spoken_city,
            "category": wish.category,
            "type": kind,
            "a_type": f"{'an' if with_size[0] in 'aeiou8' else 'a'} {with_size}",
            "bedrooms": str(wish.bedrooms),
            "bedrooms_hi": BEDROOMS_HI.get(wish.bedrooms, str(wish.bedrooms)),
            "corrected": str(corrected),
            "sum": _sum(wish.budget),
            "sum_hi": LAKHS_HI.get(wish.budget // 100_000, _sum(wish.budget)),
            "purpose": wish.purpose,
            "purpose_hi": PURPOSES_HI[wish.purpose],
            "timeline": TIMELINES.get(wish.timeline_months, f"In {wish.timeline_months} months"),
            "email": f"{user.replace('.', ' dot ')} at gmail dot com",
        }


def _sum(rupees: int) -> str:
    """A sum as people type and say it: "80 lakhs", "1.2 crore", "25 thousand"."""
    for size, word in ((10_000_000, "crore"), (100_000, "lakhs")):
        if rupees >= size:
            return f"{rupees / size:g} {word}"
    return f"{rupees / 1000:g} thousand"
