"""Whether everything is in place for the program to do its work here; each finding says the cure."""

from __future__ import annotations

import os
import platform
import pyexpat
import shutil
import socket
import stat
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from feedwatch import __version__
from feedwatch.app import CLOCK_SLACK_S, reading
from feedwatch.clock import VARIABLE
from feedwatch.config.load import Config
from feedwatch.config.secrets import SetElsewhere
from feedwatch.errors import ConfigError, FeedwatchError
from feedwatch.setup import Setup, load_setup
from feedwatch.storage import check_pages, store_path
from feedwatch.text import printable
from feedwatch.urls import http_url

State = Literal["ok", "warn", "fail"]

#: Less room than this is a warning, and less than a tenth of it a failure.
ROOM_BYTES = 1024**3
#: Of the servers of sources, so many are tried, each for so long.
SERVERS, WITHIN_S = 5, 5.0
#: Older parsers can be kept busy for hours by a small document (CVE-2023-52425).
SAFE_EXPAT = (2, 6, 0)
#: No machine's clock is right that tells an earlier time.
BUILT_AFTER = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at."""

    name: str
    state: State
    found: str
    #: What to do; "" when nothing is wrong.
    cure: str = ""


def examine_all(
    path: Path,
    *,
    offline: bool = False,
    standing: Callable[[Setup], Mapping[str, Any] | None],
    now: datetime | None = None,
) -> list[Check]:
    """Look at everything, never raising for what is found; `standing` asks the running daemon."""
    now = now or datetime.now(UTC)
    checks = [*_versions(), *_clock(now)]
    try:
        setup = load_setup(path, env := SetElsewhere(os.environ))
    except ConfigError as error:
        first = str(error.faults[0])
        more = f" and {len(error.faults) - 1} more" if len(error.faults) > 1 else ""
        cure = "'feedwatch check' lists all faults"
        return [Check(name="configuration", state="fail", found=printable(first) + more, cure=cure), *checks]
    config = setup.config
    found = f"{len(config.sources)} sources, {len(config.feeds)} feeds"
    checks.insert(0, Check(name="configuration", state="ok", found=found))
    checks += _environment(env)
    checks += _store(setup, now)
    checks += _room(config.output_dir, "output")
    checks += _rights(path, setup)
    checks += _services(setup, standing)
    if not offline:
        checks += _network(config)
    return checks


def _versions() -> Iterator[Check]:
    yield Check(name="feedwatch", state="ok", found=f"{__version__} on Python {platform.python_version()}")
    expat = pyexpat.version_info
    shown = ".".join(map(str, expat))
    if expat < SAFE_EXPAT:
        cure = f"upgrade Python, or the system's libexpat, to {'.'.join(map(str, SAFE_EXPAT))} or newer"
        yield Check(name="expat", state="warn", found=f"{shown} can be kept busy by a small document", cure=cure)
    else:
        yield Check(name="expat", state="ok", found=shown)


def _clock(now: datetime) -> Iterator[Check]:
    if os.environ.get(VARIABLE):
        cure = f"unset it: everything would happen at {os.environ[VARIABLE]}"
        yield Check(name="clock", state="warn", found=f"it is fixed by {VARIABLE}", cure=cure)
    elif now < BUILT_AFTER:
        cure = "set the clock, and let a time service (systemd-timesyncd, chrony) keep it"
        yield Check(name="clock", state="fail", found=f"it says {now:%Y-%m-%d %H:%M} UTC", cure=cure)
    else:
        yield Check(name="clock", state="ok", found=f"{now:%Y-%m-%d %H:%M} UTC")


def _environment(env: SetElsewhere) -> Iterator[Check]:
    """Whether the `${VARIABLES}` of the configuration are set here, which they need not be where a service has them."""
    if env.lacking:
        names = ", ".join(sorted(env.lacking))
        cure = (
            "let them be set where the daemon is started (systemd: EnvironmentFile); "
            "set them here, too, for commands that ask servers"
        )
        yield Check(name="environment", state="warn", found=f"not set here: {printable(names, 600)}", cure=cure)


def _store(setup: Setup, now: datetime) -> Iterator[Check]:
    """The store: there, ours, whole, as new as the program, and not from the future."""
    path = store_path(setup)
    if path is not None and not path.exists():
        yield Check(name="store", state="ok", found=f"{path}: none yet; 'once' or 'run' makes one")
        yield from _room(path.parent, "store")
        return
    if path is not None and (damage := check_pages(path)):
        cure = "stop the daemon; 'feedwatch restore BACKUP', or 'feedwatch restore --new'"
        yield Check(name="store", state="fail", found=f"{path} is damaged: {printable(damage)}", cure=cure)
        return
    try:
        with reading(setup) as app:
            count, newest, advice = app.count_entries(), app.store.newest_tick(), app.advice()
    except FeedwatchError as error:
        text, _, cure = printable(str(error), 600).rpartition(": ")
        yield Check(name="store", state="fail", found=text, cure=cure)
        return
    size = f", {path.stat().st_size // 1024:,} KiB" if path is not None else ""
    yield Check(name="store", state="ok", found=f"{count:,} entries{size}, no damage")
    for each in advice:
        text, _, cure = each.rpartition(": ")
        yield Check(name="SQLite", state="warn", found=text, cure=cure)
    if newest is not None and (newest - now).total_seconds() > CLOCK_SLACK_S:
        found = f"the store was last used at {newest:%Y-%m-%d %H:%M} UTC, which is still to come"
        cure = "set the clock; if it is right, the next 'once' or 'run' moves the due times back"
        yield Check(name="clock", state="warn", found=found, cure=cure)
    if path is not None:
        yield from _room(path.parent, "store")


def _room(folder: Path, name: str) -> Iterator[Check]:
    """Whether there is room on the disk of a folder, or of the one it will be made in."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    found = f"{usage.free / 1024**3:.1f} GiB free for the {name}"
    if usage.free >= ROOM_BYTES:
        yield Check(name="disk", state="ok", found=found)
        return
    cure = f'free some room on the disk of {folder}, or let go of old entries: keep = "400d" in [store]'
    yield Check(name="disk", state="fail" if usage.free < ROOM_BYTES / 10 else "warn", found=found, cure=cure)


