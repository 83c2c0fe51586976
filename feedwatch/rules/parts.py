"""One table `[regions.x]` or `[topics.x]` as a part of a rule."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import re2

from feedwatch.rules.fold import words_of
from feedwatch.rules.ruleset import NEAR_POINTS, NEAR_WITHIN, Near, Regex
from feedwatch.rules.tables import Sets, Table
from feedwatch.rules.terms import Term, TermError, split_points

TERM_LISTS = ("strong", "terms", "weak", "unsure", "except", "veto")
#: Lists that no language gates.
_UNGATED = ("except",)
_SCALARS = ("name", "code", "parent", "min_score", "min_share")
_FLAGS = ("extend", "replace", "off")
RULE_KEYS = (*TERM_LISTS, *_SCALARS, *_FLAGS, "need", "near", "regex", "members", "lang")
_NEAR_KEYS = ("a", "b", "within", "points", "ordered")
MIN_TRIGGER = 3
_MAX_REGEX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one table says; several parts make a rule."""

    table: Table
    extend: bool = False
    replace: bool = False
    off: bool = False
    #: Only the scalars that stand in the table.
    scalars: dict[str, Any] = field(default_factory=dict)
    lists: dict[str, tuple[Term, ...]] = field(default_factory=dict)
    members: tuple[str, ...] = ()
    #: One of each group.
    need: tuple[tuple[Term, ...], ...] = ()
    #: Any of these.
    need_any: tuple[Term, ...] = ()
    near: tuple[Near, ...] = ()
    regex: tuple[Regex, ...] = ()


def read_part(table: Table, sets: Sets, file_langs: frozenset[str] | None, *, extend: bool) -> Part:
    """Read a rule's table; `extend` is the file's default."""
    langs = table.langs() or file_langs
    scalars = {key: table.text(key) for key in ("name", "code", "parent")}
    numbers = {"min_score": table.number("min_score", 0, 1000), "min_share": table.number("min_share", 0, 1)}
    flags = {key: table.flag(key) for key in _FLAGS}
    if sum(flags.values()) > 1:
        table.fault("extend, replace and off exclude each other", "keep one of them")
    need, need_any = _read_need(table, sets, langs)
    return Part(
        table=table,
        extend=flags["extend"] or (extend and not flags["replace"] and not flags["off"] and "extend" not in table.data),
        replace=flags["replace"],
        off=flags["off"],
        scalars={key: value for key, value in (*scalars.items(), *numbers.items()) if value is not None},
        lists={
            key: sets.terms(table, table.texts(key), None if key in _UNGATED else langs, key)
            for key in TERM_LISTS
            if key in table.data
        },
        members=tuple(member for _, member in table.texts("members")),
        need=need,
        need_any=need_any,
        near=tuple(near for item in table.tables("near") if (near := _read_near(item, sets, langs))),
        regex=tuple(_read_regexes(table, langs)),
    )


def _read_need(
    table: Table, sets: Sets, langs: frozenset[str] | None
) -> tuple[tuple[tuple[Term, ...], ...], tuple[Term, ...]]:
    """The groups of a list of lists, and the terms of a flat list."""
    value = table.data.get("need", [])
    if not isinstance(value, list):
        table.fault("must be a list", "", "need")
        return (), ()
    if not value or not all(isinstance(item, list) for item in value):
        return (), sets.terms(table, table.texts_of(value, "need"), langs, "need")
    if not all(value):
        table.fault("an empty group is never met", "take it out", "need")
    groups = [sets.terms(table, table.texts_of(item, "need", n), langs, "need", n) for n, item in enumerate(value)]
    return tuple(group for group in groups if group), ()


def _read_near(table: Table, sets: Sets, langs: frozenset[str] | None) -> Near | None:
    table.check_keys(_NEAR_KEYS, "key")
    sides = [sets.terms(table, table.texts(key), langs, key) for key in ("a", "b")]
    for key, side in zip(("a", "b"), sides, strict=True):
        if not side and not table.data.get(key):
            table.fault(f"near needs terms under {key!r}", f'add {key} = ["…"]')
    within, points = table.number("within", 0, 200), table.number("points", 0, 9)
    if not all(sides):
        return None
    return Near(
        a=sides[0],
        b=sides[1],
        within=NEAR_WITHIN if within is None else int(within),
        points=NEAR_POINTS if points is None else points,
        ordered=table.flag("ordered"),
    )


