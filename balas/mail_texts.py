"""What Balas writes to the people who sign in.

Nothing that a user typed is quoted: whoever registers with another's address could write to him through us.
"""

from dataclasses import dataclass
from typing import Literal

from balas import whatsapp_session

Kind = Literal["reset", "verify", "change_email", "email_change_asked", "password_changed", "device_down"]

NOBODY = "success@simulator.amazonses.com"
"""An address that takes every mail and shows it to no one. Source: SES, mailbox simulator."""


@dataclass(frozen=True)
class Letter:
    """A mail without its address; `kind` is what a log may tell of it."""

    kind: Kind
    subject: str
    text: str


def reset(origin: str, token: str) -> Letter:
    """To whoever forgot his password."""
    return _letter(
        "reset",
        "Kata sandi baru untuk Balas",
        "Ada yang meminta kata sandi baru untuk akun Balas Anda. Buka tautan ini dalam 60 menit:",
        f"{origin}/#reset={token}",
        "Tautan ini hanya bisa dipakai sekali. Kalau bukan Anda yang meminta, abaikan e-mail ini: "
        "kata sandi Anda tidak berubah.",
    )


def verify(origin: str, token: str) -> Letter:
    """To a new user."""
    return _letter(
        "verify",
        "Pastikan e-mail Anda untuk Balas",
        "Terima kasih sudah mendaftar. Buka tautan ini dalam 3 hari untuk memastikan e-mail ini milik Anda:",
        f"{origin}/#verify={token}",
        "Kalau Anda tidak mendaftar, abaikan e-mail ini.",
    )


def change_email(origin: str, token: str) -> Letter:
    """To the address that a user wants to have from now on."""
    return _letter(
        "change_email",
        "Pastikan e-mail baru Anda untuk Balas",
        "Ada yang ingin masuk ke akun Balas-nya dengan alamat ini. Kalau itu Anda, buka tautan ini dalam "
        "24 jam:",
        f"{origin}/#verify={token}",
        "Kalau bukan Anda, abaikan e-mail ini: tidak ada yang berubah.",
    )


def email_change_asked(origin: str) -> Letter:
    """To the address that a user wants to give up."""
    return _letter(
        "email_change_asked",
        "E-mail akun Balas Anda akan diganti",
        "Ada yang meminta agar akun Balas Anda memakai alamat e-mail lain. Perubahan berlaku begitu tautan "
        "yang kami kirim ke alamat baru itu dibuka.",
        f"Kalau bukan Anda yang meminta, segera ganti kata sandi Anda: {origin}",
    )


def password_changed(origin: str) -> Letter:
    """To a user whose password was changed, by himself or by a link."""
    return _letter(
        "password_changed",
        "Kata sandi Balas Anda sudah diganti",
        "Kata sandi akun Balas Anda baru saja diganti, dan perangkat lain sudah dikeluarkan.",
        f'Kalau bukan Anda yang menggantinya, segera tekan "Lupa kata sandi?" di {origin}',
    )


def device_down(origin: str, state: str) -> Letter:
    """To the owner of a shop whose WhatsApp device has died in `state`."""
    return _letter(
        "device_down",
        "WhatsApp toko Anda tidak tersambung lagi ke Balas",
        "Sejak beberapa menit lalu pelanggan tidak dibalas AI, karena WhatsApp toko Anda tidak tersambung:",
        next((sentence for code, sentence in whatsapp_session.SENTENCES.items() if code == state), state),
        f"Periksa dan sambungkan lagi di {origin}",
    )


def _letter(kind: Kind, subject: str, *paragraphs: str) -> Letter:
    """Each paragraph is one line: how wide a line is, the reader's screen knows."""
    return Letter(kind, subject, "\n\n".join(("Halo,", *paragraphs, "Balas\n")))
