"""The own reader and the tolerant one give the same items; where they do not, docs/feeds.md says why."""

from __future__ import annotations

import random
import re
from html import escape

import pytest

from tests.desk import ROOT
from tests.parse.twice import by_both, differences, is_well_formed

_NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:a="http://www.w3.org/2005/Atom" '
    'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
)


def rss(item: str, channel: str = "<link>https://journal.example/</link>", attributes: str = "") -> str:
    return f'<rss version="2.0" {_NAMESPACES}{attributes}><channel><title>J</title>{channel}{item}</channel></rss>'


def atom(entry: str, attributes: str = "") -> str:
    head = '<id>urn:j</id><title>J</title><link href="https://journal.example/"/>'
    return f'<feed xmlns="http://www.w3.org/2005/Atom"{attributes}>{head}{entry}</feed>'


def rdf(item: str, about: str = "https://journal.example/") -> str:
    return (
        f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        f'{_NAMESPACES}><channel rdf:about="{about}"><title>J</title><link>https://journal.example/</link>'
        f"</channel>{item}</rdf:RDF>"
    )


# The first cell of each row of the table in docs/feeds.md, with a feed that shows it and the field concerned.
DECIDED = {
    "an `updated` that is the only date of an RSS item": (
        rss("<item><title>T</title><a:updated>2024-03-05T10:00:00Z</a:updated></item>"),
        "updated_at",
    ),
    "escaped markup inside a `div` that is no text": (
        atom(
            '<entry><id>urn:1</id><content type="html"><div xmlns="http://www.w3.org/1999/xhtml">'
            "a &lt;b&gt;c&lt;/b&gt;</div></content></entry>"
        ),
        "content",
    ),
    '`xml:lang=""`': (
        atom('<entry><id>urn:1</id><content xml:lang="">Texte</content></entry>', ' xml:lang="fr"'),
        "language",
    ),
    "language of an entry whose title has another one": (
        atom('<entry xml:lang="fr"><id>urn:1</id><title xml:lang="en">Text</title></entry>'),
        "language",
    ),
    "`xml:base` of an entry without a text": (
        atom('<entry xml:base="https://other.example/"><id>urn:1</id><title>T</title></entry>'),
        "base_url",
    ),
    "fields of other namespaces that share a name (`title` of an image, a MathML `title`)": (
        rss("<item><guid>1</guid><image><title>Image</title></image></item>"),
        "title",
    ),
    "schemes of iTunes and Media RSS categories": (
        rss("<item><guid>1</guid><media:category>eau</media:category></item>"),
        "categories",
    ),
    "the feed's own address in RSS 1.0": (
        rdf('<item rdf:about="https://journal.example/1"><title>T</title></item>', "https://journal.example/feed.rdf"),
        "origin",
    ),
    "entries with nothing but a broken guid, base64, or podcast tags": (
        rss("<item><itunes:subtitle>Texte</itunes:subtitle></item>"),
        "items",
    ),
}


@pytest.mark.parametrize(("feed", "field"), DECIDED.values(), ids=list(DECIDED))
def test_a_decided_difference_is_still_one_and_touches_nothing_else(feed: str, field: str) -> None:
    assert is_well_formed(feed)
    touched = {name for name, _, _ in differences(feed)}
    # A date that is read as the other kind is missed in its own.
    assert touched - {"published_at"} == {field}


def test_the_table_of_differences_says_exactly_these() -> None:
    text = (ROOT / "docs" / "feeds.md").read_text(encoding="utf-8")
    section = text.partition("## Where the two readers differ")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.+?) \|", section, re.MULTILINE)
    assert rows == ["what", *DECIDED]


# --- good feeds: no difference in any field --------------------------------------------------------------


