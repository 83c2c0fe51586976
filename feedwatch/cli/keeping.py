"""`hide`, `unhide`, `hidden`, `backup`, `restore`, `housekeeping`: the store in the hands of its keeper."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from feedwatch.app import reading
from feedwatch.cli.frame import USAGE, Json, guarded, options
from feedwatch.cli.handing import carry_out
from feedwatch.cli.output import as_json, complain, say, table
from feedwatch.storage import back_up, put_back
from feedwatch.text import printable

Entry = Annotated[
    str, typer.Argument(metavar="ENTRY", help="The entry's id or address, as 'show --json' prints them; or source:ID.")
]


@guarded
def hide(
    context: typer.Context,
    entry: Entry,
    note: Annotated[str, typer.Option(help="Why, for those who come after you.")] = "",
    json: Json = False,
) -> None:
    """Take an entry down from all feeds, for good: it stays hidden when it is polled or judged again.

    Every sighting of the same page is hidden, whichever source brings it. "source:ID" takes down everything of a
    source, also of one that has left the configuration. The texts stay in the store.

    Examples:

      feedwatch hide https://example.org/news/42 --note "asked by its author"

      feedwatch hide source:old-paper --note "asked by its publisher"
    """
    chosen = options(context)
    done = carry_out(chosen.setup(secrets=False), "hide", {"entry": entry, "note": note})
    if json or chosen.json:
        as_json(done)
        return
    for each in done["entries"]:
        say(f"hidden: {printable(each['title'])} ({printable(each['id'])})")
    say(f"{len(done['feeds'])} feeds written")


@guarded
def unhide(context: typer.Context, entry: Entry, json: Json = False) -> None:
    """Show an entry again that was hidden.

    Examples:

      feedwatch unhide https://example.org/news/42
    """
    chosen = options(context)
    done = carry_out(chosen.setup(secrets=False), "unhide", {"entry": entry})
    if json or chosen.json:
        as_json(done)
        return
    for each in done["entries"]:
        say(f"shown again: {printable(each['title'])} ({printable(each['id'])})")
    say(f"{len(done['feeds'])} feeds written")


@guarded
def hidden(context: typer.Context, json: Json = False) -> None:
    """List what is hidden, newest first.

    Examples:

      feedwatch hidden

      feedwatch hidden --json
    """
    chosen = options(context)
    with reading(chosen.setup(secrets=False)) as app:
        found = app.store.hidden()
    if json or chosen.json:
        as_json({"hidden": found})
    elif found:
        rows = [(f"{each.at:%Y-%m-%d %H:%M}", each.title, each.note, each.page or each.id) for each in found]
        table("Hidden", ("since", "title", "why", "entry"), rows)
    else:
        say("nothing is hidden")


@guarded
def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the copy goes.")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that is there.")] = False,
    json: Json = False,
) -> None:
    """Copy the store to a file and check the copy; a daemon may be at work on it.

    Examples:

      feedwatch backup feedwatch-backup.db

      feedwatch backup --force /var/backups/feedwatch.db
    """
    chosen = options(context)
    report = back_up(chosen.setup(secrets=False), file, force=force)
    if json or chosen.json:
        as_json(report)
        return
    say(f"{file}: {report.entries:,} entries of {report.sources:,} sources, {report.size_bytes // 1024:,} KiB, checked")


@guarded
def restore(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="A backup.")] = None,
    new: Annotated[bool, typer.Option("--new", help="Begin with an empty store instead.")] = False,
    json: Json = False,
) -> None:
    """Put a backup in the store's place after checking it; the store in place is moved aside, not removed.

    Stop the daemon first. The next 'once' or 'run' writes the feeds as the backup knows them.

    Examples:

      feedwatch restore feedwatch-backup.db

      feedwatch restore --new
    """
    if (file is None) != new:
        complain("name a backup, or begin anew with --new")
        raise typer.Exit(USAGE)
    chosen = options(context)
    report, aside = put_back(chosen.setup(secrets=False), file)
    if json or chosen.json:
        as_json({"restored": report, "aside": aside})
        return
    if report is not None:
        say(f"restored: {report.entries:,} entries of {report.sources:,} sources")
    say(f"the store that was in place is now {aside}" if aside else "there was no store in place")


@guarded
def housekeeping(context: typer.Context, json: Json = False) -> None:
    """Let go of entries that are not kept any longer, and give their room back to the disk; the daemon does it daily.

    How long they are kept is said by 'keep' in [store], in a source (in its place) and in a feed (at least so
    long). An entry that is let go stays known while its source lists it, and never comes back as new.

    Examples:

      feedwatch housekeeping
    """
    chosen = options(context)
    done = carry_out(chosen.setup(secrets=False), "housekeeping", {})
    if json or chosen.json:
        as_json(done)
    else:
        say(f"{done['gone']:,} entries were let go")
