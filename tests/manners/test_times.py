"""When the next request comes: what servers and feeds ask for is obeyed, also after a restart."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from tests.fakes import rss, rss_item
from tests.manners.conftest import BODY, START, Desk, ok, source
from tests.webserver import Answer, WebServer

SYNDICATION = (
    "<x:updatePeriod xmlns:x='http://purl.org/rss/1.0/modules/syndication/'>{}</x:updatePeriod>"
    "<x:updateFrequency xmlns:x='http://purl.org/rss/1.0/modules/syndication/'>{}</x:updateFrequency>"
)
UNCHANGED = Answer(status=304, content_length=None)


def feed(channel: str) -> bytes:
    """A feed that says something about itself."""
    return BODY.replace(b"<channel>", f"<channel>{channel}".encode())


def test_no_second_poll_within_half_an_hour(desk: Desk) -> None:
    desk.watch(ok(Cache_Control="max-age=0"), more="")
    desk.look()
    assert desk.look_hourly(0.5) == []
    assert desk.look_hourly(1) == [0.5]


def test_an_interval_of_its_own_is_honoured(desk: Desk) -> None:
    desk.watch(ok(), more='interval = "5m"')
    desk.look()
    desk.look(4 / 60)
    assert len(desk.server.requests) == 1
    desk.look(1 / 60)
    assert len(desk.server.requests) == 2


def test_max_age_is_waited_for(desk: Desk) -> None:
    desk.watch(ok(Cache_Control="public, max-age=14400"))
    desk.look()
    assert desk.look_hourly(5) == [4]


def test_max_age_of_a_304_is_waited_for(desk: Desk) -> None:
    fresh = Answer(status=304, headers={"Cache-Control": "max-age=14400"}, content_length=None)
    desk.watch(ok(ETag='"1"'), fresh)
    desk.look()
    desk.look(1)
    assert desk.look_hourly(5) == [4]


def test_max_age_holds_after_a_304_that_says_nothing(desk: Desk) -> None:
    desk.watch(ok(ETag='"1"', Cache_Control="max-age=14400"), UNCHANGED)
    desk.look()
    desk.look(4)
    assert desk.look_hourly(5) == [4]


@pytest.mark.parametrize(
    ("headers", "hours"),
    [
        ({"Cache-Control": 'max-age="14400"'}, 4),
        ({"Cache-Control": "private, no-store, MAX-AGE=14400"}, 4),
        ({"Cache-Control": "s-maxage=36000, max-age=14400, stale-while-revalidate=60"}, 4),
        ({"Cache-Control": "s-maxage=36000"}, 1),
        ({"Cache-Control": "no-cache"}, 1),
        ({"Cache-Control": "max-age=soon"}, 1),
        ({"Cache-Control": "max-age=-5"}, 1),
        ({"Cache-Control": "max-age=99999999999999999999"}, 24),
        ({"Cache-Control": "max-age=14400", "Age": "7200"}, 2),
        ({"Cache-Control": "max-age=14400", "Age": "99999"}, 1),
        ({"Cache-Control": "max-age=14400", "Age": "x"}, 4),
        ({"Cache-Control": "max-age=14400", "Expires": "0"}, 4),
        ({"Expires": "0"}, 1),
        ({"Expires": "-1"}, 1),
        ({"Expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, 1),
        ({"Cache-Control": "max-age=14400", "Vary": "*"}, 4),
    ],
)
def test_how_long_an_answer_is_fresh(desk: Desk, headers: dict[str, str], hours: float) -> None:
    desk.watch(Answer(body=BODY, headers=headers))
    desk.look()
    assert desk.look_hourly(hours + 0.5)[0] == hours


def test_of_several_headers_each_counts(desk: Desk) -> None:
    headers = [("Cache-Control", "public"), ("Cache-Control", "max-age=14400"), ("ETag", '"1"'), ("ETag", '"2"')]
    desk.watch(Answer(body=BODY, headers=headers), UNCHANGED)
    desk.look()
    assert desk.look_hourly(5) == [4]
    assert desk.server.requests[1].header("If-None-Match") == '"1"'


def test_expires_counts_from_the_answers_own_date(desk: Desk) -> None:
    desk.watch(ok(Date=desk.date(-100), Expires=desk.date(-97)))
    desk.look()
    assert desk.look_hourly(4) == [3]


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_obeyed_also_with_force(desk: Desk, status: int, form: str) -> None:
    until = "36000" if form == "seconds" else desk.date(10)
    desk.watch(Answer(status=status, headers={"Retry-After": until, "Date": desk.date()}), ok())
    desk.look()
    desk.look(9, force=True)
    assert len(desk.server.requests) == 1
    assert desk.look(1.01)[0].result == "read"


@pytest.mark.parametrize("status", [403, 404, 500, 502, 504])
def test_retry_after_counts_with_any_error(desk: Desk, status: int) -> None:
    desk.watch(Answer(status=status, headers={"Retry-After": "36000"}), ok())
    desk.look()
    desk.look(9, force=True)
    assert len(desk.server.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirect_is_followed_at_once_whatever_its_retry_after_says(desk: Desk, status: int) -> None:
    # Waiting would lead to the same redirect, with the same header, for ever.
    target = desk.server.script("/new", ok())
    desk.watch(Answer(status=status, headers={"Location": target, "Retry-After": "3600"}))
    assert desk.look()[0].result == "read"


def test_an_absurd_retry_after_is_believed_for_a_month(desk: Desk) -> None:
    desk.watch(Answer(status=503, headers={"Retry-After": "999999999999"}), ok())
    desk.look()
    assert desk.look(30.9 * 24) == []
    assert desk.look(0.2 * 24)[0].result == "read"


def test_429_silences_every_source_of_the_server_and_no_other(desk: Desk) -> None:
    busy = desk.server.script("/a", Answer(status=429, headers={"Retry-After": "36000"}))
    with WebServer() as other:
        tables = [source(busy, "a"), source(desk.server.script("/b", ok()), "b"), source(other.script("/c", ok()), "c")]
        desk.configure(*tables)
        outcomes = {outcome.source_id: outcome.result for outcome in desk.look()}
        assert (outcomes["a"], outcomes["c"]) == ("failed", "read")
        before = len(desk.server.requests)
        desk.look(5, force=True)
        assert len(desk.server.requests) == before
        assert len(other.requests) == 2
    with desk.app() as app:
        assert {status.source_id: status.failures for status in app.store.statuses()}["b"] == 0


def test_failing_servers_are_asked_less_and_less_but_always_again(desk: Desk) -> None:
    desk.watch(Answer(status=500))
    desk.look()
    asked = desk.look_hourly(120, step=1)
    gaps = [later - sooner for sooner, later in pairwise([0, *asked])]
    assert gaps == sorted(gaps)
    assert gaps[-1] == 24
    assert 5 <= len(asked) <= 9


def test_success_ends_the_waiting(desk: Desk) -> None:
    desk.watch(Answer(status=500), Answer(status=500), Answer(status=500), ok())
    for hours in (0, 2, 4, 8):
        desk.look(hours)
    assert desk.look_hourly(1.5) == [1]


def test_a_missing_feed_is_asked_for_once_a_week_and_flagged(desk: Desk) -> None:
    desk.watch(Answer(status=404))
    for _ in range(60):
        desk.look(12)
    assert 8 <= len(desk.server.requests) <= 12
    assert desk.events().count("flagged") == 1


def test_gone_is_not_asked_again_until_a_person_says_so(desk: Desk) -> None:
    desk.watch(Answer(status=410), ok())
    desk.look()
    assert desk.look(48) == desk.look(24 * 365, force=True) == []
    assert "retired" in desk.events()
    with desk.app() as app:
        assert app.store.statuses()[0].retired
        assert not app.revive("unknown")
        assert app.revive("s")
    assert desk.look()[0].result == "read"


def test_another_address_brings_a_retired_source_back(desk: Desk) -> None:
    desk.watch(Answer(status=410))
    desk.look()
    desk.watch(ok(), path="/new")
    assert desk.look()[0].result == "read"


@pytest.mark.parametrize(
    ("channel", "hours"),
    [
        ("<ttl>300</ttl>", 5),
        (SYNDICATION.format("daily", 4), 6),
        ("<skipHours><hour>13</hour><hour>14</hour><hour>15</hour></skipHours>", 4),
        ("<skipDays><day>Monday</day><day>Tuesday</day></skipDays>", 36),
    ],
)
def test_what_the_feed_asks_for_is_waited_for_also_after_a_304(desk: Desk, channel: str, hours: float) -> None:
    desk.watch(ok(feed(channel), ETag='"1"'), UNCHANGED)
    desk.look()
    assert desk.look_hourly(hours + 0.5, step=0.5)[0] == hours
    desk.now = START + timedelta(days=7)
    desk.look()
    before = len(desk.server.requests)
    desk.look(hours - 0.5)
    assert len(desk.server.requests) == before


def test_a_damaged_feed_is_heard_too(desk: Desk) -> None:
    desk.watch(ok(feed("<ttl>300</ttl>").replace(b"Titre", b"<b>Titre")))
    desk.look()
    assert desk.look_hourly(6, step=1) == [5]


def test_a_server_without_validators_that_repeats_itself_is_asked_once_a_day(desk: Desk) -> None:
    desk.watch(ok())
    desk.look()
    asked = desk.look_hourly(60, step=1)
    assert asked[:4] == [1, 2, 3, 4]
    assert asked[4:] == [28, 52]


def dated(*hours: float) -> bytes:
    """A feed with entries of so many hours before the start."""
    items = (
        rss_item(str(hour)).replace(
            "</item>", f"<pubDate>{START - timedelta(hours=hour):%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
        )
        for hour in hours
    )
    return rss(*items).encode()


@pytest.mark.parametrize(
    ("hours", "next_poll"),
    [((1, 2, 3, 4), 1), ((0, 5, 10, 15), 5), ((0.1, 0.2, 0.3), 0.5), ((0, 100, 200), 24), ((0, 100), 1)],
)
def test_the_interval_follows_what_the_source_publishes(desk: Desk, hours: tuple[float, ...], next_poll: float) -> None:
    desk.watch(ok(dated(*hours)))
    desk.look()
    assert desk.look_hourly(next_poll + 0.25)[0] == next_poll


def test_when_nothing_of_the_last_window_is_left_the_next_poll_comes_sooner(desk: Desk) -> None:
    old, new = (rss(*(rss_item(f"{name}{n}") for n in range(3))).encode() for name in ("old", "new"))
    desk.watch(ok(old, ETag='"1"'), ok(new, ETag='"2"'))
    desk.look()
    desk.look(1)
    assert "window-overrun" in desk.events()
    assert desk.look_hourly(1) == [0.5]


# --- addresses


@pytest.mark.parametrize("status", [301, 308])
def test_a_permanent_redirect_is_applied_after_a_day_and_the_entries_stay(desk: Desk, status: int) -> None:
    with WebServer() as new:
        desk.watch(Answer(status=status, headers={"Location": new.script("/new", ok(ETag='"1"'), UNCHANGED)}))
        desk.look()
        ids = desk.ids()
        for _ in range(2):
            desk.look(13)
        assert len(desk.server.requests) == 3
        assert "moved" in desk.events()
        for _ in range(3):
            desk.look(13)
        assert len(desk.server.requests) == 3
        assert len(new.requests) == 6
        assert new.requests[-1].header("If-None-Match") == '"1"'
        assert desk.ids() == ids
        with desk.app() as app:
            assert app.store.statuses()[0].moved_to == new.url("/new")


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_temporary_redirect_is_never_stored(desk: Desk, status: int) -> None:
    with WebServer() as new:
        desk.watch(Answer(status=status, headers={"Location": new.script("/new", ok())}))
        for _ in range(6):
            desk.look(25)
        assert len(desk.server.requests) == len(new.requests) == 6


def test_a_permanent_redirect_to_a_page_is_not_stored(desk: Desk) -> None:
    desk.server.script("/home", ok(b"<!doctype html><title>Sold</title><p>This name is for sale."))
    desk.watch(Answer(status=301, headers={"Location": desk.server.url("/home")}))
    for _ in range(6):
        desk.look(60)
    assert desk.server.paths().count("/feed") == 6


def test_a_chain_of_redirects_ends(desk: Desk) -> None:
    for n in range(20):
        desk.server.script(f"/{n}", Answer(status=302, headers={"Location": f"/{n + 1}"}))
    desk.configure(source(desk.server.url("/0")))
    assert desk.look()[0].result == "failed"
    assert len(desk.server.requests) <= 10


# --- robots.txt

PAGE = b"<!doctype html><title>Titre</title><article><p>Un texte assez long pour un article.</p></article>"


def page(desk: Desk, *robots: Answer) -> None:
    desk.server.script("/robots.txt", *robots)
    desk.watch(ok(PAGE), path="/page", more='kind = "page"')


@pytest.mark.parametrize(
    ("robots", "read"),
    [
        (ok(b"User-agent: *\nDisallow: /"), False),
        (ok(b"User-agent: *\nDisallow: /\n\nUser-agent: feedwatch\nDisallow: /private"), True),
        (ok(b"User-agent: FeedWatch/2\nDisallow: /page"), False),
        (ok(b"#" * 400_000 + b"\nUser-agent: *\nDisallow: /page"), False),
        (Answer(status=404), True),
        (Answer(status=403), True),
        (Answer(status=503), False),
        (Answer(raw=b""), False),
        (Answer(status=301, headers={"Location": "/robots.txt"}), True),
    ],
)
def test_a_page_is_read_only_where_robots_txt_lets_us(desk: Desk, robots: Answer, read: bool) -> None:
    page(desk, robots)
    desk.look()
    assert ("/page" in desk.server.paths()) is read


def test_robots_txt_is_read_once_a_day(desk: Desk) -> None:
    page(desk, Answer(status=404))
    with desk.app() as app:
        for _ in range(3):
            app.poll(app.claim_once(force=True), lambda _outcome: None)
    assert desk.server.paths() == ["/robots.txt", *["/page"] * 3]


def test_a_feed_that_was_named_is_not_subject_to_robots_txt(desk: Desk) -> None:
    desk.server.script("/robots.txt", ok(b"User-agent: *\nDisallow: /"))
    desk.watch(ok())
    assert desk.look()[0].result == "read"
    assert desk.server.paths() == ["/feed"]


def test_a_page_is_not_read_more_than_once_an_hour(desk: Desk) -> None:
    rows = "".join(
        f"<article><h2><a href='/{n}'>Le pont numéro {n} rouvre après la crue</a></h2><p>Un texte.</p></article>"
        for n in range(8)
    )
    desk.server.script("/robots.txt", Answer(status=404))
    body = f"<html><body><main>{rows}</main></body></html>".encode()
    desk.watch(ok(body, Content_Type="text/html"), path="/page", more='kind = "page"\nfull_text = false')
    assert desk.look()[0].result == "read"
    assert desk.look_hourly(0.75) == []
    assert desk.look_hourly(0.25) == [0.25]


# --- restarts


def test_after_a_restart_overdue_sources_are_read_bit_by_bit_and_none_is_skipped(desk: Desk) -> None:
    desk.configure(*(source(desk.server.script(f"/{n}", ok()), f"s{n}") for n in range(5)))
    with desk.app() as app:
        assert app.spread_overdue() == 0
    desk.look()
    desk.now += timedelta(hours=5)
    with desk.app() as app:
        assert app.spread_overdue() == 5
    read = [len(desk.look(hours)) for hours in (0, *[2 / 60] * 5)]
    assert read == [1, 1, 1, 1, 1, 0]
