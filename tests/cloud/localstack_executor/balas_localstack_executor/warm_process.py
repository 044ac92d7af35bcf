"""A Python handler that stays warm in a process of its own, one invocation at a time."""

import json
import os
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

RUNTIME = Path(__file__).with_name("runtime.py")
INIT_LIMIT_S = 30.0
INHERITED = ("PATH", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR")


@dataclass(frozen=True)
class Function:
    """`handler` as Lambda writes it: package.module.function."""

    handler: str
    code: Path
    environment: Mapping[str, object]
    timeout_s: float


@dataclass(frozen=True)
class Outcome:
    """`payload` is the handler's JSON answer, or Lambda's JSON description of what went wrong."""

    payload: bytes
    is_error: bool
    logs: str


class InitFailed(Exception):
    """The handler could not be imported; `payload` says why, as Lambda would."""

    def __init__(self, payload: bytes) -> None:
        super().__init__("the handler could not be imported")
        self.payload = payload


class WarmProcess:
    """Runs `function` with the interpreter `python`; starts anew when an invocation ended the process."""

    def __init__(self, python: str, function: Function) -> None:
        self._python, self._function = python, function
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - stop() closes it
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None

    @property
    def pid(self) -> int | None:
        """Of the process, while there is one."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Returns when the handler is imported; raises InitFailed."""
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [self._python, "-uP", str(RUNTIME), self._function.handler, str(theirs.fileno())],
                cwd=self._function.code,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                pass_fds=[theirs.fileno()],
            )
        self._channel = ours
        answer = self._answer(ours, INIT_LIMIT_S)
        if answer.is_error:
            self._end()
            raise InitFailed(answer.payload)

    def invoke(self, request: Mapping[str, str]) -> Outcome:
        """What the handler answers to `request`: request_id, arn, trace_id, and the event as JSON text."""
        mark = os.fstat(self._log.fileno()).st_size
        if self._process is None or self._process.poll() is not None:
            try:
                self.start()
            except InitFailed as failure:
                return Outcome(failure.payload, is_error=True, logs=self._logs_from(mark))
        assert self._channel is not None
        self._send(self._channel, request)
        answer = self._answer(self._channel, self._function.timeout_s)
        return Outcome(answer.payload, answer.is_error, self._logs_from(mark))

    def stop(self) -> None:
        """Ends the process, also in the middle of an invocation; harmless when it has ended."""
        self._end()
        self._log.close()

    def logs(self) -> str:
        """All that the handler has printed."""
        return self._logs_from(0)

    def _environment(self) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        own = {name: str(value) for name, value in self._function.environment.items()}
        return inherited | own | {"LAMBDA_TASK_ROOT": str(self._function.code)}

    def _send(self, channel: socket.socket, request: Mapping[str, str]) -> None:
        try:
            channel.sendall(json.dumps(request).encode() + b"\n")
        except OSError:
            return  # it has ended: the answer, or its absence, tells

    def _answer(self, channel: socket.socket, limit_s: float) -> Outcome:
        channel.settimeout(limit_s)
        try:
            with channel.makefile("rb") as lines:
                line = lines.readline()
        except TimeoutError:
            self._end()
            return _failure("Sandbox.Timedout", f"Task timed out after {limit_s:.2f} seconds")
        except OSError:
            line = b""
        if not line.endswith(b"\n"):
            code = self._end()
            return _failure("Runtime.ExitError", f"Runtime exited, exit code {code}")
        answer = json.loads(line)
        return Outcome(answer["payload"].encode(), bool(answer["is_error"]), "")

    def _end(self) -> int | None:
        process, channel = self._process, self._channel
        if process is None:
            return None
        if channel is not None:
            channel.close()
        process.kill()
        return process.wait()

    def _logs_from(self, mark: int) -> str:
        if self._log.closed:
            return ""
        size = os.fstat(self._log.fileno()).st_size - mark
        return os.pread(self._log.fileno(), size, mark).decode(errors="replace")


def _failure(kind: str, message: str) -> Outcome:
    payload = json.dumps({"errorType": kind, "errorMessage": message}).encode()
    return Outcome(payload, is_error=True, logs="")
