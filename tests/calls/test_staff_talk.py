"""What a lead tells staff after a hand-off: kept apart from the agent's conversation, and read for a person to see."""

import html
from datetime import timedelta

import pytest

from calls.models import Call, Recording, ValueReview
from calls.operations import evidence
from calls.operations.reviewing import decide
from calls.operations.staff_calls import talks_from_s, with_staff
from calls.operations.summing_up import _spoken
from leads.models import FollowUp, Lead, Requirement
from tests.heard_calls import HEARD, TURN_S, hold, line, transcribe

pytestmark = pytest.mark.django_db

TAKEN_S = TURN_S * (len(HEARD) + 2)
"""When staff take the call, in seconds of the recording."""


@pytest.fixture
def call(now, django_user_model):
    """A call that was handed over to Meera Rao once the agent had asked everything."""
    call = hold([(text, 0.9) for text in HEARD], now=now)
    meera = django_user_model.objects.create(username="meera", first_name="Meera", last_name="Rao")
    Call.objects.filter(pk=call.pk).update(
        transfer_state="accepted", transfer_to=meera, transferred_at=now + timedelta(seconds=TAKEN_S)
    )
    call.refresh_from_db()
    return call


def talk(call, now, *said, speakers=("staff", "caller")):
    """The recording of the call, in which staff and the lead said this by turns after the hand-off."""
    transcript = transcribe(call, *HEARD)
    told = [line(text, TAKEN_S + 4 * n, speakers[n % len(speakers)]) for n, text in enumerate(said)]
    transcript.lines += told
    transcript.save()
    evidence.take_in(call.pk, now=now)
    call.refresh_from_db()


def reviews():
    return [
        (one.slot, one.reason, one.live.get("value"), one.again.get("value"))
        for one in ValueReview.objects.order_by("slot")
    ]


def test_the_agents_conversation_ends_where_staff_take_the_call(call, now):
    talk(call, now, "What is your budget?", "seventy lakhs", "Good, and when?", "yes as soon as I can")
    last = call.turns.order_by("number").last()
    assert (last.heard_again, last.better) == (HEARD[-1], "live")
    assert [one.text for one in with_staff(call, call.transcripts.get(engine="whisper"))] == [
        "What is your budget?",
        "seventy lakhs",
        "Good, and when?",
        "yes as soon as I can",
    ]


def test_a_value_that_staff_are_told_otherwise_waits_for_them_and_the_lead_keeps_its_own(call, now):
    talk(call, now, "What is your budget?", "up to ninety lakhs")
    assert reviews() == [("budget", "staff_call", {"budget_max": 7_000_000}, {"budget_max": 9_000_000})]
    again = ValueReview.objects.get().again
    assert (again["start_s"], again["asked"], again["turn"] > len(HEARD)) == (TAKEN_S + 4, "budget", True)
    requirement = Requirement.objects.get(lead=call.lead)
    assert (requirement.budget_max, requirement.evidence["budget_max"]["start_s"]) == (7_000_000, 48.2)


def test_a_value_has_the_second_of_its_words_in_the_recording_though_staff_are_told_another(call, now):
    transcript = transcribe(call, *HEARD[:4], "point seven crore", *HEARD[5:])
    said = ("What is your budget?", "staff"), ("up to ninety lakhs", "caller")
    transcript.lines += [line(text, TAKEN_S + 4 * n, who) for n, (text, who) in enumerate(said)]
    transcript.save()
    evidence.take_in(call.pk, now=now)
    assert [one[1] for one in reviews()] == ["staff_call"]
    assert Requirement.objects.get(lead=call.lead).evidence["budget_max"]["start_s"] == 47.8


def test_what_staff_are_told_once_more_needs_nobody(call, now):
    talk(call, now, "What is your budget?", "seventy lakhs", "To buy?", "yes to buy")
    assert reviews() == []


def test_a_value_that_was_hard_to_hear_needs_nobody_once_staff_are_told_the_same(now, call):
    call.turns.update(confidence=None)
    weak = [*HEARD[:4], ("seventy lakhs", 0.39), *HEARD[5:]]
    transcribe(call, *weak)
    evidence.take_in(call.pk, now=now)
    assert [one[1] for one in reviews()] == ["low_confidence"]
    transcript = transcribe(call, *weak)
    said = ("What is your budget?", "staff"), ("seventy lakhs", "caller")
    transcript.lines += [line(text, TAKEN_S + 4 * n, who) for n, (text, who) in enumerate(said)]
    transcript.save()
    evidence.take_in(call.pk, now=now)
    assert reviews() == []


