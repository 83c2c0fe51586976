"""Names, addresses and dead networks, with a resolver that says what a test wants."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from feedwatch.clock import Clock
from feedwatch.errors import FetchError
from feedwatch.fetch.dial import Resolver, system_resolver
from feedwatch.fetch.http import HttpFetcher
from feedwatch.model import Document, Source
from tests.webserver import Answer, WebServer

Make = Callable[[Resolver], HttpFetcher]


@pytest.fixture
def fetcher_with(clock: Clock) -> Iterator[Make]:
    made: list[HttpFetcher] = []

    def make(resolve: Resolver) -> HttpFetcher:
        made.append(HttpFetcher(user_agent="x", clock=clock, timeout_s=2, connect_timeout_s=0.4, resolve=resolve))
        return made[-1]

    yield make
    for fetcher in made:
        fetcher.close()


def ask(fetcher: HttpFetcher, url: str, *, allow_private: bool = True) -> Document:
    source = Source(id="s", kind="feed", locator=url, title="s", interval_s=3600, allow_private=allow_private)
    (fetched,) = fetcher.fetch(source, {})
    assert isinstance(fetched, Document)
    return fetched


def refused(fetcher: HttpFetcher, url: str, *, allow_private: bool = False) -> FetchError:
    with pytest.raises(FetchError) as caught:
        ask(fetcher, url, allow_private=allow_private)
    return caught.value


def always(*addresses: str) -> Resolver:
    return lambda host, port: list(addresses)


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- the guard in place -----------------------------------------------------------------------------


def test_loopback_is_refused_with_the_cure(server: WebServer, fetcher: HttpFetcher) -> None:
    error = refused(fetcher, server.script("/", Answer(body=b"secret")))
    assert error.reason == "address"
    assert "loopback" in error.message
    assert "allow_private = true" in error.message
    assert server.requests == []


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "[::1]", "0"])
def test_other_spellings_of_this_machine_are_refused(server: WebServer, fetcher: HttpFetcher, host: str) -> None:
    assert refused(fetcher, server.url("/", host=host)).reason == "address"
    assert server.requests == []


@pytest.mark.parametrize("host", ["\uff11\uff12\uff17.0.0.1", "127\u30020\u30020\u30021", "\u24db\u24deca\u24dbhost"])
def test_hosts_in_lookalike_letters_are_refused(server: WebServer, fetcher: HttpFetcher, host: str) -> None:
    assert refused(fetcher, server.url("/", host=host)).reason in {"address", "network"}
    assert server.requests == []


def test_every_answer_is_checked(server: WebServer, fetcher_with: Make) -> None:
    fetcher = fetcher_with(always("93.184.216.34", "10.0.0.1"))
    assert "10.0.0.1, a private address" in refused(fetcher, server.url("/", host="feeds.example")).message


def test_each_hop_is_checked(server: WebServer, fetcher_with: Make) -> None:
    def resolve(host: str, port: int) -> Sequence[str]:
        return ["169.254.169.254"] if host == "metadata.example" else ["127.0.0.1"]

    server.script("/", Answer(status=302, headers={"Location": "http://metadata.example/latest/"}))
    error = refused(fetcher_with(resolve), server.url("/", host="feeds.example"), allow_private=True)
    assert (error.reason, "cloud metadata" in error.message) == ("address", True)
    assert "allow_private" not in error.message


def test_the_checked_answer_is_the_one_connected_to(server: WebServer, fetcher_with: Make) -> None:
    """A name server that says something public first and loopback afterwards gains nothing."""
    answers = [["203.0.114.1"], ["127.0.0.1"]]
    asked: list[str] = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return answers[min(len(asked), 2) - 1]

    server.script("/", Answer(body=b"secret"))
    # The test's own guard lets nobody connect to a public address: that is the address we want to see tried.
    with pytest.raises(Exception, match=r"203\.0\.114\.1"):
        ask(fetcher_with(rebinding), server.url("/", host="feeds.example"), allow_private=False)
    assert asked == ["feeds.example"]
    assert server.requests == []


def test_a_rebound_name_is_refused_at_the_next_connection(server: WebServer, fetcher_with: Make) -> None:
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    fetcher = fetcher_with(lambda host, port: next(answers))
    url = server.url("/", host="feeds.example")
    server.script("/", Answer(body=b"x", close=True))
    assert ask(fetcher, url).body == b"x"
    assert refused(fetcher, url, allow_private=True).reason == "address"


def test_a_connection_opened_for_a_private_source_is_not_used_for_another(
    server: WebServer, fetcher: HttpFetcher
) -> None:
    url = server.script("/", Answer(body=b"x"))
    ask(fetcher, url)
    assert refused(fetcher, url).reason == "address"
    assert len(server.requests) == 1


def test_the_host_header_names_the_host_and_not_the_address(server: WebServer, fetcher_with: Make) -> None:
    server.script("/", Answer(body=b"x"))
    ask(fetcher_with(always("127.0.0.1")), server.url("/", host="feeds.example"))
    assert server.requests[0].header("Host") == f"feeds.example:{server.port}"


# --- names and networks that fail -------------------------------------------------------------------


def test_an_unknown_name_is_said_so(fetcher_with: Make) -> None:
    def resolve(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    error = refused(fetcher_with(resolve), "http://nowhere.example/")
    assert (error.reason, error.message) == ("network", "name not found (DNS)")


def test_a_name_without_addresses_is_unknown(fetcher_with: Make) -> None:
    assert refused(fetcher_with(always()), "http://nowhere.example/").message == "name not found (DNS)"


def test_a_name_server_that_hangs_costs_only_the_connect_time_out(fetcher_with: Make) -> None:
    hanging = threading.Event()

    def resolve(host: str, port: int) -> Sequence[str]:
        hanging.wait(20)
        return []

    started = time.monotonic()
    error = refused(fetcher_with(resolve), "http://slow.example/")
    assert time.monotonic() - started < 1
    hanging.set()
    assert (error.reason, error.message) == ("timeout", "no answer from DNS within 0.4 s")


def test_a_closed_port_is_a_refused_connection(fetcher: HttpFetcher, free_port: int) -> None:
    with pytest.raises(FetchError) as caught:
        ask(fetcher, f"http://127.0.0.1:{free_port}/")
    assert (caught.value.reason, caught.value.message) == ("network", "connection refused")


def test_the_next_address_is_tried_when_one_is_dead(server: WebServer, fetcher_with: Make) -> None:
    server.script("/", Answer(body=b"x"))
    assert ask(fetcher_with(always("::1", "127.0.0.1")), server.url("/", host="feeds.example")).body == b"x"


def test_several_silent_addresses_share_one_connect_time_out(
    fetcher_with: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    def silent(self: socket.socket, address: object) -> None:
        waits.append(self.gettimeout() or 0.0)
        time.sleep(waits[-1])
        raise TimeoutError

    monkeypatch.setattr("feedwatch.fetch.dial.TimedSocket.connect", silent, raising=False)
    started = time.monotonic()
    error = refused(
        fetcher_with(always("93.184.216.34", "93.184.216.35", "2606:4700::1", "2606:4700::2")), "http://x.example/"
    )
    assert time.monotonic() - started < 1
    assert len(waits) == 4
    assert all(0.05 < wait < 0.2 for wait in waits)
    assert (error.reason, error.message) == ("timeout", "no connection within 0.4 s")


def test_a_dead_network_costs_seconds_for_many_sources(fetcher_with: Make) -> None:
    hanging = threading.Event()

    def resolve(host: str, port: int) -> Sequence[str]:
        hanging.wait(20)
        return []

    fetcher = fetcher_with(resolve)
    todo = [f"http://{n}.example/" for n in range(24)]
    errors: list[str] = []

    def work() -> None:
        while todo:
            errors.append(refused(fetcher, todo.pop()).reason)

    started = time.monotonic()
    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - started < 2
    hanging.set()
    assert errors == ["timeout"] * 24


def test_a_hanging_name_server_does_not_keep_the_process_alive() -> None:
    program = """
import threading
from feedwatch.clock import Clock
from feedwatch.errors import FetchError
from feedwatch.fetch.http import HttpFetcher
from feedwatch.model import Source
never = threading.Event()
fetcher = HttpFetcher(user_agent="x", clock=Clock(), connect_timeout_s=0.2, resolve=lambda host, port: never.wait())
try:
    list(fetcher.fetch(Source(id="s", kind="feed", locator="http://x.example/", title="", interval_s=1), {}))
except FetchError as error:
    print(error.reason)
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=10, check=True)
    assert run.stdout == "timeout\n"


def test_the_systems_resolver_gives_each_address_once() -> None:
    assert system_resolver("127.0.0.1", 80) == ["127.0.0.1"]
