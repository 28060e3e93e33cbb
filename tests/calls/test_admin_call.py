"""What staff see and do on the pages of calls."""

import html
import re
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from calls.display import DISPOSITION_LABELS, QUESTIONS
from calls.disposition import Disposition
from calls.models import Call, DialerSettings, Turn
from leads.models import Lead
from tests.admin_rows import make_lead, staff
from voice.dialogue.questions import CALLBACK, CONFIRM
from voice.dialogue.script import QUESTIONS as ASKED

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
    assert "Waiting for an answer" not in shown(answer)  # nothing was said yet


def test_every_question_is_told_in_the_words_of_people(admin_client, now):
    assert QUESTIONS.keys() == {*ASKED, CONFIRM, CALLBACK}
    call = make_call(now, dialogue={"slots": {}, "asked": "identity"})
    Turn.objects.create(call=call, number=0, said="Am I speaking with Priya?", at=now)
    assert "Waiting for an answer: is this the right person?" in shown(admin_client.get(page(call)))


def test_a_disposition_reads_as_staff_say_it(admin_client, now):
    call = make_call(now, status="ended", end_reason="completed", disposition="human")
    lead_page = f"/admin/leads/lead/{call.lead_id}/change/"
    for url in (page(call), LIST, lead_page):
        assert "Wants a person" in shown(admin_client.get(url))
    other = make_call(now, lead=call.lead, status="ended", disposition="busy")
    assert list(admin_client.get(LIST, {"disposition__exact": "human"}).context["cl"].result_list) == [call]
    assert list(admin_client.get(LIST).context["cl"].result_list) == [other, call]
    assert DISPOSITION_LABELS.keys() == set(Disposition)


def test_the_list_tells_a_chat_from_a_call(admin_client, now):
    make_call(now, channel="chat", direction="inbound", provider="chat")
    make_call(now, lead=make_lead(2, now), direction="inbound")
    listed = re.findall(r"field-way[^>]*>\s*(\w+)", shown(admin_client.get(LIST)))
    assert listed == ["Inbound", "Chat"]


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
    call = make_call(now, status="ended")
    client.force_login(staff("keen", "calls.view_call", "calls.delete_call"))
    assert client.post(page(call, "delete"), {"post": "yes"}).status_code == 403
    client.force_login(admin_user)
    client.post(page(call, "delete"), {"post": "yes"})
    assert not Call.objects.exists()


UNDER_WAY = "Nothing was deleted: a call is under way ({}). Wait until it has ended."


def test_a_call_under_way_is_not_deleted(admin_client, now):
    call, ended = make_call(now), make_call(now, status="ended", lead=make_lead(2, now))
    assert "Delete call" not in shown(admin_client.get(page(call)))
    answer = admin_client.post(page(call, "delete"), {"post": "yes"})
    assert (answer.url, told(answer)) == (page(call), [UNDER_WAY.format(call)])
    chosen = {"action": "delete_selected", "_selected_action": [call.pk, ended.pk], "post": "yes"}
    assert told(admin_client.post(LIST, chosen))[1:] == [UNDER_WAY.format(call)]
    assert Call.objects.count() == 2
    call.move_to("ended")
    admin_client.post(LIST, chosen)
    assert not Call.objects.exists()


def test_a_lead_on_the_telephone_is_not_deleted(admin_client, now):
    call = make_call(now)
    lead, other = call.lead, make_lead(2, now)
    url = f"/admin/leads/lead/{lead.pk}/"
    answer = admin_client.post(f"{url}delete/", {"post": "yes"})
    assert (answer.url, told(answer)) == (f"{url}change/", [UNDER_WAY.format(lead)])
    chosen = {"action": "delete_selected", "_selected_action": [lead.pk, other.pk], "post": "yes"}
    assert told(admin_client.post("/admin/leads/lead/", chosen))[1:] == [UNDER_WAY.format(lead)]
    assert Lead.objects.count() == 2
    call.move_to("ended")
    admin_client.post("/admin/leads/lead/", chosen)
    assert not Lead.objects.exists()


