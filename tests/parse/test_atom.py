from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feedwatch.model import Category, Enclosure, Origin, Person
from feedwatch.parse.feed import read_feed

FULL = """<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr" xml:base="https://journal.example/">
  <id>tag:journal.example,2024:feed</id>
  <title type="html">Le &lt;i&gt;Journal&lt;/i&gt; &amp;amp; ses amis</title>
  <updated>2024-03-05T12:00:00+01:00</updated>
  <link href="."/><link rel="self" type="application/atom+xml" href="feed.atom"/>
  <rights>© Le Journal</rights>
  <author><name>La rédaction</name><email>r@journal.example</email><uri>/equipe</uri></author>
  <entry xml:base="2024/" xml:lang="ha">
    <id>tag:journal.example,2024:1</id>
    <title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">L'<b>eau</b> &amp; le feu</div></title>
    <link rel="related" href="autre"/><link rel="alternate" type="application/pdf" href="eau.pdf"/>
    <link href="eau"/>
    <link rel="enclosure" type="audio/mpeg" length="12" href="eau.mp3"/>
    <published>2024-03-04T10:00:00Z</published><updated>2024-03-05T10:00:00Z</updated>
    <category term="eau" scheme="https://journal.example/tags" label="L'eau"/>
    <summary>Trop &lt; peu &amp; trop</summary>
    <content type="html" xml:base="/images/">&lt;p&gt;Texte&lt;/p&gt;</content>
  </entry>
</feed>"""


def atom(entry: str, feed: str = "", attributes: str = "xmlns='http://www.w3.org/2005/Atom'") -> str:
    return f"<feed {attributes}><title>T</title>{feed}<entry><id>e</id>{entry}</entry></feed>"


def test_every_field_of_an_entry_is_kept_with_inherited_base_language_and_authors() -> None:
    (item,) = read_feed(FULL, url="https://cdn.example/f", locator="x").items
    redaction = Person(name="La rédaction", email="r@journal.example", url="https://journal.example/equipe")
    assert item.guid == "tag:journal.example,2024:1"
    assert item.title == "L'<b>eau</b> &amp; le feu"
    assert item.link == "https://journal.example/2024/eau"
    assert item.enclosures == (
        Enclosure(url="https://journal.example/2024/eau.mp3", media_type="audio/mpeg", length_bytes=12),
    )
    assert item.published_at == datetime(2024, 3, 4, 10, tzinfo=UTC)
    assert item.updated_at == datetime(2024, 3, 5, 10, tzinfo=UTC)
    assert item.categories == (Category(term="eau", scheme="https://journal.example/tags", label="L'eau"),)
    assert item.summary == "Trop &lt; peu &amp; trop"
    assert item.content == "<p>Texte</p>"
    assert item.base_url == "https://journal.example/images/"
    assert item.language == "ha"
    assert item.authors == (redaction,)
    assert item.origin == Origin(
        id="tag:journal.example,2024:feed",
        title="Le Journal & ses amis",
        link="https://journal.example/",
        self_link="https://journal.example/feed.atom",
        updated_at=datetime(2024, 3, 5, 11, tzinfo=UTC),
        rights="© Le Journal",
        language="fr",
        authors=(redaction,),
    )


