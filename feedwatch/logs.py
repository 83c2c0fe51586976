"""Log records as lines: one record is one line, without secrets, and a repeated one does not drown the others."""

from __future__ import annotations

import json
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime

from feedwatch.text import printable

MAX_LINE = 8000
#: Of records with the same words, so many are let through in a window of so many seconds.
REPEATS = 5
WINDOW_S = 60.0
#: So many different words are remembered.
MANY = 1000

_USERINFO = re.compile(r"(\b[a-zA-Z][a-zA-Z0-9+.-]{0,30}://)[^/\s@'\"]{1,500}@")
_QUERY = re.compile(
    r"([?&;][^=&\s'\"]{0,40}(?:token|key|auth|passw|pwd|secret|sig|session|sid|credential|code)[^=&\s'\"]{0,40}=)"
    r"[^&\s'\"#]+",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"\b((?:proxy-)?authorization|cookie|x-api-key)(['\"]?\s*[:=]\s*['\"]?)(?:(?:bearer|basic|digest|token)\s+)?[^\s'\",;]+",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
#: What the library itself puts on a record.
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
#: syslog(3), as journald reads it at the start of a line.
_PRIORITIES = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}


def without_secrets(text: str) -> str:
    """The text without user names and passwords in addresses, and without keys, tokens and cookies."""
    text = _USERINFO.sub(r"\1***@", text)
    text = _QUERY.sub(r"\1***", text)
    text = _HEADER.sub(r"\1\2***", text)
    return _BEARER.sub(r"\1 ***", text)


class TextLines(logging.Formatter):
    """`2026-03-01T12:00:00.000Z WARNING feedwatch.x: words`; for journald the priority in front."""

    def __init__(self, *, journal: bool = False) -> None:
        super().__init__()
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever outside text is in it."""
        lines = [*record.getMessage().splitlines(), *_trace(self, record).splitlines()]
        text = printable(without_secrets(" | ".join(filter(None, lines))), MAX_LINE)
        line = f"{record.levelname} {record.name}: {text}"
        if self._journal:
            # The journal knows the time.
            return f"<{_PRIORITIES.get(record.levelno, 6)}>{line}"
        return f"{_time(record)} {line}"


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message; what a record brings besides; exception."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of ASCII."""
        values: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_secrets(record.getMessage())[:MAX_LINE],
        }
        extra = {name: value for name, value in vars(record).items() if name not in _USUAL}
        values |= {name: without_secrets(str(value))[:MAX_LINE] for name, value in extra.items()}
        if trace := _trace(self, record):
            values["exception"] = without_secrets(trace)[-MAX_LINE:]
        return json.dumps(values)


class NoFlood(logging.Filter):
    """Lets the same words through a few times a minute, and then says how many were left out."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._monotonic = monotonic
        #: By words: when the window began, and how many came in it.
        self._seen: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write the record."""
        message = record.getMessage()
        words, now = (record.name, message), self._monotonic()
        began, count = self._seen.get(words, (now, 0))
        left_out = 0
        if now - began >= WINDOW_S:
            began, count, left_out = now, 0, max(0, count - REPEATS)
        self._seen[words] = (began, count + 1)
        self._seen.move_to_end(words)
        if len(self._seen) > MANY:
            self._seen.popitem(last=False)
        if left_out:
            record.msg, record.args = f"{message} ({left_out} more like this were left out)", ()
        return count < REPEATS


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    return formatter.formatException(record.exc_info) if record.exc_info else ""


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
