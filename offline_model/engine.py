"""The answer to a chat: warm, short, and made of nothing but the prompt's own facts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from offline_model import faq, grievance, items, orders, shop_facts, words
from offline_model.draft import Draft
from offline_model.items import Found
from offline_model.prompt_reader import Item, Scene, read

_SERIOUS = {
    "opt_out": "opt_out", "refund": "refund", "sensitive": "sensitive", "complaint": "complaint",
    "human_request": "human", "abuse": "complaint",
}  # fmt: skip
_TOPICS = (
    ("hours", shop_facts.tell_hours), ("location", shop_facts.tell_location),
    ("delivery", shop_facts.tell_delivery),
    ("payment", shop_facts.tell_payment), ("promo", shop_facts.tell_promo),
    ("status", shop_facts.tell_status),
    ("cheapest", shop_facts.tell_cheapest), ("menu", shop_facts.tell_menu),
)  # fmt: skip
_ONLY_ALONE = {"cheapest", "menu"}
_EDIT = re.compile(r"\b(?:hapus|batal|ganti|tukar|tambah|tidak jadi|tidak usah|jadi|buang|ubah)\b")
_PRICE_LIKE = re.compile(
    r"\b(?:rp )?(?:\d{1,3}(?: 000)+|\d{4,7}|\d+ ?(?:rb|k|ribu|jt"
    r"|rupiah))\b(?: rupiah)?|\brp \d+\b"
)
_PLANTED = re.compile(
    r"‹(\w+)[^›]*›.*?(?:‹/\1›|$)|\{.*?(?:\}|$)|\[(?:system|sistem|admin)[^\]]*\][^.\n]*"
    r"|\banggap\b[^.\n]*|\b(?:system|sistem|assistant)\b[^.:\n]{0,25}[:=][^.\n]*|\b(?:forward|diteruskan"
    r"|fwd)\b[^:\n]*:.*?(?:[\"”]|$)",
    re.IGNORECASE | re.DOTALL,
)  # what poses as somebody else's word
_OTHER = re.compile(r"\b(?:ganti|tukar|bukan|saja|deh|eh|ding|salah|maksud|jadi)\b")
_KIND_WORDS = frozenset({"ganti", "tukar", "bukan", "saja", "deh", "ml", "gram", "kg", "liter"})
_THUMB = re.compile("[👍👌✅💯🆗]")
_SHORT = 6  # words


@dataclass(frozen=True)
class _Asked:
    """What the customer wrote: his plain words, the signs they show, and the items they name."""

    text: str
    signs: frozenset[str]
    found: Sequence[Found]

    @property
    def marked(self) -> str:
        return items.marked(self.text, self.found)


def answer(messages: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """The JSON object that answers the chat in `messages`."""
    scene, draft = read(messages), Draft()
    raw = " , ".join(bubble.text for bubble in scene.waiting if bubble.text)
    text = words.plain(_PLANTED.sub(" ", raw))
    asked = _read(scene, text, _signs(scene, raw, text))
    if serious := next((sign for sign in _SERIOUS if sign in asked.signs), None):
        _leave_to_a_human(serious, scene, asked, draft)
    else:
        _everyday(scene, asked, draft)
    return draft.wire(_mood(asked.signs))


def _signs(scene: Scene, raw: str, text: str) -> frozenset[str]:
    """The signs of a text, where "complaint" is the sum of several."""
    signs = words.signs(text)
    if scene.draft and not text and _THUMB.search(raw):
        signs |= {"confirm"}
    return signs | {"complaint"} if grievance.is_voiced(raw, signs) else signs - {"complaint"}


def _leave_to_a_human(serious: str, scene: Scene, asked: _Asked, draft: Draft) -> None:
    """Calms, and hands over; a draft order stays as it is."""
    draft.say(words.reply(serious), serious, _SERIOUS[serious])
    draft.tags += [
        _SERIOUS[sign] for sign in ("complaint", "sensitive", "human_request") if sign in asked.signs
    ]
    draft.reason = None if serious == "opt_out" else serious
    if serious == "complaint" or (serious in {"refund", "sensitive"} and "complaint" in asked.signs):
        draft.mode, draft.intent = "complaint", "refund" if serious == "refund" else "complaint"
        draft.reason = "refund" if serious == "refund" else draft.reason
    elif serious == "refund":
        draft.mode = "complaint"
    elif scene.draft:
        draft.mode = "order_taking"


def _read(scene: Scene, text: str, signs: frozenset[str]) -> _Asked:
    """The items are looked for without "yang", so that "nasi goreng yang seafood" is one name."""
    text = " ".join(word for word in text.split() if word not in {"yang", "of"})
    return _Asked(text, signs, items.find(text, scene.menu))


def _mood(signs: frozenset[str]) -> str:
    return (
        "negative"
        if signs & {"complaint", "refund", "abuse"}
        else "positive"
        if "thanks" in signs
        else "neutral"
    )


def _everyday(scene: Scene, asked: _Asked, draft: Draft) -> None:
    draft.area = _area(scene, asked)
    draft.way = (
        "pickup" if draft.area == "ambil" else "delivery" if draft.area or "bring" in asked.signs else None
    )
    if "later" in asked.signs and "thanks" not in asked.signs:
        draft.later_h = 24.0
    if draft.later_h is None or scene.draft or ("#" in asked.marked and "order" in asked.signs):
        _order(scene, asked, draft)
    if draft.mode != "order_taking":
        _about_items(scene, asked, draft)
    _about_shop(scene, asked, draft)
    draft.interest = [item.sku for name in asked.found for item in name.items]
    if draft.later_h is not None and draft.mode != "order_taking":
        draft.parts, draft.reason, draft.intent = (
            draft.parts[:1] if asked.signs & {"price", "stock"} else [],
            None,
            "other",
        )
        draft.say(words.reply("later"), "other", "hot_lead")
    if not draft.parts:
        _small_talk(scene, asked, draft)
    if scene.draft and draft.mode == "general_faq" and draft.intent not in {"thanks", "greeting"}:
        draft.mode = "order_taking"
    _media(scene, draft)
    if "greeting" in asked.signs and draft.intent != "greeting":
        draft.parts[0] = f"Halo kak! {draft.parts[0]}"


def _order(scene: Scene, asked: _Asked, draft: Draft) -> None:
    """Handles the message as an order when it is one; then the mode says so."""
    asked = _referred(scene, _of_the_same_kind(scene, asked))
    is_change = _wants(scene, asked)
    if "order_taking" in scene.off:
        if is_change:
            draft.say(words.reply("order_off"), "order_new", "order")
            draft.mode, draft.reason = "order_taking", "owner_rule"
    elif scene.draft and not asked.found and asked.signs & {"cancel", "confirm"} and not is_change:
        ending = "cancel" if "cancel" in asked.signs else "confirm"
        draft.say(words.reply(f"order_{ending}"), f"order_{ending}", "order")
        draft.mode, draft.action = "order_taking", ending
        draft.way = draft.area = None
    elif is_change and (change := _change(scene, asked)):
        _changed(scene, change, draft)
    elif scene.draft and (draft.area or "total" in asked.signs or (draft.way and not _is_question(asked))):
        draft.say(words.reply("noted" if draft.way else "total"), "order_change", "order")
        draft.mode, draft.action, draft.lines = "order_taking", "set", scene.draft


def _change(scene: Scene, asked: _Asked) -> orders.Change | None:
    if scene.draft and not _PRICE_LIKE.search(asked.text):
        return orders.change(scene, asked.text, asked.found)
    plain = _read(scene, _PRICE_LIKE.sub(" , ", asked.text), asked.signs)
    return orders.change(scene, plain.text, plain.found)


def _wants(scene: Scene, asked: _Asked) -> bool:
    """Whether the message asks for items, or changes what is ordered."""
    has_verb, is_number = "order" in asked.signs, "#" in asked.marked
    if scene.draft and _alters(scene, asked):
        return True
    if not asked.found:
        return False
    if _PRICE_LIKE.search(asked.text):  # his own price changes nothing: what he orders beside it counts
        asked = _read(scene, _PRICE_LIKE.sub(" , ", asked.text), asked.signs)
        return has_verb and "#" in asked.marked and bool(asked.found)
    is_plain = (is_number or has_verb) and not _is_question(asked)
    return is_plain or (is_number and has_verb and "promo" not in asked.signs)


def _alters(scene: Scene, asked: _Asked) -> bool:
    """Whether the message changes the draft: a note, another count, one more item."""
    has_number = "#" in asked.marked
    if len(scene.draft) == 1 and not asked.found:
        is_noted = "confirm" not in asked.signs and bool(orders.note(asked.text))
        if is_noted or orders.recounts(asked.marked):
            return True
    if asked.found and has_number and "stock" not in asked.signs:
        return True
    return bool(_EDIT.search(asked.text)) and (bool(asked.found) or has_number or "tambah" in asked.text)


def _is_question(asked: _Asked) -> bool:
    return bool(asked.signs & {"price", "stock", "asking", "promo"})


def _referred(scene: Scene, asked: _Asked) -> _Asked:
    """For "itu 2 ya": the one item that the chat spoke of last, put before the words."""
    points = re.search(r"\b(?:itu|nya|tadi)\b", asked.text) or re.fullmatch(
        r"(?:\w+ )?\d+(?: \w+){0,2}", asked.text
    )
    is_plain_count = "#" in asked.marked or "order" in asked.signs
    if asked.found or not points or not is_plain_count or _EDIT.search(asked.text):
        return asked
    last = _last_named(scene)
    if len(last) != 1:
        return asked
    return _read(scene, f"{words.plain(last[0].name)} {asked.text}", asked.signs)


def _of_the_same_kind(scene: Scene, asked: _Asked) -> _Asked:
    """For "yang 58 saja" or "ganti keju": the other item of a drafted one's kind, put as "ganti"."""
    if not scene.draft or not _OTHER.search(asked.text) or any(len(name.items) == 1 for name in asked.found):
        return asked
    said = set(asked.text.split())
    for line in scene.draft:
        old = next((item for item in scene.menu if item.sku == line.sku), None)
        if old and (new := _sibling(old, said, scene.menu)):
            rest = [
                word
                for word in asked.text.split()
                if word not in {*words.plain(" ".join(new.names)).split(), *_KIND_WORDS}
            ]
            counts = [word for word in rest if word.isdigit()][:1] or [str(line.qty)]
            text = f"{words.plain(old.name)} ganti {words.plain(new.name)} {counts[0]}"
            return _read(scene, text, asked.signs - {"price", "stock", "asking"})
    return asked


