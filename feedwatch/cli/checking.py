"""`check`: is the configuration without faults? Alone in its module, since it needs neither store nor network."""

from __future__ import annotations

from pathlib import Path

import typer

from feedwatch.cli.frame import FAILED, Json, guarded, options
from feedwatch.cli.output import as_json, complain, say


@guarded
def check(context: typer.Context, json: Json = False) -> None:
    """Check configuration, rules and questions without reading or writing anything else.

    Prints every fault with its line and exits with 2 if there is one.

    Examples:

      feedwatch check

      feedwatch --config desk.toml check
    """
    chosen = options(context)
    setup = chosen.setup()
    config = setup.config
    facts = {
        "config": str(chosen.config),
        "sources": len(config.sources),
        "feeds": len(config.feeds),
        "regions": len(setup.rules.rules["region"]),
        "topics": len(setup.rules.rules["topic"]),
    }
    missing = [s for s in config.sources if s.kind == "folder" and not Path(s.locator).is_dir()]
    if json or chosen.json:
        as_json({**facts, "missing_folders": [source.locator for source in missing]})
    else:
        say(
            f"{facts['config']}: {facts['sources']} sources, {facts['feeds']} feeds, "
            f"{facts['regions']} regions, {facts['topics']} topics: no faults"
        )
    for source in missing:
        complain(f"source {source.id}: there is no folder {source.locator}; create it or correct path")
    if missing:
        raise typer.Exit(FAILED)
