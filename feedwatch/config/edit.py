"""The owner of tomlkit: changes of config.toml by the program, every line of the user's left as it is.

tomlkit writes the new values; where they go is decided by lines, because its trees move comments that stand
between two sections. That an edit did what it should and nothing else is proved by reading the result.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import stat
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import tomlkit

from feedwatch.errors import ConfigError, Fault
from feedwatch.model import SourceKind
from feedwatch.text import shorten
from feedwatch.tomlfile import TomlFile, parse_toml

#: Longer titles are cut; the configuration takes 200 characters.
MAX_TITLE_CHARS = 120
#: Of an outside text that are looked at for that.
_READ_CHARS = 2_000
_BOM = "\ufeff"
#: U+200C and U+200D are part of how Arabic-script words are written.
_JOINERS = "\u200c\u200d"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSource:
    """A source to be written into the file; None and "" leave a key out."""

    id: str
    url: str
    kind: SourceKind = "feed"
    title: str = ""
    lang: str | None = None
    region: str | None = None
    topic: str | None = None
    #: As written in the file ("20m").
    interval: str | None = None
    allow_private: bool = False
    #: Stands above the section, on a line of its own; outside text is allowed.
    comment: str = ""


def clean_title(text: str) -> str:
    """Outside text as a title for the file: one line without controls and direction overrides, bounded."""
    return shorten("".join(char for char in text[:_READ_CHARS] if _is_plain(char)), MAX_TITLE_CHARS)


def _is_plain(char: str) -> bool:
    return char.isspace() or char in _JOINERS or unicodedata.category(char)[0] != "C"


def with_sources(text: str, sources: Sequence[NewSource], *, name: str = "config.toml") -> str:
    """The file's text with new `[[sources]]` sections after the last one; `name` is the file's in errors.

    Raises:
        ConfigError: the text is not TOML, or its sources are not written as sections.

    """
    file, lines = _read(text, name)
    count = len(file.data.get("sources", ()))
    first, stop = _section(file, count - 1, len(lines))
    place = _end_of_section(lines, first, stop, name)
    before, after = lines[:place], lines[place:]
    line_end = "\r\n" if lines[0].endswith("\r\n") else "\n"
    if not before[-1].endswith("\n"):
        before[-1] += line_end
    written = "".join(f"\n{_section_text(source)}" for source in sources).replace("\n", line_end)
    wanted = {**file.data, "sources": [*file.data["sources"], *map(_table, sources)]}
    return _proved(text, [*before, written, *after], wanted, name)


def without_source(text: str, source_id: str, *, name: str = "config.toml") -> str:
    """The file's text without one source. Comments on lines of their own stay, also those inside its section.

    Raises:
        ConfigError: the text is not TOML, or has no such source in a section of its own.

    """
    file, lines = _read(text, name)
    tables = list(file.data.get("sources", ()))
    place = next((place for place, table in enumerate(tables) if table.get("id") == source_id), None)
    if place is None:
        raise _fault(file.name, f"has no source {source_id!r}")
    first, stop = _section(file, place, len(lines))
    statements = list(_statements(lines, first, stop, name))
    gone = {number for start, end in statements for number in range(start, end)}
    end = statements[-1][1]
    kept = [line for number, line in enumerate(lines[first:end], first) if number not in gone and line.strip()]
    before, after = lines[:first], lines[end:]
    # One blank line of two that meet now, or of the file's beginning.
    if not kept and before and not before[-1].strip():
        before.pop()
    elif not kept and not before and after and not after[0].strip():
        after.pop(0)
    wanted = {**file.data, "sources": tables[:place] + tables[place + 1 :]}
    if not wanted["sources"]:
        del wanted["sources"]
    return _proved(text, [*before, *kept, *after], wanted, name)


def edit_file(path: Path, change: Callable[[str], str], check: Callable[[Path], object]) -> None:
    """Replace a configuration file by its changed text, once `check` finds no fault in that.

    `check` is given a copy beside the file. The new file is written and synced beside the old one and renamed
    over it, with its mode and owner; a link stays a link. Nothing is changed when anything fails.

    Raises:
        ConfigError: the change or the check found faults, or the file cannot be read or written.

    """
    target = path.resolve()
    try:
        with _locked(target.parent):
            old = target.read_bytes()
            data = change(old.decode("utf-8")).encode("utf-8")
            _check(path, data, check)
            replace_file(target, data)
    except UnicodeDecodeError as error:
        raise _fault(str(path), "is not UTF-8", "save the file as UTF-8") from error
    except OSError as error:
        raise _fault(str(path), f"cannot be changed: {error.strerror or error}") from error


def replace_file(target: Path, data: bytes) -> None:
    """Put the bytes in the file's place, atomically and durably; mode and owner of an old file stay.

    Raises:
        OSError: the disk refused; the file in place is untouched.

    """
    with _beside(target, data) as temporary:
        with contextlib.suppress(FileNotFoundError):
            found = target.stat()
            with contextlib.suppress(PermissionError):
                os.chown(temporary, found.st_uid, found.st_gid)
            temporary.chmod(stat.S_IMODE(found.st_mode))
        temporary.rename(target)
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _check(path: Path, data: bytes, check: Callable[[Path], object]) -> None:
    """Let `check` read the new text where the file is (packs and folders are relative to it)."""
    with _beside(path.absolute(), data) as copy:
        try:
            check(copy)
        except ConfigError as error:
            names = {str(copy): str(path)}
            raise ConfigError(replace(each, file=names.get(each.file, each.file)) for each in error.faults) from error


@contextlib.contextmanager
def _beside(path: Path, data: bytes) -> Iterator[Path]:
    """A synced file with the bytes beside `path`, readable by its owner only; removed at the end unless renamed."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(file, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One edit at a time; the lock is the folder's, because the file is replaced by every edit."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _read(text: str, name: str) -> tuple[TomlFile, list[str]]:
    """The file and its lines as `tomlfile` counts them, without the mark of UTF-8 that some editors write."""
    bare = text.removeprefix(_BOM)
    return parse_toml(bare, name), bare.splitlines(keepends=True)


