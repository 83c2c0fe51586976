"""The story: what happens to a source's documents, and how feeds come of them. No I/O of its own.

::

    ingest   fetch -> parse -> known -> extract -> classify -> save      (one poll of one source)
    fulltext fetch -> extract -> classify -> save                        (the page behind one thin article)
    rejudge  unjudged -> classify -> save                                (after a change of rules)
    publish  members -> compose -> render -> write                       (feeds that are out of date)
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from feedwatch import compose
from feedwatch.clock import Clock
from feedwatch.errors import FetchError, LeaseLost
from feedwatch.fulltext import FullTexts
from feedwatch.further import as_learned, documents
from feedwatch.health import learn, learn_failure
from feedwatch.ingest import BatchMaker, Made
from feedwatch.judge import Judge
from feedwatch.ledger import Claim, Habits, Job, Outcome, Reading, Recall
from feedwatch.model import Document, Failed, Fetched, Source, Validators
from feedwatch.parse.archives import archive_before
from feedwatch.polling import asked_as, conclude
from feedwatch.ports import Fetcher, Publisher, Store
from feedwatch.publishing import Published, Publishing
from feedwatch.urls import redact
from feedwatch.views import FeedView, Limits
from feedwatch.vitals import Vitals

log = logging.getLogger(__name__)

#: A transaction holds at most so many documents, or so many bytes of them (whichever comes first):
#: enough to make one flush to disk cheap a document, few enough to stay small in memory.
BATCH_DOCUMENTS = 128
BATCH_BYTES = 8 * 1024 * 1024
#: Entries re-judged in one transaction.
REJUDGE_ENTRIES = 256
#: Archives of a new feed that are read at most.
MAX_ARCHIVES = 20


class Pipeline:
    """Ties stages and edges together for one configuration; safe to use from several threads."""

    def __init__(
        self,
        *,
        sources: Mapping[str, Source],
        judge: Judge,
        batches: BatchMaker,
        fetcher: Fetcher,
        store: Store,
        publisher: Publisher,
        clock: Clock,
        base_url: str,
        hub: str = "",
        limits: Limits | None = None,
        full_texts: FullTexts | None = None,
    ) -> None:
        self._sources = sources
        self._judge = judge
        self._batches = batches
        self._fetcher = fetcher
        self._store = store
        self._clock = clock
        self._publishing = Publishing(
            questions=judge.questions,
            store=store,
            publisher=publisher,
            clock=clock,
            base_url=base_url,
            hub=hub,
            limits=limits,
        )
        self._full_texts = full_texts
        #: By source, until its poll begins; nobody else writes what is remembered of a leased source.
        self._recalled: dict[str, Recall] = {}

    def expect(self, claims: Iterable[Claim]) -> None:
        """Recall at once what the polls of these claims, which follow, begin with.

        Not for folders, of which thousands of documents may be remembered.
        """
        sources = [self._sources.get(claim.source_id) for claim in claims]
        ids = [source.id for source in sources if source is not None and source.kind != "folder"]
        for source_id in ids:
            self._recalled.pop(source_id, None)
        self._recalled.update(self._store.recall(ids))

    def work(self, job: Job) -> Outcome:
        """Do a job of any kind; never raises for what the outside world did."""
        if job.kind == "fulltext" and self._full_texts is not None:
            return self._full_texts.fetch(job)
        return self.ingest(job)

    # --- ingest

    def ingest(self, job: Job) -> Outcome:
        """Poll a source once and store what is new; never raises for what the source did."""
        source = self._sources[job.source_id]
        claim = Claim(
            source_id=job.source_id,
            token=job.token,
            until=datetime.fromisoformat(job.until),
            failures=job.failures,
        )
        tally = _Tally()
        try:
            self._poll(source, claim, tally)
        except LeaseLost:
            log.warning("source %s: the lease ran out; another worker has it", source.id)
            return tally.outcome(source, error="the lease ran out; the next poll takes it up")
        return tally.outcome(source)

    def _poll(self, source: Source, claim: Claim, tally: _Tally) -> None:
        """Fetch and save batch by batch; the last transaction also writes the source's state."""
        recall = self._recalled.pop(source.id, None) or self._store.recall([source.id])[source.id]
        source = as_learned(source, recall)
        pending: list[Fetched] = []
        error: FetchError | None = None
        try:
            for fetched in self._documents(source, recall):
                if _is_full(pending):
                    made = self._make(source, claim, pending)
                    self._store.save(made.batch)
                    tally.count(pending, made)
                    pending = []
                pending.append(fetched)
        except FetchError as failure:
            error = failure
            tally.error = failure.message
        made = self._make(source, claim, pending)
        if error is None and (error := _without_list(source, made.reading)):
            tally.error = error.message
        end = conclude(
            source,
            recall.habits,
            made.batch.now,
            failures=claim.failures,
            reading=made.reading,
            error=error,
            push=recall.push,
        )
        vitals = _learned(source, recall, made, error)
        state = end.state if vitals == recall.vitals else replace(end.state, vitals=vitals)
        self._store.save(replace(made.batch, events=(*made.batch.events, *end.events), state=state))
        tally.count(pending, made)

    def _documents(self, source: Source, recall: Recall) -> Iterator[Fetched]:
        """What crashed an earlier version of the program, then what the source has now."""
        if recall.has_rejects:
            for reject in self._store.rejects(source.id):
                yield reject.document
        is_new = not recall.validators and recall.habits == Habits()
        # Asked with another login or other headers, the server may mean another document.
        known = recall.validators if recall.habits.asked_as == asked_as(source) else {}
        for fetched in documents(self._fetcher, source, known):
            if is_new and source.kind == "feed" and source.archives and isinstance(fetched, Document):
                yield from self._archives(source, fetched)
            # The present document comes last: what it teaches is what is remembered of the source.
            yield fetched

    def _archives(self, source: Source, document: Document) -> Iterator[Fetched]:
        """The archives of a feed, the newest first; one that cannot be had ends them."""
        seen = {document.locator, document.url}
        for page in range(1, MAX_ARCHIVES + 1):
            address = archive_before(document)
            if address is None or address in seen:
                return
            seen.add(address)
            try:
                fetched = next(iter(self._fetcher.fetch(replace(source, moved_to=address), {})), None)
            except FetchError as error:
                yield Failed(locator=address, message=f"an archive of the feed: {error.message}", reason=error.reason)
                return
            if not isinstance(fetched, Document):
                return
            document = replace(fetched, locator=address, validators=Validators(), archive=page)
            yield document

    def _make(self, source: Source, claim: Claim, fetched: Sequence[Fetched]) -> Made:
        return self._batches.make(source, claim, fetched, self._store, self._clock.now())

    # --- rejudge

    def count_unjudged(self) -> int:
        """How many stored entries other rules judged."""
        return self._store.count_unjudged(self._judge.hash)

    def rejudge(self, advance: Callable[[int], None] = lambda _count: None) -> int:
        """Judge again what other rules judged, newest first; returns how many entries that were.

        `advance` is called with the number of entries done since the last call.
        """
        done = 0
        while count := self.rejudge_some():
            done += count
            advance(count)
        return done

    def rejudge_some(self) -> int:
        """One step of `rejudge`: the newest few entries; returns how many, 0 when all are judged."""
        entries = self._store.unjudged(self._judge.hash, REJUDGE_ENTRIES)
        if entries:
            self._store.rejudge(self._judge.verdicts(entries), self._judge.hash)
        return len(entries)

    # --- publish

    def publish(
        self,
        feed_ids: Iterable[str] | None = None,
        *,
        advance: Callable[[Published], None] = lambda _published: None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> list[Published]:
        """Write the feeds that are out of date; `feed_ids` restricts the choice.

        A feed that cannot be written is reported and the others go on. While other rules judged something
        that a feed may show, its files stay as they are: no reader sees a mix of two sets of rules. Nothing
        more is begun once `stopped` says so.
        """
        chosen = None if feed_ids is None else set(feed_ids)
        all_ids = [question.spec.id for question in self._judge.questions]
        wanted = [feed_id for feed_id in all_ids if chosen is None or feed_id in chosen]
        held = self._held()
        states = self._store.feed_states() if held else {}
        results = [
            Published(feed_id=feed_id, entries=states[feed_id].published_entries, written=False)
            for feed_id in wanted
            if feed_id in held
        ]
        for each in results:
            advance(each)
        return results + self._publishing.publish(
            [feed_id for feed_id in wanted if feed_id not in held], advance=advance, stopped=stopped
        )

    def _held(self) -> set[str]:
        """Feeds that read entries which other rules judged."""
        unjudged = self._store.newest_unjudged(self._judge.hash)
        if unjudged is None:
            return set()
        last = {
            question.spec.id: self._store.seen_at_place(question.spec.id, compose.window(question.spec) - 1)
            for question in self._judge.questions
        }
        return {feed_id for feed_id, seen_at in last.items() if seen_at is None or seen_at <= unjudged}

    def view(self, feed_id: str) -> FeedView:
        """What a feed of the configuration shows now."""
        return self._publishing.view(feed_id)


def _learned(source: Source, recall: Recall, made: Made, error: FetchError | None) -> Vitals:
    """What is known of the source's health; the files of a folder are no series that could have a rhythm."""
    if error:
        return learn_failure(recall.vitals, error.reason)
    return learn(recall.vitals, Reading() if source.kind == "folder" else made.reading, made.batch.now)


class _Tally:
    """Counts what one poll did."""

    def __init__(self) -> None:
        self.documents = self.new = self.changed = 0
        self.error = ""
        self.problems: list[str] = []

    def count(self, fetched: Sequence[Fetched], made: Made) -> None:
        """Add what was saved."""
        self.documents += sum(isinstance(each, Document) for each in fetched)
        new = len(made.reading.fresh)
        self.new += new
        self.changed += len(made.batch.verdicts) - new
        self.problems += made.problems

    def outcome(self, source: Source, error: str = "") -> Outcome:
        failed = error or self.error
        return Outcome(
            source_id=source.id,
            result="failed" if failed else "read" if self.documents else "unchanged",
            documents=self.documents,
            new=self.new,
            changed=self.changed,
            error=failed,
            problems=tuple(self.problems),
        )


def _without_list(source: Source, reading: Reading) -> FetchError | None:
    """The failure of a poll that brought a document in which the list is not to be found."""
    if source.kind not in ("page", "sitemap") or reading.body != "unreadable":
        return None
    return FetchError(redact(source.locator), reading.error or "cannot be read", reason="unreadable")


def _is_full(pending: Sequence[Fetched]) -> bool:
    size = sum(len(each.body) for each in pending if isinstance(each, Document))
    return len(pending) >= BATCH_DOCUMENTS or size >= BATCH_BYTES
