from __future__ import annotations

import pytest

from feedwatch.web.clients import Clients

PROXY = "10.0.0.2"


def xff(*values: str) -> list[tuple[bytes, bytes]]:
    return [(b"x-forwarded-for", value.encode()) for value in values]


@pytest.mark.parametrize(
    ("peer", "headers", "address"),
    [
        # Nobody but a configured proxy is believed.
        ("203.0.113.9", xff("127.0.0.1"), "203.0.113.9"),
        (PROXY, xff("198.51.100.7"), "198.51.100.7"),
        # What the client wrote itself stands in front of what the proxy added.
        (PROXY, xff("127.0.0.1, 198.51.100.7"), "198.51.100.7"),
        (PROXY, xff("127.0.0.1", "198.51.100.7, 10.0.0.3"), "198.51.100.7"),
        (PROXY, xff("2001:db8::1"), "2001:db8::1"),
        (PROXY, xff("[2001:db8::1]:443"), "2001:db8::1"),
        (PROXY, xff("<script>"), PROXY),
        (PROXY, [], PROXY),
        (PROXY, [(b"forwarded", b"for=127.0.0.1"), (b"x-real-ip", b"127.0.0.1")], PROXY),
        ("::ffff:10.0.0.2", xff("198.51.100.7"), "198.51.100.7"),
    ],
)
def test_only_configured_proxies_say_who_asks(peer: str, headers: list[tuple[bytes, bytes]], address: str) -> None:
    assert Clients(["10.0.0.0/8"]).address(peer, headers) == address


@pytest.mark.parametrize(
    ("proxies", "peer", "headers", "local"),
    [
        ([], "127.0.0.1", [], True),
        ([], "::1", [], True),
        ([], "192.168.1.5", [], False),
        ([], "192.168.1.5", xff("127.0.0.1"), False),
        # A proxy on this machine that nobody configured: it asks for somebody else.
        ([], "127.0.0.1", xff("127.0.0.1"), False),
        ([], "127.0.0.1", [(b"forwarded", b"for=127.0.0.1")], False),
        (["127.0.0.1"], "127.0.0.1", xff("198.51.100.7"), False),
        (["127.0.0.1"], "127.0.0.1", xff("127.0.0.1"), True),
        (["127.0.0.1"], "127.0.0.1", [], False),
        ([], "", [], False),
    ],
)
def test_only_this_machine_is_local(
    proxies: list[str], peer: str, headers: list[tuple[bytes, bytes]], local: bool
) -> None:
    assert Clients(proxies).is_local(peer, headers) is local
