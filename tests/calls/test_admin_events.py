"""What staff do with webhooks that could not be applied."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from calls.models import Call, WebhookEvent
from tests.admin_rows import make_lead, staff

pytestmark = pytest.mark.django_db

LIST = "/admin/calls/webhookevent/"


def make_event(now, key, **fields):
    values = {"provider": "twilio", "kind": "status", "dedupe_key": key, "received_at": now}
    return WebhookEvent.objects.create(**values | fields)


def status_of(call, line):
    """What Twilio's status callback for this call leaves behind when it could not be applied."""
    form = {"CallSid": call.provider_call_id, "CallStatus": line, "CallDuration": "12", "SequenceNumber": "3"}
    return {
        "door": "status",
        "query": {"call": str(call.pk)},
        "form": {key: [value] for key, value in form.items()},
        "headers": {},
    }


def apply_again(client, *events):
    chosen = [event.pk for event in events]
    answer = client.post(LIST, {"action": "apply_again", "_selected_action": chosen})
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_a_failed_webhook_is_applied_again_once(admin_client, now):
    call = Call.objects.create(
        lead=make_lead(1, now), provider="twilio", provider_call_id="CA" + "1" * 32, status="ringing"
    )
    event = make_event(now, "a", request=status_of(call, "no-answer"), error="KeyError: 'x'")
    assert apply_again(admin_client, event) == ["1 webhook was applied."]
    call.refresh_from_db()
    event.refresh_from_db()
    assert (call.status, call.end_reason, event.error) == ("ended", "no_answer", "")
    assert apply_again(admin_client, event)[-1] == "1 was applied before; nothing was changed."


def test_one_that_fails_again_does_not_stop_the_others(admin_client, now):
    call = Call.objects.create(
        lead=make_lead(1, now), provider="twilio", provider_call_id="CA" + "1" * 32, status="ringing"
    )
    broken = make_event(now, "a", request={}, error="KeyError: 'x'")
    good = make_event(now, "b", request=status_of(call, "busy"), error="KeyError: 'x'")
    assert apply_again(admin_client, broken, good) == [
        f"{broken} failed again: KeyError: 'door'",
        "1 webhook was applied.",
    ]
    call.refresh_from_db()
    assert call.end_reason == "busy"


def test_whoever_may_only_look_applies_nothing(client, now):
    event = make_event(now, "a", error="KeyError: 'x'")
    client.force_login(staff("looker", "calls.view_webhookevent"))
    assert "apply_again" not in client.get(LIST).content.decode()
    apply_again(client, event)
    event.refresh_from_db()
    assert event.attempts == 0


@pytest.mark.parametrize(
    ("state", "found", "label"),
    [("failed", ["told", "died"], "Failed"), ("waiting", ["young"], "Being applied"), ("applied", ["done"], "Applied")],
)
def test_webhooks_are_narrowed_down_by_their_state(admin_client, state, found, label):
    """One whose process died before it could tell has failed too."""
    now = timezone.now()
    make_event(now, "told", error="KeyError: 'x'")
    make_event(now - timedelta(minutes=2), "died")
    make_event(now, "young")
    make_event(now - timedelta(minutes=2), "done", applied_at=now)
    answer = admin_client.get(LIST, {"state": state})
    assert [event.dedupe_key for event in answer.context["cl"].result_list] == found
    shown = answer.content.decode()
    assert shown[shown.index("<tbody") : shown.index("</table>")].count(label) == len(found)


def test_a_webhook_is_shown_and_never_edited(admin_client, now):
    event = make_event(now, "a", request={"form": {"SpeechResult": "<b>yes</b>"}}, response="<Response/>")
    url = f"{LIST}{event.pk}/change/"
    shown = admin_client.get(url).content.decode()
    assert "&lt;b&gt;yes&lt;/b&gt;" in shown
    assert "&lt;Response/&gt;" in shown
    assert admin_client.post(url, {"error": ""}).status_code == 403
