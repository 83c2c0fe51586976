"""Fits the model by which units of scraped pages are told text from furniture, and writes them.

    python -m benchmarks.fit_prose PAGES.jsonl[.xz] [--texts FILE.jsonl[.xz]] [--thirds fit choose]
        [--without FILE.jsonl[.xz]] [--out FILE]

Pages are those of `benchmarks/extract.py`, flattened in all styles of `benchmarks/renderings.py`. What extraction finds
in a page's markup is the truth for its units; the page's own pieces (`must`, `must_not`) go before it. Sites are parted
in thirds by their name: fit, choose and report (`benchmarks/scrapes.py --third`), so that figures can be reported
on sites that neither the tables nor any choice about them has seen; `--without` leaves out the sites of another file's
pages. `--texts` adds articles of other languages with a
comment form and headlines below (half a of `benchmarks/sidebar.py`).

The model is a sum of small trees over the figures of `extract/shape.py` and over what words say: points for words that
several sites have, fitted before by a logistic regression. The trees see for each page what words say that were fitted
on other sites. Needs `pip install lightgbm scikit-learn`; the program itself needs neither.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.corpus import read
from benchmarks.extract import pages_of
from benchmarks.renderings import renderings
from benchmarks.scrapes import rows
from benchmarks.sidebar import as_texts, samples
from benchmarks.thirds import THIRDS, site_of, third_of
from feedwatch.extract.evidence import evidence_of
from feedwatch.extract.page import main_text, page_tree
from feedwatch.extract.prose import DATA, Trees
from feedwatch.extract.shape import looks_of
from feedwatch.extract.units import Unit, make_unit, units_of
from feedwatch.markup import text_of_sanitised
from feedwatch.rules.load import load_rules
from feedwatch.text import xml_legal

_STYLES = ("glued", "concat", "lines", "flat", "inner", "blank", "dump")
_ROUNDS = 100
_DEPTH = 4
_TREES = {
    "objective": "cross_entropy", "learning_rate": 0.15, "max_depth": _DEPTH, "num_leaves": 12, "min_data_in_leaf": 60,
    "lambda_l2": 5.0, "feature_fraction": 0.3, "bagging_fraction": 0.35, "bagging_freq": 1, "max_bin": 63, "seed": 1,
    "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbose": -1,
}  # fmt: skip
#: Words are looked at that so many sites have, and those that say less than that are left out.
_SITES = 6
_LEAST = 0.05
#: How freely words get points, each flattened page with a weight of one.
_WORDS_HOLD = 8.0
#: So many times words are fitted on other sites, for the trees to know what words are worth on new ones.
_PARTS = 4
#: A piece that somebody chose by hand counts as so many units; for the trees as so many times more: such pieces are
#: where programs err, so most of what is hard to tell is among them.
_GOLD = 8.0
_GOLD_OF_TREES = 3.0
#: Units of texts that are known wholly count so much: else little is learnt of pages without much furniture.
_KNOWN = 4.0
#: Of the others, so many of a page are looked at, each for as many as were left out.
_UNITS = 80
_CHUNK = 40
#: A shorter line may be of the article and of the furniture alike: it counts where the text goes on.
_OWN_CHARS = 30
_AHEAD = 300

try:
    import lightgbm
    from scipy.sparse import csr_matrix, vstack
    from sklearn.linear_model import LogisticRegression
except ImportError as error:
    raise SystemExit(f"{error}: fitting needs `pip install lightgbm scikit-learn`") from error

#: Names of so many letters are words of other languages, too.
_SHORT_PLACE = 3

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The units of one flattened page of a site.

    Their figures, the marks of their words, whether each is text (0 to 1), what each counts, and whether a piece chosen
    by hand tells it.
    """

    site: str
    figures: Floats
    marks: list[set[str]]
    truth: Floats
    weights: Floats
    gold: NDArray[np.bool_]


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


