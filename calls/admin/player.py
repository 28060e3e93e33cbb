"""What the player of a call's page shows: the recording, its waveform, and what was heard where."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils import timezone

from calls import display
from calls import hearing_display as words
from calls.admin.listening import may_listen
from calls.hearing_display import Place, place
from calls.models import Engine, RecordingConsent, RecordingState, ReviewState, TranscriptionState
from calls.operations import listens
from calls.operations.live_words import why_these
from calls.operations.staff_calls import UPLOAD, is_callers, is_with_staff, with_staff
from leads.display import SLOT_LABELS
from leads.display import words as in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.http import HttpRequest

    from calls.display import Chip
    from calls.models import Call, Recording, Transcript, Turn, ValueReview
    from voice.stt.lines import Line as Spoken

_WORKING = (TranscriptionState.WAITING, TranscriptionState.RUNNING)
_SPEEDS = ("0.75", "1", "1.25", "1.5", "1.75", "2")
_PREPARED_WITHIN = timedelta(hours=1)
_LISTENS = 20  # of the newest, shown


class Value(NamedTuple):
    """One value that was understood, and where in the recording; `left` is that place in per cent of the whole."""

    chip: Chip
    place: Place | None
    left: str = ""


class Line(NamedTuple):
    """One line of what staff talked about with a lead themselves."""

    number: int
    speaker: str
    who: str
    place: Place
    hearing: words.Hearing
    values: list[Value]


def hearing_of(turn: Turn) -> words.Hearing:
    """What was heard in a turn, the better hearing in front."""
    better, why = turn.better, turn.better_why
    return words.hearing(turn.heard, turn.heard_again, turn.words, better=better, why=why)


def values_of(call: Call, turn: Turn) -> list[Value]:
    """What a turn told, each value with its second: its evidence's, else its words', else the turn's."""
    known = evidence_of(call)
    starts: dict[str, float | None] = {}
    for one in turn.understood:
        told = known.get(one["slot"], {})
        start = told.get("start_s") if told.get("turn") == turn.number else None
        starts.setdefault(_label(one["slot"]), start if start is not None else _found(turn, one.get("words", "")))
    return [Value(chip, place(starts.get(chip.label), None)) for chip in display.chips(turn.understood)]


def evidence_of(call: Call) -> Mapping[str, Any]:
    """The lead's evidence that this call gave."""
    requirement = getattr(call.lead, "requirement", None)
    return (
        {slot: one for slot, one in requirement.evidence.items() if one.get("call") == call.pk} if requirement else {}
    )


def _heard_at(call: Call, answered: Iterable[Value]) -> dict[str, Place]:
    """Where in the recording each value of the lead was told that this call gave, by its label.

    What was told to staff has its second once they have taken it; until then the lead's value is another one.
    """
    proofs = evidence_of(call)
    ours = {_label(slot) for slot in proofs}
    found = {one.chip.label: one.place for one in answered if one.place and one.chip.label in ours}
    proved = {_label(slot): place(one.get("start_s"), one.get("end_s")) for slot, one in proofs.items()}
    return found | {label: at for label, at in proved.items() if at}


def _label(slot: str) -> str:
    base = slot.removesuffix("_min").removesuffix("_max")
    return SLOT_LABELS.get(base, in_words(base))


def _found(turn: Turn, said: str) -> float | None:
    """Where the first of these words is heard in a turn; the turn's beginning where it is not."""
    wanted = next(iter(said.casefold().split()), "")
    starts = (start for text, start, *_ in turn.words if wanted and str(text).casefold().strip(" ,.?!") == wanted)
    return next(starts, turn.start_s)


def _to_check(call: Call, request: HttpRequest) -> list[ValueReview]:
    """The values of this call that wait for a decision, for who may see them."""
    may_see = any(request.user.has_perm(f"calls.{verb}_valuereview") for verb in ("view", "change"))
    return list(call.value_reviews.filter(state=ReviewState.OPEN)) if may_see else []


def _whose(call: Call, best: Transcript) -> str:
    """Whose words are shown; why they are the provider's may have changed since they were kept."""
    why = why_these(call) if best.engine == Engine.PROVIDER else best.why
    known = "" if call.is_live else why  # what is recorded of it is still to come
    return words.whose(best.engine, best.model, known, by_provider=not call.live_hearing)


def player_of(call: Call, request: HttpRequest) -> dict[str, Any]:
    """All that the page needs of the call's recordings and transcripts."""
    recordings, transcripts = list(call.recordings.all()), list(call.transcripts.all())
    best = next((one for one in transcripts if one.is_best), None)
    kept = _chosen(recordings, best, request.GET.get("recording", ""))
    allowed, is_upload = may_listen(request), call.provider == UPLOAD
    lines = _lines(call, best) if best else []
    answered = [one for turn in call.turns.all() for one in values_of(call, turn)]
    told = [*answered, *(value for line in lines for value in line.values)]
    shown: dict[str, Any] = {
        "is_upload": is_upload,
        "recordings": [(one, _sentence(one, is_upload=is_upload)) for one in recordings],
        "playable": [one for one in recordings if one.state == RecordingState.KEPT],
        "is_worked_on": not is_upload and any(one.state == RecordingState.ANNOUNCED for one in recordings),
        "best": best,
        "to_check": _to_check(call, request),
        "lines": lines,
        "whose": _whose(call, best) if best else "",
        "language": words.language(best.language) if best else "",
        "dropped": [(one, place(one["start_s"], None), words.why_dropped(one["gate"])) for one in best.dropped]
        if best
        else [],
        "player_version": _version(kept if allowed else None, best),
        "may_listen": allowed,
        "may_transcribe": request.user.has_perm("calls.change_call"),
        "kept": kept,
        "heard_at": _heard_at(call, answered),
        "turn_places": {
            turn.number: place(turn.start_s, None) for turn in call.turns.all() if turn.start_s is not None
        },
    }
    shown["is_worked_on"] |= any(
        one.transcription in _WORKING or _is_to_prepare(one, is_upload=is_upload) for one in shown["playable"]
    )
    return {**shown, **(_sound(kept, call, request, told) if kept and allowed else {})}


