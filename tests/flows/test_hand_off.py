"""A caller asks for a person: staff are rung over TwiML, hear who it is, and take the call or do not."""

from datetime import time
from xml.etree import ElementTree as ET

import pytest
import requests
from django.contrib.auth import get_user_model

from calls.models import Call, DialerSettings, Turn
from leads.models import Activity, FollowUp, Lead, Representative
from tests.twilio_line import action_of, hangs_up, spoken
from voice.dialogue.script import LANGUAGES
from voice.models import VoiceAgent

pytestmark = pytest.mark.django_db(transaction=True)

STAFF_LEG = "CA000000000000000000000000000000AA"
FALLBACK = "+912066778899"


@pytest.fixture
def dialer():
    dialer = DialerSettings(staff_from=time(0), staff_until=time(23, 59, 59, 999999), hand_off_number=FALLBACK)
    dialer.save()
    return dialer


@pytest.fixture
def meena():
    user = get_user_model().objects.create_user("meena", first_name="Meena", last_name="Joshi", is_staff=True)
    return Representative.objects.create(user=user, phone="+919811112222").user


@pytest.fixture
def lead(meena):
    return Lead.objects.create(name="Ravi Rao", phone="+919820012345", owner=meena)


def dial_of(document: requests.Response) -> ET.Element:
    dial = ET.fromstring(document.text).find("Dial")
    assert dial is not None, document.text
    return dial


def rung(document: requests.Response) -> tuple[str, str]:
    """Whose number a document rings, and from which."""
    dial = dial_of(document)
    return str(dial.findtext("Number")), str(dial.get("callerId"))


def staff_answer(line, document: requests.Response, digits: str = "1") -> tuple[requests.Response, requests.Response]:
    """What whoever picks up hears, and what follows from the key they press."""
    leg = {"CallSid": STAFF_LEG, "ParentCallSid": line.sid, "Direction": "outbound-dial"}
    number = dial_of(document).find("Number")
    assert number is not None
    heard = line.post(str(number.get("url")), **leg)
    return heard, line.post(action_of(heard), Digits=digits, **leg)


def rang(line, document: requests.Response, *, bridged: bool, **more: str) -> requests.Response:
    """The end of a Dial."""
    told = {"DialCallStatus": "completed", "DialBridged": "true"} if bridged else {"DialCallStatus": "no-answer"}
    return line.post(str(dial_of(document).get("action")), DialCallSid=STAFF_LEG, **told, **more)


def ask_for_a_person(line) -> requests.Response:
    wants = line.say(line.say(line.ring(), "yes speaking"), "2 BHK flat in Wakad Pune, seventy lakhs")
    return line.say(wants, "let me talk to a human please")


def facts(call: Call) -> tuple[str, str, str]:
    return call.transfer_state, call.disposition, call.status


def promises() -> list[tuple[str, bool]]:
    return [(one.kind, one.done_at is None) for one in FollowUp.objects.order_by("pk")]


def test_a_caller_who_asks_for_a_person_is_put_through_to_the_leads_owner(line, dialer, lead, meena):
    document = ask_for_a_person(line)
    assert spoken(document) == "One moment, Ravi, I am putting you through to Meena Joshi."
    assert rung(document) == ("+919811112222", "+14155550100")
    call = Call.objects.get()
    assert (*facts(call), call.transfer_to) == ("ringing", "human", "in_progress", meena)
    assert promises() == [("hand_off", True)]

    heard, bridge = staff_answer(line, document)
    told = "Call from Ravi Rao. Wants 2 bedroom apartment. In Wakad, Pune. Budget up to 70 lakh rupees."
    assert spoken(heard).startswith(told)
    assert list(ET.fromstring(bridge.text)) == []
    assert (facts(Call.objects.get()), promises()) == (("accepted", "human", "in_progress"), [("hand_off", False)])

    end = rang(line, document, bridged=True)
    assert (spoken(end), hangs_up(end)) == ("", True)
    line.status("completed", sequence=3, CallDuration="200")
    assert facts(Call.objects.get()) == ("accepted", "human", "ended")
    assert promises() == [("hand_off", False)]
    assert Activity.objects.filter(text__startswith="Put through to Meena Joshi, talked ").count() == 1


