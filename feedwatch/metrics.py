"""THE owner of prometheus_client: what the program does and how its sources are, for Prometheus.

Labels hold ids of the configuration, words of our own, and hosts with their ports, never an address: none
can carry a secret, and there are at most as many series as sources, feeds and rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest

from feedwatch.ledger import Outcome, Snapshot
from feedwatch.upkeep import Standing
from feedwatch.vitals import Alert

CONTENT_TYPE = CONTENT_TYPE_LATEST
#: Servers that are told, those that were asked most.
MANY_SERVERS = 200
#: Seconds a poll may take: from an answer out of a cache to the limit for slow servers.
BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30)


class Metrics:
    """Counts what happens, and asks for a snapshot of the store when it is read; safe in several threads."""

    def __init__(self, snapshot: Callable[[], Snapshot], requests: Callable[[], Mapping[str, int]] = dict) -> None:
        """Take the functions that read the store, and that tell the requests of today by server."""
        self._registry = CollectorRegistry()
        self._polls = Counter("feedwatch_polls", "Polls by result", ["result"], registry=self._registry)
        self._seconds = Histogram(
            "feedwatch_poll_seconds", "How long polls took", buckets=BUCKETS, registry=self._registry
        )
        self._entries = Counter("feedwatch_entries", "Entries stored by kind", ["kind"], registry=self._registry)
        self._alerts = Counter("feedwatch_alerts", "Alerts by kind", ["kind"], registry=self._registry)
        for result in ("read", "unchanged", "failed"):
            self._polls.labels(result)
        self._registry.register(_Store(snapshot))
        self._registry.register(_Requests(requests))

    def poll(self, outcome: Outcome) -> None:
        """Count a poll."""
        self._polls.labels(outcome.result).inc()
        self._seconds.observe(outcome.duration_s)
        self._entries.labels("new").inc(outcome.new)
        self._entries.labels("changed").inc(outcome.changed)

    def follow(self, standing: Callable[[], Standing]) -> None:
        """Tell how the daemon itself is, too."""
        self._registry.register(_Daemon(standing))

    def alert(self, alert: Alert) -> None:
        """Count an alert."""
        self._alerts.labels(alert.kind).inc()

    def render(self) -> bytes:
        """All figures in the OpenMetrics text format 1.0."""
        return bytes(generate_latest(self._registry))  # type: ignore[no-untyped-call] # typed but for this one


class _Requests:
    """What each server was asked today, beside the most that it may be."""

    def __init__(self, requests: Callable[[], Mapping[str, int]]) -> None:
        self._requests = requests

    def describe(self) -> list[Metric]:
        """Nothing beforehand."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The servers that were asked most."""
        asked = sorted(self._requests().items(), key=lambda one: (-one[1], one[0]))[:MANY_SERVERS]
        today = GaugeMetricFamily("feedwatch_requests_today", "Requests since midnight (UTC)", labels=["server"])
        for server, count in asked:
            today.add_metric([server], count)
        yield today


class _Daemon:
    """How the daemon is when the figures are asked for; each of them is 1 while all is well."""

    def __init__(self, standing: Callable[[], Standing]) -> None:
        self._standing = standing

    def describe(self) -> list[Metric]:
        """Nothing beforehand."""
        return []

    def collect(self) -> Iterator[Metric]:
        """One family after the other."""
        now = self._standing()
        yield GaugeMetricFamily("feedwatch_reading", "0 while the store or the disk refuses", value=not now.halted)
        yield GaugeMetricFamily("feedwatch_writing", "0 while feeds cannot be written", value=not now.unwritten)
        yield GaugeMetricFamily("feedwatch_loops_alive", "0 while a loop hangs", value=not now.late)
        in_force = not now.config_fault
        yield GaugeMetricFamily("feedwatch_config_in_force", "0 while the newest is faulty", value=in_force)
        build = GaugeMetricFamily("feedwatch_build", "The version, as a label", labels=["version"])
        build.add_metric([now.version], 1)
        yield build


class _Store:
    """Figures that are read from the store when they are asked for."""

    def __init__(self, snapshot: Callable[[], Snapshot]) -> None:
        self._snapshot = snapshot

    def describe(self) -> list[Metric]:
        """Nothing beforehand: the store is not read at the start."""
        return []

    def collect(self) -> Iterator[Metric]:
        """One family after the other."""
        now = self._snapshot()
        states = GaugeMetricFamily("feedwatch_sources", "Sources by state", labels=["state"])
        for state, count in now.states.items():
            states.add_metric([state], count)
        yield states
        seen = GaugeMetricFamily("feedwatch_source_success_age_seconds", "Since the last success", labels=["source"])
        for source_id, age_s in now.success_ages_s.items():
            seen.add_metric([source_id], age_s)
        yield seen
        yield GaugeMetricFamily("feedwatch_lag_seconds", "How long the longest overdue source waits", value=now.lag_s)
        yield GaugeMetricFamily("feedwatch_stored_entries", "Entries in the store", value=now.entries)
        yield GaugeMetricFamily("feedwatch_store_bytes", "Size of the store", value=now.store_bytes)
        shown = GaugeMetricFamily("feedwatch_feed_entries", "Entries that a feed shows", labels=["feed"])
        for feed_id, count in now.feeds.items():
            shown.add_metric([feed_id], count)
        yield shown
        hits = GaugeMetricFamily("feedwatch_rule_hits", "Entries of the last day by rule", labels=["facet", "rule"])
        for (facet, rule), count in now.rule_hits.items():
            hits.add_metric([facet, rule], count)
        yield hits
