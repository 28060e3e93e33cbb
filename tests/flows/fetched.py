"""A recording at Twilio, and what becomes of it here."""

import hashlib
from pathlib import Path

from calls.models import Recording
from calls.operations import recordings
from tests.sounds import wav
from tests.twilio_line import payload

SID = "RE" + "1".zfill(32)
SOUND = wav(440, 660)
DIGEST = hashlib.sha256(SOUND).hexdigest()
NAME = f"recordings/{DIGEST[:2]}/{DIGEST}.wav"


def announce(line, call, **more):
    """Twilio's news of a recording."""
    form = {**payload("recording_completed_dual"), "CallSid": call.provider_call_id, **more}
    answer = line.post(f"/webhooks/twilio/recording?call={call.pk}", **form)
    assert answer.status_code == 200


def files(media) -> list[str]:
    """What the storage holds."""
    return sorted(str(one.relative_to(media)) for one in Path(media).rglob("*") if one.is_file())


def kept(call, sid, now) -> Recording:
    """A recording that was fetched."""
    Recording.objects.create(call=call, provider_recording_id=sid, channels=2, fetch_after=now)
    recording = Recording.objects.get(provider_recording_id=sid)
    assert recordings.fetch(recording.pk, now=now) == "kept"
    recording.refresh_from_db()
    return recording
