"""Everything that is wrong in a configuration, its rules, questions and rule tests.

No I/O of its own but the rule files.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from feedwatch.config.load import Config, load_config
from feedwatch.errors import ConfigError, Fault, QueryError
from feedwatch.model import Facet
from feedwatch.rules.load import load_rules
from feedwatch.rules.naming import suggest_rule
from feedwatch.rules.origins import rule_files, rule_ids
from feedwatch.rules.ruleset import RuleTest
from feedwatch.rules.where import parse_where
from feedwatch.tomlfile import TomlFile, read_toml, suggest

_DEFAULT_PACKS: tuple[str, ...] = ("regions", "topics")


def all_faults(path: Path, env: Mapping[str, str] = os.environ) -> list[Fault]:
    """Everything that is wrong in a configuration, its rules, questions and rule tests, whatever else is wrong."""
    try:
        file = read_toml(path)
    except ConfigError as error:
        return list(error.faults)
    faults: list[Fault] = []
    config: Config | None = None
    try:
        config = load_config(path, env)
    except ConfigError as error:
        faults += error.faults
    base_dir = path.absolute().parent
    packs = config.packs if config else _raw_packs(file)
    files = rule_files(packs, file, base_dir)
    ids: Mapping[Facet, Collection[str]] = rule_ids(files)
    try:
        rules = load_rules(packs, inline=config.file if config else file, base_dir=base_dir)
    except ConfigError as error:
        faults += error.faults
    else:
        ids = rules.rules
        faults += _test_faults(rules.tests, _raw(file, "feeds"), base_dir)
    faults += _question_faults(file, ids)
    return sorted(dict.fromkeys(faults), key=lambda fault: (fault.file != str(path), fault.file, fault.line or 0))


def _raw(file: TomlFile, section: str) -> list[Mapping[str, Any]]:
    """The tables of an array as they stand; what is none counts as an empty one."""
    tables = file.data.get(section)
    return [table if isinstance(table, dict) else {} for table in tables] if isinstance(tables, list) else []


def _raw_packs(file: TomlFile) -> Sequence[str]:
    section = file.data.get("feedwatch")
    packs = section.get("packs", _DEFAULT_PACKS) if isinstance(section, dict) else _DEFAULT_PACKS
    return [pack for pack in packs if isinstance(pack, str)] if isinstance(packs, list | tuple) else _DEFAULT_PACKS


def _question_faults(file: TomlFile, ids: Mapping[Facet, Collection[str]]) -> list[Fault]:
    """Faults of questions and of the defaults of sources."""
    faults = []
    sources = [source["id"] for source in _raw(file, "sources") if isinstance(source.get("id"), str)]
    for place, feed in enumerate(_raw(file, "feeds")):
        where = feed.get("where", "")
        if not isinstance(where, str):
            continue
        try:
            parse_where(where, regions=ids["region"], topics=ids["topic"], sources=sources)
        except QueryError as error:
            faults += [
                file.fault(("feeds", place, "where"), each.message, each.cure, excerpt=each.excerpt)
                for each in (error, *error.more)
            ]
    facets: tuple[Facet, ...] = ("region", "topic")
    for place, source in enumerate(_raw(file, "sources")):
        for facet in facets:
            rule = source.get(facet)
            if isinstance(rule, str) and rule not in ids[facet]:
                cure = suggest_rule(rule, ids[facet])
                faults.append(file.fault(("sources", place, facet), f"no rule has the id {rule!r}", cure))
    return faults


def _test_faults(tests: Iterable[RuleTest], feeds: Iterable[Mapping[str, Any]], base_dir: Path) -> list[Fault]:
    """Faults of `[[tests]]` that name a file or feed that is not there."""
    known = [feed["id"] for feed in feeds if isinstance(feed.get("id"), str)]
    faults = []
    for test in tests:
        name, _, line = test.where.rpartition(":")
        if test.file is not None and not file_of(test, base_dir).is_file():
            faults.append(Fault(file=name, line=int(line), key="tests", message=f"there is no file {test.file}"))
        for item in (*test.expect, *test.reject):
            kind, _, feed = item.partition(":")
            if kind == "feed" and feed not in known:
                message = f"there is no feed {feed!r}"
                faults.append(Fault(file=name, line=int(line), key="tests", message=message, cure=suggest(feed, known)))
    return faults


def file_of(test: RuleTest, base_dir: Path) -> Path:
    """The document of a test: beside the rule file that names it, else in the configuration's folder."""
    if test.file is None:
        raise ValueError(f"{test.where}: the test has no file")
    rule_file = Path(test.where.rpartition(":")[0])
    if test.file.is_relative_to(base_dir):
        beside = base_dir / rule_file.parent / test.file.relative_to(base_dir)
        if beside.is_file():
            return beside
    return test.file
