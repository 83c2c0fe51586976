"""A judgement for people and for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from feedwatch.model import Evidence, Label
from feedwatch.rules.trace import NearMiss, Suppressed, Trace, Vetoed

MAX_TERMS = 8


def explain(trace: Trace) -> str:
    """Why an article has its labels, one line each; then what did not count and what nearly fired."""
    names = [f"{label.facet}:{label.rule}" for label in trace.labels]
    width = max(map(len, names), default=0)
    lines = [_label_line(name.ljust(width), label) for name, label in zip(names, trace.labels, strict=True)]
    lines = lines or ["no rule fired"]
    lines += [f"suppressed: {_suppressed_text(one)}" for one in trace.suppressed]
    lines += [f"vetoed: {_veto_text(one)}" for one in trace.vetoes]
    lines += [f"near miss: {_miss_text(one)}" for one in trace.near_misses]
    return "\n".join(lines)


def explain_json(trace: Trace) -> dict[str, Any]:
    """The same with everything in it, as JSON-safe values."""
    return {
        "id": trace.article.id,
        "title": trace.article.title,
        "url": trace.article.url,
        "languages": sorted(trace.article.languages),
        "rules": trace.rules_hash,
        "labels": [_label(label) for label in trace.labels],
        "suppressed": [asdict(one) for one in trace.suppressed],
        "vetoed": [asdict(one) for one in trace.vetoes],
        "near_misses": [asdict(one) for one in trace.near_misses],
    }


def _label(label: Label) -> dict[str, Any]:
    evidence = [one._asdict() | {"spans": [list(span) for span in one.spans]} for one in label.evidence]
    return label._asdict() | {"evidence": evidence}


def _label_line(name: str, label: Label) -> str:
    main = " main" if label.main else ""
    standing = f"{label.standing}{main}".ljust(10)
    return f"{name}  score {label.score:5.1f}  {label.share:4.0%}  {standing}  {_terms_text(label.evidence)}".rstrip()


def _terms_text(evidence: tuple[Evidence, ...]) -> str:
    """`"Niger" in title, ×4 in body · "Niamey"`: each term once, strongest first."""
    fields: dict[str, dict[str, int]] = {}
    for one in evidence:
        name = "body" if one.field == "lead" else one.field
        counts = fields.setdefault(one.term, {})
        counts[name] = counts.get(name, 0) + one.count
    shown = [_term_text(term, counts) for term, counts in list(fields.items())[:MAX_TERMS]]
    return " · ".join(shown) + (" · …" if len(fields) > MAX_TERMS else "")


def _term_text(term: str, counts: dict[str, int]) -> str:
    if set(counts) == {"source"}:
        return term
    places = [f"×{count} in {name}" if count > 1 else f"in {name}" for name, count in counts.items()]
    return f'"{term}" ' + ", ".join(places)


def _suppressed_text(one: Suppressed) -> str:
    return f'"{one.term}" {one.why} ×{one.count} ({one.facet}:{one.rule})'


def _veto_text(one: Vetoed) -> str:
    return f'{one.facet}:{one.rule} {one.score:.1f} by "{one.term}" in {one.field}'


def _miss_text(one: NearMiss) -> str:
    proof = ", and no proof was found" if one.needs_proof else ""
    return f"{one.facet}:{one.rule} {one.score:.1f} of {one.min_score:g}{proof}"
