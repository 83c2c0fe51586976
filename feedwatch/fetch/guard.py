"""Which network addresses a fetch may reach (server-side request forgery guard).

The tables follow the IANA special-purpose address registries (RFC 6890 and its updates). An address is
judged after the name was resolved, so spellings of a host do not matter here.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# Never lifted: nobody subscribes to a feed there, and the metadata services hand out keys.
_METADATA = frozenset(
    ip_address(text)
    for text in (
        "169.254.169.254",  # nearly all of them
        "169.254.170.2",  # Amazon's tasks and pods
        "169.254.170.23",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",  # Google
        "168.63.129.16",  # Azure
        "100.100.100.200",  # Alibaba
        "169.254.0.23",  # Tencent
        "169.254.42.42",  # Scaleway
        "fd00:42::42",
        "fe80::a9fe:a9fe",  # OpenStack
    )
)
_NEVER = ("unspecified", "multicast", "reserved", "documentation")

_IPV4 = tuple(
    (IPv4Network(network), kind)
    for network, kind in (
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "reserved"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
# Most specific first; what is left over is public only inside 2000::/3.
_IPV6 = tuple(
    (IPv6Network(network), kind)
    for network, kind in (
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("::ffff:0:0/96", "IPv4-mapped"),
        ("::ffff:0:0:0/96", "IPv4-translated"),
        ("::/96", "IPv4-compatible"),
        ("64:ff9b::/96", "NAT64"),
        ("64:ff9b:1::/48", "NAT64"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
        ("2001::/32", "Teredo"),
        ("2001:db8::/32", "documentation"),
        ("2001::/23", "reserved"),
        ("2002::/16", "6to4"),
        ("3fff::/20", "documentation"),
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
#: These carry an IPv4 address, which is what would really be reached: how many bits from the right it ends.
_CARRIERS = {
    "IPv4-mapped": 0,
    "IPv4-translated": 0,
    "IPv4-compatible": 0,
    "NAT64": 0,
    "ISATAP": 0,
    "6to4": 80,
    "Teredo": 0,
}
# Interface identifiers of RFC 5214, before the IPv4 address.
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)


def refusal(address: str, *, allow_private: bool = False) -> str | None:
    """Why the address may not be reached ("loopback", "private", ...); None when it may.

    `address` is numeric, as the resolver gave it (a zone such as `%eth0` is allowed). `allow_private`
    lifts what a network of one's own may use; metadata services of clouds, multicast, unspecified,
    reserved and documentation addresses stay refused, also when an IPv6 address carries them.
    """
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return "unreadable"
    kind = _kind(ip)
    if kind is None or not allow_private:
        return kind
    if kind in _CARRIERS and isinstance(ip, IPv6Address):
        return refusal(str(_carried(ip, kind)), allow_private=True)
    return kind if kind == "cloud metadata" or kind in _NEVER else None


def _carried(ip: IPv6Address, kind: str) -> IPv4Address:
    bits = int(ip) >> _CARRIERS[kind] & 0xFFFF_FFFF
    # Teredo writes it inverted (RFC 4380 section 4).
    return IPv4Address(bits ^ 0xFFFF_FFFF if kind == "Teredo" else bits)


def _kind(ip: IPv4Address | IPv6Address) -> str | None:
    """The special purpose of an address; None for a public one."""
    if ip in _METADATA:
        return "cloud metadata"
    if isinstance(ip, IPv4Address):
        return next((kind for network, kind in _IPV4 if ip in network), None)
    found = next((kind for network, kind in _IPV6 if ip in network), None)
    if found is None and (int(ip) >> 32 & 0xFFFF_FFFF) in _ISATAP and _kind(_carried(ip, "ISATAP")):
        return "ISATAP"
    return found or (None if ip in _GLOBAL_UNICAST else "reserved")
