"""The daemon's life: everything is started, watches until told to stop, and ends gracefully."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread
from types import FrameType

from feedwatch.app import App, reading, writing
from feedwatch.clock import AWAKE_S
from feedwatch.daemon.beats import Beats
from feedwatch.daemon.board import Board
from feedwatch.daemon.control import ControlServer, Order
from feedwatch.daemon.halts import Halts
from feedwatch.daemon.memory import give_back, keep_together
from feedwatch.daemon.notify import Notifier
from feedwatch.daemon.rejudging import Rejudging
from feedwatch.daemon.reload import Reloader
from feedwatch.daemon.serving import DaemonSite, answers, make_server
from feedwatch.daemon.watch import Watch
from feedwatch.errors import FeedwatchError, StoreError
from feedwatch.scheduler import Ticker
from feedwatch.setup import Setup
from feedwatch.storage import check_pages, control_path, store_path
from feedwatch.web.server import WebServer
from feedwatch.work import WORKS, Progress, Values, Work

log = logging.getLogger(__name__)

CLAIM_EVERY_S = 1.0
#: How often pages behind entries are looked for.
PAGES_EVERY_S = 2.0
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
#: How often what is not kept any longer is let go, and how long after the start first.
HOUSE_EVERY_S, HOUSE_FIRST_S = 6 * 3600.0, 15 * 60.0
#: How often free memory is given back: a look at weeks of entries leaves much of it behind.
REST_EVERY_S = 900.0
#: How often the files of the configuration are looked at.
FILES_EVERY_S = 2.0
#: Polls that still run after so long are handed back; the next start takes them up.
STOP_WITHIN_S = 8.0
DAMAGED = "put a backup in its place with 'feedwatch restore FILE', or begin anew with 'feedwatch restore --new'"
#: A loop that was not seen at work for so long hangs; each is looked at four times as often.
BEAT_WITHIN_S = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon:
    """The parts of a running daemon, for those who add ticks or orders."""

    watch: Watch
    board: Board
    beats: Beats
    notifier: Notifier
    reloader: Reloader
    site: DaemonSite


def run(
    setup: Setup, path: Path, *, on_ready: Callable[[str], None] = lambda _url: None, locked: Path | None = None
) -> bool:
    """Watch by the configuration at `path` until SIGTERM or SIGINT; SIGHUP reloads it.

    The caller may hold the lock of the store's file `locked` already. `on_ready` is told where the feeds are
    served. Returns whether all polls ended; if not, threads are still at work and the process should not wait
    for them.

    Raises:
        StoreBusy: another process works on the store.
        FeedwatchError: the address cannot be bound.
    """
    wishes = _on_signals()
    keep_together()
    with writing(setup, locked=locked) as app, ExitStack() as stack:
        notifier = Notifier()
        daemon = _assembled(setup, path, app, notifier)
        watch, board = daemon.watch, daemon.board
        server = make_server(setup, daemon.site)
        server.start()
        board.write(url=server.url)
        stack.callback(server.stop)
        app.spread_overdue()
        rejudging = Rejudging(watch, board)
        rejudging.start()
        ticker = _ticker(daemon, server)
        ticker.start()
        control = ControlServer(control_path(setup), _orders(daemon))
        control.start()
        give_back()
        on_ready(server.url)
        log.info("watching %d sources, serving %s", len(app.sources), server.url)
        notifier.ready(Board.line(board.get()))
        try:
            while _next(wishes) == "reload":
                _reload(daemon.reloader)
        finally:
            log.info("stopping")
            notifier.stopping()
            ended = _stop(watch, ticker, rejudging, control, server)
    return ended


def _assembled(setup: Setup, path: Path, app: App, notifier: Notifier) -> Daemon:
    """The daemon's parts, none of them running yet."""
    beats = Beats(("scheduler", "writer", "server"), within_s=_beat_within_s(notifier))
    store = _sound_store(setup, app)
    board = Board(setup.clock.now(), beats, notifier)
    watch = Watch(app, beats=beats, halts=Halts(board, store.parent if store else None))
    watch.metrics.follow(board.get)
    site = DaemonSite(setup, app, board.get, watch.metrics.render)

    def swap(app: App) -> None:
        # What a push makes due is read at once.
        app.hubs.on_push = watch.hurry
        site.swap(app.setup, app)

    swap(app)
    reloader = Reloader(path, watch, board, notifier, on_swap=swap)
    return Daemon(watch=watch, board=board, beats=beats, notifier=notifier, reloader=reloader, site=site)


def _beat_within_s(notifier: Notifier) -> float:
    """How long a loop may not be seen: no longer than the manager waits for us."""
    return min(BEAT_WITHIN_S, notifier.watchdog_s or BEAT_WITHIN_S)


def _sound_store(setup: Setup, app: App) -> Path | None:
    """The store's file, if it is one, with what is to be known of it told.

    Raises:
        StoreError: the file is damaged.
    """
    for advice in app.advice():
        log.warning("%s", advice)
    store = store_path(setup)
    if store and (damage := check_pages(store)):
        raise StoreError(f"store {store}: the file is damaged ({damage}): {DAMAGED}")
    return store


