from __future__ import annotations

import locale
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest

from feedwatch.model import Enclosure, Entry, Origin, Person
from feedwatch.publish.rendering import render
from feedwatch.views import FeedView
from tests.publish.atom_checker import NOON, REASON, REASONS, make_entry, make_view

ATOM_LINK = "{http://www.w3.org/2005/Atom}link"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
THUMBNAIL = "{http://search.yahoo.com/mrss/}thumbnail"


def rss(view: FeedView) -> bytes:
    return render(view, ["atom", "rss"])["rss"]


def channel(view: FeedView) -> ElementTree.Element:
    found = ElementTree.fromstring(rss(view)).find("channel")  # noqa: S314 - our own bytes
    assert found is not None
    return found


def item(entry: Entry, **definition: Any) -> ElementTree.Element:
    found = channel(make_view(entry, **definition)).find("item")
    assert found is not None
    return found


def test_channel_says_what_and_where_it_is() -> None:
    found = channel(make_view(make_entry(), title="Niger – sécurité", subtitle="Tout", lang="fr"))
    texts = {name: found.findtext(name) for name in ("title", "link", "description", "language", "lastBuildDate")}
    assert texts == {
        "title": "Niger – sécurité",
        "link": "https://feeds.example/",
        "description": "Tout",
        "language": "fr",
        "lastBuildDate": "Sun, 01 Mar 2026 12:00:00 +0000",
    }
    (link,) = found.findall(ATOM_LINK)
    assert link.attrib == {"href": "https://feeds.example/niger.rss", "rel": "self", "type": "application/rss+xml"}


def test_feed_without_entries_is_a_channel() -> None:
    found = channel(make_view())
    assert found.findall("item") == []
    assert found.findtext("description") == "Niger"


def test_feedgen_is_never_asked_for_a_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would change the locale of the whole process for a moment."""
    calls: list[object] = []
    monkeypatch.setattr(locale, "setlocale", lambda *words: calls.append(words))
    rss(make_view(make_entry(published_at=NOON)))
    assert calls == []


@pytest.mark.parametrize(
    ("id_", "permanent"),
    [("https://source.example/1", "true"), ("https://source.example/other", "false"), ("urn:x:1", "false")],
)
def test_guid_is_a_permalink_only_where_it_is_the_page(id_: str, permanent: str) -> None:
    guid = item(make_entry(id=id_)).find("guid")
    assert guid is not None
    assert (guid.text, guid.get("isPermaLink")) == (id_, permanent)


def test_dates_have_english_names_and_four_digits() -> None:
    dated = make_entry(published_at=NOON - timedelta(days=3, hours=2))
    assert item(dated).findtext("pubDate") == "Thu, 26 Feb 2026 10:00:00 +0000"
    assert item(make_entry()).findtext("pubDate") == "Sun, 01 Mar 2026 12:00:00 +0000"


@pytest.mark.parametrize("date", [NOON + timedelta(hours=5), datetime(1970, 1, 1, tzinfo=UTC)])
def test_date_that_cannot_be_true_is_the_first_sight(date: datetime) -> None:
    assert item(make_entry(published_at=date)).findtext("pubDate") == "Sun, 01 Mar 2026 12:00:00 +0000"


def test_only_the_first_usable_enclosure_is_written() -> None:
    enclosures = (
        Enclosure(url="javascript:alert(1)"),
        Enclosure(url="https://source.example/é.mp3?x=1"),
        Enclosure(url="https://source.example/b.mp4", media_type="video/mp4", length_bytes=7),
    )
    (found,) = item(make_entry(enclosures=enclosures)).findall("enclosure")
    assert found.attrib == {"url": "https://source.example/%C3%A9.mp3?x=1", "length": "0", "type": "audio/mpeg"}


def test_people_need_no_mail_address() -> None:
    entry = item(make_entry(authors=(Person(name="Aïcha", email="a@x.example"), Person(name="B"))))
    assert [name.text for name in entry.findall(CREATOR)] == ["Aïcha", "B"]
    assert entry.find("author") is None


def test_source_is_named_where_it_has_an_address() -> None:
    found = item(make_entry()).find("source")
    assert found is not None
    assert (found.text, found.attrib) == ("The Source", {"url": "https://source.example/feed.xml"})
    assert item(make_entry(origin=Origin(title="Folder"))).find("source") is None


def test_reasons_and_picture_are_there_as_in_atom() -> None:
    entry = item(make_entry(reasons=REASONS, image="https://source.example/i.jpg"))
    assert [reason.get("rule") for reason in entry.findall(f"{REASON}reason")] == ["ne", "security", "sahel"]
    category = entry.find("category")
    assert category is not None
    assert (category.text, category.get("domain")) == ("Niger", "urn:iso:std:iso:3166")
    assert [each.get("url") for each in entry.findall(THUMBNAIL)] == ["https://source.example/i.jpg"]
    bare = rss(make_view(make_entry(reasons=REASONS), reasons=False))
    assert b"urn:feedwatch" not in bare
    assert b"Niger</category>" not in bare


def test_summary_and_link_feeds_say_less() -> None:
    entry = make_entry(summary="Short & <plain>.", body="Long.")
    assert item(entry, content="summary").findtext("description") == "Short &amp; &lt;plain&gt;."
    link = '<p><a href="https://source.example/1">Title 1</a></p>'
    assert item(entry, content="link").findtext("description") == link


@pytest.mark.parametrize("title", ["AT&T", "a < b", "&amp;amp;", "<b>x", "والنيجر ƙasa 👩‍👩‍👧‍👦"])
def test_plain_title_is_never_taken_for_markup(title: str) -> None:
    data = rss(make_view(make_entry(title=title)))
    assert b"&amp;" not in data
    assert ElementTree.fromstring(data).findtext("channel/item/title") == title  # noqa: S314 - our own bytes


def test_reader_sees_what_went_in() -> None:
    entries = [make_entry(n, title=f"T{n} é", published_at=NOON) for n in range(3)]
    read = feedparser.parse(rss(make_view(*entries)))
    assert not read.bozo
    assert [(e.id, e.title, e.link) for e in read.entries] == [
        (e.article.id, e.article.title, e.article.url) for e in entries
    ]


def test_address_that_needs_escaping_is_ascii() -> None:
    entry = item(make_entry(url="https://source.example/é"))
    assert entry.findtext("link") == "https://source.example/%C3%A9"


def test_entry_unfit_for_one_format_is_left_out_of_all() -> None:
    bad = replace(make_entry(2), updated_at=None)  # type: ignore[arg-type] # what a damaged store might give
    skipped: list[str] = []
    found = render(
        make_view(make_entry(1), bad), ["atom", "rss", "json"], on_skip=lambda *what: skipped.append(what[1])
    )
    assert skipped == ["https://source.example/2"]
    assert all(b"Title 2" not in data for data in found.values())
