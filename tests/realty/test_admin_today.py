"""The Today page, and who sees what of it."""

import html
from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from calls.models import Call, DialerSettings, ProviderState, Recording, WebhookEvent
from calls.operations import wishes
from leads.models import FollowUp, FollowUpKind, Lead
from leads.operations import promise
from tests.admin_rows import make_lead, staff

pytestmark = pytest.mark.django_db

_LISTS = ("callbacks", "waiting", "live", "attention", "failed_events")


def shown(client):
    answer = client.get("/admin/")
    return {name: answer.context[name]["rows"] for name in _LISTS if name in answer.context}


def test_an_empty_installation_says_what_to_do_first(admin_client):
    text = admin_client.get("/admin/").content.decode()
    for sentence in ("There are no leads yet.", "Enter the first one", "import a list", "Nothing failed. All is well."):
        assert sentence in text


def test_today_lists_who_waits_and_what_failed(admin_client):
    now = timezone.now()
    leads = [make_lead(number, now) for number in range(9)]
    due = FollowUp.objects.create(lead=leads[0], kind=FollowUpKind.CALLBACK, due_at=now - timedelta(days=2))
    untimed = FollowUp.objects.create(lead=leads[1], kind=FollowUpKind.CALLBACK)
    person = FollowUp.objects.create(lead=leads[2], kind=FollowUpKind.HAND_OFF, due_at=now)
    FollowUp.objects.create(lead=leads[3], kind=FollowUpKind.CALLBACK, due_at=now + timedelta(days=3))
    FollowUp.objects.create(lead=leads[4], kind=FollowUpKind.CALLBACK, due_at=now, done_at=now)
    sales = FollowUp.objects.create(lead=leads[5], kind=FollowUpKind.SALES_CALL, due_at=now)
    live = Call.objects.create(lead=leads[6], provider="twilio", status="ringing")
    lost = Call.objects.create(lead=leads[7], provider="twilio", status="ended", end_reason="lost")
    unsure = Call.objects.create(lead=leads[8], provider="twilio", status="unconfirmed")
    Call.objects.create(
        lead=leads[7], provider="twilio", status="ended", end_reason="failed", created_at=now - timedelta(days=30)
    )
    failed = WebhookEvent.objects.create(provider="twilio", kind="heard", dedupe_key="1", error="KeyError: 'x'")
    WebhookEvent.objects.create(provider="twilio", kind="heard", dedupe_key="2", error="", applied_at=now)
    WebhookEvent.objects.create(provider="twilio", kind="heard", dedupe_key="3", received_at=now)
    died = WebhookEvent.objects.create(
        provider="twilio", kind="heard", dedupe_key="4", received_at=now - timedelta(minutes=2)
    )
    found = shown(admin_client)
    assert {one.pk for one in found.pop("callbacks")} == {due.pk, untimed.pk, person.pk}
    assert found == {
        "waiting": [sales],
        "live": [unsure, live],
        "attention": [unsure, lost],
        "failed_events": [failed, died],
    }


def test_a_missed_wish_to_be_left_alone_is_no_request_for_a_person(admin_client, now):
    told, asked = make_lead(1, now), make_lead(2, now)
    FollowUp.objects.create(lead=asked, kind=FollowUpKind.HAND_OFF, due_at=now)
    call = Call.objects.create(lead=told, provider="twilio", status="ended", end_reason="completed")
    wishes.missed_in_recording(call, now=now)
    today = admin_client.get("/admin/").content.decode()
    assert [today.count(one) for one in (">Perhaps not to be called again<", "Asked for a person")] == [1, 1]
    page = admin_client.get(f"/admin/leads/lead/{told.pk}/change/").content.decode()
    assert [page.count(one) for one in (">Perhaps not to be called again<", "A person was asked for")] == [1, 0]
    assert all(f'<a class="ra-link" href="/admin/calls/call/{call.pk}/change/">' in one for one in (today, page))


