"""How the commands about sources print what they found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rich.text import Text

from feedwatch.cli.output import coloured, complain, say, table
from feedwatch.examine import Examined
from feedwatch.ledger import SourceStatus
from feedwatch.model import Source
from feedwatch.sourcework import Candidate, Discovery, Import
from feedwatch.text import count_words, printable, shorten
from feedwatch.trying import Behind, Trial
from feedwatch.urls import redact

TITLE_WIDTH = 90
_FOUND = {
    "address": "the address itself",
    "link": "the page names it",
    "path": "a common path",
    "page": "the page itself",
}


def print_discovery(found: Discovery) -> None:
    """What was found, for people."""
    rows = [
        (
            each.kind,
            redact(each.url),
            shorten(each.title, TITLE_WIDTH),
            each.entries,
            f"{each.newest_at:%Y-%m-%d %H:%M}" if each.newest_at else "",
            each.language or "",
            _FOUND[each.found],
        )
        for each in found.candidates
    ]
    if rows:
        table("Found", ("kind", "address", "title", "entries", "newest", "lang", "how"), rows, numbers=("entries",))
    for each in found.candidates:
        if each.kind != "feed" and each.sample:
            table(
                f"What the {each.kind} would give",
                ("title",),
                [(shorten(title, TITLE_WIDTH),) for title in each.sample],
            )
    for line in found.tried:
        complain(printable(line))


def discovery_json(found: Discovery) -> dict[str, object]:
    """What was found, for machines."""
    return {"candidates": [candidate_json(each) for each in found.candidates], "tried": found.tried}


def candidate_json(found: Candidate) -> Candidate:
    """One candidate, for machines: its address without a login."""
    return replace(found, url=redact(found.url))


def print_import(found: Import) -> None:
    """What a list of feeds comes to, for people."""
    if found.sources:
        rows = [(each.id, each.kind, redact(each.url), shorten(each.title, TITLE_WIDTH)) for each in found.sources]
        table("New sources", ("source", "kind", "address", "title"), rows)
    if found.left_out:
        table("Left out", ("feed", "why"), found.left_out)


def print_sources(sources: Sequence[Source], statuses: Mapping[str, SourceStatus]) -> None:
    """The configured sources, with what the store knows of them."""
    columns = ["source", "kind", "address", "lang", "region", "interval"]
    rows: list[list[object]] = [
        [each.id, each.kind, redact(each.locator), each.lang or "", each.region or "", _length(each.interval_s)]
        for each in sources
    ]
    if statuses:
        columns += ["entries", "last read", "trouble"]
        cells = [_status_cells(statuses.get(each.id)) for each in sources]
        rows = [row + more for row, more in zip(rows, cells, strict=True)]
    table("Sources", columns, rows, numbers=("interval", "entries"))


def _status_cells(status: SourceStatus | None) -> list[object]:
    if status is None:
        return ["", "never", ""]
    read = f"{status.last_ok_at:%Y-%m-%d %H:%M}" if status.last_ok_at else "never"
    trouble: Text | str = coloured(f"failed {status.failures}×: {status.error}", "red") if status.failures else ""
    return [status.entries, read, trouble]


def _length(length_s: int) -> str:
    """A length of time as the configuration writes it."""
    units = ((86_400, "d"), (3600, "h"), (60, "m"), (1, "s"))
    return next(f"{length_s // unit}{name}" for unit, name in units if length_s % unit == 0)


def print_trial(trial: Trial, limit: int) -> None:
    """What a source brought, for people: at most `limit` items."""
    say(printable(trial.locator))
    for name, value in trial.facts:
        say(f"  {name}: {printable(value)}")
    if trial.examination is None:
        complain(f"{printable(trial.locator)}: {printable(trial.error)}")
        return
    items = trial.examination.items
    rows = [_item_row(item) for item in items[:limit]]
    table(
        f"{len(items)} items" + (f", the first {limit}" if len(items) > limit else ""),
        ("published", "title", "lang", "regions", "topics", "feeds"),
        rows,
    )
    for problem in trial.examination.problems:
        complain(f"{printable(trial.locator)}: {printable(problem)}")


def print_pages(pages: Sequence[Behind]) -> None:
    """What the pages behind a source's items would give, for people."""
    if not pages:
        return
    rows = [
        (
            shorten(each.title, TITLE_WIDTH // 2),
            f"{count_words(each.article.body)} words" if each.article else coloured("not taken", "yellow"),
            shorten(each.article.body, TITLE_WIDTH) if each.article else each.why,
        )
        for each in pages
    ]
    table("Pages behind them, fetched for their text", ("item", "text", "begins, or why not"), rows)


def _item_row(item: Examined) -> tuple[str, ...]:
    article = item.article
    about = [label for label in item.trace.labels if label.standing == "about"]
    return (
        f"{article.published_at:%Y-%m-%d %H:%M}" if article.published_at else "",
        shorten(article.title, TITLE_WIDTH),
        article.language or "",
        ", ".join(label.name for label in about if label.facet == "region"),
        ", ".join(label.name for label in about if label.facet == "topic"),
        ", ".join(item.feeds),
    )


def trial_json(trial: Trial) -> dict[str, object]:
    """The same for machines, all items."""
    found = trial.examination
    return {
        "locator": trial.locator,
        "facts": dict(trial.facts),
        "error": trial.error,
        "problems": found.problems if found else [],
        "items": [
            {
                "title": item.article.title,
                "url": item.article.url,
                "published_at": item.article.published_at,
                "language": item.article.language,
                "labels": item.trace.labels,
                "feeds": item.feeds,
            }
            for item in (found.items if found else ())
        ],
    }


def source_json(source: Source, status: SourceStatus | None) -> dict[str, object]:
    """A configured source for machines; `status` is null without a store."""
    return {
        "id": source.id,
        "kind": source.kind,
        "address": redact(source.locator),
        "title": source.title,
        "lang": source.lang,
        "region": source.region,
        "topic": source.topic,
        "interval_s": source.interval_s,
        "allow_private": source.allow_private,
        "status": status,
    }
