"""What is unusual in the feeds, on a real store through weeks of simulated days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from feedwatch.alerting import Alerter, Interests, dispatch, letter, notices
from feedwatch.ledger import Batch, SourceState, Verdict
from feedwatch.model import Evidence, Label
from feedwatch.store.opening import open_store
from feedwatch.store.sql import SqlStore
from feedwatch.vitals import Alert, AlertSettings, QuietHours
from tests.contract.builders import BASE_URL, NOON, claim_one, make_article, make_feeds, make_source, make_verdict

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SOURCES = tuple(f"s{number}" for number in range(8))
PLACES = {"ne": "Niger", "ml": "Mali", "bj": "Benin"}


@dataclass
class World:
    """A store, a clock, and articles that come."""

    store: SqlStore
    now: datetime = NOON
    number: int = 0
    alerts: list[Alert] = field(default_factory=list)

    def bring(
        self,
        *,
        source: str = "s0",
        feeds: Iterable[str] = ("one",),
        region: str = "ne",
        word: str = "attaque",
        at: datetime | None = None,
    ) -> None:
        """One article."""
        verdict = self.make(source, feeds, region, word, at or self.now)
        self.save(source, verdict)

    def make(self, source: str, feeds: Iterable[str], region: str, word: str, at: datetime) -> Verdict:
        self.number += 1
        labels = (label("region", region, "Niamey"), label("topic", "security", word))
        article = make_article(str(self.number), source_id=source, title=f"Story {self.number} of {region}")
        return make_verdict(article, feeds=dict.fromkeys(feeds, ()), labels=labels, seen=at)

    def save(self, source: str, *verdicts: Verdict) -> None:
        end = SourceState(next_due_at=self.now)
        claim = claim_one(self.store, source, self.now)
        self.store.save(Batch(claim=claim, now=self.now, judged_by="r", verdicts=verdicts, state=end))

    def history(self, days: int, each: int = 4) -> None:
        """So many ordinary days, looked at in their middle and at their end."""
        for place, source in enumerate(SOURCES[:3]):
            times = [self.now + day * DAY + turn * HOUR for day in range(days) for turn in range(place, each, 3)]
            self.save(source, *(self.make(source, ("one",), "ne", "attaque", at) for at in times))
        start = self.now
        for day in (days // 2, days):
            self.now = start + day * DAY
            self.look()
        self.alerts.clear()

    def look(self) -> list[tuple[str, str, str]]:
        interests = Interests(feeds=make_feeds("one", "two"), places=PLACES, names=frozenset({"JNIM", "=EIGS"}))
        new = Alerter(self.store, interests).look(self.now)
        self.alerts += new
        return [alert.matter for alert in new]


def label(facet: str, rule: str, word: str) -> Label:
    evidence = Evidence(term=word, field="title", count=1, points=4.0)
    return Label(
        facet="region" if facet == "region" else "topic",
        rule=rule,
        name=rule,
        score=12,
        share=1,
        standing="about",
        evidence=(evidence,),
    )


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store = open_store("sqlite:///store.db", base_dir=tmp_path)
    store.begin([make_source(name) for name in SOURCES], make_feeds("one", "two"), base_url=BASE_URL, now=NOON)
    yield World(store)
    store.close()


def test_a_loud_day_is_told_once_with_sources_and_words(world: World) -> None:
    world.history(30)
    for _ in range(30):
        world.bring(source="s7", word="embuscade", at=world.now - HOUR)
    assert world.look() == [("spike", "one", "")]
    (alert,) = world.alerts
    assert alert.title.startswith("One: 3")
    assert "are usual" in alert.title
    assert "Sources: s7 (30)" in alert.body
    assert "embuscade (30)" in alert.body
    world.now += HOUR
    assert world.look() == []
    (kept,) = [each for each in world.store.alerts() if each.kind == "spike"]
    assert (kept.began_at, kept.last_at) == (alert.began_at, world.now)


def test_a_silent_day_names_the_sources_that_are_missing(world: World) -> None:
    world.history(30, each=12)
    world.now += DAY
    assert world.look() == [("drop", "one", "")]
    assert "s0 (0 instead of 4.0)" in world.alerts[0].body


def test_an_ordinary_day_is_not_told(world: World) -> None:
    world.history(30)
    for _ in range(5):
        world.bring(at=world.now)
    world.now += DAY
    assert world.look() == []


def test_a_place_that_a_feed_never_had_is_told_once(world: World) -> None:
    world.history(20)
    world.bring(region="bj")
    assert world.look() == [("new-place", "one", "bj")]
    assert world.alerts[0].title == "One: Benin for the first time"
    world.bring(region="bj")
    assert world.look() == []


def test_a_place_comes_back_after_a_quarter_of_a_year(world: World) -> None:
    world.bring(region="ml")
    world.history(100, each=1)
    world.bring(region="ml")
    assert world.look() == [("new-place", "one", "ml")]
    assert world.alerts[0].title == "One: Mali again, after 100 days"


def test_a_young_feed_only_learns(world: World) -> None:
    world.history(10)
    world.bring(region="bj")
    assert world.look() == []


def test_a_watched_name_is_told_and_another_word_is_not(world: World) -> None:
    world.history(20)
    world.bring(word="=EIGS")
    world.bring(word="pont")
    assert world.look() == [("new-name", "one", "=EIGS")]
    assert world.alerts[0].title == "One: “EIGS” for the first time"


def test_an_old_article_found_late_is_no_news(world: World) -> None:
    world.history(20)
    world.bring(region="bj", at=world.now - 2 * DAY)
    assert world.look() == []


def test_the_same_place_and_word_in_many_sources_is_told_once(world: World) -> None:
    world.history(20)
    for source in SOURCES[:4]:
        world.bring(source=source, word="coup d'État")
    assert world.look() == [("everywhere", "", "ne coup d'État")]
    assert world.alerts[0].title == "Niger, “coup d'État”: 4 sources within 6 hours"
    world.now += HOUR
    world.bring(source="s6", word="coup d'État")
    assert world.look() == []


def test_what_is_always_everywhere_is_no_news(world: World) -> None:
    for _ in range(20):
        for source in SOURCES[:5]:
            world.bring(source=source, word="attaque")
        world.look()
        world.now += DAY
    world.alerts.clear()
    for source in SOURCES[:5]:
        world.bring(source=source, word="attaque")
    assert "everywhere" not in [kind for kind, _, _ in world.look()]


def test_nothing_new_costs_no_look_at_articles(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.history(20)
    world.look()
    monkeypatch.delattr(SqlStore, "marked_since")
    world.now += HOUR
    world.look()


# --- telling


class Post:
    """Takes letters down; a channel of a test's own."""

    def __init__(self, *errors: str) -> None:
        self.letters: list[tuple[str, str]] = []
        self.errors = list(errors)

    def __len__(self) -> int:
        return 1

    def send(self, title: str, body: str) -> list[str]:
        self.letters.append((title, body))
        return self.errors


