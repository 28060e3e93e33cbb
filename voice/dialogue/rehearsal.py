"""A whole call acted out from a list of answers, for measuring the dialogue on callers that nobody has to be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from leads.qualification import ListingFacts, RequirementFacts, matches
from voice.dialogue.ending import ending
from voice.dialogue.engine import begin, step
from voice.dialogue.script import Script
from voice.dialogue.state import slots
from voice.events import Direction, Utterance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from voice.events import Reply

REQUIRED = {"id": str, "lead": dict, "now": str, "answers": dict}
"""The keys that a dialogue must have, and their types."""

_AGREES = "yes, that's right"
_NOT_OF_THE_REQUIREMENT = frozenset({"identity", "name", "phone"})


class DialogueError(Exception):
    """A dialogue that cannot be acted out; the message says what to mend."""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One line of a rehearsal; `inventory` is None where availability is not a criterion."""

    id: str
    name: str
    source: str
    now: datetime
    answers: dict[str, list[str]]
    default: str
    inventory: tuple[ListingFacts, ...] | None

    @classmethod
    def from_json(cls, line: dict[str, Any]) -> Dialogue:
        """Check and read one line that has REQUIRED.

        :raises DialogueError: with what to mend.
        """
        default = line.get("default", "")
        if not isinstance(default, str):
            raise DialogueError('"default" must be text')
        return cls(
            id=line["id"],
            name=_text(line["lead"], "name"),
            source=_text(line["lead"], "source"),
            now=_time(line["now"]),
            answers=_answers(line["answers"]),
            default=default,
            inventory=_inventory(line.get("inventory")),
        )


class Caller:
    """Answers whatever is asked from the lists of a dialogue, in order, then with its default."""

    def __init__(self, dialogue: Dialogue) -> None:
        self.dialogue = dialogue
        self.left = {asked: list(said) for asked, said in dialogue.answers.items()}

    def answer(self, asked: str) -> str:
        """What this caller says next when asked for `asked`."""
        if asked == "confirm" and asked not in self.left:
            return _AGREES
        said = self.left.get(asked)
        return said.pop(0) if said else self.dialogue.default


def rehearse(dialogue: Dialogue, *, clock: Callable[[], float]) -> dict[str, Any]:
    """Act out one dialogue; `clock` gives seconds, for `ms_per_turn` (the mean over the agent's turns)."""
    caller = Caller(dialogue)
    on_offer = None if dialogue.inventory is None else partial(_is_on_offer, dialogue.inventory)
    transcript: list[dict[str, str]] = []
    started = clock()
    state, reply = begin(
        Script(), name=dialogue.name, source=dialogue.source, direction=Direction.OUTBOUND, at=dialogue.now
    )
    turns = _spoken(reply, transcript)
    while not reply.ends_call:
        said = caller.answer(reply.asked)
        transcript.append({"who": "caller", "text": said})
        state, reply = step(state, Utterance(at=dialogue.now, text=said), on_offer=on_offer)
        turns += _spoken(reply, transcript)
    return {
        "id": dialogue.id,
        "outcome": ending(state, inventory=dialogue.inventory)[0],
        "requirement": {slot: value for slot, value in slots(state).items() if slot not in _NOT_OF_THE_REQUIREMENT},
        "name": slots(state).get("name") or dialogue.name or None,
        "callback_at": state["callback_at"],
        "turns": turns,
        "transcript": transcript,
        "ms_per_turn": round((clock() - started) * 1000 / max(turns, 1), 2),
    }


def _is_on_offer(inventory: tuple[ListingFacts, ...], known: Mapping[str, Any]) -> bool:
    facts = RequirementFacts.from_slots(known)
    return any(matches(facts, listing) for listing in inventory)


def _spoken(reply: Reply, transcript: list[dict[str, str]]) -> int:
    """Note what the agent said; the number of times it spoke, 0 for a silent end."""
    if not reply.text:
        return 0
    transcript.append({"who": "agent", "text": reply.text})
    return 1


def _text(lead: dict[str, Any], key: str) -> str:
    value = lead.get(key) or ""
    if not isinstance(value, str):
        raise DialogueError(f'"lead.{key}" must be text')
    return value


def _time(text: str) -> datetime:
    try:
        now = datetime.fromisoformat(text)
    except ValueError:
        raise DialogueError('"now" must be a time like 2026-03-05T15:00:00+05:30') from None
    if now.utcoffset() is None:
        raise DialogueError('"now" needs its offset, like +05:30')
    return now


def _answers(answers: dict[str, Any]) -> dict[str, list[str]]:
    for asked, said in answers.items():
        if not isinstance(said, list) or not all(isinstance(one, str) for one in said):
            raise DialogueError(f'"answers.{asked}" must be a list of texts')
    return answers


def _inventory(listings: Any) -> tuple[ListingFacts, ...] | None:
    if listings is None:
        return None
    if not isinstance(listings, list):
        raise DialogueError('"inventory" must be a list')
    return tuple(_listing(one, number) for number, one in enumerate(listings, start=1))


def _listing(one: Any, number: int) -> ListingFacts:
    if (
        not isinstance(one, dict)
        or not isinstance(one.get("city"), str)
        or not isinstance(one.get("price"), int | float)
    ):
        raise DialogueError(f'listing {number} of "inventory" needs at least a city and a price')
    return ListingFacts(
        city=one["city"],
        locality=one.get("locality") or "",
        category=one.get("category") or "",
        property_type=one.get("property_type") or "",
        bedrooms=one.get("bedrooms"),
        price=int(one["price"]),
        purpose=one.get("purpose") or "",
    )
