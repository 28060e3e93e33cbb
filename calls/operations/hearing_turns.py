"""What a worker does with an answer that somebody waits for: fetch it, hear it, keep the words, have it deleted."""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q

from calls.lifecycle import CallStatus
from calls.lines import provider as provider_named
from calls.lines import whisper
from calls.models import Call, LiveState, LiveUtterance
from calls.operations import conversation, shelf, wishes
from calls.operations.apart import each
from calls.queue import DELETE_TURN, enqueue
from voice import dialogue
from voice.events import CallEvent, EventKind
from voice.providers.base import ProviderError
from voice.stt.errors import SttError
from voice.understanding import understand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path


logger = logging.getLogger(__name__)

MOST_BYTES = 4_000_000
"""Of one answer; thirty seconds of a telephone's are a tenth of it."""

LONGEST_S = 45
"""Of one answer; both telephone and browser stop at 30 seconds."""

_ABANDONED = timedelta(minutes=1)  # a worker that has an answer for so long was killed
_NOT_YET_S = 0.3  # between two questions whether a recording is there
_AGAIN = timedelta(minutes=2)
_LONGEST_WAIT = timedelta(days=1)
_AT_ONCE = 20


@cache
def warm_up() -> str:
    """Load the model, with all that comes along at the first transcription."""
    import numpy as np  # noqa: PLC0415 -- slow, and the web process never transcribes

    try:
        whisper().load()
        whisper().transcribe(np.zeros(16_000, dtype=np.float32), language="en")
    except SttError as error:
        logger.warning("Whisper cannot hear live turns: %s", error)
        return "failed"
    return "warm"


def hear_turn(utterance_id: int, *, clock: Callable[[], datetime]) -> str:
    """Hear an answer; a second job finds it claimed, unless the first one's worker was killed."""
    utterance = _claimed(utterance_id, now=clock())
    if utterance is None:
        return "taken"
    try:
        with _audio_of(utterance, clock=clock) as path:
            text, confidence = _listen(path, utterance.language, hint=_question_of(utterance))
    except (SttError, ProviderError) as error:
        return _failed(utterance, error, now=clock())
    _keep(utterance, text, confidence, now=clock())
    if utterance.call_id:
        take_left(utterance.call_id)
    return "heard"


def _claimed(utterance_id: int, *, now: datetime) -> LiveUtterance | None:
    unheard = LiveUtterance.objects.filter(
        pk=utterance_id, heard_at=None, state__in=(LiveState.WAITING, LiveState.LATE)
    )
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - _ABANDONED)
    if not unheard.filter(free).update(claimed_at=now):
        return None
    return LiveUtterance.objects.select_related("call").get(pk=utterance_id)


def _question_of(utterance: LiveUtterance) -> str:
    """The question that this answers, as a hint at its words; empty where the conversation has gone on."""
    answered = utterance.call or utterance.talk
    if answered is None or not answered.dialogue:
        return ""
    state = dialogue.resume(answered.dialogue)
    return dialogue.hint(state) if utterance.turn > state["turn"] else ""


def _listen(path: Path, language: str, *, hint: str) -> tuple[str, float]:
    """What is said in a file, and how surely, 0 to 1.

    :raises SttError: for what is no sound, or too long, or where the model cannot be used.
    """
    from voice.stt.audio import probe  # noqa: PLC0415 -- slow, and the web process never transcribes

    try:
        is_short = probe(path).duration_s <= LONGEST_S
        heard = whisper().hear(path, language=language or None, caller_channel=None, hint=hint) if is_short else None
    except SttError as error:
        raise SttError(str(error).replace(str(path), "The answer")) from error
    if heard is None:
        raise SttError(f"An answer may last {LONGEST_S} seconds. Say it in fewer words.")
    return " ".join(line.text for line in heard.lines), heard.confidence


@contextmanager
def _audio_of(utterance: LiveUtterance, *, clock: Callable[[], datetime]) -> Iterator[Path]:
    """A file with the answer, for as long as it is being heard."""
    with shelf.workbench() as folder, (folder / "answer").open("w+b") as file:
        if utterance.call is None:
            file.write(bytes(utterance.audio or b""))
        else:
            _fetch(utterance, utterance.call, file, clock=clock)
        file.flush()
        yield folder / "answer"


def _fetch(utterance: LiveUtterance, call: Call, file: Any, *, clock: Callable[[], datetime]) -> None:
    """Fetch an answer, which the provider may announce a moment before it can be had."""
    network = provider_named(call.provider)
    while True:
        try:
            network.fetch_recording(
                call.provider_call_id,
                utterance.provider_recording_id,
                channels=1,
                max_bytes=MOST_BYTES,
                into=file,
            )
        except ProviderError as error:
            if error.code != "not_yet" or clock() >= utterance.due_at:
                raise
            time.sleep(_NOT_YET_S)
            file.seek(0)
            file.truncate()
        else:
            return


