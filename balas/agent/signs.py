"""What a customer's own words show, whatever a model makes of them: who must be answered by a human.

Only words that leave no doubt stand here. What takes understanding is the model's part; this is the floor
under it.
"""

import re
from typing import Literal

from rapidfuzz import fuzz

from balas.conversation import Kind
from balas.turn import Turn

Serious = Literal["refund", "sensitive", "human_request", "complaint"]

READ_CHARS = 2000  # of each message
_OPEN_TO_US: frozenset[Kind] = frozenset({"text", "sticker", "location", "contact", "poll"})

_NOT = r"(?:tidak|tdk|tak|nggak|ngga|enggak|gak|ga|g|ndak|tra)"
_WANTS = r"(?:mau|mo|pengen|pingin|ingin|minta|tolong|bisa|boleh|sambung\w*|hubung\w*|panggil\w*)"
_PERSON = (
    r"(?:orang(?:nya|\s*asli)?|manusia|admin\w*|cs|owner\w*|pemilik\w*|yg punya|yang punya|operator|bos\w*)"
)
_TALK = r"(?:bicara|ngomong|ngobrol|chat|telp\w*|telepon\w*|sambung\w*|hubung\w*|panggil\w*|ketemu)"

_SIGNS: dict[Serious, tuple[str, ...]] = {
    "refund": (
        r"\brefund\b",
        r"\buang\s*(?:\w+\s+)?(?:di)?(?:kembali|balik)(?!an\b)\w*",
        r"\bpengembalian (?:uang|dana)\b",
        r"\b(?:balik|kembali)(?:in|kan)\s+(?:\w+\s+)?(?:uang|duit|dana)\b",
        r"\b(?:duit|money)\w*\s+(?:\w+\s+)?(?:balik|kembali|back)\b",
        r"\bganti rugi\b",
    ),
    "sensitive": (
        r"\balerg\w+", r"\b(?:hamil|bumil|busui|menyusui|pregnan\w*|breastfeed\w*)\b",
        r"\b(?:diabet\w*|kolesterol|hipertensi|asam urat|asam lambung|maag|gerd|keracunan|kemoterapi)\b",
        r"\b(?:pengacara|somasi|lapor(?:kan|in)? (?:ke )?(?:polisi|bpom|ylki)|tuntut(?:an)?|lawyer)\b",
        r"\b(?:muntah\w*|diare|mencret|sesak na[pf]as|bengkak|ruam|masuk rs|dirawat|keguguran)\b",
    ),
    "human_request": (
        rf"\b{_WANTS}\s+(?:\w+\s+){{0,2}}{_TALK}\s+(?:\w+\s+){{0,3}}{_PERSON}\b",
        rf"\b{_TALK}\s+(?:(?:langsung|sama|sm|ama|dengan|dgn|deng|ke|k|dg)\s+){{1,2}}(?:\w+\s+)?{_PERSON}\b",
        rf"\b(?:sambung|hubung|panggil)\w*\s+(?:\w+\s+){{0,2}}{_PERSON}\b",
        r"\bminta\s+(?:\w+\s+)?(?:orang asli|admin|manusia|cs)\b", r"\b(?:mana|panggil) adminnya\b",
        r"\b(?:talk|speak)\s+(?:to|with)\s+(?:\w+\s+){0,2}(?:human|person|owner|someone|admin|manager)\b",
        r"\b(?:bukan|jangan)\s+(?:sama\s+|dengan\s+|dijawab\s+)?(?:bot|robot)\b",
    ),
    "complaint": (
        r"\b(?:kecewa|mengecewakan|komplain|complain|penipu\w*|ketipu|nipu)\b",
        r"\b(?:basi|busuk|berjamur|jamuran|belatung\w*|kecoa\w*|berulat|lalat)\b",
        r"\b(?:ada|nemu|isinya)\s+(?:\w+\s+){0,2}(?:rambut|ulat|kutu|semut|kerikil|staples)\b",
        r"\bsalah (?:kirim|antar|pesanan|barang|warna|ukuran)\b(?! chat)",
        r"\bpesanan\w*\s+(?:saya\s+|sy\s+)?salah\b",
        r"\b(?:pelayanan|servis)\w*\s+(?:\w+\s+)?(?:buruk|parah|jelek|payah)\b",
    ),
}  # fmt: skip
_NO_COMPLAINT = re.compile(
    rf"\b(?:kalau|kalo|klo|kl|kalaw|misal\w*|seandainya|bagaimana jika|jika|bila|takut\w*|jangan|jgn"
    rf"|tanpa|toko lain"
    rf"|tempat lain|sebelah|biar|supaya|agar|{_NOT}|belum|blm|pernah|bukan|maksud\w*|maaf\w*)\b"
)
_OPT_OUT_WHOLE = re.compile(
    r"(?:(?:kak|min|tolong|please|pls|mohon|sudah|udah|ya)\s+)*"
    r"(?:stop|unsub\w*|unreg|berhenti|opt\s?out"
    r"|(?:stop|berhenti|jangan|jgn|ga usah|gak usah|tidak usah|tdk usah|don'?t|do not|no more)\s+"
    r"(?:(?:di)?(?:kirim\w*|chat\w*|wa\w*|hubung\w*|ganggu\w*|sms\w*|spam\w*|kontak\w*|text\w*"
    r"|messag\w*|contact\w*"
    r"|saya|sy|aku|sa|gue|gw|me|nomor|no|ini|lagi|lg|promo\w*|pesan|iklan|apa|apapun|ke|sini|broadcast"
    r"|bc)\s*)+"
    r"|(?:tolong )?hapus (?:nomor|no) (?:saya|sy|aku|ini))"
    r"(?:\s*(?:ya|kak|min|dong|please|pls|lagi|lg|sini|deh|aja|saja|terima kasih|makasih|thanks|anymore|me))*"
)
_OPT_OUT_HINT = re.compile(
    r"\b(?:stop|berhenti|unsub\w*|jangan|jgn|ga usah|gak usah|tidak usah|tidak mau|ga mau|gak mau|hapus"
    r"|blok\w*|spam"
    r"|don'?t|no more|remove)\b"
)
_STATES = re.compile(r"[.!?;\n]+")


