"""One turn of thought: ask, read, price, guard; at most one second try; else a safe sentence and a human."""

from dataclasses import dataclass, replace
from datetime import datetime

from balas import handover
from balas.agent import guards, language, ordering, output, prompt, signs
from balas.agent.chat import Ask, ChatMessage, Completion
from balas.agent.ordering import NoOrder
from balas.agent.output import Intent, ModelAnswer, OrderAction, Tag
from balas.errors import ModelFailed
from balas.order import Order
from balas.turn import Turn

HOLD_ON = "Sebentar ya kak, kami cek dulu dan segera dibalas admin 🙏"
SORRY = "Mohon maaf banget ya kak atas ketidaknyamanannya 🙏 Sudah kami teruskan ke admin, segera dibantu ya."
FAREWELL = "Baik kak, kami tidak akan mengirim pesan lagi. Maaf sudah mengganggu ya 🙏"
UNSEEN = "Maaf kak, foto, suara, atau berkasnya belum bisa kami buka di sini. Nanti dicek admin ya 🙏"
IN_ENGLISH = {
    HOLD_ON: "One moment please, we will check and our admin will reply soon 🙏",
    SORRY: "We are very sorry about this 🙏 We have told our admin, who will help you soon.",
    FAREWELL: "All right, we will not send you any more messages. Sorry for the disturbance 🙏",
    UNSEEN: "Sorry, we cannot open photos, voice notes or files here yet. Our admin will look at it 🙏",
}
WORTH_RETRYING: frozenset[str] = frozenset(
    {"model_timeout", "model_rate_limited", "model_error", "model_bad_output"}
)
MIN_FOLLOW_UP_H, USUAL_FOLLOW_UP_H, MAX_FOLLOW_UP_H = 1.0, 24.0, 24.0 * 30
MAX_REASON_CHARS = 200

_FOR_A_HUMAN: dict[Intent, handover.Reason] = {
    "complaint": "complaint",
    "refund": "refund",
    "human_request": "human_request",
    "sensitive": "sensitive",
}
_TAGS: dict[Intent, Tag] = {
    "complaint": "complaint", "refund": "refund", "human_request": "human", "sensitive": "sensitive",
    "opt_out": "opt_out",
}  # fmt: skip


@dataclass(frozen=True)
class FollowUpWish:
    """The agent would like to write again in `hours`; `reason` is for the owner and for that later turn."""

    hours: float
    reason: str


@dataclass(frozen=True)
class Outcome:
    """What the turn came to; `reply` is the whole text for the customer, with the order read back.

    `order` is the order after `order_action` set or confirm, else None. `answer` is None when the model gave
    nothing usable. `verdicts` are the guards' objections, also those that the second try has cured. After
    `opted_out` the agent never writes to this customer again.
    """

    reply: str
    answer: ModelAnswer | None
    order_action: OrderAction
    order: Order | None
    handover: handover.Reason | None
    verdicts: tuple[guards.Verdict, ...] = ()
    completions: tuple[Completion, ...] = ()
    follow_up: FollowUpWish | None = None
    opted_out: bool = False


@dataclass(frozen=True)
class Redo:
    """Why an answer cannot be sent: `feedback` is for the model, `reason` for the owner if it stays so."""

    feedback: str
    reason: handover.Reason
    answer: ModelAnswer | None = None
    verdicts: tuple[guards.Verdict, ...] = ()


def think(turn: Turn, now: datetime, ask: Ask) -> Outcome:
    """What to answer, after one call of `ask`, or two; none for a customer who wants no more messages.

    A ModelFailed of the first call passes through: the caller tries again later if its reason is in
    WORTH_RETRYING, or takes `gave_up(reason)`.
    """
    if signs.is_opt_out(turn):
        return _farewell(turn, output.understood(FAREWELL, "opt_out", ("opt_out",)))
    chat = prompt.messages(turn, now)
    first = ask(chat)
    judged = judge(turn, first.text, now)
    if isinstance(judged, Outcome):
        return replace(judged, completions=(first,))
    try:
        second = ask([*chat, *_correction(first, judged)])
    except ModelFailed:
        return replace(_settle(turn, judged), completions=(first,))
    outcome = _settle(turn, judge(turn, second.text, now))
    objections = (*judged.verdicts, *outcome.verdicts)
    return replace(outcome, verdicts=objections, completions=(first, second))


def judge(turn: Turn, text: str, now: datetime) -> Outcome | Redo:
    """The outcome of a model's raw text, or what it must do better."""
    try:
        answer = _checked(turn, output.parse(text))
    except output.BadModelOutput as error:
        return Redo(str(error), "model_bad_output")
    if answer.intent == "opt_out" and signs.may_be_opt_out(turn):
        return _farewell(turn, answer)
    if (reason := _for_a_human_anyway(turn, answer)) is not None:
        return _to_a_human(turn, answer, reason)
    ordered = ordering.after(turn, answer)
    if isinstance(ordered, NoOrder):
        return Redo(ordered.feedback, "order_unclear", answer)
    action, made = ordered
    reply = answer.reply if made is None else f"{answer.reply}\n\n{ordering.read_back(action, made)}"
    verdicts = (*guards.check(answer.reply, turn, made, now), *guards.repetition(reply, turn))
    if verdicts:
        return Redo(guards.feedback(verdicts), guards.reason(verdicts), answer, verdicts)
    reason = _handover(answer)
    if made is not None and ordering.exceeds_owners_limit(turn, made):
        reason = reason or "owner_rule"
    if reason is None and signs.unread_media(turn):
        reply, reason = f"{reply}\n\n{_say(UNSEEN, turn)}", "media"
    return Outcome(reply, answer, action, made, reason, follow_up=_follow_up(turn, answer, reason))


