"""What is said about a place that is named: that it is wanted, that it is not, or only that somebody lives there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from voice.understanding.remarks import (
    ABROAD,
    ABROAD_AFTER,
    ANYWHERE,
    BAD_AFTER,
    BAD_SURE,
    BASE_BEFORE,
    BASE_OPENS,
    BREAK,
    BY,
    BY_AFTER,
    CHANGED_AFTER,
    CHANGED_BEFORE,
    CLOCK_AFTER,
    CLOCK_BEFORE,
    FORGIVEN,
    GIVEN_UP,
    GIVEN_UP_BEFORE,
    HIGHWAY_AFTER,
    IS_AFTER,
    IS_BEFORE,
    JOINED,
    LANDMARK,
    LEAVES_AFTER,
    LEAVES_BEFORE,
    LIKE_AFTER,
    LIKE_BARE,
    LIKE_BEFORE,
    LIVES_AFTER,
    LIVES_BEFORE,
    NEGATED_AFTER,
    NEGATED_BEFORE,
    NEXT_TO,
    NOT_BAD,
    NOT_BY,
    NOT_ONLY,
    OWNS_BEFORE,
    PLACED,
    PRAISED,
    RIGHT_THERE,
    SUITS,
    THERE_TOO,
    TOO,
    WANTS_TO,
    WEAK_AFTER,
    WEAK_BEFORE,
    WISH,
    WORKS_BEFORE,
    WRITTEN_AFTER,
    WRITTEN_BEFORE,
    squeezed,
)

_HOME_BEFORE = (OWNS_BEFORE, LEAVES_BEFORE, WORKS_BEFORE, CLOCK_BEFORE)
_REACH = 100  # characters of a line before and after a name that can bear on it


class Bearing(Enum):
    """WANTED fills the slot, DENIED is kept as ruled out, BESIDE (a home, an office, a comparison) says nothing."""

    WANTED = "wanted"
    DENIED = "denied"
    BESIDE = "beside"


@dataclass(frozen=True, slots=True)
class Named:
    """A stretch of a line that names a place; `cities` are those it may lie in, or be."""

    start: int
    end: int
    is_city: bool
    cities: frozenset[str]


def bearings(line: str, named: list[Named]) -> list[Bearing]:
    """The bearing of each of the places named in a `Heard.line`, in their order."""
    edges = [0, *(edge for one in named for edge in (one.start, one.end)), len(line)]
    gaps = [squeezed(line[edges[at] : edges[at + 1]]) for at in range(0, len(edges), 2)]
    found = [_bearing(gaps[at][-_REACH:], gaps[at + 1][:_REACH]) for at in range(len(named))]
    for at in range(len(named)):
        if _is_outdone(found, gaps, at) or _is_set_right(found, gaps, at):
            found[at] = Bearing.DENIED
    _share(named, found, gaps)
    for at in range(len(named) - 1):
        _set_beside(named, found, gaps, at)
    if found and found[-1] is Bearing.BESIDE and Bearing.WANTED not in found and THERE_TOO.search(gaps[-1]):
        placed = len(found) > 1 and found[-2] is Bearing.BESIDE and _lies_in(named[-2], named[-1])
        found[-2 if placed else -1 :] = [Bearing.WANTED] * (2 if placed else 1)
    return found


def _bearing(before: str, after: str) -> Bearing:
    clause = _last_clause(before)
    thought = _first_clause(after)
    if _is_beside(clause, thought):
        return Bearing.BESIDE
    return Bearing.DENIED if _is_denied(before, clause, after) else Bearing.WANTED


def _last_clause(before: str) -> str:
    breaks = list(BREAK.finditer(before))
    return before[breaks[-1].end() :] if breaks else before


def _first_clause(after: str) -> str:
    end = BREAK.search(after)
    return after[: end.start() + 1] if end else after


def _is_beside(clause: str, thought: str) -> bool:
    return (
        _is_home(clause)
        or any(pattern.match(thought) for pattern in (LIVES_AFTER, LEAVES_AFTER, CLOCK_AFTER))
        or bool(BASE_OPENS.search(clause) and IS_AFTER.match(thought))
        or _is_compared(clause, thought)
    )


def _is_home(clause: str) -> bool:
    lives = LIVES_BEFORE.search(clause)
    if lives and not WANTS_TO.search(clause[: lives.start() + 1]):
        return True
    return any(pattern.search(clause) for pattern in (IS_BEFORE, BASE_BEFORE, *_HOME_BEFORE))


def _is_compared(clause: str, thought: str) -> bool:
    if LIKE_AFTER.match(thought) or LIKE_BEFORE.search(clause):
        return True
    return bool(LIKE_BARE.match(clause))


def _is_denied(before: str, clause: str, after: str) -> bool:
    if NEGATED_AFTER.match(after) or (CHANGED_BEFORE.search(before) and CHANGED_AFTER.match(after)):
        return True
    if NEGATED_BEFORE.search(before) and not NOT_ONLY.search(before):
        return True
    if NOT_BY.search(before):
        return True
    return bool(GIVEN_UP_BEFORE.search(clause) or GIVEN_UP.match(after) or _is_dispraised(after))


def _is_dispraised(after: str) -> bool:
    """True for "is too far", but not for "is a bit far but fine"."""
    said = BAD_AFTER.match(after)
    if not said:
        return False
    rest = after[said.end() :]
    opinion = " ".join(("", *after[: said.end()].split(), *_first_clause(rest).split()[:3], ""))
    return bool(BAD_SURE.search(opinion)) and not NOT_BAD.search(opinion) and not FORGIVEN.search(rest)


def _is_outdone(found: list[Bearing], gaps: list[str], at: int) -> bool:
    """True for a place that is only told about, where another thought names one that is wanted."""
    if found[at] is not Bearing.WANTED:
        return False
    after = gaps[at + 1][:_REACH]
    if WISH.search(_last_clause(gaps[at][-_REACH:])) or WISH.search(_first_clause(after)):
        return False
    if not (WEAK_BEFORE.search(_last_clause(gaps[at][-_REACH:])) or (WEAK_AFTER.match(after) and not _excused(after))):
        return False
    later = any(found[to] is Bearing.WANTED and _parted(gaps[at + 1 : to + 1]) for to in range(at + 1, len(found)))
    return later or any(found[to] is Bearing.WANTED and _parted(gaps[to + 1 : at + 1]) for to in range(at))


def _is_set_right(found: list[Bearing], gaps: list[str], at: int) -> bool:
    """True for a home abroad, a mistake on a form or a place only praised, where the next is the one that is wanted."""
    if found[at] is not Bearing.WANTED or found[at + 1 : at + 2] != [Bearing.WANTED]:
        return False
    before, after, then = gaps[at][-_REACH:], gaps[at + 1][:_REACH], gaps[at + 2][:_REACH]
    if TOO.match(_first_clause(then)):
        return False
    praised = PRAISED.fullmatch(after)
    if praised:
        return bool(praised["wish"] or SUITS.match(then))
    if not _parted([after]) or WISH.search(_first_clause(after)):
        return False
    abroad = ABROAD.search(before)
    if abroad and (abroad["at"] or ABROAD_AFTER.match(after)):
        return True
    return bool(WRITTEN_BEFORE.search(_last_clause(before)) or WRITTEN_AFTER.match(_first_clause(after)))


def _lies_in(here: Named, there: Named) -> bool:
    return there.is_city and not here.is_city and there.cities <= here.cities


def _excused(after: str) -> bool:
    return bool(NOT_BAD.search(after) or FORGIVEN.search(after))


def _parted(gaps: list[str]) -> bool:
    """True where another thought begins between two names."""
    return any(BREAK.search(gap) or " ab " in gap or " now " in gap for gap in gaps) and not any(
        JOINED.fullmatch(gap) for gap in gaps
    )


def _share(named: list[Named], found: list[Bearing], gaps: list[str]) -> None:
    """What is said of one place of a list holds for all: "not Delhi or Noida", "Delhi aur Noida nahi"."""
    wanted = Bearing.WANTED
    for at, one in enumerate(named):
        if one.is_city and HIGHWAY_AFTER.match(gaps[at + 1]):
            found[at] = Bearing.BESIDE
    for at in range(1, len(named)):
        within = _lies_in(named[at - 1], named[at])
        if within and found[at] is wanted and _is_placed(gaps, at):
            found[at] = found[at - 1]
        if found[at] is wanted and JOINED.fullmatch(gaps[at]) and (gaps[at].strip() or within):
            found[at] = found[at - 1]
    for at in range(len(named) - 1, 0, -1):
        if found[at - 1] is not wanted or found[at] is wanted or not JOINED.fullmatch(gaps[at]):
            continue
        if LIKE_AFTER.match(gaps[at + 1]):
            continue  # "Wakad, or something like Baner"
        # "Noida Gurgaon nahi" rules out both where something else is wanted; alone it says "Noida, not Gurgaon".
        within = _lies_in(named[at - 1], named[at])
        road = named[at].is_city and named[at - 1].is_city and HIGHWAY_AFTER.match(gaps[at + 1])
        if gaps[at].strip() or within or road or wanted in (*found[: at - 1], *found[at + 1 :]):
            found[at - 1] = found[at]


def _is_placed(gaps: list[str], at: int) -> bool:
    """True for the city of somebody's home, where nothing says that the city is wanted."""
    after = _first_clause(gaps[at + 1][:_REACH])
    if not PLACED.fullmatch(gaps[at]) or WISH.search(after) or ANYWHERE.search(after):
        return False
    return _is_home(_last_clause(gaps[at - 1][-_REACH:]))


def _set_beside(named: list[Named], found: list[Bearing], gaps: list[str], at: int) -> None:
    """A landmark tells where the wanted place is: "Kakkanad, near Infopark", "Infopark ke paas Kakkanad"."""
    here, there, gap = named[at], named[at + 1], gaps[at + 1]
    if found[at] is not Bearing.WANTED or found[at + 1] is not Bearing.WANTED:
        return
    if gap == " from " or (RIGHT_THERE.fullmatch(gap) and LANDMARK.match(gaps[at + 2])):
        found[at + 1] = Bearing.BESIDE
    elif BY.fullmatch(gap):
        if not here.is_city or there.is_city:
            found[at + 1] = Bearing.BESIDE
    elif BY_AFTER.fullmatch(gap) and not here.is_city and not there.is_city:
        found[at] = Bearing.BESIDE
    elif gap in (" ", " , ") and NEXT_TO.match(gaps[at + 2]) and not here.is_city:
        found[at + 1] = Bearing.BESIDE
