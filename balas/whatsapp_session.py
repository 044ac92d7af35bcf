"""A shop's link to WhatsApp: its states, the reasons for them, and the sentence that the owner reads."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NewType
from uuid import UUID

SessionId = NewType("SessionId", UUID)
AttemptId = NewType("AttemptId", UUID)

State = Literal[
    "disconnected", "linking", "connected", "reconnecting",
    "logged_out", "banned", "replaced", "link_expired", "failed",
]  # fmt: skip
Method = Literal["qr", "code"]
Wanted = Literal["on", "off"]

STOPPED_STATES: frozenset[State] = frozenset({"logged_out", "banned", "replaced", "link_expired", "failed"})

# By our own reasons, and by state for those that WhatsApp makes up.
SENTENCES: dict[str, str] = {
    "disconnected": "Belum ada WhatsApp yang tersambung. Tekan Sambungkan untuk memulai.",
    "linking": "Menunggu QR dipindai, atau kode dimasukkan, di HP toko.",
    "connected": "WhatsApp toko tersambung.",
    "reconnecting": "Sambungan sedang dipulihkan; pesan yang masuk ditampung WhatsApp.",
    "logged_out": "Perangkat ini dikeluarkan dari HP. Sambungkan lagi lewat QR.",
    "banned": "WhatsApp membatasi nomor ini untuk sementara. Tunggu sampai selesai, lalu sambungkan lagi.",
    "replaced": "Sambungan ini dipakai di tempat lain. Sambungkan lagi kalau itu bukan Anda.",
    "link_expired": "QR tidak dipindai tepat waktu. Tekan Sambungkan untuk QR baru.",
    "failed": "Sambungan gagal. Coba sambungkan lagi.",
    "account_taken": "Nomor WhatsApp ini sudah tersambung ke toko lain di Balas. Putuskan dulu dari sana.",
    "client_outdated": "WhatsApp menolak versi perangkat ini. Kami perlu memperbarui Balas; coba lagi nanti.",
    "unreachable_logout": "Perangkat tidak terjangkau. Hapus perangkat di HP: WhatsApp > Perangkat tertaut.",
    "whatsapp_unreachable": "WhatsApp tidak bisa dihubungi dari server kami. Coba lagi beberapa saat lagi.",
    "pairing_failed": "WhatsApp menolak penautan. Coba lagi, pakai kode penautan, atau tunggu beberapa saat.",
}


@dataclass(frozen=True)
class WhatsappSession:
    """`jid` is the device's full JID, `lid` and `phone` the user parts of the account's."""

    id: SessionId
    wanted: Wanted
    state: State
    reason: str | None
    attempt_id: AttemptId | None
    method: Method | None
    qr: str | None
    qr_expires_at: datetime | None
    pair_code: str | None
    jid: str | None
    lid: str | None
    phone: str | None
    last_seen_at: datetime | None


def sentence(state: State, reason: str | None) -> str:
    """What the owner reads, in Indonesian."""
    return SENTENCES.get(reason or "", SENTENCES[state])
