from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feedwatch.model import Category, Enclosure, Origin, Person
from feedwatch.parse.feed import read_feed

FULL = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom"
  xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/">
<channel>
  <title>Le Journal &amp;amp; ses amis</title>
  <link>https://journal.example/</link>
  <atom:link rel="self" href="https://journal.example/feed"/>
  <language>fr-ne</language>
  <copyright>© Le Journal</copyright>
  <managingEditor>redaction@journal.example (La rédaction)</managingEditor>
  <lastBuildDate>Tue, 05 Mar 2024 12:00:00 +0100</lastBuildDate>
  <item>
    <title>Pluies &amp;amp; crues : 5 &lt; 6</title>
    <link>https://journal.example/pluies</link>
    <guid isPermaLink="false">journal-17</guid>
    <dc:creator>Awa Diop</dc:creator>
    <dc:creator>Moussa Ali</dc:creator>
    <pubDate>mar., 05 mars 2024 10:00:00 +0100</pubDate>
    <atom:updated>2024-03-05T11:00:00Z</atom:updated>
    <category domain="https://journal.example/rubriques">Météo</category>
    <category>Niamey</category>
    <description>Il a plu.</description>
    <content:encoded><![CDATA[<p>Il a <b>beaucoup</b> plu.</p><img src="/i/pluie.jpg">]]></content:encoded>
    <enclosure url="https://journal.example/a/pluies.mp3" type="audio/mpeg" length="1234"/>
    <media:group><media:content url="/v/pluies.mp4" type="video/mp4" fileSize="99"/></media:group>
    <media:thumbnail url="/i/petite.jpg"/>
    <dc:rights>CC BY</dc:rights>
  </item>
