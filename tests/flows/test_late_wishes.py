"""A wish to be left alone that Whisper heard too late for the agent: it waits for staff, once, with whoever said it."""

import pytest
from django.utils import timezone

from calls.models import Call, LiveUtterance
from calls.operations import hearing_turns
from leads.models import Lead
from tests.flows.live_hearing import be_late, hold_for, work
from tests.speech import wav_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("wanted", ["stop calling me", "yes, speaking"])
def test_a_wish_to_be_left_alone_that_was_heard_too_late_waits_on_today(
    line, api, agent, lead, hears, admin_client, wanted
):
    held = hold_for(line, api, line.ring(), wav_of("Yes."))
    be_late()
    line.follow(held)
    hears(wanted)
    work()
    due = lead.follow_ups.values_list("kind", "done_at", "dialed_for").filter(note__contains=f"“{wanted}”")
    notes = lead.activities.filter(text__contains="heard too late")
    if wanted == "yes, speaking":
        assert (list(due), notes.count()) == ([], 0)
        return
    (kind, done_at, by_hand) = due.get()
    assert (kind, done_at, by_hand is not None, notes.count()) == ("hand_off", None, True, 1)
    assert "stop calling me" in admin_client.get("/admin/").content.decode()
    lead.refresh_from_db()
    assert lead.do_not_call is False


def test_a_wish_that_was_heard_too_late_waits_on_today_though_the_lead_then_declines(line, api, agent, lead, hears):
    held = hold_for(line, api, line.ring(), wav_of("Yes."))
    be_late()
    again = line.follow(held)
    hears("stop calling me")
    work()
    line.say(again, "I am not interested")
    line.say(again, "no, not interested")
    assert Call.objects.get().dialogue["outcome"] == "not_interested"
    (note,) = lead.follow_ups.filter(done_at=None).values_list("note", flat=True)
    assert "“stop calling me”" in note


def test_a_worker_that_comes_second_tells_of_no_wish_that_the_conversation_heard(line, api, agent, lead, hears):
    hold_for(line, api, line.ring(), wav_of("Yes."))
    utterance = LiveUtterance.objects.select_related("call").get()
    for _ in range(2):  # the first was taken for killed
        hearing_turns._keep(utterance, "stop calling me", 0.9, now=timezone.now())
    assert (LiveUtterance.objects.get().state, lead.follow_ups.count()) == ("heard", 0)


def test_a_late_wish_of_somebody_who_told_their_number_meanwhile_stands_with_them(line, api, agent, lead, hears):
    held = hold_for(line, api, line.ring(), wav_of("Yes."))
    be_late()
    line.follow(held)
    utterance = LiveUtterance.objects.select_related("call__lead").get()
    known = Lead.objects.create(phone="+919820099999")
    Call.objects.update(lead=known)
    hearing_turns._keep(utterance, "stop calling me", 0.9, now=timezone.now())
    assert [one.follow_ups.count() for one in (lead, known)] == [0, 1]


def test_a_wish_that_cannot_be_told_leaves_the_answer_to_another_worker(line, api, agent, lead, hears, monkeypatch):
    held = hold_for(line, api, line.ring(), wav_of("Yes."))
    be_late()
    line.follow(held)
    utterance = LiveUtterance.objects.select_related("call").get()
    monkeypatch.setattr(hearing_turns.wishes, "promise", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        hearing_turns._keep(utterance, "stop calling me", 0.9, now=timezone.now())
    assert LiveUtterance.objects.get().heard_at is None
    assert not lead.activities.filter(text__contains="too late").exists()
