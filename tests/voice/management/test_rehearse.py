import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

GOOD = {
    "id": "one",
    "lead": {"name": "Meena Kulkarni", "phone": "+919820000000"},
    "now": "2026-03-05T15:00:00+05:30",
    "answers": {"identity": ["do not call me again"]},
}


def run(path):
    out, err, code = StringIO(), StringIO(), 0
    try:
        call_command("rehearse", str(path), stdout=out, stderr=err)
    except SystemExit as ended:
        code = ended.code
    return [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue(), code


def test_each_dialogue_becomes_one_line(tmp_path):
    file = tmp_path / "calls.jsonl"
    file.write_text(json.dumps(GOOD) + "\n\n" + json.dumps(GOOD | {"id": "two"}) + "\n", "utf-8")
    results, complaints, code = run(file)
    assert ([(one["id"], one["outcome"], one["turns"]) for one in results], complaints, code) == (
        [("one", "do_not_call", 2), ("two", "do_not_call", 2)],
        "",
        0,
    )


def test_a_bad_line_is_refused_by_number_and_the_rest_goes_on(tmp_path):
    file = tmp_path / "calls.jsonl"
    lines = ["{", json.dumps({"id": "x"}), json.dumps(GOOD | {"now": "soon"}), json.dumps(GOOD)]
    file.write_text("\n".join(lines), "utf-8")
    results, complaints, code = run(file)
    told = [line.removeprefix("line ") for line in complaints.splitlines()]
    assert ([one["id"] for one in results], [line[:2] for line in told], told[1:], code) == (
        ["one"],
        ["1:", "2:", "3:"],
        ['2: "lead" is missing.', '3: "now" must be a time like 2026-03-05T15:00:00+05:30.'],
        1,
    )


def test_a_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(CommandError) as refused:
        call_command("rehearse", str(tmp_path / "none.jsonl"))
    expected = f"Cannot read {tmp_path}/none.jsonl: No such file or directory. Name a file of JSON lines."
    assert str(refused.value) == expected
