"""`python3 local/bootstrap.py local|dev|test`: what `make run`, `make check` or `make test` needs.

A virtual environment for each of them, and for the tests a browser besides.

It runs on the system's Python, before anything is installed: standard library only, and a syntax that old
versions can read, so that they can say that they are too old.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
SUCCESSORS = ("python3.14", "python3.13", "python3.12", "python3.11")
ROOM_NEEDED_MB = 1500
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CAUSES = (
    ("No space left", "the disk is full: free about 1.5 GB"),
    ("DO NOT MATCH THE HASHES", "a package differs from the locked one: look at what serves your packages"),
    ("NewConnectionError", "no network: packages come from the Python package index, or PIP_INDEX_URL"),
    ("ProxyError", "the proxy refused: look at HTTPS_PROXY"),
    ("CERTIFICATE_VERIFY_FAILED", "the certificate is not trusted: set PIP_CERT to your CA file"),
    ("Read timed out", "the network is too slow or gone: try again, what was downloaded is kept"),
    (
        "No matching distribution",
        "a package does not exist for this machine: it must be Linux with glibc >= 2.34",
    ),
)


class CannotInstall(Exception):
    """What stands in the way, and a way out."""


def main(wanted: str) -> int:
    """The exit code; installs nothing when the lock file has not changed since the last time."""
    try:
        _use_new_python(wanted)
        directory = os.open(ROOT, os.O_RDONLY)
        fcntl.flock(directory, fcntl.LOCK_EX)  # `make run` beside `make test`: one after the other
        _bring_up_to_date("dev" if wanted == "test" else wanted)
        if wanted == "test":
            _bring_a_browser()
    except CannotInstall as error:
        print(f"Balas cannot be installed: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Balas cannot be installed in {ROOT}: {error.strerror}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; say it again to go on.", file=sys.stderr)
        return 130
    return 0


def _use_new_python(wanted: str) -> None:
    """Goes on in a newer Python when this one is too old and another is installed."""
    if sys.version_info >= OLDEST:
        return
    for name in SUCCESSORS:
        newer = shutil.which(name)
        if newer:
            os.execv(newer, [newer, str(Path(__file__).resolve()), wanted])  # noqa: S606 - no shell is wanted
    version = ".".join(map(str, sys.version_info[:2]))
    raise CannotInstall(
        f"this Python is {version}, Balas needs 3.11 or newer. Install one (Debian: apt-get install "
        "python3.11 python3.11-venv); it is found by its name"
    )


def _bring_up_to_date(wanted: str) -> None:
    if _is_installed(wanted) or (wanted == "local" and _is_installed("dev")):
        return
    refuse_without_room(shutil.disk_usage(str(ROOT)).free)
    _make_venv()
    _install(wanted)
    _stamp(wanted).write_text(_fingerprint(wanted))
    print("Installed.", flush=True)


def _is_installed(wanted: str) -> bool:
    stamp = _stamp(wanted)
    return _works(PYTHON) and stamp.exists() and stamp.read_text() == _fingerprint(wanted)


def _stamp(wanted: str) -> Path:
    return VENV / f".installed-{wanted}"


def lock(wanted: str) -> Path:
    """The lock file of what is wanted."""
    return ROOT / "requirements" / f"{wanted}.txt"


def _fingerprint(wanted: str) -> str:
    return hashlib.sha256(lock(wanted).read_bytes()).hexdigest()


def _works(python: Path) -> bool:
    """False also for the venv of a Python that was removed since."""
    return python.exists() and not subprocess.call([str(python), "-c", "pass"], stderr=subprocess.DEVNULL)


def refuse_without_room(free_bytes: int) -> None:
    """Raises CannotInstall before a disk that is too small is filled."""
    free_mb = free_bytes // 2**20
    if free_mb < ROOM_NEEDED_MB:
        raise CannotInstall(f"the disk has {free_mb} MB left, {ROOM_NEEDED_MB} MB are needed")


def _make_venv() -> None:
    if _works(PYTHON):
        return
    print("Making the virtual environment .venv ...", flush=True)
    options = ["--clear"] if importlib.util.find_spec("ensurepip") else ["--clear", "--without-pip"]
    command = [sys.executable, "-m", "venv", *options, str(VENV)]
    made = subprocess.run(command, check=False, capture_output=True, text=True)
    if made.returncode != 0:
        raise CannotInstall(f"python -m venv failed: {_last_line(made.stdout + made.stderr)}")


def _pip() -> list[str]:
    """The pip of the virtual environment; where the system's Python cannot make one, the system's own."""
    candidates = ([str(PYTHON), "-m", "pip"], [sys.executable, "-m", "pip", "--python", str(PYTHON)])
    for pip in candidates:
        if subprocess.run([*pip, "--version"], check=False, capture_output=True).returncode == 0:
            return pip
    version = ".".join(map(str, sys.version_info[:2]))
    raise CannotInstall(
        f"this Python has no pip. Debian and Ubuntu: apt-get install python{version}-venv, and say it again"
    )


def _install(wanted: str) -> None:
    total = len(re.findall(r"^[a-z0-9]", lock(wanted).read_text(), re.MULTILINE))
    print(f"Installing {total} packages, about 450 MB; later starts skip this ...", flush=True)
    options = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--require-hashes"]
    pip = subprocess.Popen(
        [*_pip(), "install", *options, "-r", str(lock(wanted))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    complaints: list[str] = []
    assert pip.stdout and pip.stderr  # noqa: S101 - for the type checker: both are pipes
    reader = threading.Thread(target=complaints.extend, args=[pip.stderr])
    reader.start()
    _show_progress(pip.stdout, total)
    reader.join()
    if pip.wait() != 0:
        raise CannotInstall(explain("".join(complaints)))


def _bring_a_browser() -> None:
    """Chromium for the end-to-end tests: Debian's own where we may install it, else Playwright's."""
    if has_browser():
        return
    print("Installing Chromium for the end-to-end tests, about 300 MB ...", flush=True)
    for command in _browser_commands():
        if subprocess.call(command, stdout=subprocess.DEVNULL) != 0:
            break
    if not has_browser():
        raise CannotInstall(
            "the end-to-end tests need a browser: apt-get install chromium, "
            "or .venv/bin/playwright install --with-deps chromium"
        )


def has_browser() -> bool:
    """True where Chromium is on the PATH or Playwright has one of its own."""
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache" / "ms-playwright"))
    return any(map(shutil.which, BROWSERS)) or any(cache.glob("chromium-*"))


def _browser_commands() -> list[list[str]]:
    system = Path("/etc/os-release")
    is_debian = system.exists() and "\nID=debian\n" in f"\n{system.read_text()}\n"
    if os.geteuid() == 0 and is_debian:
        apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
        return [[*apt, "update"], [*apt, "install", "-y", "--no-install-recommends", "chromium"]]
    options = ["--with-deps"] if os.geteuid() == 0 else []
    return [[str(PYTHON), "-m", "playwright", "install", *options, "chromium"]]


def _show_progress(lines: IO[str], total: int) -> None:
    count = 0
    for line in lines:
        if line.startswith(("Collecting ", "Requirement already")):
            count += 1
            print(f"  {count:3}/{total} {_name(line)}", flush=True)
        elif line.startswith("Installing collected"):
            print("  unpacking, half a minute ...", flush=True)


def _name(line: str) -> str:
    found = re.match(r"(?:Collecting|Requirement already satisfied:) ([\w.-]+)", line)
    return found.group(1) if found else ""


def explain(complaints: str) -> str:
    """What went wrong, given what pip wrote to stderr."""
    for sign, cause in CAUSES:
        if sign in complaints:
            return cause
    return f"pip failed:\n{complaints[-2000:]}"


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no message"])[-1]


if __name__ == "__main__":
    if sys.argv[1:] not in (["local"], ["dev"], ["test"]):
        sys.exit("say: python3 local/bootstrap.py local|dev|test")
    sys.exit(main(sys.argv[1]))
