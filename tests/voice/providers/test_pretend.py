"""The pretend network against a server of the test's own: hand-offs, machines, and word that reaches a line."""

import shutil
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.pretend_people import number_of
from voice.dialogue import Script
from voice.events import EventKind, Reply, Transfer
from voice.providers.base import AgentBrief, CallOrder, HangUp, LeaveMessage, Prolong, WebhookRequest
from voice.providers.pretend import Pretend
from voice.providers.pretend_sound import Talk, record_answer
from voice.stt import audio

TRANSFER = "The owner comes to the telephone."


@dataclass
class Crm:
    """Answers the network with our own documents. `first` is the answer to the voice door."""

    folder: Path
    first: Reply = field(default_factory=lambda: Reply("Bye", ends_call=True))
    events: list = field(default_factory=list)
    network: Pretend | None = None
    accepted_at: datetime | None = None

    def answer(self, door: str, url: str, form: dict[str, list[str]], headers: dict[str, str]) -> str:
        assert self.network is not None
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        request = WebhookRequest(door, url, query, form, headers)
        assert self.network.verify(request)
        event = self.network.parse(request)
        self.events.append(event)
        if event.kind is EventKind.WHISPER:
            return self.network.render_whisper("Ravi Rao, two BHK.", call_id=7).body
        if event.kind is EventKind.ACCEPTED:
            self.accepted_at = datetime.now(UTC)
            return self.network.render_accepted(accepted=event.digits == "1").body
        reply = self.first if event.kind is EventKind.ANSWERED else Reply("", ends_call=True)
        return self.network.render(reply, call_id=7, turn=1).body

    def kinds(self) -> list[str]:
        return [str(event.kind) for event in self.events]

    def call(self, to: str, on_machine: str = "ignore") -> str:
        assert self.network is not None
        return self.network.place_call(CallOrder(7, to, agent=AgentBrief(Script(), on_machine=on_machine)))

    def wait(self) -> None:
        """Until the line has reported its end."""
        for _ in range(400):
            lines = [path for path in self.folder.iterdir() if path.is_file()]
            if any(event.end_reason for event in self.events) and not lines:
                return
            time.sleep(0.01)
        raise AssertionError(self.kinds())


