"""The page on which staff talk with an agent: a real browser with an invented microphone, and the real Whisper."""

import shutil

import pytest
from django.contrib.auth.models import Permission, User
from django.utils import timezone
from django_q.models import OrmQ
from playwright.sync_api import expect

from calls.models import LiveUtterance, TalkSession
from calls.operations import hearing_turns, talking
from leads.models import Lead
from tests.speech import wav_of
from tests.whisper_model import model_folder
from voice.models import VoiceAgent

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SAID = "Yes, speaking. I am looking for an apartment in Bangalore."
PAGE = "/admin/voice/talk/"
SLOW_TO_OPEN = """() => {
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    window.opened = null;
    navigator.mediaDevices.getUserMedia = async (wanted) => {
        await new Promise((done) => { window.open_it = done; });
        return (window.opened = await ask(wanted));
    };
}"""


@pytest.fixture(scope="module")
def speaking(chromium, tmp_path_factory):
    """A browser whose microphone hears SAID over and over."""
    file = tmp_path_factory.mktemp("microphone") / "said.wav"
    file.write_bytes(wav_of(SAID))
    program = next(path for path in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if path)
    heard = ("--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={file}")
    browser = chromium.browser_type.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu", *heard])
    yield browser
    browser.close()


@pytest.fixture
def staff():
    user = User.objects.create_user("meena", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_voiceagent"))
    return user


@pytest.fixture
def visit(speaking, live_server, client, staff):
    """The page with a conversation begun; what goes wrong within it fails the test."""
    windows, faults = [], []

    def open_as(*, microphone=True):
        client.force_login(staff)
        window = speaking.new_context(base_url=live_server.url)
        windows.append(window)
        if microphone:
            window.grant_permissions(["microphone"], origin=live_server.url)
        window.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
        page = window.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(PAGE)
        page.get_by_label("Your name as the lead").fill("Ravi Rao")
        page.get_by_role("button", name="Start").click()
        expect(page.locator("#said-0")).to_contain_text("Am I speaking with Ravi Rao?")
        return page

    yield open_as
    for window in windows:
        window.close()
    assert faults == []


def work():
    """Do in this process what a worker does."""
    job = next(one for one in OrmQ.objects.all() if one.func().endswith("hear_turn"))
    done = hearing_turns.hear_turn(job.task["kwargs"]["utterance_id"], clock=timezone.now)
    job.delete()
    return done


def wait_until_it_is_sent(page):
    expect(page.locator("#talk-state")).to_contain_text("Being heard")
    page.wait_for_function("performance.getEntriesByType('resource').some(one => one.name.includes('/heard/'))")


@pytest.mark.whisper
def test_what_is_said_is_heard_answered_and_forgotten(visit, settings):
    settings.WHISPER_MODEL = model_folder()
    VoiceAgent.objects.create(is_default=True)
    page = visit()
    mic = page.locator("#talk-mic")
    mic.focus()
    page.keyboard.press("Space")
    expect(page.locator("#talk-state")).to_have_text("Listening…")
    page.wait_for_timeout(4500)  # as long as it is said
    page.keyboard.press("Space")
    wait_until_it_is_sent(page)
    assert bytes(LiveUtterance.objects.get().audio)[:4] == b"\x1aE\xdf\xa3"  # WebM
    assert work() == "heard"

    expect(page.locator("#heard-1 .ra-bubble")).to_contain_text("apartment in Bangalore")
    expect(page.locator("#heard-1 .ra-chips")).to_contain_text("Place Bengaluru")
    expect(page.locator("#said-1")).to_be_visible()
    assert LiveUtterance.objects.values_list("state", "text", "audio").get() == ("taken", "", None)

    page.get_by_label("Type your answer").fill("Do not call me again")
    page.keyboard.press("Enter")
    expect(page.locator("#talk-outcome")).to_contain_text("Came to: Do not call")
    expect(mic).to_be_disabled()
    expect(page.get_by_role("button", name="Start over")).to_be_focused()
    page.get_by_role("button", name="Start over").click()
    expect(page.locator("#talk-outcome")).to_have_count(0)
    assert (TalkSession.objects.count(), Lead.objects.count()) == (1, 0)


def test_a_page_without_a_microphone_or_a_worker_says_what_to_do(visit):
    page = visit(microphone=False)
    page.locator("#talk-mic").click()
    expect(page.get_by_role("alert")).to_contain_text("not allowed to use the microphone")

    page = visit()
    mic = page.locator("#talk-mic")
    mic.click()
    expect(page.locator("#talk-state")).to_have_text("Listening…")
    mic.click()
    wait_until_it_is_sent(page)
    LiveUtterance.objects.update(asked_at=timezone.now() - talking.NO_WORKER)
    expect(page.get_by_role("alert")).to_contain_text("no worker is running")
    assert LiveUtterance.objects.values_list("state", "audio").get() == ("late", None)
    expect(mic).to_be_enabled()  # to say it again
    page.get_by_label("Type your answer").fill("yes, speaking")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#heard-1 .ra-bubble")).to_have_text("yes, speaking")

    page.evaluate(SLOW_TO_OPEN)
    mic.click()
    page.get_by_role("button", name="Start over").click()
    expect(page.locator("#heard-1")).to_have_count(0)
    page.evaluate("open_it()")
    page.wait_for_function("opened?.getTracks().every((track) => track.readyState === 'ended')")  # nobody listens in
