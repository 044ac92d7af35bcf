"""What the fleet is told by its environment; only the supervisor needs the queue."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from balas.errors import Misconfigured

SESSIONS_PER_SHARD = 25
SESSIONS_PER_TASK = 200


@dataclass(frozen=True)
class Settings:
    """`fleet_url` and `whatsmeow_url` hold passwords: neither is ever logged."""

    fleet_url: str
    whatsmeow_url: str
    sessions_per_shard: int
    sessions_per_task: int
    public_origin: str = ""
    """Where the owner finds the dashboard: the link in a notice; empty: no link."""

    def __repr__(self) -> str:
        return "Settings(***)"


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Raises Misconfigured, which names what is missing or wrong."""
    return Settings(
        fleet_url=_required(environ, "FLEET_DATABASE_URL", "the URL of the role balas_fleet"),
        whatsmeow_url=_required(environ, "WHATSMEOW_DATABASE_URL", "the URL of the role balas_whatsmeow"),
        sessions_per_shard=_number(environ, "FLEET_SESSIONS_PER_SHARD", SESSIONS_PER_SHARD),
        sessions_per_task=_number(environ, "FLEET_SESSIONS_PER_TASK", SESSIONS_PER_TASK),
        public_origin=environ.get("PUBLIC_ORIGIN", ""),
    )


def inbound_queue_url(environ: Mapping[str, str] = os.environ) -> str:
    """Where the publisher puts jobs."""
    return _required(environ, "INBOUND_QUEUE_URL", "the URL of the queue that the AI worker reads")


def websocket_endpoint(environ: Mapping[str, str] = os.environ) -> str | None:
    """Where sockets are pushed to, the AppStack's output WebSocketManagementUrl; None: browsers only poll."""
    return environ.get("WEBSOCKET_ENDPOINT") or None


def _required(environ: Mapping[str, str], name: str, meaning: str) -> str:
    value = environ.get(name)
    if not value:
        raise Misconfigured(f"set {name} to {meaning}")
    return value


def _number(environ: Mapping[str, str], name: str, default: int) -> int:
    value = environ.get(name, str(default))
    if not value.isdigit() or int(value) == 0:
        raise Misconfigured(f"{name} must be a whole number above 0")
    return int(value)