def test_a_missed_wish_to_be_left_alone_stands_before_what_a_person_was_asked_for(admin_client, now):
    lead = make_lead(1, now)
    asked = {"lead": lead, "kind": FollowUpKind.HAND_OFF, "note": "Asked: “Is there parking?”"}
    FollowUp.objects.create(due_at=now + timedelta(days=3), **asked)
    call = Call.objects.create(lead=lead, provider="twilio", status="ended", end_reason="completed")
    for _ in range(2):
        wishes.missed_by_delay(call, "stop calling me", now=now)
        wishes.keep_on_today(call, now=now)
    today = admin_client.get("/admin/").content.decode()
    assert [today.count(one) for one in (">Perhaps not to be called again<", "Asked for a person")] == [1, 0]
    kept = FollowUp.objects.get()
    assert (kept.due_at, kept.dialed_for) == (now, now), "no machine calls them"
    assert kept.note == (
        "The lead seems to ask not to be called again, which was heard too late for the agent to answer: “stop calling "
        "me”. Choose “Do not call” if so. Asked: “Is there parking?”"
    )


def test_a_missed_wish_is_told_wherever_its_lead_may_be_rung_from_until_it_is_done(admin_client, now):
    lead = make_lead(1, now)
    for kind in (FollowUpKind.CALLBACK, FollowUpKind.SALES_CALL):
        FollowUp.objects.create(lead=lead, kind=kind, due_at=now)
    call = Call.objects.create(lead=lead, provider="twilio", status="ended", end_reason="completed")
    wishes.missed_in_recording(call, now=now)
    told, done = ">Perhaps not to be called again<", 'aria-label="Done: Perhaps not to be called again'
    today = admin_client.get("/admin/").content.decode()
    page = admin_client.get(f"/admin/leads/lead/{lead.pk}/change/").content.decode()
    assert [one.count(sentence) for one in (today, page) for sentence in (told, done)] == [3, 1, 1, 1]
    promise(lead, FollowUpKind.HAND_OFF, due_at=now, note="Wrote: “hello”", now=now + timedelta(hours=1))
    assert admin_client.get("/admin/").content.decode().count(told) == 3
    FollowUp.objects.filter(kind=FollowUpKind.HAND_OFF).update(done_at=now)
    assert told not in admin_client.get("/admin/").content.decode()


def test_what_is_wrong_with_a_call_is_a_sentence(admin_client, now):
    Call.objects.create(lead=make_lead(1, now), provider="twilio", status="ended", end_reason="lost")
    Call.objects.create(lead=make_lead(2, now), provider="twilio", status="unconfirmed")
    text = html.unescape(admin_client.get("/admin/").content.decode())
    assert "The provider's last word never came." in text
    assert "The provider may or may not have taken this call." in text


@pytest.mark.parametrize(
    ("waited", "others", "told"),
    [
        (11, {}, "1 recording waits to be transcribed, and nobody transcribes"),
        (9, {}, ""),
        (11, {"transcription": "running"}, ""),
        (11, {"transcription": "done", "transcribed": 5}, ""),
    ],
)
def test_recordings_that_nobody_transcribes_are_told(admin_client, waited, others, told):
    now = timezone.now()
    call = Call.objects.create(lead=make_lead(1, now), provider="twilio", status="ended", end_reason="completed")
    kept = {"call": call, "state": "kept", "file": "recordings/one.wav"}
    Recording.objects.create(**kept, provider_recording_id="1", transcription="waiting")
    if others:
        ended = now - timedelta(minutes=others["transcribed"]) if "transcribed" in others else None
        row = {"transcription": others["transcription"], "transcribed_at": ended}
        Recording.objects.create(**kept, provider_recording_id="2", **row)
    OrmQ.objects.create(key="transcription", payload="", lock=now - timedelta(minutes=waited))
    text = admin_client.get("/admin/").content.decode()
    assert (told in text, 'id="untranscribed"' in text) == (True, bool(told))


def test_the_week_is_counted(admin_client):
    now = timezone.now()
    Lead.objects.bulk_create(
        [Lead(name="old", created_at=now - timedelta(days=8)), *(Lead(name="new", created_at=now) for _ in range(3))]
    )
    lead = Lead.objects.filter(name="new").first()
    for disposition, answered in (("qualified", now), ("busy", None)):
        Call.objects.create(
            lead=lead, provider="twilio", status="ended", disposition=disposition, answered_at=answered, created_at=now
        )
    # A chat is no call, and neither is one that waits or was never made; what a chat qualified counts.
    others = (
        {"channel": "chat", "disposition": "qualified"},
        {"disposition": "not_allowed"},
        {"disposition": "canceled"},
    )
    for fields in (*others, {"status": "queued"}):
        Call.objects.create(**{"lead": lead, "provider": "twilio", "status": "ended", "created_at": now} | fields)
    context = admin_client.get("/admin/").context
    assert context["week"] == {"leads": 4, "new_leads": 3, "new_qualified": 0}
    assert context["calls_week"] == {"calls": 2, "answered": 1, "qualified": 2}


