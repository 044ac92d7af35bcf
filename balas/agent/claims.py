"""What a reply claims about the shop besides prices, and that the shop's data speak against.

Each check reads one sentence at a time and lets pass what is denied, asked, supposed or left to the admin.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from balas import opening_hours
from balas.agent import names
from balas.agent.names import Mention, Names
from balas.order import Order
from balas.tenant import DAYS, Day, ShopProfile
from balas.turn import Turn

_SENTENCE = re.compile(r"[^.!?\n;]+(?:[.:](?=\d)[^.!?\n;]+|\.(?=\S)[^.!?\n;]*)*[?]?")
_DENIED = re.compile(
    r"\b(?:tidak|tdk|tak|nggak|ngga|enggak|gak|ga|belum|blm|bukan|tanpa|jangan|tanyakan|tanya|dicek|cek"
    r"|pastikan|memastikan"
    r"|teruskan|diteruskan|admin\w*|kalau|kalo|klo|jika|bila|setelah|sesudah|begitu|apakah|apa|mau"
    r"|ingin|nanti|akan"
    r"|no|not|don't|doesn't|didn't|isn't|aren't|can't|cannot|haven't|hasn't|check|ask|if|once|after"
    r"|would|want|unfortunately)\b|\?",
    re.IGNORECASE,
)
_NOT_PROMISED = re.compile(
    r"\b(?:tidak|tdk|tak|nggak|ngga|enggak|gak|ga|belum|blm|bukan|jangan|tanyakan|dicek|pastikan"
    r"|teruskan|diteruskan"
    r"|admin\w*|apakah|no|not|don't|can't|cannot|check|ask)\b|\?",
    re.IGNORECASE,
)
_FILLERS = frozenset({"kakak", "untuk", "yang", "dengan", "hari", "semua", "kami", "akan", "pasti", "segera"})
_SHARED_WORDS = 2
_PROMO = re.compile(
    r"\b(promo|diskon|discount|disc|potongan|cashback|voucher|kupon|gratis|bonus|free|hadiah|undian"
    r"|jackpot|harga (?:teman|karyawan)|giveaway"
    r"|flash sale|cuci gudang|obral)(?:\w{0,3})\b",
    re.IGNORECASE,
)
_ORDER_STATUS = re.compile(
    r"\b(?:pesanan\w*|order\w*|paket\w*|barang\w*|kurir\w*|package|courier)\b.{0,40}\b(?:sudah|telah"
    r"|sedang|lagi|has been|have been|is|was)\b.{0,20}"
    r"\b(?:dikirim|diantar|jalan|sampai|diproses|dikonfirmasi|konfirmasi|selesai|dibuat|disiapkan"
    r"|dimasak|lunas|dalam perjalanan"
    r"|shipped|sent|confirmed|on (?:its|the) way|delivered|paid|processed)\b",
    re.IGNORECASE,
)
_ORDER_DONE = re.compile(
    r"\b(?:pesanan\w*|order\w*)\b.{0,30}\b(?:dikonfirmasi|terkonfirmasi|confirmed|final|masuk sistem"
    r"|berhasil dibuat)\b",
    re.IGNORECASE,
)
_PAID = re.compile(
    r"\b(?:pembayaran\w*|transfer\w*|uang\w*|dana\w*|bayar\w*|dp|payment|money|tf"
    r"|qris)\b.{0,40}\b(?:sudah|telah|udah|has been|was|is|been)\b.{0,25}"
    r"\b(?:masuk|diterima|terima|lunas|terverifikasi|berhasil|kami terima|terkonfirmasi|received"
    r"|confirmed|verified|paid)\b"
    r"|\b(?:sudah|telah|udah)\s+lunas\b|\blunas ya\b",
    re.IGNORECASE,
)
_COMPENSATION = re.compile(
    r"\b(?:(?:kami|aku|saya|we|i)(?:'ll| will| akan| bakal| pasti)?\s+(?:ganti(?:kan|in)?|refund"
    r"|kompensasi|kembalikan|balikin|replace|compensate)"
    r"|(?:uang|dana|duit)\w*\s+(?:\w+\s+){0,3}(?:dikembalikan|kembali|balik)\b|(?:akan|pasti|bakal"
    r"|segera)\s+(?:di)?(?:refund|ganti|kompensasi)\w*"
    r"|refund\s+(?:disetujui|diproses|approved)|full refund|ganti rugi\s+(?:sebesar|penuh)"
    r"|uang kembali 100|money back guarantee)",
    re.IGNORECASE,
)
_SAFE_FOR_HEALTH = re.compile(
    r"\b(?:aman|boleh|safe|bebas|tidak mengandung|tanpa)\b.{0,50}\b(?:alergi\w*|hamil|bumil|busui"
    r"|menyusui|diabet\w*|bayi|balita|asma|maag|kacang|allerg\w*|pregnan\w*)\b"
    r"|\bbebas alerg\w+|\baman (?:di)?(?:konsumsi|pakai|untuk semua|buat semua|untuk siapa)\w*"
    r"|\b(?:menyembuhkan|mengobati|dijamin sembuh|cures?|garansi sembuh)\b",
    re.IGNORECASE,
)
_SEEN = re.compile(
    r"\b(?:di|dari|pada) (?:foto|gambar|video|rekaman|voice note|vn)\w*\b.{0,30}\b(?:terlihat|kelihatan"
    r"|tampak|terdengar|saya lihat|aku lihat|kulihat)\b"
    r"|\b(?:saya|aku|kami) (?:sudah )?(?:lihat|dengar|dengarkan) (?:foto|gambar|video|pesan suara|voice)\w*",
    re.IGNORECASE,
)
_SECRETS = re.compile(
    r"\b(?:pelanggan|customer|pembeli|tetangga\w*) (?:lain\w*|sebelum\w*|kami (?:bernama"
    r"|atas nama))\b.{0,60}\b(?:pesan|order|beli|nomor|alamat|tinggal|utang)\w*"
    r"|\b(?:toko|warung|shop) (?:lain|sebelah|tetangga)\b.{0,40}\b(?:harga|omzet|pelanggan|rekening"
    r"|nomor)\w*|\bomzet\b",
    re.IGNORECASE,
)
_GONE = re.compile(
    r"\b(?:habis|(?:stok\w*|lagi|sedang|masih|sudah) kosong|sold ?out|out of stock|ludes|(?:tidak|belum"
    r"|lagi (?:tidak|ga|gak)|ga|gak|nggak"
    r"|tdk) (?:ada|tersedia|ready))\b",
    re.IGNORECASE,
)
_THERE = re.compile(
    r"\b(?:ready|tersedia|masih ada|ada kak|stok(?:nya)? (?:ada|aman|banyak)|available|in stock"
    r"|bisa dipesan|siap dikirim)\b",
    re.IGNORECASE,
)
_LEFT = re.compile(
    r"\b(?:stok\w*|sisa\w*|tinggal|tersisa)\s*:?\s*(?:(?:kami|masih|cuma|hanya|ada|tinggal|sekitar|sisa"
    r"|yang)\s+)*(\d{1,4})(?![\d.,]*\d)(?!\s*(?:hari|jam|menit|klik))",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r",(?=\s)|\b(?:sedangkan|sementara|tapi|tetapi|namun|kalau|kalo|dan|but|while)\b", re.IGNORECASE
)
_OPEN = re.compile(r"\b(?:buka|open|operasional)\w*\b", re.IGNORECASE)
_SHUT = re.compile(r"\b(?:tutup|libur|closed)\b", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?:\b(?:jam|pukul|at|from|to|sampai|hingga|s/d|until|till)|(?<=\d)[-–]"
    r"|(?<=\d\s)[-–])\s*(\d{1,2})(?:[.:](\d{2}))?\b(?!\s*(?:menit|jam|hari|orang|porsi|rb|ribu|k\b|%"
    r"|pcs))|\b(\d{1,2})[.:](\d{2})\b(?!\d|\.\d)"
)
_DATE = re.compile(r"\b\d{1,4}[-/]\d{1,2}[-/]\d{1,4}\b")
_PART = re.compile(r"^\s*(pagi|siang|sore|malam|am|pm)\b", re.IGNORECASE)
_DAY_WORDS: dict[str, Day] = {
    "senin": "mon", "selasa": "tue", "rabu": "wed", "kamis": "thu", "jumat": "fri", "sabtu": "sat",
    "minggu": "sun", "monday": "mon", "tuesday": "tue", "wednesday": "wed", "thursday": "thu", "friday":
    "fri", "saturday": "sat", "sunday": "sun",
}  # fmt: skip
_DAY = re.compile(
    rf"\b(?:hari\s+)?({'|'.join(_DAY_WORDS)}|besok|lusa|hari ini|sekarang|tomorrow|today|now)\b",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\s*(?:-|–|sampai|s/d|sd|hingga|to|until)\s*(?:hari\s+)?", re.IGNORECASE)
_EVERY_DAY = re.compile(r"\b(?:setiap hari|tiap hari|24 jam|every ?day|24/7|non-?stop)\b", re.IGNORECASE)


def sentences(reply: str) -> Iterator[str]:
    """The sentences of a reply; a dot inside a number or an hour ends none."""
    return (match.group() for match in _SENTENCE.finditer(names.without_markup(reply)))


def promos(reply: str, turn: Turn) -> list[str]:
    """Promotions that the owner never wrote of."""
    return _promises(reply, turn, _PROMO, _same_promo)


def orders(reply: str, turn: Turn, order: Order | None) -> list[str]:
    """Claims about orders and payments that only a human can know; `order` is what this turn leads to."""
    found = [*_plain(reply, turn, _PAID), *_plain(reply, turn, _ORDER_STATUS)]
    return found if order is not None else [*found, *_plain(reply, turn, _ORDER_DONE)]


def promises(reply: str, turn: Turn) -> list[str]:
    """Compensation, healing and health assurances, and talk of what nobody showed or may tell."""
    found = [
        *_promises(reply, turn, _COMPENSATION, _in_one_fact),
        *_promises(reply, turn, _SAFE_FOR_HEALTH, _in_one_fact),
    ]
    found += [] if turn.pictures else _plain(reply, turn, _SEEN)
    return [*found, *_plain(reply, turn, _SECRETS)]


def stock(reply: str, index: Names) -> list[str]:
    """Words about stock that are not so: "ready" of what is gone, "habis" of what is there, a wrong count."""
    return [
        text
        for sentence in sentences(reply)
        for clause in _CLAUSE.split(sentence)
        for text in _stock(clause, index)
    ]


def hours(reply: str, turn: Turn, now: datetime) -> list[str]:
    """Opening hours and days that are not the shop's."""
    profile = turn.profile
    if not any(profile.hours.values()):
        return []
    known = _known_clocks(turn)
    found = list[str]()
    for sentence in sentences(reply):
        if _OPEN.search(sentence) or _SHUT.search(sentence):
            found += [text for text, clocks in _clocks(sentence) if not clocks & known]
            found += _wrong_days(sentence, profile, now)
    return found


