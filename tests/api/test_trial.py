"""Trying the agent on a made-up chat: the same mind as on WhatsApp, and nothing stored but the cost."""

import json
from typing import cast

import pytest

from balas.agent.answer import HOLD_ON
from functions.api.routes import trials
from tests.api.owner import Owner, code_of, pointers
from tests.model_server import ModelServer

COUNTS = """
select array[
    (select count(*) from messages where tenant_id = %(tenant_id)s),
    (select count(*) from orders where tenant_id = %(tenant_id)s),
    (select count(*) from customer_insights where tenant_id = %(tenant_id)s),
    (select count(*) from outbox where tenant_id = %(tenant_id)s),
    (select count(*) from contacts where tenant_id = %(tenant_id)s)
]
"""


def ask(owner: Owner, *texts: str):
    """The customer says these bubbles, alternating with the agent when there are more than one."""
    roles = ["user", "assistant"] * len(texts)
    bubbles = [{"role": role, "text": text} for role, text in zip(roles, texts, strict=False)]
    return owner.post("ai-config/try", {"messages": bubbles})


@pytest.fixture
def shop(owner: Owner) -> Owner:
    owner.post("products", {"name": "Nasi Goreng", "price": 18000, "sku": "NASGOR"})
    return owner


def test_an_answer_is_shown_with_all_that_led_to_it(shop: Owner, model: ModelServer) -> None:
    model.says(reply="Nasi Goreng Rp18.000 kak", intent="ask_price", tags=["price"], sources=["menu:NASGOR"])
    answer = ask(shop, "nasgor brp?")
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "reply": "Nasi Goreng Rp18.000 kak", "mode": "general_faq", "intent": "ask_price", "tags": ["price"],
        "order": None, "handover": None, "sources": ["menu:NASGOR"], "guards": [],
        "tokens": {"prompt": 100, "cached": 0, "completion": 20, "cost_rupiah": 0.0},
    }  # fmt: skip


def test_an_order_is_computed_by_the_shop(shop: Owner, model: ModelServer) -> None:
    model.says(
        reply="Siap kak!", mode="order_taking", intent="order_new", order_action="set",
        order_lines=[{"sku": "NASGOR", "qty": 2, "note": ""}],
    )  # fmt: skip
    order = ask(shop, "halo", "Halo kak", "pesan nasi goreng 2").json()["order"]
    assert (order["action"], order["total"], order["lines"][0]["unit_price"]) == ("set", 36000, 18000)
    assert "Rp36.000" in order["recap"]


def test_what_the_guards_stopped_is_shown(shop: Owner, model: ModelServer) -> None:
    model.says(reply="Nasi Goreng cuma Rp8.000 kak", intent="ask_price")
    shown = ask(shop, "nasgor brp?").json()
    assert shown["reply"] == HOLD_ON
    assert shown["handover"]["reason"] == "unsafe_reply"
    assert {guard["code"] for guard in shown["guards"]} == {"wrong_price"}
    assert shown["tokens"]["prompt"] == 200, "the second try costs too"


def test_a_model_in_trouble_shows_as_to_a_customer(shop: Owner, model: ModelServer) -> None:
    model.fails(401)
    shown = ask(shop, "halo").json()
    assert (shown["reply"], shown["mode"]) == (HOLD_ON, None)
    assert shown["handover"]["reason"] == "model_unauthorized"
    assert "OPENAI_API_KEY" in shown["handover"]["message"]


def test_the_chat_so_far_reaches_the_model_as_one(shop: Owner, model: ModelServer) -> None:
    ask(shop, "ada nasgor?", "Ada kak", "brp?")
    sent = cast("list[dict[str, str]]", model.requests[0]["messages"])
    assert [message["role"] for message in sent] == ["system", "user", "assistant", "user"]
    assert "NASGOR|Nasi Goreng|18000" in sent[0]["content"]


def test_a_trial_stores_its_cost_and_nothing_else(shop: Owner, model: ModelServer) -> None:
    ask(shop, "halo")
    with shop.db.tenant_tx(shop.tenant_id) as tx:
        assert tx.scalar(list, COUNTS) == [0, 0, 0, 0, 0]
    usage = shop.get("usage").json()
    assert (usage["answers"], usage["months"][0]["answers"]) == (0, 0)
    assert usage["months"][0]["models"][0]["prompt_tokens"] == 100


def test_another_shops_data_is_not_in_the_trial(shop: Owner, stranger: Owner, model: ModelServer) -> None:
    ask(stranger, "nasgor brp?")
    assert "NASGOR" not in json.dumps(model.requests)


def test_trials_are_limited_per_user(shop: Owner, stranger: Owner, model: ModelServer) -> None:
    for _ in range(trials.LIMIT.most):
        assert ask(shop, "halo").status_code == 200
    refused = ask(shop, "halo")
    assert (refused.status_code, code_of(refused)) == (429, "rate_limited")
    assert ask(stranger, "halo").status_code == 200


def test_a_chat_in_which_nobody_waits_has_no_answer(shop: Owner, model: ModelServer) -> None:
    answer = ask(shop, "halo", "Halo kak")
    assert (answer.status_code, code_of(answer)) == (409, "conflict")
    assert model.requests == []


@pytest.mark.parametrize(
    ("messages", "pointer"),
    [
        ([], "/messages"),
        (None, "/messages"),
        ([{"role": "user", "text": "x"}] * 41, "/messages"),
        ([{"role": "system", "text": "halo"}], "/messages/0/role"),
        ([{"role": "user", "text": " "}], "/messages/0/text"),
        ([{"role": "user", "text": "a\x00"}], "/messages/0/text"),
    ],
)
def test_what_is_no_chat_is_refused(owner: Owner, messages: object, pointer: str) -> None:
    assert pointers(owner.post("ai-config/try", {"messages": messages})) == [pointer]
