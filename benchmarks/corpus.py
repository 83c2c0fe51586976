"""Labelled texts as the rules see them: what editors say of a text, and what the shipped packs say."""

from __future__ import annotations

import hashlib
import json
import lzma
import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feedwatch.model import Article, Label
from feedwatch.rules.classify import Classifier
from feedwatch.rules.load import load_rules

LANGUAGES = {"eng": "en", "fra": "fr", "hau": "ha", "spa": "es", "ara": "ar", "por": "pt"}
#: The rules that labels of others mean. Labels that are not named are not scored.
LABELS: Mapping[str, tuple[str, ...]] = {
    **{
        name: (name,)
        for name in ("culture", "economy", "environment", "health", "humanitarian", "migration", "politics", "religion")
    },
    **{name: (name,) for name in ("security", "society", "sport", "technology")},
    "business": ("economy",),
    "entertainment": ("culture",),
    "sports": ("sport",),
    **dict.fromkeys(("tech", "science_tech"), ("technology",)),
    "diplomacy": ("politics",),
    "disaster": ("humanitarian",),
    "health_environment": ("health", "environment"),
}
#: What politics means where these are not labels of their own.
_WITHIN_POLITICS = ("security", "migration")


def means(label: str, labels: Collection[str]) -> tuple[str, ...]:
    """The rules that a label means in texts that have these labels."""
    rules = LABELS[label]
    if rules != ("politics",):
        return rules
    named = {rule for other in labels for rule in LABELS.get(other, ())}
    return rules + tuple(rule for rule in _WITHIN_POLITICS if rule not in named)


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

    @property
    def half(self) -> str:
        """One of two halves; texts that share a title are in the same one."""
        name = self.title.strip() or self.text.strip()
        return "ab"[hashlib.sha256(name.encode()).digest()[0] % 2]

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


def read(
    paths: Iterable[str], corpora: Sequence[str] = (), sample: int | None = None, half: str | None = None
) -> list[Document]:
    """The labelled documents; of each corpus and language at most `sample`, the same ones every time.

    With `half` ("a" or "b") only those whose title, or text without one, falls into that half: what is written with
    one half in sight can be judged by the other.
    """
    groups: dict[tuple[str, str], list[Document]] = defaultdict(list)
    for path in paths:
        for document in _read_file(path):
            if (not corpora or document.corpus in corpora) and half in {None, document.half}:
                groups[document.corpus, document.lang].append(document)
    chance = random.Random(0)  # noqa: S311 - a sample
    for key, found in groups.items():
        groups[key] = chance.sample(found, sample) if sample and sample < len(found) else found
    return [document for key in sorted(groups) for document in groups[key]]


def _read_file(path: str) -> Iterator[Document]:
    """The documents of one file; a line that is none ends the program with its place."""
    try:
        with (lzma.open if path.endswith(".xz") else open)(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                place = f"{Path(path).name}:{number}"
                try:
                    data = json.loads(line)
                except ValueError as error:
                    raise SystemExit(f"{place}: not JSON ({error}); one object a line is expected") from error
                if not isinstance(data, dict):
                    raise SystemExit(f"{place}: not an object; one JSON object a line is expected")
                yield _document(data, place)
    except (OSError, lzma.LZMAError, UnicodeDecodeError) as error:
        raise SystemExit(f"{path}: cannot be read ({error})") from error


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
