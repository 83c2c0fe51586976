"""`doctor`: whether everything is in place."""

from __future__ import annotations

from typing import Annotated

import typer

from feedwatch.cli.frame import FAILED, Json, guarded, options
from feedwatch.cli.handing import tell_daemon
from feedwatch.cli.output import as_json, coloured, say, table
from feedwatch.doctor import examine_all

_STYLES = {"ok": "green", "warn": "yellow", "fail": "red"}


@guarded
def doctor(
    context: typer.Context,
    offline: Annotated[bool, typer.Option("--offline", help="Do not try to reach any server.")] = False,
    json: Json = False,
) -> None:
    """Look at configuration, store, disk, clock, permissions, network and versions, and say the cure.

    Exit codes: 0 nothing fails (warnings may stand), 1 something fails.

    Examples:

      feedwatch doctor

      feedwatch doctor --offline --json
    """
    chosen = options(context)
    checks = examine_all(chosen.config, offline=offline, standing=lambda setup: tell_daemon(setup, "standing"))
    worst = [check for check in checks if check.state != "ok"]
    if json or chosen.json:
        as_json({"checks": checks, "well": not any(check.state == "fail" for check in checks)})
    else:
        rows = [(coloured(check.state, _STYLES[check.state]), check.name, check.found, check.cure) for check in checks]
        table("Doctor", ("", "what", "found", "cure"), rows)
        say()
        say("all is well" if not worst else f"{len(worst)} of {len(checks)} need a look")
    if any(check.state == "fail" for check in checks):
        raise typer.Exit(FAILED)