def sheet_of(
    site: str, text: str, article: str, must: Sequence[str] = (), must_not: Sequence[str] = ()
) -> Sheet | None:
    """The units of a flattened page with their truth; None without any."""
    units = units_of(text)
    whole = bare(text)
    mask = is_text(whole, article)
    right, wrong = [bare(piece) for piece in must], [bare(piece) for piece in must_not]
    place, truth, weights, gold = 0, [], [], []
    # The same text gives the same sample.
    chance = random.Random(whole)  # noqa: S311 - a sample
    share = min(1.0, _UNITS / max(1, len(units)))
    for unit in units:
        own = bare(unit.text)
        at = whole.find(own, place) if own else -1
        if at < 0:
            truth.append(0.0)
            weights.append(0.0)
            gold.append(False)
            continue
        place = at + len(own)
        has_right, has_wrong = any(piece in own for piece in right), any(piece in own for piece in wrong)
        is_gold = has_right != has_wrong
        gold.append(is_gold)
        truth.append(float(has_right) if is_gold else sum(mask[at:place]) / len(own))
        weight = _GOLD if is_gold else (chance.random() < share) / share
        weights.append(weight * _weight(unit) / len(units) ** 0.5)
    if not units:
        return None
    columns, marks = looks_of(units)
    figures = np.array(list(columns.values()), dtype=np.float32).T
    return Sheet(site, figures, marks, np.array(truth), np.array(weights), np.array(gold))


def _weight(unit: Unit) -> float:
    return float(min(max(unit.words, 1), 40) ** 0.5)


def page_sheets(path: Path, thirds: Sequence[str], without: Set[str], sample: int = 0) -> Iterator[Sheet]:
    """The flattened pages of the file whose sites belong to the thirds, and are none of those left out."""
    for page in pages_of(path, "", sample):
        if third_of(page) not in thirds or site_of(page) in without:
            continue
        article = page.get("text") or text_of_sanitised(main_text(page_tree(page["html"]), page["url"]).html)
        if article.strip():
            for style, text in renderings(page["html"], more=True).items():
                if style in _STYLES and (
                    sheet := sheet_of(site_of(page), text, article, page.get("must") or (), page.get("must_not") or ())
                ):
                    yield sheet


def text_sheets(paths: Sequence[str], count: int) -> Iterator[Sheet]:
    """Articles with a comment form and headlines of others below, in three ways."""
    for sample in samples(read(paths, (), None, "a"), count):
        for _, text in as_texts(sample):
            site = f"{sample.document.corpus} {sample.document.lang}"
            if sheet := sheet_of(site, text, sample.document.text):
                yield replace(sheet, weights=sheet.weights * _KNOWN)


def fitted(sheets: Sequence[Sheet]) -> dict[str, Any]:
    """The model: points of words, and trees over all figures, those of words as they are on sites not fitted on."""
    words, words_bias = word_points(sheets)
    evidence: list[Floats] = [np.empty(0)] * len(sheets)
    for part in range(_PARTS):
        others = word_points([sheet for sheet in sheets if _part(sheet) != part])
        for place, sheet in enumerate(sheets):
            if _part(sheet) == part:
                evidence[place] = np.array(list(evidence_of(sheet.marks, *others).values())).T
    figures = np.vstack([np.hstack([sheet.figures, own]) for sheet, own in zip(sheets, evidence, strict=True)])
    names = [*looks_of([make_unit("x")])[0], *evidence_of([set()], {}, 0.0)]
    weights = np.concatenate([sheet.weights * np.where(sheet.gold, _GOLD_OF_TREES, 1.0) for sheet in sheets])
    trees = grown(figures, np.concatenate([sheet.truth for sheet in sheets]), weights)
    return {"words_bias": words_bias, "words": _without_places(words), "figures": names, "trees": trees}


def _without_places(words: dict[str, float]) -> dict[str, float]:
    """The words without names of places: they say what sites write about, not what stands beside their articles."""
    rules = load_rules(["regions"], inline=None, base_dir=Path()).rules["region"].values()
    terms = (term.words for rule in rules for term in (*rule.strong, *rule.terms, *rule.unsure))
    places = {words[0] for words in terms if len(words) == 1 and len(words[0]) > _SHORT_PLACE}
    return {mark: points for mark, points in words.items() if mark.strip("^$.") not in places}


def _part(sheet: Sheet) -> int:
    return int(hashlib.sha256(f"part {sheet.site}".encode()).hexdigest(), 16) % _PARTS