</channel></rss>"""


def rss(items: str, channel: str = "", attributes: str = "") -> str:
    return f"<rss version='2.0' {attributes}><channel><title>T</title>{channel}{items}</channel></rss>"


def test_every_field_of_an_item_is_kept() -> None:
    (item,) = read_feed(FULL, url="https://journal.example/feed", locator="x").items
    assert item.shape == "entry"
    assert item.title == "Pluies &amp; crues : 5 < 6"
    assert item.link == "https://journal.example/pluies"
    assert item.guid == "journal-17"
    assert item.authors == (Person(name="Awa Diop"), Person(name="Moussa Ali"))
    assert item.published_at == datetime(2024, 3, 5, 9, tzinfo=UTC)
    assert item.updated_at == datetime(2024, 3, 5, 11, tzinfo=UTC)
    assert item.categories == (
        Category(term="Météo", scheme="https://journal.example/rubriques"),
        Category(term="Niamey"),
    )
    assert item.summary == "Il a plu."
    assert item.content == '<p>Il a <b>beaucoup</b> plu.</p><img src="/i/pluie.jpg">'
    assert item.enclosures == (
        Enclosure(url="https://journal.example/a/pluies.mp3", media_type="audio/mpeg", length_bytes=1234),
        Enclosure(url="https://journal.example/v/pluies.mp4", media_type="video/mp4", length_bytes=99),
    )
    assert item.image == "https://journal.example/i/petite.jpg"
    assert item.rights == "CC BY"
    assert item.language == "fr-ne"
    assert item.base_url == "https://journal.example/pluies"
    assert item.origin == Origin(
        title="Le Journal & ses amis",
        link="https://journal.example/",
        self_link="https://journal.example/feed",
        updated_at=datetime(2024, 3, 5, 11, tzinfo=UTC),
        rights="© Le Journal",
        language="fr-ne",
        authors=(Person(name="La rédaction", email="redaction@journal.example"),),
    )


def test_items_of_one_feed_share_their_origin() -> None:
    items = read_feed(rss("<item><title>a</title></item><item><title>b</title></item>"), url=None, locator="x").items
    assert items[0].origin is items[1].origin
    assert [item.position for item in items] == [0, 1]


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("AT&amp;T", "AT&amp;T"),
        ("AT&amp;amp;T", "AT&amp;T"),
        ("1 &lt; 2 &gt; 0", "1 &lt; 2 &gt; 0"),
        ("&lt;b&gt;Fort&lt;/b&gt;", "<b>Fort</b>"),
        ("<![CDATA[L&rsquo;eau & le feu]]>", "L&rsquo;eau & le feu"),
        ("<![CDATA[Sel & poivre]]>", "Sel &amp; poivre"),
        ("Caf&eacute;&nbsp;noir", "Café\xa0noir"),
        ("L&#146;eau", "L’eau"),
        ("<b>Non</b> échappé", "<b>Non</b> échappé"),
        ("  plusieurs\n lignes ", "plusieurs\n lignes"),
    ],
)
def test_a_title_is_html_whatever_it_was(written: str, title: str) -> None:
    (item,) = read_feed(rss(f"<item><title>{written}</title></item>"), url=None, locator="x").items
    assert item.title == title


def test_a_guid_is_a_link_unless_it_says_no() -> None:
    items = read_feed(
        rss(
            "<item><guid>https://journal.example/1</guid></item>"
            "<item><guid isPermaLink='false'>https://journal.example/2</guid></item>"
            "<item><guid>tag:3</guid></item>"
            "<item><guid>https://journal.example/4</guid><link>https://journal.example/four</link></item>"
        ),
        url=None,
        locator="x",
    ).items
    assert [item.guid for item in items] == [
        "https://journal.example/1",
        "https://journal.example/2",
        "tag:3",
        "https://journal.example/4",
    ]
    assert [item.link for item in items] == ["https://journal.example/1", None, None, "https://journal.example/four"]


@pytest.mark.parametrize(
    ("attributes", "channel", "base"),
    [
        ("", "", "https://feed.example/"),
        ("", "<link>https://journal.example/home/</link>", "https://journal.example/home/"),
        ("xml:base='https://base.example/b/'", "<link>https://journal.example/</link>", "https://base.example/b/"),
        ("xml:base='sub/'", "", "https://feed.example/sub/"),
    ],
)
def test_relative_links_are_resolved_against_the_nearest_base(attributes: str, channel: str, base: str) -> None:
    document = rss("<item><link>a/1</link><enclosure url='e.mp3'/></item>", channel, attributes)
    (item,) = read_feed(document, url="https://feed.example/feed", locator="x").items
    assert item.link == f"{base}a/1"
    assert item.enclosures[0].url == f"{base}e.mp3"
    assert item.base_url == (base if attributes else f"{base}a/1")


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://x/y", "//", ""]
)
def test_only_http_addresses_pass(address: str) -> None:
    document = rss(
        f"<item><title>t</title><link>{address}</link><guid>{address}</guid><enclosure url='{address}'/>"
        f"<media:thumbnail url='{address}'/><media:content url='{address}'/></item>",
        f"<link>{address}</link>",
        "xmlns:media='http://search.yahoo.com/mrss/'",
    )
    (item,) = read_feed(document, url=None, locator="x").items
    assert (item.link, item.enclosures, item.image, item.origin.link) == (None, (), None, None)


@pytest.mark.parametrize(
    ("written", "author"),
    [
        ("awa@journal.example (Awa Diop)", Person(name="Awa Diop", email="awa@journal.example")),
        ("Awa Diop &lt;awa@journal.example&gt;", Person(name="Awa Diop", email="awa@journal.example")),
        ("awa@journal.example", Person(name="awa@journal.example", email="awa@journal.example")),
        ("Awa &amp;amp; Moussa", Person(name="Awa & Moussa")),
        ("&lt;b&gt;Awa&lt;/b&gt;", Person(name="Awa")),
    ],
)
def test_an_author_in_one_string_is_taken_apart(written: str, author: Person) -> None:
    (item,) = read_feed(rss(f"<item><title>t</title><author>{written}</author></item>"), url=None, locator="x").items
    assert item.authors == (author,)


def test_the_page_before_a_feed_proxy_is_the_link() -> None:
    document = rss(
        "<item><link>https://proxy.example/1</link><f:origLink>https://journal.example/1</f:origLink></item>",
        attributes="xmlns:f='http://rssnamespace.org/feedburner/ext/1.0'",
    )
    assert read_feed(document, url=None, locator="x").items[0].link == "https://journal.example/1"


def test_a_source_element_names_the_origin() -> None:
    document = rss("<item><title>t</title><source url='https://other.example/feed'>Autre</source></item>")
    origin = read_feed(document, url=None, locator="x").items[0].origin
    assert (origin.title, origin.self_link) == ("Autre", "https://other.example/feed")


def test_rss_1_has_its_items_beside_the_channel_and_ids_in_about() -> None:
    document = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
      xmlns:dc="http://purl.org/dc/elements/1.1/">
      <channel rdf:about="https://journal.example/rdf"><title>T</title><link>https://journal.example/</link></channel>
      <item rdf:about="https://journal.example/1"><title>Un</title><link>https://journal.example/1</link>
      <dc:date>2024-03-05</dc:date><dc:subject>eau</dc:subject></item></rdf:RDF>"""
    (item,) = read_feed(document, url=None, locator="x").items
    assert (item.guid, item.title, item.link) == ("https://journal.example/1", "Un", "https://journal.example/1")
    assert item.published_at == datetime(2024, 3, 5, tzinfo=UTC)
    assert item.categories == (Category(term="eau"),)
    assert item.origin.self_link == "https://journal.example/rdf"


