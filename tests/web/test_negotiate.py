from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedwatch.web.negotiate import coding, is_since, matching_tag, prefers_page, qualities

#: What programs really send (from their sources and captures of them).
BROWSERS = {
    "firefox": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "chrome": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7",
    "safari": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "edge-old": "text/html, application/xhtml+xml, image/jxr, */*;q=0.5",
    "lynx-like": "text/html;q=1.0, application/xhtml+xml;q=1.0, */*;q=0.1",
}
READERS = {
    "nothing": "",
    "curl": "*/*",
    "java": "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
    "miniflux": "application/xml, application/atom+xml, application/rss+xml, application/rdf+xml, "
    "application/feed+json, text/html, */*;q=0.9",
    "simplepie": "application/atom+xml, application/rss+xml, application/rdf+xml;q=0.9, application/xml;q=0.8, "
    "text/xml;q=0.8, text/html;q=0.7, unknown/unknown;q=0.1, application/unknown;q=0.1, */*;q=0.1",
    "reader": "application/atom+xml,application/rdf+xml,application/rss+xml,application/x-netcdf,application/xml;q=0.9,"
    "text/xml;q=0.2,*/*;q=0.1",
    "feedparser": "application/atom+xml,application/rdf+xml,application/rss+xml,application/x-netcdf,"
    "application/xml;q=0.9,text/xml;q=0.2,*/*;q=0.1",
    "a browser's with feeds in front": "application/rss+xml,text/html,application/xhtml+xml,application/xml;q=0.9",
    "as good as xml": "text/html, application/xhtml+xml, application/xml",
    "as good as anything": "text/html,application/xhtml+xml,*/*",
    "html refused": "text/html;q=0, application/xhtml+xml;q=0, */*",
    "broken": "text/html application/xhtml+xml;;;q=,=,",
}


@pytest.mark.parametrize("name", BROWSERS)
def test_browsers_prefer_the_page(name: str) -> None:
    assert prefers_page(BROWSERS[name])


@pytest.mark.parametrize("name", READERS)
def test_readers_get_the_feed(name: str) -> None:
    assert not prefers_page(READERS[name])


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("gzip", "gzip"),
        ("br;q=0.5, gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("*", "br"),
        ("*;q=0", ""),
        ("gzip;q=0", ""),
        ("GZIP", "gzip"),
        ("identity, gzip;q=0.5", ""),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("gzip;q=2", ""),
        ("gzip;q=nan", ""),
        ("deflate", ""),
        ("br;q=0, *", "gzip"),
    ],
)
def test_the_best_coding_that_is_wanted_is_chosen(header: str, chosen: str) -> None:
    assert coding(header, ("br", "gzip")) == chosen


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ('"a"', '"a"'),
        ('W/"a"', '"a"'),
        ('"x", "b"', '"b"'),
        ("*", '"a"'),
        ("a", None),
        ('"a', None),
        ('"A"', None),
        ('"a,b"', None),
        ("", None),
    ],
)
def test_an_entity_tag_matches_as_a_whole(header: str, found: str | None) -> None:
    assert matching_tag(header, ['"a"', '"b"']) == found


@settings(max_examples=40)
@given(st.text(max_size=200))
def test_no_header_breaks_anything(header: str) -> None:
    assert all(0 <= weight <= 1 for weight in qualities(header).values())
    assert coding(header, ("br", "gzip")) in ("", "br", "gzip")
    prefers_page(header)
    matching_tag(header, ['"a"'])
    is_since(header, 0)
