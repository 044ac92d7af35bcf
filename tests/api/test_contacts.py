"""Customers: found, named, and left alone by the agent when they or the owner wish so."""

from uuid import UUID, uuid4

import pytest

from balas.conversation import ConversationId, MessageId
from balas.db import outbox, turns
from tests.api.owner import Owner, code_of, pointers

UNKNOWN = "00000000-0000-4000-8000-000000000000"
INTERRUPTIONS = "select interruptions from conversations where tenant_id = %(tenant_id)s and id = %(id)s"
OPEN_OUTBOX = "select author from outbox where tenant_id = %(tenant_id)s and done_at is null order by author"
AUDIT = "select fields from audit_log where tenant_id = %(tenant_id)s and action = 'contact_changed'"


def contact_of(owner: Owner, chat: UUID) -> str:
    return owner.get(f"conversations/{chat}").json()["contact"]["id"]


def change(owner: Owner, contact: str, **fields: object):
    return owner.call("PATCH", f"contacts/{contact}", json=fields)


def test_a_contact_is_shown_as_the_contract_says(owner: Owner) -> None:
    contact = contact_of(owner, owner.hears(owner.link_whatsapp(), "halo"))
    shown = owner.get(f"contacts/{contact}").json()
    assert owner.get("contacts").json() == {"items": [shown], "next_cursor": None}
    assert shown == {
        "id": contact, "name": None, "push_name": "Pelanggan", "phone": "6281200000001", "lid": "77001",
        "is_saved": False, "ai_off": False, "opted_out": False, "created_at": shown["created_at"],
    }  # fmt: skip


def test_a_contact_is_found_by_name_or_number(owner: Owner) -> None:
    shop = owner.link_whatsapp()
    for n in range(52):
        owner.hears(shop, "halo", lid=f"7{n:04}", phone=f"62812000{n:05}", push_name=f"Pembeli {n}")
    first = owner.get("contacts").json()
    second = owner.get("contacts", cursor=first["next_cursor"]).json()
    names = [contact["push_name"] for contact in first["items"] + second["items"]]
    assert names == [f"Pembeli {n}" for n in reversed(range(52))]
    for q in ("PEMBELI 17", "0812-000-00017", "+6281200000017", "0017"):
        assert [c["push_name"] for c in owner.get("contacts", q=q).json()["items"]] == ["Pembeli 17"]
    renamed = first["items"][0]["id"]
    change(owner, renamed, name="Langganan")
    assert [c["id"] for c in owner.get("contacts", q="langgan").json()["items"]] == [renamed]
    page = owner.get("contacts", q="pembeli").json()
    rest = owner.get("contacts", q="pembeli", cursor=page["next_cursor"]).json()
    assert (len(page["items"]), len(rest["items"]), rest["next_cursor"]) == (50, 2, None)


def test_the_owners_name_is_shown_until_it_is_taken_away(owner: Owner) -> None:
    chat = owner.hears(owner.link_whatsapp(), "halo")
    contact = contact_of(owner, chat)
    assert change(owner, contact, name=" Bu Langganan ").json()["name"] == "Bu Langganan"
    assert owner.get(f"conversations/{chat}").json()["contact"]["name"] == "Bu Langganan"
    assert change(owner, contact).json()["name"] == "Bu Langganan"
    assert change(owner, contact, name=None).json()["name"] is None
    assert owner.get(f"conversations/{chat}").json()["contact"]["name"] == "Pelanggan"


@pytest.mark.parametrize("switch", ["opted_out", "ai_off"])
def test_a_customer_who_is_left_alone_gets_nothing_more_from_the_agent(owner: Owner, switch: str) -> None:
    shop = owner.link_whatsapp()
    chat, other = owner.hears(shop, "berhenti"), owner.hears(shop, "halo", lid="77002", phone="6281200000002")
    contact = contact_of(owner, chat)
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        for conversation in (chat, other):
            outbox.enqueue(tx, MessageId(uuid4()), ConversationId(conversation), "Halo kak!", author="ai")
        outbox.enqueue(tx, MessageId(uuid4()), ConversationId(chat), "Dari admin", author="human")
    shown = change(owner, contact, **{switch: True}).json()
    assert shown[switch] is True
    newest = owner.get(f"conversations/{chat}/messages").json()["items"]
    cancelled = [(message["author"], message["reason"]) for message in newest if message["reason"]]
    assert cancelled == [("ai", switch)]
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        assert tx.scalars(str, OPEN_OUTBOX) == ["ai", "human"]
        assert [tx.scalar(int, INTERRUPTIONS, id=c) for c in (chat, other)] == [1, 0]
    assert change(owner, contact, **{switch: False}).json()[switch] is False
    assert owner.get(f"conversations/{chat}").json()["handling"] == "ai"


def test_the_agent_learns_of_it(owner: Owner) -> None:
    chat = owner.hears(owner.link_whatsapp(), "berhenti")
    change(owner, contact_of(owner, chat), opted_out=True, ai_off=True)
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        opened = turns.read(tx, ConversationId(chat))
    assert opened is not None
    assert (opened.turn.contact.ai_off, opened.turn.contact.opted_out_at is None) == (True, False)


def test_the_audit_log_names_the_fields_and_not_what_was_in_them(owner: Owner) -> None:
    contact = contact_of(owner, owner.hears(owner.link_whatsapp(), "halo"))
    change(owner, contact, name="Rahasia", opted_out=True)
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        assert tx.scalars(list, AUDIT) == [["name", "opted_out_at"]]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", "x" * 201), ("name", "nol\x00"), ("name", 1),
        ("ai_off", "ya"), ("ai_off", 1), ("opted_out", "true"),
    ],
)  # fmt: skip
def test_a_change_is_refused(refused: Owner, field: str, value: object) -> None:
    assert pointers(change(refused, UNKNOWN, **{field: value})) == [f"/{field}"]


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_an_unknown_contact_is_not_found(owner: Owner, method: str) -> None:
    answer = owner.call(method, f"contacts/{UNKNOWN}", json={} if method == "PATCH" else None)
    assert (answer.status_code, code_of(answer)) == (404, "not_found")