@pytest.fixture
def midday(monkeypatch, now):
    """Calling hours, whatever the hour of the test."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


@pytest.mark.usefixtures("midday")
def test_an_ended_call_is_called_again(admin_client, now):
    call = make_call(now, status="ended", end_reason="failed", disposition="failed")
    answer = admin_client.get(page(call))
    assert "Call again" in shown(answer)
    sent = {"request_key": answer.context["request_key"], "call": call.pk}
    door = f"/admin/leads/lead/{call.lead_id}/call/"
    again = admin_client.post(door, sent)
    fresh = Call.objects.exclude(pk=call.pk).get()
    assert (again.url, admin_client.post(door, sent).url) == (page(fresh), page(fresh))
    assert "Call again" not in shown(admin_client.get(page(call)))
    assert f'href="{page(fresh)}"' in shown(admin_client.get(page(call)))
    refused = admin_client.post(door, {"request_key": "another", "call": call.pk})
    assert (refused.url, told(refused)[-1]) == (
        page(call),
        "Not called. A call with Lead 1 is already under way. Wait until it has ended.",
    )


@pytest.mark.usefixtures("midday")
def test_why_a_lead_is_not_called_again_stands_beside_the_button(admin_client, now):
    call = make_call(now, status="ended", disposition="do_not_call")
    Lead.objects.update(do_not_call=True)
    answer = admin_client.get(page(call))
    assert answer.context["refusal"] in shown(answer)
    assert 'disabled aria-describedby="call-refusal"' in shown(answer)


def test_whoever_may_not_call_sees_no_button_to_call_again(client, now):
    call = make_call(now, status="ended")
    client.force_login(staff("looker", "calls.view_call"))
    assert "Call again" not in shown(client.get(page(call)))


@pytest.mark.parametrize("typed", ["98765 00001", "lead 1", "CA77"])
def test_a_call_is_found_by_its_lead_and_its_provider_s_id(admin_client, now, typed):
    call = make_call(now, provider_call_id="CA77")
    make_call(now, lead=make_lead(2, now), provider_call_id="CA88")
    assert list(admin_client.get(LIST, {"q": typed}).context["cl"].result_list) == [call]


def test_a_call_that_is_not_there_leads_back_with_a_sentence(admin_client):
    for odd in ("999", "x", "9" * 30, "9" * 5000):
        assert admin_client.get(f"{LIST}{odd}/change/").url == "/admin/"


REVIEW = {"slot": "budget_max", "turn": 1, "words": "thoda <b>socha</b>", "rule": None, "model": 9_000_000}


def heard_in_two_ways(now, **fields):
    dialogue = {"slots": {}, "asked": "", "review": [REVIEW]}
    return make_call(now, status="ended", needs_review=True, dialogue=dialogue, **fields)


def test_what_was_heard_in_two_ways_is_checked_once_and_kept_on_the_timeline(admin_client, admin_user, now):
    call = heard_in_two_ways(now)
    answers = [admin_client.post(page(call, "review")) for _ in range(2)]
    assert told(answers[-1]) == ["Noted: you have checked what was heard.", "Somebody had checked it before."]
    (note,) = call.lead.activities.all()
    assert (note.text, note.actor, note.data) == ("Checked what was heard in a call.", admin_user, {"call": call.pk})


def test_looking_at_the_address_of_a_review_checks_nothing(admin_client, now):
    call = heard_in_two_ways(now)
    admin_client.get(page(call, "review"))
    call.refresh_from_db()
    assert call.needs_review


def test_whoever_may_only_look_cannot_say_that_it_was_checked(client, now):
    call = heard_in_two_ways(now)
    client.force_login(staff("onlooker", "calls.view_call"))
    seen = shown(client.get(page(call)))
    assert ("Please check" in seen, "call-review" in seen) == (True, False)
    assert client.post(page(call, "review")).status_code == 403
    call.refresh_from_db()
    assert call.needs_review


def test_calls_to_be_checked_are_found(admin_client, now):
    call = heard_in_two_ways(now)
    make_call(now, lead=make_lead(2, now))
    listed = admin_client.get(LIST, {"needs_review__exact": "1"}).context["cl"].result_list
    assert list(listed) == [call]


def test_nothing_that_a_model_wrote_is_markup(admin_client, now):
    text = "<script>alert(1)</script>"
    point = {"text": text, "quote": text, "turn": 1}
    raw = admin_client.get(page(heard_in_two_ways(now, summary=[point], summary_rung="primary"))).content.decode()
    assert text not in raw
    assert raw.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 2
    assert "thoda &lt;b&gt;socha&lt;/b&gt;" in raw


def test_a_call_to_a_new_lead_tells_how_long_it_took(admin_client, now):
    after = [now + timedelta(seconds=s) for s in (0.2, 0.5, 0.8, 1.1)]
    times = dict(zip(("created_at", "dialed_at", "asked_at", "placed_at"), after, strict=True))
    call = make_call(now, origin="new_lead", dial_after=after[0], status="ringing", **times)
    told = (
        "Called 0.8 s after the lead arrived (lead to queue 0.2 s, queue to worker 0.3 s, worker to request 0.3 s, "
        "request to provider's answer 0.3 s)"
    )
    assert told in shown(admin_client.get(page(call)))
    Call.objects.update(dialed_at=None)
    assert "Called 0" not in shown(admin_client.get(page(call)))


def test_a_call_that_waits_says_until_when_and_can_be_brought_forward_or_taken_back(admin_client, now):
    later = timezone.now() + timedelta(days=3)
    before = make_call(now, status="ended", end_reason="busy", disposition="busy")
    values = {"lead": before.lead, "status": "queued", "origin": "retry", "ladder": "people"}
    call = make_call(now, **values, retry_of=before, dial_after=later)
    text = shown(admin_client.get(page(call)))
    for part in ("It is dialled <time", "Call now", "Cancel this call", "Nobody was reached before"):
        assert part in text
    assert f'The next try is <a class="ra-link" href="{page(call)}">' in shown(admin_client.get(page(before)))


def test_a_call_that_is_held_up_says_by_what(admin_client, now):
    call = make_call(now, status="queued", dial_after=now)
    assert "It is dialled as soon as a line is free." in shown(admin_client.get(page(call)))
    DialerSettings(paused=True, paused_reason="Fire drill.").save()
    text = shown(admin_client.get(page(call)))
    assert "Fire drill." in text
    assert "as soon as a line is free" not in text


@pytest.mark.parametrize(
    ("refused_at_s", "told"),
    [(30, "The provider's recogniser, since the caller did not want to be recorded"), (90, "Whisper")],
)
def test_who_is_not_recorded_is_heard_by_whisper_no_more(admin_client, now, refused_at_s, told):
    refused = {"recording_consent": "refused", "recording_consent_at": now + timedelta(seconds=refused_at_s)}
    ended = {"status": "ended", "end_reason": "completed", "ended_at": now + timedelta(seconds=60)}
    call = make_call(now, live_hearing="whisper", recording_words="don't record this", **refused, **ended)
    call.transcripts.create(engine="provider", is_best=True, why="no_recording")
    text = shown(admin_client.get(page(call)))
    assert f'id="heard-by">{told}</dd>' in text
    assert "These are the words as they were heard during the call, because there is no recording" in text
