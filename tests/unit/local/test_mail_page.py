"""The page `/mail`: mails are shown as text, to this machine only."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from balas.mail_texts import NOBODY
from tests.unit.local.test_front import serving

ADDRESS = "toko@toko.example"


def mail(to: str, subject: str, text: str, at: float) -> dict[str, object]:
    """As MiniStack tells of it."""
    return {"To": [to], "Subject": subject, "BodyText": text, "Timestamp": at, "MessageId": "1"}


MAILS = [
    mail(ADDRESS, "Lama", "Buka http://127.0.0.1:8000/#reset=a.b-c_d\n\nBalas", 1),
    mail(ADDRESS, "<b>Baru</b>", "<script>alert(1)</script>", 2),
    mail(NOBODY, "Rahasia", "http://127.0.0.1:8000/#reset=x", 3),
]


class MiniStack(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        text = json.dumps({"messages": {"000000000000": MAILS}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), MiniStack)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with serving(f"http://127.0.0.1:{server.server_port}") as client:
        yield client
    server.shutdown()
    thread.join()
    server.server_close()


def test_mails_are_shown_newest_first_as_text_with_their_links(browser: httpx.Client) -> None:
    page = browser.get("/mail").text
    assert page.index("&lt;b&gt;Baru&lt;/b&gt;") < page.index("Lama")
    assert "<script" not in page
    link = "http://127.0.0.1:8000/#reset=a.b-c_d"
    assert f'<a href="{link}">{link}</a>' in page


def test_mails_to_nobody_are_not_shown(browser: httpx.Client) -> None:
    assert "Rahasia" not in browser.get("/mail").text


def test_a_site_whose_name_points_here_reads_no_mail(browser: httpx.Client) -> None:
    answer = browser.get("/mail", headers={"Host": "evil.example"})
    assert (answer.status_code, ADDRESS in answer.text) == (403, False)


def test_without_ministack_it_says_so() -> None:
    with serving("http://127.0.0.1:1") as browser:
        answer = browser.get("/mail")
    assert (answer.status_code, "MiniStack did not answer" in answer.text) == (502, True)