def _failed(utterance: LiveUtterance, error: Exception, *, now: datetime) -> str:
    logger.warning("answer %s could not be heard: %s", utterance.pk, type(error).__name__)
    _note(utterance, LiveState.FAILED, {"audio": None, "error": str(error)[:1000], "heard_at": now})
    return "failed"


@transaction.atomic
def _keep(utterance: LiveUtterance, text: str, confidence: float, *, now: datetime) -> None:
    """Keep the words, and no sound; words that were given up are kept for staff, who are told of a wish in them."""
    heard = {
        "text": text,
        "confidence": confidence,
        "heard_at": now,
        "audio": None,
        "delete_after": now if utterance.provider_recording_id else None,
    }
    is_wish = understand(text, asked="", now=now).slots.get("intent") == "do_not_call"
    # Locked as everywhere: the call, its lead, and what hangs on them.
    calls = Call.objects.select_for_update(of=("self",), no_key=True).filter(utterances=utterance)
    call = calls.first() if is_wish else None
    is_late = _note(utterance, LiveState.HEARD, heard)
    if is_late and call:
        wishes.missed_by_delay(call, text, now=now)


def _note(utterance: LiveUtterance, state: LiveState, found: dict[str, Any]) -> bool:
    """Keep what was found, unless another worker did; whether the answer was given up meanwhile, and stays so."""
    mine = LiveUtterance.objects.filter(pk=utterance.pk, heard_at=None)
    if mine.filter(state=LiveState.WAITING).update(state=state, **found):
        return False
    return bool(mine.update(**found))


def take_left_due(*, now: datetime) -> int:  # noqa: ARG001 -- as all steps
    """Take the words that were heard when the line had closed; how many this process took."""
    left = LiveUtterance.objects.filter(state=LiveState.HEARD, call__status=CallStatus.ENDED)
    return each(take_left, left.values_list("call_id", flat=True)[:_AT_ONCE])


@transaction.atomic
def take_left(call_id: int) -> bool:
    """Take into a finished call what its caller said before they hung up; False where nothing is left."""
    ended = Call.objects.filter(pk=call_id, status=CallStatus.ENDED).select_related("lead")
    call = ended.select_for_update(of=("self",), no_key=True).first()
    utterance = call.utterances.filter(state=LiveState.HEARD).last() if call else None
    if call is None or utterance is None:
        return False
    text = utterance.text
    if not utterance.settle(LiveState.TAKEN, text=""):
        return False
    event = CallEvent(
        kind=EventKind.HEARD,
        provider=call.provider,
        provider_call_id=call.provider_call_id,
        dedupe_key="",
        turn=utterance.turn,
        text=text,
        confidence=utterance.confidence,
        language=utterance.language,
        extra={"no_transfer": "the line has closed"},
    )
    conversation.take_turn(call, event, now=utterance.asked_at)
    call.save()
    return True


def delete_due(*, now: datetime) -> int:
    """Have the providers delete what was heard; how many this process asked for. A lost job is queued again."""
    due = LiveUtterance.objects.filter(delete_after__lte=now)
    return sum(_hand_out(one, now=now) for one in due[:_AT_ONCE])


def _hand_out(utterance: LiveUtterance, *, now: datetime) -> bool:
    as_read = LiveUtterance.objects.filter(pk=utterance.pk, delete_after=utterance.delete_after)
    if not as_read.update(delete_after=now + _AGAIN):
        return False
    enqueue(DELETE_TURN, utterance_id=utterance.pk)
    return True


def delete_there(utterance_id: int, *, now: datetime) -> str:
    """Delete an answer at its provider, or all that are left of a call; tried again until it is done."""
    waiting = LiveUtterance.objects.select_related("call").filter(delete_after__isnull=False)
    utterance = waiting.filter(pk=utterance_id).first()
    if utterance is None or utterance.call is None:
        return "gone"
    call, tries = utterance.call, utterance.delete_tries + 1
    mine = LiveUtterance.objects.filter(pk=utterance.pk)
    network = provider_named(call.provider)
    try:
        if utterance.provider_recording_id:
            network.delete_recording(call.provider_call_id, utterance.provider_recording_id)
        else:
            network.delete_answers(call.provider_call_id)
    except ProviderError as error:
        logger.warning("answer %s was not deleted by %s: %s", utterance.pk, call.provider, error.code)
        wait = min(_AGAIN * 2 ** min(tries, 10), _LONGEST_WAIT)
        mine.update(delete_tries=min(tries, 30_000), delete_after=now + wait)
        return "failed"
    mine.update(delete_after=None)
    return "deleted"
