"""Sitemaps: what is new in them, and what they may not do to us."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

import pytest

from feedwatch.errors import ParseError
from feedwatch.ledger import Parsed
from feedwatch.model import Document, Validators
from feedwatch.parse.sitemap import FIRST_TIME, LATER, MAX_BYTES, OLDER, parts_of, read_sitemap

URL = "https://fleuve.example/sitemap.xml"
NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
IMAGE = 'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
DAY = datetime(2026, 3, 1, tzinfo=UTC)


def document(body: str | bytes, media_type: str = "application/xml") -> Document:
    return Document(
        source_id="s",
        locator=URL,
        url=URL,
        body=body.encode() if isinstance(body, str) else body,
        media_type=media_type,
        charset=None,
        fetched_at=DAY,
        validators=Validators(),
    )


def urlset(*urls: str) -> str:
    return f"<?xml version='1.0' encoding='UTF-8'?><urlset {NS}{IMAGE}>{''.join(urls)}</urlset>"


def url(path: str, lastmod: str = "", more: str = "") -> str:
    changed = f"<lastmod>{lastmod}</lastmod>" if lastmod else ""
    return f"<url><loc>https://fleuve.example/{path}</loc>{changed}{more}</url>"


def read(body: str | bytes, since: datetime | None = None) -> Parsed:
    return read_sitemap(document(body), since=since)


def links(parsed: Parsed) -> list[str]:
    return [(item.link or "").removeprefix("https://fleuve.example/") for item in parsed.items]


def test_addresses_come_newest_first_with_their_time() -> None:
    parsed = read(urlset(url("a", "2026-02-01"), url("b", "2026-02-03T10:00:00+01:00"), url("c", "2026-02-02")))
    assert links(parsed) == ["b", "c", "a"]
    assert parsed.items[0].updated_at == datetime(2026, 2, 3, 9, tzinfo=UTC)
    assert [item.position for item in parsed.items] == [0, 1, 2]
    assert parsed.listed == 3
    assert {item.shape for item in parsed.items} == {"teaser"}


def test_a_news_sitemap_gives_title_date_language_and_keywords() -> None:
    news = (
        "<news:news><news:publication><news:name>Le Fleuve</news:name><news:language>fr</news:language>"
        "</news:publication><news:publication_date>2026-02-28T06:00:00Z</news:publication_date><news:title>Prix &amp; "
        "taxes &lt;b&gt;</news:title><news:keywords>Niger, économie</news:keywords></news:news>"
        "<image:image><image:loc>/i.jpg</image:loc></image:image>"
    )
    (item,) = read(urlset(url("a", more=news))).items
    assert item.title == "Prix &amp; taxes &lt;b&gt;"
    assert item.published_at == datetime(2026, 2, 28, 6, tzinfo=UTC)
    assert (item.language, item.origin.title) == ("fr", "Le Fleuve")
    assert [category.term for category in item.categories] == ["Niger", "économie"]
    assert item.image == "https://fleuve.example/i.jpg"


def test_only_what_changed_since_is_taken_and_what_has_no_time() -> None:
    urls = urlset(url("old", "2026-01-01"), url("new", "2026-02-01"), url("undated"), url("same", "2026-01-15"))
    parsed = read(urls, since=datetime(2026, 1, 15, tzinfo=UTC))
    # Behind them what is older: of interest where it is known with another time.
    assert links(parsed) == ["new", "same", "undated", "old"]
    assert parsed.listed == 4


def test_only_so_many_older_ones_follow_the_newest_of_them_first() -> None:
    days = [f"{datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=number):%Y-%m-%d}" for number in range(OLDER + 5)]
    parsed = read(urlset(*(url(str(number), day) for number, day in enumerate(days))), since=DAY)
    assert links(parsed) == [str(number) for number in range(OLDER + 4, 4, -1)]
    assert not parsed.problems


def test_nothing_new_is_no_empty_sitemap() -> None:
    parsed = read(urlset(url("a", "2026-01-01")), since=DAY)
    assert (links(parsed), parsed.listed) == (["a"], 1)


def test_the_first_time_takes_the_newest_and_leaves_the_archive() -> None:
    parsed = read(urlset(*(url(str(n), f"2026-01-{n % 28 + 1:02}") for n in range(500))))
    assert len(parsed.items) == FIRST_TIME
    assert parsed.items[0].updated_at == datetime(2026, 1, 28, tzinfo=UTC)
    assert parsed.problems == ()


def test_later_a_flood_is_cut_and_told() -> None:
    parsed = read(
        urlset(*(url(str(n), "2026-02-01") for n in range(LATER + 5))), since=datetime(2026, 1, 1, tzinfo=UTC)
    )
    assert len(parsed.items) == LATER
    assert "1005" in parsed.problems[0]


def test_an_index_names_its_parts_the_likeliest_first() -> None:
    index = (
        f"<sitemapindex {NS}><sitemap><loc>/posts-1.xml</loc><lastmod>2025-01-01</lastmod></sitemap>"
        "<sitemap><loc>/posts-2.xml</loc><lastmod>2026-02-28</lastmod></sitemap>"
        "<sitemap><loc>/pages.xml</loc></sitemap><sitemap><loc>https://fleuve.example/news.xml.gz</loc></sitemap>"
        "<sitemap><loc>ftp://fleuve.example/x.xml</loc></sitemap></sitemapindex>"
    )
    parts = parts_of(document(index), since=datetime(2026, 1, 1, tzinfo=UTC))
    assert [part.rpartition("/")[2] for part in parts] == ["news.xml.gz", "posts-2.xml", "pages.xml"]
    parsed = read(index)
    assert (parsed.items, parsed.listed) == ((), 4)
    assert parts_of(document(urlset(url("a"))), since=None) == []


def test_the_newest_part_of_an_index_is_asked_whatever_its_time_says() -> None:
    index = (
        f"<sitemapindex {NS}><sitemap><loc>/old.xml</loc><lastmod>2025-01-01T10:00:00Z</lastmod></sitemap>"
        "<sitemap><loc>/back.xml</loc><lastmod>2026-02-01T10:00:00Z</lastmod></sitemap></sitemapindex>"
    )
    parts = parts_of(document(index), since=datetime(2026, 2, 20, tzinfo=UTC))
    assert [part.rpartition("/")[2] for part in parts] == ["back.xml"]


def test_a_part_that_changed_on_the_day_of_the_last_change_is_asked_all_day() -> None:
    index = (
        f"<sitemapindex {NS}><sitemap><loc>/day.xml</loc><lastmod>2026-02-20</lastmod></sitemap>"
        "<sitemap><loc>/before.xml</loc><lastmod>2026-02-18</lastmod></sitemap>"
        "<sitemap><loc>/other.xml</loc><lastmod>2026-02-20T18:00:00Z</lastmod></sitemap></sitemapindex>"
    )
    parts = parts_of(document(index), since=datetime(2026, 2, 20, 17, tzinfo=UTC))
    assert sorted(part.rpartition("/")[2] for part in parts) == ["day.xml", "other.xml"]


def test_a_gzipped_sitemap_is_unpacked() -> None:
    assert links(read(gzip.compress(urlset(url("a")).encode()))) == ["a"]


def test_a_plain_list_of_addresses_is_a_sitemap_too() -> None:
    assert links(read("https://fleuve.example/a\n\nhttps://fleuve.example/b\nnothing\n")) == ["a", "b"]


@pytest.mark.parametrize("loc", ["javascript:alert(1)", "file:///etc/passwd", "", "http://"])
def test_only_http_addresses_are_taken(loc: str) -> None:
    assert links(read(urlset(f"<url><loc>{loc}</loc></url>", url("a")))) == ["a"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (urlset(), "without any address"),
        ("<html><body>404</body></html>", "<html>"),
        ("<rss version='2.0'><channel/></rss>", 'kind = "feed"'),
        ("Not found", "neither XML nor a list"),
        ("", "is empty"),
        ("<urlset><url>", "is no sitemap|without any address"),
        (b"\x1f\x8b broken", "damaged"),
        (gzip.compress(b" " * (MAX_BYTES + 1)), "larger than"),
        ("<urlset>" + "<a>" * 300 + "</a>" * 300 + "</urlset>", "refused"),
    ],
)
def test_what_is_no_sitemap_is_an_error_that_says_why(body: str | bytes, message: str) -> None:
    with pytest.raises(ParseError, match=message):
        read(body)


def test_entities_are_never_expanded_and_nothing_is_loaded() -> None:
    bomb = "<!DOCTYPE urlset [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;'><!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
    body = f"<?xml version='1.0'?>{bomb}<urlset {NS}><url><loc>https://fleuve.example/&b;&x;c</loc></url></urlset>"
    assert links(read(body)) == ["c"]


def test_a_damaged_sitemap_is_mended_where_that_is_safe() -> None:
    assert links(read(urlset(url("a?x=1&y=2")))) == ["a?x=1&y=2"]
