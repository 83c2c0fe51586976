"""`run`: the daemon. What takes long to load is loaded when the store is ours."""

from __future__ import annotations

import logging
import os

import typer

from feedwatch.cli.frame import DONE, guarded, options
from feedwatch.cli.output import complain
from feedwatch.latch import early_lock


@guarded
def run(context: typer.Context) -> None:
    """Watch all the time: poll what is due, publish what changed, serve the feeds. Stop with Ctrl-C or SIGTERM.

    The configuration and the rules are read again when a file changes, on SIGHUP, and on 'feedwatch reload'.
    Other commands hand their work to the running daemon. A second daemon on the same store ends with 75.

    Examples:

      feedwatch run

      FEEDWATCH_SERVER_LISTEN=0.0.0.0:8080 feedwatch run
    """
    chosen = options(context)
    with early_lock(chosen.config) as locked:
        setup = chosen.setup(stays=True)
        # Takes seconds; and what is loaded now fits into the memory that reading the rules has left free.
        from feedwatch.daemon import run as daemon  # noqa: PLC0415

        chosen.log(daemon=True)

        def ready(url: str) -> None:
            # Whoever reads JSON lines finds it in one of them.
            if chosen.log_form != "json":
                complain(f"feeds at {url}")

        ended = daemon.run(setup, chosen.config, on_ready=ready, locked=locked)
        if not ended:
            # A thread that waits for a slow server would hold up the end for as long as the server likes.
            logging.shutdown()
            os._exit(DONE)
