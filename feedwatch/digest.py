"""What happened in each feed lately, as one text that can be read, mailed or sent to a telephone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedwatch.compose import compose
from feedwatch.model import FeedSpec
from feedwatch.ports import Store
from feedwatch.rounds import Finding
from feedwatch.text import one_line, shorten
from feedwatch.views import ViewEntry
from feedwatch.vitals import Alert

#: Members read for one feed: no letter is longer than a person reads.
MOST_MEMBERS = 2000
TITLE_WIDTH = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What one feed gained."""

    spec: FeedSpec
    #: Newest first; a page that several sources brought is there once.
    entries: tuple[ViewEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What happened from `since` up to `until`."""

    since: datetime
    until: datetime
    #: In the order of the configuration, also feeds that gained nothing.
    sections: tuple[Section, ...]
    #: Newest first.
    alerts: tuple[Alert, ...]
    #: Sources that somebody should look at.
    findings: tuple[Finding, ...]


def collect(
    feeds: Sequence[FeedSpec],
    store: Store,
    findings: Sequence[Finding],
    *,
    now: datetime,
    length: timedelta,
    base_url: str,
) -> Digest:
    """Read what happened in the last `length`."""
    since = now - length
    states = store.feed_states()
    sections = []
    for spec in feeds:
        members = store.members(spec.id, limit=MOST_MEMBERS, since=since)
        whole = FeedSpec(id=spec.id, title=spec.title, limit=MOST_MEMBERS)
        view = compose(whole, states[spec.id], members, as_of=now, base_url=base_url)
        sections.append(Section(spec=spec, entries=view.entries))
    return Digest(
        since=since,
        until=now,
        sections=tuple(sections),
        alerts=tuple(alert for alert in store.alerts(since=since) if alert.began_at >= since),
        findings=tuple(finding for finding in findings if finding.is_alarm),
    )


def text_of(digest: Digest, *, most: int) -> str:
    """The digest as plain text, at most `most` entries a feed."""
    return "\n".join(_lines(digest, most)) + "\n"


def _lines(digest: Digest, most: int) -> Iterator[str]:
    yield f"From {digest.since:%Y-%m-%d %H:%M} to {digest.until:%Y-%m-%d %H:%M} UTC"
    if digest.alerts:
        yield from ("", "UNUSUAL", *(f"  ! {shorten(alert.title, TITLE_WIDTH)}" for alert in digest.alerts))
    for section in digest.sections:
        if section.entries:
            yield from _section(section, most)
    silent = [section.spec.title for section in digest.sections if not section.entries]
    if silent:
        yield from ("", f"Nothing new: {', '.join(silent)}.")
    if digest.findings:
        yield from ("", "SOURCES TO LOOK AT")
        yield from (f"  {each.pulse.source_id}: {one_line(each.diagnosis.message)}" for each in digest.findings)


def _section(section: Section, most: int) -> Iterator[str]:
    yield from ("", f"{section.spec.title.upper()} ({len(section.entries)})")
    for shown in section.entries[:most]:
        article = shown.entry.article
        others = len({source for source, _ in shown.vias} - {article.source_id})
        more = f" and {others} more" if others else ""
        yield f"  · {shorten(article.title, TITLE_WIDTH)}"
        yield f"    {article.origin.title or article.source_id}{more}, {shown.entry.first_seen_at:%H:%M}"
        if article.url:
            yield f"    {article.url}"
    left = len(section.entries) - most
    if left > 0:
        yield f"  … and {left} more"