def _plain(reply: str, turn: Turn, pattern: re.Pattern[str]) -> list[str]:
    known = " ".join(turn.facts).lower()
    found = [(s, m) for s in sentences(reply) if (m := pattern.search(s))]
    return [
        m.group() for s, m in found if not _DENIED.search(s) and m.group().split()[-1].lower() not in known
    ]


def _promises(
    reply: str, turn: Turn, pattern: re.Pattern[str], backs: Callable[[str, re.Match[str], str], bool]
) -> list[str]:
    excuse = _DENIED if pattern is _PROMO else _NOT_PROMISED
    facts = [fact.lower() for fact in (*names.fact_texts(turn), *turn.profile.handover_rules)]
    found = [(s, m) for s in sentences(reply) for m in pattern.finditer(s)]
    return [
        m.group() for s, m in found
        if not excuse.search(s) and not any(backs(fact, m, s.lower()) for fact in facts)
    ]  # fmt: skip


def _same_promo(fact: str, match: re.Match[str], sentence: str) -> bool:
    """Whether the owner wrote the same word about the same thing."""
    word = match[1].lower()
    telling = set(re.findall(r"[^\W\d_]{4,}", sentence)) - _FILLERS - {word}
    shared = sum(other in fact for other in telling)
    return word in fact and shared >= min(_SHARED_WORDS, len(telling))


