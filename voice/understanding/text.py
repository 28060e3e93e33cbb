"""What was heard, made regular: one spelling a word and figures for numbers, with the way back to the original."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from voice.understanding.devanagari import to_latin

MAX_CHARS = 1000  # what a caller can say in one breath, many times over; the rest is not read
EDGES = ("\x02", "\x03")  # no caller says them: control characters are not read
OPENING, CLOSING = f" {EDGES[0]} ", f"{EDGES[1]} "

_TOKEN = re.compile(
    r"\d{1,3}(?:,\d{2,3})*,\d{3}(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?|(?<![\w.])\.\d+|[\u0900-\u0963\u0970-\u097f]+"
    r"|[^\W\d_]+(?:'[^\W\d_]+)?|[^\s\w]|_"
)
_MACHINE = re.compile(r"[<>{}\[\]=;\\|^~*]")
_DEVANAGARI_WORD = re.compile(r"[\u0900-\u0963\u0970-\u097f]+")


@dataclass(frozen=True, slots=True)
class Token:
    """One canonical word and where it stood in the original."""

    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """One word, figure or sign in lower case, and where it stood in the original."""

    raw: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A slot value and the stretch of a `Heard.line` that says it."""

    slot: str
    value: Any
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Marks:
    """What one rule found; `dropped` is what the caller negated or corrected, `unsure` what may have been meant."""

    found: tuple[Mark, ...] = ()
    dropped: tuple[Mark, ...] = ()
    unsure: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """An utterance in canonical words.

    `line` joins the words by single spaces between two edge signs, so that patterns can rely on word boundaries.
    `starts` holds each token's offset in `line`.
    """

    original: str
    tokens: tuple[Token, ...]
    line: str
    starts: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Original offsets of the stretch `line[start:end]`, whole words."""
        inside = [
            token
            for token, at in zip(self.tokens, self.starts, strict=True)
            if at < end and at + len(token.word) > start
        ]
        return (inside[0].start, inside[-1].end) if inside else (0, 0)


def heard_of(original: str, tokens: list[Token]) -> Heard:
    """Join tokens to a line."""
    starts, at = [], len(OPENING)
    for token in tokens:
        starts.append(at)
        at += len(token.word) + 1
    line = OPENING + "".join(f"{token.word} " for token in tokens) + CLOSING
    return Heard(original, tuple(tokens), line, tuple(starts))


def pieces(original: str) -> list[Piece]:
    """Split into lower-case pieces as they were written: words of any script, figures, single signs."""
    text, places = _regular(original[:MAX_CHARS])
    return [Piece(match.group(), places[match.start()], places[match.end() - 1] + 1) for match in _TOKEN.finditer(text)]


def tokenize(original: str) -> list[Token]:
    """Split into canonical words and plain figures."""
    return [Token(_word(piece.raw), piece.start, piece.end) for piece in pieces(original)]


def _regular(original: str) -> tuple[str, list[int]]:
    """Compatibility form in lower case, and the original offset of each of its characters."""
    letters: list[str] = []
    places: list[int] = []
    for at, char in enumerate(original):
        if char in _FRACTIONS:
            if letters[-2:-1] and letters[-2].isdecimal() and letters[-1] == " ":
                letters.pop()
                places.pop()
            figure = _FRACTIONS[char].lstrip("0" if letters[-1:] and letters[-1].isdecimal() else "")
            letters += figure
            places += [at] * len(figure)
            continue
        for piece in unicodedata.normalize("NFKD", char).lower():
            if (
                piece in _DROPPED
                or _is_control(piece)
                or (unicodedata.combining(piece) and not "\u0900" <= piece <= "\u097f")
            ):
                continue
            letters.append(_SAME.get(piece) or _figure(piece))
            places.append(at)
    return "".join(letters), places


_DROPPED = frozenset("\u093c\u200b\u200c\u200d\u200e\u200f\ufeff\u00ad")  # nukta, joiners, direction marks
_FRACTIONS = {"½": "0.5", "¼": "0.25", "¾": "0.75", "⅓": "0.333", "⅔": "0.667", "⅛": "0.125"}
_SAME = {"\u0901": "\u0902", "‐": "-", "–": "-", "—": "-", "−": "-", "’": "'", "‘": "'", "।": ".", "`": "'"}


def _is_control(char: str) -> bool:
    return char < " " and not char.isspace()


def _figure(char: str) -> str:
    if char.isascii() or not char.isdecimal():
        return char
    return str(unicodedata.digit(char))


def _word(raw: str) -> str:
    if raw[-1].isdecimal():
        return _plain_figure(raw)
    word = raw.replace("'", "") or raw
    known = spellings()
    if word in known:
        return known[word]
    if _DEVANAGARI_WORD.fullmatch(word):
        latin = to_latin(word) or word
        return known.get(latin, latin)
    return word


def _plain_figure(raw: str) -> str:
    whole, _, fraction = raw.replace(",", "").partition(".")
    whole = whole.lstrip("0") or "0"
    fraction = fraction.rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def is_machine_text(line: str) -> bool:
    """True for what nobody says: markup, code, queries. Its bare figures are not answers."""
    return bool(_MACHINE.search(line))


def read_list(name: str) -> dict[str, list[str]]:
    """Read a data file of `key: value value ...` lines; `#` opens a comment line."""
    rows = {}
    for line in files("voice.understanding").joinpath("data", name).read_text("utf-8").splitlines():
        key, colon, rest = line.partition(":")
        if colon and not line.startswith("#"):
            rows[key.strip()] = rest.split()
    return rows


@cache
def spellings() -> dict[str, str]:
    """Each known spelling to its canonical word."""
    # Devanagari numbers under their English word: their Latin spelling would be one of many.
    known = {bare(way): ways[0] for ways in read_list("numbers.txt").values() for way in ways if not way.isascii()}
    words = {bare(way): word for word, ways in read_list("words.txt").items() for way in (word, *ways)}
    english = {bare(way): words.get(word, word) for word, ways in read_list("english.txt").items() for way in ways}
    return known | english | words


def bare(word: str) -> str:
    """A word of a data file in the form in which `tokenize` meets it."""
    return _regular(word)[0].replace("'", "")
