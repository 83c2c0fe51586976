"""A batch in the making: what the stages learn from fetched documents, until one transaction writes it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from feedwatch.dates import sane
from feedwatch.extract.repeats import NO_REPEATS, Repeats
from feedwatch.ledger import DocumentState, Event, LineCount, Parsed, Reading, Reject, Verdict
from feedwatch.model import Article, Document, Entry, Source
from feedwatch.stories import Candidate
from feedwatch.text import printable
from feedwatch.vitals import Fresh

#: Troubles told one by one for each transaction; an archive may have any number.
MAX_EVENTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Unjudged:
    """An entry whose labels are not known yet."""

    entry: Entry
    document: Document
    #: Kinds of the later jobs for it.
    later: tuple[str, ...]


@dataclass(slots=True)
class Draft:
    """A batch in the making."""

    source: Source
    now: datetime
    parsed: list[tuple[Document, list[Candidate]]] = field(default_factory=list)
    #: By guid, in the order of the documents: of two versions in one batch the later one counts.
    unjudged: dict[str, Unjudged] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    #: By locator.
    documents: dict[str, DocumentState] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    #: Guids of items that were let go and are still listed.
    listed: list[str] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    #: Articles whose text is from their page, by guid.
    pages: dict[str, Article] = field(default_factory=dict)
    #: Of the last document; of the documents of a list, of the first.
    reading: Reading = field(default_factory=Reading)
    #: Troubles beyond MAX_EVENTS.
    untold: int = 0
    #: Locator of the first document.
    main: str = ""
    #: Of a sitemap: the newest change seen.
    newest: datetime | None = None
    #: Articles beside whose text headlines stand, with the locator of their document.
    texts: list[tuple[str, Article]] = field(default_factory=list)
    #: What is known of the lines of the source's texts, and what of that is new.
    repeats: Repeats = NO_REPEATS
    lines: dict[int, LineCount | None] = field(default_factory=dict)
    #: One for each new entry, by guid.
    fresh: dict[str, Fresh] = field(default_factory=dict)

    def remember_lines(self, news: tuple[Repeats, dict[int, LineCount | None]]) -> None:
        """Keep the lines of more documents."""
        self.repeats, changes = news
        self.lines |= changes

    def trouble(self, kind: str, locator: str, message: str) -> None:
        """Note something that a person should know about a document."""
        if len(self.events) >= MAX_EVENTS:
            self.untold += 1
            return
        shown = printable(message, 1000)
        self.events.append(Event(source_id=self.source.id, at=self.now, kind=kind, message=shown, locator=locator))
        # A feed's only document is the source itself: its name would be said twice.
        name = f"{printable(locator, 200)}: " if self.source.kind == "folder" else ""
        self.problems.append(f"{name}{shown.removeprefix(f'{locator}: ')}")

    def failed(self, document: Document, error: str) -> None:
        """Remember that a document could not be read, so that it is not tried again until it changes.

        A list that cannot be read is forgotten: it fails again at each poll, until it can.
        """
        if document.container is not None:
            # One bad record says nothing of its archive.
            self.read(document)
            return
        validators = None if self.source.kind in ("page", "sitemap") else document.validators
        self.documents[document.locator] = DocumentState(locator=document.locator, validators=validators, error=error)

    def read(self, document: Document) -> None:
        """Remember that a document was read; of an archive, how far."""
        locator = document.container or document.locator
        self.documents[locator] = DocumentState(locator=locator, validators=document.validators)

    def learn(self, reading: Reading, locator: str) -> None:
        """Keep what a document taught of its source: of several documents of a list, the first is the source's own."""
        self.main = self.main or locator
        if locator == self.main or self.source.kind not in ("page", "sitemap"):
            self.reading = reading

    def placed(self, parsed: Parsed) -> Parsed:
        """The items of a further page of a list placed behind those before; the newest change of a sitemap noted."""
        if self.source.kind == "sitemap":
            dates = [sane(item.updated_at or item.published_at, self.now) for item in parsed.items]
            self.newest = max((date for date in (self.newest, *dates) if date is not None), default=None)
        if self.source.kind != "page" or not self.parsed:
            return parsed
        behind = sum(len(found) for _, found in self.parsed)
        items = tuple(replace(item, position=item.position + behind) for item in parsed.items)
        return replace(parsed, items=items)
