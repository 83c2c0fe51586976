"""The command `feedwatch`: its global options and the list of its commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from feedwatch import __version__
from feedwatch.cli import (
    alerts_commands,
    questions,
    rules_commands,
    runs,
    sources_commands,
    tokens_commands,
    watching,
)
from feedwatch.cli.frame import Options
from feedwatch.cli.output import log_to_stderr, say

app = typer.Typer(
    name="feedwatch",
    help="Republish and monitor feeds: one filtered Atom feed per question, with the reason in every entry.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        say(f"feedwatch {__version__}")
        raise typer.Exit


@app.callback()
def main(
    context: typer.Context,
    config: Annotated[
        Path, typer.Option("--config", "-c", envvar="FEEDWATCH_CONFIG", help="The configuration file.")
    ] = Path("config.toml"),
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")] = False,
    verbose: Annotated[int, typer.Option("--verbose", "-v", count=True, help="Say what happens; twice: more.")] = 0,
    _version_wanted: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Republish and monitor feeds: one filtered Atom feed per question, with the reason in every entry."""
    context.obj = Options(config=config, json=json, verbosity=verbose)
    log_to_stderr(verbose)


for command in (
    runs.once,
    runs.regenerate,
    runs.run,
    runs.serve,
    questions.explain,
    questions.show,
    questions.ask,
    questions.check,
    watching.status,
    alerts_commands.digest,
):
    app.command()(command)
app.add_typer(alerts_commands.app)
app.add_typer(rules_commands.app)
app.add_typer(sources_commands.app)
app.add_typer(tokens_commands.app)
