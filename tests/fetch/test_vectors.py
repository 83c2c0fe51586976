"""Every way of writing an address that leads inside is refused before anything is sent."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.clock import Clock
from feedwatch.errors import FetchError
from feedwatch.fetch.dial import system_resolver
from feedwatch.fetch.guard import refusal
from feedwatch.fetch.http import HttpFetcher
from feedwatch.model import Source
from tests.webserver import Answer, WebServer

#: One of each class: this host, private, carrier, loopback, link-local, metadata, reserved, test, multicast.
_INSIDE = (
    "0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.254 169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.254 "
    "192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 "
    "239.255.255.255 240.0.0.1 255.255.255.255 100.100.100.200"
)
INSIDE = _INSIDE.split()


def parts(address: str) -> list[int]:
    return [int(part) for part in address.split(".")]


def embedded(prefix: str, address: str, shift: int = 0) -> str:
    """An IPv6 address that carries this IPv4 address so many bits from its right end."""
    return str(IPv6Address(int(IPv6Address(prefix)) | int(IPv4Address(address)) << shift))


SPELLINGS: dict[str, Callable[[str], str]] = {
    "dotted": lambda a: a,
    "decimal": lambda a: str(int(IPv4Address(a))),
    "hex": lambda a: hex(int(IPv4Address(a))),
    "octal": lambda a: f"0{int(IPv4Address(a)):o}",
    "hex parts": lambda a: ".".join(map(hex, parts(a))),
    "octal parts": lambda a: ".".join(f"0{part:o}" for part in parts(a)),
    "padded octal": lambda a: ".".join(f"{part:04o}" for part in parts(a)),
    "mixed parts": lambda a: "{:#x}.{}.0{:o}.{}".format(*parts(a)),
    "two parts": lambda a: f"{parts(a)[0]}.{int(IPv4Address(a)) & 0xFFFFFF}",
    "three parts": lambda a: f"{parts(a)[0]}.{parts(a)[1]}.{int(IPv4Address(a)) & 0xFFFF}",
    "trailing dot": lambda a: f"{a}.",
    "ideographic stops": lambda a: a.replace(".", "\u3002"),
    "full width": lambda a: "".join(chr(ord(char) + 0xFEE0) for char in a),
    "half-width stops": lambda a: a.replace(".", "\uff61"),
    "escaped": lambda a: "".join(f"%{ord(char):02x}" for char in a),
    "mapped": lambda a: f"[::ffff:{a}]",
    "mapped hex": lambda a: f"[{embedded('::ffff:0:0', a)}]",
    "compatible": lambda a: f"[{embedded('::', a)}]",
    "translated": lambda a: f"[{embedded('::ffff:0:0:0', a)}]",
    "NAT64": lambda a: f"[{embedded('64:ff9b::', a)}]",
    "local NAT64": lambda a: f"[{embedded('64:ff9b:1::', a)}]",
    "6to4": lambda a: f"[{embedded('2002::', a, 80)}]",
    "Teredo": lambda a: f"[{embedded('2001::', str(IPv4Address(~int(IPv4Address(a)) & 0xFFFFFFFF)))}]",
    "ISATAP": lambda a: f"[{embedded('2a00:1450::5efe:0:0', a)}]",
}

#: Written whole: zones, names, and what a lax reader of addresses takes for another host.
_WHOLE = (
    "http://[::1]:{port}/ http://[::]:{port}/ http://[0:0:0:0:0:0:0:1]:{port}/ http://[fe80::1%25eth0]:{port}/ "
    "http://[fe80::1%eth0]:{port}/ http://[::1%25lo]:{port}/ http://[fc00::1]/ http://[fd12:3456::1]/ "
    "http://[fec0::1]/ http://[ff02::1]/ http://[100::1]/ http://[2001:db8::1]/ http://[2001:10::1]/ "
    "http://[2001:2::1]/ http://[3fff::1]/ http://[5f00::1]/ http://[4000::1]/ http://[fd00:ec2::254]/ "
    "http://[fd20:ce::254]/ http://[fe80::a9fe:a9fe]/ http://localhost:{port}/ http://LOCALHOST:{port}/ "
    "http://localhost.:{port}/ http://user@127.0.0.1:{port}/ http://user:pass@127.0.0.1:{port}/ "
    "http://feeds.example@127.0.0.1:{port}/ http://feeds.example%40127.0.0.1:{port}/ "
    "http://feeds.example#@127.0.0.1:{port}/ http://127.0.0.1:{port}#@feeds.example/ "
    "http://127.0.0.1:{port}\\@feeds.example/ http://feeds.example\\@127.0.0.1:{port}/ "
    "http://127.0.0.1:{port}?@feeds.example/ http:127.0.0.1:{port}/ http:/127.0.0.1:{port}/ "
    "http:///127.0.0.1:{port}/ http:\\\\127.0.0.1:{port}/ http://127.0.0.1:{port}%2f@feeds.example/ "
    "//127.0.0.1:{port}/ http://127.0.0.1%00.feeds.example:{port}/ http://127.0.0.1%0d%0a:{port}/ "
    "http://127.1:{port}/ http://0:{port}/ http://0x7f.1:{port}/ http://\u24db\u24deca\u24dbhost:{port}/ "
    "http://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460:{port}/ http://[::ffff:7f00:1]:{port}/ "
    "file:///etc/passwd ftp://127.0.0.1:{port}/ gopher://127.0.0.1:{port}/ dict://127.0.0.1:{port}/ "
    "jar:http://127.0.0.1:{port}!/ data:text/xml,<rss/> ldap://127.0.0.1:{port}/ unix:///run/x javascript:1"
)
WHOLE = _WHOLE.split()


@pytest.fixture
def fetcher(clock: Clock) -> Iterator[HttpFetcher]:
    """Names that do not spell an address lead nowhere, so that no name server is asked."""

    def resolve(host: str, port: int) -> Sequence[str]:
        if host.rstrip(".").endswith("example"):
            raise OSError(f"{host} is not known")
        return system_resolver(host, port)

    fetcher = HttpFetcher(user_agent="x", clock=clock, timeout_s=2, connect_timeout_s=1, resolve=resolve)
    yield fetcher
    fetcher.close()


def tried(fetcher: HttpFetcher, url: str, *, allow_private: bool = False) -> FetchError:
    """The error of a fetch; anything else that it raises shows that something was connected to."""
    source = Source(id="s", kind="feed", locator=url, title="s", interval_s=3600, allow_private=allow_private)
    with pytest.raises(FetchError) as caught:
        list(fetcher.fetch(source, {}))
    return caught.value


@pytest.mark.parametrize("spelling", list(SPELLINGS))
def test_no_spelling_of_an_inner_address_gets_through(server: WebServer, fetcher: HttpFetcher, spelling: str) -> None:
    for address in INSIDE:
        url = f"http://{SPELLINGS[spelling](address)}:{server.port}/"
        # Some of these are read by no system as an address, and are a name that nobody knows.
        assert tried(fetcher, url).reason in {"address", "network"}, url
    assert server.requests == []


def test_what_a_lax_reader_takes_for_another_host_does_not_get_through(server: WebServer, fetcher: HttpFetcher) -> None:
    for vector in WHOLE:
        error = tried(fetcher, vector.format(port=server.port))
        assert error.reason in {"address", "network"}, (vector, error.message)
    assert server.requests == []
    assert len(SPELLINGS) * len(INSIDE) + len(WHOLE) > 500


def test_the_same_at_each_hop_of_a_redirect(server: WebServer, fetcher: HttpFetcher) -> None:
    metadata = [SPELLINGS[name]("169.254.169.254") for name in SPELLINGS]
    targets = [f"http://{host}/keys" for host in metadata] + [f"//{host}/keys" for host in metadata]
    for number, target in enumerate(targets):
        location = target.encode().decode("latin-1")
        url = server.script(f"/{number}", Answer(status=302, headers={"Location": location}))
        # The source itself may be on a private network: its redirects still lead to no metadata service.
        assert tried(fetcher, url, allow_private=True).reason in {"address", "network", "redirect"}, target
    assert len(server.requests) == len(targets)


# --- and nothing else is refused ---------------------------------------------------------------------------

_OUTSIDE = (
    "1.0.0.1 1.1.1.1 8.8.4.4 9.9.9.9 23.192.228.80 93.184.216.34 104.16.132.229 151.101.1.140 172.15.0.1 172.32.0.1 "
    "192.0.1.1 192.31.196.1 192.52.193.1 192.175.48.1 192.167.0.1 198.17.0.1 198.20.0.1 199.232.1.1 203.0.112.1 "
    "203.0.114.1 223.255.255.254 2001:200::1 2001:4860:4860::8888 2001:67c:4e8:f004::9 2003::1 2400:cb00:2048::1 "
    "2606:4700:4700::1111 2620:4f:8000::1 2620:fe::fe 2a00:1450:4001:80b::200e 2a02:26f0::1 2c0f:fb50:4003::64 "
    "2804:14d::1 2a00:1450::5efe:101:101"
)
OUTSIDE = _OUTSIDE.split()


@pytest.mark.parametrize("address", OUTSIDE)
def test_a_public_address_is_connected_to(fetcher: HttpFetcher, address: str) -> None:
    source = Source(
        id="s",
        kind="feed",
        locator=f"http://{f'[{address}]' if ':' in address else address}/",
        title="s",
        interval_s=3600,
    )
    # The guard of the tests themselves stops every connection to the outside, and names its address.
    with pytest.raises(Exception, match=address.replace(".", r"\.")) as caught:
        list(fetcher.fetch(source, {}))
    assert not isinstance(caught.value, FetchError)


NEAR = [
    int(network[place]) + step
    for network in map(ipaddress.ip_network, ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"))
    for place, step in product((0, -1), (-1, 0, 1))
] + [
    int(network[place]) + step
    for network in map(ipaddress.ip_network, ("172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/15", "203.0.113.0/24"))
    for place, step in product((0, -1), (-1, 0, 1))
]


@given(st.integers(0, 2**32 - 1) | st.sampled_from(NEAR))
def test_what_python_calls_not_global_is_refused(number: int) -> None:
    address = IPv4Address(number)
    if not address.is_global or address.is_multicast:
        assert refusal(str(address))


@given(st.integers(0, 2**128 - 1) | st.integers(0x2001 << 112, 0x2003 << 112))
def test_what_python_calls_not_global_is_refused_in_ipv6_too(number: int) -> None:
    address = IPv6Address(number)
    if not address.is_global or address.is_multicast:
        assert refusal(str(address))


@pytest.mark.parametrize("carrier", ["mapped hex", "compatible", "translated", "NAT64", "6to4", "Teredo", "ISATAP"])
def test_no_carrier_hides_a_metadata_service_from_a_private_source(carrier: str) -> None:
    assert refusal(SPELLINGS[carrier]("169.254.169.254").strip("[]"), allow_private=True) == "cloud metadata"
    assert refusal(SPELLINGS[carrier]("192.168.1.1").strip("[]"), allow_private=True) is None
