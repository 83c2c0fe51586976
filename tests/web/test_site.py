from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from feedwatch.model import FeedSpec
from feedwatch.web.server import WebServer
from feedwatch.web.site import make_site

BODY = b"<feed>" + b"entry " * 500 + b"</feed>"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tmp_path = tmp_path_factory.mktemp("feeds")
    (tmp_path / "niger-security.atom").write_bytes(BODY)
    (tmp_path / "secret.txt").write_text("no")
    return tmp_path


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    feeds = [
        FeedSpec(id="niger-security", title="Niger <b>security</b>", where="region:ne and topic:security"),
        FeedSpec(id="later", title="Not yet"),
    ]
    server = WebServer(make_site(feeds, folder), "127.0.0.1", 0)
    server.start()
    yield server.url
    server.stop()


def get(url: str, **headers: str) -> requests.Response:
    return requests.get(url, headers={"Accept-Encoding": "identity", **headers}, timeout=5)


def test_a_feed_is_served_with_its_type_and_validators(url: str) -> None:
    answer = get(url + "niger-security.atom")
    assert answer.status_code == 200
    assert answer.content == BODY
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert answer.headers["ETag"].startswith('"')
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Last-Modified" in answer.headers


def test_what_the_reader_has_is_not_sent_again(url: str) -> None:
    first = get(url + "niger-security.atom")
    by_tag = get(url + "niger-security.atom", **{"If-None-Match": first.headers["ETag"]})
    by_weak_tag = get(url + "niger-security.atom", **{"If-None-Match": 'W/"x", W/' + first.headers["ETag"]})
    by_date = get(url + "niger-security.atom", **{"If-Modified-Since": first.headers["Last-Modified"]})
    assert [each.status_code for each in (by_tag, by_weak_tag, by_date)] == [304, 304, 304]
    assert by_tag.content == b""
    assert by_tag.headers["ETag"] == first.headers["ETag"]


def test_the_tag_decides_over_the_date(url: str) -> None:
    first = get(url + "niger-security.atom")
    both = {"If-None-Match": '"other"', "If-Modified-Since": first.headers["Last-Modified"]}
    assert get(url + "niger-security.atom", **both).status_code == 200


def test_a_changed_file_has_a_new_tag(url: str, folder: Path) -> None:
    (folder / "changing.atom").write_bytes(BODY)
    first = get(url + "changing.atom")
    (folder / "changing.atom").write_bytes(BODY + b"<!-- more -->")
    second = get(url + "changing.atom", **{"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 200
    assert second.headers["ETag"] != first.headers["ETag"]


def test_compressed_and_plain_forms_have_tags_of_their_own(url: str) -> None:
    plain = get(url + "niger-security.atom")
    answer = requests.get(url + "niger-security.atom", headers={"Accept-Encoding": "gzip"}, timeout=5, stream=True)
    raw = answer.raw.read(decode_content=False)
    assert gzip.decompress(raw) == BODY
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["ETag"] != plain.headers["ETag"]
    assert get(url + "niger-security.atom", **{"Accept-Encoding": "gzip;q=0"}).content == BODY


def test_head_tells_the_same_without_a_body(url: str) -> None:
    answer = requests.head(url + "niger-security.atom", headers={"Accept-Encoding": "identity"}, timeout=5)
    assert answer.status_code == 200
    assert answer.headers["Content-Length"] == str(len(BODY))


@pytest.mark.parametrize(
    "name", ["none.atom", "secret.txt", "..%2fsecret.txt", "%2e%2e/secret.txt", "niger-security.atom%00", "NUL"]
)
def test_nothing_but_feeds_is_served(url: str, name: str) -> None:
    assert get(url + name).status_code == 404


def test_a_link_in_place_of_a_feed_is_not_followed(url: str, folder: Path) -> None:
    (folder / "linked.atom").symlink_to(folder / "secret.txt")
    assert get(url + "linked.atom").status_code == 404


def test_the_index_names_every_feed_and_lets_readers_discover_them(url: str) -> None:
    page = get(url).text
    assert 'rel="alternate" type="application/atom+xml"' in page
    assert "Niger &lt;b&gt;security&lt;/b&gt;" in page
    assert "not written yet" in page


def test_writing_methods_are_refused(url: str) -> None:
    assert requests.post(url + "niger-security.atom", timeout=5).status_code == 405


def test_a_taken_address_is_an_error(url: str, folder: Path) -> None:
    port = int(url.rsplit(":", 1)[1].rstrip("/"))
    with pytest.raises(OSError, match="in use"):
        WebServer(make_site([], folder), "127.0.0.1", port)
