"""The state folder: one house at a time, secrets of its own, and a way out of whatever is in the way."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from balas.db.bootstrap import ROLES
from balas.errors import Misconfigured, Unavailable
from local import state_folder

HOLD = """
import sys
from pathlib import Path
from local import state_folder
folder = state_folder.open_folder(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.read()
"""


def test_a_second_house_is_told_who_has_the_folder(tmp_path: Path) -> None:
    folder = state_folder.open_folder(tmp_path)
    with pytest.raises(Unavailable, match=rf"process {os.getpid()}.*BALAS_HOME"):
        state_folder.open_folder(tmp_path)
    folder.close()
    assert state_folder.open_folder(tmp_path).killed_pid is None


def test_the_lock_of_a_killed_house_is_taken_over_and_its_death_noticed(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout and holder.stdin
    assert holder.stdout.readline() == b"open\n"
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    assert state_folder.open_folder(tmp_path).killed_pid == holder.pid


def test_secrets_are_made_once_and_for_the_user_alone(tmp_path: Path) -> None:
    folder = state_folder.open_folder(tmp_path)
    made = folder.secrets()
    assert set(made.role_passwords) == set(ROLES)
    assert folder.secrets() == made
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert tmp_path.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("text", ["", "[]", '{"token_key": 1}'])
def test_damaged_secrets_are_not_replaced_silently(tmp_path: Path, text: str) -> None:
    folder = state_folder.open_folder(tmp_path)
    (tmp_path / "secrets.json").write_text(text)
    with pytest.raises(Misconfigured, match="damaged"):
        folder.secrets()


def test_devices_of_the_real_whatsapp_are_not_shown_to_an_emulator(tmp_path: Path) -> None:
    folder = state_folder.open_folder(tmp_path)
    folder.refuse_other_whatsapp("real")
    folder.refuse_other_whatsapp("real")
    with pytest.raises(Misconfigured, match=r"linked to real WhatsApp .*BALAS_HOME"):
        folder.refuse_other_whatsapp("emulated")


@pytest.mark.parametrize("place", ["file/inside", "/proc/balas"])
def test_a_folder_that_cannot_be_written_names_the_variable(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Misconfigured, match=r"cannot write to .*BALAS_HOME"):
        state_folder.open_folder(tmp_path / place)


def test_a_disk_that_is_nearly_full_is_refused(tmp_path: Path) -> None:
    state_folder.refuse_without_room(tmp_path, state_folder.ROOM_NEEDED)
    with pytest.raises(Unavailable, match=r"3 MB left.*BALAS_HOME"):
        state_folder.refuse_without_room(tmp_path, 3 * 2**20)
