"""What validators and specifications ask of each format, checked on its bytes.

The Atom grammar and the prose of RFC 4287 are in `atom_checker`; here are the rules of the W3C feed validator that
concern what we write (its warnings included), of RSS 2.0 with its profile, of JSON Feed 1.1, of OPML 2.0 and of
RFC 5005.
"""

from __future__ import annotations

import json
import re
from email.utils import parsedate_to_datetime
from html.entities import name2codepoint
from typing import Any
from xml.etree import ElementTree

from tests.publish.atom_checker import ATOM, check_atom

REASONS = "urn:feedwatch:reason:1"
HISTORY = "{http://purl.org/syndication/history/1.0}"
DC = "{http://purl.org/dc/elements/1.1/}"
#: IANA's link relations that the validator knows and we may use.
RELATIONS = {"alternate", "self", "via", "enclosure", "related", "hub", "prev-archive", "current"}
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
LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
#: Elements and attributes that the validator calls a risk in content.
RISKS = re.compile(
    r"<(script|style|iframe|object|embed|applet|svg|math|form|input|bdo|link|meta|base)\b|\scontrols=", re.IGNORECASE
)
RISKY_ATTRIBUTE = re.compile(r"\s(on\w+|style|srcdoc|formaction)\s*=", re.IGNORECASE)
#: Of one item.
ONCE = {"title", "link", "description", "guid", "enclosure", "pubDate"}
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
    for link in feed.iter(f"{ATOM}link"):
        assert link.get("rel", "alternate") in RELATIONS
        assert link.get("type") is None or MEDIA_TYPE.fullmatch(link.get("type", ""))
        assert link.get("hreflang") is None or LANGUAGE.fullmatch(link.get("hreflang", ""))
        assert (link.get("length") or "0").isdigit()
        assert link.get("title") is None or link.get("title", "").strip()
    for name in ("updated", "published"):
        for date in feed.iter(f"{ATOM}{name}"):
            assert RFC3339.fullmatch(date.text or ""), date.text
    for mail in feed.iter(f"{ATOM}email"):
        assert MAIL.fullmatch(mail.text or ""), mail.text
    for holder in feed.iter():
        lang = holder.get("{http://www.w3.org/XML/1998/namespace}lang")
        assert lang is None or LANGUAGE.fullmatch(lang), lang
    for person in feed.iter(f"{ATOM}name"):
        assert not MAIL.search(person.text or ""), person.text
    for content in feed.iter(f"{ATOM}content"):
        assert content.get("type") == "html"
        _check_html(content.text or "")
    _check_plain_texts(data)
    _check_history(feed)
    return feed


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
    assert ASCII_URL.fullmatch(channel.findtext("link") or "")
    assert RFC822.fullmatch(channel.findtext("lastBuildDate") or "")
    (link,) = channel.findall(f"{ATOM}link")
    assert (link.get("rel"), link.get("type")) == ("self", "application/rss+xml")
    guids = [item.findtext("guid") for item in channel.findall("item")]
    assert len(guids) == len(set(guids))
    for item in channel.findall("item"):
        _check_item(item)
    _check_plain_texts(data)
    return channel


def _check_item(item: ElementTree.Element) -> None:
    once = [child.tag for child in item if child.tag in ONCE]
    assert len(once) == len(set(once))
    assert (item.findtext("title") or "").strip()
    guid = item.find("guid")
    assert guid is not None
    assert guid.get("isPermaLink") == str(guid.text == item.findtext("link")).lower()
    assert item.find("link") is None or ASCII_URL.fullmatch(item.findtext("link") or "")
    date = item.findtext("pubDate") or ""
    assert RFC822.fullmatch(date)
    assert parsedate_to_datetime(date).year >= 1990
    for enclosure in item.findall("enclosure"):
        assert ASCII_URL.fullmatch(enclosure.get("url", ""))
        assert enclosure.get("length", "").isdigit()
        assert MEDIA_TYPE.fullmatch(enclosure.get("type", ""))
    for source in item.findall("source"):
        assert ASCII_URL.fullmatch(source.get("url", ""))
        assert (source.text or "").strip()
    assert item.findall("author") == []
    assert all((name.text or "").strip() for name in item.findall(f"{DC}creator"))
    assert all((category.text or "").strip() for category in item.findall("category"))
    _check_html(item.findtext("description") or "")


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
        _check_html(item.get("content_html", ""))
    assert not RUBBISH.search(data.decode())
    return feed


def validate_opml(data: bytes) -> None:
    """After the rules of OPML 2.0."""
    root = ElementTree.fromstring(data)  # noqa: S314 - our own bytes
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert [child.tag for child in root] == ["head", "body"]
    outlines = root.findall("body/outline")
    assert outlines
    for outline in outlines:
        assert outline.get("type") == "rss"
        assert all((outline.get(name) or "").strip() for name in ("text", "title", "xmlUrl"))
        assert ASCII_URL.fullmatch(outline.get("htmlUrl", "https://x"))


def _check_spaces(root: ElementTree.Element, *, reasons: bool) -> None:
    used = {name[1:].partition("}")[0] for e in root.iter() for name in (e.tag, *e.keys()) if name.startswith("{")}
    assert used <= KNOWN_SPACES | ({REASONS} if reasons else set())


def _check_characters(element: ElementTree.Element) -> None:
    for text in (element.text or "", *element.attrib.values()):
        assert not RUBBISH.search(text), text


def _check_html(html: str) -> None:
    assert not RISKS.search(html), html
    # The tags alone, without what their attributes say.
    tags = "".join(re.sub(r'"[^"]*"', '""', tag) for tag in re.findall(r"<[a-zA-Z][^>]*>", html))
    assert not RISKY_ATTRIBUTE.search(tags), html


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
    assert relations.count("current") == int(archive)
