"""What a request looks like: conditions echoed, nothing told that need not be."""

from __future__ import annotations

import time

import pytest

from feedwatch.errors import ConfigError
from tests.fakes import rss, rss_item
from tests.manners.conftest import BODY, HEAD, Desk, ok, source
from tests.webserver import Answer, WebServer, conditional

UNCHANGED = Answer(status=304, content_length=None)


def test_the_first_poll_is_one_request_without_conditions(desk: Desk) -> None:
    desk.watch(ok(ETag='"1"'))
    desk.look()
    (request,) = desk.server.requests
    assert (request.method, request.header("If-None-Match"), request.header("If-Modified-Since")) == ("GET", None, None)


@pytest.mark.parametrize("etag", ['"1"', 'W/"1"', "bare", '"a,b"', '"été"'.encode().decode("latin-1")])
def test_an_etag_comes_back_byte_for_byte_also_after_a_restart(desk: Desk, etag: str) -> None:
    desk.watch(ok(ETag=etag), UNCHANGED)
    desk.look()
    desk.look(2)
    assert desk.server.requests[1].header("If-None-Match") == etag


@pytest.mark.parametrize("date", ["Sun, 01 Mar 2026 10:00:00 GMT", "yesterday", "0", "2026-03-01 10:00"])
def test_a_last_modified_comes_back_byte_for_byte_whatever_it_is(desk: Desk, date: str) -> None:
    desk.watch(ok(Last_Modified=date), UNCHANGED)
    desk.look()
    desk.look(2)
    assert desk.server.requests[1].header("If-Modified-Since") == date


def test_validators_are_replaced_by_those_of_the_newest_answer(desk: Desk) -> None:
    desk.watch(ok(ETag='"1"'), ok(rss(rss_item("2")).encode(), ETag='"2"'), UNCHANGED)
    for hours in (0, 2, 2):
        desk.look(hours)
    assert desk.server.requests[2].header("If-None-Match") == '"2"'


def test_a_new_validator_counts_although_the_body_is_the_same(desk: Desk) -> None:
    desk.watch(ok(ETag='"1"'), ok(ETag='"2"'), UNCHANGED)
    for hours in (0, 2, 2):
        desk.look(hours)
    assert desk.server.requests[2].header("If-None-Match") == '"2"'


def test_no_cookie_no_referer_no_added_query(desk: Desk) -> None:
    desk.watch(ok(Set_Cookie="a=1", ETag='"1"'), UNCHANGED, path="/feed?x=1")
    desk.look()
    desk.look(2)
    for request in desk.server.requests:
        assert (request.header("Cookie"), request.header("Referer"), request.path) == (None, None, "/feed?x=1")


def test_the_user_agent_names_product_version_and_contact(desk: Desk) -> None:
    desk.watch(ok())
    desk.look()
    agent = desk.server.requests[0].header("User-Agent") or ""
    assert agent.startswith("feedwatch/")
    assert "https://desk.example.org/about" in agent


def test_accept_and_accept_encoding_say_what_is_understood(desk: Desk) -> None:
    desk.watch(ok())
    desk.look()
    accept = desk.server.requests[0].header("Accept") or ""
    assert all(f"application/{kind}" in accept for kind in ("atom+xml", "rss+xml", "rdf+xml", "feed+json"))
    encodings = desk.server.requests[0].header("Accept-Encoding") or ""
    assert set(encodings.split(", ")) == {"gzip", "deflate", "br", "zstd"}


def test_a_delta_adds_entries_and_removes_none(desk: Desk) -> None:
    delta = Answer(status=226, headers={"IM": "feed", "ETag": '"2"'}, body=rss(rss_item("2")).encode())
    desk.watch(ok(ETag='"1"'), delta, UNCHANGED)
    for hours in (0, 2, 2):
        desk.look(hours)
    assert desk.server.requests[1].header("A-IM") == "feed"
    assert desk.server.requests[2].header("If-None-Match") == '"2"'
    assert len(desk.ids()) == 2
    assert "window-overrun" not in desk.events()


@pytest.mark.parametrize("vary", ["User-Agent, Accept-Encoding", "*", "Cookie"])
def test_requests_for_a_source_are_alike_so_that_its_validators_mean_one_document(desk: Desk, vary: str) -> None:
    desk.watch(ok(ETag='"1-gzip"', Vary=vary), UNCHANGED)
    desk.look()
    desk.look(2)
    first, second = (
        {name: value for name, value in request.headers if name not in ("If-None-Match", "A-IM")}
        for request in desk.server.requests
    )
    assert first == second
    assert desk.server.requests[1].header("If-None-Match") == '"1-gzip"'


