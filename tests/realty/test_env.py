"""A malformed variable stops the start with a sentence that names its cure."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from realty import env
from tests.realty.running import free_port, manage

ROOT = Path(__file__).resolve().parents[2]

NO_DATABASE = (
    "THING is not an address of SQLite or PostgreSQL. "
    "Write postgres://user:password@host:5432/name or sqlite:////path/to/file."
)


@pytest.fixture
def given(monkeypatch):
    def put(value):
        if value is None:
            monkeypatch.delenv("THING", raising=False)
        else:
            monkeypatch.setenv("THING", value)

    return put


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, True), ("", True), (" ", True), ("true", True), ("YES", True), ("1", True), ("off", False), ("0", False)],
)
def test_a_flag_is_true_or_false_and_blank_means_the_default(given, value, expected):
    given(value)
    assert env.flag("THING", default=True) is expected


@pytest.mark.parametrize(("value", "expected"), [(None, 10), ("", 10), ("2.5", 2.5), (" 3 ", 3)])
def test_a_number_may_have_a_fraction(given, value, expected):
    given(value)
    assert env.number("THING", 10) == expected


@pytest.mark.parametrize(("value", "expected"), [(None, []), ("a", ["a"]), (" a, b ,,c ", ["a", "b", "c"])])
def test_a_list_is_written_with_commas(given, value, expected):
    given(value)
    assert env.words("THING") == expected


@pytest.mark.parametrize(("value", "expected"), [(None, "b"), ("", "b"), ("a", "a")])
def test_a_choice_is_one_of_the_options(given, value, expected):
    given(value)
    assert env.choice("THING", {"a", "b"}, "b") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "http://127.0.0.1:8000"),
        ("https://crm.example.com/", "https://crm.example.com"),
        ("https://example.com/crm/", "https://example.com/crm"),
        ("http://[::1]:8001", "http://[::1]:8001"),
    ],
)
def test_an_address_has_no_slash_at_its_end(given, value, expected):
    given(value)
    assert env.base_url("THING", "http://127.0.0.1:8000") == expected


@pytest.mark.parametrize(
    ("value", "engine", "name"),
    [
        (None, "sqlite3", "/var/lib/a b/#1?x=%20/crm.sqlite3"),
        ("sqlite:////srv/x.sqlite3", "sqlite3", "/srv/x.sqlite3"),
        ("postgres://crm:pass@db:5432/leads", "postgresql", "leads"),
        ("postgresql://crm@db/leads", "postgresql", "leads"),
        ("postgresql://postgres:@/leads?host=/run/postgres", "postgresql", "leads"),
    ],
)
def test_a_database_is_sqlite_or_postgresql(given, value, engine, name):
    given(value)
    config = env.database("THING", Path("/var/lib/a b/#1?x=%20/crm.sqlite3"))
    assert (config["ENGINE"], config["NAME"]) == (f"django.db.backends.{engine}", name)


@pytest.mark.parametrize(
    ("read", "value", "sentence"),
    [
        (
            lambda: env.flag("THING", default=False),
            "maybe",
            "THING is 'maybe', which is neither true nor false. Write THING=true or THING=false.",
        ),
        (
            lambda: env.number("THING", 10),
            "ten",
            "THING is 'ten', which is not a number. Write, for instance, THING=10.",
        ),
        (
            lambda: env.number("THING", 10, least=1),
            "0.5",
            "THING is 0.5, but must be at least 1. Write, for instance, THING=10.",
        ),
        (
            lambda: env.number("THING", 5, least=1, most=30),
            "31",
            "THING is 31, but must be at most 30. Write, for instance, THING=5.",
        ),
        *(
            (
                lambda: env.clock("THING", "03:00"),
                value,
                f"THING is {value!r}, which is no time of day. Write, for instance, 03:00.",
            )
            for value in ("at night", "25:00", "03:00+05:30")
        ),
        (
            lambda: env.number("THING", 1.5),
            "nan",
            "THING is nan, but must be at least 0. Write, for instance, THING=1.5.",
        ),
        (
            lambda: env.number("THING", 1.5),
            "inf",
            "THING is inf, but must be at least 0. Write, for instance, THING=1.5.",
        ),
        (
            lambda: env.choice("THING", {"json", "console"}, "json"),
            "xml",
            "THING is 'xml'. Write one of: console, json.",
        ),
        *(
            (
                lambda: env.base_url("THING", "http://x"),
                value,
                f"THING is {value!r}. Write an address such as THING=https://crm.example.com",
            )
            for value in (
                "crm.example.com",
                "ftp://crm",
                "https://",
                "https://crm/?a=b",
                "https://crm:port",
                "http://[x",
            )
        ),
        *(
            (
                lambda: env.database("THING", Path("/x")),
                value,
                NO_DATABASE,
            )
            for value in (
                "mysql://crm:hunter2@db/crm",
                "hunter2",
                "postgres://crm:hunter2@db:5432/",
                "postgres://u:p@h:x/n",
            )
        ),
    ],
)
def test_a_malformed_value_names_its_cure(given, read, value, sentence):
    given(value)
    with pytest.raises(ImproperlyConfigured) as caught:
        read()
    assert str(caught.value) == sentence


def test_the_environment_wins_over_the_file(monkeypatch, tmp_path):
    monkeypatch.setenv("THING", "from the environment")
    monkeypatch.delenv("OTHER_THING", raising=False)
    (tmp_path / ".env").write_text("THING=from the file\nOTHER_THING='from the file'\n# COMMENTED=1\n")
    env.read_dotenv(tmp_path / ".env")
    monkeypatch.setenv("OTHER_THING", os.environ["OTHER_THING"])  # so that it is taken away again
    assert (env.text("THING"), env.text("OTHER_THING")) == ("from the environment", "from the file")


def test_a_missing_file_is_no_fault(tmp_path):
    assert env.read_dotenv(tmp_path / ".env") is None


def test_a_secret_key_is_made_once_and_readable_by_its_owner_alone(monkeypatch, tmp_path):
    monkeypatch.delenv("THING", raising=False)
    file = tmp_path / "var" / "secret_key"
    first, second = env.secret_key("THING", file), env.secret_key("THING", file)
    assert first == second == file.read_text()
    assert len(first) >= 50
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secret_key"]


def test_a_given_secret_key_is_not_written_down(monkeypatch, tmp_path):
    monkeypatch.setenv("THING", "given")
    assert env.secret_key("THING", tmp_path / "secret_key") == "given"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", ["", "given"])
@pytest.mark.parametrize("inside", [".", "deeper"])
def test_a_file_where_var_dir_should_be_is_one_sentence(tmp_path, key, inside):
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / inside
    reason = "File exists" if inside == "." else "Not a directory"
    sentence = (
        f"Nothing can be kept in {folder} ({reason}). Make it a folder that you may write in, or set VAR_DIR to one.\n"
    )
    run = manage(folder, "check", SECRET_KEY=key)
    assert (run.returncode, run.stdout, run.stderr) == (1, "", sentence)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has this folder, in which nobody may write")
@pytest.mark.parametrize(
    ("command", "key"), [(["check"], ""), (["up", "--port", str(free_port())], "given"), (["prepare"], "given")]
)
def test_a_var_dir_that_cannot_be_written_is_one_sentence(command, key):
    sentence = (
        "Nothing can be kept in /proc (No such file or directory). "
        "Make it a folder that you may write in, or set VAR_DIR to one.\n"
    )
    run = manage(Path("/proc"), *command, SECRET_KEY=key)
    assert (run.returncode, run.stdout, run.stderr) == (1, "", sentence)


def test_a_new_var_dir_is_for_its_owner_alone_and_an_old_one_keeps_its_rights(tmp_path):
    new, old = tmp_path / "data" / "new", tmp_path / "old"
    old.mkdir(mode=0o755)
    env.make_folder(new)
    env.make_folder(old)
    assert [folder.stat().st_mode & 0o777 for folder in (new, old)] == [0o700, 0o755]


def test_relative_folders_are_taken_from_the_projects_folder(tmp_path):
    code = "from realty.settings import *; print(VAR_DIR, MEDIA_ROOT, DATABASES['default']['NAME'])"
    relative = os.path.relpath(tmp_path / "#1 ?", ROOT)
    given = {"VAR_DIR": relative, "MEDIA_ROOT": "media", "DATABASE_URL": "", "SECRET_KEY": "", "PYTHONPATH": str(ROOT)}
    said = subprocess.check_output([sys.executable, "-c", code], cwd=tmp_path, env=os.environ | given, text=True)
    assert said == f"{ROOT / relative} {ROOT / 'media'} {ROOT / relative / 'realty.sqlite3'}\n"
    assert (tmp_path / "#1 ?" / "secret_key").exists()


def names_read() -> set[str]:
    reader = re.compile(r"""\b(?:env\.\w+|_rate)\(\s*"([A-Z][A-Z0-9_]*)\"""")
    return {name for path in (ROOT / "realty").rglob("*.py") for name in reader.findall(path.read_text())}


def test_the_example_file_has_every_variable_with_a_comment():
    blocks = (ROOT / ".env.example").read_text().strip().split("\n\n")
    documented = [re.search(r"^# ([A-Z][A-Z0-9_]*)=", block, re.MULTILINE) for block in blocks[1:]]
    assert all(match and match.start() > 0 for match in documented)
    assert sorted(match[1] for match in documented) == sorted(names_read())


def test_a_start_with_a_malformed_value_ends_with_its_sentence(tmp_path):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "realty.settings",
        "VAR_DIR": str(tmp_path),
        "DEBUG": "maybe",
    }
    run = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert run.stderr == "DEBUG is 'maybe', which is neither true nor false. Write DEBUG=true or DEBUG=false.\n"


def test_setting_the_first_key_of_erasures_forgets_nobody(given):
    given(None)
    (made,) = env.erasure_keys("THING", "secret")
    given("new, old")
    assert (env.erasure_keys("THING", "secret"), len(made)) == (["new", "old", made], 64)
