"""Points an unmodified neonize at a WhatsApp-Web emulator instead of WhatsApp.

Three things lead a client to WhatsApp: the address it dials, the CAs it trusts, and the Noise root key in its
memory. The first two are environment variables, which Go reads from the block the process was exec'ed with;
the third is overwritten in this process only, the library on disk stays as it is.
"""

import ctypes
import importlib.util
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from session_fleet import libmagic

URL, CA_FILE, NOISE_ROOT = "EMULATOR_URL", "EMULATOR_CA_FILE", "EMULATOR_NOISE_ROOT"

WHATSAPP_NOISE_ROOT = bytes.fromhex("142375574d0a587166aae71ebe516437c4a28b73e3695c6ce1f7f9545da8ee6b")
"""Source: the public key that every WhatsApp Web client checks the server's Noise certificate with."""


class TargetError(Exception):
    """Why this process cannot talk to an emulator, and what to do."""


@dataclass(frozen=True)
class NeonizeTarget:
    """Where an emulator is and whom a client must trust to talk to it."""

    url: str
    ca_file: Path
    noise_root: bytes

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """The target that the three EMULATOR_ variables name; TargetError if one is missing or wrong."""
        missing = [name for name in (URL, CA_FILE, NOISE_ROOT) if not environment.get(name)]
        if missing:
            raise TargetError(
                f"{', '.join(missing)} not set: this launcher is for an emulator only;"
                " for the real WhatsApp start `python -m session_fleet`"
            )
        ca_file = Path(environment[CA_FILE])
        if not ca_file.is_file():
            raise TargetError(f"{CA_FILE}: there is no file {ca_file}; start the emulator first")
        return cls(environment[URL], ca_file, _parse_root(environment[NOISE_ROOT]))

    def environment(self) -> dict[str, str]:
        """What a process must be exec'ed with, so that Go sees it."""
        return {
            "HTTPS_PROXY": self.url,
            "SSL_CERT_FILE": str(self.ca_file),
            "SSL_CERT_DIR": "/nonexistent",  # or the system's CAs are loaded as well
            "NEONIZE_BOT_TAG": "off",
        }


def ensure_environment(target: NeonizeTarget) -> None:
    """Starts this very program again, once, unless it was already exec'ed with the target's environment."""
    wanted = target.environment()
    if all(os.environ.get(name) == value for name, value in wanted.items()):
        return
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], os.environ | wanted)  # noqa: S606 - ourselves


def swap_noise_root(target: NeonizeTarget) -> None:
    """Loads neonize and puts the target's Noise root key in the place of WhatsApp's, in memory only."""
    if platform.system() != "Linux":
        raise TargetError("the emulator needs Linux or WSL: the root key is found through /proc/self/maps")
    library = _load_library()
    hits = [
        hit for start, end in _writable_mappings(library) for hit in _find(start, end, WHATSAPP_NOISE_ROOT)
    ]
    if len(hits) != 1:
        raise TargetError(
            f"WhatsApp's root key was found {len(hits)} times in {library.name}, not once: this neonize"
            " is not the one that local/neonize_target.py was written for; install the pinned version"
        )
    ctypes.memmove(hits[0], target.noise_root, len(target.noise_root))


def _load_library() -> Path:
    libmagic.make_available()
    importlib.import_module("neonize")
    package = importlib.util.find_spec("neonize")
    if package is None or package.origin is None:
        raise TargetError("neonize is not installed: install the locked requirements")
    return Path(package.origin).parent


def _writable_mappings(package: Path) -> list[tuple[int, int]]:
    mappings: list[tuple[int, int]] = []
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, permissions, *_, path = line.split(maxsplit=5)
        if "w" in permissions and path.startswith(str(package.resolve())):
            start, end = span.split("-")
            mappings.append((int(start, 16), int(end, 16)))
    return mappings


def _find(start: int, end: int, needle: bytes) -> list[int]:
    memory = ctypes.string_at(start, end - start)
    found: list[int] = []
    at = memory.find(needle)
    while at >= 0:
        found.append(start + at)
        at = memory.find(needle, at + 1)
    return found


def _parse_root(text: str) -> bytes:
    try:
        root = bytes.fromhex(text)
    except ValueError:
        root = b""
    if len(root) != 32:
        raise TargetError(f"{NOISE_ROOT} must be 32 bytes in hex, as in the emulator's noise-root.hex")
    return root
