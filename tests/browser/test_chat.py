"""The chat in a real browser: with its script and without, twice submitted, cut off, and on a foreign site."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from calls.chat import links
from calls.models import Call, ChatLink, ChatReason, Turn
from leads.models import Lead, Requirement

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OPENING = (
    "Thank you for writing to us. Hello, this is Asha, the virtual assistant from Sunrise Realty. "
    "Am I chatting with Rahul Mehta?"
)


@pytest.fixture
def link(live_server):
    lead = Lead.objects.create(name="Rahul Mehta", phone="+919876543210")
    Requirement.objects.create(lead=lead)
    return links.make(lead, ChatReason.STAFF, now=timezone.now())


@pytest.fixture
def visit(chromium, live_server):
    """A page of a telephone's browser; whatever goes wrong within it fails the test."""
    windows, faults = [], []

    def open_as(path, *, script=True, dark=False):
        window = chromium.new_context(
            viewport={"width": 390, "height": 780},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            base_url=live_server.url,
        )
        windows.append(window)
        page = window.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(path)
        return page

    yield open_as
    cookies = [cookie for window in windows for cookie in window.cookies()]
    for window in windows:
        window.close()
    assert (faults, cookies) == ([], [])


def said(page):
    return page.locator("#log li p").all_inner_texts()


def write(page, text):
    page.get_by_label("Your message").fill(text)
    page.get_by_role("button", name="Send").click()


@pytest.mark.parametrize("script", [True, False])
def test_a_conversation_reaches_its_end_with_and_without_a_script(visit, link, script):
    page = visit(f"/chat/{links.token_of(link)}", script=script)
    assert said(page) == [OPENING]
    for number, text in enumerate(["Yes", "Wakad in Pune", "home", "flat", "2 bhk", "80 lakh", "yes", "yes"], 1):
        write(page, text)
        page.locator(f'.theirs[data-turn="{number}"]').wait_for()
    page.locator("#ended").wait_for()
    assert not page.locator("#form").is_visible()
    turns = Turn.objects.filter(number__gt=0).values_list("heard", "said")
    assert said(page) == [OPENING, *[words for turn in turns for words in turn]]
    assert Call.objects.get().disposition == "qualified"


def test_staff_copy_the_address_of_a_link_by_a_button_with_a_name(open_page, admin_user, link):
    page = open_page(admin_user, f"/admin/calls/chatlink/{link.pk}/change/", width=390)
    page.get_by_role("button", name="Copy link").click()
    page.get_by_role("button", name=re.compile("Copied|Press Ctrl")).wait_for()
    address = page.get_by_label("The lead opens this address to chat:").input_value()
    assert address.endswith(f"/chat/{links.token_of(link)}")
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("script", [True, False])
def test_the_last_words_stand_above_the_box_however_the_page_was_opened(visit, link, script):
    path = f"/chat/{links.token_of(link)}"
    page = visit(path, script=script)
    for number, text in enumerate(["Yes", "Wakad in Pune", "home", "flat", "2 bhk"], 1):
        write(page, text)
        page.locator(f'.theirs[data-turn="{number}"]').wait_for()
    for again in (False, True):
        if again:
            page.goto(path)
        expect(page.locator("#log li").last).to_be_in_viewport(ratio=1)
        last, footer = page.locator("#log li").last.bounding_box(), page.locator("footer").bounding_box()
        assert last["y"] + last["height"] <= footer["y"]


def test_the_next_message_can_be_typed_at_once(visit, link):
    page = visit(f"/chat/{links.token_of(link)}")
    write(page, "Yes")
    page.locator('.theirs[data-turn="1"]').wait_for()
    page.keyboard.type("Wakad")
    page.keyboard.press("Enter")
    page.locator('.theirs[data-turn="2"]').wait_for()
    assert list(Turn.objects.filter(number__gt=0).values_list("heard", flat=True)) == ["Yes", "Wakad"]


def test_a_button_pressed_twice_sends_once(visit, link):
    page = visit(f"/chat/{links.token_of(link)}")
    page.get_by_label("Your message").fill("Yes")
    page.get_by_role("button", name="Send").dblclick()
    page.locator('.theirs[data-turn="1"]').wait_for()
    assert Turn.objects.count() == 2


def test_a_lost_answer_is_asked_for_again_and_the_message_taken_once(visit, link):
    page = visit(f"/chat/{links.token_of(link)}")
    lost = []

    def lose(route):
        if route.request.method == "POST" and len(lost) < 2:
            lost.append(route.fetch() if lost else None)  # first the request is lost, then the response
            route.abort()
        else:
            route.continue_()

    page.route("**/chat/*", lose)
    write(page, "Yes")
    page.get_by_text("No connection. Your message is kept").wait_for()
    page.locator('.theirs[data-turn="1"]').wait_for()
    assert (len(lost), Turn.objects.count(), page.locator("#note").inner_text()) == (2, 2, "")


