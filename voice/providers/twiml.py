"""Twilio's dialect of HTTP: signed forms in, TwiML out. Spoken by Twilio, and by the pretend network.

Parameters and Gather: twilio.com/docs/voice/twiml; signatures: docs/usage/webhooks/webhooks-security.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Gather, Say, VoiceResponse

from voice.events import CallEvent, EndReason, EventKind, LineState
from voice.providers.base import Unreadable, WebhookResponse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voice.events import Reply
    from voice.providers.base import WebhookRequest


DOORS = ("voice", "process", "status", "fallback")
APOLOGY = "We are sorry, we have a technical problem. We will call you back. Goodbye."
_LONGEST_SID = 64
_LARGEST = 2_147_483_647  # what a database's integer holds
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # XML has no way to write these

# What parsing needs, or staff may want to see; account ids, tokens and carriers' guesses at places are left out.
_KEPT = (
    "CallSid", "ParentCallSid", "From", "To", "CallStatus", "Direction", "ForwardedFrom", "StirVerstat", "AnsweredBy",
    "SpeechResult", "Confidence", "Language", "Digits",
    "SequenceNumber", "CallDuration", "SipResponseCode", "Timestamp", "ErrorCode",
)  # fmt: skip

# twilio.com/docs/voice/api/call-resource, "CallStatus"
_LINE = {
    "queued": LineState.PLACED,
    "initiated": LineState.PLACED,
    "ringing": LineState.RINGING,
    "in-progress": LineState.IN_PROGRESS,
    "completed": LineState.ENDED,
    "busy": LineState.ENDED,
    "no-answer": LineState.ENDED,
    "canceled": LineState.ENDED,
    "failed": LineState.ENDED,
}
_END = {
    "completed": EndReason.COMPLETED,
    "busy": EndReason.BUSY,
    "no-answer": EndReason.NO_ANSWER,
    "canceled": EndReason.CANCELED,
    "failed": EndReason.FAILED,
}

# A voice asked to speak a language that it lacks makes the Say fail, and with it the call; so whatever is not known to
# speak it falls back to one that does. Google's voices carry their language in the name.
_BILINGUAL = "Polly.Aditi"
_VOICE_LANGUAGES = {
    "Polly.Aditi": {"en-IN", "hi-IN"},
    "Polly.Kajal-Neural": {"en-IN", "hi-IN"},
    "Polly.Raveena": {"en-IN"},
}

# Every Polly voice takes a rate (docs.aws.amazon.com/polly/latest/dg/prosody-tag.html), and so do Google's older ones;
# these read no SSML.
_FIXED_PACE = ("Chirp", "Journey")


class _Form(dict[str, "Sequence[str]"]):
    """A form in the shape that Twilio's validator reads repeated names from."""

    def getlist(self, name: str) -> Sequence[str]:
        return self[name]


def is_signed(request: WebhookRequest, secrets: Sequence[str]) -> bool:
    """Whether any of the secrets made the signature of this request."""
    signature = request.headers.get("x-twilio-signature", "")
    form = _Form(request.form)
    return any(RequestValidator(secret).validate(request.url, form, signature) for secret in secrets)


def sign(url: str, form: Mapping[str, str], secret: str) -> str:
    """The signature that Twilio would send with this form."""
    return str(RequestValidator(secret).compute_signature(url, dict(form)))


def line_of(status: str) -> LineState | None:
    """How far a line is in the state that Twilio calls `status`; None for a word that is new to us."""
    return _LINE.get(status)


def end_reason_of(status: str) -> EndReason | None:
    """Why a line ended in the state that Twilio calls `status`; None while it has not."""
    return _END.get(status)


def parse(request: WebhookRequest, *, provider: str) -> CallEvent:
    """The event that one form tells of.

    :raises Unreadable: when it names no call.
    """
    form = {name: values[0] for name, values in request.form.items() if values}
    sid = form.get("CallSid", "")
    if not 0 < len(sid) <= _LONGEST_SID:
        raise Unreadable("CallSid is missing or too long")
    turn = _number(request.query.get("turn"))
    status = form.get("CallStatus", "")
    kind = _kind(request, form)
    is_status = kind is EventKind.STATUS
    return CallEvent(
        kind=kind,
        provider=provider,
        provider_call_id=sid,
        dedupe_key=_dedupe_key(kind, sid, turn, form, request),
        call_id=_number(request.query.get("call")),
        caller=form.get("From", ""),
        called=form.get("To", ""),
        turn=turn,
        text=form.get("SpeechResult", "").strip(),
        digits=form.get("Digits", "").strip(),
        confidence=_fraction(form.get("Confidence")),
        language=form.get("Language", ""),
        line=_LINE.get(status) if is_status else LineState.IN_PROGRESS,
        end_reason=_END.get(status) if is_status else None,
        duration_s=_number(form.get("CallDuration")),
    )


