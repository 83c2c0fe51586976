"""How well and how fast the article of a page is found, beside other libraries in the same run.

    python -m benchmarks.extract FILE.jsonl[.xz] [--half odd|even] [--sample N] [--only NAME ...]

Each line is a page with gold: `html_b64`, `url`, `corpus`, and `text` (the article) or `must` and `must_not` (pieces
that the article has and has not); optional `title`, `authors`, `date`. Peers that are not installed are left out
(`pip install readability-lxml newspaper4k resiliparse`). Time is CPU time from the decoded page to text and facts.

Text with pieces counts them over all pages of a set; whole texts are compared by their runs of four words, page by
page. A day counts as right when it is the gold's or the next to it, because dates are stored in UTC; where a page tells
only of its last change, that is the day, as the peers have it. `--half` takes
every second page, so that rules fitted on one half can be tried on the other.
"""

from __future__ import annotations

import argparse
import base64
import importlib
import json
import logging
import lzma
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from feedwatch.extract.facts import page_facts
from feedwatch.extract.page import main_text, page_tree
from feedwatch.extract.scrape import read_scrape
from feedwatch.markup import html_to_text, text_of_sanitised
from feedwatch.model import Document, Validators
from feedwatch.parse.decode import decode

_RUN = 4
_WORD = re.compile(r"\w+")
_BETWEEN_NAMES = re.compile(r";|,| and | und | et | y |\||&", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """What one program makes of one page."""

    text: str
    title: str = ""
    authors: Sequence[str] = ()
    day: str = ""


Program = Callable[[str, str], Found]


def ours(html: str, url: str) -> Found:
    """What our own stages make of a page."""
    tree = page_tree(html)
    facts = page_facts(tree, url)
    article = main_text(tree, facts.base_url).html
    text = text_of_sanitised(article) or "\n\n".join(read_scrape(html_to_text(html), facts.title).paragraphs)
    return Found(text, facts.title, facts.authors, _day(facts.published_at or facts.updated_at))


def _day(moment: datetime | None) -> str:
    return str(moment.date()) if moment else ""


def programs() -> dict[str, Program]:
    """Our own stages and those peers that are installed."""
    found: dict[str, Program] = {"feedwatch": ours}
    for name, module, make in (
        ("trafilatura", "trafilatura", _trafilatura),
        ("trafilatura + facts", "trafilatura", _trafilatura_facts),
        ("readability-lxml", "readability", _readability),
        ("newspaper4k", "newspaper", _newspaper),
        ("resiliparse", "resiliparse.extract.html2text", _resiliparse),
    ):
        try:
            found[name] = make(importlib.import_module(module))
        except ImportError:
            print(f"{name} is not installed: left out")
    return found


def _trafilatura(library: Any) -> Program:
    return lambda html, _url: Found(library.extract(html, include_comments=False) or "")


def _trafilatura_facts(library: Any) -> Program:
    def run(html: str, url: str) -> Found:
        found = library.bare_extraction(html, url=url, include_comments=False, with_metadata=True)
        if found is None:
            return Found("")
        return Found(found.text or "", found.title or "", _names(found.author), found.date or "")

    return run


def _readability(library: Any) -> Program:
    def run(html: str, _url: str) -> Found:
        page = library.Document(html)
        return Found(html_to_text(page.summary()), page.short_title())

    return run


def _newspaper(library: Any) -> Program:
    def run(html: str, url: str) -> Found:
        page = library.Article(url or "http://page.example/", fetch_images=False)
        page.download(input_html=html)
        page.parse()
        return Found(page.text, page.title, page.authors, str(page.publish_date or "")[:10])

    return run


def _resiliparse(library: Any) -> Program:
    return lambda html, _url: Found(library.extract_plain_text(html, main_content=True))


# --- figures -----------------------------------------------------------------------------------------


def f1(right: float, missed: float, wrong: float) -> float:
    """The harmonic mean of precision and recall."""
    return 2 * right / (2 * right + missed + wrong) if right else 0.0


def text_figures(pages: Sequence[dict[str, Any]], texts: Sequence[str]) -> float:
    """F1 of the texts of one set."""
    pieces = [0, 0, 0]
    single = []
    for page, text in zip(pages, texts, strict=True):
        if page.get("must"):
            one_line = " ".join(text.split())
            has = sum(" ".join(piece.split()) in one_line for piece in page["must"])
            wrong = sum(" ".join(piece.split()) in one_line for piece in page.get("must_not") or ())
            pieces = [a + b for a, b in zip(pieces, (has, len(page["must"]) - has, wrong), strict=True)]
        else:
            gold, given = _runs(page["text"]), _runs(text)
            common = sum((gold & given).values())
            single.append(f1(common, sum(gold.values()) - common, sum(given.values()) - common))
    return f1(*pieces) if sum(pieces) else sum(single) / len(single)


def _runs(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    return Counter(tuple(words[at : at + _RUN]) for at in range(max(1, len(words) - _RUN + 1)))


def fact_figures(pages: Sequence[dict[str, Any]], found: Sequence[Found]) -> dict[str, str]:
    """Titles that are right, F1 of days and of authors' names, over all sets."""
    pairs = list(zip(pages, found, strict=True))
    titled = [(page, it) for page, it in pairs if page.get("title")]
    right = sum(_plain(page["title"]) == _plain(it.title) for page, it in titled)
    dated = [(page, it) for page, it in pairs if page.get("date")]
    days = sum(_same_day(page["date"], it.day) for page, it in dated)
    given = sum(bool(it.day) for _, it in dated)
    names = [0, 0, 0]
    for page, it in pairs:
        if page.get("authors"):
            gold, named = set(_names(page["authors"])), {_plain(name) for name in it.authors}
            names = [
                a + b for a, b in zip(names, (len(gold & named), len(gold - named), len(named - gold)), strict=True)
            ]
    return {
        "titles": f"{right}/{len(titled)}",
        "days": f"{f1(days, len(dated) - days, given - days):.3f} ({days}/{len(dated)}, {given - days} wrong)",
        "authors": f"{f1(*names):.3f}",
    }


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))