def test_who_wants_a_person_and_no_recording_gets_both(line, dialer, lead):
    document = line.say(line.ring(), "don't record this, let me talk to a human please")
    off = LANGUAGES["en-IN"].sentences["not_recorded"]
    assert spoken(document) == f"{off} One moment, Ravi, I am putting you through to Meena Joshi."
    assert (rung(document)[0], Call.objects.get().recording_consent) == ("+919811112222", "refused")


def test_nobody_picks_up_so_the_caller_hears_it_and_the_promise_stands(line, dialer, lead):
    document = ask_for_a_person(line)
    end = rang(line, document, bridged=False)
    words = "I am sorry, nobody is free just now. Sunrise Realty will call you back soon. Goodbye!"
    assert (spoken(end), hangs_up(end)) == (words, True)
    line.status("completed", sequence=3, CallDuration="60")
    assert (facts(Call.objects.get()), promises()) == (("missed", "human", "ended"), [("hand_off", True)])
    last = Turn.objects.order_by("number").last()
    assert (last.number, last.asked, last.said) == (4, "transfer", words)
    assert Activity.objects.filter(text="Meena Joshi did not pick up; promised to call back.").count() == 1


def test_whoever_presses_no_key_or_another_one_does_not_get_the_call(line, dialer, lead):
    document = ask_for_a_person(line)
    for digits in ("2", ""):
        _, answer = staff_answer(line, document, digits)
        assert hangs_up(answer)
    assert (facts(Call.objects.get())[0], promises()) == ("ringing", [("hand_off", True)])


def test_a_leg_that_was_answered_and_never_bridged_reached_nobody(line, dialer, lead):
    document = ask_for_a_person(line)
    end = line.post(str(dial_of(document).get("action")), DialCallStatus="completed", DialBridged="false")
    assert spoken(end).startswith("I am sorry, nobody is free")
    assert facts(Call.objects.get())[0] == "missed"


def test_a_promise_that_was_kept_is_made_again_where_the_bridge_failed(line, dialer, lead):
    document = ask_for_a_person(line)
    staff_answer(line, document)
    rang(line, document, bridged=False)
    assert (facts(Call.objects.get())[0], promises()) == ("missed", [("hand_off", False), ("hand_off", True)])


@pytest.mark.parametrize("line_is_closed", [True, False])
def test_a_promise_is_made_again_where_the_caller_left_as_somebody_took_the_call(line, dialer, lead, line_is_closed):
    document = ask_for_a_person(line)
    staff_answer(line, document)
    if line_is_closed:
        line.status("completed", sequence=3, CallDuration="30")
    rang(line, document, bridged=False, CallStatus="completed")
    assert (facts(Call.objects.get())[0], promises()) == ("missed", [("hand_off", False), ("hand_off", True)])


def test_a_leg_of_which_no_bridge_is_told_counts_by_the_key(line, dialer, lead):
    document = ask_for_a_person(line)
    staff_answer(line, document)
    end = line.post(str(dial_of(document).get("action")), DialCallStatus="completed", DialCallSid=STAFF_LEG)
    assert (spoken(end), facts(Call.objects.get())[0]) == ("", "accepted")


def test_a_leg_that_took_no_key_and_tells_no_bridge_reached_nobody(line, dialer, lead):
    document = ask_for_a_person(line)
    end = line.post(str(dial_of(document).get("action")), DialCallStatus="completed", DialCallSid=STAFF_LEG)
    assert (spoken(end)[:10], facts(Call.objects.get())[0]) == ("I am sorry", "missed")


def test_redelivered_webhooks_get_the_same_answer_and_change_nothing(line, dialer, lead):
    document = ask_for_a_person(line)
    again = line.post(f"/webhooks/twilio/process?call={Call.objects.get().pk}&turn=3", SpeechResult="a human")
    legs = [staff_answer(line, document) for _ in range(2)]
    ends = [rang(line, document, bridged=True) for _ in range(2)]
    assert again.text == document.text
    assert [one.text for one in legs[0]] == [one.text for one in legs[1]]
    assert ends[0].text == ends[1].text
    assert (Turn.objects.count(), FollowUp.objects.count()) == (4, 1)
    assert Activity.objects.filter(text__startswith="Put through").count() == 1


