"""`python -m feedwatch` and the console script."""

from __future__ import annotations

import os
import sys

from feedwatch.cli.frame import INTERRUPTED
from feedwatch.cli.main import app


def main() -> None:
    """Run the command line."""
    try:
        app()
    except SystemExit as end:
        if end.code == INTERRUPTED:
            # Whoever interrupts does not wait for threads that wait for slow servers.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(INTERRUPTED)
        raise


if __name__ == "__main__":
    main()
