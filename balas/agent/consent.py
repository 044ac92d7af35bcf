"""Whether the customer's own words bear out what a model wants to do with the order.

Generous, for a read-back follows: this stops orders that nobody asked for, not every misunderstanding.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from balas import rupiah
from balas.agent import language
from balas.catalog import Product
from balas.conversation import Message
from balas.order import MAX_QTY, Order
from balas.turn import Turn

_READ_CHARS = 2000
_RECENT = 8
_FEW = 12  # of an item may be wanted in words that hold no number we know
_NAMED = 75  # percent
_UNITS = frozenset({
    "kg", "gram", "liter", "pcs", "pak", "pack", "dus", "box", "ukuran", "isi", "paket",
    "lembar", "buah", "per", "dan", "dengan", "rasa", "porsi",
})  # fmt: skip
_MEASURE = re.compile(
    r"\b\d+(?:[.,]\d+)?\s*(?:ml|kg|g|gr|gram|l|lt|ltr|liter|cm|mm|s|w|mah|gb|m"
    r"|x\s*\d+)\b|\d+\s*%"
)
_SMUGGLED = re.compile(
    r"<(\w+)[^>]*>.*?</\1>|<[^>]*>|\{[^}]*\}?|\[(?:system|sistem|admin|owner|override|mode|bot"
    r"|ai)\b[^\]]*\]?[^.\n]*"
    r"|\b(?:system|sistem|assistant|developer|prompt|override)\b[^.:\n]{0,25}[:=][^.\n]*|\border_(?:lines"
    r"|action)\b[^.\n]*"
    r"|\banggap\b[^.\n]*|\b(?:abaikan|ignore|lupakan)\b[^.\n]*\b(?:aturan|instruksi|perintah|rules?|instructions?"
    r"|previous)\b[^.\n]*",
    re.IGNORECASE,
)
_ASSENT = re.compile(
    r"\b(?:y|ya+|iya+|iyo+|yoi|yup|yes|yess|yep|yeah|ok+|oke+y?|okay|okee|okeh|sip+|siap|betul|btul"
    r"|bener|benar|bnr|deal|fix|setuju"
    r"|lanjut\w*|gas+|gaskeun|konfirm\w*|confirm\w*|correct|right|sure|sesuai|cocok|jadi|proses\w*"
    r"|boleh|mantap|sudah"
    r"|udah|su|dah|nggih|inggih|njih|enggih|leres|bungkus|kirim\w*|antar\w*|perfect|great|please|pls"
    r"|cus+|gpp|gapapa)\b"
    r"|[👍✅👌🙏🆗💯]",
    re.IGNORECASE,
)
_PAID = re.compile(r"\b(?:lunas\w*|terbayar|paid)\b", re.IGNORECASE)
_DROPS = re.compile(
    r"\b(?:batal\w*|dibatal\w*|cancel\w*|urung|hapus\w*|skip|nanti|ntar|lain kali|sorry|maaf|stop"
    r"|jangan|never ?mind|forget it|kosongin"
    r"|(?:tidak|tdk|tak|nggak|ngga|enggak|gak|ga|g|tra|ndak|ora|not|don'?t"
    r"|no)\b(?:\s+\w+){0,2}\s*(?:jadi|usah|pesan|mau|order|beli|sido|want|need)?)"
    r"|\b(?:trausah|gajadi|gausah|tdkjadi)\b",
    re.IGNORECASE,
)
_ORDERS = re.compile(
    r"\b(?:pes[ae]n\w*|order\w*|psn|beli\w*|mau|mo|mw|minta|ambil\w*|bungkus\w*|tambah\w*|tmbh|ganti\w*"
    r"|gnti|jadi\w*|jd\w*|tukar\w*|tuker\w*"
    r"|kurang\w*|kurangi|hapus\w*|batal\w*|cancel\w*|pake|pakai|kirim\w*|antar\w*|anter\w*|bikin\w*"
    r"|catat\w*|cukup|aja|saja|get|want"
    r"|like|have|add|remove|change|make|take|need|booking|titip|sisain|keep|tumbas|nyuwun|hoyong|pengen"
    r"|pgn|coba|plus|sama|sm"
    r"|masukin|checkout|co|di(?:antar|kirim|ambil)|lagi|atas nama|alamat\w*|jl|jln|jalan|note|catatan"
    r"|tanpa|jangan|extra|ekstra"
    r"|instead|deliver\w*|pick\w*|dine|double|dobel|total\w*|semua\w*)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\?|\b(?:berapa\w*|brp\w*|brapa\w*|harga\w*|hrg|ada|apa\w*|gimana|gmn|bagaimana|kapan|dimana|mana"
    r"|how much|what|which|price)\b",
    re.IGNORECASE,
)
_NUMBERS = {
    "satu": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5, "enam": 6, "tujuh": 7, "delapan": 8,
    "sembilan": 9, "sepuluh": 10, "sebelas": 11, "selusin": 12, "lusin": 12, "kodi": 20, "sekodi": 20,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "dozen": 12, "couple": 2, "belas": 10, "puluh": 10, "ratus": 100, "seratus": 100, "rim":
    500, "gross": 144, "siji": 1, "loro": 2, "rong": 2, "telu": 3, "telung": 3, "papat": 4, "limo": 5,
    "hiji": 1, "tilu": 3, "opat": 4, "berdua": 2, "bertiga": 3, "berempat": 4,
}  # fmt: skip


def own_words(messages: Sequence[Message]) -> str:
    """What the customer himself typed in `messages`, without text that poses as somebody else's."""
    typed = [m.text[:_READ_CHARS] for m in messages if m.author == "contact" and m.kind in {"text", "image"}]
    return _SMUGGLED.sub(" ", "\n".join(typed)).lower()


