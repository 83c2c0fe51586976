"""What the daemon's ticks do: claim what is due, publish what changed, judge again what other rules judged."""

from __future__ import annotations

import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from threading import Condition, Event, Lock

from feedwatch.app import App
from feedwatch.compose import as_of
from feedwatch.daemon.beats import Beats
from feedwatch.daemon.halts import Halts
from feedwatch.engine.local import Line
from feedwatch.errors import PublishError, StoreError
from feedwatch.ledger import Claim, Job, Outcome, Snapshot
from feedwatch.metrics import Metrics

log = logging.getLogger(__name__)

#: Pages of one source that wait for their server at a time.
PAGES_AT_A_TIME = 4

#: However sure we are when the next source is due, the store is asked again after so long.
ASK_EVERY_S = 30.0
#: Feeds that could not be written are tried again after so long.
PUBLISH_AGAIN_S = 10.0


class Watch:
    """The work of the daemon on the configuration in force; safe to use from several threads."""

    def __init__(
        self, app: App, *, beats: Beats, halts: Halts, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app
        self._beats = beats
        self._halts = halts
        # Not the method of today: a reload puts another app in its place.
        self.metrics = Metrics(self._snapshot, self._requests)
        self._monotonic = monotonic
        self._changed = Event()
        self._stopped = Event()
        self._hour: datetime | None = None
        # When the next source is due, as the store last said, and when to ask it again.
        self._due: datetime | None = None
        self._ask_at = 0.0
        # Several ticks publish; each feed is rendered by one of them at a time.
        self._publishing = Lock()
        self._publish_again_at: float | None = None
        self._done = Condition()
        self._waited: dict[str, Callable[[Outcome], None]] = {}
        #: Set when entries may wait to be judged by the rules in force.
        self.unjudged = Event()
        self.unjudged.set()
        # Pages under way, by source.
        self._pages: Counter[str] = Counter()
        self.engine = app.engine(self._note, ingest=self._ingest, line_of=self._line_of)

    @property
    def app(self) -> App:
        """The program by the configuration in force."""
        return self._app

    def _snapshot(self) -> Snapshot:
        return self._app.snapshot()

    def _requests(self) -> dict[str, int]:
        return self._app.requests_today()

    def swap(self, app: App) -> None:
        """Go on by another configuration; what was begun ends by the old one."""
        with self._publishing:
            self._app = app
        self._ask_at = 0.0
        self.unjudged.set()
        self._changed.set()

    def stop(self) -> None:
        """Begin nothing more."""
        self._stopped.set()
        with self._done:
            self._done.notify_all()

    # --- polling

    def claim(self) -> None:
        """Give the free workers what is due; costs next to nothing when nothing is."""
        self._beats.beat("scheduler")
        app = self._app
        now = app.setup.clock.now()
        try:
            if self._stopped.is_set() or not self._halts.may_read(self._give_back):
                return
            if as_of(now) != self._hour:
                # Ages are counted by the hour: nothing finer needs to be written.
                app.store.tick(now)
                self._hour = as_of(now)
            if self._monotonic() >= self._ask_at:
                self._ask_at = self._monotonic() + ASK_EVERY_S
                self._due = app.store.next_due_at()
            free = self.engine.free()
            if self._due is None or self._due > now or not free:
                return
            self._ask_at = 0.0
            for claim in app.claim(free):
                self.engine.submit(claim.job())
        except StoreError as error:
            self._halts.halt(str(error))

    def _give_back(self, claims: Sequence[Claim]) -> None:
        """After a halt: let the sources be claimed again, in writes that show whether the store takes any.

        Raises:
            StoreError: it does not.
        """
        self._app.store.tick(self._app.setup.clock.now())
        self._app.store.release(claims)

    def poll(self, claims: Iterable[Claim], on_outcome: Callable[[Outcome], None]) -> None:
        """Poll claimed sources among the others and wait for them; see `work.Worker`."""
        claims = list(claims)
        left = {claim.source_id for claim in claims}

        def done(outcome: Outcome) -> None:
            with self._done:
                on_outcome(outcome)
                left.discard(outcome.source_id)
                self._done.notify_all()

        with self._done:
            self._waited |= dict.fromkeys(left, done)
        for claim in claims:
            self.engine.submit(claim.job())
        with self._done:
            self._done.wait_for(lambda: not left or self._stopped.is_set())
            for source_id in left:
                self._waited.pop(source_id, None)

    def fetch_pages(self) -> None:
        """Give half of the free workers the pages of entries that wait for their text; one read when none does."""
        app = self._app
        try:
            if self._stopped.is_set() or not self._halts.may_read(self._give_back):
                return
            due, free = app.store.next_later_at("fulltext"), self.engine.free() // 2
            if due is None or due > app.setup.clock.now() or not free:
                return
            with self._done:
                busy = [source_id for source_id, count in self._pages.items() if count > 0]
            for later in app.claim_later(free, per_source=PAGES_AT_A_TIME, busy=busy):
                with self._done:
                    self._pages[later.source_id] += 1
                self.engine.submit(later.job())
        except StoreError as error:
            self._halts.halt(str(error))

    def hurry(self) -> None:
        """Look at once what is due, because somebody changed it."""
        self._ask_at = 0.0

    def clock_jumped(self, by_s: float) -> None:
        """The wall clock moved: nothing waits longer than it was meant to, and not all is read at once."""
        app = self._app
        now = app.setup.clock.now()
        with self._refusals_told():
            if by_s < 0:
                app.store.shift_clock(by_s, now)
            else:
                app.spread_overdue()
        self._hour = None
        self._ask_at = 0.0

    def _line_of(self, job: Job) -> Line:
        return self._app.line_of(job)

    def _ingest(self, job: Job) -> Outcome:
        """Poll a source, or fetch a page, by the configuration in force when its turn comes."""
        app = self._app
        if job.kind == "fulltext":
            try:
                return app.pipeline.work(job)
            except StoreError as error:
                self._halts.halt(str(error))
                return Outcome(source_id=job.source_id, job=job.kind, result="failed", error=str(error))
        claim = Claim(source_id=job.source_id, token=job.token, until=datetime.fromisoformat(job.until))
        try:
            if job.source_id not in app.sources:
                app.store.release([claim])
                return Outcome(source_id=job.source_id, result="unchanged")
            outcome = app.pipeline.ingest(job)
        except StoreError as error:
            self._halts.halt(str(error), claim)
            return Outcome(source_id=job.source_id, result="failed", error=str(error))
        self._halts.saved()
        if app is not self._app:
            # What it stored was judged by the old rules.
            self.unjudged.set()
        return outcome

    def _note(self, outcome: Outcome) -> None:
        """Log what came of a poll, and remember that feeds may have changed."""
        if outcome.job == "fulltext":
            with self._done:
                self._pages[outcome.source_id] -= 1
            if outcome.changed:
                self._changed.set()
            return
        self._ask_at = 0.0
        self.metrics.poll(outcome)
        about = {"source": outcome.source_id}
        if outcome.new or outcome.changed:
            self._changed.set()
        if outcome.result == "failed":
            log.warning("source %s: %s", outcome.source_id, outcome.error, extra=about)
        elif outcome.new or outcome.changed:
            log.info("source %s: %d new, %d changed", outcome.source_id, outcome.new, outcome.changed, extra=about)
        for problem in outcome.problems:
            log.warning("source %s: %s", outcome.source_id, problem, extra=about)
        with self._done:
            waited = self._waited.pop(outcome.source_id, None)
        if waited is not None:
            waited(outcome)

    @contextlib.contextmanager
    def _refusals_told(self, feed: str = "") -> Iterator[None]:
        """A refusal of the store, or of the disk to write a feed of the program's own, is told; work goes on later."""
        try:
            yield
        except StoreError as error:
            self._halts.halt(str(error))
        except PublishError as error:
            log.error("%s", error)  # noqa: TRY400 - the disk's fault, not a bug
            self._halts.written(feed, str(error))
        else:
            if feed:
                self._halts.written(feed, "")

    def go_round(self) -> None:
        """Look after every source."""
        with self._refusals_told("the health feed"):
            for event in self._app.go_round():
                log.warning("source %s: %s", event.source_id, event.message)

    def look_for_alerts(self) -> None:
        """Look for what is unusual in the feeds, and tell it."""
        with self._refusals_told("the feed of alerts"):
            for alert in self._app.look_for_alerts():
                self.metrics.alert(alert)
                log.info("alert: %s", alert.title)
            for error in self._app.send_alerts():
                log.warning("alerts: %s", error)

    def ping(self) -> None:
        """Tell the hub of what changed."""
        with self._refusals_told():
            if told := self._app.hubs.ping():
                log.debug("hub: told of %d files", told)

    def tend(self) -> None:
        """Look after subscriptions."""
        with self._refusals_told():
            self._app.hubs.tend()

    def keep_house(self) -> None:
        """Let go of what is not kept any longer."""
        gone = 0
        with self._refusals_told():
            gone = self._app.keep_house(self._stopped.is_set)
        if gone:
            log.info("housekeeping: %d entries were let go", gone)
            self._changed.set()

    # --- publishing

    def publish_changes(self) -> None:
        """Write the feeds that changed, if anything was read since the last time."""
        again = self._publish_again_at is not None and self._monotonic() >= self._publish_again_at
        if self._changed.is_set() or again:
            self._changed.clear()
            self.publish()

    def publish(self) -> None:
        """Write the feeds whose file is not what it should be."""
        with self._publishing:
            self._publish_again_at = None
            try:
                results = self._app.publish(stopped=self._stopped.is_set)
            except StoreError as error:
                self._publish_again_at = self._monotonic() + PUBLISH_AGAIN_S
                self._halts.halt(str(error))
                return
        for published in results:
            if published.written:
                log.info("feed %s: %d entries", published.feed_id, published.entries, extra={"feed": published.feed_id})
        failed = next((published.error for published in results if published.error), "")
        self._halts.written("feeds", failed)
        if failed:
            self._publish_again_at = self._monotonic() + PUBLISH_AGAIN_S

    def show_changes(self) -> None:
        """Let the next tick publish."""
        self._changed.set()

    def publish_last(self, within_s: float = 2) -> None:
        """Write what was read last, as far as the time reaches; the next start writes the rest.

        Raises:
            StoreError: the store refused.
        """
        end = self._monotonic() + within_s
        with self._publishing:
            self._app.publish(stopped=lambda: self._monotonic() >= end)

    def probe(self) -> None:
        """Come back when the store's writer does its work, or says why not; hangs when it hangs."""
        with contextlib.suppress(StoreError):
            self._app.store.probe()

    def wind_up(self, timeout_s: float) -> bool:
        """After the last tick: end or hand back what runs, publish what was read; whether all polls ended.

        Raises:
            StoreError: the store refused.
        """
        ended = self.engine.stop(timeout_s)
        # Whoever still runs finds its claim gone and writes nothing.
        self._app.store.clear_leases()
        return ended