@pytest.mark.parametrize("order", ["line first", "ringing first"])
def test_a_caller_who_hangs_up_while_staff_ring_is_still_called_back(line, dialer, lead, order):
    document = ask_for_a_person(line)

    def close() -> None:
        line.status("completed", sequence=3, CallDuration="30")

    def over() -> None:
        rang(line, document, bridged=False, CallStatus="completed")

    for step in (close, over) if order == "line first" else (over, close):
        step()
    assert (facts(Call.objects.get()), promises()) == (("missed", "human", "ended"), [("hand_off", True)])
    assert Turn.objects.count() == 4
    said = "Hung up while we rang Meena Joshi; somebody should call back."
    assert Activity.objects.filter(text=said).count() == 1


def test_after_the_line_has_closed_nobody_gets_the_call(line, dialer, lead):
    document = ask_for_a_person(line)
    line.status("completed", sequence=3, CallDuration="30")
    assert hangs_up(staff_answer(line, document)[1])


def test_outside_staff_hours_a_call_is_promised_as_ever(line, dialer, lead):
    dialer.staff_days = []
    dialer.save()
    document = ask_for_a_person(line)
    assert hangs_up(document)
    assert "as soon as possible" in spoken(document)
    assert (facts(Call.objects.get())[0], promises()) == ("", [("hand_off", True)])


def test_a_forged_key_press_bridges_nobody(line, dialer, lead):
    document = ask_for_a_person(line)
    line.token = "a-guess"
    number = dial_of(document).find("Number")
    assert line.post(str(number.get("url")), CallSid=STAFF_LEG, ParentCallSid=line.sid).status_code == 403
    assert facts(Call.objects.get())[0] == "ringing"


@pytest.fixture
def staff_first(dialer):
    dialer.ring_staff_first, dialer.ring_staff_s = True, 12
    dialer.save()
    return dialer


def test_who_rings_us_is_put_through_to_staff_first(line, staff_first, lead):
    document = line.ring()
    notice = "This call may be recorded. Thank you for calling. Please hold the line, I am connecting you."
    assert (spoken(document), rung(document)[0]) == (notice, "+919811112222")
    verbs = ET.fromstring(document.text)
    assert [verb.tag for verb in verbs] == ["Start", "Say", "Dial"]  # recorded, as the caller has just been told
    assert verbs.find("Start/Recording").get("recordingStatusCallback").partition("?")[0].endswith("/recording")
    assert dial_of(document).get("timeout") == "12"
    heard, _ = staff_answer(line, document)
    assert spoken(heard).startswith("Incoming call from Ravi Rao.")
    rang(line, document, bridged=True)
    line.status("completed", sequence=3, CallDuration="90")
    lead.refresh_from_db()
    assert (facts(Call.objects.get()), lead.status) == (("accepted", "human", "ended"), "contacted")
    assert (Turn.objects.count(), promises()) == (0, [])


def test_a_stranger_who_rings_us_is_put_through_to_the_number_for_all(line, staff_first):
    assert rung(line.ring())[0] == FALLBACK


def test_the_agent_takes_the_call_that_staff_did_not(line, staff_first, lead):
    opening = rang(line, line.ring(), bridged=False)
    assert spoken(opening).startswith("This call may be recorded.")
    assert facts(Call.objects.get()) == ("missed", "", "in_progress")
    reply = line.say(opening, "yes speaking")
    assert list(Turn.objects.values_list("number", "heard")) == [(0, ""), (1, "yes speaking")]
    goodbye = line.say(reply, "I want to talk to a human")
    assert hangs_up(goodbye), "staff who did not pick up are not rung again"
    assert promises() == [("hand_off", True)]


def test_a_caller_who_gives_up_while_staff_ring_first_is_called_back(line, staff_first, lead):
    line.ring()
    line.status("completed", sequence=3, CallDuration="8")
    assert facts(Call.objects.get()) == ("missed", "abandoned", "ended")
    assert promises() == [("hand_off", True)]


def test_an_agent_that_does_not_record_gives_no_notice_before_staff_ring(line, staff_first, lead):
    VoiceAgent.objects.create(is_default=True, record=False)
    document = line.ring()
    assert ("recorded" in spoken(document), "<Start>" in document.text) == (False, False)
