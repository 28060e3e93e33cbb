"""The moment for which a call-back is promised: a clock time with its day, or a stretch from now.

A day without a time of day ("tomorrow", "kal subah") gives no moment: the caller is asked for one instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_N = r"\d+(?:\.\d+)?"
_UNIT_MINUTES = {"minute": 1, "ghante": 60, "din": 1440, "hafte": 10080}
_LENGTH = re.compile(
    rf"(?<= )(?:(?P<n>{_N})|(?P<half>half(?: an?)?|aadha)|(?P<couple>(?:a )?couple(?: of)?)|an?)(?: more)?"
    rf" (?P<unit>minute|ghante)(?: (?:aur )?(?P<rest>\d+) minute| aur (?:a )?(?P<more>half|aadha))?(?= )"
)
_AFTER_LENGTH = re.compile(r" (?:ke )?(?:baad|mein|later|from (?:now|abhi)|time|andar|after|ruk|hence|bad)(?= )")
_BEFORE_LENGTH = re.compile(
    r" (?:in|after|within|for|give me|about|around|another|baad|next|agle|just)(?: (?:about|around|like|say"
    r"|another|next))* $"
)
_IN_MINUTES = re.compile(r"(?<= )in (?P<n>5|10|15|20|25|30|40|45|50)(?= (?:\x03|[.,]|please|ok) )")
_PART = r"subah|dopahar|shaam|raat|noon|midnight|am|pm|a \. m|p \. m|a m|p m"
_CLOCK = re.compile(
    rf"(?<= )(?:(?P<relation>half past|quarter past|quarter to|[1-5]?\d(?: minute)? (?:past"
    rf"|to)) )?(?P<hour>(?:2[0-3]|1\d|0?\d)(?:\.(?:75|[0-5]?\d))?)"
    rf"(?: ?[:.] ?(?P<minute>[0-5]\d?)|(?= [1-5][05] (?:baje|am|pm|a m|p m|in|{_PART}|\x03)) (?P<minute2>[1-5][05]))?"
    rf"(?P<oclock> (?:o clock|baje|o ' clock))?(?: (?:in|at|ko|ke)(?: the)?)?(?P<part> (?:{_PART}))?(?= )"
)
_CLOCK_BEFORE = re.compile(
    r" (?:at|around|by|after|about|near|before|past|kareeb|lagbhag|approximately|from|till|between|subah|shaam"
    r"|raat|dopahar"
    r"|kal|parso|aaj|monday|tuesday|wednesday|thursday|friday|saturday|sunday)(?: (?:ko|mein|at|around|about|ke"
    r"|the|karib|morning))* $"
)
_NOT_CLOCK_AFTER = re.compile(
    r" (?:lakh|crore|thousand|million|hundred|rupees|bhk|bedroom|b h k|c r|minute|ghante|din|hafte|mahine|saal"
    r"|sq|percent|%|th|st"
    r"|nd|rd|times?|baar)(?= )"
)
_TO_ANOTHER = re.compile(r" (?:se|to|-|aur) \d{1,2} (?:baje )?(?:ke )?beech(?= )")
_RUN_TOGETHER = re.compile(
    r"(?:(?<= at )|(?<= by )|(?<= after )|(?<= around ))(?P<hour>2[0-3]|1\d|[1-9])(?P<minute>[0-5][05])(?= )"
)
_BETWEEN = re.compile(r" (?:(?:aur|to|se|-) )?")
_AT_NOON = re.compile(r" (?:at|by|around) noon $")
_NOON = re.compile(r"(?<= )noon(?= )")
_PART_WORD = re.compile(r"(?<= )(?:subah|dopahar|shaam|raat|noon|midnight)(?= )")
_RELATIVE_DAY = re.compile(
    r"(?<= )(?:(?:the )?din after kal|parso|kal|aaj|(?P<n>\d+) din (?:ke )?(?:baad|mein)|(?:in"
    r"|after) (?P<m>\d+) din|ek din baad)(?= )"
)
_WEEKDAY = re.compile(
    rf"(?<= )(?:agle |this |coming )?(?P<day>{'|'.join(_DAYS)}|mon|tue|tues|wed|thu|thurs|fri|sat|sun)(?: ko)?(?= )"
)
_DATE = re.compile(
    rf"(?<= )(?:(?P<day>\d{{1,2}})(?: (?:th|st|nd|rd))?(?: of)? (?P<month>(?:{'|'.join(_MONTHS)})[a-z]*|march|april)"
    rf"|(?P<month2>(?:{'|'.join(_MONTHS)})[a-z]*) (?P<day2>\d{{1,2}})(?: (?:th|st|nd|rd))?"
    rf"|(?P<day3>\d{{1,2}}) (?:th|st|nd|rd|tarikh|tareekh|taarikh))(?= )"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time to call, and the stretch of the line that names it."""

    at: datetime
    start: int
    end: int
    is_plain: bool = True  # False for a bare figure after "at" or "between", which may count something else


