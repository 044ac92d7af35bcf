"""Ports of this machine: a free one, and a sentence about a busy one."""

import socket

from balas.errors import Unavailable

HOST = "127.0.0.1"


def find_free() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def refuse_busy(port: int, variable: str) -> None:
    """Raises Unavailable when somebody listens on `port`; `variable` is the one that changes it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise Unavailable(
                f"port {port} cannot be used ({error.strerror}): "
                f"end the program that has it, or say `make run {variable}={port + 100}`"
            ) from error
