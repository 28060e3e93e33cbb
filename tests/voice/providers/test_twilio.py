"""Twilio's REST API over real HTTP, well and badly: what is asked, how often, and what its answers mean."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from voice.events import EndReason, LineState
from voice.providers.base import CallOrder, HangUp, LeaveMessage, LineReport, ProviderError
from voice.providers.twilio import Twilio

ORDER = CallOrder(call_id=7, to="+919820012345", name="Ravi Rao")
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def refused(ask) -> ProviderError:
    with pytest.raises(ProviderError) as told:
        ask()
    return told.value


def flags(error: ProviderError) -> tuple[str, bool, bool, bool, bool]:
    return error.code, error.retryable, error.maybe_done, error.bad_number, error.blocked


@pytest.mark.parametrize("passing", ["20429", "429", "20500", "20503", "502"])
def test_what_passes_is_waited_out_and_the_call_is_placed_once(twilio, twilio_api, passing):
    twilio_api.modes = [passing] * 3
    assert twilio.place_call(ORDER) == twilio_api.placed[0]["sid"]
    assert (len(twilio_api.orders), len(twilio_api.placed)) == (4, 1)


@pytest.mark.parametrize(("mode", "code"), [("20429", "busy"), ("500", "down")])
def test_after_three_further_tries_it_is_given_back_as_retryable(twilio, twilio_api, mode, code):
    twilio_api.mode = mode
    assert flags(refused(lambda: twilio.place_call(ORDER))) == (code, True, False, False, False)
    assert len(twilio_api.orders) == 4


def test_the_waits_are_one_two_and_four_seconds():
    assert Twilio("", "", [], "").waits_s == (1, 2, 4)


@pytest.mark.parametrize("base", ["http://127.0.0.1:9", "http://nobody.invalid"])
def test_a_server_that_was_never_reached_is_retryable(twilio, base):
    gone = replace(twilio, base_url=base)
    assert flags(refused(lambda: gone.place_call(ORDER))) == ("unreachable", True, False, False, False)


@pytest.mark.parametrize("mode", ["500 after placing", "503 after placing"])
def test_a_call_that_was_placed_in_spite_of_a_fault_is_found_and_not_placed_again(twilio, twilio_api, mode):
    twilio_api.modes = [mode]
    assert twilio.place_call(ORDER) == twilio_api.placed[0]["sid"]
    assert len(twilio_api.orders) == 1


def test_a_fault_after_which_nobody_can_look_is_unsure_and_dials_no_second_time(twilio, twilio_api):
    twilio_api.mode = "503"
    assert flags(refused(lambda: twilio.place_call(ORDER))) == ("unsure", False, True, False, False)
    assert len(twilio_api.orders) == 1


def test_a_call_that_shows_up_late_after_a_fault_is_still_found_before_the_next_try(twilio, twilio_api):
    """Twilio's list lags; each try looks again before it asks."""
    twilio_api.modes = ["500", "500 after placing"]
    assert twilio.place_call(ORDER) == twilio_api.placed[0]["sid"]
    looks = [one.method for one in twilio_api.requests]
    assert looks == ["POST", "GET", "GET", "POST", "GET"]


@pytest.mark.parametrize("mode", ["slow", "nonsense"])
def test_an_answer_that_never_came_or_cannot_be_read_is_unsure_at_once(twilio, twilio_api, mode):
    twilio_api.modes = [mode]
    assert flags(refused(lambda: twilio.place_call(ORDER))) == ("no_answer", False, True, False, False)
    assert len(twilio_api.orders) == 1


def test_lines_that_are_all_in_use_are_told_at_once(twilio, twilio_api):
    twilio_api.modes = ["10004"]
    assert flags(refused(lambda: twilio.place_call(ORDER))) == ("lines_busy", True, False, False, False)


@pytest.mark.parametrize(
    ("mode", "told", "sentence"),
    [
        ("21211", ("bad_number", False, False, True, False), "not a telephone number"),
        ("21214", ("bad_number", False, False, True, False), "cannot reach this number"),
        ("21217", ("bad_number", False, False, True, False), "not valid"),
        ("21201", ("twilio_21201", False, False, False, False), "fault of this software"),
        ("21216", ("blocked", False, False, False, True), "blocks this number"),
        ("21219", ("twilio_21219", False, False, False, False), "Verify this number or upgrade"),
        ("21215", ("twilio_21215", False, False, False, False), "Geographic Permissions"),
        ("21205", ("twilio_21205", False, False, False, False), "PUBLIC_BASE_URL"),
        ("21210", ("twilio_21210", False, False, False, False), "TWILIO_FROM_NUMBER"),
        ("21212", ("twilio_21212", False, False, False, False), "TWILIO_FROM_NUMBER"),
        ("20003", ("twilio_20003", False, False, False, False), "TWILIO_ACCOUNT_SID"),
        ("10001", ("twilio_10001", False, False, False, False), "Reactivate"),
        ("32018", ("twilio_32018", False, False, False, False), "Shorten it"),
        ("29999", ("twilio_29999", False, False, False, False), "error 29999"),
        ("rfc 9457", ("bad_number", False, False, True, False), "not a telephone number"),
    ],
)
def test_a_refusal_for_good_is_told_once_with_its_cure(twilio, twilio_api, mode, told, sentence):
    twilio_api.modes = [mode]
    error = refused(lambda: twilio.place_call(ORDER))
    assert (flags(error), len(twilio_api.orders)) == (told, 1)
    assert sentence in str(error)


