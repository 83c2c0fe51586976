"""Reading the tables of rule files: shapes, terms and sets, every fault with its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from feedwatch.errors import Fault
from feedwatch.rules.terms import Term, TermError, parse_term, split_points
from feedwatch.tomlfile import KeyPath, TomlFile, suggest


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a file; what is wrong in it is added to `faults`, and a default is given instead."""

    file: TomlFile
    path: KeyPath
    data: Mapping[str, Any]
    faults: list[Fault]

    def fault(self, message: str, cure: str = "", *place: str | int) -> None:
        """Take note of a fault at a key (or a place in its list) of this table."""
        self.faults.append(self.file.fault((*self.path, *place), message, cure))

    def check_keys(self, known: Iterable[str], what: str) -> None:
        """Report every key that is not known."""
        names = sorted(known)
        for key in self.data:
            if key not in names:
                self.fault(f"unknown {what} {key!r}", suggest(key, names) or f"known are {', '.join(names)}", key)

    def table(self, key: str) -> Table:
        """The table at `key`, empty if there is none."""
        value = self.data.get(key, {})
        if not isinstance(value, dict):
            self.fault("must be a table", f"write it as [{key}]", key)
            value = {}
        return Table(self.file, (*self.path, key), value, self.faults)

    def tables(self, key: str) -> list[Table]:
        """The tables of the array at `key`."""
        value = self.data.get(key, [])
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return [Table(self.file, (*self.path, key, n), item, self.faults) for n, item in enumerate(value)]
        name = ".".join(str(part) for part in (*self.path, key))
        self.fault("must be an array of tables", f"write it as [[{name}]]", key)
        return []

    def text(self, key: str) -> str | None:
        """The string at `key`."""
        value = self.data.get(key)
        if value is None or (isinstance(value, str) and value.strip()):
            return value
        self.fault("must be a text that is not empty", "put it in quotes", key)
        return None

    def flag(self, key: str, default: bool = False) -> bool:
        """The truth value at `key`."""
        value = self.data.get(key, default)
        if isinstance(value, bool):
            return value
        self.fault("must be true or false", "without quotes", key)
        return default

    def number(self, key: str, low: float, high: float) -> float | None:
        """The figure at `key`."""
        value = self.data.get(key)
        if value is None:
            return None
        # A TOML boolean is no figure, though Python counts it as one; NaN fails the comparison.
        if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
            return value
        self.fault(f"must be a number from {low:g} to {high:g}", "", key)
        return None

    def texts(self, key: str) -> list[tuple[int, str]]:
        """The strings of the list at `key` with their places."""
        value = self.data.get(key, [])
        if isinstance(value, str):
            self.fault("must be a list", f"write it as {key} = [{value!r}]", key)
            return []
        return self.texts_of(value, key)

    def texts_of(self, value: object, *place: str | int) -> list[tuple[int, str]]:
        """The same of a list already at hand, which stands at `place`."""
        if not isinstance(value, list):
            self.fault("must be a list of texts", "", *place)
            return []
        for n, item in enumerate(value):
            if not isinstance(item, str):
                self.fault(f"must be a text, not {item!r}", "put it in quotes", *place, n)
        return [(n, item) for n, item in enumerate(value) if isinstance(item, str)]

    def langs(self) -> frozenset[str] | None:
        """The languages under `lang`, one or a list."""
        value = self.data.get("lang")
        if value is None:
            return None
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or not items or not all(_is_language(item) for item in items):
            self.fault(f"{value!r} is no language", 'write it as lang = "fr" (two or three letters)', "lang")
            return None
        return frozenset(items)


def _is_language(value: object) -> bool:
    return isinstance(value, str) and 2 <= len(value) <= 3 and value.isascii() and value.isalpha() and value.islower()


@dataclass(slots=True)
class Sets:
    """The named lists of all packs."""

    _lists: dict[str, list[tuple[Table, str]]] = field(default_factory=dict)
    _used: dict[str, tuple[Term, ...]] = field(default_factory=dict)

    def add(self, table: Table, *, extend: bool) -> None:
        """Take note of the sets of one file."""
        for name in table.data:
            before = self._lists.get(name)
            if before is not None and not extend and before[0][0].file is not table.file:
                table.fault(
                    f"the set is also in {before[0][0].file.name}", "give it another name, or extend = true", name
                )
            self._lists.setdefault(name, []).append((table, name))

    def check(self) -> None:
        """Report what is wrong in sets, also in those that nobody uses."""
        for name in sorted(self._lists):
            self._expand(name, ())

    def words(self) -> dict[str, frozenset[str]]:
        """The terms of each set as written."""
        return {name: frozenset(term.text for term in self._expand(name, ())) for name in self._lists}

    def terms(
        self, table: Table, strings: Sequence[tuple[int, str]], langs: frozenset[str] | None, *place: str | int
    ) -> tuple[Term, ...]:
        """The terms of a list of `table`; sets are opened, and their terms hold in every language."""
        return self._read(table, strings, langs, place, ())

    def _read(
        self,
        table: Table,
        strings: Sequence[tuple[int, str]],
        langs: frozenset[str] | None,
        place: tuple[str | int, ...],
        outer: tuple[str, ...],
    ) -> tuple[Term, ...]:
        found: list[Term] = []
        for n, string in strings:
            try:
                if string.lstrip().startswith("@"):
                    name, points = split_points(string)
                    found += self._open(table, name[1:], points, (*place, n), outer)
                else:
                    found.append(parse_term(string, langs))
            except TermError as error:
                table.fault(str(error), error.cure, *place, n)
        return tuple(found)

    def _open(
        self, table: Table, name: str, points: float | None, place: tuple[str | int, ...], outer: tuple[str, ...]
    ) -> list[Term]:
        if name not in self._lists:
            known = ", ".join(f"@{known}" for known in sorted(self._lists)) or "there is none yet"
            table.fault(f"there is no set @{name}", suggest(name, self._lists) or f"known: {known}", *place)
            return []
        if name in outer:
            table.fault(f"the set @{name} contains itself", "take it out", *place)
            return []
        terms = self._expand(name, outer)
        return [replace(term, points=points) if points is not None and term.points is None else term for term in terms]

    def _expand(self, name: str, outer: tuple[str, ...]) -> tuple[Term, ...]:
        if (known := self._used.get(name)) is not None:
            return known
        terms: list[Term] = []
        for table, key in self._lists[name]:
            terms += self._read(table, table.texts(key), None, (key,), (*outer, name))
        self._used[name] = tuple(dict.fromkeys(terms))
        return self._used[name]
