"""Manners beyond the single request: what is never asked for, archives, budgets, one's own headers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feedwatch.fetch import turns
from feedwatch.ledger import Outcome
from tests.fakes import rss, rss_item
from tests.manners.conftest import Desk, ok, source
from tests.webserver import Answer, WebServer

UNCHANGED = Answer(status=304, content_length=None)


@pytest.fixture
def budget(monkeypatch: pytest.MonkeyPatch) -> int:
    """A small one, so that the test is quick."""
    monkeypatch.setattr(turns, "REQUESTS_A_DAY", 3)
    return 3


def archive(number: int, before: str = "", extra: str = "") -> Answer:
    """An Atom document with one entry, and where the older ones are (RFC 5005 section 4)."""
    link = f'<link rel="prev-archive" href="{before}"/>' if before else ""
    return ok(
        f"""<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:xx:{number}</id><title>T</title>{link}{extra}
        <updated>2026-02-{number:02}T00:00:00Z</updated><entry><id>urn:xx:e{number}</id><title>Texte {number}</title>
        <updated>2026-02-{number:02}T00:00:00Z</updated></entry></feed>""".encode(),
        ETag=f'"{number}"',
    )


# --- what is never asked for


def test_nothing_but_get_is_ever_said(desk: Desk) -> None:
    desk.watch(ok(ETag='"1"'), UNCHANGED, Answer(status=503), ok(rss(rss_item("2")).encode()))
    for hours in (0, 2, 2, 4):
        desk.look(hours)
    assert {request.method for request in desk.server.requests} == {"GET"}


def test_enclosures_images_and_links_are_not_fetched(desk: Desk) -> None:
    base = desk.server.url("/")
    media = f'<enclosure url="{base}a.mp3" type="audio/mpeg" length="1"/><description>&lt;img src="{base}i.png"&gt;'
    body = f"<rss><channel><link>{base}home</link><item><title>texte</title><link>{base}1</link>{media}</description>"
    desk.watch(ok(f"{body}<guid>1</guid></item></channel></rss>".encode()))
    desk.look()
    assert [request.path for request in desk.server.requests] == ["/feed"]
    assert len(desk.ids()) == 1


def test_https_is_not_tried_unless_the_address_or_a_redirect_says_so(desk: Desk) -> None:
    # A server that speaks no TLS would notice the attempt as a broken request.
    desk.watch(ok(ETag='"1"'), UNCHANGED)
    for hours in (0, 24, 24):
        desk.look(hours)
    assert [request.path for request in desk.server.requests] == ["/feed"] * 3
    assert "fetch-failed" not in desk.events()


# --- archives of a new feed


def test_a_new_feed_is_read_with_its_archives_and_never_again(desk: Desk) -> None:
    for number in (2, 1):
        desk.server.script(f"/a{number}", archive(number, f"/a{number - 1}" if number > 1 else ""))
    desk.watch(archive(3, "/a2"), UNCHANGED)
    desk.look()
    assert [request.path for request in desk.server.requests] == ["/feed", "/a2", "/a1"]
    assert desk.ids() == ["urn:xx:e1", "urn:xx:e2", "urn:xx:e3"]
    desk.look(25)
    assert [request.path for request in desk.server.requests][3:] == ["/feed"]
    assert desk.server.requests[-1].header("If-None-Match") == '"3"'


def test_entries_of_archives_stand_behind_the_present_ones(desk: Desk) -> None:
    desk.server.script("/a9", archive(9))
    desk.watch(archive(3, "/a9"))
    desk.look()
    with desk.app() as app:
        assert [entry.article.id for entry in app.store.members("all", limit=9)] == ["urn:xx:e3", "urn:xx:e9"]


def test_twenty_archives_are_the_most_and_a_circle_ends(desk: Desk) -> None:
    for number in range(1, 25):
        desk.server.script(f"/a{number}", archive(number, f"/a{number + 1}"))
    desk.watch(archive(28, "/a1"))
    desk.look()
    assert len(desk.server.requests) == 1 + 20
    desk.server.script("/round", archive(1, "/other"))
    desk.configure(source(desk.server.script("/other", archive(2, "/round")), source_id="t"))
    desk.look()
    assert [request.path for request in desk.server.requests][21:] == ["/other", "/round"]


def test_archives_can_be_declined(desk: Desk) -> None:
    desk.watch(archive(3, "/a2"), more="archives = false")
    desk.look()
    assert [request.path for request in desk.server.requests] == ["/feed"]


def test_an_archive_that_cannot_be_had_is_told_and_loses_nothing_else(desk: Desk) -> None:
    desk.server.script("/a2", Answer(status=500))
    desk.watch(archive(3, "/a2"))
    (outcome,) = desk.look()
    assert (outcome.result, outcome.new) == ("read", 1)
    assert "document-failed" in desk.events()


def test_archives_on_another_server_are_left_alone(desk: Desk) -> None:
    with WebServer() as other:
        desk.watch(archive(3, other.script("/a2", archive(2))))
        desk.look()
        assert other.requests == []


# --- budget


def test_a_server_is_asked_so_many_times_a_day_and_again_from_midnight_on(desk: Desk, budget: int) -> None:
    urls = [desk.server.script(f"/{number}", ok()) for number in range(budget + 1)]
    desk.configure(*(source(url, source_id=f"s{number}") for number, url in enumerate(urls)))
    outcomes: list[Outcome] = []
    with desk.app() as app:
        app.poll(app.claim_once(force=False), outcomes.append)
        assert list(app.requests_today().values()) == [budget]
    assert len(desk.server.requests) == budget
    (refused,) = [outcome for outcome in outcomes if outcome.result == "failed"]
    assert "was asked 3 times today" in refused.error
    with desk.app() as app:
        (held,) = [status for status in app.store.statuses() if status.error]
    assert held.next_due_at == datetime(2026, 3, 3, tzinfo=UTC)


# --- one's own headers


def test_other_headers_are_asked_without_the_validators_of_the_old_ones(desk: Desk) -> None:
    url = desk.watch(ok(ETag='"1"', Vary="X-Edition"), more='headers = { X-Edition = "a" }')
    desk.look()
    desk.look(2)
    assert desk.server.requests[-1].header("If-None-Match") == '"1"'
    desk.configure(source(url, more='headers = { X-Edition = "b" }'))
    desk.look(24)
    last = desk.server.requests[-1]
    assert (last.header("X-Edition"), last.header("If-None-Match")) == ("b", None)
