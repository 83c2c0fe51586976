"""JSON feeds against a schema of the format, besides the rules in `feed_rules`."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from feedwatch.model import Enclosure
from feedwatch.publish.rendering import render
from tests.desk import Desk, sample_config
from tests.publish.atom_checker import REASONS, make_entry, make_view
from tests.publish.test_validity import FEEDS, Maker

# Pinned for the tests; an environment that was made before it was is told so.
fastjsonschema = pytest.importorskip("fastjsonschema", reason="needs fastjsonschema: make test installs it")
SCHEMA = Path(__file__).parents[1] / "data" / "jsonfeed.schema.json"
#: Raises on a document that breaks the schema.
check: Callable[[Any], Any] = fastjsonschema.compile(json.loads(SCHEMA.read_text(encoding="utf-8")))
FULL = make_entry(
    reasons=REASONS,
    tags=("Niger",),
    image="https://source.example/i.jpg",
    enclosures=(Enclosure(url="https://source.example/a.mp3", media_type="audio/mpeg", length_bytes=5),),
)


@pytest.mark.parametrize("part", range(4))
def test_hostile_feeds_keep_the_schema(part: int) -> None:
    for seed in range(part, FEEDS, 4):
        check(json.loads(render(Maker(seed).view(), ["json"])["json"]))


def test_feeds_of_the_sample_configuration_keep_the_schema(tmp_path: Path) -> None:
    desk = Desk(tmp_path, sample_config(tmp_path))
    assert desk.run("once").exit_code == 0
    found = [json.loads(path.read_bytes()) for path in (tmp_path / "feeds").glob("*.json")]
    assert sum(len(feed["items"]) for feed in found) > 20
    for feed in found:
        check(feed)


@pytest.mark.parametrize("content", ["full", "summary", "link"])
def test_every_field_keeps_the_schema(content: str) -> None:
    view = make_view(FULL, content=content, lang="fr", subtitle="Tout")
    check(json.loads(render(view, ["json"])["json"]))


@pytest.mark.parametrize(
    ("place", "key", "value"),
    [
        ((), "version", "https://jsonfeed.org/version/1"),
        ((), "title", None),
        ((), "author", {"name": "A"}),
        ((), "hubs", [{"url": "https://hub.example/"}]),
        (("items", 0), "id", 7),
        (("items", 0), "id", None),
        (("items", 0), "url", "/relative"),
        (("items", 0), "content_html", None),
        (("items", 0), "date_published", "Sun, 01 Mar 2026 11:00:00 +0000"),
        (("items", 0), "authors", [{}]),
        (("items", 0), "attachments", [{"url": "https://source.example/a"}]),
        (("items", 0), "extension", {}),
        (("items", 0), "_extension", 1),
    ],
)
def test_what_the_format_forbids_is_refused(place: tuple[Any, ...], key: str, value: object) -> None:
    feed = json.loads(render(make_view(FULL), ["json"])["json"])
    check(feed)
    broken = copy.deepcopy(feed)
    at = broken
    for step in place:
        at = at[step]
    at.pop(key, None)
    if value is not None:
        at[key] = value
    with pytest.raises(fastjsonschema.JsonSchemaValueException):
        check(broken)
