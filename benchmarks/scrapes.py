"""How well the article is found in the text of a page that lost its markup.

    python -m benchmarks.scrapes FILE.jsonl[.xz] [--third report] [--tables FILE] [--without FILE.jsonl[.xz]]

Each line is a scrape (`scrape`, `style`) or a page (`html_b64`) with `must` and `must_not`: pieces that the article has
and has not. Pages are flattened here in the styles of `benchmarks/renderings.py`; "all" is of the first four, in which
the development file is written.

Pieces are counted over all pages of a style, those that the scrape itself has. `--without` leaves out the pages of
another file; `--third` takes the pages of a third of the sites, `--tables` other tables than those shipped: those
that `benchmarks/fit_prose.py --thirds fit choose` writes are judged on `--third report`.
"""

from __future__ import annotations

import argparse
import base64
import json
import lzma
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.extract import f1
from benchmarks.renderings import MORE_STYLES, STYLES, renderings
from benchmarks.thirds import THIRDS, third_of
from feedwatch.extract import prose
from feedwatch.extract.scrape import read_scrape
from feedwatch.model import Document, Validators
from feedwatch.parse.decode import decode
from feedwatch.parse.linkmarks import without_link_marks

_LINE_CHARS = 80


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a file."""
    with (lzma.open if path.suffix == ".xz" else open)(path, "rt", encoding="utf8") as lines:
        yield from map(json.loads, lines)


def scrapes(path: Path, third: str, sample: int, without: set[str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Style, text and gold of each scrape."""
    wanted = (row for row in rows(path) if row.get("must") and row["id"] not in without)
    for number, row in enumerate(wanted):
        if "scrape" in row:
            yield row["style"], row["scrape"], row
        elif not ((sample and number % sample) or (third and third_of(row) != third)):
            document = Document(
                source_id="x", locator=row["id"], url=row["url"], body=base64.b64decode(row["html_b64"]),
                media_type="text/html", charset=None, fetched_at=datetime.now(UTC), validators=Validators(),
            )  # fmt: skip
            for style, text in renderings(decode(document).text, more=True).items():
                yield style, text, row


def counts(text: str, scrape: str, gold: dict[str, Any]) -> tuple[int, int, int]:
    """Pieces that are rightly there, are missing, and are wrongly there."""
    given, whole = _bare(text), _bare(scrape)
    must = [piece for each in gold["must"] if (piece := _bare(each)) in whole]
    wrong = [piece for each in gold.get("must_not") or () if (piece := _bare(each)) in whole]
    right = sum(piece in given for piece in must)
    return right, len(must) - right, sum(piece in given for piece in wrong)


def _bare(text: str) -> str:
    return "".join(text.split())


def long_lines(scrape: str) -> str:
    """What a simple rule makes of it: the lines of 80 characters or more."""
    return "\n".join(line for line in scrape.splitlines() if len(line) >= _LINE_CHARS)


PROGRAMS: dict[str, Callable[[str], str]] = {
    "feedwatch": lambda scrape: "\n".join(read_scrape(without_link_marks(scrape)).paragraphs),
    "lines of 80 characters": long_lines,
    "untouched": lambda scrape: scrape,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--third", choices=THIRDS, default="", help="only pages of these sites")
    parser.add_argument("--tables", type=Path, help="tables other than those that are shipped")
    parser.add_argument("--sample", type=int, default=0, help="only every so many pages")
    parser.add_argument("--without", type=Path, help="leave out the pages of this file")
    options = parser.parse_args()
    without = {row["id"].partition("#")[0] for row in rows(options.without)} if options.without else set()
    if options.tables:
        prose.DATA = options.tables
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for style, text, gold in scrapes(options.file, options.third, options.sample, without):
        for name, run in PROGRAMS.items():
            found = counts(run(text), text, gold)
            for key in ((name, style), (name, "all")) if style in STYLES else ((name, style),):
                sums[key] = [a + b for a, b in zip(sums[key], found, strict=True)]
    for name in PROGRAMS:
        figures = "  ".join(
            f"{style} {f1(*sums[name, style]):.3f}" for style in ("all", *MORE_STYLES) if (name, style) in sums
        )
        print(f"{name:<24}{figures}")


if __name__ == "__main__":
    main()
