"""`alerts`, `digest`: what is unusual, and what happened."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from feedwatch.alerting import letter
from feedwatch.alerts import Channels
from feedwatch.app import reading
from feedwatch.cli.frame import FAILED, USAGE, Json, guarded, options
from feedwatch.cli.handing import carry_out
from feedwatch.cli.output import as_json, complain, say, table
from feedwatch.config.schema import seconds
from feedwatch.digest import Digest, text_of
from feedwatch.text import printable
from feedwatch.tomlfile import suggest
from feedwatch.vitals import Alert

app = typer.Typer(
    name="alerts",
    help="What is unusual in the feeds, and whom it is told.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Since = Annotated[str, typer.Option("--since", metavar="TIME", help='How far back, such as "90m", "24h" or "7d".')]


@app.command("list")
@guarded
def list_alerts(context: typer.Context, since: Since = "30d", json: Json = False) -> None:
    """List the alerts of late, newest first.

    Examples:

      feedwatch alerts list

      feedwatch alerts list --since 7d --json
    """
    chosen = options(context)
    setup = chosen.setup(secrets=False)
    with reading(setup) as app_:
        start = setup.clock.now() - _length(since)
        alerts = [alert for alert in app_.store.alerts(since=start, limit=1000) if alert.began_at >= start]
    if json or chosen.json:
        as_json(alerts)
        return
    told = bool(setup.config.alerts.channels)
    rows = [(f"{a.began_at:%Y-%m-%d %H:%M}", a.kind, a.title, _sent(a) if told else "") for a in alerts]
    table("Alerts", ("began", "kind", "what", "told"), rows)


def _sent(alert: Alert) -> str:
    return f"{alert.sent_at:%Y-%m-%d %H:%M}" if alert.sent_at else "not yet"


@app.command()
@guarded
def check(context: typer.Context, json: Json = False) -> None:
    """Look now for what is unusual, write the feed of alerts, and tell the channels.

    `run` does it every ten minutes and `once` at its end; this is for a look in between.

    Examples:

      feedwatch alerts check
    """
    chosen = options(context)
    done = carry_out(chosen.setup(), "alerts", {})
    if json or chosen.json:
        as_json(done)
    elif done["new"]:
        for alert in done["new"]:
            say(printable(f"{alert['kind']}: {alert['title']}"))
    else:
        say("nothing new that is unusual")
    _end(done["errors"])


@app.command()
@guarded
def test(context: typer.Context, json: Json = False) -> None:  # noqa: PT028 - a command, no test of ours
    """Send a test message to every channel of the configuration.

    Exit codes: 0 every channel took it, 1 one did not, 2 there is none.

    Examples:

      feedwatch alerts test
    """
    chosen = options(context)
    setup = chosen.setup()
    channels = Channels(setup.config.alerts.channels)
    if not len(channels):
        complain('there are no channels; write them as: [alerts] channels = ["mailto://user:password@example.org"]')
        raise typer.Exit(USAGE)
    now = setup.clock.now()
    trial = Alert(
        kind="spike",
        feed_id="",
        subject="",
        began_at=now,
        last_at=now,
        title="this is a test",
        body="If you can read this, alerts will reach you here.",
    )
    errors = channels.send(*letter([trial]))
    if json or chosen.json:
        as_json({"channels": channels.names, "errors": errors})
    elif not errors:
        say(printable(f"sent to {', '.join(channels.names)}"))
    _end(errors)


@guarded
def digest(
    context: typer.Context,
    feeds: Annotated[list[str] | None, typer.Argument(metavar="[FEED]...", help="Only these feeds.")] = None,
    since: Since = "24h",
    most: Annotated[int, typer.Option("--most", min=1, help="Entries shown of each feed.")] = 20,
    send: Annotated[bool, typer.Option("--send", help="Send it to the channels of [alerts], too.")] = False,
    json: Json = False,
) -> None:
    """Say what happened in each feed lately, as a text that can be mailed.

    Examples:

      feedwatch digest

      feedwatch digest niger-security --since 7d

      feedwatch digest --send
    """
    chosen = options(context)
    setup = chosen.setup(secrets=send)
    known = [spec.id for spec in setup.config.feeds]
    for feed in feeds or []:
        if feed not in known:
            complain(f"there is no feed {feed!r}; {suggest(feed, known)}".rstrip("; "))
            raise typer.Exit(USAGE)
    with reading(setup) as app_:
        found = app_.digest(_length(since), feeds or known)
    text = text_of(found, most=most)
    if json or chosen.json:
        as_json(_as_json(found))
    else:
        for line in text.splitlines():
            say(printable(line, 2000))
    if send:
        total = sum(len(section.entries) for section in found.sections)
        _end(Channels(setup.config.alerts.channels).send(f"feedwatch: {total} entries since {since} ago", text))


def _length(text: str) -> timedelta:
    """The length of time, or an end with the reason."""
    try:
        return timedelta(seconds=seconds(text))
    except ValueError as error:
        complain(f"--since {text!r} {error}")
        raise typer.Exit(USAGE) from error


def _as_json(digest: Digest) -> dict[str, object]:
    sections = [
        {
            "feed": section.spec.id,
            "title": section.spec.title,
            "entries": [
                {
                    "title": shown.entry.article.title,
                    "url": shown.entry.article.url,
                    "sources": sorted({source for source, _ in shown.vias}),
                    "first_seen_at": shown.entry.first_seen_at,
                }
                for shown in section.entries
            ],
        }
        for section in digest.sections
    ]
    findings = [
        {"source": each.pulse.source_id, "state": each.diagnosis.state, "message": each.diagnosis.message}
        for each in digest.findings
    ]
    return {
        "since": digest.since,
        "until": digest.until,
        "feeds": sections,
        "alerts": digest.alerts,
        "sources": findings,
    }


def _end(errors: list[str]) -> None:
    for error in errors:
        complain(error)
    if errors:
        raise typer.Exit(FAILED)