@pytest.mark.parametrize(
    ("permission", "lists"),
    [
        ("leads.view_lead", {"callbacks", "waiting"}),
        ("calls.view_call", {"live", "attention"}),
        ("calls.view_webhookevent", {"failed_events"}),
    ],
)
def test_everybody_sees_only_what_they_may(client, permission, lists):
    client.force_login(staff("looker", permission))
    assert shown(client).keys() == lists


def test_somebody_without_rights_is_told_so(client):
    client.force_login(staff("nobody"))
    assert "You have no rights here yet." in client.get("/admin/").content.decode()


def test_a_login_without_a_destination_leads_to_today(client, django_user_model):
    django_user_model.objects.create_superuser("boss", password="secret")
    answer = client.post("/admin/login/", {"username": "boss", "password": "secret"})
    assert answer.url == "/admin/"


def test_a_call_that_waits_is_not_told_as_a_talk_but_with_its_time(admin_client, now):
    later = timezone.now() + timedelta(days=3)
    values = {"provider": "pretend", "origin": "retry", "ladder": "people", "dial_after": later}
    waiting = Call.objects.create(lead=make_lead(1, now), **values)
    answer = admin_client.get("/admin/")
    assert (answer.context["live"]["rows"], answer.context["queued"]["rows"]) == ([], [waiting])
    assert f"{timezone.localtime(later):%H:%M}</time>: Nobody was reached before" in answer.content.decode()


def test_what_is_paused_is_told_with_the_way_to_resume_it_for_who_may(client, admin_client, now):
    DialerSettings(paused=True, paused_reason="Fire drill.").save()
    state = ProviderState.objects.create(provider="twilio", paused=True, reason="5 of 5 calls failed.")
    pages = ["/admin/calls/dialersettings/1/change/", f"/admin/calls/providerstate/{state.pk}/change/"]
    told = [("All calls are paused", "Fire drill."), ("Twilio is paused", "5 of 5 calls failed.")]
    shown = admin_client.get("/admin/")
    assert [tuple(one.values()) for one in shown.context["pauses"]] == [
        (*one, page) for one, page in zip(told, pages, strict=True)
    ]
    assert [admin_client.get(page).status_code for page in pages] == [200, 200]
    client.force_login(staff("watcher", "calls.view_call"))
    answer = client.get("/admin/")
    assert [one["page"] for one in answer.context["pauses"]] == ["", ""]
    assert "Ask an administrator to resume." in answer.content.decode()


def test_a_paused_provider_keeps_back_its_own_calls_alone(admin_client, now):
    ProviderState.objects.create(provider="twilio", paused=True, reason="5 of 5 calls failed.")
    names = ("twilio", "pretend")
    waiting = {one: Call.objects.create(lead=make_lead(n, now), provider=one) for n, one in enumerate(names)}
    answer = admin_client.get("/admin/")
    assert answer.context["held"] == [waiting["twilio"]]
    text = answer.content.decode()
    assert (text.count("When calls are resumed"), text.count("When a line is free")) == (1, 1)
    DialerSettings(paused=True).save()
    assert admin_client.get("/admin/").content.decode().count("When calls are resumed") == 2


def test_a_promise_says_whether_the_agent_keeps_it_by_itself(admin_client, now):
    soon = timezone.now() + timedelta(seconds=30)
    promised = {"kind": FollowUpKind.CALLBACK, "due_at": soon}
    kept = FollowUp.objects.create(lead=make_lead(1, now), **promised)
    not_kept = FollowUp.objects.create(lead=make_lead(2, now, do_not_call=True), **promised)
    FollowUp.objects.create(lead=make_lead(3, now), kind=FollowUpKind.CALLBACK)
    told = admin_client.get("/admin/").context["foretold"]
    assert told[kept.pk] == "The agent calls then by itself."
    assert told[not_kept.pk].startswith("The agent will not call. ")
    assert set(told) == {kept.pk, not_kept.pk}
    DialerSettings(dial_callbacks=False).save()
    assert "switched off under Dialer settings" in admin_client.get("/admin/").content.decode()