def _stop(watch: Watch, ticker: Ticker, rejudging: Rejudging, control: ControlServer, server: WebServer) -> bool:
    """End everything within the time; returns whether all polls ended."""
    started = time.monotonic()
    # Answers that run end while the rest does.
    closing = Thread(target=server.stop, name="closing", daemon=True)
    closing.start()
    control.stop()
    watch.stop()
    rejudging.stop()
    ticker.stop()
    ended = True
    try:
        ended = watch.wind_up(max(0.5, STOP_WITHIN_S - (time.monotonic() - started)))
        if not ended:
            log.warning("some polls still ran after %g s; the next start takes them up", STOP_WITHIN_S)
        watch.publish_last()
    except StoreError as error:
        log.warning("the store refused at the end: %s", error)
    closing.join(timeout=max(0.0, STOP_WITHIN_S))
    return ended


def serve(setup: Setup, *, on_ready: Callable[[str], None] = lambda _url: None) -> None:
    """Serve the feed files until SIGTERM or SIGINT, without polling; needs no store.

    Raises:
        FeedwatchError: the address cannot be bound.
    """
    wishes = _on_signals()
    keep_together()
    with ExitStack() as stack:
        app = None
        try:
            app = stack.enter_context(reading(setup))
        except StoreError as error:
            log.info("serving files only: %s", error)
        server = make_server(setup, DaemonSite(setup, app))
        server.start()
        stack.callback(server.stop)
        give_back()
        on_ready(server.url)
        while _next(wishes) == "reload":
            log.warning("nothing to reload: 'serve' shows what lies in the folder")


def _on_signals() -> SimpleQueue[str]:
    """What signals ask for: SIGHUP "reload", SIGTERM and SIGINT "stop"; the second of these ends at once."""
    wishes: SimpleQueue[str] = SimpleQueue()
    stop = Event()

    def handle(number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGHUP:
            wishes.put("reload")
            return
        if stop.is_set():
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        stop.set()
        wishes.put("stop")

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, handle)
    return wishes


def _next(wishes: SimpleQueue[str]) -> str:
    """Wait for what is asked for next."""
    while True:
        try:
            return wishes.get(timeout=AWAKE_S)
        except Empty:
            continue


def _ticker(daemon: Daemon, web: WebServer) -> Ticker:
    """All ticks of the daemon."""
    watch, beats, notifier = daemon.watch, daemon.beats, daemon.notifier
    ticker = Ticker(on_jump=watch.clock_jumped)
    ticker.every(CLAIM_EVERY_S, "claim", watch.claim)
    ticker.every(PAGES_EVERY_S, "pages", watch.fetch_pages)
    ticker.every(PUBLISH_EVERY_S, "publish", watch.publish_changes)
    ticker.every(RESTORE_EVERY_S, "restore", watch.publish)
    ticker.every(ROUND_EVERY_S, "round", watch.go_round)
    ticker.every(PING_EVERY_S, "ping", watch.ping)
    ticker.every(TEND_EVERY_S, "tend", watch.tend)
    ticker.every(ALERTS_EVERY_S, "alerts", watch.look_for_alerts)
    ticker.every(HOUSE_EVERY_S, "housekeeping", watch.keep_house, first_after_s=HOUSE_FIRST_S)
    ticker.every(REST_EVERY_S, "rest", give_back, first_after_s=REST_EVERY_S)
    ticker.every(FILES_EVERY_S, "files", daemon.reloader.look, first_after_s=FILES_EVERY_S)
    beat_every_s = _beat_within_s(notifier) / 4

    def writer() -> None:
        watch.probe()
        beats.beat("writer")

    def server() -> None:
        if answers(web):
            beats.beat("server")

    def life() -> None:
        if late := beats.late():
            log.error("not at work for too long: %s", ", ".join(late))
            notifier.hangs()
        else:
            notifier.alive()

    ticker.every(beat_every_s, "writer", writer)
    ticker.every(beat_every_s, "server", server)
    ticker.every(beat_every_s / 2, "life", life)
    return ticker


def _reload(reloader: Reloader) -> None:
    try:
        reloader.reload("SIGHUP")
    except FeedwatchError:
        # Said already; the last good configuration stays.
        return


def _orders(daemon: Daemon) -> dict[str, Order]:
    """What commands may ask for."""

    def reload(_values: Values, _progress: Progress) -> Values:
        daemon.reloader.reload("asked for")
        return _standing_values(daemon)

    def standing(_values: Values, _progress: Progress) -> Values:
        return _standing_values(daemon)

    orders: dict[str, Order] = {"reload": reload, "standing": standing}
    return orders | {name: _order(daemon, work) for name, work in WORKS.items()}


def _order(daemon: Daemon, work: Work) -> Order:
    """Work by the configuration as its files are now, and the feeds that come of it."""

    def order(values: Values, progress: Progress) -> Values:
        daemon.reloader.reload_if_changed()
        try:
            return work(daemon.watch, values, progress)
        finally:
            daemon.watch.hurry()
            daemon.watch.show_changes()

    return order


def _standing_values(daemon: Daemon) -> Values:
    """The standing in terms of JSON."""
    found = asdict(daemon.board.get())
    return {**found, "started_at": found["started_at"].isoformat(), "configured_at": found["configured_at"].isoformat()}
