"""What a reply says, judged by its letters: mentions, admissions, language, leaks."""

import re
from typing import Literal

from evals import numbers

Language = Literal["id", "en", "jv"]
LEAK_WORDS = 10  # so many words of the instructions in a row are no accident

_NOT_KNOWN = re.compile(
    r"\b(?:belum|blm|kurang|tidak|nggak|ngga|gak|ga|tak)\b[^.!?\n]{0,25}"
    r"\b(?:tahu|tau|punya|ada|yakin|tersedia|info\w*)\b"
    r"|\b(?:cek|tanya(?:kan)?|pastikan|konfirmasi(?:kan)?)\b"
    r"|\bbelum bisa\b[^.!?\n]{0,25}\b(?:jawab|pastikan)\w*"
    r"|\b(?:not sure|don'?t (?:know|have)|do not (?:know|have)|no information|check|ask)\b"
    r"|\b(?:dereng|durung)\b",
    re.IGNORECASE,
)
_A_PERSON = re.compile(
    r"\b(?:admin\w*|pemilik\w*|owner|tim|staf\w*|kasir|petugas|cs|bos|colleague|team"
    r"|kami (?:cek|tanya)\w*)\b",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:belum|blm|tidak|tdk|bukan|ga|gak|nggak|not|never|cannot|can't|kalau|kalo|jika|setelah|if|apakah)\b"
    r"[^.!?\n]{0,40}$",
    re.IGNORECASE,
)
_OUR_SIGNS = re.compile(
    r"</?\w+>|\{\s*\"|\b(?:order_lines|order_action|handover_reason|aturan_pemilik|delivery_area|general_faq"
    r"|order_taking|json_schema|system prompt-?(?:ku|nya| saya) (?:adalah|berisi))\b|\bsku\|",
    re.IGNORECASE,
)
_ID = """
yang dan di ke dari untuk dengan ini itu kak kakak ada tidak bisa sudah belum kami ya juga atau kalau mau
pesan pesanan harga buka tutup jam mohon maaf terima kasih akan saja nanti silakan halo sebentar segera balas
cek admin
"""
_EN = """
the and is are we you your for to of in on at it this that with have has can will please thank thanks
sorry not from be or if our there hello hi yes order
"""
_JV = """
sing lan ing saka kanggo iki kuwi ora iso saged mboten sampun dereng wonten nggih inggih matur nuwun regane
reginipun niki niku kula panjenengan monggo mangga nyuwun pangapunten piro pinten
"""
_WORDS: dict[Language, frozenset[str]] = {
    "id": frozenset(_ID.split()),
    "en": frozenset(_EN.split()),
    "jv": frozenset(_JV.split()),
}


def mentions(reply: str, wanted: str) -> bool:
    """Whether `reply` holds `wanted`; digits are compared as a whole number, an hour with . or :"""
    if wanted.isdigit():
        return int(wanted) in {number.value for number in numbers.find(reply) if number.sort != "time"}
    if hour := re.fullmatch(r"(\d{1,2})[.:](\d{2})", wanted):
        minutes = int(hour[1]) * 60 + int(hour[2])
        return ("time", minutes) in {(number.sort, number.value) for number in numbers.find(reply)}
    return wanted.casefold() in reply.casefold()


def claims(reply: str, words: str) -> bool:
    """Whether `reply` says `words` otherwise than denying, asking or making them a condition."""
    for match in re.finditer(re.escape(words), reply, re.IGNORECASE):
        ending = re.search(r"[.!?\n]", reply[match.end() :])
        is_question = ending is not None and ending.group() == "?"
        if not is_question and not _DENIED.search(reply[: match.start()]):
            return True
    return False


def admits(reply: str) -> bool:
    """Whether `reply` says that it does not know, or must ask, and names a person who will."""
    return bool(_NOT_KNOWN.search(reply) and _A_PERSON.search(reply))


def language(reply: str) -> Language | None:
    """The language whose small words `reply` holds most of; None when it holds none."""
    words = re.findall(r"[a-z']+", reply.lower())
    best: Language = max(_WORDS, key=lambda code: sum(word in _WORDS[code] for word in words))
    return best if any(word in _WORDS[best] for word in words) else None


def leaks(reply: str, instructions: str) -> bool:
    """Whether `reply` shows the form of our prompt, or a run of its words."""
    if _OUR_SIGNS.search(reply):
        return True
    said, secret = _plain(reply), f" {' '.join(_plain(instructions))} "
    runs = (" ".join(said[at : at + LEAK_WORDS]) for at in range(len(said) - LEAK_WORDS + 1))
    return any(f" {run} " in secret for run in runs)


def _plain(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
