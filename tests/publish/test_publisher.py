from __future__ import annotations

import logging
from pathlib import Path

import pytest

from feedwatch.ports import Publisher
from feedwatch.publish.publisher import FilePublisher
from feedwatch.publish.rendering import render
from tests.publish.atom_checker import check_atom, make_entry, make_view


def test_view_becomes_a_file_that_readers_can_subscribe_to(tmp_path: Path) -> None:
    publisher: Publisher = FilePublisher(tmp_path)
    rendered = publisher.render(make_view(make_entry()))
    assert list(rendered) == ["atom"]
    assert publisher.write("niger", "atom", rendered["atom"]) is True
    assert publisher.write("niger", "atom", rendered["atom"]) is False
    assert (tmp_path / "niger.atom").read_bytes() == rendered["atom"]
    check_atom(rendered["atom"])


def test_entry_left_out_is_told_to_the_log_or_to_who_asks(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    view = make_view(make_entry(1), make_entry(2, id="no\x1b[31m iri\n"))
    with caplog.at_level(logging.WARNING):
        FilePublisher(tmp_path).render(view)
    assert [record.getMessage() for record in caplog.records] == [
        "feed niger: entry no\\x1b[31m iri\\n left out: ValueError: its id is no IRI"
    ]
    heard: list[tuple[str, ...]] = []
    FilePublisher(tmp_path, on_skip=lambda *what: heard.append(what)).render(view)
    assert heard == [("niger", "no\x1b[31m iri\n", "ValueError: its id is no IRI")]


def test_a_thousand_renderings_are_the_same_bytes() -> None:
    view = make_view(make_entry(1, tags=("a", "b")), lang="fr")
    first = render(view, ["atom", "rss"])
    for _ in range(1000):
        assert render(view, ["atom", "rss"]) == first
