"""Each fault of an installation has an id, a sentence and a cure."""

import multiprocessing
import os
import tempfile
from pathlib import Path

import pytest
from django.core.checks import run_checks

from calls import queue
from realty.checks import check_clusters, check_jobs, check_language_models, check_recordings, check_twilio

COMPLETE = {"account_sid": "AC123", "auth_tokens": ["token"], "from_number": "+14155550100"}


@pytest.fixture
def twilio(settings):
    """Sets what is known of Twilio and gives what the checks then say."""

    def said(*, default="twilio", public="https://crm.example.com", **changes):
        settings.PROVIDERS = settings.PROVIDERS | {"twilio": settings.PROVIDERS["twilio"] | COMPLETE | changes}
        settings.DEFAULT_PROVIDER = default
        settings.PUBLIC_BASE_URL = public
        return [(message.id, message.msg, message.hint) for message in check_twilio()]

    return said


def test_a_complete_account_has_no_fault(twilio):
    assert twilio() == []


def test_no_account_at_all_has_no_fault(twilio):
    nothing = {"account_sid": "", "auth_tokens": [], "from_number": ""}
    assert twilio(default="pretend", public="http://127.0.0.1:8000", **nothing) == []


def test_a_token_alone_lets_inbound_calls_in(twilio):
    assert twilio(default="pretend", account_sid="", from_number="") == []


def test_an_account_without_its_token_is_named(twilio):
    assert twilio(auth_tokens=[]) == [
        (
            "realty.E001",
            "TWILIO_ACCOUNT_SID is set, but TWILIO_AUTH_TOKEN is not.",
            "Set TWILIO_AUTH_TOKEN from Twilio's console, or take TWILIO_ACCOUNT_SID away.",
        )
    ]


def test_an_account_without_token_and_number_is_named_even_where_it_is_not_the_default(twilio):
    assert twilio(default="pretend", auth_tokens=[], from_number="") == [
        (
            "realty.E001",
            "TWILIO_ACCOUNT_SID is set, but TWILIO_AUTH_TOKEN and TWILIO_FROM_NUMBER are not.",
            "Set TWILIO_AUTH_TOKEN and TWILIO_FROM_NUMBER from Twilio's console, or take TWILIO_ACCOUNT_SID away.",
        )
    ]


def test_twilio_as_the_default_needs_an_account(twilio):
    assert twilio(account_sid="") == [
        (
            "realty.E002",
            "DEFAULT_PROVIDER is twilio, but TWILIO_ACCOUNT_SID is not set.",
            "Set TWILIO_ACCOUNT_SID from Twilio's console, or set DEFAULT_PROVIDER=pretend.",
        )
    ]


@pytest.mark.parametrize("number", ["4155550100", "+1 415 555 0100", "+0123456789", "whatsapp:+14155550100"])
def test_the_number_that_calls_come_from_has_its_country_code(twilio, number):
    assert twilio(from_number=number) == [
        (
            "realty.E003",
            "TWILIO_FROM_NUMBER is not a number with its country code.",
            "Write it with a plus and without blanks, such as TWILIO_FROM_NUMBER=+14155550100.",
        )
    ]


def test_a_real_provider_over_plain_http_is_warned_of(twilio):
    assert twilio(public="http://127.0.0.1:8000") == [
        (
            "realty.W001",
            "PUBLIC_BASE_URL is http://127.0.0.1:8000: Twilio would send what is said in the clear, or nowhere.",
            "Set PUBLIC_BASE_URL to the https address that the world reaches this server by.",
        )
    ]


