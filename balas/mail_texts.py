"""What Balas writes to the people who sign in.

Nothing that a user typed is quoted: whoever registers with another's address could write to him through us.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["reset", "verify", "change_email", "email_change_asked", "password_changed"]

NOBODY = "success@simulator.amazonses.com"
"""An address that takes every mail and shows it to no one. Source: SES, mailbox simulator."""


@dataclass(frozen=True)
class Letter:
    """A mail without its address; `kind` is what a log may tell of it."""

    kind: Kind
    subject: str
    text: str


RESET = """Halo,

Ada yang meminta kata sandi baru untuk akun Balas Anda. Buka tautan ini dalam 60 menit untuk membuatnya:

{link}

Tautan ini hanya bisa dipakai sekali. Kalau bukan Anda yang meminta, abaikan e-mail ini: kata sandi Anda
tidak berubah.

Balas
"""

VERIFY = """Halo,

Terima kasih sudah mendaftar di Balas. Buka tautan ini dalam 3 hari untuk memastikan bahwa e-mail ini
milik Anda:

{link}

Kalau Anda tidak mendaftar, abaikan e-mail ini.

Balas
"""

CHANGE_EMAIL = """Halo,

Ada yang ingin memakai alamat ini untuk masuk ke akun Balas-nya. Kalau itu Anda, buka tautan ini dalam
24 jam:

{link}

Kalau bukan Anda, abaikan e-mail ini: tidak ada yang berubah.

Balas
"""

EMAIL_CHANGE_ASKED = """Halo,

Ada yang meminta agar akun Balas Anda memakai alamat e-mail lain. Perubahan berlaku begitu tautan yang kami
kirim ke alamat baru itu dibuka.

Kalau bukan Anda yang meminta, segera ganti kata sandi Anda di {origin}

Balas
"""

CHANGED = """Halo,

Kata sandi akun Balas Anda baru saja diganti, dan perangkat lain sudah dikeluarkan.

Kalau bukan Anda yang menggantinya, segera minta kata sandi baru lewat "Lupa kata sandi" di {origin}

Balas
"""


def reset(origin: str, token: str) -> Letter:
    """To whoever forgot his password."""
    return Letter("reset", "Kata sandi baru untuk Balas", RESET.format(link=f"{origin}/#reset={token}"))


def verify(origin: str, token: str) -> Letter:
    """To a new user."""
    link = f"{origin}/#verify={token}"
    return Letter("verify", "Pastikan e-mail Anda untuk Balas", VERIFY.format(link=link))


def change_email(origin: str, token: str) -> Letter:
    """To the address that a user wants to have from now on."""
    link = f"{origin}/#verify={token}"
    return Letter("change_email", "Pastikan e-mail baru Anda untuk Balas", CHANGE_EMAIL.format(link=link))


def email_change_asked(origin: str) -> Letter:
    """To the address that a user wants to give up."""
    text = EMAIL_CHANGE_ASKED.format(origin=origin)
    return Letter("email_change_asked", "E-mail akun Balas Anda akan diganti", text)


def password_changed(origin: str) -> Letter:
    """To a user whose password was changed, by himself or by a link."""
    text = CHANGED.format(origin=origin)
    return Letter("password_changed", "Kata sandi Balas Anda sudah diganti", text)
