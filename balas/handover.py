"""Why a chat goes to a human, and the sentence that tells the owner."""

from datetime import timedelta
from typing import Literal, get_args

from balas.errors import ModelFailure
from balas.tenant import ShopProfile

ByCustomer = Literal["complaint", "refund", "human_request", "sensitive", "abuse", "media"]
ByAgent = Literal[
    "unknown_answer", "owner_rule", "mode_off", "order_unclear", "unsafe_reply", "repeated_reply", "bot_loop"
]
ByOwner = Literal["takeover", "human_reply", "owner_phone"]
BySystem = Literal["worker_failed", "quota_used_up", "before_linking"]
Reason = ByCustomer | ByAgent | ModelFailure | ByOwner | BySystem

SENTENCES: dict[Reason, str] = {
    "complaint": "Pelanggan menyampaikan keluhan.",
    "refund": "Pelanggan menanyakan pengembalian uang.",
    "human_request": "Pelanggan minta bicara dengan orang.",
    "sensitive": "Topik sensitif (kesehatan, alergi, hukum, atau uang): perlu dijawab orang.",
    "abuse": "Pelanggan berkata kasar.",
    "media": "Pelanggan mengirim foto, suara, atau berkas yang tidak bisa dibaca AI.",
    "unknown_answer": "AI tidak tahu jawabannya. Jawab, lalu tambahkan ke FAQ supaya lain kali AI tahu.",
    "owner_rule": "Sesuai aturan yang Anda tulis, pesan ini diteruskan ke Anda.",
    "mode_off": "Tugas ini Anda matikan untuk AI.",
    "order_unclear": "AI tidak berhasil mencatat pesanan dengan benar. Cek pesanannya dengan pelanggan.",
    "unsafe_reply": "Jawaban AI ditahan karena memuat harga atau info yang tidak ada di data toko.",
    "repeated_reply": "AI mengulang jawaban yang sama.",
    "bot_loop": "Lawan bicara tampaknya bot: AI berhenti membalas.",
    "model_timeout": "Model AI tidak menjawab tepat waktu.",
    "model_rate_limited": "Model AI sedang menolak karena terlalu banyak permintaan.",
    "model_quota": "Saldo atau kuota model AI habis. Isi ulang di penyedia model.",
    "model_error": "Model AI sedang bermasalah.",
    "model_refused": "Model AI menolak menjawab pesan ini.",
    "model_bad_output": "Model AI memberi jawaban yang tidak bisa dipakai.",
    "model_unauthorized": "Kunci model AI ditolak. Periksa OPENAI_API_KEY.",
    "takeover": "Anda mengambil alih percakapan ini.",
    "human_reply": "Admin membalas dari dasbor.",
    "owner_phone": "Admin membalas dari HP.",
    "worker_failed": "Pesan ini gagal diproses. Balas langsung, lalu periksa log.",
    "quota_used_up": "Batas balasan AI tercapai: kuota bulan ini, atau batas per jam untuk pelanggan ini.",
    "before_linking": "Percakapan ini sudah ada sebelum WhatsApp disambungkan. Lepaskan ke AI kalau boleh.",
}


# The chat stays with the agent, and the owner sees what he should add: one gap is no reason for silence.
FLAGS: frozenset[Reason] = frozenset({"unknown_answer", "media"})

_MODEL_IN_TROUBLE = timedelta(minutes=15)


def resumes_after(reason: Reason, profile: ShopProfile) -> timedelta | None:
    """How long the agent is silent when it hands over; None: until a human lets go of the chat."""
    if reason in get_args(ModelFailure):
        return _MODEL_IN_TROUBLE
    minutes = profile.handover_ends_after_min
    return None if minutes is None else timedelta(minutes=minutes)


def sentence(reason: Reason) -> str:
    """What the owner reads about a hand-over."""
    return SENTENCES[reason]
