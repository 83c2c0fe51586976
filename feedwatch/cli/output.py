"""The owner of rich: tables, progress and errors for people, JSON for machines."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feedwatch.logs import JsonLines, NoFlood, TextLines
from feedwatch.text import printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

# The library is imported where something is drawn: a daemon, which only logs, does without its 3 MB.

#: Columns of a table that goes into a pipe or file: nothing is cut or wrapped there.
PIPED_WIDTH = 500

HANDLER = "feedwatch-stderr"

Advance = Callable[[int], None]


def stdout() -> Console:
    """Where results go."""
    from rich.console import Console  # noqa: PLC0415 - see above

    return Console(
        width=None if sys.stdout.isatty() else PIPED_WIDTH, highlight=False, soft_wrap=not sys.stdout.isatty()
    )


def stderr() -> Console:
    """Where progress, notes and errors go."""
    from rich.console import Console  # noqa: PLC0415 - see above

    return Console(stderr=True, highlight=False)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], *, numbers: Sequence[str] = ()) -> None:
    """Print a table; cells are made safe for the terminal. Columns named in `numbers` stand right."""
    from rich.table import Table  # noqa: PLC0415 - see above
    from rich.text import Text  # noqa: PLC0415 - see above

    shown = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="dim")
    for column in columns:
        if column in numbers:
            shown.add_column(column, justify="right", no_wrap=True)
        else:
            shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(cell if isinstance(cell, Text) else Text(printable(str(cell))) for cell in row))
    stdout().print(shown)


def coloured(text: str, style: str) -> Text:
    """A cell with a colour."""
    from rich.text import Text  # noqa: PLC0415 - see above

    return Text(printable(text), style=style)


def say(text: str = "") -> None:
    """Print lines of our own; outside text in them must be printable already."""
    if not sys.stdout.isatty():
        sys.stdout.write(f"{text}\n")
        return
    from rich.text import Text  # noqa: PLC0415 - see above

    stdout().print(Text(text))


def complain(text: str) -> None:
    """Print an error or note for people on standard error."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def as_json(value: object) -> None:
    """Print one JSON document, keys sorted, in UTF-8 with real letters."""
    sys.stdout.write(json.dumps(value, default=plain, ensure_ascii=False, indent=2, sort_keys=True) + "\n")


def plain(value: object) -> Any:
    """A value of ours in terms of JSON."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


@contextmanager
def progress(label: str, total: int) -> Iterator[Advance]:
    """A progress bar on a terminal; silent otherwise, and when there is nothing to do."""
    if not sys.stderr.isatty() or total == 0:
        yield lambda _count: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=stderr(), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda count: bar.advance(task, count)


def log_to_stderr(verbosity: int, *, daemon: bool = False, form: str = "", level: str = "") -> None:
    """Send log records to standard error: warnings, with -v what happens, with -vv everything.

    A daemon tells what happens without being asked. `form` is "text" or "json"; without it people at a
    terminal get colours, and everybody else text. `level` stands in place of the verbosity.
    """
    usual = (logging.INFO if daemon else logging.WARNING, logging.INFO, logging.DEBUG)[min(verbosity, 2)]
    if sys.stderr.isatty() and not form:
        from rich.logging import RichHandler  # noqa: PLC0415 - see above

        handler: logging.Handler = RichHandler(console=stderr(), show_path=False, markup=False)
    else:
        handler = logging.StreamHandler()
        handler.setFormatter(JsonLines() if form == "json" else TextLines(journal="JOURNAL_STREAM" in os.environ))
    if daemon:
        handler.addFilter(NoFlood())
    root = logging.getLogger()
    handler.name = HANDLER
    for old in [each for each in root.handlers if each.name == HANDLER]:
        root.removeHandler(old)
    root.addHandler(handler)
    # Libraries warn about every oddity of a page; some of their lines hold whole addresses with secrets.
    root.setLevel(logging.ERROR)
    logging.getLogger("feedwatch").setLevel(level.upper() if level else usual)
