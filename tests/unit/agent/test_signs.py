"""What a customer's own words show, whatever the model makes of them."""

from dataclasses import replace

import pytest

from balas.agent import answer, signs
from balas.agent.answer import FAREWELL, HOLD_ON, SORRY, UNSEEN, Outcome
from balas.tenant import Modes
from balas.turn import Turn
from tests.unit.agent import shop
from tests.unit.agent.wire import Model, line, written

SERIOUS = [
    ("kecewa banget sama pelayanannya", "complaint"), ("nasinya basi kak", "complaint"),
    ("di sotonya ada rambut", "complaint"), ("mau bicara sama orang", "human_request"),
    ("tolong sambungkan ke admin ya", "human_request"),
        ("saya alergi udang", "sensitive"), ("aman buat ibu hamil ga", "sensitive"),
    ("saya lapor polisi", "sensitive"), ("minta refund", "refund"), ("balikin uang saya", "refund"),
]  # fmt: skip
HARMLESS = [
    "nasgor 2", "ada promo?", "kalau basi bisa diganti?", "jangan sampai salah kirim ya", "admin makasih ya",
    "bisa kirim ke kantor orang tua saya?", "ambil sendiri", "uang kembalian ada?", "di toko lain basi semua",
]  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), SERIOUS)
def test_a_model_cannot_keep_what_belongs_to_a_human(text: str, reason: str) -> None:
    outcome = answer.judge(shop.turn(text), written(reply="Siap kak, mau pesan apa?"), shop.NOW)
    assert isinstance(outcome, Outcome)
    assert outcome.handover == reason
    assert outcome.reply == (SORRY if reason in {"complaint", "refund"} else HOLD_ON)
    assert outcome.answer is not None
    assert outcome.answer.intent == reason


@pytest.mark.parametrize("text", HARMLESS)
def test_other_words_show_nothing(text: str) -> None:
    assert signs.serious(shop.turn(text)) is None


@pytest.mark.parametrize(
    "text",
    [
        "stop",
        "STOP!",
        "jangan chat lagi",
        "Tolong jangan kirim promo lagi ya kak",
        "unsubscribe",
        "berhenti kirim",
    ],
)
def test_an_opt_out_is_heard_without_a_model(text: str) -> None:
    model = Model()
    outcome = answer.think(shop.turn(text), shop.NOW, model)
    assert (outcome.reply, outcome.opted_out, outcome.handover, model.asked) == (FAREWELL, True, None, [])


@pytest.mark.parametrize("text", ["halo", "jam buka?", "pesan nasgor 2"])
def test_a_model_cannot_opt_a_customer_out(text: str) -> None:
    outcome = answer.judge(shop.turn(text), written(intent="opt_out"), shop.NOW)
    assert isinstance(outcome, Outcome)
    assert outcome.opted_out is False


def test_a_forbidden_topic_goes_to_the_owner() -> None:
    turn = shop.with_profile(
        shop.turn("menurutmu politik gimana"), replace(shop.PROFILE, forbidden_topics=("politik",))
    )
    outcome = answer.judge(turn, written(reply="Wah seru ya kak!"), shop.NOW)
    assert isinstance(outcome, Outcome)
    assert (outcome.reply, outcome.handover) == (HOLD_ON, "owner_rule")


def test_a_task_that_is_off_is_not_done() -> None:
    turn = shop.with_profile(shop.turn("alamat?"), replace(shop.PROFILE, modes=Modes(general_faq=False)))
    outcome = answer.judge(turn, written(reply="Di Tebet kak"), shop.NOW)
    assert isinstance(outcome, Outcome)
    assert (outcome.reply, outcome.handover) == (HOLD_ON, "mode_off")


def test_an_order_beyond_the_owners_limit_is_taken_and_shown_to_him() -> None:
    profile = replace(shop.PROFILE, handover_rules=("Pesanan lebih dari 50 porsi",))
    turn = shop.with_profile(shop.turn("pesan nasgor 60"), profile)
    outcome = answer.judge(turn, written(order_action="set", order_lines=[line("NG1", 60)]), shop.NOW)
    assert isinstance(outcome, Outcome)
    assert (outcome.order_action, outcome.handover) == ("set", "owner_rule")


def test_a_picture_that_nobody_saw_is_admitted() -> None:
    outcome = answer.judge(shop.turn("ini ya", kind="image"), written(reply="Siap kak"), shop.NOW)
    assert isinstance(outcome, Outcome)
    assert UNSEEN in outcome.reply
    assert outcome.handover == "media"


def _follow_up(turn: Turn, **fields: object) -> answer.FollowUpWish | None:
    outcome = answer.judge(turn, written(needs_follow_up=True, **fields), shop.NOW)
    assert isinstance(outcome, Outcome)
    return outcome.follow_up


def test_a_wish_to_write_again_is_kept_where_the_owner_allows_it() -> None:
    turn = shop.turn("nanti gajian saya pesan")
    assert _follow_up(turn, follow_up_hours=72, follow_up_reason="gajian\ndulu") == answer.FollowUpWish(
        72, "gajian dulu"
    )
    assert _follow_up(turn) == answer.FollowUpWish(24, "")
    assert _follow_up(turn, handover=True, handover_reason="human_request") is None
    assert _follow_up(shop.with_profile(turn, replace(shop.PROFILE, follow_ups=False))) is None


def test_an_english_customer_is_told_in_english() -> None:
    outcome = answer.judge(
        shop.turn("can I talk to a human"), written(reply="Sure, what would you like?"), shop.NOW
    )
    assert isinstance(outcome, Outcome)
    assert (outcome.reply, outcome.handover) == (answer.IN_ENGLISH[HOLD_ON], "human_request")
