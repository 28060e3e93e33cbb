"""Recordings as providers announce them."""

import pytest

from calls.models import Call, Recording
from calls.operations import recordings
from leads.models import Lead
from voice.events import RecordingNews

pytestmark = pytest.mark.django_db


def test_a_recording_that_is_announced_twice_is_kept_once_as_it_was_first(now):
    call = Call.objects.create(lead=Lead.objects.create(name="Ravi Rao"), provider="twilio")
    recordings.announce(call, RecordingNews("RE1", channels=2, duration_s=41), now=now)
    recordings.announce(call, RecordingNews("RE1", is_there=False), now=now)
    kept = Recording.objects.values_list("provider_recording_id", "channels", "duration_s", "state")
    assert list(kept) == [("RE1", 2, 41, "announced")]
