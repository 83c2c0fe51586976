"""The daemon: polls what is due, publishes what changed, serves the feeds; stops gracefully."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from threading import Event, Lock
from types import FrameType

from feedwatch.app import App, job_of, reading, writing
from feedwatch.compose import as_of
from feedwatch.errors import FeedwatchError, StoreError
from feedwatch.ledger import Outcome
from feedwatch.scheduler import Ticker
from feedwatch.setup import Setup
from feedwatch.web.make import make_site
from feedwatch.web.server import WebServer
from feedwatch.web.site import Site

log = logging.getLogger(__name__)

CLAIM_EVERY_S = 1.0
PUBLISH_EVERY_S = 1.0
#: How often every feed is looked at: for ages that pass, and for files that somebody removed.
RESTORE_EVERY_S = 300.0
#: How often the health of the sources is told.
ROUND_EVERY_S = 30.0
#: How often the feeds are looked at for what is unusual.
ALERTS_EVERY_S = 600.0
#: How often it is looked whether a hub is to be told something, and after subscriptions.
PING_EVERY_S = 5.0
TEND_EVERY_S = 60.0
#: Polls that still run after so long are given up; the next start takes them up.
STOP_WITHIN_S = 10.0


def run(setup: Setup, *, on_ready: Callable[[str], None] = lambda _url: None) -> bool:
    """Watch until SIGTERM or SIGINT; `on_ready` is told where the feeds are served.

    Returns whether all polls ended; if not, threads are still at work and the process should not wait
    for them.

    Raises:
        StoreBusy: another process works on the store.
        FeedwatchError: the address cannot be bound.
    """
    stop = Event()
    _on_signals(stop)
    with writing(setup) as app:
        server = _server(setup, app)
        watch = _Watch(app)
        ticker = Ticker()
        server.start()
        watch.rejudge()
        app.spread_overdue()
        ticker.every(CLAIM_EVERY_S, "claim", watch.claim)
        ticker.every(PUBLISH_EVERY_S, "publish", watch.publish_changes)
        ticker.every(RESTORE_EVERY_S, "restore", watch.publish)
        ticker.every(ROUND_EVERY_S, "round", watch.go_round)
        ticker.every(ALERTS_EVERY_S, "alerts", watch.look_for_alerts)
        ticker.every(PING_EVERY_S, "ping", watch.ping)
        ticker.every(TEND_EVERY_S, "tend", app.hubs.tend)
        ticker.start()
        on_ready(server.url)
        log.info("watching %d sources, serving %s", len(setup.config.sources), server.url)
        try:
            stop.wait()
        finally:
            log.info("stopping")
            ticker.stop()
            ended = watch.engine.stop(STOP_WITHIN_S)
            if not ended:
                log.warning("some polls still ran after %g s; the next start takes them up", STOP_WITHIN_S)
            watch.publish()
            server.stop()
    return ended


def serve(setup: Setup, *, on_ready: Callable[[str], None] = lambda _url: None) -> None:
    """Serve the feed files until SIGTERM or SIGINT, without polling; needs no store.

    Raises:
        FeedwatchError: the address cannot be bound.
    """
    stop = Event()
    _on_signals(stop)
    with ExitStack() as stack:
        app = None
        try:
            app = stack.enter_context(reading(setup))
        except StoreError as error:
            log.info("serving files only: %s", error)
        server = _server(setup, app, reads_only=True)
        server.start()
        stack.callback(server.stop)
        on_ready(server.url)
        stop.wait()


def _server(setup: Setup, app: App | None, *, reads_only: bool = False) -> WebServer:
    config = setup.config
    site = _site(setup, app, reads_only=reads_only)
    try:
        return WebServer(site, config.host, config.port)
    except OSError as error:
        raise FeedwatchError(
            f"cannot listen on {config.host}:{config.port}: {error.strerror or error}; "
            "choose another address in [server] listen, or stop what uses this one"
        ) from error


def _site(setup: Setup, app: App | None, *, reads_only: bool) -> Site:
    if app is None:
        return make_site(setup.config)
    return make_site(
        setup.config,
        states=app.store.feed_states,
        is_gone=app.store.is_gone,
        # Who only looks takes no orders from hubs.
        inbox=None if reads_only else app.hubs,
        asking=lambda: app,
    )


def _on_signals(stop: Event) -> None:
    """Let SIGTERM and SIGINT set `stop`; the second one ends the process at once."""

    def handle(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        stop.set()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)


class _Watch:
    """What the ticks do; no method runs twice at a time for one tick."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._changed = Event()
        self._hour: datetime | None = None
        # Two ticks publish; each feed is rendered by one of them at a time.
        self._publishing = Lock()
        self.engine = app.engine(self._note)

    def claim(self) -> None:
        """Give the free workers what is due; costs one read when nothing is."""
        now = self._app.setup.clock.now()
        if as_of(now) != self._hour:
            # Ages are counted by the hour: nothing finer needs to be written.
            self._app.store.tick(now)
            self._hour = as_of(now)
        due = self._app.store.next_due_at()
        free = self.engine.free()
        if due is None or due > now or not free:
            return
        for claim in self._app.claim(free):
            self.engine.submit(job_of(claim))

    def publish_changes(self) -> None:
        """Write the feeds that changed, if anything was read since the last time."""
        if self._changed.is_set():
            self._changed.clear()
            try:
                self.publish()
            except Exception:
                self._changed.set()
                raise

    def publish(self) -> None:
        """Write the feeds whose file is not what it should be."""
        with self._publishing:
            for published in self._app.publish():
                if published.written:
                    log.info("feed %s: %d entries", published.feed_id, published.entries)

    def go_round(self) -> None:
        """Look after every source."""
        for event in self._app.go_round():
            log.warning("source %s: %s", event.source_id, event.message)

    def look_for_alerts(self) -> None:
        """Look for what is unusual in the feeds, and tell it."""
        for alert in self._app.look_for_alerts():
            log.info("alert: %s", alert.title)
        for error in self._app.send_alerts():
            log.warning("alerts: %s", error)

    def ping(self) -> None:
        """Tell the hub of what changed."""
        if told := self._app.hubs.ping():
            log.debug("hub: told of %d files", told)

    def rejudge(self) -> None:
        """Judge again what other rules judged."""
        count = self._app.pipeline.rejudge()
        if count:
            log.info("the rules changed: %d entries judged again", count)

    def _note(self, outcome: Outcome) -> None:
        """Log what came of a poll, and remember that feeds may have changed."""
        if outcome.new or outcome.changed:
            self._changed.set()
        if outcome.result == "failed":
            log.warning("source %s: %s", outcome.source_id, outcome.error)
        elif outcome.new or outcome.changed:
            log.info("source %s: %d new, %d changed", outcome.source_id, outcome.new, outcome.changed)
        for problem in outcome.problems:
            log.warning("source %s: %s", outcome.source_id, problem)
