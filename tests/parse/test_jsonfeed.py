from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedwatch.errors import ParseError
from feedwatch.ledger import Parsed
from feedwatch.model import Category, Enclosure, Person
from feedwatch.parse.jsonfeed import read_json_feed


def read_json(feed: Any) -> Parsed:
    return read_json_feed(json.dumps(feed), url="https://journal.example/feed.json", locator="x")


FULL: dict[str, Any] = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Le Journal & amis",
    "home_page_url": "https://journal.example/",
    "feed_url": "https://journal.example/feed.json",
    "language": "fr-NE",
    "authors": [{"name": "La rédaction"}],
    "items": [
        {
            "id": 17,
            "url": "/1",
            "title": "Eau < feu",
            "summary": "Trop & peu",
            "content_html": "<p>Texte</p>",
            "date_published": "2024-03-05T10:00:00+01:00",
            "date_modified": "2024-03-06T10:00:00Z",
            "image": "/i.jpg",
            "tags": ["eau", "eau", 3],
            "authors": [{"name": "Awa", "url": "https://awa.example/"}, {"url": "https://m.example/"}],
            "attachments": [{"url": "/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 12}],
        },
        {
            "id": "b",
            "external_url": "https://other.example/",
            "content_text": "un\n\ndeux <b>",
            "author": {"name": "Old"},
        },
        {"id": "c", "title": "c", "language": "ha"},
    ],
}


def test_every_field_is_kept() -> None:
    first, second, third = read_json(FULL).items
    assert (first.guid, first.link, first.title, first.summary) == (
        "17",
        "https://journal.example/1",
        "Eau &lt; feu",
        "Trop &amp; peu",
    )
    assert first.content == "<p>Texte</p>"
    assert first.published_at == datetime(2024, 3, 5, 9, tzinfo=UTC)
    assert first.updated_at == datetime(2024, 3, 6, 10, tzinfo=UTC)
    assert first.image == "https://journal.example/i.jpg"
    assert first.categories == (Category(term="eau"),)
    assert first.authors == (
        Person(name="Awa", url="https://awa.example/"),
        Person(name="https://m.example/", url="https://m.example/"),
    )
    assert first.enclosures == (
        Enclosure(url="https://journal.example/a.mp3", media_type="audio/mpeg", length_bytes=12),
    )
    assert (first.language, first.origin.title, first.origin.self_link) == (
        "fr-NE",
        "Le Journal & amis",
        "https://journal.example/feed.json",
    )
    assert (second.link, second.content) == ("https://other.example/", "<p>un</p>\n<p>deux &lt;b&gt;</p>")
    assert second.authors == (Person(name="Old"),)
    assert (third.language, third.authors) == ("ha", (Person(name="La rédaction"),))


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"items": {}}', "3", '{"items": [', "", "[" * 100_000, '{"a": ' + "9" * 5000 + "}"]
)
def test_what_is_no_json_feed_is_a_clear_error(text: str) -> None:
    with pytest.raises(ParseError, match=r"^x: is "):
        read_json_feed(text, url=None, locator="x")


def test_values_of_a_wrong_type_count_as_absent() -> None:
    item = {
        "id": ["a"],
        "url": {},
        "title": True,
        "content_html": 3.5,
        "tags": "x",
        "authors": [3],
        "attachments": [None],
        "language": 5,
    }
    assert read_json({"items": [item, None, 3, {"title": "t"}]}).items[-1].title == "t"


def test_characters_that_xml_forbids_do_not_come_through_escapes() -> None:
    text = '{"items": [{"id": "a\\u0000\\ud800", "title": "\\u000bt", "content_text": "\\uffffx"}]}'
    (item,) = read_json_feed(text, url=None, locator="x").items
    assert (item.guid, item.title, item.content) == ("a", "t", "<p>x</p>")


def test_of_very_many_items_the_first_are_read_and_the_rest_reported() -> None:
    start = time.process_time()
    parsed = read_json({"items": [{"id": i, "title": "t"} for i in range(5_010)]})
    assert time.process_time() - start < 2
    assert len(parsed.items) == 5_000
    assert "of 5010" in parsed.problems[0]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "url", "title", "name", "tags", "authors"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*FULL["items"][0], *FULL]), values, max_size=6))
@settings(max_examples=60)
def test_any_values_give_items(entry: dict[str, Any]) -> None:
    for item in read_json({**entry, "items": [entry]}).items:
        assert item.link is None or item.link.startswith("http")


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ({"authors": ["Awa", "Moussa"]}, ["Awa", "Moussa"]),
        ({"authors": {"name": "Awa"}}, ["Awa"]),
        ({"author": "Awa"}, ["Awa"]),
        ({"author": {"email": "awa@j.example"}}, ["awa@j.example"]),
        ({"authors": [{"url": "mailto:awa@j.example"}]}, ["awa@j.example"]),
        ({"authors": None, "author": None}, []),
    ],
)
def test_authors_are_understood_in_the_forms_that_are_written(written: dict[str, Any], names: list[str]) -> None:
    (item,) = read_json({"items": [{"id": "1", "title": "t", **written}]}).items
    assert [person.name for person in item.authors] == names


@pytest.mark.parametrize(("number", "guid"), [(17, "17"), (3.5, "3.5"), (True, None), (None, None)])
def test_an_id_that_is_a_number_is_one(number: object, guid: str | None) -> None:
    assert read_json({"items": [{"id": number, "title": "t"}]}).items[0].guid == guid


def test_line_ends_that_nobody_escaped_are_read_and_a_comma_too_many_is_named() -> None:
    written = '{"items": [{"id": "1", "content_text": "un\ndeux"}%s]}'
    assert read_json_feed(written % "", url=None, locator="x").items[0].content
    with pytest.raises(ParseError, match=r"^x: is damaged JSON: line 2: "):
        read_json_feed(written % ",", url=None, locator="x")


def test_one_value_and_a_list_of_them_may_stand_in_each_others_place() -> None:
    entry = {
        "id": ["1", "2"],
        "url": ["https://j.example/1", "https://j.example/2"],
        "title": ["Eau", "Feu"],
        "tags": "mil",
        "authors": [{"name": ["Awa", "A."]}, 7, True, {"avatar": "x"}],
        "attachments": {"url": "https://j.example/a.mp3"},
    }
    (item,) = read_json({"items": [entry]}).items
    assert (item.guid, item.link, item.title) == ("1", "https://j.example/1", "Eau")
    assert [category.term for category in item.categories] == ["mil"]
    assert [person.name for person in item.authors] == ["Awa", "7"]
    assert [medium.url for medium in item.enclosures] == ["https://j.example/a.mp3"]
