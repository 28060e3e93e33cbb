"""How often misheard places are found, and ordinary words taken for places, by scorer and threshold.

Usage: python bench/places.py   (figures for voice/understanding/gazetteer.py; takes about a minute)
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rapidfuzz import distance, fuzz, process

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from voice.understanding import Places, prepare, understand  # noqa: E402 -- the path comes first
from voice.understanding.gazetteer import Place, plain  # noqa: E402
from voice.understanding.sounds import fold  # noqa: E402
from voice.understanding.world import common_words  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)
THRESHOLDS = (70, 74, 78, 82, 86, 88, 90, 92, 94, 96)
Scored = tuple[frozenset[Place], float, float]  # best places, their score, their lead over the next
KINDS = ("right", "right, asked about", "less exact", "another", "another, asked about", "nothing")
SWAPS = (
    ("aa", "a"), ("a", "aa"), ("ee", "i"), ("i", "ee"), ("oo", "u"), ("u", "oo"), ("kh", "k"), ("gh", "g"), ("th", "t"),
    ("dh", "d"), ("bh", "b"), ("k", "kh"), ("d", "dh"), ("v", "w"), ("w", "v"), ("z", "j"), ("j", "z"), ("sh", "s"),
    ("s", "sh"), ("d", "r"), ("t", "d"), ("b", "v"), ("v", "b"), ("e", "i"), ("o", "u"), ("n", "m"), ("h", ""),
    ("ll", "l"), ("l", "ll"), ("pp", "p"), ("tt", "t"), ("i", "y"), ("y", "i"), ("ai", "e"), ("c", "k"),
)  # fmt: skip


def main() -> None:
    began = time.perf_counter()
    prepare()
    print(f"load {time.perf_counter() - began:.2f} s")
    places = Places.default()
    said = _by_hand(places) + _distorted(places, random.Random(7), 600)
    ordinary = _ordinary()
    print(f"{len(said)} misheard names, {len(ordinary)} ordinary utterances\n")
    for name, key, scorer in SCORERS:
        _table(f"{name}, no list of common words", said, ordinary, _scored_by(places, key, scorer), common=frozenset())
    near = _as_shipped(places)
    _table("as shipped, no list of common words", said, ordinary, near, common=frozenset())
    _table("as shipped", said, ordinary, near, common=common_words())
    _whole("by hand", _by_hand(places))
    _whole("distorted", _distorted(places, random.Random(7), 600))
    _whole_ordinary(ordinary)
    _cost(places)


def _by_hand(places: Places) -> list[tuple[str, Place]]:
    """The list written by hand, less the spellings that the gazetteer has come to know."""
    said = []
    for line in (ROOT / "bench" / "places_misheard.txt").read_text("utf-8").splitlines():
        heard, _, meant = line.partition(" = ")
        city, _, locality = meant.partition(" / ")
        if not line.startswith("#") and not places.named(plain(heard)):
            said.append((heard, (city, locality or None)))
    return said


def _distorted(places: Places, chance: random.Random, wanted: int) -> list[tuple[str, Place]]:
    """Known names with one or two slips of an ear."""
    names = sorted(name for name, known in places.names.items() if len(known) == 1 and len(name) > 5 and name.isascii())
    said: list[tuple[str, Place]] = []
    while len(said) < wanted:
        name = chance.choice(names)
        heard = name
        for _ in range(chance.choice((1, 2))):
            heard = _slip(heard, chance)
        if heard != name and not places.named(plain(heard)):
            said.append((heard, places.names[name][0]))
    return said


def _slip(name: str, chance: random.Random) -> str:
    if chance.random() < 0.1:
        at = chance.randrange(3, len(name) - 2)
        return name.replace(" ", "", 1) if " " in name else f"{name[:at]} {name[at:]}"
    old, new = chance.choice([pair for pair in SWAPS if pair[0] in name] or [("", "")])
    spots = [at for at in range(len(name)) if name.startswith(old, at)]
    at = chance.choice(spots)
    return name[:at] + new + name[at + len(old) :]


def _ordinary() -> list[str]:
    """Utterances of the bench's own list and of the gold phrases that name no place."""
    own = (ROOT / "bench" / "places_ordinary.txt").read_text("utf-8").splitlines()
    rows = [json.loads(line) for file in ("seen", "regressions") for line in _gold(file)]
    gold = [row["text"] for row in rows if "locations" not in row["expect"]]
    return list(dict.fromkeys([line for line in own if not line.startswith("#")] + gold))


def _gold(name: str) -> list[str]:
    return (ROOT / "tests" / "gold" / f"{name}.jsonl").read_text("utf-8").splitlines()


def _scored_by(
    places: Places, key: Callable[[str], str], scorer: Callable[..., float]
) -> Callable[[str], Scored | None]:
    keys: dict[str, set[Place]] = {}
    for name, known in places.names.items():
        keys.setdefault(key(name), set()).update(known)
    choices = [one for one in keys if len(one) > 4]

    def best(name: str) -> Scored | None:
        found = process.extract(key(name), choices, scorer=scorer, score_cutoff=70, limit=4) if len(name) > 4 else []
        if not found:
            return None
        first = keys[found[0][0]]
        rival = next((score for other, score, _ in found[1:] if not keys[other] & first), 0.0)
        return frozenset(first), found[0][1], found[0][1] - rival

    return best


