"""JSON that is no JSON Feed, in the forms that programs and news interfaces give it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.errors import ParseError
from feedwatch.model import Item
from feedwatch.parse.jsonfeed import read_json_feed

TEXT = (
    "Gunmen attacked a village near Tillabéri in western Niger, the ministry said.\n\nThe army sent troops there. " * 2
)
DAY = datetime(2026, 11, 20, tzinfo=UTC)


def read(value: object) -> tuple[Item, ...]:
    """What is read of a value written as JSON."""
    return read_json_feed(json.dumps(value), url=None, locator="x.json").items


#: What trafilatura, newspaper, news-please, schema.org, WordPress, news interfaces and Elasticsearch write.
RECORDS: dict[str, dict[str, Any]] = {
    "trafilatura": {"title": "Attack", "author": "A. B.", "date": "2026-11-20", "raw_text": TEXT},
    "newspaper": {"title": "Attack", "authors": ["A. B."], "publish_date": "2026-11-20", "text": TEXT},
    "news-please": {"title": "Attack", "authors": ["A. B."], "date_publish": "2026-11-20 00:00:00", "maintext": TEXT},
    "schema.org": {
        "headline": "Attack", "author": {"name": "A. B."}, "datePublished": "2026-11-20", "articleBody": TEXT,
    },
    "wordpress": {
        "title": {"rendered": "Attack"}, "content": {"rendered": f"<p>{TEXT}</p>"}, "link": "https://e.org/1",
        "date_gmt": "2026-11-20T00:00:00", "author": "A. B.",
    },
    "interface": {"title": "Attack", "author": "A. B.", "publishedAt": "2026-11-20T00:00:00Z", "content": TEXT},
    "search": {"_source": {"Title": "Attack", "Author": "A. B.", "Published-At": "2026-11-20", "Body": TEXT}},
}  # fmt: skip


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
@pytest.mark.parametrize("wrap", ["alone", "list", "articles", "within"])
def test_a_record_of_an_article_is_an_item(record: dict[str, Any], wrap: str) -> None:
    wrapped: dict[str, object] = {
        "alone": record,
        "list": [record],
        "articles": {"status": "ok", "articles": [record]},
        "within": {"response": {"status": "ok", "results": [record]}},
    }
    (item,) = read(wrapped[wrap])
    assert item.title == "Attack"
    assert "Gunmen attacked" in item.content
    assert item.published_at == DAY
    assert [author.name for author in item.authors] == ["A. B."]


def test_text_keeps_its_paragraphs_and_markup_its_tags() -> None:
    plain, marked = read([{"title": "A", "text": TEXT}, {"title": "B", "content": f"<h2>x</h2><p>{TEXT}</p>"}])
    assert plain.content.startswith("<p>Gunmen")
    assert plain.content.count("<p>") > 1
    assert marked.content.startswith("<h2>x</h2>")


def test_references_in_a_rendered_title_are_read() -> None:
    (item,) = read([{"title": {"rendered": "L&#8217;arm&eacute;e &amp; la junte"}, "link": "https://e.org/1"}])
    assert item.title == "L’armée &amp; la junte"


def test_a_headline_with_an_address_is_enough() -> None:
    (item,) = read([{"title": "Attack", "url": "https://e.org/1", "description": "Short."}])
    assert (item.link, item.summary, item.content) == ("https://e.org/1", "Short.", "")


def test_records_on_lines_are_read() -> None:
    lines = "\n".join(json.dumps({"title": f"Attack {n}", "text": TEXT}) for n in range(3)) + "\n\n"
    items = read_json_feed(lines, url=None, locator="x.jsonl").items
    assert [item.title for item in items] == ["Attack 0", "Attack 1", "Attack 2"]
    assert [item.position for item in items] == [0, 1, 2]


@pytest.mark.parametrize(
    "value",
    [
        {"error": "not found", "message": "no such page"},
        {"title": "Not Found", "status": 404, "detail": "There is nothing at this address."},
        {"type": "https://e.org/problems/1", "title": "Forbidden", "status": 403},
        {"name": "package", "version": "1.0", "description": "A library."},
        [{"name": "a"}, {"name": "b"}, {"title": "Attack", "url": "https://e.org/1"}],
        {"articles": []},
        {"features": [{"properties": {"name": "Niamey"}}]},
        [1, 2, 3],
        [],
        {},
        "text",
        None,
    ],
)
def test_other_json_is_an_error_that_says_what_is_missing(value: object) -> None:
    with pytest.raises(ParseError, match=r"holds no articles \(a JSON Feed has a list"):
        read(value)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["title", "url", "text", "items", "articles", "author", "date", "x"]), inner)
    ),
    max_leaves=20,
)


@given(_JSON)
def test_whatever_json_holds_it_is_read_or_refused(value: object) -> None:
    try:
        read(value)
    except ParseError as error:
        assert "x.json" in str(error)  # noqa: PT017 - both outcomes are right