def _section(file: TomlFile, place: int, count: int) -> tuple[int, int]:
    """The lines of a `[[sources]]` section, from its header to before the next foreign one (counted from 0)."""
    path = ("sources", place)
    header = file.lines.get(path)
    if header is None:
        raise _fault(file.name, "has no [[sources]] section to edit", "write each source as [[sources]]")
    foreign = [line for key, line in file.lines.items() if line > header and key[:2] != path]
    return header - 1, min(foreign, default=count + 1) - 1


def _statements(lines: Sequence[str], first: int, stop: int, name: str) -> Iterator[tuple[int, int]]:
    """Where each header and each key with its value starts and ends; comments and blank lines are none."""
    place = first
    while place < stop:
        if not lines[place].strip() or lines[place].lstrip().startswith("#"):
            place += 1
            continue
        end = next((end for end in range(place + 1, stop + 1) if _is_toml("".join(lines[place:end]))), None)
        if end is None:
            raise _fault(name, "is written in a way that cannot be edited safely", "edit it by hand", line=place + 1)
        yield place, end
        place = end


def _end_of_section(lines: Sequence[str], first: int, stop: int, name: str) -> int:
    """Where a new section can follow: after the last value, and after comments that touch it and nothing else."""
    *_, (_, end) = _statements(lines, first, stop, name)
    comments = end
    while comments < stop and lines[comments].lstrip().startswith("#"):
        comments += 1
    is_alone = comments == len(lines) or not lines[comments].strip()
    return comments if is_alone else end


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _section_text(source: NewSource) -> str:
    """The section as TOML; whatever text is in it, tomlkit writes it so that it is read back."""
    table = tomlkit.table()
    for key, value in _table(source).items():
        table.add(key, value)
    sections = tomlkit.aot()
    sections.append(table)
    comment = clean_title(source.comment)
    return (f"# {comment}\n" if comment else "") + tomlkit.dumps({"sources": sections})


def _table(source: NewSource) -> dict[str, Any]:
    """The keys that are written, in the order in which they are explained in config.toml."""
    values = {
        "id": source.id,
        "kind": source.kind,
        "url": source.url,
        "title": clean_title(source.title),
        "lang": source.lang,
        "region": source.region,
        "topic": source.topic,
        "interval": source.interval,
        "allow_private": source.allow_private,
    }
    return {key: value for key, value in values.items() if value}


def _proved(old: str, lines: Sequence[str], wanted: object, name: str) -> str:
    """The edited lines as one text, once it is known to say what is wanted."""
    edited = "".join(lines)
    try:
        said = tomllib.loads(edited)
    except tomllib.TOMLDecodeError:
        said = {}
    if said != wanted:
        raise _fault(name, "is written in a way that cannot be edited safely", "edit it by hand")
    return (_BOM if old.startswith(_BOM) else "") + edited


def _fault(name: str, message: str, cure: str = "", line: int | None = None) -> ConfigError:
    return ConfigError([Fault(file=name, line=line, message=message, cure=cure)])
