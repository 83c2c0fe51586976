"""Reading a TOML file so that every fault can name its line."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from feedwatch.errors import ConfigError, Fault

KeyPath = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
_PART = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*(\.|$|=)""")
_MULTILINE = re.compile(r'"""|\'\'\'')
_STRING_OR_COMMENT = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|#.*')


@dataclass(frozen=True, kw_only=True)
class TomlFile:
    """A TOML file's data and the line of each of its keys."""

    #: As a person would name it.
    name: str
    data: Mapping[str, Any]
    #: What `data` was read from.
    text: str = ""

    @cached_property
    def lines(self) -> Mapping[KeyPath, int]:
        """The line (from 1) of each key; looked for at the first fault, which most files never have."""
        return _locate(self.text)

    def line_of(self, path: KeyPath) -> int | None:
        """The line (from 1) of the key, or of the nearest key around it; None without any."""
        for end in range(len(path), 0, -1):
            if (line := self.lines.get(path[:end])) is not None:
                return line
        return None

    def fault(self, path: KeyPath, message: str, cure: str = "", excerpt: str = "") -> Fault:
        """A fault of the key at `path`, with file and line."""
        return Fault(
            file=self.name, line=self.line_of(path), key=key_text(path), message=message, cure=cure, excerpt=excerpt
        )


def key_text(path: KeyPath) -> str:
    """A key's path for people: `sources[2].kind`; list places count from 1."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def suggest(word: str, known: Iterable[str]) -> str:
    """The words "did you mean 'x'?" for the nearest known word, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else ""


def read_toml(path: Path, name: str | None = None) -> TomlFile:
    """Read a TOML file; `name` is how errors call it (default: the path as given).

    Raises:
        ConfigError: the file is missing, unreadable, not UTF-8 or not TOML; the fault names the line.

    """
    shown = name or str(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError(
            [Fault(file=shown, message="no such file", cure="name another file with --config")]
        ) from error
    except OSError as error:
        raise ConfigError([Fault(file=shown, message=f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ConfigError(
            [Fault(file=shown, line=line, message="is not UTF-8", cure="save the file as UTF-8")]
        ) from error
    return parse_toml(text, shown)


def parse_toml(text: str, name: str) -> TomlFile:
    """Read TOML from a string; see `read_toml`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        message = re.sub(r" \(at .*\)$", "", str(error))
        raise ConfigError([Fault(file=name, line=line, message=f"is not valid TOML: {message}")]) from error
    return TomlFile(name=name, data=data, text=text)


def _locate(text: str) -> dict[KeyPath, int]:
    """The line of each key. The text is valid TOML; inline tables are known by their own key only."""
    lines: dict[KeyPath, int] = {}
    counts: dict[KeyPath, int] = {}
    table: KeyPath = ()
    depth = 0
    closing = ""
    for number, line in enumerate(text.splitlines(), 1):
        if closing:
            if closing in line:
                closing = ""
            continue
        if depth == 0 and (header := _HEADER.match(line)):
            table = _table_path(_key_parts(header[2]), counts, is_array=header[1] == "[[")
            lines.setdefault(table, number)
            lines.setdefault(table[:1], number)
            continue
        if depth == 0 and (keys := _key_parts(line, needs_equals=True)):
            for end in range(1, len(keys) + 1):
                lines.setdefault((*table, *keys[:end]), number)
        marks = _MULTILINE.findall(line)
        if len(marks) % 2:
            closing = marks[-1]
            continue
        bare = _STRING_OR_COMMENT.sub("", line)
        depth = max(0, depth + bare.count("[") + bare.count("{") - bare.count("]") - bare.count("}"))
    return lines


def _table_path(keys: KeyPath, counts: dict[KeyPath, int], *, is_array: bool) -> KeyPath:
    """The path of a table header, with the place of the latest element for each array of tables."""
    path: KeyPath = ()
    for place, key in enumerate(keys):
        path = (*path, key)
        if is_array and place == len(keys) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _key_parts(text: str, *, needs_equals: bool = False) -> KeyPath:
    """The parts of a dotted key at the start of `text`; () if there is none."""
    parts: list[str] = []
    position = 0
    while match := _PART.match(text, position):
        parts.append(next(part for part in match.groups()[:3] if part is not None))
        position = match.end()
        if match[4] == "=":
            return tuple(parts)
        if match[4] == "":
            return () if needs_equals else tuple(parts)
    return ()
