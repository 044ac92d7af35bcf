"""`python -m session_fleet`: the fleet on the real WhatsApp."""

import sys

from session_fleet import cli

if __name__ == "__main__":
    sys.exit(cli.main(sys.argv[1:], launcher=[sys.executable, "-m", "session_fleet"]))
