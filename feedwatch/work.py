"""Orders that change the store, the same for a command that holds it and for a daemon that is asked.

An order is a name and a JSON object; so is what comes of it. `WORKS` lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from feedwatch.app import App
from feedwatch.errors import UsageError
from feedwatch.ledger import Claim, Outcome
from feedwatch.publishing import Published
from feedwatch.text import printable
from feedwatch.tomlfile import suggest
from feedwatch.upkeep import Hidden
from feedwatch.vitals import Alert

#: Pages behind the entries of one source that a single run fetches, and of all sources together.
PAGES_A_RUN, ALL_PAGES_A_RUN = 20, 500
#: Shows the progress of something: its name and how many steps it has; called with the steps done.
Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]
#: What an order says and what comes of it: values that JSON knows.
Values = Mapping[str, Any]


class Worker(Protocol):
    """Who carries out an order."""

    @property
    def app(self) -> App:
        """The program on its store."""
        ...

    def poll(self, claims: Iterable[Claim], on_outcome: Callable[[Outcome], None]) -> None:
        """Poll the claimed sources and wait for all of them."""
        ...


class Alone:
    """A command that holds the store itself."""

    def __init__(self, app: App) -> None:
        self.app = app

    def poll(self, claims: Iterable[Claim], on_outcome: Callable[[Outcome], None]) -> None:
        """Poll the claimed sources and wait for all of them."""
        self.app.poll(claims, on_outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of reading, judging and publishing."""

    outcomes: tuple[Outcome, ...]
    published: tuple[Published, ...]
    rejudged: int
    #: What else a person should know, one line each.
    problems: tuple[str, ...] = ()
    #: Of pages behind thin entries, and how many more are to be fetched.
    pages: tuple[Outcome, ...] = ()
    waiting: int = 0

    @classmethod
    def of(cls, values: Values) -> Done:
        """Back from JSON."""
        return cls(
            outcomes=tuple(Outcome(**{**each, "problems": tuple(each["problems"])}) for each in values["outcomes"]),
            published=tuple(Published(**each) for each in values["published"]),
            rejudged=values["rejudged"],
            problems=tuple(values["problems"]),
            pages=tuple(Outcome(**{**each, "problems": tuple(each["problems"])}) for each in values["pages"]),
            waiting=values["waiting"],
        )


def once(worker: Worker, order: Values, progress: Progress) -> Values:
    """Read what is due ("force": all), after reviving the sources in "revive"; judge and publish.

    Raises:
        UsageError: a source to revive is not retired.
    """
    app = worker.app
    for source_id in order.get("revive", ()):
        if not app.revive(source_id):
            raise UsageError(f"source {source_id!r} is not retired")
    rejudged = _rejudge(app, progress)
    outcomes: list[Outcome] = []
    claims = app.claim_once(force=bool(order.get("force")))
    with progress("reading sources", len(claims)) as advance:

        def done(outcome: Outcome) -> None:
            outcomes.append(outcome)
            advance(1)

        worker.poll(claims, done)
    outcomes.sort(key=lambda outcome: (outcome.result == "failed", outcome.source_id))
    # A daemon fetches pages all the time.
    pages = _fetch_pages(app, progress) if isinstance(worker, Alone) else []
    waiting = sum(status.waiting for status in app.store.statuses())
    published = _publish(app, None, progress)
    app.go_round()
    app.look_for_alerts()
    problems = tuple(app.send_alerts())
    done_ = Done(
        outcomes=tuple(outcomes),
        published=tuple(published),
        rejudged=rejudged,
        problems=problems,
        pages=tuple(pages),
        waiting=waiting,
    )
    return asdict(done_)


def _fetch_pages(app: App, progress: Progress) -> list[Outcome]:
    """Fetch the next pages behind thin entries, not all that wait."""
    outcomes: list[Outcome] = []
    laters = app.claim_later(ALL_PAGES_A_RUN, per_source=PAGES_A_RUN)
    with progress("fetching pages behind entries", len(laters)) as advance:

        def done(outcome: Outcome) -> None:
            outcomes.append(outcome)
            advance(1)

        app.do((later.job() for later in laters), done)
    return outcomes


def regenerate(worker: Worker, order: Values, progress: Progress) -> Values:
    """Judge what is stored by today's rules and write the "feeds" (all, if none are named).

    Raises:
        UsageError: there is no such feed.
    """
    app = worker.app
    config = app.setup.config
    known, wanted = [spec.id for spec in config.feeds], list(order.get("feeds", ()))
    for feed in wanted:
        if feed not in known:
            raise UsageError(f"there is no feed {feed!r} in {config.file.name}; {suggest(feed, known)}".rstrip("; "))
    rejudged = _rejudge(app, progress)
    published = _publish(app, wanted or None, progress)
    return asdict(Done(outcomes=(), published=tuple(published), rejudged=rejudged))


def hide(worker: Worker, order: Values, progress: Progress) -> Values:
    """Take down the "entry" (id or address), with a "note" why.

    Raises:
        UsageError: no stored entry has it.
    """
    app = worker.app
    found = app.store.hide(order["entry"], order.get("note", ""), app.setup.clock.now())
    if not found:
        name = printable(order["entry"])
        raise UsageError(f"no stored entry has the id or address {name}; 'feedwatch show' lists them")
    return {"entries": [_shown(each) for each in found], "feeds": _written(_publish(app, None, progress))}


def unhide(worker: Worker, order: Values, progress: Progress) -> Values:
    """Show the "entry" (id or address) again.

    Raises:
        UsageError: it is not hidden.
    """
    app = worker.app
    found = app.store.unhide(order["entry"])
    if not found:
        name = printable(order["entry"])
        raise UsageError(f"nothing hidden has the id or address {name}; 'feedwatch hidden' lists it")
    return {"entries": [_shown(each) for each in found], "feeds": _written(_publish(app, None, progress))}


def keep_house(worker: Worker, _order: Values, _progress: Progress) -> Values:
    """Let go of what is not kept any longer."""
    return {"gone": worker.app.keep_house()}


def look_for_alerts(worker: Worker, _order: Values, _progress: Progress) -> Values:
    """Look now for what is unusual in the feeds, and tell the channels."""
    new = worker.app.look_for_alerts()
    return {"new": [_told(alert) for alert in new], "errors": worker.app.send_alerts()}


def _told(alert: Alert) -> Values:
    values = asdict(alert)
    times = {
        name: value.isoformat().replace("+00:00", "Z")
        for name, value in values.items()
        if name.endswith("_at") and value
    }
    return values | times


def _shown(hidden: Hidden) -> Values:
    return {"id": hidden.id, "page": hidden.page, "title": hidden.title, "note": hidden.note}


def _written(published: Iterable[Published]) -> list[str]:
    return [each.feed_id for each in published if each.written]


def _rejudge(app: App, progress: Progress) -> int:
    with progress("judging stored entries", app.pipeline.count_unjudged()) as advance:
        return app.pipeline.rejudge(advance)


def _publish(app: App, feeds: list[str] | None, progress: Progress) -> list[Published]:
    with progress("writing feeds", len(feeds or app.setup.config.feeds)) as advance:
        return app.publish(feeds, lambda _published: advance(1))


Work = Callable[[Worker, Values, Progress], Values]
WORKS: Mapping[str, Work] = {
    "once": once,
    "regenerate": regenerate,
    "hide": hide,
    "unhide": unhide,
    "housekeeping": keep_house,
    "alerts": look_for_alerts,
}
