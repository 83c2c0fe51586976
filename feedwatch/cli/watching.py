"""`status`: how the sources are doing."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from feedwatch.app import reading
from feedwatch.cli.frame import FAILED, Json, guarded, options
from feedwatch.cli.handing import tell_daemon
from feedwatch.cli.output import as_json, coloured, say, table
from feedwatch.errors import FeedwatchError
from feedwatch.ledger import SourceStatus
from feedwatch.rounds import Finding
from feedwatch.setup import Setup
from feedwatch.text import printable
from feedwatch.work import Values

_STYLES = {
    "ok": "green",
    "new": "dim",
    "quiet": "dim",
    "moved": "yellow",
    "stale": "yellow",
    "failing": "yellow",
    "broken": "red",
    "retired": "red",
}


@guarded
def status(
    context: typer.Context,
    alarms: Annotated[bool, typer.Option("--alarms", help="Only sources that somebody should look at.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 if there is any such source.")] = False,
    json: Json = False,
) -> None:
    """Show each source: how it is doing and since when, entries stored, when it was last read and is due.

    The last line names the daemon that watches them, if one runs; in JSON it is `daemon`, null without one.

    A source is ok, new (not read yet), quiet (no news for longer than usual), moved, stale (silent far beyond
    its own rhythm), failing, broken (failing for days), or retired (its server says that it is gone).

    Examples:

      feedwatch status

      feedwatch status --alarms --strict

      feedwatch status --json
    """
    chosen = options(context)
    setup = chosen.setup(secrets=False)
    with reading(setup) as app:
        statuses = {each.source_id: each for each in app.store.statuses()}
        findings = [each for each in app.health() if each.is_alarm or not alarms]
    daemon = _standing(setup)
    if json or chosen.json:
        as_json({"daemon": daemon, "sources": [_as_json(each, statuses[each.pulse.source_id]) for each in findings]})
    else:
        rows = [_row(each, statuses[each.pulse.source_id]) for each in findings]
        columns = ("source", "state", "since", "entries", "last read", "due", "why")
        table("Sources", columns, rows, numbers=("entries",))
        say(_summary(findings))
        say(_line(daemon))
    if strict and any(each.is_alarm for each in findings):
        raise typer.Exit(FAILED)


def _row(finding: Finding, known: SourceStatus) -> tuple[object, ...]:
    state = finding.diagnosis.state
    since = "" if state in {"ok", "new"} else _time(finding.since)
    return (
        known.source_id,
        coloured(state, _STYLES[state]),
        since,
        known.entries,
        _time(known.last_ok_at),
        _time(known.next_due_at),
        _why(finding, known),
    )


def _why(finding: Finding, known: SourceStatus) -> Text | str:
    """What is wrong, or worth knowing."""
    if finding.diagnosis.message:
        return finding.diagnosis.message
    if known.unreadable:
        return coloured(f"{known.unreadable} document{'s' * (known.unreadable > 1)} could not be read", "yellow")
    if known.waiting:
        return f"{known.waiting} page{'s' * (known.waiting > 1)} still to be fetched"
    return ""


def _standing(setup: Setup) -> Values | None:
    """What the daemon says of itself, or `error` if it does not; None when none runs."""
    try:
        return tell_daemon(setup, "standing")
    except FeedwatchError as error:
        return {"error": str(error)}


def _line(told: Values | None) -> str:
    """Who watches, since when and where, and what is wrong with it."""
    if told is None:
        return "no daemon runs on this store; 'feedwatch run' starts one"
    if "error" in told:
        return f"the daemon does not say how it is: {told['error']}"
    # A daemon that was started before an upgrade may not say all of it.
    at = f", serving {told['url']}" if told.get("url") else ""
    who = f"watched by process {told['pid']} (feedwatch {told.get('version', '?')}) since {told['started_at']}{at}"
    late = f"hangs: {', '.join(told['late'])}" if told["late"] else ""
    wrong = [text for text in (told["halted"], told.get("unwritten"), late, told["config_fault"]) if text]
    return "; ".join([who, *(printable(" ".join(text.split()), 600) for text in wrong)])


def _summary(findings: list[Finding]) -> str:
    alarms = sum(each.is_alarm for each in findings)
    return f"{len(findings)} sources, {alarms or 'none'} of them to be looked at"


def _as_json(finding: Finding, known: SourceStatus) -> dict[str, object]:
    told = finding.diagnosis
    return {
        "source_id": known.source_id,
        "title": known.title,
        "state": told.state,
        "cause": told.cause,
        "message": told.message,
        "since": finding.since,
        "alarm": finding.is_alarm,
        "entries": known.entries,
        "last_polled_at": known.last_polled_at,
        "last_ok_at": known.last_ok_at,
        "next_due_at": known.next_due_at,
        "failures": known.failures,
        "error": known.error,
        "unreadable": known.unreadable,
        "waiting": known.waiting,
        "retired": known.retired,
        "moved_to": known.moved_to,
    }


def _time(value: object) -> str:
    return f"{value:%Y-%m-%d %H:%M}" if value else "never"
