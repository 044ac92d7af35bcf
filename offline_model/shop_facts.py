"""Answers to questions about the shop and its items, each made of the prompt's own facts."""

import re
from collections.abc import Sequence

from offline_model import words
from offline_model.draft import Draft
from offline_model.prompt_reader import Item, Scene

LISTED = 12
_DAYS = ("senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu")


def tell_prices(named: Sequence[Item], draft: Draft, intent: str) -> None:
    """What items cost, and which of them are sold out."""
    gone = [item for item in named if item.stock == 0]
    tail = f" Tapi {names(gone)} lagi habis ya kak 🙏" if gone else " Mau pesan berapa kak? 😊"
    one = (
        f"{named[0].name} harganya {_rupiah(named[0].price)} kak." if len(named) == 1 else f"{prices(named)}."
    )
    draft.say(one + tail, intent, "price")


def tell_stock(named: Sequence[Item], draft: Draft) -> None:
    """Which items can be had."""
    there = [item for item in named if item.stock != 0]
    gone = words.reply("sold_out", names=names([item for item in named if item.stock == 0]))
    counts = "".join(f" Stok {item.name} tinggal {item.stock}." for item in there if item.stock)
    have = f"Ada kak, {prices(there)}.{counts}" if there else ""
    draft.say(" ".join(filter(None, [have, gone if len(there) < len(named) else ""])), "ask_stock", "stock")


def tell_menu(scene: Scene, _: str, draft: Draft) -> None:
    """What can be had, with prices."""
    there = [item for item in scene.menu if item.stock != 0]
    if not there:
        draft.unknown()
        return
    rows = "\n".join(f"- {item.name} {_rupiah(item.price)}" for item in there[:LISTED])
    tail = (
        "Masih ada menu lain, tanya aja ya kak 😊" if len(there) > LISTED else "Mau pesan yang mana kak? 😊"
    )
    draft.say(f"Ini menu kami kak:\n{rows}\n{tail}", "ask_product", "price", "menu")


def tell_hours(scene: Scene, text: str, draft: Draft) -> None:
    """A named day's hours, else whether the shop is open now and the whole week."""
    if not scene.hours:
        draft.give_up(words.reply("unknown"), "ask_hours", "hours")
        return
    day = _day(scene, text)
    span = scene.hours.get(day or "", "tutup")
    if day:
        reply = (
            f"Hari {day.capitalize()} kami {'tutup kak 🙏' if span == 'tutup' else f'buka jam {span} kak 😊'}"
        )
    else:
        reply = f"Sekarang kami {scene.door} kak. Jam buka: {_week(scene)}."
    draft.say(reply, "ask_hours", "hours", "jam")


def tell_location(scene: Scene, _: str, draft: Draft) -> None:
    """The address."""
    address = scene.facts.get("alamat")
    if address:
        draft.say(f"Alamat kami di {address} ya kak 📍", "ask_location", "location", "alamat")
    else:
        draft.give_up(words.reply("unknown"), "ask_location", "location")


def tell_delivery(scene: Scene, text: str, draft: Draft) -> None:
    """The fee for the area named, else all fees; an area that is not listed is left to a human."""
    fees = dict(scene.areas)
    is_elsewhere = re.search(r"\b(?:ke|daerah) (?!(?:mana|rumah|sini|tempat|alamat|berapa|saya)\b)\w+", text)
    if draft.area in fees:
        draft.say(
            f"Bisa kak, ongkir ke {draft.area} {_rupiah(fees[draft.area])} 🛵",
            "ask_delivery",
            "delivery",
            "ongkir",
        )
    elif not fees:
        draft.give_up(words.reply("unknown"), "ask_delivery", "delivery")
    else:
        listed = ", ".join(f"{area} {_rupiah(fee)}" for area, fee in list(fees.items())[:LISTED])
        draft.say(f"Ongkir kami: {listed}.", "ask_delivery", "delivery", "ongkir")
        if is_elsewhere:
            draft.give_up("Untuk daerah lain aku tanyakan ke admin dulu ya kak 🙏")


def tell_payment(scene: Scene, _: str, draft: Draft) -> None:
    """The ways to pay."""
    if scene.payments:
        ways = ", ".join(scene.payments)
        draft.say(f"Pembayaran bisa lewat {ways} ya kak 😊", "ask_payment", "payment", "pembayaran")
    else:
        draft.give_up(words.reply("unknown"), "ask_payment", "payment")


def tell_cheapest(scene: Scene, _: str, draft: Draft) -> None:
    """The three cheapest items."""
    there = sorted((item for item in scene.menu if item.stock != 0), key=lambda item: item.price)
    if there:
        draft.say(words.reply("cheapest", prices=prices(there[:3])), "ask_price", "price", "menu")


def tell_promo(_: Scene, __: str, draft: Draft) -> None:
    """Promotions stand in FAQs or nowhere."""
    draft.give_up(words.reply("promo"), "ask_promo", "promo")


def tell_status(_: Scene, __: str, draft: Draft) -> None:
    """Where an order is, only a human knows."""
    draft.give_up(words.reply("status"), "order_status", "order")


def prices(named: Sequence[Item]) -> str:
    """ "Es Teh Rp5.000, Es Jeruk Rp7.000"."""
    return ", ".join(f"{item.name} {_rupiah(item.price)}" for item in named)


def names(named: Sequence[Item]) -> str:
    """ "Es Teh, Es Jeruk"."""
    return ", ".join(item.name for item in named)


def _rupiah(amount: int) -> str:
    return "Rp" + f"{amount:,}".replace(",", ".")


def _day(scene: Scene, text: str) -> str | None:
    for word, ahead in (("besok", 1), ("lusa", 2), ("hari ini", 0)):
        if re.search(rf"\b{word}\b", text) and scene.today in _DAYS:
            return _DAYS[(_DAYS.index(scene.today) + ahead) % 7]
    return next((day for day in _DAYS if day in text.split()), None)


def _week(scene: Scene) -> str:
    """ "Senin-Sabtu 08.00-21.00, Minggu tutup": days alike in a row are one entry."""
    groups = list[tuple[str, str, str]]()
    for day in _DAYS:
        span = scene.hours.get(day, "tutup")
        first = groups.pop()[0] if groups and groups[-1][2] == span else day
        groups.append((first, day, span))
    return ", ".join(
        f"{first.capitalize()}{'' if first == last else f'-{last.capitalize()}'} {span}"
        for first, last, span in groups
    )