@pytest.mark.parametrize(
    "namespace",
    ["", "http://backend.userland.com/rss2", "http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/"],
)
def test_rss_is_read_in_any_of_its_namespaces(namespace: str) -> None:
    document = rss("<item><title>t</title></item>", attributes=f"xmlns='{namespace}'" if namespace else "")
    assert read_feed(document, url=None, locator="x").items[0].title == "t"


def test_an_old_feed_with_a_document_type_is_read_without_touching_it() -> None:
    document = (
        '<?xml version="1.0"?>\n<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" '
        '"http://127.0.0.1:1/rss-0.91.dtd">\n' + rss("<item><title>Caf&eacute;</title></item>")
    )
    parsed = read_feed(document, url=None, locator="x")
    assert parsed.items[0].title == "Café"
    assert parsed.problems == ()


def test_podcast_tags_fill_what_is_missing() -> None:
    document = rss(
        "<item><title>t</title><i:author>Awa</i:author><i:summary>Résumé</i:summary><i:image href='/c.jpg'/>"
        "<i:keywords>eau, sel</i:keywords></item>",
        "<link>https://journal.example/</link>",
        "xmlns:i='http://www.itunes.com/dtds/podcast-1.0.dtd'",
    )
    (item,) = read_feed(document, url=None, locator="x").items
    assert (item.authors, item.summary) == ((Person(name="Awa"),), "Résumé")
    assert item.image == "https://journal.example/c.jpg"
    assert [category.term for category in item.categories] == ["eau", "sel"]


@pytest.mark.parametrize("length", ["-1", "1e5", "١٢", "9" * 30, "", "12 KB"])
def test_a_length_that_is_no_count_is_unknown(length: str) -> None:
    document = rss(f"<item><enclosure url='https://journal.example/a' length='{length}'/></item>")
    assert read_feed(document, url=None, locator="x").items[0].enclosures[0].length_bytes is None


def test_empty_items_are_left_out_and_counted() -> None:
    parsed = read_feed(rss("<item/><item><title> </title></item><item><title>t</title></item>"), url=None, locator="x")
    assert [(item.title, item.position) for item in parsed.items] == [("t", 2)]
    assert parsed.problems == ("2 empty items were left out",)


def test_summary_and_content_are_never_the_same_text_twice() -> None:
    document = rss(
        "<item><description>Texte</description><c:encoded>Texte</c:encoded></item>",
        attributes="xmlns:c='http://purl.org/rss/1.0/modules/content/'",
    )
    (item,) = read_feed(document, url=None, locator="x").items
    assert (item.summary, item.content) == ("", "Texte")