@pytest.fixture
def models(monkeypatch, settings):
    """Sets variables of the language models and gives what the checks then say."""

    def said(**variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        primary = {
            "model": variables.get("LLM_MODEL", ""),
            "base_url": variables.get("LLM_BASE_URL", "http://x/v1"),
            "timeout_s": float(variables.get("LLM_TIMEOUT_S", "3.5")),
        }
        gemini = {"api_key": variables.get("GEMINI_API_KEY", "")}
        settings.LANGUAGE_MODELS = settings.LANGUAGE_MODELS | {"primary": primary, "gemini": gemini}
        return [(message.id, message.msg, message.hint) for message in check_language_models()]

    return said


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"LLM_MODEL": "small"},
        {"LLM_MODEL": "small", "LLM_BASE_URL": "http://10.0.0.5:8080/v1", "LLM_API_KEY": "key"},
        {"GEMINI_MODEL": "some", "GEMINI_API_KEY": "key", "GEMINI_BASE_URL": "http://127.0.0.1:1"},
    ],
)
def test_language_models_that_can_be_asked_or_are_not_wanted_have_no_fault(models, variables):
    assert models(**variables) == []


def test_a_server_without_the_name_of_its_model(models):
    assert models(LLM_BASE_URL="http://10.0.0.5:8080/v1", LLM_API_KEY="key") == [
        (
            "realty.E005",
            "LLM_BASE_URL and LLM_API_KEY are set, but LLM_MODEL is not.",
            ("Set LLM_MODEL to the name of a model that its server lists, or take LLM_BASE_URL and LLM_API_KEY away."),
        )
    ]


def test_a_gemini_key_without_a_model(models):
    assert models(GEMINI_API_KEY="key") == [
        (
            "realty.E006",
            "GEMINI_API_KEY is set, but GEMINI_MODEL is not.",
            "Set GEMINI_MODEL to the name of a Gemini model, or take GEMINI_API_KEY away.",
        )
    ]


def test_a_gemini_model_without_a_key(models):
    assert models(GEMINI_MODEL="some") == [
        (
            "realty.E007",
            "GEMINI_MODEL is set, but GEMINI_API_KEY is not.",
            "Set GEMINI_API_KEY to the key from Google AI Studio, or take GEMINI_MODEL away.",
        )
    ]


def test_an_address_without_its_path_is_warned_of(models):
    assert models(LLM_MODEL="small", LLM_BASE_URL="http://127.0.0.1:11434") == [
        (
            "realty.W002",
            "LLM_BASE_URL is http://127.0.0.1:11434, where most servers know no chat completions.",
            "Write it with the path that they are under, mostly LLM_BASE_URL=http://127.0.0.1:11434/v1.",
        )
    ]


def test_a_first_model_that_leaves_the_second_no_time_is_warned_of(models):
    keys = {"LLM_MODEL": "small", "GEMINI_API_KEY": "k", "GEMINI_MODEL": "m"}
    assert models(**keys, LLM_TIMEOUT_S="7") == []
    assert models(**keys, LLM_TIMEOUT_S="8") == [
        (
            "realty.W003",
            "LLM_TIMEOUT_S is 8: a first model that hangs leaves Gemini no time.",
            "A turn has 7.5 seconds for all models together; set, for instance, LLM_TIMEOUT_S=3.5.",
        )
    ]


def test_every_job_that_can_be_queued_exists():
    assert check_jobs() == []


@pytest.mark.parametrize("path", ["calls.tasks.nothing", "nowhere.tasks.dial", "calls.queue.DIAL", "dial"])
def test_a_job_that_does_not_exist_is_named(monkeypatch, path):
    monkeypatch.setattr(queue, "PATHS", (*queue.PATHS, path))
    assert [(fault.id, fault.msg, fault.hint) for fault in check_jobs()] == [
        (
            "realty.E004",
            f"The job {path} is queued by name, but there is no such function.",
            "Correct its path in calls/queue.py, or write the function.",
        )
    ]


def test_the_checks_run_with_all_others(monkeypatch):
    monkeypatch.setattr(queue, "PATHS", ("calls.tasks.nothing",))
    assert "realty.E004" in [message.id for message in run_checks()]