def _rights(config_path: Path, setup: Setup) -> Iterator[Check]:
    """Who may write what, and who may read secrets."""
    config = setup.config
    store = store_path(setup)
    places = {"output": config.output_dir} | ({"store": store} if store is not None else {})
    wrong = 0
    for name, place in places.items():
        target = place
        while not target.exists() and target != target.parent:
            target = target.parent
        folder = target if target.is_dir() else target.parent
        for each in {target, folder}:
            if not os.access(each, os.W_OK):
                wrong += 1
                cure = f"let this user write there: chown or chmod {each}"
                yield Check(name="permissions", state="fail", found=f"{each} ({name}) cannot be written", cure=cure)
    secret = any(source.login or source.headers or source.proxy for source in config.sources)
    for path in [config_path] * secret + [each for each in (store,) if each is not None and each.exists()]:
        if path.stat().st_mode & stat.S_IROTH:
            wrong += 1
            cure = f"chmod o-r {path}" + (", or take the secrets from the environment" if path == config_path else "")
            yield Check(name="permissions", state="warn", found=f"everybody may read {path}", cure=cure)
    if not wrong:
        yield Check(name="permissions", state="ok", found="store and output can be written")


def _services(setup: Setup, standing: Callable[[Setup], Mapping[str, Any] | None]) -> Iterator[Check]:
    """The daemon, if one runs, and else its address."""
    try:
        told = standing(setup)
    except FeedwatchError as error:
        cure = "look at its log; restart it"
        yield Check(name="daemon", state="warn", found=f"it does not say how it is: {error}", cure=cure)
        return
    config = setup.config
    if told is None:
        yield Check(name="daemon", state="ok", found="none runs on this store")
        yield _address(config)
        return
    since = f"process {told['pid']} since {told['started_at']}"
    # A daemon that was started before an upgrade may not say all of it.
    refused = told["halted"] or told.get("unwritten")
    if refused or told["late"]:
        what = refused or f"hangs: {', '.join(told['late'])}"
        cure = "free the disk or mend what refuses; it goes on by itself" if refused else "restart it"
        yield Check(name="daemon", state="fail", found=f"{since}: {printable(what)}", cure=cure)
    elif told["config_fault"]:
        found = f"{since}: the newest configuration is not in force"
        yield Check(
            name="daemon", state="warn", found=found, cure="'feedwatch check' lists the faults; 'feedwatch reload'"
        )
    else:
        yield Check(name="daemon", state="ok", found=since)


def _address(config: Config) -> Check:
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    try:
        socket.create_server((config.host, config.port), family=family).close()
    except OSError as error:
        cure = "stop what uses it, or choose another in [server] listen"
        found = f"{config.host}:{config.port} cannot be listened on: {error.strerror or error}"
        return Check(name="address", state="warn", found=found, cure=cure)
    return Check(name="address", state="ok", found=f"{config.host}:{config.port} is free")


def _network(config: Config) -> Iterator[Check]:
    """Whether servers of sources can be named and reached; nothing is asked of them."""
    servers: dict[tuple[str, int], None] = {}
    for source in config.sources:
        if source.kind != "folder" and (url := http_url(source.locator)):
            parts = urlsplit(url)
            if parts.hostname:
                servers[parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)] = None
    tried = list(servers)[:SERVERS]
    if not tried:
        yield Check(name="network", state="ok", found="no source needs it")
        return
    with ThreadPoolExecutor(SERVERS) as pool:
        faults = dict(zip(tried, pool.map(_fault_of, tried), strict=True))
    bad = {server: fault for server, fault in faults.items() if fault}
    if not bad:
        yield Check(name="network", state="ok", found=f"{len(tried)} of {len(tried)} servers tried can be reached")
        return
    (host, port), fault = next(iter(bad.items()))
    everything = len(bad) == len(tried)
    cure = (
        "check cable, DNS and firewall"
        if everything
        else f"'feedwatch sources test' shows more; is {host} still there?"
    )
    yield Check(
        name="network",
        state="fail" if everything else "warn",
        found=f"{len(tried) - len(bad)} of {len(tried)} servers tried can be reached; {host}:{port}: {fault}",
        cure=cure,
    )


def _fault_of(server: tuple[str, int]) -> str:
    try:
        socket.create_connection(server, timeout=WITHIN_S).close()
    except OSError as error:
        return printable(error.strerror or str(error))
    return ""