@pytest.mark.parametrize(
    "tag",
    ["applet", "area", "base", "blink", "button", "frameset", "input", "label", "link", "map", "meta", "textarea"],
)
def test_any_tag_of_html_makes_a_text_markup(tag: str) -> None:
    text = f"<rss><channel><item><description>safe&lt;{tag} x='y'&gt; text</description></item></channel></rss>"
    (item,) = read_feed(text, url=None, locator="x").items
    assert item.summary == f"safe<{tag} x='y'> text"


def test_a_body_without_a_namespace_is_the_content() -> None:
    text = "<rss><channel><item><body>safe <b>text</b></body></item></channel></rss>"
    (item,) = read_feed(text, url=None, locator="x").items
    assert item.content == "safe <b>text</b>"


def test_channel_definition_format_is_read() -> None:
    text = (
        "<CHANNEL><ITEM HREF='https://j.example/1' LASTMOD='2004-04-06T23:05:43-05:00'>"
        "<TITLE>Un</TITLE><ABSTRACT>Court</ABSTRACT></ITEM></CHANNEL>"
    )
    (item,) = read_feed(text, url=None, locator="x").items
    assert (item.title, item.summary, item.link) == ("Un", "Court", "https://j.example/1")
    assert item.updated_at == datetime(2004, 4, 7, 4, 5, 43, tzinfo=UTC)


def test_atom_written_into_rss_without_its_namespace_is_understood() -> None:
    text = """<rss><channel><item><title>Un</title><link rel="enclosure" href="https://j.example/a.mp3" length="9"/>
    <link href="https://j.example/1"/><id>urn:x:1</id><published>2012-03-25T00:00:00Z</published>
    <updated>2012-03-26T00:00:00Z</updated></item></channel></rss>"""
    (item,) = read_feed(text, url=None, locator="x").items
    assert (item.guid, item.link) == ("urn:x:1", "https://j.example/1")
    assert [one.url for one in item.enclosures] == ["https://j.example/a.mp3"]
    assert item.published_at == datetime(2012, 3, 25, tzinfo=UTC)
    assert item.updated_at == datetime(2012, 3, 26, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("<summary>a</summary>", "<description>b</description>"),
        ("<description>a</description>", "<summary>b</summary>"),
    ],
)
def test_of_summary_and_description_the_second_is_the_text(first: str, second: str) -> None:
    (item,) = read_feed(rss(f"<item>{first}{second}</item>"), url=None, locator="x").items
    assert (item.summary, item.content) == ("a", "b")


@pytest.mark.parametrize(
    ("written", "content"),
    [
        ("&lt;![CDATA[Il &lt;b&gt;pleut&lt;/b&gt; ici]]&gt;", "Il <b>pleut</b> ici"),
        ("<![CDATA[<![CDATA[<p>Il pleut</p>]]&gt;]]>", "<p>Il pleut</p>"),
        ("&lt;!' &lt;b&gt;Il pleut&lt;/b&gt;", "&lt;!' <b>Il pleut</b>"),
        ("a &lt;!-- b --&gt; &lt;p&gt;c&lt;/p&gt;", "a <!-- b --> <p>c</p>"),
    ],
)
def test_nothing_is_lost_behind_what_html_takes_for_a_broken_comment(written: str, content: str) -> None:
    (item,) = read_feed(rss(f"<item><description>{written}</description></item>"), url=None, locator="x").items
    assert item.summary == content


def test_bytes_of_utf8_written_as_references_are_characters() -> None:
    (item,) = read_feed(
        rss("<item><title>L&#226;&#128;&#153;eau, &#233;t&#233;</title></item>"), url=None, locator="x"
    ).items
    assert item.title == "L’eau, été"


