"""From fetched documents to what one transaction writes; every costly step only for new or changed items."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock

from feedwatch import stories
from feedwatch.dates import sane
from feedwatch.drafting import Draft, Unjudged
from feedwatch.errors import ExtractError, ParseError
from feedwatch.extract.article import Extractor
from feedwatch.extract.obstacle import page_obstacle
from feedwatch.extract.parting import parted
from feedwatch.extract.repeats import Repeats
from feedwatch.extract.teasers import teaser_items
from feedwatch.extract.thin import wants_page, with_page_text
from feedwatch.judge import Judge
from feedwatch.ledger import (
    Batch,
    Claim,
    DocumentState,
    Event,
    Hints,
    Identity,
    Known,
    Reading,
    Reject,
    Verdict,
)
from feedwatch.model import Document, Entry, Failed, Fetched, Gone, Item, NotModified, Source
from feedwatch.parse.dispatch import parse
from feedwatch.polling import median_gap_s
from feedwatch.ports import Store
from feedwatch.stories import Candidate
from feedwatch.text import printable
from feedwatch.urls import canonical
from feedwatch.vitals import Fresh

log = logging.getLogger(__name__)

#: It is noted once in so long that an item which was let go is still listed.
LISTED_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What was made of fetched documents."""

    batch: Batch
    #: One line each.
    problems: tuple[str, ...]
    reading: Reading


