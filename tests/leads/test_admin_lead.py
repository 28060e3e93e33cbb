"""What staff do on the pages of leads."""

import html
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from calls.models import Call
from leads.models import Activity, ActivityKind, FollowUp, FollowUpKind, Lead, Listing, Requirement, Suppression
from leads.operations import set_do_not_call
from tests.admin_rows import make_lead, staff

pytestmark = pytest.mark.django_db

LIST = "/admin/leads/lead/"
ADD = "/admin/leads/lead/add/"


def page(lead, door="change"):
    return f"/admin/leads/lead/{lead.pk}/{door}/"


def told(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def names(answer):
    return [lead.name for lead in answer.context["cl"].result_list]


def form_of(client, lead=None, **changes):
    """All that the lead's form, or the one for a new lead, would post as it stands, with `changes`."""
    context = client.get(page(lead) if lead else ADD).context
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data = {}
    for form in forms:
        for bound in form:
            value = bound.field.prepare_value(bound.value())
            data[bound.html_name] = "" if value is None else value
    if data.get("do_not_call") is False:
        del data["do_not_call"]
    return data | changes


@pytest.mark.parametrize(
    "typed", ["9876500001", "98765 00001", "+91 98765-00001", "098765 00001", "98765", "65 000 01", "(98765) 00001"]
)
def test_a_lead_is_found_by_phone_in_any_spelling(admin_client, now, typed):
    make_lead(1, now)
    make_lead(2, now, phone="+971501234567")
    assert names(admin_client.get(LIST, {"q": typed})) == ["Lead 1"]


@pytest.mark.parametrize(("typed", "found"), [("lead 2", ["Lead 2"]), ("@b.in", ["Lead 1"]), ("12", []), ("zz 98", [])])
def test_a_lead_is_found_by_name_and_e_mail(admin_client, now, typed, found):
    make_lead(1, now, email="a@b.in")
    make_lead(2, now)
    assert names(admin_client.get(LIST, {"q": typed})) == found


def test_the_list_says_what_a_lead_wants(admin_client, now):
    Requirement.objects.create(
        lead=make_lead(1, now),
        locations=[{"city": "Pune", "locality": "Wakad"}],
        bedrooms_min=2,
        bedrooms_max=2,
        budget_max=7_000_000,
    )
    shown = admin_client.get(LIST).content.decode()
    assert "2 BHK, Wakad (Pune), up to ₹70 lakh" in shown
    assert "+91 98765 00001" in shown


def test_leads_are_narrowed_down_by_the_city_that_they_named(admin_client, now):
    Listing.objects.create(reference="L1", title="Villa", city="Goa", category="residential", price=1)
    for number, city in enumerate(["Goa", "Goalpara"]):
        Requirement.objects.create(lead=make_lead(number, now), locations=[{"city": city, "locality": None}])
    assert names(admin_client.get(LIST, {"city": "Goa"})) == ["Lead 0"]


def test_call_now_queues_one_call_and_leads_to_it(admin_client, now):
    lead = make_lead(1, now)
    first = admin_client.post(page(lead, "call"), {"request_key": "k"})
    second = admin_client.post(page(lead, "call"), {"request_key": "k"})
    call = Call.objects.get()
    assert (call.lead, call.status, call.requested_by.username) == (lead, "queued", "admin")
    assert first.url == second.url == f"/admin/calls/call/{call.pk}/change/"


def test_looking_at_the_address_of_call_now_calls_nobody(admin_client, now):
    lead = make_lead(1, now)
    for ask in (admin_client.get, admin_client.head):
        assert ask(page(lead, "call")).url == page(lead)
    assert not Call.objects.exists()


def test_a_forged_call_now_is_refused(now, django_user_model):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(django_user_model.objects.create_superuser("boss"))
    assert strict.post(page(make_lead(1, now), "call")).status_code == 403
    assert not Call.objects.exists()


def test_call_now_says_why_not(admin_client, now):
    lead = make_lead(1, now)
    set_do_not_call(lead_id=lead.pk, now=now)
    why = "This lead asked not to be called. The request stands until the lead takes it back."
    shown = admin_client.get(page(lead)).content.decode()
    assert 'disabled aria-describedby="call-refusal"' in shown
    assert why in html.unescape(shown)
    answer = admin_client.post(page(lead, "call"))
    assert (answer.url, told(answer)) == (page(lead), [f"Not called. {why}"])
    assert not Call.objects.exists()


def test_a_lead_who_is_on_the_telephone_can_be_watched_instead(admin_client, now):
    lead = make_lead(1, now)
    call = Call.objects.create(lead=lead, provider="pretend", status="in_progress")
    shown = admin_client.get(page(lead)).content.decode()
    assert f'href="/admin/calls/call/{call.pk}/change/"' in shown
    assert "Watch the call" in shown
    assert "Call now" not in shown


def test_whoever_may_not_call_cannot(client, now):
    lead = make_lead(1, now)
    client.force_login(staff("looker", "leads.view_lead", "leads.change_lead"))
    shown = client.get(page(lead)).content.decode()
    assert "Call now" not in shown
    assert "You may look at this lead but not call." in shown
    assert client.post(page(lead, "call")).status_code == 403
    listed = client.get(LIST).content.decode()
    assert 'value="call_selected"' not in listed
    client.post(LIST, {"action": "call_selected", "_selected_action": [lead.pk]})
    assert not Call.objects.exists()


def test_whoever_may_only_look_can_neither_note_nor_keep_promises(client, now):
    lead = make_lead(1, now)
    client.force_login(staff("looker", "leads.view_lead"))
    assert client.get(page(lead)).status_code == 200
    assert client.post(page(lead, "note"), {"text": "x"}).status_code == 403
    assert client.post(page(lead, "done"), {"follow_up": 1}).status_code == 403
    assert not Activity.objects.exists()


def test_whoever_may_call_but_not_watch_stays_with_the_lead(client, now):
    lead = make_lead(1, now)
    client.force_login(staff("caller", "leads.view_lead", "calls.add_call"))
    answer = client.post(page(lead, "call"), follow=True)
    call = Call.objects.get()
    assert (answer.redirect_chain, told(answer)) == ([(page(lead), 302)], ["The call is on its way."])
    assert page(call).replace("leads/lead", "calls/call") not in answer.content.decode()


def test_whoever_may_not_see_leads_sees_none(client, now):
    lead = make_lead(1, now)
    client.force_login(staff("nobody"))
    assert [client.get(url).status_code for url in (LIST, page(lead))] == [403, 403]


def test_calling_several_says_for_each_why_not(admin_client, now):
    called, without_phone = make_lead(1, now), make_lead(2, now, phone=None)
    refused = make_lead(3, now)
    set_do_not_call(lead_id=refused.pk, now=now)
    chosen = [called.pk, without_phone.pk, refused.pk]
    answer = admin_client.post(LIST, {"action": "call_selected", "_selected_action": chosen})
    assert sorted(told(answer)) == [
        "1 call is on the way.",
        "Lead 2 is not called. There is no phone number. Add one to the lead, then call again.",
        "Lead 3 is not called. This lead asked not to be called. The request stands until the lead takes it back.",
    ]
    assert [call.lead for call in Call.objects.all()] == [called]


def test_several_are_never_called_again(admin_client, now):
    leads = [make_lead(number, now) for number in (1, 2)]
    chosen = [lead.pk for lead in leads]
    answer = admin_client.post(LIST, {"action": "do_not_call_selected", "_selected_action": chosen})
    assert told(answer) == ["2 leads are never called again."]
    assert Lead.objects.filter(do_not_call=True, status="do_not_call").count() == 2
    assert Suppression.objects.count() == 2


@pytest.mark.parametrize("typed", ["98765 00009", "09876500009", "+91-98765-00009", "0091 98765 00009"])
def test_a_phone_may_be_typed_in_any_usual_way(admin_client, now, typed):
    lead = make_lead(1, now)
    admin_client.post(page(lead), form_of(admin_client, lead, phone=typed))
    lead.refresh_from_db()
    assert str(lead.phone) == "+919876500009"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("12345", "This phone number has too few digits. An Indian number has ten, like 98765 43210."),
        ("call me", "This is not a phone number. Type it like 98765 43210 or +91 98765 43210."),
        ("98765 00002", "Another lead has this number. Search for it and add to that lead."),
    ],
)
def test_a_phone_that_is_none_is_refused_with_a_sentence(admin_client, now, typed, why):
    lead = make_lead(1, now)
    make_lead(2, now)
    answer = admin_client.post(page(lead), form_of(admin_client, lead, phone=typed))
    assert answer.context["adminform"].form.errors["phone"] == [why]