def _in_one_fact(fact: str, match: re.Match[str], sentence: str) -> bool:
    """Whether one of the owner's texts says all that is promised, and speaks of the same thing."""
    telling = set(re.findall(r"[^\W\d_]{4,}", match.group().lower())) - _FILLERS
    near = set(re.findall(r"[^\W\d_]{4,}", sentence)) - _FILLERS
    return all(word[:5] in fact for word in telling) and sum(word in fact for word in near) >= _SHARED_WORDS


def _stock(clause: str, index: Names) -> Iterator[str]:
    mentions = [m for m in index.find(clause, 0, len(clause)) if m.is_clear and m.products]
    if not mentions:
        return
    products = {product for mention in mentions for product in mention.products}
    is_gone, is_there = _GONE.search(clause), _THERE.search(clause)
    if is_gone and all(product.stock != 0 for product in products) and _is_about(is_gone, mentions):
        yield is_gone.group()
    if is_there and not is_gone and all(product.stock == 0 for product in products):
        yield is_there.group()
    counts = {product.stock for product in products}
    yield from (m.group() for m in _LEFT.finditer(clause) if None not in counts and int(m[1]) not in counts)


def _is_about(word: re.Match[str], mentions: list[Mention]) -> bool:
    """Whether "habis" follows the item it may be about ("ayam habis"), not a question or an adverb."""
    return any(m.end <= word.start() for m in mentions) and not re.match(
        r"\s*(?:in|kan)\b", word.string[word.end() :]
    )


