"""What ten headlines of other countries below a scraped text cost its regions, after extraction.

    python -m benchmarks.sidebar FILE.jsonl[.xz] [--corpus reuters] [--overlay benchmarks/overlays/1987.toml]

The files are those of `benchmarks/quality.py`. Each text with a title is copied as a page that was scraped, plain
and with the headlines, and read back; the last figure leaves the headlines in.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from typing import Any

from benchmarks.corpus import Document, Judge, Judged, read
from benchmarks.figures import score_regions
from feedwatch.extract.scrape import read_scrape

_HEADLINES = 10


def score_sidebar(judge: Judge, documents: Sequence[Document], without: set[str]) -> dict[str, Any]:
    """F1 of regions without and with ten headlines of other countries below the text, after extraction."""
    chance = random.Random(1)  # noqa: S311 - a sample
    titled = [document for document in documents if document.title and document.countries and len(document.text) > 300]
    found: dict[str, list[Judged]] = {"plain": [], "sidebar": [], "sidebar not cut": []}
    for document in titled:
        others = chance.sample(titled, min(60, len(titled)))
        foreign = [other.title for other in others if not (other.countries or set()) & (document.countries or set())]
        side = "\n\n".join(["Related news", *foreign[:_HEADLINES]])
        for name, below in (("plain", ""), ("sidebar", side)):
            scrape = read_scrape(f"Home\nNews\n{document.title}\n\n{document.text}\n\n{below}\n")
            article = document.article(scrape.title, "\n\n".join(scrape.paragraphs))
            found[name].append(judge.judge(document, article))
        found["sidebar not cut"].append(judge.judge(document, document.article(body=f"{document.text}\n\n{side}")))
    figures = {name: score_regions(judged, without)["about"]["f1_without"] for name, judged in found.items()}
    return {"documents": len(titled), **figures}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", help="labelled JSONL files, .xz allowed")
    parser.add_argument("--corpus", action="append", default=[], help="only this one; may be repeated")
    parser.add_argument("--overlay", action="append", default=[], help="a rule pack for the measurement only")
    parser.add_argument("--default-region", help="what a text is about when no region fires")
    parser.add_argument("--without", default="us", help="countries left out of F1 (us)")
    parser.add_argument("--sample", type=int, default=1500, help="at most so many of each corpus (1500)")
    options = parser.parse_args()
    judge = Judge(options.overlay, options.default_region)
    documents = read(options.files, options.corpus, options.sample)
    for name, figure in score_sidebar(judge, documents, set(options.without.split(","))).items():
        print(f"{name:<18}{figure}")


if __name__ == "__main__":
    main()