class _Writer:
    """Feeds as publishers write them, different for each seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - for variety, not for secrets

    def maybe(self, *choices: str) -> str:
        return self.random.choice(("", *choices))

    def one(self, *choices: str) -> str:
        return self.random.choice(choices)

    def html(self, number: int) -> str:
        return self.one(
            f"<p>Il a plu à Niamey ({number}).</p><p>Deux ponts &amp; une route.</p>",
            f'<p><a href="/page/{number}">Lire</a> <img src="i{number}.png" alt="é"></p>',
            f"<ul><li>un</li><li>deux &lt;{number}&gt;</li></ul>",
            f"Texte simple numéro {number}, sans balise",
            f"النيجر <b>{number}</b> مليون",
        )

    def wrapped(self, html: str) -> str:
        return self.one(escape(html), f"<![CDATA[{html}]]>", f"\n   {escape(html)}\n")

    def rss_item(self, number: int) -> str:
        page = self.one(f"https://journal.example/{number}", f"/page/{number}?a=1&amp;b=2", f"page-{number}.html")
        guid = self.one(
            f"<guid>https://journal.example/{number}</guid>",
            f'<guid isPermaLink="false">g{number}</guid>',
            f'<guid isPermaLink="true">https://journal.example/p/{number}</guid>',
        )
        title = self.one(
            f"Crue n° {number}", f"<![CDATA[Sel & poivre {number}]]>", f"Caf&#233; {number} &amp;amp; th&#xE9;"
        )
        parts = [
            f"<title>{title}</title>",
            f"<link>{page}</link>",
            guid,
            self.maybe(
                f"<pubDate>Tue, {1 + number % 28:02} Mar 2024 10:00:00 +0100</pubDate>", "<dc:date>2024-03-05</dc:date>"
            ),
            f"<description>{self.wrapped(self.html(number))}</description>",
            self.maybe(f"<content:encoded>{self.wrapped(self.html(number + 1))}</content:encoded>"),
            self.maybe("<dc:creator>Awa Diallo</dc:creator>", "<author>awa@journal.example (Awa Diallo)</author>"),
            self.maybe("<category>eau</category><category domain='https://j.example/t'>pont &amp; route</category>"),
            self.maybe(f'<enclosure url="https://journal.example/{number}.mp3" type="audio/mpeg" length="12"/>'),
            self.maybe(f'<media:thumbnail url="https://journal.example/{number}.png"/>'),
            self.maybe('<source url="https://other.example/feed">Autre</source>'),
            self.maybe("<dc:rights>CC BY</dc:rights>"),
            self.maybe("<comments>https://journal.example/c</comments>"),
        ]
        self.random.shuffle(parts)
        return f"<item>{''.join(parts)}</item>"

    def rdf_item(self, number: int) -> str:
        address = f"https://journal.example/{number}"
        return (
            f'<item rdf:about="{address}"><title>Crue {number}</title><link>{address}</link>'
            f"<description>{self.wrapped(self.html(number))}</description>"
            f"{self.maybe('<dc:creator>Awa</dc:creator>')}{self.maybe('<dc:subject>eau</dc:subject>')}"
            f"{self.maybe('<dc:date>2024-03-05T10:00:00Z</dc:date>')}</item>"
        )

    def atom_entry(self, number: int) -> str:
        page = self.one(f"https://journal.example/{number}", f"/page/{number}")
        html = self.html(number).replace("<img", "<br/><img").replace('alt="é">', 'alt="é"/>')
        texts = self.one(
            f"<summary>Résumé {number} &amp; suite</summary>"
            f'<content type="html">{self.wrapped(self.html(number))}</content>',
            f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{html}</div></content>',
            f'<summary type="html">{self.wrapped(self.html(number))}</summary>',
            f'<content type="html" xml:base="https://base.example/d/">{self.wrapped(self.html(number))}</content>',
        )
        parts = [
            self.one(f"<id>tag:journal.example,2024:{number}</id>", f"<id>/relative/{number}</id>"),
            self.one(
                f"<title>AT&amp;T {number}</title>", f'<title type="html">&lt;b&gt;Eau&lt;/b&gt; {number}</title>'
            ),
            f'<link href="{page}"/>',
            f'<link rel="enclosure" href="https://journal.example/{number}.mp3" type="audio/mpeg" length="9"/>',
            f"<updated>2024-03-{1 + number % 28:02}T10:00:00+01:00</updated>",
            self.maybe("<published>2024-02-01T00:00:00Z</published>"),
            self.maybe(
                "<author><name>Awa</name><email>a@j.example</email></author><author><name>Moussa</name></author>"
            ),
            self.maybe('<category term="eau" scheme="https://j.example/t" label="Eau"/>'),
            self.maybe("<rights>CC BY &lt;4&gt;</rights>"),
            texts,
        ]
        self.random.shuffle(parts)
        return f"<entry>{''.join(parts)}</entry>"


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("kind", ["rss", "rdf", "atom"])
def test_good_feeds_give_the_same_in_every_field(kind: str, seed: int) -> None:
    writer = _Writer(seed)
    if kind == "rss":
        feed = rss("".join(writer.rss_item(number) for number in range(12)))
    elif kind == "rdf":
        feed = rdf("".join(writer.rdf_item(number) for number in range(12)))
    else:
        feed = atom("".join(writer.atom_entry(number) for number in range(12)))
    assert is_well_formed(feed)
    own, _ = by_both(feed)
    assert len(own) == 12
    assert list(differences(feed)) == []
