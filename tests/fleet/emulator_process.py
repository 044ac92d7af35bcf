"""The emulator and its peers as processes: start, ask, wait with a deadline, kill."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[2]
DEADLINE_S = 30


class Emulator:
    """A running emulator with its state folder; `kill` and `start` in turn show what survives."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.port = 0
        self.start()

    def start(self) -> None:
        """Starts it, on the same port as before."""
        command = [
            sys.executable,
            "-m",
            "whatsapp_emulator",
            "--port",
            str(self.port),
            "--state",
            str(self.state),
        ]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        line = _stdout(self._process).readline()
        assert line.startswith("whatsapp emulator ready: "), line
        self.url = line.split()[-1]
        self.port = int(self.url.rpartition(":")[2])

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self._reap()

    def stop(self) -> int:
        """SIGTERM; returns the exit status."""
        self._process.terminate()
        return self._reap()

    def _reap(self) -> int:
        status = self._process.wait(DEADLINE_S)
        _stdout(self._process).close()
        return status

    @property
    def environment(self) -> dict[str, str]:
        """What leads a client to this emulator."""
        return {
            "EMULATOR_URL": self.url,
            "EMULATOR_CA_FILE": str(self.state / "ca.pem"),
            "EMULATOR_NOISE_ROOT": (self.state / "noise-root.hex").read_text().strip(),
        }

    def call(self, name: str, /, **body: Any) -> dict[str, Any]:
        """A control call; its error is an AssertionError."""
        status, answer = self.try_call(name, **body)
        assert status == 200, answer
        return answer

    def try_call(self, name: str, /, **body: Any) -> tuple[int, dict[str, Any]]:
        """A control call's status and answer. `from_` stands for `from`."""
        members = {key.rstrip("_"): value for key, value in body.items()}
        request = urllib.request.Request(f"{self.url}/_emu/{name}", json.dumps(members).encode())  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=70) as response:  # noqa: S310 - loopback
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def now(self) -> int:
        """The number of the newest event."""
        return self.call("state")["next"]

    def wait(self, kind: str, /, since: int = 0, **members: Any) -> dict[str, Any]:
        """The first event of this kind after `since` with these members."""
        members = {key.rstrip("_"): value for key, value in members.items()}
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            answer = self.call("events", since=since, kind=kind, timeout=5)
            for event in answer["events"]:
                if all(event.get(name) == value for name, value in members.items()):
                    return event
            since = answer["next"]
        raise AssertionError(f"no {kind} event with {members} within {DEADLINE_S} s")

    def companion(self, phone: str) -> dict[str, Any]:
        """The state of a phone's only companion."""
        found = [account for account in self.call("state")["accounts"] if account["phone"] == phone]
        return found[0]["companions"][0]


class Peer:
    """One real neonize client in its own process."""

    def __init__(self, emulator: Emulator, database: str, user: str | None = None) -> None:
        self._emulator = emulator
        self._database = database
        self._seen: list[dict[str, Any]] = []
        self._commands = 0
        self.start(user)

    def start(self, user: str | None) -> None:
        """Starts the process, for a stored device or (None) a new one."""
        command = [sys.executable, str(ROOT / "tests/fleet/neonize_peer.py"), self._database]
        self._process = subprocess.Popen(
            [*command, user] if user else command,
            cwd=ROOT,
            env=os.environ | self._emulator.environment | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if os.environ.get("PEER_DEBUG") else subprocess.DEVNULL,
            text=True,
        )
        self._lines: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._seen = []
        threading.Thread(target=self._read, args=(_stdout(self._process),), daemon=True).start()

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self._process.wait(DEADLINE_S)
        if self._process.stdin:
            self._process.stdin.close()

    def do(self, name: str, /, **arguments: Any) -> dict[str, Any]:
        """Runs a command; its error is an AssertionError."""
        self._commands += 1
        number = self._commands
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": name, "n": number, **arguments}) + "\n")
        self._process.stdin.flush()
        answer = self.wait(lambda event: event["kind"] in ("done", "error") and event["to"] == number)
        assert answer["kind"] == "done", answer
        return answer

    def event(self, kind: str, /, **members: Any) -> dict[str, Any]:
        """The first event of this kind with these members, already seen or awaited."""
        return self.wait(lambda event: event["kind"] == kind and members.items() <= event.items())

    def seen(self, kind: str) -> list[dict[str, Any]]:
        """The events of this kind so far."""
        while not self._lines.empty():
            self._take()
        return [event for event in self._seen if event["kind"] == kind]

    def wait(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first event that fits, within the deadline."""
        checked, deadline = 0, time.monotonic() + DEADLINE_S
        while True:
            for event in self._seen[checked:]:
                checked += 1
                if fits(event):
                    return event
            self._take(max(deadline - time.monotonic(), 0.01))

    def _take(self, timeout_s: float = DEADLINE_S) -> None:
        try:
            event = self._lines.get(timeout=timeout_s)
        except queue.Empty:
            raise AssertionError(f"nothing fits within {DEADLINE_S} s; seen: {self._seen}") from None
        assert event is not None, f"the peer ended; seen: {self._seen}"
        self._seen.append(event)

    def _read(self, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                self._lines.put(json.loads(line))
        self._lines.put(None)


def _stdout(process: "subprocess.Popen[str]") -> IO[str]:
    assert process.stdout is not None
    return process.stdout


def link(emulator: Emulator, peer: Peer, phone: str, name: str) -> str:
    """Scans the peer's QR with a phone; returns the stored user part of the device once it knows its name."""
    qr = peer.event("qr")["qr"]
    answer = emulator.call("scan", qr=qr, phone=phone, name=name)
    assert answer["ok"] is True
    paired = peer.event("paired", user=phone)
    peer.event("connected")
    deadline = time.monotonic() + DEADLINE_S
    while not peer.do("me")["name"]:
        assert time.monotonic() < deadline, "the push name never came"
    return f"{paired['user']}:{paired['device']}"