class BatchMaker:
    """Runs the stages over fetched documents."""

    def __init__(self, judge: Judge, extractor: Extractor) -> None:
        self._judge = judge
        self._extractor = extractor
        # Threads that all compute at once only fight for the interpreter: it triples the cost of each.
        self._turn = Lock()
        # What was said of files that cannot be read at all: they fail anew at each look at their folder.
        self._said: set[tuple[str, str, str]] = set()

    def make(self, source: Source, claim: Claim, fetched: Sequence[Fetched], store: Store, now: datetime) -> Made:
        """What to save for these documents, and what they taught; raises for none of them."""
        draft = Draft(source=source, now=now)
        for each in fetched:
            self._note(draft, each)
        with self._turn:
            self._extract_items(draft, store)
            self._judge_entries(draft)
        if draft.untold:
            message = f"{draft.untold} more troubles of the same documents are not told one by one"
            draft.events.append(Event(source_id=source.id, at=now, kind="document-failed", message=message))
        batch = Batch(
            claim=claim,
            now=now,
            judged_by=self._judge.hash,
            verdicts=tuple(draft.verdicts.values()),
            documents=tuple(draft.documents.values()),
            events=tuple(draft.events),
            listed=tuple(draft.listed),
            lines=draft.lines,
            rejects=tuple(draft.rejects),
            settled=tuple(
                document.locator
                for document, _ in draft.parsed
                if all(reject.document.locator != document.locator for reject in draft.rejects)
            ),
        )
        reading = replace(draft.reading, fresh=tuple(draft.fresh.values()), newest=draft.newest)
        return Made(batch=batch, problems=tuple(draft.problems), reading=reading)

    def _note(self, draft: Draft, fetched: Fetched) -> None:
        """Parse a document, or remember its quiet siblings."""
        if isinstance(fetched, Document):
            draft.learn(Reading(answer=fetched.answer, body="unreadable"), fetched.locator)
            self._parse(draft, fetched)
        elif isinstance(fetched, Failed):
            words = (draft.source.id, fetched.locator, fetched.message)
            if words not in self._said:
                self._said.add(words)
                draft.trouble("document-failed", fetched.locator, fetched.message)
        elif isinstance(fetched, Gone):
            draft.documents[fetched.locator] = DocumentState(locator=fetched.locator, validators=None)
        else:
            _note_unchanged(draft, fetched)

    def _parse(self, draft: Draft, document: Document) -> None:
        try:
            parsed = parse(document, draft.source)
            parsed = replace(parsed, items=parted(parsed.items))
        except ParseError as error:
            draft.failed(document, error.message)
            draft.trouble("document-failed", document.locator, error.message)
            draft.learn(Reading(answer=document.answer, body="unreadable", error=error.message), document.locator)
            return
        except Exception as error:  # noqa: BLE001 - a document must never stop the others; it is kept raw
            self._reject(draft, document, "parse", error)
            return
        parsed = draft.placed(parsed)
        draft.read(document)
        for problem in parsed.problems:
            draft.trouble("read-with-problems", document.locator, problem)
        listed = len(parsed.items) if parsed.listed is None else parsed.listed
        if not listed:
            draft.trouble("zero-items", document.locator, "has no entries")
        draft.parsed.append((document, stories.candidates(parsed.items)))
        reading = Reading(
            answer=document.answer,
            body="read",
            hints=_with_hub(parsed.hints, document),
            gap_s=median_gap_s(parsed.items) if draft.source.kind == "feed" else None,
            items=listed,
        )
        draft.learn(reading, document.locator)

    def _reject(self, draft: Draft, document: Document, stage: str, error: Exception) -> None:
        """Keep a document that crashed a stage, and say so: this is a bug of ours."""
        log.error("%s: %s crashed", printable(document.locator), stage, exc_info=error)
        message = f"internal error while trying to {stage}: {type(error).__name__}: {error}"
        draft.failed(document, message)
        draft.trouble("item-crashed", document.locator, message)
        if all(reject.document is not document for reject in draft.rejects):
            draft.rejects.append(
                Reject(document=document, stage="parse" if stage == "parse" else "extract", error=message)
            )

    def _extract_items(self, draft: Draft, store: Store) -> None:
        """Make entries of what is new or changed: two batched reads, however many items."""
        all_found = [candidate for _, found in draft.parsed for candidate in found]
        if not all_found:
            return
        source_id = draft.source.id
        known = store.known(source_id, [key for each in all_found for key in (each.plain, each.derived)])
        if draft.source.kind == "sitemap":
            newer = stories.without_archive
            draft.parsed = [(document, newer(found, known, draft.source.since)) for document, found in draft.parsed]
            all_found = [candidate for _, found in draft.parsed for candidate in found]
        _, last = draft.parsed[-1]
        stored = sum(each.plain in known or each.derived in known for each in last)
        draft.reading = replace(draft.reading, known=stored)
        wanted = {
            identity.id: canonical(candidate.item.link)
            for candidate, identity, memory in stories.identify(source_id, all_found, known)
            if memory is None
        }
        taken = store.taken_ids(source_id, wanted) if wanted else set()
        self._recall_pages(draft, store, all_found, known)
        _recall_lines(draft, store, known)
        for document, found in draft.parsed:
            for candidate, identity, memory in stories.identify(source_id, found, known):
                if memory is not None and memory.gone_listed_at is not None:
                    # Let go long ago: whatever the source makes of it, it is nothing new.
                    if draft.now - memory.gone_listed_at > LISTED_EVERY:
                        draft.listed.append(memory.guid)
                    continue
                if memory is not None and memory.item_hash == identity.item_hash:
                    continue
                unique = identity if memory else stories.without_clashes(source_id, identity, taken)
                self._extract_item(draft, document, candidate.item, unique, memory, known)
        if draft.source.teasers:
            self._extract_teasers(draft, store, known)

    def _extract_teasers(self, draft: Draft, store: Store, known: dict[str, Known]) -> None:
        """Make headline-only entries of what stands beside the texts; one read more, for new texts only."""
        by_locator = {document.locator: document for document, _ in draft.parsed}
        items = [
            (by_locator[locator], item) for locator, article in draft.texts for item in teaser_items(article, locator)
        ]
        found = stories.candidates([item for _, item in items])
        owner = {id(item): document for document, item in items}
        known |= store.known(draft.source.id, [key for each in found for key in (each.plain, each.derived)])
        for candidate, identity, memory in stories.identify(draft.source.id, found, known):
            # A headline never takes the place of an article that is known by its address.
            if memory is None:
                self._extract_item(draft, owner[id(candidate.item)], candidate.item, identity, None, known)

    def _recall_pages(self, draft: Draft, store: Store, found: Sequence[Candidate], known: dict[str, Known]) -> None:
        """Of items that changed, the articles that have their text from their page: one read, and none mostly."""
        if draft.source.full_text == "never":
            return
        changed = [
            identity.guid
            for _, identity, memory in stories.identify(draft.source.id, found, known)
            if memory is not None and memory.item_hash != identity.item_hash
        ]
        if changed:
            draft.pages = store.page_texts(draft.source.id, changed)

    def _extract_item(
        self,
        draft: Draft,
        document: Document,
        item: Item,
        identity: Identity,
        memory: Known | None,
        known: dict[str, Known],
    ) -> None:
        """Make an entry of one item and remember it in `known` for the documents that follow."""
        try:
            unjudged, dated_at = self._entry(draft, document, item, identity, memory)
        except ExtractError as error:
            draft.failed(document, error.message)
            draft.trouble("item-failed", document.locator, error.message)
            return
        except Exception as error:  # noqa: BLE001 - an item must never stop the others; its document is kept raw
            self._reject(draft, document, "extract", error)
            return
        draft.unjudged[identity.guid] = unjudged
        entry, article = unjudged.entry, unjudged.entry.article
        if article.teasers:
            draft.texts.append((document.locator, article))
        if memory is None:
            draft.fresh[identity.guid] = Fresh(length=len(article.body), language=article.language, dated_at=dated_at)
            if item.shape == "page":
                draft.remember_lines(draft.repeats.with_article(article, draft.now))
        known[identity.guid] = Known(
            guid=identity.guid,
            id=identity.id,
            item_hash=identity.item_hash,
            first_seen_at=entry.first_seen_at,
            updated_at=entry.updated_at,
            changes=entry.changes,
        )

    def _entry(
        self, draft: Draft, document: Document, item: Item, identity: Identity, memory: Known | None
    ) -> tuple[Unjudged, datetime | None]:
        """The item extracted and dated; and the date that it bears, sane or not."""
        # Older pages were seen a little earlier, so that they do not stand among the present entries.
        now = draft.now - timedelta(minutes=document.archive)
        article = self._extractor.extract(item, draft.source, identity, draft.repeats)
        if item.shape == "page" and (found := page_obstacle(item.content, article)) is not None:
            raise ExtractError(document.locator, f"the page {found.message}")
        dated_at = article.source_updated_at or article.published_at
        told = sane(article.published_at, now), sane(article.source_updated_at, now)
        if told != (article.published_at, article.source_updated_at):
            article = replace(article, published_at=told[0], source_updated_at=told[1])
        later = ("fulltext",) if wants_page(draft.source, item, article) else ()
        if later and (page := draft.pages.get(identity.guid)):
            # The text of its page stays until the page is seen to have changed.
            article = with_page_text(article, page)
        dated = stories.dates(item, memory, identity.item_hash, now)
        entry = Entry(
            article=article,
            labels=(),
            first_seen_at=dated.first_seen_at,
            updated_at=dated.updated_at,
            changes=dated.changes,
        )
        return Unjudged(entry=entry, document=document, later=later), dated_at

    def _judge_entries(self, draft: Draft) -> None:
        """Judge all entries together; if that crashes, one by one, so that one entry costs no other its place."""
        waiting = draft.unjudged
        entries = [each.entry for each in waiting.values()]
        try:
            verdicts = dict(zip(waiting, self._judge.verdicts(entries), strict=True))
        except Exception:  # noqa: BLE001 - which entry it was is seen below
            verdicts = {guid: verdict for guid in waiting if (verdict := self._judge_one(draft, guid)) is not None}
        for guid, verdict in verdicts.items():
            later = waiting[guid].later
            draft.verdicts[guid] = replace(verdict, later=later) if later else verdict

    def _judge_one(self, draft: Draft, guid: str) -> Verdict | None:
        """The verdict on one entry; its document is kept raw where the rules crash over it."""
        waiting = draft.unjudged[guid]
        try:
            return self._judge.verdict(waiting.entry)
        except Exception as error:  # noqa: BLE001 - an entry must never stop the others
            self._reject(draft, waiting.document, "extract", error)
            draft.fresh.pop(guid, None)
            return None