def _sibling(old: Item, said: set[str], menu: Sequence[Item]) -> Item | None:
    """The one item that shares the first word of `old`'s name and whose own words are in `said`."""
    kind, own = words.plain(old.name).split()[0], set(words.plain(" ".join(old.names)).split())
    marks = {
        item: said & (set(words.plain(" ".join(item.names)).split()) - own)
        for item in menu
        if item.sku != old.sku
    }
    kin = [item for item, hits in marks.items() if hits and words.plain(item.name).split()[0] == kind]
    best = sorted(kin, key=lambda item: -len(marks[item]))
    return best[0] if len(best) == 1 or (best and len(marks[best[0]]) > len(marks[best[1]])) else None


def _last_named(scene: Scene) -> list[Item]:
    for said in reversed(scene.before):
        if found := items.find(words.plain(said), scene.menu):
            return list(dict.fromkeys(item for name in found for item in name.items))[:3]
    return []


def _changed(scene: Scene, change: orders.Change, draft: Draft) -> None:
    intent = "order_change" if scene.draft else "order_new"
    draft.mode, draft.lines = "order_taking", change.lines
    if change.lines != scene.draft:
        draft.action = "set" if change.lines else "cancel"
        draft.say(words.reply("noted" if change.lines else "order_cancel"), intent, "order")
        draft.tags.append("hot_lead")
    for item in change.sold_out:
        draft.say(words.reply("sold_out", names=item.name), intent, "stock", f"menu:{item.sku}")
    for item in change.too_few:
        draft.say(
            words.reply("too_few", names=item.name, stock=item.stock), intent, "stock", f"menu:{item.sku}"
        )
    for name in change.unclear:
        draft.say(words.reply("which", prices=shop_facts.prices(name.items)), intent, "order")
    if change.lines and not scene.draft and scene.areas and draft.way is None:
        draft.parts.append(words.reply("how_to_get"))
    draft.sources += [f"menu:{line.sku}" for line in change.lines]


