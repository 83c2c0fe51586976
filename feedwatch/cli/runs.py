"""`once`, `regenerate`, `run`, `serve`: the commands that do the work."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path
from typing import Annotated

import typer

from feedwatch import daemon
from feedwatch.app import App, writing
from feedwatch.cli.frame import DONE, FAILED, NOTHING_READ, USAGE, Json, guarded, options
from feedwatch.cli.output import as_json, coloured, complain, log_to_stderr, progress, say, table
from feedwatch.ledger import Outcome
from feedwatch.publishing import Published
from feedwatch.tomlfile import suggest


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
    failure under --strict, 2 wrong configuration, 3 no source could be read, 75 another feedwatch is at work.

    Examples:

      feedwatch once

      feedwatch --config desk.toml once --force --json
    """
    chosen = options(context)
    setup = chosen.setup()
    started = time.monotonic()
    with writing(setup) as app:
        for source_id in revive or []:
            if not app.revive(source_id):
                complain(f"source {source_id!r} is not retired")
                raise typer.Exit(USAGE)
        rejudged = _rejudge(app)
        outcomes = _poll(app, force=force)
        published = _publish(app)
        _watch(app)
    outcomes.sort(key=lambda outcome: (outcome.result == "failed", outcome.source_id))
    failed = [outcome for outcome in outcomes if outcome.result == "failed"]
    if json or chosen.json:
        as_json({"sources": outcomes, "feeds": published, "rejudged": rejudged})
    else:
        _print_sources(outcomes)
        _print_feeds(published, setup.config.output_dir)
        seconds = time.monotonic() - started
        new = sum(outcome.new for outcome in outcomes)
        read = len(outcomes) - len(failed)
        say(f"{read} of {len(outcomes)} sources read, {new} new entries, {seconds:.1f} s")
    if outcomes and len(failed) == len(outcomes):
        complain("no source could be read")
        raise typer.Exit(NOTHING_READ)
    broken = failed or any(o.problems for o in outcomes) or any(p.error for p in published)
    if broken and strict:
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
    setup = chosen.setup()
    known = [spec.id for spec in setup.config.feeds]
    for feed in feeds or []:
        if feed not in known:
            complain(f"there is no feed {feed!r} in {setup.config.file.name}; {suggest(feed, known)}".rstrip("; "))
            raise typer.Exit(USAGE)
    with writing(setup) as app:
        rejudged = _rejudge(app)
        published = _publish(app, feeds or None)
    if json or chosen.json:
        as_json({"feeds": published, "rejudged": rejudged})
    else:
        _print_feeds(published, setup.config.output_dir)
        say(f"{rejudged} entries judged again")
    if any(feed.error for feed in published):
        raise typer.Exit(FAILED)


@guarded
def run(context: typer.Context) -> None:
    """Watch all the time: poll what is due, publish what changed, serve the feeds. Stop with Ctrl-C or SIGTERM.

    Examples:

      feedwatch run

      FEEDWATCH_SERVER_LISTEN=0.0.0.0:8080 feedwatch run
    """
    chosen = options(context)
    setup = chosen.setup()
    log_to_stderr(chosen.verbosity, daemon=True)
    ended = daemon.run(setup, on_ready=lambda url: complain(f"feeds at {url}"))
    if not ended:
        # A thread that waits for a slow server would hold up the end for as long as the server likes.
        logging.shutdown()
        os._exit(DONE)


@guarded
def serve(context: typer.Context) -> None:
    """Serve the feed files over HTTP, without polling anything. Stop with Ctrl-C or SIGTERM.

    Examples:

      feedwatch serve

      FEEDWATCH_SERVER_LISTEN=127.0.0.1:9000 feedwatch serve
    """
    setup = options(context).setup()
    daemon.serve(setup, on_ready=lambda url: complain(f"feeds at {url} – stop with Ctrl-C"))


def _watch(app: App) -> None:
    """Look after the sources and feeds, and tell what is to be told."""
    app.go_round()
    app.look_for_alerts()
    for error in app.send_alerts():
        complain(error)


def _rejudge(app: App) -> int:
    with progress("judging stored entries", app.pipeline.count_unjudged()) as advance:
        return app.pipeline.rejudge(advance)


def _poll(app: App, *, force: bool) -> list[Outcome]:
    outcomes: list[Outcome] = []
    claims = app.claim_once(force=force)
    with progress("reading sources", len(claims)) as advance:

        def done(outcome: Outcome) -> None:
            outcomes.append(outcome)
            advance(1)

        app.poll(claims, done)
    return outcomes


def _publish(app: App, feeds: list[str] | None = None) -> list[Published]:
    with progress("writing feeds", len(feeds or app.setup.config.feeds)) as advance:
        return app.publish(feeds, lambda _published: advance(1))


def _print_sources(outcomes: list[Outcome]) -> None:
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


def _print_feeds(published: list[Published], directory: Path) -> None:
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
