"""Lets neonize import on a machine that has no libmagic of its own."""

import ctypes
import importlib.util
from pathlib import Path

NAME = "libmagic.so.1"


def make_available() -> None:
    """Where the system has no libmagic, loads the copy in the `pylibmagic` package, if that is installed.

    python-magic then finds it: a library that is loaded already answers to its name.
    """
    try:
        ctypes.CDLL(NAME)
    except OSError:
        load_copy()


def load_copy() -> None:
    package = importlib.util.find_spec("pylibmagic")
    for folder in package.submodule_search_locations or [] if package else []:
        if (copy := Path(folder) / NAME).exists():
            ctypes.CDLL(str(copy))