def _area(scene: Scene, asked: _Asked) -> str | None:
    """The delivery area that the customer names, or "ambil" when he comes himself."""
    if "pickup" in asked.signs:
        return "ambil"
    tokens = asked.text.split()
    for area, _ in scene.areas:
        name = words.plain(area).split()
        starts = range(len(tokens) - len(name) + 1)
        if any(all(map(words.alike, tokens[at : at + len(name)], name)) for at in starts):
            return area
    return None


def _about_items(scene: Scene, asked: _Asked, draft: Draft) -> None:
    named = list(dict.fromkeys(item for name in asked.found for item in name.items))[: shop_facts.LISTED]
    if "price" in asked.signs and not asked.signs & {"delivery", "hours", "menu", "promo", "status"}:
        named = named or ([] if faq.best(asked.text, scene.faqs) else _last_named(scene))
    if not named:
        return
    if "stock" in asked.signs and ("price" not in asked.signs or "stok" in asked.text.split()):
        shop_facts.tell_stock(named, draft)
    else:
        shop_facts.tell_prices(named, draft, "ask_price" if "price" in asked.signs else "ask_product")
    draft.sources += [f"menu:{item.sku}" for item in named]


def _about_shop(scene: Scene, asked: _Asked, draft: Draft) -> None:
    """Answers each question about the shop; an FAQ's answer stands for all but hours and address."""
    topics = _TOPICS
    if draft.mode == "order_taking":
        topics = _TOPICS[:1]
    elif known := faq.best(asked.text, scene.faqs):
        draft.say(known[1], "other", "", f"faq:{known[0]}")
        topics = _TOPICS[:2]
    for sign, tell in topics:
        if sign in asked.signs and not (draft.parts and sign in _ONLY_ALONE):
            tell(scene, asked.text, draft)