@pytest.mark.parametrize("typed", ["Mars/Phobos", "Asia", "../etc/passwd"])
def test_a_time_zone_that_is_none_is_refused_with_a_sentence(admin_client, now, typed):
    lead = make_lead(1, now)
    answer = admin_client.post(page(lead), form_of(admin_client, lead, time_zone=typed))
    assert answer.context["adminform"].form.errors == {"time_zone": ["No such time zone. Write one like Asia/Kolkata."]}


def test_several_leads_may_have_no_phone(admin_client, now):
    for number in (1, 2):
        lead = make_lead(number, now)
        assert admin_client.post(page(lead), form_of(admin_client, lead, phone="")).status_code == 302
    assert list(Lead.objects.values_list("phone", flat=True)) == [None, None]


def test_what_a_lead_wants_is_typed_as_people_say_it(admin_client, now):
    lead = make_lead(1, now)
    data = form_of(admin_client, lead) | {
        "requirement-0-locations": "Wakad (Pune), Mumbai",
        "requirement-0-bedrooms_min": "2 BHK",
        "requirement-0-bedrooms_max": "2.5",
        "requirement-0-budget_min": "50 lakh",
        "requirement-0-budget_max": "1.2 cr",
        "requirement-0-consent": "true",
    }
    assert admin_client.post(page(lead), data).status_code == 302
    wanted = Requirement.objects.values(
        "locations", "bedrooms_min", "bedrooms_max", "budget_min", "budget_max", "consent", "purpose"
    ).get()
    assert wanted == {
        "locations": [{"city": "Pune", "locality": "Wakad"}, {"city": "Mumbai", "locality": None}],
        "bedrooms_min": 2,
        "bedrooms_max": 2.5,
        "budget_min": 5_000_000,
        "budget_max": 12_000_000,
        "consent": True,
        "purpose": "",
    }


