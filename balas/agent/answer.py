"""One turn of thought: ask, read, price, guard; at most one second try; else a safe sentence and a human."""

from dataclasses import dataclass, replace
from datetime import datetime

from balas import handover, order
from balas.agent import guards, output, prompt
from balas.agent.chat import Ask, ChatMessage, Completion
from balas.agent.output import Intent, ModelAnswer, OrderAction
from balas.errors import ModelFailed
from balas.order import Order, Refusal, Refused, WantedLine, Wish
from balas.turn import Turn

HOLD_ON = "Sebentar ya kak, kami cek dulu dan segera dibalas admin 🙏"
SORRY = "Mohon maaf banget ya kak atas ketidaknyamanannya 🙏 Sudah kami teruskan ke admin, segera dibantu ya."
READ_BACK = "*Pesanan kakak:*\n{recap}\n\nSudah betul kak? Balas *ya* untuk konfirmasi 😊"
CONFIRMED = "*Pesanan kakak:*\n{recap}\n\nPesanan sudah kami catat, terima kasih kak 🙏"
WORTH_RETRYING: frozenset[str] = frozenset(
    {"model_timeout", "model_rate_limited", "model_error", "model_bad_output"}
)

_FOR_A_HUMAN: dict[Intent, handover.Reason] = {
    "complaint": "complaint",
    "refund": "refund",
    "human_request": "human_request",
    "sensitive": "sensitive",
}


@dataclass(frozen=True)
class Outcome:
    """What the turn came to; `reply` is the whole text for the customer, with the order read back.

    `order` is the order after `order_action` set or confirm, else None. `answer` is None when the model gave
    nothing usable. `verdicts` are the guards' objections, also those that the second try has cured.
    """

    reply: str
    answer: ModelAnswer | None
    order_action: OrderAction
    order: Order | None
    handover: handover.Reason | None
    verdicts: tuple[guards.Verdict, ...] = ()
    completions: tuple[Completion, ...] = ()


@dataclass(frozen=True)
class Redo:
    """Why an answer cannot be sent: `feedback` is for the model, `reason` for the owner if it stays so."""

    feedback: str
    reason: handover.Reason
    answer: ModelAnswer | None = None
    verdicts: tuple[guards.Verdict, ...] = ()


def think(turn: Turn, now: datetime, ask: Ask) -> Outcome:
    """What to answer, after one call of `ask`, or two.

    A ModelFailed of the first call passes through: the caller tries again later if its reason is in
    WORTH_RETRYING, or takes `gave_up(reason)`.
    """
    chat = prompt.messages(turn, now)
    first = ask(chat)
    judged = judge(turn, first.text)
    if isinstance(judged, Outcome):
        return replace(judged, completions=(first,))
    try:
        second = ask([*chat, *_correction(first, judged)])
    except ModelFailed:
        return replace(_settle(judged), completions=(first,))
    outcome = _settle(judge(turn, second.text))
    objections = (*judged.verdicts, *outcome.verdicts)
    return replace(outcome, verdicts=objections, completions=(first, second))


def judge(turn: Turn, text: str) -> Outcome | Redo:
    """The outcome of a model's raw text, or what it must do better."""
    try:
        answer = output.parse(text)
    except output.BadModelOutput as error:
        return Redo(str(error), "model_bad_output")
    action, after = _order_after(turn, answer)
    if isinstance(after, Refused):
        return Redo(_explain(after), "order_unclear", answer)
    reply = _with_order(answer.reply, action, after)
    verdicts = (*guards.check(answer.reply, turn, after), *guards.repetition(reply, turn))
    if verdicts:
        return Redo(guards.feedback(verdicts), guards.reason(verdicts), answer, verdicts)
    return Outcome(reply, answer, action, after, _handover(turn, answer))


def gave_up(reason: handover.Reason, answer: ModelAnswer | None = None) -> Outcome:
    """A safe sentence, and the chat goes to a human; nothing of the model's words or orders is used."""
    if answer is not None and answer.mode == "complaint":
        return Outcome(SORRY, answer, "none", None, "complaint")
    return Outcome(HOLD_ON, answer, "none", None, reason)


def _settle(judged: Outcome | Redo) -> Outcome:
    if isinstance(judged, Outcome):
        return judged
    return replace(gave_up(judged.reason, judged.answer), verdicts=judged.verdicts)


def _correction(first: Completion, redo: Redo) -> list[ChatMessage]:
    request = f"<koreksi>{redo.feedback}</koreksi>\nKirim ulang satu objek JSON yang lengkap sesuai skema."
    return [{"role": "assistant", "content": first.text[:4000]}, {"role": "user", "content": request}]


def _order_after(turn: Turn, answer: ModelAnswer) -> tuple[OrderAction, Order | Refused | None]:
    """What happens to the order: only exactly what was read back can be confirmed."""
    draft, action = turn.draft_order, answer.order_action
    if action == "none" or not turn.profile.modes.order_taking:
        return "none", None
    if action == "cancel":
        return ("cancel", None) if draft else ("none", None)
    lines = answer.order_lines
    if action == "confirm" and not lines and draft:
        lines = tuple(WantedLine(line.sku, line.qty, line.note) for line in draft.lines)
    after = order.apply(draft, Wish(lines, answer.delivery_area), turn.products, turn.profile.delivery)
    return ("confirm" if action == "confirm" and after == draft else "set"), after


def _with_order(reply: str, action: OrderAction, after: Order | None) -> str:
    if after is None:
        return reply
    form = CONFIRMED if action == "confirm" else READ_BACK
    return f"{reply}\n\n{form.format(recap=order.recap(after))}"


def _handover(turn: Turn, answer: ModelAnswer) -> handover.Reason | None:
    """Why a human must take over; some intents go to one whatever the model says."""
    if answer.mode == "complaint":
        return "complaint"
    if answer.intent in _FOR_A_HUMAN:
        return _FOR_A_HUMAN[answer.intent]
    modes = turn.profile.modes
    if not (modes.order_taking if answer.mode == "order_taking" else modes.general_faq):
        return "mode_off"
    return (answer.handover_reason or "unknown_answer") if answer.handover else None


def _explain(refused: Refused) -> str:
    return "Pesanan belum bisa dicatat: " + "; ".join(map(_explain_one, refused.refusals))


def _explain_one(refusal: Refusal) -> str:
    match refusal.reason:
        case "unknown_item":
            return f"sku {refusal.sku} tidak ada di menu"
        case "bad_quantity":
            return f"qty sku {refusal.sku} harus 1 sampai {order.MAX_QTY}"
        case "not_enough_stock":
            return f"stok sku {refusal.sku} tinggal {refusal.available}: jangan dicatat, beri tahu pelanggan"
        case "listed_twice":
            return f"sku {refusal.sku} tertulis dua kali: gabungkan qty-nya"
        case "empty":
            return "order_lines kosong padahal order_action set atau confirm"
