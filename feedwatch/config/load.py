"""config.toml and the environment, read into plain values; all faults at once."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from feedwatch.config.schema import (
    OVERRIDABLE,
    RESERVED_FEEDS,
    Document,
    FeedTable,
    Polling,
    Server,
    SourceTable,
    known_keys,
)
from feedwatch.config.secrets import read_alerts, read_secrets
from feedwatch.errors import ConfigError, Fault
from feedwatch.model import FeedSpec, FullText, Selectors, Source
from feedwatch.tomlfile import KeyPath, TomlFile, read_toml, suggest
from feedwatch.upkeep import Retention
from feedwatch.urls import http_url, is_public
from feedwatch.vitals import AlertSettings

PREFIX = "FEEDWATCH_"
#: Variables with the prefix that are no overrides.
_OTHER_VARIABLES = (
    "FEEDWATCH_NOW",
    "FEEDWATCH_CONFIG",
    "FEEDWATCH_LOG_FORMAT",
    "FEEDWATCH_LOG_LEVEL",
    "FEEDWATCH_REQUIRE_SERVICES",
)
#: A folder costs one look at each file's size and time.
FOLDER_INTERVAL_S = 60
#: What is wrong and how to write it, by key, for values that do not match their pattern.
_PATTERN_WORDS = {
    "id": ("is no valid id", "use at most 64 of a-z, 0-9 and -"),
    "lang": ("is no language code", 'write it as "fr" or "ha"'),
    "base_url": ("is no http(s) address", "write it as https://feeds.example.org/"),
    "contact": ("has characters that no header may carry", "write an address such as ops@example.org"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """How the feeds are served."""

    title: str
    max_age_s: int
    #: Networks of proxies that are believed.
    proxies: tuple[str, ...]
    #: Where the tokens are kept.
    tokens: Path
    #: Address of the hub that is told of changed feeds; None for none.
    hub: str | None
    #: Whether hubs of sources are asked to tell us of changes.
    subscribes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A configuration without faults of its own; its rules and questions are checked by the rules."""

    #: The file as read: rule sections and the line of each key.
    file: TomlFile
    base_dir: Path
    #: Ends in "/".
    base_url: str
    contact: str
    packs: tuple[str, ...]
    store_url: str
    output_dir: Path
    formats: tuple[str, ...]
    workers: int
    timeout_s: int
    host: str
    port: int
    alerts: AlertSettings
    server: ServerSettings
    sources: tuple[Source, ...]
    feeds: tuple[FeedSpec, ...]
    retention: Retention = field(default_factory=Retention)


def load_config(path: Path, env: Mapping[str, str] = os.environ) -> Config:
    """Read a configuration; `FEEDWATCH_<TABLE>_<KEY>` variables override single keys.

    Keys of `[feedwatch]` are overridden without the table's name: FEEDWATCH_BASE_URL.

    Raises:
        ConfigError: with every fault found, each with its line.
    """
    file = read_toml(path)
    data, faults = _overridden(file.data, env)
    try:
        document = Document.model_validate(data)
    except ValidationError as error:
        raise ConfigError([*faults, *_faults_of(file, error), *_id_faults(file, data)]) from error
    base_dir = path.absolute().parent
    faults += _id_faults(file, data)
    if document.server.hub is not None and http_url(document.server.hub) is None:
        faults.append(file.fault(("server", "hub"), "is no http(s) address", "write it as https://hub.example.org/"))
    sources = tuple(
        _source(file, faults, ("sources", place), table, document.polling, base_dir, env)
        for place, table in enumerate(document.sources)
    )
    alerts = read_alerts(file, faults, document.alerts, env)
    if faults:
        raise ConfigError(faults)
    host, _, port = document.server.listen.rpartition(":")
    return Config(
        file=replace(file, data={**data}),
        base_dir=base_dir,
        base_url=document.feedwatch.base_url.rstrip("/") + "/",
        contact=document.feedwatch.contact,
        packs=tuple(document.feedwatch.packs),
        store_url=document.store.url,
        output_dir=base_dir / Path(document.output.dir).expanduser(),
        formats=tuple(document.output.formats),
        workers=document.polling.workers,
        timeout_s=document.polling.timeout,
        host=host.strip("[]"),
        port=int(port),
        alerts=alerts,
        server=_server(document.server, document.feedwatch.base_url, base_dir),
        sources=sources,
        feeds=tuple(_feed(table) for table in document.feeds),
        retention=_retention(document),
    )


