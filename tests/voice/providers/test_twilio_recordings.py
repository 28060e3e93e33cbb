"""Recordings at Twilio: listed, stopped and deleted over its client."""

from datetime import UTC, datetime

import pytest

from tests.twilio_api import TwilioApi
from voice.events import RecordingNews
from voice.providers.base import ProviderError
from voice.providers.twilio import Twilio

SID, CALL = "RE" + "1".zfill(32), "CA" + "5".zfill(32)
ROOT = f"/2010-04-01/Accounts/AC{'0' * 32}"


@pytest.fixture
def api():
    api = TwilioApi()
    api.start()
    yield api
    api.stop()


@pytest.fixture
def twilio(api):
    return Twilio(
        public_base_url="https://crm.example.com",
        account_sid="AC" + "0" * 32,
        auth_tokens=["token"],
        from_number="+14155550100",
        base_url=api.url,
        timeout_s=1,
    )


def asked(api):
    return [(one.method, one.path, one.form) for one in api.requests]


def test_all_recordings_of_a_call_are_listed_but_for_single_answers(api, twilio):
    began = datetime(2026, 11, 22, 10, 4, 12, tzinfo=UTC)
    api.recordings = {
        SID: {"call_sid": CALL},
        "RE2": {"call_sid": CALL, "status": "absent", "duration": "-1", "channels": 1, "start_time": None},
        "RE3": {"call_sid": CALL, "source": "RecordVerb"},
        "RE4": {"call_sid": "CA6"},
        "RE5": {"call_sid": CALL, "status": "processing", "duration": None},
    }
    assert twilio.recordings_of(CALL) == [
        RecordingNews(SID, 2, 1, started_at=began),
        RecordingNews("RE2", 1, None, is_there=False),
        RecordingNews("RE5", 2, None, started_at=began),
    ]


def test_the_recording_that_runs_is_stopped(api, twilio):
    assert twilio.stop_recording(CALL) is True
    path = f"{ROOT}/Calls/{CALL}/Recordings/Twilio.CURRENT.json"
    assert asked(api) == [("POST", path, {"Status": ["stopped"]})]


@pytest.mark.parametrize("code", ["20404", "21220"])
def test_where_none_runs_that_is_told(api, twilio, code):
    api.mode = code
    assert twilio.stop_recording(CALL) is False


def test_a_recording_is_deleted_once(api, twilio):
    api.recordings = {SID: {"call_sid": CALL}}
    assert [twilio.delete_recording(CALL, SID), twilio.delete_recording(CALL, SID)] == [True, False]
    assert asked(api) == [("DELETE", f"{ROOT}/Recordings/{SID}.json", {})] * 2


def test_where_twilio_fails_it_is_not_taken_for_deleted(api, twilio):
    api.mode = "503"
    with pytest.raises(ProviderError):
        twilio.delete_recording(CALL, SID)
