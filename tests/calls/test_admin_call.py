"""What staff see and do on the pages of calls."""

import html

import pytest
from django.contrib.messages import get_messages

from calls.models import Call, Turn
from tests.admin_rows import make_lead, staff

pytestmark = pytest.mark.django_db

LIST = "/admin/calls/call/"


def make_call(now, **fields):
    lead = fields.pop("lead", None) or make_lead(1, now)
    values = {"lead": lead, "provider": "pretend", "status": "in_progress", "created_at": now}
    return Call.objects.create(**values | fields)


def page(call, door="change"):
    return f"/admin/calls/call/{call.pk}/{door}/"


def shown(answer):
    return html.unescape(answer.content.decode())


def told(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_a_conversation_is_shown_as_it_was_said(admin_client, now):
    call = make_call(now)
    understood = [{"slot": "budget_max", "value": 7_000_000, "words": "sattar lakh", "start": 0, "end": 11}]
    Turn.objects.create(call=call, number=0, said="Am I speaking with <Priya>?", at=now)
    Turn.objects.create(call=call, number=1, heard="sattar lakh", understood=understood, said="Got it.", at=now)
    Turn.objects.create(call=call, number=2, digits="1", said="Thank you.", at=now)
    Turn.objects.create(call=call, number=3, at=now)
    raw = admin_client.get(page(call)).content.decode()
    assert "Am I speaking with &lt;Priya&gt;?" in raw
    places = [raw.index(text) for text in ("said-0", "heard-1", "said-1", "heard-2", "said-2", "heard-3")]
    assert places == sorted(places)
    assert '<span class="ra-chip__label">Budget</span> up to ₹70 lakh <q class="ra-heard">sattar lakh</q>' in raw
    assert "<em>pressed 1</em>" in raw
    assert "<em>silence</em>" in raw


def test_what_is_known_so_far_stands_beside_the_conversation(admin_client, now):
    slots = {
        "locations": {"value": [{"city": "Pune", "locality": "Wakad"}], "words": "Wakad", "turn": 1},
        "consent": {"value": False, "words": "nahi", "turn": 2},
    }
    answer = admin_client.get(page(make_call(now, dialogue={"slots": slots, "asked": "budget"})))
    assert answer.context["collected"] == [("Place", "Wakad (Pune)", "Wakad"), ("Sales call", "No", "nahi")]
    assert "Waiting for the answer about: budget" not in shown(answer)  # nothing was said yet


def test_a_call_says_what_went_wrong_and_why_it_ended(admin_client, now):
    call = make_call(
        now,
        status="ended",
        end_reason="rejected",
        disposition="failed",
        error="Twilio refused the number.",
    )
    page_text = shown(admin_client.get(page(call)))
    for text in ("The call has ended.", "The provider refused to place the call.", "Twilio refused the number."):
        assert text in page_text
    assert "Nothing was said in this call." in page_text


@pytest.mark.parametrize(("disposition", "told"), [("not_qualified", True), ("do_not_call", False)])
def test_why_is_told_of_a_lead_who_was_judged(admin_client, now, disposition, told):
    reasons = [{"code": "budget_unknown", "sentence": "Budget is not known as a figure.", "met": None}]
    call = make_call(now, status="ended", end_reason="completed", disposition=disposition, reasons=reasons)
    page_text = shown(admin_client.get(page(call)))
    assert ("Not known: </span>Budget is not known as a figure." in page_text) == told


def test_a_live_page_gets_nothing_while_nothing_is_new(admin_client, now):
    call = make_call(now)
    seen = admin_client.get(page(call)).context["seen"]
    assert admin_client.get(page(call, "live"), {"seen": seen}).status_code == 204
    Turn.objects.create(call=call, number=0, said="Hello!", at=now)
    fresh = admin_client.get(page(call, "live"), {"seen": seen})
    assert (fresh.status_code, fresh.context["seen"] != seen) == (200, True)
    assert "Hello!" in shown(fresh)
    assert "<html" not in shown(fresh)
    assert 'data-live="yes"' in shown(fresh)


def test_an_ended_call_tells_the_page_to_stop_asking(admin_client, now):
    call = make_call(now)
    seen = admin_client.get(page(call)).context["seen"]
    Call.objects.update(status="ended", disposition="qualified")
    assert 'data-live="no"' in shown(admin_client.get(page(call, "live"), {"seen": seen}))


def test_the_live_piece_is_for_whoever_may_see_calls(client, now):
    call = make_call(now)
    assert client.get(page(call, "live")).status_code == 302
    client.force_login(staff("nobody"))
    assert client.get(page(call, "live")).status_code == 403
    client.force_login(staff("looker", "calls.view_call"))
    assert client.get(page(call, "live")).status_code == 200
    assert client.get("/admin/calls/call/999/live/").status_code == 404


def test_whoever_may_not_see_leads_sees_no_phone_number_on_a_call(client, now):
    call = make_call(now)
    client.force_login(staff("looker", "calls.view_call"))
    text = shown(client.get(page(call)))
    assert "98765" not in text
    assert "/admin/leads/lead/" not in text


def test_a_queued_call_can_be_taken_back(admin_client, now):
    call = make_call(now, status="queued")
    assert "Cancel this call" in shown(admin_client.get(page(call)))
    assert admin_client.get(page(call, "cancel")).url == page(call)
    assert Call.objects.get().status == "queued"
    answer = admin_client.post(page(call, "cancel"))
    assert told(answer) == ["The call was taken back before it was dialled."]
    call.refresh_from_db()
    assert (call.status, call.disposition) == ("ended", "canceled")


def test_a_call_under_way_cannot_be_taken_back(admin_client, now):
    call = make_call(now)
    assert "Cancel this call" not in shown(admin_client.get(page(call)))
    answer = admin_client.post(page(call, "cancel"))
    assert told(answer) == ["It is too late to take this call back: it is no longer waiting."]
    assert Call.objects.get().status == "in_progress"


def test_whoever_may_only_look_cannot_cancel(client, now):
    call = make_call(now, status="queued")
    client.force_login(staff("looker", "calls.view_call"))
    assert "Cancel this call" not in shown(client.get(page(call)))
    assert client.post(page(call, "cancel")).status_code == 403
    assert Call.objects.get().status == "queued"


def test_calls_are_neither_added_nor_edited_by_hand(admin_client, now):
    call = make_call(now)
    assert admin_client.get(f"{LIST}add/").status_code == 403
    assert admin_client.post(page(call), {"lead": call.lead_id}).status_code == 403
    assert 'name="_save"' not in shown(admin_client.get(page(call)))


def test_only_superusers_delete_calls(client, admin_user, now):
    call = make_call(now)
    client.force_login(staff("keen", "calls.view_call", "calls.delete_call"))
    assert client.post(page(call, "delete"), {"post": "yes"}).status_code == 403
    client.force_login(admin_user)
    client.post(page(call, "delete"), {"post": "yes"})
    assert not Call.objects.exists()


@pytest.mark.parametrize("typed", ["98765 00001", "lead 1", "CA77"])
def test_a_call_is_found_by_its_lead_and_its_provider_s_id(admin_client, now, typed):
    call = make_call(now, provider_call_id="CA77")
    make_call(now, lead=make_lead(2, now), provider_call_id="CA88")
    assert list(admin_client.get(LIST, {"q": typed}).context["cl"].result_list) == [call]


def test_a_call_that_is_not_there_leads_back_with_a_sentence(admin_client):
    for odd in ("999", "x", "9" * 30):
        assert admin_client.get(f"{LIST}{odd}/change/").url == "/admin/"
