"""Consent to a sales representative's call: said, never guessed.

An answer is heard clause by clause, each an act of its own: agreeing, refusing, limiting the call to an hour, a
channel or a manner, hesitating, asking back. Limits take nothing from a yes; a hesitation or a question does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from voice.understanding.phrases import phrase
from voice.understanding.text import CLOSING, EDGES, OPENING, Heard, Mark, Marks
from voice.understanding.yes_no import opens_with

_UNTRUE = ("no_word", "question", "unsettled")  # what makes "the evening is fine" no agreement
_K = re.compile(r"(?<=\x02 )thousand(?= (?:\x03|[.,!]|fine|ok|sure|theek|cool|great|thanks|done))")  # "k", "k fine"
_DECIDED = ("yes", "no")
_BREAK = re.compile(r" (?:[,.;!-] )+")


@dataclass(frozen=True, slots=True)
class _Act:
    """What one clause does, and where it stands in the line; `is_firm` where it can take back what went before."""

    kind: str  # "yes", "no", "limit", "plea", "doubt", "asks"; "" tells something else
    is_firm: bool
    start: int
    end: int


def read_consent(heard: Heard, asked: str, intent: str) -> Marks:
    """Slot consent, only in answer to the question; beside an `intent` only a plain yes or no counts."""
    if asked != "consent" or intent == "repeat":
        return Marks()
    line = _K.sub("ofcourse", heard.line)
    answer = _answer(_acts(line))
    invited = phrase("then_yes").search(line) or (answer and phrase("third").search(line))
    at_an_hour = intent == "callback" and (answer is False or invited)
    if intent and not at_an_hour and opens_with(phrase("firm_no").sub("no", line)) != answer:
        return Marks()
    return Marks() if answer is None else Marks((Mark("consent", answer, 0, len(line)),))


def limits(line: str) -> list[tuple[int, int]]:
    """Stretches of an agreement that only shape the call: "not before eleven", "let him ring after lunch"."""
    acts = _acts(line)
    if not _answer(acts):
        return []
    return [
        (act.start, act.end)
        for act in acts
        if act.kind in ("limit", "plea")
        or (act.kind == "yes" and phrase("third").search(line, act.start - 1, act.end + 1))
    ]


def _answer(acts: list[_Act]) -> bool | None:
    """The last word stands where it is firm enough to take back what was said before it."""
    said = [act for act in acts if act.kind not in ("", "limit", "plea")]
    if not said:
        return False if any(act.kind == "plea" for act in acts) else None
    last = said[-1]
    before = {act.kind for act in said[:-1]} - {last.kind}
    if last.kind in ("doubt", "asks"):
        firmly = [act.kind for act in said if act.is_firm]
        settled = last.kind == "asks" and "doubt" not in before and len(set(firmly)) == 1 and len(before) == 1
        return firmly[0] == "yes" if settled else None
    if last.is_firm or not before or (last.kind == "yes" and before == {"asks"}):
        return last.kind == "yes"
    # "No, that's fine" declines with thanks.
    return False if before == {"no"} and any(act.is_firm for act in said[:-1]) else None


def _acts(line: str) -> list[_Act]:
    """The clauses of a line in order; what only fills a pause is none."""
    acts: list[_Act] = []
    for start, end in _clauses(line):
        clause = f"{OPENING}{line[start:end].strip()} {CLOSING}"
        if phrase("pause").search(clause):
            continue
        act = _Act(*_act(clause), start, end)
        if not _only_explains(clause, act, acts):
            acts.append(act)
    return _of_today(line, acts)


def _only_explains(clause: str, act: _Act, before: list[_Act]) -> bool:
    """True for the reason of a yes or a no: "because I can't decide from photos"."""
    said = [one.kind for one in before if one.kind in _DECIDED]
    if not said or not phrase("reason").search(clause):
        return False
    return act.kind not in _DECIDED or act.kind == said[-1] or not phrase("contact").search(clause)


def _of_today(line: str, acts: list[_Act]) -> list[_Act]:
    """The acts without those of another day: "earlier I said no" counts unless a yes follows, an earlier yes never."""
    agreed = [act.start for act in acts if act.kind == "yes"]
    return [
        act
        for act in acts
        if act.kind not in _DECIDED
        or not phrase("past").search(line, act.start - 1, act.end + 1)
        or (act.kind == "no" and not any(start > act.start for start in agreed))
    ]


def _clauses(line: str) -> list[tuple[int, int]]:
    """Stretches between stops and turning words; "no, no problem" is one."""
    begin, stop = len(OPENING), len(line) - len(CLOSING)
    whole = [match.span() for name in ("no_objection", "ill_call") for match in phrase(name).finditer(line)]
    cuts = [match.span() for match in _BREAK.finditer(line, begin - 1)]
    cuts += [(match.start(), match.start()) for match in phrase("turns").finditer(line)]
    clauses = []
    for cut, after in sorted(cuts):
        if not any(start < cut < end for start, end in whole):
            clauses.append((begin, cut))
            begin = max(begin, after)
    clauses.append((begin, stop))
    return [(start, end) for start, end in clauses if line[start:end].strip()]


def _act(clause: str) -> tuple[str, bool]:
    """The kind of act, and whether it is firm."""
    clause = phrase("no_hurry").sub("sir", clause)
    clause = phrase("my_number").sub("number", phrase("tag_na").sub("ji", phrase("hum").sub(EDGES[0], clause)))
    if not phrase("of_money").search(clause):  # "money is no problem" agrees to nothing
        clause = phrase("no_objection").sub("yes", clause)
    if phrase("all_no").search(clause):
        return "no", bool(phrase("firmly_no").search(clause))
    if any(phrase(name).search(clause) for name in ("ill_call", "no_call_if", "vain", "withdraws")):
        return "no", True
    if phrase("annoyed").search(clause):
        return ("no" if phrase("opens_no").search(clause) else "doubt"), False
    if phrase("reported").search(clause) or phrase("small_talk").search(clause):
        return "", False
    if any(phrase(name).search(clause) for name in ("wished", "welcomes")) and not _is_open(clause):
        return "yes", True
    if phrase("then_yes").search(clause) and not any(phrase(name).search(clause) for name in _UNTRUE):
        return "yes", False
    for kind in ("plea", "limit", "doubt", "asks"):
        if phrase(kind).search(clause):
            return kind, False
    return _decision(clause)


def _speaks_of_a_call(clause: str) -> bool:
    return bool(phrase("call_words").search(clause))


def _is_open(clause: str) -> bool:
    """True where a refusal, a question or an "I wonder" stands in the clause."""
    return any(phrase(name).search(clause) for name in ("no_word", "question", "negated"))


def _decision(clause: str) -> tuple[str, bool]:
    """Refusing, agreeing, or telling something else."""
    if phrase("refuses").search(clause):
        return "no", True
    if phrase("opens_no").search(clause):
        return "no", bool(phrase("firmly_no").search(clause))
    if phrase("acknowledges").search(clause):
        return "", False
    if phrase("invites").search(clause) and (_speaks_of_a_call(clause) or not phrase("sends").search(clause)):
        return "yes", True
    if phrase("no_word").search(clause):
        return "", False  # "yes, I heard, and no"
    if phrase("agrees").search(clause):
        return "yes", bool(phrase("firmly_yes").search(clause))
    if phrase("all_agreement").search(clause) and phrase("weak_yes").search(clause):
        return "yes", False
    return ("limit" if phrase("when_or_how").search(clause) else ""), False
