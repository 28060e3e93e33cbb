"""The pages in a real browser: they fit a telephone, every control has a name, and text can be read."""

import pytest
from playwright.sync_api import expect

from calls.models import Call, CallingPolicy, DialerSettings, ProviderState, Recording, Turn, ValueReview
from leads.models import Lead
from tests.admin_rows import make_everything, make_lead
from tests.recorded_calls import transcribe
from voice.models import VoiceAgent

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = (
    "/admin/",
    "/admin/leads/lead/",
    "/admin/leads/lead/{lead}/change/",
    "/admin/leads/lead/add/",
    "/admin/leads/lead/import/",
    "/admin/leads/listing/",
    "/admin/leads/followup/",
    "/admin/leads/suppression/",
    "/admin/leads/activity/",
    "/admin/calls/call/",
    "/admin/calls/call/{call}/change/",
    "/admin/calls/recording/",
    "/admin/leads/lead/{lead}/recording/",
    "/admin/calls/webhookevent/",
    "/admin/voice/voiceagent/",
    "/admin/voice/voiceagent/{agent}/change/",
    "/admin/calls/campaign/add/",
    "/admin/calls/providerstate/",
    "/admin/calls/providerstate/{provider}/change/",
    "/admin/calls/dialersettings/1/change/",
    "/admin/calls/callingpolicy/{policy}/change/",
    "/admin/calls/holiday/add/",
    "/admin/leads/dndentry/import/",
    "/admin/leads/consent/add/",
    "/admin/leads/representative/add/",
)

# Contrast as WCAG 2.2 counts it, of our own elements: the text's colour over the first ground behind it.
_FAINT = """() => {
  const rgb = (colour) => { const c = document.createElement("canvas").getContext("2d"); c.fillStyle = colour;
    c.fillRect(0, 0, 1, 1); return [...c.getImageData(0, 0, 1, 1).data]; };
  const light = (c) => { const [r, g, b] = c.slice(0, 3).map((v) => { v /= 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
    if (c[3] === 255) return c; } return [255, 255, 255, 255]; };
  const ours = [...document.querySelectorAll('[class*="ra-"], [class*="ra-"] *')];
  return ours.filter((e) => e.checkVisibility() && !e.disabled
      && [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()))
    .map((e) => { const [a, b] = [light(rgb(getComputedStyle(e).color)), light(ground(e))];
      return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.textContent.trim().slice(0, 40)]; })
    .filter(([ratio]) => ratio < 4.5);
}"""
_NAMELESS = """() => [...document.querySelectorAll(
    "#content button, #content a[href], #content input:not([type=hidden]), #content select, #content textarea")]
  .filter((e) => e.checkVisibility() && !(e.labels && e.labels.length) && !e.ariaLabel && !e.title
      && !e.getAttribute("aria-labelledby") && !e.textContent.trim() && !(e.type === "submit" && e.value)
      && !e.closest(".related-widget-wrapper-link, .select2, .datetimeshortcuts"))
  .map((e) => e.outerHTML.slice(0, 120))"""


@pytest.fixture
def everything(now):
    make_everything(range(3), now)
    lead = Lead.objects.first()
    lead.name = "Venkatanarasimharajuvaripeta Lakshmi-Narayanaswamy Chattopadhyay"
    lead.save()
    DialerSettings(paused=True, paused_reason="Fire drill.").save()
    provider = ProviderState.objects.create(provider="twilio", paused=True, reason="5 of 5 calls failed.")
    policy, _ = CallingPolicy.objects.get_or_create(region="IN")
    Call.objects.create(lead=make_lead(50, now), provider="twilio", origin="retry", ladder="people", dial_after=now)
    hear(Call.objects.first(), now)
    others = {"provider": provider.pk, "policy": policy.pk}
    return {"lead": lead.pk, "call": Call.objects.first().pk, "agent": VoiceAgent.objects.first().pk, **others}