def texts(turn: Turn) -> list[str]:
    """What the customer wrote and nobody has answered yet, in lower case."""
    return [" ".join(m.text[:READ_CHARS].lower().split()) for m in turn.unanswered if m.text.strip()]


def serious(turn: Turn) -> Serious | None:
    """Why a human must answer the customer's words; None when they hold no such sign."""
    said = " . ".join(texts(turn))
    for reason, patterns in _SIGNS.items():
        for pattern in patterns:
            match = re.search(pattern, said)
            if match and not (reason == "complaint" and _is_supposed(said, match)):
                return reason
    return None


def _is_supposed(said: str, match: re.Match[str]) -> bool:
    """Whether the sentence around a complaint's word asks "what if" or denies it, in the words before."""
    start = max((m.end() for m in _STATES.finditer(said, 0, match.start())), default=0)
    return (
        bool(_NO_COMPLAINT.search(said, start, match.start())) or "?" in said[match.end() : match.end() + 40]
    )


def is_opt_out(turn: Turn) -> bool:
    """Whether a whole message of the customer says that he wants no more messages."""
    return any(_OPT_OUT_WHOLE.fullmatch(_bare(text)) for text in texts(turn))


def may_be_opt_out(turn: Turn) -> bool:
    """Whether his words bear out a model that understood them so."""
    return any(_OPT_OUT_HINT.search(text) for text in texts(turn))


def forbidden_topic(text: str, turn: Turn) -> str | None:
    """The topic that the owner forbade and that `text` speaks of."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    for topic in turn.profile.forbidden_topics:
        telling = [word for word in re.findall(r"[^\W\d_]+", topic.lower()) if len(word) >= 4]
        if telling and all(any(_same(word, other) for other in words) for word in telling):
            return topic
    return None


def unread_media(turn: Turn) -> bool:
    """Whether the customer sent what the agent cannot open."""
    return any(m.kind not in _OPEN_TO_US and not _can_open(m.kind, turn) for m in turn.unanswered)


def _can_open(kind: Kind, turn: Turn) -> bool:
    return kind == "image" and bool(turn.pictures)


def _same(word: str, other: str) -> bool:
    return other in {word, f"{word}nya"} or (len(word) >= 6 and fuzz.ratio(word, other) >= 90)


def _bare(text: str) -> str:
    return " ".join(re.findall(r"[\w']+", text))