SETTINGS = AlertSettings(channels=("json://127.0.0.1",))


def alarmed(world: World) -> World:
    world.history(20)
    world.bring(region="bj")
    world.bring(region="ml")
    world.look()
    return world


def test_alerts_go_out_in_one_letter_and_only_once(world: World) -> None:
    alarmed(world)
    post = Post()
    assert dispatch(world.store, SETTINGS, world.now, lambda: post) == []
    ((title, body),) = post.letters
    assert title == "feedwatch: 2 alerts: One: Mali for the first time"
    assert "Benin for the first time" in body
    assert dispatch(world.store, SETTINGS, world.now, lambda: post) == []
    assert len(post.letters) == 1


def test_what_no_channel_took_is_sent_again(world: World) -> None:
    alarmed(world)
    assert dispatch(world.store, SETTINGS, world.now, lambda: Post("no")) == ["no"]
    post = Post()
    dispatch(world.store, SETTINGS, world.now, lambda: post)
    assert len(post.letters) == 1


def test_nobody_is_told_in_quiet_hours(world: World) -> None:
    alarmed(world)
    night = QuietHours(start=22 * 60, until=6 * 60, zone=ZoneInfo("Africa/Niamey"))
    settings, post = replace(SETTINGS, quiet=night), Post()
    for hour, sent in ((21, 0), (4, 0), (5, 1)):
        moment = world.now.replace(hour=hour) + (DAY if hour < 12 else timedelta())
        dispatch(world.store, settings, moment, lambda: post)
        assert len(post.letters) == sent, hour