# --- what a source may be told besides


def test_login_and_headers_come_from_the_environment_and_go_to_their_own_server_only(desk: Desk) -> None:
    desk.env = {"DESK_USER": "ada", "DESK_KEY": "s3cret"}
    with WebServer() as other:
        other.script("/elsewhere", ok())
        desk.watch(
            Answer(status=302, headers={"Location": other.url("/elsewhere")}),
            more='login = "${DESK_USER}:p"\nheaders = { X-Key = "k-${DESK_KEY}" }',
        )
        assert desk.look()[0].result == "read"
        (mine,), (theirs,) = desk.server.requests, other.requests
    assert (mine.header("Authorization"), mine.header("X-Key")) == ("Basic YWRhOnA=", "k-s3cret")
    assert (theirs.header("Authorization"), theirs.header("X-Key")) == (None, None)


def test_a_missing_variable_is_a_fault_that_names_it_and_no_value(desk: Desk) -> None:
    desk.env = {"PART": "s3cret"}
    desk.watch(ok(), more='login = "${PART}:${NOT_THERE}"')
    with pytest.raises(ConfigError) as caught:
        desk.look()
    assert "NOT_THERE" in str(caught.value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "more", ['headers = { Host = "x" }', 'headers = { "a b" = "x" }', 'login = "x"', 'proxy = "x"']
)
def test_what_may_not_be_said_is_a_fault(desk: Desk, more: str) -> None:
    desk.watch(ok(), more=more)
    with pytest.raises(ConfigError):
        desk.look()


def test_a_proxy_is_asked_in_place_of_the_server(desk: Desk) -> None:
    desk.server.script("http://feeds.example.org/feed", ok())
    proxy = desk.server.url("", login="user:pass@")
    desk.configure(
        source("http://feeds.example.org/feed", more=f'proxy = "{proxy}"').replace("allow_private = true", "")
    )
    assert desk.look()[0].result == "read"
    assert desk.server.requests[0].header("Proxy-Authorization") == "Basic dXNlcjpwYXNz"


def test_a_proxy_is_not_led_to_private_addresses(desk: Desk) -> None:
    desk.server.script(
        "http://feeds.example.org/feed", Answer(status=302, headers={"Location": "http://169.254.169.254/keys"})
    )
    more = f'proxy = "{desk.server.url("")}"'
    desk.configure(source("http://feeds.example.org/feed", more=more).replace("allow_private = true", ""))
    (outcome,) = desk.look()
    assert "refused" in outcome.error
    assert len(desk.server.requests) == 1


# --- turns at a server


def test_one_server_is_asked_by_one_connection_at_a_time_with_a_pause(desk: Desk) -> None:
    urls = [desk.server.script(f"/{n}", Answer(body=BODY, delay_s=0.05)) for n in range(3)]
    desk.configure(*(source(url, f"s{n}", 'host_spacing = "1s"') for n, url in enumerate(urls[:2])))
    desk.look()
    first, second = desk.server.requests
    assert second.at_s - first.at_s >= 1.05


def test_two_seconds_are_the_pause_unless_configured(desk: Desk) -> None:
    head = HEAD.replace('[polling]\nhost_spacing = "0s"\n', "")
    desk.configure(*(source(desk.server.script(f"/{n}", ok()), f"s{n}") for n in range(2)), head=head)
    desk.look()
    first, second = desk.server.requests
    assert second.at_s - first.at_s >= 2


def test_a_slow_server_with_many_sources_does_not_hold_up_the_others(desk: Desk) -> None:
    slow = [source(desk.server.script(f"/{n}", Answer(body=BODY, delay_s=0.2)), f"a{n}") for n in range(6)]
    with WebServer() as other:
        quick = [source(other.script(f"/{n}", ok()), f"z{n}") for n in range(3)]
        desk.configure(*slow, *quick, head=HEAD.replace("[polling]", "[polling]\nworkers = 2"))
        start = time.monotonic()
        desk.look()
        assert max(request.at_s for request in other.requests) - start < 0.9
    assert len(desk.server.requests) == 6


def test_a_second_poll_of_a_well_behaved_server_is_unchanged(desk: Desk) -> None:
    desk.server.script("/feed", conditional(BODY, etag='"1"'))
    desk.configure(source(desk.server.url("/feed")))
    assert [desk.look(hours)[0].result for hours in (0, 2)] == ["read", "unchanged"]
