"""Vapi: what proves a webhook, and what its messages mean."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.vapi_account import BASE, CALL, FOLDER, payload, posted
from voice.events import CallEvent, CallReport, EndReason, EventKind, LineState, RecordingNews, Spoken
from voice.providers import vapi_ends
from voice.providers.base import Unreadable, WebhookRequest

MESSAGES = sorted(
    p.stem for p in (FOLDER / "vapi").glob("*.json") if not p.stem.startswith(("rest_", "auth_", "custom_"))
)
REASONS = json.loads((FOLDER / "vapi_ended_reasons.json").read_text())["groups"]
VECTORS = json.loads((FOLDER / "vapi" / "auth_vectors.json").read_text())


KINDS = {
    "status-update": EventKind.STATUS,
    "transfer-update": EventKind.STATUS,
    "end-of-call-report": EventKind.REPORT,
    "assistant-request": EventKind.ASSISTANT,
    "tool-calls": EventKind.TOOLS,
    "function-call": EventKind.TOOLS,
    "transfer-destination-request": EventKind.TOOLS,
    "transcript": EventKind.SPOKEN,
    "conversation-update": EventKind.SPOKEN,
    "call.artifact.upload": EventKind.RECORDING,
}


# What proves a webhook


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_a_webhook_is_proven_as_configured(case):
    headers = {name.lower(): value for name, value in case["headers"].items()}
    auth = {"bearer": "bearer", "legacy_x_vapi_secret": "x-vapi-secret"}.get(case["name"], "hmac")
    vapi = replace(BASE, webhook_auth=auth, webhook_secrets=["other", case["secret"]], clock=lambda: 1795341600.0)
    request = WebhookRequest("call", "", {}, {}, headers, VECTORS["raw_body"].encode())
    assert vapi.verify(request) is bool(case["valid"])


@pytest.mark.parametrize(
    ("clock", "fresh"),
    [(1795341600 - 299, True), (1795341600 + 299, True), (1795341600 - 301, False), (1795341901, False)],
)
def test_an_old_signature_proves_nothing(clock, fresh):
    case = VECTORS["cases"][0]
    vapi = replace(BASE, webhook_auth="hmac", webhook_secrets=[case["secret"]], clock=lambda: clock)
    headers = {name.lower(): value for name, value in case["headers"].items()}
    assert vapi.verify(WebhookRequest("call", "", {}, {}, headers, VECTORS["raw_body"].encode())) is fresh


@pytest.mark.parametrize("stamp", ["", "soon", "²", "1" * 40])
def test_a_signature_without_a_time_proves_nothing(stamp):
    vapi = replace(BASE, webhook_auth="hmac")
    assert not vapi.verify(posted({}, **{"x-timestamp": stamp, "x-signature": ""}))


@pytest.mark.parametrize("auth", ["bearer", "x-vapi-secret"])
@pytest.mark.parametrize(
    ("given", "proven"), [("new", True), ("old", True), ("", False), ("nëw", False), ("neww", False)]
)
def test_every_secret_of_a_rotation_proves_a_webhook_and_nothing_else_does(auth, given, proven):
    headers = {"authorization": f"Bearer {given}"} if auth == "bearer" else {"x-vapi-secret": given}
    assert replace(BASE, webhook_auth=auth).verify(posted({}, **headers)) is proven


@pytest.mark.parametrize("auth", ["bearer", "x-vapi-secret", "hmac"])
def test_without_a_secret_every_webhook_is_refused_and_the_log_says_why(auth, caplog):
    vapi = replace(BASE, webhook_auth=auth, webhook_secrets=[])
    assert not vapi.verify(posted({}, authorization="Bearer ", **{"x-vapi-secret": "", "x-signature": ""}))
    assert "VAPI_WEBHOOK_SECRET is not set" in caplog.text


# What its messages mean


def test_a_report_is_read_whole():
    body = payload("end_of_call_report_completed_2026")
    body["message"]["customer"]["externalId"] = "call-7"

    def at(milliseconds):
        return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)

    assert BASE.parse(posted(body)) == CallEvent(
        kind=EventKind.REPORT,
        provider="vapi",
        provider_call_id=CALL,
        dedupe_key=f"{CALL}:report",
        call_id=7,
        caller="+14155550101",
        called="+14155550100",
        line=LineState.ENDED,
        end_reason=EndReason.COMPLETED,
        duration_s=82,
        report=CallReport(
            spoken=(
                Spoken(
                    "Hi, this is an AI assistant calling from Example Realty. This call is recorded. "
                    "Is now a good time?",
                    by_caller=False,
                    at=at(1795341601280),
                ),
                Spoken("Yes, I want a two BHK in Whitefield under eighty lakhs.", by_caller=True, at=at(1795341607010)),
                Spoken("Thank you. An agent will call you tomorrow. Goodbye.", by_caller=False, at=at(1795341613000)),
            )
        ),
        recording=RecordingNews(CALL, 2, duration_s=82, started_at=datetime(2026, 11, 22, 10, 0, 9, tzinfo=UTC)),
        cost_micros=81200,
        analysis=body["message"]["analysis"],
    )


@pytest.mark.parametrize(
    ("name", "line", "end_reason"),
    [
        ("status_update_scheduled", LineState.PLACED, None),
        ("status_update_queued", LineState.PLACED, None),
        ("status_update_ringing", LineState.RINGING, None),
        ("status_update_in_progress", LineState.IN_PROGRESS, None),
        ("status_update_forwarding", LineState.IN_PROGRESS, None),
        ("status_update_ended_customer-busy", LineState.ENDED, EndReason.BUSY),
        ("status_update_ended_customer-did-not-answer", LineState.ENDED, EndReason.NO_ANSWER),
        # The report, which brings the words, is what ends these.
        ("status_update_ended_customer-ended-call", None, EndReason.COMPLETED),
        ("status_update_ended_voicemail", None, EndReason.COMPLETED),
        ("end_of_call_report_busy", LineState.ENDED, EndReason.BUSY),
        ("end_of_call_report_voicemail", LineState.ENDED, EndReason.COMPLETED),
        ("end_of_call_report_unknown_reason", LineState.ENDED, EndReason.FAILED),
    ],
)
def test_a_status_moves_the_line(name, line, end_reason):
    event = BASE.parse(posted(payload(name)))
    assert (event.line, event.end_reason) == (line, end_reason)


@pytest.mark.parametrize(
    ("reason", "by_status", "by_report"),
    [
        ({"endedReason": "customer-busy"}, (LineState.ENDED, EndReason.BUSY), (LineState.ENDED, EndReason.BUSY)),
        ({"endedReason": "pipeline-error-x"}, (None, EndReason.FAILED), (LineState.ENDED, EndReason.FAILED)),
        ({"endedReason": "of-next-month"}, (None, EndReason.FAILED), (LineState.ENDED, EndReason.FAILED)),
        ({}, (None, None), (LineState.ENDED, None)),  # nothing says that it failed
    ],
)
def test_where_somebody_may_have_talked_the_report_ends_the_call(reason, by_status, by_report):
    def told(kind):
        event = BASE.parse(posted({"message": {"type": kind, "status": "ended", "call": {"id": CALL}, **reason}}))
        return event.line, event.end_reason

    assert (told("status-update"), told("end-of-call-report")) == (by_status, by_report)


@pytest.mark.parametrize("nested", [True, False])
def test_the_names_of_other_systems_are_understood_nested_or_flat(nested):
    def event(kind, **more):
        message = {"type": kind, "call": {"id": CALL}, **more}
        return BASE.parse(posted({"message": message} if nested else message))

    assert event("call.started") == event("status-update", status="in-progress")
    ended = {"endedReason": "voicemail", "transcript": "AI: Hello?\nUser: Leave a message.\n"}
    assert event("call.ended", **ended) == event("end-of-call-report", **ended)
    words = {"role": "user", "transcriptType": "final", "transcript": "Yes."}
    assert event("transcript.update", **words).spoken == event("transcript", **words).spoken == (Spoken("Yes.", True),)
    assert event("call.ended", **ended).report == CallReport(
        (Spoken("Hello?", by_caller=False), Spoken("Leave a message.", by_caller=True)), machine=True
    )


def test_a_redelivered_report_is_known_although_its_signed_addresses_changed():
    first = payload("end_of_call_report_completed_2026")
    second = payload("end_of_call_report_completed_2026")
    second["message"]["artifact"]["presignedMonoUrl"] = "https://s3.example.invalid/mono.wav?X-Amz-Signature=OTHER"
    assert BASE.parse(posted(first)) == BASE.parse(posted(second))


def test_two_transcripts_are_two_events_and_one_delivered_twice_is_one():
    one, other = payload("transcript_final_user"), payload("transcript_final_user")
    other["message"]["timestamp"] += 1
    keys = [BASE.parse(posted(body)).dedupe_key for body in (one, one, other)]
    assert keys[0] == keys[1] != keys[2]


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_is_understood_and_means_the_same_when_it_is_applied_again(name):
    request = posted(payload(name))
    event = BASE.parse(request)
    kept = BASE.kept(request)
    again = BASE.parse(posted(kept["body"]))
    # Nothing needs these again, so they are not kept.
    caller = event.caller if event.rang_us else ""
    assert replace(again, dedupe_key="") == replace(event, dedupe_key="", caller=caller, called="")
    assert event.kind is KINDS.get(payload(name)["message"]["type"].partition("[")[0], EventKind.UNKNOWN)


def test_nothing_secret_and_no_number_of_an_outbound_call_is_kept():
    body = payload("end_of_call_report_completed_2026")
    message = body["message"]
    message["assistant"]["server"] = {"headers": {"X-Vapi-Secret": "SECRET"}}
    message["assistant"]["credentials"] = [{"apiKey": "SECRET"}]
    message["phoneNumber"]["twilioAuthToken"] = message["call"]["assistantOverrides"]["key"] = "SECRET"
    message["artifact"]["variableValues"]["token"] = message["analysis"]["log"] = "SECRET"
    kept = json.dumps(BASE.kept(posted(body, authorization="Bearer SECRET")))
    unwanted = ["SECRET", "Signature", "controlUrl", "listenUrl", "+14155550101", "Asha Rao", "AC0000"]
    assert [word for word in unwanted if word in kept] == []
    assert "Asha wants a two BHK" in kept


def test_an_analysis_of_a_call_in_which_nobody_spoke_is_not_kept():
    body = payload("end_of_call_report_busy")
    body["message"]["analysis"] = {"summary": "The lead wants the Q3 campaign."}
    assert "Q3" not in json.dumps(BASE.kept(posted(body)))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b"[]",
        b"\xff",
        b'"x"',
        b"{}",
        {"message": {"type": 3}},
        {"type": "assistant-request", "call": None},
        {"message": {"type": "tool-calls", "toolCallList": []}},
    ],
)
def test_what_names_no_call_or_no_type_is_not_readable(body):
    with pytest.raises(Unreadable):
        BASE.parse(posted(body))


@pytest.mark.parametrize("name", ["end-of-call-report", "status-update", "call.ended", "transcript"])
def test_news_that_name_no_call_are_kept_for_staff_to_read(name):
    request = posted({"message": {"type": name, "call": None, "status": "ended", "transcript": "Yes."}})
    event = BASE.parse(request)
    assert (event.kind, event.provider_call_id, event.line, event.report) == (EventKind.UNKNOWN, "", None, None)
    assert BASE.kept(request)["body"]["message"]["type"] == name


@pytest.mark.parametrize(
    "rubbish", [None, 3, "x", [], [None], {"messages": [None, {"role": 3}, {"role": [], "message": "x"}]}]
)
def test_fields_of_the_wrong_shape_say_nothing(rubbish):
    names = (
        "artifact",
        "customer",
        "phoneNumber",
        "startedAt",
        "endedAt",
        "durationSeconds",
        "endedReason",
        "messages",
    )
    message = {"type": "end-of-call-report", "call": {"id": CALL}, **dict.fromkeys(names, rubbish)}
    event = BASE.parse(posted(message))
    assert (event.caller, event.report) == ("", CallReport())
    BASE.kept(posted(message))


GROUPS = {
    "busy": EndReason.BUSY,
    "no_answer": EndReason.NO_ANSWER,
    "canceled": EndReason.CANCELED,
    "completed": EndReason.COMPLETED,
    "customer_hung_up": EndReason.COMPLETED,
    "voicemail": EndReason.COMPLETED,
    "transfer_error": EndReason.COMPLETED,
    "invalid_or_rejected_number": EndReason.REJECTED,
    "account_limit_or_billing": EndReason.REJECTED,
    "configuration_error": EndReason.REJECTED,
    "provider_or_platform_error": EndReason.FAILED,
}
OTHERWISE = {
    "call.ringing.sip-inbound-caller-hungup-before-call-connect": EndReason.CANCELED,  # nobody had talked yet
    "call.start.error-subscription-concurrency-limit-reached": EndReason.FAILED,  # another try may do
    "call.start.error-vapifault-get-org": EndReason.FAILED,
    "call.start.error-vapifault-get-subscription": EndReason.FAILED,
    "call.start.error-vapifault-database-error": EndReason.FAILED,
}


def test_every_reason_that_vapi_documents_has_its_meaning():
    found = {reason: vapi_ends.end_reason_of(reason) for group in REASONS.values() for reason in group}
    wanted = {reason: GROUPS[group] for group, reasons in REASONS.items() for reason in reasons} | OTHERWISE
    assert found == wanted
    assert len(found) == 595


@pytest.mark.parametrize("reason", ["", None, 7, "a-reason-of-next-month", "hangup"])
def test_a_reason_that_is_new_to_us_counts_as_a_failure(reason):
    assert vapi_ends.end_reason_of(reason) is EndReason.FAILED
