"""Lets neonize import on a machine that has no libmagic of its own."""

import ctypes
import importlib.util
from ctypes.util import find_library
from pathlib import Path

_loaded: list[ctypes.CDLL] = []


def make_available() -> None:
    """Loads the copy of the `pylibmagic` package, if there is one and the system has none.

    python-magic then finds it: the loader looks among the loaded libraries first, by the name libmagic.so.1.
    """
    if _loaded or find_library("magic"):
        return
    package = importlib.util.find_spec("pylibmagic")
    for folder in package.submodule_search_locations or [] if package else []:
        library = Path(folder) / "libmagic.so.1"
        if library.exists():
            _loaded.append(ctypes.CDLL(str(library)))
            return