@pytest.mark.parametrize(
    ("written", "content"),
    [
        ("<content>1 &lt; 2</content>", "1 &lt; 2"),
        ("<content type='text'>AT&amp;amp;T &lt;b&gt;</content>", "AT&amp;amp;T &lt;b&gt;"),
        ("<content type='html'>AT&amp;amp;T &lt;b&gt;x&lt;/b&gt;</content>", "AT&amp;T <b>x</b>"),
        ("<content type='text/html'>&lt;b&gt;x&lt;/b&gt;</content>", "<b>x</b>"),
        ("<content type='xhtml'><x:div xmlns:x='http://www.w3.org/1999/xhtml'>a<x:br/>b</x:div></content>", "a<br>b"),
        ("<content type='image/png'>aGFsbG8=</content>", ""),
        ("<content type='application/octet-stream'>aGFsbG8=</content>", "hallo"),
        ("<content type='application/octet-stream'>AAEC/w==</content>", ""),
        ("<content type='text'>un\n\ndeux &amp;</content>", "<p>un</p>\n<p>deux &amp;</p>"),
        ("<content type='html'><![CDATA[<p>a &nbsp; b</p>]]></content>", "<p>a &nbsp; b</p>"),
    ],
)
def test_content_of_each_type_becomes_html(written: str, content: str) -> None:
    assert read_feed(atom(written), url=None, locator="x").items[0].content == content


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("<title>a &lt; b</title>", "a &lt; b"),
        ("<title type='text/html' mode='escaped'>a &lt;b&gt;c&lt;/b&gt;</title>", "a <b>c</b>"),
        ("<title type='text/plain' mode='escaped'>a &lt;b&gt;</title>", "a &lt;b&gt;"),
        (
            "<title type='application/xhtml+xml' mode='xml'>a <b xmlns='http://www.w3.org/1999/xhtml'>c</b></title>",
            "a <b>c</b>",
        ),
        ("<title type='text/html' mode='base64'>PGI+YzwvYj4=</title>", "<b>c</b>"),
        ("<title mode='base64'>%%%</title>", ""),
    ],
)
def test_atom_0_3_texts_follow_type_and_mode(written: str, title: str) -> None:
    document = atom(written, attributes="version='0.3' xmlns='http://purl.org/atom/ns#'")
    assert read_feed(document, url=None, locator="x").items[0].title == title


def test_atom_0_3_dates_and_authors_are_read() -> None:
    document = atom(
        "<issued>2024-03-05T10:00:00Z</issued><modified>2024-03-06T10:00:00Z</modified>"
        "<author><name>Awa</name><url>https://awa.example/</url></author>",
        attributes="version='0.3' xmlns='http://purl.org/atom/ns#'",
    )
    (item,) = read_feed(document, url=None, locator="x").items
    assert item.published_at == datetime(2024, 3, 5, 10, tzinfo=UTC)
    assert item.updated_at == datetime(2024, 3, 6, 10, tzinfo=UTC)
    assert item.authors == (Person(name="Awa", url="https://awa.example/"),)


def test_an_entry_from_another_feed_keeps_that_feed_as_its_origin_and_its_authors() -> None:
    document = atom(
        "<source><id>tag:other</id><title>Autre</title><link rel='self' href='https://other.example/feed'/>"
        "<author><name>Moussa</name></author><rights>CC0</rights></source>",
        "<author><name>Awa</name></author>",
    )
    (item,) = read_feed(document, url=None, locator="x").items
    assert item.authors == (Person(name="Moussa"),)
    assert (item.origin.id, item.origin.title, item.origin.rights) == ("tag:other", "Autre", "CC0")
    assert item.origin.self_link == "https://other.example/feed"


def test_all_authors_of_an_entry_are_kept_and_none_invented() -> None:
    document = atom("<author><name>Awa</name></author><author><email>m@x.example</email></author><author/>")
    authors = read_feed(document, url=None, locator="x").items[0].authors
    assert authors == (Person(name="Awa"), Person(name="m@x.example", email="m@x.example"))


def test_content_elsewhere_is_the_link_or_an_enclosure() -> None:
    page = atom("<content type='text/html' src='https://journal.example/1'/>")
    sound = atom("<content type='audio/ogg' src='https://journal.example/1.ogg'/>")
    assert read_feed(page, url=None, locator="x").items[0].link == "https://journal.example/1"
    assert read_feed(sound, url=None, locator="x").items[0].enclosures[0].url == "https://journal.example/1.ogg"


def test_a_published_date_is_not_made_from_an_updated_one() -> None:
    (item,) = read_feed(atom("<updated>2024-03-05T10:00:00Z</updated>"), url=None, locator="x").items
    assert item.published_at is None
    assert item.updated_at is not None


def test_an_id_is_kept_character_by_character() -> None:
    document = atom("").replace("<id>e</id>", "<id>HTTP://Example.org/%7ea?b=1&amp;c=2#d</id>")
    assert read_feed(document, url=None, locator="x").items[0].guid == "HTTP://Example.org/%7ea?b=1&c=2#d"


@pytest.mark.parametrize(
    "attributes",
    ["", "xmlns='http://www.w3.org/2005/atom/'", "xmlns='urn:wrong'", "xmlns='https://www.w3.org/2005/Atom'"],
)
def test_a_missing_or_misspelt_namespace_is_forgiven(attributes: str) -> None:
    document = atom("<title>t</title><link href='https://journal.example/1'/>", attributes=attributes)
    (item,) = read_feed(document, url=None, locator="x").items
    assert (item.title, item.link, item.guid) == ("t", "https://journal.example/1", "e")