def _id_faults(file: TomlFile, data: Mapping[str, Any]) -> list[Fault]:
    """Ids that are used twice, that the program keeps, or that stand as former ones though a feed has them.

    It looks at the tables as they stand, so that these faults are told whatever else is wrong.
    """
    faults = [*_duplicates(file, data, "sources"), *_duplicates(file, data, "feeds")]
    feeds = _tables(data, "feeds")
    ids = {feed["id"] for _, feed in feeds if isinstance(feed.get("id"), str)}
    for place, feed in feeds:
        if feed.get("id") in RESERVED_FEEDS:
            faults.append(file.fault(("feeds", place, "id"), f"{feed['id']!r} is kept for the program's own feed"))
        former = feed.get("former")
        for old in former if isinstance(former, list) else ():
            if isinstance(old, str) and old in ids:
                cure = "a former id leads here only when no feed has it"
                faults.append(file.fault(("feeds", place, "former"), f"{old!r} is the id of a feed", cure))
    return faults


def _tables(data: Mapping[str, Any], section: str) -> list[tuple[int, Mapping[str, Any]]]:
    """The tables of an array with their places; what is none is left out."""
    tables = data.get(section)
    return (
        [(n, table) for n, table in enumerate(tables) if isinstance(table, Mapping)] if isinstance(tables, list) else []
    )


def _retention(document: Document) -> Retention:
    """How long entries are kept, in general and where a source or feed says otherwise."""
    return Retention(
        usual_s=document.store.keep,
        by_source={table.id: table.keep for table in document.sources if table.keep is not None},
        by_feed={table.id: table.keep for table in document.feeds if table.keep is not None},
    )


def _server(table: Server, base_url: str, base_dir: Path) -> ServerSettings:
    """How the feeds are served, as the table says."""
    return ServerSettings(
        title=table.title,
        max_age_s=table.max_age,
        proxies=tuple(table.proxies),
        tokens=base_dir / Path(table.tokens).expanduser(),
        hub=http_url(table.hub),
        subscribes=table.subscribe == "always" or (table.subscribe == "auto" and is_public(base_url)),
    )


def _source(
    file: TomlFile,
    faults: list[Fault],
    path: KeyPath,
    table: SourceTable,
    polling: Polling,
    base_dir: Path,
    env: Mapping[str, str],
) -> Source:
    """The source that a table describes; an address that is none is added to `faults`."""
    if table.kind == "folder":
        locator = str(base_dir / Path(table.path or "").expanduser())
    else:
        locator = (table.url or "").strip()
        if http_url(locator) is None:
            cure = "write it as https://example.org/feed"
            faults.append(file.fault((*path, "url"), f"{table.url!r} is no http(s) address", cure))
    default_s = FOLDER_INTERVAL_S if table.kind == "folder" else polling.interval
    secrets = read_secrets(file, faults, path, table, env)
    return Source(
        id=table.id,
        kind=table.kind,
        locator=locator,
        title=table.title or table.id,
        interval_s=table.interval or default_s,
        region=table.region,
        topic=table.topic,
        lang=table.lang,
        allow_private=table.allow_private,
        archives=table.archives,
        private=table.private,
        content=table.content,
        patterns=tuple(table.patterns or ("**/*",)),
        own_interval=table.interval is not None,
        spacing_s=polling.host_spacing if table.host_spacing is None else table.host_spacing,
        proxy=secrets.proxy,
        login=secrets.login,
        headers=secrets.headers,
        full_text=_full_text(table),
        teasers=table.teasers,
        selectors=None if table.selectors is None else Selectors(**table.selectors.model_dump()),
        pages=table.pages or 1,
    )


