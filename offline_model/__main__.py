"""`python -m offline_model --port 8300`: serves until it is stopped."""

import argparse
import signal
import sys
from contextlib import suppress

from offline_model.server import Server


def main() -> int:
    """Runs the server; 2 when the port cannot be had."""
    parser = argparse.ArgumentParser(prog="offline_model", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="0 picks a free one")
    port = parser.parse_args().port
    try:
        server = Server(port)
    except (OSError, OverflowError) as error:
        sys.stderr.write(
            f"offline_model: port {port} cannot be used ({error}). Stop what holds it, or choose another.\n"
        )
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.stdout.write(f"offline_model ready: http://127.0.0.1:{server.server_port}/v1\n")
    sys.stdout.flush()
    with suppress(KeyboardInterrupt):
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
