"""What the headers of an answer say (RFC 9110): pure functions on text from outside."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from feedwatch.urls import http_url

#: No server may silence a source for longer.
MAX_RETRY_AFTER_S = 31 * 24 * 3600.0
# A longer validator is not worth its place; nobody sends one by intent.
_MAX_VALIDATOR = 4096

_MEDIA_TYPE = re.compile(r"\s*([a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100})\s*(?:;|$)", re.IGNORECASE)
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?\s*([a-z0-9][a-z0-9._:+-]{0,59})", re.IGNORECASE)
_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?([0-9]+)", re.IGNORECASE)
#: A number of seconds that is larger counts as this (RFC 9111 section 1.2.2).
_MOST_S = 2.0**31
#: One link of RFC 8288 section 3; a comma inside its parameters is quoted.
_LINK = re.compile(r'<([^<>]{1,4096})>((?:\s*;\s*[\w*!#$&+.^`|~-]+(?:\s*=\s*(?:"[^"]{0,1000}"|[^\s",;]{0,1000}))?)*)')
_RELATION = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]+))', re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


def media_type(content_type: str) -> str:
    """The media type in lower case without parameters; "" when there is none."""
    found = _MEDIA_TYPE.match(content_type)
    return found[1].lower() if found else ""


def charset(content_type: str) -> str | None:
    """The charset parameter in lower case; None when there is none."""
    found = _CHARSET.search(content_type)
    return found[1].lower() if found else None


def link(values: Sequence[str], relation: str, base: str) -> str | None:
    """The first http(s) address that Link headers give for a relation (RFC 8288); None without one."""
    for value in values[:20]:
        for target, parameters in _LINK.findall(value[:8192]):
            found = _RELATION.search(parameters)
            relations = (found[1] or found[2] or "").lower().split() if found else ()
            if relation in relations and (address := http_url(target, base)):
                return address
    return None


def validator(value: str | None) -> str | None:
    """A validator as it came, or None when it is empty or could not be sent back as a header."""
    if not value or len(value) > _MAX_VALIDATOR or _CONTROLS.search(value):
        return None
    return value


def http_date(value: str) -> datetime | None:
    """An HTTP date (RFC 9110 5.6.7) in any of its forms; None when it is none."""
    try:
        moment = parsedate_to_datetime(value[:100])
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def retry_after_s(value: str, *, date: str, now: datetime) -> float | None:
    """Seconds to wait, from Retry-After as seconds or as a date (RFC 9110 10.2.3); None when unreadable.

    A date counts from the answer's own Date header where there is one (the clocks may differ), else
    from `now`. Never negative, at most MAX_RETRY_AFTER_S.
    """
    text = value.strip()
    if re.fullmatch(r"[0-9]{1,20}", text):
        return min(float(text), MAX_RETRY_AFTER_S)
    until = http_date(text) if text else None
    if until is None:
        return None
    wait = (until - (http_date(date) or now)).total_seconds()
    return min(max(wait, 0.0), MAX_RETRY_AFTER_S)


def fresh_s(cache_control: str, *, expires: str, date: str, age: str, now: datetime) -> float | None:
    """Seconds for which an answer stays fresh (RFC 9111 section 4.2); None when the server does not say.

    `max-age` counts before Expires, which counts from the answer's own Date (else from `now`); what the
    answer spent in caches on its way (Age) is taken off. Never negative; a broken Expires means stale.
    """
    found = _MAX_AGE.search(cache_control[:4096])
    if found:
        lifetime = min(float(found[1][:20]), _MOST_S)
    else:
        until = http_date(expires) if expires else None
        if until is None:
            return 0.0 if expires else None
        lifetime = (until - (http_date(date) or now)).total_seconds()
    spent = float(age) if re.fullmatch(r"[0-9]{1,10}", age.strip()) else 0.0
    return max(lifetime - spent, 0.0)
