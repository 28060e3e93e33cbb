"""How many bedrooms: "3 BHK", "teen ya char", "at least three", and what recognisers make of them."""

from __future__ import annotations

import re

from voice.understanding.text import Heard, Mark, Marks, is_machine_text

_N = r"\d+(?:\.5)?"
_UNIT = r"(?:bhk|bedroom|b h k|hk)"
_COUNT = re.compile(
    rf"(?<= )(?:(?P<floor>at least|atleast|minimum|min|kam se kam|more than|not less than|above) (?:a )?)?"
    rf"(?:(?P<ceiling>at most|maximum|max|up ?to|not more than|zyada se zyada) )?"
    rf"(?P<a>{_N})(?P<unit> {_UNIT})?(?:(?P<joint>(?: (?:to|se|ya|-|aur|/|,|phir)){{0,2}}) (?P<b>{_N}))?"
    rf"(?P<unit2> {_UNIT})?(?P<after> (?:plus|\+|ya (?:more|zyada|above|upar)|aur (?:above|more)|se zyada|se upar"
    rf"|minimum|at least|tak|max|maximum))?(?= )"
)
_LONGEST_ANSWER = 20  # words; in a longer one a bare figure may count anything
_WORDS = {"single": 1, "double": 2, "triple": 3}
_WORDED = re.compile(rf"(?<= )(?P<word>single|double|triple) {_UNIT}(?= )")
_DENIED = re.compile(r" (?:not|isnt|dont want|not want) (?:a )?$")
_OTHER = re.compile(
    r" (?:rk|baje|lakh|crore|thousand|million|sq|square|sqft|floors?|th|mahine|saal|din|bathrooms?|rupees"
    r"|rooms? kitchen)(?= )"
)


def read_bedrooms(heard: Heard, asked: str) -> Marks:
    """Slots bedrooms_min and bedrooms_max; a bare figure counts only in answer to the question."""
    line = heard.line
    if is_machine_text(line):
        asked = ""
    kept = [_both(_WORDS[match.group("word")], *match.span()) for match in _WORDED.finditer(line)]
    dropped: list[Mark] = []
    for match in _COUNT.finditer(line):
        if not (match["unit"] or match["unit2"]) and not (asked == "bedrooms" and _is_alone(line, match)):
            continue
        marks = _marks(match)
        denied = _DENIED.search(line[: match.start()])
        if denied and (match["joint"] or "").strip() == ",":
            kept.append(_both(_number(match["b"]), *match.span()))  # "not 2, 3": the second is meant
            continue
        denied = denied or re.match(r" nahi(?= )", line[match.end() :])
        if denied and not match["floor"]:
            dropped.extend(marks)
        elif marks:
            kept.append(marks)
    if not kept:
        return Marks(dropped=tuple(dropped))
    dropped.extend(mark for marks in kept[:-1] for mark in marks)
    return Marks(tuple(kept[-1]), tuple(dropped))


def _is_alone(line: str, match: re.Match[str]) -> bool:
    return not _OTHER.match(line, match.end()) and float(match["a"]) <= 10 and len(line.split()) < _LONGEST_ANSWER


def _marks(match: re.Match[str]) -> list[Mark]:
    low = high = _number(match["a"])
    if match["b"]:
        second = _number(match["b"])
        low, high = min(low, second), max(low, second)
    if high > 10 or low <= 0:
        return []
    after = (match["after"] or "").strip()
    floor = match["floor"] or (after and after not in ("tak", "max", "maximum"))
    ceiling = match["ceiling"] or after in ("tak", "max", "maximum")
    if match["floor"] in ("more than", "above"):
        low += 1
    start, end = match.start(), match.end()
    marks = [Mark("bedrooms_min", low, start, end)] if not ceiling or match["b"] else []
    return marks + ([Mark("bedrooms_max", high, start, end)] if not floor or match["b"] else [])


def _both(count: float, start: int, end: int) -> list[Mark]:
    return [Mark("bedrooms_min", count, start, end), Mark("bedrooms_max", count, start, end)]


def _number(figure: str) -> float:
    return float(figure) if "." in figure else int(figure)