def test_what_was_typed_is_still_there_after_a_reload_without_a_connection(visit, link):
    page = visit(f"/chat/{links.token_of(link)}")
    page.route("**/chat/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    write(page, "A flat in Wakad")
    page.get_by_text("No connection. Your message is kept").wait_for()
    page.reload()
    assert page.get_by_label("Your message").input_value() == "A flat in Wakad"


def test_a_message_that_another_window_overtook_comes_back(visit, link):
    path = f"/chat/{links.token_of(link)}"
    first, second = visit(path), visit(path)
    write(first, "Yes")
    first.locator('.theirs[data-turn="1"]').wait_for()
    write(second, "Yes, this is Rahul")
    second.get_by_text("The chat went on in another window").wait_for()
    assert second.get_by_label("Your message").input_value() == "Yes, this is Rahul"
    assert said(second) == said(first)


def test_an_expired_link_says_what_to_do(visit, link):
    ChatLink.objects.update(expires_at=timezone.now())
    page = visit(f"/chat/{links.token_of(link)}")
    assert page.locator("h1").inner_text() == "This chat is closed"


def test_the_page_weighs_less_than_30_kilobytes(visit, link, live_server):
    page = visit("/health/live")
    sizes = []
    page.on("response", lambda response: sizes.append(len(response.body())))
    page.goto(f"/chat/{links.token_of(link)}", wait_until="networkidle")
    assert 0 < sum(sizes) < 30_000


class Site(BaseHTTPRequestHandler):
    """The brokerage's own site, on another origin."""

    home = ""

    def do_GET(self):
        widget = f'<script src="{self.home}/widget.js"></script>'
        head, body = (widget, "") if self.path == "/in-the-head" else ("", widget)
        page = f"<!doctype html><title>Sunrise</title>{head}<body><h1>Sunrise</h1>{body}"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *_):
        """Stay quiet."""


@pytest.fixture
def site(live_server, settings):
    server = ThreadingHTTPServer(("localhost", 0), type("Ours", (Site,), {"home": live_server.url}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://localhost:{server.server_port}"
    settings.PUBLIC_BASE_URL, settings.WIDGET_ORIGINS = live_server.url, [address]
    yield address
    server.shutdown()
    server.server_close()


def test_a_visitor_of_the_site_chats_in_the_widget_and_goes_on_after_a_reload(visit, site):
    page = visit(site)
    page.get_by_role("button", name="Chat with us").press("Enter")
    frame = page.frame_locator("iframe")
    frame.locator("#log li").first.wait_for()
    assert Lead.objects.count() == 0
    write(frame, "I want a 2 BHK flat in Wakad")
    frame.locator('.theirs[data-turn="1"]').wait_for()
    page.wait_for_function("sessionStorage.getItem('realtyChat')")

    page.reload()
    page.get_by_role("button", name="Chat with us").click()
    frame.locator('.theirs[data-turn="1"]').wait_for()
    assert (Lead.objects.count(), Call.objects.count()) == (1, 1)


def test_the_widget_may_be_named_in_the_head_of_a_page(visit, site):
    visit(f"{site}/in-the-head").get_by_role("button", name="Chat with us").wait_for()


def test_a_visitor_who_starts_a_new_chat_finds_an_empty_box(visit, site):
    page = visit("/chat/new")
    write(page, "I want a 2 BHK flat in Wakad")
    page.locator('.theirs[data-turn="1"]').wait_for()
    page.goto("/chat/new")
    assert page.get_by_label("Your message").input_value() == ""


def test_escape_closes_the_widget_from_within_and_gives_the_focus_back(visit, site):
    page = visit(site)
    page.get_by_role("button", name="Chat with us").click()
    box = page.frame_locator("iframe").get_by_label("Your message")
    box.wait_for()
    page.frames[1].wait_for_load_state()
    box.press("Escape")
    page.locator("iframe").wait_for(state="hidden")
    page.get_by_role("button", name="Chat with us", expanded=False).wait_for()


def test_a_foreign_site_cannot_show_the_chat(visit, site, settings):
    settings.WIDGET_ORIGINS = ["https://www.sunrise.example"]
    page = visit(site)
    page.get_by_role("button", name="Chat with us").click()
    page.wait_for_timeout(500)
    assert page.frame_locator("iframe").locator("#log").count() == 0
