"""`sources add`, `discover`, `list`, `test`, `remove`, `import`, `export`: what is read, for people."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from functools import partial
from typing import Annotated, Literal

import typer

from feedwatch.app import reading
from feedwatch.cli.frame import NOTHING_READ, USAGE, Json, Options, guarded, options
from feedwatch.cli.handing import put_into_force
from feedwatch.cli.output import as_json, complain, progress, say
from feedwatch.cli.sources_lists import AllowPrivate, export, import_list
from feedwatch.cli.sources_show import (
    candidate_json,
    discovery_json,
    print_discovery,
    print_pages,
    print_sources,
    print_trial,
    source_json,
    trial_json,
)
from feedwatch.config.edit import NewSource, edit_file, with_sources, without_source
from feedwatch.config.schema import seconds
from feedwatch.errors import FetchError, StoreError
from feedwatch.extract.article import Extractor
from feedwatch.extract.repeats import NO_REPEATS
from feedwatch.glance import fetching, remembered
from feedwatch.ledger import SourceStatus
from feedwatch.model import Facet, Source
from feedwatch.rules.naming import suggest_rule
from feedwatch.setup import Setup, load_setup
from feedwatch.sourcework import (
    MAX_REQUESTS,
    Discovery,
    Finder,
    propose_id,
    same_source,
    with_scheme,
)
from feedwatch.text import printable
from feedwatch.tomlfile import suggest
from feedwatch.trying import try_pages, try_source
from feedwatch.urls import redact

Kind = Literal["feed", "page", "sitemap"]
Address = Annotated[str, typer.Argument(metavar="URL", help="A feed, or a page of the site.")]

app = typer.Typer(
    name="sources",
    help="Add, try, list, import and export what is read; config.toml is edited with its comments kept.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command()
@guarded
def add(
    context: typer.Context,
    url: Address,
    *,
    id: Annotated[str, typer.Option("--id", help="Short name; made from the title without it.")] = "",
    title: Annotated[str, typer.Option("--title", help="Name for people; the feed's own without it.")] = "",
    lang: Annotated[str, typer.Option("--lang", help='Such as "fr"; guessed from the entries without it.')] = "",
    region: Annotated[str, typer.Option("--region", help="Used when no region is found in an article.")] = "",
    topic: Annotated[str, typer.Option("--topic", help="The same for the topic.")] = "",
    interval: Annotated[str, typer.Option("--interval", help='How often it is read, such as "20m".')] = "",
    kind: Annotated[Kind | None, typer.Option("--kind", help="page: the page itself; or sitemap.")] = None,
    allow_private: AllowPrivate = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing.")] = False,
    json: Json = False,
) -> None:
    """Find the feed of an address and write it into the configuration.

    The address may be the feed's or a page's: then its links are followed, else common paths are tried.
    Exit codes: 2 it is read already or an option is wrong, 3 nothing was found.

    Examples:

      feedwatch sources add https://www.actuniger.com/

      feedwatch sources add https://example.org/feed --id example --region ne --interval 20m

      feedwatch sources add https://example.org/news --kind page
    """
    wishes = NewSource(
        id=id,
        url=url,
        title=title,
        lang=lang,
        region=region,
        topic=topic,
        interval=interval,
        allow_private=allow_private,
    )
    _add(options(context), wishes, kind, dry_run=dry_run, json=json)


def _add(chosen: Options, wishes: NewSource, kind: Kind | None, *, dry_run: bool, json: bool) -> None:
    """Find what was asked for, and write it."""
    setup = chosen.setup()
    _require_possible(setup, wishes)
    _require_new(setup, with_scheme(wishes.url))
    found = _discover(setup, wishes.url, kind=kind, allow_private=wishes.allow_private)
    best = found.best(kind)
    if best is None:
        print_discovery(found)
        complain(f"{printable(redact(wishes.url))}: no feed found; --kind page reads the page itself")
        raise typer.Exit(NOTHING_READ)
    _require_new(setup, best.url)
    source = replace(
        wishes,
        id=wishes.id or propose_id(best.title, best.url, setup.sources),
        url=best.url,
        kind=best.kind,
        title=wishes.title or best.title,
        lang=wishes.lang or best.language,
    )
    if not dry_run:
        edit_file(chosen.config, partial(with_sources, sources=[source], name=str(chosen.config)), load_setup)
        put_into_force(setup)
    if json or chosen.json:
        others = [candidate_json(each) for each in found.candidates if each is not best]
        shown = replace(source, url=redact(source.url))
        as_json({"added": not dry_run, "source": shown, "found": candidate_json(best), "others": others})
        return
    print_discovery(found)
    will = "would be" if dry_run else "is"
    say(f"{printable(redact(best.url))} {will} source {source.id} of {printable(str(chosen.config))}")
    if not dry_run:
        say(f"try it with: feedwatch sources test {source.id}")


@app.command()
@guarded
def discover(context: typer.Context, url: Address, allow_private: AllowPrivate = False, json: Json = False) -> None:
    """Show the feeds of an address; nothing is changed.

    Examples:

      feedwatch sources discover https://www.actuniger.com/

      feedwatch sources discover example.org --json
    """
    chosen = options(context)
    found = _discover(chosen.setup(), url, kind=None, allow_private=allow_private)
    if json or chosen.json:
        as_json(discovery_json(found))
    else:
        print_discovery(found)
    if found.best("feed") is None:
        complain(f"{printable(redact(url))}: no feed found; feedwatch sources add {printable(redact(url))} --kind page")


@app.command("list")
@guarded
def list_all(context: typer.Context, json: Json = False) -> None:
    """List the sources of the configuration, with what the store knows of them.

    Examples:

      feedwatch sources list

      feedwatch sources list --json
    """
    chosen = options(context)
    setup = chosen.setup()
    statuses = _statuses(setup)
    if json or chosen.json:
        as_json([source_json(source, statuses.get(source.id)) for source in setup.config.sources])
        return
    print_sources(setup.config.sources, statuses)


@app.command("test")
@guarded
def try_one(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="ID|URL", help="A configured source, or any address of a feed.")],
    kind: Annotated[Kind, typer.Option("--kind", help="How an address is read.")] = "feed",
    limit: Annotated[int, typer.Option("--limit", min=1, help="Show so many items.")] = 10,
    pages: Annotated[int, typer.Option("--pages", min=0, max=20, help="Fetch so many pages behind thin items.")] = 1,
    allow_private: AllowPrivate = False,
    json: Json = False,
) -> None:
    """Fetch a source once and show what would come out; nothing is stored.

    Of a source with full_text, pages and sitemaps among them, the first page behind its items is fetched too. What the
    store remembers of a configured source's lines counts, as at a poll.

    Exit code 3: nothing could be read.

    Examples:

      feedwatch sources test actuniger

      feedwatch sources test https://example.org/feed --json
    """
    chosen = options(context)
    setup = chosen.setup()
    tried = setup.sources.get(source) or _source_at(setup, source, kind, allow_private=allow_private)
    repeats, problems = remembered(setup, tried.id) if tried.id in setup.sources else (NO_REPEATS, ())
    for problem in problems:
        complain(problem)
    extractor = Extractor()
    with fetching(setup) as fetcher:
        trials = try_source(
            tried,
            fetcher=fetcher,
            extractor=extractor,
            classifier=setup.classifier,
            questions=setup.questions,
            repeats=repeats,
        )
        behind = try_pages(tried, trials, fetcher=fetcher, extractor=extractor, limit=pages, repeats=repeats)
    if json or chosen.json:
        as_json([*(trial_json(trial) for trial in trials), *({"page": each} for each in behind)])
    else:
        for trial in trials:
            print_trial(trial, limit)
        print_pages(behind)
    if not any(trial.examination for trial in trials):
        complain(f"{printable(source)}: nothing could be read")
        raise typer.Exit(NOTHING_READ)


def _source_at(setup: Setup, address: str, kind: Kind, *, allow_private: bool) -> Source:
    """The configured source at an address, or one for this time only."""
    if "/" not in address and "." not in address:
        complain(f"there is no source {printable(address)!r}; {suggest(address, setup.sources)}".rstrip("; "))
        raise typer.Exit(USAGE)
    url = with_scheme(address)
    return same_source(setup.config.sources, url) or Source(
        id="test",
        kind=kind,
        locator=url,
        title="test",
        interval_s=3600,
        allow_private=allow_private,
        full_text="never" if kind == "feed" else "auto",
    )


@app.command()
@guarded
def remove(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ID", help="The source's id.")],
    json: Json = False,
) -> None:
    """Take a source out of the configuration; comments and stored entries stay.

    Examples:

      feedwatch sources remove actuniger
    """
    chosen = options(context)
    setup = chosen.setup()
    if id not in setup.sources:
        complain(f"there is no source {printable(id)!r}; {suggest(id, setup.sources)}".rstrip("; "))
        raise typer.Exit(USAGE)
    edit_file(chosen.config, partial(without_source, source_id=id, name=str(chosen.config)), load_setup)
    put_into_force(setup)
    if json or chosen.json:
        as_json({"removed": id})
    else:
        say(f"{id} is no source of {printable(str(chosen.config))} any more; its stored entries stay")


app.command("import")(import_list)
app.command()(export)


# --- what the commands do -----------------------------------------------------------------------------------


def _discover(setup: Setup, url: str, *, kind: Kind | None, allow_private: bool) -> Discovery:
    with fetching(setup) as fetcher, progress("looking for a feed", MAX_REQUESTS) as advance:

        def pause(length_s: float) -> None:
            advance(1)
            time.sleep(length_s)

        finder = Finder(fetcher, pause=pause, extractor=Extractor(), allow_private=allow_private)
        try:
            return finder.discover(url, kind)
        except FetchError as error:
            # Not of an address that is none, or that nobody may reach.
            if "allow_private = true" in error.message:
                complain("an address of your own network needs --allow-private")
            raise


def _require_possible(setup: Setup, wishes: NewSource) -> None:
    """Refuse what the configuration would refuse, before anything is fetched."""
    problems: list[str] = []
    if wishes.id and not re.fullmatch(r"[a-z0-9-]{1,64}", wishes.id):
        problems.append("--id: use at most 64 of a-z, 0-9 and -")
    if wishes.id in setup.sources:
        problems.append(f"--id: {wishes.id} is the id of another source")
    if wishes.lang and not re.fullmatch(r"[a-z]{2,3}", wishes.lang):
        problems.append('--lang: write it as "fr" or "ha"')
    facets: tuple[tuple[Facet, str | None], ...] = (("region", wishes.region), ("topic", wishes.topic))
    for facet, rule in facets:
        if rule and not setup.rules.has(facet, rule):
            known = suggest_rule(rule, setup.rules.rules[facet])
            problems.append(f"--{facet}: no rule has the id {printable(rule)!r}; {known}".rstrip("; "))
    try:
        seconds(wishes.interval or "1h")
    except ValueError as error:
        problems.append(f"--interval: {printable(str(wishes.interval))!r} {error}")
    for problem in problems:
        complain(problem)
    if problems:
        raise typer.Exit(USAGE)


def _require_new(setup: Setup, url: str) -> None:
    """Refuse an address that is read already."""
    same = same_source(setup.config.sources, url)
    if same is not None:
        complain(f"{printable(redact(url))} is read already as source {same.id}; nothing was changed")
        raise typer.Exit(USAGE)


def _statuses(setup: Setup) -> dict[str, SourceStatus]:
    """What the store knows, by source; nothing without a store."""
    try:
        with reading(setup) as running:
            return {status.source_id: status for status in running.store.statuses()}
    except StoreError:
        return {}
