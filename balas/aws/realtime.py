"""Open WebSockets, as API Gateway holds them."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Literal

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from balas.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient

PARALLEL = 8
CONNECTION = Config(
    connect_timeout=2, read_timeout=3, max_pool_connections=PARALLEL, retries={"total_max_attempts": 1}
)
"""No second attempt: a push that is lost is made good by the browser's next refetch."""

Delivery = Literal["sent", "gone", "refused"]


class Sockets:
    """The sockets behind a management `endpoint`, https://{api}.execute-api.{region}.amazonaws.com/{stage}.

    Usable by `PARALLEL` threads at once. Methods raise Unavailable when the endpoint does not answer.
    """

    def __init__(self, endpoint: str) -> None:
        self._client: ApiGatewayManagementApiClient = boto3.client(
            "apigatewaymanagementapi", endpoint_url=endpoint, config=CONNECTION
        )

    def push(self, connection_id: str, text: str) -> Delivery:
        """Sends one frame: `gone` when nobody holds the other end."""
        try:
            self._client.post_to_connection(ConnectionId=connection_id, Data=text.encode())
        except (BotoCoreError, ClientError) as error:
            return _failure(error)
        return "sent"

    def close(self, connection_id: str) -> Delivery:
        """Ends a connection; `gone` when it had ended before."""
        try:
            self._client.delete_connection(ConnectionId=connection_id)
        except (BotoCoreError, ClientError) as error:
            return _failure(error)
        return "sent"


def _failure(error: BotoCoreError | ClientError) -> Delivery:
    if isinstance(error, BotoCoreError):
        raise Unavailable("API Gateway's connections did not answer") from error
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return "gone" if status == HTTPStatus.GONE else "refused"