def test_what_only_staff_are_told_waits_for_them(call, now):
    talk(call, now, "When would you like to move?", "in six months")
    assert reviews() == [("timeline_months", "staff_call", None, 6)]


def test_what_staff_wrote_after_the_talk_is_not_asked_about(call, now):
    Requirement.objects.filter(lead=call.lead).update(timeline_months=3)
    talk(call, now, "When would you like to move?", "in six months")
    assert reviews() == []


def test_a_second_look_at_the_same_recording_changes_nothing(call, now):
    talk(call, now, "What is your budget?", "up to ninety lakhs")
    before = list(ValueReview.objects.values())
    evidence.take_in(call.pk, now=now)
    assert list(ValueReview.objects.values()) == before


def test_what_staff_are_told_does_not_go_before_the_value_in_the_summary(call, now):
    talk(call, now, "What is your budget?", "up to ninety lakhs")
    assert call.summary[0]["text"] == "2 BHK, Wakad (Pune), up to ₹70 lakh"


def test_a_language_model_that_sums_up_is_told_the_talk_as_well(call, now):
    talk(call, now, "What is your budget?", "up to ninety lakhs")
    last = len(HEARD)
    assert _spoken(call)[-2:] == [
        (last + 1, "agent", "What is your budget?"),
        (last + 2, "caller", "up to ninety lakhs"),
    ]


def test_a_wish_not_to_be_called_that_staff_are_told_waits_for_all(call, now):
    FollowUp.objects.all().delete()
    for _ in range(2):
        talk(call, now, "May I call you tomorrow?", "no, never call me again")
    told = FollowUp.objects.get(kind="hand_off", done_at=None)
    assert told.note == (
        "In the recording the lead seems to ask staff not to be called again. Listen, and choose “Do not call” if so."
    )
    assert Lead.objects.get().do_not_call is False


def test_who_tells_staff_not_to_record_is_kept_no_longer(call, now):
    talk(call, now, "Hello, this is Meera.", "please don't record this call")
    assert (call.recording_consent, call.recording_words) == ("refused", "please don't record this call")
    assert call.recordings.get().state == "refused"


def test_words_of_nobody_knows_whom_refuse_nothing_and_agree_to_nothing(call, now):
    said = ("Please don't record this call.", "May a sales representative call you?", "yes sure, in six months")
    Requirement.objects.filter(lead=call.lead).update(consent=None, evidence={})
    talk(call, now, *said, speakers=("unknown",))
    assert (call.recording_consent, call.recordings.get().state) == ("notified", "kept")
    assert "consent" not in [one[0] for one in reviews()]
    assert ("timeline_months", "staff_call", None, 6) in reviews()


def without_agent(call, now):
    """The same call, which staff took at once: no agent spoke in it."""
    Call.objects.filter(pk=call.pk).update(dialogue={}, transferred_at=now)
    call.turns.all().delete()
    Requirement.objects.filter(lead=call.lead).delete()
    call.refresh_from_db()


def test_a_talk_with_staff_alone_is_read_as_well(now, call):
    without_agent(call, now)
    talk(call, now, "What is your budget?", "up to ninety lakhs")
    assert ("budget", "staff_call", None, {"budget_max": 9_000_000}) in reviews()
    assert call.summary[0]["text"].endswith("up to ₹90 lakh")


@pytest.mark.parametrize(
    ("changed", "from_s"),
    [
        ({}, TAKEN_S - 3),
        ({"transfer_state": "missed"}, None),
        ({"transferred_at": None}, None),
        ({"provider": "upload"}, 0),
        ({"provider": "vapi"}, None),  # which lets go of the line as staff take it
    ],
)
def test_staff_talk_from_when_they_take_the_call(call, changed, from_s):
    Call.objects.filter(pk=call.pk).update(**changed)
    call.refresh_from_db()
    assert talks_from_s(call, call.recordings.get()) == from_s


def test_where_no_recordings_beginning_is_known_the_answer_counts(call, now):
    Recording.objects.update(started_at=None)
    assert talks_from_s(call, call.recordings.get()) == TAKEN_S - 3
    Call.objects.update(answered_at=None)
    call.refresh_from_db()
    assert talks_from_s(call, call.recordings.get()) is None


def test_the_page_shows_the_talk_beneath_the_agents_conversation(admin_client, call, now):
    talk(call, now, "What is your budget?", "up to ninety lakhs")
    page = " ".join(html.unescape(admin_client.get(f"/admin/calls/call/{call.pk}/change/").content.decode()).split())
    conversation = page[page.index('data-part="turns"') : page.index('data-part="waiting"')]
    breaks = conversation.index('id="talk-with-staff">Meera Rao took the call.')
    assert conversation.index(f'id="heard-{len(HEARD)}"') < breaks < conversation.index('id="line-1"')
    talked = conversation[breaks:]
    assert talked.index("Meera Rao") < talked.index("budget?") < talked.index("ninety") < talked.index("up to ₹90 lakh")


