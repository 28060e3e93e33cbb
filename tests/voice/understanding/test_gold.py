"""Every gold phrase means exactly what it says, and its evidence gives the same value again."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from voice.understanding import understand

GOLD = Path(__file__).parents[2] / "gold"
SEEN = ["contract.jsonl", *sorted(path.name for path in GOLD.glob("seen*.jsonl")), "more.jsonl"]


def _rows(name):
    return [json.loads(line) for line in (GOLD / name).read_text("utf-8").splitlines()]


def _understand(row, text=None):
    return understand(text or row["text"], asked=row["asked"], now=datetime.fromisoformat(row["now"]))


def _wrong(rows):
    return {
        (row["id"], row["asked"], row["text"]): (row["expect"], got)
        for row in rows
        if (got := _understand(row).slots) != row["expect"]
    }


@pytest.mark.parametrize("name", SEEN)
def test_every_seen_phrase_is_understood_exactly(name):
    assert _wrong(_rows(name)) == {}


def test_at_least_95_in_100_unseen_phrases_are_understood_exactly():
    rows = _rows("unseen.jsonl")
    wrong = _wrong(rows)
    assert len(wrong) <= 0.05 * len(rows), wrong


def test_no_money_is_wrong_by_a_factor_of_ten():
    off = []
    for row in [row for name in (*SEEN, "unseen.jsonl") for row in _rows(name)]:
        got = _understand(row).slots
        for slot in ("budget_min", "budget_max"):
            wanted, found = row["expect"].get(slot), got.get(slot)
            if wanted and found and not 0.1 < found / wanted < 10:
                off.append((row["text"], slot, wanted, found))
    assert off == []


def test_consent_is_never_invented():
    invented = [
        row["text"]
        for row in _rows("seen.jsonl") + _rows("unseen.jsonl") + _rows("contract.jsonl")
        if row["expect"].get("consent") is not True
        and _understand({**row, "asked": "consent"}).slots.get("consent")
        and row["asked"] == "consent"
    ]
    assert invented == []


@pytest.mark.parametrize("name", [*SEEN, "unseen.jsonl"])
def test_evidence_alone_gives_the_value_again(name):
    astray = []
    for row in _rows(name):
        for found in _understand(row).found:
            assert row["text"][found.start : found.end] == found.words
            if _understand(row, found.words).slots.get(found.slot) != found.value:
                astray.append((row["text"], found))
    assert astray == []


def test_gold_covers_every_slot_and_intent():
    rows = _rows("contract.jsonl") + _rows("seen.jsonl") + _rows("unseen.jsonl")
    slots = {slot for row in rows for slot in row["expect"]}
    intents = {row["expect"].get("intent") for row in rows} - {None}
    assert (len(rows) >= 800, len(slots), len(intents)) == (True, 16, 12)
    assert all(row["why"] for row in rows)
