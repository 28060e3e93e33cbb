"""Recorded answers of a caller, and the jobs that hear them."""

from types import SimpleNamespace
from xml.etree import ElementTree as ET

from django.utils import timezone
from django_q.models import OrmQ

from calls.models import LiveUtterance
from calls.operations import hearing_turns

HOLD = ["Pause", "Redirect"]


class Heard:
    """An engine that hears what the test says it does."""

    def __init__(self, text="", confidence=0.9):
        self.said = (text, confidence)
        self.asked, self.hints = [], []

    def hear(self, path, *, language, caller_channel, hint):
        self.asked.append((path.read_bytes()[:4], language))
        self.hints.append(hint)
        text, confidence = self.said
        return SimpleNamespace(lines=[SimpleNamespace(text=text)] if text else [], confidence=confidence)


def verbs(document):
    return [verb.tag for verb in ET.fromstring(document.text)]


def jobs():
    return [one.func() for one in OrmQ.objects.order_by("pk")]


def work(now=None):
    """Do what is queued for the answers, as a worker does."""
    done = []
    for job in OrmQ.objects.order_by("pk"):
        name, arguments = job.func(), job.task["kwargs"]
        if name.endswith("hear_turn"):
            done.append(hearing_turns.hear_turn(arguments["utterance_id"], clock=lambda: now or timezone.now()))
        elif name.endswith("delete_turn"):
            done.append(hearing_turns.delete_there(arguments["utterance_id"], now=now or timezone.now()))
        job.delete()
    return done


def hold_for(line, api, opening, said=b"RIFF", sid="RE1"):
    """Answer with a recording, and get held."""
    api.recordings[sid] = {"call_sid": line.sid, "media": said}
    held = line.record(opening, sid)
    assert verbs(held) == HOLD
    return held


def be_late():
    LiveUtterance.objects.update(due_at=timezone.now())
