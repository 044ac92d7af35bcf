"""A ticket lets its holder in once; what it proved is handed on to $connect and $disconnect.

Source: API Gateway, Lambda authorizers and proxy integrations of WebSocket APIs.
"""

from typing import Literal, TypeVar, assert_never
from uuid import UUID

from aws_lambda_powertools import Logger
from pydantic import BaseModel, Field, ValidationError

from balas.db import ws_connections, ws_tickets
from balas.db.database import Database
from balas.errors import InvalidInput, Unauthenticated
from balas.tenant import TenantId, UserId
from functions.api.opaque_token import OpaqueToken

Model = TypeVar("Model", bound=BaseModel)

logger = Logger()


class _Query(BaseModel):
    ticket: str


class _Handshake(BaseModel):
    method_arn: str = Field(alias="methodArn")
    query: _Query = Field(alias="queryStringParameters")


class _Holder(BaseModel):
    """Whom the authorizer let in."""

    tenant_id: UUID
    user_id: UUID


class _Connection(BaseModel):
    event: Literal["CONNECT", "DISCONNECT", "MESSAGE"] = Field(alias="eventType")
    id: str = Field(alias="connectionId")
    holder: _Holder = Field(alias="authorizer")


class _RouteEvent(BaseModel):
    connection: _Connection = Field(alias="requestContext")


def authorize(event: dict[str, object], db: Database) -> dict[str, object]:
    """The policy that lets a good ticket's holder connect, or refuses: a ticket is used up either way."""
    handshake = _read(_Handshake, event)
    holder = _redeem(handshake.query.ticket, db)
    if holder is None:
        logger.info("a ticket was refused")
        return _policy("Deny", handshake.method_arn)
    return {**_policy("Allow", handshake.method_arn), "context": holder.model_dump(mode="json")}


def note(event: dict[str, object], db: Database) -> dict[str, object]:
    """Stores or deletes a connection.

    Told by the event's type, not its route, which is a browser's to name: `{"action": "$disconnect"}`.
    """
    connection = _read(_RouteEvent, event).connection
    with db.tenant_tx(TenantId(connection.holder.tenant_id)) as tx:
        match connection.event:
            case "CONNECT":
                ws_connections.store(tx, connection.id, UserId(connection.holder.user_id))
            case "DISCONNECT":
                ws_connections.delete(tx, connection.id)
            case "MESSAGE":
                pass
            case _:
                assert_never(connection.event)
    return {"statusCode": 200}


def _redeem(text: str, db: Database) -> _Holder | None:
    try:
        ticket = OpaqueToken.read(text)
    except Unauthenticated:
        return None
    with db.tenant_tx(ticket.tenant_id) as tx:
        user_id = ws_tickets.redeem(tx, ticket.hash)
    return None if user_id is None else _Holder(tenant_id=ticket.tenant_id, user_id=user_id)


def _read(model: type[Model], event: dict[str, object]) -> Model:
    """The event, checked; the error of one that is not as it should be does not quote its ticket."""
    try:
        return model.model_validate(event)
    except ValidationError as error:
        raise InvalidInput(f"not an event of the WebSocket API: {error.error_count()} errors") from None


def _policy(effect: Literal["Allow", "Deny"], resource: str) -> dict[str, object]:
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": "ticket", "policyDocument": document}
