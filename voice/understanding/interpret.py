"""Everything that one utterance means, in the slots of the contract, each with the words that say so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from voice.understanding.bedrooms import read_bedrooms
from voice.understanding.budget import read_budget
from voice.understanding.consent import limits, read_consent
from voice.understanding.email import read_email
from voice.understanding.gazetteer import Places
from voice.understanding.identity import read_identity
from voice.understanding.intent import FINAL, beyond_refusal, is_excuse, read_intent
from voice.understanding.location import read_location
from voice.understanding.names import read_name, read_name_alone
from voice.understanding.numbers import hear
from voice.understanding.phone import read_phone
from voice.understanding.phrases import compile_all, phrase
from voice.understanding.property_type import read_property
from voice.understanding.purpose import read_purpose
from voice.understanding.signals import signal
from voice.understanding.text import MAX_CHARS, Heard, Mark, Marks, Token, heard_of
from voice.understanding.timeline import read_timeline
from voice.understanding.types import Found, Understanding
from voice.understanding.unspoken import is_order, is_unspoken
from voice.understanding.when import read_moment
from voice.understanding.yes_no import opens_with

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

_IN_PERSON = ("identity", "name", "consent")
_COUNTS = frozenset(("timeline", "budget", "bedrooms"))  # asked for these, a figure is no time of day


def prepare() -> None:
    """Load the gazetteer and compile the phrases: half a second that the first caller should not wait for."""
    Places.default().prepare()
    compile_all()
    signal("", asked="")


def understand(text: str, *, asked: str, now: datetime, places: Places | None = None) -> Understanding:
    """Read `text`, heard in answer to the question `asked` at the caller's local time `now`.

    `now` is aware; promised times carry its offset. Never raises, whatever the text; of a long text only the
    opening is read.
    """
    opening = text[:MAX_CHARS]
    if is_unspoken(opening):
        return Understanding(())
    places = places or Places.default()
    plain = _understand(text, asked, now, places)
    if is_order(opening):
        # Nobody's orders to a model count, except the wish to be left alone.
        refused = tuple(one for one in plain.found if one.slot == "intent" and one.value in FINAL)
        return Understanding(refused)
    alone: dict[str, dict[str, Any]] = {text: plain.slots}
    for one in plain.found:
        if one.words not in alone:
            alone[one.words] = _understand(one.words, asked, now, places).slots
    return Understanding(
        tuple(_standing_alone(text, one, alone[one.words]) for one in plain.found), plain.dropped, plain.unsure
    )


def _standing_alone(text: str, one: Found, alone: dict[str, Any]) -> Found:
    """Evidence whose words `alone` give its value again; widened to the whole utterance where they do not."""
    return one if alone.get(one.slot) == one.value else Found(one.slot, one.value, 0, len(text), text)


def _understand(text: str, asked: str, now: datetime, places: Places) -> Understanding:
    if asked == "phone" and (number := read_phone(text)):
        return Understanding((_found_in(text, "phone", *number),))
    addresses = [_found_in(text, "email", *address) for address in read_email(text)]
    heard = hear(text, asked)
    if addresses:
        told = _beyond(heard, addresses[-1].end)
        rest = _with_category(_together(_wishes(told, "", places)), "") if told else Marks()
        beside = _without(heard, addresses)
        # "You can send it to ..." agrees to no call: only a plain yes or no counts.
        answer = Marks() if opens_with(beside.line) is None else read_consent(beside, asked, "")
        said = answer.found + read_name(beside, "").found
        found = (addresses[-1], *_evidence(heard, said + rest.found))
        return Understanding(found, tuple(addresses[:-1]))
    marks = _read(heard, asked, now, places)
    # Words that were read as something else are no half-heard name.
    unsure = [
        one for one in marks.unsure if not any(one.start < other.end and other.start < one.end for other in marks.found)
    ]
    return Understanding(*(_evidence(heard, some) for some in (marks.found, marks.dropped, unsure)))


def _read(heard: Heard, asked: str, now: datetime, places: Places) -> Marks:
    request = _request(heard, asked, now)
    if asked == "consent" and (_is_a_limit(heard.line, request) or _is_no_request(heard.line, request)):
        request = Marks()
    intent = request.found[0].value if request.found else ""
    consent = read_consent(heard, asked, intent)
    if intent in FINAL:
        return _together([request, consent, read_identity(heard, asked, intent, None)])
    # "Is this a computer?" is no name: beside a request only a stated one counts.
    name = read_name(heard, "identity" if intent and asked == "name" else asked)
    if intent and asked == "name" and not name.found and (alone := read_name_alone(heard)).found:
        return _together([request, alone])
    identity = read_identity(heard, asked, intent, name.found[0] if name.found else None)
    if asked == "name" and name.found:
        told = _beyond(heard, heard.span(name.found[0].start, name.found[0].end)[1])
        return _with_category(_together([name, *_wishes(told, asked, places)]), asked) if told else name
    if any(mark.value == "wrong_person" for mark in identity.found):
        # "Sir is in a meeting" tells where the lead is; only "call later" asks for a call.
        asks = intent != "callback" or phrase("wants_a_call").search(heard.line)
        return _together([request if asks else Marks(), identity, name])
    if intent == "callback" and (answer := _answer_anyway(heard, asked, places, request)):
        return _with_category(_together([consent, identity, name, *answer]), asked)
    # Beside a request a bare figure or a bare "yes" answers nothing.
    asked = "" if intent else asked
    wants = _wishes(heard, asked, places)
    if not intent:
        wants.append(read_timeline(heard, asked, now))
    elif not phrase("wishes").search(heard.line):
        # "I am in office, call later" tells where somebody is.
        wants = [_without_workplace(part) for part in wants]
    return _with_category(_together([request, consent, identity, name, *wants]), asked)


def _answer_anyway(heard: Heard, asked: str, places: Places, request: Marks) -> list[Marks]:
    """The answer of one who says when not to call and goes on: "not before six; my budget is ninety lakhs"."""
    if len(request.found) > 1 or not phrase("call_not_now").search(heard.line) or asked in _IN_PERSON:
        return []
    wants = _wishes(heard, asked, places)
    told = {mark.slot.partition("_")[0] for part in wants for mark in part.found}
    return wants if asked.partition("_")[0].rstrip("s") in {slot.rstrip("s") for slot in told} else []


def _beyond(heard: Heard, end: int) -> Heard | None:
    """What a caller goes on to tell after a name or an address that ends at `end` of the original; None for nothing."""
    tokens = [
        replace(token, word="." * len(token.word)) if token.start < end or _is_letter(token) else token
        for token in heard.tokens
    ]
    rest = heard_of(heard.original, tokens)
    return rest if phrase("wishes").search(rest.line) else None


def _without(heard: Heard, told: list[Found]) -> Heard:
    """What was said beside addresses: "sure, and mail me at ..." agrees."""
    tokens = [
        replace(token, word=".") if any(one.start <= token.start < one.end for one in told) else token
        for token in heard.tokens
    ]
    return heard_of(heard.original, tokens)


def _without_workplace(marks: Marks) -> Marks:
    if not any(mark.value in ("office", "shop") for mark in marks.found):
        return marks
    return Marks(dropped=marks.dropped, unsure=marks.unsure)


def _is_letter(token: Token) -> bool:
    return token.end - token.start == 1 and not token.word[0].isdecimal()


def _is_a_limit(line: str, request: Marks) -> bool:
    """True for "yes, but don't call before ten": the request only says how the offered call should be."""
    if not request.found:
        return False
    wants = request.found[0]
    stretches = limits(line)
    if len(request.found) > 1:  # "yes, but never before 8" asks for no other hour
        hour = request.found[-1]
        return any(
            start <= hour.start < end and phrase("negated").search(line, start - 1, end + 1) for start, end in stretches
        )
    inside = any(start <= wants.end and wants.start < end for start, end in stretches)
    return inside or bool(stretches and wants.value == "callback")


def _is_no_request(line: str, request: Marks) -> bool:
    """True for "no, I can't take calls at work", and for "coming in two minutes" said to somebody in the room."""
    if not request.found or request.found[0].value != "callback":
        return False
    coming = phrase("comes_in").search(line)
    return bool(coming and coming.start() <= request.found[-1].end) or (len(request.found) == 1 and is_excuse(line))


def _wishes(heard: Heard, asked: str, places: Places) -> list[Marks]:
    return [
        read_location(heard, asked, places),
        read_property(heard, asked),
        read_bedrooms(heard, asked),
        read_budget(heard, asked),
        read_purpose(heard, asked),
    ]


def _request(heard: Heard, asked: str, now: datetime) -> Marks:
    """The intent, with the time promised when a call-back was asked for."""
    request = read_intent(heard, asked)
    intent = request.found[0] if request.found else None
    if intent and intent.value != "callback":
        return request
    line = beyond_refusal(heard.line)
    speaks_of_calling = intent or (phrase("call_words").search(line) and not phrase("not_callback").search(line))
    moment = read_moment(line, now) if speaks_of_calling or asked not in _COUNTS else None
    if moment is None or not (intent or moment.is_plain):
        return request
    at = Mark("callback_at", moment.at.isoformat(), moment.start, moment.end)
    return Marks((intent or Mark("intent", "callback", moment.start, moment.end), at))


def _with_category(marks: Marks, asked: str) -> Marks:
    """Bedrooms imply a home, except in answer to their own question: only who wants a home is asked it."""
    rooms = next((mark for mark in marks.found if mark.slot.startswith("bedrooms")), None)
    if rooms is None or asked == "bedrooms" or any(mark.slot == "category" for mark in marks.found):
        return marks
    return replace(marks, found=(*marks.found, Mark("category", "residential", rooms.start, rooms.end)))


def _together(parts: Iterable[Marks]) -> Marks:
    parts = list(parts)
    return Marks(
        tuple(mark for part in parts for mark in part.found),
        tuple(mark for part in parts for mark in part.dropped),
        tuple(mark for part in parts for mark in part.unsure),
    )


def _evidence(heard: Heard, marks: Iterable[Mark]) -> tuple[Found, ...]:
    return tuple(_found_in(heard.original, mark.slot, mark.value, *heard.span(mark.start, mark.end)) for mark in marks)


def _found_in(text: str, slot: str, value: object, start: int, end: int) -> Found:
    return Found(slot, value, start, end, text[start:end])
