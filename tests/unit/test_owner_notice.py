"""What the owner reads on the phone, and what counts as his order."""

from datetime import date

import pytest

from balas import owner_notice

ORIGIN = "https://app.example.com"


@pytest.mark.parametrize(
    ("text", "is_on"),
    [
        ("AI mati sekarang", False),
        ("ai mati sekarang!", False),
        ("  Ai  MATI ", False),
        ("AI nyala", True),
        ("ai nyala sekarang.", True),
        ("nyalakan AI", True),
        ("AI", None),
        ("kenapa ai mati sekarang?", None),
        ("halo", None),
        ("", None),
        ("ai mati sekarang " * 50, None),
    ],
)
def test_an_order_is_the_whole_message_and_nothing_else(text: str, *, is_on: bool | None) -> None:
    assert owner_notice.command(text) is is_on


def test_a_notice_tells_why_how_many_wait_and_where() -> None:
    assert owner_notice.text("handover", "refund", 2, ORIGIN).splitlines() == [
        "🔔 Ada chat yang perlu Anda.",
        "Pelanggan menanyakan pengembalian uang.",
        "2 percakapan menunggu Anda.",
        ORIGIN,
    ]


def test_a_reason_that_is_not_known_is_left_out() -> None:
    assert owner_notice.text("handover", "seen_tomorrow", 0, "") == "🔔 Ada chat yang perlu Anda."


@pytest.mark.parametrize("kind", ["handover", "complaint", "order", "device_down", "quota"])
def test_every_kind_has_a_sentence(kind: owner_notice.Kind) -> None:
    assert owner_notice.text(kind, None, 0, "")


def test_a_digest_counts() -> None:
    counts = {"chats": 12, "answers": 30, "orders": 4, "handovers": 2}
    text = owner_notice.digest(date(2026, 11, 22), counts, ORIGIN)
    assert text.splitlines() == [
        "📊 Ringkasan kemarin (22-11-2026)",
        "Percakapan: 12",
        "Balasan AI: 30",
        "Pesanan: 4",
        "Diteruskan ke Anda: 2",
        ORIGIN,
    ]
