"""Calls whose recording is kept, made by hand."""

import hashlib

from django.core.files.base import ContentFile

from calls.models import Call, Recording, Transcript, Turn
from tests.admin_rows import make_lead
from tests.sounds import wav

SOUND = wav(440, 0, seconds=4)


def keep(call, sound=SOUND, **fields):
    """A recording of `call` with its file on the storage."""
    known = {"channels": 2, "caller_channel": 0, "duration_s": 4, "content_type": "audio/wav", "state": "kept"}
    known |= {"sha256": hashlib.sha256(sound).hexdigest(), "size_bytes": len(sound), "peaks": [[0, 50, 100, 50]] * 2}
    recording = Recording(call=call, **known | {"transcription": "done", "progress": 100} | fields)
    recording.file.save("sound.wav", ContentFile(sound), save=False)
    recording.save()
    return recording


def make_recorded_call(now, **fields):
    """A call of two turns, heard live and again: the budget's words differ, and Whisper's are better."""
    lead = fields.pop("lead", None) or make_lead(1, now)
    values = {"provider": "twilio", "status": "ended", "end_reason": "completed", "disposition": "qualified"}
    call = Call.objects.create(lead=lead, created_at=now, **values | fields)
    Turn.objects.create(call=call, number=0, said="What is your budget?", said_start_s=0, said_end_s=1, at=now)
    understood = [{"slot": "budget_max", "value": 7_000_000, "words": "seventy lakh", "start": 0, "end": 12}]
    words = [["around", 1.2, 1.6, 0.9], ["seventy", 1.6, 2.1, 0.9], ["lakh", 2.1, 2.5, 0.9]]
    Turn.objects.create(
        call=call, number=1, heard="around seventeen lakh", heard_again="around seventy lakh", words=words,
        start_s=1.2, end_s=2.5, better="whisper", better_why="whisper_surer", understood=understood,
        said="Thank you.", said_start_s=2.6, said_end_s=3.8, at=now,
    )  # fmt: skip
    return call, keep(call)


def transcribe(recording, **fields):
    """Whisper's transcript of `recording`, the best one of its call."""
    known = {"engine": "whisper", "model": "base", "is_best": True, "lines": [], "confidence": 0.9}
    return Transcript.objects.create(call=recording.call, recording=recording, **known | fields)
