"""The list of values to look at, and what a lead's page tells of where its values come from."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from calls.models import ValueReview
from leads.models import Lead, Requirement
from tests.admin_rows import staff
from tests.heard_calls import heard

pytestmark = pytest.mark.django_db

LIST = "/admin/calls/valuereview/"


@pytest.fixture
def call(now):
    return heard(now, (5, "seventeen lakhs"), (4, "3 BHK"))


def listed(client, **filters):
    return {one.slot for one in client.get(LIST, filters).context["cl"].result_list}


def press(client, slot, **data):
    review = ValueReview.objects.get(slot=slot)
    answer = client.post(f"{LIST}{review.pk}/decide/?slot={slot}", data)
    review.refresh_from_db()
    return answer, review


def told(client, answer):
    """What the page says of the last click."""
    return [str(one) for one in client.get(answer["Location"]).context["messages"]][-1:]


def test_the_list_shows_both_hearings_and_plays_from_their_second(admin_client, call):
    page = admin_client.get(LIST).content.decode()
    assert "seventy lakhs" in page
    assert "up to ₹17 lakh" in page
    assert f'href="/admin/calls/call/{call.pk}/change/#t=48.20"' in page
    assert 'aria-label="Play from 0:48"' in page
    assert (page.count("To be looked at"), page.count(">All<")) == (1, 3), "the open ones are not all"


def test_open_ones_come_first_and_the_others_on_request(admin_client, call):
    assert listed(admin_client) == {"budget", "bedrooms"}
    press(admin_client, "budget", choice="again")
    assert (listed(admin_client), listed(admin_client, state="decided")) == ({"bedrooms"}, {"budget"})
    assert listed(admin_client, state="all") == {"budget", "bedrooms"}
    assert listed(admin_client, slot="budget") == set()
    assert listed(admin_client, reason__exact="not_live") == set()


def test_a_click_decides_and_goes_back_to_the_list_as_it_was(admin_client, call):
    answer, review = press(admin_client, "budget", choice="again")
    assert (answer["Location"], review.state) == (f"{LIST}?slot=budget", "accepted")
    assert told(admin_client, answer) == ["Meena: Budget is up to ₹17 lakh."]


def test_another_value_is_typed_as_on_the_leads_page(admin_client, call):
    pk = ValueReview.objects.get(slot="budget").pk
    typed = {"choice": "other", f"r{pk}-budget_min": "60 lakh", f"r{pk}-budget_max": "75 lakh"}
    _, review = press(admin_client, "budget", **typed)
    assert (review.state, review.final) == ("corrected", {"budget_min": 6_000_000, "budget_max": 7_500_000})


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"budget_max": "plenty"}, "Budget: This is not an amount. Write it like 70 lakh, 1.2 crore or 25,000."),
        ({"budget_min": "2 crore", "budget_max": "1 crore"}, "Budget: Budget must not end below where it begins."),
    ],
)
def test_nonsense_is_refused_with_a_sentence(admin_client, call, typed, sentence):
    pk = ValueReview.objects.get(slot="budget").pk
    fields = {f"r{pk}-{name}": value for name, value in typed.items()}
    answer, review = press(admin_client, "budget", choice="other", **fields)
    assert (told(admin_client, answer), review.state) == ([f"{sentence} Nothing was changed."], "open")


def test_an_empty_other_value_is_not_known(admin_client, call):
    _, review = press(admin_client, "budget", choice="other")
    assert (review.state, Requirement.objects.get().budget_max) == ("cleared", None)


def test_who_comes_second_reads_what_was_decided(admin_client, call):
    press(admin_client, "budget", choice="again")
    answer, _ = press(admin_client, "budget", choice="live")
    assert told(admin_client, answer) == [
        "Meena, Budget: This was decided before by admin: accepted, up to ₹17 lakh. Nothing was changed."
    ]


def test_a_choice_that_there_is_not_changes_nothing(admin_client, call):
    answer, review = press(admin_client, "budget", choice="maybe")
    assert (told(admin_client, answer), review.state) == (
        ["Choose what is right first. Nothing was changed."],
        "open",
    )


def test_a_look_decides_nothing(admin_client, call):
    review = ValueReview.objects.get(slot="budget")
    admin_client.get(f"{LIST}{review.pk}/decide/")
    review.refresh_from_db()
    assert review.state == "open"


def test_who_may_only_look_sees_no_buttons_and_no_links_to_what_is_not_theirs(client, call):
    client.force_login(staff("looker", "calls.view_valuereview"))
    page = client.get(LIST).content.decode()
    assert ("Live is right" in page, "#t=" in page, "/admin/leads/lead/" in page) == (False, False, False)
    review = ValueReview.objects.get(slot="budget")
    assert client.post(f"{LIST}{review.pk}/decide/", {"choice": "live"}).status_code == 403


def test_an_empty_list_says_that_all_is_well(admin_client):
    assert "Nothing waits for you" in admin_client.get(LIST).content.decode()
    assert "No value here fits these filters" in admin_client.get(LIST, {"slot": "budget"}).content.decode()


def test_the_list_takes_as_many_queries_for_two_as_for_one(admin_client, call):
    def queries(**filters):
        with CaptureQueriesContext(connection) as asked:
            shown = listed(admin_client, **filters)
        return len(shown), len(asked)

    (one, for_one), (two, for_two) = queries(slot="budget"), queries()
    assert (one, two, for_two) == (1, 2, for_one)


def test_today_counts_what_is_to_be_checked(admin_client, call):
    page = admin_client.get("/admin/").content.decode()
    assert "2 values to review" in page


def lead_page(client, call):
    return client.get(reverse("admin:leads_lead_change", args=[call.lead_id])).content.decode()


def test_each_value_of_a_lead_tells_its_words_its_second_and_whether_to_check_it(admin_client, call):
    page = lead_page(admin_client, call)
    assert 'Heard: <q class="ra-heard">seventy lakhs</q>' in page
    recording = call.recordings.get().pk
    assert f'href="/admin/calls/call/{call.pk}/change/?recording={recording}#t=48.20"' in page
    review = ValueReview.objects.get(slot="budget")
    assert f'href="{LIST}?call__id__exact={call.pk}#review-{review.pk}"' in page
    assert listed(admin_client, call__id__exact=call.pk) == {"budget", "bedrooms"}
    assert 'placeholder="Not known"' in page


def test_what_cannot_be_played_any_more_has_no_second_to_click(admin_client, call):
    call.recordings.update(state="deleted", file="")
    assert ("#t=" in lead_page(admin_client, call), "#t=" in admin_client.get(LIST).content.decode()) == (False, False)


def test_a_value_that_staff_checked_says_so(admin_client, call):
    press(admin_client, "budget", choice="again")
    assert 'Checked by staff: <q class="ra-heard">seventeen lakhs</q>' in lead_page(admin_client, call)
    proof = {"call": call.pk, "words": "", "source": "staff"}
    Requirement.objects.update(evidence={"budget_max": proof})
    assert "Checked by staff." in lead_page(admin_client, call)


def test_who_may_not_see_calls_gets_the_words_alone(client, call):
    client.force_login(staff("clerk", "leads.change_lead", "leads.view_requirement", "leads.change_requirement"))
    page = lead_page(client, call)
    assert ("seventy lakhs" in page, "#t=" in page, "To review" in page) == (True, False, False)


def test_who_may_not_listen_is_offered_no_second_to_play(client, call):
    may = ("leads.change_lead", "leads.view_requirement", "leads.change_requirement", "calls.view_call")
    client.force_login(staff("clerk", *may))
    page = lead_page(client, call)
    assert ("seventy lakhs" in page, "#t=" in page) == (True, False)


def form_of(client, call, **changed):
    """What a browser posts from the lead's page, with some values changed."""
    page = client.get(reverse("admin:leads_lead_change", args=[call.lead_id]))
    data = {}
    for form in [page.context["adminform"].form, *(one.formset for one in page.context["inline_admin_formsets"])]:
        parts = [form, *getattr(form, "forms", [])] if hasattr(form, "forms") else [form]
        for part in [getattr(form, "management_form", None), *parts]:
            for bound in part or []:
                if hasattr(bound, "html_name"):
                    value = bound.value()
                    data[bound.html_name] = "" if value is None else value
    return data | {f"requirement-0-{name}": value for name, value in changed.items()}


