"""The story on a real store and a real disk; only the outside world is played."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from feedwatch.clock import Clock
from feedwatch.errors import FetchError
from feedwatch.extract.article import Extractor
from feedwatch.extract.repeats import Repeats
from feedwatch.ingest import BatchMaker
from feedwatch.judge import Judge, Question
from feedwatch.ledger import Identity, Job, Outcome
from feedwatch.model import Article, FeedSpec, Gone, Item, Label, NotModified, Source, Validators
from feedwatch.pipeline import BATCH_DOCUMENTS, Pipeline
from feedwatch.publish.publisher import FilePublisher
from feedwatch.rules.classify import Classifier, Defaults, Notes
from feedwatch.rules.gather import Gathered
from feedwatch.rules.load import load_rules
from feedwatch.rules.where import parse_where
from feedwatch.store.opening import open_store
from feedwatch.store.sql import SqlStore
from tests.fakes import NOW, FakeFetcher, document, rss, rss_item

SOURCE = Source(id="s", kind="feed", locator="https://example.org/feed", title="S", interval_s=3600)
RULES = '[regions.ne]\nname = "Niger"\nstrong = ["Niamey"]\n'
FEEDS = (FeedSpec(id="all", title="All"), FeedSpec(id="niger", title="Niger", where="region:ne"))


class House:
    """A pipeline and the parts that a test wants to look at."""

    def __init__(self, folder: Path, *, rules: str = RULES, version: str = "1") -> None:
        (folder / "rules.toml").write_text(rules, encoding="utf-8")
        ruleset = load_rules(["rules.toml"], inline=None, base_dir=folder)
        questions = [
            Question(spec=spec, where=parse_where(spec.where, regions=["ne"], topics=[], sources=["s"]))
            for spec in FEEDS
        ]
        judge = Judge(Classifier(ruleset), ruleset.hash, questions, {"s": SOURCE})
        self.store: SqlStore = open_store("sqlite:///store.db", base_dir=folder, program_version=version)
        self.store.begin([SOURCE], FEEDS, base_url="http://127.0.0.1/", now=NOW)
        self.fetcher = FakeFetcher()
        self.extractor = Extractor()
        self.pipeline = Pipeline(
            sources={"s": SOURCE},
            judge=judge,
            batches=BatchMaker(judge, self.extractor),
            fetcher=self.fetcher,
            store=self.store,
            publisher=FilePublisher(folder / "feeds"),
            clock=Clock(NOW),
            base_url="http://127.0.0.1/",
        )

    def poll(self, *answers: Any) -> Outcome:
        """Read the source once, whether or not it is due."""
        self.fetcher.answers = list(answers)
        (claim,) = self.store.claim_due(now=NOW + timedelta(days=900), limit=1, lease_s=60)
        job = Job(
            kind="ingest", source_id="s", token=claim.token, until=claim.until.isoformat(), failures=claim.failures
        )
        return self.pipeline.ingest(job)

    def titles(self) -> list[str]:
        return sorted(entry.article.title for entry in self.store.entries())


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.store.close()


def count_calls(monkeypatch: pytest.MonkeyPatch, target: Any, *names: str) -> list[str]:
    calls: list[str] = []

    def counted(name: str, original: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            calls.append(name)
            return original(*args, **kwargs)

        return call

    for name in names:
        monkeypatch.setattr(target, name, counted(name, getattr(target, name)))
    return calls


def test_a_poll_stores_everything_whether_or_not_a_rule_fires(house: House) -> None:
    outcome = house.poll(document(rss(rss_item("1", "À Niamey"), rss_item("2", "Ailleurs"))))
    assert (outcome.result, outcome.documents, outcome.new) == ("read", 1, 2)
    assert house.titles() == ["Ailleurs", "À Niamey"]
    assert house.store.count_members() == {"all": 2, "niger": 1}


def test_however_many_items_a_poll_is_two_reads_and_one_write(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = count_calls(monkeypatch, house.store, "known", "taken_ids", "save")
    house.poll(document(rss(*(rss_item(str(n)) for n in range(200)))))
    assert calls == ["known", "taken_ids", "save"]


def test_known_items_cost_neither_extraction_nor_judgement(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    body = rss(rss_item("1"), rss_item("2"))
    house.poll(document(body))
    calls = count_calls(monkeypatch, house.extractor, "extract")
    outcome = house.poll(document(body, etag="2"))
    assert (outcome.new, outcome.changed, calls) == (0, 0, [])
    assert house.store.validators("s")["https://example.org/feed"].etag == "2"


def test_an_unchanged_document_only_moves_the_next_due_time(house: House) -> None:
    house.poll(document(rss(rss_item("1"))))
    outcome = house.poll(NotModified(locator="https://example.org/feed", validators=Validators(etag="9")))
    assert outcome.result == "unchanged"
    assert house.fetcher.asked[-1]["https://example.org/feed"].etag == "1"
    assert house.store.validators("s")["https://example.org/feed"].etag == "9"
    assert house.store.next_due_at() == NOW + timedelta(hours=1)


def test_a_failed_poll_keeps_everything_and_is_an_event(house: House) -> None:
    house.poll(document(rss(rss_item("1"))))
    outcome = house.poll(FetchError(SOURCE.locator, "timed out after 20 s", reason="timeout"))
    assert (outcome.result, outcome.error) == ("failed", "timed out after 20 s")
    (status,) = house.store.statuses()
    assert (status.failures, status.error, status.entries) == (1, "timed out after 20 s", 1)
    assert [event.kind for event in house.store.events()] == ["fetch-failed"]
    assert house.poll(document(rss(rss_item("1")))).result == "read"
    assert house.store.statuses()[0].failures == 0


def test_a_failure_in_the_middle_keeps_what_came_before(house: House) -> None:
    outcome = house.poll(document(rss(rss_item("1"))), FetchError("x", "broke off", reason="network"))
    assert (outcome.result, outcome.new) == ("failed", 1)
    assert house.titles() == ["Titre"]


def test_many_documents_are_saved_in_batches_and_the_last_releases_the_source(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = count_calls(monkeypatch, house.store, "save")
    many = [document(rss(rss_item(str(n))), locator=f"f{n}.xml") for n in range(2 * BATCH_DOCUMENTS)]
    assert house.poll(*many).new == 2 * BATCH_DOCUMENTS
    assert calls == ["save", "save"]
    assert house.store.claim_due(now=NOW + timedelta(hours=2), limit=1, lease_s=60)


def test_a_document_that_is_gone_is_forgotten_but_its_entries_stay(house: House) -> None:
    house.poll(document(rss(rss_item("1")), locator="f.xml"))
    house.poll(Gone(locator="f.xml"))
    assert house.store.validators("s") == {}
    assert house.titles() == ["Titre"]


def test_an_unreadable_document_is_reported_and_the_others_are_read(house: House) -> None:
    outcome = house.poll(
        document("\x00\x01\x02\x03", locator="bad.xml"), document(rss(rss_item("1")), locator="good.xml")
    )
    assert outcome.result == "read"
    assert len(outcome.problems) == 1
    assert house.titles() == ["Titre"]
    assert house.store.events()[0].locator == "bad.xml"


def test_an_item_that_crashes_a_stage_is_kept_raw_and_read_by_the_next_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(tmp_path)
    original = house.extractor.extract

    def crash(item: Item, source: Source, identity: Identity, repeats: Repeats) -> Article:
        if identity.guid == "2":
            raise RuntimeError("a bug")
        return original(item, source, identity, repeats)

    monkeypatch.setattr(house.extractor, "extract", crash)
    outcome = house.poll(document(rss(rss_item("1", "Un"), rss_item("2", "Deux"), rss_item("3", "Trois"))))
    assert outcome.new == 2
    assert "a bug" in outcome.problems[0]
    # The same version does not try again; the next one does, although the server says 304.
    assert house.poll(NotModified(locator=SOURCE.locator)).new == 0
    house.store.close()
    upgraded = House(tmp_path, version="2")
    assert upgraded.poll(NotModified(locator=SOURCE.locator)).new == 1
    assert upgraded.titles() == ["Deux", "Trois", "Un"]
    assert upgraded.store.rejects("s") == []
    upgraded.store.close()


def test_an_entry_that_crashes_the_rules_costs_no_other_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(tmp_path)
    original = Classifier.labels

    def crash(self: Classifier, found: Gathered, defaults: Defaults, notes: Notes | None = None) -> tuple[Label, ...]:
        if not found.runs:
            raise RuntimeError("a bug")
        return original(self, found, defaults, notes)

    monkeypatch.setattr(Classifier, "labels", crash)
    outcome = house.poll(document(rss(rss_item("1", "À Niamey"), rss_item("2", "Deux"), rss_item("3", "Niamey"))))
    assert outcome.new == 2
    assert "a bug" in outcome.problems[0]
    monkeypatch.setattr(Classifier, "labels", original)
    house.store.close()
    upgraded = House(tmp_path, version="2")
    assert upgraded.poll(NotModified(locator=SOURCE.locator)).new == 1
    assert upgraded.titles() == ["Deux", "Niamey", "À Niamey"]
    upgraded.store.close()


def test_a_lost_lease_writes_nothing(house: House) -> None:
    (claim,) = house.store.claim_due(now=NOW, limit=1, lease_s=1)
    house.store.claim_due(now=NOW + timedelta(seconds=5), limit=1, lease_s=60)
    house.fetcher.answers = [document(rss(rss_item("1")))]
    job = Job(kind="ingest", source_id="s", token=claim.token, until=claim.until.isoformat())
    outcome = house.pipeline.ingest(job)
    assert outcome.result == "failed"
    assert "lease" in outcome.error
    assert house.titles() == []


def test_a_feed_that_cannot_be_written_does_not_stop_the_others(house: House, tmp_path: Path) -> None:
    house.poll(document(rss(rss_item("1", "À Niamey"))))
    (tmp_path / "feeds" / "all.atom").mkdir(parents=True)
    broken, fine = house.pipeline.publish()
    assert "all" in broken.error
    assert (fine.written, fine.entries) == (True, 1)
    (tmp_path / "feeds" / "all.atom").rmdir()
    assert [feed.written for feed in house.pipeline.publish()] == [True, False]


def test_only_feeds_that_changed_are_rendered(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.poll(document(rss(rss_item("1", "À Niamey"))))
    house.pipeline.publish()
    calls = count_calls(monkeypatch, house.store, "sightings")
    house.poll(document(rss(rss_item("1", "À Niamey"), rss_item("2", "Ailleurs"))))
    assert [feed.written for feed in house.pipeline.publish()] == [True, False]
    # Once for the feed, once for its archives.
    assert calls == ["sightings"] * 2


def test_rejudging_is_done_once_for_each_change_of_rules(house: House, tmp_path: Path) -> None:
    house.poll(document(rss(rss_item("1", "À Niamey"), rss_item("2", "À Dosso"))))
    house.store.close()
    other = House(tmp_path, rules=RULES.replace('"Niamey"', '"Niamey", "Dosso"'))
    assert other.pipeline.count_unjudged() == 2
    progress: list[int] = []
    assert other.pipeline.rejudge(progress.append) == 2
    assert progress == [2]
    assert other.pipeline.rejudge() == 0
    assert other.store.count_members()["niger"] == 2
    other.store.close()


def test_a_dated_item_from_the_future_is_published_as_of_now(house: House) -> None:
    item = rss_item("1").replace("</item>", "<pubDate>Sun, 01 Jan 2090 00:00:00 GMT</pubDate></item>")
    house.poll(document(rss(item)))
    (entry,) = house.store.entries()
    assert entry.first_seen_at == entry.updated_at.replace(microsecond=0) == NOW
    assert entry.article.published_at is None


def test_the_id_of_another_sources_page_is_not_taken_over(house: House) -> None:
    first = document(rss(rss_item("tag:e.org,2025:1")), locator="a.xml")
    house.poll(first)
    (entry,) = house.store.entries()
    assert entry.article.id == "tag:e.org,2025:1"
    assert replace(entry.article, id="x").guid == "tag:e.org,2025:1"
    assert house.store.taken_ids("other", {"tag:e.org,2025:1": "https://elsewhere.org/x"}) == {"tag:e.org,2025:1"}
