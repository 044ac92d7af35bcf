"""The answer to a chat: warm, short, and made of nothing but the prompt's own facts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from offline_model import faq, grievance, items, orders, shop_facts, words
from offline_model.draft import Draft
from offline_model.items import Found
from offline_model.prompt_reader import Item, Scene, read

# what goes to a human, the gravest first, and its tag
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
# what is said when nothing was asked: its intent and tag
_SMALL_TALK = {
    "thanks": ("thanks", ""), "bot": ("other", ""), "cancel": ("order_cancel", "order"),
    "only_wanting": ("order_new", "hot_lead"), "greeting": ("greeting", ""), "confirm": ("other", ""),
    "wanting_something": ("ask_product", "stock"),
}  # fmt: skip
_ONLY_SHORT = {"greeting", "confirm"}
_ONLY_ALONE = {"cheapest", "menu"}
_THUMB = re.compile("[👍👌✅💯🆗]")
_SHORT = 6  # words
_SURE = 90  # percent


@dataclass(frozen=True)
class _Asked:
    """What the customer wrote: his plain words, the signs they show, and the items they name."""

    text: str
    signs: frozenset[str]
    found: Sequence[Found]

    @property
    def items(self) -> list[Item]:
        return items.each(self.found)

    @property
    def marked(self) -> str:
        return items.marked(self.text, self.found)


def answer(messages: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """The JSON object that answers the chat in `messages`."""
    scene, draft = read(messages), Draft()
    raw = " , ".join(bubble.text for bubble in scene.waiting if bubble.text)
    text = words.pattern("price").sub(" , ", words.plain(words.pattern("planted").sub(" ", raw)))
    asked = _read(scene, text, _signs(scene, raw, text))
    if asked.signs & _SERIOUS.keys():
        _leave_to_a_human(scene, asked, draft)
    else:
        _everyday(scene, asked, draft)
    is_upset = asked.signs & {"complaint", "refund", "abuse"}
    return draft.wire("negative" if is_upset else "positive" if "thanks" in asked.signs else "neutral")


def _signs(scene: Scene, raw: str, text: str) -> frozenset[str]:
    """The signs of a text, where "complaint" is the sum of several."""
    signs = words.signs(text)
    if scene.draft and not text and _THUMB.search(raw):
        signs |= {"confirm"}
    return signs | {"complaint"} if grievance.is_voiced(raw, signs) else signs - {"complaint"}


def _leave_to_a_human(scene: Scene, asked: _Asked, draft: Draft) -> None:
    """Calms, and hands over; a draft order stays as it is."""
    shown = [sign for sign in _SERIOUS if sign in asked.signs]
    draft.say(words.reply(shown[0]), shown[0])
    draft.tags = [_SERIOUS[sign] for sign in shown]
    draft.reason = None if shown[0] == "opt_out" else shown[0]
    if asked.signs & {"refund", "complaint"} and draft.reason:
        draft.mode, draft.intent = "complaint", "refund" if shown[0] == "refund" else "complaint"
    elif scene.draft:
        draft.mode = "order_taking"


def _read(scene: Scene, text: str, signs: frozenset[str]) -> _Asked:
    """The items are looked for without "yang", so that "nasi goreng yang seafood" is one name."""
    text = " ".join(word for word in text.split() if word not in {"yang", "of"})
    return _Asked(text, signs, items.find(text, scene.menu))


def _everyday(scene: Scene, asked: _Asked, draft: Draft) -> None:
    draft.area = _area(scene, asked)
    is_brought = draft.area or "bring" in asked.signs
    draft.way = "pickup" if draft.area == "ambil" else "delivery" if is_brought else None
    draft.interest = [item.sku for item in asked.items]
    is_later = "later" in asked.signs and "thanks" not in asked.signs
    if not is_later or scene.draft or ("#" in asked.marked and "order" in asked.signs):
        _order(scene, asked, draft)
    if draft.mode != "order_taking":
        _about_items(scene, asked, draft)
    _about_shop(scene, asked, draft)
    if is_later:
        _wait(asked, draft)
    if not draft.parts:
        _small_talk(scene, asked, draft)
    if scene.draft and draft.mode == "general_faq" and draft.intent not in {"thanks", "greeting"}:
        draft.mode = "order_taking"
    _media(scene, draft)
    if "greeting" in asked.signs and draft.intent != "greeting":
        draft.parts[0] = f"Halo kak! {draft.parts[0]}"


def _wait(asked: _Asked, draft: Draft) -> None:
    """He puts it off: we come back to him, and only what he asked beside it is answered."""
    draft.later_h = 24.0
    if draft.mode != "order_taking":
        draft.parts = draft.parts[:1] if asked.signs & {"price", "stock"} else []
        draft.say(words.reply("later"), "other", "hot_lead")
        draft.intent, draft.reason = "other", None


def _order(scene: Scene, asked: _Asked, draft: Draft) -> None:
    """Handles the message as an order when it is one; then the mode says so."""
    asked = _referred(scene, asked)
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
    elif is_change and (change := orders.change(scene, asked.text, asked.found)):
        _changed(scene, change, draft)
    elif scene.draft and (draft.area or "total" in asked.signs or (draft.way and not _is_question(asked))):
        draft.say(words.reply("noted" if draft.way else "total"), "order_change", "order")
        draft.mode, draft.action, draft.lines = "order_taking", "set", scene.draft


def _wants(scene: Scene, asked: _Asked) -> bool:
    """Whether the message asks for items, or changes what is ordered."""
    has_number, has_verb, is_edit = "#" in asked.marked, "order" in asked.signs, "edit" in asked.signs
    if asked.found and scene.draft and (is_edit or (has_number and "stock" not in asked.signs)):
        return True
    if asked.found:
        is_both = has_number and has_verb and "promo" not in asked.signs
        return is_both or ((has_number or has_verb) and not _is_question(asked))
    is_noted = "confirm" not in asked.signs and orders.note(asked.text)
    is_recount = len(scene.draft) == 1 and (is_noted or orders.recounts(asked.marked))
    return bool(is_recount) or bool(scene.draft and is_edit and (has_number or "tambah" in asked.text))


def _is_question(asked: _Asked) -> bool:
    return bool(asked.signs & {"price", "stock", "asking", "promo"})


def _referred(scene: Scene, asked: _Asked) -> _Asked:
    """For "itu 2 ya": the one item that the chat spoke of last, put before the words."""
    points = re.search(r"\b(?:itu|nya|tadi)\b", asked.text) or re.fullmatch(
        r"(?:\w+ )?\d+(?: \w+){0,2}", asked.text
    )
    is_plain_count = "#" in asked.marked or "order" in asked.signs
    if asked.found or not points or not is_plain_count or "edit" in asked.signs:
        return asked
    last = _last_named(scene)
    if len(last) != 1:
        return asked
    return _read(scene, f"{words.plain(last[0].name)} {asked.text}", asked.signs)


def _last_named(scene: Scene) -> list[Item]:
    for said in reversed(scene.before):
        if found := items.find(words.plain(said), scene.menu):
            return items.each(found)[:3]
    return []


def _changed(scene: Scene, change: orders.Change, draft: Draft) -> None:
    intent = "order_change" if scene.draft else "order_new"
    draft.mode, draft.lines = "order_taking", change.lines
    if change.lines != scene.draft:
        draft.action = "set" if change.lines else "cancel"
        draft.say(words.reply("noted" if change.lines else "order_cancel"), intent, "order")
        draft.tags.append("hot_lead")
    for why, named in change.refused:
        known = {
            "names": shop_facts.names(named),
            "prices": shop_facts.prices(named),
            "stock": named[0].stock,
        }
        draft.say(words.reply(why, **known), intent, "order" if why == "which" else "stock")
        draft.sources += [f"menu:{item.sku}" for item in named]
    if change.lines and not scene.draft and scene.areas and draft.way is None:
        draft.parts.append(words.reply("how_to_get"))
    draft.sources += [f"menu:{line.sku}" for line in change.lines]


def _area(scene: Scene, asked: _Asked) -> str | None:
    """The delivery area that the customer names, or "ambil" when he comes himself."""
    if "pickup" in asked.signs:
        return "ambil"
    known = {area: words.plain(area) for area, _ in scene.areas}
    return next((area for area in known if fuzz.partial_ratio(known[area], asked.text) >= _SURE), None)


def _about_items(scene: Scene, asked: _Asked, draft: Draft) -> None:
    named = asked.items[: shop_facts.LISTED]
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
    there = [item for item in scene.menu if item.stock != 0][:5]
    shop = scene.facts.get("nama", "toko kami")
    facts = {
        "prices": shop_facts.prices(there),
        "welcome": scene.facts.get("sapaan", f"Halo kak! Selamat datang di {shop} 😊"),
    }
    is_short = len(asked.text.split()) <= _SHORT
    signs = asked.signs if there else asked.signs - {"wanting_something"}
    for sign, (intent, tag) in _SMALL_TALK.items():
        if sign in signs and (is_short or sign not in _ONLY_SHORT):
            draft.say(words.reply(sign, **facts), intent, tag)
            draft.mode = "order_taking" if sign == "only_wanting" else draft.mode
            draft.reason = "unknown_answer" if sign == "cancel" else None
            return
    if asked.text:
        draft.unknown()


def _media(scene: Scene, draft: Draft) -> None:
    """What the engine cannot see or hear is left to a human, and said; a sticker or emoji is a smile."""
    kinds = {bubble.kind for bubble in scene.waiting} - {"teks", "stiker"}
    if kinds:
        what = "pesan suara" if "suara" in kinds else "foto atau berkas"
        draft.say(words.reply("media", what=what), "other")
        draft.reason = "media"
    if not draft.parts:
        draft.say(words.reply("confirm"), "greeting")
