"""A store with feeds that are published as files, and what readers find there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from feedwatch.clock import Clock
from feedwatch.judge import Question
from feedwatch.ledger import Claim
from feedwatch.model import FeedSpec, Reason
from feedwatch.publish.publisher import FilePublisher
from feedwatch.publishing import Published, Publishing
from feedwatch.rules.where import parse_where
from feedwatch.store.opening import open_store
from tests.contract.builders import NOON, claim_one, make_article, make_source, make_verdict, save
from tests.publish.atom_checker import ATOM, check_atom

HISTORY = "{http://purl.org/syndication/history/1.0}"


class Shelf:
    """A store with the feeds that are asked for, and their files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "feeds"
        self.store = open_store("sqlite:///store.db", base_dir=folder)
        self.begun: list[FeedSpec] = []
        self.claims: dict[str, Claim] = {}

    def begin(self, *specs: FeedSpec) -> None:
        self.begun = list(specs)
        self.store.begin([make_source(), make_source("south")], specs, base_url="https://feeds.example/", now=NOON)

    def save(
        self,
        *numbers: int,
        source: str = "north",
        feeds: Sequence[str] = ("all",),
        score: float = 1.0,
        id_of: str = "urn:x:{source}:{number}",
        **values: Any,
    ) -> None:
        """Articles first seen so many minutes after noon."""
        why = (Reason(facet="topic", rule="t", name="T", code=None, score=score, standing="about", terms=()),)
        verdicts = [
            make_verdict(
                make_article(
                    str(number),
                    source_id=source,
                    id=id_of.format(source=source, number=number),
                    **{"url": f"https://{source}.example/{number}", "canonical_url": None, **values},
                ),
                feeds=dict.fromkeys(feeds, why),
                seen=NOON + timedelta(minutes=number),
            )
            for number in numbers
        ]
        save(self.store, self.claim(source), *verdicts)

    def claim(self, source: str = "north") -> Claim:
        if source not in self.claims:
            self.claims[source] = claim_one(self.store, source)
        return self.claims[source]

    def publish(self, at: datetime = NOON, formats: Sequence[str] = ("atom",), **options: Any) -> list[Published]:
        self.store.tick(at)
        publishing = Publishing(
            questions=[
                Question(spec=spec, where=parse_where(spec.where, regions=[], topics=[], sources=[]))
                for spec in self.begun
            ],
            store=self.store,
            publisher=FilePublisher(self.folder, formats=formats),
            clock=Clock(at),
            base_url="https://feeds.example/",
        )
        return publishing.publish(**options)

    def names(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}

    def read(self, name: str) -> ElementTree.Element:
        return check_atom((self.folder / name).read_bytes())

    def ids(self, name: str = "all.atom") -> list[int]:
        """Numbers of the articles that a document shows."""
        found = [entry.findtext(f"{ATOM}id") or "" for entry in self.read(name).findall(f"{ATOM}entry")]
        return [int(each.rpartition(":")[2]) for each in found]

    def chain(self, feed_id: str = "all") -> list[str]:
        """Names of the documents from the feed on back."""
        names = [f"{feed_id}.atom"]
        while (link := self.read(names[-1]).find(f"{ATOM}link[@rel='prev-archive']")) is not None:
            names.append((link.get("href") or "").rpartition("/")[2])
        return names

    def everything(self, feed_id: str = "all") -> set[int]:
        """What a reader finds who follows the archives."""
        return {number for name in self.chain(feed_id) for number in self.ids(name)}


def all_feed(**values: Any) -> FeedSpec:
    return replace(FeedSpec(id="all", title="All", limit=5), **values)
