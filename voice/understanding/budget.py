"""Money: rupees in lakh and crore as callers say them, as a ceiling, a floor, a range or a figure give or take."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from voice.understanding.text import Heard, Mark, Marks, is_machine_text

_SCALES = {"crore": 10**7, "lakh": 10**5, "million": 10**6, "thousand": 10**3, "hundred": 100}
_NUM = r"\d+(?:\.\d+)?"
_AMOUNT = re.compile(
    rf"(?<= )(?P<sign>rupees )?(?P<n>{_NUM}|(?:half )?a(?= (?:crore|lakh|million))|half(?= (?:crore|lakh|million))|aadha(?= (?:crore|lakh)))"
    rf"(?: (?P<unit>crore|lakh|million|thousand|hundred))?(?P<rupees> rupees)?(?= )"
)
# Figures of other things: rooms, areas, clock times, ages, floors, addresses.
_NOT_MONEY_AFTER = re.compile(
    r" (?:sq|square|sqft|sft|feet|foot|ft|gaj|gaz|yards?|acres?|bigha|guntha|cents?|percent|%|km|kms|kilometers?|people|log|members?)(?= )"
)
# A figure without a unit is money only where the answer goes on about money, or ends.
_BARE_AFTER = re.compile(
    r" (?:\x03|[.,!?;~-]|to|se|till|ya|aur|tak|ke|max|maximum|min|minimum|only|hai|hoga|honge|ok|please|rupees|sir|madam|ji"
    r"|bas|hi|plus|\+|nahi|no|not|sorry|actually|wait|rather|i|or|is|should|would|will|chalega|theek|kar|karo|mein|not"
    r"|approx|approximately|around|roughly|at|but|lekin|upto|under|budget|ho|sakta|thousand|something|odd|ish|aas|aaspaas|bhi|range|yes|haan|per|a|monthly|for|fine|above|below|onwards|limit|/|tops|maybe|type|rent|\d[\d.]*)(?= )"
)
_NOT_MONEY_BEFORE = re.compile(
    r" (?:sector|phase|floor|pin|pincode|code|block|tower|number|no \.|plot|flat|house|age|year|ward|gate|nh|road"
    r"|stage|wing|lane|gali|born in|since|year|in the year) $"
)
_JOINT = re.compile(r"(?: (?:to|se|till|-|~|aur|ya|upto|se lekar|from|,|tak ya)){0,2} ")
_FLOOR_BEFORE = re.compile(
    r" (?<!not )(?<!no )(?<!never )(?:at least|atleast|minimum|min|kam se kam|above|over|more than|greater than|starting from|starting at|starting"
    r"|start from|not less than|no less than|never less than|not below|upwards of|beyond|minimum minimum)(?: (?:of|is|budget|around|ke))? $"
)
_CEILING_BEFORE = re.compile(
    r" (?<!not )(?<!no )(?<!never )(?:under|below|up ?to|within|max|maximum|not more than|no more than|never more than|less than|lesser than|at most|atmost|not exceed"
    r"|not above|no above|not over|not exceeding|not beyond|max to max|zyada se zyada|till|until|limit|lower than)(?: (?:of|is|budget|around|ke))? $"
)
_ABOUT_BEFORE = re.compile(
    r" (?:around|about|approx|approximate|approximately|roughly|nearly|lagbhag|kareeb(?: kareeb)?|almost|close to"
    r"|somewhere near|near|near about|nearabout|koi|andazan)(?: (?:of|is|budget|about|around|like))? $"
)
_FLOOR_AFTER = re.compile(
    r" (?:(?:se|ke) upar(?! nahi)|se zyada(?! nahi)|plus(?! minus)|\+|aur (?:above|upar|more|upwards|zyada)"
    r"|ya (?:above|upar|more|zyada)|minimum|min|at least|onwards|onward|se kam nahi|se neeche nahi|se start|se shuru"
    r"|above)(?= )"
)
_CEILING_AFTER = re.compile(
    r" (?:tak|(?:ke|thousand) andar|se kam(?! nahi| se)|(?:se|ke) neeche(?! nahi)|max|maximum|ya (?:less|kam|below)"
    r"|se (?:zyada|upar) (?:nahi|na)|at most|tops|ke bheetar|aur below|hi|only|limit)(?= )"
)
_ABOUT_AFTER = re.compile(
    r" (?:ya so|ya thereabouts|ish|(?:ke|thousand) (?:aas ?pa+s|around|kareeb|lagbhag|aaspaas|near)|aas pa+s|approx|approximately|around"
    r"|plus minus|more ya less|roughly|odd|something)(?= )"
)
_TAKEN_BACK = re.compile(r" (?:no|nahi|sorry|actually|wait|rather|mean|galti|make|change|matlab|nope|oh|instead) ")
_DENIED_BEFORE = re.compile(r" (?:not|isnt|dont mean)(?: (?:rupees|around|about))? $")
_DENIED_AFTER = re.compile(r" (?:lakh |crore )?(?:nahi|not|no)(?= )")
_LONGEST = 12  # digits
_MOST_BARE = 4  # bare figures in one answer; more of them are a number of something else


@dataclass(frozen=True, slots=True)
class _Figure:
    """An amount as said: `rupees` once its unit is known, else `bare`."""

    start: int
    end: int
    bare: float
    scale: int | None
    signed: bool = False

    @property
    def rupees(self) -> int:
        return round(self.bare * (self.scale or 1))


@dataclass(frozen=True, slots=True)
class _Mention:
    """One thing said about money: bounds in rupees, either of them open."""

    start: int
    end: int
    low: int | None
    high: int | None
    denied: bool = False


def read_budget(heard: Heard, asked: str) -> Marks:
    """Slots budget_min and budget_max, in whole rupees."""
    figures = _join_compounds(heard.line, _figures(heard.line))
    if is_machine_text(heard.line) or sum(figure.scale is None for figure in figures) > _MOST_BARE:
        asked = ""
    mentions = _mentions(heard.line, figures, asked)
    kept = [one for one in mentions if not one.denied]
    if not kept:
        return Marks(dropped=tuple(mark for one in mentions for mark in _marks(one)))
    last = _merge(heard.line, kept)
    gone = [one for one in mentions if one.end <= last.start or one.start >= last.end]
    return Marks(tuple(_marks(last)), tuple(mark for one in gone for mark in _marks(one)))


def _marks(one: _Mention) -> list[Mark]:
    bounds = (("budget_min", one.low), ("budget_max", one.high))
    return [Mark(slot, value, one.start, one.end) for slot, value in bounds if value is not None]


def _figures(line: str) -> list[_Figure]:
    figures = []
    for match in _AMOUNT.finditer(line):
        unit = match["unit"]
        if _is_other_figure(line, match):
            continue
        number = {"a": 1.0, "half a": 0.5, "half": 0.5, "aadha": 0.5}.get(match["n"]) or float(match["n"])
        signed = bool(match["sign"] or match["rupees"])
        figures.append(_Figure(match.start(), match.end(), number, _SCALES.get(unit or ""), signed))
    return figures


def _is_other_figure(line: str, match: re.Match[str]) -> bool:
    if _NOT_MONEY_AFTER.match(line, match.end()):
        return True
    if len(match["n"]) > _LONGEST:
        return True
    if match["unit"]:
        return False
    if _NOT_MONEY_BEFORE.search(line[: match.start()]):
        return True
    return not (match["sign"] or match["rupees"] or _BARE_AFTER.match(line, match.end()))


def _join_compounds(line: str, figures: list[_Figure]) -> list[_Figure]:
    """1 crore 20 lakh is one amount."""
    joined: list[_Figure] = []
    for figure in figures:
        before = joined[-1] if joined else None
        if before and before.scale and figure.scale and _is_tail(line, before, figure):
            joined[-1] = _Figure(before.start, figure.end, before.rupees + figure.rupees, 1, signed=True)
            continue
        joined.append(figure)
    return joined


def _is_tail(line: str, before: _Figure, figure: _Figure) -> bool:
    between = line[before.end : figure.start].strip()
    smallest = before.scale if before.scale != 1 else 10**5
    return between in ("", "aur", "rupees") and figure.scale is not None and figure.rupees < (smallest or 0)


def _mentions(line: str, figures: list[_Figure], asked: str) -> list[_Mention]:
    mentions: list[_Mention] = []
    at = 0
    while at < len(figures):
        pair = figures[at : at + 2]
        bounds = _range(line, pair, asked) if len(pair) == 2 else None
        if bounds:
            mentions.append(_Mention(pair[0].start, pair[1].end, *bounds))
            at += 2
            continue
        single = _single(line, figures, at, asked)
        if single:
            mentions.append(single)
        at += 1
    return mentions


def _range(line: str, pair: list[_Figure], asked: str) -> tuple[int, int] | None:
    low, high = pair
    if not _JOINT.fullmatch(line[low.end : high.start] or " ") or _DENIED_BEFORE.search(line[: low.start]):
        return None
    if low.scale is None and high.scale is None:
        low, high = _scaled(low, asked), _scaled(high, asked)
    elif low.scale is None:
        low = replace(low, scale=_lower_scale(low.bare, high))
    elif high.scale is None:
        high = replace(high, scale=low.scale)
    if not (low.scale and high.scale) or low.rupees >= high.rupees:
        return None
    return low.rupees, high.rupees


def _lower_scale(bare: float, high: _Figure) -> int | None:
    """The unit of a lower bound said without one: its upper bound's, or lakh below a crore."""
    scale = high.scale if high.scale != 1 else 10**5
    if bare * (scale or 1) < high.rupees:
        return scale
    return 10**5 if scale == 10**7 else None


