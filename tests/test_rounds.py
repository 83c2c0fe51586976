"""The operator's view of sources, from end to end."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import Desk
from tests.publish.atom_checker import check_atom
from tests.webserver import Answer, WebServer

ITEM = "<item><title>Niger {0}</title><link>http://127.0.0.1/{0}</link><description>Text {0}.</description></item>"


def feed(*numbers: int) -> Answer:
    items = "".join(ITEM.format(number) for number in numbers)
    text = f"<rss version='2.0'><channel><title>North wind</title>{items}</channel></rss>"
    return Answer(body=text.encode(), headers={"Content-Type": "application/rss+xml"})


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer() as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path, server: WebServer) -> Desk:
    config = f"""
[feedwatch]
packs = []
[polling]
host_spacing = "0s"
[[sources]]
id = "north"
title = "North wind"
url = "{server.url("/feed?token=secret")}"
interval = "1h"
allow_private = true
[[feeds]]
id = "all"
title = "All"
"""
    return Desk(tmp_path, config)


def poll(desk: Desk, hour: int) -> None:
    desk.now = f"2026-03-01T{hour:02}:00:00Z"
    assert desk.run("once", "--force").exit_code in {0, 3}


def states(desk: Desk) -> list[tuple[str, str]]:
    return [(each["state"], each["cause"]) for each in desk.run("status", "--json").json()["sources"]]


def test_a_source_that_breaks_and_recovers_is_told_twice(desk: Desk, server: WebServer) -> None:
    server.script("/feed?token=secret", feed(1), *[Answer(status=500)] * 3, feed(1, 2))
    poll(desk, 1)
    assert states(desk) == [("ok", "")]
    assert desk.titles("health") == []
    poll(desk, 2)
    assert states(desk) == [("failing", "http")]
    assert desk.titles("health") == []
    poll(desk, 3)
    first = desk.published()["health.atom"]
    poll(desk, 4)
    assert desk.published()["health.atom"] == first
    assert desk.run("status", "--json").json()["sources"][0]["since"] == "2026-03-01T03:00:00Z"
    poll(desk, 5)
    assert states(desk) == [("ok", "")]
    again, failing = desk.feed("health").entries
    assert again.title == "North wind – well again; it was failing since 2026-03-01 03:00 UTC"
    assert failing.title.startswith("North wind – failing: failed 2 times in a row: HTTP 500")
    assert [each.updated[:19] for each in (again, failing)] == ["2026-03-01T05:00:00", "2026-03-01T03:00:00"]


def test_the_health_feed_is_valid_and_tells_no_secret(desk: Desk, server: WebServer) -> None:
    server.script("/feed?token=secret", feed(1), Answer(status=404))
    poll(desk, 1)
    check_atom(desk.published()["health.atom"])
    poll(desk, 2)
    poll(desk, 3)
    data = desk.published()["health.atom"]
    check_atom(data)
    assert b"secret" not in data
    assert b"token=" in data


def test_the_health_feed_does_not_say_which_private_source_it_is(desk: Desk, server: WebServer) -> None:
    server.script("/feed?token=secret", feed(1), *[Answer(status=404)] * 2, feed(1, 2))
    desk.edit('interval = "1h"', 'interval = "1h"\nprivate = true')
    for hour in range(1, 5):
        poll(desk, hour)
    assert desk.titles("health") == ["A private source – well", "A private source – failing"]
    for path in (desk.folder / "feeds").iterdir():
        data = path.read_text(encoding="utf-8")
        assert not any(word in data for word in ("North wind", "north", "/feed?", "Text 1")), path.name
    assert "North wind" in str(desk.run("status", "--json").json())


def test_the_status_can_be_asked_by_a_script(desk: Desk, server: WebServer) -> None:
    server.script("/feed?token=secret", feed(1), Answer(status=404))
    poll(desk, 1)
    assert desk.run("status", "--strict").exit_code == 0
    assert "1 sources, none of them to be looked at" in desk.run("status").stdout
    assert "north" not in desk.run("status", "--alarms").stdout
    poll(desk, 2)
    result = desk.run("status", "--alarms", "--strict")
    assert result.exit_code == 1
    assert "failed once: HTTP 404" in result.stdout


def test_zero_items_are_an_alarm_and_no_empty_feed(desk: Desk, server: WebServer) -> None:
    server.script("/feed?token=secret", feed(1, 2), feed())
    poll(desk, 1)
    poll(desk, 2)
    assert states(desk) == [("failing", "zero-items")]
    assert len(desk.titles("all")) == 2


def test_a_dead_network_is_told_once_and_not_for_every_source(tmp_path: Path) -> None:
    ports = [unused_port() for _ in range(4)]
    sources = "".join(
        f'[[sources]]\nid = "s{port}"\nurl = "http://127.0.0.1:{port}/"\nallow_private = true\n' for port in ports
    )
    desk = Desk(tmp_path, f'[feedwatch]\npacks = []\n{sources}[[feeds]]\nid = "all"\ntitle = "All"\n')
    poll(desk, 1)
    poll(desk, 2)
    (entry,) = desk.feed("health").entries
    assert entry.title == "feedwatch – failing: 4 of 4 sources cannot be reached; is the network of this machine up?"
    assert states(desk) == [("failing", "network")] * 4


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