def _chosen(recordings: list[Recording], best: Transcript | None, wanted: str) -> Recording | None:
    """The one to play: what was asked for, else what the best transcript was heard in, else the first."""
    kept = [one for one in recordings if one.state == RecordingState.KEPT]
    ranked = sorted(kept, key=lambda one: (str(one.pk) != wanted, not best or best.recording_id != one.pk, one.pk))
    return ranked[0] if ranked else None


def _sentence(recording: Recording, *, is_upload: bool) -> str:
    """What became of it, or of its transcription where it is kept."""
    if recording.state != RecordingState.KEPT:
        is_known = bool(recording.provider_recording_id)
        is_refused = recording.call.recording_consent == RecordingConsent.REFUSED
        return words.state_sentence(
            recording.state, recording.error, is_upload=is_upload, is_known=is_known, is_refused=is_refused
        )
    heard = words.transcription_sentence(recording.transcription, recording.progress, recording.transcription_error)
    preparing = words.PREPARING if _is_to_prepare(recording, is_upload=is_upload) else ""
    return " ".join(filter(None, (recording.error, preparing, heard)))


def _is_to_prepare(recording: Recording, *, is_upload: bool) -> bool:
    """Whether a job is to read it still; one that took so long was lost, and it can be heard all the same."""
    is_new = recording.kept_at is not None and recording.kept_at > timezone.now() - _PREPARED_WITHIN
    return is_upload and is_new and not recording.peaks and not recording.error


def _version(kept: Recording | None, best: Transcript | None) -> str:
    """What tells two states of player and transcript apart; the page leaves alone what has not changed."""
    sound = f"{kept.pk}.{len(kept.peaks)}" if kept else "0"
    return f"{sound}.{best.pk if best else 0}.{best.made_at.timestamp() if best else 0}"


def _sound(kept: Recording, call: Call, request: HttpRequest, told: Iterable[Value]) -> dict[str, Any]:
    length = kept.duration_s or 0
    listened = list(kept.listens.select_related("user")[:_LISTENS]) if request.user.is_superuser else []
    return {
        "ticket": listens.ticket(kept, request.user),  # type: ignore[arg-type]  # who may listen is a user
        "peaks": {"channels": kept.peaks, "voices": _voices(kept, call)},
        "length": length,
        "clock": words.clock(length),
        "speeds": _SPEEDS,
        "marks": [_on_the_wave(one, length) for one in told if one.place],
        "listens": listened,
        "listened": kept.listens.count() if listened else 0,
    }


def _on_the_wave(value: Value, length: int) -> Value:
    at = float(value.place.start) if value.place else 0
    return value._replace(left=f"{min(100.0, 100 * at / max(length, 1)):.2f}")


def _voices(kept: Recording, call: Call) -> list[str]:
    """Who is heard on which channel; one name for what holds both."""
    if kept.channels < 2:
        return ["Both voices"]
    if kept.caller_channel is None:
        return ["Left", "Right"]
    names = [_ours(call)] * 2
    names[min(kept.caller_channel, 1)] = "Caller"
    return names


def _ours(call: Call) -> str:
    """Who spoke for us."""
    if call.provider == UPLOAD:
        return _staff(call)
    agent = call.agent.name if call.agent else "Agent"
    return f"{agent}, then {_staff(call)}" if is_with_staff(call) else agent


def _staff(call: Call) -> str:
    """Who of us spoke with the lead."""
    user = call.requested_by if call.provider == UPLOAD else call.transfer_to
    return (user.get_full_name() or user.get_username()) if user else "Staff"


def _lines(call: Call, best: Transcript) -> list[Line]:
    """What staff and the lead said to each other."""
    names = {"caller": str(call.lead), "staff": _staff(call)}
    spoken = with_staff(call, best)
    told = [(_told_in(spoken, row.again), row) for row in call.value_reviews.all()]
    lines = []
    for number, one in enumerate(spoken, start=1):
        stretch = Place(f"{one.start_s:.2f}", f"{one.end_s:.2f}", words.clock(one.start_s))
        heard = words.Hearing(one.text, words.timed(word.as_json() for word in one.words))
        found = [_reviewed(row.slot, row.again) for at, row in told if at == number]
        lines.append(Line(number, one.speaker, names.get(one.speaker, "Somebody"), stretch, heard, found))
    return lines


def _told_in(spoken: Iterable[Spoken], again: Mapping[str, Any]) -> int | None:
    """The number of the lead's line that tells a value; who says "okay" into its midst does not end it."""
    start_s = again.get("start_s")
    if again.get("value") is None or start_s is None:
        return None
    theirs = [
        number
        for number, one in enumerate(spoken, start=1)
        if one.start_s <= start_s and is_callers(one.speaker, one.text)
    ]
    return theirs[-1] if theirs else None


def _reviewed(slot: str, again: Mapping[str, Any]) -> Value:
    value = again.get("value")
    ends = value if isinstance(value, dict) else {slot: value}  # of a range, by their names
    told = [{"slot": name, "value": end, "words": again.get("words", "")} for name, end in ends.items()]
    return Value(display.chips(told)[0], place(again.get("start_s"), None))
