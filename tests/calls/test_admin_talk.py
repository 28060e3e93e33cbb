"""Talking with an agent over HTTP: who may, what is refused, and what nobody can hear."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from calls.dispatcher import run_once
from calls.models import LiveUtterance, TalkSession
from calls.operations import hearing_turns, talking
from leads.models import Lead
from voice.models import VoiceAgent

pytestmark = pytest.mark.django_db

PAGE = "/admin/voice/talk/"


@pytest.fixture
def talk(admin_client):
    agent = VoiceAgent.objects.create(is_default=True)
    return admin_client.post(f"{PAGE}start/", {"agent": agent.pk, "language": "en-IN", "name": "Ravi Rao"}).json()


def sound(content=b"no sound at all"):
    return SimpleUploadedFile("answer", content, content_type="audio/webm")


def test_who_may_not_see_agents_does_not_talk_with_them(client):
    client.force_login(User.objects.create_user("meena", is_staff=True))
    assert [client.get(PAGE).status_code, client.post(f"{PAGE}start/").status_code] == [403, 403]


def test_a_typed_answer_is_taken_once(admin_client, talk):
    told = admin_client.post(talk["say_to"], {"turn": 1, "text": "yes, speaking"}).json()
    again = admin_client.post(talk["say_to"], {"turn": 1, "text": "no"}).json()
    assert (told["turn"], again["turn"], again["html"]) == (2, 2, told["html"])
    assert Lead.objects.count() == 0


def test_the_agent_speaks_the_language_that_was_chosen(admin_client):
    told = admin_client.post(f"{PAGE}start/", {"language": "hi-IN"}).json()
    assert told["language"] == "hi-IN"


def test_what_no_database_takes_is_left_out_of_what_is_typed(admin_client):
    told = admin_client.post(f"{PAGE}start/", {"name": "Ravi\x00 Rao"}).json()
    told = admin_client.post(told["say_to"], {"turn": 1, "text": "yes\x00"}).json()
    assert ("Ravi Rao" in told["html"], "yes</p>" in told["html"]) == (True, True)


@pytest.mark.parametrize(("size", "status"), [(0, 400), (talking.MOST_BYTES + 1, 413)])
def test_a_recording_without_sound_or_without_end_is_refused_in_a_sentence(admin_client, talk, size, status):
    answer = admin_client.post(talk["say_to"], {"turn": 1, "audio": sound(b"x" * size)})
    assert (answer.status_code, answer.json()["note"][-1], LiveUtterance.objects.count()) == (status, ".", 0)


def test_a_recording_that_is_none_is_told_of_and_forgotten(admin_client, talk):
    asked = admin_client.post(talk["say_to"], {"turn": 1, "audio": sound()}).json()["heard"]
    assert admin_client.post(asked).json() == {"waiting": True, "begun": False}
    assert hearing_turns.hear_turn(LiveUtterance.objects.get().pk, clock=timezone.now) == "failed"
    assert admin_client.post(asked).json() == {
        "note": "The answer is not a recording we can read; give a WAV, MP3, M4A, OGG or FLAC file."
    }
    assert LiveUtterance.objects.get().audio is None


def test_a_conversation_begun_anew_ends_the_one_before(admin_client, talk):
    admin_client.post(f"{PAGE}start/")
    answer = admin_client.post(talk["say_to"], {"turn": 1, "text": "yes"})
    assert (answer.status_code, TalkSession.objects.count()) == (410, 1)


def test_what_no_worker_takes_up_is_told_of_and_its_sound_is_not_kept(admin_client, talk):
    asked = admin_client.post(talk["say_to"], {"turn": 1, "audio": sound()}).json()["heard"]
    LiveUtterance.objects.update(asked_at=timezone.now() - talking.NO_WORKER)
    answer = admin_client.post(asked)
    assert (answer.status_code, answer.json()["note"].partition(":")[0]) == (503, "No worker took it up")
    assert LiveUtterance.objects.values_list("state", "audio").get() == ("late", None)


def test_what_nobody_goes_on_with_is_forgotten(talk, admin_client):
    admin_client.post(talk["say_to"], {"turn": 1, "audio": sound()})
    run_once(timezone.now() + timedelta(hours=1))
    assert TalkSession.objects.count() == 1
    run_once(timezone.now() + timedelta(hours=3))
    assert (TalkSession.objects.count(), LiveUtterance.objects.count()) == (0, 0)


def test_a_conversation_begun_anew_while_an_answer_is_taken_is_over(admin_client, talk, monkeypatch):
    say = talking.say

    def begin_anew(*args, **kwargs):
        TalkSession.objects.all().delete()
        return say(*args, **kwargs)

    monkeypatch.setattr(talking, "say", begin_anew)
    answer = admin_client.post(talk["say_to"], {"turn": 1, "text": "yes"})
    assert (answer.status_code, answer.json()["note"][:26]) == (410, "This conversation is over:")
