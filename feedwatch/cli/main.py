"""The command `feedwatch`: its global options and the list of its commands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import typer

from feedwatch import __version__
from feedwatch.cli.frame import Options
from feedwatch.cli.lazy import Lazy, LazyGroup
from feedwatch.cli.output import say

LogForm = Literal["text", "json"]
LogLevel = Literal["error", "warning", "info", "debug"]


class _Commands(LazyGroup):
    """All commands."""

    table: ClassVar[Mapping[str, Lazy]] = {
        "once": Lazy("runs:once", "Read what is due, judge it, write the feeds, and end."),
        "regenerate": Lazy(
            "runs:regenerate",
            "Judge the stored entries by today's rules and write the feeds.",
        ),
        "run": Lazy("running:run", "Watch all the time: poll what is due, publish what changed, serve the feeds."),
        "reload": Lazy("runs:reload", "Let the running daemon read its configuration and rules again."),
        "serve": Lazy("runs:serve", "Serve the feed files over HTTP, without polling anything."),
        "explain": Lazy("questions:explain", "Show what a document says to the program."),
        "show": Lazy("questions:show", "List what a feed shows now, newest first, with the reason of each entry."),
        "ask": Lazy("questions:ask", "List the stored entries that answer a question, newest first."),
        "check": Lazy("checking:check", "Check configuration, rules and questions."),
        "doctor": Lazy(
            "doctor:doctor",
            "Look at configuration, store, disk, clock, permissions, network and versions, and say the cure.",
        ),
        "hide": Lazy("keeping:hide", "Take an entry down from all feeds, for good."),
        "unhide": Lazy("keeping:unhide", "Show an entry again that was hidden."),
        "hidden": Lazy("keeping:hidden", "List what is hidden, newest first."),
        "backup": Lazy("keeping:backup", "Copy the store to a file and check the copy."),
        "restore": Lazy("keeping:restore", "Put a backup in the store's place after checking it."),
        "housekeeping": Lazy("keeping:housekeeping", "Let go of entries that are not kept any longer."),
        "status": Lazy("watching:status", "Show each source: how it is doing and since when."),
        "digest": Lazy(
            "alerts_commands:digest", "Say what happened in each feed lately, as a text that can be mailed."
        ),
        "alerts": Lazy("alerts_commands:app", "What is unusual in the feeds, and whom it is told."),
        "rules": Lazy("rules_app:app", "Check, test, compare and improve the rules."),
        "sources": Lazy(
            "sources_commands:app",
            "Add, try, list, import and export what is read.",
        ),
        "tokens": Lazy("tokens_commands:app", "Who may read private feeds."),
    }


app = typer.Typer(
    name="feedwatch",
    cls=_Commands,
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
    log_format: Annotated[
        LogForm | None, typer.Option(envvar="FEEDWATCH_LOG_FORMAT", help="Log lines as text or as JSON objects.")
    ] = None,
    log_level: Annotated[
        LogLevel | None, typer.Option(envvar="FEEDWATCH_LOG_LEVEL", help="Log what is at least this important.")
    ] = None,
    _version_wanted: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Republish and monitor feeds: one filtered Atom feed per question, with the reason in every entry."""
    context.obj = Options(
        config=config, json=json, verbosity=verbose, log_form=log_format or "", log_level=log_level or ""
    )
    context.obj.log()