def _kind(request: WebhookRequest, form: Mapping[str, str]) -> EventKind:
    if request.door == "process":
        return EventKind.HEARD
    if request.door == "status":
        return EventKind.STATUS
    if "call" in request.query or form.get("Direction", "").startswith("outbound"):
        return EventKind.ANSWERED
    return EventKind.INBOUND


def _dedupe_key(kind: EventKind, sid: str, turn: int | None, form: Mapping[str, str], request: WebhookRequest) -> str:
    if kind is EventKind.STATUS:
        return f"{sid}:status:{form.get('CallStatus', '')}:{form.get('SequenceNumber', '')}"[:160]
    if kind is not EventKind.HEARD:
        return f"{sid}:voice"[:160]
    if turn is not None:
        return f"{sid}:turn:{turn}"[:160]
    # Without our own number, the token that Twilio keeps over its retries is the next best; empty: cannot be told.
    token = request.headers.get("i-twilio-idempotency-token", "")
    return f"{sid}:token:{token}"[:160] if token else ""


def kept(request: WebhookRequest) -> dict[str, object]:
    """The request as stored."""
    form = {name: list(request.form[name]) for name in _KEPT if name in request.form}
    token = request.headers.get("i-twilio-idempotency-token", "")
    headers = {"i-twilio-idempotency-token": token} if token else {}
    return {"door": request.door, "query": dict(request.query), "form": form, "headers": headers}


def render(reply: Reply, *, action: str) -> WebhookResponse:
    """The reply as TwiML; the caller's answer, silence included, is posted to `action`."""
    response = VoiceResponse()
    voice, words = _voice_for(reply), _CONTROL.sub(" ", reply.text)
    if reply.ends_call:
        if words:  # a voicemail box is told nothing
            response.append(_say(reply, words, voice))
        response.hangup()
        return twiml(response)
    gather = Gather(
        input="dtmf speech" if reply.digits or reply.asked == "phone" else "speech",
        action=action,
        method="POST",
        language=reply.language,
        hints=", ".join(reply.hints) or None,
        timeout=reply.patience_s,
        # "auto" would cut a long answer at its first pause.
        speech_timeout=2 if reply.digits else 3,
        num_digits=1 if reply.digits else None,
        action_on_empty_result=True,
    )
    gather.append(_say(reply, words, voice))
    response.append(gather)
    response.redirect(action, method="POST")  # where a Gather fails altogether, the call must not end
    return twiml(response)


def _say(reply: Reply, words: str, voice: str) -> Say:
    slow = reply.slow and not any(name in voice for name in _FIXED_PACE)
    say = Say("" if slow else words, voice=voice, language=reply.language)
    if slow:
        say.prosody(words, rate="slow")
    return say


def _voice_for(reply: Reply) -> str:
    if reply.voice.startswith(f"Google.{reply.language}-"):
        return reply.voice
    return reply.voice if reply.language in _VOICE_LANGUAGES.get(reply.voice, ()) else _BILINGUAL


def twiml(response: VoiceResponse) -> WebhookResponse:
    """A TwiML document as an answer."""
    return WebhookResponse(body=str(response), content_type="text/xml; charset=utf-8")


def acknowledge() -> WebhookResponse:
    """An empty document; Twilio warns (15003) when a status callback gets anything else."""
    return twiml(VoiceResponse())


def apology() -> WebhookResponse:
    """What a caller hears when all else failed."""
    response = VoiceResponse()
    response.say(APOLOGY, voice=_BILINGUAL, language="en-IN")
    response.hangup()
    return twiml(response)


def _number(value: str | None) -> int | None:
    number = int(value) if value and value.isascii() and value.isdigit() and len(value) < 16 else None
    return number if number is not None and number <= _LARGEST else None


def _fraction(value: str | None) -> float | None:
    """Twilio sends the confidence as text, and not always."""
    try:
        number = float(value) if value else None
    except ValueError:
        return None
    return number if number is not None and 0 <= number <= 1 else None
