"""The owner of pydantic: the shape of config.toml, table by table."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from feedwatch.formats import Format
from feedwatch.source import Content

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION = re.compile(r"(\d+)\s*([smhdw])")
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_LISTEN = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:\s\[\]]+):(\d{1,5})")

#: Ids of feeds that the program itself writes.
RESERVED_FEEDS = frozenset({"health", "alerts", "index"})


def seconds(value: object) -> int:
    """A duration such as "90s", "15m", "1h", "7d" in seconds.

    Raises:
        ValueError: the text is no duration, or zero.
    """
    found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None or int(found[1]) == 0:
        raise ValueError('is no length of time; write it as "90s", "15m", "1h" or "7d"')
    return int(found[1]) * _UNITS[found[2]]


def pause(value: object) -> int:
    """As `seconds`, but "0s" is a pause, too.

    Raises:
        ValueError: the text is no duration.
    """
    return 0 if value == "0s" else seconds(value)


def hours_of_day(value: object) -> tuple[int, int]:
    """Hours such as "22:00-06:00" as minutes since midnight.

    Raises:
        ValueError: the text is no such hours.
    """
    found = _HOURS.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError('are no hours; write them as "22:00-06:00"')
    start, until = (int(found[n]) * 60 + int(found[n + 1]) for n in (1, 3))
    return start, until


def zone_name(value: str) -> str:
    """The name of a time zone, checked.

    Raises:
        ValueError: there is no such zone.
    """
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError('is no time zone; write it as "Africa/Niamey" or "UTC"') from error
    return value


def listen_text(value: object) -> str:
    """The text `host:port`, checked.

    Raises:
        ValueError: it is no host and port.
    """
    found = _LISTEN.fullmatch(value) if isinstance(value, str) else None
    if found is None or int(found[2]) > 65_535:
        raise ValueError('is no address; write it as "127.0.0.1:8080" or "[::1]:8080"')
    return found[0]


def time_zone(value: object) -> str:
    """The name of a time zone that this machine knows.

    Raises:
        ValueError: it knows no such zone.
    """
    try:
        return ZoneInfo(str(value)).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError('is no time zone known here; write it as "Africa/Niamey" or "UTC"') from error


def network_text(value: str) -> str:
    """An address or network, checked.

    Raises:
        ValueError: it is none.
    """
    try:
        ip_network(value, strict=False)
    except ValueError:
        raise ValueError('is no address or network; write it as "127.0.0.1" or "10.0.0.0/8"') from None
    return value


TimeZone = Annotated[str, BeforeValidator(time_zone)]


def full_text_value(value: object) -> object:
    """One of true, false and "auto".

    Raises:
        ValueError: it is something else.
    """
    if isinstance(value, bool) or value == "auto":
        return value
    raise ValueError('write it as "auto", true or false')


Duration = Annotated[int, BeforeValidator(seconds)]
Pause = Annotated[int, BeforeValidator(pause)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]


class _Table(BaseModel):
    """A table of the file: unknown keys are faults, values are not bent into shape."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class General(_Table):
    """`[feedwatch]`."""

    base_url: str = Field(default="http://127.0.0.1:8080/", pattern=r"^https?://[^/\s]+(/\S*)?$")
    contact: str = Field(default="", max_length=200, pattern=r"^[\x20-\x7e]*$")
    packs: list[str] = ["regions", "topics"]


class StoreTable(_Table):
    """`[store]`."""

    url: str = "sqlite:///feedwatch.db"
    #: Entries first seen longer ago are let go; without it they stay for ever.
    keep: Duration | None = None


class Output(_Table):
    """`[output]`."""

    dir: str = "feeds"
    #: Atom is always among them: archives, subscriptions and the list of feeds name it.
    formats: list[Format] = ["atom", "rss", "json", "html"]

    @field_validator("formats")
    @classmethod
    def _has_atom(cls, formats: list[Format]) -> list[Format]:
        if "atom" not in formats:
            raise ValueError('must have "atom" in it: archives and the list of feeds are made of it')
        return list(dict.fromkeys(formats))


class Polling(_Table):
    """`[polling]`."""

    interval: Duration = 3600
    workers: int = Field(default=16, ge=1, le=256)
    timeout: Duration = 20
    #: Between two requests to one server.
    host_spacing: Pause = 2


class Server(_Table):
    """`[server]`."""

    listen: Annotated[str, BeforeValidator(listen_text)] = "127.0.0.1:8080"
    #: Above the list of feeds.
    title: str = Field(default="feedwatch", min_length=1, max_length=200)
    #: How long readers and caches may keep a feed without asking.
    max_age: Duration = 300
    #: Networks of proxies whose X-Forwarded-For is believed.
    proxies: list[Annotated[str, AfterValidator(network_text)]] = []
    #: File with the hashes of tokens that open private feeds.
    tokens: str = Field(default="tokens.json", min_length=1, max_length=1000)
    #: Hub that is told of changed feeds (WebSub).
    hub: str | None = Field(default=None, max_length=2000)
    #: Whether hubs of sources are asked to tell us: auto means if base_url is public.
    subscribe: Literal["auto", "always", "never"] = "auto"


