"""Recordings at Twilio: listed, stopped and deleted over its client."""

from datetime import UTC, datetime

import pytest

from voice.events import RecordingNews
from voice.providers.base import ProviderError

SID, CALL = "RE" + "1".zfill(32), "CA" + "5".zfill(32)
ROOT = f"/2010-04-01/Accounts/AC{'1'.zfill(32)}"


def asked(twilio_api):
    return [(one.method, one.path, one.form) for one in twilio_api.requests]


def test_all_recordings_of_a_call_are_listed_but_for_single_answers(twilio_api, twilio):
    began = datetime(2026, 11, 22, 10, 4, 12, tzinfo=UTC)
    twilio_api.recordings = {
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


def test_the_recording_that_runs_is_stopped(twilio_api, twilio):
    assert twilio.stop_recording(CALL) is True
    path = f"{ROOT}/Calls/{CALL}/Recordings/Twilio.CURRENT.json"
    assert asked(twilio_api) == [("POST", path, {"Status": ["stopped"]})]


@pytest.mark.parametrize("code", ["20404", "21220"])
def test_where_none_runs_that_is_told(twilio_api, twilio, code):
    twilio_api.mode = code
    assert twilio.stop_recording(CALL) is False


def test_a_recording_is_deleted_once(twilio_api, twilio):
    twilio_api.recordings = {SID: {"call_sid": CALL}}
    assert [twilio.delete_recording(CALL, SID), twilio.delete_recording(CALL, SID)] == [True, False]
    assert asked(twilio_api) == [("DELETE", f"{ROOT}/Recordings/{SID}.json", {})] * 2


def test_where_twilio_fails_it_is_not_taken_for_deleted(twilio_api, twilio):
    twilio_api.mode = "503"
    with pytest.raises(ProviderError):
        twilio.delete_recording(CALL, SID)
