"""What a source's server or proxy is told besides the request: values that may come from the environment."""

from __future__ import annotations

import re
from collections import UserDict
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from feedwatch.config.schema import Alerts, SourceTable
from feedwatch.errors import Fault
from feedwatch.tomlfile import KeyPath, TomlFile
from feedwatch.urls import http_url
from feedwatch.vitals import AlertSettings, QuietHours

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_HEADER_VALUE = re.compile(r"[\x20-\x7e]{0,4000}")
#: What the program itself says; anything else would break the conversation.
_OURS = frozenset({"host", "connection", "content-length", "transfer-encoding", "te", "upgrade", "range", "a-im"}) | {
    "accept-encoding",
    "if-none-match",
    "if-modified-since",
}


class SetElsewhere(UserDict[str, str]):
    """An environment for whoever asks no server: a variable that it lacks is set where the daemon is started.

    `lacking` holds the names of those that were asked for.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        super().__init__(variables)
        self.lacking: set[str] = set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """See the fields of the same name in `model.Source`; never shown."""

    proxy: str | None
    login: str | None
    headers: tuple[tuple[str, str], ...]


def _filled(file: TomlFile, faults: list[Fault], path: KeyPath, text: str, env: Mapping[str, str]) -> str:
    """The text with `${NAME}` replaced; a variable that is not set is added to `faults`."""
    missing = {name for name in _VARIABLE.findall(text) if name not in env}
    if isinstance(env, SetElsewhere):
        env.lacking |= missing
    else:
        cure = "set it where feedwatch is started"
        faults += [file.fault(path, f"the environment has no variable {name}", cure) for name in sorted(missing)]
    return _VARIABLE.sub(lambda found: env.get(found[1], "unset:unset"), text)


def read_alerts(file: TomlFile, faults: list[Fault], table: Alerts, env: Mapping[str, str]) -> AlertSettings:
    """The table's settings, its channels with `${NAME}` replaced from the environment."""
    quiet = (
        None
        if table.quiet is None
        else QuietHours(start=table.quiet[0], until=table.quiet[1], zone=ZoneInfo(table.timezone))
    )
    return AlertSettings(
        channels=tuple(
            _filled(file, faults, ("alerts", "channels", place), address, env)
            for place, address in enumerate(table.channels)
        ),
        quiet=quiet,
        watch=tuple(table.watch),
        sources_at_once=table.sources_at_once,
    )


def read_secrets(
    file: TomlFile, faults: list[Fault], path: KeyPath, table: SourceTable, env: Mapping[str, str]
) -> Secrets:
    """The table's proxy, login and headers with `${NAME}` replaced from the environment.

    What is wrong is added to `faults`, in words that quote no value.
    """

    def filled(key: KeyPath, text: str) -> str:
        return _filled(file, faults, (*path, *key), text, env)

    proxy = None if table.proxy is None else filled(("proxy",), table.proxy)
    if proxy is not None and not _VARIABLE.search(table.proxy or "") and http_url(proxy) is None:
        faults.append(
            file.fault((*path, "proxy"), "is no http(s) address", "write it as http://proxy.example.org:3128")
        )
    login = None if table.login is None else filled(("login",), table.login)
    if login is not None and ":" not in login:
        faults.append(file.fault((*path, "login"), "is no login", 'write it as "user:password"'))
    headers = []
    for name, value in (table.headers or {}).items():
        key = ("headers", name)
        if not _HEADER_NAME.fullmatch(name) or name.lower() in _OURS:
            faults.append(file.fault((*path, *key), "is no header that may be set here"))
        text = filled(key, value)
        if not _HEADER_VALUE.fullmatch(text):
            faults.append(file.fault((*path, *key), "has characters that no header may carry"))
        headers.append((name, text))
    return Secrets(proxy=proxy, login=login, headers=tuple(headers))
