"""Figures of judged texts: regions, topics, what fires, questions, and the evidence behind each error."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.corpus import LABELS, Judge, Judged, means

#: What a feed may ask of each topic: of what it shows so much is right, and so much of what is right is shown.
FLOOR_PRECISION, FLOOR_RECALL = 0.8, 0.9
#: Labels of a country before it counts for the mean over countries.
_ENOUGH = 5
_NAMED = "the text names"


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
    """Best label, confusion and firing of single-label documents of one corpus and language.

    Labels that mean the same rules are one.
    """
    names = {one.document.topics[0] for one in judged}
    rules = {name: means(name, names) for name in names}
    labels = {"/".join(LABELS[name]): rules[name] for name in sorted(names)}
    true = ["/".join(LABELS[one.document.topics[0]]) for one in judged]
    best = [_best_label(one, labels) for one in judged]
    confusion = {label: Counter[str]() for label in labels}
    for label, found in zip(true, best, strict=True):
        confusion[label][found] += 1
    rows = {label: _score_label(judged, true, best, label, labels[label]) for label in labels}
    macro = round(sum(row["f1"] for row in rows.values()) / max(1, len(rows)), 3)
    taken = {label: dict(confusion[label].most_common()) for label in labels}
    return {"documents": len(judged), "macro_f1": macro, "labels": rows, "confusion": taken}


def _score_label(
    judged: Sequence[Judged], true: Sequence[str], best: Sequence[str], label: str, rules: Sequence[str]
) -> dict[str, Any]:
    """One label as the best of a text, and how it fires: when any of its rules is *about*.

    `wrong_but_leads`: texts with another label in which its rules are the strongest; often the label is at fault.
    """
    count, firing = Count(), Count()
    leads = 0
    for one, wanted, found in zip(judged, true, best, strict=True):
        count.add({label} & {found}, {label} & {wanted})
        about = one.about("topic") & set(rules)
        firing.add({label} if about else set(), {label} & {wanted})
        leads += wanted != label and any(one.topics[rule].main for rule in about)
    row = {**firing.row(), "wrong": firing.wrong, "wrong_but_leads": leads}
    row["floor"] = row["precision"] >= FLOOR_PRECISION and row["recall"] >= FLOOR_RECALL
    shares = [(strength(one, rules, "share"), wanted == label) for one, wanted in zip(judged, true, strict=True)]
    return {"texts": count.hit + count.missed, **count.row(), "firing": row, "ranked": at_recall(shares)}


def strength(one: Judged, rules: Iterable[str], of: str) -> float:
    """The highest score or share of some rules."""
    return max((getattr(one.topics[rule], of) for rule in rules if rule in one.topics), default=0.0)


def _best_label(one: Judged, labels: Mapping[str, Sequence[str]]) -> str:
    scores = {label: strength(one, rules, "score") for label, rules in labels.items()}
    best = max(scores, key=lambda label: scores[label])
    return best if scores[best] else "none"


def at_recall(shares: Iterable[tuple[float, bool]], recall: float = FLOOR_RECALL) -> float:
    """The precision at the share that finds that much of what is true; 0 where none does."""
    ranked = sorted((-share, not is_true) for share, is_true in shares)
    wanted = recall * sum(not wrong for _, wrong in ranked)
    right = 0
    for number, (share, wrong) in enumerate(ranked, 1):
        right += not wrong
        if share and right >= wanted:
            return round(right / number, 3)
    return 0.0


def score_question(judge: Judge, judged: Sequence[Judged], question: str) -> dict[str, Any]:
    """Figures and misses of `region:R and topic:T`.

    `f1_of_located`: of the texts whose labels name any country; `f1_if_named`: a country counts as labelled where
    the text names it and the section is right. `f1_at_best`: the section taken from the labels, so that only the
    countries can be wrong; no rules for the topic can do better.
    """
    region, topic = question.split(":")
    count, located, at_best = Count(), Count(), Count()
    named = 0
    misses = []
    for one in judged:
        filed = any(topic in LABELS.get(label, ()) for label in one.document.topics)
        true = filed and region in (one.document.countries or ())
        found = region in one.about("region") and topic in one.about("topic")
        at_best.add({question} if filed and region in one.about("region") else set(), {question} if true else ())
        for total in (count, located) if one.document.countries else (count,):
            total.add({question} if found else set(), {question} if true else ())
        if found != true:
            note = _gap(one, region, topic) if found else ""
            named += filed and note.startswith(_NAMED)
            misses.append({"what": "wrong" if found else "missed", **explained(judge, one), "labels": note})
    fairer = Count(count.hit + named, count.wrong - named, count.missed)
    return {
        **count.row(),
        "f1_of_located": located.row()["f1"],
        "f1_if_named": fairer.row()["f1"],
        "f1_at_best": at_best.row()["f1"],
        "texts": count.hit + count.missed,
        "gaps": sum(bool(miss["labels"]) for miss in misses),
        "misses": misses,
    }


def _gap(one: Judged, region: str, topic: str) -> str:
    """What the labels of a text that was found wrongly seem to miss."""
    if region not in (one.document.countries or ()):
        terms = sorted({evidence.term for evidence in one.regions[region].evidence})
        return f"{_NAMED} {', '.join(terms[:3])}, the labels do not"
    return f"filed under {', '.join(one.document.topics)}, though {topic} leads" if one.topics[topic].main else ""


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
    names = {label for one in judged for label in one.document.topics}
    ranked: list[tuple[float, int]] = []
    for number, one in enumerate(judged):
        labels = one.regions if facet == "region" else one.topics
        true = set(one.document.countries or ())
        if facet == "topic":
            true = {rule for label in one.document.topics if label in LABELS for rule in means(label, names)}
        if true:
            sureness = [labels[key].score * labels[key].share for key in one.about(facet) - true]
            ranked += [(-max(sureness), number)] if sureness else []
    return [explained(judge, judged[number]) for _, number in sorted(ranked)[:limit]]
