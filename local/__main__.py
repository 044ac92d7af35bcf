"""`python -m local`: all of Balas on this machine, until Ctrl-C; what `make run` does after installing."""

import os
import signal
import sys
from pathlib import Path
from types import FrameType

from balas.errors import BalasError, Misconfigured

try:
    from local import leftovers, settings, state_folder
    from local.house import House
    from local.progress import tell
except ModuleNotFoundError as missing:
    sys.exit(f"Balas cannot run: {missing.name} is not installed; say `make run`, which installs it first")


def main() -> int:
    """The exit code: 0 after Ctrl-C, 1 when something stood in the way, which is then on stderr."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # a shell's background job ignores SIGINT
        signal.signal(number, _interrupt)
    try:
        _refuse_other_systems()
        _live()
    except KeyboardInterrupt:
        return 0
    except BalasError as error:
        print(f"Balas cannot run: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


def _live() -> None:
    chosen = settings.from_environment(os.environ)
    folder = state_folder.open_folder(chosen.home)
    os.environ["BALAS_HOUSE"] = str(chosen.home)  # the mark of every child
    tell(f"Balas starts; its state and logs are in {chosen.home}")
    if folder.killed_pid is not None:
        count = leftovers.end(chosen.home)
        tell(f"  The last run (process {folder.killed_pid}) was killed; ended {count} programs that it left")
    house = House(chosen, folder)
    try:
        house.open()
        house.keep()
    finally:
        _stop(house)
        leftovers.end(chosen.home)
        folder.close()


def _stop(house: House) -> None:
    """Takes its time, which is bounded: a second Ctrl-C would only leave programs behind."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    tell("Stopping ...")
    house.close()
    tell("Stopped.")


def _refuse_other_systems() -> None:
    if not Path("/proc/self/maps").exists():
        raise Misconfigured(
            f"the local house needs Linux (on Windows: WSL), this is {sys.platform}; "
            "on another system run it in a Linux virtual machine"
        )


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
