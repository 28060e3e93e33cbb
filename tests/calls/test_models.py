"""What one call may do to itself."""

import pytest

from calls.lifecycle import CallStatus
from calls.models import Call
from leads.models import Lead

pytestmark = pytest.mark.django_db


def test_of_two_workers_who_read_the_same_call_one_moves_it():
    lead = Lead.objects.create(phone="+919820012345")
    first = Call.objects.create(lead=lead, provider="twilio")
    second = Call.objects.get(pk=first.pk)
    assert (first.move_to(CallStatus.DIALING, failures=1), second.move_to(CallStatus.DIALING, failures=2)) == (
        True,
        False,
    )
    assert (Call.objects.get().status, Call.objects.get().failures, second.status) == ("dialing", 1, "queued")