def test_podcast_tags_name_the_owner_and_proxies_of_media_are_undone() -> None:
    play = "xmlns:g='http://www.google.com/schemas/play-podcasts/1.0'"
    burner = "xmlns:f='http://rssnamespace.org/feedburner/ext/1.0'"
    apple = "xmlns:i='http://www.itunes.com/dtds/podcast-1.0.dtd'"
    owner = "<i:owner><i:name>Awa</i:name><i:email>a@j.example</i:email></i:owner>"
    item = "<item><g:author>Moussa</g:author><enclosure url='https://proxy.example/1'/>{}</item>"
    original = "<f:origEnclosureLink>https://journal.example/1.mp3</f:origEnclosureLink>"
    (item_,) = read_feed(rss(item.format(original), owner, f"{play} {burner} {apple}"), url=None, locator="x").items
    assert item_.authors == (Person(name="Moussa"),)
    assert item_.origin.authors == (Person(name="Awa", email="a@j.example"),)
    assert item_.enclosures == (Enclosure(url="https://journal.example/1.mp3"),)


def test_a_category_is_its_own_text_only() -> None:
    nested = "<item><category>eau<image><title>Photo</title></image></category></item>"
    (item,) = read_feed(rss(nested), url=None, locator="x").items
    assert item.categories == (Category(term="eau"),)


@pytest.mark.parametrize(
    "written",
    [
        "<author>de <a itemprop='url' class='n'>Awa Diop</a></author>",
        "<dc:creator>&lt;a href='https://j.example/awa'&gt;de Awa Diop&lt;/a&gt;</dc:creator>",
        "<author><![CDATA[<p>de Awa Diop</p>]]></author>",
    ],
)
def test_markup_of_an_author_is_not_part_of_the_name(written: str) -> None:
    feed = rss(f"<item><title>t</title>{written}</item>", attributes="xmlns:dc='http://purl.org/dc/elements/1.1/'")
    (item,) = read_feed(feed, url=None, locator="x").items
    assert [person.name for person in item.authors] == ["de Awa Diop"]


def test_a_guid_that_says_it_is_a_link_may_be_relative_and_a_mere_key_is_none() -> None:
    said, unsaid = (
        read_feed(rss(f"<item><guid{says}>eau/1</guid></item>"), url="https://j.example/f/", locator="x").items[0]
        for says in (" isPermaLink='true'", "")
    )
    assert (said.guid, said.link) == ("eau/1", "https://j.example/f/eau/1")
    assert (unsaid.guid, unsaid.link) == ("eau/1", None)


def test_a_medium_gives_title_and_page_where_the_item_gives_none() -> None:
    medium = (
        "<media:group><media:content url='https://j.example/v.mp4'><media:title>Le pont</media:title>"
        "<media:player url='https://j.example/voir/1'/></media:content></media:group>"
    )
    attributes = "xmlns:media='http://search.yahoo.com/mrss/'"
    alone, beside = (
        read_feed(rss(f"<item>{own}{medium}</item>", attributes=attributes), url=None, locator="x").items[0]
        for own in ("", "<title>Un pont</title><link>https://j.example/1</link>")
    )
    assert (alone.title, alone.link) == ("Le pont", "https://j.example/voir/1")
    assert (beside.title, beside.link) == ("Un pont", "https://j.example/1")


def test_a_podcast_description_comes_before_its_subtitle() -> None:
    feed = rss(
        "<item><title>t</title><g:subtitle>Court</g:subtitle><g:description>Long</g:description></item>",
        attributes="xmlns:g='http://www.google.com/schemas/play-podcasts/1.0'",
    )
    assert read_feed(feed, url=None, locator="x").items[0].summary == "Long"


def test_an_id_of_rss_1_counts_also_where_its_prefix_was_not_declared() -> None:
    feed = "<RDF><channel/><item rdf:about='https://j.example/1'><title>t</title></item></RDF>".replace(
        "RDF", "rdf:RDF"
    )
    assert read_feed(feed, url=None, locator="x").items[0].guid == "https://j.example/1"


def test_nothing_is_put_where_the_publisher_wrote_nothing() -> None:
    channel = (
        "<link>https://j.example/</link><managingEditor>r@j.example</managingEditor><category>eau</category>"
        "<itunes:author>La radio</itunes:author>"
    )
    feed = rss("<item><description>Texte</description></item>", channel, "xmlns:itunes='http://www.itunes.com/dtds/x'")
    (item,) = read_feed(feed, url="https://j.example/feed", locator="x").items
    assert (item.title, item.link, item.guid, item.authors, item.categories) == ("", None, None, (), ())


