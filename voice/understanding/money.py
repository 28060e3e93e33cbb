"""Amounts of money as they are said: rupees, thousands, lakh and crore, told apart from every other figure."""

from __future__ import annotations

import re
from dataclasses import dataclass

LAKH, CRORE = 10**5, 10**7
_THOUSAND = 1000

_SCALES = {"crore": CRORE, "c r": CRORE, "lakh": LAKH, "million": 10**6, "thousand": 10**3, "hundred": 100}
_WORDS = {"3 quarter": 0.75, "half": 0.5, "aadha": 0.5, "quarter": 0.25, "couple": 2.0, "a": 1.0}
_AMOUNT = re.compile(
    r"(?<= )(?P<sign>rupees (?:\. )?)?(?:(?P<word>(?:half|quarter|3 quarters?|couple)(?: of)?(?: a)?"
    r"|a (?:quarter|couple)(?: of)?(?: a)?|aadha|a)(?= (?:crore|lakh|million) )|(?P<n>\d+(?:\.\d+)?))"
    r"(?: (?P<unit>crore|c r|lakh|million|thousand|hundred)(?! (?:h|b|park) ))?(?P<half>(?<=crore) aur (?:a )?(?:half"
    r"|aadha))?(?P<rupees> rupees)?(?= )"
)
_AREA = r"(?:sq|square|sqft|sft|feet|foot|ft|gaj|gaz|yards?|acres?|bigha|guntha|cents?|psf)"
_PART = (
    r"(?:(?:home |bank |housing |personal )?loan(?! (?:ke saath|lekar|se|with|included))"
    r"|down ?payment|salary|income|package|ctc|emi|deposit|token|booking|advance|maintenance|brokerage|commission)"
)
# Figures of other things: areas, distances, people, addresses, money that is not a budget.
_OTHER_AFTER = re.compile(
    rf" (?:(?:(?:per|a|/|har|prati|ke|rate per|rate|rupees per) )?{_AREA}|percent|%|km|kms|kilometers?|people|log"
    rf"|members?|units?|towers?|parkings?|lpa|(?:per|a|/|ke|har) (?:annum|saal)|yearly|annually"
    rf"|(?:ke |for (?:the |my |a )?|as (?:a )?|of )?{_PART}"
    r"|mein (?:liya|becha|bika|kharida|bech|mila)(?: diya)? (?:tha|thi|the)"
    r"|(?:hai |cash |ready |mere |paas )*,? ?(?:aur )?(?:baaki|baki|rest|remaining|balance)(?: \w+){0,2} loan)(?= )"
)
# What a caller has of their own beside a loan is a part of the price.
_OWN_PART = re.compile(r" (?:(?:hai |is )?(?:mere paas|mera|apna|apne|own|khud|cash|savings?|ready|in hand))(?= )")
_GREATER_UNIT = re.compile(r" (?:crore|lakh|million)(?= )")
_TIME_AFTER = re.compile(r" (?:am|pm|a m|p m|din|hafte|mahine|saal|ghante|minute|baje)(?= )")
_PART_BEFORE_NEXT = re.compile(rf" {_PART} (?:is |of |hai )?\d")
_LABELLED = re.compile(r" (?:rent|budget|price|total|lease)(?: (?:is|of|hai|about|around|ke|upto))* $")
_OTHER_BEFORE = re.compile(
    r" (?:salary|income|package|ctc|emi|earn|earning|earnings|kamata|kamati|down ?payment|maintenance|deposit|token"
    r"|(?<!with )(?<!including )loan|loan amount|(?:loan )?eligibility|bank se|bank|brokerage|commission|booking amount"
    r"|mobile|phone|contact|number is|number hai|pin|pincode"
    rf"|pin code|(?:sold|bought|becha|bika|purchased|kharida|got)(?: (?!but |to )[a-z]+){{0,4}} (?:for|at)"
    rf"|(?:price |rate )?per {_AREA}(?: (?:price|rate|cost))?)"
    r"(?: (?:is|of|hai|about|around|ke|number|me|at|on|,|can|be|could|should|will|would|upto|under|tak|only|for|max"
    r"|maximum|per|mahine|monthly|to|se|i|we|can|manage|pay|afford|main|approved|upto|up|lakh(?= se| to)"
    r"|\d+(?:\.\d+)?))* $"
)
_OTHER_BEFORE_BARE = re.compile(
    r" (?:sector|phase|floor|code|block|tower|number|no \.|plot|flat|house|age|ward|gate|nh|road|stage|wing|lane|gali"
    r"|born in|since|year|in the year|(?:i am|im|age is|aged?)|(?:quarters?|half) of|(?:plot|flat|house|gali"
    r"|door) no|(?:carpet|built up|super)?(?: ?area| size)(?: (?:is|of|hai|around|about))?|\d{4,}) $"
)
# A figure without a unit is money only where the answer goes on about money, or ends.
_BARE_AFTER = re.compile(
    r" (?:pm|p m|\x03"
    r"|[.,!?~-]|to|se|till|ya|aur|tak|ke|max|maximum|min|minimum|only|hai|hoga|honge|ok|please|rupees|sir"
    r"|madam|ji|bas|hi|plus|\+|nahi|no|not|sorry|actually|wait|rather|i|is|should|would|will|chalega|theek|karo"
    r"|mein|approx|approximately|around|roughly|at|but|lekin|upto|under|budget|ho|sakta|something|odd|ish|aas"
    r"|aaspaas|bhi|range|yes|haan|per|a|monthly|for|fine|above|below|onwards|limit|/|tops|maybe|type|rent"
    r"|thousand|andar|mat|instead|like|kaafi|rakho|rakh|likh|likho|lagbhag|kareeb|give|more|and|bola|bolo|na"
    r"|matlab|upwards|beech|lagega|oh|zyada|make|change|de|dunga|dungi|denge|mil|ka|main|hum|mera|would"
    r"|\d+(?:\.\d+)?)(?= )"
)
_FIVE_AFTER, _FIVE_BEFORE = re.compile(r" \d{5} "), re.compile(r" \d{5} $")
_YEAR = re.compile(r"(?:19|20)\d\d")
_LONGEST = 12  # digits
_FEWEST_A_MONTH = _THOUSAND  # "20000 mahine" is a rent, "6 mahine" a time
_CRORE_DIGITS = 7  # "1,35,00,000 all inclusive": longer than a PIN code
_HALF_A_PHONE = 5  # digits
_REACH = 160  # signs before a figure that may say what it counts
_PHONE = 10  # digits of a bare figure that is a phone number
_ROUND = 50  # a bare figure above a thousand that is no multiple of this counts no money: a PIN code, a year


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount as said, `line[start:end]`: `bare` times `scale`, which is None where no unit was said.

    `signed` tells that it was called rupees. `others` are the amounts in rupees that it may mean as well: "one twenty
    crore" is 1.2 crore to some and 120 to others.
    """

    start: int
    end: int
    bare: float
    scale: int | None
    signed: bool = False
    others: tuple[int, ...] = ()

    @property
    def rupees(self) -> int:
        """Whole rupees; a figure without a unit counts as it stands."""
        return round(self.bare * (self.scale or 1))


def lead_in(line: str, at: int) -> str:
    """What stands before `at`, as far back as one figure's own words go: a long line is not read anew for each."""
    return line[max(0, at - _REACH) : at]


