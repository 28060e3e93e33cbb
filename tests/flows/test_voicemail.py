"""An answering machine picks up a call of ours: one message after the beep, or a hang-up, whatever goes wrong."""

from xml.etree import ElementTree as ET

import pytest
from django_q.models import OrmQ

from calls import operations
from calls.models import Call, Recording, Turn
from leads.models import FollowUp, Lead
from tests.twilio_line import TwilioLine, action_of, hangs_up, spoken
from voice.models import VoiceAgent

pytestmark = pytest.mark.django_db(transaction=True)

MESSAGE = "Hello Ravi Rao, this is Asha of Sunrise Realty. Please call us back."


@pytest.fixture
def agent():
    return VoiceAgent.objects.create(
        is_default=True,
        on_machine="leave_message",
        voicemail_message="Hello {name}, this is {agent} of {brokerage}. Please call us back.",
    )


@pytest.fixture
def call(agent, api, now):
    lead = Lead.objects.create(name="Ravi Rao", phone="+919820012345")
    call = operations.request_call(lead_id=lead.pk, now=now, provider="twilio")
    operations.dial(call.pk, tries=0, now=now)
    OrmQ.objects.all().delete()
    return Call.objects.get()


@pytest.fixture
def line(live_server, call):
    return TwilioLine(
        base=live_server.url,
        public="https://crm.example.com",
        sid=call.provider_call_id,
        direction="outbound-api",
        caller="+14155550100",
        called="+919820012345",
    )


def answered(line, call):
    line.status("in-progress", call=call.pk, sequence=2)
    return line.post(f"/webhooks/twilio/voice?call={call.pk}")


def detected(line, call, answered_by):
    return line.post(f"/webhooks/twilio/amd?call={call.pk}", AnsweredBy=answered_by, MachineDetectionDuration="4100")


def jobs():
    return [(job.task["func"], job.task["kwargs"]) for job in OrmQ.objects.order_by("pk")]


def run_jobs(call, now):
    """What the queued jobs came to."""
    asked = [kwargs["what"] for func, kwargs in jobs() if func == "calls.tasks.act_on_line"]
    return [operations.act_on_line(call.pk, what, now=now) for what in asked]


def closed(line, call):
    line.status("completed", call=call.pk, sequence=3, CallDuration="20")
    call.refresh_from_db()
    return call.disposition, call.answered_by, call.voicemail_left_at is not None


def only_pauses(document):
    return [verb.tag for verb in ET.fromstring(document.text)] == ["Pause"]


def test_after_the_beep_the_message_is_left_once(line, call, api, now):
    answered(line, call)
    assert detected(line, call, "machine_end_beep").status_code == 200
    assert jobs() == [("calls.tasks.act_on_line", {"call_id": call.pk, "what": "leave_message"})]
    assert run_jobs(call, now) + run_jobs(call, now) == ["done", "left already"]
    assert [one["sid"] for one in api.changes] == [line.sid]
    document = ET.fromstring(api.changes[0]["Twiml"])
    assert [(verb.tag, verb.text) for verb in document] == [("Say", MESSAGE), ("Hangup", None)]
    assert closed(line, call) == ("voicemail", "machine", True)
    lead = Lead.objects.get()
    told = list(lead.activities.order_by("pk").values_list("text", flat=True))
    assert told[:2] == ["A voicemail box answered.", "Left a message after the beep."]
    assert (lead.status, lead.last_contacted_at, FollowUp.objects.count()) == ("new", None, 0)


def test_a_late_turn_neither_talks_over_the_message_nor_begins_again(line, call, api, now):
    opening = answered(line, call)
    detected(line, call, "machine_end_silence")
    run_jobs(call, now)
    late = line.post(action_of(opening))
    assert only_pauses(late)
    assert (len(api.changes), Turn.objects.count()) == (1, 1)


def test_a_turn_that_comes_before_the_job_leaves_the_message_itself(line, call, api, now):
    opening = answered(line, call)
    detected(line, call, "machine_end_beep")
    reply = line.post(action_of(opening))
    assert (spoken(reply), hangs_up(reply)) == (MESSAGE, True)
    assert (run_jobs(call, now), api.changes) == (["left already"], [])
    assert line.post(action_of(opening)).text == reply.text
    assert closed(line, call) == ("voicemail", "machine", True)


def test_a_detection_that_is_delivered_twice_asks_for_one_message(line, call, api, now):
    answered(line, call)
    detected(line, call, "machine_end_beep")
    detected(line, call, "machine_end_beep")
    assert len(jobs()) == 1


@pytest.mark.parametrize("mode", ["slow", "20500", "20503"])
def test_a_message_that_may_have_been_left_is_not_left_again(line, call, api, now, mode):
    opening = answered(line, call)
    detected(line, call, "machine_end_beep")
    api.mode = mode
    assert run_jobs(call, now) + run_jobs(call, now) == ["unsure", "left already"]
    assert only_pauses(line.post(action_of(opening)))
    assert len(api.changes) == 1


