"""Loads neonize once, without the `uname -a` of its import: it leaves a process and a pipe open."""

import io
from unittest import mock

with mock.patch("os.popen", return_value=io.StringIO("Linux")):
    import neonize  # pyright: ignore[reportMissingTypeStubs] - it ships none

__all__ = ["neonize"]