def _as_shipped(places: Places) -> Callable[[str], Scored | None]:
    def best(name: str) -> Scored | None:
        near = places.near(name)
        return (frozenset(near.places), near.score, near.lead) if near.places else None

    return best


def _winkler(one: str, other: str, **_: float) -> float:
    return 100 * distance.JaroWinkler.similarity(one, other)


SCORERS: tuple[tuple[str, Callable[[str], str], Callable[..., float]], ...] = (
    ("ratio of the spelling", str, fuzz.ratio),
    ("token sort ratio of the spelling", str, fuzz.token_sort_ratio),
    ("WRatio of the spelling", str, fuzz.WRatio),
    ("ratio of the fold", fold, fuzz.ratio),
    ("Jaro-Winkler of the fold", fold, _winkler),
)


def _table(
    title: str,
    said: list[tuple[str, Place]],
    ordinary: list[str],
    best: Callable[[str], Scored | None],
    *,
    common: frozenset[str],
) -> None:
    """Print shares of the names found, taken for another place, and of the ordinary utterances taken for a place."""
    right = [(place, scored) for heard, place in said if (scored := best(plain(heard)))]
    windows = {text: _windows(plain(text), common) for text in ordinary[:: 1 if common else 3]}
    false = [
        max((s for w in some if (s := best(w))), key=lambda one: one[1], default=None) for some in windows.values()
    ]
    print(f"{title}\n{'threshold':>10}{'right':>9}{'another':>9}{'ordinary':>10}   with a lead of 4:")
    for least in THRESHOLDS:
        cells = []
        for lead in (0.0, 4.0):
            hits = [(place in s[0]) for place, s in right if s[1] >= least and s[2] >= lead]
            wrong = sum(1 for s in false if s and s[1] >= least and s[2] >= lead)
            cells.append(
                f"{sum(hits) / len(said):9.1%}{(len(hits) - sum(hits)) / len(said):9.1%}{wrong / len(false):10.2%}"
            )
        print(f"{least:10}{cells[0]}{cells[1]}")
    print()


def _highest(scored: list[Scored]) -> Scored | None:
    return max(scored, key=lambda one: one[1], default=None)


def _windows(text: str, common: frozenset[str]) -> list[str]:
    words = text.split()
    spans = [words[at : at + used] for at in range(len(words)) for used in (1, 2) if at + used <= len(words)]
    return [" ".join(span) for span in spans if all(w.isalpha() and len(w) > 2 and w not in common for w in span)]


def _whole(title: str, said: list[tuple[str, Place]]) -> None:
    """Print what `understand` makes of them, asked for a place."""
    counts = dict.fromkeys(KINDS, 0)
    for heard, place in said:
        understood = understand(heard, asked="location", now=NOW)
        sure = [(one["city"], one["locality"]) for one in understood.slots.get("locations", [])]
        offered = [(one["city"], one["locality"]) for found in understood.unsure for one in found.value]
        city_only = "less exact" if {city for city, _ in sure} == {place[0]} else "another"
        kind = "right" if sure == [place] else city_only if sure else ""
        kind = kind or ("right, asked about" if place in offered else "another, asked about" if offered else "nothing")
        counts[kind] += 1
    print(f"understand(), {len(said)} {title}:", {kind: f"{count / len(said):.1%}" for kind, count in counts.items()})


def _whole_ordinary(ordinary: list[str]) -> None:
    filled = [text for text in ordinary if "locations" in understand(text, asked="location", now=NOW).slots]
    doubted = [text for text in ordinary if _unsure_of_place(text)]
    print(f"understand(), ordinary: {len(filled)} filled, {len(doubted)} asked about, of {len(ordinary)}")
    print("  filled:", filled, "\n  asked about:", doubted[:60])


def _unsure_of_place(text: str) -> bool:
    return any(one.slot == "locations" for one in understand(text, asked="location", now=NOW).unsure)


def _cost(places: Places) -> None:
    """Print what listings cost to add, and how long hard turns take with them."""
    listed = [(f"Town {n % 40}", f"{chr(97 + n % 26)}orav{chr(97 + n // 26 % 26)}palli {n}") for n in range(2000)]
    began = time.perf_counter()
    wider = places.with_listings(listed)
    first = time.perf_counter() - began
    began = time.perf_counter()
    places.with_listings(listed)
    print(
        f"\n2,000 listings: {first * 1000:.0f} ms to add, {(time.perf_counter() - began) * 1000:.1f} ms the next time"
    )
    chance = random.Random(3)
    gibberish = ["".join(chance.choice("abdeghiklmnoprstuv") for _ in range(7)) for _ in range(1500)]
    kinds = {
        "60 unknown words": [" ".join(chance.sample(gibberish, 60)) for _ in range(200)],
        "10 kB of them": [" ".join(chance.sample(gibberish, 1250)) for _ in range(50)],
        "gold": [json.loads(line)["text"] for line in _gold("regressions")],
    }
    understand("warm up vhakad", asked="location", now=NOW, places=wider)
    for kind, texts in kinds.items():
        took = []
        for text in texts:
            began = time.perf_counter()
            understand(text, asked="location", now=NOW, places=wider)
            took.append((time.perf_counter() - began) * 1000)
        cuts = statistics.quantiles(took, n=20)
        print(f"{kind:18} p50 {cuts[9]:6.2f} ms   p95 {cuts[18]:6.2f} ms")


if __name__ == "__main__":
    main()
