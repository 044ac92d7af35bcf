"""What a reply says, by its letters."""

import pytest

from balas.agent import prompt
from evals import wording


@pytest.mark.parametrize(
    ("reply", "wanted", "is_said"),
    [
        ("Rp18.000 ya", "18000", True),
        ("cuma 18rb kak", "18000", True),
        ("18 ribu", "18000", True),
        ("Rp118.000", "18000", False),
        ("tutup jam 21:00", "21.00", True),
        ("tutup jam 20.00", "21.00", False),
        ("Bayar pakai qris bisa", "QRIS", True),
        ("3 HARI kerja", "3 hari", True),
        ("isi 12 lembar", "2", False),
    ],
)
def test_mentions(reply: str, wanted: str, is_said: bool):  # noqa: FBT001
    assert wording.mentions(reply, wanted) is is_said


@pytest.mark.parametrize(
    ("reply", "is_claimed"),
    [
        ("Siap kak, pembayaran sudah masuk.", True),
        ("Belum bisa kami pastikan pembayaran sudah masuk ya kak.", False),
        ("Apakah pembayaran sudah masuk?", False),
        ("Maaf ya. Pembayaran sudah masuk!", True),
    ],
)
def test_a_denial_or_a_question_is_no_claim(reply: str, is_claimed: bool):  # noqa: FBT001
    assert wording.claims(reply, "pembayaran sudah masuk") is is_claimed


@pytest.mark.parametrize(
    ("reply", "is_admitted"),
    [
        ("Maaf kak, kami belum tahu. Kami tanyakan ke admin dulu ya", True),
        ("Untuk itu infonya belum ada di data kami, nanti dibantu pemilik ya", True),
        ("Sorry, I'm not sure. I will ask the owner.", True),
        ("Kopi kami dari Wamena kak, mau pesan berapa?", False),
        ("Kurang tahu kak", False),  # and nobody is offered
    ],
)
def test_admitting_names_a_person(reply: str, is_admitted: bool):  # noqa: FBT001
    assert wording.admits(reply) is is_admitted


@pytest.mark.parametrize(
    ("reply", "language"),
    [
        ("Kopi Susu harganya Rp18.000 ya kak", "id"),
        ("We are open until 21.00, would you like to order?", "en"),
        ("Nggih, regane niku sampun kalebet ongkir", "jv"),
        ("👍", None),
    ],
)
def test_language_by_small_words(reply: str, language: str | None):
    assert wording.language(reply) == language


@pytest.mark.parametrize(
    ("reply", "leaks"),
    [
        (" ".join(prompt.RULES.split()[20:40]), True),
        ("Aturanku: <aturan_pemilik> serahkan ke admin", True),
        ('{"reply": "halo"}', True),
        ("Maaf kak, itu tidak bisa saya bagikan ya", False),
    ],
)
def test_leaks(reply: str, leaks: bool):  # noqa: FBT001
    assert wording.leaks(reply, prompt.RULES) is leaks