def save(client, call, **changed):
    data = form_of(client, call, **changed)
    return client.post(reverse("admin:leads_lead_change", args=[call.lead_id]), data)


def test_a_value_that_staff_put_right_on_the_leads_page_is_kept_as_a_correction(admin_client, call):
    assert save(admin_client, call, purpose="invest", budget_max="72 lakh").status_code == 302
    rows = {
        one.slot: (one.reason, one.state, one.live["value"], one.final, one.decided_by.username)
        for one in ValueReview.objects.exclude(state="open")
    }
    assert rows == {
        "purpose": ("by_hand", "corrected", "buy", "invest", "admin"),
        "budget": ("disagrees", "corrected", {"budget_max": 7_000_000}, {"budget_max": 7_200_000}, "admin"),
    }
    wanted = Requirement.objects.get()
    assert (wanted.purpose, {"purpose", "budget_max"} & wanted.evidence.keys()) == ("invest", set())


def test_a_value_that_staff_emptied_is_kept_as_cleared(admin_client, call):
    save(admin_client, call, purpose="")
    assert ValueReview.objects.values_list("state", "final").get(slot="purpose") == ("cleared", None)


def test_a_form_that_was_opened_before_a_decision_does_not_write_over_it(admin_client, call):
    Lead.objects.update(status="wrong_number")  # which no decision changes
    opened = form_of(admin_client, call)
    press(admin_client, "budget", choice="again")
    page = admin_client.post(reverse("admin:leads_lead_change", args=[call.lead_id]), opened)
    assert (page.status_code, Requirement.objects.get().budget_max) == (200, 1_700_000)


