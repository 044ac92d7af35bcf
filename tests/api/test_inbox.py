"""The inbox: reading chats, replying as a human, taking over and giving back."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from balas.conversation import ConversationId, MessageId
from balas.db import outbox
from tests.api.owner import Owner, code_of, pointers

UNKNOWN = "00000000-0000-4000-8000-000000000000"
TAG = """
update conversations set tags = %(tags)s, mode = 'complaint'
where tenant_id = %(tenant_id)s and id = %(id)s
"""
END_PAUSE = "update conversations set resumes_at = now() where tenant_id = %(tenant_id)s"
UNLINK = "update whatsapp_sessions set lid = null, jid = null where tenant_id = %(tenant_id)s"
OPEN_OUTBOX = "select author from outbox where tenant_id = %(tenant_id)s and done_at is null"
UNANSWERED = """
select id from messages where tenant_id = %(tenant_id)s and awaits_reply and answered_by is null
"""
INSIGHT = """
insert into customer_insights (
    tenant_id, conversation_id, read_message_ids, intent, tags, model, prompt_tokens, cached_tokens,
    completion_tokens, latency_ms
) values (%(tenant_id)s, %(id)s, '{}', 'complaint', '{refund}', 'offline', 0, 0, 0, 0)
"""


def reply(owner: Owner, chat: UUID, text: str = "Siap kak", message_id: UUID | None = None):
    return owner.post(f"conversations/{chat}/messages", {"id": str(message_id or uuid4()), "text": text})


def open_outbox(owner: Owner) -> list[str]:
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        return tx.scalars(str, OPEN_OUTBOX)


def test_a_chat_is_shown_as_the_contract_says(owner: Owner) -> None:
    chat = owner.hears(owner.link_whatsapp(), "Berapa harga nasi goreng?")
    listed = owner.get("conversations").json()
    shown = owner.get(f"conversations/{chat}").json()
    assert listed == {"items": [shown], "next_cursor": None}
    assert shown["contact"] == {
        "id": shown["contact"]["id"], "name": "Pelanggan", "phone": "6281200000001", "lid": "77001",
    }  # fmt: skip
    assert (shown["handling"], shown["handover"], shown["status"]) == ("ai", None, "open")
    assert (shown["unread"], shown["last_message_preview"]) == (1, "Berapa harga nasi goreng?")
    assert (shown["tags"], shown["mode"], shown["insight"]) == ([], None, None)


def test_the_latest_insight_comes_with_its_chat(owner: Owner) -> None:
    chat = owner.hears(owner.link_whatsapp(), "Basi!")
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        tx.run(INSIGHT, id=chat)
    insight = owner.get(f"conversations/{chat}").json()["insight"]
    assert (insight["intent"], insight["tags"]) == ("complaint", ["refund"])


def test_messages_come_newest_first_in_pages(owner: Owner) -> None:
    shop, start = owner.link_whatsapp(), datetime.now(UTC) - timedelta(hours=1)
    chat = owner.hears(shop, "pesan 0", sent_at=start)
    for n in range(1, 51):
        owner.hears(shop, f"pesan {n}", sent_at=start + timedelta(seconds=n))
    first = owner.get(f"conversations/{chat}/messages").json()
    second = owner.get(f"conversations/{chat}/messages", cursor=first["next_cursor"]).json()
    texts = [message["text"] for message in first["items"] + second["items"]]
    assert texts == [f"pesan {n}" for n in reversed(range(51))]
    assert set(first["items"][0]) == {
        "id", "direction", "author", "kind", "text", "media", "status", "reason", "sent_at", "is_corrected",
    }  # fmt: skip


def test_the_inbox_is_narrowed_and_paged(owner: Owner) -> None:
    shop, start = owner.link_whatsapp(), datetime.now(UTC) - timedelta(hours=1)
    chats = [
        owner.hears(
            shop, "halo", lid=f"7{n:04}", phone=f"62812000{n:05}", push_name=f"Pembeli {n}",
            sent_at=start + timedelta(seconds=n),
        )
        for n in range(52)
    ]  # fmt: skip
    first = owner.get("conversations").json()
    second = owner.get("conversations", cursor=first["next_cursor"]).json()
    assert [chat["id"] for chat in first["items"] + second["items"]] == [str(c) for c in reversed(chats)]
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        tx.run(TAG, id=chats[3], tags=["complaint"])
    owner.post(f"conversations/{chats[5]}/takeover")

    def ids(**query: str) -> list[str]:
        return [chat["id"] for chat in owner.get("conversations", **query).json()["items"]]

    assert ids(tag="complaint") == ids(mode="complaint") == [str(chats[3])]
    assert ids(handling="human") == [str(chats[5])]
    assert ids(q="pembeli 17") == ids(q="0812-000-00017") == ids(q="+6281200000017") == [str(chats[17])]
    owner.call("PATCH", f"conversations/{chats[7]}", json={"status": "done"})
    assert ids(status="done") == ids(q="PEMBELI 7", status="done") == [str(chats[7])]
    owner.hears(shop, "Saya cari risol mayo", lid="70009")
    assert ids(q="Risol M") == [str(chats[9])]
    assert ids(q="risol", status="done") == ids(q="ri") == []
    assert ids(q="%") == ids(tag="hot_lead") == []


@pytest.mark.parametrize("query", [{"handling": "bot"}, {"mode": "x"}, {"q": "nol\x00"}, {"tag": "x" * 201}])
def test_a_strange_filter_is_refused(refused: Owner, query: dict[str, str]) -> None:
    assert pointers(refused.get("conversations", **query)) == list(query)


def test_a_human_reply_is_queued_once_and_silences_the_agent(owner: Owner) -> None:
    chat = owner.hears(owner.link_whatsapp(), "Halo?")
    message_id = uuid4()
    sent = reply(owner, chat, message_id=message_id)
    again = reply(owner, chat, "teks lain", message_id)
    assert (sent.status_code, again.status_code) == (201, 200)
    assert again.json() == sent.json()
    body = sent.json()
    assert (body["id"], body["author"], body["direction"]) == (str(message_id), "human", "out")
    assert (body["status"], body["text"]) == ("pending", "Siap kak")
    assert open_outbox(owner) == ["human"]
    shown = owner.get(f"conversations/{chat}").json()
    assert (shown["handling"], shown["handover"]["reason"], shown["unread"]) == ("human", "human_reply", 0)
    pause = datetime.fromisoformat(shown["handover"]["resumes_at"]) - datetime.now(UTC)
    assert timedelta(minutes=59) < pause <= timedelta(hours=1)
    assert shown["last_message_preview"] == "Siap kak"
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        assert tx.scalars(UUID, UNANSWERED) == []


def test_the_agent_is_back_when_the_pause_is_over(owner: Owner) -> None:
    chat = owner.hears(owner.link_whatsapp(), "Halo?")
    reply(owner, chat)
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        tx.run(END_PAUSE)
    shown = owner.get(f"conversations/{chat}").json()
    assert (shown["handling"], shown["handover"]) == ("ai", None)


def test_a_reply_does_not_end_a_takeover(owner: Owner) -> None:
    chat = owner.hears(owner.link_whatsapp(), "Halo?")
    owner.post(f"conversations/{chat}/takeover")
    reply(owner, chat)
    handover = owner.get(f"conversations/{chat}").json()["handover"]
    assert (handover["reason"], handover["resumes_at"]) == ("takeover", None)


def test_an_id_used_elsewhere_is_a_conflict(owner: Owner) -> None:
    shop = owner.link_whatsapp()
    chat, other = owner.hears(shop, "a", lid="1"), owner.hears(shop, "b", lid="2")
    message_id = uuid4()
    reply(owner, chat, message_id=message_id)
    inbound = owner.get(f"conversations/{chat}/messages").json()["items"][1]["id"]
    for conflict in (
        reply(owner, other, message_id=message_id),
        reply(owner, chat, message_id=UUID(inbound)),
    ):
        assert (conflict.status_code, code_of(conflict)) == (409, "conflict")
    assert owner.get(f"conversations/{other}").json()["handling"] == "ai"


def test_two_shops_may_make_the_same_message_id(owner: Owner, stranger: Owner) -> None:
    message_id = uuid4()
    for shop in (owner, stranger):
        chat = shop.hears(shop.link_whatsapp(), "Halo?")
        assert reply(shop, chat, message_id=message_id).status_code == 201


def test_without_whatsapp_a_reply_is_refused_and_changes_nothing(owner: Owner) -> None:
    chat = owner.hears(owner.link_whatsapp(), "Halo?")
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        tx.run(UNLINK)
    before = owner.get(f"conversations/{chat}").json()
    answer = reply(owner, chat)
    assert (answer.status_code, code_of(answer)) == (409, "conflict")
    assert owner.get(f"conversations/{chat}").json() == before


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"id": str(uuid4()), "text": "  "}, "/text"),
        ({"id": str(uuid4()), "text": "x" * 4097}, "/text"),
        ({"id": str(uuid4()), "text": "nol\x00"}, "/text"),
        ({"id": "1", "text": "halo"}, "/id"),
        ({"text": "halo"}, "/id"),
        ({"id": str(uuid4()), "text": None}, "/text"),
    ],
)
def test_a_reply_is_refused(refused: Owner, body: object, pointer: str) -> None:
    assert pointers(refused.post(f"conversations/{UNKNOWN}/messages", body)) == [pointer]


def change(owner: Owner, chat: UUID | str, **fields: object):
    return owner.call("PATCH", f"conversations/{chat}", json=fields)


def test_a_chat_keeps_what_a_change_leaves_out(owner: Owner) -> None:
    chat = owner.hears(owner.link_whatsapp(), "Halo?")
    before = owner.get(f"conversations/{chat}").json()
    tagged = change(owner, chat, tags=["grosir", " hot_lead ", "grosir"]).json()
    assert tagged == {**before, "tags": ["grosir", "hot_lead"]}
    noted = change(owner, chat, note=" Suka pedas.\nAlergi udang. ").json()
    assert noted == {**tagged, "note": "Suka pedas.\nAlergi udang."}
    assert change(owner, chat, unread=0, status="done").json() == {**noted, "unread": 0, "status": "done"}
    assert change(owner, chat).json() == {**noted, "unread": 0, "status": "done"}
    emptied = change(owner, chat, tags=None, note=None, status=None).json()
    assert (emptied["tags"], emptied["note"], emptied["status"]) == ([], "", "done")


def test_a_done_chat_opens_again_when_the_customer_writes(owner: Owner) -> None:
    shop = owner.link_whatsapp()
    chat = owner.hears(shop, "Halo?")
    change(owner, chat, status="done", unread=0)
    owner.hears(shop, "Masih buka?")
    shown = owner.get(f"conversations/{chat}").json()
    assert (shown["status"], shown["unread"]) == ("open", 1)


@pytest.mark.parametrize(
    ("field", "value", "pointer"),
    [
        ("tags", "grosir", "/tags"),
        ("tags", ["x"] * 36, "/tags"),
        ("tags", [""], "/tags/0"),
        ("tags", ["x" * 41], "/tags/0"),
        ("tags", ["baik", "nol\x00"], "/tags/1"),
        ("note", "x" * 2001, "/note"),
        ("note", "nol\x00", "/note"),
        ("status", "closed", "/status"),
        ("unread", 1, "/unread"),
    ],
)
def test_a_change_is_refused(refused: Owner, field: str, value: object, pointer: str) -> None:
    assert pointers(change(refused, UNKNOWN, **{field: value})) == [pointer]


def test_takeover_cancels_what_the_agent_had_not_sent_and_release_gives_back(owner: Owner) -> None:
    chat = owner.hears(owner.link_whatsapp(), "Halo?")
    message_id = MessageId(uuid4())
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        outbox.enqueue(tx, message_id, ConversationId(chat), "Halo kak!", author="ai")
    taken = owner.post(f"conversations/{chat}/takeover").json()
    assert (taken["handling"], taken["handover"]["reason"]) == ("human", "takeover")
    assert taken["handover"]["resumes_at"] is None
    assert open_outbox(owner) == []
    newest = owner.get(f"conversations/{chat}/messages").json()["items"][0]
    assert (newest["id"], newest["status"], newest["reason"]) == (str(message_id), "cancelled", "takeover")
    released = owner.post(f"conversations/{chat}/release").json()
    assert (released["handling"], released["handover"]) == ("ai", None)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PATCH", ""),
        ("GET", "/messages"),
        ("POST", "/messages"),
        ("POST", "/takeover"),
        ("POST", "/release"),
    ],
)
def test_an_unknown_conversation_is_not_found(owner: Owner, method: str, path: str) -> None:
    bodies = {"POST/messages": {"id": str(uuid4()), "text": "halo"}, "PATCH": {"unread": 0}}
    body = bodies.get(method + path)
    unknown = owner.call(method, f"conversations/{UNKNOWN}{path}", json=body)
    assert (unknown.status_code, code_of(unknown)) == (404, "not_found")
    assert owner.call(method, f"conversations/bukan-uuid{path}", json=body).status_code == 422
