"""The launcher refuses without an emulator, and finds the root key in the neonize that is installed."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.neonize_target import CA_FILE, NOISE_ROOT, URL, WHATSAPP_NOISE_ROOT, NeonizeTarget, TargetError

ROOT = Path(__file__).parents[3]


def complete(folder: Path) -> dict[str, str]:
    (folder / "ca.pem").touch()
    return {URL: "http://127.0.0.1:9", CA_FILE: str(folder / "ca.pem"), NOISE_ROOT: "ab" * 32}


def test_a_complete_environment_names_the_target(tmp_path: Path) -> None:
    target = NeonizeTarget.from_environment(complete(tmp_path))
    assert target.noise_root == b"\xab" * 32
    assert target.environment()["HTTPS_PROXY"] == "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        (URL, "", "python -m session_fleet"),
        (CA_FILE, "", "python -m session_fleet"),
        (NOISE_ROOT, "", "python -m session_fleet"),
        (CA_FILE, "/nonexistent/ca.pem", "start the emulator first"),
        (NOISE_ROOT, "abc", "32 bytes in hex"),
        (NOISE_ROOT, "ab" * 31, "32 bytes in hex"),
    ],
)
def test_an_incomplete_one_says_what_to_do(tmp_path: Path, name: str, value: str, hint: str) -> None:
    with pytest.raises(TargetError, match=hint):
        NeonizeTarget.from_environment(complete(tmp_path) | {name: value})


def test_the_key_is_swapped_in_memory_and_not_on_disk(tmp_path: Path) -> None:
    package = importlib.util.find_spec("neonize")
    assert package is not None
    assert package.origin is not None
    library = next(Path(package.origin).parent.glob("*.so"))
    program = (
        "import os\n"
        "from local import neonize_target as nt\n"
        "target = nt.NeonizeTarget.from_environment(os.environ)\n"
        "nt.ensure_environment(target)\n"
        "nt.swap_noise_root(target)\n"
        "try:\n    nt.swap_noise_root(target)\n"
        "except nt.TargetError as error:\n    print(os.environ['SSL_CERT_DIR'], error)\n"
    )
    script = tmp_path / "program.py"
    script.write_text(program)
    environment = os.environ | complete(tmp_path) | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(script)], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.startswith("/nonexistent WhatsApp's root key was found 0 times")
    assert library.read_bytes().count(WHATSAPP_NOISE_ROOT) == 1
