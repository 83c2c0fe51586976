"""robots.txt (RFC 9309): what a server lets programs of our name read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, unquote_to_bytes, urlsplit

#: Of the file; the rest is not read (section 2.5 wants 500 KiB at least).
MAX_ROBOTS_BYTES = 512 * 1024
_MAX_LINE = 2048
_TOKEN = re.compile(r"[A-Za-z_-]+")


class Robots:
    """The rules of one file for one product token; of the groups that name it, else of those for everybody."""

    def __init__(self, body: bytes, token: str) -> None:
        own: list[tuple[bool, str]] = []
        everybody: list[tuple[bool, str]] = []
        named = False
        for agents, rules in _groups(_lines(body)):
            if token.lower() in agents:
                named = True
                own += rules
            if "*" in agents:
                everybody += rules
        self._rules = own if named else everybody

    def allows(self, url: str) -> bool:
        """Whether the address may be read: the longest rule that fits decides, "allow" if two are as long."""
        parts = urlsplit(url)
        path = _octets(f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}")
        if path == "/robots.txt":
            return True
        fitting = [(len(pattern), allow) for allow, pattern in self._rules if _fits(pattern, path)]
        return max(fitting)[1] if fitting else True


def _lines(body: bytes) -> Iterator[tuple[str, str]]:
    text = body[:MAX_ROBOTS_BYTES].decode("utf-8", "replace").removeprefix("\ufeff")
    for line in re.split(r"\r\n|\r|\n", text):
        key, colon, value = line[:_MAX_LINE].partition("#")[0].partition(":")
        if colon:
            yield key.strip().lower(), value.strip()


def _groups(lines: Iterable[tuple[str, str]]) -> Iterator[tuple[set[str], list[tuple[bool, str]]]]:
    """User agents and their rules; agents named one after the other share the rules that follow."""
    agents: set[str] = set()
    rules: list[tuple[bool, str]] = []
    open_ = False
    for key, value in lines:
        if key == "user-agent":
            if not open_:
                yield agents, rules
                agents, rules = set(), []
            open_ = True
            found = _TOKEN.match(value)
            agents.add("*" if value.startswith("*") else found[0].lower() if found else "")
        elif key in ("allow", "disallow"):
            open_ = False
            # An empty value fits nothing.
            if value:
                rules.append((key == "allow", _octets(value)))
    yield agents, rules


def _octets(path: str) -> str:
    """The path with the same characters escaped however it was written (section 2.2.2)."""
    return quote(unquote_to_bytes(path.replace("%2F", "%252F").replace("%2f", "%252F")), safe="/:?@!$&'()*+,;=-._~%#[]")


def _fits(pattern: str, path: str) -> bool:
    """Whether the path begins as the pattern says; "*" is anything, a final "$" the end. Linear in both."""
    anchored = pattern.endswith("$")
    first, *others = (pattern[:-1] if anchored else pattern).split("*")
    if not path.startswith(first):
        return False
    place = len(first)
    for position, part in enumerate(others):
        if anchored and position == len(others) - 1:
            return len(path) - len(part) >= place and path.endswith(part)
        place = path.find(part, place)
        if place < 0:
            return False
        place += len(part)
    return not anchored or place == len(path)
