"""Fits the tables by which units of scraped pages are told text from furniture, and writes them.

    python -m benchmarks.fit_prose PAGES.jsonl[.xz] [--texts FILE.jsonl[.xz]] [--thirds fit choose] [--out FILE]

Pages are those of `benchmarks/extract.py`, flattened in all styles of `benchmarks/renderings.py`. What extraction finds
in a page's markup is the truth for its units; the page's own pieces (`must`, `must_not`) go before it. Sites are parted
in thirds by their name: fit, choose and report (`benchmarks/scrapes.py --third`), so that figures can be reported
on sites that neither the tables nor any choice about them has seen. `--texts` adds articles of other languages with a
comment form and headlines below (half a of `benchmarks/sidebar.py`).

The model is additive: a table of steps for each figure of `extract/shape.py`, fitted in turn by Newton steps of a
logistic regression, each held back by the weight of what it rests on. Needs numpy (py3langid brings it).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.corpus import read
from benchmarks.extract import pages_of
from benchmarks.renderings import renderings
from benchmarks.sidebar import as_texts, samples
from benchmarks.thirds import THIRDS, third_of
from feedwatch.extract.page import main_text, page_tree
from feedwatch.extract.prose import DATA
from feedwatch.extract.shape import columns_of
from feedwatch.extract.units import Unit, units_of
from feedwatch.markup import text_of_sanitised
from feedwatch.text import xml_legal

_ROUNDS = 30
_RATE = 0.15
_HOLD = 6.0
_BINS = 16
#: A piece that somebody chose by hand counts as so many units.
_GOLD = 4.0
_CHUNK = 40
#: A shorter line may be of the article and of the furniture alike: it counts where the text goes on.
_OWN_CHARS = 30
_AHEAD = 300

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The units of one flattened page: their figures, whether each is text (0 to 1), and what each counts."""

    columns: dict[str, list[float]]
    truth: list[float]
    weights: list[float]


def bare(text: str) -> str:
    """The text as its visible characters alone, by which renderings of a page are the same."""
    return "".join(xml_legal(text).replace("\u00ad", "").split())


def is_text(whole: str, article: str) -> bytearray:
    """For each visible character of a page, whether it is its article's; looked for paragraph by paragraph."""
    mask = bytearray(len(whole))
    place = 0
    for line in map(bare, article.splitlines()):
        chunks = [line] if len(line) < _OWN_CHARS or line in whole else _chunks(line)
        for chunk in chunks:
            at = whole.find(chunk, max(0, place - _CHUNK)) if chunk else -1
            if len(chunk) < _OWN_CHARS and at > place + _AHEAD:
                continue
            if at < 0 and len(chunk) >= _OWN_CHARS:
                at = whole.find(chunk)
            if at >= 0:
                mask[at : at + len(chunk)] = b"\1" * len(chunk)
                place = at + len(chunk)
    return mask


def _chunks(line: str) -> list[str]:
    return [line[at : at + _CHUNK] for at in range(0, len(line), _CHUNK)]


def sheet_of(text: str, article: str, must: Sequence[str] = (), must_not: Sequence[str] = ()) -> Sheet:
    """The units of a flattened page with their truth."""
    units = units_of(text)
    whole = bare(text)
    mask = is_text(whole, article)
    right, wrong = [bare(piece) for piece in must], [bare(piece) for piece in must_not]
    place, truth, weights = 0, [], []
    for unit in units:
        own = bare(unit.text)
        at = whole.find(own, place) if own else -1
        if at < 0:
            truth.append(0.0)
            weights.append(0.0)
            continue
        place = at + len(own)
        has_right, has_wrong = any(piece in own for piece in right), any(piece in own for piece in wrong)
        is_gold = has_right != has_wrong
        truth.append(float(has_right) if is_gold else sum(mask[at:place]) / len(own))
        weights.append((_GOLD if is_gold else 1.0) * _weight(unit) / len(units) ** 0.5)
    return Sheet(columns_of(units), truth, weights)


def _weight(unit: Unit) -> float:
    return float(min(max(unit.words, 1), 40) ** 0.5)


