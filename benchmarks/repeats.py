"""What the memory of lines adds: scraped pages read alone, and read after others of their site.

    python -m benchmarks.repeats FILE.jsonl[.xz] [--siblings N] [--half odd|even] [--sample N]

Each line is a page (`html_b64`, `title`, `text`: its article). Its text is taken in the style `lines`, and the others
of its site are the page itself with other pages' titles and articles in place of its own: a real site's furniture
changes more than that, so the figure is the most that the memory can give.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.extract import pages_of, text_figures
from benchmarks.renderings import renderings
from feedwatch.extract.repeats import NO_REPEATS, Repeats
from feedwatch.extract.scrape import read_scrape

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--siblings", type=int, default=12)
    parser.add_argument("--half", choices=("odd", "even"), default="")
    parser.add_argument("--sample", type=int, default=0, help="only every so many pages")
    options = parser.parse_args()
    pages = [page for page in pages_of(options.file, options.half, options.sample) if page.get("text")]
    texts = [renderings(page["html"])["lines"] for page in pages]
    alone, after = [], []
    for place, (page, text) in enumerate(zip(pages, texts, strict=True)):
        others = [pages[(place + step) % len(pages)] for step in range(1, options.siblings + 1)]
        known, _ = NO_REPEATS.with_documents([text, *(dressed(text, page, other) for other in others)], NOW)
        alone.append(_read(text, NO_REPEATS))
        after.append(_read(text, known))
    print(f"{len(pages)} pages read alone: F1 {text_figures(pages, alone):.3f}")
    print(f"each after {options.siblings} others of its site: F1 {text_figures(pages, after):.3f}")


if __name__ == "__main__":
    main()
