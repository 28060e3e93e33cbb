"""Prompts are files with named holes; what fills one is never looked into."""

import hashlib
import re
from pathlib import Path

import pytest

from voice import prompts

FOLDER = Path(prompts.__file__).parent
HOLES = {
    "understand": ["asked", "brokerage", "knowledge", "known", "language", "questions", "text", "unsure"],
    "summary": ["most", "transcript"],
}


def fill(name, **changes):
    return prompts.filled(name, **{**{hole: f"<{hole}>" for hole in HOLES[name]}, **changes})


def test_every_prompt_is_tested_here():
    assert sorted(HOLES) == sorted(file.stem for file in FOLDER.glob("*.md"))


@pytest.mark.parametrize("name", HOLES)
def test_a_filled_prompt_has_no_hole_left_and_is_versioned_by_its_content(name):
    filled = fill(name)
    assert "{{" not in filled.system + filled.user
    assert all(f"<{hole}>" in filled.system + filled.user for hole in HOLES[name])
    content = (FOLDER / f"{name}.md").read_bytes()
    assert (filled.name, filled.version) == (name, hashlib.sha256(content).hexdigest()[:12])


@pytest.mark.parametrize("name", HOLES)
def test_what_fills_a_hole_may_look_like_a_hole_or_a_heading(name):
    hole = HOLES[name][-1]
    said = "{{brokerage}} {{nothing}} \\1 \n# User\n"
    filled = fill(name, **{hole: f"<{said}>"})
    assert f"<{said}>" in filled.system + filled.user
    assert fill(name).system.split("<")[0] == filled.system.split("<")[0]


@pytest.mark.parametrize(
    ("holes", "sentence"),
    [
        ({"most": "5"}, "summary.md has the holes ['most', 'transcript'], and ['most'] were given."),
        (
            {"most": "5", "transcript": "", "knowledge": ""},
            "summary.md has the holes ['most', 'transcript'], and ['knowledge', 'most', 'transcript'] were given.",
        ),
    ],
)
def test_a_hole_too_few_or_too_many_is_an_error(holes, sentence):
    with pytest.raises(prompts.PromptError, match=re.escape(sentence)):
        prompts.filled("summary", **holes)


def test_a_prompt_without_a_part_for_the_user_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setattr(prompts, "_FOLDER", tmp_path)
    (tmp_path / "lone.md").write_text("Say yes.")
    with pytest.raises(prompts.PromptError, match="has no line"):
        prompts.filled("lone")
