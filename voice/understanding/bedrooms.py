"""How many bedrooms: "3 BHK", "teen ya char", "at least three", and what recognisers make of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from voice.understanding.text import Heard, Mark, Marks, is_machine_text

_N = r"(?:10|[1-9])(?:\.5)?"
_UNIT = r"(?:bhk|bedroom|(?:b|be|bee) h (?:k|ke|thousand)|(?:be |bee |b )?hk)"
_MONEY = r"lakh|crore|thousand|million|rupees"
_FLOOR = r"at least|atleast|ghatto ghat|ghat to ghat|minimum|min|kam se kam|not less than|no less than"
_MORE_THAN = r"(?<!not )(?<!no )(?:more than|bigger than|larger than|above|over)"
_CEILING = r"at most|maximum|max|up ?to|not more than|no more than|zyada se zyada"
_LESS_THAN = r"(?<!not )(?<!no )(?:less than|fewer than|below|under)"
_THINGS = (
    r"rk|baje|am|pm|a m|p m|o clock|lakh|crore|thousand|million|sq|square|sqft|floors?|th|mahine|saal|din|hafte|minute"
    r"|ghante|moment|moments|second|seconds|sec|baar|option|options|halls?|kitchens?|drawing|living|store|pooja|study"
    r"|bathrooms?|bath|baths|toilets?|washrooms?|rupees|people|log|members?|persons?|parking|parkings|kids|children"
    r"|bacche|balcon\w+|years?|cars?|rooms? kitchen|bhai|properties|flats?|thing|question|each|r (?:k|thousand|ke)"
    r"|of (?:us|my|the)"
)
# "Maximum" belongs to the count before it unless another follows: "minimum 2 maximum 3".
_ALONE_STANDING = r"(?! \d\S*(?: bhk| bedroom)? (?!max|min))"
_COUNT = re.compile(
    rf"(?<= )(?:(?:(?P<floor>{_FLOOR})|(?P<over>{_MORE_THAN})|(?P<ceiling>{_CEILING})"
    rf"|(?P<under>{_LESS_THAN})) (?:a )?)?"
    rf"(?:(?P<first>{_N})(?: {_UNIT})? , (?=[\d.]+ (?!{_MONEY}|{_THINGS})))?(?P<a>{_N})(?P<unit> {_UNIT})?"
    rf"(?:(?P<joint>(?: (?:to|se|ya|-|aur|/|,|phir)){{0,2}}) (?P<b>{_N})(?! (?:{_MONEY}|{_THINGS}) ))?"
    rf"(?P<unit2> {_UNIT})?"
    # "3 plus 1" and "3 plus study" have three bedrooms.
    rf"(?P<extra> (?:plus|\+)(?: (?:1|a|servant|study|store|puja|pooja))+)?"
    r"(?:(?P<ceiling3> se (?:zyada|upar|bada|bade)(?: (?:ka|ki|ke|bhi|to|bilkul|wala))* (?:nahi|na|mat|not))"
    r"|(?P<floor3> se (?:kam|chhota|chota|neeche)(?: (?:ka|ki|ke|bhi|to|mein|bilkul|wala))* (?:nahi|na|mat|not))"
    r"|(?P<floor2> (?:plus|\+|ya (?:(?:usse|isse) )?(?:more|zyada|above|upar|bigger|larger|bada|badi)"
    rf"|aur (?:above|more|upar|up)|se zyada|se upar|se bada|se badi|minimum{_ALONE_STANDING}"
    rf"|at least|onwards))|(?P<ceiling2> (?:tak|(?:max|maximum){_ALONE_STANDING}|ya less|ya kam)))?(?= )"
)
_WORDS = {"single": 1, "double": 2, "triple": 3}
_WORDED = re.compile(rf"(?<= )(?P<word>single|double|triple) {_UNIT}(?= )")
_DENIED = re.compile(
    r" (?:not|isnt|dont want|not want|change(?: it)?(?: from)?|instead of|anything but|except|other than) (?:a )?$"
)
_DENIED_AFTER = re.compile(r" (?:nahi|not (?:ok|fine|enough|needed|required|good|chahiye))(?= )")
_TAKEN_BACK = re.compile(r" (?:no|nahi|sorry|actually|wait|mean|matlab|not|make|change) $")
_OTHER = re.compile(rf" (?:{_THINGS})(?= )")
_OTHER_BEFORE = re.compile(
    r" (?:family of|families of|(?:we|they) are|group of|total of|age|floor|sector|phase|tower|block|in|within|after"
    r"|joint family of|floor number)(?: (?:about|around|total))? $"
)
# The home that somebody lives in now.
_LIVES_IN = re.compile(
    r" (?:currently|presently|right now|abhi|now|we|i|im|are|am) (?:currently |now )?(?:in|living in"
    r"|staying in|live in"
    r"|stay in)(?: (?:a|an|my|the|own|rented|small))* $"
)
_LIVED_IN = re.compile(
    r" (?:flat |apartment |ghar )?(?:hai (?:abhi|already|pehle se)|abhi hai|already hai)(?= )"
    r"| (?:flat |apartment |ghar )?mein (?:hi |abhi )?(?:r[ae]h(?:te|ta|ti)|reh|rehna (?:raha|rahi|rahe))(?= )"
)
_ARTICLE_BEFORE = re.compile(r" (?:the|that|this|which|no|any|another|every|each|some|same) $")  # "the one near work"
_MASTER = re.compile(r"(?<= )(?:1 )?master bedroom (?:plus|aur|\+) (?P<more>[1-9])(?= )")
_ALONE = re.compile(r"(?<= \x02 )(?P<word>single|double|triple)(?: (?:hi|only|chahiye|please|wala))*(?= \x03 )")
# "2 BHK, but 3 is also fine" and "three, maybe four": both are meant.
_TOO = re.compile(r" (?:is |are |would |will |be |mein )*(?:bhi|also|too|as well|is ok|is fine|ok|works?|chalega)(?= )")
_OR_EVEN = re.compile(r" (?:maybe|shayad|perhaps|even|possibly|ho sake to|ya)(?: \w+)? $")
_LONGEST_ANSWER = 20  # words; in a longer one a bare figure may count anything


@dataclass(frozen=True, slots=True)
class _Mention:
    start: int
    end: int
    low: float | None
    high: float | None
    has_unit: bool = True

    def marks(self) -> tuple[Mark, ...]:
        bounds = (("bedrooms_min", self.low), ("bedrooms_max", self.high))
        return tuple(Mark(slot, count, self.start, self.end) for slot, count in bounds if count is not None)


def read_bedrooms(heard: Heard, asked: str) -> Marks:
    """Slots bedrooms_min and bedrooms_max; a bare figure counts only in answer to the question."""
    line = heard.line
    may_be_bare = asked == "bedrooms" and not is_machine_text(line) and len(line.split()) < _LONGEST_ANSWER
    kept: list[_Mention] = []
    gone: list[_Mention] = []
    for mention, denied in _mentions(line, may_be_bare=may_be_bare):
        (gone if denied else kept).append(mention)
    if not kept:
        return Marks(dropped=tuple(mark for one in gone for mark in one.marks()))
    last = _settle(line, kept)
    gone += [one for one in kept if one.end <= last.start]
    return Marks(last.marks(), tuple(mark for one in gone for mark in one.marks()))


def _mentions(line: str, *, may_be_bare: bool) -> list[tuple[_Mention, bool]]:
    """Each count said, and whether the caller ruled it out."""
    if match := _MASTER.search(line):
        return [(_of_count(match, 1 + int(match["more"])), False)]
    worded = _ALONE.search(line) if may_be_bare else None
    said = [(_of_count(one, _WORDS[one["word"]]), False) for one in ([worded] if worded else _WORDED.finditer(line))]
    for match in _COUNT.finditer(line):
        has_unit = bool(match["unit"] or match["unit2"])
        if not has_unit and not (may_be_bare and _answers(line, match)):
            continue
        if _LIVES_IN.search(line[: match.start()]) or _LIVED_IN.match(line, match.end()):
            continue
        denied = bool(_DENIED.search(line[: match.start()]))
        low, high = _bounds(match, skip_first=denied)
        if denied and (match["first"] or match["b"]):
            denied = False  # "not 2, 3": the second is meant
        denied = denied or bool(_DENIED_AFTER.match(line, match.end()))
        denied = denied and not (match["ceiling3"] or match["floor3"])
        if (high or low or 0) <= 10 and (low is None or low > 0):
            said.append((_Mention(*match.span(), low, high, has_unit), denied))
    return said


def _of_count(match: re.Match[str], count: int) -> _Mention:
    return _Mention(*match.span(), count, count)


def _answers(line: str, match: re.Match[str]) -> bool:
    """True for a figure without a unit that counts nothing else."""
    if match["ceiling3"] or match["floor3"]:
        return True
    if match["a"] == "1" and not match["b"] and _ARTICLE_BEFORE.search(line[: match.start()]):
        return False
    return not (_OTHER.match(line, match.end()) or _OTHER_BEFORE.search(line[: match.start()]))


def _bounds(match: re.Match[str], *, skip_first: bool) -> tuple[float | None, float | None]:
    counts = [_number(match[group]) for group in ("first", "a", "b") if match[group]]
    if match["unit"] and match["b"] and not match["joint"] and not match["unit2"] and counts[-1] < counts[-2]:
        counts.pop()  # "the two bedroom one"
    if len(counts) > 1:
        counts = counts[1:] if skip_first else counts
        return min(counts), max(counts)
    count = counts[0]
    if match["over"]:
        return count + 1, None
    if match["under"]:
        return None, count - 1
    if match["floor"] or match["floor2"] or match["floor3"]:
        return count, None
    if match["ceiling"] or match["ceiling2"] or match["ceiling3"]:
        return None, count
    return count, count


def _settle(line: str, kept: list[_Mention]) -> _Mention:
    """The last one stands: with a unit if any has one, unless a bare one corrects it; a floor joins a ceiling."""
    last = kept[-1]
    if len(kept) > 1 and _are_both_meant(line, kept[-2], last):
        return _Mention(
            kept[-2].start, last.end, min(kept[-2].low or 0, last.low or 0), max(kept[-2].high or 0, last.high or 0)
        )
    if not last.has_unit and not _TAKEN_BACK.search(line[: last.start]):
        last = next((one for one in reversed(kept) if one.has_unit), last)
    at = kept.index(last)
    before = kept[at - 1] if at else None
    if before and before.high is None and last.low == last.high and (last.low or 0) >= (before.low or 0):
        return before  # "at least two, preferably three"
    if before and before.high is None and last.low is None:
        return _Mention(before.start, last.end, before.low, last.high)
    if before and before.low is None and last.high is None:
        return _Mention(before.start, last.end, last.low, before.high)
    return last


def _are_both_meant(line: str, before: _Mention, last: _Mention) -> bool:
    between = line[before.end - 1 : last.start + 1]
    if None in (before.low, before.high, last.low, last.high) or _TAKEN_BACK.search(f" {between.strip()} "):
        return False
    return bool(_TOO.match(line, last.end) or _OR_EVEN.search(line[: last.start]))


def _number(figure: str) -> float:
    return float(figure) if "." in figure else int(figure)
