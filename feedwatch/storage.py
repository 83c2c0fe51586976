"""Where the store is, what belongs beside it, and copies of it."""

from __future__ import annotations

from pathlib import Path

from feedwatch.setup import Setup
from feedwatch.store import copies
from feedwatch.store.connecting import read_address
from feedwatch.store.opening import lock_store
from feedwatch.text import digest
from feedwatch.upkeep import CopyReport


def store_path(setup: Setup) -> Path | None:
    """The store's file; None when the store is on a server."""
    return read_address(setup.config.store_url, setup.config.base_dir).path


def control_path(setup: Setup) -> Path:
    """Where the daemon on this store takes orders: beside the store, or beside the configuration."""
    config = setup.config
    address = read_address(config.store_url, config.base_dir)
    if address.path is not None:
        return address.path.with_name(address.path.name + ".sock")
    return config.base_dir / f".feedwatch-{digest(address.name)[-8:]}.sock"


def check_pages(path: Path) -> str:
    """What is wrong with a store's file; "" when nothing is."""
    return copies.quick_check(path)


def back_up(setup: Setup, target: Path, *, force: bool = False) -> CopyReport:
    """Copy the store to a file and check the copy; others may be at work on the store.

    Raises:
        StoreError: the store or the target refuses.
    """
    config = setup.config
    return copies.backup(read_address(config.store_url, config.base_dir), target, force=force)


def put_back(setup: Setup, copy: Path | None) -> tuple[CopyReport | None, Path | None]:
    """Put a copy in the store's place (None: nothing); what it holds, and where the old store is now.

    Raises:
        StoreBusy: another process holds the store.
        StoreError: the copy is not good.
    """
    config = setup.config
    with lock_store(config.store_url, base_dir=config.base_dir):
        return copies.restore(read_address(config.store_url, config.base_dir), copy, setup.clock.now())
