from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import brotli
import pytest
import requests

from feedwatch.config.load import Config
from feedwatch.ledger import FeedState
from feedwatch.web.exchange import Reply, Request, Route
from feedwatch.web.representation import Representation
from feedwatch.web.server import WebServer
from tests.web.sitekit import BODY, BROWSER, config_of, get, served, write

PAGE = b"<!doctype html><title>Niger</title>" + b"<p>entry" * 300


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return config_of(tmp_path_factory.mktemp("site"))


def crash(_request: Request) -> Reply | Representation:
    raise ValueError("a secret")


@pytest.fixture(scope="module")
def url(config: Config) -> Iterator[str]:
    files = {
        "niger-security.atom": BODY,
        "niger-security.json": json.dumps({"items": ["x" * 2000]}).encode(),
        "niger-security.html": PAGE,
        "niger-security_archive-1-0123456789abcdef.atom": BODY,
        "index.opml": b"<opml/>",
        "stranger.atom": BODY,
        "secret.txt": b"no",
    }
    state = FeedState(
        feed_id="niger-security",
        id="urn:uuid:1",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        updated_at=datetime(2026, 3, 1, 9, 5, tzinfo=UTC),
        version=2,
        published_version=2,
        file_hashes={},
        published_entries=1,
    )
    with served(
        config,
        files,
        states=lambda: {"niger-security": state},
        is_gone={"mali-old.atom", "niger-security_archive-1-ffffffffffffffff.atom"}.__contains__,
        routes={"/crash": Route(handler=crash)},
    ) as server:
        yield server.url


def test_a_feed_is_served_with_its_type_and_validators(url: str) -> None:
    answer = get(url + "niger-security.atom")
    assert answer.status_code == 200
    assert answer.content == BODY
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert answer.headers["ETag"].startswith('"')
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Link"] == '<https://feeds.example.org/niger-security.atom>; rel="self"'
    assert "Last-Modified" in answer.headers


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("niger-security.json", "application/feed+json"),
        ("niger-security.html", "text/html; charset=utf-8"),
        ("index.opml", "text/x-opml; charset=utf-8"),
        ("niger-security_archive-1-0123456789abcdef.atom", "application/atom+xml; charset=utf-8"),
    ],
)
def test_every_format_has_its_media_type(url: str, name: str, media_type: str) -> None:
    answer = get(url + name)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, media_type)


def test_what_the_reader_has_is_not_sent_again(url: str) -> None:
    first = get(url + "niger-security.atom")
    by_tag = get(url + "niger-security.atom", **{"If-None-Match": first.headers["ETag"]})
    by_weak_tag = get(url + "niger-security.atom", **{"If-None-Match": 'W/"x", W/' + first.headers["ETag"]})
    by_any = get(url + "niger-security.atom", **{"If-None-Match": "*"})
    by_date = get(url + "niger-security.atom", **{"If-Modified-Since": first.headers["Last-Modified"]})
    assert [each.status_code for each in (by_tag, by_weak_tag, by_any, by_date)] == [304] * 4
    assert by_tag.content == b""
    assert "Content-Type" not in by_tag.headers
    for name in ("ETag", "Last-Modified", "Cache-Control", "Vary"):
        assert by_tag.headers[name] == first.headers[name]


def test_the_tag_decides_over_the_date(url: str) -> None:
    first = get(url + "niger-security.atom")
    both = {"If-None-Match": '"other"', "If-Modified-Since": first.headers["Last-Modified"]}
    assert get(url + "niger-security.atom", **both).status_code == 200


@pytest.mark.parametrize("header", ["Sun, 06 Nov 1994 08:49:37 GMT", "yesterday", "", "0", "9" * 500])
def test_an_old_or_broken_date_brings_the_feed(url: str, header: str) -> None:
    assert get(url + "niger-security.atom", **{"If-Modified-Since": header}).status_code == 200


def test_a_changed_file_has_a_new_tag(url: str, config: Config) -> None:
    write(config, "later.atom", BODY)
    first = get(url + "later.atom")
    write(config, "later.atom", BODY + b"<!-- more -->")
    second = get(url + "later.atom", **{"If-None-Match": first.headers["ETag"]})
    (config.output_dir / "later.atom").unlink()
    assert second.status_code == 200
    assert second.headers["ETag"] != first.headers["ETag"]
    assert get(url + "later.atom").status_code == 404


def test_two_changes_within_a_second_have_two_dates(url: str, config: Config) -> None:
    dates = []
    for body in (b"<feed>1</feed>", b"<feed>2</feed>", b"<feed>3</feed>"):
        write(config, "niger-security.rss", body)
        os.utime(config.output_dir / "niger-security.rss", (1_700_000_000, 1_700_000_000))
        answer = get(url + "niger-security.rss")
        assert answer.content == body
        dates.append(parsedate_to_datetime(answer.headers["Last-Modified"]))
    (config.output_dir / "niger-security.rss").unlink()
    assert dates[0] < dates[1] < dates[2]


@pytest.mark.parametrize(
    ("accepted", "coding"), [("gzip", "gzip"), ("gzip, br", "br"), ("x-gzip;q=0.5, *;q=0", "gzip")]
)
def test_compressed_and_plain_forms_have_tags_of_their_own(url: str, accepted: str, coding: str) -> None:
    plain = get(url + "niger-security.atom")
    answer = requests.get(url + "niger-security.atom", headers={"Accept-Encoding": accepted}, timeout=5, stream=True)
    raw = answer.raw.read(decode_content=False)
    assert answer.headers["Content-Encoding"] == coding
    assert (brotli.decompress(raw) if coding == "br" else gzip.decompress(raw)) == BODY
    assert answer.headers["Vary"] == "Accept, Accept-Encoding"
    assert answer.headers["ETag"] != plain.headers["ETag"]
    assert answer.headers["Content-Length"] == str(len(raw))
    again = {"If-None-Match": answer.headers["ETag"], "Accept-Encoding": accepted}
    assert get(url + "niger-security.atom", **again).status_code == 304


