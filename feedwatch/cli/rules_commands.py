"""`rules test`, `lint`, `diff`: what rules make of documents, and what a change of them does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from feedwatch.app import reading
from feedwatch.cli.frame import DONE, FAILED, USAGE, Json, guarded, options
from feedwatch.cli.output import as_json, coloured, complain, progress, say, table
from feedwatch.cli.rules_check import origins_of
from feedwatch.errors import FeedwatchError
from feedwatch.glance import tester
from feedwatch.rules.diffing import ArticleChange, Difference
from feedwatch.rules.lint import Archive, Lint, lint_rules
from feedwatch.rules.origins import Origin
from feedwatch.rules.ruleset import BUILT_IN
from feedwatch.rules.testing import TestResult
from feedwatch.setup import Setup, load_variant
from feedwatch.text import printable, shorten

TITLE_WIDTH = 90
LINT_DAYS = 90
#: Articles that `lint` looks at, newest first.
LINT_ARTICLES = 10_000


@guarded
def run_tests(
    context: typer.Context,
    only: Annotated[str, typer.Option("--only", help="Only tests with this in their name.")] = "",
    json: Json = False,
) -> None:
    """Run the [[tests]] of the configuration and its packs; show what fired instead where one fails.

    Exits with 1 if one fails.

    Examples:

      feedwatch rules test

      feedwatch rules test --only "Niger Delta"
    """
    chosen = options(context)
    setup = chosen.setup(secrets=False)
    tests = [each for each in setup.rules.tests if only.casefold() in each.name.casefold()]
    run = tester(setup).run
    results: list[TestResult] = []
    with progress("tests", len(tests)) as advance:
        for each in tests:
            results.append(run(each))
            advance(1)
    failed = [result for result in results if not result.passed]
    if json or chosen.json:
        as_json({"tests": len(results), "failed": len(failed), "results": results})
    else:
        for result in failed:
            _print_failed(result)
        say(f"{len(results)} tests, {len(failed)} failed")
    if only and not tests:
        complain(f"no test has {printable(only)!r} in its name")
    raise typer.Exit(FAILED if failed or (only and not tests) else DONE)


def _print_failed(result: TestResult) -> None:
    say(f"FAILED {printable(result.name)} ({printable(result.where)})")
    if result.error:
        say(f"  {printable(result.error)}")
    for failure in result.failures:
        verb = "expected" if failure.expected else "rejected"
        say(f"  {verb} {printable(failure.item)}: {printable(failure.found, 2000)}")
    if result.fired:
        say("  what fired:")
    for line in result.fired:
        say(f"    {printable(line, 2000)}")


@guarded
def lint(
    context: typer.Context,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 if there is anything to look at.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Look at the packs that come with the program too.")] = False,
    archive: Annotated[bool, typer.Option(help="Look at the stored articles too, when there are any.")] = True,
    json: Json = False,
) -> None:
    """Show terms that work, but hardly as their writer thinks.

    Short words and acronyms without "=", names that others begin with, wildcards that swallow others, terms
    with the same points in two regions, rules without a test; from the stored articles terms that matched
    nothing in 90 days or more than a tenth of everything, and wildcards on frequent words.

    Examples:

      feedwatch rules lint

      feedwatch rules lint --all --strict
    """
    chosen = options(context)
    setup = chosen.setup(secrets=False)
    places = origins_of(setup)
    found = lint_rules(setup.rules, places)
    if archive:
        # What the program brings is meant for everybody's articles, so silence of its terms tells nothing.
        found += [each for each in _archive_lints(setup, places) if each.kind != "never" or not _is_built_in(each)]
    if not every:
        found = [each for each in found if not _is_built_in(each)]
    if json or chosen.json:
        as_json(found)
    else:
        rows = [
            (f"{each.file}:{each.line}", f"{each.facet}:{each.rule}", each.kind, shorten(each.message, 400))
            for each in found
        ]
        if rows:
            table(f"{len(rows)} things to look at", ("place", "rule", "kind", "what"), rows)
        else:
            say("nothing to look at" + ("" if every else " but in the packs that come with the program (--all)"))
    raise typer.Exit(FAILED if strict and found else DONE)


def _is_built_in(lint: Lint) -> bool:
    return lint.file.startswith(BUILT_IN)


def _archive_lints(setup: Setup, places: Sequence[Origin]) -> list[Lint]:
    """What the stored articles tell; nothing when there are none."""
    since = setup.clock.now() - timedelta(days=LINT_DAYS)
    try:
        with reading(setup) as feedwatch:
            seen = Archive(setup.rules)
            total = min(feedwatch.count_entries(), LINT_ARTICLES)
            with progress("articles", total) as advance:
                for entry in feedwatch.store.entries(limit=LINT_ARTICLES):
                    seen.add(entry.article, is_recent=entry.first_seen_at >= since)
                    advance(1)
    except FeedwatchError as error:
        complain(f"without stored articles: {printable(str(error))}")
        return []
    return seen.lints(places, days=LINT_DAYS)


@guarded
def diff(
    context: typer.Context,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[OLD] [NEW]", help="Configurations, or rule files or folders.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the newest so many articles.")] = None,
    show: Annotated[int, typer.Option("--show", min=0, help="At most so many articles a feed.")] = 10,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 if anything changes.")] = False,
    json: Json = False,
) -> None:
    """Show which stored articles change label, and which enter or leave which feed.

    NEW is compared with OLD. Without OLD with what is stored; without NEW the configuration as it is now is
    compared with what is stored. A rule file or folder takes the place of the pack with its name, or comes
    after all packs of the configuration. Nothing is written.

    Examples:

      feedwatch rules diff

      feedwatch rules diff new-config.toml

      feedwatch rules diff packs/topics /tmp/edited/topics --exit-code
    """
    chosen = options(context)
    if files and len(files) > 2:
        complain("name at most two files: OLD and NEW")
        raise typer.Exit(USAGE)
    setup = chosen.setup(secrets=False)
    sides = [load_variant(chosen.config, path) for path in files or ()]
    old, new = (sides[0] if len(sides) == 2 else None), (sides[-1] if sides else setup)
    with reading(setup) as feedwatch:
        total = feedwatch.count_entries()
        with progress("articles", min(total, limit or total)) as advance:
            found = feedwatch.diff(old, new, limit=limit, advance=advance)
    if json or chosen.json:
        as_json(_difference_json(found))
    else:
        _print_difference(found, show)
    raise typer.Exit(FAILED if exit_code and found.changes else DONE)


def _difference_json(found: Difference) -> dict[str, object]:
    return {
        "articles": found.articles,
        "changed": len(found.changes),
        "changes": found.changes,
        "feeds": {
            feed: {"enters": [c.id for c in found.entering(feed)], "leaves": [c.id for c in found.leaving(feed)]}
            for feed in found.feeds
            if found.entering(feed) or found.leaving(feed)
        },
        "rules": [
            {"facet": facet, "rule": rule, "changes": {f"{old} > {new}": n for (old, new), n in sorted(moves.items())}}
            for facet, rule, moves in found.by_rule()
        ],
    }


def _print_difference(found: Difference, show: int) -> None:
    rules = [
        (
            f"{facet}:{rule}",
            sum(n for (_, new), n in moves.items() if new == "about"),
            sum(n for (old, _), n in moves.items() if old == "about"),
            ", ".join(f"{old} > {new} ×{n}" for (old, new), n in sorted(moves.items())),
        )
        for facet, rule, moves in found.by_rule()
    ]
    if rules:
        table("Labels", ("rule", "+about", "-about", "changes"), rules, numbers=("+about", "-about"))
    for feed in found.feeds:
        entering, leaving = found.entering(feed), found.leaving(feed)
        if not entering and not leaving:
            continue
        rows = [_change_row("+", "green", change) for change in entering[:show]]
        rows += [_change_row("-", "red", change) for change in leaving[:show]]
        table(f"{feed}: {len(entering)} enter, {len(leaving)} leave", ("", "source", "title", "because of"), rows)
    say(f"{len(found.changes)} of {found.articles} articles change")


def _change_row(sign: str, style: str, change: ArticleChange) -> tuple[object, ...]:
    why = "; ".join(f"{each.facet}:{each.rule} {each.old} > {each.new}" for each in change.labels) or "its question"
    return coloured(sign, style), change.source, shorten(change.title, TITLE_WIDTH), shorten(why, TITLE_WIDTH)
