"""How soon they mean to buy or move, in months; 0 is at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from voice.understanding.text import Heard, Mark, Marks

if TYPE_CHECKING:
    from datetime import datetime

_FARTHEST = 240  # months
_N = r"\d+(?:\.\d+)?"
_MONTHS_IN = {"mahine": 1.0, "saal": 12.0, "hafte": 0.25, "din": 1 / 30, "quarter": 3.0, "quarters": 3.0}
_LENGTH = re.compile(
    r"(?<= )(?:(?P<in>in|within|next|agle|after|upto|up to|about|around|maximum|max|another|over the next|before"
    r"|coming|aane wale|upcoming"
    r"|by|kareeb|lagbhag) (?:the )?(?:next |agle |about |around |another |coming )?){0,3}"
    rf"(?:(?P<from>{_N})(?P<from_unit> (?:mahine|saal|hafte))? (?:to|-|ya|se|,)? ?)?(?P<n>{_N}|half(?: an?)?|aadha"
    r"|(?:a )?couple of|an?|agle|this|is|har)(?: more| aur)?"
    r" (?P<unit>mahine|saal|hafte|din|quarters?)(?P<half> aur (?:a )?(?:half|aadha))?(?: bhar)?"
    r"(?: ya (?P<or>\d+)(?! (?:mahine|saal|hafte|din) ))?"
    r"(?P<after> (?:ke )?(?:mein|baad|andar|tak|time|ke andar|later|from now|ka|lagenge|max)){0,3}(?= )"
)
_AT_ONCE = re.compile(
    r"(?<= )(?:immediate|immediately|immidiately|imediately|right (?:away|now|abhi)|straight away"
    r"|as soon as possible|as early as possible|asap|a s a p|a \. s \. a \. p|turant"
    r"|ready (?:to|2) (?:move|shift|buy)(?: in)?|ready possession|jaldi se jaldi|jaldi|urgent|urgently|at the earliest"
    r"|at once|now|abhi|abhi ke abhi|tatkal|aaj hi|anytime now|instantly|instant|soon as possible|aaj|rtm)(?= )"
)
_AT_ONCE_ANYWHERE = re.compile(
    r"(?<= )(?:ready (?:to|2) (?:move|shift)(?: in)?|immediate possession|ready possession|immediately|immediate"
    r"|as soon as possible|asap|a \. s \. a \. p|turant|jaldi se jaldi|tatkal|at the earliest|rtm)(?= )"
)
_NOT_YET = re.compile(
    r" (?:not|nahi|no|dont|isnt|mat|never|koi jaldi|decide|decided|sure|soch\w*|dekh\w*|bad mein|later|pata"
    r"|kya|just looking|only looking|exploring|browsing|hurry|rush|nothing|time hai) "
)
# "Sell it after five years", "the loan runs out in two months": no time to buy in.
_OF_SOMETHING_ELSE = re.compile(
    r" (?:sell|selling|resell|bech|bechna|bechunga|bech denge|rent it out|loan|emi|lease|agreement|retire|retiring"
    r"|exit)"
    r"(?: (?!but |then |and |aur |lekin )\S+){0,3} $"
)
_CLAUSE_END = re.compile(r" (?:,|\.|!|;|but|lekin|aur|par|because|since) ")
_MONTH_NAMES = "january|february|march|april|may|june|july|august|september|october|november|december"
_MONTHS = _MONTH_NAMES + "|jan|feb|apr|jun|jul|aug|sept|sep|oct|nov|dec"
_NEXT_YEARS_MONTH = re.compile(
    rf"(?<= )(?:agle saal (?:(?:ke|mein|in) )?(?P<a>{_MONTHS})|(?P<b>{_MONTHS})(?: of| in)? agle saal)(?= )"
)
_ALL_YEAR = re.compile(r"(?<= )saal bhar(?= )")
_BY_MONTH = re.compile(
    rf"(?<= )(?:(?P<next>next |agle )?(?P<month>{_MONTHS})(?! (?:be|take|i|we|not) )"
    rf"(?: (?:ya|to|se|-|aur|/) (?P<month2>{_MONTHS}))?(?: (?P<year>20\d\d))?"
    r"|(?<!financial )(?:end of (?:the |this )?|this |is |isi |iss |by )(?:saal|year)(?: end"
    r"| ke end| ke ant)?(?: mein| tak| ke andar)?|(?<!financial )saal (?:end|ke end|ke ant|khatam)(?: tak| mein)?"
    r"|(?P<this>(?:this|is|isi|iss) mahine|(?:end of (?:this |the )?)mahine|mahine (?:ke )?(?:end|ant)))(?= )"
)


def read_timeline(heard: Heard, asked: str, now: datetime) -> Marks:
    """Slot timeline_months; a range counts by its far end."""
    line = heard.line
    if asked != "timeline" and " timeline " not in line:
        return _volunteered(line, asked)
    if match := _NEXT_YEARS_MONTH.search(line):
        return Marks((Mark("timeline_months", _next_year(match["a"] or match["b"], now), match.start(), match.end()),))
    lengths = [mark for match in _LENGTH.finditer(line) if (mark := _length(match))]
    if lengths:
        return Marks((lengths[-1],), tuple(lengths[:-1]))
    if (match := _BY_MONTH.search(line)) and (months := _until(match, now)) is not None:
        return Marks((Mark("timeline_months", months, match.start(), match.end()),))
    if match := _ALL_YEAR.search(line):
        return Marks((Mark("timeline_months", 12, match.start(), match.end()),))
    return _at_once(line, _AT_ONCE)


def _next_year(month: str, now: datetime) -> int:
    names = _MONTH_NAMES.split("|")
    return 13 + next(at for at, name in enumerate(names) if name.startswith(month[:3])) - now.month


def _volunteered(line: str, asked: str) -> Marks:
    for match in _LENGTH.finditer(line):
        if _OF_SOMETHING_ELSE.search(line[: match.start()]):
            continue
        bounded = match["in"] or (match["after"] or "").strip() in ("mein", "andar", "ke andar", "ke mein")
        if bounded and match["unit"] in ("mahine", "saal") and (mark := _length(match)):
            return Marks((mark,))
    # "Please do, as soon as possible", asked for consent, is about the call.
    return Marks() if asked == "consent" else _at_once(line, _AT_ONCE_ANYWHERE)


def _at_once(line: str, pattern: re.Pattern[str]) -> Marks:
    for match in pattern.finditer(line):
        if not _NOT_YET.search(_clause(line, match)):
            return Marks((Mark("timeline_months", 0, match.start(), match.end()),))
    return Marks()


def _clause(line: str, match: re.Match[str]) -> str:
    """What may deny `match`: its own clause, or the whole line for the small words "now" and "abhi"."""
    if match.group() in ("now", "abhi", "aaj", "jaldi", "right now"):
        return line
    ends = list(_CLAUSE_END.finditer(line))
    start = max((end.end() - 1 for end in ends if end.end() <= match.start() + 1), default=0)
    stop = min((end.start() + 1 for end in ends if end.start() >= match.end()), default=len(line))
    return line[start:stop]


def _length(match: re.Match[str]) -> Mark | None:
    said = match["n"]
    if said in ("this", "is", "har"):
        return None
    if match["or"] and said in ("a", "an", "1"):
        count = float(match["or"])  # "a year or two"
    elif said[0].isdecimal():
        # "Do ek mahine" is one or two.
        count = float(said) if match["from_unit"] else max(float(said), float(match["from"] or 0))
    else:
        count = {"half": 0.5, "half a": 0.5, "half an": 0.5, "aadha": 0.5, "couple of": 2.0, "a couple of": 2.0}.get(
            said, 1.0
        )
    count += 0.5 if match["half"] else 0
    months = round(count * _MONTHS_IN[match["unit"]], 2)
    if not 0 <= months <= _FARTHEST:
        return None
    return Mark("timeline_months", int(months) if months == int(months) else months, match.start(), match.end())


def _until(match: re.Match[str], now: datetime) -> int | None:
    """Whole months from `now` to the month named; None for one that is over."""
    if match["this"]:
        return 1
    if not match["month"]:
        return 12 - now.month
    names, said = _MONTH_NAMES.split("|"), match["month2"] or match["month"]
    ahead = next(number for number, name in enumerate(names, 1) if name.startswith(said[:3])) - now.month
    if match["year"]:
        ahead += (int(match["year"]) - now.year) * 12
        return ahead if 0 <= ahead <= _FARTHEST else None
    return ahead % 12 or (12 if match["next"] else 0)