def test_a_message_to_a_line_that_has_just_closed_is_not_told_as_left(line, call, api, now):
    answered(line, call)
    detected(line, call, "machine_end_beep")
    api.mode = "21220"
    assert run_jobs(call, now) == ["ended"]
    assert closed(line, call) == ("voicemail", "machine", False)
    told = Lead.objects.get().activities.values_list("text", flat=True)
    assert [text for text in told if "message" in text] == []


def test_a_message_that_surely_was_not_left_is_left_in_the_next_turn(line, call, api, now):
    opening = answered(line, call)
    detected(line, call, "machine_end_beep")
    api.mode = "20429"
    assert run_jobs(call, now) == ["failed"]
    assert Call.objects.get().voicemail_left_at is None
    assert spoken(line.post(action_of(opening))) == MESSAGE


def test_a_machine_is_hung_up_on_where_no_message_is_wanted(line, call, api, now, agent):
    VoiceAgent.objects.update(on_machine="hang_up")
    opening = answered(line, call)
    detected(line, call, "machine_start")
    assert run_jobs(call, now) == ["done"]
    assert api.changes == [{"sid": line.sid, "Status": "completed"}]
    late = line.post(action_of(opening))
    assert (spoken(late), hangs_up(late)) == ("", True)
    assert closed(line, call) == ("voicemail", "machine", False)


def test_a_fax_is_hung_up_on(line, call, api, now):
    answered(line, call)
    detected(line, call, "fax")
    run_jobs(call, now)
    assert api.changes == [{"sid": line.sid, "Status": "completed"}]
    assert closed(line, call) == ("voicemail", "fax", False)
    assert not Call.objects.filter(status="queued").exists(), "a fax is not called again"


@pytest.mark.parametrize(("told", "kept"), [("human", "human"), ("unknown", "unknown"), ("machine_start", "machine")])
def test_a_person_an_unsure_word_and_a_greeting_under_way_change_nothing(line, call, told, kept):
    opening = answered(line, call)
    detected(line, call, told)
    assert (jobs(), Call.objects.get().answered_by) == ([], kept)
    assert not hangs_up(line.say(opening, "yes speaking"))


def test_somebody_who_answers_questions_is_a_person_whatever_detection_says(line, call, api):
    second = line.say(answered(line, call), "yes speaking")
    third = line.say(second, "Wakad in Pune")
    detected(line, call, "machine_end_beep")
    assert (jobs(), Call.objects.get().answered_by) == ([], "human")
    assert not hangs_up(line.say(third, "residential"))


def test_the_words_of_a_greeting_are_enough_to_leave_the_message(line, call, api, now):
    reply = line.say(answered(line, call), "please leave your message after the tone")
    assert (spoken(reply), hangs_up(reply)) == (MESSAGE, True)
    assert Turn.objects.order_by("number").last().said == MESSAGE
    detected(line, call, "machine_end_beep")
    assert (run_jobs(call, now), api.changes) == (["left already"], [])
    assert closed(line, call) == ("voicemail", "machine", True)


def test_the_words_of_a_greeting_get_no_message_from_an_agent_without_one(line, call):
    VoiceAgent.objects.update(on_machine="hang_up")
    reply = line.say(answered(line, call), "please leave your message after the tone")
    assert (spoken(reply), hangs_up(reply), closed(line, call)) == ("", True, ("voicemail", "", False))


def test_a_call_that_has_ended_meanwhile_gets_no_message(line, call, api, now):
    answered(line, call)
    detected(line, call, "machine_end_beep")
    closed(line, call)
    call.refresh_from_db()
    assert (run_jobs(call, now), api.changes, call.voicemail_left_at) == (["ended"], [], None)


def test_a_machine_that_is_detected_before_the_first_word_hears_the_message_only(line, call, now):
    detected(line, call, "machine_end_beep")
    assert spoken(answered(line, call)) == MESSAGE
    assert run_jobs(call, now) == ["left already"]


def test_a_recording_is_kept_once_by_its_id_and_never_by_its_address(line, call):
    form = {
        "RecordingSid": "RE" + "a" * 32,
        "RecordingStatus": "completed",
        "RecordingUrl": "https://elsewhere.example/a.wav",
        "RecordingDuration": "41",
        "RecordingChannels": "2",
    }
    for _ in range(2):
        line.post(f"/webhooks/twilio/recording?call={call.pk}", **form)
    line.post(f"/webhooks/twilio/recording?call={call.pk}", RecordingSid="RE" + "b" * 32, RecordingStatus="absent")
    kept = Recording.objects.values_list("provider_recording_id", "channels", "duration_s", "state")
    assert list(kept) == [("RE" + "a" * 32, 2, 41, "announced"), ("RE" + "b" * 32, 1, None, "absent")]
