"""The operator's command line: `python -m balas.admin --help`; locally `make admin ARGS="tenants"`.

It connects as the database's owner role. Where that is stands in DATABASE_URL, INBOUND_QUEUE_URL and
DEAD_LETTER_QUEUE_URL, or, in lower case, in the secret `balas/{BALAS_STAGE}/operator`.
"""

import argparse
import os
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from balas import whatsapp_session
from balas.aws import secrets
from balas.aws.job_queue import JobQueue
from balas.db import migrate, operations
from balas.db.database import Database, Tx
from balas.errors import BalasError, Misconfigured
from balas.tenant import TenantId


@dataclass(frozen=True)
class Settings:
    database_url: str = field(repr=False)
    inbound_queue_url: str
    dead_letter_queue_url: str


Command = Callable[[argparse.Namespace, Settings], str]


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from variables or the stage's secret; raises Misconfigured, which names what is missing."""
    names = ("database_url", "inbound_queue_url", "dead_letter_queue_url")
    values = {name: environment[name.upper()] for name in names if environment.get(name.upper())}
    if len(values) < len(names) and (stage := environment.get("BALAS_STAGE")):
        values = {**secrets.load(f"balas/{stage}/operator"), **values}
    missing = [name.upper() for name in names if name not in values]
    if missing:
        raise Misconfigured(f"set BALAS_STAGE, or {', '.join(missing)}")
    return Settings(**{name: values[name] for name in names})


def list_tenants(arguments: argparse.Namespace, settings: Settings) -> str:
    with closing(Database(settings.database_url)) as db, db.routing_tx() as tx:
        rows = operations.tenants(tx, only_suspended=arguments.suspended)
    return "\n".join(
        f"{row.tenant_id}  {row.created_at:%Y-%m-%d}  {row.state or '-':<13}"
        f"{'suspended  ' if row.suspended_at else ''}{row.name}"
        for row in rows
    )


def suspend(arguments: argparse.Namespace, settings: Settings) -> str:
    with _shop(arguments, settings) as tx:
        operations.suspend(tx)
    return "suspended: nobody signs in, the agent is silent, nothing more is sent"


def resume(arguments: argparse.Namespace, settings: Settings) -> str:
    with _shop(arguments, settings) as tx:
        operations.resume(tx)
    return "the shop may go on; its users sign in again"


def show_device(arguments: argparse.Namespace, settings: Settings) -> str:
    with _shop(arguments, settings) as tx:
        row = operations.device(tx)
    held = f"held by {row.lease_owner}" if row.is_leased else "held by no shard"
    return "\n".join(
        [
            f"state      {row.state}" + (f" ({row.reason})" if row.reason else ""),
            f"the owner  {whatsapp_session.sentence(row.state, row.reason)}",
            f"wanted     {row.wanted}, changed {_ago(row.updated_at)}",
            f"session    {held}, last seen {_ago(row.last_seen_at)}",
            f"waiting    {row.unsent} to send, {row.unanswered} to answer",
            f"advice     {_advice(row)}",
        ]
    )


def replay(_: argparse.Namespace, settings: Settings) -> str:
    result = JobQueue(settings.inbound_queue_url).replay(settings.dead_letter_queue_url)
    left = f"; {result.unreadable} are no jobs and stay" if result.unreadable else ""
    return f"{result.moved} jobs are on the queue again{left}"


def run_migrations(arguments: argparse.Namespace, settings: Settings) -> str:
    applied = migrate.migrate(settings.database_url, arguments.phase)
    return "\n".join(f"applied {name}" for name in applied) or "nothing to apply"


def _advice(row: operations.DeviceRow) -> str:
    if row.wanted == "off":
        return "the owner must connect it again from the dashboard"
    if not row.is_leased and row.state in ("connected", "reconnecting"):
        return "no shard holds it: is the fleet running, and is there room in its shards?"
    if row.state == "linking":
        return "a code waits to be scanned"
    return "none; it works" if row.state == "connected" else "the shard that holds it is trying; see its log"


def _ago(moment: datetime | None) -> str:
    if moment is None:
        return "never"
    seconds = int((datetime.now(UTC) - moment).total_seconds())
    return f"{seconds} s ago" if seconds < 120 else f"{seconds // 60} min ago"


@contextmanager
def _shop(arguments: argparse.Namespace, settings: Settings) -> Generator[Tx]:
    with closing(Database(settings.database_url)) as db, db.tenant_tx(arguments.tenant_id) as tx:
        yield tx


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="balas.admin", description="Operate Balas.")
    commands = parser.add_subparsers(required=True, metavar="command")

    def add(name: str, run: Command, about: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=about, description=about)
        command.set_defaults(run=run)
        return command

    listing = add("tenants", list_tenants, "List the shops, newest first.")
    listing.add_argument("--suspended", action="store_true", help="only those that are suspended")
    for name, run, about in (
        ("suspend", suspend, "Stop a shop at once."),
        ("resume", resume, "Let a suspended shop go on."),
        ("device", show_device, "Say why a shop's WhatsApp is up or down."),
    ):
        add(name, run, about).add_argument("tenant_id", type=lambda text: TenantId(UUID(text)))
    add("replay-dead-letters", replay, "Queue again every job in the dead-letter queue.")
    add("migrate", run_migrations, "Apply pending migrations.").add_argument(
        "phase", nargs="?", choices=("all", "pre", "post"), default="all"
    )
    return parser


def main(argv: Sequence[str]) -> int:
    """The exit code: 0, or 1 with a sentence on stderr."""
    arguments = _parser().parse_args(argv)
    try:
        sys.stdout.write(arguments.run(arguments, read_settings(os.environ)) + "\n")
    except BalasError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
