"""The budget: a ceiling, a floor, a range, or a figure give or take ten per cent."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from voice.understanding.money import CRORE, LAKH, Figure, read_figures
from voice.understanding.text import Heard, Mark, Marks, is_machine_text

_JOINT = re.compile(r"(?: (?:to|se|till|-|~|/|aur|ya|upto|lekar|from|,|tak)){0,2} ")
_FLOOR_BEFORE = re.compile(
    r" (?<!not )(?<!no )(?<!never )(?:at least|atleast|ghatto ghat|ghat to ghat|minimum|min|kam se kam|above"
    r"|over|more than|greater than"
    r"|starting from|starts? (?:from|at)|starting at|starting"
    r"|start from|not less than|no less than|never less than|not below|upwards of|beyond"
    r"|minimum minimum)(?: (?:of|is|budget|around|ke))? $"
)
_CEILING_BEFORE = re.compile(
    r" (?<!not )(?<!no )(?<!never )(?:under|below|up ?to|within|max|maximum|not more than|no more than"
    r"|never more than|less than|lesser than|at most|atmost|not exceed"
    r"|not above|no above|not over|not exceeding|not beyond|max to max|zyada se zyada|till|until|limit"
    r"|lower than)(?: (?:of|is|budget|around|ke))? $"
)
_ABOUT_BEFORE = re.compile(
    r" (?:around|about|approx|approximate|approximately|roughly|nearly|lagbhag|kareeb(?: kareeb)?|almost|close to"
    r"|somewhere near|near|near about|nearabout|koi|andazan)(?: (?:of|is|budget|about|around|like))? $"
)
_FLOOR_AFTER = re.compile(
    r" (?:ke upar(?! nahi| na | mat)|se (?:thoda )?(?:zyada|upar)(?! nahi| na | mat)|plus(?! minus)|\+"
    r"|aur (?:above|upar|more|upwards|zyada)"
    r"|ya (?:(?:usse|isse|us se|is se) )?(?:above|upar|more|zyada)|minimum|min|at least|onwards|onward"
    r"|se kam nahi|se neeche nahi|se start|se shuru"
    r"|above)(?= )"
)
_CEILING_AFTER = re.compile(
    r" (?:tak|(?:ke|thousand) andar|se kam(?! nahi| se)|(?:se|ke) neeche(?! nahi)|max|maximum|ya (?:(?:usse|isse"
    r"|us se|is se) )?(?:less|kam|below)"
    r"|(?:se|ke) (?:zyada|upar) (?:nahi|na|mat|not)|at most|tops|ke bheetar|aur below|hi|only|limit)(?= )"
)
_ABOUT_AFTER = re.compile(
    r" (?:ya so|ya thereabouts|ish|(?:ke|thousand) (?:aas ?pa+s|around|kareeb|lagbhag|aaspaas|near)|aas pa+s"
    r"|approx|approximately|around"
    r"|plus minus|more ya less|roughly|odd|something)(?= )"
)
_TAKEN_BACK = re.compile(r" (?:no|nahi|sorry|actually|wait|rather|mean|galti|make|change|matlab|nope|oh|instead) ")
_DENIED_BEFORE = re.compile(
    r" (?:not|isnt|dont mean|instead of|rather than|in place of)(?: (?:rupees|around|about))? $"
)
# "Change it from 70 to 80 lakh".
_CHANGED_BEFORE = re.compile(r" (?:change|increase|update|raise|switch)(?: (?:it|my|the|budget|from))* $")
_DENIED_AFTER = re.compile(r" (?:lakh |crore )?(?:hai )?(?:nahi|ke jagah|ke bajay)(?= )")
_MOST_BARE = 4  # bare figures in one answer; more of them are a number of something else


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
    figures = read_figures(heard.line)
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


def _mentions(line: str, figures: list[Figure], asked: str) -> list[_Mention]:
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


def _range(line: str, pair: list[Figure], asked: str) -> tuple[int, int] | None:
    low, high = pair
    if not _JOINT.fullmatch(line[low.end : high.start] or " ") or _DENIED_BEFORE.search(line[: low.start]):
        return None
    if _CHANGED_BEFORE.search(line[: low.start]):
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


def _lower_scale(bare: float, high: Figure) -> int | None:
    """The unit of a lower bound said without one: its upper bound's, or lakh below a crore."""
    scale = high.scale if high.scale != 1 else LAKH
    if bare * (scale or 1) < high.rupees:
        return scale
    return LAKH if scale == CRORE else None


def _scaled(figure: Figure, asked: str) -> Figure:
    """Give a bare figure the unit that goes without saying when the budget was asked for."""
    if figure.scale or (asked != "budget" and not figure.signed):
        return figure
    if figure.bare >= 1000:
        return replace(figure, scale=1)
    if asked != "budget":
        return figure
    return replace(figure, scale=LAKH if figure.bare >= 10 else CRORE)


def _single(line: str, figures: list[Figure], at: int, asked: str) -> _Mention | None:
    figure = figures[at]
    denied = bool(_DENIED_BEFORE.search(line[: figure.start]))
    if figure.scale is None and at + 1 < len(figures) and figures[at + 1].scale:
        figure = replace(figure, scale=figures[at + 1].scale)
    denied = denied or (at + 1 < len(figures) and bool(_CHANGED_BEFORE.search(line[: figure.start])))
    denied = denied or bool(_DENIED_AFTER.match(line, figure.end))
    figure = _scaled(figure, asked)
    if figure.scale is None or figure.rupees <= 0 or figure.rupees > 10**12:
        return None
    low, high, start, end = _bounds(line, figure)
    return _Mention(start, end, low, high, denied)


def _bounds(line: str, figure: Figure) -> tuple[int | None, int | None, int, int]:
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
