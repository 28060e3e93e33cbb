"""`manage.py understand`: an answer a line, and a refusal by number for each line that cannot be read."""

import json

import pytest
from django.core.management import CommandError, call_command

NOW = "2026-03-05T15:00:00+05:30"


def _row(**more):
    return json.dumps({"id": "a", "asked": "budget", "text": "सत्तर लाख", "now": NOW, **more}).encode()


def _run(tmp_path, capsys, *lines):
    path = tmp_path / "said.jsonl"
    path.write_bytes(b"\n".join(lines))
    code = 0
    try:
        call_command("understand", str(path))
    except SystemExit as stop:
        code = stop.code
    out, err = capsys.readouterr()
    answers = [json.loads(line) for line in out.splitlines()]
    assert all(answer.pop("ms") >= 0 for answer in answers)
    return code, answers, err.splitlines()


def test_every_line_is_answered(tmp_path, capsys):
    code, answers, refused = _run(tmp_path, capsys, _row(), b"", _row(id=7, asked="consent", text="haan"))
    assert (code, answers, refused) == (
        0,
        [{"id": "a", "slots": {"budget_max": 7_000_000}}, {"id": 7, "slots": {"consent": True}}],
        [],
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not JSON"),
        (b"[]", "not a JSON object"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 100_000, "not JSON"),
        (_row(text=5), '"text" must be text'),
        (_row(asked=None), '"asked" must be text'),
        (b'{"text": "x", "asked": ""}', '"now" is missing'),
        (_row(now="soon"), '"now" is not an ISO 8601 time'),
        (_row(now="2026-03-05T15:00:00"), '"now" has no offset'),
    ],
)
def test_a_malformed_line_is_refused_by_number_and_the_rest_answered(tmp_path, capsys, line, reason):
    code, answers, refused = _run(tmp_path, capsys, _row(), line, _row(id="b"))
    assert (code, [answer["id"] for answer in answers], len(refused)) == (1, ["a", "b"], 1)
    assert refused[0].startswith(f"line 2: {reason}")


def test_a_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(CommandError, match=r"^Cannot read .*: No such file or directory. Name a file of JSON lines.$"):
        call_command("understand", str(tmp_path / "none.jsonl"))
