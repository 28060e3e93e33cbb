import io
import json
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

KEYS = [
    "session_id",
    "lead",
    "collected_data",
    "status",
    "reasons",
    "conversation_turns",
    "duration_seconds",
    "transcript",
]


def run(*args, **options):
    out = StringIO()
    call_command("simulate", "--name", "John Doe", "--phone", "9876543210", *args, stdout=out, **options)
    return out.getvalue()


def document(*args, **options):
    return json.loads(run("--json", *args, **options))


def without_duration(text):
    return [line for line in text.splitlines() if not line.startswith("Duration")]


def test_the_document_has_the_promised_keys_and_evidence():
    result = document("--seed", "4")
    assert (sorted(result), result["lead"], result["status"]) == (
        sorted(KEYS),
        {"name": "John Doe", "phone": "+919876543210"},
        "qualified",
    )
    said = [one["text"] for one in result["transcript"] if one["who"] == "caller"]
    for one in result["collected_data"].values():
        assert one["words"] in said[one["turn"] - 1]


def test_the_same_seed_gives_the_same_conversation():
    assert without_duration(run("--seed", "4")) == without_duration(run("--seed", "4"))


def test_another_seed_gives_another_conversation():
    assert document("--seed", "4")["transcript"] != document("--seed", "5")["transcript"]


def test_the_conversation_is_printed_turn_by_turn_with_its_summary():
    text = run("--seed", "4")
    assert [
        word for word in (" Agent: ", "Caller: ", "Session ", "Status    qualified", "budget_max") if word in text
    ] == [
        " Agent: ",
        "Caller: ",
        "Session ",
        "Status    qualified",
        "budget_max",
    ]


@pytest.mark.parametrize(
    ("persona", "status"),
    [
        ("wrong_number", "wrong_number"),
        ("busy", "busy"),
        ("no_answer", "no_answer"),
        ("voicemail", "voicemail"),
        ("do_not_call", "do_not_call"),
        ("hangs_up", "not_qualified"),
    ],
)
def test_each_difficult_persona_ends_in_its_own_status(persona, status):
    result = document("--persona", persona, "--seed", "1")
    assert (result["status"], bool(result["reasons"])) == (status, True)


def test_a_bad_number_is_refused_in_one_sentence():
    with pytest.raises(CommandError) as refused:
        call_command("simulate", "--name", "John Doe", "--phone", "98765")
    assert str(refused.value) == "This phone number has too few digits. An Indian number has ten, like 98765 43210."


def test_an_unknown_persona_is_refused_with_the_known_ones():
    with pytest.raises(CommandError) as refused:
        run("--persona", "grumpy")
    assert str(refused.value).startswith('There is no persona "grumpy". Choose from asks_for_a_person, cooperative,')


def test_somebody_at_the_keyboard_answers_and_the_end_of_input_hangs_up(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("haan boliye\n\nPune\n"))
    result = document("--interactive", stderr=StringIO())
    assert (result["status"], {slot: one["words"] for slot, one in result["collected_data"].items()}) == (
        "not_qualified",
        {"identity": "haan boliye", "locations": "Pune"},
    )
