"""Control calls answer with what to do when they cannot be understood."""

import asyncio
import json
from typing import Any

import pytest

from tests.unit.whatsapp_emulator.conftest import CUSTOMER, SHOP, Client
from whatsapp_emulator import control
from whatsapp_emulator.world import World

PAIR = {"from": CUSTOMER, "to": SHOP}


def call(world: World, name: str, body: Any, method: str = "POST") -> tuple[int, dict[str, Any]]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = asyncio.run(control.handle(world, method, name, data))
    return response.status, json.loads(response.body)


@pytest.mark.parametrize(
    ("name", "body", "status", "hint"),
    [
        ("nothing", {}, 404, "there are chats"),
        ("send_text", b"{", 400, "not JSON"),
        ("send_text", [], 400, "JSON object"),
        ("send_text", {"from": "abc", "to": SHOP, "text": "x"}, 400, "phone number in digits"),
        ("send_text", {"from": 6281300000001, "to": SHOP, "text": "x"}, 400, "must be a string"),
        ("send_text", PAIR, 400, '"text" must be a string'),
        ("send_text", {"from": SHOP, "to": SHOP, "text": "x"}, 400, "same number"),
        ("send_text", {**PAIR, "text": "x", "count": 0}, 400, "from 1 to"),
        ("send_text", {**PAIR, "text": "x", "count": 2, "id": "A"}, 400, "one message"),
        ("send_text", {**PAIR, "text": "x", "kind": "fax"}, 400, "one of text, group"),
        ("send_image", {**PAIR, "data": "%"}, 400, "base64"),
        ("send_image", {**PAIR, "data": ""}, 400, "empty"),
        ("typing", {**PAIR, "state": "sleeping"}, 400, "composing or paused"),
        ("media", {"id": "A"}, 404, "no file"),
        ("set", {"gravity": 1}, 400, "there are failure"),
        ("set", {"drop_acks": "yes"}, 400, "takes a bool"),
        ("scan", {"qr": "halo", "phone": SHOP}, 400, "no WhatsApp QR"),
        ("enter_code", {"code": "ABCD-EFGH", "phone": SHOP}, 400, "no device asks"),
        ("raw", {"phone": SHOP, "node": 1}, 400, '"node" must be'),
        ("stream_error", {}, 400, '"phone" must be'),
        ("events", {"timeout": 1000}, 400, "from 0 to 60"),
    ],
)
def test_a_call_that_cannot_be_done_says_what_to_do(
    world: World, name: str, body: Any, status: int, hint: str
) -> None:
    answer = call(world, name, body)
    assert answer[0] == status
    assert hint in answer[1]["error"]


def test_only_post_is_answered(world: World) -> None:
    assert call(world, "state", {}, "GET")[0] == 405


def test_a_message_id_is_used_once_per_chat(world: World) -> None:
    assert call(world, "send_text", {**PAIR, "text": "x", "id": "A"}) == (200, {"ids": ["A"]})
    status, answer = call(world, "send_text", {**PAIR, "text": "x", "id": "A"})
    assert (status, "already sent" in answer["error"]) == (400, True)


def test_a_text_to_a_linked_shop_leaves_for_its_device(world: World, client: Client) -> None:
    call(world, "send_text", {**PAIR, "text": "halo", "name": "Pelanggan Uji"})
    stanza = client.stanzas[0]
    assert (stanza.tag, stanza.text("notify"), stanza.text("sender_pn")) == (
        "message",
        "Pelanggan Uji",
        f"{CUSTOMER}@s.whatsapp.net",
    )
    enc = stanza.child("enc")
    assert enc is not None
    assert (enc.text("type"), b"halo" in enc.body) == ("pkmsg", False)


def test_an_unlinked_number_receives_on_its_phone(world: World) -> None:
    call(world, "send_text", {**PAIR, "text": "halo"})
    _, answer = call(world, "events", {"since": 0, "kind": "message"})
    assert [(event["from"], event["to"], event["text"]) for event in answer["events"]] == [
        (CUSTOMER, SHOP, "halo")
    ]
    _, again = call(world, "events", {"since": answer["next"]})
    assert all(event["kind"] != "message" for event in again["events"])


def test_opening_a_chat_reads_it(world: World) -> None:
    call(world, "send_text", {**PAIR, "text": "halo", "id": "A"})
    assert call(world, "read", {"from": SHOP, "to": CUSTOMER}) == (200, {"ids": ["A"]})
    _, shown = call(world, "messages", PAIR)
    assert [message["status"] for message in shown["messages"]] == ["read"]


def test_switches_show_in_the_state(world: World) -> None:
    call(world, "set", {"ack_delay": 2, "nack": {CUSTOMER: 463}})
    _, state = call(world, "state", {})
    assert (state["switches"]["ack_delay"], state["switches"]["nack"]) == (2.0, {CUSTOMER: 463})


def test_an_injected_stanza_keeps_its_shape(world: World, client: Client) -> None:
    node = {
        "tag": "notification",
        "attrs": {"from": SHOP + "@s.whatsapp.net", "id": "N"},
        "content": [{"tag": "x"}],
    }
    assert call(world, "raw", {"phone": SHOP, "node": node})[1] == {"sent": 1}
    assert [child.tag for child in client.stanzas[0].children] == ["x"]
