"""Numbers as they are spoken: English, Hindi and mixed, with the Hindi fractions, turned into figures."""

from __future__ import annotations

from functools import cache

from voice.understanding.phrases import word_list
from voice.understanding.text import Heard, Token, bare, heard_of, read_list, tokenize

_FRACTIONS = {"dedh": "1.5", "dhai": "2.5"}
_PARTS = {"1/2": 0.5, "1/4": 0.25, "3/4": 0.75}
_SHIFTS = {"sava": 0.25, "saadhe": 0.5, "paune": -0.25}
_UNITS = frozenset(
    [
        "lakh",
        "crore",
        "thousand",
        "hundred",
        "million",
        "bhk",
        "bedroom",
        "rk",
        "baje",
        "ghante",
        "minute",
        "din",
        "hafte",
        "mahine",
        "saal",
        "rupees",
    ]
)
_JOINTS = frozenset(
    ["se", "to", "ya", "-", "/", "aur", "nahi", "no", "sorry", "sirf", "only", "bas", "kam", "minimum", "maximum"]
)
# Words that are numbers only beside a unit, another number, or alone under a question for a number.
_SHY = {
    "do": 2, "saath": 60, "sath": 60, "che": 6, "bara": 12, "tera": 13, "char": 4, "tin": 3, "asi": 80, "bis": 20,
    "tis": 30, "panch": 5, "chah": 6, "dus": 10,
}  # fmt: skip
_MISHEARD = {"free": 3, "tree": 3, "to": 2, "too": 2, "tu": 2, "for": 4, "won": 1, "fore": 4, "tou": 2, "thee": 3}
_HINDI = frozenset(
    [
        "hai",
        "hoon",
        "chahiye",
        "karo",
        "baad",
        "abhi",
        "raha",
        "rahi",
        "nahi",
        "lena",
        "liya",
        "baat",
        "bolo",
        "ka",
        "ko",
        "hi",
        "kal",
    ]
)
_TAKES_ME = frozenset(
    [
        "call",
        "tell",
        "let",
        "give",
        "send",
        "show",
        "help",
        "ask",
        "phone",
        "contact",
        "ring",
        "text",
        "remind",
        "get",
        "for",
        "to",
        "on",
        "with",
    ]
)
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
    if raw.isascii() and raw.isdigit() and len(raw) < 6:
        return int(raw)
    if english and raw not in _english():
        return None
    return _values().get(raw, _SHY.get(raw))


def hear(text: str, asked: str = "") -> Heard:
    """Canonical words with every spoken number as a figure."""
    return heard_of(text, _settled(_figures(tokenize(text), asked), asked))


def _settled(tokens: list[Token], asked: str) -> list[Token]:
    """Settle the short words that mean several things: "me" (mein), "min" (minute), "m" (million)."""
    hindi = any(token.word in _HINDI for token in tokens)
    settled: list[Token] = []
    for token in tokens:
        before = settled[-1].word if settled else ""
        word = token.word
        if word == "me" and hindi and before not in _TAKES_ME:
            word = "mein"
        elif word == "min" and before[:1].isdigit():
            word = "minute"
        elif word == "m" and asked == "budget" and before[:1].isdigit():
            word = "million"
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


def _read(tokens: list[Token], at: int, asked: str) -> tuple[float, int]:
    """The number that starts at `at` and how many tokens it takes; (0, 0) when none does."""
    word = tokens[at].word
    if word in _FRACTIONS:
        hundred = at + 1 < len(tokens) and tokens[at + 1].word == "hundred"
        return float(_FRACTIONS[word]) * (100 if hundred else 1), 2 if hundred else 1
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
    shift = _SHIFTS[tokens[at].word]
    whole, used = _whole(tokens, at + 1, asked) if at + 1 < len(tokens) else (0, 0)
    if used:
        return whole + shift, used + 1
    if tokens[at].word == "saadhe":
        return 0, 0
    return 1 + shift, 1