class EngineTable(_Table):
    """`[engine]`."""

    kind: Literal["local"] = "local"


class Alerts(_Table):
    """`[alerts]`."""

    channels: list[str] = Field(default=[], max_length=50)
    quiet: Annotated[tuple[int, int] | None, BeforeValidator(hours_of_day)] = None
    timezone: Annotated[str, AfterValidator(zone_name)] = "UTC"
    watch: list[str] = Field(default=["@armed_groups"], max_length=1000)
    sources_at_once: int = Field(default=4, ge=2, le=1000)


class SelectorsTable(_Table):
    """`selectors` of a page."""

    item: str = Field(min_length=1, max_length=500)
    title: str | None = Field(default=None, min_length=1, max_length=500)
    link: str | None = Field(default=None, min_length=1, max_length=500)
    date: str | None = Field(default=None, min_length=1, max_length=500)
    summary: str | None = Field(default=None, min_length=1, max_length=500)


class SourceTable(_Table):
    """One `[[sources]]`."""

    id: Id
    kind: Literal["feed", "page", "sitemap", "folder"] = "feed"
    url: str | None = None
    path: str | None = None
    title: str | None = Field(default=None, max_length=200)
    lang: Language | None = None
    region: str | None = None
    topic: str | None = None
    interval: Duration | None = None
    #: In place of `[store] keep`.
    keep: Duration | None = None
    allow_private: bool = False
    archives: bool = True
    private: bool = False
    #: No feed shows more of its entries than this.
    content: Content = "full"
    patterns: list[str] | None = Field(default=None, min_length=1)
    host_spacing: Pause | None = None
    proxy: str | None = Field(default=None, max_length=2000)
    login: str | None = Field(default=None, max_length=1000)
    headers: dict[str, str] | None = Field(default=None, max_length=50)
    full_text: Annotated[bool | Literal["auto"] | None, BeforeValidator(full_text_value)] = None
    teasers: bool = False
    selectors: SelectorsTable | None = None
    pages: int | None = Field(default=None, ge=1, le=20)

    @model_validator(mode="after")
    def _has_its_locator(self) -> SourceTable:
        wanted, other = ("path", "url") if self.kind == "folder" else ("url", "path")
        if not getattr(self, wanted):
            raise ValueError(f'a source of kind "{self.kind}" needs {wanted} = "…"')
        if getattr(self, other) is not None:
            raise ValueError(f'a source of kind "{self.kind}" has no {other}')
        if self.patterns is not None and self.kind != "folder":
            raise ValueError("only folders have patterns")
        if self.kind != "page" and (self.selectors is not None or self.pages is not None):
            raise ValueError("only pages have selectors and pages")
        if self.kind == "folder" and self.full_text is not None:
            raise ValueError("a folder has no full_text: its files are all there is")
        if self.kind == "folder" and (self.proxy or self.login or self.headers or self.host_spacing is not None):
            raise ValueError("a folder has no proxy, login, headers or host_spacing")
        return self


class FeedTable(_Table):
    """One `[[feeds]]`."""

    id: Id
    private: bool = False
    title: str = Field(min_length=1, max_length=200)
    subtitle: str = Field(default="", max_length=500)
    where: str = Field(default="", max_length=4000)
    limit: int = Field(default=100, ge=1, le=1000)
    order: Literal["first-seen", "published", "score"] = "first-seen"
    min_score: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    digest: Literal["daily", "weekly"] | None = None
    time_zone: TimeZone = "UTC"
    archive: bool = True
    former: list[Id] = []
    max_age: Duration | None = None
    #: Its entries are kept at least so long.
    keep: Duration | None = None
    per_source: int | None = Field(default=None, ge=1)
    content: Content = "full"
    reasons: bool = True
    footer: bool = True
    lang: Language | None = None


class Document(_Table):
    """The whole file; the rule sections are read by the rules."""

    feedwatch: General = General()
    store: StoreTable = StoreTable()
    output: Output = Output()
    polling: Polling = Polling()
    server: Server = Server()
    engine: EngineTable = EngineTable()
    alerts: Alerts = Alerts()
    sources: list[SourceTable] = Field(min_length=1)
    feeds: list[FeedTable] = Field(min_length=1)
    sets: Any = None
    masks: Any = None
    regions: Any = None
    topics: Any = None
    tests: Any = None


#: Tables whose single keys the environment may override.
OVERRIDABLE: dict[str, type[_Table]] = {
    "feedwatch": General,
    "store": StoreTable,
    "output": Output,
    "polling": Polling,
    "server": Server,
    "engine": EngineTable,
    "alerts": Alerts,
}


def known_keys(path: tuple[str | int, ...]) -> list[str]:
    """The keys that may stand in the table at `path` (() is the file itself)."""
    if not path:
        return list(Document.model_fields)
    tables: dict[str, type[_Table]] = {**OVERRIDABLE, "sources": SourceTable, "feeds": FeedTable}
    table = tables.get(str(path[0]))
    return list(table.model_fields) if table else []
