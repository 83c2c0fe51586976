"""`explain`, `show`, `ask`: the commands that only look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from feedwatch.app import reading
from feedwatch.cli.frame import NOTHING_READ, USAGE, Json, guarded, options
from feedwatch.cli.output import as_json, complain, say, table
from feedwatch.config.schema import seconds
from feedwatch.examine import Examined
from feedwatch.glance import examine_locator
from feedwatch.model import Article, Entry, Label
from feedwatch.rules.explain import explain as explained
from feedwatch.rules.explain import explain_json
from feedwatch.text import count_words, printable, shorten
from feedwatch.tomlfile import suggest
from feedwatch.urls import redact

TITLE_WIDTH = 110
NAMES_WIDTH = 80
#: Lines named for people; --json has twenty.
_REMOVED_SHOWN = 5


@guarded
def explain(
    context: typer.Context,
    document: Annotated[str, typer.Argument(metavar="FILE|URL|-", help="A file, an address, or - for standard input.")],
    source: Annotated[str | None, typer.Option("--source", help="Read it as a document of this source.")] = None,
    json: Json = False,
) -> None:
    """Show what a document says to the program: article, regions, topics, the terms that counted, the feeds.

    Nothing is stored.

    Examples:

      feedwatch explain seeds/notes/story.md

      feedwatch explain https://example.org/article.html

      pbpaste | feedwatch explain -
    """
    chosen = options(context)
    setup = chosen.setup(secrets=False)
    if source is not None and source not in setup.sources:
        complain(f"there is no source {source!r}; {suggest(source, setup.sources)}".rstrip("; "))
        raise typer.Exit(USAGE)
    found = examine_locator(setup, document, source_id=source)
    if json or chosen.json:
        as_json({"items": [_examined_json(item) for item in found.items], "problems": found.problems})
    else:
        for item in found.items:
            _print_examined(item)
    for problem in found.problems:
        complain(f"{printable(document)}: {printable(problem)}")
    if not found.items:
        complain(f"{printable(document)}: no article found")
        raise typer.Exit(NOTHING_READ)


@guarded
def show(
    context: typer.Context,
    feed: Annotated[str, typer.Argument(help="The feed's id.")],
    json: Json = False,
) -> None:
    """List what a feed shows now, newest first, with the reason of each entry.

    Examples:

      feedwatch show niger-security
    """
    chosen = options(context)
    setup = chosen.setup(secrets=False)
    known = [spec.id for spec in setup.config.feeds]
    if feed not in known:
        complain(f"there is no feed {feed!r}; {suggest(feed, known)}".rstrip("; "))
        raise typer.Exit(USAGE)
    with reading(setup) as app:
        shown = app.pipeline.view(feed)
    if json or chosen.json:
        as_json(shown)
        return
    rows = [
        (
            f"{each.entry.first_seen_at:%Y-%m-%d %H:%M}",
            shorten(each.entry.article.title, TITLE_WIDTH),
            ", ".join(source_id for source_id, _ in each.vias),
            shorten(", ".join(dict.fromkeys(reason.name for reason in each.entry.reasons)), NAMES_WIDTH),
        )
        for each in shown.entries
    ]
    table(f"{shown.spec.title} – {len(rows)} entries", ("first seen", "title", "source", "because of"), rows)


@guarded
def ask(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="As in the `where` of a feed.")],
    since: Annotated[str | None, typer.Option("--since", help='First seen within, e.g. "24h" or "7d".')] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 50,
    json: Json = False,
) -> None:
    """List the stored entries that answer a question, newest first.

    Examples:

      feedwatch ask 'region:ne and topic:security' --since 7d

      feedwatch ask 'region:sahel and "human rights" and not topic:sport'
    """
    chosen = options(context)
    setup = chosen.setup(secrets=False)
    try:
        since_s = seconds(since) if since is not None else None
    except ValueError as error:
        complain(f"--since {since!r} {error}")
        raise typer.Exit(USAGE) from error
    with reading(setup) as app:
        found = app.ask(question, since_s=since_s, limit=limit)
    if json or chosen.json:
        as_json([_entry_json(entry) for entry in found])
        return
    rows = [
        (
            f"{entry.first_seen_at:%Y-%m-%d %H:%M}",
            shorten(entry.article.title, TITLE_WIDTH),
            entry.article.source_id,
            _names(entry.labels),
        )
        for entry in found
    ]
    table(f"{len(rows)} entries", ("first seen", "title", "source", "about"), rows)
    if len(found) == limit:
        say(f"more may match; --limit {limit * 4} shows more")


def _names(labels: Sequence[Label]) -> str:
    return shorten(", ".join(label.name for label in labels if label.standing == "about"), NAMES_WIDTH)


def _print_examined(item: Examined) -> None:
    """One article for people: what it is, then why it is judged so."""
    article = item.article
    say(printable(article.title, 500))
    if article.url:
        say(f"  {printable(redact(article.url))}")
    facts = {
        "language": article.language,
        "published": f"{article.published_at:%Y-%m-%d %H:%M} UTC" if article.published_at else None,
        "tags": ", ".join(article.tags) or None,
        "text": f"{count_words(article.body)} words, {len(article.teasers)} teasers beside it",
        "feeds": ", ".join(item.feeds) or "none",
    }
    for name, value in facts.items():
        if value:
            say(f"  {name}: {printable(value)}")
    places = [f"{name}: {place}" for name, place in article.provenance if name != "repeated"]
    if places:
        say("  found in: " + printable(", ".join(places), 1000))
    if removed := _removed(article):
        shown = " | ".join(removed[:_REMOVED_SHOWN]) + (" | …" if len(removed) > _REMOVED_SHOWN else "")
        say("  removed, as other documents of the source have it: " + printable(shown, 1000))
    say()
    for line in explained(item.trace).splitlines():
        say(f"  {printable(line, 2000)}")
    say()


def _examined_json(item: Examined) -> dict[str, object]:
    return {
        "article": item.article,
        "judgement": explain_json(item.trace),
        "feeds": item.feeds,
        "removed": _removed(item.article),
    }


def _removed(article: Article) -> list[str]:
    """The first lines that the memory of the source removed from the text."""
    return dict(article.provenance).get("repeated", "").splitlines()


def _entry_json(entry: Entry) -> dict[str, object]:
    article = entry.article
    return {
        "id": article.id,
        "source": article.source_id,
        "title": article.title,
        "url": article.url,
        "language": article.language,
        "first_seen_at": entry.first_seen_at,
        "updated_at": entry.updated_at,
        "published_at": article.published_at,
        "labels": entry.labels,
    }
