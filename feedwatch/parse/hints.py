"""What a feed says about when it should be read: ttl, skipHours, skipDays, the syndication module."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from feedwatch.ledger import Hints
from feedwatch.parse.atom import atom_link
from feedwatch.parse.nodes import Context, Node, text_of
from feedwatch.xmltree import Element

_PERIODS_S = {"hourly": 3600, "daily": 86_400, "weekly": 7 * 86_400, "monthly": 30 * 86_400, "yearly": 365 * 86_400}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBER = re.compile(r"[0-9]{1,9}")


def feed_hints(root: Element, context: Context) -> Hints:
    """The hints of a feed in XML, in whichever place they stand."""
    top = Node(root, context)
    channel = top.node("channel") or top
    hours, days = channel.node("skiphours"), channel.node("skipdays")
    hints = read_hints(
        ttl=channel.text("ttl"),
        period=channel.text("sy:updateperiod"),
        frequency=channel.text("sy:updatefrequency"),
        hours=[text_of(hour) for hour in hours.all("hour")] if hours else (),
        days=[text_of(day) for day in days.all("day")] if days else (),
    )
    # WebSub section 4: the hub, and the address under which it knows the feed.
    return replace(hints, hub=atom_link(channel, "hub"), topic=atom_link(channel, "self"))


def read_hints(
    *, ttl: str = "", period: str = "", frequency: str = "", hours: Iterable[str] = (), days: Iterable[str] = ()
) -> Hints:
    """The hints as written, understood; what cannot be is as if it were not there.

    `ttl` is in minutes (rssboard.org/rss-specification); a feed is updated `frequency` times in a `period`
    (web.resource.org/rss/1.0/modules/syndication); hour 24 is midnight.
    """
    minutes, times = _number(ttl), _number(frequency)
    every = [(minutes or 0) * 60]
    if period.strip().lower() in _PERIODS_S:
        every.append(_PERIODS_S[period.strip().lower()] // (times or 1))
    numbers = (_number(hour) for hour in hours)
    names = (day.strip().lower() for day in days)
    return Hints(
        every_s=max(every) or None,
        skip_hours=frozenset(hour % 24 for hour in numbers if hour is not None and hour <= 24),
        skip_days=frozenset(_DAYS.index(name) for name in names if name in _DAYS),
    )


def _number(text: str) -> int | None:
    found = _NUMBER.fullmatch(text.strip())
    return int(found[0]) if found else None
