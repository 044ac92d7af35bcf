"""A browser hears of its shop through the deployed WebSocket API, and a closed one is found out."""

import json

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from balas.aws.realtime import Sockets
from tests.cloud.app_stack import AppStack
from tests.cloud.shop import Shop
from tests.cloud.targets import Capability
from tests.cloud.until import until

CONNECTIONS = "select connection_id from ws_connections where tenant_id = %(tenant_id)s"


def open_socket(stack: AppStack, ticket: str) -> ClientConnection:
    return connect(f"{stack.socket_url}?ticket={ticket}", proxy=None)


@pytest.mark.proves(Capability.WEBSOCKET_API, Capability.OUR_FUNCTIONS)
def test_a_ticket_opens_one_socket_which_is_pushed_to_until_it_is_gone(stack: AppStack, shop: Shop):
    sockets = Sockets(stack.socket_management_url)
    frame = json.dumps({"type": "device.changed", "id": "1"})
    ticket = shop.api.post("/api/v1/realtime/ticket").json()["ticket"]
    with open_socket(stack, ticket) as browser:
        (connection_id,) = until(lambda: connections(shop))
        assert sockets.push(connection_id, frame) == "sent"
        assert browser.recv(timeout=10) == frame
        with pytest.raises(InvalidStatus):
            open_socket(stack, ticket)
    until(lambda: not connections(shop))
    assert sockets.push(connection_id, frame) == "gone"


def connections(shop: Shop) -> list[str]:
    with shop.fleet.tenant_tx(shop.tenant_id) as tx:
        return tx.scalars(str, CONNECTIONS)
