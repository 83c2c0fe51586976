"""Where in which file each term of a rule stands: what merging forgets and people want to know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from feedwatch.errors import ConfigError, Fault
from feedwatch.model import Facet
from feedwatch.rules import load
from feedwatch.rules.parts import TERM_LISTS, read_part
from feedwatch.rules.ruleset import Rule, RuleSet
from feedwatch.rules.tables import Sets, Table
from feedwatch.rules.terms import Term
from feedwatch.tomlfile import TomlFile, read_toml

_FIELDS = {"except": "excepts"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """One term in one list of one file."""

    facet: Facet
    rule: str
    #: strong, terms, weak, unsure, except or veto.
    list: str
    term: Term
    #: As errors call it; built-in packs begin with "pack ".
    file: str
    #: Of the list.
    line: int


def rule_files(packs: Sequence[str], inline: TomlFile | None, base_dir: Path) -> list[TomlFile]:
    """The files of the rules in the order in which they are merged; those that cannot be read are left out."""
    files = []
    for pack in packs:
        for path, name in load.pack_files(pack, base_dir):
            try:
                files.append(read_toml(path, name))
            except ConfigError:
                continue
    return [*files, inline] if inline is not None else files


def rule_ids(files: Sequence[TomlFile]) -> dict[Facet, set[str]]:
    """The ids of all rules that the files speak of, whatever else is wrong with them."""
    found: dict[Facet, set[str]] = {"region": set(), "topic": set()}
    for file in files:
        for section, facet in load.FACETS.items():
            table = file.data.get(section)
            if isinstance(table, dict):
                found[facet] |= table.keys()
    return found


def origins(files: Sequence[TomlFile], ruleset: RuleSet, only: Rule | None = None) -> list[Origin]:
    """Where each term of the merged rules (or of one) stands; a term in several files comes once for each."""
    faults: list[Fault] = []
    tops = [Table(file, (), file.data, faults) for file in files]
    sets = Sets()
    for top in tops:
        sets.add(top.table("sets"), extend=True)
    found: list[Origin] = []
    for top in tops:
        for section, facet in load.FACETS.items():
            rules = top.table(section)
            for rule_id in rules.data:
                rule = ruleset.rules[facet].get(rule_id)
                if rule is not None and (only is None or only is rule):
                    found += _of_table(rules.table(rule_id), top, sets, rule)
    return found


def _of_table(table: Table, top: Table, sets: Sets, rule: Rule) -> list[Origin]:
    # The sections of a configuration have no language of their own.
    langs = None if "feedwatch" in top.data or "feeds" in top.data else top.langs()
    part = read_part(table, sets, langs, extend=True)
    # What a later file replaced is in no rule any more.
    held = {name: frozenset[Term](getattr(rule, _FIELDS.get(name, name))) for name in TERM_LISTS}
    return [
        Origin(
            facet=rule.facet,
            rule=rule.id,
            list=name,
            term=term,
            file=table.file.name,
            line=table.file.line_of((*table.path, name)) or 1,
        )
        for name in TERM_LISTS
        for term in part.lists.get(name, ())
        if term in held[name]
    ]
