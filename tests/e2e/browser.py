"""A real browser, headless; the page in it fails the test when it asks anybody but the house."""

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, Playwright, Request, expect, sync_playwright

WAIT_MS = 20_000
NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = (
    "the end-to-end test needs a browser: `apt-get install chromium`,"
    " or `.venv/bin/playwright install chromium`"
)


@contextmanager
def page(width: int = 1280, height: int = 800) -> Generator[Page]:
    """An empty page; when the block ends, nothing was asked from elsewhere and no script had failed."""
    foreign: list[str] = []
    failures: list[str] = []

    def look(request: Request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            foreign.append(request.url)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_executable(playwright), args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": width, "height": height})
        opened.set_default_timeout(WAIT_MS)
        expect.set_options(timeout=WAIT_MS)
        opened.on("request", look)
        opened.on("pageerror", lambda error: failures.append(str(error)))
        yield opened
        browser.close()
    assert (foreign, failures) == ([], [])


def _executable(playwright: Playwright) -> str:
    for name in NAMES:
        if found := shutil.which(name):
            return found
    assert Path(playwright.chromium.executable_path).exists(), MISSING
    return playwright.chromium.executable_path
