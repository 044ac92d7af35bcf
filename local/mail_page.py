"""The page `/mail`: what Balas has mailed, since on a laptop no mail goes anywhere.

MiniStack keeps mails in memory, and forgets them when it ends. Whoever can open this page can take every
link in it, so it is shown to this machine only, and to no site whose name somebody points here.
"""

import html
import re
from datetime import datetime

import httpx
from pydantic import BaseModel
from starlette.responses import HTMLResponse, Response

from balas.mail_texts import NOBODY

THIS_MACHINE = ("127.0.0.1", "localhost")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}
PAGE = """<!doctype html>
<html lang="id"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>E-mail Balas</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 0 auto; padding: 1rem; color: #16211d;
  background: #f2f6f4 }}
article {{ background: #fff; border: 1px solid #d9e2dd; border-radius: 12px; padding: 1rem; margin: 1rem 0 }}
h1 {{ font-size: 1.25rem }} h2 {{ font-size: 1.05rem; margin: 0 }}
p {{ color: #5b6b64; font-size: .9rem; margin: .2rem 0 }}
pre {{ font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; margin: .75rem 0 0 }}
a {{ color: #0b6e4f }}
</style>
<h1>E-mail dari Balas</h1>
<p>Di komputer ini tidak ada e-mail yang benar-benar dikirim: semuanya tampil di sini, yang terbaru di atas.
</p>
{mails}
</html>
"""
MAIL = "<article><h2>{subject}</h2><p>Kepada {to} · {at}</p><pre>{text}</pre></article>"
NOTHING = "<p>Belum ada e-mail. Muat ulang halaman ini setelah Balas mengirimnya.</p>"


class _Mail(BaseModel):
    """One of MiniStack's records. Source: its endpoint /_ministack/ses/messages."""

    To: list[str]
    Subject: str
    BodyText: str
    Timestamp: float


class _Messages(BaseModel):
    messages: dict[str, list[_Mail]]


async def answer(client: httpx.AsyncClient, mails_url: str, host: str | None) -> Response:
    """The page; `host` is the name by which the browser calls us."""
    if host not in THIS_MACHINE:
        return Response("This page is for 127.0.0.1 only.", 403)
    try:
        kept = _Messages.model_validate_json((await client.get(mails_url)).content)
    except (httpx.HTTPError, ValueError):
        return Response("MiniStack did not answer. Wait a moment and try again.", 502)
    mails = [kept_mail for account in kept.messages.values() for kept_mail in account]
    return HTMLResponse(PAGE.format(mails=_newest_first(mails)), headers=HEADERS)


def _newest_first(mails: list[_Mail]) -> str:
    """All but those to nobody, which hide whether an address is known."""
    shown = [_article(m) for m in sorted(mails, key=lambda m: -m.Timestamp) if NOBODY not in m.To]
    return "\n".join(shown) or NOTHING


def _article(shown: _Mail) -> str:
    at = datetime.fromtimestamp(shown.Timestamp).astimezone()
    return MAIL.format(
        subject=html.escape(shown.Subject),
        to=html.escape(", ".join(shown.To)),
        at=at.strftime("%d-%m-%Y %H:%M:%S"),
        text=re.sub(r"https?://[^\s&<]+", r'<a href="\g<0>">\g<0></a>', html.escape(shown.BodyText)),
    )
