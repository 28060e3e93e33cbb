"""The pages on which staff say how and when calls are made."""

from datetime import date, time

import pytest
from django.urls import reverse

from calls.models import CallingHours, CallingPolicy, DialerSettings, Holiday
from calls.operations.gate import gate
from tests.admin_rows import make_lead, staff

pytestmark = pytest.mark.django_db

SETTINGS = "/admin/calls/dialersettings/1/change/"


class Ringing:
    """A network that people can hear."""

    name = "twilio"
    rings_people = True


def values_of(page):
    """A form as a browser would send it back untouched."""
    forms = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    sent = {}
    for form in forms:
        for field in form:
            value = field.value()
            if value is not None and value is not False:
                sent[field.html_name] = value
    return sent


def test_a_page_that_was_opened_before_a_pause_does_not_undo_it(admin_client):
    DialerSettings().save()
    old = values_of(admin_client.get(SETTINGS))
    admin_client.post(
        SETTINGS, values_of(admin_client.get(SETTINGS)) | {"paused": "on", "paused_reason": "Fire drill."}
    )
    answer = admin_client.post(SETTINGS, old | {"max_lines": 4})
    assert "somebody may have paused all calls" in answer.content.decode()
    kept = DialerSettings.objects.get()
    assert (kept.paused, kept.paused_reason, kept.max_lines) == (True, "Fire drill.", 10)


def test_whoever_may_only_look_reads_settings_and_leads_and_nothing_of_the_form(client, now):
    DialerSettings().save()
    lead = make_lead(1, now)
    client.force_login(staff("looker", "calls.view_dialersettings", "leads.view_lead"))
    for path in (SETTINGS, f"/admin/leads/lead/{lead.pk}/change/"):
        answer = client.get(path)
        assert (answer.status_code, "As of" in answer.content.decode()) == (200, False)


def test_the_settings_are_one_form_and_not_a_list(admin_client):
    answer = admin_client.get("/admin/calls/dialersettings/")
    assert (answer.status_code, answer.url, DialerSettings.objects.count()) == (302, SETTINGS, 1)


def test_pausing_all_calls_is_told_by_the_gate_with_the_reason(admin_client, now):
    sent = values_of(admin_client.get(SETTINGS)) | {"paused": "on", "paused_reason": "The office moves."}
    assert admin_client.post(SETTINGS, sent).url == SETTINGS
    decision = gate(make_lead(1, now), Ringing, now=now)
    assert (decision.code, decision.detail) == (
        "paused",
        "All calls are paused: The office moves. Resume them under Dialer settings.",
    )


def test_ladders_sources_and_days_are_saved_as_typed_and_ticked(admin_client):
    sent = values_of(admin_client.get(SETTINGS))
    sent |= {"people_ladder": "1 h, next day", "new_lead_sources": ["portal", "website"], "staff_days": ["0", "5"]}
    admin_client.post(SETTINGS, sent)
    saved = DialerSettings.current()
    assert (saved.people_ladder, saved.new_lead_sources, saved.staff_days) == (
        "1 h, next day",
        ["portal", "website"],
        [0, 5],
    )


def test_a_ladder_that_cannot_be_read_is_refused_with_how_to_write_it(admin_client):
    sent = values_of(admin_client.get(SETTINGS)) | {"people_ladder": "soon"}
    errors = admin_client.post(SETTINGS, sent).context["adminform"].form.errors
    assert errors == {"people_ladder": ["“soon” is no wait. Write waits like: 30 s, 2 min, 1 h, next day."]}


@pytest.mark.parametrize("seconds", [4, 61])
def test_staff_are_rung_neither_for_a_moment_nor_longer_than_a_caller_waits(admin_client, seconds):
    sent = values_of(admin_client.get(SETTINGS)) | {"ring_staff_s": seconds}
    assert list(admin_client.post(SETTINGS, sent).context["adminform"].form.errors) == ["ring_staff_s"]


def test_a_new_policy_begins_with_the_whole_week_and_keeps_it_untouched(admin_client):
    url = reverse("admin:calls_callingpolicy_add")
    admin_client.post(url, values_of(admin_client.get(url)) | {"region": "AE"})
    saved = CallingHours.objects.filter(policy__region="AE").values_list("weekday", "opens", "closes")
    assert list(saved) == [(day, time(9), time(21)) for day in range(7)]


def test_hours_that_end_before_they_begin_are_refused(admin_client):
    policy = CallingPolicy.objects.get(region="IN")
    url = reverse("admin:calls_callingpolicy_change", args=[policy.pk])
    sent = values_of(admin_client.get(url)) | {"hours-0-opens": "22:00"}
    assert "The hours must end after they begin." in admin_client.post(url, sent).content.decode()


def test_a_country_is_written_with_two_letters_whatever_their_case(admin_client):
    url = reverse("admin:calls_callingpolicy_add")
    untouched = values_of(admin_client.get(url))
    admin_client.post(url, untouched | {"region": "ae"})
    assert CallingPolicy.objects.filter(region="AE").exists()
    wrong = admin_client.post(url, untouched | {"region": "ZZ"}).context["adminform"].form.errors
    assert wrong == {"region": ["There is no country with these two letters. Write IN, US or AE, for instance."]}


def test_a_policy_in_use_changes_the_gate_at_once(admin_client, now):
    lead = make_lead(1, now)
    policy = CallingPolicy.objects.get(region="IN")
    url = reverse("admin:calls_callingpolicy_change", args=[policy.pk])
    admin_client.post(url, values_of(admin_client.get(url)) | {"hours-1-opens": "15:00"})
    assert gate(lead, Ringing, now=now).detail == (
        "It is 14:30 for this lead, and calls are allowed between 15:00 and 21:00. "
        "Call again from 15:00 on the lead's clock."
    )


def test_a_holiday_of_another_country_is_none_here(now):
    lead = make_lead(1, now)
    Holiday.objects.create(date=date(2026, 3, 10), region="US", name="A day off")
    assert gate(lead, Ringing, now=now).allowed
    Holiday.objects.create(date=date(2026, 3, 10), name="The office is closed")
    assert gate(lead, Ringing, now=now).code == "holiday"


def test_public_holidays_count_where_the_policy_says_so(now):
    lead, republic_day = make_lead(1, now), now.replace(month=1, day=26)
    assert gate(lead, Ringing, now=republic_day).detail == (
        "It is Republic Day for this lead. Call again from 09:00 tomorrow on the lead's clock."
    )
    CallingPolicy.objects.update(public_holidays=False)
    assert gate(lead, Ringing, now=republic_day).allowed


@pytest.mark.parametrize("page", ["dialersettings", "callingpolicy", "holiday"])
def test_who_may_not_see_how_calls_are_made_is_let_in_nowhere(client, page):
    client.force_login(staff("outsider", "leads.view_lead"))
    assert client.get(f"/admin/calls/{page}/").status_code == 403


def test_who_may_only_look_changes_no_setting(client):
    client.force_login(staff("reader", "calls.view_dialersettings"))
    assert client.get(SETTINGS).status_code == 200
    assert client.post(SETTINGS, {"paused": "on"}).status_code == 403