def _read_regexes(table: Table, langs: frozenset[str] | None) -> list[Regex]:
    found = []
    for n, text in table.texts("regex"):
        try:
            pattern, points = split_points(text)
            compile_regex(pattern)
            triggers = tuple(_trigger(literals) for literals in literals_of(pattern))
        except TermError as error:
            table.fault(str(error), error.cure, "regex", n)
            continue
        if not all(triggers):
            table.fault(
                f"the expression {text!r} can match without any word of {MIN_TRIGGER} letters",
                f"write at least {MIN_TRIGGER} letters outside of brackets and choices",
                "regex",
                n,
            )
            continue
        found.append(Regex(text=pattern, points=2.0 if points is None else points, triggers=triggers, langs=langs))
    return found


def compile_regex(pattern: str) -> Any:
    """The compiled expression (RE2: linear time).

    Raises:
        TermError: RE2 refuses it.

    """
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_REGEX_BYTES
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else error
        shown = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise TermError(
            f"the expression {pattern!r} is refused: {shown}", "see RE2's syntax: no look-around"
        ) from error


def literals_of(pattern: str) -> list[list[str]]:
    """For each choice at the top of an expression the runs of characters that every match holds.

    Conservative: groups, classes and whatever may be absent give nothing.
    """
    choices: list[list[str]] = [[""]]
    depth = place = 0
    while place < len(pattern):
        char, runs = pattern[place], choices[-1]
        width = 1
        if char == "\\":
            width, char = _escape(pattern, place)
        elif char == "[":
            width, char = _class_width(pattern, place), ""
        elif char in "()":
            depth += 1 if char == "(" else -1
            char = ""
        elif char == "|" and depth == 0:
            choices.append([""])
            place += 1
            continue
        elif char in "*?{":
            # The character before may be absent.
            runs[-1] = runs[-1][:-1]
            width = pattern.find("}", place) - place + 1 if char == "{" and "}" in pattern[place:] else 1
            char = ""
        elif char in "+^$.|":
            char = ""
        if depth == 0 and char:
            runs[-1] += char
        else:
            runs.append("")
        place += width
    return choices


def _escape(pattern: str, place: int) -> tuple[int, str]:
    """The width of an escape and the literal it stands for; "" for a class, a number or an assertion."""
    sign, after = pattern[place + 1 : place + 2], pattern[place + 2 : place + 3]
    if sign.isdigit():
        digits = re.match(r"\d+", pattern[place + 1 :])
        return 1 + (digits.end() if digits else 1), ""
    if sign in {"p", "P", "x"} and after != "{":
        return 4 if sign == "x" else 3, ""
    # An escaped sign is itself; an escaped letter is a class or an assertion.
    return 2, "" if sign.isalpha() else sign


def _class_width(pattern: str, start: int) -> int:
    place = start + 1
    if pattern[place : place + 1] == "^":
        place += 1
    place += 1
    while place < len(pattern) and pattern[place] != "]":
        place += 2 if pattern[place] == "\\" else 1
    return place - start + 1


def _trigger(runs: list[str]) -> str:
    """The longest folded text that every match holds and that has a word long enough; "" without one."""
    found = [text for run in runs for text in _folded(run) if any(map(_is_telling, text.split()))]
    return max(found, key=lambda text: (len(text), text), default="")


def _folded(run: str) -> list[str]:
    """A run as it stands in folded texts: whole where it is letters and blanks, else word by word."""
    words = words_of(run)
    if not run.replace(" ", "").isalpha():
        return words
    # Blanks at its ends stay: "lima " stands in fewer texts than "lima".
    return [" " * run.startswith(" ") + " ".join(words) + " " * run.endswith(" ")]


def _is_telling(word: str) -> bool:
    return len(word) >= MIN_TRIGGER and any(char.isalpha() for char in word)
