"""The store's lock, taken before anything is loaded that takes seconds: a second daemon hears of the first at once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from feedwatch.config.load import load_config
from feedwatch.errors import ConfigError
from feedwatch.store.locking import lock_file, look_at_server, plain_file
from feedwatch.urls import redact

_SERVERS = ("postgresql://", "postgres://", "postgresql+psycopg://")


@contextmanager
def early_lock(path: Path, env: Mapping[str, str] = os.environ) -> Iterator[Path | None]:
    """Hold the lock of the store that the configuration at `path` names; gives the store's file.

    None, and nothing is held, where it has faults, which whoever reads it in full tells, and where the store is
    no plain file; of one on a server it is only asked whether somebody holds it.

    Raises:
        StoreBusy: another process holds the store.
        StoreError: there is no place for the lock.
    """
    try:
        config = load_config(path, env)
    except ConfigError:
        yield None
        return
    store = plain_file(config.store_url, config.base_dir)
    if store is None:
        if config.store_url.startswith(_SERVERS):
            look_at_server(config.store_url, redact(config.store_url))
        yield None
        return
    with lock_file(store):
        yield store