@pytest.fixture
def crm(tmp_path):
    crm = Crm(tmp_path)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode(), keep_blank_values=True)
            url = "https://crm.example.com" + self.path
            door = urlsplit(url).path.rsplit("/", 1)[-1]
            body = crm.answer(door, url, form, {name.lower(): value for name, value in self.headers.items()}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    local = f"http://127.0.0.1:{server.server_port}"
    crm.network = Pretend("https://crm.example.com", local, "secret", str(tmp_path), pace_s=0)
    yield crm
    server.shutdown()
    server.server_close()


def test_staff_who_press_1_are_put_through(crm):
    crm.first = Reply(TRANSFER, transfer=Transfer(number_of("cooperative"), "Ravi Rao"))
    sid = crm.call(number_of("one_breath"))
    crm.wait()
    told = [(event.kind, event.provider_call_id, event.digits, event.reached_staff) for event in crm.events[3:-1]]
    assert told == [
        (EventKind.ANSWERED, sid, "", False),
        (EventKind.WHISPER, sid, "", False),
        (EventKind.ACCEPTED, sid, "1", False),
        (EventKind.TRANSFERRED, sid, "", True),
    ]


def test_what_staff_and_caller_say_is_recorded_from_when_they_were_put_through(crm):
    crm.first = Reply(TRANSFER, transfer=Transfer(number_of("cooperative"), "Ravi Rao"))
    assert crm.network is not None
    sid = crm.network.place_call(CallOrder(7, number_of("one_breath"), agent=AgentBrief(Script(), record=True)))
    crm.wait()
    (told,) = [event.recording for event in crm.events if event.recording]
    if not shutil.which("espeak-ng"):
        assert told.is_there is False
        return
    sound = crm.folder / "recordings" / f"RE{sid[2:]}.wav"
    caller, ours = audio.peaks(sound, round(audio.probe(sound).duration_s * 10))
    handed_over = round((crm.accepted_at - told.started_at).total_seconds() * 10)
    # The agent has said its one sentence, and the caller answers nobody else than staff.
    assert max(ours[:handed_over]) > 50
    assert max(ours[handed_over + 5 :]) > 50
    assert next(at for at, loud in enumerate(caller) if loud > 5) > handed_over


@pytest.mark.parametrize(
    ("staff", "between"),
    [("busy", []), ("no_answer", []), ("voicemail", ["whisper"])],
)
def test_staff_who_do_not_take_the_call_are_not_reached(crm, staff, between):
    crm.first = Reply(TRANSFER, transfer=Transfer(number_of(staff), "Ravi Rao"))
    crm.call(number_of("one_breath"))
    crm.wait()
    assert crm.kinds()[3:-1] == ["answered", *between, "transferred"]
    assert not any(event.reached_staff for event in crm.events)


@pytest.mark.parametrize(
    ("persona", "on_machine", "told"),
    [
        ("cooperative", "hang_up", ["human"]),
        ("voicemail", "hang_up", ["machine"]),
        ("voicemail", "leave_message", ["beep"]),
        ("voicemail", "ignore", []),
    ],
)
def test_who_has_answered_is_told_once_where_it_was_asked_for(crm, persona, on_machine, told):
    crm.call(number_of(persona), on_machine)
    crm.wait()
    assert [event.answered_by for event in crm.events if event.kind is EventKind.MACHINE] == told


@pytest.mark.parametrize(
    ("action", "goes_on"), [(HangUp(), False), (LeaveMessage("Please call us back."), False), (Prolong(14_400), True)]
)
def test_a_line_that_is_told_to_end_ends_and_no_other(crm, action, goes_on):
    crm.first = Reply("Which city?", asked="location")
    answer, crm_answer = [], crm.answer

    def act_first(door, *args):
        if door == "voice":
            (sid,) = [path.name for path in crm.folder.iterdir()]
            crm.network.act(sid, action)
            answer.append(sid)
        return crm_answer(door, *args)

    crm.answer = act_first
    crm.call(number_of("cooperative"))
    crm.wait()
    assert (len(answer), "heard" in crm.kinds()) == (1, goes_on)
    assert crm.kinds()[:4] + crm.kinds()[-1:] == ["status", "status", "status", "answered", "status"]


def test_a_line_that_has_ended_is_left_alone(crm):
    crm.network.act("CA1", HangUp())
    assert list(crm.folder.iterdir()) == []


def test_a_call_is_recorded_with_each_voice_on_a_channel_of_its_own(tmp_path):
    talk = Talk("cooperative")
    talk.note("agent", "Hello, this is Asha. May I ask for your budget?")
    talk.note("caller", "Eighty lakhs.")
    path = tmp_path / "recordings" / "RE1.wav"
    seconds = talk.record(path)
    if not shutil.which("espeak-ng"):
        assert (seconds, path.exists()) == (None, False)
        return
    sound, (caller, agent) = audio.probe(path), audio.peaks(path, 100)
    assert (sound.channels, sound.sample_rate, round(sound.duration_s)) == (2, 22050, seconds)
    turns = [column for column in range(100) if caller[column] > 5]
    # The agent speaks first, and never at the same time.
    assert max(agent[: turns[0]]) > 50
    assert max(agent[turns[0] :]) == 0
    again = tmp_path / "again.wav"
    assert (talk.record(again), again.read_bytes()) == (seconds, path.read_bytes())


def test_where_the_voice_fails_an_answer_is_silent_and_the_call_goes_on(tmp_path, monkeypatch):
    (tmp_path / "espeak-ng").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "espeak-ng").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert record_answer("Eighty lakhs.", tmp_path / "RE1.wav", speaks=True) == 2
    assert audio.peaks(tmp_path / "RE1.wav", 10) == [[0] * 10]