def test_a_value_that_staff_typed_themselves_waits_no_more(admin_client, call):
    again = {"value": 3, "words": "in three months", "turn": 6}
    ValueReview.objects.create(call=call, slot="timeline_months", reason="not_live", again=again)
    save(admin_client, call, timeline_months="4")
    review = ValueReview.objects.get(slot="timeline_months")
    assert (review.state, review.final, review.decided_by.username) == ("corrected", 4, "admin")


def test_the_list_tells_what_stands_there_now_where_that_is_another_value(admin_client, call):
    assert "Now:" not in admin_client.get(LIST).content.decode()
    Requirement.objects.update(budget_max=9_000_000)
    assert "Now: up to ₹90 lakh" in admin_client.get(LIST).content.decode()


def test_what_two_readers_made_of_the_same_words_is_no_matter_of_the_recording(admin_client, call):
    ValueReview.objects.filter(slot="budget").update(reason="rules_and_model")
    page = admin_client.get(LIST, {"slot": "budget"}).content.decode()
    assert ("The model is right" in page, "Recording is right" in page) == (True, False)


def test_a_click_on_what_a_new_transcript_settled_is_told_so(admin_client, call):
    answer = admin_client.post(f"{LIST}{ValueReview.objects.get(slot='budget').pk + 9}/decide/", {"choice": "live"})
    (said,) = told(admin_client, answer)
    assert said.startswith("This needs no look any more")


def test_a_click_on_a_row_that_was_heard_anew_is_told_so(admin_client, call):
    answer, review = press(admin_client, "budget", choice="again", seen="another")
    assert (told(admin_client, answer)[0].startswith("Meena, Budget: A new transcript heard this"), review.state) == (
        True,
        "open",
    )


def test_saving_a_lead_unchanged_corrects_nothing(admin_client, call):
    before = Requirement.objects.get().evidence
    save(admin_client, call)
    assert (ValueReview.objects.exclude(state="open").count(), Requirement.objects.get().evidence) == (0, before)
