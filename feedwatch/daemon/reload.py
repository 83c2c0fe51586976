"""A changed configuration comes into force whole, or not at all."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from feedwatch.app import App
from feedwatch.daemon.board import Board
from feedwatch.daemon.files import WatchedFiles
from feedwatch.daemon.memory import give_back
from feedwatch.daemon.notify import Notifier
from feedwatch.daemon.watch import Watch
from feedwatch.errors import ConfigError, FeedwatchError
from feedwatch.rules.load import own_packs
from feedwatch.setup import Setup, load_setup

log = logging.getLogger(__name__)


class Reloader:
    """Reads the configuration again when told to, or when its files changed.

    First everything is read and checked, then the store takes note in one transaction, then the daemon's
    parts are swapped. A fault anywhere leaves what was in force in force.
    """

    def __init__(
        self, path: Path, watch: Watch, board: Board, notifier: Notifier, *, on_swap: Callable[[App], None]
    ) -> None:
        self._path = path
        self._watch = watch
        self._board = board
        self._notifier = notifier
        self._on_swap = on_swap
        self._turn = Lock()
        self._started = watch.app.setup
        self._files = WatchedFiles(files_of(path, watch.app.setup))

    def look(self) -> None:
        """Reload if a file changed; a fault is logged and shown, nothing is raised for it."""
        if self._files.changed():
            try:
                self.reload("a file changed")
            except FeedwatchError:
                return

    def reload_if_changed(self) -> None:
        """Reload now if a file changed, without waiting for it to stand still.

        Raises:
            FeedwatchError: the new configuration has faults; the old one stays in force.
        """
        self._files.changed()
        if self._files.changed():
            self.reload("a file changed")

    def reload(self, why: str) -> None:
        """Put the configuration into force as its files are now.

        Raises:
            FeedwatchError: it has faults; the old one stays in force.
        """
        with self._turn:
            self._notifier.reloading(f"reloading: {why}")
            # Remembered first: what changes while it is read is read again.
            self._files.taken()
            try:
                app = self._renewed()
            except FeedwatchError as error:
                log.error("the configuration is not reloaded, the last good one stays in force: %s", error)  # noqa: TRY400 - a person's fault, not a bug
                self._board.write(config_fault=str(error))
                raise
            finally:
                self._notifier.ready()
            self._files.follow(files_of(self._path, app.setup))
            give_back()
            log.info("reloaded (%s): %d sources, %d feeds", why, len(app.sources), len(app.setup.config.feeds))

    def _renewed(self) -> App:
        old = self._watch.app
        setup = load_setup(self._path, lean=True)
        if setup.config.store_url != old.setup.config.store_url:
            fault = setup.config.file.fault(
                ("store", "url"), "the store cannot change while the daemon runs", "restart it"
            )
            raise ConfigError([fault])
        app = old.renewed(setup)
        self._on_swap(app)
        self._watch.swap(app)
        self._board.write(
            config_fault="", configured_at=setup.clock.now(), at_next_start=_at_next_start(self._started, setup)
        )
        return app


def files_of(path: Path, setup: Setup) -> list[Path]:
    """The files and folders that a configuration was read from."""
    return [path, *own_packs(setup.config.packs, setup.config.base_dir)]


def _at_next_start(old: Setup, new: Setup) -> tuple[str, ...]:
    """Settings that differ and that a running daemon cannot change."""
    before, after = old.config, new.config
    changed = {
        "server.listen": (before.host, before.port) != (after.host, after.port),
        "polling.workers": before.workers != after.workers,
    }
    found = tuple(key for key, differs in changed.items() if differs)
    for key in found:
        log.warning("%s changed: it takes effect at the next start", key)
    return found