@pytest.mark.parametrize(
    "namespace",
    [
        "https://purl.org/dc/elements/1.1/",
        "HTTPS://PURL.ORG/DC/ELEMENTS/1.1/",
        " http://purl.org/dc/elements/1.1/\t",
        "https://wrong.example/",
        "",
    ],
)
def test_a_well_known_prefix_means_what_it_always_means(namespace: str) -> None:
    for declared, item in ((f"xmlns:dc='{namespace}'", "<item>"), ("", f"<item xmlns:dc='{namespace}'>")):
        feed = rss(f"{item}<title>t</title><dc:creator>Awa</dc:creator></item>", attributes=declared)
        (found,) = read_feed(feed, url=None, locator="x").items
        assert [person.name for person in found.authors] == ["Awa"]


def test_fields_of_a_namespace_nobody_knows_are_nobodys() -> None:
    feed = rss("<item><x:title>X</x:title><title>t</title></item>", attributes="xmlns:x='https://x.example/'")
    assert read_feed(feed, url=None, locator="x").items[0].title == "t"


@pytest.mark.parametrize(
    ("namespace", "element"),
    [
        ("http://purl.org/atom/ns#", "issued"),
        ("http://purl.org/atom/ns#", "created"),
        ("http://www.w3.org/2005/Atom", "published"),
        ("http://purl.org/dc/terms/", "issued"),
    ],
)
def test_dates_of_other_formats_are_dates_of_an_item(namespace: str, element: str) -> None:
    feed = rss(f"<item><o:{element}>2024-03-05T10:00:00Z</o:{element}></item>", attributes=f"xmlns:o='{namespace}'")
    assert read_feed(feed, url=None, locator="x").items[0].published_at == datetime(2024, 3, 5, 10, tzinfo=UTC)


def test_other_formats_give_title_and_author_where_the_item_gives_none() -> None:
    terms = "<t:title>Le pont</t:title><t:creator>Awa</t:creator>"
    (item,) = read_feed(
        rss(f"<item>{terms}</item>", attributes="xmlns:t='http://purl.org/dc/terms/'"), url=None, locator="x"
    ).items
    assert (item.title, [person.name for person in item.authors]) == ("Le pont", ["Awa"])


def test_keywords_are_tags_in_every_form() -> None:
    words = "<i:keywords>eau, mil</i:keywords><i:keywords>pont</i:keywords><i:keywords text='route'/>"
    feed = rss(
        f"<item><title>t</title>{words}</item>", attributes="xmlns:i='http://www.itunes.com/dtds/podcast-1.0.dtd'"
    )
    (item,) = read_feed(feed, url=None, locator="x").items
    assert [category.term for category in item.categories] == ["eau", "mil", "pont", "route"]


@pytest.mark.parametrize(
    "root",
    ["<rdf>", "<rdf xmlns='http://channel.netscape.com/rdf/simple/0.9/'>", "<RDF:RDF>", "<rdf:RDF>"],
)
def test_rdf_is_known_with_and_without_prefix_and_namespace(root: str) -> None:
    name = root[1:].partition(" ")[0].rstrip(">")
    item = "<item about='https://j.example/1'><title>t</title></item>"
    feed = f"{root}<channel><title>J</title></channel>{item}</{name}>"
    (found,) = read_feed(feed, url=None, locator="x").items
    assert (found.guid, found.title, found.origin.title) == ("https://j.example/1", "t", "J")


@pytest.mark.parametrize("prefix", ["itunes", "googleplay"])
def test_an_undeclared_prefix_means_what_publishers_mean_by_it(prefix: str) -> None:
    feed = rss(f"<item><title>t</title><{prefix}:author>Awa</{prefix}:author></item>")
    assert [person.name for person in read_feed(feed, url=None, locator="x").items[0].authors] == ["Awa"]
