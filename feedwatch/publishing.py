"""How feeds come of what is stored: the third part of the story. No I/O of its own.

::

    members -> choose -> (only what no feed has shown before is read in full) -> render -> write -> remember

Archives of feeds are made in `archiving`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from feedwatch import compose
from feedwatch.archiving import Archiving, seen_before
from feedwatch.clock import Clock
from feedwatch.errors import FeedwatchError, PublishError
from feedwatch.formats import FILE_NAME, MEDIA_TYPES
from feedwatch.judge import Question
from feedwatch.ledger import Archive, FeedState, Shown
from feedwatch.model import Entry, FeedSpec
from feedwatch.ports import Publisher, Store
from feedwatch.views import FeedView, Limits, Place, Rendered, Sighting, ViewEntry
from feedwatch.websub import DEBOUNCE_S, changed_documents

log = logging.getLogger(__name__)

#: What is remembered of published feeds is written in one transaction for so many.
_REMEMBERED_TOGETHER = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What became of one feed."""

    feed_id: str
    entries: int
    #: Whether any file was written.
    written: bool
    #: "" unless the feed could not be written.
    error: str = ""


@dataclass(slots=True)
class _Run:
    """One run of publishing: what it found and what is still to be remembered."""

    as_of: datetime
    states: Mapping[str, FeedState]
    archives: Mapping[str, Sequence[Archive]]
    #: Names of the files that are there.
    there: frozenset[str]
    shown: list[Shown] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


