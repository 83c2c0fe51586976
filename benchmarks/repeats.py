"""What the memory of lines adds: pages read alone, and read after others of their site.

    python -m benchmarks.repeats FILE.jsonl[.xz] [--html] [--siblings N] [--half odd|even] [--sample N]

Each line is a page (`html_b64`, `title`, `text`: its article). Its text is taken in the style `lines`, and the others
of its site are the page itself with other pages' titles and articles in place of its own: a real site's furniture
changes more than that, so the figure is the most that the memory can give. With `--html` the pages are read as HTML,
the others with sentences of another article in place of each text of their own.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import Any

from bs4.element import NavigableString

from benchmarks.extract import pages_of, text_figures
from benchmarks.renderings import renderings
from feedwatch.extract.page import main_text, page_tree
from feedwatch.extract.repeats import NO_REPEATS, Repeats
from feedwatch.extract.scrape import read_scrape
from feedwatch.markup import text_of_sanitised
from feedwatch.soup import parse_html

NOW = datetime(2026, 3, 1, tzinfo=UTC)
#: Shorter lines may be of the article and of the furniture alike.
_OWN_CHARS = 12


def dressed(scrape: str, own: dict[str, Any], other: dict[str, Any]) -> str:
    """The page with another page's title and article in place of its own."""
    whole, title = _bare(own["text"]), _bare(own.get("title") or "")
    lines: list[str] = []
    is_placed = False
    for line in scrape.splitlines():
        bare = _bare(line)
        if title and bare == title:
            lines.append(other.get("title") or "")
        elif len(bare) < _OWN_CHARS or bare not in whole:
            lines.append(line)
        elif not is_placed:
            lines.append(other["text"])
            is_placed = True
    return "\n".join(lines)


def _bare(text: str) -> str:
    return "".join(text.split())


def _read(scrape: str, repeats: Repeats) -> str:
    return "\n".join(read_scrape(scrape, repeats=repeats).paragraphs)


def _dressed_html(page: dict[str, Any], other: dict[str, Any]) -> str:
    """The page with lines of another page's article in place of its own texts, in the same markup."""
    whole, lines = _bare(page["text"]), cycle(line for line in other["text"].splitlines() if line.strip())
    soup = parse_html(page["html"])
    for text in list(soup.find_all(string=True)):
        if type(text) is NavigableString and len(bare := _bare(text)) >= _OWN_CHARS and bare in whole:
            text.replace_with(next(lines))
    return str(soup)


def _article(html: str, repeats: Repeats = NO_REPEATS) -> str:
    return text_of_sanitised(main_text(page_tree(html), None, repeats).html)


def _both_ways(page: dict[str, Any], others: list[dict[str, Any]], *, as_html: bool) -> tuple[str, str]:
    """What is read of a page alone, and after the others of its site."""
    if as_html:
        known, _ = NO_REPEATS.with_documents([_article(_dressed_html(page, other)) for other in others], NOW)
        return _article(page["html"]), _article(page["html"], known)
    text = renderings(page["html"])["lines"]
    known, _ = NO_REPEATS.with_documents([text, *(dressed(text, page, other) for other in others)], NOW)
    return _read(text, NO_REPEATS), _read(text, known)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--html", action="store_true", help="read them as HTML")
    parser.add_argument("--siblings", type=int, default=12)
    parser.add_argument("--half", choices=("odd", "even"), default="")
    parser.add_argument("--sample", type=int, default=0, help="only every so many pages")
    options = parser.parse_args()
    pages = [page for page in pages_of(options.file, options.half, options.sample) if page.get("text")]
    alone, after = [], []
    for place, page in enumerate(pages):
        others = [pages[(place + step) % len(pages)] for step in range(1, options.siblings + 1)]
        one, other = _both_ways(page, others, as_html=options.html)
        alone.append(one)
        after.append(other)
    if options.html:
        print(f"{sum(one != other for one, other in zip(alone, after, strict=True))} texts differ")
    print(f"{len(pages)} pages read alone: F1 {text_figures(pages, alone):.3f}")
    print(f"each after {options.siblings} others of its site: F1 {text_figures(pages, after):.3f}")


if __name__ == "__main__":
    main()