def _names(given: Any) -> list[str]:
    parts = given if isinstance(given, list) else _BETWEEN_NAMES.split(given or "")
    return [name for part in parts if (name := _plain(part))]


def _same_day(gold: str, given: str) -> bool:
    try:
        apart = date.fromisoformat(gold[:10]) - date.fromisoformat(given)
    except ValueError:
        return gold[:10] == given
    return abs(apart.days) <= 1


def pages_of(path: Path, half: str, sample: int) -> Iterator[dict[str, Any]]:
    """The pages of the file with their decoded HTML."""
    with (lzma.open if path.suffix == ".xz" else open)(path, "rt", encoding="utf8") as lines:
        for number, line in enumerate(lines):
            if (sample and number % sample) or (half and number % 2 != (half == "odd")):
                continue
            page = json.loads(line)
            body = base64.b64decode(page.pop("html_b64"))
            document = Document(
                source_id="x", locator=page["id"], url=page["url"], body=body, media_type="text/html", charset=None,
                fetched_at=datetime.now(UTC), validators=Validators(),
            )  # fmt: skip
            yield page | {"html": decode(document).text}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--half", choices=("odd", "even"), default="")
    parser.add_argument("--sample", type=int, default=0, help="only every so many pages")
    parser.add_argument("--only", nargs="+", default=[], help="only these programs")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    pages = list(pages_of(options.file, options.half, options.sample))
    runners = {name: run for name, run in programs().items() if not options.only or name in options.only}
    found: dict[str, list[Found]] = defaultdict(list)
    spent: Counter[str] = Counter()
    for page in pages:
        for name, run in runners.items():
            started = time.process_time()
            try:
                result = run(page["html"], page["url"] or "")
            except Exception:  # noqa: BLE001 - a peer that fails on a page has found nothing
                result = Found("")
            spent[name] += time.process_time() - started  # type: ignore[assignment]  # Counter adds floats, too
            found[name].append(result)
    _print(pages, found, spent)


def _print(pages: Sequence[dict[str, Any]], found: dict[str, list[Found]], spent: Counter[str]) -> None:
    sets = sorted({page["corpus"] for page in pages})
    print(f"{len(pages)} pages; F1 of the text: {', '.join(sets)}")
    base = spent.get("trafilatura", 0.0)
    for name, results in found.items():
        texts = []
        for corpus in sets:
            chosen = [place for place, page in enumerate(pages) if page["corpus"] == corpus]
            texts.append(text_figures([pages[at] for at in chosen], [results[at].text for at in chosen]))
        speed = len(pages) / spent[name]
        ratio = f" ({base / spent[name]:.2f} of trafilatura)" if base else ""
        figures = "  ".join(f"{figure:.4f}" for figure in texts)
        facts = ", ".join(f"{key} {value}" for key, value in fact_figures(pages, results).items())
        print(f"{name:<20} {figures}  {speed:6.1f} pages/s{ratio}  {facts}")


if __name__ == "__main__":
    main()
