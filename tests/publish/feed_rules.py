"""What validators and specifications ask of each format, checked on its bytes.

The Atom grammar and the prose of RFC 4287 are in `atom_checker`; here are the rules of the W3C feed validator that
concern what we write (its warnings included), of RSS 2.0 with its profile, of JSON Feed 1.1, of OPML 2.0 and of
RFC 5005.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html.entities import name2codepoint
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree

import feedwatch.publish
from tests.publish.atom_checker import ATOM, check_atom
from tests.publish.html_rules import check_html

REASONS = "urn:feedwatch:reason:1"
HISTORY = "{http://purl.org/syndication/history/1.0}"
DC = "{http://purl.org/dc/elements/1.1/}"
#: IANA's link relations that the validator knows and we may use.
RELATIONS = {"alternate", "self", "via", "enclosure", "related", "hub", "prev-archive", "next-archive", "current"}
KNOWN_SPACES = {
    "http://www.w3.org/2005/Atom",
    "http://search.yahoo.com/mrss/",
    "http://purl.org/syndication/history/1.0",
    "http://purl.org/dc/elements/1.1/",
    "http://purl.org/rss/1.0/modules/content/",
    "http://www.w3.org/XML/1998/namespace",
}
RUBBISH = re.compile("[\x80-\x9f\ufffd]")
MAIL = re.compile(r"[\w+.'-]+@([A-Za-z0-9-]+\.)+[A-Za-z0-9][A-Za-z0-9-]*", re.ASCII)
ASCII_URL = re.compile(r"https?://(\[[0-9a-fA-F:]+\])?[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,#]+")
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
RFC822 = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
    r"\d\d:\d\d:\d\d [+-]\d{4}"
)
MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
LANGUAGE = re.compile(r"([A-Za-z]{2,3})(-[A-Za-z0-9]{1,8})*")
#: ISO 639-1 and 639-2.
LANGUAGES = frozenset(
    code
    for line in files(feedwatch.publish).joinpath("languages.txt").read_text().splitlines()
    if ":" not in line and "#" not in line
    for code in line.split()
)
#: Without a host in brackets, which RSS does not know.
PLAIN_URL = re.compile(r"https?://[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,#]+")
DOWNLOAD = re.compile(r"https?://([0-9a-zA-Z-]+\.)+[0-9a-zA-Z][0-9a-zA-Z-]*(:\d+)?/[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,#]*")
END_TAG = re.compile(r"</\w+>")
URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{1,31}:([a-z0-9()+,.:=@;$_!*'-]|%[0-9a-f]{2})+", re.IGNORECASE)
UUID = re.compile(r"urn:uuid:[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
TAG_URI = re.compile(r"tag:([a-z0-9._-]+@)?[a-z0-9.-]+,\d{4}(-\d\d(-\d\d)?)?:[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,#]*")
#: The moment at which test feeds are made, where it is later than now.
_LATEST = datetime(2026, 3, 1, 12, tzinfo=UTC)
#: Of one item.
ONCE = {"title", "link", "description", "guid", "enclosure", "pubDate"}
#: Of a channel.
CHANNEL_ONCE = {"title", "link", "description", "language", "lastBuildDate", "generator", "copyright", "image"}
#: The prefixes that validators and readers expect of the namespaces that we write.
PREFIXES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "feedwatch": REASONS,
    "fh": "http://purl.org/syndication/history/1.0",
    "media": "http://search.yahoo.com/mrss/",
}
#: Attributes of an outline that we write.
OUTLINE = {"type", "text", "title", "xmlUrl", "url", "htmlUrl", "description", "language"}
JSON_ITEM = frozenset(
    re.findall(
        r"\w+",
        "id url title content_html content_text summary image date_published date_modified authors tags language "
        "attachments _feedwatch",
    )
)


def validate_atom(data: bytes, *, reasons: bool = True) -> ElementTree.Element:
    """The feed's root, after the grammar, the prose and the validator's rules."""
    feed = check_atom(data)
    _check_spaces(feed, reasons=reasons)
    for element in feed.iter():
        _check_characters(element)
        _check_language(element.get("{http://www.w3.org/XML/1998/namespace}lang"))
    for link in feed.iter(f"{ATOM}link"):
        _check_link(link)
    for date in (*feed.iter(f"{ATOM}updated"), *feed.iter(f"{ATOM}published")):
        assert RFC3339.fullmatch(date.text or ""), date.text
        _check_date(datetime.fromisoformat(date.text or ""))
    for entry in feed.findall(f"{ATOM}entry"):
        assert entry.find(f"{ATOM}content") is not None or entry.find(f"{ATOM}summary") is not None
    for its_id in feed.iter(f"{ATOM}id"):
        _check_id(its_id.text or "")
    for content in feed.iter(f"{ATOM}content"):
        assert content.get("type") == "html"
    for name in ("title", "subtitle", "summary", "rights", "content"):
        for text in feed.iter(f"{ATOM}{name}"):
            _check_text_construct(text)
    for picture in feed.iter("{http://search.yahoo.com/mrss/}thumbnail"):
        assert PLAIN_URL.fullmatch(picture.get("url", ""))
    _check_labels(*(each.get(name) for each in feed.iter() for name in ("title", "label") if each.tag.startswith(ATOM)))
    _check_people(feed)
    _check_document(data)
    _check_history(feed)
    return feed


def _check_link(link: ElementTree.Element) -> None:
    assert link.get("rel", "alternate") in RELATIONS
    assert link.get("type") is None or MEDIA_TYPE.fullmatch(link.get("type", ""))
    assert (link.get("length") or "0").isdigit()
    assert link.get("title") is None or link.get("title", "").strip()
    _check_language(link.get("hreflang"))
    _check_address(link.get("href", ""))


def _check_people(feed: ElementTree.Element) -> None:
    for mail in feed.iter(f"{ATOM}email"):
        assert MAIL.fullmatch(mail.text or ""), mail.text
    for uri in feed.iter(f"{ATOM}uri"):
        _check_address(uri.text or "")
    for name in feed.iter(f"{ATOM}name"):
        assert not MAIL.search(name.text or ""), name.text
        _check_labels(name.text)


def validate_rss(data: bytes, *, reasons: bool = True) -> ElementTree.Element:
    """The channel, after the rules of RSS 2.0, its profile and the validator."""
    root = ElementTree.fromstring(data)  # noqa: S314 - our own bytes
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    (channel,) = root
    _check_spaces(root, reasons=reasons)
    for element in root.iter():
        _check_characters(element)
    for name in ("title", "link", "description"):
        assert (channel.findtext(name) or "").strip(), name
    assert PLAIN_URL.fullmatch(channel.findtext("link") or "")
    _check_labels(channel.findtext("title"), channel.findtext("description"))
    _check_language(channel.findtext("language"))
    names = [child.tag for child in channel]
    assert "item" not in names or set(names[names.index("item") :]) == {"item"}
    assert RFC822.fullmatch(channel.findtext("lastBuildDate") or "")
    (link,) = channel.findall(f"{ATOM}link[@rel='self']")
    assert link.get("type") == "application/rss+xml"
    guids = [item.findtext("guid") for item in channel.findall("item")]
    assert len(guids) == len(set(guids))
    for item in channel.findall("item"):
        _check_item(item)
    of_channel = [name for name in names if name in CHANNEL_ONCE]
    assert len(of_channel) == len(set(of_channel))
    _check_document(data)
    return channel


def _check_item(item: ElementTree.Element) -> None:
    once = [child.tag for child in item if child.tag in ONCE]
    assert len(once) == len(set(once))
    assert (item.findtext("title") or "").strip()
    guid = item.find("guid")
    assert guid is not None
    assert guid.get("isPermaLink") == str(guid.text == item.findtext("link")).lower()
    assert item.find("link") is None or PLAIN_URL.fullmatch(item.findtext("link") or "")
    date = item.findtext("pubDate") or ""
    assert RFC822.fullmatch(date)
    assert date.endswith("+0000")
    assert date[:3] == parsedate_to_datetime(date).strftime("%a")
    _check_date(parsedate_to_datetime(date))
    for enclosure in item.findall("enclosure"):
        assert DOWNLOAD.fullmatch(enclosure.get("url", ""))
        assert enclosure.get("length", "").isdigit()
        assert MEDIA_TYPE.fullmatch(enclosure.get("type", ""))
    for source in item.findall("source"):
        assert PLAIN_URL.fullmatch(source.get("url", ""))
        assert (source.text or "").strip()
    _check_labels(
        item.findtext("title"), item.findtext("source"), *(category.text for category in item.findall("category"))
    )
    assert item.findall("author") == []
    assert all((name.text or "").strip() for name in item.findall(f"{DC}creator"))
    assert all((category.text or "").strip() for category in item.findall("category"))
    check_html(item.findtext("description") or "")


def validate_json(data: bytes) -> dict[str, Any]:
    """The feed, after the rules of JSON Feed 1.1."""
    feed: dict[str, Any] = json.loads(data)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert isinstance(feed["title"], str)
    known = {"version", "title", "home_page_url", "feed_url", "description", "language", "items"}
    assert set(feed) <= known | {"_feedwatch"}
    ids = [item["id"] for item in feed["items"]]
    assert all(isinstance(each, str) and each for each in ids)
    assert len(ids) == len(set(ids))
    for item in feed["items"]:
        assert ("content_html" in item) != ("content_text" in item)
        assert set(item) <= JSON_ITEM
        assert item.get("url") is None or ASCII_URL.fullmatch(item["url"])
        assert RFC3339.fullmatch(item["date_published"])
        assert RFC3339.fullmatch(item["date_modified"])
        assert all(author["name"] for author in item["authors"])
        for attachment in item.get("attachments", ()):
            assert ASCII_URL.fullmatch(attachment["url"])
            assert MEDIA_TYPE.fullmatch(attachment["mime_type"])
        check_html(item.get("content_html", ""))
    assert not RUBBISH.search(data.decode())
    return feed


def validate_opml(data: bytes) -> None:
    """After the rules of OPML 2.0 and the validator."""
    root = ElementTree.fromstring(data)  # noqa: S314 - our own bytes
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert [child.tag for child in root] == ["head", "body"]
    # Strict readers know fewer names than the specification.
    assert [child.tag for child in root[0]] == ["title"]
    check_html(root[0].findtext("title") or "")
    outlines = root.findall("body/outline")
    assert outlines
    for element in root.iter():
        _check_characters(element)
        assert element.tag == "title" or not (element.text or "").strip()
    for outline in outlines:
        assert set(outline.keys()) <= OUTLINE
        address = {"rss": "xmlUrl", "link": "url"}[outline.get("type", "")]
        assert all((outline.get(name) or "").strip() for name in ("text", "title", address))
        for name in ("htmlUrl", "url", "xmlUrl"):
            assert PLAIN_URL.fullmatch(outline.get(name, "https://x"))
        _check_language(outline.get("language"))
        for name in ("text", "title", "description"):
            check_html(outline.get(name, ""))


def _check_spaces(root: ElementTree.Element, *, reasons: bool) -> None:
    used = {name[1:].partition("}")[0] for e in root.iter() for name in (e.tag, *e.keys()) if name.startswith("{")}
    assert used <= KNOWN_SPACES | ({REASONS} if reasons else set())


def _check_characters(element: ElementTree.Element) -> None:
    for text in (element.text or "", *element.attrib.values()):
        assert not RUBBISH.search(text), text
    # Parsers give a text in the pieces that markup and line ends leave, and validators look at each by itself.
    for piece in re.split("[&<>\\n\\r]", element.text or ""):
        assert not _is_coded_twice(piece), (element.tag, element.text)


def _is_coded_twice(text: str) -> bool:
    """UTF-8 that somebody took for Latin-1."""
    try:
        return text != text.encode("latin-1").decode()
    except UnicodeError:
        return False


def _check_language(tag: str | None) -> None:
    if tag is not None:
        found = LANGUAGE.fullmatch(tag)
        assert found is not None, tag
        assert found[1].lower() in LANGUAGES, tag


def _check_date(date: datetime) -> None:
    """Neither before there were feeds nor in the future."""
    assert date.year >= 1990, date
    assert date < max(datetime.now(UTC), _LATEST) + timedelta(minutes=10), date


def _check_address(url: str) -> None:
    """An IRI as careful tools take it: as the name of a host."""
    assert ASCII_URL.fullmatch(url.encode("idna").decode() if not url.isascii() else url), url


def _check_id(text: str) -> None:
    scheme = text.partition(":")[0].lower()
    rules = {"urn": UUID if text[:9].lower() == "urn:uuid:" else URN, "tag": TAG_URI}
    assert scheme not in rules or rules[scheme].fullmatch(text), text


def _check_text_construct(element: ElementTree.Element) -> None:
    text = element.text or ""
    assert text.strip(), element.tag
    if element.get("type", "text") == "html":
        check_html(text)
        return
    assert "\n" not in text, text
    _check_labels(text)


def _check_labels(*texts: str | None) -> None:
    """No text that should be plain is taken for markup."""
    for text in texts:
        assert not END_TAG.search(text or ""), text


def _check_document(data: bytes) -> None:
    """What is seen before anything is parsed: its size, prefixes that are known for their namespaces, ampersands."""
    assert len(data) < 5_000_000
    assert b"<!DOCTYPE" not in data
    for prefix, space in re.findall(r'xmlns:([\w-]+)="([^"]*)"', data.decode()):
        assert PREFIXES.get(prefix) == space, (prefix, space)
    _check_plain_texts(data)


def _check_plain_texts(data: bytes) -> None:
    """No ampersand of a text stands in the form that guessing readers decode once more."""
    for line in data.decode().splitlines():
        for found in re.findall(r"&amp;(#?\w+)", line):
            assert found not in name2codepoint, line
            assert found.isalpha(), line


def _check_history(feed: ElementTree.Element) -> None:
    """RFC 5005 section 4."""
    relations = [link.get("rel") for link in feed.findall(f"{ATOM}link")]
    assert relations.count("prev-archive") <= 1
    archive = feed.find(f"{HISTORY}archive") is not None
    assert not archive or "prev-archive" in relations or "next-archive" in relations
    assert relations.count("current") == int(archive)