def _with_fraction(tokens: list[Token], at: int, whole: float, used: int) -> tuple[float, int]:
    rest = [token.word for token in tokens[at + used : at + used + 4]]
    if rest[:1] == ["point"] and len(rest) > 1:
        digits, taken = _decimals(tokens, at + used + 1)
        if taken:
            return float(f"{int(whole)}.{digits}"), used + 1 + taken
    if rest[1:2] == ["/"] and "/".join((*rest[:1], *rest[2:3])) in _PARTS and whole == int(whole):
        return whole + _PARTS["/".join((rest[0], rest[2]))], used + 3  # "1 1/2 crore"
    if rest[:3] in (["aur", "a", "half"], ["aur", "a", "aadha"]):
        return whole + 0.5, used + 3
    if rest[:2] in (["aur", "half"], ["aur", "aadha"]):
        return whole + 0.5, used + 2
    return whole, used


def _decimals(tokens: list[Token], at: int) -> tuple[str, int]:
    digits, taken = "", 0
    while at + taken < len(tokens) and taken < 3:
        word = tokens[at + taken].word
        value = _values().get(word, int(word) if word.isdigit() and len(word) < 4 else None)
        if value is None:
            break
        digits += str(value)
        taken += 1
    return digits, taken


def _whole(tokens: list[Token], at: int, asked: str) -> tuple[float, int]:
    word = tokens[at].word
    if word[0].isdigit():
        return (float(word), 1) if len(word) <= _LONGEST else (0, 0)
    if word == "hundred":
        total, used = _hundreds(tokens, at + 1, 1)
        return total, used + 1
    value = _value(tokens, at, asked)
    if value is None:
        return 0, 0
    if value < 100 and at + 1 < len(tokens) and tokens[at + 1].word == "hundred":
        total, used = _hundreds(tokens, at + 2, value)
        return total, used + 2
    following = _values().get(tokens[at + 1].word) if at + 1 < len(tokens) else None
    if value == 1 and following in range(10, 100):
        low, used = _whole(tokens, at + 1, "")
        after = tokens[at + 1 + used].word if at + 1 + used < len(tokens) else ""
        if after in ("lakh", "thousand") or (asked == "budget" and not _is_number(after) and after not in _UNITS):
            return 100 + low, 1 + used  # "one twenty lakhs", and lakhs go without saying
    if following is not None and value in range(20, 100, 10) and following < 10 and _is_english(word):
        return value + following, 2
    return value, 1


def _hundreds(tokens: list[Token], rest: int, hundreds: float) -> tuple[float, int]:
    """Hundreds and what follows them from token `rest` on: "ek sau bees"; the tokens used count from `rest`."""
    start = rest
    if rest < len(tokens) and tokens[rest].word == "aur":
        rest += 1
    if rest < len(tokens) and not tokens[rest].word[0].isdigit() and _values().get(tokens[rest].word, 0) > 9:
        low, used = _whole(tokens, rest, "")
        return hundreds * 100 + low, rest + used - start
    return hundreds * 100, 0


def _is_english(word: str) -> bool:
    return word.endswith("ty")


def _value(tokens: list[Token], at: int, asked: str) -> int | None:
    word = tokens[at].word
    after = tokens[at + 1].word if at + 1 < len(tokens) else ""
    if word in _MISHEARD and after in ("bhk", "bedroom", "rk"):
        return _MISHEARD[word]
    if asked == "budget" and word in _MISHEARD and after in ("lakh", "crore") and at == 0:
        return _MISHEARD[word]
    if word in _SHY:
        return _SHY[word] if _has_numeric_company(tokens, at, asked) else None
    if word in _MISHEARD and len(tokens) == 1 and asked == "bedrooms":
        return _MISHEARD[word]
    return _values().get(word)


def _has_numeric_company(tokens: list[Token], at: int, asked: str) -> bool:
    before = tokens[at - 1].word if at else ""
    after = tokens[at + 1].word if at + 1 < len(tokens) else ""
    later = tokens[at + 2].word if at + 2 < len(tokens) else ""
    if (
        before in word_list("verb_with_do")
        and tokens[at].word == "do"
        and (not after or after[0].isdigit() or after == "ek")
    ):
        return False
    if after in _UNITS or before in _SHIFTS or _is_number(before) or _is_number(after):
        return True
    if after in _JOINTS and (_is_number(later) or later in ("zyada", "kam", "upar")):
        return True
    return asked in _NUMERIC and (before in _JOINTS or (not after and before not in word_list("verb_with_do")))


def _is_number(word: str) -> bool:
    return bool(word) and (word[0].isdigit() or word in _values() or word in _FRACTIONS or word in _SHIFTS)
