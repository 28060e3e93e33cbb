"""TwiML documents: what we answer to those who speak Twilio's dialect. Verbs: twilio.com/docs/voice/twiml."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from twilio.twiml.voice_response import Dial, Gather, Record, Say, Start, VoiceResponse

from voice.providers.base import WebhookResponse

if TYPE_CHECKING:
    from voice.events import Reply, Transfer
    from voice.providers.base import LeaveMessage

PRESS = "To take the call, press 1."
LONGEST_ANSWER_S = 30  # of one recorded answer
_PAUSE_S = 2  # of silence that end a recorded answer
APOLOGY = "We are sorry, we have a technical problem. We will call you back. Goodbye."
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # XML has no way to write these

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


def render(reply: Reply, *, action: str, announce: str = "") -> WebhookResponse:
    """The reply as TwiML; the caller's answer, silence included, is posted to `action`, recordings to `announce`."""
    response = _begun(reply, announce)
    words = _CONTROL.sub(" ", reply.text)
    if reply.ends_call:
        if words:  # a voicemail box is told nothing
            response.append(_say(reply, words))
        response.hangup()
        return _document(response)
    if not reply.asked:
        response.pause(length=reply.patience_s)
        return _document(response)
    # A telephone number may be keyed in, of which a recording would hear the first key alone.
    if reply.recorded and reply.asked != "phone":
        return _recorded(response, reply, words, action=action)
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
    gather.append(_say(reply, words))
    response.append(gather)
    response.redirect(action, method="POST")  # where a Gather fails altogether, the call must not end
    return _document(response)


def _begun(reply: Reply, announce: str) -> VoiceResponse:
    """A document that begins with recording where the reply does: in two channels, as calls have it that we place."""
    response = VoiceResponse()
    if not reply.starts_recording:
        return response
    start = Start()
    start.recording(
        channels="dual",
        trim="do-not-trim",
        recording_status_callback=announce,
        recording_status_callback_method="POST",
        recording_status_callback_event="completed absent",
    )
    response.append(start)
    return response


def _recorded(response: VoiceResponse, reply: Reply, words: str, *, action: str) -> WebhookResponse:
    """Words, and a recording of what is said to them; the key of a yes or a no ends it, and comes along.

    A recording's time-out counts before the first word too, and an empty recording goes on with the next verb: so
    there are as many as the caller's patience needs, and then what silence leads to.
    """
    response.append(_say(reply, words))
    for _ in range(-(-reply.patience_s // _PAUSE_S)):
        response.append(
            Record(
                action=action,
                method="POST",
                timeout=_PAUSE_S,
                max_length=LONGEST_ANSWER_S,
                finish_on_key="12" if reply.digits else "#",
                play_beep=False,
                trim="do-not-trim",
            )
        )
    response.redirect(action, method="POST")
    return _document(response)


def hold(action: str) -> WebhookResponse:
    """A second of silence, then `action` is asked."""
    response = VoiceResponse()
    response.pause(length=1)
    response.redirect(action, method="POST")
    return _document(response)


def _say(reply: Reply, words: str) -> Say:
    voice = _voice_for(reply.voice, reply.language)
    slow = reply.slow and not any(name in voice for name in _FIXED_PACE)
    say = Say("" if slow else words, voice=voice, language=reply.language)
    if slow:
        say.prosody(words, rate="slow")
    return say


def _voice_for(voice: str, language: str) -> str:
    if voice.startswith(f"Google.{language}-"):
        return voice
    return voice if language in _VOICE_LANGUAGES.get(voice, ()) else _BILINGUAL


def put_through(
    reply: Reply, transfer: Transfer, *, caller_id: str, action: str, whisper: str, announce: str = ""
) -> WebhookResponse:
    """Ring staff after the words; `whisper` is the address of what they hear, `action` of what follows for the caller.

    `caller_id` must be our own number: carriers refuse a call that shows somebody else's.
    """
    response = _begun(reply, announce)
    words = _CONTROL.sub(" ", reply.text)
    if words:
        response.append(_say(reply, words))
    dial = Dial(
        action=action, method="POST", caller_id=caller_id or None, timeout=transfer.timeout_s, answer_on_bridge=True
    )
    dial.number(transfer.number, url=whisper, method="POST")
    response.append(dial)
    return _document(response)


def whisper(text: str, *, action: str) -> WebhookResponse:
    """What staff hear, twice, before a caller is put through; the key is posted to `action`, no key hangs up.

    Without the key the voicemail box of a member of staff would take the caller.
    """
    response = VoiceResponse()
    gather = Gather(input="dtmf", num_digits=1, timeout=8, action=action, method="POST")
    words = f"{_CONTROL.sub(' ', text)} {PRESS}".strip()
    for _ in range(2):
        gather.say(words, voice=_BILINGUAL, language="en-IN")
    response.append(gather)
    response.hangup()
    return _document(response)


def accepted(*, accepted: bool) -> WebhookResponse:
    """The end of a whisper: an empty document bridges the call, Hangup lets the member of staff go."""
    response = VoiceResponse()
    if not accepted:
        response.hangup()
    return _document(response)


def left_message(message: LeaveMessage) -> str:
    """The words for an answering machine that has beeped, then the end."""
    response = VoiceResponse()
    voice = _voice_for(message.voice, message.language)
    response.say(_CONTROL.sub(" ", message.text), voice=voice, language=message.language)
    response.hangup()
    return str(response)


def _document(response: VoiceResponse) -> WebhookResponse:
    return WebhookResponse(body=str(response), content_type="text/xml; charset=utf-8")


def acknowledge() -> WebhookResponse:
    """An empty document; Twilio warns (15003) when a status callback gets anything else."""
    return _document(VoiceResponse())


def apology() -> WebhookResponse:
    """What a caller hears when all else failed."""
    response = VoiceResponse()
    response.say(APOLOGY, voice=_BILINGUAL, language="en-IN")
    response.hangup()
    return _document(response)
