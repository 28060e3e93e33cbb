"""Every gold phrase means exactly what it says, and its evidence gives the same value again."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from voice.understanding import understand

GOLD = Path(__file__).parents[2] / "gold"
SEEN = ["contract.jsonl", *sorted(path.name for path in GOLD.glob("seen*.jsonl")), "regressions.jsonl"]
UNSEEN = "unseen.jsonl"


@cache
def _rows(name):
    return [json.loads(line) for line in (GOLD / name).read_text("utf-8").splitlines()]


@cache  # the tests ask different things of the same answers
def _understood(text, asked, now):
    return understand(text, asked=asked, now=datetime.fromisoformat(now))


def _understand(row, text=None):
    return _understood(text or row["text"], row["asked"], row["now"])


def _wrong(rows):
    return {
        (row["id"], row["asked"], row["text"]): (row["expect"], got)
        for row in rows
        if (got := _understand(row).slots) != row["expect"]
    }


def _off_by_ten(rows):
    off = []
    for row in rows:
        got = _understand(row).slots
        for slot in ("budget_min", "budget_max"):
            wanted, found = row["expect"].get(slot), got.get(slot)
            if wanted and found and not 0.1 < found / wanted < 10:
                off.append((row["text"], slot, wanted, found))
    return off


def _invented_consents(rows):
    return [
        row["text"]
        for row in rows
        if row["expect"].get("consent") is not True and _understand(row).slots.get("consent") is True
    ]


def _without_evidence(rows):
    astray = []
    for row in rows:
        for found in _understand(row).found:
            assert row["text"][found.start : found.end] == found.words
            if _understand(row, found.words).slots.get(found.slot) != found.value:
                astray.append((row["text"], found))
    return astray


@pytest.mark.parametrize("name", SEEN)
def test_every_seen_phrase_is_understood_exactly(name):
    assert _wrong(_rows(name)) == {}


@pytest.mark.parametrize("name", SEEN)
def test_no_seen_money_is_wrong_by_ten_and_no_consent_invented(name):
    assert (_off_by_ten(_rows(name)), _invented_consents(_rows(name))) == ([], [])


@pytest.mark.parametrize("name", SEEN)
def test_evidence_alone_gives_the_value_again(name):
    assert _without_evidence(_rows(name)) == []


# Of the unseen half only counts may be told: whoever reads its phrases to mend a rule has seen them.


def test_what_was_reached_on_unseen_phrases_stays_reached():
    rows = _rows(UNSEEN)
    assert len(_wrong(rows)) / len(rows) <= 0.07


def test_no_unseen_money_is_wrong_by_ten_and_no_consent_invented():
    rows = _rows(UNSEEN)
    assert (len(_off_by_ten(rows)), len(_invented_consents(rows))) == (0, 0)


def test_evidence_of_unseen_phrases_gives_their_values_again():
    assert len(_without_evidence(_rows(UNSEEN))) == 0


def test_no_unseen_phrase_stands_in_a_seen_file():
    seen = {row["text"].strip().casefold() for name in SEEN for row in _rows(name)}
    assert [row["id"] for row in _rows(UNSEEN) if row["text"].strip().casefold() in seen] == []


def test_each_half_covers_every_slot_and_intent():
    for rows in (_rows(UNSEEN), [row for name in SEEN[:-1] for row in _rows(name)]):
        slots = {slot for row in rows for slot in row["expect"]} - {"phone"}
        intents = {row["expect"].get("intent") for row in rows} - {None}
        assert (len(rows) >= 400, len(slots), len(intents)) == (True, 15, 12)
        assert all(row["why"] for row in rows)
