"""What pages that nobody should write cost: CPU time and memory from their bytes to what is made of them.

    python -m benchmarks.bounds [--only PART OF A NAME]

Each page is read by a process of its own as a saved page, as the text of one (`.txt`) and as a list, which says how far
its peak memory rose above what a small page needs, and what came of it.
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from feedwatch.errors import FeedwatchError
from feedwatch.extract.article import Extractor
from feedwatch.model import Document, Source, Validators
from feedwatch.parse.dispatch import parse
from feedwatch.stories import candidates, identify

MIB = 1024 * 1024
LIMIT_S = 5.0
#: A page that takes more is given up.
_HOPELESS_S = 30
_PROSE = "The town of Kara opened a clinic for mothers and small children on Monday, after two years of building. "
_HEAD = "<!doctype html><html><head><title>Kara opens a clinic</title></head><body>"


def _nested(tag: str, count: int = 100_000) -> bytes:
    return f"{_HEAD}{f'<{tag}>' * count}{_PROSE * 20}{f'</{tag}>' * count}".encode()


def _page(text: str) -> bytes:
    return (_HEAD + text).encode()


def _filled(piece: str, size: int = 50 * MIB) -> bytes:
    return (_HEAD + piece * (size // len(piece.encode()))).encode()


def _random(size: int) -> bytes:
    return random.Random(1).randbytes(size)  # noqa: S311 - filling


#: The pages by name; made where they are read.
PAGES: dict[str, Callable[[], bytes]] = {
    "50 MB of paragraphs": lambda: _filled(f"<p>{_PROSE * 4}</p>\n"),
    "50 MB in one paragraph": lambda: _filled(_PROSE),
    "50 MB without a blank": lambda: _filled("x"),
    "50 MB of line ends": lambda: _filled("\n"),
    "50 MB of short lines": lambda: _filled("Kara opens a clinic\n"),
    "50 MB in one comment": lambda: _page("<!--" + "-<p>x" * 10 * MIB),
    "50 MB in one script": lambda: _page("<script>" + 'a<b;"<p>";' * 5 * MIB),
    "50 MB in one attribute": lambda: _page('<a href="' + "x<y>" * 12 * MIB),
    "50 MB of references": lambda: _filled("&amp;&nbsp;&#233;&bogus;"),
    "1 million attributes": lambda: _page("<p" + "".join(f" a{n}=1" for n in range(1_000_000)) + ">x"),
    **{f"100,000 nested {tag}": (lambda tag=tag: _nested(tag)) for tag in "div b span p a li table font".split()},  # type: ignore[misc]  # the default binds the name  # noqa: SIM905
    "1 million links": lambda: _page(
        "".join(f"<li><a href='/a/{n}'>Kara opens clinic number {n}</a>" for n in range(1_000_000))
    ),
    "1 million bare links": lambda: _page("<a href=x>y</a>" * 1_000_000),
    "200,000 br": lambda: _page(f"<p>{_PROSE}<br>" * 200_000),
    "200,000 empty br": lambda: _page("<br>" * 200_000),
    "200,000 img": lambda: _page("<img src=x>" * 200_000),
    "100,000 cells": lambda: _page("<table>" + "<tr><td>Kara<td>clinic" * 50_000),
    "100,000 JSON-LD objects": lambda: _page(
        "<script type=application/ld+json>" + '{"@type":"NewsArticle","headline":"x","a":[' * 100_000
    ),
    "invalid UTF-8": lambda: _HEAD.encode() + b"<p>" + (_PROSE.encode() + b"\xff\xfe\x80\xc3 ") * (50 * MIB // 110),
    "random bytes": lambda: b"<html>" + _random(50 * MIB),
    "zero bytes": lambda: _HEAD.encode() + bytes(50 * MIB),
    "only punctuation": lambda: _filled("...,;:!? --- "),
    "only numbers": lambda: _filled("<td>12 34 56</td>"),
}
#: How each is read: the ending of its name, and the kind of its source.
WAYS = {"page": (".html", "folder"), "text": (".txt", "folder"), "list": ("", "page")}


def read(body: bytes, way: str) -> str:
    """Everything that is made of the bytes, in words."""
    ending, kind = WAYS[way]
    source = Source(id="b", kind=kind, locator="/b", title="b", interval_s=60)  # type: ignore[arg-type]  # one of the kinds
    url = None if ending else "https://b.example/"
    document = Document(
        source_id="b", locator=url or f"page{ending}", url=url, media_type="text/html", charset=None, body=body,
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC), validators=Validators(),
    )  # fmt: skip
    try:
        parsed = parse(document, source)
        found = candidates(parsed.items)
        articles = [
            Extractor().extract(candidate.item, source, identity)
            for candidate, identity, _ in identify(source.id, found, {})
        ]
    except FeedwatchError as error:
        return f"refused: {str(error)[:90]}"
    chars = sum(len(article.body) for article in articles)
    said = f"; {parsed.problems[0][:60]}" if parsed.problems else ""
    return (
        f"{len(articles)} of {articles[0].title[:24]!r}, {chars:,} characters{said}" if articles else f"nothing{said}"
    )


def _peak_mib() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s*(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def _measure(name: str, way: str) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_HOPELESS_S, _HOPELESS_S))
    read(_HEAD.encode() + b"<p>" + _PROSE.encode() * 20, way)
    # What begins with a tag is a page, whatever its name says.
    body = (b"Home\n" if way == "text" else b"") + PAGES[name]()
    before, start = _peak_mib(), time.process_time()
    said = read(body, way)
    spent = time.process_time() - start
    mark = "!" if spent > LIMIT_S else " "
    print(f"{spent:6.2f} s{mark} {_peak_mib() - before:+7.0f} MiB  {said}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="")
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        _measure(*options.measure)
        return
    for name in PAGES:
        for way in WAYS:
            if options.only in f"{name} as {way}":
                command = [sys.executable, "-m", "benchmarks.bounds", "--measure", name, way]
                done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - this very script
                said = done.stdout.strip() or f"given up, or crashed: {done.stderr.strip()[-200:]}"
                print(f"{f'{name} as {way}':<34} {said}", flush=True)


if __name__ == "__main__":
    main()
