"""Calls that were held live and recorded, for tests of what the recording makes of them."""

from datetime import timedelta

from calls.models import Call, Recording, Transcript
from calls.operations import evidence
from calls.operations.conversation import take_turn
from calls.operations.line import close
from leads.models import Lead
from voice.events import CallEvent, EndReason, EventKind

TURN_S = 10
"""Seconds from one answer's end to the next one's."""

HEARD = ["yes this is Meena", "Wakad in Pune", "a flat", "2 BHK", "seventy lakhs", "to buy", "yes", "yes that's right"]
"""The answers of a lead who qualifies, by turn from the first on."""


def hold(answers, *, now, lead=None, started=True, **fields):
    """A call in which these answers were heard, each as (text, confidence) or (text, confidence, digits)."""
    lead = lead or Lead.objects.create(name="Meena", phone="+919876500001", created_at=now)
    values = {"status": "in_progress", "direction": "outbound", "created_at": now, "answered_at": now} | fields
    call = Call.objects.create(lead=lead, provider="pretend", **values)
    spoken = [("", None), *answers]
    for number, (text, confidence, *digits) in enumerate(spoken):
        kind = EventKind.HEARD if number else EventKind.ANSWERED
        event = CallEvent(
            kind=kind,
            provider="pretend",
            provider_call_id=f"P{call.pk}",
            dedupe_key=f"{call.pk}.{number}",
            turn=number,
            text=text,
            digits=digits[0] if digits else "",
            confidence=confidence,
        )
        take_turn(call, event, now=now + timedelta(seconds=TURN_S * number))
        call.save()
    close(call, EndReason.COMPLETED, now=now + timedelta(seconds=TURN_S * len(spoken)))
    if started:
        Recording.objects.create(
            call=call,
            provider_recording_id=f"R{call.pk}",
            channels=2,
            caller_channel=0,
            state="kept",
            file=f"recordings/{call.pk}.wav",
            started_at=now,
        )
    return call


def words_at(text, start, confidence=0.9):
    """The words of a text as Whisper gives them, 0.4 s each."""
    return [
        [word, round(start + 0.4 * n, 2), round(start + 0.4 * n + 0.35, 2), confidence]
        for n, word in enumerate(text.split())
    ]


def line(text, start, speaker="caller", confidence=0.9):
    """A line as a transcript holds it."""
    words = words_at(text, start, confidence)
    end = words[-1][2] if words else start + 1
    return {"speaker": speaker, "start_s": start, "end_s": end, "text": text, "confidence": confidence, "words": words}


def transcribe(call, *said, engine="whisper", confidence=0.9):
    """Whisper's transcript of a call: the answers one after the other, or (text, confidence) of each."""
    call.transcripts.filter(engine=engine).delete()
    call.transcripts.update(is_best=False)
    lines = []
    for number, one in enumerate(said, 1):
        text, sure = one if isinstance(one, tuple) else (one, confidence)
        if text:
            lines.append(line(text, TURN_S * number - 1 - 0.4 * len(text.split()), confidence=sure))
    return Transcript.objects.create(
        call=call, recording=call.recordings.first(), engine=engine, lines=lines, is_best=True, language="en"
    )


def heard(now, *changed, answers=HEARD):
    """A call with these answers, of which the recording has some otherwise, each as (turn, text)."""
    call = hold([(text, 0.9 if text else None) for text in answers], now=now)
    said = list(HEARD)
    for turn, text in changed:
        said[turn - 1] = text
    transcribe(call, *said)
    evidence.take_in(call.pk, now=now)
    return call
