"""Logs: one JSON object per line on stderr, a fixed lower-case sentence plus fields.

Fields are ids, numbers and codes; never message text, names, phone numbers, JIDs, QR codes or tokens.
An error's own message is left out, since a database quotes the row that it refused.
Not powertools: it imports botocore, 11 MB in each of the fleet's processes.
"""

import json
import os
import sys
import traceback
from datetime import UTC, datetime
from typing import Literal

Level = Literal["INFO", "WARNING", "ERROR"]


class Log:
    """The log of one program part; `error` is for what should wake someone."""

    def __init__(self, name: str) -> None:
        self._name = name

    def info(self, sentence: str, **fields: object) -> None:
        self._write("INFO", sentence, fields)

    def warning(self, sentence: str, **fields: object) -> None:
        self._write("WARNING", sentence, fields)

    def error(self, sentence: str, **fields: object) -> None:
        self._write("ERROR", sentence, fields)

    def unexpected(self, sentence: str, error: BaseException, **fields: object) -> None:
        """An error that nobody expected: its type and where it came from."""
        self._write("ERROR", sentence, {**fields, "error": type(error).__name__, "frames": _frames(error)})

    def _write(self, level: Level, sentence: str, fields: dict[str, object]) -> None:
        entry = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "level": level,
            "log": self._name,
        }
        line = json.dumps({**entry, "message": sentence, "pid": os.getpid(), **fields}, default=str)
        sys.stderr.write(line + "\n")
        sys.stderr.flush()


def get(name: str) -> Log:
    return Log(name)


def _frames(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return [f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno}" for frame in frames]
