"""The answer to a chat: warm, short, and made of nothing but the prompt's own facts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from offline_model import faq, intents, items, orders, words
from offline_model.items import Found
from offline_model.prompt_reader import Item, Line, Scene, read

_DAYS = ("senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu")
_LISTED = 12
_FALLBACK = "Maaf kak, aku belum tahu soal itu 🙏 Aku tanyakan ke admin dulu ya, nanti segera dibalas."
_TO_HUMAN = {
    "opt_out": ("opt_out", "opt_out", None, "Baik kak, kami tidak akan mengirim pesan lagi. Maaf sudah mengganggu ya 🙏"),
    "complaint": ("complaint", "complaint", "complaint", "Waduh, mohon maaf banget ya kak 🙏 Kami paham ini mengecewakan. "
                  "Keluhan kakak langsung aku teruskan ke admin supaya segera dibantu ya."),
    "refund": ("refund", "refund", "refund", "Mohon maaf ya kak 🙏 Soal pengembalian uang aku teruskan ke admin, "
               "nanti langsung dibantu ya."),
    "human": ("human_request", "human", "human_request", "Siap kak, aku sambungkan ke admin ya. Mohon ditunggu sebentar 🙏"),
    "sensitive": ("sensitive", "sensitive", "sensitive", "Terima kasih sudah cerita kak 🙏 Supaya aman, soal ini biar admin "
                  "yang jawab langsung ya. Aku teruskan sekarang."),
    "abuse": ("abuse", "complaint", "abuse", "Maaf ya kak kalau ada yang kurang berkenan 🙏 Aku sambungkan ke admin ya."),
}  # fmt: skip


@dataclass
class _Answer:
    """An answer while it is being put together."""

    parts: list[str] = field(default_factory=list[str])
    tags: list[str] = field(default_factory=list[str])
    sources: list[str] = field(default_factory=list[str])
    intent: str = "other"
    mode: str = "general_faq"
    lines: tuple[Line, ...] = ()
    action: str = "none"
    area: str | None = None
    reason: str | None = None
    confidence: float = 0.9

    def say(self, text: str, intent: str, tag: str = "", source: str = "") -> None:
        """Adds a piece; the first one names the intent."""
        self.intent = intent if not self.parts else self.intent
        self.parts.append(text)
        self.tags += [tag] if tag else []
        self.sources += [source] if source else []


def answer(messages: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """The JSON object that the schema asks for."""
    scene = read(messages)
    draft = _Answer()
    text = words.plain(" ".join(bubble.text for bubble in scene.waiting))
    signs = intents.of(text)
    serious = next((sign for sign in _TO_HUMAN if sign in signs), None)
    if serious:
        draft.intent, tag, draft.reason, reply = _TO_HUMAN[serious]
        draft.parts, draft.tags = [reply], [tag]
        draft.mode = "complaint" if serious == "complaint" else "general_faq"
    else:
        _everyday(scene, text, signs, draft)
    return _wire(draft, signs)


def _everyday(scene: Scene, text: str, signs: frozenset[str], draft: _Answer) -> None:
    found = items.find(text, scene.menu)
    draft.area = _area(scene, text, signs)
    is_order = _order(scene, text, signs, found, draft)
    if not is_order:
        _about_items(scene, signs, found, draft)
    _about_shop(scene, text, signs, draft, is_order=is_order)
    if not draft.parts:
        _small_talk(scene, text, signs, found, draft)
    _media(scene, draft)
    if "greeting" in signs and draft.intent != "greeting":
        draft.parts[0] = f"Halo kak! {draft.parts[0]}"


# --- orders ---


def _order(scene: Scene, text: str, signs: frozenset[str], found: Sequence[Found], draft: _Answer) -> bool:
    """Handles the message as an order when it is one."""
    if "order_taking" in scene.off:
        return _order_is_off(signs, found, draft)
    if scene.draft and not found and "cancel" in signs:
        draft.action, draft.mode = "cancel", "order_taking"
        draft.say(
            "Oke kak, pesanannya aku batalkan ya. Kalau mau pesan lagi tinggal chat aja 😊",
            "order_cancel",
            "order",
        )
        return True
    if scene.draft and not found and "confirm" in signs:
        draft.action, draft.mode = "confirm", "order_taking"
        draft.say("Siap, terima kasih kak! 😊", "order_confirm", "order")
        return True
    found, text = _referred(scene, text, signs, found)
    change = orders.change(scene, text, found) if _wants(scene, text, signs, found) else None
    if change:
        _changed(scene, change, found, draft)
    elif draft.area and scene.draft and "price" not in signs:
        _where_to(scene, draft)
    return draft.mode == "order_taking"


def _order_is_off(signs: frozenset[str], found: Sequence[Found], draft: _Answer) -> bool:
    if not found or "order" not in signs or "asking" in signs:
        return False
    draft.mode, draft.reason = "order_taking", "owner_rule"
    draft.say(
        "Untuk pesanan dibantu langsung sama admin ya kak, aku teruskan sekarang 🙏", "order_new", "order"
    )
    return True


def _wants(scene: Scene, text: str, signs: frozenset[str], found: Sequence[Found]) -> bool:
    marked = items.marked(text, found)
    has_number, has_verb = "#" in marked, "order" in signs
    if not found:
        return bool(scene.draft and has_number and re.search(r"\b(?:jadi|ganti|tambah|ubah)\b", text)) or (
            bool(scene.draft) and bool(re.search(r"\btambah\b.*\blagi\b", text))
        )
    if scene.draft and re.search(
        r"\b(?:hapus|batal|ganti|tukar|tambah|tidak jadi|tidak usah|jadi|buang)\b", text
    ):
        return True
    if has_number and has_verb:
        return True
    is_question = bool(signs & {"price", "stock", "asking", "promo"})
    return (has_number or has_verb) and not is_question


def _referred(
    scene: Scene, text: str, signs: frozenset[str], found: Sequence[Found]
) -> tuple[Sequence[Found], str]:
    """For "itu 2 ya": the one item that the chat spoke of last, put into the text."""
    points = re.search(r"\b(?:itu|nya|tadi|yang itu)\b", text) or re.fullmatch(
        r"(?:\w+ )?\d+(?: \w+){0,2}", text
    )
    if (
        found
        or not points
        or not ("order" in signs or re.search(r"\d", text))
        or re.search(r"\bjadi\b", text)
    ):
        return found, text
    for said in reversed(scene.before):
        names = {f.items for f in items.find(words.plain(said), scene.menu) if len(f.items) == 1}
        if names:
            named = f"{text} {words.plain(next(iter(names))[0].name)}" if len(names) == 1 else text
            return items.find(named, scene.menu), named
    return found, text


def _changed(scene: Scene, change: orders.Change, found: Sequence[Found], draft: _Answer) -> None:
    draft.mode, draft.lines = "order_taking", change.lines
    draft.action = "none" if set(change.lines) == set(scene.draft) else "set" if change.lines else "cancel"
    draft.lines = change.lines if draft.action == "set" else ()
    intent, tags = ("order_change", "order") if scene.draft else ("order_new", "order")
    if draft.action == "set":
        draft.say("Siap kak, aku catat ya 📝", intent, tags)
        draft.tags.append("hot_lead")
    if draft.action == "cancel":
        draft.say("Oke kak, pesanannya jadi kosong, aku batalkan ya.", "order_cancel", tags)
    for item in change.sold_out:
        draft.say(f"Maaf kak, {item.name} lagi habis 🙏", intent, "stock", f"menu:{item.sku}")
    for item in change.too_few:
        draft.say(
            f"Maaf kak, stok {item.name} tinggal {item.stock}. Mau disesuaikan?",
            intent,
            "stock",
            f"menu:{item.sku}",
        )
    for name in change.unclear:
        draft.say(f"Yang mana ya kak: {_prices(name.items)}?", intent, tags)
    if draft.action == "set" and not scene.draft and scene.areas and draft.area is None:
        draft.parts.append("Mau diantar atau ambil sendiri kak?")
    draft.sources += [f"menu:{item.sku}" for name in found for item in name.items[:1]]


def _where_to(scene: Scene, draft: _Answer) -> None:
    draft.mode, draft.action, draft.lines = "order_taking", "set", scene.draft
    where = "diambil sendiri" if draft.area == "ambil" else f"diantar ke {draft.area}"
    draft.say(f"Siap kak, {where} ya 👍", "order_change", "order", "ongkir")


def _area(scene: Scene, text: str, signs: frozenset[str]) -> str | None:
    if "pickup" in signs:
        return "ambil"
    tokens = text.split()
    for area, _ in scene.areas:
        name = words.plain(area).split()
        for at in range(len(tokens) - len(name) + 1):
            if all(map(words.alike, tokens[at : at + len(name)], name)):
                return area
    return None


# --- questions about items ---


def _about_items(scene: Scene, signs: frozenset[str], found: Sequence[Found], draft: _Answer) -> None:
    named = list(dict.fromkeys(item for name in found for item in name.items))[:_LISTED]
    if not named and "price" in signs and not signs & {"delivery", "hours", "menu", "promo"}:
        named = _last_named(scene)
    if not named:
        return
    if "price" in signs or "stock" not in signs:
        draft.say(_sentence_of_prices(named), "ask_price" if "price" in signs else "ask_product", "price")
    elif all(item.stock == 0 for item in named):
        draft.say(f"Maaf kak, {_names(named)} lagi habis 🙏", "ask_stock", "stock")
    else:
        draft.say(_sentence_of_stock(named), "ask_stock", "stock")
    draft.sources += [f"menu:{item.sku}" for item in named]


def _last_named(scene: Scene) -> list[Item]:
    for said in reversed(scene.before):
        found = items.find(words.plain(said), scene.menu)
        if found:
            return list(dict.fromkeys(item for name in found for item in name.items))[:3]
    return []


def _sentence_of_prices(named: Sequence[Item]) -> str:
    sold_out = [item for item in named if item.stock == 0]
    tail = f" Tapi {_names(sold_out)} lagi habis ya kak 🙏" if sold_out else " Mau pesan berapa kak? 😊"
    if len(named) == 1:
        return f"{named[0].name} harganya {_rupiah(named[0].price)} kak.{tail}"
    return f"{_prices(named)}.{tail}"


def _sentence_of_stock(named: Sequence[Item]) -> str:
    there = [item for item in named if item.stock != 0]
    gone = [item for item in named if item.stock == 0]
    counts = "".join(f" Stok {item.name} tinggal {item.stock}." for item in there if item.stock)
    tail = f" Kalau {_names(gone)} lagi habis 🙏" if gone else ""
    return f"Ada kak, {_prices(there)}.{counts}{tail}"


def _prices(named: Sequence[Item]) -> str:
    return ", ".join(f"{item.name} {_rupiah(item.price)}" for item in named)


def _names(named: Sequence[Item]) -> str:
    return ", ".join(item.name for item in named)


def _rupiah(amount: int) -> str:
    return "Rp" + f"{amount:,}".replace(",", ".")


# --- questions about the shop ---


def _about_shop(scene: Scene, text: str, signs: frozenset[str], draft: _Answer, *, is_order: bool) -> None:
    known = faq.best(text, scene.faqs)
    if known and not is_order:
        number, reply = known
        draft.say(f"{reply}", "other", "", f"faq:{number}")
    if "hours" in signs:
        _hours(scene, text, draft)
    if "location" in signs and not is_order:
        _location(scene, draft)
    if "delivery" in signs and not is_order and not known:
        _delivery(scene, draft)
    if "payment" in signs and not is_order and not known:
        _payment(scene, draft)
    if "promo" in signs and not known and not is_order:
        _unknown(
            draft,
            "Soal promo atau potongan harga aku belum ada infonya kak, aku tanyakan ke admin ya 🙏",
            "ask_promo",
            "promo",
        )
    if "menu" in signs and not is_order and "price" not in {*draft.tags}:
        _menu(scene, draft)
    if "status" in signs and not is_order and not known:
        _unknown(
            draft, "Sebentar ya kak, status pesanannya aku cek dulu ke admin 🙏", "order_status", "order"
        )


def _hours(scene: Scene, text: str, draft: _Answer) -> None:
    if not scene.hours:
        _unknown(draft, "Jam bukanya aku tanyakan ke admin dulu ya kak 🙏", "ask_hours", "hours")
        return
    day = _day(scene, text)
    if day:
        span = scene.hours.get(day, "tutup")
        reply = (
            f"Hari {day.capitalize()} kami {'tutup kak 🙏' if span == 'tutup' else f'buka jam {span} kak 😊'}"
        )
    else:
        now = f"Sekarang kami {scene.door} kak." if scene.door else ""
        reply = f"{now} Jam buka: {_week(scene)}."
    draft.say(reply.strip(), "ask_hours", "hours", "jam")


def _day(scene: Scene, text: str) -> str | None:
    tokens = text.split()
    for word, ahead in (("besok", 1), ("lusa", 2), ("hari ini", 0)):
        if re.search(rf"\b{word}\b", text) and scene.today in _DAYS:
            return _DAYS[(_DAYS.index(scene.today) + ahead) % 7]
    return next((day for day in _DAYS if day in tokens), None)


def _week(scene: Scene) -> str:
    """ "Senin-Sabtu 08.00-21.00, Minggu tutup": days alike in a row are one entry."""
    groups = list[tuple[str, str, str]]()
    for day in _DAYS:
        span = scene.hours.get(day, "tutup")
        if groups and groups[-1][2] == span:
            groups[-1] = (groups[-1][0], day, span)
        else:
            groups.append((day, day, span))
    return ", ".join(
        f"{a.capitalize()}{'' if a == b else f'-{b.capitalize()}'} {span}" for a, b, span in groups
    )


def _location(scene: Scene, draft: _Answer) -> None:
    address = scene.facts.get("alamat")
    if address:
        draft.say(f"Alamat kami di {address} ya kak 📍", "ask_location", "location", "alamat")
    else:
        _unknown(draft, "Alamatnya aku tanyakan ke admin dulu ya kak 🙏", "ask_location", "location")


def _delivery(scene: Scene, draft: _Answer) -> None:
    fees = dict(scene.areas)
    if draft.area in fees:
        reply = f"Bisa kak, ongkir ke {draft.area} {_rupiah(fees[draft.area])} 🛵"
    elif fees:
        reply = "Kami antar ke: " + ", ".join(
            f"{area} {_rupiah(fee)}" for area, fee in list(fees.items())[:_LISTED]
        )
        reply += ". Untuk daerah lain aku bantu tanyakan ke admin ya kak."
    else:
        _unknown(draft, "Soal pengantaran aku tanyakan ke admin dulu ya kak 🙏", "ask_delivery", "delivery")
        return
    draft.say(reply, "ask_delivery", "delivery", "ongkir")


def _payment(scene: Scene, draft: _Answer) -> None:
    if scene.payments:
        draft.say(
            f"Pembayaran bisa lewat {', '.join(scene.payments)} ya kak 😊",
            "ask_payment",
            "payment",
            "pembayaran",
        )
    else:
        _unknown(draft, "Soal pembayaran aku tanyakan ke admin dulu ya kak 🙏", "ask_payment", "payment")


def _menu(scene: Scene, draft: _Answer) -> None:
    there = [item for item in scene.menu if item.stock != 0]
    if not there:
        _unknown(draft, _FALLBACK, "ask_product", "")
        return
    rows = "\n".join(f"- {item.name} {_rupiah(item.price)}" for item in there[:_LISTED])
    tail = (
        "\nMasih ada menu lain, tanya aja ya kak 😊"
        if len(there) > _LISTED
        else "\nMau pesan yang mana kak? 😊"
    )
    draft.say(f"Ini menu kami kak:\n{rows}{tail}", "ask_product", "price", "menu")


# --- the rest ---


def _small_talk(
    scene: Scene, text: str, signs: frozenset[str], found: Sequence[Found], draft: _Answer
) -> None:
    is_short = len(text.split()) <= 6
    if "thanks" in signs:
        draft.say("Sama-sama kak, senang bisa bantu 😊🙏", "thanks")
    elif "bot" in signs:
        draft.say("Aku asisten otomatis toko ini kak 😊 Kalau mau dibantu admin, bilang aja ya.", "other")
    elif "greeting" in signs and is_short:
        name = scene.facts.get("nama", "toko kami")
        welcome = scene.facts.get("sapaan") or f"Halo kak! Selamat datang di {name} 😊"
        draft.say(f"{welcome} Ada yang bisa dibantu?", "greeting")
    elif "order" in signs and not found and is_short and not re.search(r"\d", text) and _is_only_wish(text):
        draft.say("Boleh kak, mau pesan apa? 😊", "order_new", "hot_lead")
        draft.mode = "order_taking"
    elif signs & {"confirm"} and is_short:
        draft.say("Siap kak 😊 Ada lagi yang bisa dibantu?", "other")
    elif re.search(r"\b(?:jual|pesan|beli|harga|menu|porsi)\b", text):
        _not_on_menu(scene, draft)
    elif text or not scene.waiting or all(b.kind == "teks" for b in scene.waiting):
        _unknown(draft, _FALLBACK, "other", "")


def _is_only_wish(text: str) -> bool:
    return bool(
        re.fullmatch(
            r"(?:(?:halo|hai|kak|kakak|min|mau|bisa|pesan|beli|dong|ya|saya|aku|makan|tidak) ?)+", text
        )
    )


def _not_on_menu(scene: Scene, draft: _Answer) -> None:
    some = [item for item in scene.menu if item.stock != 0][:5]
    if not some:
        _unknown(draft, _FALLBACK, "other", "")
        return
    draft.say(
        f"Maaf kak, itu belum ada di menu kami 🙏 Yang ada misalnya {_prices(some)}.",
        "ask_product",
        "stock",
        "menu",
    )
    draft.confidence = 0.6


def _media(scene: Scene, draft: _Answer) -> None:
    kinds = {bubble.kind for bubble in scene.waiting} - {"teks", "stiker"}
    if kinds:
        what = "pesan suara" if "suara" in kinds else "foto atau berkas"
        draft.say(
            f"Maaf kak, aku belum bisa membuka {what}. Aku teruskan ke admin supaya dicek ya 🙏", "other"
        )
        draft.reason = draft.reason or "media"
    if not draft.parts:
        draft.say("Siap kak 😊 Ada yang bisa dibantu?", "greeting")


def _unknown(draft: _Answer, text: str, intent: str, tag: str) -> None:
    draft.say(text, intent, tag)
    draft.reason, draft.confidence = "unknown_answer", 0.3


def _wire(draft: _Answer, signs: frozenset[str]) -> dict[str, object]:
    if draft.action in {"none", "cancel"} and draft.mode != "order_taking":
        draft = replace(draft, area=None)
    mood = (
        "negative"
        if signs & {"complaint", "refund", "abuse"}
        else "positive"
        if "thanks" in signs
        else "neutral"
    )
    return {
        "reply": "\n".join(draft.parts),
        "mode": draft.mode,
        "intent": draft.intent,
        "tags": list(dict.fromkeys(draft.tags)),
        "sentiment": mood,
        "order_lines": [{"sku": x.sku, "qty": x.qty, "note": x.note} for x in draft.lines],
        "order_action": draft.action,
        "delivery_area": draft.area if draft.action == "set" else None,
        "handover": draft.reason is not None,
        "handover_reason": draft.reason,
        "confidence": draft.confidence,
        "sources": list(dict.fromkeys(draft.sources))[:12],
    }