def test_a_lone_entry_is_a_feed_of_one() -> None:
    document = "<entry xmlns='http://www.w3.org/2005/Atom' xml:lang='ar'><id>1</id><title>t</title></entry>"
    (item,) = read_feed(document, url=None, locator="x").items
    assert (item.guid, item.title, item.language) == ("1", "t", "ar")


def test_an_empty_language_undoes_an_inherited_one() -> None:
    document = atom("<title>t</title>", attributes="xmlns='http://www.w3.org/2005/Atom' xml:lang='fr'")
    assert read_feed(document, url=None, locator="x").items[0].language == "fr"
    undone = document.replace("<entry>", "<entry xml:lang=''>")
    assert read_feed(undone, url=None, locator="x").items[0].language is None


def test_a_video_in_a_group_gives_picture_and_summary() -> None:
    document = atom(
        "<m:group><m:content url='https://v.example/1' type='video/mp4'/><m:thumbnail url='https://v.example/1.jpg'/>"
        "<m:description>Une vidéo</m:description></m:group>",
        attributes="xmlns='http://www.w3.org/2005/Atom' xmlns:m='http://search.yahoo.com/mrss/'",
    )
    (item,) = read_feed(document, url=None, locator="x").items
    assert (item.image, item.summary) == ("https://v.example/1.jpg", "Une vidéo")
    assert item.enclosures == (Enclosure(url="https://v.example/1", media_type="video/mp4"),)


def test_of_several_dates_the_last_counts() -> None:
    dates = "<updated>2010-12-01T10:14:55Z</updated><updated>2003-12-31T10:14:55Z</updated><updated/>"
    text = f"<feed xmlns='http://www.w3.org/2005/Atom'><entry>{dates}</entry></feed>"
    (item,) = read_feed(text, url=None, locator="x").items
    assert item.updated_at == datetime(2003, 12, 31, 10, 14, 55, tzinfo=UTC)


def test_links_of_a_summary_are_relative_to_its_own_base_where_there_is_no_content() -> None:
    (item,) = read_feed(atom("<summary xml:base='https://b.example/d/'>x</summary>"), url=None, locator="x").items
    assert item.base_url == "https://b.example/d/"


def test_content_of_the_rss_module_is_the_content_of_an_entry_without_its_own() -> None:
    module = "<c:encoded xmlns:c='http://purl.org/rss/1.0/modules/content/'>&lt;h1&gt;Eau&lt;/h1&gt;</c:encoded>"
    for own, content in (("", "<h1>Eau</h1>"), ("<content>Feu</content>", "Feu")):
        (item,) = read_feed(atom(f"<summary>Bref</summary>{own}{module}"), url=None, locator="x").items
        assert (item.summary, item.content) == ("Bref", content)


def test_a_medium_gives_title_and_page_where_the_entry_gives_none() -> None:
    medium = (
        "<m:group xmlns:m='http://search.yahoo.com/mrss/'><m:title type='plain'>Le pont</m:title>"
        "<m:player url='https://j.example/voir/1'/></m:group>"
    )
    for own, wanted in (
        ("", ("Le pont", "https://j.example/voir/1")),
        ("<title>Un pont</title><link href='https://j.example/1'/>", ("Un pont", "https://j.example/1")),
    ):
        (item,) = read_feed(atom(own + medium), url=None, locator="x").items
        assert (item.title, item.link) == wanted


def test_dublin_core_and_podcast_tags_fill_what_an_entry_leaves_out() -> None:
    tags = (
        "<d:description>Texte</d:description><d:language>ha</d:language>"
        "<i:title>Le pont</i:title><i:keywords>eau, mil</i:keywords>"
    )
    namespaces = "xmlns:d='http://purl.org/dc/elements/1.1/' xmlns:i='http://www.itunes.com/dtds/podcast-1.0.dtd'"
    feed = atom(tags, attributes=f"xmlns='http://www.w3.org/2005/Atom' {namespaces}")
    (item,) = read_feed(feed, url=None, locator="x").items
    assert (item.title, item.summary, item.language) == ("Le pont", "Texte", "ha")
    assert [category.term for category in item.categories] == ["eau", "mil"]
