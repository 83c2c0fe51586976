"""Small builders for the tests of rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from feedwatch.errors import ConfigError, Fault
from feedwatch.model import Article, Label
from feedwatch.rules.classify import Classifier
from feedwatch.rules.load import load_rules
from feedwatch.rules.ruleset import RuleSet
from feedwatch.tomlfile import parse_toml


def ruleset(text: str) -> RuleSet:
    return load_rules([], inline=parse_toml(text, "rules.toml"), base_dir=Path())


def classifier(text: str) -> Classifier:
    return Classifier(ruleset(text))


def faults_of(text: str) -> list[Fault]:
    try:
        ruleset(text)
    except ConfigError as error:
        return list(error.faults)
    return []


def article(title: str = "Titre", body: str = "", **more: Any) -> Article:
    langs = frozenset(more.pop("langs", ()))
    url = more.pop("url", None)
    return Article(
        source_id="s", guid="g", id="urn:g", url=url, canonical_url=url, title=title, body=body, languages=langs, **more
    )


def labels(judge: Classifier, title: str = "Titre", body: str = "", **more: Any) -> dict[str, Label]:
    found = judge.classify(article(title, body, **more))
    return {f"{label.facet}:{label.rule}": label for label in found}


def fired(judge: Classifier, title: str = "Titre", body: str = "", **more: Any) -> list[str]:
    return sorted(labels(judge, title, body, **more))


def marked(label: Label, art: Article) -> list[str]:
    """The evidence as it is written in the article."""
    texts = {"title": art.title, "tags": "\n".join(art.tags), "lead": art.body, "body": art.body}
    return [texts[e.field][start:end] for e in label.evidence for start, end in e.spans]
