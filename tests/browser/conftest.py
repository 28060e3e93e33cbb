"""A real Chromium over a live server."""

import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

_QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")

# Playwright keeps an event loop in the tests' thread, and Django then refuses to talk to its database there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(scope="session")
def chromium():
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not path:
        pytest.fail("There is no Chromium here. Install it: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*_QUIET, "--disable-sync", "--no-first-run"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, live_server, client):
    """A page of a fresh window, logged in as `user`; what goes wrong within it fails the test."""
    windows, faults = [], []

    def open_as(user, path, *, width=1280, dark=False):
        client.force_login(user)
        window = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            timezone_id="Asia/Kolkata",
            base_url=live_server.url,
        )
        windows.append(window)
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        window.add_cookies([cookie])
        page = window.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda asked: faults.append(asked.url) if _leaves(asked.url, live_server.url) else None)
        page.goto(path)
        return page

    yield open_as
    for window in windows:
        window.close()
    assert faults == []


def _leaves(url, home):
    return not url.startswith((home, "data:", "blob:"))