def test_a_requirement_that_makes_no_sense_is_refused_beside_its_field(admin_client, now):
    lead = make_lead(1, now)
    data = form_of(admin_client, lead) | {
        "requirement-0-bedrooms_min": "many",
        "requirement-0-budget_min": "2 crore",
        "requirement-0-budget_max": "1 crore",
    }
    answer = admin_client.post(page(lead), data)
    errors = answer.context["inline_admin_formsets"][0].formset.forms[0].errors
    assert errors["bedrooms_min"] == ["This is not a number of bedrooms. Write it like 2, 2.5 or 3 BHK."]
    assert errors["budget_max"] == ["Budget must not end below where it begins."]
    assert not Requirement.objects.exists()


def test_a_value_stands_beside_the_words_that_it_came_from(admin_client, now):
    lead = make_lead(1, now)
    Requirement.objects.create(
        lead=lead, budget_max=7_000_000, evidence={"budget_max": {"call": 1, "turn": 2, "words": "<b>sattar</b> lakh"}}
    )
    shown = admin_client.get(page(lead)).content.decode()
    assert 'Heard: <q class="ra-heard">&lt;b&gt;sattar&lt;/b&gt; lakh</q>' in shown


def test_saving_a_lead_unchanged_changes_nothing(admin_client, now):
    lead = make_lead(1, now)
    Requirement.objects.create(
        lead=lead, locations=[{"city": "Pune", "locality": "Wakad"}], bedrooms_min="2.5", budget_max=7_123_456
    )
    before = Requirement.objects.values().get()
    assert admin_client.post(page(lead), form_of(admin_client, lead)).status_code == 302
    assert Requirement.objects.values().get() == before
    assert not Activity.objects.exists()


def test_a_form_opened_before_a_call_does_not_undo_the_call(admin_client, now):
    lead = make_lead(1, now)
    stale = form_of(admin_client, lead)
    lead.status = "qualified"
    lead.save()
    answer = admin_client.post(page(lead), stale)
    assert "This lead changed while you had it open" in answer.content.decode()
    lead.refresh_from_db()
    assert lead.status == "qualified"


def test_do_not_call_is_set_and_taken_back_with_all_that_belongs_to_it(admin_client, now):
    lead = make_lead(1, now)
    admin_client.post(page(lead), form_of(admin_client, lead, do_not_call="on"))
    lead.refresh_from_db()
    assert (lead.do_not_call, lead.status, Suppression.objects.count()) == (True, "do_not_call", 1)
    data = form_of(admin_client, lead)
    del data["do_not_call"]
    admin_client.post(page(lead), data)
    lead.refresh_from_db()
    assert (lead.do_not_call, lead.status, Suppression.objects.count()) == (False, "contacted", 0)


