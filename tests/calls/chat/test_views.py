"""The chat's page over HTTP, with no cookie and no script."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from calls.chat import links
from calls.models import Call, ChatLink, ChatReason, Turn
from leads.models import Lead, Requirement

pytestmark = pytest.mark.django_db

SITE = "https://www.sunrise.example"
KEY = "5f0c1f52-2a4c-4d52-9d0f-1f6f7a3a0a11"


@pytest.fixture
def browser():
    """One that would be refused, were a CSRF token asked for."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def link():
    lead = Lead.objects.create(name="Rahul Mehta", phone="+919876543210")
    Requirement.objects.create(lead=lead)
    return links.make(lead, ChatReason.STAFF, now=timezone.now())


@pytest.fixture
def path(link):
    return f"/chat/{links.token_of(link)}"


def test_the_page_is_kept_by_nobody_framed_by_the_sites_alone_and_sets_no_cookie(browser, path, settings):
    settings.WIDGET_ORIGINS = [SITE]
    shown = browser.get(path)
    wanted = (
        "Cache-Control",
        "Content-Security-Policy",
        "Referrer-Policy",
        "Set-Cookie",
        "X-Frame-Options",
        "X-Robots-Tag",
    )
    assert {name: shown.headers.get(name) for name in wanted} == {
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        f"img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'self' {SITE}",
        "Referrer-Policy": "no-referrer",
        "Set-Cookie": None,
        "X-Frame-Options": None,
        "X-Robots-Tag": "noindex, nofollow",
    }
    assert shown.cookies == {}


def test_a_message_posted_by_a_plain_form_is_answered_on_the_page(browser, path):
    answer = browser.post(path, {"message": "Yes", "turn": 1})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{path}#end")
    page = browser.get(path).content.decode()
    assert re.findall(r'data-turn="(\d)"', page) == ["0", "1", "1"]
    assert '<input type="hidden" name="turn" value="2">' in page


def test_a_form_that_is_posted_twice_is_taken_once(browser, path):
    answers = [browser.post(path, {"message": "Yes", "turn": 1}).status_code for _ in range(2)]
    assert (answers, Turn.objects.count()) == ([303, 303], 2)


def test_a_message_from_an_old_window_comes_back_to_who_wrote_it(browser, path):
    browser.post(path, {"message": "Yes", "turn": 1})
    answer = browser.post(path, {"message": "No, I am Amit", "turn": 1})
    assert answer.status_code == 409
    assert "No, I am Amit</textarea>" in answer.content.decode()


@pytest.mark.parametrize(
    ("message", "note"),
    [
        ("", "Write something first."),
        ("x" * 1001, "This message is too long. Write at most 1000 characters at a time."),
    ],
)
def test_a_message_that_cannot_be_taken_is_kept_with_a_sentence(browser, path, message, note):
    answer = browser.post(path, {"message": message, "turn": 1})
    assert (answer.status_code, Call.objects.count()) == (400, 0)
    assert f'<p id="note" role="status">{note}</p>' in answer.content.decode()
    assert f"{message}</textarea>" in answer.content.decode()


def test_a_message_with_a_character_that_no_database_holds_is_taken_without_it(browser, path):
    browser.post(path, {"message": "Y\x00es", "turn": 1})
    assert Turn.objects.get(number=1).heard == "Yes"


def test_a_script_gets_the_turns_that_it_does_not_have(browser, path):
    answer = browser.post(path, {"message": "Yes", "turn": 1}, headers={"accept": "application/json"}).json()
    said = Turn.objects.get(number=1).said
    assert answer == {
        "took": "taken",
        "lines": [[1, "Yes", said]],
        "turn": 2,
        "ended": False,
        "lang": "en",
        "note": "",
        "url": path,
    }


@pytest.mark.parametrize("token", ["x", "1", "1.abc", "१.abc", "1.\x00"])
def test_an_address_that_we_never_made_says_what_to_do(browser, token):
    answer = browser.get(f"/chat/{token}")
    assert answer.status_code == 404
    assert "This link does not work" in answer.content.decode()


