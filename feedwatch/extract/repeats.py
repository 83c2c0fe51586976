"""The memory of lines: what stands in many documents of one source is furniture, whatever it says.

Each short line of a scraped text, and of what was taken for the article of an HTML page, is counted once for each
document, under a fingerprint. The memory is bounded: of too many lines those seen least are forgotten, and all counts
are halved from time to time, so that what a site no longer shows fades. Pure: the store keeps the counts, and the same
documents in the same order give the same counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import nsmallest

from feedwatch.extract.units import LINE_END, MAX_CHARS, Unit, make_unit
from feedwatch.ledger import LineCount
from feedwatch.model import Article
from feedwatch.text import fingerprint, one_line

#: Lines remembered of a source, and counted of a document.
MAX_LINES = 4_000
MAX_LINES_OF_DOCUMENT = 1_000
MAX_LINE_CHARS = 200
#: After so many documents all counts are halved.
HALVED_AFTER = 1_000
#: A line is furniture when so many documents have it, and this share of all.
MIN_DOCUMENTS = 4
_SHARE = 0.05
#: A sentence is furniture, and a line no title, when this share of all documents has it.
_SHARE_OF_SENTENCES = 0.5
#: A longer sentence is text wherever it stands.
_MAX_WORDS = 25
#: Where more of the words in sentences would go, the documents are versions of one text.
_MAX_LOSS = 0.3
#: The fingerprint under which the documents themselves are counted.
DOCUMENTS = 0


@dataclass(frozen=True, slots=True)
class Repeats:
    """How many documents of a source each line was seen in; empty when nothing is known."""

    counts: Mapping[int, LineCount] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether there are documents enough for any line to count."""
        return self._documents >= MIN_DOCUMENTS

    @property
    def _documents(self) -> int:
        return self.counts[DOCUMENTS].documents if DOCUMENTS in self.counts else 0

    def often(self, units: Sequence[Unit]) -> set[int]:
        """Places of the units, sentences aside, that many documents have."""
        return {place for place in self._places(units, _SHARE) if not units[place].is_sentence}

    def everywhere(self, units: Sequence[Unit]) -> set[int]:
        """Places of the units, sentences among them, that most documents have."""
        found = {place for place in self._places(units, _SHARE_OF_SENTENCES) if units[place].words <= _MAX_WORDS}
        total = sum(unit.words for unit in units if unit.is_sentence and unit.kind is None)
        lost = sum(units[place].words for place in found if units[place].is_sentence and units[place].kind is None)
        if lost > _MAX_LOSS * total:
            return {place for place in found if not units[place].is_sentence}
        return found

    def blocks(self, texts: Sequence[str]) -> set[int]:
        """Places of an article's blocks (texts of one line or more) whose every line most documents have.

        None where nothing else would be left.
        """
        lines = [(place, line) for place, text in enumerate(texts) for line in text.split("\n")]
        # Few articles have such a line at all, and only these are worth a look at their shape.
        if not self or not any(self._has(line, self._least(_SHARE_OF_SENTENCES)) for _, line in lines):
            return set()
        often = self.everywhere([make_unit(line) for _, line in lines])
        own = {place for at, (place, _) in enumerate(lines) if at not in often}
        return set(range(len(texts))) - own if own else set()

    def _places(self, units: Sequence[Unit], share: float) -> set[int]:
        if not self:
            return set()
        least = self._least(share)
        return {place for place, unit in enumerate(units) if self._has(unit.text, least)}

    def _least(self, share: float) -> float:
        """In how many documents a line must stand."""
        return max(MIN_DOCUMENTS, share * self._documents)

    def _has(self, line: str, least: float) -> bool:
        count = self.counts.get(_mark(line)) if len(line) <= MAX_LINE_CHARS else None
        return count is not None and count.documents >= least

    def with_article(self, article: Article, now: datetime) -> tuple[Repeats, dict[int, LineCount | None]]:
        """As `with_documents`, with the article of an HTML page: only what was taken for it counts, cut or not."""
        return self.with_documents([f"{article.body}\n{article.tail}"], now)

    def with_documents(self, texts: Iterable[str], now: datetime) -> tuple[Repeats, dict[int, LineCount | None]]:
        """The memory with new documents in it, and what became of each line that changed (None: forgotten)."""
        seen: Counter[int] = Counter()
        for text in texts:
            seen.update(_marks(text))
        counts = dict(self.counts)
        for mark, documents in seen.items():
            before = counts[mark].documents if mark in counts else 0
            counts[mark] = LineCount(documents=before + documents, seen_at=now)
        changes: dict[int, LineCount | None] = {mark: counts[mark] for mark in seen}
        while DOCUMENTS in counts and counts[DOCUMENTS].documents >= HALVED_AFTER:
            halved = {mark: LineCount(count.documents // 2, count.seen_at) for mark, count in counts.items()}
            counts = {mark: count for mark, count in halved.items() if count.documents}
            changes = dict(counts)
        if len(counts) > MAX_LINES:
            for mark, _ in nsmallest(len(counts) - MAX_LINES, counts.items(), key=_worth):
                del counts[mark]
        # What was new and is forgotten at once was never there.
        changes = {mark: count for mark, count in changes.items() if mark in counts}
        changes |= dict.fromkeys(self.counts.keys() - counts.keys())
        return Repeats(counts), changes


#: Nothing is known of the source.
NO_REPEATS = Repeats()


def _worth(line: tuple[int, LineCount]) -> tuple[bool, int, datetime, int]:
    """The documents' own count stays; then what was seen most, and last."""
    mark, count = line
    return mark == DOCUMENTS, count.documents, count.seen_at, mark


def _marks(text: str) -> set[int]:
    """The fingerprints of a document's first different short lines, and that of the document itself."""
    marks = {DOCUMENTS}
    for line in LINE_END.split(text[:MAX_CHARS]):
        # One line of a page is three at most, and more than that is no line of furniture.
        if len(line) <= 3 * MAX_LINE_CHARS and (bare := one_line(line)) and len(bare) <= MAX_LINE_CHARS:
            marks.add(_mark(bare))
            if len(marks) > MAX_LINES_OF_DOCUMENT:
                break
    return marks


def _mark(line: str) -> int:
    """The line's number; never that of the documents."""
    return fingerprint(line.casefold())