def gave_up(reason: handover.Reason, answer: ModelAnswer | None = None, turn: Turn | None = None) -> Outcome:
    """A safe sentence, and the chat goes to a human; nothing of the model's words or orders is used."""
    serious = signs.serious(turn) if turn else None
    if serious in {"complaint", "refund"} or (answer is not None and answer.mode == "complaint"):
        return Outcome(_say(SORRY, turn), answer, "none", None, serious or "complaint")
    return Outcome(_say(HOLD_ON, turn), answer, "none", None, serious or reason)


def _settle(turn: Turn, judged: Outcome | Redo) -> Outcome:
    if isinstance(judged, Outcome):
        return judged
    return replace(gave_up(judged.reason, judged.answer, turn), verdicts=judged.verdicts)


def _correction(first: Completion, redo: Redo) -> list[ChatMessage]:
    request = f"<koreksi>{redo.feedback}</koreksi>\nKirim ulang satu objek JSON yang lengkap sesuai skema."
    return [{"role": "assistant", "content": first.text[:4000]}, {"role": "user", "content": request}]


def _checked(turn: Turn, answer: ModelAnswer) -> ModelAnswer:
    """The answer, where it speaks of items only with those that the shop sells."""
    known = {product.sku for product in turn.products if product.active}
    return replace(answer, product_interest=tuple(sku for sku in answer.product_interest if sku in known))


def _farewell(turn: Turn, answer: ModelAnswer) -> Outcome:
    return Outcome(_say(FAREWELL, turn), answer, "none", None, None, opted_out=True)


def _for_a_human_anyway(turn: Turn, answer: ModelAnswer) -> handover.Reason | None:
    """Why a human must answer although the model would not leave it to one."""
    if (reason := _off(turn, answer)) is not None:
        return reason
    if _handover(answer) in {*_FOR_A_HUMAN.values(), "owner_rule"}:
        return None
    if (serious := signs.serious(turn)) is not None:
        return serious
    is_forbidden = any(signs.forbidden_topic(text, turn) for text in signs.texts(turn))
    return "owner_rule" if is_forbidden else None


def _off(turn: Turn, answer: ModelAnswer) -> handover.Reason | None:
    """Why the owner wants to do this task himself; a complaint keeps its name."""
    modes = turn.profile.modes
    if answer.mode == "complaint" or answer.intent in {"complaint", "refund"}:
        return None if modes.complaint else _handover(answer)
    is_order = answer.mode == "order_taking" or answer.order_action != "none" or answer.intent == "order_new"
    return None if (modes.order_taking if is_order else modes.general_faq) else "mode_off"


def _to_a_human(turn: Turn, answer: ModelAnswer, reason: handover.Reason) -> Outcome:
    """A sentence of ours instead of the model's, and its insight put right."""
    intent: Intent = reason if reason in _FOR_A_HUMAN else answer.intent  # type: ignore[assignment] - one of its keys
    is_sad = reason in {"complaint", "refund"}
    tags = (*answer.tags, _TAGS[intent]) if intent in _TAGS else answer.tags
    mode = "complaint" if is_sad else answer.mode
    noted = replace(answer, intent=intent, mode=mode, tags=tuple(dict.fromkeys(tags)), handover=True)
    reply = SORRY if is_sad and turn.profile.modes.complaint else HOLD_ON
    return Outcome(_say(reply, turn), noted, "none", None, reason)


def _handover(answer: ModelAnswer) -> handover.Reason | None:
    """Why a human must take over, as the model understood it; some intents go to one whatever it says."""
    if answer.intent in _FOR_A_HUMAN:
        return _FOR_A_HUMAN[answer.intent]
    if answer.mode == "complaint":
        return "complaint"
    return (answer.handover_reason or "unknown_answer") if answer.handover else None


def _follow_up(turn: Turn, answer: ModelAnswer, reason: handover.Reason | None) -> FollowUpWish | None:
    """The wish to write again, where the owner allows it and the agent still holds the chat."""
    if not answer.needs_follow_up or not turn.profile.follow_ups:
        return None
    if reason is not None and reason not in handover.FLAGS:
        return None
    hours = min(MAX_FOLLOW_UP_H, max(MIN_FOLLOW_UP_H, answer.follow_up_hours or USUAL_FOLLOW_UP_H))
    return FollowUpWish(hours, prompt.data(answer.follow_up_reason or "", MAX_REASON_CHARS))


def _say(sentence: str, turn: Turn | None) -> str:
    """One of our sentences, in English for a customer who writes English."""
    is_english = turn is not None and language.of(" ".join(signs.texts(turn))) == "en"
    return IN_ENGLISH[sentence] if is_english else sentence
