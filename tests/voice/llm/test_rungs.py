"""Each rung against a server that does everything wrong: an answer, or the fault's name, before the server lets go."""

import socket
import threading

import pytest

from tests.llm_server import GEMINI_FAULTS, HANGING, PRIMARY_FAULTS
from tests.voice.llm.conftest import ANSWER
from voice.llm.base import Completion, Fault, RungError
from voice.llm.gemini import Gemini
from voice.llm.openai_compatible import OpenAiCompatible

ANSWERED = Completion(ANSWER, tokens_in=11, tokens_out=7)


@pytest.fixture
def primary(server):
    return OpenAiCompatible(f"{server.url}/v1", "small", "primary-key")


@pytest.fixture
def gemini(server):
    return Gemini("gemini-key", "some", server.url)


def fault_of(rung, prompt, timeout_s=10.0):
    with pytest.raises(RungError) as raised:
        rung.complete(prompt, timeout_s)
    return raised.value.fault


def test_the_primary_asks_for_a_stream_of_json_and_counts_tokens(server, primary, prompt):
    assert primary.complete(prompt, 10) == ANSWERED
    asked = server.requests[0]
    assert (asked.path, asked.headers["authorization"], asked.body) == (
        "/v1/chat/completions",
        "Bearer primary-key",
        {
            "model": "small",
            "messages": [{"role": "system", "content": "You listen."}, {"role": "user", "content": "What was said?"}],
            "temperature": 0,
            "max_tokens": 400,
            "stream": True,
            "stream_options": {"include_usage": True},
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "test", "strict": True, "schema": prompt.schema},
            },
        },
    )


def test_gemini_asks_for_json_in_the_keywords_it_knows(server, gemini, prompt):
    assert gemini.complete(prompt, 10) == ANSWERED
    asked = server.requests[0]
    assert (asked.path.partition("?")[0], asked.headers["x-goog-api-key"]) == (
        "/v1beta/models/some:generateContent",
        "gemini-key",
    )
    assert asked.body["systemInstruction"]["parts"] == [{"text": "You listen."}]
    assert asked.body["contents"] == [{"parts": [{"text": "What was said?"}], "role": "user"}]
    config = asked.body["generationConfig"]
    assert (config["temperature"], config["maxOutputTokens"], config["responseMimeType"]) == (
        0,
        400,
        "application/json",
    )
    assert sorted(config["responseSchema"]["required"]) == ["plain", "quote"]


@pytest.mark.parametrize("way", ["whole", "uncounted"])
def test_the_primary_takes_answers_that_are_not_streamed_or_counted(server, primary, prompt, way):
    server.faults = [way]
    counted = (11, 7) if way == "whole" else (0, 0)
    assert primary.complete(prompt, 10) == Completion(ANSWER, *counted)


@pytest.mark.parametrize("kind", ["primary", "gemini"])
def test_an_answer_that_hit_its_limit_is_marked_and_counted(server, prompt, request, kind):
    server.faults = ["cut_off"]
    rung = request.getfixturevalue(kind)
    assert rung.complete(prompt, 10) == Completion(ANSWER, tokens_in=11, tokens_out=7, is_whole=False)


def test_a_server_that_knows_no_schemas_is_asked_without_and_that_is_remembered(server, primary, prompt):
    server.faults = ["no_schema", "no_schema", "no_schema"]
    assert [primary.complete(prompt, 10), primary.complete(prompt, 10)] == [ANSWERED, ANSWERED]
    assert ["response_format" in asked.body for asked in server.requests] == [True, False, False]


def test_a_server_that_rejects_everything_is_asked_with_a_schema_again(server, primary, prompt):
    server.faults = ["400", "400"]
    assert fault_of(primary, prompt) is Fault.REJECTED
    assert primary.complete(prompt, 10) == ANSWERED
    assert ["response_format" in asked.body for asked in server.requests] == [True, False, True]


@pytest.mark.parametrize(("way", "fault"), PRIMARY_FAULTS.items())
def test_what_the_primary_does_wrong_has_a_name(server, primary, prompt, way, fault):
    server.faults = [way, way]
    assert fault_of(primary, prompt) is fault


@pytest.mark.parametrize(("way", "fault"), GEMINI_FAULTS.items())
def test_what_gemini_does_wrong_has_a_name_and_is_asked_once(server, gemini, prompt, way, fault):
    server.faults = [way]
    assert fault_of(gemini, prompt) is fault
    assert len(server.requests) == 1


@pytest.mark.parametrize("kind", ["primary", "gemini"])
@pytest.mark.parametrize(("way", "fault"), HANGING.items())
def test_a_server_that_never_ends_is_hung_up_on(server, prompt, request, kind, way, fault):
    rung = request.getfixturevalue(kind)
    if kind == "gemini":
        rung.complete(prompt, 10)  # the import is not what is measured here
    server.faults = [way]
    assert fault_of(rung, prompt, 0.5 if fault is Fault.TIMEOUT else 10) is fault
    assert not server.let_go.is_set()
    assert server.hung_up.wait(10)


def test_an_answer_that_comes_word_by_word_for_ever_is_hung_up_on(server, primary, prompt):
    server.faults = ["drip_answer"]
    assert fault_of(primary, prompt, 0.5) is Fault.TIMEOUT
    assert server.hung_up.wait(10)


@pytest.mark.parametrize("way", ["silent", "drip_headers", "drip_body"])
def test_the_thread_of_a_question_that_was_given_up_ends(server, primary, prompt, way):
    server.faults = [way]
    fault_of(primary, prompt, 0.3)
    for thread in threading.enumerate():
        if thread.name == "language model":
            thread.join(10)
            assert not thread.is_alive()


def test_a_server_that_is_not_there(prompt):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    assert fault_of(OpenAiCompatible(url, "small"), prompt) is Fault.REFUSED
    assert fault_of(Gemini("key", "some", url), prompt) is Fault.REFUSED


def test_a_server_that_accepts_and_reads_nothing(prompt):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        assert fault_of(OpenAiCompatible(url, "small"), prompt, 0.3) is Fault.TIMEOUT
        assert fault_of(OpenAiCompatible(url.replace("http", "https"), "small"), prompt, 0.3) is Fault.TIMEOUT


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7), ("", 0), ("soon", 0), ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("-3", 0)]
)
def test_how_long_a_busy_server_asks_to_wait(server, primary, gemini, prompt, header, seconds):
    server.faults, server.retry_after = ["429", "429"], header
    for rung in (primary, gemini):
        with pytest.raises(RungError) as raised:
            rung.complete(prompt, 10)
        assert (raised.value.fault, raised.value.retry_after_s) == (Fault.RATE_LIMITED, seconds)


def test_a_key_that_no_header_can_hold_is_a_broken_line_not_a_crash(server, prompt):
    assert fault_of(OpenAiCompatible(server.url, "small", "schlüssel\n☂"), prompt) is Fault.BROKEN


def test_what_is_asked_is_not_logged(server, primary, prompt, caplog):
    server.faults = ["html"]
    fault_of(primary, prompt)
    fault_of(OpenAiCompatible(server.url, "small", "schlüssel\n☂"), prompt)
    assert "What was said?" not in caplog.text
    assert "schl" not in caplog.text
    assert "key" not in repr(primary)


def test_a_machine_without_a_thread_left_is_a_fault_and_no_crash(primary, prompt, monkeypatch):
    def start(_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    assert fault_of(primary, prompt) is Fault.BROKEN
