"""How long records are kept: one row, empty for ever; and what each night deleted."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from calls.models import Purge, Retention
from calls.operations import purging
from tests.admin_rows import staff
from tests.recorded_calls import make_recorded_call

pytestmark = pytest.mark.django_db

PAGE = "admin:calls_retention_change"


def test_the_days_can_be_set_and_emptied(admin_client):
    page = admin_client.get(reverse("admin:calls_retention_changelist"), follow=True)
    form = page.context["adminform"].form
    values = {name: "" if value is None else value for name, value in form.initial.items()}
    values |= {"recordings": "30", "words": "", "as_of": form["as_of"].value()}
    assert admin_client.post(reverse(PAGE, args=[1]), values).status_code == 302
    kept = Retention.current()
    assert (kept.recordings, kept.words, kept.webhooks) == (30, None, 90)
    zero = admin_client.post(reverse(PAGE, args=[1]), values | {"recordings": "0", "as_of": ""})
    assert (zero.status_code, Retention.current().recordings) == (200, 30)


@pytest.mark.parametrize("days", ["36501", "3000000000"])
def test_more_days_than_dates_have_are_refused_for_no_night_could_reckon_with_them(admin_client, days):
    page = admin_client.get(reverse("admin:calls_retention_changelist"), follow=True)
    form = page.context["adminform"].form
    values = {**form.initial, "recordings": days, "as_of": form["as_of"].value()}
    refused = admin_client.post(reverse(PAGE, args=[1]), values)
    sentence = "Write at most 36,500 days, a hundred years. Leave it empty to keep this for ever."
    assert (refused.status_code, Retention.current().recordings) == (200, 180)
    assert sentence in refused.context["adminform"].form.errors["recordings"]


def test_the_last_nights_are_told(admin_client, now):
    Purge.objects.create(night=date(2026, 3, 9), began_at=now, ended_at=now, counts={"webhooks": 1200, "turns": 3})
    Purge.objects.create(night=date(2026, 3, 10), began_at=now, leased_until=now + timedelta(minutes=3))
    Purge.objects.create(night=date(2026, 3, 8), began_at=now, ended_at=now)
    Retention.objects.create()
    page = admin_client.get(reverse(PAGE, args=[1])).content.decode()
    told = [
        "9 March 2026: 3 turns, 1,200 webhooks",
        "10 March 2026: not finished yet; nothing so far",
        "8 March 2026: nothing was too old",
    ]
    assert [one in page for one in told] == [True] * 3
    assert "1,200 webhooks" in admin_client.get(reverse("admin:calls_purge_changelist")).content.decode()


def test_who_may_only_look_changes_nothing(client):
    client.force_login(staff("asha", "calls.view_retention"))
    Retention.objects.create()
    page = client.get(reverse("admin:calls_retention_changelist"), follow=True)
    assert (page.status_code, "as_of" in page.content.decode()) == (200, False)
    client.post(reverse(PAGE, args=[1]), {"recordings": "1"})
    assert Retention.current().recordings == 180


def test_a_call_whose_words_are_kept_no_longer_says_so(admin_client, now, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    old = now - timedelta(days=800)
    call, _ = make_recorded_call(old, ended_at=old, dialogue={"turn": 1})
    list(purging.batches(now=now))
    page = admin_client.get(reverse("admin:calls_call_change", args=[call.pk])).content.decode()
    told = ("What was said is kept no longer", "silence", "Nothing was said", "What they want is not known yet")
    assert [one in page for one in told] == [True, False, False, False]
