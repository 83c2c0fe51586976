"""`sources import`, `sources export`: lists of feeds from and for other readers."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from feedwatch.cli.frame import FAILED, NOTHING_READ, Json, guarded, options
from feedwatch.cli.handing import put_into_force
from feedwatch.cli.output import as_json, complain, say
from feedwatch.cli.sources_show import print_import
from feedwatch.config.edit import edit_file, replace_file, with_sources
from feedwatch.errors import FetchError
from feedwatch.opml import MAX_BYTES, read_opml, write_opml
from feedwatch.setup import load_setup
from feedwatch.sourcework import has_login, list_of_sources, sources_of_list
from feedwatch.text import printable

AllowPrivate = Annotated[
    bool, typer.Option("--allow-private", help="It may be on your own machine or network; kept with the source.")
]


@guarded
def import_list(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A list of feeds (OPML, or one address a line), or -.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing.")] = False,
    allow_private: AllowPrivate = False,
    json: Json = False,
) -> None:
    """Add all feeds of a list; nothing is fetched. What is read already or refused is named.

    Examples:

      feedwatch sources import subscriptions.opml --dry-run

      feedwatch sources import subscriptions.opml
    """
    chosen = options(context)
    setup = chosen.setup(secrets=False)
    outlines = read_opml(_bytes_of(file), locator=file)
    found = sources_of_list(outlines, setup.config.sources, allow_private=allow_private)
    if found.sources and not dry_run:
        edit_file(chosen.config, partial(with_sources, sources=found.sources, name=str(chosen.config)), load_setup)
        put_into_force(setup)
    if json or chosen.json:
        as_json({"added": not dry_run, "sources": found.sources, "left_out": [*map(list, found.left_out)]})
    else:
        print_import(found)
        say(f"{len(found.sources)} sources {'to add' if dry_run else 'added'}, {len(found.left_out)} left out")
    if not outlines:
        complain(f"{printable(file)}: no feed in it")
        raise typer.Exit(NOTHING_READ)


@guarded
def export(
    context: typer.Context,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write a file, not standard output.")] = None,
    title: Annotated[str, typer.Option("--title", help="Name of the list.")] = "Sources of feedwatch",
) -> None:
    """Write the feeds and pages as OPML 2.0, for other readers. Folders and logins are left out.

    Examples:

      feedwatch sources export > subscriptions.opml

      feedwatch sources export --output subscriptions.opml
    """
    sources = options(context).setup(secrets=False).config.sources
    data = write_opml(list_of_sources(sources), title=title)
    if output is None:
        sys.stdout.write(data.decode("utf-8"))
    else:
        try:
            replace_file(output, data)
        except OSError as error:
            complain(f"{printable(str(output))}: cannot be written: {error.strerror}")
            raise typer.Exit(FAILED) from error
    for source in sources:
        if source.kind == "folder":
            complain(f"{source.id}: a folder is no feed for other readers; left out")
        elif has_login(source.locator):
            complain(f"{source.id}: written without its login")


def _bytes_of(file: str) -> bytes:
    """The file, or standard input, a little beyond what is read of it.

    Raises:
        FetchError: it cannot be read.

    """
    try:
        if file == "-":
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with Path(file).open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise FetchError(printable(file), f"cannot be read: {error.strerror}", reason="missing") from error