def wants_order(turn: Turn, after: Order) -> bool:
    """Whether the customer may have asked for what makes `after` of the draft."""
    said = own_words(turn.unanswered)
    if not _speaks_of_ordering(said):
        return False
    before = {line.sku: line.qty for line in turn.draft_order.lines} if turn.draft_order else {}
    qty = dict[str, int]()
    for line in after.lines:
        qty[line.sku] = qty.get(line.sku, 0) + line.qty
    grown = {sku: n for sku, n in qty.items() if n > before.get(sku, 0)}
    if not grown:
        return True
    heard = f"{said}\n{own_words(turn.recent[-_RECENT:])}"
    shown = f"{heard}\n{_last_said(turn)}"
    by_sku = {product.sku: product for product in turn.products}
    most, is_foreign = _most(shown), language.of(heard) != "id"
    return all(
        (is_foreign or sku in before or names(shown, by_sku[sku])) and n <= before.get(sku, 0) + most
        for sku, n in grown.items()
    )


def agrees(turn: Turn) -> bool:
    """Whether the customer says yes to what was read back to him, and not also that it is paid for: a
    confirmation could then be read as our receipt, and only the owner sees the money."""
    said = own_words(turn.unanswered)
    return bool(_ASSENT.search(said)) and not _PAID.search(said)


def drops(turn: Turn) -> bool:
    """Whether the customer takes his order back."""
    return bool(_DROPS.search(own_words(turn.unanswered)))


def was_read_back(draft: Order, recent: Sequence[Message]) -> bool:
    """Whether one of our own messages showed the customer this very order with its total."""
    return any(m.direction == "out" and _shows(draft, m.text) for m in recent)


def names(text: str, product: Product) -> bool:
    """Whether `text` may name the product: a word of its names, typos and blends ("nasgor") included."""
    said = set(re.findall(r"[^\W_]+", text))
    for name in (product.name, *product.aliases):
        words = re.findall(r"[^\W_]+", name.lower())
        telling = [word for word in words if word.isalpha() and word not in _UNITS and len(word) > 2] or words
        blends = [re.compile(_blend(a, b)) for a, b in pairwise(words)]
        if any(_alike(word, other) for word in telling for other in said):
            return True
        if any(blend.fullmatch(other) for blend in blends for other in said):
            return True
    return False


def is_own_text(text: str, turn: Turn) -> bool:
    """Whether `text` stands in the customer's own messages, more or less."""
    said = own_words([*turn.recent, *turn.unanswered])
    return bool(said) and fuzz.partial_ratio(" ".join(text.lower().split()), said) >= _NAMED


def _speaks_of_ordering(said: str) -> bool:
    """A bare question ("nasgor berapa?") orders nothing; a number, a yes or a verb may."""
    if not said.strip():
        return False
    is_plain = _ORDERS.search(said) or _ASSENT.search(said) or _numbers(_MEASURE.sub(" ", said))
    return bool(is_plain) or not _ASKS.search(said)


def _last_said(turn: Turn) -> str:
    return "\n".join([m.text[:_READ_CHARS].lower() for m in turn.recent if m.direction == "out"][-2:])


def _numbers(said: str) -> list[int]:
    figures = [int(n) for n in re.findall(r"(?<![\d.,])\d{1,3}(?![\d.,]*\d)", said)]
    return figures + [_NUMBERS[word] for word in re.findall(r"[a-z]+", said) if word in _NUMBERS]


def _most(said: str) -> int:
    """The most that his numbers can come to: their sum, or two of them multiplied ("2 lusin")."""
    if re.search(r"\b(?:semua|sisa|all|rest)", said):
        return MAX_QTY
    numbers = sorted(_numbers(said))[-6:]
    return max(_FEW, sum(numbers), *(a * b for a in numbers[-2:-1] for b in numbers[-1:]))


def _shows(draft: Order, text: str) -> bool:
    said = text.lower()
    sums = {amount.value for amount in rupiah.amounts(text)}
    return bool(sums & {draft.total, draft.total - (draft.delivery_fee or 0)}) and all(
        fuzz.partial_ratio(line.name.lower(), said) >= _NAMED for line in draft.lines
    )


def _blend(one: str, other: str) -> str:
    """The pattern of what people make of two words: "nasgor" and "kopsu"."""
    return rf"{re.escape(one[:2])}{_maybe(one[2:4])}{re.escape(other[:2])}{_maybe(other[2:])}(?:nya)?"


def _maybe(letters: str) -> str:
    return "".join(f"(?:{re.escape(letter)}" for letter in letters) + ")?" * len(letters)


def _alike(word: str, other: str) -> bool:
    if word == other or other in {f"{word}nya", f"{word}s"}:
        return True
    if len(word) < 4 or len(other) < 4:
        return word == other or (len(word) == len(other) == 3 and OSA.distance(word, other) == 1)
    return word in other or other in word or fuzz.ratio(word, other) >= _NAMED
