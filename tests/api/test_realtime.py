"""Tickets, and the socket function that takes them: API Gateway's events in, policies and rows out."""

from typing import cast
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from balas.db.database import Database
from balas.errors import InvalidInput
from functions.api.routes.realtime import TICKETS
from functions.api.socket import gate
from tests.api.owner import Owner, code_of

ARN = "arn:aws:execute-api:ap-southeast-3:000000000000:api/ws/$connect"
HASHES = "select ticket_hash from ws_tickets where tenant_id = %(tenant_id)s"
CONNECTIONS = "select connection_id from ws_connections where tenant_id = %(tenant_id)s"

NOBODY = UUID(int=1)


def ticket_of(owner: Owner) -> str:
    answer = owner.post("realtime/ticket")
    assert answer.status_code == 200, answer.text
    return cast("dict[str, str]", answer.json())["ticket"]


def knock(db: Database, ticket: str) -> dict[str, object]:
    """What the authorizer answers."""
    return gate.authorize({"methodArn": ARN, "queryStringParameters": {"ticket": ticket}}, db)


def effect(answer: dict[str, object]) -> str:
    document = cast("dict[str, list[dict[str, str]]]", answer["policyDocument"])
    (statement,) = document["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("execute-api:Invoke", ARN)
    return statement["Effect"]


def tell(db: Database, kind: str, connection_id: str, holder: object) -> object:
    context = {"eventType": kind, "routeKey": "$any", "connectionId": connection_id, "authorizer": holder}
    return gate.note({"requestContext": context}, db)


def connections(owner: Owner) -> list[str]:
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        return tx.scalars(str, CONNECTIONS)


def test_a_stranger_gets_no_ticket(client: TestClient) -> None:
    assert client.post("/api/v1/realtime/ticket").status_code == 401


def test_a_ticket_names_its_shop_and_only_its_hash_is_stored(owner: Owner) -> None:
    tenant_id, _, secret = ticket_of(owner).partition(".")
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        (stored,) = tx.scalars(bytes, HASHES)
    assert tenant_id == str(owner.tenant_id)
    assert len(stored) == 32
    assert secret.encode() not in stored
    assert len(secret) >= 43, "256 bits"


def test_tickets_are_limited_per_user(owner: Owner, stranger: Owner) -> None:
    for _ in range(TICKETS.most):
        ticket_of(owner)
    answer = owner.post("realtime/ticket")
    assert (answer.status_code, code_of(answer)) == (429, "rate_limited")
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert ticket_of(stranger)


def test_unused_tickets_do_not_pile_up(owner: Owner) -> None:
    for _ in range(3):
        ticket_of(owner)
        with owner.db.tenant_tx(owner.tenant_id) as tx:
            tx.run("update ws_tickets set expires_at = now() where tenant_id = %(tenant_id)s")
    ticket_of(owner)
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        assert len(tx.scalars(bytes, HASHES)) == 1


def test_a_ticket_lets_in_once_and_says_whom(owner: Owner, app_db: Database) -> None:
    ticket = ticket_of(owner)
    answer = knock(app_db, ticket)
    assert effect(answer) == "Allow"
    assert answer["context"] == {"tenant_id": str(owner.tenant_id), "user_id": owner.get("me").json()["id"]}
    again = knock(app_db, ticket)
    assert effect(again) == "Deny"
    assert "context" not in again


@pytest.mark.parametrize(
    "text", ["", ".", "x", "x.y", "\x00", "é" * 5000, f"{NOBODY}.", f"{NOBODY}.x", "{0}.", "{0}.x", "{0}"]
)
def test_what_is_no_ticket_lets_nobody_in(
    owner: Owner, app_db: Database, text: str, capfd: pytest.CaptureFixture[str]
) -> None:
    ticket = ticket_of(owner)
    assert effect(knock(app_db, text.format(owner.tenant_id))) == "Deny"
    assert effect(knock(app_db, ticket)) == "Allow", "a bad guess does not use up a good ticket"
    told = "".join(capfd.readouterr())
    assert ticket.partition(".")[2] not in told


def test_a_ticket_of_another_shop_is_none_here(owner: Owner, stranger: Owner, app_db: Database) -> None:
    secret = ticket_of(stranger).partition(".")[2]
    assert effect(knock(app_db, f"{owner.tenant_id}.{secret}")) == "Deny"


def test_connections_come_and_go_with_their_events(owner: Owner, stranger: Owner, app_db: Database) -> None:
    holder = knock(app_db, ticket_of(owner))["context"]
    another = knock(app_db, ticket_of(stranger))["context"]
    for _ in range(2):  # API Gateway may tell twice
        assert tell(app_db, "CONNECT", "c1=", holder) == {"statusCode": 200}
    tell(app_db, "MESSAGE", "c1=", holder)
    tell(app_db, "DISCONNECT", "c1=", another)
    assert (connections(owner), connections(stranger)) == (["c1="], [])
    tell(app_db, "DISCONNECT", "c1=", holder)
    assert connections(owner) == []


@pytest.mark.parametrize("holder", [None, {}, {"tenant_id": "rahasia", "user_id": "rahasia"}])
def test_an_event_without_a_holder_changes_nothing(app_db: Database, holder: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        tell(app_db, "CONNECT", "c1=", holder)
    assert "rahasia" not in str(refused.value)


def test_a_handshake_without_a_ticket_is_refused_and_not_quoted(app_db: Database) -> None:
    event: dict[str, object] = {
        "type": "REQUEST",
        "methodArn": ARN,
        "queryStringParameters": {"tiket": "rahasia"},
    }
    with pytest.raises(InvalidInput) as refused:
        gate.authorize(event, app_db)
    assert "rahasia" not in str(refused.value)