def word_points(sheets: Sequence[Sheet]) -> tuple[dict[str, float], float]:
    """The points of the words that several sites have, by a logistic regression that leaves most words without any."""
    sites: dict[str, set[str]] = defaultdict(set)
    for sheet in sheets:
        for mark in set[str]().union(*sheet.marks):
            sites[mark].add(sheet.site)
    places = {mark: place for place, mark in enumerate(sorted(m for m, own in sites.items() if len(own) >= _SITES))}
    columns, starts = [], [0]
    for sheet in sheets:
        for found in sheet.marks:
            columns += sorted(places[mark] for mark in found if mark in places)
            starts.append(len(columns))
    has = csr_matrix((np.ones(len(columns), np.float32), columns, starts), shape=(len(starts) - 1, len(places)))
    truth, weights = np.concatenate([s.truth for s in sheets]), np.concatenate([s.weights for s in sheets])
    weights *= len(sheets) / weights.sum()
    # A unit that is text in part is both, each with its part of the weight.
    both, sides = np.concatenate([weights * truth, weights * (1 - truth)]), np.repeat([1, 0], len(truth))
    counts = both > 0
    model = LogisticRegression(C=_WORDS_HOLD, l1_ratio=1.0, solver="liblinear", tol=1e-3, random_state=1)
    model.fit(vstack([has, has]).tocsr()[counts], sides[counts], sample_weight=both[counts])
    points = zip(places, map(float, model.coef_[0]), strict=True)
    return {mark: round(own, 2) for mark, own in points if abs(own) >= _LEAST}, round(float(model.intercept_[0]), 3)


def grown(figures: Floats, truth: Floats, weights: Floats) -> list[dict[str, list[float]]]:
    """Trees of one depth; the points that every unit begins with are in the first one."""
    counts = weights > 0
    data = lightgbm.Dataset(figures[counts], truth[counts], weight=weights[counts])
    booster = lightgbm.train(_TREES, data, _ROUNDS)
    trees = [_full(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]]
    odds = Trees(*(np.array([tree[key] for tree in trees]) for key in ("figures", "cuts", "points")))
    some = figures[counts][:1_000].astype(np.float64)
    away = float(np.abs(odds.odds(some) - booster.predict(some, raw_score=True)).max())
    print(f"{len(trees)} trees; rounding moves the odds by {away:.3f} at most")
    return trees


def _full(root: dict[str, Any]) -> dict[str, list[float]]:
    """A tree with all ends at one depth: an end above it is repeated below itself."""
    figures: list[float] = []
    cuts: list[float] = []
    level = [root]
    for _ in range(_DEPTH):
        below = []
        for node in level:
            is_end = "leaf_value" in node
            figures.append(0 if is_end else int(node["split_feature"]))
            cuts.append(0.0 if is_end else float(f"{node['threshold']:.8g}"))
            below += [node, node] if is_end else [node["left_child"], node["right_child"]]
        level = below
    return {"figures": figures, "cuts": cuts, "points": [round(float(node["leaf_value"]), 4) for node in level]}


def written(model: dict[str, Any]) -> str:
    """The model as JSON, one tree a line."""
    begin = ",\n".join(
        f"  {json.dumps(key)}: {json.dumps(model[key], ensure_ascii=False)}"
        for key in ("words_bias", "figures", "words")
    )
    trees = ",\n".join(f"    {json.dumps(tree, separators=(',', ':'))}" for tree in model["trees"])
    return f'{{\n{begin},\n  "trees": [\n{trees}\n  ]\n}}\n'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--texts", action="append", default=[])
    parser.add_argument("--articles", type=int, default=300, help="so many of the texts (300)")
    parser.add_argument("--thirds", nargs="+", choices=THIRDS, default=list(THIRDS))
    parser.add_argument("--without", type=Path, help="leave out the sites of this file's pages")
    parser.add_argument("--sample", type=int, default=0, help="only every so many pages")
    parser.add_argument("--out", type=Path, default=DATA)
    options = parser.parse_args()
    without = {site_of(row) for row in rows(options.without)} if options.without else set()
    sheets = list(page_sheets(options.pages, options.thirds, without, options.sample))
    if options.texts:
        sheets += text_sheets(options.texts, options.articles)
    options.out.write_text(written(fitted(sheets)), encoding="utf-8")
    print(f"{len(sheets)} flattened pages, {sum(len(sheet.truth) for sheet in sheets)} units: {options.out}")


if __name__ == "__main__":
    main()
