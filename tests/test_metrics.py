from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from prometheus_client.openmetrics.parser import text_string_to_metric_families

from feedwatch.ledger import Outcome, Snapshot
from feedwatch.metrics import MANY_SERVERS, Metrics
from feedwatch.rounds import snapshot
from feedwatch.store.opening import open_store
from feedwatch.upkeep import Standing
from feedwatch.vitals import Alert
from tests.contract.builders import (
    BASE_URL,
    NOON,
    after,
    claim_one,
    make_feeds,
    make_label,
    make_source,
    make_verdict,
    save,
)

EMPTY = Snapshot(
    states={"ok": 1}, success_ages_s={"s": 5.5}, lag_s=0, entries=3, store_bytes=4096, feeds={}, rule_hits={}
)


def samples(metrics: Metrics) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample as a monitor reads it."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(metrics.render().decode())  # type: ignore[no-untyped-call] # the only one
        for sample in family.samples
    }


def test_polls_entries_and_alerts_are_counted() -> None:
    metrics = Metrics(lambda: EMPTY)
    metrics.poll(Outcome(source_id="s", result="read", new=2, changed=1, duration_s=0.2))
    metrics.poll(Outcome(source_id="s", result="failed", error="https://user:secret@host/", duration_s=3))
    metrics.alert(Alert(kind="spike", feed_id="f", subject="", began_at=NOON, last_at=NOON, title="t", body="b"))
    found = samples(metrics)
    assert found["feedwatch_polls_total", (("result", "read"),)] == 1
    assert found["feedwatch_polls_total", (("result", "failed"),)] == 1
    assert found["feedwatch_polls_total", (("result", "unchanged"),)] == 0
    assert found["feedwatch_entries_total", (("kind", "new"),)] == 2
    assert found["feedwatch_poll_seconds_count", ()] == 2
    assert found["feedwatch_alerts_total", (("kind", "spike"),)] == 1
    assert found["feedwatch_source_success_age_seconds", (("source", "s"),)] == 5.5
    assert "secret" not in metrics.render().decode()


def test_requests_of_today_are_told_by_server() -> None:
    found = samples(Metrics(lambda: EMPTY, lambda: {"a.example:443": 48, "b.example:80": 2}))
    assert found["feedwatch_requests_today", (("server", "a.example:443"),)] == 48
    many = samples(Metrics(lambda: EMPTY, lambda: {f"{number}.example:443": number for number in range(500)}))
    assert sum(name == "feedwatch_requests_today" for name, _ in many) == MANY_SERVERS
    assert ("feedwatch_requests_today", (("server", "499.example:443"),)) in many


def test_a_monitor_sees_when_the_daemon_is_not_well() -> None:
    standing = Standing(pid=1, started_at=NOON, configured_at=NOON, version="1.2")
    metrics = Metrics(lambda: EMPTY)
    metrics.follow(lambda: standing)
    names = [f"feedwatch_{name}" for name in ("reading", "writing", "loops_alive", "config_in_force")]
    assert [samples(metrics)[name, ()] for name in names] == [1, 1, 1, 1]
    standing = replace(standing, halted="disk full", unwritten="read-only", late=("writer",), config_fault="line 1")
    assert [samples(metrics)[name, ()] for name in names] == [0, 0, 0, 0]
    assert samples(metrics)["feedwatch_build", (("version", "1.2"),)] == 1


def test_the_store_is_told_in_figures(tmp_path: Path) -> None:
    store = open_store("sqlite:///store.db", base_dir=tmp_path)
    sources = {name: make_source(name) for name in ("north", "south")}
    store.begin([*sources.values()], make_feeds("one"), base_url=BASE_URL, now=NOON)
    labels = (make_label("ne"), make_label("security", facet="topic"))
    save(store, claim_one(store), make_verdict(labels=labels, feeds={"one": ()}))
    found = snapshot(sources, store, after(90))
    store.close()
    assert found.states["new"] == 2
    assert found.lag_s == 90
    assert found.entries == 1
    assert found.store_bytes > 4096
    assert found.feeds == {"one": 0}
    assert found.rule_hits == {("region", "ne"): 1, ("topic", "security"): 1}