def _with_hub(hints: Hints, document: Document) -> Hints:
    """The hints with the hub and topic that count: those of the Link headers before the feed's own (WebSub 4)."""
    hub = document.answer.hub or hints.hub
    topic = document.answer.topic or hints.topic or document.url
    return replace(hints, hub=hub, topic=topic if hub else None)


def _recall_lines(draft: Draft, store: Store, known: Mapping[str, Known]) -> None:
    """Of scraped texts and pages that are new or changed, the lines of all before: one read, none for other sources.

    New texts are counted before the first of them is read, so that a folder read at once knows its furniture; changed
    ones are counted already. New pages are counted one by one, by what was taken for their article.
    """
    shapes = ("scrape", "page")
    found = [candidate for _, each in draft.parsed for candidate in each if candidate.item.shape in shapes]
    if not found:
        return
    states = stories.identify(draft.source.id, found, known)
    changed = [each for each, identity, memory in states if memory is None or memory.item_hash != identity.item_hash]
    if changed:
        texts = [each.item.content for each, _, memory in states if memory is None and each.item.shape == "scrape"]
        draft.remember_lines(Repeats(store.lines(draft.source.id)).with_documents(texts, draft.now))


def _note_unchanged(draft: Draft, fetched: NotModified) -> None:
    draft.learn(Reading(answer=fetched.answer, body="same" if fetched.in_full else "unchanged"), fetched.locator)
    if fetched.validators is not None:
        draft.documents[fetched.locator] = DocumentState(locator=fetched.locator, validators=fetched.validators)
