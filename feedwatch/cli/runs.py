"""`once`, `regenerate`, `run`, `serve`: the commands that do the work."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from feedwatch.cli.frame import FAILED, NOTHING_READ, Json, guarded, options
from feedwatch.cli.handing import carry_out, tell_daemon
from feedwatch.cli.output import as_json, coloured, complain, say, table
from feedwatch.daemon import run as daemon
from feedwatch.ledger import Outcome
from feedwatch.publishing import Published
from feedwatch.work import Done


@guarded
def once(
    context: typer.Context,
    force: Annotated[bool, typer.Option("--force", help="Read every source, also those that are not due yet.")] = False,
    revive: Annotated[
        list[str] | None,
        typer.Option(metavar="SOURCE", help="Read this source again although its server said that it is gone."),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 if anything at all failed.")] = False,
    json: Json = False,
) -> None:
    """Read what is due, judge it, write the feeds, and end.

    Folders are always read; feeds and pages when their interval has passed. Exit codes: 0 done, 1 a
    feed could not be written, or a failure of any kind under --strict, 2 wrong configuration, 3 no source could be
    read, 75 another feedwatch is at work.

    Examples:

      feedwatch once

      feedwatch --config desk.toml once --force --json
    """
    chosen = options(context)
    setup = chosen.setup()
    started = time.monotonic()
    done = Done.of(carry_out(setup, "once", {"force": force, "revive": revive or []}))
    outcomes, published, pages = done.outcomes, done.published, done.pages
    for problem in done.problems:
        complain(problem)
    failed = [outcome for outcome in outcomes if outcome.result == "failed"]
    if json or chosen.json:
        behind = {"outcomes": pages, "waiting": done.waiting}
        as_json({"sources": outcomes, "pages": behind, "feeds": published, "rejudged": done.rejudged})
    else:
        _print_sources(outcomes)
        _print_pages(pages, done.waiting)
        _print_feeds(published, setup.config.output_dir)
        seconds = time.monotonic() - started
        new = sum(outcome.new for outcome in outcomes)
        read = len(outcomes) - len(failed)
        say(f"{read} of {len(outcomes)} sources read, {new} new entries, {seconds:.1f} s")
    if outcomes and len(failed) == len(outcomes):
        complain("no source could be read")
        raise typer.Exit(NOTHING_READ)
    broken = failed or any(o.problems or o.error for o in outcomes + pages)
    if any(feed.error for feed in published) or (broken and strict):
        raise typer.Exit(FAILED)


@guarded
def regenerate(
    context: typer.Context,
    feeds: Annotated[list[str] | None, typer.Argument(metavar="[FEED]...", help="Only these feeds.")] = None,
    json: Json = False,
) -> None:
    """Judge the stored entries by today's rules and write the feeds, without fetching anything.

    Ids and dates of entries stay as they are.

    Examples:

      feedwatch regenerate

      feedwatch regenerate niger-security mali-security
    """
    chosen = options(context)
    setup = chosen.setup(secrets=False)
    done = Done.of(carry_out(setup, "regenerate", {"feeds": feeds or []}))
    if json or chosen.json:
        as_json({"feeds": done.published, "rejudged": done.rejudged})
    else:
        _print_feeds(done.published, setup.config.output_dir)
        say(f"{done.rejudged} entries judged again")
    if any(feed.error for feed in done.published):
        raise typer.Exit(FAILED)


@guarded
def reload(context: typer.Context) -> None:
    """Let the running daemon read its configuration and rules again.

    It does so by itself when a file changes. With a fault the last good configuration stays in force. Exit
    codes: 0 in force, 2 faulty, 1 no daemon runs on this store.

    Examples:

      feedwatch reload
    """
    setup = options(context).setup(secrets=False)
    if tell_daemon(setup, "reload") is None:
        complain("no daemon runs on this store; 'feedwatch run' starts one")
        raise typer.Exit(FAILED)
    say("the configuration is in force")


@guarded
def serve(context: typer.Context) -> None:
    """Serve the feed files over HTTP, without polling anything. Stop with Ctrl-C or SIGTERM.

    Examples:

      feedwatch serve

      FEEDWATCH_SERVER_LISTEN=127.0.0.1:9000 feedwatch serve
    """
    setup = options(context).setup(secrets=False)
    daemon.serve(setup, on_ready=lambda url: complain(f"feeds at {url} – stop with Ctrl-C"))


def _print_sources(outcomes: Sequence[Outcome]) -> None:
    """One line a source, and one for each document that could not be read."""
    styles = {"read": "green", "unchanged": "dim", "failed": "red"}
    rows = [
        (o.source_id, coloured(o.result, styles[o.result]), o.new or "", o.changed or "", o.error) for o in outcomes
    ]
    if rows:
        table("Sources", ("source", "result", "new", "changed", "why"), rows, numbers=("new", "changed"))
    problems = [(o.source_id, problem) for o in outcomes for problem in o.problems]
    if problems:
        say()
        table("Read with problems", ("source", "what"), problems)
    if rows:
        say()


def _print_pages(outcomes: Sequence[Outcome], waiting: int) -> None:
    """One line for all pages behind entries, and one for each that was not taken."""
    if not outcomes and not waiting:
        return
    failed = [(o.source_id, problem) for o in outcomes for problem in o.problems or (o.error,) if problem]
    if failed:
        table("Pages behind entries that were not taken", ("source", "why"), failed)
    read = sum(outcome.result == "read" for outcome in outcomes)
    rest = f"; {waiting} more wait for a later run" if waiting else ""
    say(f"full text of {read} of {len(outcomes)} pages{rest}")
    say()


def _print_feeds(published: Sequence[Published], directory: Path) -> None:
    rows = [
        (
            feed.feed_id,
            feed.entries,
            coloured(feed.error, "red")
            if feed.error
            else coloured("written", "green")
            if feed.written
            else "unchanged",
            _shown(directory / f"{feed.feed_id}.atom"),
        )
        for feed in published
    ]
    table("Feeds", ("feed", "entries", "result", "file"), rows, numbers=("entries",))
    say()


def _shown(path: Path) -> str:
    """The path as short as it can be from here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
