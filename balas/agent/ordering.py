"""What an answer does to the order: only what the customer's own words bear out, at the shop's prices."""

import re
from dataclasses import dataclass, replace

from balas import order
from balas.agent import consent, guards
from balas.agent.output import ModelAnswer, OrderAction
from balas.order import Order, Refusal, Refused, WantedLine, Wish
from balas.turn import Turn

READ_BACK = "*Pesanan kakak:*\n{recap}\n\nSudah betul kak? Balas *ya* untuk konfirmasi 😊"
CONFIRMED = "*Pesanan kakak:*\n{recap}\n\nPesanan sudah kami catat, terima kasih kak 🙏"

_NOT_ASKED = "pelanggan tidak meminta perubahan pesanan ini: order_action none, atau tanya dulu"
_NOT_AGREED = "pelanggan belum menyetujui pesanan: jangan confirm"
_NOT_DROPPED = "pelanggan tidak membatalkan pesanan: jangan cancel"
_LIMIT = re.compile(r"(?:lebih dari|di ?atas|melebihi|>)\s*(\d+)")
_OF_ORDERS = re.compile(
    r"\b(?:pesan\w*|order\w*|borongan|partai|porsi|gelas|pcs|buah|kotak)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class NoOrder:
    """Why the answer's order cannot stand; `feedback` is for the model."""

    feedback: str


def after(turn: Turn, answer: ModelAnswer) -> tuple[OrderAction, Order | None] | NoOrder:  # noqa: PLR0911 - a flat list
    """What happens to the order: only exactly what was read back and agreed to can be confirmed."""
    draft, action = turn.draft_order, answer.order_action
    if action == "none" or not turn.profile.modes.order_taking:
        return "none", None
    if action == "cancel":
        if draft is None:
            return "none", None
        return ("cancel", None) if consent.drops(turn) else NoOrder(_NOT_DROPPED)
    made = order.apply(draft, _wish(turn, answer), turn.products, turn.profile.delivery)
    if isinstance(made, Refused):
        return NoOrder(_explain(made))
    if made != draft:
        return ("set", made) if consent.wants_order(turn, made) else NoOrder(_NOT_ASKED)
    if action == "set" or not consent.was_read_back(made, turn.recent):
        return "set", made
    return ("confirm", made) if consent.agrees(turn) else NoOrder(_NOT_AGREED)


def read_back(action: OrderAction, made: Order) -> str:
    """The order as the customer sees it, with what he may do next."""
    return (CONFIRMED if action == "confirm" else READ_BACK).format(recap=order.recap(made))


def exceeds_owners_limit(turn: Turn, made: Order) -> bool:
    """Whether the owner wants to see an order of this size himself: "pesanan lebih dari 50 gelas"."""
    rules = [rule for rule in turn.profile.handover_rules if _OF_ORDERS.search(rule)]
    limits = [int(m[1]) for rule in rules if (m := _LIMIT.search(rule.lower()))]
    return any(sum(line.qty for line in made.lines) > limit for limit in limits)


def _wish(turn: Turn, answer: ModelAnswer) -> Wish:
    """The order that the model understood, its free texts only where they are the customer's."""
    draft, lines = turn.draft_order, answer.order_lines
    if answer.order_action == "confirm" and not lines and draft:
        lines = tuple(WantedLine(line.sku, line.qty, line.note) for line in draft.lines)
    lines = tuple(line if _is_note(line.note, turn) else replace(line, note="") for line in lines)
    return Wish(lines, _area(turn, answer), answer.fulfilment, _address(turn, answer))


def _is_note(note: str, turn: Turn) -> bool:
    return guards.is_harmless(note) or (bool(note) and consent.is_own_text(note, turn))


def _area(turn: Turn, answer: ModelAnswer) -> str | None:
    area = answer.delivery_area
    known = {place.area.lower() for place in turn.profile.delivery} | {order.PICKUP, ""}
    if area is None or area.strip().lower() in known:
        return area
    return area if guards.is_harmless(area) and consent.is_own_text(area, turn) else None


def _address(turn: Turn, answer: ModelAnswer) -> str | None:
    return answer.address if answer.address and consent.is_own_text(answer.address, turn) else None


def _explain(refused: Refused) -> str:
    return "Pesanan belum bisa dicatat: " + "; ".join(map(_explain_one, refused.refusals))


def _explain_one(refusal: Refusal) -> str:
    match refusal.reason:
        case "unknown_item":
            return f"sku {refusal.sku[:40]} tidak ada di menu"
        case "bad_quantity":
            return f"qty sku {refusal.sku} harus 1 sampai {order.MAX_QTY}"
        case "not_enough_stock":
            return f"stok sku {refusal.sku} tinggal {refusal.available}: jangan dicatat, beri tahu pelanggan"
        case "listed_twice":
            return f"sku {refusal.sku} tertulis dua kali: gabungkan qty-nya"
        case "empty":
            return "order_lines kosong padahal order_action set atau confirm"
