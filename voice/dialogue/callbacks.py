"""When to call back: what "tomorrow", then "in the evening" come to, and what is said of hours in the night."""

from __future__ import annotations

import re
from datetime import datetime, time
from typing import TYPE_CHECKING

from voice.dialogue import wording
from voice.dialogue.questions import CALLBACK
from voice.dialogue.replies import ask, ask_again, end
from voice.dialogue.state import Outcome
from voice.understanding import understand
from voice.understanding.numbers import hear

if TYPE_CHECKING:
    from voice.dialogue.meaning import Meaning
    from voice.dialogue.replies import Answer
    from voice.dialogue.state import State
    from voice.events import Utterance

_LONGEST = 200  # characters kept of a request without a time; nobody names a day in more
_ASKS = 2  # for a time: the second only where the first answer named one that has passed
_PART_HOURS = {"subah": "10 am", "dopahar": "2 pm", "shaam": "6 pm", "raat": "8 pm"}
_DAY_HOUR = "11 am"
_PART = re.compile(rf"(?<= )(?:{'|'.join(_PART_HOURS)})(?= )")
_DAY = re.compile(
    r"(?<= )(?:kal|parso|(?:mon|tues|wednes|thurs|fri|satur|sun)day|\d{1,2} (?:th|st|nd|rd|tarikh)|\d+ din)(?= )"
)


def call_back(state: State, meaning: Meaning, heard: Utterance) -> Answer:
    """Promise the time that was named, or ask for one; changes `state`."""
    asked_already = state["asked"] == CALLBACK
    if asked_already and meaning.intent == "repeat" and not state["detours"]:
        state["detours"] += 1
        return ask_again(state, lead="")
    at = _named(state, meaning, heard)
    if at and at > heard.at:
        state["callback_at"] = at.isoformat()
        when = wording.when(at, now=heard.at, table=wording.phrases(state))
        key = "callback.time" if _may_ring(state, at.astimezone(heard.at.tzinfo)) else "callback.night"
        return end(state, Outcome.CALLBACK, key, when=when)
    asked = state["attempts"].get(CALLBACK, 0)
    if meaning.signal == "child" or asked >= _ASKS or (asked_already and not at):
        return end(state, Outcome.CALLBACK, "callback.open")
    if at:
        state["attempts"][CALLBACK] = max(asked, 1)
        return ask(state, CALLBACK)
    state["callback_words"] = heard.text[:_LONGEST]
    return ask(state, CALLBACK)


def _may_ring(state: State, local: datetime) -> bool:
    """Whether the lead may be called at a time on their own clock; at any where the state knows no hours."""
    hours = state["hours"]
    return hours is None or time.fromisoformat(hours[0]) <= local.time() < time.fromisoformat(hours[1])


def _named(state: State, meaning: Meaning, heard: Utterance) -> datetime | None:
    """The time that was named; once we asked for one, a day, a part of it, or a bare hour is enough."""
    if state["asked"] != CALLBACK:
        return datetime.fromisoformat(meaning.callback_at) if meaning.callback_at else None
    asked_for = state["callback_words"]
    for said in (heard.text, f"at {heard.text}"):
        if at := _moment(f"{asked_for}, {said}" if asked_for else said, heard.at):
            return at
    said = f"{asked_for}, {heard.text}"
    line = hear(said, CALLBACK).line
    parts = _PART.findall(line)
    if not (parts or _DAY.search(line)):
        return None
    return _moment(f"{said} at {_PART_HOURS[parts[-1]] if parts else _DAY_HOUR}", heard.at)


def _moment(text: str, now: datetime) -> datetime | None:
    at = understand(f"call me {text}", asked=CALLBACK, now=now).slots.get("callback_at")
    return datetime.fromisoformat(str(at)) if at else None
