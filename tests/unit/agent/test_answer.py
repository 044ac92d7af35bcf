"""One turn of thought, from the model's raw text to what the customer reads."""

from dataclasses import replace

import pytest

from balas import order
from balas.agent import answer
from balas.agent.answer import HOLD_ON, SORRY, Outcome
from balas.errors import ModelFailed
from balas.order import Order, OrderLine
from balas.tenant import Modes
from balas.turn import Turn
from tests.unit.agent import shop
from tests.unit.agent.wire import Model, line, written

DRAFT = Order((OrderLine("NG1", "Nasi Goreng Spesial", 2, 18000),), "Tebet", 5000, "delivery")
SHOWN = [shop.bubble(f"Siap kak!\n\n{order.recap(DRAFT)}", "ai", age_s=60)]


def _judged(turn: Turn, **fields: object) -> Outcome:
    outcome = answer.judge(turn, written(**fields), shop.NOW)
    assert isinstance(outcome, Outcome)
    return outcome


def test_a_good_answer_takes_one_call() -> None:
    model = Model(written(reply="Nasi Goreng Spesial Rp18.000 kak", intent="ask_price"))
    outcome = answer.think(shop.turn("nasgor brp"), shop.NOW, model)
    assert (outcome.reply, outcome.handover) == ("Nasi Goreng Spesial Rp18.000 kak", None)
    assert len(outcome.completions) == len(model.asked) == 1


@pytest.mark.parametrize(
    "first", ["prosa saja", written(reply="Nasi Goreng Spesial Rp9.000 kak"), written(reply="")]
)
def test_a_bad_answer_gets_one_second_try_that_says_what_was_wrong(first: str) -> None:
    model = Model(first, written(reply="Nasi Goreng Spesial Rp18.000 kak"))
    outcome = answer.think(shop.turn("nasgor brp"), shop.NOW, model)
    assert (outcome.reply, outcome.handover) == ("Nasi Goreng Spesial Rp18.000 kak", None)
    assert len(outcome.completions) == 2
    assert [message["role"] for message in model.asked[1][-2:]] == ["assistant", "user"]
    assert model.asked[1][-1]["content"].startswith("<koreksi>")


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("prosa saja", "model_bad_output"),
        (written(reply="Nasi Goreng Spesial Rp9.000 kak"), "unsafe_reply"),
        (written(order_action="set", order_lines=[line("XX", 1)]), "order_unclear"),
    ],
)
def test_two_bad_answers_end_in_a_safe_sentence_and_a_human(bad: str, reason: str) -> None:
    outcome = answer.think(shop.turn("nasgor brp"), shop.NOW, Model(bad, bad))
    assert (outcome.reply, outcome.handover) == (HOLD_ON, reason)
    assert (outcome.order_action, outcome.order, len(outcome.completions)) == ("none", None, 2)


def test_a_complaint_stays_a_complaint_when_its_reply_is_unsafe() -> None:
    bad = written(reply="Kami ganti Rp50.000 ya kak", mode="complaint", intent="complaint", handover=True)
    outcome = answer.think(shop.turn("basi nih"), shop.NOW, Model(bad, bad))
    assert (outcome.reply, outcome.handover) == (SORRY, "complaint")


def test_a_failure_of_the_first_call_passes_through() -> None:
    with pytest.raises(ModelFailed):
        answer.think(shop.turn("halo"), shop.NOW, Model(ModelFailed("late", "model_timeout")))


def test_a_failure_of_the_second_call_hands_over_with_the_first_cause() -> None:
    model = Model(written(reply="Es Teh Manis Rp9.000"), ModelFailed("late", "model_timeout"))
    outcome = answer.think(shop.turn("es teh"), shop.NOW, model)
    assert (outcome.reply, outcome.handover, len(outcome.completions)) == (HOLD_ON, "unsafe_reply", 1)
    assert [verdict.code for verdict in outcome.verdicts] == ["wrong_price"]


