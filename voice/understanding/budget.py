"""The budget: a ceiling, a floor, a range, or a figure give or take ten per cent."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from voice.understanding.money import CRORE, LAKH, Figure, lead_in, read_figures
from voice.understanding.text import Heard, Mark, Marks, is_machine_text

_JOINT = re.compile(r"(?: (?:to|se|till|-|~|/|aur|ya|upto|lekar|leke|from|,|tak)){0,2} ")
_OF = r"(?: (?:of|is|budget|around|about|ke|like|rupees|the|uh|um|umm|hmm|say|maybe|matlab))*"
_NOT = r"(?:not|no|never|nothing|cant|cannot|dont|wont|shouldnt|should not|will not|nahi|without)"
_ABOVE = r"(?:above|over|more than|greater than|beyond|higher than|exceed|exceeding|upar of|more then)"
_BELOW = r"(?:below|under|less than|lesser than|lower than|less then)"
# "Cannot go beyond", "do not want to spend more than": at most four words stand between.
_DENIED_BOUND = rf" {_NOT}(?: (?!but |,)(?:[a-z]+|1)){{0,4}} "
_NOT_ABOVE = re.compile(rf"{_DENIED_BOUND}{_ABOVE}{_OF} $")
_NOT_BELOW = re.compile(rf"{_DENIED_BOUND}{_BELOW}{_OF} $")
_CEILING_BEFORE = re.compile(
    rf" (?:{_BELOW}|up ?to|within|max|maximum|at most|atmost|at the most"
    rf"|max to max|zyada se zyada|till|until|(?<!lower )limit|andar){_OF} $"
)
_FLOOR_BEFORE = re.compile(
    r" (?:>|lower limit|at least|at the least|atleast|ghatto ghat|ghat to ghat|minimum|min|kam se kam"
    rf"|{_ABOVE}|starting from|starts? (?:from|at)|starting at|starting|start from|upwards of|minimum minimum)"
    rf"{_OF} $"
)
_ABOUT_BEFORE = re.compile(
    r" (?:~|around|about|approx|approximate|approximately|roughly|nearly|lagbhag|kareeb(?: kareeb)?|almost|close to"
    r"|somewhere near|near|near about|nearabout|koi|andazan|more ya less|give ya take|something like|some"
    rf"|in the (?:range|region|ballpark) of|range of|ballpark|in the vicinity of){_OF} $"
)
_FLOOR_AFTER = re.compile(
    r" (?:ke upar(?! nahi| na | mat)|se (?:thoda )?(?:zyada|upar)(?! nahi| na | mat)"
    r"|(?:plus|\+)(?! minus| ya minus| \d| (?:registration|gst|stamp|tax|taxes|maintenance|parking|charges|brokerage"
    r"|registry|extra|other|others|interiors?|duty|furnishing|all) )"
    r"|aur (?:above|upar|more|upwards|zyada|up|onwards)"
    r"|ya (?:(?:usse|isse|us se|is se) )?(?:above|upar|more|zyada)|minimum|min|at least|onwards|onward|upwards?"
    r"|se start|se shuru|above)(?= )"
)
_CEILING_AFTER = re.compile(
    r" (?:tak|(?:ke|thousand) (?:andar|under)|se kam(?! nahi| se)|(?:se|ke) neeche(?! nahi)|max|maximum"
    r"|ya (?:(?:usse|isse|us se|is se) )?(?:less|kam|below)"
    r"|at most|at the most|at max|tops|ke bheetar|aur below|hi|only|limit)(?= )"
)
_AT_MOST_AFTER = re.compile(r" (?:max|maximum|at most|at max|tops)(?= )(?! \d)")
_FILLER = (
    r"(?: (?:ka|ki|ke|mein|to|hi|bhi|wala|wale|wali|bilkul|budget|paisa|paise|kharch|kharcha|jaana|ja|afford|main"
    r"|hum|mera|hamara|ho|karo|chahiye))*"
)
_DENIAL = r"(?:nahi|na|mat|not|never)"
_NOT_ABOVE_AFTER = re.compile(
    rf" (?:se|ke)(?: 1 (?:rupees|paisa|pai)(?: bhi)?)? (?:zyada|upar|aage|bahar|mehnga){_FILLER} {_DENIAL}(?= )"
)
_NOT_BELOW_AFTER = re.compile(rf" (?:se|ke) (?:kam|neeche){_FILLER} {_DENIAL}(?= )")
_ABOUT_AFTER = re.compile(
    r" (?:ya so|ya thereabouts|(?:- )?ish|(?:ke|thousand) (?:aas ?pa+s+|around|kareeb|lagbhag|aaspaas|near)|aas pa+s+"
    r"|aaspaas|approx|approximately|around|plus (?:ya )?minus|more ya less|give ya take|roughly|odd|something"
    r"|(?:ki |ke )?range(?: mein)?"
    r"|(?:, )?(?:thoda|thoda bahut|kuch) (?:upar neeche|idhar udhar|kam zyada|aage peeche))"
    r"(?= )(?! \d+(?:\.\d+)? (?!percent|%))"
)
# "Sixty lakh, five lakh here or there": the second figure is no budget of its own.
_GIVE_OR_TAKE_BEFORE = re.compile(r" (?:plus (?:ya )?minus|give ya take|\+ ?/? ?-) $")
_GIVE_OR_TAKE_AFTER = re.compile(
    r" (?:upar neeche|neeche upar|idhar udhar|aage peeche|kam zyada|up ya down|up down|here ya there|here aur there"
    r"|plus minus)(?= )"
)
_UPPER_BOUND = re.compile(r" (?:to|se|-|~|(?P<aur>aur)) (?P<upper>\d{1,6}(?:\.\d+)?)(?=\D)")
_BETWEEN_BEFORE = re.compile(r" between $")
_NAMES_BUDGET = re.compile(r" budget(?: (?:is|hai|of|mera|hamara|max|maximum|upto|around|about|to|ko|should|be))* \d")
_ON_TOP = re.compile(r" (?:plus|\+) $")
_LABELLED = re.compile(r" (?:budget|total|overall)(?: (?:is|hai|of|mera|hamara|max|maximum|upto|around|about))* $")
_TAKEN_BACK = re.compile(
    r" (?:no|nahi|sorry|actually|wait|rather|mean|galti|make|change|matlab|nope|oh|instead|now|stretch|but|lekin) "
)
_DENIED_BEFORE = re.compile(
    r" (?:not|isnt|dont mean|instead of|rather than|in place of)(?: (?:rupees|around|about))? $"
    r"| (?:earlier|previously|pehle|last time)(?: (?!but |now |ab |,)\w+){0,3}? (?:told|said|bola|boli|bataya|thought"
    r"|socha"
    r"|mentioned)(?: (?:you|about|around|aapko))* $"
)
# "Change it from 70 to 80 lakh".
_CHANGED_BEFORE = re.compile(r" (?:change|increase|update|raise|switch)(?: (?:it|my|the|budget|from))* $")
_DENIED_AFTER = re.compile(r" (?:lakh |crore )?(?:hai )?(?:nahi|ke jagah|ke bajay)(?= )")
_MOST_BARE = 4  # bare figures in one answer; more of them are a number of something else
_FEW_RUPEES, _RENT = 1000, 3000  # a bare figure from one to the other may be rupees, lakhs or square feet
_TENS = 10
_NEAR = 4  # signs between two figures of one expression
_FAR_APART = 10  # two budgets in one breath that differ so much are not one budget corrected
_WIDEST = 2.5  # how many times the lower figure the upper is in a range said without "to": "fifty sixty lakhs"


@dataclass(frozen=True, slots=True)
class _Mention:
    """One thing said about money: bounds in rupees, either of them open; `others` is what it may be as well."""

    start: int
    end: int
    low: int | None
    high: int | None
    denied: bool = False
    others: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """The bound that tells how much money this is about, in rupees."""
        return self.high or self.low or 0


def read_budget(heard: Heard, asked: str) -> Marks:
    """Slots budget_min and budget_max, in whole rupees; unsure where a figure may be another by far."""
    line = heard.line
    figures = read_figures(line)
    asked = "budget" if asked == "confirm" and _NAMES_BUDGET.search(line) else asked
    if is_machine_text(line) or sum(figure.scale is None for figure in figures) > _MOST_BARE:
        asked = ""
    figures, spread = _without_spread(line, figures, asked)
    mentions = _mentions(line, figures, asked)
    kept = [one for one in mentions if not one.denied]
    if not kept:
        return Marks(dropped=tuple(mark for one in mentions for mark in _marks(one)))
    last = _merge(line, kept)
    if unsure := _trailing(line, figures) or _unsure(line, kept, last):
        return Marks(unsure=unsure)
    if spread and last.low is None and last.high and spread < last.high / 2:
        last = replace(last, low=last.high - spread, high=last.high + spread)
    gone = [one for one in mentions if one.end <= last.start or one.start >= last.end]
    return Marks(tuple(_marks(last)), tuple(mark for one in gone for mark in _marks(one)))


def _without_spread(line: str, figures: list[Figure], asked: str) -> tuple[list[Figure], int]:
    """The figures that are budgets, and by how many rupees a caller would go up or down."""
    budgets: list[Figure] = []
    spread = 0
    for figure in figures:
        said_before = lead_in(line, figure.start)
        if budgets and (_GIVE_OR_TAKE_BEFORE.search(said_before) or _GIVE_OR_TAKE_AFTER.match(line, figure.end)):
            spread = _scaled(figure, asked).rupees
        elif not (budgets and _ON_TOP.search(said_before)):
            budgets.append(figure)
    return budgets, spread


def _trailing(line: str, figures: list[Figure]) -> tuple[Mark, ...]:
    """Both figures of "one seventy lakh thirty", which are no range, no sum, and no correction."""
    for low, high in pairwise(figures):
        is_bare = low.scale == LAKH and high.scale is None and high.bare < low.bare
        if is_bare and high.bare >= _TENS and line[low.end : high.start] == " ":
            return (
                Mark("budget_max", low.rupees, low.start, low.end),
                Mark("budget_max", round(high.bare * LAKH), high.start, high.end),
            )
    return ()


def _unsure(line: str, kept: list[_Mention], last: _Mention) -> tuple[Mark, ...]:
    """Candidates where what was said stands for amounts that are far apart."""
    if last.others:
        return tuple(Mark("budget_max", value, last.start, last.end) for value in last.others)
    if _LABELLED.search(lead_in(line, last.start)) or last.low:
        return ()
    far = [
        one
        for one in kept
        if one.end <= last.start
        and not 1 / _FAR_APART < one.size / last.size < _FAR_APART
        and not _TAKEN_BACK.search(line[one.end - 1 : last.start + 1])
    ]
    return tuple(Mark("budget_max", one.size, one.start, one.end) for one in (*far, last)) if far else ()


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
    between = line[low.end : high.start] or " "
    if not _JOINT.fullmatch(between) or _DENIED_BEFORE.search(lead_in(line, low.start)) or high.others:
        return None
    if _CHANGED_BEFORE.search(lead_in(line, low.start)):
        return None
    low, high = _same_terms(low, high, asked)
    if not (low.scale and high.scale) or low.rupees >= high.rupees:
        return None
    if between == " " and high.rupees > _WIDEST * low.rupees:
        return None
    return low.rupees, high.rupees


def _same_terms(low: Figure, high: Figure, asked: str) -> tuple[Figure, Figure]:
    """Both bounds of a range with their units, where only one of them or none was said with one."""
    if low.scale is None and high.scale is None:
        return _scaled(low, asked), _scaled(high, asked)
    if low.scale is None:
        return replace(low, scale=_lower_scale(low.bare, high)), high
    if high.scale is None:
        scale = CRORE if low.scale == LAKH and high.bare < 10 and high.bare < low.bare else low.scale
        return low, replace(high, scale=scale)
    return low, high


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
    if _begins_a_range_of_others(line, figures, at):
        return None
    denied = bool(_DENIED_BEFORE.search(lead_in(line, figure.start)))
    if figure.scale is None and at + 1 < len(figures) and figures[at + 1].scale:
        figure = replace(figure, scale=figures[at + 1].scale)
    denied = denied or (at + 1 < len(figures) and bool(_CHANGED_BEFORE.search(lead_in(line, figure.start))))
    denied = denied or bool(_DENIED_AFTER.match(line, figure.end))
    figure = _scaled(figure, asked)
    if figure.scale is None or figure.rupees <= 0 or figure.rupees > 10**12:
        return None
    low, high, start, end = _bounds(line, figure)
    if _counts_something_else(line, figures, at, bounded=(start, end) != (figure.start, figure.end)):
        return None
    return _Mention(start, end, low, high, denied, _others(figures, at, asked) or figure.others)


def _begins_a_range_of_others(line: str, figures: list[Figure], at: int) -> bool:
    """True for the 50 of "50 to 60 metres": what the upper bound counts, the lower one does; not of "50 - 2 BHK"."""
    figure = figures[at]
    upper = None if figure.scale or figure.signed else _UPPER_BOUND.match(line, figure.end)
    if upper is None or float(upper["upper"]) <= figure.bare:
        return False
    if upper["aur"] and not _BETWEEN_BEFORE.search(lead_in(line, figure.start)):
        return False
    return at + 1 == len(figures) or figures[at + 1].start != upper.start("upper")


def _counts_something_else(line: str, figures: list[Figure], at: int, *, bounded: bool) -> bool:
    """A lone "1" beside an amount with its unit is an article or counts rooms, unless it bounds or corrects."""
    bare = figures[at].bare
    if bounded or figures[at].scale or figures[at].signed or bare >= 10 or bare != int(bare):
        return False
    amounts = [one for index, one in enumerate(figures) if one.scale and index != at]
    return bool(amounts) and not _TAKEN_BACK.search(line)


def _others(figures: list[Figure], at: int, asked: str) -> tuple[int, ...]:
    """What two bare figures may be that make no range: "five ten", asked for a budget, and a lone "1500"."""
    figure = figures[at]
    if asked != "budget" or figure.scale or figure.signed:
        return ()
    if _FEW_RUPEES <= figure.bare < _RENT:
        return round(figure.bare), round(figure.bare * LAKH)
    before = figures[at - 1] if at else None
    if before and before.scale is None and before.bare < 10 <= figure.bare and figure.start - before.end <= _NEAR:
        return round(figure.bare * LAKH), round(figure.bare * CRORE)
    return ()


def _bounds(line: str, figure: Figure) -> tuple[int | None, int | None, int, int]:
    """Lower and upper bound of one figure, and the stretch that says so."""
    said_before, value = lead_in(line, figure.start), figure.rupees
    for pattern, low, high in (
        (_NOT_ABOVE, None, value),
        (_NOT_BELOW, value, None),
        (_CEILING_BEFORE, None, value),
        (_FLOOR_BEFORE, value, None),
    ):
        if match := pattern.search(said_before):
            return low, high, match.start() + 1, figure.end
    if match := _AT_MOST_AFTER.match(line, figure.end):  # "around 60 lakh maximum"
        return None, value, figure.start, match.end()
    for pattern, low, high in ((_ABOUT_BEFORE, round(value * 0.9), round(value * 1.1)),):
        if match := pattern.search(said_before):
            return low, high, match.start() + 1, figure.end
    for pattern, low, high in (
        (_NOT_ABOVE_AFTER, None, value),
        (_NOT_BELOW_AFTER, value, None),
        (_FLOOR_AFTER, value, None),
        (_CEILING_AFTER, None, value),
        (_ABOUT_AFTER, round(value * 0.9), round(value * 1.1)),
    ):
        if match := pattern.match(line, figure.end):
            return low, high, figure.start, match.end()
    return None, value, figure.start, figure.end


def _merge(line: str, kept: list[_Mention]) -> _Mention:
    """The last mention stands, or the one called the budget; a floor and a ceiling side by side are one range."""
    last = kept[-1]
    for before, after in pairwise(kept):
        if after is not last or _TAKEN_BACK.search(line[before.end - 1 : after.start + 1].replace(" but ", " , ")):
            continue
        if before.low is not None and before.high is None and after.low is None and after.high:
            return _Mention(before.start, after.end, before.low, after.high)
        if before.low is None and after.high is None and before.high and after.low is not None:
            return _Mention(before.start, after.end, after.low, before.high)
    called = [one for one in kept if _LABELLED.search(lead_in(line, one.start))]
    if called and not _TAKEN_BACK.search(line[called[-1].end - 1 : last.start + 1]):
        return called[-1] if last.size * 2 <= called[-1].size else last
    return last