class Publishing:
    """Writes the feeds of one configuration; safe to use from several threads."""

    def __init__(
        self,
        *,
        questions: Sequence[Question],
        store: Store,
        publisher: Publisher,
        clock: Clock,
        base_url: str,
        hub: str = "",
        limits: Limits | None = None,
    ) -> None:
        self._limits = limits or {}
        self._questions = tuple(questions)
        self._store = store
        self._publisher = publisher
        self._clock = clock
        self._base_url = base_url
        self._hub = hub
        self._archiving = Archiving(store, publisher, base_url, self._load, self._limits)

    def publish(
        self,
        feed_ids: Iterable[str] | None = None,
        *,
        advance: Callable[[Published], None] = lambda _published: None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> list[Published]:
        """Write the feeds that are out of date; `feed_ids` restricts the choice.

        A feed that cannot be written is reported and the others go on. Nothing more is begun once `stopped`
        says so.
        """
        wanted = None if feed_ids is None else set(feed_ids)
        run = _Run(
            as_of=self._as_of(),
            states=self._store.feed_states(),
            archives=self._store.archives(),
            there=self._publisher.names(),
        )
        results: list[Published] = []
        try:
            for question in self._questions:
                if stopped() or (wanted is not None and question.spec.id not in wanted):
                    continue
                results.append(self._attempt(question, run))
                if len(run.shown) >= _REMEMBERED_TOGETHER:
                    self._remember(run)
                advance(results[-1])
        finally:
            self._remember(run)
        self._finish({each.feed_id for each in results if not each.error})
        return results

    def view(self, feed_id: str) -> FeedView:
        """What a feed of the configuration shows now, read in full."""
        question = next(question for question in self._questions if question.spec.id == feed_id)
        state, as_of = self._store.feed_states()[feed_id], self._as_of()
        places = self._choose(question, as_of)
        view = compose.frame(question.spec, state, self._base_url)
        if question.spec.digest:
            return self._digest(view, places, as_of)
        return replace(view, entries=tuple(filter(None, self._load(feed_id, places))))

    # --- one feed

    def _attempt(self, question: Question, run: _Run) -> Published:
        """Write a feed; one that breaks must not keep those after it from being written."""
        feed_id = question.spec.id
        try:
            return self._publish_one(question, run)
        except PublishError as error:
            log.error("%s", error)  # noqa: TRY400 - the cause is the disk's or the entry's, not a bug
            message = str(error)
        except FeedwatchError:
            # The store's refusal concerns all feeds.
            raise
        except Exception as error:
            log.exception("feed %s: publishing broke", feed_id)
            message = f"feed {feed_id}: internal error: {type(error).__name__}: {error}"
        return Published(feed_id=feed_id, entries=0, written=False, error=message)

    def _publish_one(self, question: Question, run: _Run) -> Published:
        spec = question.spec
        state = run.states[spec.id]
        shape = (*self._publisher.formats, *filter(None, [self._hub_of(spec)]))
        key = compose.render_key(spec, self._base_url, run.as_of, question.where.uses_age, shape)
        if state.render_key == key and self._is_up_to_date(question, state, run):
            return Published(feed_id=spec.id, entries=state.published_entries, written=False)
        archives, written = self._archiving.bring_up_to_date(question, state, run.archives.get(spec.id, ()), run.there)
        rendered, archives = self._render(question, state, run.as_of, archives)
        count, files = rendered.entries, rendered.files
        stamps = {}
        self._announce(state, files, self._hub_of(spec))
        for ending, data in sorted(files.items()):
            written |= self._publisher.write(spec.id, ending, data)
            stamps[ending] = self._publisher.stamp_of(spec.id, ending, data)
        run.shown.append(
            Shown(
                feed_id=spec.id,
                version=state.version,
                render_key=key,
                file_hashes=stamps,
                entries=count,
                archive_shape=self._archiving.shape(question),
                archives=tuple(archives),
            )
        )
        before = {each.name for each in run.archives.get(spec.id, ())} - {each.name for each in archives}
        run.gone += [f"{name}.atom" for name in before]
        run.gone += [f"{spec.id}.{ending}" for ending in state.file_hashes if ending not in files]
        return Published(feed_id=spec.id, entries=count, written=written)

    def _is_up_to_date(self, question: Question, state: FeedState, run: _Run) -> bool:
        spec = question.spec
        same = state.version == state.published_version
        if spec.digest and not same and state.changed_since is not None:
            # What changed belongs to a day that is not over.
            same = state.changed_since >= compose.period_start(spec, run.as_of)
        return (
            same
            and state.archive_shape == self._archiving.shape(question)
            and all(f"{each.name}.atom" in run.there for each in run.archives.get(spec.id, ()))
            and bool(state.file_hashes)
            and all(self._publisher.in_place(spec.id, ending, stamp) for ending, stamp in state.file_hashes.items())
        )

    def _render(
        self, question: Question, state: FeedState, as_of: datetime, archives: list[Archive]
    ) -> tuple[Rendered, list[Archive]]:
        """The feed, and its archives: more where not all fits into it."""
        spec = question.spec
        places = self._choose(question, as_of)
        view = replace(compose.frame(spec, state, self._base_url), hub=self._hub_of(spec))
        if spec.digest:
            view = self._digest(view, places, as_of)
            return Rendered(self._publisher.render(view), len(view.entries)), archives
        rendered = self._render_places(view, places, archives)
        if rendered.entries < len(places):
            more = self._archiving.make_room(question, state, archives)
            if len(more) > len(archives):
                return self._render_places(view, places, more), more
        return rendered, archives

    def _render_places(self, view: FeedView, places: Sequence[Place], archives: Sequence[Archive]) -> Rendered:
        view = replace(view, prev_archive=archives[-1].name if archives else "")
        return self._publisher.render_places(view, places, lambda some: self._load(view.spec.id, some))

    def _hub_of(self, spec: FeedSpec) -> str:
        """The hub that is told of a feed; of a private one, none."""
        return "" if spec.private else self._hub

    def _announce(self, state: FeedState, files: Mapping[str, bytes], hub: str) -> None:
        """Let the hub be told of what changes; before it is written, so that no kill prevents it."""
        if hub and (names := changed_documents(state, files)):
            self._store.hubs.note_pings(names, self._clock.now() + timedelta(seconds=DEBOUNCE_S))

    def _choose(self, question: Question, as_of: datetime) -> list[Place]:
        """Read a feed's newest members, as many as it takes, and choose what it shows."""
        spec = question.spec
        asked = compose.window(spec)
        with_reasons = spec.min_score > 0 or spec.order == "score"
        while True:
            members = self._store.sightings(spec.id, limit=asked, with_reasons=with_reasons)
            places = compose.choose(
                replace(spec, limit=asked) if spec.digest else spec,
                members,
                as_of=as_of,
                keep=self._keep(question, members, as_of),
                older=self._older(spec.id, members, asked),
            )
            if not compose.is_short(spec, len(places), members, asked=asked, as_of=as_of):
                return places
            asked *= 4

    def _keep(
        self, question: Question, members: Sequence[Sighting], as_of: datetime
    ) -> Callable[[Sighting, datetime], bool] | None:
        """The question's predicate where it uses age: it may ask anything of an entry."""
        if not question.where.uses_age:
            return None
        entries = self._store.entries_of(question.spec.id, [each.key for each in members], with_labels=True)
        keep = question.keep(as_of)

        def kept(sighting: Sighting, first_seen_at: datetime) -> bool:
            entry = entries.get(sighting.key)
            return entry is not None and keep(replace(entry, first_seen_at=first_seen_at))

        return kept

    def _older(self, feed_id: str, members: Sequence[Sighting], asked: int) -> set[str]:
        """Pages of the members that the feed had before all that was read."""
        if len(members) < asked:
            return set()
        return seen_before(self._store, feed_id, members, members[-1].first_seen_at)

    def _load(self, feed_id: str, places: Sequence[Place]) -> list[ViewEntry | None]:
        """The places in full, in one reading; None for one that has just been lost."""
        keys = [each.key for place in places for each in place.sightings]
        entries: dict[int, Entry] = self._store.entries_of(feed_id, keys) if keys else {}
        return [compose.view_entry(place, entries) if place.sightings[0].key in entries else None for place in places]

    def _digest(self, view: FeedView, places: Sequence[Place], as_of: datetime) -> FeedView:
        found = compose.periods(view.spec, places, as_of)
        loaded = iter(self._load(view.spec.id, [place for listed in found.values() for place in listed]))
        return compose.digest_view(
            view,
            {start: [each for _ in listed if (each := next(loaded)) is not None] for start, listed in found.items()},
            self._limits,
        )

    # --- the end

    def _remember(self, run: _Run) -> None:
        """Write down what the files show; only then remove those that nothing leads to any more."""
        if run.shown or run.gone:
            self._store.mark_published(run.shown, gone=run.gone, now=self._clock.now())
            for name in run.gone:
                self._publisher.remove(name)
            run.shown, run.gone = [], []

    def _finish(self, done: Collection[str]) -> None:
        """The list of all feeds, and what feeds that left the configuration, or are `done`, have left behind."""
        try:
            self._publisher.write_index([question.spec for question in self._questions], self._base_url)
        except PublishError as error:
            log.error("%s", error)  # noqa: TRY400 - the cause is the disk's, not a bug
        retired = self._store.retired_files()
        archives = self._store.archives()
        configured = {question.spec.id for question in self._questions}
        gone = [
            name
            for feed_id, endings in retired.items()
            for name in (
                *(f"{feed_id}.{ending}" for ending in endings if ending in MEDIA_TYPES),
                *(f"{each.name}.atom" for each in archives.get(feed_id, ())),
            )
            if feed_id not in configured
        ]
        if gone:
            self._store.mark_published([], gone=gone, now=self._clock.now())
            self._store.forget_files([feed_id for feed_id in retired if feed_id not in configured])
            for name in gone:
                self._publisher.remove(name)
        known = {f"{each.name}.atom" for feed_id in configured for each in archives.get(feed_id, ())}
        self._clear_orphans(known, undone=configured.difference(done))

    def _clear_orphans(self, known: set[str], undone: set[str]) -> None:
        """Take away archives that a killed run wrote and did not remember: nothing leads to them.

        To those of a feed that could not be written to its end, one of its files may lead already.
        """
        for name in self._publisher.names():
            found = FILE_NAME.fullmatch(name)
            if found is not None and found["archive"] and name not in known and found["id"] not in undone:
                self._publisher.remove(name)

    def _as_of(self) -> datetime:
        return compose.as_of(self._store.newest_tick() or self._clock.now())
