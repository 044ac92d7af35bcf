"""Ports of this machine."""

import socket

import pytest

from balas.errors import Unavailable
from local import port


def test_a_busy_port_names_the_variable_that_changes_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        busy = server.getsockname()[1]
        with pytest.raises(Unavailable, match=rf"port {busy} .*make run BALAS_PORT="):
            port.refuse_busy(busy, "BALAS_PORT")


def test_a_free_port_is_fine() -> None:
    port.refuse_busy(port.find_free(), "BALAS_PORT")