def _scaled(figure: _Figure, asked: str) -> _Figure:
    """Give a bare figure the unit that goes without saying when the budget was asked for."""
    if figure.scale or (asked != "budget" and not figure.signed):
        return figure
    if figure.bare >= 1000:
        return replace(figure, scale=1)
    if asked != "budget":
        return figure
    return replace(figure, scale=10**5 if figure.bare >= 10 else 10**7)


def _single(line: str, figures: list[_Figure], at: int, asked: str) -> _Mention | None:
    figure = figures[at]
    denied = bool(_DENIED_BEFORE.search(line[: figure.start]))
    if figure.scale is None and at + 1 < len(figures) and figures[at + 1].scale:
        figure = replace(figure, scale=figures[at + 1].scale)
        denied = denied or bool(_DENIED_AFTER.match(line, figure.end - 1))
    figure = _scaled(figure, asked)
    if figure.scale is None or figure.rupees <= 0 or figure.rupees > 10**12:
        return None
    low, high, start, end = _bounds(line, figure)
    return _Mention(start, end, low, high, denied)


def _bounds(line: str, figure: _Figure) -> tuple[int | None, int | None, int, int]:
    """Lower and upper bound of one figure, and the stretch that says so."""
    before, value = line[: figure.start], figure.rupees
    for pattern, low, high in (
        (_FLOOR_BEFORE, value, None),
        (_CEILING_BEFORE, None, value),
        (_ABOUT_BEFORE, round(value * 0.9), round(value * 1.1)),
    ):
        if match := pattern.search(before):
            return low, high, match.start() + 1, figure.end
    for pattern, low, high in (
        (_FLOOR_AFTER, value, None),
        (_CEILING_AFTER, None, value),
        (_ABOUT_AFTER, round(value * 0.9), round(value * 1.1)),
    ):
        if match := pattern.match(line, figure.end):
            return low, high, figure.start, match.end()
    return None, value, figure.start, figure.end


def _merge(line: str, kept: list[_Mention]) -> _Mention:
    """The last mention stands; a floor and a ceiling beside each other are one range."""
    last = kept[-1]
    for before, after in pairwise(kept):
        if after is not last or _TAKEN_BACK.search(line[before.end - 1 : after.start + 1]):
            continue
        if before.low is not None and before.high is None and after.low is None and after.high:
            return _Mention(before.start, after.end, before.low, after.high)
        if before.low is None and after.high is None and before.high and after.low is not None:
            return _Mention(before.start, after.end, after.low, before.high)
    return last
