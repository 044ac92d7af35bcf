"""The fleet's command line: no argument is the supervisor, which starts the rest as its children."""

import sys
from argparse import ArgumentParser
from uuid import UUID

from balas.db.linking import Attempt
from balas.errors import BalasError
from balas.tenant import TenantId
from balas.whatsapp_session import AttemptId, SessionId
from session_fleet import libmagic, settings
from session_fleet.settings import Settings


def main(argv: list[str], launcher: list[str]) -> int:
    """`launcher`: the command that starts this program again, for child processes."""
    try:
        return _dispatch(argv, launcher)
    except BalasError as error:
        sys.stderr.write(f"session_fleet: {error}\n")
        return 2


def _dispatch(argv: list[str], launcher: list[str]) -> int:
    """Imports only what the named program needs: neonize costs 60 MB, boto3 30 MB."""
    arguments = _parser().parse_args(argv)
    config = settings.load()
    match arguments.program:
        case None:
            from session_fleet import supervisor  # noqa: PLC0415 - see above

            return supervisor.run(config, launcher)
        case "store":
            libmagic.make_available()
            from session_fleet import store  # noqa: PLC0415 - see above

            store.main(config)
        case "shard":
            libmagic.make_available()
            from session_fleet import shard  # noqa: PLC0415 - see above

            shard.run(config, arguments.owner, arguments.heartbeat_fd)
        case _:
            _link(config, arguments.owner, arguments.attempt)
    return 0


def _link(config: Settings, owner: str, ids: list[UUID]) -> None:
    libmagic.make_available()
    from session_fleet import linking  # noqa: PLC0415 - see _dispatch

    tenant_id, session_id, attempt_id = ids
    attempt = Attempt(TenantId(tenant_id), SessionId(session_id), AttemptId(attempt_id))
    linking.run(config, owner, attempt)


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="session_fleet", description="Holds the shops' WhatsApp connections.")
    programs = parser.add_subparsers(dest="program", title="started by the supervisor itself")
    programs.add_parser("store", help="prepare whatsmeow's tables")
    shard = programs.add_parser("shard", help="hold the connections of some shops")
    shard.add_argument("--owner", required=True)
    shard.add_argument("--heartbeat-fd", type=int, required=True)
    linking = programs.add_parser("linking", help="link one shop's WhatsApp")
    linking.add_argument("--owner", required=True)
    linking.add_argument(
        "--attempt", type=UUID, nargs=3, required=True, metavar=("TENANT", "SESSION", "ATTEMPT")
    )
    return parser
