"""Vapi's API on its bad days: what is tried again, what never is, and orders to live calls."""

import itertools
from dataclasses import replace

import pytest

from tests.vapi_account import BASE, CALL
from voice.providers.base import CallOrder, HangUp, LeaveMessage, ProviderError
from voice.providers.vapi_api import Api

ORDER = CallOrder(call_id=7, to="+919820012345")
MADE = (201, {"id": CALL})
FAULT = (500, b"")
NONE = (200, [])
NO_LINE = (
    200,
    [
        {
            "id": "old",
            "status": "ended",
            "endedReason": "call.start.error-subscription-concurrency-limit-reached",
            "customer": {"externalId": "call-7"},
        }
    ],
)
OURS = (200, [{"id": "found", "status": "queued", "customer": {"externalId": "call-7"}}])


def vapi(vapi_api, **more):
    return replace(BASE, waits_s=(0, 0, 0), base_url=vapi_api.url, **more)


def posts(vapi_api):
    return sum(asked[0] == "POST" for asked in vapi_api.asked)


@pytest.mark.parametrize(
    ("answers", "found", "asked"),
    [
        ([(429, b""), MADE], CALL, 2),
        ([FAULT, NONE, NONE, (429, b""), NONE, (503, b""), NONE, NONE, MADE], CALL, 4),
        ([FAULT, OURS], "found", 1),  # it was made although Vapi failed
        ([FAULT, NONE, OURS], "found", 1),  # and was not in the list at once
        ([FAULT, NO_LINE, NO_LINE, MADE], CALL, 2),  # an earlier try that found no line is not this one
    ],
)
def test_what_passes_is_tried_again_and_no_call_is_made_twice(vapi_api, answers, found, asked):
    vapi_api.answers = answers
    assert (vapi(vapi_api).place_call(ORDER), posts(vapi_api)) == (found, asked)


@pytest.mark.parametrize(
    ("answers", "code", "asked"),
    [
        ([(429, b"")] * 4, "busy", 4),
        ([FAULT, NONE, NONE] * 4, "down", 4),
    ],
)
def test_after_three_more_tries_it_is_given_up_to_be_tried_later(vapi_api, answers, code, asked):
    vapi_api.answers = answers
    with pytest.raises(ProviderError) as raised:
        vapi(vapi_api).place_call(ORDER)
    error = raised.value
    assert (error.code, error.retryable, error.maybe_done, posts(vapi_api)) == (code, True, False, asked)


@pytest.mark.parametrize(
    ("answers", "code", "maybe_done"),
    [
        ([FAULT, FAULT], "server_error", True),  # nobody says whether it was made
        ([FAULT, NONE, FAULT], "server_error", True),
        ([(201, b"")], "unclear", True),
        ([(400, {"message": "Over Concurrency Limit"})], "lines_busy", False),
        ([(401, {"message": "Invalid Key"})], "vapi_401", False),
        ([(400, {"message": ["customer.number must be valid"]})], "bad_number", False),
    ],
)
def test_what_does_not_pass_or_is_not_known_is_asked_once(vapi_api, answers, code, maybe_done):
    vapi_api.answers = answers
    with pytest.raises(ProviderError) as raised:
        vapi(vapi_api).place_call(ORDER)
    error = raised.value
    assert (error.code, error.maybe_done, posts(vapi_api)) == (code, maybe_done, 1)
    assert error.bad_number is (code == "bad_number")


def test_the_pauses_grow_and_after_each_the_gate_is_asked():
    slept = []
    api = Api("http://127.0.0.1:1", "k", sleep=slept.append)
    with pytest.raises(ProviderError) as raised:
        api.place({}, look_up=lambda: None, ask_again=lambda: slept.append("gate"))
    assert slept == [1, "gate", 2, "gate", 4, "gate"]
    assert (raised.value.code, raised.value.retryable) == ("unreachable", True)


def test_a_job_that_took_long_asks_no_more():
    slept, seconds = [], itertools.count(0, 15)
    api = Api("http://127.0.0.1:1", "k", sleep=slept.append, clock=lambda: next(seconds))
    with pytest.raises(ProviderError, match="could not be reached"):
        api.place({}, look_up=lambda: None, ask_again=lambda: None)
    assert slept == [1]


# Orders to live calls


def live(vapi_api, **monitor):
    vapi_api.at[f"GET /call/{CALL}"] = (200, {"id": CALL, "status": "in-progress", "monitor": monitor})


@pytest.mark.parametrize(
    ("action", "order"),
    [
        (HangUp(), {"type": "end-call"}),
        (LeaveMessage("Call us."), {"type": "say", "content": "Call us.", "endCallAfterSpoken": True}),
    ],
)
@pytest.mark.parametrize(("key", "proof"), [("", None), ("public", "Bearer public")])
def test_a_live_call_is_told_what_to_do_at_its_own_address(vapi_api, action, order, key, proof):
    live(vapi_api, controlUrl=f"<{vapi_api.url}/control>")
    vapi(vapi_api, public_key=key).act(CALL, action)
    assert vapi_api.asked[1:] == [("POST", "/control", proof, order)]


@pytest.mark.parametrize("answer", [(404, b""), (200, {"id": CALL, "status": "ended", "monitor": {"controlUrl": "x"}})])
def test_a_call_that_is_over_is_left_alone(vapi_api, answer):
    vapi_api.at[f"GET /call/{CALL}"] = answer
    assert not vapi(vapi_api).act(CALL, HangUp())
    assert posts(vapi_api) == 0


def test_a_call_that_ended_meanwhile_is_left_alone(vapi_api):
    live(vapi_api, controlUrl=f"{vapi_api.url}/control")
    vapi_api.answer = (404, b"")
    assert not vapi(vapi_api).act(CALL, HangUp())


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest",
        "https://vapi.ai.example.com/control",
        "https://evilvapi.ai/control",
        "http://phone.vapi.ai/control",
        "https://user@phone.vapi.ai/control",
        "file:///etc/passwd",
        "http://127.0.0.1:1/control",
        "",
    ],
)
def test_nothing_is_sent_to_an_address_that_is_not_vapis(vapi_api, url):
    live(vapi_api, controlUrl=url)
    with pytest.raises(ProviderError) as raised:
        vapi(vapi_api).act(CALL, HangUp())
    assert (raised.value.code, posts(vapi_api)) == ("no_control" if not url else "bad_address", 0)


@pytest.mark.parametrize("url", ["https://phone-call-websocket.aws-us-west-2.vapi.ai/x/control", "https://vapi.ai/x"])
def test_vapis_own_hosts_are_its_own(url):
    assert replace(Api("https://vapi_api.vapi.ai", "k"))._is_vapis(url)


def test_a_network_that_never_answers_is_no_end_of_the_call(vapi_api):
    live(vapi_api, controlUrl=f"{vapi_api.url}/control")
    vapi_api.answer = (0, b"")
    with pytest.raises(ProviderError) as raised:
        vapi(vapi_api, timeout_s=0.2).act(CALL, HangUp())
    assert raised.value.code == "no_answer"
