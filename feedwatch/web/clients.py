"""Who asks: the client's address, behind proxies that the configuration names and no others."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from feedwatch.web.negotiate import joined
from feedwatch.web.representation import Headers

#: What proxies add; who sends one and is no configured proxy is not on this machine.
_FORWARDING = (b"x-forwarded-for", b"forwarded", b"x-real-ip", b"via")
#: Addresses of a forwarding chain that are looked at.
_MAX_HOPS = 16


class Clients:
    """Tells clients apart by address.

    X-Forwarded-For is believed only as far as it was written by proxies in `proxies` (networks such as
    "10.0.0.0/8"); Forwarded and the other X-Forwarded headers are never read.
    """

    def __init__(self, proxies: Sequence[str] = ()) -> None:
        self._proxies: list[IPv4Network | IPv6Network] = [ip_network(proxy, strict=False) for proxy in proxies]

    def address(self, peer: str, headers: Headers) -> str:
        """The address that a request comes from, as far as can be known."""
        if not self._proxies or not self._is_proxy(_read(peer)):
            return peer
        chain = [part.strip() for part in joined(headers, b"x-forwarded-for").split(",") if part.strip()]
        client = peer
        for part in reversed(chain[-_MAX_HOPS:]):
            address = _read(part)
            if address is None:
                break
            client = str(address)
            if not self._is_proxy(address):
                break
        return client

    def is_local(self, peer: str, headers: Headers) -> bool:
        """Whether a request comes from this very machine and was not passed on by anybody."""
        address = _read(self.address(peer, headers))
        if address is None or not address.is_loopback:
            return False
        passed_on = any(name in _FORWARDING for name, _ in headers)
        # A configured proxy says for whom it asks; another one cannot be believed.
        return passed_on == self._is_proxy(_read(peer))

    def _is_proxy(self, address: IPv4Address | IPv6Address | None) -> bool:
        return address is not None and any(
            address.version == proxy.version and address in proxy for proxy in self._proxies
        )


def is_loopback(host: str) -> bool:
    """Whether a server on this address can be reached from this machine only."""
    address = _read(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """An address, with or without brackets and port; None if it is none."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
