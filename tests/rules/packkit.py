"""What the shipped packs make of a text."""

from __future__ import annotations

from collections.abc import Iterable

from feedwatch.model import Article, Label
from feedwatch.rules.classify import Classifier


def judged(
    classifier: Classifier, text: str, lang: str = "", title: str = "", tags: tuple[str, ...] = ()
) -> tuple[Label, ...]:
    article = Article(
        source_id="s",
        guid="g",
        id="urn:g",
        url=None,
        canonical_url=None,
        title=title or "—",
        body=text,
        languages=frozenset({lang} if lang else ()),
        tags=tags,
    )
    return classifier.classify(article)


def countries(classifier: Classifier, labels: Iterable[Label], *, about: bool = False) -> set[str]:
    """The countries among the labels: neither groups nor provinces."""
    rules = classifier.ruleset.rules["region"]
    return {
        label.rule
        for label in labels
        if label.facet == "region"
        and not rules[label.rule].members
        and not rules[label.rule].parent
        and (label.standing == "about" or not about)
    }


def topics(labels: Iterable[Label]) -> set[str]:
    return {label.rule for label in labels if label.facet == "topic" and label.standing == "about"}