def test_the_status_do_not_call_is_the_whole_of_it(admin_client, now):
    lead = make_lead(1, now)
    admin_client.post(page(lead), form_of(admin_client, lead, status="do_not_call"))
    lead.refresh_from_db()
    assert (lead.do_not_call, lead.status, Suppression.objects.get().phone) == (True, "do_not_call", lead.phone)
    assert [line.text for line in lead.activities.all()] == ["Must not be called again."]


def test_a_new_lead_with_the_status_do_not_call_is_never_called(admin_client):
    admin_client.post(ADD, form_of(admin_client, phone="98765 00001", status="do_not_call"))
    lead = Lead.objects.get()
    assert (lead.do_not_call, lead.status, Suppression.objects.get().phone) == (True, "do_not_call", lead.phone)


def test_beside_do_not_call_no_other_status_can_be_chosen(admin_client, now):
    lead = make_lead(1, now)
    set_do_not_call(lead_id=lead.pk, now=now)
    answer = admin_client.post(page(lead), form_of(admin_client, lead, status="qualified"))
    assert answer.context["adminform"].form.errors == {
        "status": [
            (
                "This lead asked not to be called, so the status stays “Do not call”. "
                "If the lead took that back, clear “Do not call” below first."
            )
        ]
    }
    lead.refresh_from_db()
    assert (lead.do_not_call, lead.status) == (True, "do_not_call")


def test_a_new_lead_belongs_to_whoever_enters_it(admin_client, admin_user, now):
    form = admin_client.get("/admin/leads/lead/add/").context["adminform"].form
    assert str(form.initial["owner"]) == str(admin_user.pk)


def test_a_note_joins_the_timeline(admin_client, now):
    lead = make_lead(1, now)
    answer = admin_client.post(page(lead, "note"), {"text": "Wants a <balcony>."}, follow=True)
    assert "Wants a &lt;balcony&gt;." in answer.content.decode()
    assert [(one.kind, one.actor.username) for one in lead.activities.all()] == [("note", "admin")]


def test_an_empty_note_is_refused_with_a_sentence(admin_client, now):
    lead = make_lead(1, now)
    assert told(admin_client.post(page(lead, "note"), {"text": " "})) == ["Write the note first."]
    assert not Activity.objects.exists()


def test_a_promise_is_kept_once_and_only_on_its_own_lead(admin_client, now):
    lead, other = make_lead(1, now), make_lead(2, now)
    promise = FollowUp.objects.create(lead=lead, kind=FollowUpKind.CALLBACK, due_at=now)
    admin_client.post(page(other, "done"), {"follow_up": promise.pk})
    assert FollowUp.objects.get().done_at is None
    for _ in range(2):
        answer = admin_client.post(page(lead, "done"), {"follow_up": promise.pk, "from": "today"})
        assert answer.url == "/admin/"
    assert FollowUp.objects.get().done_at
    assert [one.text for one in Activity.objects.all()] == ["Done: Call back."]


def test_the_timeline_tells_a_call_once_with_what_it_came_to(admin_client, now):
    lead = make_lead(1, now)
    call = Call.objects.create(
        lead=lead, provider="pretend", status="ended", disposition="callback", duration_s=65, created_at=now
    )
    Activity.objects.create(
        lead=lead, kind=ActivityKind.CALL, text="Asked to be called later.", data={"call": call.pk}, at=now
    )
    entries = admin_client.get(page(lead)).context["timeline"]
    assert [(one.call, one.activity and one.activity.text) for one in entries] == [(call, "Asked to be called later.")]
    assert "1 min 5 s" in admin_client.get(page(lead)).content.decode()


@pytest.mark.parametrize("door", ["call", "note", "done"])
def test_a_button_on_a_deleted_lead_is_not_found(admin_client, door):
    assert admin_client.post(f"/admin/leads/lead/999/{door}/").status_code == 404


def test_a_try_that_waits_is_told_with_its_time_and_can_be_brought_forward_or_taken_back(admin_client, now):
    lead = make_lead(1, now)
    later = timezone.now() + timedelta(days=3)
    values = {"provider": "pretend", "status": "queued", "origin": "retry", "ladder": "people", "dial_after": later}
    call = Call.objects.create(lead=lead, **values)
    text = admin_client.get(page(lead)).content.decode()
    assert "Nobody was reached before: a call waits until <time" in text
    assert "Call now" in text
    assert "under way" not in text
    answer = admin_client.post(f"/admin/calls/call/{call.pk}/cancel/", {"from": "lead"})
    call.refresh_from_db()
    assert (answer.url, call.disposition) == (page(lead), "canceled")
    assert "a call waits" not in admin_client.get(page(lead)).content.decode()