def _small_talk(scene: Scene, asked: _Asked, draft: Draft) -> None:
    """What is left when nothing was asked about the shop; the last resort is to say that it is not known."""
    is_short = len(asked.text.split()) <= _SHORT
    if phrase := next((sign for sign in ("thanks", "bot") if sign in asked.signs), None):
        draft.say(words.reply(phrase), "thanks" if phrase == "thanks" else "other")
    elif "cancel" in asked.signs:
        draft.give_up(words.reply("no_draft"), "order_cancel", "order")
    elif "pickup" in asked.signs:
        shop_facts.tell_location(scene, asked.text, draft)
    elif asked.signs & {"only_wanting", "may_order"} and "order" in asked.signs:
        _invite(scene, asked, draft)
    elif "greeting" in asked.signs and is_short:
        _greet(scene, draft)
    elif "confirm" in asked.signs and is_short:
        draft.say(f"Siap kak 😊 {words.reply('help')}", "other")
    elif "wanting_something" in asked.signs and scene.menu:
        some = [item for item in scene.menu if item.stock != 0][:5]
        draft.say(words.reply("not_on_menu", prices=shop_facts.prices(some)), "ask_product", "stock", "menu")
    elif asked.text:
        draft.unknown()


def _invite(scene: Scene, asked: _Asked, draft: Draft) -> None:
    if "may_order" in asked.signs and scene.door:
        draft.say(words.reply("open_to_order", door=scene.door), "order_new", "hot_lead")
    else:
        draft.say(words.reply("what_to_order"), "order_new", "hot_lead")
    draft.mode = "order_taking"


def _greet(scene: Scene, draft: Draft) -> None:
    shop = scene.facts.get("nama", "toko kami")
    welcome = scene.facts.get("sapaan") or words.reply("greeting", name=shop)
    draft.say(f"{welcome} {words.reply('help')}", "greeting")


def _media(scene: Scene, draft: Draft) -> None:
    """What the engine cannot see or hear is left to a human, and said; a sticker or emoji is a smile."""
    kinds = {bubble.kind for bubble in scene.waiting} - {"teks", "stiker"}
    if kinds:
        what = "pesan suara" if "suara" in kinds else "foto atau berkas"
        draft.say(words.reply("media", what=what), "other")
        draft.reason = "media"
    if not draft.parts:
        draft.say(f"Siap kak 😊 {words.reply('help')}", "greeting")
