"""Words that a provider hears: kept while it leads the conversation, told apart where our dialogue does."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from calls.models import Call, Turn
from calls.operations import consent, conversation
from calls.operations.briefs import begin
from calls.operations.gate import local_time
from calls.places import places
from calls.queries import known_as
from voice.dialogue import retell
from voice.events import CallReport, EventKind, Spoken

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from voice.dialogue import State
    from voice.dialogue.report import Exchange
    from voice.events import CallEvent

_WORD = re.compile(r"\S+")
_FIELDS = ("asked", "heard", "understood", "said")


def overhear(call: Call, event: CallEvent, *, now: datetime) -> None:
    """Keep what was said as turns; words that are there already are not kept twice.

    A call that our own dialogue leads keeps its own turns. A second run changes nothing. The caller locks `call`.
    """
    if call.dialogue or event.kind is EventKind.HEARD:
        return
    if event.extra.get("history") == "whole":
        spoken = event.spoken
    else:
        before = overheard(call)
        spoken = (*before, *(one for one in event.spoken if not _is_there(one, before)))
    state, turns = _told(call, spoken, now=now)
    _keep(call, turns, now=now)
    if any(turn.said for turn in turns):
        consent.note_notice(call, state, now=now)
    consent.note_refusal(call, state, now=now)


def overheard(call: Call) -> tuple[Spoken, ...]:
    """The words of the turns so far, in their order."""
    words = []
    for turn in call.turns.order_by("number"):
        words += [Spoken(turn.heard, by_caller=True, at=turn.at)] if turn.heard else []
        words += [Spoken(turn.said, by_caller=False, at=turn.at)] if turn.said else []
    return tuple(words)


def state_of(call: Call, *, now: datetime) -> State:
    """Where the conversation stands by our own understanding, whoever leads it."""
    if call.dialogue:
        state: State = call.dialogue
        return state
    return _told(call, overheard(call), now=now)[0]


def forget(call: Call) -> None:
    """Make room for turns that tell it better."""
    call.turns.all().delete()


def _told(call: Call, spoken: Sequence[Spoken], *, now: datetime) -> tuple[State, list[Exchange]]:
    opened, _ = begin(call, now=now)
    return retell(opened, CallReport(tuple(spoken)), at=local_time(call.lead, now=now), places=places())


def _is_there(one: Spoken, before: Sequence[Spoken]) -> bool:
    """Whether these words are the latest of that side: a history may have been faster than they were."""
    theirs = [other.text for other in before[-2:] if other.by_caller == one.by_caller]
    return bool(theirs) and theirs[-1].endswith(one.text)


def _keep(call: Call, turns: Sequence[Exchange], *, now: datetime) -> None:
    there = {turn.number: turn for turn in call.turns.all()}
    for number, told in enumerate(turns):
        values = {name: getattr(told, name) for name in _FIELDS}
        turn = there.pop(number, None)
        if turn is None:
            Turn.objects.create(call=call, number=number, at=told.at or now, **values)
        elif any(getattr(turn, name) != value for name, value in values.items()):
            Turn.objects.filter(pk=turn.pk).update(**values)
    Turn.objects.filter(pk__in=[turn.pk for turn in there.values()]).delete()


def newly_heard(event: CallEvent) -> CallEvent | None:
    """What an event with a whole history brings that our dialogue has not heard; None: no such call is ours.

    Read without a lock, for those who think before the turn's transaction begins.
    """
    call = Call.objects.filter(known_as(event.provider, event.provider_call_id)).first()
    if call is None and event.call_id is not None:
        call = Call.objects.filter(pk=event.call_id, provider=event.provider, provider_call_id="").first()
    if call is None:
        return event if event.rang_us else None
    return _since(call, event)


def catch_up(call: Call, event: CallEvent, *, now: datetime) -> CallEvent:
    """The same with the lock held; our opening counts as said where the provider has said it for us.

    The caller locks and saves `call`.
    """
    if not call.dialogue:
        forget(call)
        if any(not one.by_caller for one in event.spoken):
            conversation.greet(call, now=now)
    return _since(call, event)


def _since(call: Call, event: CallEvent) -> CallEvent:
    """The event with the words that no turn has heard yet, and the turn that they make; an old turn for none."""
    heard = " ".join(call.turns.exclude(heard="").order_by("number").values_list("heard", flat=True))
    said = " ".join(one.text for one in event.spoken if one.by_caller)
    new = _beyond(heard, said)
    if new is None:
        # The recogniser has thought better of earlier words, so only what followed our last ones is new.
        new = _after_ours(event.spoken)
        last = call.turns.order_by("-number").values_list("heard", flat=True).first()
        new = "" if _words(new) == _words(last or "") else new
    turn = conversation.next_turn(call)
    return replace(event, text=new, turn=turn if new else max(turn - 1, 0))


def _beyond(heard: str, said: str) -> str | None:
    """What `said` has after `heard`; None where it does not begin with it, by its words alone."""
    before, words = _words(heard), [one for one in _WORD.finditer(said) if _bare(one[0])]
    if [_bare(one[0]) for one in words[: len(before)]] != before:
        return None
    return said[words[len(before)].start() :] if len(words) > len(before) else ""


def _after_ours(spoken: Sequence[Spoken]) -> str:
    last = max((place for place, one in enumerate(spoken) if not one.by_caller), default=-1)
    return " ".join(one.text for one in spoken[last + 1 :])


def _words(text: str) -> list[str]:
    return [bare for one in _WORD.findall(text) if (bare := _bare(one))]


def _bare(word: str) -> str:
    """A word as it counts when two transcripts of it are compared; signs come and go as a sentence grows."""
    return re.sub(r"[^\w]+", "", word).casefold()