def read_figures(line: str) -> list[Figure]:
    """Every amount of a canonical line, in order."""
    found: list[Figure] = []
    others_start = -1
    others_end = {match.end() + 1 for match in _AMOUNT.finditer(line) if match["unit"] and _is_other(line, match)}
    # From the last to the first: "two three days" counts days twice.
    for match in reversed(list(_AMOUNT.finditer(line))):
        goes_with_next = not match["unit"] and not match["sign"] and match.end() + 1 == others_start
        rest_of_other = match.start() in others_end and match["unit"]  # a salary of "1 lakh 20 thousand"
        if goes_with_next or rest_of_other or _is_other(line, match):
            others_start = match.start()
        else:
            found.insert(0, _figure(match))
    joined: list[Figure] = []
    for figure in found:
        whole = _join(line, joined[-1], figure) if joined else None
        if whole:
            joined[-1] = whole
        else:
            joined.append(figure)
    return joined


def _figure(match: re.Match[str]) -> Figure:
    number = _worded(match["word"]) if match["word"] else float(match["n"])
    scale = _SCALES.get(match["unit"] or "")
    signed = bool(match["sign"] or match["rupees"])
    return Figure(match.start(), match.end(), number + (0.5 if match["half"] else 0), scale, signed)


def _worded(words: str) -> float:
    """The count of "half a", "a couple of", "3 quarters of a" and the like."""
    return next(count for word, count in _WORDS.items() if word in words)