@pytest.mark.parametrize("end", ["expired", "revoked"])
def test_a_closed_link_says_what_to_do_and_takes_nothing(browser, link, path, end):
    past = timezone.now() - timedelta(minutes=1)
    ChatLink.objects.update(**({"expires_at": past} if end == "expired" else {"revoked_at": past}))
    assert browser.get(path).status_code == 410
    answer = browser.post(path, {"message": "Yes", "turn": 1})
    assert (answer.status_code, Call.objects.count()) == (410, 0)
    assert "The link has expired or was taken back. Please call us" in answer.content.decode()


def test_who_writes_too_fast_keeps_the_message_and_reads_how_long_to_wait(browser, path, settings):
    settings.CHAT_RATES = settings.CHAT_RATES | {"link": "1/day"}
    browser.post(path, {"message": "Yes", "turn": 1})
    answer = browser.post(path, {"message": "Wakad", "turn": 2})
    assert (answer.status_code, Turn.objects.count()) == (429, 2)
    assert 0 < int(answer.headers["Retry-After"]) <= 86_400
    assert "Wakad</textarea>" in answer.content.decode()


def test_one_address_writes_so_much_whatever_chats_it_has(browser, link, path, settings):
    settings.CHAT_RATES = settings.CHAT_RATES | {"address": "1/day"}
    other = links.make(link.lead, ChatReason.STAFF, now=timezone.now())
    paths = [path, f"/chat/{links.token_of(other)}"]
    codes = [browser.post(one, {"message": "Yes", "turn": 1}).status_code for one in paths]
    assert (codes, Turn.objects.count()) == ([303, 429], 2)


def test_a_site_that_may_not_show_the_chat_is_named_in_no_address(browser, path, settings):
    settings.WIDGET_ORIGINS = [SITE]
    answers = [
        browser.post(f"{path}?site={site}", {"message": "Yes", "turn": 1}).headers["Location"]
        for site in ("https://elsewhere.example", SITE)
    ]
    assert answers == [f"{path}#end", f"{path}?site=https%3A%2F%2Fwww.sunrise.example#end"]


def test_no_chat_is_begun_on_a_site_while_the_widget_is_off(browser):
    assert browser.get("/chat/new").status_code == 404
    assert browser.post("/chat/new", {"message": "hi", "turn": 1, "key": KEY}).status_code == 404
    assert "set WIDGET_ORIGINS" in browser.get("/widget.js").content.decode()
    assert Lead.objects.count() == 0


def test_a_visitor_becomes_a_lead_with_the_first_message_and_not_before(browser, settings):
    settings.WIDGET_ORIGINS = [SITE]
    page = browser.get("/chat/new", {"site": SITE}).content.decode()
    key = re.search(r'name="key" value="([0-9a-f-]{36})"', page)[1]
    assert (Lead.objects.count(), ChatLink.objects.count()) == (0, 0)
    posted = {"message": "I want a flat in Wakad", "turn": 1, "key": key}
    answers = [browser.post(f"/chat/new?site={SITE}", posted).headers["Location"] for _ in range(2)]
    path = f"/chat/{links.token_of(ChatLink.objects.get())}?site=https%3A%2F%2Fwww.sunrise.example#end"
    assert answers == [path, path]
    assert (Lead.objects.get().source, Turn.objects.count()) == ("website", 2)


def test_one_address_begins_so_many_chats(browser, settings):
    settings.WIDGET_ORIGINS, settings.CHAT_RATES = [SITE], settings.CHAT_RATES | {"new": "1/day"}
    keys = [KEY, "5f0c1f52-2a4c-4d52-9d0f-1f6f7a3a0a12"]
    codes = [browser.post("/chat/new", {"message": "hi", "turn": 1, "key": key}).status_code for key in keys]
    assert (codes, Lead.objects.count()) == ([303, 429], 1)


def test_the_widgets_script_is_small_and_names_our_address(browser, settings):
    settings.WIDGET_ORIGINS, settings.PUBLIC_BASE_URL = [SITE], "https://crm.example.com"
    script = browser.get("/widget.js")
    assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert script.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "https://crm.example.com" in script.content.decode().replace("\\u002D", "-")
    assert len(script.content) < 6_000
