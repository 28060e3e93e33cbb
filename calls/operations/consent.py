"""What callers were told of the recording, and said to it; who does not want it is not recorded any more."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from django.db.models import Q

from calls.lifecycle import CallStatus
from calls.lines import provider as provider_named
from calls.models import Call, Channel, RecordingConsent, RecordingState
from calls.operations import recordings
from calls.queue import STOP_RECORDING, enqueue
from voice import dialogue
from voice.providers.base import ProviderError

if TYPE_CHECKING:
    from datetime import datetime

    from voice.dialogue import State

logger = logging.getLogger(__name__)

_TRIES_AFTER_S = (0.5, 2.0)  # the caller has just been told that it is off


def note_notice(call: Call, state: State, *, now: datetime) -> None:
    """Note that the call's first words told of the recording, where they did. The caller saves `call`."""
    notice = dialogue.recording_notice(state)
    if notice and call.recording_consent == RecordingConsent.NOT_ASKED:
        call.recording_consent, call.recording_consent_at = RecordingConsent.NOTIFIED, now
        call.recording_words = notice


def note_refusal(call: Call, state: State, *, now: datetime) -> None:
    """Have a call recorded no more, and forgotten as far as it was, whose caller said so; once. The caller saves it."""
    refused_before = call.recording_consent == RecordingConsent.REFUSED
    if refused_before or call.channel != Channel.VOICE or not dialogue.was_refused(state):
        return
    call.recording_consent, call.recording_consent_at = RecordingConsent.REFUSED, now
    call.recording_words = state["recording_words"]
    if call.status == CallStatus.ENDED:
        _delete(call, now=now)
    else:
        enqueue(STOP_RECORDING, call_id=call.pk)


def stop_recording(call_id: int, *, now: datetime) -> str:
    """Record no more of a call, and delete what there is of it; a second run finds nothing to do.

    What the provider still announces later is refused when it comes.
    """
    call = Call.objects.filter(pk=call_id, recording_consent=RecordingConsent.REFUSED).first()
    if call is None:
        return "gone"
    stopped = _stop(call)
    _delete(call, now=now)
    return stopped


def _delete(call: Call, *, now: datetime) -> None:
    # What is still awaited is asked for, and refused when it is found.
    awaited = Q(state=RecordingState.ANNOUNCED, provider_recording_id="")
    for recording in call.recordings.exclude(awaited | Q(state__in=(RecordingState.REFUSED, RecordingState.ABSENT))):
        recordings.delete(recording, state=RecordingState.REFUSED, now=now)


def _stop(call: Call) -> str:
    if not call.provider_call_id or call.status == CallStatus.ENDED:
        return "ended"
    network = provider_named(call.provider)
    for wait_s in (*_TRIES_AFTER_S, None):
        try:
            return "stopped" if network.stop_recording(call.provider_call_id) else "not recorded"
        except ProviderError as error:
            if wait_s is None or not (error.retryable or error.maybe_done):
                # It is refused and deleted as soon as the provider announces it.
                logger.warning("the recording of call %s could not be stopped: %s", call.pk, error.code)
                return "not stopped"
        time.sleep(wait_s)
    return "not stopped"
