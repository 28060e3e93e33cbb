"""Numbers as they are spoken: English, Hindi and mixed, with the Hindi fractions, turned into figures."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from voice.understanding.mishearings import before_figures, is_to, unit_of, value_by_shape
from voice.understanding.phrases import word_list
from voice.understanding.text import Heard, Token, bare, heard_of, read_list, tokenize

_FRACTIONS = {"dedh": 1.5, "dhai": 2.5}
_PARTS = {"1/2": 0.5, "1/4": 0.25, "3/4": 0.75}
_SHIFTS = {"sava": 0.25, "saadhe": 0.5, "paune": -0.25}
_AND_PART = (
    (("aur", "a", "half"), 0.5), (("aur", "a", "aadha"), 0.5), (("aur", "half"), 0.5), (("aur", "aadha"), 0.5),
    (("aur", "a", "quarter"), 0.25), (("aur", "quarter"), 0.25), (("aur", "1", "/", "2"), 0.5),
    (("aur", "three", "quarter"), 0.75), (("aur", "three", "quarters"), 0.75),
)  # fmt: skip
_POINTS = ("point", "dot", "decimal")
_UNITS = frozenset((
    "lakh", "crore", "thousand", "hundred", "million", "bhk", "bedroom", "rk", "baje", "ghante", "minute",
    "din", "hafte", "mahine", "saal", "rupees",
))  # fmt: skip
_JOINTS = frozenset((
    "se", "to", "ya", "-", "/", "aur", "nahi", "no", "sorry", "sirf", "only", "bas", "kam", "minimum", "maximum",
))  # fmt: skip
# What follows a count when it answers a question for one: "do chahiye", "char ho".
_ANSWER_GOES_ON = frozenset((
    "chahiye", "hi", "kaafi", "kafi", "bas", "theek", "enough", "ok", "ho", "hone", "bhi", "chalega",
    "chalenge", "bahut", "rakho",
))  # fmt: skip
# Words that are numbers only beside a unit, another number, or alone under a question for a number.
_SHY = {
    "do": 2, "saath": 60, "sath": 60, "che": 6, "bara": 12, "tera": 13, "char": 4, "tin": 3, "asi": 80, "bis": 20,
    "tis": 30, "panch": 5, "chah": 6, "dus": 10,
}  # fmt: skip
_HEARD_FOR_B = frozenset("bdgpv")
_SELDOM_COUNTS = frozenset(("to", "too", "tu", "for", "fore"))  # "I don't care for bad rooms", "too bad"
_MISHEARD = {"free": 3, "tree": 3, "to": 2, "too": 2, "tu": 2, "for": 4, "won": 1, "fore": 4, "tou": 2, "thee": 3}
# Before "to crore" these tell that two crore are meant, not "up to a crore".
_BEFORE_MISHEARD = frozenset(("", "is", "hai", "about", "around", "like", "budget", "say", "approx", "sirf", "just"))
_HINDI = frozenset((
    "hai", "hoon", "chahiye", "karo", "baad", "abhi", "raha", "rahi", "nahi", "lena", "liya", "baat", "bolo",
    "ka", "ko", "hi", "kal",
))  # fmt: skip
_TAKES_ME = frozenset((
    "call", "tell", "let", "give", "send", "show", "help", "ask", "phone", "contact", "ring", "text", "remind",
    "get", "for", "to", "on", "with",
))  # fmt: skip
_TO = frozenset(("to", "se", "ya", "aur", "point"))  # "two-to-three-bedroom", "one-point-five-crore"
_SHARES = frozenset(("half", "quarter", "aadha", "hundred", "thousand"))
_HYPHENS = frozenset("-\u2010\u2011")
_LONGEST = 12  # digits; longer figures count nothing that a caller wants
_NUMERIC = frozenset(("bedrooms", "budget", "timeline", "phone"))


@cache
def _values() -> dict[str, int]:
    return {bare(way): int(value) for value, ways in read_list("numbers.txt").items() for way in ways}


@cache
def _english() -> frozenset[str]:
    return frozenset(ways[0] for ways in read_list("numbers.txt").values())


def value_of(raw: str, *, english: bool = False) -> int | None:
    """The value of one number word or short figure; None when it is neither."""
    if raw.isascii() and raw.isdecimal() and len(raw) < 6:
        return int(raw)
    if english and raw not in _english():
        return None
    return _values().get(raw, _SHY.get(raw))


def hear(text: str, asked: str = "") -> Heard:
    """Canonical words with every spoken number as a figure."""
    tokens = _with_bedrooms(before_figures(_unhyphenated(text, tokenize(text))), asked)
    return heard_of(text, _settled(_figures(_with_hundreds(tokens), asked), asked))


def _unhyphenated(text: str, tokens: list[Token]) -> list[Token]:
    """Read "two-bedroom", "3-BHK" and "do-not-call" as words apart; the hyphen of "50-60 lakh" and any dash stay."""
    last = len(tokens) - 1
    return [
        token
        for at, token in enumerate(tokens)
        if not (text[token.start] in _HYPHENS and 0 < at < last)
        or not _is_inside(tokens[at - 1], token, tokens[at + 1])
    ]


def _is_inside(before: Token, hyphen: Token, after: Token) -> bool:
    """Whether a hyphen parts two words, and not the ends of a range or the groups of a number."""
    left, right = before.word, after.word
    if before.end != hyphen.start or hyphen.end != after.start:
        return False
    if right in _UNITS or left in _SHIFTS:
        return _counts(left) or left in _SHIFTS
    if left in _TO or right in _TO:
        return left.isalpha() or right.isalpha()
    return left.isalpha() and right.isalpha() and not (_counts(left) and _counts(right))


def _counts(word: str) -> bool:
    return _is_number(word) or word in _SHY or word in _MISHEARD or word in _SHARES


def _with_bedrooms(tokens: list[Token], asked: str) -> list[Token]:
    """Read "three bad rooms" as three bedrooms, and "3 V8K" as 3 BHK, which the telephone makes of them."""
    told: list[Token] = []
    for token in tokens:
        told.append(token)
        if len(told) > 2 and _are_bedrooms(*told[-3:], is_first=len(told) == 3, asked=asked):
            told[-2:] = [Token("bedroom", told[-2].start, token.end)]
        elif len(told) > 2 and _is_bhk(*told[-3:]):
            told[-3:] = [Token("bhk", told[-3].start, token.end)]
    return told


def _are_bedrooms(count: Token, bad: Token, rooms: Token, *, is_first: bool, asked: str) -> bool:
    if bad.word != "bad" or rooms.word not in ("room", "rooms") or not _counts(count.word):
        return False
    return count.word not in _SELDOM_COUNTS or (asked == "bedrooms" and is_first and count.word != "too")


def _is_bhk(b: Token, h: Token, k: Token) -> bool:
    """Whether these are the three signs of "V8K"."""
    is_one_word = b.end == h.start and h.end == k.start and k.end - k.start == 1
    return is_one_word and b.word in _HEARD_FOR_B and h.word == "8" and k.word == "thousand"


def _with_hundreds(tokens: list[Token]) -> list[Token]:
    """Read "ek so bees" as ek sau bees: "so" between two numbers, or a number and its unit."""
    return [
        replace(token, word="hundred") if token.word == "so" and at > 0 and _is_hundred(tokens, at) else token
        for at, token in enumerate(tokens)
    ]


def _is_hundred(tokens: list[Token], at: int) -> bool:
    count, after = _values().get(tokens[at - 1].word, _SHY.get(tokens[at - 1].word)), _word_at(tokens, at + 1)
    if count is None or not 0 < count < 10 or tokens[at - 1].word in _english():
        return False
    return after in ("lakh", "crore") or _values().get(after, 0) > 9


def _settled(tokens: list[Token], asked: str) -> list[Token]:
    """Settle the short words that mean several things: "me" (mein), "min" (minute), "m" (million)."""
    hindi = any(token.word in _HINDI for token in tokens)
    of_money = asked == "budget" or any(token.word == "budget" for token in tokens)
    settled: list[Token] = []
    for at, token in enumerate(tokens):
        before = settled[-1].word if settled else ""
        word = token.word
        if word == "me" and hindi and before not in _TAKES_ME:
            word = "mein"
        elif word == "min" and before[:1].isdecimal():
            word = "minute"
        elif word == "m" and asked == "budget" and before[:1].isdecimal():
            word = "million"
        elif word == "lakh" and token.end - token.start == 1 and not before[:1].isdecimal():
            word = "l"  # a name spelled out
        elif of_money:
            word = unit_of(word, before, _word_at(tokens, at + 1)) or word
        settled.append(Token(word, token.start, token.end))
    return settled


def _figures(tokens: list[Token], asked: str) -> list[Token]:
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        value, used = _read(tokens, at, asked)
        if used == 0:
            out.append(tokens[at])
            at += 1
            continue
        out.append(Token(_spell(value), tokens[at].start, tokens[at + used - 1].end))
        at += used
    return out


def _spell(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.4f}".rstrip("0")


def _word_at(tokens: list[Token], at: int) -> str:
    return tokens[at].word if at < len(tokens) else ""


def _read(tokens: list[Token], at: int, asked: str) -> tuple[float, int]:
    """The number that starts at `at` and how many tokens it takes; (0, 0) when none does."""
    word = tokens[at].word
    if word in _FRACTIONS:
        hundred = _word_at(tokens, at + 1) == "hundred"
        return _FRACTIONS[word] * (100 if hundred else 1), 2 if hundred else 1
    if word in _SHIFTS:
        return _shifted(tokens, at, asked)
    if word == "point":
        digits, used = _decimals(tokens, at + 1)
        return (float(f"0.{digits}"), used + 1) if used else (0, 0)
    whole, used = _whole(tokens, at, asked)
    if used == 0:
        return 0, 0
    return _with_fraction(tokens, at, whole, used)


def _shifted(tokens: list[Token], at: int, asked: str) -> tuple[float, int]:
    """A number with sava, saadhe or paune before it, which counts in hundreds before hundreds."""
    shift = _SHIFTS[tokens[at].word]
    if _word_at(tokens, at + 1) == "hundred":
        return (1 + shift) * 100, 2
    if _word_at(tokens, at + 2) == "hundred" and (count := _value(tokens, at + 1, asked)):
        return (count + shift) * 100, 3
    whole, used = _whole(tokens, at + 1, asked) if at + 1 < len(tokens) else (0, 0)
    if used:
        return whole + shift, used + 1
    if tokens[at].word == "saadhe":
        return 0, 0
    return 1 + shift, 1


def _with_fraction(tokens: list[Token], at: int, whole: float, used: int) -> tuple[float, int]:
    rest = tuple(token.word for token in tokens[at + used : at + used + 4])
    if rest[:1] and rest[0] in _POINTS:
        digits, taken = _decimals(tokens, at + used + 1)
        if taken:
            return float(f"{int(whole)}.{digits}"), used + 1 + taken
    if rest[1:2] == ("/",) and "/".join((*rest[:1], *rest[2:3])) in _PARTS and whole == int(whole):
        return whole + _PARTS["/".join((rest[0], rest[2]))], used + 3  # "1 1/2 crore"
    for said, part in _AND_PART:
        if rest[: len(said)] == said:
            return whole + part, used + len(said)
    return whole, used


def _decimals(tokens: list[Token], at: int) -> tuple[str, int]:
    digits, taken = "", 0
    while at + taken < len(tokens) and taken < 3:
        word = tokens[at + taken].word
        value = int(word) if word.isdecimal() and len(word) < 4 else _values().get(word, _SHY.get(word))
        if value is None:
            break
        digits += str(value)
        taken += 1
    if taken > 1 and _word_at(tokens, at + taken) in _POINTS:
        return digits[:-1], taken - 1  # "one point two one point five" are two numbers
    return digits, taken


def _whole(tokens: list[Token], at: int, asked: str) -> tuple[float, int]:
    word = tokens[at].word
    if word[0].isdecimal():
        return (float(word), 1) if len(word) <= _LONGEST else (0, 0)
    if word == "hundred":
        total, used = _hundreds(tokens, at + 1, 1)
        return total, used + 1
    value = _value(tokens, at, asked)
    if value is None:
        return 0, 0
    if value < 100 and _word_at(tokens, at + 1) == "hundred":
        total, used = _hundreds(tokens, at + 2, value)
        return total, used + 2
    if _word_at(tokens, at + 1) == "two" and is_to(value, _values().get(_word_at(tokens, at + 2))):
        tokens[at + 1] = replace(tokens[at + 1], word="to")
    if value in range(20, 100, 10) and _is_english(word):
        ones, used = _ones(tokens, at)
        if _word_at(tokens, at + 1 + used) == "two" and is_to(
            value + ones, _values().get(_word_at(tokens, at + 2 + used))
        ):
            tokens[at + 1 + used] = replace(tokens[at + 1 + used], word="to")
        return value + ones, 1 + used
    return value, 1


def _ones(tokens: list[Token], at: int) -> tuple[int, int]:
    """The "five" of "twenty five" and of "twenty-five", and the tokens it takes; (0, 0) without one."""
    hyphens = _word_at(tokens, at + 1) == "-" and tokens[at].end == tokens[at + 1].start
    ones = _values().get(_word_at(tokens, at + 1 + hyphens), 0)
    if hyphens and at + 2 < len(tokens) and tokens[at + 1].end != tokens[at + 2].start:
        return 0, 0
    if at and tokens[at - 1].word == _word_at(tokens, at + 1) and _is_english(_word_at(tokens, at + 2)):
        return 0, 0  # "one thirty one forty" goes from 130 to 140
    return (ones, 1 + hyphens) if 0 < ones < 10 else (0, 0)


def _hundreds(tokens: list[Token], rest: int, hundreds: float) -> tuple[float, int]:
    """Hundreds and what follows them from token `rest` on: "ek sau bees"; the tokens used count from `rest`."""
    start = rest
    if rest < len(tokens) and tokens[rest].word == "aur":
        rest += 1
    if rest < len(tokens) and not tokens[rest].word[0].isdecimal() and _values().get(tokens[rest].word, 0) > 9:
        low, used = _whole(tokens, rest, "")
        return hundreds * 100 + low, rest + used - start
    return hundreds * 100, 0


def _is_english(word: str) -> bool:
    return word.endswith("ty")


def _value(tokens: list[Token], at: int, asked: str) -> int | None:
    word = tokens[at].word
    if word in _MISHEARD:
        return _misheard(tokens, at, asked)
    if word == "ek" and _word_at(tokens, at + 1).isdecimal() and _word_at(tokens, at + 2) in ("bhk", "bedroom", "rk"):
        return None  # "ek 2 BHK": an article
    if word in _SHY:
        return _SHY[word] if _has_numeric_company(tokens, at, asked) else None
    if word in _values():
        return _values()[word]
    return value_by_shape(word) if _has_numeric_company(tokens, at, asked) else None


def _misheard(tokens: list[Token], at: int, asked: str) -> int | None:
    word, after = tokens[at].word, _word_at(tokens, at + 1)
    if after in ("be", "b", "bee") and _word_at(tokens, at + 2) in ("hk", "h", "k"):
        return _MISHEARD[word]
    if after in ("bhk", "bedroom", "rk") or (len(tokens) == 1 and asked == "bedrooms"):
        return _MISHEARD[word]
    before = tokens[at - 1].word if at else ""
    if asked == "budget" and after in ("lakh", "crore") and before in _BEFORE_MISHEARD:
        return _MISHEARD[word]
    return None


def _has_numeric_company(tokens: list[Token], at: int, asked: str) -> bool:
    before = tokens[at - 1].word if at else ""
    after, later = _word_at(tokens, at + 1), _word_at(tokens, at + 2)
    if (
        before in word_list("verb_with_do")
        and tokens[at].word == "do"
        and (not after or after[0].isdecimal() or after == "ek")
    ):
        return False
    if before == "ke" and tokens[at].word in ("saath", "sath") and after not in _UNITS:
        return False  # "loan ke saath": with a loan
    if after in _UNITS or before in _SHIFTS or _is_number(before) or _is_number(after) or after == "point":
        return True
    if before == "to" and tokens[at].word == "do" and after not in _ANSWER_GOES_ON:
        return at > 1 and _is_number(tokens[at - 2].word)  # "ek to do", and not "what is there to do for them"
    if after in _JOINTS and (_is_number(later) or later in ("zyada", "kam", "upar")):
        return True
    if asked not in _NUMERIC:
        return False
    answers = before in ("", ",", ".") and after in _ANSWER_GOES_ON
    return answers or before in _JOINTS or (not after and before not in word_list("verb_with_do"))


def _is_number(word: str) -> bool:
    return bool(word) and (word[0].isdecimal() or word in _values() or word in _FRACTIONS or word in _SHIFTS)
