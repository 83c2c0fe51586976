"""The wiring: from a configuration to a pipeline on real edges; the only importer of concrete edges."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from feedwatch import __version__
from feedwatch.alerting import Alerter, dispatch
from feedwatch.alerting import notices as alert_notices
from feedwatch.alerts import Channels
from feedwatch.asking import answer
from feedwatch.bulletins import ALERTS, HEALTH, Notice, view_of
from feedwatch.digest import Digest, collect
from feedwatch.engine.local import Line, LocalEngine
from feedwatch.engine.refused import UntilRefused
from feedwatch.errands import Later
from feedwatch.extract.article import Extractor
from feedwatch.fetch.folder import FolderFetcher
from feedwatch.fetch.http import HttpFetcher
from feedwatch.fetch.sources import SourceFetcher
from feedwatch.fulltext import KIND, FullTexts
from feedwatch.ingest import BatchMaker
from feedwatch.ledger import Claim, Event, Job, Outcome, Snapshot
from feedwatch.model import Entry, FeedSpec
from feedwatch.pipeline import Pipeline
from feedwatch.polling import spread_overdue
from feedwatch.ports import Store
from feedwatch.publish.publisher import FilePublisher
from feedwatch.publishing import Published
from feedwatch.rounds import Finding, go_round, look, notices, snapshot
from feedwatch.rules.diffing import Difference
from feedwatch.rulework import Advance, difference
from feedwatch.setup import Setup
from feedwatch.store.opening import lock_store, open_store
from feedwatch.urls import server_of
from feedwatch.vitals import Alert
from feedwatch.websub import CALLBACKS, HubWork

log = logging.getLogger(__name__)

#: How long one poll of a source may take before another worker may take it up.
LEASE_S = 15 * 60
#: Clocks of two machines that share a store may differ by so much.
CLOCK_SLACK_S = 3600
#: What happened to sources is remembered for so long.
KEEP_EVENTS = timedelta(days=400)


class App:
    """A program on an open store: everything that the doors offer goes through here."""

    def __init__(self, setup: Setup, store: Store, *, read_only: bool = False, http: HttpFetcher | None = None) -> None:
        self.setup = setup
        self.store = store
        config = setup.config
        self._http = http or HttpFetcher(
            user_agent=user_agent(config.contact), clock=setup.clock, timeout_s=config.timeout_s
        )
        self.fetcher = fetcher = SourceFetcher(self._http, FolderFetcher(setup.clock))
        self.extractor = extractor = Extractor()
        self.sources = setup.sources
        # What the program's own feeds say, by their ids.
        self._told: dict[str, Sequence[Notice]] = {}
        if not read_only:
            store.begin(config.sources, config.feeds, base_url=config.base_url, now=setup.clock.now())
            store.tick(setup.clock.now())
        self.judge = judge = setup.judge(store.private_sources())
        limits = setup.limits(store.content_limits())
        private = {spec.id for spec in config.feeds if spec.private}
        self.publisher = FilePublisher(config.output_dir, formats=config.formats, private=private, limits=limits)
        if not read_only:
            self.publisher.close_private()
        full_texts = FullTexts(
            sources=self.sources, fetcher=fetcher, extractor=extractor, judge=judge, store=store, clock=setup.clock
        )
        self.pipeline = Pipeline(
            sources=self.sources,
            judge=judge,
            batches=BatchMaker(judge, extractor),
            fetcher=fetcher,
            store=store,
            publisher=self.publisher,
            clock=setup.clock,
            base_url=config.base_url,
            hub=config.server.hub or "",
            limits=limits,
            full_texts=full_texts,
        )
        self.hubs = self._hub_work()

    def _hub_work(self) -> HubWork:
        config = self.setup.config
        return HubWork(
            self.store,
            self._http.post,
            self.setup.clock,
            self.sources,
            base_url=config.base_url,
            hub=config.server.hub,
            callbacks=f"{config.base_url}{CALLBACKS}" if config.server.subscribes else None,
        )

    def renewed(self, setup: Setup) -> App:
        """The program by another configuration on the same store; this one may end what it began.

        Raises:
            StoreError: the store could not take note of the configuration; nothing of it is in force.
        """
        old, new = self.setup.config, setup.config
        same = (old.contact, old.timeout_s) == (new.contact, new.timeout_s)
        app = App(setup, self.store, http=self._http if same else None)
        if not same:
            # Fetches under way end by themselves.
            self._http.close()
        return app

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()
        self.store.close()

    # --- polling

    def requests_today(self) -> dict[str, int]:
        """How many requests this process sent each server ("host:port") since midnight (UTC)."""
        return self._http.requests_today()

    def claim(self, limit: int, source_ids: Sequence[str] | None = None, *, force: bool = False) -> list[Claim]:
        """Lease sources that are due."""
        claims = self.store.claim_due(
            now=self.setup.clock.now(), limit=limit, lease_s=LEASE_S, source_ids=source_ids, force=force
        )
        self.pipeline.expect(claims)
        return claims

    def claim_once(self, *, force: bool) -> list[Claim]:
        """Lease what a single run reads: folders always, other sources when due or forced."""
        sources = self.setup.config.sources
        folders = [source.id for source in sources if source.kind == "folder"]
        others = [source.id for source in sources if source.kind != "folder"]
        claims = self.claim(len(sources), folders, force=True) if folders else []
        return claims + (self.claim(len(sources), others, force=force) if others else [])

    def spread_overdue(self) -> int:
        """After a restart: let what is overdue be read bit by bit; returns how many sources that concerns."""
        sources, now = self.setup.sources, self.setup.clock.now()
        late = [sources[source_id] for source_id in self.store.overdue(now) if source_id in sources]
        due = spread_overdue([source for source in late if source.kind != "folder"], now)
        self.store.reschedule(due)
        return len(due)

    def revive(self, source_id: str) -> bool:
        """Read a source again whose server said that it is gone; False when it is not retired."""
        return self.store.revive(source_id, self.setup.clock.now())

    def line_of(self, job: Job) -> Line:
        """Where a job stands in line; nowhere when its source left the configuration."""
        source = self.sources.get(job.source_id)
        return Line(server=job.server or server_of(source.locator), pause_s=source.spacing_s) if source else Line()

    def engine(
        self,
        on_outcome: Callable[[Outcome], None],
        *,
        ingest: Callable[[Job], Outcome] | None = None,
        line_of: Callable[[Job], Line] | None = None,
    ) -> LocalEngine:
        """An engine that polls sources, by this configuration unless told otherwise."""
        return LocalEngine(
            ingest or self.pipeline.work,
            on_outcome,
            workers=self.setup.config.workers,
            line_of=line_of or self.line_of,
        )

    def poll(self, claims: Iterable[Claim], on_outcome: Callable[[Outcome], None]) -> None:
        """Poll the claimed sources in parallel and wait for all of them."""
        self.do((claim.job() for claim in claims), on_outcome)

    def claim_later(self, limit: int, *, per_source: int, busy: Collection[str] = ()) -> list[Later]:
        """Lease pages that are due to be fetched for their text; none of the sources in `busy`."""
        now = self.setup.clock.now()
        return self.store.claim_later(KIND, now=now, limit=limit, lease_s=LEASE_S, per_source=per_source, busy=busy)

    def do(self, jobs: Iterable[Job], on_outcome: Callable[[Outcome], None]) -> None:
        """Do jobs in parallel and wait for all of them.

        Raises:
            StoreError: the store refused what a job wanted to save; no more were begun then.
        """
        work = UntilRefused(self.pipeline.work)
        engine = self.engine(on_outcome, ingest=work)
        try:
            for job in jobs:
                engine.submit(job)
            engine.drain()
        finally:
            engine.stop(timeout_s=0)
        work.check()

    def publish(
        self,
        feed_ids: Iterable[str] | None = None,
        advance: Callable[[Published], None] = lambda _published: None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> list[Published]:
        """Write the feeds that are out of date."""
        return self.pipeline.publish(feed_ids, advance=advance, stopped=stopped)

    # --- watching over sources

    def health(self) -> list[Finding]:
        """How every source is doing."""
        return look(self.setup.sources, self.store, self.setup.clock.now())

    def snapshot(self) -> Snapshot:
        """The store in figures, for monitors."""
        return snapshot(self.setup.sources, self.store, self.setup.clock.now())

    def go_round(self) -> list[Event]:
        """Look after every source, and tell in the health feed what changed."""
        events = go_round(self.setup.sources, self.store, self.setup.clock.now())
        self._publish_bulletin(HEALTH, notices(self.setup.sources, self.store))
        return events

    def look_for_alerts(self) -> list[Alert]:
        """Look for what is unusual in the feeds, and tell it in the feed of alerts."""
        new = Alerter(self.store, self.setup.interests()).look(self.setup.clock.now())
        self._publish_bulletin(ALERTS, alert_notices(self.store))
        return new

    def send_alerts(self) -> list[str]:
        """Tell the channels what they were not told yet, unless it is a quiet hour; returns what went wrong."""
        return dispatch(self.store, self.setup.config.alerts, self.setup.clock.now(), lambda: self.channels)

    def digest(self, length: timedelta, feed_ids: Sequence[str]) -> Digest:
        """What happened in these feeds in the last `length`."""
        feeds = [spec for spec in self.setup.config.feeds if spec.id in feed_ids]
        now = self.setup.clock.now()
        return collect(feeds, self.store, self.health(), now=now, length=length, base_url=self.setup.config.base_url)

    @cached_property
    def channels(self) -> Channels:
        """The channels of the configuration.

        Raises:
            AlertError: one of them cannot be used.
        """
        return Channels(self.setup.config.alerts.channels)

    def _publish_bulletin(self, spec: FeedSpec, told: Sequence[Notice]) -> None:
        """Write a feed of the program's own, if it says something new or a file of it is missing."""
        there = {f"{spec.id}.{ending}" for ending in self.publisher.formats} <= self.publisher.names()
        if there and self._told.get(spec.id) == told:
            return
        began_at = min((state.created_at for state in self.store.feed_states().values()), default=None)
        view = view_of(spec, told, base_url=self.setup.config.base_url, began_at=began_at)
        for ending, data in self.publisher.render(view).items():
            self.publisher.write(spec.id, ending, data)
        self._told[spec.id] = told

    # --- keeping

    def keep_house(self, stopped: Callable[[], bool] = lambda: False) -> int:
        """Let go of what is not kept any longer, and give the room back; returns how many entries went."""
        now, retention = self.setup.clock.now(), self.setup.config.retention
        gone = 0
        while not stopped() and (count := self.store.purge(retention, now)):
            gone += count
        if not stopped():
            self.store.purge_memory(events_before=now - KEEP_EVENTS)
            self.store.compact()
        return gone

    def ask(self, question: str, *, since_s: float | None, limit: int) -> list[Entry]:
        """The newest stored entries that answer a question, first seen within `since_s` seconds.

        Raises:
            QueryError: the question is wrong.
        """
        where = self.setup.where(question)
        now = self.setup.clock.now()
        found: list[Entry] = []
        for entry in self.store.entries():
            age_s = (now - entry.first_seen_at).total_seconds()
            if since_s is not None and age_s > since_s:
                break
            if where.matches(entry.article, entry.labels, age_s):
                found.append(entry)
                if len(found) == limit:
                    break
        return found

    def canonical(self, question: str) -> str:
        """A question as it is kept.

        Raises:
            QueryError: it is wrong.
        """
        return str(self.setup.where(question))

    def answer(self, question: str, limit: int, self_url: str) -> dict[str, bytes]:
        """A feed of the newest entries that answer a question, in each format; never of private sources.

        Raises:
            QueryError: the question is wrong.
        """
        view = answer(
            self.setup.where(question),
            limit=limit,
            store=self.store,
            judge=self.judge,
            base_url=self.setup.config.base_url,
            self_url=self_url,
            now=self.setup.clock.now(),
        )
        return self.publisher.render(view)

    def advice(self) -> tuple[str, ...]:
        """What the operator should know about the store; empty when all is well."""
        return self.store.advice()

    def count_entries(self) -> int:
        """How many entries are stored."""
        return self.store.count_unjudged("")

    def diff(self, old: Setup | None, new: Setup, *, limit: int | None = None, advance: Advance) -> Difference:
        """What other rules and questions would change for the `limit` newest stored entries.

        Without `old` the stored labels and memberships are what it is compared with.
        """
        stored: dict[int, set[str]] = {}
        feeds = [spec.id for setup in (new, old or self.setup) for spec in setup.config.feeds]
        if old is None:
            counts = self.store.count_members()
            feeds += counts
            for feed_id, count in counts.items():
                for entry in self.store.members(feed_id, limit=count):
                    stored.setdefault(entry.key or 0, set()).add(feed_id)
        return difference(
            self.store.entries(limit=limit), feeds, stored if old is None else old.judge(), new.judge(), advance
        )