@pytest.mark.parametrize(("provider", "ours"), [("pretend", "Agent, then Meera Rao"), ("vapi", "Agent")])
def test_the_player_names_who_of_us_is_heard(admin_client, call, provider, ours):
    Call.objects.filter(pk=call.pk).update(provider=provider)
    answer = admin_client.get(f"/admin/calls/call/{call.pk}/change/")
    assert answer.context["peaks"]["voices"] == ["Caller", ours]


def test_the_leads_value_is_played_where_it_was_told_and_not_where_staff_were_told_another(admin_client, call, now):
    talk(call, now, "What is your budget?", "up to ninety lakhs")
    page = admin_client.get(f"/admin/calls/call/{call.pk}/change/").content.decode()
    lead = page[page.index('id="lead-title"') : page.index('id="reasons-title"')]
    assert ("0:48" in lead, "1:44" in lead, "up to ₹70 lakh" in lead) == (True, False, True)


def test_the_page_shows_what_staff_have_decided_and_plays_it_where_they_were_told(admin_client, call, now):
    talk(call, now, "What is your budget?", "up to ninety lakhs")
    decide(ValueReview.objects.get().pk, choice="again", by=call.transfer_to, now=now)
    page = admin_client.get(f"/admin/calls/call/{call.pk}/change/").content.decode()
    lead = page[page.index('id="lead-title"') : page.index('id="reasons-title"')]
    assert ("0:48" in lead, "1:44" in lead, "up to ₹70 lakh" in lead) == (False, True, False)
    assert "up to ₹90 lakh" in lead
    assert "up to ninety lakhs" in lead


def test_a_value_whose_words_the_recording_lacks_is_not_played_where_staff_were_told_another(admin_client, call, now):
    transcript = transcribe(call, *HEARD[:4], "", *HEARD[5:])
    said = ("What is your budget?", "staff"), ("up to ninety lakhs", "caller")
    transcript.lines += [line(text, TAKEN_S + 4 * n, who) for n, (text, who) in enumerate(said)]
    transcript.save()
    evidence.take_in(call.pk, now=now)
    heard_at = admin_client.get(f"/admin/calls/call/{call.pk}/change/").context["heard_at"]
    assert ("Place" in heard_at, "Budget" in heard_at) == (True, False)


def test_the_page_of_a_call_without_a_hand_off_has_no_talk(admin_client, now):
    call = hold([(text, 0.9) for text in HEARD], now=now)
    transcribe(call, *HEARD)
    page = admin_client.get(f"/admin/calls/call/{call.pk}/change/").content.decode()
    assert ("talk-with-staff" in page, 'id="line-1"' in page) == (False, False)


def test_a_value_that_stood_before_staff_took_the_call_at_once_is_looked_at_again(now, call):
    without_agent(call, now)
    Requirement.objects.create(lead=call.lead, budget_max=5_000_000)
    talk(call, now, "What is your budget?", "up to ninety lakhs")
    assert ("budget", "staff_call", None, {"budget_max": 9_000_000}) in reviews()


@pytest.mark.parametrize("provider", ["pretend", "upload"])
def test_a_talk_that_is_not_heard_again_leaves_nothing_to_look_at(now, call, provider):
    without_agent(call, now)
    Call.objects.update(provider=provider)
    call.refresh_from_db()
    talk(call, now, "What is your budget?", "up to ninety lakhs")
    assert reviews() != []
    call.transcripts.update(lines=[], is_best=False)
    evidence.take_in(call.pk, now=now)
    call.refresh_from_db()
    assert (reviews(), "lakh" in str(call.summary)) == ([], False)


def test_a_value_stands_beneath_the_leads_words_though_staff_say_something_into_them(admin_client, call, now):
    transcript = transcribe(call, *HEARD)
    transcript.lines += [
        line("What is your budget?", TAKEN_S, "staff"),
        line("well I would say up to ninety lakhs", TAKEN_S + 4),
        line("okay", TAKEN_S + 4.5, "staff"),
    ]
    transcript.save()
    evidence.take_in(call.pk, now=now)
    answer = admin_client.get(f"/admin/calls/call/{call.pk}/change/")
    told = [(one.who, [value.chip.value for value in one.values]) for one in answer.context["lines"]]
    assert told == [("Meera Rao", []), ("Meena", ["up to ₹90 lakh"]), ("Meera Rao", [])]