def read_moment(line: str, now: datetime) -> Moment | None:
    """The moment that a canonical line names, with the offset of `now`; None when it names no time of day."""
    now = now.replace(second=0, microsecond=0)
    # "At 630", as a recogniser writes six thirty; one sign more moves no word's edge past the next word.
    line = _RUN_TOGETHER.sub(lambda match: f"{match['hour']}.{match['minute']}", line)
    try:
        return _from_now(line, now) or _on_the_clock(line, now)
    except (OverflowError, ValueError):
        return None


def _from_now(line: str, now: datetime) -> Moment | None:
    for match in _LENGTH.finditer(line):
        after = _AFTER_LENGTH.match(line, match.end())
        before = _BEFORE_LENGTH.search(line[: match.start()])
        if not (after or before):
            continue
        count = 0.5 if match["half"] else 2 if match["couple"] else float(match["n"] or 1)
        count += 0.5 if match["more"] else 0
        minutes = count * _UNIT_MINUTES[match["unit"]] + int(match["rest"] or 0)
        if minutes > 7 * 1440:
            return None
        start = before.start() + 1 if before else match.start()
        return Moment(now + timedelta(minutes=round(minutes)), start, after.end() if after else match.end())
    if bare := _IN_MINUTES.search(line):
        return Moment(now + timedelta(minutes=int(bare["n"])), bare.start(), bare.end(), is_plain=False)
    return None


def _on_the_clock(line: str, now: datetime) -> Moment | None:
    day = _day(line, now)
    clocks = [match for match in _CLOCK.finditer(line) if _is_clock(line, match, day)]
    if not clocks:
        return _at_noon(line, day, now)
    clock, part = clocks[-1], _part(line, clocks[-1])
    if len(clocks) > 1 and _BETWEEN.fullmatch(line[clocks[-2].end() : clock.start()]):
        clock = clocks[-2]
    hour, minute = _hour_minute(clock)
    if hour > 23 or minute > 59:
        return None
    start, end = _stretch(line, clock, day)
    is_plain = bool(clock["oclock"] or clock["relation"] or clock["minute"] or part or day)
    at = _resolve(hour, minute, part, day[0] if day else None, now)
    return Moment(at, start, max(end, clocks[-1].end()), is_plain)


def _at_noon(line: str, day: tuple[datetime, int, int] | None, now: datetime) -> Moment | None:
    noon = _NOON.search(line)
    if noon is None:
        return None
    if day is None:
        at = _resolve(12, 0, "noon", None, now)
        return Moment(at, noon.start(), noon.end()) if _AT_NOON.search(line[: noon.end() + 1]) else None
    start, end = min(noon.start(), day[1]), max(noon.end(), day[2])
    return Moment(day[0].replace(hour=12, minute=0), start, end)


def _is_clock(line: str, match: re.Match[str], day: tuple[datetime, int, int] | None) -> bool:
    if day and day[1] <= match.start() < day[2]:
        return False
    if match["oclock"] or match["part"]:
        return True
    if _NOT_CLOCK_AFTER.match(line, match.end()):
        return False
    if match["minute"] or (match["relation"] and not match["relation"].endswith("to")):
        return True
    if match["relation"] and ("minute" in match["relation"] or "quarter" in match["relation"]):
        return True
    return bool(_CLOCK_BEFORE.search(line[: match.start()]) or _TO_ANOTHER.match(line, match.end()))