def user_agent(contact: str) -> str:
    """How the program names itself to servers."""
    return f"feedwatch/{__version__} (feed republisher{f'; {contact}' if contact else ''})"


@contextmanager
def writing(setup: Setup, *, locked: Path | None = None) -> Iterator[App]:
    """The program with the store's exclusive lock; the caller may hold that of the store's file `locked` already.

    Raises:
        StoreBusy: another process holds the store.
        StoreError: the store cannot be opened.
    """
    config = setup.config
    with ExitStack() as stack:
        stack.enter_context(lock_store(config.store_url, base_dir=config.base_dir, held=locked))
        store = open_store(config.store_url, base_dir=config.base_dir)
        stack.callback(store.close)
        # Only the holder of the lock gets here, so every lease was left by a process that was killed.
        store.clear_leases()
        _mend_clock(setup, store)
        app = App(setup, store)
        stack.callback(app.close)
        yield app


def _mend_clock(setup: Setup, store: Store) -> None:
    """What waits for a time that a wrong clock set waits as long as it was meant to, not for months."""
    now, newest = setup.clock.now(), store.newest_tick()
    ahead_s = (newest - now).total_seconds() if newest else 0.0
    if ahead_s > CLOCK_SLACK_S:
        log.warning("the clock is %.0f s behind the store's newest tick: due times are moved back", ahead_s)
        store.shift_clock(-ahead_s, now)


@contextmanager
def reading(setup: Setup) -> Iterator[App]:
    """The program on a store that it does not change.

    Raises:
        StoreError: there is no store yet, or it cannot be opened.
    """
    store = open_store(setup.config.store_url, base_dir=setup.config.base_dir, read_only=True)
    app = App(setup, store, read_only=True)
    try:
        yield app
    finally:
        app.close()