def test_no_cluster_hands_a_job_out_again_while_it_may_run(settings):
    assert check_clusters() == []
    hasty = {"transcription": {**settings.Q_CLUSTER["ALT_CLUSTERS"]["transcription"], "workers": 1, "retry": 14_400}}
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "ALT_CLUSTERS": hasty}
    assert [(fault.id, fault.msg) for fault in check_clusters()] == [
        (
            "realty.E008",
            "The cluster transcription hands a job out again after 14400 s, while it may run for 28800 s.",
        )
    ]


@pytest.fixture
def kept(settings, tmp_path):
    """Sets where recordings are kept and who hears them, and gives what the check then says."""

    def said(*, model="base", media=tmp_path / "not yet there"):
        settings.WHISPER_MODEL, settings.MEDIA_ROOT = model, media
        return [(message.id, message.msg, message.hint) for message in check_recordings()]

    return said


@pytest.mark.parametrize("model", ["base", "large-v3-turbo", "Systran/faster-whisper-base"])
def test_a_model_that_may_be_and_a_folder_that_can_be_made_have_no_fault(kept, model):
    assert kept(model=model) == []


@pytest.mark.parametrize(
    ("model", "why"),
    [
        ("/no/such/folder", "There is no folder /no/such/folder"),
        ("./models/base", "There is no folder models/base"),
        ("bass", "There is no Whisper model named bass"),
    ],
)
def test_a_model_that_cannot_be_is_named(kept, model, why):
    cure = "Set WHISPER_MODEL to base, which is downloaded once, or to a folder with a CTranslate2 Whisper model."
    assert kept(model=model) == [("realty.W004", f"{why}: no recording can be transcribed.", cure)]


def test_a_folder_without_a_model_is_named(kept, tmp_path):
    ((number, sentence, _),) = kept(model=str(tmp_path))
    assert (number, sentence) == (
        "realty.W004",
        f"The folder {tmp_path} lacks model.bin, config.json, tokenizer.json: no recording can be transcribed.",
    )


def test_a_place_where_no_folder_can_be_made_is_named(kept, tmp_path):
    (tmp_path / "file").touch()
    cure = "Make it a folder that you may write in, or set MEDIA_ROOT to one."
    assert kept(media=tmp_path / "file" / "media") == [
        ("realty.W005", f"Nothing can be written to {tmp_path}/file: no recording can be kept.", cure)
    ]


def as_nobody(act):
    """What `act` gives in a process that is not the superuser's, who may do everything."""

    def run(end):
        if os.geteuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        try:
            end.send(act())
        except OSError as error:
            end.send(repr(error))

    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=run, args=(theirs,))
    process.start()
    try:
        return ours.recv() if ours.poll(30) else None
    finally:
        process.kill()
        process.join()


@pytest.fixture
def place():
    """A folder that every user of the machine reaches, as the tests' own is not."""
    shared = (Path(one).resolve() for one in (tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm"))
    reached = (one for one in shared if all(folder.stat().st_mode & 0o001 for folder in (one, *one.parents)))
    with tempfile.TemporaryDirectory(dir=next(reached)) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize(("rights", "media"), [(0o555, "media"), (0o000, "media"), (0o000, "a/b")])
def test_a_folder_of_somebody_else_is_named(kept, place, rights, media):
    theirs = place / "theirs"
    theirs.mkdir()
    theirs.chmod(rights)
    found = as_nobody(lambda: [told[:2] for told in kept(media=theirs / media)])
    theirs.chmod(0o700)
    assert found == [("realty.W005", f"Nothing can be written to {theirs}: no recording can be kept.")]


def test_a_model_in_a_folder_of_somebody_else_is_named(kept, place):
    (place / "theirs").mkdir(mode=0o000)
    model = place / "theirs" / "base"
    found = as_nobody(lambda: [told[:2] for told in kept(model=str(model), media=Path(os.devnull))][:1])
    (place / "theirs").chmod(0o700)
    sentence = f"The folder {model} may not be read: no recording can be transcribed."
    assert found == [("realty.W004", sentence)]