def test_head_tells_the_same_without_a_body(url: str) -> None:
    answer = requests.head(url + "niger-security.atom", headers={"Accept-Encoding": "identity"}, timeout=5)
    assert answer.status_code == 200
    assert answer.content == b""
    assert answer.headers["Content-Length"] == str(len(BODY))


def test_a_browser_gets_the_page_to_read_and_may_keep_it(url: str) -> None:
    answer = get(url + "niger-security.atom", Accept=BROWSER)
    assert answer.content == PAGE
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Vary"] == "Accept, Accept-Encoding"
    assert answer.headers["Content-Location"] == "niger-security.html"
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    again = {"Accept": BROWSER, "If-None-Match": answer.headers["ETag"]}
    assert get(url + "niger-security.atom", **again).status_code == 304
    # The page's tag is not the feed's.
    assert get(url + "niger-security.atom", **{"If-None-Match": answer.headers["ETag"]}).content == BODY


def test_a_browser_gets_the_feed_where_there_is_no_page(url: str, config: Config) -> None:
    write(config, "later.atom", BODY)
    assert get(url + "later.atom", Accept=BROWSER).content == BODY
    (config.output_dir / "later.atom").unlink()


@pytest.mark.parametrize(
    "name",
    [
        "none.atom",
        "stranger.atom",
        "secret.txt",
        "..%2fsecret.txt",
        "%2e%2e/secret.txt",
        "niger-security.atom%00",
        "niger-security.atom/",
        "niger-security",
        "niger-security.",
        "niger-security.opml",
        "Niger-security.atom",
        "NUL",
        "niger-security.atom%0d%0aX:y",
        "\u0631.atom",
        "a" * 300 + ".atom",
    ],
)
def test_nothing_but_feeds_is_served(url: str, name: str) -> None:
    answer = get(url + name)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert name not in answer.text


def test_a_link_in_place_of_a_feed_is_not_followed(url: str, config: Config) -> None:
    (config.output_dir / "later.atom").symlink_to(config.output_dir / "secret.txt")
    status = get(url + "later.atom").status_code
    (config.output_dir / "later.atom").unlink()
    assert status == 404


def test_a_file_that_not_everybody_may_read_is_not_there(url: str, config: Config) -> None:
    write(config, "later.atom", BODY, mode=0o600)
    first, second = get(url + "later.atom"), get(url + "later.atom")
    (config.output_dir / "later.atom").unlink()
    assert (first.status_code, second.status_code) == (404, 404)


def test_a_renamed_feed_leads_to_its_new_address(url: str) -> None:
    answer = get(url + "niger-sec.atom")
    assert answer.status_code == 308
    assert answer.headers["Location"] == "https://feeds.example.org/niger-security.atom"


def test_a_feed_that_was_published_once_is_gone(url: str) -> None:
    assert get(url + "mali-old.atom").status_code == 410
    assert get(url + "niger-security_archive-1-ffffffffffffffff.atom").status_code == 410
    assert get(url + "niger-security_archive-1-eeeeeeeeeeeeeeee.atom").status_code == 404


def test_the_index_names_every_feed_and_lets_readers_discover_them(url: str) -> None:
    answer = get(url)
    page = answer.text
    assert '<link rel="alternate" type="application/atom+xml" title="Niger &lt;b&gt;security&lt;/b&gt;"' in page
    assert 'type="application/feed+json"' in page
    assert "What happens &lt;in&gt; Niger" in page
    assert "1 entry, last change" in page
    assert "1 Mar 2026, 09:05 UTC" in page
    assert "https://feeds.example.org/niger-security.atom" in page
    assert 'href="index.opml"' in page
    assert "not written yet" in page
    assert "<script" not in page
    assert get(url, **{"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
@pytest.mark.parametrize("name", ["", "niger-security.atom"])
def test_writing_methods_are_refused(url: str, method: str, name: str) -> None:
    answer = requests.request(method, url + name, data=b"x" if method != "TRACE" else None, timeout=5)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_reader_in_a_browser_may_ask_conditionally(url: str) -> None:
    answer = requests.options(
        url + "niger-security.atom",
        headers={"Origin": "https://reader.example", "Access-Control-Request-Headers": "if-none-match"},
        timeout=5,
    )
    assert answer.status_code == 204
    assert "If-None-Match" in answer.headers["Access-Control-Allow-Headers"]


def test_search_engines_are_asked_to_stay_away(url: str) -> None:
    assert "Disallow: /" in get(url + "robots.txt").text
    assert get(url + "healthz").text == "ok\n"


def test_a_crash_is_logged_and_tells_the_client_nothing(url: str, caplog: pytest.LogCaptureFixture) -> None:
    answer = get(url + "crash")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "a secret" in caplog.text
    assert get(url).status_code == 200


def test_a_taken_address_is_an_error(url: str, tmp_path: Path) -> None:
    port = int(url.rsplit(":", 1)[1].rstrip("/"))

    async def nothing(*_: object) -> None:
        """Answers nothing."""

    with pytest.raises(OSError, match="in use"):
        WebServer(nothing, "127.0.0.1", port)
