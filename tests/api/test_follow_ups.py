"""The list of follow-ups; moving and cancelling one."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from balas.agent.answer import FollowUpWish
from balas.conversation import ConversationId
from balas.db import follow_ups
from tests.api.owner import Owner, code_of

SETTLE = "update follow_ups set state = 'skipped', outcome = 'too_old', decided_at = now()"


@pytest.fixture
def chat(owner: Owner) -> ConversationId:
    return ConversationId(owner.hears(owner.link_whatsapp(), "nasgor brp?"))


@pytest.fixture
def planned(owner: Owner, chat: ConversationId) -> UUID:
    """A pending follow-up of the chat."""
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        follow_ups.note_wish(tx, chat, FollowUpWish(24, "tanya harga"), datetime.now(UTC))
        pending = follow_ups.pending(tx, chat)
    assert pending
    return pending.id


def test_the_list_tells_why_and_when_and_to_whom(owner: Owner, chat: ConversationId, planned: UUID) -> None:
    (item,) = owner.get("follow-ups").json()["items"]
    assert (item["id"], item["conversation_id"]) == (str(planned), str(chat))
    assert (item["state"], item["reason"], item["contact"]["name"]) == ("pending", "tanya harga", "Pelanggan")
    assert datetime.fromisoformat(item["due_at"]) > datetime.now(UTC) + timedelta(hours=23)
    assert owner.get("follow-ups", state="sent").json()["items"] == []


def test_what_came_of_it_is_told_in_a_sentence(owner: Owner, planned: UUID) -> None:
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        tx.run(SETTLE)
    (item,) = owner.get("follow-ups").json()["items"]
    assert item["outcome"] == "too_old"
    assert item["message"] == "Pesan terakhir pelanggan sudah lebih dari 7 hari."


def test_a_newer_wish_takes_the_place_of_the_one_before(
    owner: Owner, chat: ConversationId, planned: UUID
) -> None:
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        follow_ups.note_wish(tx, chat, FollowUpWish(48, "tanya stok"), datetime.now(UTC))
    (item,) = owner.get("follow-ups").json()["items"]
    assert (item["state"], item["reason"]) == ("pending", "tanya stok")


def test_a_turn_without_a_wish_voids_the_one_before(
    owner: Owner, chat: ConversationId, planned: UUID
) -> None:
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        follow_ups.note_wish(tx, chat, None, datetime.now(UTC))
    (item,) = owner.get("follow-ups").json()["items"]
    assert (item["state"], item["outcome"]) == ("cancelled", "no_longer_wanted")


def test_it_can_be_moved(owner: Owner, planned: UUID) -> None:
    due_at = datetime.now(UTC) + timedelta(days=2)
    answer = owner.call("PATCH", f"follow-ups/{planned}", json={"due_at": due_at.isoformat()})
    assert answer.status_code == 200
    assert datetime.fromisoformat(answer.json()["due_at"]) == due_at
    assert owner.get("audit-log").json()["items"][0]["action"] == "follow_up_moved"


def test_what_has_passed_means_now(owner: Owner, planned: UUID) -> None:
    answer = owner.call("PATCH", f"follow-ups/{planned}", json={"due_at": "2020-01-01T00:00:00Z"})
    moved_to = datetime.fromisoformat(answer.json()["due_at"])
    assert timedelta(0) <= datetime.now(UTC) - moved_to < timedelta(minutes=1)


def test_a_moment_without_a_time_zone_is_refused(owner: Owner, planned: UUID) -> None:
    answer = owner.call("PATCH", f"follow-ups/{planned}", json={"due_at": "2026-12-01T09:00:00"})
    assert (answer.status_code, code_of(answer)) == (422, "invalid_input")


def test_it_can_be_cancelled_once(owner: Owner, planned: UUID) -> None:
    assert owner.call("DELETE", f"follow-ups/{planned}").status_code == 204
    (item,) = owner.get("follow-ups").json()["items"]
    assert (item["state"], item["outcome"]) == ("cancelled", "cancelled_by_owner")
    again = owner.call("DELETE", f"follow-ups/{planned}")
    assert (again.status_code, code_of(again)) == (409, "conflict")
    moved = owner.call("PATCH", f"follow-ups/{planned}", json={"due_at": "2099-01-01T00:00:00Z"})
    assert (moved.status_code, code_of(moved)) == (409, "conflict")