def test_a_new_order_is_read_back_with_codes_own_total() -> None:
    outcome = _judged(shop.turn("2 nasgor"), reply="Siap kak!", order_action="set",
                      order_lines=[line("NG1", 2)], delivery_area="tebet")  # fmt: skip
    assert (outcome.order_action, outcome.order) == ("set", DRAFT)
    assert outcome.reply.startswith("Siap kak!\n\n*Pesanan kakak:*\n- 2 x Nasi Goreng Spesial")
    assert "*Total: Rp41.000*" in outcome.reply
    assert "Balas *ya*" in outcome.reply


def test_what_was_read_back_can_be_confirmed() -> None:
    outcome = _judged(shop.turn("ya betul", recent=SHOWN, draft=DRAFT), order_action="confirm")
    assert (outcome.order_action, outcome.order) == ("confirm", DRAFT)
    assert "*Total: Rp41.000*" in outcome.reply


@pytest.mark.parametrize("lines", [[line("NG1", 3)], [line("NG1", 2), line("KR1", 1)]])
def test_a_confirmation_that_changes_the_order_is_read_back_instead(lines: list[dict[str, object]]) -> None:
    outcome = _judged(
        shop.turn("ya, 3 ya sama kerupuk", draft=DRAFT), order_action="confirm", order_lines=lines
    )
    assert outcome.order_action == "set"


def test_a_price_that_changed_since_the_read_back_is_read_back_again() -> None:
    dearer = tuple(replace(p, price=20000) if p.sku == "NG1" else p for p in shop.PRODUCTS)
    turn = replace(shop.turn("ya", draft=DRAFT), products=dearer)
    outcome = _judged(turn, order_action="confirm")
    assert outcome.order_action == "set"
    assert "*Total: Rp45.000*" in outcome.reply


def test_an_order_nobody_made_cannot_be_confirmed_or_cancelled() -> None:
    assert isinstance(answer.judge(shop.turn("ya"), written(order_action="confirm"), shop.NOW), answer.Redo)
    assert _judged(shop.turn("batal"), order_action="cancel").order_action == "none"


def test_a_cancelled_order_is_gone() -> None:
    outcome = _judged(shop.turn("batal", draft=DRAFT), order_action="cancel", mode="order_taking")
    assert (outcome.order_action, outcome.order) == ("cancel", None)


def test_stock_refusals_tell_the_model_what_is_left() -> None:
    redo = answer.judge(
        shop.turn("sate 5"), written(order_action="set", order_lines=[line("SA1", 5)]), shop.NOW
    )
    assert isinstance(redo, answer.Redo)
    assert "tinggal 3" in redo.feedback


def test_an_order_is_not_taken_when_the_owner_switched_orders_off() -> None:
    profile = replace(shop.PROFILE, modes=Modes(order_taking=False))
    turn = shop.with_profile(shop.turn("2 nasgor"), profile)
    outcome = _judged(turn, mode="order_taking", order_action="set", order_lines=[line("NG1", 2)])
    assert (outcome.order_action, outcome.order, outcome.handover) == ("none", None, "mode_off")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"mode": "complaint", "intent": "complaint"}, "complaint"),
        ({"intent": "refund"}, "refund"),
        ({"intent": "human_request"}, "human_request"),
        ({"intent": "sensitive"}, "sensitive"),
        ({"handover": True, "handover_reason": "media"}, "media"),
        ({"handover": True, "handover_reason": None}, "unknown_answer"),
        ({"handover": False, "handover_reason": "media"}, None),
        ({"intent": "opt_out"}, None),
        ({"intent": "ask_price"}, None),
    ],
)
def test_some_things_go_to_a_human_whatever_the_model_says(
    fields: dict[str, object], reason: str | None
) -> None:
    assert _judged(shop.turn("halo"), **fields).handover == reason


def test_a_parrot_hands_over() -> None:
    said = [shop.bubble("Ada yang bisa dibantu kak?", "ai", age_s=age) for age in (60, 30)]
    same = written(reply="Ada yang bisa dibantu kak?")
    outcome = answer.think(shop.turn("?", recent=said), shop.NOW, Model(same, same))
    assert (outcome.reply, outcome.handover) == (HOLD_ON, "repeated_reply")
