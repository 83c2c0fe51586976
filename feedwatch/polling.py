"""When a source is read next (pure)."""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta

from feedwatch.errors import FetchError
from feedwatch.model import Source

#: First wait after a failure in which no server was reached: it costs nobody anything.
FIRST_RETRY_S = 60
LONGEST_WAIT_S = 24 * 3600
#: A server's Retry-After is believed up to so long.
LONGEST_RETRY_AFTER_S = 31 * 24 * 3600


def next_due(source: Source, now: datetime, *, failures: int, error: FetchError | None) -> datetime:
    """When to read the source again after a poll at `now`.

    After success: its interval. After the nth failure in a row: the first wait doubled n - 1 times, at
    most a day, or what the server asked for (RFC 9110 section 10.2.3) if that is longer. Waits differ
    by up to a tenth between sources, so that they do not all come back at the same moment.
    """
    if error is None:
        return now + timedelta(seconds=source.interval_s)
    first = source.interval_s if error.status is not None else min(FIRST_RETRY_S, source.interval_s)
    wait = min(first * 2 ** min(failures - 1, 20), LONGEST_WAIT_S) * (1 + _spread(source.id) / 10)
    if error.retry_after_s is not None:
        wait = max(wait, min(error.retry_after_s, LONGEST_RETRY_AFTER_S))
    return now + timedelta(seconds=round(wait))


def _spread(source_id: str) -> float:
    """A number from 0 to 1 that is always the same for the same source."""
    return zlib.crc32(source_id.encode()) / 0xFFFF_FFFF
