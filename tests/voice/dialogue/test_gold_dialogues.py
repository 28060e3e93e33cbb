"""Whole calls with callers of the gold set end as their authors expect."""

import json
from pathlib import Path

from bench.understanding import as_expected
from voice.dialogue.rehearsal import Dialogue, rehearse

GOLD = Path(__file__).parents[2] / "gold"


def right(name):
    lines = [json.loads(line) for line in (GOLD / name).read_text("utf-8").splitlines()]
    told = [as_expected(line["expect"], rehearse(Dialogue.from_json(line), clock=lambda: 0.0)) for line in lines]
    return sum(told) / len(told)


def test_calls_that_were_looked_at_end_as_expected():
    assert right("dialogues_seen.jsonl") >= 0.98


def test_at_least_90_in_100_unseen_calls_end_as_expected():
    assert right("dialogues_unseen.jsonl") >= 0.9
