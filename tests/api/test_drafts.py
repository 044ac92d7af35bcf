"""What the agent proposes in a shop whose owner sends himself, and what the owner makes of an answer."""

from uuid import UUID, uuid4

import pytest

from balas.conversation import ConversationId, MessageId
from balas.db import outbox
from tests.api.owner import Owner, code_of, pointers

OUTBOX = "select author from outbox where tenant_id = %(tenant_id)s and done_at is null"
UNLINK = "update whatsapp_sessions set lid = null, jid = null where tenant_id = %(tenant_id)s"
QUESTION = {"question": "Bisa COD?", "answer": "Bisa kak, khusus dalam kota."}


def draft(owner: Owner, text: str = "Siap kak") -> tuple[UUID, UUID]:
    """A chat and what the agent proposes in it."""
    chat = owner.hears(owner.link_whatsapp(), "halo")
    return chat, owner.has_draft(chat, text)


def waiting(owner: Owner) -> list[str]:
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        return tx.scalars(str, OUTBOX)


def shown(owner: Owner, chat: UUID) -> dict[str, object]:
    return owner.get(f"conversations/{chat}/messages").json()["items"][0]


def test_a_draft_is_sent_as_it_is_and_the_agent_keeps_the_chat(owner: Owner) -> None:
    chat, message_id = draft(owner)
    assert (shown(owner, chat)["status"], waiting(owner)) == ("draft", [])
    sent = owner.post(f"conversations/{chat}/messages/{message_id}/send")
    assert (sent.status_code, sent.json()["status"], sent.json()["author"]) == (200, "pending", "ai")
    assert sent.json()["id"] == str(message_id)
    assert waiting(owner) == ["human"], "it outlives a takeover, for the owner sent it"
    conversation = owner.get(f"conversations/{chat}").json()
    assert (conversation["handling"], conversation["unread"]) == ("ai", 0)
    assert conversation["last_message_preview"] == "Siap kak"


def test_a_draft_is_sent_with_the_owners_words(owner: Owner) -> None:
    chat, message_id = draft(owner)
    sent = owner.post(f"conversations/{chat}/messages/{message_id}/send", {"text": "Siap, besok ya"}).json()
    assert (sent["text"], sent["author"]) == ("Siap, besok ya", "human")
    assert shown(owner, chat) == sent


def test_a_draft_is_sent_or_dropped_once(owner: Owner) -> None:
    chat, message_id = draft(owner)
    path = f"conversations/{chat}/messages/{message_id}"
    assert owner.post(f"{path}/send").status_code == 200
    for answer in (owner.post(f"{path}/send"), owner.call("DELETE", path)):
        assert (answer.status_code, code_of(answer)) == (409, "conflict")
    assert waiting(owner) == ["human"]


def test_a_dropped_draft_is_never_sent(owner: Owner) -> None:
    chat, message_id = draft(owner)
    path = f"conversations/{chat}/messages/{message_id}"
    assert owner.call("DELETE", path).status_code == 204
    assert (shown(owner, chat)["status"], shown(owner, chat)["reason"]) == ("cancelled", "discarded")
    assert owner.post(f"{path}/send").status_code == 409
    assert waiting(owner) == []


def test_without_a_linked_whatsapp_a_draft_stays_one(owner: Owner) -> None:
    chat, message_id = draft(owner)
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        tx.run(UNLINK)
    assert owner.post(f"conversations/{chat}/messages/{message_id}/send").status_code == 409
    assert shown(owner, chat)["status"] == "draft"


def test_a_draft_belongs_to_its_chat(owner: Owner) -> None:
    _, message_id = draft(owner)
    assert owner.post(f"conversations/{uuid4()}/messages/{message_id}/send").status_code == 404


@pytest.mark.parametrize("text", ["", "  ", "x" * 4097, "a\x00b", 5])
def test_what_is_no_text_is_refused(owner: Owner, text: object) -> None:
    chat, message_id = draft(owner)
    answer = owner.post(f"conversations/{chat}/messages/{message_id}/send", {"text": text})
    assert pointers(answer) == ["/text"]


def test_a_correction_becomes_an_faq(owner: Owner) -> None:
    chat, message_id = draft(owner, "Kurang tahu kak")
    made = owner.post(f"messages/{message_id}/correction", QUESTION)
    assert made.status_code == 201
    assert owner.get("faqs").json()["items"] == [made.json()]
    assert made.json() == {"id": made.json()["id"], **QUESTION}
    assert shown(owner, chat)["is_corrected"] is True
    assert owner.get("audit-log").json()["items"][0]["action"] == "answer_corrected"


def test_a_second_correction_of_a_question_replaces_the_first(owner: Owner) -> None:
    _, message_id = draft(owner)
    first = owner.post(f"messages/{message_id}/correction", QUESTION).json()
    again = {"question": "bisa cod?", "answer": "Tidak bisa kak."}
    second = owner.post(f"messages/{message_id}/correction", again).json()
    assert second == {**first, "answer": "Tidak bisa kak."}
    assert owner.get("faqs").json()["items"] == [second]


def test_only_the_agents_answers_are_corrected(owner: Owner) -> None:
    chat = owner.hears(owner.link_whatsapp(), "halo")
    human = MessageId(uuid4())
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        outbox.enqueue(tx, human, ConversationId(chat), "Halo", author="human")
    answer = owner.post(f"messages/{human}/correction", QUESTION)
    assert (answer.status_code, code_of(answer)) == (409, "conflict")
    assert owner.get("faqs").json()["items"] == []
