"""The normalized words of a telephone conversation: what a provider reports, what was heard, what we say back."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class EventKind(StrEnum):
    """What a provider's webhook asks of us."""

    INBOUND = "inbound"  # somebody rang us and waits for the first words
    ANSWERED = "answered"  # our outbound call was picked up and waits for the first words
    HEARD = "heard"  # the caller spoke, pressed keys or stayed silent, and waits for a reply
    STATUS = "status"  # the line moved; nobody waits for words
    REPORT = "report"  # the provider led the conversation itself, and tells how it went
    MACHINE = "machine"  # answering-machine detection has decided; nobody waits for words
    RECORDING = "recording"  # a recording is there, or is not; nobody waits for words
    TRANSFERRED = "transferred"  # ringing staff is over, and the caller waits for what follows
    WHISPER = "whisper"  # a member of staff has picked up, and waits to hear who is calling
    ACCEPTED = "accepted"  # that member of staff has pressed a key, or none
    ASSISTANT = "assistant"  # somebody rang, and the provider asks which assistant answers
    TOOLS = "tools"  # the provider's model asks for things to be done
    SPOKEN = "spoken"  # words of a conversation that the provider leads, while it goes on; nobody waits for words
    TEXT = "text"  # somebody wrote a text message to our number; nobody waits for words
    UNKNOWN = "unknown"  # kept, and answered politely; we do not know the type


class LineState(StrEnum):
    """How far a provider says that a line has got, in the order in which a line moves."""

    PLACED = "placed"
    RINGING = "ringing"
    IN_PROGRESS = "in_progress"
    ENDED = "ended"


class EndReason(StrEnum):
    """Why the line closed; what it meant for the business is a Disposition."""

    COMPLETED = "completed"  # somebody talked, somebody hung up
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    CANCELED = "canceled"
    FAILED = "failed"  # the carrier could not connect it
    REJECTED = "rejected"  # the provider refused the request for good
    NOT_ALLOWED = "not_allowed"  # our own gate refused to dial
    LOST = "lost"  # the provider's last word never came


class Direction(StrEnum):
    """Who rang whom."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


@dataclass(frozen=True, slots=True)
class Utterance:
    """What was heard in one turn: speech, keys or (both empty) silence.

    `at` is aware and in the caller's own zone: promised times are relative to it.
    `confidence` is the recogniser's, 0 to 1; None where it gave none.
    """

    at: datetime
    text: str = ""
    digits: str = ""
    confidence: float | None = None
    language: str = ""

    @property
    def is_silence(self) -> bool:
        """True when neither words nor keys were heard."""
        return not self.text.strip() and not self.digits.strip()


@dataclass(frozen=True, slots=True)
class Transfer:
    """Ring staff and put the caller through. `number` is E.164; `whisper` is told to whoever picks up, who presses 1.

    `timeout_s` is how long it rings.
    """

    number: str
    whisper: str
    timeout_s: int = 20


@dataclass(frozen=True, slots=True)
class Reply:
    """What the agent says, and what it expects to hear next.

    `asked` names the slot that the caller is asked for; empty exactly when `ends_call`.
    `hints` are phrases for the recogniser; `digits` tells that 1 (yes) and 2 (no) may be pressed.
    `language` is a BCP 47 tag, `voice` the provider's own name of a voice (empty: its default). `slow` asks for slow
    speech; `patience_s` is how many seconds of silence the caller is given to begin. With `transfer` the caller is put
    through after the words, and nothing is asked. Where nothing is asked, and the call neither ends nor is put through,
    the line is held in silence for `patience_s` seconds, because other words are on their way to it. With `recorded`
    the answer comes as a recording, which we hear ourselves. With `wait` nothing is said: the provider asks again in a
    second, for the `wait`-th time, what follows. With `starts_recording` the whole call is recorded from here on.
    """

    text: str
    asked: str = ""
    language: str = "en-IN"
    voice: str = ""
    hints: tuple[str, ...] = ()
    digits: bool = False
    ends_call: bool = False
    slow: bool = False
    patience_s: int = 6
    transfer: Transfer | None = None
    recorded: bool = False
    wait: int = 0
    starts_recording: bool = False


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words of a finished conversation. `at` is aware; None where the provider did not say when."""

    text: str
    by_caller: bool
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CallReport:
    """A conversation that the provider led itself. `machine` tells that a voicemail box answered."""

    spoken: tuple[Spoken, ...] = ()
    machine: bool = False


@dataclass(frozen=True, slots=True)
class RecordingNews:
    """A recording as its provider names it. `is_there` is False where nothing was recorded.

    `started_at` is aware, and when its second 0 was; None where the provider did not say.
    """

    provider_recording_id: str
    channels: int = 1
    duration_s: int | None = None
    is_there: bool = True
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One thing that the provider's model wants done. `arguments` are the model's own, and proven by nothing."""

    id: str
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CallEvent:
    """One webhook, stripped of its provider's spelling.

    `dedupe_key` is equal for two deliveries of one event, and different for any two events. `call_id` is our own
    Call's id as it travelled in our URL; None when the provider rang first. `caller` and `called` are as received:
    E.164, or the words that carriers send for a withheld number. `rang_us` tells that the caller began the call, where
    `kind` does not say so. `answered_by` is human, machine, fax, unknown, or beep: a machine that can be spoken to
    now. `recorded_as` names the recording of the words of this turn, which nobody has heard yet; `waited` is how often
    the provider has asked what follows on them. `reached_staff` tells that a transfer was accepted and talked;
    `cost_micros` are millionths of a US dollar; `analysis` is what the provider's own model made of the conversation.
    """

    kind: EventKind
    provider: str
    provider_call_id: str
    dedupe_key: str
    call_id: int | None = None
    caller: str = ""
    called: str = ""
    turn: int | None = None
    text: str = ""
    digits: str = ""
    confidence: float | None = None
    language: str = ""
    recorded_as: str = ""
    waited: int = 0
    line: LineState | None = None
    end_reason: EndReason | None = None
    duration_s: int | None = None
    rang_us: bool = False
    report: CallReport | None = None
    answered_by: str = ""
    reached_staff: bool = False
    recording: RecordingNews | None = None
    tools: tuple[ToolCall, ...] = ()
    spoken: tuple[Spoken, ...] = ()
    cost_micros: int | None = None
    analysis: Mapping[str, Any] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