def _known_clocks(turn: Turn) -> set[tuple[int, int]]:
    """The times that the hours, the owner's texts and the customer speak of."""
    spans = [clock for spans in turn.profile.hours.values() for span in spans for clock in span]
    known = {(int(clock[:2]) % 24, int(clock[3:5])) for clock in spans}
    said = [m.text[:500] for m in (*turn.unanswered, *turn.recent[-4:]) if m.author == "contact"]
    for text in (*names.fact_texts(turn), turn.profile.outside_hours_message, *said):
        known |= {clock for _, clocks in _clocks(text) for clock in clocks}
    return known


def _clocks(text: str) -> Iterator[tuple[str, set[tuple[int, int]]]]:
    text = _DATE.sub(" ", text)
    for match in _CLOCK.finditer(text):
        hour, minute = int(match[1] or match[3]), int(match[2] or match[4] or 0)
        if hour > 24 or minute > 59:
            continue
        part = _PART.match(text, match.end())
        is_late = (part and part[1].lower() in {"sore", "malam", "pm"}) or (
            part and part[1].lower() == "siang" and hour < 6
        )
        hours = {(hour + 12) % 24 if is_late and hour < 12 else hour % 24}
        yield match.group(), {(each, minute) for each in hours}


def _wrong_days(sentence: str, profile: ShopProfile, now: datetime) -> Iterator[str]:
    for clause in re.split(
        r",(?=\s)|\b(?:tapi|tetapi|sedangkan|kecuali|but|except)\b", sentence, flags=re.IGNORECASE
    ):
        opens, shuts = _OPEN.search(clause), _SHUT.search(clause)
        if bool(opens) == bool(shuts) or _DENIED.search(clause):
            continue
        if opens and _EVERY_DAY.search(clause) and not _is_kept(clause, profile):
            yield clause.strip()
            continue
        named = _days(clause, profile, now)
        if opens and len(named) == 1 and profile.hours.get(named[0]) and _misses(clause, named[0], profile):
            yield clause.strip()
            continue
        for day in named:
            is_open = bool(profile.hours.get(day))
            if is_open != bool(opens):
                yield clause.strip()
                break
        if re.search(r"\b(?:sekarang|now|saat ini)\b", clause, re.IGNORECASE):
            is_open_now = opening_hours.closes_at(profile, now) is not None
            if is_open_now != bool(opens) and not re.search(r"\b(?:lagi|again)\b", clause):
                yield clause.strip()


def _misses(clause: str, day: Day, profile: ShopProfile) -> bool:
    """Whether a clause about one day names an hour that is neither its opening nor its closing."""
    ends = {(int(clock[:2]) % 24, int(clock[3:5])) for span in profile.hours[day] for clock in span}
    return any(not clocks & ends for _, clocks in _clocks(clause))


def _is_kept(clause: str, profile: ShopProfile) -> bool:
    if re.search(r"24", clause):
        return all(any(a in {"00:00", "0:00"} for a, _ in profile.hours.get(day, ())) for day in DAYS)
    return all(profile.hours.get(day) for day in DAYS)


def _days(clause: str, profile: ShopProfile, now: datetime) -> list[Day]:
    """The days that a clause speaks of; "Senin-Jumat" is all five."""
    found = [m for m in _DAY.finditer(clause) if not _is_a_week(clause, m)]
    days = list[Day]()
    for at, match in enumerate(found):
        day = _day(match[1].lower(), profile, now)
        is_end = at > 0 and days and day and _RANGE.fullmatch(clause, found[at - 1].end(), match.start())
        if day and is_end:
            first, last = DAYS.index(days[-1]), DAYS.index(day)
            days.extend(DAYS[n % len(DAYS)] for n in range(first, (last if last >= first else last + 7) + 1))
        if day:
            days.append(day)
    return days


def _is_a_week(clause: str, match: re.Match[str]) -> bool:
    """ "1 minggu", "seminggu", "malam minggu": not Sunday."""
    return (
        match[1].lower() == "minggu"
        and bool(re.search(r"(?:\d|malam|tiap|per|beberapa)\s*$", clause[: match.start()]))
        and "hari" not in match.group().lower()
    )


def _day(word: str, profile: ShopProfile, now: datetime) -> Day | None:
    ahead = {"hari ini": 0, "today": 0, "besok": 1, "tomorrow": 1, "lusa": 2}
    if word in ahead:
        return opening_hours.day_of(opening_hours.local(profile, now) + timedelta(days=ahead[word]))
    return _DAY_WORDS.get(word)