def test_an_account_that_is_not_set_up_says_what_to_set(twilio):
    error = refused(lambda: replace(twilio, account_sid="").place_call(ORDER))
    assert (error.code, "TWILIO_ACCOUNT_SID" in str(error)) == ("not_configured", True)


def test_test_credentials_place_calls_that_nobody_can_look_up(twilio, twilio_api):
    sid = twilio.place_call(ORDER)
    twilio_api.mode = "20008"
    error = refused(lambda: twilio.look_up(ORDER, sid, since=NOW))
    assert flags(error) == ("test_credentials", False, False, False, False)
    assert str(error).startswith("Twilio's test credentials dial nobody.")


@pytest.mark.parametrize(
    ("price", "unit", "micros"), [("-0.0140", "USD", 14_000), (None, "USD", None), ("-1.2", "INR", None)]
)
def test_a_look_up_tells_the_cost_in_millionths_of_a_dollar(twilio, twilio_api, price, unit, micros):
    sid = twilio.place_call(ORDER)
    twilio_api.placed[0] |= {"status": "completed", "duration": "61", "price": price, "price_unit": unit}
    assert twilio.look_up(ORDER, sid, since=NOW) == LineReport(
        sid, LineState.ENDED, EndReason.COMPLETED, 61, cost_micros=micros
    )


@pytest.mark.parametrize(("age_s", "is_ours"), [(-5, True), (5, False)])
def test_a_call_from_before_is_not_taken_for_ours(twilio, twilio_api, age_s, is_ours):
    twilio.place_call(ORDER)
    twilio_api.placed[0]["date_created"] = format_datetime(NOW - timedelta(seconds=age_s))
    assert (twilio.look_up(ORDER, "", since=NOW) is not None) is is_ours
    others = replace(ORDER, not_among=frozenset({twilio_api.placed[0]["sid"]}))
    assert twilio.look_up(others, "", since=NOW) is None


def test_a_live_call_is_ended_or_told_a_message(twilio, twilio_api):
    twilio.act("CA1", HangUp())
    twilio.act("CA1", LeaveMessage("Namaste <Ravi>", language="hi-IN", voice="Polly.Raveena"))
    assert twilio_api.changes == [
        {"sid": "CA1", "Status": "completed"},
        {
            "sid": "CA1",
            "Twiml": '<?xml version="1.0" encoding="UTF-8"?><Response><Say language="hi-IN" voice="Polly.Aditi">'
            "Namaste &lt;Ravi&gt;</Say><Hangup /></Response>",
        },
    ]


@pytest.mark.parametrize("mode", ["21220", "20404"])
def test_a_call_that_has_ended_meanwhile_is_left_alone(twilio, twilio_api, mode):
    assert twilio.act("CA1", HangUp())
    twilio_api.mode = mode
    assert not twilio.act("CA1", HangUp())


@pytest.mark.parametrize(("mode", "code"), [("20003", "twilio_20003"), ("20500", "down"), ("20429", "busy")])
def test_a_live_call_that_could_not_be_changed_says_why(twilio, twilio_api, mode, code):
    twilio_api.mode = mode
    assert refused(lambda: twilio.act("CA1", HangUp())).code == code


def test_a_text_message_is_sent_once_though_twilio_was_busy(twilio, twilio_api):
    twilio_api.modes = ["20429", "20429"]
    assert twilio.send_text("+919820012345", "Chat with us") == f"SM{3:032x}"
    assert twilio_api.texts[-1] == {"To": ["+919820012345"], "From": ["+14155550100"], "Body": ["Chat with us"]}


def test_a_text_message_after_a_fault_is_unsure_and_not_sent_again(twilio, twilio_api):
    twilio_api.modes = ["500"]
    error = refused(lambda: twilio.send_text("+919820012345", "Hi"))
    assert (flags(error), len(twilio_api.texts)) == (("unsure", False, True, False, False), 1)
    assert "message" in str(error)


@pytest.mark.parametrize(
    ("mode", "told", "sentence"),
    [
        ("21608", ("twilio_21608", False, False, False, False), "Verify this number or upgrade"),
        ("21610", ("blocked", False, False, False, True), "no more text messages"),
        ("21614", ("bad_number", False, False, True, False), "not a mobile number"),
        ("21211", ("bad_number", False, False, True, False), "Correct the lead's number"),
    ],
)
def test_a_text_message_that_is_refused_says_what_to_do(twilio, twilio_api, mode, told, sentence):
    twilio_api.modes = [mode]
    error = refused(lambda: twilio.send_text("+919820012345", "Hi"))
    assert flags(error) == told
    assert sentence in str(error)
