"""SES as far as we call it, behind a socket: it keeps every mail, for the test to read.

Source: Amazon SES API Reference (2010-12-01), SendEmail.
"""

import re
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs

ACCEPTED = (
    '<SendEmailResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><SendEmailResult>'
    "<MessageId>1</MessageId></SendEmailResult></SendEmailResponse>"
)
REFUSED = (
    '<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><Error><Type>Sender</Type>'
    "<Code>MessageRejected</Code><Message>Address is not verified.</Message></Error></ErrorResponse>"
)


@dataclass(frozen=True)
class Mail:
    sender: str
    to: str
    subject: str
    text: str

    @property
    def token(self) -> str:
        """What the link in it carries."""
        found = re.search(r"^http://127\.0\.0\.1:8000/#(?:reset|verify)=(\S+)$", self.text, re.M)
        assert found, self.text
        return found[1]


class Mailbox:
    """All mails that were sent, oldest first; while it `refuses`, SES takes none."""

    def __init__(self, port: int) -> None:
        self.environment = {
            "AWS_ENDPOINT_URL_SES": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "ap-southeast-3",
        }
        self.refuses = False
        self.sent: list[Mail] = []

    def empty(self) -> None:
        self.sent.clear()

    def to(self, address: str) -> list[Mail]:
        return [mail for mail in self.sent if mail.to == address]

    def last(self, address: str) -> Mail:
        found = self.to(address)
        assert found, f"no mail; sent: {[mail.subject for mail in self.sent]}"
        return found[-1]


@contextmanager
def open_mailbox() -> Generator[Mailbox]:
    server = _Server(("127.0.0.1", 0), _Ses)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.box
    server.shutdown()
    thread.join()
    server.server_close()


class _Server(ThreadingHTTPServer):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.box = Mailbox(self.server_port)


class _Ses(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        box = cast(_Server, self.server).box
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        assert form["Action"] == "SendEmail"
        if not box.refuses:
            box.sent.append(
                Mail(
                    form["Source"],
                    form["Destination.ToAddresses.member.1"],
                    form["Message.Subject.Data"],
                    form["Message.Body.Text.Data"],
                )
            )
        answer = (REFUSED if box.refuses else ACCEPTED).encode()
        self.send_response(400 if box.refuses else 200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass
