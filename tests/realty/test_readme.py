"""The README and `.env.example` tell of the same settings, in the same words."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def settings_in_example() -> dict[str, str]:
    found, comment = {}, []
    for line in (ROOT / ".env.example").read_text().splitlines():
        if setting := re.match(r"# ([A-Z][A-Z0-9_]*)=", line):
            found[setting[1]] = " ".join(comment)
            comment = []
        else:
            comment = [*comment, line[2:]] if line.startswith("# ") else []
    return found


def test_every_setting_is_in_the_readme_with_the_same_words():
    rows = re.findall(r"^\| `([A-Z][A-Z0-9_]*)` \| (.*) \|$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert dict(rows) == settings_in_example()


def test_the_two_commands_are_within_the_first_forty_lines():
    beginning = "\n".join((ROOT / "README.md").read_text().splitlines()[:40])
    assert re.findall(r"^make \w+", beginning, re.MULTILINE) == ["make run", "make test"]


def test_every_file_that_the_docs_point_to_is_there():
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text())]
    assert [link for page, link in links if not (page.parent / link).exists()] == []
