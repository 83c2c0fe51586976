"""How right regions, topics and questions are on labelled documents.

    python benchmarks/quality.py FILE.jsonl[.xz] … [--corpus reuters] [--overlay benchmarks/overlays/1987.toml]
        [--default-region us] [--question ne:security …] [--half b] [--sample 500] [--misses 10] [--json]

One JSON object a line: `id`, `corpus`, `lang`, `title`, `text`, and what editors said of it: `countries` (ISO 3166-1)
and `topics` (a list) or `topic` (one). An overlay is a rule pack that counts for the measurement only. `--half` takes
the texts whose hashed title falls into one of two halves: write with one half in sight, report the other.

Regions: precision, recall and F1 over pairs of document and country, for all that fired and for what is *about*;
the same without `--without` (a country that half of an agency's texts are about); macro-F1 over countries with at
least five labels; how often the main region is among the labels.
Topics: the label whose rules have the highest score (one label a document), and firing: a label fires when any of
its rules is *about*; ✓ marks the topics that reach the floors of `figures.py`. Of the texts on which a label fires
wrongly those in which it leads are counted apart: there the one label of the text is often at fault. Labels of others
are mapped to rules by LABELS in `corpus.py`, for scoring only.
Questions: `region:R and topic:T`, every miss with its evidence, and where the labels themselves seem to miss.
`benchmarks/sidebar.py --regions` asks what headlines of other articles below a text do to its regions.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks.corpus import LABELS, Document, Judge, Judged, read
from benchmarks.figures import score_question, score_regions, score_topics, worst
from feedwatch.cli.output import as_json, progress, say, stdout, table
from feedwatch.text import printable, shorten

QUESTIONS = ("ne:security", "ml:security", "ng:security", "sd:security", "cd:security")
_PRF = ("precision", "recall", "f1")
_FAIRER = ("f1_of_located", "f1_if_named", "f1_at_best")


def measure(judge: Judge, documents: Sequence[Document], options: argparse.Namespace) -> dict[str, Any]:
    """Everything that the labels of the documents allow."""
    groups: dict[tuple[str, str], list[Judged]] = defaultdict(list)
    with progress("judging", len(documents)) as advance:
        for document in documents:
            groups[document.corpus, document.lang].append(judge.judge(document))
            advance(1)
    report: dict[str, Any] = {"rules": judge.classifier.ruleset.hash, "regions": {}, "topics": {}, "questions": {}}
    without = set(options.without.split(","))
    for (corpus, lang), found in sorted(groups.items()):
        name = f"{corpus} {lang}".strip()
        located = [one for one in found if one.document.countries is not None]
        filed = [one for one in found if len(one.document.topics) == 1 and one.document.topics[0] in LABELS]
        if any(one.document.countries for one in located):
            report["regions"][name] = score_regions(located, without)
            report["regions"][name]["worst"] = worst(judge, located, "region", options.misses)
        if len({LABELS[one.document.topics[0]] for one in filed}) > 1:
            report["topics"][name] = score_topics(filed)
            report["topics"][name]["worst"] = worst(judge, filed, "topic", options.misses)
        if any(one.document.countries and set(one.document.topics) & set(LABELS) for one in located):
            asked = {question: score_question(judge, located, question) for question in options.question or QUESTIONS}
            if kept := {question: row for question, row in asked.items() if row["texts"]}:
                report["questions"][name] = kept
    return report


def show(report: Mapping[str, Any], misses: int) -> None:
    """Print the report as tables."""
    for name, one in report["regions"].items():
        _show_regions(name, one)
    for name, one in report["topics"].items():
        _show_topics(name, one)
    for name, questions in report["questions"].items():
        _show_questions(name, questions, misses)


def _show_regions(name: str, one: Mapping[str, Any]) -> None:
    top, answered = one["top_right"], one["top_right_of_answered"]
    rows = [
        [standing, *_figures(one[standing]), _figure(one[standing]["f1_without"]), _figure(one[standing]["macro_f1"])]
        for standing in ("about", "fired")
    ]
    numbers = ("P", "R", "F1", "F1 without", "macro-F1")
    say()
    title = f"{name} regions: {one['documents']} documents, top right {_figure(top)} ({_figure(answered)} of answered)"
    table(title, ("", *numbers), rows, numbers=numbers)
    say(f"invented  {_list(one['about']['invented'])}")
    say(f"missed    {_list(one['about']['missed'])}")
    _show_misses(one["worst"])


def _show_topics(name: str, one: Mapping[str, Any]) -> None:
    rows = []
    for label, row in one["labels"].items():
        taken = _list((other, count) for other, count in one["confusion"][label].items() if other != label)
        floor = "✓" if row["firing"]["floor"] else ""
        firing = [_figure(row["firing"][key]) for key in ("precision", "recall")]
        wrong = f"{row['firing']['wrong']}/{row['firing']['wrong_but_leads']}"
        rows.append([label, row["texts"], *_figures(row), *firing, floor, wrong, _figure(row["ranked"]), taken])
    numbers = ("texts", "P", "R", "F1", "firing P", "R", "wrong/leads", "P at R .90")
    columns = ("texts", "P", "R", "F1", "firing P", "R", "✓", "wrong/leads", "P at R .90")
    say()
    title = f"{name} topics: {one['documents']} documents, macro-F1 {_figure(one['macro_f1'])}"
    table(title, ("", *columns, "taken for"), rows, numbers=numbers)
    _show_misses(one["worst"])


def _show_questions(name: str, questions: Mapping[str, Mapping[str, Any]], misses: int) -> None:
    rows = [
        [question, row["texts"], *_figures(row), *(_figure(row[name]) for name in _FAIRER), row["gaps"]]
        for question, row in questions.items()
    ]
    numbers = ("texts", "P", "R", "F1", "F1 of located", "if named", "at best", "gaps in labels")
    say()
    table(f"{name} questions", ("", *numbers), rows, numbers=numbers)
    for question, row in questions.items():
        if misses and row["misses"]:
            say(f"\n{question}: {len(row['misses'])} misses")
            _show_misses(row["misses"])


def _figure(figure: float) -> str:
    return f"{figure:.3f}"


def _figures(row: Mapping[str, float]) -> list[str]:
    return [_figure(row[name]) for name in _PRF]


def _list(pairs: Iterable[tuple[str, int]]) -> str:
    return " ".join(f"{key}:{count}" for key, count in pairs)


def _show_misses(misses: Iterable[Mapping[str, Any]]) -> None:
    for miss in misses:
        labels = " ".join([*miss["countries"], *miss["topics"]]) or "nothing"
        say(printable(f"  {miss.get('what', 'wrong')} {miss['id']} (labels: {labels}) {miss['text']}"))
        for label, evidence in miss["evidence"].items():
            say(printable(f"      {label:<22}{evidence}"))
        for key in ("near_misses", "suppressed"):
            if miss[key]:
                say(printable(f"      {key.replace('_', ' ')}: {shorten(' · '.join(miss[key]), stdout().width * 2)}"))
        if miss.get("labels"):
            say(printable(f"      labels: {miss['labels']}"))


def parser() -> argparse.ArgumentParser:
    """What the command understands."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", help="labelled JSONL files, .xz allowed")
    parser.add_argument("--corpus", action="append", default=[], help="only this one; may be repeated")
    parser.add_argument("--overlay", action="append", default=[], help="a rule pack for the measurement only")
    parser.add_argument("--default-region", help="what a text is about when no region fires")
    parser.add_argument("--without", default="us", help="countries left out of the second F1 (us)")
    parser.add_argument("--question", action="append", default=[], help="region:topic; may be repeated")
    parser.add_argument("--half", choices=("a", "b"), help="only one half of the texts, by their titles")
    parser.add_argument("--sample", type=int, help="at most so many of each corpus and language")
    parser.add_argument(
        "--misses", type=int, default=3, help="so many worst misses of each table (3); 0: none, of questions too"
    )
    parser.add_argument("--json", action="store_true", help="everything, as JSON")
    return parser


def main() -> None:
    options = parser().parse_args()
    documents = read(options.files, options.corpus, options.sample, options.half)
    report = measure(Judge(options.overlay, options.default_region), documents, options)
    report["documents"], report["cpu_seconds"] = len(documents), round(time.process_time(), 1)
    if options.json:
        as_json(report)
        return
    say(f"{len(documents)} documents, rules {report['rules'][:12]}, {report['cpu_seconds']} s of CPU time")
    show(report, options.misses)


if __name__ == "__main__":
    main()