def page_sheets(path: Path, thirds: Sequence[str], sample: int = 0) -> Iterator[Sheet]:
    """The flattened pages of the file whose sites belong to the thirds."""
    for page in pages_of(path, "", sample):
        if third_of(page) not in thirds:
            continue
        article = text_of_sanitised(main_text(page_tree(page["html"]), page["url"]).html)
        if article.strip():
            for text in renderings(page["html"], more=True).values():
                yield sheet_of(text, article, page.get("must") or (), page.get("must_not") or ())


def text_sheets(paths: Sequence[str], count: int) -> Iterator[Sheet]:
    """Articles with a comment form and headlines of others below, in three ways."""
    for sample in samples(read(paths, (), None, "a"), count):
        for _, text in as_texts(sample):
            yield sheet_of(text, sample.document.text, (), sample.appended)


def fitted(sheets: Sequence[Sheet]) -> dict[str, Any]:
    """The tables: for each figure the values at which its points change, and the points between them."""
    names = list(sheets[0].columns)
    truth = np.array([value for sheet in sheets for value in sheet.truth])
    weights = np.array([value for sheet in sheets for value in sheet.weights])
    cuts, bins = {}, {}
    for name in names:
        column = np.array([value for sheet in sheets for value in sheet.columns[name]])
        cuts[name] = _cuts(column)
        # As `bisect_right` finds them.
        bins[name] = np.searchsorted(cuts[name], column, side="right").astype(np.int8)
    mean = float((truth * weights).sum() / weights.sum())
    bias = float(np.log(mean / (1 - mean)))
    points = _boosted(bins, {name: len(cuts[name]) + 1 for name in names}, truth, weights, bias)
    tables = {}
    for name in names:
        tables[name] = {
            "cuts": [float(f"{cut:.4g}") for cut in cuts[name]], "points": [round(float(p), 3) for p in points[name]],
        }  # fmt: skip
    return {"bias": round(bias, 3), "tables": tables}


def _cuts(column: Floats) -> Floats:
    found = np.unique(np.quantile(column, np.linspace(0, 1, _BINS + 1)[1:-1]))
    values = np.unique(column)
    if len(values) <= _BINS:
        found = (values[1:] + values[:-1]) / 2
    # Rounded before use, so that what is written is what was fitted.
    return np.unique([float(f"{cut:.4g}") for cut in found])


def _boosted(
    bins: dict[str, NDArray[np.int8]], sizes: dict[str, int], truth: Floats, weights: Floats, bias: float
) -> dict[str, Floats]:
    points = {name: np.zeros(size) for name, size in sizes.items()}
    odds = np.full(len(truth), bias)
    for _ in range(_ROUNDS):
        for name, places in bins.items():
            chance = 1 / (1 + np.exp(-odds))
            slope = np.bincount(places, weights * (truth - chance), sizes[name])
            bend = np.bincount(places, weights * chance * (1 - chance), sizes[name])
            step = _RATE * slope / (bend + _HOLD)
            points[name] += step
            odds += step[places]
    return points


def written(model: dict[str, Any]) -> str:
    """The tables as JSON, one figure a line."""
    tables = ",\n".join(f"    {json.dumps(name)}: {json.dumps(table)}" for name, table in model["tables"].items())
    return f'{{\n  "bias": {model["bias"]},\n  "tables": {{\n{tables}\n  }}\n}}\n'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--texts", action="append", default=[])
    parser.add_argument("--articles", type=int, default=300, help="so many of the texts (300)")
    parser.add_argument("--thirds", nargs="+", choices=THIRDS, default=list(THIRDS))
    parser.add_argument("--sample", type=int, default=0, help="only every so many pages")
    parser.add_argument("--out", type=Path, default=DATA)
    options = parser.parse_args()
    sheets = list(page_sheets(options.pages, options.thirds, options.sample))
    if options.texts:
        sheets += text_sheets(options.texts, options.articles)
    options.out.write_text(written(fitted(sheets)), encoding="utf-8")
    print(f"{len(sheets)} flattened pages, {sum(len(sheet.truth) for sheet in sheets)} units: {options.out}")


if __name__ == "__main__":
    main()
