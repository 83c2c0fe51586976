from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from feedwatch.model import Enclosure, Entry, Person
from feedwatch.parse.jsonfeed import read_json_feed
from feedwatch.publish.rendering import render
from feedwatch.views import FeedView
from tests.publish.atom_checker import NOON, REASONS, make_entry, make_view


def read(view: FeedView) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(render(view, ["json"])["json"])
    return found


def item(entry: Entry, **definition: Any) -> dict[str, Any]:
    found: dict[str, Any] = read(make_view(entry, **definition))["items"][0]
    return found


def test_feed_says_what_and_where_it_is() -> None:
    feed = read(make_view(title="Niger", subtitle="Tout", lang="fr"))
    assert feed == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Niger",
        "home_page_url": "https://feeds.example/",
        "feed_url": "https://feeds.example/niger.json",
        "description": "Tout",
        "language": "fr",
        "_feedwatch": {
            "id": "urn:uuid:1b1b3cf0-5a4e-5f9c-8d59-000000000001",
            "updated": "2026-03-01T12:00:00+00:00",
        },
        "items": [],
    }


def test_item_has_everything_the_format_knows() -> None:
    entry = make_entry(
        authors=(Person(name="A", url="https://x.example/a"), Person(name="B", email="b@x.example")),
        tags=("Politics",),
        image="https://source.example/i.jpg",
        published_at=NOON - timedelta(hours=1),
        enclosures=(Enclosure(url="https://source.example/a.mp3", media_type="audio/mpeg", length_bytes=5),),
        html="<p>Text</p>",
        summary="Short",
    )
    found = item(entry)
    source = {
        "id": "source",
        "title": "The Source",
        "feed_url": "https://source.example/feed.xml",
        "home_page_url": "https://source.example/",
    }
    assert found == {
        "id": "https://source.example/1",
        "url": "https://source.example/1",
        "title": "Title 1",
        "content_html": "<p>Text</p>",
        "image": "https://source.example/i.jpg",
        "date_published": "2026-03-01T11:00:00+00:00",
        "date_modified": "2026-03-01T12:00:00+00:00",
        "authors": [{"name": "A", "url": "https://x.example/a"}, {"name": "B", "url": "mailto:b@x.example"}],
        "tags": ["Politics"],
        "language": "en",
        "attachments": [
            {"url": "https://source.example/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 5},
        ],
        "_feedwatch": {"about": "urn:feedwatch:reason:1", "sources": [source]},
    }


def test_every_item_has_a_content() -> None:
    entry = make_entry(summary="Short", body="Long")
    assert item(entry, content="summary")["content_text"] == "Short"
    assert item(entry, content="link")["content_html"] == '<p><a href="https://source.example/1">Title 1</a></p>'


def test_reasons_are_there_for_machines_unless_they_are_not_wanted() -> None:
    why = item(make_entry(reasons=REASONS))["_feedwatch"]["reasons"]
    assert why[0] == {
        "facet": "region",
        "rule": "ne",
        "name": "Niger",
        "code": "NE",
        "standing": "about",
        "score": 8.5,
        "terms": ["Niger", "Niamey"],
    }
    bare = item(make_entry(reasons=REASONS), reasons=False)
    assert "reasons" not in bare["_feedwatch"]
    assert "tags" not in bare


def test_illegal_characters_do_not_come_through() -> None:
    title = item(make_entry(title="a\ud800\x00\x9f\ufffd\x1bb"))["title"]
    assert title == "ab"


def test_our_own_reader_reads_it() -> None:
    data = render(make_view(make_entry(1), make_entry(2, language="ar")), ["json"])["json"]
    assert [each.guid for each in read_json_feed(data.decode(), locator="x", url=None).items] == [
        "https://source.example/1",
        "https://source.example/2",
    ]
