"""Hearing a call in a real browser, beside its words; and adding a recording of one's own."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from calls.admin import listening
from calls.models import Call, Listen, Recording
from leads.models import Requirement
from tests.admin_rows import make_lead, staff
from tests.recorded_calls import make_recorded_call, transcribe
from tests.sounds import wav

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AT = "document.querySelector('audio').currentTime"
PAUSED = "document.querySelector('audio').paused"


@pytest.fixture
def recording(now, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    call, recording = make_recorded_call(now)
    evidence = {"budget_max": {"call": call.pk, "turn": 1, "words": "seventy lakh", "start_s": 1.6, "end_s": 2.5}}
    Requirement.objects.create(lead=call.lead, budget_max=7_000_000, evidence=evidence)
    transcribe(recording, dropped=[{"text": "Thank you for watching.", "start_s": 3.8, "end_s": 4, "gate": "silence"}])
    return recording


def page_of(recording, fragment=""):
    return f"/admin/calls/call/{recording.call_id}/change/{fragment}"


def test_a_recording_is_played_beside_its_words(open_page, admin_user, recording, monkeypatch):
    monkeypatch.setattr(listening, "_LARGEST_PIECE", 4096)  # so that a browser has to ask many times
    page = open_page(admin_user, page_of(recording))
    shown = page.locator("#heard-1")
    expect(shown.locator(".ra-bubble")).to_have_text("around seventy lakh")
    expect(shown.locator(".ra-bubble .ra-differs")).to_have_text("seventy")
    expect(shown.locator(".ra-other .ra-differs")).to_have_text("seventeen")
    expect(shown.locator(".ra-better")).to_contain_text("Better: Whisper, because Whisper was surer of its words.")
    assert Listen.objects.count() == 0, "whoever only reads has not listened"

    shown.locator(".ra-turn__who .ra-jump").click()
    expect(shown).to_have_attribute("aria-current", "true")
    expect(page.locator(".ra-word.is-playing").first).to_be_visible()
    page.wait_for_function(f"{AT} > 3.9 && {PAUSED}")
    assert list(Listen.objects.values_list("user__username", "downloaded")) == [("admin", False)]

    page.get_by_role("button", name=re.compile("Budget: up to ₹70 lakh. Play from 0:01")).click()
    page.wait_for_function(f"{AT} >= 1.6 && !{PAUSED}")
    page.locator("#said-1 .ra-bubble").click()
    page.wait_for_function(f"{AT} >= 2.6")
    page.get_by_role("button", name="Pause").focus()
    page.keyboard.press("k")
    page.wait_for_function(PAUSED)
    for key, least, most in (("Home", 0, 0), ("ArrowDown", 1.1, 1.3), ("l", 3.9, 4.1), ("ArrowLeft", 0, 0.1)):
        page.keyboard.press(key)
        page.wait_for_function(f"{least} <= {AT} && {AT} <= {most}")
    seek = page.get_by_role("slider", name="Place in the recording")
    seek.focus()
    page.keyboard.press("ArrowRight")
    expect(seek).to_have_attribute("aria-valuetext", "0:04 of 0:04")
    page.keyboard.press(">")
    expect(page.get_by_label("Speed")).to_have_value("1.25")
    page.get_by_role("slider", name="Balance between Caller and Agent").fill("-1")
    page.get_by_text("1 piece of it left out").click()
    expect(page.get_by_text("Thank you for watching.")).to_be_visible()


@pytest.mark.parametrize(("width", "dark"), [(390, True)])
def test_an_address_with_a_second_starts_there(open_page, admin_user, recording, width, dark):
    page = open_page(admin_user, page_of(recording, "#t=1.7"), width=width, dark=dark)
    page.wait_for_function(f"{AT} >= 1.7")
    expect(page.locator("#heard-1")).to_be_in_viewport()
    assert page.evaluate(AT) < 2.6
    assert page.evaluate("document.activeElement.classList.contains('ra-player__play')")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    Path(recording.file.path).unlink()
    page.reload()
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.get_by_text("The file of this recording is not where it was kept.")).to_be_visible()


def test_a_page_follows_a_recording_until_its_words_are_there(open_page, admin_user, recording):
    announced = {"state": "announced", "provider_recording_id": "RE1"}
    Recording.objects.update(**announced, file="", transcription="", progress=0)
    recording.call.transcripts.all().delete()
    page = open_page(admin_user, page_of(recording))
    expect(page.get_by_text("There is a recording. It is being fetched.")).to_be_visible()
    expect(page.locator("#player")).to_have_count(0)
    kept = {"state": "kept", "file": recording.file.name, "transcription": "running", "progress": 40}
    Recording.objects.update(**kept)
    expect(page.get_by_text("The recording is being transcribed: 40 per cent.")).to_be_visible(timeout=10_000)
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function(f"{AT} > 0.1")
    page.get_by_role("button", name="Pause").click()
    at = page.evaluate(AT)
    Recording.objects.update(transcription="done", progress=100)
    transcribe(recording)
    expect(page.get_by_text("The recording was transcribed by Whisper (base).")).to_be_visible(timeout=10_000)
    assert page.evaluate(AT) == at, "a new transcript brings a new player, which goes on where the old one was"


def test_a_recording_of_ones_own_call_is_added_to_a_lead(open_page, now, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    lead = make_lead(1, now)
    meera = staff("meera", "calls.add_recording", "calls.view_call", "leads.view_lead")
    page = open_page(meera, f"/admin/leads/lead/{lead.pk}/change/", width=390)
    page.get_by_role("link", name="Add a recording of your own call").click()
    page.get_by_label("Lead 1 rang me").check()
    page.get_by_label("When it took place").fill("2026-03-09T12:00")
    file = {"name": "call.wav", "mimeType": "audio/wav", "buffer": b"no sound"}
    page.get_by_label("Recording", exact=False).set_input_files(file)
    page.get_by_role("button", name="Add the recording").click()
    expect(page.get_by_text("This file cannot be read as sound.")).to_be_visible()
    expect(page.get_by_label("Lead 1 rang me")).to_be_checked()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_label("Recording", exact=False).set_input_files(file | {"buffer": wav(440, seconds=1)})
    page.get_by_role("button", name="Add the recording").click()
    expect(page.get_by_text("A call of our own, whose recording was uploaded.")).to_be_visible()
    expect(page.locator("#whom-to-ask")).to_contain_text("Ask an administrator for the permission")
    recording = Recording.objects.get(call=Call.objects.get())
    page.goto(f"/admin/calls/recording/{recording.pk}/audio")
    expect(page.locator("#no-sound")).to_contain_text("You may not listen to recordings.")
