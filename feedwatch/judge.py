"""Judging an article: its labels, the feeds whose question they answer, and why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from feedwatch.ledger import Verdict
from feedwatch.model import Entry, FeedSpec, Label, Source
from feedwatch.rules.classify import Classifier, Defaults
from feedwatch.rules.where import Where, reasons_of
from feedwatch.text import digest

_NO_DEFAULTS: Defaults = {"region": None, "topic": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A feed with its question understood."""

    spec: FeedSpec
    where: Where

    def keep(self, as_of: datetime) -> Callable[[Entry], bool]:
        """Whether an entry answers the question at an instant; age counts from first seen."""
        return lambda entry: self.where.matches(
            entry.article, entry.labels, (as_of - entry.first_seen_at).total_seconds()
        )


class Judge:
    """One set of rules, questions and source defaults; `hash` names what it would decide.

    `private` are sources, configured or not any more, whose entries are for private feeds only.
    """

    def __init__(
        self,
        classifier: Classifier,
        rules_hash: str,
        questions: Sequence[Question],
        sources: Mapping[str, Source],
        private: Collection[str] = (),
    ) -> None:
        self._classifier = classifier
        self._sources = sources
        self._private = frozenset(private)
        self.questions = tuple(questions)
        self.hash = digest(
            rules_hash,
            *(f"{q.spec.id} {q.where}{_private(q.spec.private)}" for q in sorted(questions, key=lambda q: q.spec.id)),
            *(f"{s.id} {s.region} {s.topic}" for s in sorted(sources.values(), key=lambda s: s.id)),
            *(f"{source_id}{_private(True)}" for source_id in sorted(self._private)),
        )

    def is_public(self, source_id: str) -> bool:
        """Whether a source's entries may be shown to everybody."""
        return source_id not in self._private

    def verdict(self, entry: Entry) -> Verdict:
        """The entry with its labels, and the feeds that it belongs to."""
        return self.verdicts([entry])[0]

    def verdicts(self, entries: Sequence[Entry]) -> list[Verdict]:
        """The same for many entries, in less time for each."""
        labels = self._classifier.classify_all([(entry.article, self._defaults(entry)) for entry in entries])
        return [self._verdict(entry, given) for entry, given in zip(entries, labels, strict=True)]

    def _defaults(self, entry: Entry) -> Defaults:
        source = self._sources.get(entry.article.source_id)
        return {"region": source.region, "topic": source.topic} if source else _NO_DEFAULTS

    def _verdict(self, entry: Entry, labels: tuple[Label, ...]) -> Verdict:
        article = entry.article
        is_public = self.is_public(article.source_id)
        feeds = {
            question.spec.id: reasons_of(labels, question.where)
            for question in self.questions
            if (question.spec.private or is_public) and question.where.may_match(article, labels)
        }
        return Verdict(entry=replace(entry, labels=labels), feeds=feeds)


def _private(private: bool) -> str:
    return " private" if private else ""
