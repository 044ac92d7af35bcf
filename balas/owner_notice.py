"""What the owner is told on the phone, without a customer's words, and what the owner orders there."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Literal

from balas import handover

Kind = Literal["handover", "complaint", "order", "device_down", "quota", "digest", "switch"]

SENTENCES: dict[Kind, str] = {
    "handover": "🔔 Ada chat yang perlu Anda.",
    "complaint": "⚠️ Ada keluhan pelanggan.",
    "order": "🛒 Ada pesanan baru yang sudah dikonfirmasi pelanggan.",
    "device_down": "🔌 WhatsApp toko tidak tersambung.",
    "quota": "🔔 Balasan AI mencapai batasnya.",
    "digest": "📊 Ringkasan kemarin",
    "switch": "🔔 AI",
}
SWITCHED = {
    "ai_off": "AI dimatikan: tidak ada pelanggan yang dibalas AI. Kirim *AI nyala* untuk menyalakannya lagi.",
    "ai_on": "AI menyala lagi. Kirim *AI mati sekarang* untuk mematikannya.",
}
COMMANDS = {
    "ai mati": False,
    "ai mati sekarang": False,
    "matikan ai": False,
    "ai nyala": True,
    "ai nyala sekarang": True,
    "nyalakan ai": True,
}


def command(text: str) -> bool | None:
    """Whether `text` turns the agent on (True) or off (False); None when it is no command."""
    return COMMANDS.get(" ".join(re.sub(r"[^\w\s]", " ", text[:100]).lower().split()))


def text(kind: Kind, reason: str | None, waiting: int, origin: str) -> str:
    """A notice; `waiting`: how many chats wait for a human now."""
    if kind == "switch":
        return SWITCHED[reason or "ai_on"]
    why = next((sentence for code, sentence in handover.SENTENCES.items() if code == reason), "")
    return _lines(SENTENCES[kind], "" if kind == "complaint" else why, _waiting(waiting), origin)


def summary(count: int, waiting: int, origin: str) -> str:
    """One message in the place of `count` notices."""
    return _lines(f"🔔 Ada {count} pemberitahuan lagi di dasbor.", _waiting(waiting), origin)


def digest(day: date, counts: Mapping[str, int], origin: str) -> str:
    """What happened on `day`."""
    rows = (
        f"Percakapan: {counts['chats']}",
        f"Balasan AI: {counts['answers']}",
        f"Pesanan: {counts['orders']}",
        f"Diteruskan ke Anda: {counts['handovers']}",
    )
    return _lines(f"{SENTENCES['digest']} ({day:%d-%m-%Y})", *rows, origin)


def _waiting(count: int) -> str:
    return f"{count} percakapan menunggu Anda." if count else ""


def _lines(*lines: str) -> str:
    return "\n".join(line for line in lines if line)
