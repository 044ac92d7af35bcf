"""`python -m local.fleet …`: the session fleet, pointed at a WhatsApp-Web emulator.

EMULATOR_URL, EMULATOR_CA_FILE and EMULATOR_NOISE_ROOT name the emulator; arguments are session_fleet's.
"""

import os
import sys

from local import neonize_target
from local.neonize_target import NeonizeTarget, TargetError
from session_fleet import cli, libmagic

LAUNCHER = [sys.executable, "-m", "local.fleet"]
IMPORTS_NEONIZE = ("shard", "linking", "store")


def main(arguments: list[str]) -> int:
    """Exit status of the fleet program that the arguments name."""
    try:
        target = NeonizeTarget.from_environment(os.environ)
        neonize_target.ensure_environment(target)
        if arguments and arguments[0] in IMPORTS_NEONIZE:
            libmagic.make_available()
            neonize_target.swap_noise_root(target)
    except TargetError as error:
        print(f"local.fleet: {error}", file=sys.stderr)
        return 2
    return cli.main(arguments, launcher=LAUNCHER)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
