"""Amounts of money as they are said: rupees, thousands, lakh and crore, told apart from every other figure."""

from __future__ import annotations

import re
from dataclasses import dataclass

LAKH, CRORE = 10**5, 10**7

_SCALES = {"crore": CRORE, "c r": CRORE, "lakh": LAKH, "million": 10**6, "thousand": 10**3, "hundred": 100}
_WORDS = {"a": 1.0, "half a": 0.5, "half": 0.5, "aadha": 0.5, "couple of": 2.0, "a couple of": 2.0}
_AMOUNT = re.compile(
    r"(?<= )(?P<sign>rupees )?(?:(?P<n>\d+(?:\.\d+)?)|(?P<word>(?:half )?a|half|aadha"
    r"|(?:a )?couple of)(?= (?:crore|lakh|million) ))"
    r"(?: (?P<unit>crore|c r|lakh|million|thousand|hundred)(?! (?:h|b|park) ))?(?P<half>(?<=crore) aur (?:a )?(?:half"
    r"|aadha))?(?P<rupees> rupees)?(?= )"
)
# Figures of other things: areas, distances, people, addresses, dates, money that is not a budget.
_OTHER_AFTER = re.compile(
    r" (?:sq|square|sqft|sft|feet|foot|ft|gaj|gaz|yards?|acres?|bigha|guntha|cents?|percent|%|km|kms|kilometers?"
    r"|people"
    r"|log|members?|down payment|downpayment|salary|emi|deposit|token|advance|maintenance|units?|towers?)(?= )"
)
_OTHER_BEFORE = re.compile(
    r" (?:salary|income|emi|earn|earning|earnings|kamata|kamati|down payment|downpayment|maintenance|deposit|token"
    r"|brokerage|commission|booking amount|mobile|phone|contact|number is|number hai|pin|pincode|pin code)"
    r"(?: (?:is|of|hai|about|around|ke|number|me|at|on|,|\d+))* $"
)
_OTHER_BEFORE_BARE = re.compile(
    r" (?:sector|phase|floor|code|block|tower|number|no \.|plot|flat|house|age|ward|gate|nh|road|stage|wing|lane|gali"
    r"|born in|since|year|in the year|(?:i am|im|age is|aged?)|(?:quarters?|half) of|(?:plot|flat|house|gali"
    r"|door) no|\d{4,}) $"
)
# A figure without a unit is money only where the answer goes on about money, or ends.
_BARE_AFTER = re.compile(
    r" (?:\x03|[.,!?~-]|to|se|till|ya|aur|tak|ke|max|maximum|min|minimum|only|hai|hoga|honge|ok|please|rupees|sir"
    r"|madam"
    r"|ji|bas|hi|plus|\+|nahi|no|not|sorry|actually|wait|rather|i|is|should|would|will|chalega|theek|karo|mein|approx"
    r"|approximately|around|roughly|at|but|lekin|upto|under|budget|ho|sakta|something|odd|ish|aas|aaspaas|bhi"
    r"|range|yes"
    r"|haan|per|a|monthly|for|fine|above|below|onwards|limit|/|tops|maybe|type|rent|thousand|andar|mat|instead"
    r"|\d+(?:\.\d+)?)(?= )"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_LONGEST = 12  # digits


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount as said, `line[start:end]`: `bare` times `scale`, which is None where no unit was said.

    `signed` tells that it was called rupees.
    """

    start: int
    end: int
    bare: float
    scale: int | None
    signed: bool = False

    @property
    def rupees(self) -> int:
        """Whole rupees; a figure without a unit counts as it stands."""
        return round(self.bare * (self.scale or 1))


def read_figures(line: str) -> list[Figure]:
    """Every amount of a canonical line, in order."""
    found = [_figure(match) for match in _AMOUNT.finditer(line) if not _is_other(line, match)]
    joined: list[Figure] = []
    for figure in found:
        whole = _join(line, joined[-1], figure) if joined else None
        if whole:
            joined[-1] = whole
        else:
            joined.append(figure)
    return joined


def _figure(match: re.Match[str]) -> Figure:
    number = _WORDS[match["word"]] if match["word"] else float(match["n"])
    scale = _SCALES.get(match["unit"] or "")
    signed = bool(match["sign"] or match["rupees"])
    return Figure(match.start(), match.end(), number + (0.5 if match["half"] else 0), scale, signed)


def _is_other(line: str, match: re.Match[str]) -> bool:
    before = line[: match.start()]
    if _OTHER_AFTER.match(line, match.end()) or _OTHER_BEFORE.search(before) or len(match["n"] or "") > _LONGEST:
        return True
    if match["unit"]:
        return False
    if _OTHER_BEFORE_BARE.search(before) or _YEAR.fullmatch(match["n"] or ""):
        return not match["sign"] and not match["rupees"]
    return not (match["sign"] or match["rupees"] or _BARE_AFTER.match(line, match.end()))


def _join(line: str, before: Figure, figure: Figure) -> Figure | None:
    """One amount out of two: 1 crore 20 lakh, 1 crore 20, "eight zero" lakhs; None when they are two."""
    between = line[before.end : figure.start].strip()
    if between not in ("", "aur", "rupees", "aur rupees"):
        return None
    if before.scale and figure.scale and figure.rupees < _smallest(before):
        return Figure(before.start, figure.end, before.rupees + figure.rupees, 1, signed=True)
    if between:
        return None
    if before.scale == CRORE and figure.scale is None and 1 <= figure.bare < 100:
        return Figure(before.start, figure.end, before.rupees + round(figure.bare * LAKH), 1, signed=True)
    spelled = before.scale is None and figure.bare < before.bare < 10 and figure.bare == int(figure.bare)
    if spelled and before.bare == int(before.bare) and figure.scale != CRORE:
        return Figure(before.start, figure.end, before.bare * 10 + figure.bare, figure.scale, figure.signed)
    return None


def _smallest(figure: Figure) -> int:
    """What the unit said last counts for; nothing smaller than a lakh is added to a sum."""
    return figure.scale if figure.scale and figure.scale != 1 else LAKH
