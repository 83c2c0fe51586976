"""How right regions, topics and questions are on labelled documents.

    python benchmarks/quality.py FILE.jsonl[.xz] … [--corpus reuters] [--overlay benchmarks/overlays/1987.toml]
        [--default-region us] [--question ne:security …] [--sample 500] [--misses 10] [--json]

One JSON object a line: `id`, `corpus`, `lang`, `title`, `text`, and what editors said of it: `countries` (ISO 3166-1)
and `topics` (a list) or `topic` (one). An overlay is a rule pack that counts for the measurement only.

Regions: precision, recall and F1 over pairs of document and country, for all that fired and for what is *about*;
the same without `--without` (a country that half of an agency's texts are about); macro-F1 over countries with at
least five labels; how often the main region is among the labels.
Topics: the label whose rules have the highest score (one label a document), and firing: a label fires when any of
its rules is *about*. Labels of others are mapped to rules by LABELS, for scoring only.
Questions: `region:R and topic:T`, every miss with its evidence, and where the labels themselves seem to miss;
the second F1 counts a country as labelled where the text names it and the section is right.
`benchmarks/sidebar.py` asks what headlines of other articles below a text do to its regions.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feedwatch.model import Article, Label
from feedwatch.rules.classify import Classifier
from feedwatch.rules.load import load_rules

LANGUAGES = {"eng": "en", "fra": "fr", "hau": "ha", "spa": "es", "ara": "ar", "por": "pt"}
#: What other people's labels are called here. Labels that are not named are not scored.
LABELS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("business", "economy"), ("economy",)),
    **dict.fromkeys(("entertainment", "culture"), ("culture",)),
    **dict.fromkeys(("sport", "sports"), ("sport",)),
    **dict.fromkeys(("tech", "technology"), ("technology",)),
    **{name: (name,) for name in ("health", "religion")},
    "politics": ("politics", "security", "migration"),
}
#: Sections of a chronicle, for questions: a text has one section, so a question is compared with that.
SECTIONS: Mapping[str, tuple[str, ...]] = {
    **{name: (name,) for name in ("security", "economy", "politics", "sport", "culture", "health")},
    "diplomacy": ("politics",),
    "disaster": ("humanitarian",),
    "science_tech": ("technology",),
    "health_environment": ("health", "environment"),
}
QUESTIONS = ("ne:security", "ml:security", "ng:security", "sd:security", "cd:security")
_ENOUGH = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text and what editors say of it."""

    id: str
    corpus: str
    lang: str
    title: str
    text: str
    countries: frozenset[str] | None
    topics: tuple[str, ...]

    def article(self, title: str | None = None, body: str | None = None) -> Article:
        """The text as the rules see it, or another title and body in its place."""
        return Article(
            source_id=self.corpus,
            guid=self.id,
            id="urn:feedwatch:" + self.id,
            url=None,
            canonical_url=None,
            title=(self.title if title is None else title).strip() or "—",
            body=self.text if body is None else body,
            languages=frozenset({self.lang} if self.lang else ()),
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """A document and its labels."""

    document: Document
    #: Countries by code, lower case: neither groups nor provinces.
    regions: dict[str, Label]
    topics: dict[str, Label]

    def about(self, facet: str) -> set[str]:
        """The countries or topics that it is about."""
        labels = self.regions if facet == "region" else self.topics
        return {key for key, label in labels.items() if label.standing == "about"}


class Judge:
    """The shipped packs, and overlays on top."""

    def __init__(self, overlays: Sequence[str], default_region: str | None) -> None:
        packs = ["regions", "topics", *(str(Path(overlay).resolve()) for overlay in overlays)]
        self.classifier = Classifier(load_rules(packs, inline=None, base_dir=Path.cwd()))
        self.default_region = default_region
        rules = self.classifier.ruleset.rules["region"]
        self.codes = {
            rule.id: (rule.code or rule.id).lower() for rule in rules.values() if not rule.members and not rule.parent
        }

    def judge(self, document: Document, article: Article | None = None) -> Judged:
        """The labels of a document, or of another article made of it."""
        labels = self.classifier.classify(article or document.article(), region=self.default_region)
        regions = {
            self.codes[label.rule]: label for label in labels if label.facet == "region" and label.rule in self.codes
        }
        return Judged(document, regions, {label.rule: label for label in labels if label.facet == "topic"})


def read(paths: Iterable[str], corpora: Sequence[str], sample: int | None) -> list[Document]:
    """The labelled documents; of each corpus and language at most `sample`, the same ones every time."""
    groups: dict[tuple[str, str], list[Document]] = defaultdict(list)
    for path in paths:
        with (lzma.open if path.endswith(".xz") else open)(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                document = _document(json.loads(line), f"{Path(path).name}:{number}")
                if not corpora or document.corpus in corpora:
                    groups[document.corpus, document.lang].append(document)
    chance = random.Random(0)  # noqa: S311 - a sample
    for key, found in groups.items():
        groups[key] = chance.sample(found, sample) if sample and sample < len(found) else found
    return [document for key in sorted(groups) for document in groups[key]]


def _document(data: Mapping[str, Any], place: str) -> Document:
    lang = str(data.get("lang") or "")
    countries = data.get("countries")
    topics = data.get("topics") or ([data["topic"]] if data.get("topic") else [])
    return Document(
        id=str(data.get("id") or place),
        corpus=str(data.get("corpus") or "documents"),
        lang=LANGUAGES.get(lang, lang),
        title=str(data.get("title") or ""),
        text=str(data.get("text") or ""),
        countries=None if countries is None else frozenset(str(code).lower() for code in countries),
        topics=tuple(str(topic).lower() for topic in topics),
    )


@dataclass(slots=True)
class Count:
    """Of pairs of document and label: found and true, found and false, true and not found."""

    hit: int = 0
    wrong: int = 0
    missed: int = 0

    def add(self, found: set[str], true: Iterable[str]) -> None:
        """Count one document."""
        wanted = set(true)
        self.hit += len(found & wanted)
        self.wrong += len(found - wanted)
        self.missed += len(wanted - found)

    def row(self) -> dict[str, Any]:
        """The figures by name."""
        precision, recall = self.hit / max(1, self.hit + self.wrong), self.hit / max(1, self.hit + self.missed)
        f1 = 2 * self.hit / max(1, 2 * self.hit + self.wrong + self.missed)
        return {"precision": round(precision, 3), "recall": round(recall, 3), "f1": round(f1, 3)}


def score_regions(judged: Sequence[Judged], without: set[str]) -> dict[str, Any]:
    """Figures of one corpus, for all that fired and for what is about."""
    report: dict[str, Any] = {"documents": len(judged)}
    for standing in ("about", "fired"):
        total, rest = Count(), Count()
        each: dict[str, Count] = defaultdict(Count)
        for one in judged:
            found = one.about("region") if standing == "about" else set(one.regions)
            true = one.document.countries or frozenset()
            total.add(found, true)
            rest.add(found - without, true - without)
            for code in found | true:
                each[code].add(found & {code}, true & {code})
        usual = {code: count for code, count in each.items() if count.hit + count.missed >= _ENOUGH}
        report[standing] = {
            **total.row(),
            "f1_without": rest.row()["f1"],
            "macro_f1": round(sum(count.row()["f1"] for count in usual.values()) / max(1, len(usual)), 3),
            "countries": {code: usual[code].row() for code in sorted(usual)},
            "invented": Counter({code: count.wrong for code, count in each.items() if count.wrong}).most_common(12),
            "missed": Counter({code: count.missed for code, count in each.items() if count.missed}).most_common(12),
        }
    located = [one for one in judged if one.document.countries]
    main = [{code for code, label in one.regions.items() if label.main} for one in located]
    right = sum(bool(found & (one.document.countries or set())) for one, found in zip(located, main, strict=True))
    report["top_right"] = round(right / max(1, len(located)), 3)
    report["top_right_of_answered"] = round(right / max(1, sum(map(bool, main))), 3)
    return report


def score_topics(judged: Sequence[Judged]) -> dict[str, Any]:
    """Best label, confusion and firing of single-label documents of one corpus and language."""
    labels = sorted({one.document.topics[0] for one in judged})
    best = [_best_label(one, labels) for one in judged]
    rows: dict[str, Any] = {}
    confusion = {label: Counter[str]() for label in labels}
    for one, found in zip(judged, best, strict=True):
        confusion[one.document.topics[0]][found] += 1
    for label in labels:
        count, firing = Count(), Count()
        for one, found in zip(judged, best, strict=True):
            true = {label} & set(one.document.topics)
            count.add({label} & {found}, true)
            firing.add({label} if one.about("topic") & set(LABELS[label]) else set(), true)
        rows[label] = {**count.row(), "firing": firing.row(), "ranked": _at_recall(judged, label)}
    macro = round(sum(row["f1"] for row in rows.values()) / max(1, len(rows)), 3)
    taken = {label: dict(confusion[label].most_common()) for label in labels}
    return {"documents": len(judged), "macro_f1": macro, "labels": rows, "confusion": taken}


def _strength(one: Judged, label: str, of: str) -> float:
    """The highest score or share of the rules that a label means."""
    return max((getattr(one.topics[rule], of) for rule in LABELS[label] if rule in one.topics), default=0.0)


def _best_label(one: Judged, labels: Sequence[str]) -> str:
    best = max(labels, key=lambda label: _strength(one, label, "score"))
    return best if _strength(one, best, "score") else "none"


def _at_recall(judged: Sequence[Judged], label: str, recall: float = 0.9) -> float:
    """The precision at the share of the label's rules that finds that much; 0 where none does."""
    shares = sorted((-_strength(one, label, "share"), label not in one.document.topics) for one in judged)
    wanted = recall * sum(not wrong for _, wrong in shares)
    right = 0
    for number, (share, wrong) in enumerate(shares, 1):
        right += not wrong
        if share and right >= wanted:
            return round(right / number, 3)
    return 0.0


def score_question(judge: Judge, judged: Sequence[Judged], question: str) -> dict[str, Any]:
    """Figures and misses of `region:R and topic:T`."""
    region, topic = question.split(":")
    count, named = Count(), 0
    misses = []
    for one in judged:
        filed = any(topic in SECTIONS.get(label, ()) for label in one.document.topics)
        located = region in (one.document.countries or ())
        found = region in one.about("region") and topic in one.about("topic")
        count.add({question} if found else set(), {question} if filed and located else ())
        if found == (filed and located):
            continue
        note = ""
        if found and not located:
            terms = sorted({evidence.term for evidence in one.regions[region].evidence})
            note = f"the text names {', '.join(terms[:3])}, the labels do not"
        elif found and one.topics[topic].main:
            note = f"filed under {', '.join(one.document.topics)}, though {topic} leads"
        named += found and filed and not located
        misses.append({"what": "wrong" if found else "missed", **explained(judge, one), "labels": note})
    fairer = Count(count.hit + named, count.wrong - named, count.missed)
    return {**count.row(), "f1_if_named": fairer.row()["f1"], "texts": count.hit + count.missed, "misses": misses}


def explained(judge: Judge, one: Judged) -> dict[str, Any]:
    """A text with the labels that it has and the evidence of each, near misses included."""
    trace = judge.classifier.trace(one.document.article(), region=judge.default_region)
    evidence = {
        f"{label.facet}:{label.rule}": f"{label.score:g} {label.standing} "
        + ", ".join(f"{e.term} x{e.count} in {e.field}" for e in label.evidence[:5])
        for label in trace.labels
        if label.facet == "topic" or label.rule in judge.codes
    }
    near = [f"{miss.facet}:{miss.rule} {miss.score:g} of {miss.min_score:g}" for miss in trace.near_misses]
    lost = [f"{lost.rule} {lost.term!r} {lost.why}" for lost in trace.suppressed if lost.rule in evidence]
    document = one.document
    return {
        "id": document.id,
        "text": f"{document.title} {document.text}".strip()[:240].replace("\n", " "),
        "countries": sorted(document.countries or ()),
        "topics": list(document.topics),
        "evidence": evidence,
        "near_misses": near,
        "suppressed": lost,
    }


def worst(judge: Judge, judged: Sequence[Judged], facet: str, limit: int) -> list[dict[str, Any]]:
    """The texts that the rules are surest about and wrong."""
    ranked: list[tuple[float, int]] = []
    for number, one in enumerate(judged):
        labels = one.regions if facet == "region" else one.topics
        true = set(one.document.countries or ())
        if facet == "topic":
            true = {rule for label in one.document.topics for rule in LABELS.get(label, ())}
        if true:
            sureness = [labels[key].score * labels[key].share for key in one.about(facet) - true]
            ranked += [(-max(sureness), number)] if sureness else []
    return [explained(judge, judged[number]) for _, number in sorted(ranked)[:limit]]


def measure(judge: Judge, documents: Sequence[Document], options: argparse.Namespace) -> dict[str, Any]:
    """Everything that the labels of the documents allow."""
    judged = [judge.judge(document) for document in documents]
    report: dict[str, Any] = {"rules": judge.classifier.ruleset.hash, "regions": {}, "topics": {}, "questions": {}}
    groups: dict[tuple[str, str], list[Judged]] = defaultdict(list)
    for one in judged:
        groups[one.document.corpus, one.document.lang].append(one)
    without = set(options.without.split(","))
    for (corpus, lang), found in sorted(groups.items()):
        name = f"{corpus} {lang}".strip()
        located = [one for one in found if one.document.countries is not None]
        filed = [one for one in found if len(one.document.topics) == 1 and one.document.topics[0] in LABELS]
        if any(one.document.countries for one in located):
            report["regions"][name] = score_regions(located, without)
            report["regions"][name]["worst"] = worst(judge, located, "region", options.misses)
        if len({one.document.topics[0] for one in filed}) > 1:
            report["topics"][name] = score_topics(filed)
            report["topics"][name]["worst"] = worst(judge, filed, "topic", options.misses)
        if any(one.document.topics and one.document.countries for one in located):
            asked = {question: score_question(judge, located, question) for question in options.question or QUESTIONS}
            report["questions"][name] = {question: found for question, found in asked.items() if found["texts"]}
    return report


def show(report: Mapping[str, Any], misses: int) -> None:
    """Print the report as compact tables."""
    for name, one in report["regions"].items():
        top, answered = one["top_right"], one["top_right_of_answered"]
        print(f"\n{name} regions: {one['documents']} documents, top right {top:.3f} ({answered:.3f} of answered)")
        print("              P     R    F1  without  macro-F1")
        for standing in ("about", "fired"):
            row = one[standing]
            print(f"  {standing:<8}{_figures(row)} {row['f1_without']:>8.3f} {row['macro_f1']:>9.3f}")
        print("  invented ", _list(one["about"]["invented"]), "\n  missed   ", _list(one["about"]["missed"]))
        _show_misses(one["worst"])
    for name, one in report["topics"].items():
        print(f"\n{name} topics: {one['documents']} documents, macro-F1 {one['macro_f1']:.3f}")
        print("                    P     R    F1   firing P     R    F1  P at R .90  taken for")
        for label, row in one["labels"].items():
            taken = _list((other, count) for other, count in one["confusion"][label].items() if other != label)
            figures = f"{_figures(row)}     {_figures(row['firing'])} {row['ranked']:>10.3f}"
            print(f"  {label:<14}{figures}  {taken}")
        _show_misses(one["worst"])
    for name, questions in report["questions"].items():
        print(f"\n{name + ' questions':<24}texts     P     R    F1  F1 if named is labelled")
        for question, row in questions.items():
            print(f"  {question:<22}{row['texts']:>5}{_figures(row)} {row['f1_if_named']:>6.3f}")
            _show_misses(row["misses"] if misses else ())


def _figures(row: Mapping[str, float]) -> str:
    return "".join(f"{row[name]:>6.3f}" for name in ("precision", "recall", "f1"))


def _list(pairs: Iterable[tuple[str, int]]) -> str:
    return " ".join(f"{key}:{count}" for key, count in pairs)


def _show_misses(misses: Iterable[Mapping[str, Any]]) -> None:
    for miss in misses:
        print(f"    {miss.get('what', 'wrong')} {miss['id']} {miss['countries']} {miss['topics']} {miss['text']}")
        for label, evidence in miss["evidence"].items():
            print(f"        {label:<22}{evidence}")
        for key in ("near_misses", "suppressed"):
            if miss[key]:
                print(f"        {key}: {' · '.join(miss[key][:6])}")
        if miss.get("labels"):
            print(f"        labels: {miss['labels']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", help="labelled JSONL files, .xz allowed")
    parser.add_argument("--corpus", action="append", default=[], help="only this one; may be repeated")
    parser.add_argument("--overlay", action="append", default=[], help="a rule pack for the measurement only")
    parser.add_argument("--default-region", help="what a text is about when no region fires")
    parser.add_argument("--without", default="us", help="countries left out of the second F1 (us)")
    parser.add_argument("--question", action="append", default=[], help="region:topic; may be repeated")
    parser.add_argument("--sample", type=int, help="at most so many of each corpus and language")
    parser.add_argument(
        "--misses", type=int, default=3, help="so many worst misses of each table (3); 0: none, of questions too"
    )
    parser.add_argument("--json", action="store_true", help="everything, as JSON")
    options = parser.parse_args()
    documents = read(options.files, options.corpus, options.sample)
    report = measure(Judge(options.overlay, options.default_region), documents, options)
    report["cpu_seconds"] = round(time.process_time(), 1)
    if options.json:
        print(json.dumps(report, ensure_ascii=False, indent=1))
        return
    print(f"{len(documents)} documents, rules {report['rules'][:12]}, {report['cpu_seconds']} s of CPU time")
    show(report, options.misses)


if __name__ == "__main__":
    main()
