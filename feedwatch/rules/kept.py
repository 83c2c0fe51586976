"""Rules made ready once: what was understood of packs is kept in the user's cache (`$XDG_CACHE_HOME/feedwatch`).

A large set of packs takes a second to read, check and spread into patterns, and a third of that to read back. What is
kept goes by the content of every file it came from and by the program itself, so nothing out of date is ever read;
where it cannot be kept, the rules are read anew each time. It is for commands: a process that stays does better to read
the files, as objects read back lie further apart in memory (8 MB more for the shipped packs).
"""

from __future__ import annotations

import contextlib
import mmap
import os
import pickle
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import feedwatch
from feedwatch.collector import undisturbed
from feedwatch.rules.automaton import Tables
from feedwatch.rules.classify import Classifier
from feedwatch.rules.load import load_rules, pack_files
from feedwatch.rules.plan import tabulated
from feedwatch.rules.ruleset import RuleSet
from feedwatch.text import digest
from feedwatch.tomlfile import TomlFile

#: So many sets are kept, those used last; a set of all packs has 7 MB.
MANY = 4
#: Fewer patterns are made sooner than read.
LEAST = 5000
_PROGRAM = Path(__file__).parent
_CHECK_BYTES = 32


def load_classifier(
    packs: Sequence[str], *, inline: TomlFile | None, base_dir: Path, cache: Path | None = None, lean: bool = False
) -> Classifier:
    """The classifier of the rules that `load_rules` reads, kept in the folder `cache` if there is one.

    `lean` rules are for a process that stays and does not work on them; see `RuleSet.lean`.

    Raises:
        ConfigError: with every fault of every file.

    """
    place = cache / f"{_name(packs, inline, base_dir)}.rules" if cache else None
    if place and (kept := _read(place)) is not None:
        return Classifier(*kept)
    rules = load_rules(packs, inline=inline, base_dir=base_dir)
    tables = tabulated(rules)
    if place and len(tables.patterns) >= LEAST:
        _write(place, rules, tables)
    return Classifier(rules.lean() if lean else rules, tables)


def cache_folder(env: Mapping[str, str]) -> Path | None:
    """Where this user's programs keep what they can do without (XDG Base Directory Specification); None without one."""
    caches = env.get("XDG_CACHE_HOME", "")
    if not caches.startswith("/"):
        home = env.get("HOME", "")
        caches = f"{home}/.cache" if home.startswith("/") else ""
    return Path(caches, "feedwatch") if caches else None


def _name(packs: Sequence[str], inline: TomlFile | None, base_dir: Path) -> str:
    """The same for rules of exactly these files, read by exactly this program."""
    parts = [feedwatch.__version__, *_program(), str(base_dir)]
    for pack in packs:
        parts.append(pack)
        for path, name in pack_files(pack, base_dir):
            with contextlib.suppress(OSError):
                parts += [name, sha256(path.read_bytes()).hexdigest()]
    if inline is not None:
        parts += [inline.name, inline.text]
    return digest(*parts)


def _program() -> Iterator[str]:
    """What tells one state of the program from another, as Python tells it: by size and time of its files."""
    yield sys.implementation.cache_tag or sys.version
    for path in (*sorted(_PROGRAM.glob("*.py")), _PROGRAM.parent / "text.py", _PROGRAM.parent / "model.py"):
        status = path.stat()
        yield f"{path.name} {status.st_size} {status.st_mtime_ns}"


def _read(place: Path) -> tuple[RuleSet, Tables] | None:
    """What this user keeps at `place`; None if that is nothing, not whole, or may be another's."""
    try:
        with contextlib.closing(_opened(place)) as data, memoryview(data) as view, view[_CHECK_BYTES:] as body:
            if data[:_CHECK_BYTES] != _check(place, body):
                return None
            os.utime(place)
            with undisturbed():
                # Nobody but this user, and under this very name, wrote it.
                kept: tuple[RuleSet, Tables] = pickle.loads(body)  # noqa: S301 - see above
            return kept
    except (OSError, ValueError):
        return None


def _opened(place: Path) -> mmap.mmap:
    """The bytes of a file that only this user may write.

    Raises:
        OSError: it cannot be read, or is another's.
        ValueError: it is empty.
    """
    handle = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        status = os.fstat(handle)
        if status.st_uid != os.geteuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise PermissionError
        # Mapped, as a copy of it would stay in the heap.
        return mmap.mmap(handle, 0, access=mmap.ACCESS_READ)
    finally:
        os.close(handle)


def _check(place: Path, body: bytes | memoryview) -> bytes:
    """The first bytes of what is whole and stands where it was put."""
    state = sha256(place.name.encode())
    state.update(body)
    return state.digest()


def _write(place: Path, rules: RuleSet, tables: Tables) -> None:
    """Keep it, if that can be done, and no more than some."""
    body = pickle.dumps((rules, tables), pickle.HIGHEST_PROTOCOL)
    partial = place.with_suffix(f".{os.getpid()}")
    with contextlib.suppress(OSError):
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            # Rules of a configuration are as private as it is.
            partial.touch(0o600)
            partial.write_bytes(_check(place, body) + body)
            partial.replace(place)
        finally:
            partial.unlink(missing_ok=True)
        kept = sorted(place.parent.glob("*.rules"), key=lambda path: path.stat().st_mtime_ns)
        for path in kept[:-MANY]:
            path.unlink(missing_ok=True)
