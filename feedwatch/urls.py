"""What may pass as an address, and when two addresses are the same page."""

from __future__ import annotations

import functools
import ipaddress
import re
import uuid
from unicodedata import normalize
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

from feedwatch.text import xml_legal

#: Longer addresses are refused: no publisher needs them and readers cut them.
MAX_LENGTH = 4096

_TRACKING = re.compile(
    r"(utm_\w+|at_\w+|mc_[ce]id|fbclid|gclid|dclid|msclkid|yclid|igshid|mkt_tok|_hsenc|_hsmi|vero_id|"
    r"xtor|cmpid|ocid|wt\.\w+|wtmc|ref_src|spm|traffic_source|at_medium|at_campaign|__twitter_impression)",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"(token|key|secret|password|passwd|pwd|auth|sig|signature|apikey|api_key|access_token)", re.IGNORECASE
)
_FEED_SCHEME = re.compile(r"feed:(?://)?(?=https?://)", re.IGNORECASE)
_BARE_FEED_SCHEME = re.compile(r"feed://", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_DEFAULT_PORT = {"http": 80, "https": 443}
_IRI = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{1,31}:([a-z0-9()+,.:=@;$_!*'-]|%[0-9a-f]{2})+", re.IGNORECASE | re.ASCII)
_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_TAG = re.compile(
    r"tag:([a-z0-9._-]+@)?[a-z0-9.-]+,\d{4}(-\d{2}(-\d{2})?)?:[a-zA-Z0-9;/?:@&=+$._!~*'()%,-]*"
    r"(#[a-zA-Z0-9;/?:@&=+$._!~*'()%,-]*)?",
    re.ASCII,
)
#: Reserved for networks of one's own (RFC 6761, 6762, 8375, and by custom).
_INNER_DOMAINS = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".test", ".example", ".invalid")
_SAFE = "/:?@!$&'()*+,;=-._~%"
_CHARS = r"\w/.~!$&'()*+,;=:@%-"
_TAIL = rf"(\?[{_CHARS}?]*)?(#[{_CHARS}?]*)?"
#: A web address without user, default port and dot segments; or another scheme without an authority.
_NORMAL = re.compile(
    r"(http://(?![^/?#]*:80/)|https://(?![^/?#]*:443/))[a-z0-9_-]+(\.[a-z0-9_-]+)*(:[1-9]\d*)?"
    rf"(?![^?#]*/\.{{1,2}}([/?#]|$))/[{_CHARS}]*{_TAIL}|(?!https?:)[a-z][a-z0-9+.-]*:(?!/)[{_CHARS}]+{_TAIL}",
    re.ASCII,
)
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_STRAY_PERCENT = re.compile(r"%(?![0-9a-fA-F]{2})")
_ENDING = re.compile(r"\.[a-zA-Z0-9]{1,5}$")
_PATH = re.compile(r"(?:[^:/?#]+:)?(?://[^/?#]*)?([^?#]*)")
_NO_WORD = re.compile(r"[\W_]+")
_ASCII_WORDS = "".join(char if char.isalnum() else " " for char in map(chr, range(128)))
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?")


# What `http_url` leaves as it is; most addresses are so, and looking costs a tenth of taking apart.
_CLEAN_CHARS = r"[\w/.~+,=&:@!$()*;-]*(?:%[0-9a-fA-F]{2}[\w/.~+,=&:@!$()*;-]*)*"
_CLEAN_TAIL = rf"/{_CLEAN_CHARS}(?:\?[\w/.~+,=&:@!$()*;-]{_CLEAN_CHARS})?(?:#[\w/.~+,=&:@!$()*;-]{_CLEAN_CHARS})?"
_CLEAN = re.compile(rf"(https?://[a-z0-9-]+(?:\.[a-z0-9-]+)*){_CLEAN_TAIL}", re.ASCII)
#: The same beginning at the root of its server; "." and ".." are for `urljoin`.
_CLEAN_ROOTED = re.compile(rf"/(?!/){_CLEAN_TAIL[1:]}", re.ASCII)


def http_url(text: str | None, base: str | None = None) -> str | None:
    """The text as an absolute http(s) URL in ASCII-safe form, resolved against `base`; None if it is none.

    Other schemes, addresses without a host, and addresses longer than MAX_LENGTH are none. Controls and
    blanks are dropped, user names and passwords too.
    """
    if not text:
        return None
    return _clean_url(text, base) or _mended_url(text, base)


def without_feed_scheme(text: str) -> str:
    """An address as browsers hand it to readers ("feed:https://…", "feed://…") as the address itself."""
    if text.lstrip()[:5].lower() != "feed:":
        return text
    return _BARE_FEED_SCHEME.sub("http://", _FEED_SCHEME.sub("", text.strip()))


def _mended_url(text: str, base: str | None) -> str | None:
    cleaned = _CONTROLS.sub("", xml_legal(text)).strip()
    if not cleaned:
        return None
    try:
        joined = urljoin(base, cleaned) if base else cleaned
        parts = urlsplit(joined)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in _DEFAULT_PORT or not host or len(joined) > MAX_LENGTH:
        return None
    written = _host(host)
    if written is None:
        return None
    netloc = written + (f":{port}" if port is not None else "")
    tail = (_quoted(part) for part in (parts.path, parts.query, parts.fragment))
    return urlunsplit((parts.scheme.lower(), netloc, *tail))


def _clean_url(text: str, base: str | None) -> str | None:
    """The URL if there is nothing to mend, found without taking it apart; None if that cannot be told."""
    if len(text) > MAX_LENGTH:
        return None
    if _CLEAN.fullmatch(text):
        return text
    if not base or not text.startswith("/") or "/." in text or not _CLEAN_ROOTED.fullmatch(text):
        return None
    root = _CLEAN.fullmatch(base)
    return root[1] + text if root and len(root[1]) + len(text) <= MAX_LENGTH else None


def server_of(url: str) -> str:
    """The server of an http(s) URL as "host:port" in lower case; "" for anything else, such as a path."""
    try:
        parts = urlsplit(url.strip())
        scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
    except ValueError:
        return ""
    if scheme not in _DEFAULT_PORT or not host:
        return ""
    return f"{_host(host) or host}:{port or _DEFAULT_PORT[scheme]}"


def is_public(url: str) -> bool:
    """Whether the address is, by its look, one that everybody on the internet can reach."""
    host = server_of(url).rpartition(":")[0].strip("[]").rstrip(".")
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith(_INNER_DOMAINS)


def _quoted(part: str) -> str:
    """A part of a URL with everything escaped that may not stand there (RFC 3986 section 2)."""
    return quote(_STRAY_PERCENT.sub("%25", part), safe=_SAFE)


def _host(host: str) -> str | None:
    """A host as written in a URL: IPv6 in brackets, names in lower case and ASCII; None if it is none."""
    if ":" in host:
        try:
            return f"[{ipaddress.IPv6Address(host)}]"
        except ValueError:
            return None
    try:
        name = host.lower() if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    return name if _HOST.fullmatch(name) else None


@functools.lru_cache(maxsize=4096)
def canonical(url: str | None) -> str | None:
    """The URL without what does not change the page, for comparing only (RFC 3986 section 6.2).

    Dropped: fragment, tracking parameters, default port, "www.", a final slash, the difference between
    http and https. Query parameters are sorted.
    """
    absolute = http_url(url)
    if absolute is None:
        return None
    parts = urlsplit(absolute)
    port = parts.port
    host = (parts.hostname or "").removeprefix("www.")
    if port is not None and port != _DEFAULT_PORT[parts.scheme] and port != _DEFAULT_PORT["https"]:
        host = f"{host}:{port}"
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = urlencode(sorted((k, v) for k, v in pairs if not _TRACKING.fullmatch(k)))
    path = quote(unquote(parts.path, errors="surrogateescape"), safe="/~!$&'()*+,;=:@", errors="surrogateescape")
    return urlunsplit(("https", host, path.rstrip("/"), query, ""))


def is_iri(text: str | None) -> bool:
    """Whether the text may stand in atom:id as it is: an absolute IRI without blanks (RFC 3987)."""
    if not text or len(text) > MAX_LENGTH or xml_legal(text) != text or _CONTROLS.search(text):
        return False
    if not _IRI.fullmatch(text):
        return False
    if text.count("#") > 1 or _STRAY_PERCENT.search(text):
        return False
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return False
    if "[" in text.replace(parts.netloc, "", 1) or "]" in text.replace(parts.netloc, "", 1):
        return False
    return parts.scheme.lower() not in _DEFAULT_PORT or (host is not None and _host(host) is not None)


def is_permanent(text: str | None) -> bool:
    """Whether the text may serve as an id for ever: an IRI that keeps the rules of its own scheme, too.

    Those of names: `urn:` (RFC 2141), `urn:uuid:` (RFC 9562), `tag:` (RFC 4151).
    """
    if not text or not is_iri(text):
        return False
    scheme = text.partition(":")[0].lower()
    if scheme == "urn":
        return (_UUID if text[:9].lower() == "urn:uuid:" else _URN).fullmatch(text) is not None
    return scheme != "tag" or _TAG.fullmatch(text) is not None


def is_normal(text: str) -> bool:
    """Whether an IRI is in ASCII and in the one form that everybody gives it (RFC 3986 section 6.2.2 and 6.2.3)."""
    if _NORMAL.fullmatch(text) is None:
        return False
    if any(escape != escape.upper() or chr(int(escape[1:], 16)) in _UNRESERVED for escape in _ESCAPE.findall(text)):
        return False
    try:
        plain = unquote(text, errors="strict")
    except UnicodeDecodeError:
        return False
    return normalize("NFC", plain) == plain


def uuid_urn(*parts: str) -> str:
    """A permanent `urn:uuid:` made from the parts (version 5, RFC 9562 section 5.5)."""
    name = "\n".join(f"{len(part)}:{part}" for part in parts)
    return uuid.uuid5(uuid.NAMESPACE_URL, name).urn


def redact(url: str) -> str:
    """The URL for logs, tables and pages: no user name, no password, no secret in the query."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        query = "&".join(
            f"{pair.partition('=')[0]}=…" if _SECRET.search(pair.partition("=")[0]) else pair
            for pair in parts.query.split("&")
        )
    except ValueError:
        return "(an address that cannot be read)"
    return urlunsplit((parts.scheme, host, parts.path, query, parts.fragment))


def path_words(url: str | None) -> str:
    """The words of the URL's path, separated by blanks, percent escapes undone."""
    if not url:
        return ""
    match = _PATH.match(url)
    path = match[1] if match else ""
    if "%" in path:
        path = unquote(path)
    path = _ENDING.sub("", path)
    if path.isascii():
        return " ".join(path.translate(_ASCII_WORDS).split())
    return _NO_WORD.sub(" ", path).strip()