def _full_text(table: SourceTable) -> FullText:
    """Whether pages are fetched: as said, else where the source itself has no texts."""
    if table.full_text is None:
        return "auto" if table.kind in ("page", "sitemap") else "never"
    return "auto" if table.full_text == "auto" else "always" if table.full_text else "never"


def _feed(table: FeedTable) -> FeedSpec:
    """The feed that a table describes."""
    return FeedSpec(
        id=table.id,
        private=table.private,
        title=table.title,
        subtitle=table.subtitle,
        where=table.where,
        limit=table.limit,
        order=table.order,
        min_score=table.min_score,
        digest=table.digest,
        time_zone=table.time_zone,
        archive=table.archive,
        former=tuple(table.former),
        max_age_s=table.max_age,
        per_source=table.per_source,
        content=table.content,
        reasons=table.reasons,
        footer=table.footer,
        lang=table.lang,
    )


def _duplicates(file: TomlFile, data: Mapping[str, Any], section: str) -> list[Fault]:
    """A fault for each id that was used before, naming the line of the first use."""
    faults: list[Fault] = []
    first: dict[str, int] = {}
    for place, table in _tables(data, section):
        given = table.get("id")
        if not isinstance(given, str):
            continue
        before = first.setdefault(given, place)
        if before != place:
            line = file.line_of((section, before, "id"))
            faults.append(file.fault((section, place, "id"), f"{given!r} is used already in line {line}"))
    return faults


def _overridden(data: Mapping[str, Any], env: Mapping[str, str]) -> tuple[dict[str, Any], list[Fault]]:
    """The file's data with the environment's overrides, and a fault for each variable that names no key."""
    names = {
        PREFIX + (key if table == "feedwatch" else f"{table}_{key}").upper(): (table, key)
        for table, model in OVERRIDABLE.items()
        for key in model.model_fields
    }
    merged = dict(data)
    faults: list[Fault] = []
    for variable in sorted(env):
        if not variable.startswith(PREFIX) or variable in _OTHER_VARIABLES or variable.startswith("FEEDWATCH_TEST_"):
            continue
        if variable not in names:
            cure = suggest(variable, [*names, *_OTHER_VARIABLES])
            faults.append(Fault(file="<environment>", key=variable, message="overrides no key", cure=cure))
            continue
        table, key = names[variable]
        section = merged.get(table)
        merged[table] = {**(section if isinstance(section, Mapping) else {}), key: _toml_value(env[variable])}
    return merged, faults


def _toml_value(text: str) -> object:
    """The text as a TOML value (a number, a list), or else as it is."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _faults_of(file: TomlFile, error: ValidationError) -> list[Fault]:
    """Each of pydantic's findings in our words, in the order of the file's lines."""
    faults: list[Fault] = []
    for found in error.errors(include_url=False):
        path: KeyPath = tuple(found["loc"])
        message, cure = _words(found["type"], found["msg"], path, found.get("ctx") or {})
        faults.append(file.fault(path, message, cure))
    return sorted(faults, key=lambda fault: fault.line or 0)


def _words(kind: str, message: str, path: KeyPath, context: Mapping[str, Any]) -> tuple[str, str]:
    """A finding's message and cure for people."""
    if kind == "extra_forbidden":
        table = tuple(part for part in path[:-1])
        known = known_keys(table)
        return "unknown key", suggest(str(path[-1]), known) or f"known here: {', '.join(sorted(known))}"
    if kind == "missing":
        return "is missing", ""
    if kind == "literal_error":
        return "is not one of the possible values", f"possible: {context.get('expected', '')}"
    if kind == "string_pattern_mismatch" and path[-1] in _PATTERN_WORDS:
        return _PATTERN_WORDS[str(path[-1])]
    return message.removeprefix("Value error, "), ""