def _is_other(line: str, match: re.Match[str]) -> bool:
    said_before = lead_in(line, match.start())
    if _OTHER_BEFORE.search(said_before) or len(match["n"] or "") > _LONGEST:
        return True
    if _is_no_amount(line, match):
        return True
    if _OTHER_AFTER.match(line, match.end()):
        return not (_PART_BEFORE_NEXT.match(line, match.end()) and _LABELLED.search(said_before))
    if " loan " in line and _OWN_PART.match(line, match.end()):
        return True
    if match["unit"]:
        return False
    if _TIME_AFTER.match(line, match.end()) and float(match["n"] or 0) < _FEWEST_A_MONTH:
        return True
    if match["sign"] or match["rupees"]:
        return False
    if _is_half_a_phone(line, match):
        return True
    if _OTHER_BEFORE_BARE.search(said_before) or _YEAR.fullmatch(match["n"] or ""):
        return True
    return _counts_nothing(line, match)


def _is_no_amount(line: str, match: re.Match[str]) -> bool:
    """True for "not one rupee more", and for "fifty thousand crore": no two of these units make one amount."""
    if match["unit"]:
        return bool(_GREATER_UNIT.match(line, match.end()))
    return bool(match["n"] == "1" and match["rupees"])


def _counts_nothing(line: str, match: re.Match[str]) -> bool:
    digits = match["n"]
    if _CRORE_DIGITS <= len(digits) < _PHONE and not float(digits) % _THOUSAND:
        return False
    return _is_number_of_something(match["n"]) or not _BARE_AFTER.match(line, match.end())


def _is_half_a_phone(line: str, match: re.Match[str]) -> bool:
    if len(match["n"]) != _HALF_A_PHONE:
        return False
    return bool(_FIVE_AFTER.match(line, match.end()) or _FIVE_BEFORE.search(lead_in(line, match.start())))


def _is_number_of_something(digits: str) -> bool:
    """Phone numbers and PIN codes, told from rupees by their length and by not being round."""
    return len(digits) >= _PHONE or (float(digits) >= 1000 and float(digits) % _ROUND > 0)


def _join(line: str, before: Figure, figure: Figure) -> Figure | None:
    """One amount out of two: 1 crore 20 lakh, 1 crore 20, "eight zero" lakhs; None when they are two."""
    between = line[before.end : figure.start].strip()
    if between not in ("", "aur", "rupees", "aur rupees"):
        return None
    if before.scale and figure.scale and figure.rupees < _smallest(before):
        return Figure(before.start, figure.end, before.rupees + figure.rupees, 1, signed=True)
    if before.scale == _THOUSAND and figure.scale is None and not between and 100 <= figure.bare < _THOUSAND:
        return Figure(before.start, figure.end, before.rupees + round(figure.bare), 1, signed=True)
    if between or before.others:
        return None
    if before.scale == CRORE and figure.scale is None and 1 <= figure.bare < 100:
        return Figure(before.start, figure.end, before.rupees + round(figure.bare * LAKH), 1, signed=True)
    if before.scale is None and _are_whole(before, figure):
        return _said_by_digits(before, figure)
    return None


def _are_whole(*figures: Figure) -> bool:
    return all(figure.bare == int(figure.bare) for figure in figures)


def _said_by_digits(before: Figure, figure: Figure) -> Figure | None:
    """80 out of "eight zero" and 120 out of "one twenty", which before crore may as well be 1.20."""
    first, then = before.bare, figure.bare
    if then < first < 10 and figure.scale != CRORE:
        return Figure(before.start, figure.end, first * 10 + then, figure.scale, figure.signed)
    if not 1 <= first < 10 <= then < 100 or (first > 4 and then <= 2 * first):
        return None
    if figure.scale == CRORE:
        others = (round((first + then / 100) * CRORE), round((first * 100 + then) * CRORE))
        return Figure(before.start, figure.end, then, CRORE, figure.signed, others)
    return Figure(before.start, figure.end, first * 100 + then, figure.scale, figure.signed)


def _smallest(figure: Figure) -> int:
    """What the unit said last counts for; nothing smaller than a lakh is added to a sum."""
    return figure.scale if figure.scale and figure.scale != 1 else LAKH