def _hour_minute(clock: re.Match[str]) -> tuple[int, int]:
    whole, _, fraction = clock["hour"].partition(".")
    hour, minute = int(whole), _minutes_of(fraction)
    if clock["minute"]:
        minute = int(clock["minute"].ljust(2, "0"))
    elif clock["minute2"]:
        minute = int(clock["minute2"])
    relation = (clock["relation"] or "").split()
    if not relation:
        return hour, minute
    away = {"half": 30, "quarter": 15}.get(relation[0]) or int(relation[0])
    total = hour * 60 + (away if relation[-1] == "past" else -away)
    return total // 60 % 24, total % 60


def _minutes_of(fraction: str) -> int:
    """Minutes of "4.30" as typed and of "4.5" as in saadhe chaar."""
    if fraction in ("5", "25", "75"):
        return {"5": 30, "25": 15, "75": 45}[fraction]
    return int(fraction.ljust(2, "0")) if fraction else 0


def _part(line: str, clock: re.Match[str]) -> str:
    if clock["part"]:
        return clock["part"].replace(".", "").replace(" ", "")
    parts = [match.group() for match in _PART_WORD.finditer(line)]
    return parts[-1] if parts else ""


def _resolve(hour: int, minute: int, part: str, day: datetime | None, now: datetime) -> datetime:
    hour = _hour_of_day(hour, part)
    if day is None:
        at = now.replace(hour=hour, minute=minute)
        return at if at > now else at + timedelta(days=1)
    at = day.replace(hour=hour, minute=minute)
    if at <= now and day.date() == now.date() and not part and hour < 12:
        at += timedelta(hours=12)
    return at


def _hour_of_day(hour: int, part: str) -> int:
    """Hours in 24; without a part of the day, the one at which people take calls: 8 to 7."""
    if hour > 12 or hour == 0:
        return hour
    if part in ("am", "subah"):
        return hour % 12
    if part in ("raat", "midnight") and (hour == 12 or hour < 4):
        return hour % 12
    if part:
        return hour % 12 + 12
    return hour if hour >= 8 else hour + 12


def _stretch(line: str, clock: re.Match[str], day: tuple[datetime, int, int] | None) -> tuple[int, int]:
    before = _CLOCK_BEFORE.search(line[: clock.start()])
    edges = [clock.start() if not before else before.start() + 1, clock.end()]
    edges += [edge for match in _PART_WORD.finditer(line) for edge in match.span()]
    edges += list(day[1:]) if day else []
    return min(edges), max(edges)


def _day(line: str, now: datetime) -> tuple[datetime, int, int] | None:
    """The day named last, and its stretch."""
    for pattern, read in ((_WEEKDAY, _weekday), (_DATE, _date), (_RELATIVE_DAY, _relative_day)):
        matches = list(pattern.finditer(line))
        if matches:
            day = read(matches[-1], now)
            return (day, *matches[-1].span()) if day else None
    return None


def _relative_day(match: re.Match[str], now: datetime) -> datetime:
    count = match["n"] or match["m"]
    days = int(count) if count else {"aaj": 0, "kal": 1, "ek din baad": 1}.get(match.group(), 2)
    return now + timedelta(days=min(days, 366))


def _weekday(match: re.Match[str], now: datetime) -> datetime:
    wanted = next(number for number, name in enumerate(_DAYS) if name.startswith(match["day"][:3]))
    return now + timedelta(days=(wanted - now.weekday() - 1) % 7 + 1)


def _date(match: re.Match[str], now: datetime) -> datetime | None:
    number = int(match["day"] or match["day2"] or match["day3"])
    name = match["month"] or match["month2"]
    month = _MONTHS.index(name[:3]) + 1 if name else now.month
    if not 1 <= number <= 31:
        return None
    day = now.replace(month=month, day=number)
    if day.date() >= now.date():
        return day
    return day.replace(year=now.year + 1) if name else (day.replace(day=1) + timedelta(days=32)).replace(day=number)
