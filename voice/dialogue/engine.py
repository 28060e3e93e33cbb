"""The conversation, a turn at a time: `step(state, heard) -> (state, reply)`, without a clock or memory of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from voice.dialogue import questions, recording, waiting, wording
from voice.dialogue import state as states
from voice.dialogue.language import follow
from voice.dialogue.meaning import meaning_of
from voice.dialogue.offer import settle
from voice.dialogue.replies import end, go_on, say
from voice.dialogue.requirement import absorb, take_back
from voice.dialogue.state import Outcome, Review, State
from voice.dialogue.turn import FINAL, HANDED_OVER, answer, silence
from voice.dialogue.verification import verify
from voice.understanding import Places
from voice.understanding.recording import without_refusal

if TYPE_CHECKING:
    from datetime import datetime, time

    from voice.dialogue.advice import Advice
    from voice.dialogue.meaning import Meaning
    from voice.dialogue.script import Script
    from voice.events import Direction, Reply, Utterance

MAX_TURNS = 30
"""How often the caller is heard before a conversation that goes nowhere is closed politely."""

OnOffer = Callable[[Mapping[str, Any]], bool | None]

_LONGEST_REVIEW = 20  # values; more than that nobody reads


@dataclass(frozen=True, slots=True)
class _Aids:
    """What a turn may lean on beside the caller's own words."""

    advice: Advice | None
    places: Places
    knowledge: str
    on_offer: OnOffer | None


def begin(
    script: Script,
    *,
    name: str = "",
    source: str = "",
    direction: Direction,
    phone_known: bool = True,
    known: dict[str, Any] | None = None,
    at: datetime,
    hours: tuple[time, time] | None = None,
) -> tuple[State, Reply]:
    """Open a conversation: the recording notice, the greeting and the first question.

    `name` is the lead's, empty when unknown; `source` where the enquiry came from. `known` is slot to value and is
    not asked again. `at` is aware, in the caller's zone. `hours` are from when until when, on that clock, the lead may
    be called; None: at any time.
    """
    state = states.new(
        script,
        name=name,
        source=source,
        direction=direction,
        phone_known=phone_known,
        known=known or {},
        at=at,
        hours=hours,
    )
    return go_on(state, lead=wording.greeting(state))


def step(
    state: State,
    heard: Utterance,
    *,
    advice: Advice | None = None,
    places: Places | None = None,
    knowledge: str = "",
    on_offer: OnOffer | None = None,
) -> tuple[State, Reply]:
    """Answer what was heard. `state` is not changed; the same arguments always give the same answer.

    `advice` is a language model's, and verified here; without it the rules are alone. `places` are those of the
    built-in gazetteer unless given; `knowledge` is what staff wrote for answers to open questions. `on_offer` tells
    whether a listing meets a requirement, slot to value; without it a sales call is promised to whoever agrees.
    """
    if state["outcome"]:
        return say(state, "", ends=True)
    state = states.upgraded(state)
    state["turn"] += 1
    aids = _Aids(advice, places or Places.default(), knowledge, on_offer)
    state, reply = silence(state) if heard.is_silence else _listen(state, heard, aids)
    if state["turn"] >= MAX_TURNS and not reply.ends_call:
        return end(state, Outcome.COMPLETED, "too_long")
    return state, reply


def hang_up(state: State) -> State:
    """The state after the line dropped: abandoned, unless the conversation had ended already."""
    if state["outcome"]:
        return state
    return State(**{**states.upgraded(state), "outcome": Outcome.ABANDONED.value})


def resume(state: State) -> State:
    """The state as it was before the line dropped: for words that were said in time, and reached us late."""
    if state["outcome"] != Outcome.ABANDONED:
        return state
    return State(**{**states.upgraded(state), "outcome": Outcome.TALKING.value})


def _listen(state: State, heard: Utterance, aids: _Aids) -> tuple[State, Reply]:
    """Hear who does not want to be recorded, then what else they said."""
    rest, refused = without_refusal(heard.text, asked=state["asked"])
    if not refused:
        return _hear(state, heard, aids)
    recording.refuse(state, heard.text)
    if not rest.strip():
        follow(state, heard.text)
        return recording.nothing_else(state)
    state, reply = _hear(state, replace(heard, text=rest), aids)
    recording.quote(state, heard.text)
    return state, recording.told(state, reply)


def _hear(state: State, heard: Utterance, aids: _Aids) -> tuple[State, Reply]:
    state["silences"] = 0
    follow(state, heard.text)
    meaning = meaning_of(state, heard, aids.places)
    if meaning.intent in FINAL and meaning.signal != "screening":
        return end(state, FINAL[meaning.intent], "" if meaning.intent == "voicemail" else meaning.intent)
    newcomer = waiting.is_awaited(state)
    if meaning.signal in HANDED_OVER and not meaning.intent:
        # An owner's flat is nobody's requirement.
        return end(state, Outcome.HUMAN, HANDED_OVER[meaning.signal])
    interrupted = waiting.interruption(state, meaning) or waiting.somebody_came(state, meaning)
    if interrupted:
        return interrupted
    meaning = replace(meaning, newcomer=newcomer)
    advice = aids.advice if heard.text.strip() else None
    if advice:
        meaning = _advised(state, meaning, heard, advice, places=aids.places, knowledge=aids.knowledge)
    lost = take_back(state, meaning.dropped)
    questions.reopen(state, lost)
    changed = absorb(state, meaning.found, heard.text) + settle(state, meaning)
    if advice and meaning.advised:
        changed += absorb(state, meaning.advised, heard.text, rung=advice.rung)
    known = states.slots(state)
    if aids.on_offer and known.get("consent"):
        state["on_offer"] = aids.on_offer(known)
    return answer(state, meaning, changed + lost, heard)


def _advised(
    state: State, meaning: Meaning, heard: Utterance, advice: Advice, *, places: Places, knowledge: str
) -> Meaning:
    """The meaning with what could be verified of the advice; what could not, is kept in `state` for staff."""
    verified = verify(state, heard.text, meaning.understood, advice, now=heard.at, places=places, knowledge=knowledge)
    doubtful = [
        Review(slot=one.slot, turn=state["turn"], words=one.words, rule=one.rule, model=one.model)
        for one in verified.refused
    ]
    state["review"] = [*state["review"], *doubtful][:_LONGEST_REVIEW]
    asks = meaning.signal == "question" or bool(verified.answer and not (meaning.found or meaning.intent))
    return replace(
        meaning,
        advised=verified.found,
        unsure=(*meaning.unsure, *verified.offered),
        intent=meaning.intent or verified.intent,
        callback_at=meaning.callback_at or verified.callback_at,
        signal="question" if asks else meaning.signal,
        answer=verified.answer,
    )
