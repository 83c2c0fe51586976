"""The daemon: polls what is due, publishes what changed, serves the feeds; stops gracefully."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from threading import Event
from types import FrameType

from feedwatch.app import App, Setup, job_of, writing
from feedwatch.engine.local import LocalEngine
from feedwatch.errors import FeedwatchError
from feedwatch.ledger import Outcome
from feedwatch.scheduler import Ticker
from feedwatch.web.server import WebServer
from feedwatch.web.site import make_site

log = logging.getLogger(__name__)

CLAIM_EVERY_S = 5.0
PUBLISH_EVERY_S = 10.0
#: Polls that still run after so long are left to their lease.
STOP_WITHIN_S = 10.0


def run(setup: Setup, *, on_ready: Callable[[str], None] = lambda _url: None) -> None:
    """Watch until SIGTERM or SIGINT; `on_ready` is told where the feeds are served.

    Raises:
        StoreBusy: another process works on the store.
        FeedwatchError: the address cannot be bound.
    """
    stop = Event()
    _on_signals(stop)
    with writing(setup) as app:
        server = _server(setup)
        engine = app.engine(_log_outcome)
        ticker = Ticker()
        server.start()
        _rejudge(app)
        ticker.every(CLAIM_EVERY_S, "claim", lambda: _claim(app, engine))
        ticker.every(PUBLISH_EVERY_S, "publish", lambda: _publish(app))
        ticker.start()
        on_ready(server.url)
        log.info("watching %d sources, serving %s", len(setup.config.sources), server.url)
        try:
            stop.wait()
        finally:
            log.info("stopping")
            ticker.stop()
            if not engine.stop(STOP_WITHIN_S):
                log.warning("some polls still ran after %g s; they are taken up at the next start", STOP_WITHIN_S)
            _publish(app)
            server.stop()


def serve(setup: Setup, *, on_ready: Callable[[str], None] = lambda _url: None) -> None:
    """Serve the feed files until SIGTERM or SIGINT, without polling; needs no store.

    Raises:
        FeedwatchError: the address cannot be bound.
    """
    stop = Event()
    _on_signals(stop)
    server = _server(setup)
    server.start()
    on_ready(server.url)
    try:
        stop.wait()
    finally:
        server.stop()


def _server(setup: Setup) -> WebServer:
    config = setup.config
    site = make_site(config.feeds, config.output_dir)
    try:
        return WebServer(site, config.host, config.port)
    except OSError as error:
        raise FeedwatchError(
            f"cannot listen on {config.host}:{config.port}: {error.strerror or error}; "
            "choose another address in [server] listen, or stop what uses this one"
        ) from error


def _on_signals(stop: Event) -> None:
    """Let SIGTERM and SIGINT set `stop`; the second one ends the process at once."""

    def handle(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        stop.set()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)


def _claim(app: App, engine: LocalEngine) -> None:
    """Give the free workers what is due."""
    app.store.tick(app.setup.clock.now())
    free = engine.free()
    for claim in app.claim(free) if free else []:
        engine.submit(job_of(claim))


def _publish(app: App) -> None:
    for published in app.publish():
        if published.written:
            log.info("feed %s: %d entries", published.feed_id, published.entries)


def _rejudge(app: App) -> None:
    count = app.pipeline.rejudge()
    if count:
        log.info("the rules changed: %d entries judged again", count)


def _log_outcome(outcome: Outcome) -> None:
    if outcome.result == "failed":
        log.warning("source %s: %s", outcome.source_id, outcome.error)
    elif outcome.result == "read":
        log.info("source %s: %d new, %d changed", outcome.source_id, outcome.new, outcome.changed)
    for problem in outcome.problems:
        log.warning("source %s: %s", outcome.source_id, problem)
