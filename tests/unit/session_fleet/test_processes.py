"""What each process of the fleet drags in, each asked in a process of its own."""

import subprocess
import sys

import pytest

MAGIC = """
import ctypes
from session_fleet import libmagic
libmagic.load_copy()
loaded = [line.split()[-1] for line in open("/proc/self/maps") if "libmagic" in line]
ctypes.CDLL(libmagic.NAME)
again = [line.split()[-1] for line in open("/proc/self/maps") if "libmagic" in line]
print(bool(loaded) and "pylibmagic" in loaded[0] and set(again) == set(loaded))
"""


def run(code: str) -> str:
    """What the code printed last, in a fresh interpreter."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("program", ["shard", "linking", "store"])
def test_what_holds_connections_imports_no_boto3(program: str) -> None:
    code = f"import session_fleet.{program}, sys; print('boto3' in sys.modules or 'botocore' in sys.modules)"
    assert run(code) == "False"


def test_the_supervisor_imports_no_neonize() -> None:
    assert run("import session_fleet.supervisor, sys; print('neonize' in sys.modules)") == "False"


def test_a_copy_of_libmagic_answers_to_the_systems_name() -> None:
    assert run(MAGIC) == "True"
