"""How well the article is found in the text of a page that lost its markup.

    python -m benchmarks.scrapes FILE.jsonl[.xz] [--half odd|even] [--sample N] [--without FILE.jsonl[.xz]]

Each line is a scrape (`scrape`, `style`) or a page (`html_b64`) with `must` and `must_not`: pieces that the article has
and has not. Pages are flattened here in the four styles in which people and programs copy them:

- `lines`: each piece of text on a line of its own;
- `flat`: all pieces on one line, with blanks between them;
- `concat`: pieces run together where the markup has no line end between them;
- `glued`: all pieces run together on one line.

Pieces are counted over all pages of a style, those that the scrape itself has. `--without` leaves out the pages of
another file, `--half` takes every second page: rules fitted on one half are judged on the other.
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
from feedwatch.extract.scrape import read_scrape
from feedwatch.model import Document, Validators
from feedwatch.parse.decode import decode
from feedwatch.soup import parse_html

STYLES = ("glued", "concat", "lines", "flat")
_LINE_CHARS = 80


def flattened(html: str) -> dict[str, str]:
    """The text of a page in each style."""
    soup = parse_html(html)
    pieces = list(soup.stripped_strings)
    return {
        "glued": "".join(pieces),
        "concat": "\n".join(line for line in soup.get_text().splitlines() if line.strip()),
        "lines": "\n".join(pieces),
        "flat": " ".join(" ".join(piece.split()) for piece in pieces),
    }


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a file."""
    with (lzma.open if path.suffix == ".xz" else open)(path, "rt", encoding="utf8") as lines:
        yield from map(json.loads, lines)


def scrapes(path: Path, half: str, sample: int, without: set[str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Style, text and gold of each scrape."""
    wanted = (row for row in rows(path) if row.get("must") and row["id"] not in without)
    for number, row in enumerate(wanted):
        if "scrape" in row:
            yield row["style"], row["scrape"], row
        elif not ((sample and number % sample) or (half and number % 2 != (half == "odd"))):
            document = Document(
                source_id="x", locator=row["id"], url=row["url"], body=base64.b64decode(row["html_b64"]),
                media_type="text/html", charset=None, fetched_at=datetime.now(UTC), validators=Validators(),
            )  # fmt: skip
            for style, text in flattened(decode(document).text).items():
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
    "feedwatch": lambda scrape: "\n".join(read_scrape(scrape).paragraphs),
    "lines of 80 characters": long_lines,
    "untouched": lambda scrape: scrape,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--half", choices=("odd", "even"), default="")
    parser.add_argument("--sample", type=int, default=0, help="only every so many pages")
    parser.add_argument("--without", type=Path, help="leave out the pages of this file")
    options = parser.parse_args()
    without = {row["id"].partition("#")[0] for row in rows(options.without)} if options.without else set()
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for style, text, gold in scrapes(options.file, options.half, options.sample, without):
        for name, run in PROGRAMS.items():
            for key in ((name, style), (name, "all")):
                sums[key] = [a + b for a, b in zip(sums[key], counts(run(text), text, gold), strict=True)]
    for name in PROGRAMS:
        figures = "  ".join(f"{style} {f1(*sums[name, style]):.3f}" for style in (*STYLES, "all"))
        print(f"{name:<24}{figures}")


if __name__ == "__main__":
    main()
