"""The page's live socket: what changes appears by itself, and a socket that broke is opened again."""

import os
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import browser
from tests.e2e.local_house import LocalHouse, Place, new_place
from tests.e2e.test_newcomer import sign_in

LIMIT_MS = 20_000
"""Far below the minute after which the page looks without being told."""


@pytest.mark.timeout(120)
def test_what_one_browser_does_shows_in_another_also_after_the_cloud_was_gone(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    expect.set_options(timeout=LIMIT_MS)
    with browser.page() as one, LocalHouse(place) as house:
        login = house.login()
        another = beside(one)
        for tab in (one, another):
            enter(tab, place, login)
        one.click("#connect")
        expect(another.locator("#qr")).to_be_visible()
        one.click("#disconnect")
        expect(another.locator("#device-state")).to_have_text("belum tersambung")
        with another.expect_websocket(timeout=60_000) as reopened:
            os.kill(ministack(place), signal.SIGKILL)
            house.wait_until_said("building the local cloud anew")
        assert "/ws?ticket=" in reopened.value.url
        one.click("#connect")
        expect(another.locator("#qr")).to_be_visible()
        house.stop()


def enter(tab: Page, place: Place, login: tuple[str, str]) -> None:
    """Signs in, and returns when the tab's socket is open."""
    with tab.expect_websocket() as opened:
        sign_in(tab, place, login)
    assert "/ws?ticket=" in opened.value.url


def beside(page: Page) -> Page:
    """A page of another browser on the same machine."""
    assert page.context.browser
    return page.context.browser.new_context().new_page()


def ministack(place: Place) -> int:
    """The process id of the local cloud."""
    mark = str(place.home).encode()
    for entry in Path("/proc").iterdir():
        if b'run_module("ministack"' in _read(entry / "cmdline") and mark in _read(entry / "environ"):
            return int(entry.name)
    raise AssertionError("MiniStack does not run")


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""
