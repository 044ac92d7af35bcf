"""`python -m whatsapp_emulator --port 8001 --state DIR`: runs the emulator until SIGTERM or Ctrl-C."""

import argparse
import asyncio
import contextlib
import errno
import fcntl
import logging
import os
import signal
import sqlite3
import sys
from pathlib import Path

from whatsapp_emulator import certificates, database
from whatsapp_emulator.port import Port
from whatsapp_emulator.world import World

_HOST = "127.0.0.1"
_READ_LIMIT = 1024 * 1024


class StartError(Exception):
    """Why the emulator cannot start, and the way out."""


def main() -> int:
    """Exit status of the program: 0 after a stop, 1 if it could not start."""
    parser = argparse.ArgumentParser(prog="whatsapp_emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=8001, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--state", type=Path, required=True, help="folder that holds the emulated world")
    parser.add_argument("--trace", action="store_true", help="print every stanza of clients to stderr")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.DEBUG if arguments.trace else logging.WARNING, stream=sys.stderr)
    try:
        asyncio.run(_run(arguments.port, arguments.state))
    except StartError as error:
        print(f"whatsapp emulator: {error}", file=sys.stderr)
        return 1
    return 0


async def _run(port: int, state: Path) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with contextlib.closing(_open(state)) as db:
        world = World(db)
        gate = Port(world, certificates.tls_context(state), certificates.noise_identity(state))
        server = await _listen(gate, port)
        print(f"whatsapp emulator ready: http://{_HOST}:{server.sockets[0].getsockname()[1]}", flush=True)
        await stop.wait()
        server.close()
        for link in list(world.links.values()):
            link.close()
        await _finish_connections()


def _open(state: Path) -> sqlite3.Connection:
    try:
        state.mkdir(parents=True, exist_ok=True)
        _lock(state)
        return database.open_database(state)
    except BlockingIOError as error:
        raise StartError(f"another emulator uses {state}: stop it, or choose another --state") from error
    except OSError as error:
        raise StartError(
            f"cannot write to {state} ({error.strerror}): give --state a writable folder"
        ) from error
    except (sqlite3.Error, RuntimeError) as error:
        raise StartError(
            f"cannot use the world in {state} ({error}): delete the folder or choose another"
        ) from error


def _lock(state: Path) -> None:
    """Holds the folder until this process ends, however it ends."""
    descriptor = os.open(state / "lock", os.O_CREAT | os.O_WRONLY, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


async def _listen(gate: Port, port: int) -> asyncio.Server:
    try:
        return await asyncio.start_server(gate.serve, _HOST, port, limit=_READ_LIMIT)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise StartError(f"cannot listen on port {port}: {error.strerror}") from error
        raise StartError(
            f"port {port} is busy: stop the program that has it, or choose another --port"
        ) from error


async def _finish_connections() -> None:
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


if __name__ == "__main__":
    raise SystemExit(main())
