"""`python -m tests.cloud.localstack_venv [python]`: LocalStack in a virtual environment of its own.

It is large and pins what we pin otherwise, so it stays out of ours. Which LocalStack that is depends on the
Python: 4.14.0, the last one that asks for no token, needs 3.13; below it there is 4.8.1.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

from balas.errors import Unavailable

ROOT = Path(__file__).parents[2]
VENV = ROOT / ".venv-localstack"
PYTHON = VENV / "bin" / "python"
EXECUTOR = Path(__file__).parent / "localstack_executor"
LOCKS = {
    (3, 11): "localstack-py311.txt",
    (3, 12): "localstack-py311.txt",
    (3, 13): "localstack-py313.txt",
}


def install(python: str) -> None:
    """Bring the virtual environment to the lock file of this `python`; does nothing when it is there."""
    lock = _lock(python)
    stamp, fingerprint = VENV / ".installed", _fingerprint(lock)
    if stamp.exists() and stamp.read_text() == fingerprint:
        return
    print(f"Installing LocalStack ({lock.name}), about 500 MB ...", flush=True)  # noqa: T201 - a command
    _uv("venv", "--quiet", "--clear", "--python", python, str(VENV))
    into = ("pip", "install", "--quiet", "--python", str(PYTHON))
    _uv(*into, "--require-hashes", "-r", str(lock))
    _uv(*into, "--no-deps", "--no-build-isolation", "--editable", str(EXECUTOR))
    stamp.write_text(fingerprint)


def _lock(python: str) -> Path:
    code = "import sys; print(*sys.version_info[:2])"
    answer = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True)
    major, minor = answer.stdout.split()
    try:
        return ROOT / "requirements" / LOCKS[int(major), int(minor)]
    except KeyError:
        raise Unavailable(
            f"LocalStack without a token does not run on Python {major}.{minor}: name a 3.11, 3.12 or 3.13, "
            "python -m tests.cloud.localstack_venv python3.13"
        ) from None


def _fingerprint(lock: Path) -> str:
    project = EXECUTOR / "pyproject.toml"
    return hashlib.sha256(lock.read_bytes() + project.read_bytes()).hexdigest()


def _uv(*arguments: str) -> None:
    subprocess.run([str(Path(sys.executable).with_name("uv")), *arguments], check=True)


if __name__ == "__main__":
    install(sys.argv[1] if len(sys.argv) > 1 else sys.executable)
