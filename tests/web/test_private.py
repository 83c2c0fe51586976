"""Private feeds: what a token opens, and that nothing else does."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path

import pytest
import requests

from feedwatch.config.load import Config
from feedwatch.opml import read_opml
from feedwatch.web.tokens import TokenFile
from tests.web.sitekit import BROWSER, CONFIG, config_of, get, served, write

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = b"the secret of the desk"
BASE = "https://feeds.example.org/"
ATOM = (
    b'<feed><link rel="self" href="https://feeds.example.org/desk.atom"/>'
    b'<link rel="prev-archive" href="https://feeds.example.org/desk_archive-1-0123456789abcdef.atom"/>'
    b'<link rel="alternate" href="https://feeds.example.org/"/>' + SECRET * 100 + b"</feed>"
)
PRIVATE = (
    CONFIG
    + """
[[feeds]]
id = "desk"
title = "The desk's own"
former = ["desk-old"]
private = true
[[feeds]]
id = "board"
title = "The board's own"
private = true
"""
)
NAMES = [f"desk.{ending}" for ending in ("atom", "rss", "json", "html")] + ["desk_archive-1-0123456789abcdef.atom"]


@dataclass
class Place:
    config: Config
    url: str
    desk: str
    board: str
    everything: str
    revoked: str


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    config = config_of(tmp_path_factory.mktemp("private"), PRIVATE)
    tokens = TokenFile(config.server.tokens)
    desk, board = tokens.add("desk", ["desk"], NOW), tokens.add("board", ["board"], NOW)
    everything, revoked = tokens.add("everything", [], NOW), tokens.add("revoked", [], NOW)
    tokens.revoke("revoked")
    with served(config, {"niger-security.atom": b"<feed/>"}) as server:
        for name in [*NAMES, "board.atom"]:
            write(config, name, ATOM, mode=0o600)
        yield Place(config, server.url, desk, board, everything, revoked)


def everywhere(place: Place) -> list[str]:
    """Every path under which something private might be, for each who should not get it."""
    wrong = [place.board, place.revoked, "x" * 43, "", "%00", "..", place.desk[:-1], place.desk + "a"]
    names = [*NAMES, "desk.opml", "desk", "desk-old.atom", "desk.atom/", "../desk.atom", "%64esk.atom", "./desk.atom"]
    found = [f"/{name}" for name in names] + [f"/t/{token}/{name}" for token in wrong for name in names]
    return [*found, f"/t/{place.board}/t/{place.desk}x/desk.atom", "/t//desk.atom", "/t/desk.atom"]


def ask(server: HTTPConnection, path: str, headers: dict[str, str]) -> tuple[int, list[str], str | None, bytes]:
    """A request for the path as written: dots and escapes are part of the trial."""
    server.putrequest("GET", path, skip_accept_encoding=True)
    for name, value in headers.items():
        server.putheader(name, value)
    server.endheaders()
    answer = server.getresponse()
    names = sorted(name for name, _ in answer.getheaders())
    return answer.status, names, answer.getheader("Cache-Control"), answer.read()


def test_nobody_without_the_right_token_gets_anything(place: Place) -> None:
    with closing(HTTPConnection(place.url.split("/")[2], timeout=5)) as server:
        missing = ask(server, "/no-such-feed.atom", {})
        assert missing[0] == 404
        for path in everywhere(place):
            for headers in ({}, {"Accept": BROWSER, "If-None-Match": "*"}):
                assert ask(server, path, headers) == missing, path


def test_the_public_lists_name_no_private_feed(place: Place) -> None:
    assert "desk" not in get(place.url).text
    assert "board" not in get(place.url).text


@pytest.mark.parametrize("name", NAMES)
def test_the_holder_of_the_token_reads_every_format(place: Place, name: str) -> None:
    answer = get(f"{place.url}t/{place.desk}/{name}")
    assert answer.status_code == 200
    assert SECRET in answer.content
    assert answer.headers["Cache-Control"] == "private, max-age=300"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    again = get(f"{place.url}t/{place.desk}/{name}", **{"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_feed_names_the_addresses_under_which_its_holder_reaches_it(place: Place) -> None:
    text = get(f"{place.url}t/{place.desk}/desk.atom").text
    own = f"{BASE}t/{place.desk}/"
    assert f'rel="self" href="{own}desk.atom"' in text
    assert f'rel="prev-archive" href="{own}desk_archive-1-0123456789abcdef.atom"' in text
    assert f'rel="alternate" href="{BASE}"' in text
    assert place.desk not in get(f"{place.url}t/{place.everything}/desk.atom").text


def test_a_token_for_everything_opens_public_feeds_too_and_one_for_a_feed_only_that(place: Place) -> None:
    assert get(f"{place.url}t/{place.everything}/niger-security.atom").content == b"<feed/>"
    assert get(f"{place.url}t/{place.everything}/board.atom").status_code == 200
    assert get(f"{place.url}t/{place.desk}/niger-security.atom").status_code == 404


def test_a_holder_sees_a_list_of_what_the_token_opens(place: Place) -> None:
    page = get(f"{place.url}t/{place.desk}/")
    assert "The desk&#39;s own" in page.text
    assert "board" not in page.text
    assert "Niger" not in page.text
    assert f"{BASE}t/{place.desk}/desk.atom" in page.text
    assert page.headers["Cache-Control"].startswith("private")
    opml = get(f"{place.url}t/{place.desk}/index.opml")
    assert [outline.url for outline in read_opml(opml.content, locator="x")] == [f"{BASE}t/{place.desk}/desk.atom"]


def test_a_browser_gets_the_page(place: Place) -> None:
    answer = get(f"{place.url}t/{place.desk}/desk.atom", Accept=BROWSER)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


def test_a_revoked_token_opens_nothing_at_once(place: Place) -> None:
    tokens = TokenFile(place.config.server.tokens)
    brief = tokens.add("brief", [], NOW)
    assert get(f"{place.url}t/{brief}/desk.atom").status_code == 200
    tokens.revoke("brief")
    assert get(f"{place.url}t/{brief}/desk.atom").status_code == 404


def test_tokens_can_only_be_read_with(place: Place) -> None:
    for token in (place.desk, "x" * 43):
        assert requests.post(f"{place.url}t/{token}/desk.atom", data=b"x", timeout=5).status_code == 405
        assert requests.options(f"{place.url}t/{token}/desk.atom", timeout=5).status_code == 204


def test_no_token_is_logged(place: Place, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    caplog.set_level(logging.DEBUG)
    get(f"{place.url}t/{place.desk}/desk.atom")
    get(f"{place.url}t/{place.desk}/none.atom")
    get(f"{place.url}t/{place.revoked}/desk.atom")
    requests.post(f"{place.url}t/{place.desk}/desk.atom", data=b"x" * 100_000, timeout=5)
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("urllib3")]
    printed = capfd.readouterr()
    for token in (place.desk, place.revoked):
        assert not any(token in line for line in ours)
        assert token not in printed.out + printed.err


def test_a_private_file_with_open_mode_is_still_not_public(place: Place) -> None:
    path: Path = place.config.output_dir / "desk.atom"
    path.chmod(0o644)
    status = get(f"{place.url}desk.atom").status_code
    path.chmod(0o600)
    assert status == 404
