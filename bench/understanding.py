"""How well callers are understood: exact matches by slot on the seen and the unseen half, beside three libraries.

Usage: python bench/understanding.py [--failures]      --failures prints what went wrong in the seen half
       python bench/understanding.py FILE.jsonl ...    another set of the same form, as one half
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from voice.dialogue.rehearsal import Dialogue, rehearse  # noqa: E402 -- the path comes first
from voice.understanding import Understanding, prepare, understand  # noqa: E402 -- the path comes first

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

GOLD = ROOT / "tests" / "gold"
MONEY = ("budget_min", "budget_max")
NOTHING = "(nothing)"
# What the two number libraries name in their own documentation: English cardinals and their scales.
ENGLISH_NUMBER = re.compile(
    r"(?:\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    r"|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million"
    r"|billion|point|and)\b[\s-]*)+",
    re.IGNORECASE,
)
_NUMBER_ALONE = re.compile(rf"(?:{ENGLISH_NUMBER.pattern})(?:rupees|rs)?", re.IGNORECASE)
LATIN = re.compile(r"[\x00-\x7f]*")


@dataclass(frozen=True)
class Row:
    """One phrase, what it means, and what was understood."""

    text: str
    asked: str
    now: datetime
    expect: dict[str, Any]
    got: Understanding
    ms: float

    @property
    def is_exact(self) -> bool:
        """Every slot, and no slot more."""
        return self.got.slots == self.expect


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("files", nargs="*", type=Path)
    options.add_argument("--failures", action="store_true")
    chosen = options.parse_args()
    prepare()
    halves = {"given": chosen.files} if chosen.files else _halves()
    rows = {name: [row for file in files for row in read(file)] for name, files in halves.items()}
    _by_slot(rows)
    _promises(rows)
    _latency([row for half in rows.values() for row in half])
    if not chosen.files:
        _dialogues()
    if chosen.failures:
        _failures(rows.get("seen", rows.get("given", [])))
    _peers([row for half in rows.values() for row in half])


def _halves() -> dict[str, list[Path]]:
    seen = [GOLD / "contract.jsonl", *sorted(GOLD.glob("seen*.jsonl")), GOLD / "misread.jsonl"]
    return {"seen": seen, "unseen": sorted(GOLD.glob("unseen*.jsonl"))}


def read(file: Path) -> list[Row]:
    """Understand every phrase of a file, timing each."""
    return [_understood(json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def _understood(one: dict[str, Any]) -> Row:
    now = datetime.fromisoformat(one["now"])
    began = time.perf_counter()
    got = understand(one["text"], asked=one["asked"], now=now)
    return Row(one["text"], one["asked"], now, one["expect"], got, (time.perf_counter() - began) * 1000)


def _by_slot(halves: dict[str, list[Row]]) -> None:
    """A slot counts where it is expected or was filled; right is the exact value, or none where none is meant."""
    counts: dict[str, dict[str, list[int]]] = {}
    for name, rows in halves.items():
        for row in rows:
            got = row.got.slots
            for slot in {*row.expect, *got} or {NOTHING}:
                right = slot == NOTHING or row.expect.get(slot, None) == got.get(slot, None)
                tally = counts.setdefault(slot, {}).setdefault(name, [0, 0])
                tally[0] += 1
                tally[1] += right
    print(f"{'slot':18}" + "".join(f"{name:>10}{'exact':>8}" for name in halves))
    for slot in sorted(counts):
        print(f"{slot:18}" + "".join(_share(*counts[slot].get(name, (0, 0))) for name in halves))
    whole = {name: (len(rows), sum(row.is_exact for row in rows)) for name, rows in halves.items()}
    print(f"{'whole utterance':18}" + "".join(_share(*whole[name]) for name in halves))


def _share(count: int, right: int) -> str:
    return f"{count:>10}{right / count:>8.1%}" if count else f"{0:>10}{'-':>8}"


def _promises(halves: dict[str, list[Row]]) -> None:
    print()
    for name, rows in halves.items():
        off = sum(_is_off_by_ten(row) for row in rows)
        asked = [row for row in rows if row.expect.get("consent") is not True]
        invented = sum(row.got.slots.get("consent") is True for row in asked)
        print(f"{name}: {off} amounts wrong by ten or more, {invented} consents invented in {len(asked)} phrases")


def _is_off_by_ten(row: Row) -> bool:
    pairs = ((row.expect.get(slot), row.got.slots.get(slot)) for slot in MONEY)
    return any(wanted and got and not 0.1 < got / wanted < 10 for wanted, got in pairs)


def _latency(rows: list[Row]) -> None:
    if len(rows) < 2:
        return  # a file of one correction has no percentiles
    cuts = statistics.quantiles([row.ms for row in rows], n=100)
    print(f"\nper turn: p50 {cuts[49]:.2f} ms, p95 {cuts[94]:.2f} ms, p99 {cuts[98]:.2f} ms, {len(rows)} phrases")


def _dialogues() -> None:
    """Whole calls: right is the outcome, every slot that must stand at the end, and no more turns than allowed."""
    print(f"\n{'dialogues':18}{'calls':>10}{'exact':>8}{'turns':>8}")
    for half in ("seen", "unseen"):
        lines = (GOLD / f"dialogues_{half}.jsonl").read_text(encoding="utf-8").splitlines()
        told = [(line, rehearse(Dialogue.from_json(line), clock=time.perf_counter)) for line in map(json.loads, lines)]
        right = sum(as_expected(line["expect"], result) for line, result in told)
        turns = statistics.mean(result["turns"] for _, result in told)
        print(f"{half:18}{_share(len(told), right)}{turns:>8.1f}")


def as_expected(expect: dict[str, Any], result: dict[str, Any]) -> bool:
    """Whether a rehearsed call ended as its dialogue says."""
    stands = {**result["requirement"], "name": result["name"]}
    return (
        result["outcome"] == expect["outcome"]
        and all(stands.get(slot) == value for slot, value in expect.get("requirement", {}).items())
        and expect.get("callback_at", result["callback_at"]) == result["callback_at"]
        and result["turns"] <= expect.get("max_turns", result["turns"])
    )


def _failures(rows: Iterable[Row]) -> None:
    for row in rows:
        if not row.is_exact:
            print(f"\n{row.asked}: {row.text}\n  expected {row.expect}\n  got      {row.got.slots}")


def _peers(rows: list[Row]) -> None:
    """Each library gets the very words of the value, and its own best settings; ours gets the whole utterance."""
    try:
        import dateparser  # noqa: PLC0415 -- only this table needs them
        from text_to_num import text2num  # noqa: PLC0415 -- as above
        from word2number import w2n  # noqa: PLC0415 -- as above
    except ImportError as error:
        print(f"\n{error.name} is not installed; pip install -r requirements-dev.txt for the comparison")
        return
    money = [row for row in rows if "budget_max" in row.expect and "budget_min" not in row.expect]
    english = [row for row in money if (match := ENGLISH_NUMBER.search(row.text)) and len(match[0].split()) > 1]
    claimed = [row for row in money if _NUMBER_ALONE.fullmatch(_words_of(row, "budget_max"))]
    times = [row for row in rows if "callback_at" in row.expect]
    latin = [row for row in times if LATIN.fullmatch(row.text)]

    def when(words: str, row: Row) -> object:
        base = {"RELATIVE_BASE": row.now.replace(tzinfo=None), "PREFER_DATES_FROM": "future"}
        found = dateparser.parse(words, languages=["en", "hi"], settings=base)
        return found and found.replace(tzinfo=row.now.tzinfo).isoformat()

    def first(words: str, _: Row) -> object:
        return w2n.word_to_num(words)

    def second(words: str, _: Row) -> object:
        return text2num(words, "en")

    print(f"\n{'beside':14}{'on':46}{'phrases':>8}{'theirs':>8}{'ours':>8}{'off x10':>9}")
    for name, ask in (("word2number", first), ("text2num", second)):
        _beside(name, "sums wholly in English number words", claimed, "budget_max", ask)
        _beside(name, "the same with lakh, crore, rupees", english, "budget_max", ask)
        _beside(name, "all single ceilings", money, "budget_max", ask)
    _beside("dateparser", "promised times in Latin letters", latin, "callback_at", when)
    _beside("dateparser", "all promised times", times, "callback_at", when)


def _words_of(row: Row, slot: str) -> str:
    """The words that a slot's value came from; the whole phrase where ours found none."""
    return next((one.words for one in row.got.found if one.slot == slot), row.text)


def _beside(name: str, on: str, rows: list[Row], slot: str, ask: Callable[[str, Row], object]) -> None:
    count: Counter[str] = Counter()
    for row in rows:
        words = _words_of(row, slot)
        try:
            theirs = ask(words.lower(), row)
        except Exception:  # noqa: BLE001 -- a library that raises has not answered
            theirs = None
        wanted = row.expect[slot]
        count["theirs"] += theirs == wanted
        count["ours"] += row.got.slots.get(slot) == wanted
        if isinstance(theirs, int | float) and theirs and isinstance(wanted, int):
            count["off"] += not 0.1 < theirs / wanted < 10
    total = len(rows) or 1
    shares = f"{count['theirs'] / total:>8.1%}{count['ours'] / total:>8.1%}"
    print(f"{name:14}{on:46}{len(rows):>8}{shares}{count['off']:>9}")


if __name__ == "__main__":
    main()
