"""Vapi: what its API is asked for, and what follows from what it answers."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.vapi_account import BASE, CALL, payload
from voice.events import EndReason, LineState
from voice.providers.base import CallOrder, LineReport, ProviderError

ORDER = CallOrder(call_id=7, to="+919820012345", name="Asha {{secret}} Rao")
SINCE = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def account(vapi_api):
    return replace(BASE, base_url=vapi_api.url)


def test_a_call_is_asked_for_with_our_id_where_vapi_returns_it(vapi_api):
    assert account(vapi_api).place_call(ORDER) == CALL
    assert vapi_api.asked == [
        (
            "POST",
            "/call",
            "Bearer the-private-key",
            {
                "name": "call-7",
                "assistantId": "the-assistant",
                "phoneNumberId": "the-number",
                "customer": {"number": "+919820012345", "name": "Asha {{secret}} Rao", "externalId": "call-7"},
                "assistantOverrides": {
                    "variableValues": {"lead_name": "Asha secret Rao"},
                    "metadata": {"call_id": "7"},
                    "maxDurationSeconds": 900,
                },
            },
        )
    ]


def test_a_name_is_cut_where_vapi_would_refuse_it(vapi_api):
    account(vapi_api).place_call(replace(ORDER, name="अ" * 60))
    account(vapi_api).place_call(replace(ORDER, name=""))
    assert [len(body["customer"].get("name", "")) for _, _, _, body in vapi_api.asked] == [40, 0]


@pytest.mark.parametrize(
    ("status", "said", "code", "retryable", "maybe_done"),
    [
        (400, payload("rest_error_400"), "bad_number", False, False),
        (400, payload("rest_error_400_concurrency"), "lines_busy", True, False),
        (400, {"message": ["name must be shorter"]}, "vapi_400", False, False),
        (401, payload("rest_error_401"), "vapi_401", False, False),
        (402, b"no JSON", "vapi_402", False, False),
        (404, {"message": "Couldn't Get Assistant"}, "vapi_404", False, False),
        (307, b"", "vapi_307", False, False),
        (429, [], "busy", True, False),
        (503, b"", "server_error", False, True),
        (500, b"", "server_error", False, True),
        (504, b"", "server_error", False, True),
        (201, b"", "unclear", False, True),
        (201, {"results": []}, "unclear", False, True),
        (0, b"", "no_answer", False, True),
    ],
)
def test_what_an_answer_means_for_the_next_try(vapi_api, status, said, code, retryable, maybe_done):
    vapi_api.answer = (status, said)
    with pytest.raises(ProviderError) as raised:
        replace(account(vapi_api), timeout_s=0.2 if status == 0 else 10).place_call(ORDER)
    error = raised.value
    assert (error.code, error.retryable, error.maybe_done) == (code, retryable, maybe_done)
    assert str(error).endswith(".")
    assert ORDER.to not in str(error)


def test_a_connection_that_was_never_made_is_tried_again():
    with pytest.raises(ProviderError) as raised:
        replace(BASE, base_url="http://127.0.0.1:1").place_call(ORDER)
    assert (raised.value.code, raised.value.retryable, raised.value.maybe_done) == ("unreachable", True, False)


@pytest.mark.parametrize("missing", ["api_key", "assistant_id", "phone_number_id"])
def test_an_account_that_is_not_set_up_asks_nobody_and_names_the_variables(vapi_api, missing):
    with pytest.raises(ProviderError, match="VAPI_API_KEY and VAPI_PHONE_NUMBER_ID") as raised:
        replace(account(vapi_api), **{missing: ""}).place_call(ORDER)
    assert (raised.value.code, vapi_api.asked) == ("not_configured", [])


def test_an_ended_call_is_looked_up_with_its_words(vapi_api):
    vapi_api.answer = (200, payload("rest_get_call_ended"))
    report = account(vapi_api).look_up(ORDER, CALL, since=SINCE)
    assert report is not None
    assert replace(report, told=None) == LineReport(CALL, LineState.ENDED, EndReason.COMPLETED, 82, cost_micros=81_200)
    assert [one.by_caller for one in report.told.spoken] == [False, True, False]
    assert [asked[:2] for asked in vapi_api.asked] == [("GET", f"/call/{CALL}")]


def test_a_call_without_an_id_is_found_by_account(vapi_api):
    ours = {"id": CALL, "status": "ringing", "customer": {"externalId": "call-7"}}
    vapi_api.answer = (200, [{"id": "x", "status": "ended", "customer": {"externalId": "call-77"}}, {"id": "y"}, ours])
    assert account(vapi_api).look_up(ORDER, "", since=SINCE) == LineReport(CALL, LineState.RINGING)
    assert [asked[1] for asked in vapi_api.asked] == [
        "/call?phoneNumberId=the-number&createdAtGe=2026-11-22T10%3A00%3A00%2B00%3A00&limit=1000"
    ]


@pytest.mark.parametrize(("call_id", "answer"), [(CALL, (404, {})), ("", (200, []))])
def test_a_call_that_vapi_does_not_know_is_none(vapi_api, call_id, answer):
    vapi_api.answer = answer
    assert account(vapi_api).look_up(ORDER, call_id, since=SINCE) is None


@pytest.mark.parametrize("answer", [(200, [{"id": "x"}] * 1000), (200, {"results": []}), (500, b""), (404, b"")])
def test_what_proves_nothing_is_not_taken_for_absence(vapi_api, answer):
    vapi_api.answer = answer
    with pytest.raises(ProviderError):
        account(vapi_api).look_up(ORDER, "", since=SINCE)
