import itertools
import json
from pathlib import Path

import pytest

from voice.dialogue.rehearsal import Dialogue, DialogueError, rehearse

LINES = [json.loads(line) for line in (Path(__file__).parent / "dialogues.jsonl").read_text("utf-8").splitlines()]
GOOD = LINES[0]


def act(line):
    ticks = itertools.count()
    return rehearse(Dialogue.from_json(line), clock=lambda: float(next(ticks)))


@pytest.mark.parametrize("line", LINES, ids=[line["why"] for line in LINES])
def test_a_dialogue_ends_as_expected(line):
    expect, result = line["expect"], act(line)
    wanted = expect.get("requirement", {})
    assert {
        "outcome": expect["outcome"],
        "requirement": wanted,
        "callback_at": expect.get("callback_at"),
        "name": expect.get("name", result["name"]),
        "in_time": True,
    } == {
        "outcome": result["outcome"],
        "requirement": {slot: result["requirement"].get(slot) for slot in wanted},
        "callback_at": result["callback_at"],
        "name": result["name"],
        "in_time": result["turns"] <= expect.get("max_turns", 31),
    }


def test_a_result_has_the_keys_of_the_contract_and_counts_what_the_agent_said():
    result = act(GOOD)
    assert (list(result), result["turns"], result["ms_per_turn"], result["name"]) == (
        ["id", "outcome", "requirement", "name", "callback_at", "turns", "transcript", "ms_per_turn"],
        sum(said["who"] == "agent" for said in result["transcript"]),
        round(1000 / result["turns"], 2),
        "Meena Kulkarni",
    )


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"now": "yesterday"}, '"now" must be a time like 2026-03-05T15:00:00+05:30'),
        ({"now": "2026-03-05T15:00:00"}, '"now" needs its offset, like +05:30'),
        ({"answers": {"budget": "70 lakhs"}}, '"answers.budget" must be a list of texts'),
        ({"answers": {"budget": [70]}}, '"answers.budget" must be a list of texts'),
        ({"default": 1}, '"default" must be text'),
        ({"lead": {"name": 7}}, '"lead.name" must be text'),
        ({"inventory": {}}, '"inventory" must be a list'),
        ({"inventory": [{"city": "Pune"}]}, 'listing 1 of "inventory" needs at least a city and a price'),
    ],
)
def test_a_malformed_dialogue_is_refused_with_what_to_mend(change, complaint):
    with pytest.raises(DialogueError) as refused:
        Dialogue.from_json(GOOD | change)
    assert str(refused.value) == complaint
