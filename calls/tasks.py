"""The jobs; each makes one call. `**_` lets an old worker run a job queued by newer code."""

from __future__ import annotations

from django.utils import timezone

from calls import operations
from calls.chat import texting
from calls.operations import hearing, hearing_turns, owing, purging, recordings, uploading
from realty import heartbeat


def dial(*, call_id: int, tries: int, **_: object) -> str:
    """Dial a queued call; `tries` is how often it had been put back when the job was queued."""
    return operations.dial(call_id, tries=tries, now=timezone.now())


def settle(*, call_id: int, **_: object) -> str:
    """Ask the provider what became of a call that it has long not spoken of."""
    return operations.settle(call_id, now=timezone.now())


def summarise(*, call_id: int, **_: object) -> str:
    """Ask a language model for the points of a finished call."""
    return operations.summarise(call_id, now=timezone.now())


def act_on_line(*, call_id: int, what: str, **_: object) -> str:
    """Hang up on an answering machine, leave it the message, or let a hand-off last."""
    return operations.act_on_line(call_id, what, now=timezone.now())


def stop_recording(*, call_id: int, **_: object) -> str:
    """Record no more of a call whose caller does not want it."""
    return operations.stop_recording(call_id, now=timezone.now())


def fetch_recording(*, recording_id: int, **_: object) -> str:
    """Fetch a recording from its provider, and keep it."""
    return recordings.fetch(recording_id, now=timezone.now())


def prepare_upload(*, recording_id: int, **_: object) -> str:
    """Read a recording that staff uploaded to its end."""
    return uploading.prepare(recording_id)


def delete_recording_there(*, recording_id: int, **_: object) -> str:
    """Have a recording deleted at its provider."""
    return recordings.delete_there(recording_id, now=timezone.now())


def delete_owed(*, owed_id: int, **_: object) -> str:
    """Delete what is left outside the database of somebody who was erased."""
    return owing.delete_owed(owed_id, now=timezone.now())


def purge(*, purge_id: int, **_: object) -> str:
    """Delete what is kept no longer."""
    return purging.purge(purge_id, now=timezone.now())


def text_link(*, link_id: int, **_: object) -> str:
    """Text a lead the way to the chat."""
    return texting.send(link_id, now=timezone.now())


def hear_turn(*, utterance_id: int, **_: object) -> str:
    """Hear an answer that somebody waits for."""
    return hearing_turns.hear_turn(utterance_id, clock=timezone.now)


def warm_up(**_: object) -> str:
    """Load Whisper before somebody waits for it."""
    return hearing_turns.warm_up()


def delete_turn(*, utterance_id: int, **_: object) -> str:
    """Have an answer that was heard deleted at its provider."""
    return hearing_turns.delete_there(utterance_id, now=timezone.now())


def transcribe(*, recording_id: int, **_: object) -> str:
    """Have Whisper hear a recording, until the cluster is to end."""
    return hearing.transcribe(recording_id, now=timezone.now(), goes_on=heartbeat.goes_on)