def test_alerts_become_entries_of_a_feed(world: World) -> None:
    alarmed(world)
    shown = notices(world.store)
    assert [notice.title for notice in shown] == ["One: Mali for the first time", "One: Benin for the first time"]
    assert len({notice.key for notice in shown}) == 2


def test_the_feed_of_alerts_tells_of_private_feeds_only_that_there_is_one(world: World) -> None:
    alarmed(world)
    one, two = make_feeds("one", "two")
    sources = [make_source(name) for name in SOURCES]
    world.store.begin(sources, [replace(one, private=True), two], base_url=BASE_URL, now=NOON)
    shown = notices(world.store)
    assert [notice.title for notice in shown] == ["An alert of a private feed"] * 2
    assert not any("s0" in notice.body or notice.subject for notice in shown)
    # The operator's own channels tell all, as the list of alerts does.
    assert letter(world.alerts)[1].startswith("One: ")


def test_what_was_taken_down_is_quoted_no_more_and_never_again(world: World) -> None:
    alarmed(world)
    assert all(notice.body.startswith("Story") for notice in notices(world.store))
    (mali,) = [entry for entry in world.store.entries() if entry.article.title.endswith("of ml")]
    world.store.hide(mali.article.id, "", world.now)
    bodies = [notice.body for notice in notices(world.store)]
    assert bodies[0] == "What it quoted was taken down."
    assert bodies[1].startswith("Story")
    world.store.hide("source:s0", "", world.now)
    assert {notice.body for notice in notices(world.store)} == {"What it quoted was taken down."}
    # What such a source brings later is no news.
    for source in SOURCES[:4]:
        world.bring(source=source, word="coup d'État")
    world.bring(word="JNIM")
    assert {kind for kind, _, _ in world.look()}.isdisjoint({"everywhere", "new-name"})
    world.store.unhide("source:s0")
    assert notices(world.store)[1].body.startswith("Story")


def test_a_headline_is_quoted_no_more_when_its_source_was_taken_down_though_others_were_louder(world: World) -> None:
    world.history(30)
    for place, source in enumerate(SOURCES[2:7]):
        for _ in range(6 + place):
            world.bring(source=source, word=f"embuscade {place}", at=world.now - HOUR)
    # The newest headline is of a source with nothing else: no list of sources names it.
    world.bring(source="s7", word="embuscade")
    world.look()
    assert [alert.kind for alert in world.alerts] == ["spike"]
    (sources,) = [line for line in world.alerts[0].body.splitlines() if line.startswith("Sources:")]
    assert "s7" not in sources
    headline = f"Story {world.number} of ne"
    assert headline in notices(world.store)[0].body
    world.store.hide("source:s7", "", world.now)
    assert notices(world.store)[0].body == "What it quoted was taken down."


def test_private_sources_are_no_part_of_what_is_everywhere(world: World) -> None:
    world.history(20)
    private = [replace(make_source(name), private=name == "s3") for name in SOURCES]
    world.store.begin(private, make_feeds("one", "two"), base_url=BASE_URL, now=NOON)
    for source in SOURCES[:4]:
        world.bring(source=source, word="putsch")
    assert world.look() == []
    for source in SOURCES[:5]:
        world.bring(source=source, word="coup d'État")
    world.look()
    (alert,) = [each for each in world.alerts if each.kind == "everywhere"]
    assert alert.title == "Niger, “coup d'État”: 4 sources within 6 hours"
    assert "(s4)" in alert.body
    assert "(s3)" not in alert.body
