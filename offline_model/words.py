"""Indonesian as customers type it, made plain: lower case, slang spelt out, numbers as figures."""

import re

from rapidfuzz import fuzz

_SLANG = {
    "brp": "berapa", "brapa": "berapa", "brpa": "berapa", "berapaan": "berapa", "hrg": "harga", "hrga": "harga",
    "ga": "tidak", "gak": "tidak", "gk": "tidak", "g": "tidak", "nggak": "tidak", "ngga": "tidak", "enggak": "tidak",
    "engga": "tidak", "tdk": "tidak", "tak": "tidak", "kagak": "tidak", "ndak": "tidak", "blm": "belum",
    "belom": "belum", "udah": "sudah", "udh": "sudah", "dah": "sudah", "sdh": "sudah", "yg": "yang", "dgn": "dengan",
    "sm": "sama", "ama": "sama", "dn": "dan", "utk": "untuk", "buat": "untuk", "bwt": "untuk", "krn": "karena",
    "jg": "juga", "aja": "saja", "aj": "saja", "doang": "saja", "bs": "bisa", "bsa": "bisa", "ad": "ada",
    "adakah": "ada", "msh": "masih", "ready": "ada", "redi": "ada", "dmn": "di mana", "dimana": "di mana",
    "gmn": "bagaimana", "gimana": "bagaimana", "knp": "kenapa", "kpn": "kapan", "jm": "jam", "smp": "sampai",
    "sampe": "sampai", "ampe": "sampai", "nyampe": "sampai", "pesen": "pesan", "psn": "pesan", "order": "pesan",
    "pesenan": "pesanan", "orderan": "pesanan", "mo": "mau", "mw": "mau", "pengen": "mau", "pingin": "mau",
    "pgn": "mau", "pake": "pakai", "pke": "pakai", "jgn": "jangan", "bgt": "banget", "bngt": "banget",
    "makasih": "terima kasih", "makasi": "terima kasih", "mksh": "terima kasih", "trims": "terima kasih",
    "tks": "terima kasih", "thanks": "terima kasih", "thx": "terima kasih", "jd": "jadi", "jadiin": "jadi",
    "jadikan": "jadi", "dijadiin": "jadi", "menjadi": "jadi", "diganti": "ganti", "gantiin": "ganti", "tuker": "tukar",
    "tambahin": "tambah", "tambahkan": "tambah", "nambah": "tambah", "tmbh": "tambah", "hapusin": "hapus",
    "dihapus": "hapus", "hilangin": "hapus", "hilangkan": "hapus", "cancel": "batal", "batalin": "batal",
    "batalkan": "batal", "dibatalin": "batal", "dibatalkan": "batal", "tf": "transfer", "trf": "transfer",
    "norek": "rekening", "alamatnya": "alamat", "lokasinya": "lokasi", "harganya": "harga", "bukanya": "buka",
    "tutupnya": "tutup", "ongkirnya": "ongkir", "anter": "antar", "dianter": "antar", "diantar": "antar",
    "dikirim": "kirim", "ngirim": "kirim", "bukak": "buka", "dr": "dari", "kmrn": "kemarin", "hr": "hari",
    "mgg": "minggu", "ahad": "minggu", "jumat": "jumat", "jum'at": "jumat", "org": "orang", "duit": "uang",
    "komplen": "komplain", "lg": "lagi", "iya": "ya", "iyaa": "ya", "yaa": "ya", "yoi": "ya", "y": "ya", "ok": "oke",
    "okee": "oke", "okay": "oke", "okeh": "oke", "bener": "benar", "betull": "betul", "nasgor": "nasi goreng",
    "migor": "mie goreng", "esteh": "es teh", "mi": "mie", "bakmi": "mie", "mkn": "makan", "mnm": "minum",
}  # fmt: skip
_NUMBERS = {
    "satu": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5, "enam": 6, "tujuh": 7, "delapan": 8, "sembilan": 9,
    "sepuluh": 10, "sebelas": 11, "selusin": 12, "seporsi": 1, "sebungkus": 1, "segelas": 1, "sepiring": 1,
    "semangkok": 1, "sekotak": 1, "sebuah": 1, "sebiji": 1,
}  # fmt: skip
_FILLERS = frozenset(["kak", "kakak", "ka", "min", "gan", "sis", "bang", "bu", "pak", "mbak", "mas", "dong", "donk",
    "deh", "nih", "sih", "ya", "yah", "tolong", "halo", "hai"])  # fmt: skip


def plain(text: str) -> str:
    """`text` in plain words: "2nasgor brp yaaa" becomes "2 nasi goreng berapa ya"."""
    text = re.sub(r"([a-z])\1{2,}", r"\1", text[:2000].lower())
    text = re.sub(r"(?<=\d)\s?x\b|\bx\s?(?=\d)", " ", text)
    text = re.sub(r"(?<=\d)(?=[a-z])(?!(?:rb|k|ribu|jt)\b)|(?<=[a-z]{3})(?=\d)", " ", text)
    return " ".join(_word(word) for word in re.findall(r"[^\W_]+", text))


def _word(word: str) -> str:
    word = _SLANG.get(word, word)
    return str(_NUMBERS.get(word, word))


def content(text: str) -> str:
    """`text` without words of address and politeness."""
    return " ".join(word for word in text.split() if word not in _FILLERS)


def alike(one: str, other: str) -> bool:
    """Whether two words are the same but for a slip of the finger; short words must be equal."""
    if one == other:
        return True
    return min(len(one), len(other)) > 4 and one[0] == other[0] and fuzz.ratio(one, other) >= 82
