"""What a caller hears while we look for a person: we put them through, or nobody was free."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voice.dialogue import wording
from voice.dialogue.replies import say
from voice.dialogue.state import Outcome, State, outcome

if TYPE_CHECKING:
    from voice.dialogue.replies import Answer
    from voice.events import Reply, Transfer


def wants_person(state: State, goodbye: Reply) -> bool:
    """Whether the conversation ended because the caller wants a person, and not because they know one already."""
    return outcome(state) is Outcome.HUMAN and goodbye.text.endswith(wording.sentence(state, "human"))


def put_through(state: State, goodbye: Reply, transfer: Transfer, *, who: str) -> Reply:
    """Tell the caller whom they are put through to, instead of the goodbye, and after what else was to be said.

    `who` is empty for a colleague.
    """
    before = goodbye.text.removesuffix(wording.sentence(state, "human"))
    words = wording.sentence(state, "put_through", who=who or wording.sentence(state, "a_colleague"))
    _, reply = say(state, before + words, ends=True)
    return replace(reply, ends_call=False, transfer=transfer)


def nobody_free(state: State) -> Answer:
    """Tell the caller that nobody was free, and that we ring back. It counts as a turn; `state` is not changed."""
    waited = State(**{**state, "turn": state["turn"] + 1})
    return say(waited, wording.sentence(waited, "nobody_free"), ends=True)


def please_hold(state: State, transfer: Transfer) -> Reply:
    """Ask somebody who rings us to hold the line, before the dialogue has begun."""
    notice = wording.recording_notice(state)
    parts = (notice, wording.sentence(state, "thanks_for_calling"), wording.sentence(state, "please_hold"))
    _, reply = say(state, " ".join(part for part in parts if part), ends=True)
    return replace(reply, ends_call=False, transfer=transfer)