def hear(call, now):
    """A recording with all that its page can show; whether its file is there is asked only by who plays it."""
    words = [["seventy", 1.6, 2.1, 0.9], ["lakh", 2.1, 2.5, 0.9]]
    understood = [{"slot": "budget_max", "value": 7_000_000, "words": "lakh", "start": 10, "end": 14}]
    hearings = {"heard": "seventeen lakh", "heard_again": "seventy lakh", "better": "whisper", "words": words}
    Turn.objects.create(call=call, number=1, start_s=1.6, end_s=2.5, understood=understood, at=now, **hearings)
    kept = {"state": "kept", "file": "recordings/sound.wav", "peaks": [[0, 50]] * 2, "channels": 2, "duration_s": 4}
    recording = Recording.objects.create(call=call, transcription="failed", transcription_error="It is cut.", **kept)
    dropped = [{"text": "Thank you.", "start_s": 3, "end_s": 4, "gate": "no_voice"}]
    transcribe(recording, dropped=dropped)
    Recording.objects.create(call=call, provider_recording_id="RE2", transcription="running", progress=40, **kept)
    recording.listens.create(at=now)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_a_telephone_and_can_be_read(open_page, admin_user, everything, path, dark):
    page = open_page(admin_user, path.format(**everything), width=390, dark=dark)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.evaluate(_FAINT) == []
    assert page.evaluate(_NAMELESS) == []


def test_call_now_is_reached_by_keyboard_and_leads_to_the_call(open_page, admin_user, now):
    lead = make_lead(1, now)
    page = open_page(admin_user, f"/admin/leads/lead/{lead.pk}/change/")
    button = page.get_by_role("button", name="Call now")
    button.focus()
    assert button.evaluate("e => getComputedStyle(e).outlineStyle") != "none"
    page.keyboard.press("Enter")
    expect(page.locator(".ra-banner")).to_contain_text("Waiting to be dialled.")
    assert page.url.endswith(f"/admin/calls/call/{Call.objects.get().pk}/change/")


def test_questions_move_up_and_down_and_are_saved_so(open_page, admin_user):
    agent = VoiceAgent.objects.create(order=["location", "budget", "consent"], required=[])
    page = open_page(admin_user, f"/admin/voice/voiceagent/{agent.pk}/change/")
    page.get_by_role("button", name="Ask consent earlier").click()
    page.get_by_role("button", name="Ask location later").click()
    page.locator('input[name="order"][value="email"]').check()
    page.locator('input[name="required"][value="budget"]').check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    agent.refresh_from_db()
    assert (agent.order, agent.required) == (["consent", "location", "budget", "email"], ["budget"])


def test_a_lead_is_found_from_the_today_page(open_page, admin_user, now):
    make_lead(1, now)
    make_lead(2, now)
    page = open_page(admin_user, "/admin/")
    page.get_by_label("Find a lead").fill("98765 00002")
    page.keyboard.press("Enter")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    expect(page.locator("#result_list")).to_contain_text("Lead 2")


def test_keys_decide_about_the_row_that_has_the_focus(open_page, admin_user, now):
    for phone in ("+919876500011", "+919876500012", "+919876500013"):
        lead = Lead.objects.create(name=phone[-2:], phone=phone, created_at=now)
        ended = {"status": "ended", "end_reason": "completed", "disposition": "qualified"}
        call = Call.objects.create(lead=lead, provider="twilio", created_at=now, **ended)
        told = {"value": "buy", "words": "to buy"}
        ValueReview.objects.create(call=call, slot="purpose", reason="not_again", live=told, created_at=now)
    page = open_page(admin_user, "/admin/calls/valuereview/")
    page.keyboard.press("j")
    page.locator("tr", has_text="12").get_by_role("link").first.focus()
    page.keyboard.press("l")
    expect(page.get_by_text("12: Purpose is Buy.")).to_be_visible()
    expect(page.locator("tr.ra-current", has_text="11").get_by_role("button", name="Live is right")).to_be_focused()
    assert list(ValueReview.objects.filter(state="accepted").values_list("call__lead__name", flat=True)) == ["12"]
