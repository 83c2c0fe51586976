from __future__ import annotations

import pytest

from feedwatch.extract.beside import MAX_TEASERS, beside, page_teasers
from feedwatch.extract.page import page_tree
from feedwatch.model import Teaser

URL = "https://news.example/a/kara"
HEADLINE = "Le marché de Kara rouvre après deux mois"


def teasers_of(html: str, url: str | None = URL) -> tuple[Teaser, ...]:
    tree = page_tree(f"<html><body>{html}</body></html>")
    assert tree is not None
    return page_teasers(tree, url)


@pytest.mark.parametrize(
    "markup",
    [
        "<aside><h4>Togo</h4><ul><li><a href=/a/marche>{}</a></li></ul></aside>",
        "<div><div class=box-title>Togo</div><div><h3><a href=/a/marche>{}</a></h3></div></div>",
        "<div><a class=category href=/togo>Togo</a> <a href=/a/marche>{}</a></div>",
        "<section><h2>Togo</h2><article><a href=/a/marche><h3>{}</h3><p>Avec les pluies.</p></a></article></section>",
    ],
)
def test_a_headline_has_its_address_and_the_label_above_it(markup: str) -> None:
    assert teasers_of(markup.format(HEADLINE)) == (
        Teaser(title=HEADLINE, url="https://news.example/a/marche", label="Togo"),
    )


def test_a_label_holds_for_its_own_box_only() -> None:
    found = teasers_of(
        "<div><section><h4>Togo</h4><p><a href=/a/1>La récolte de maïs est bonne cette année</a></p></section></div>"
        f"<div><section><p><a href=/a/2>{HEADLINE}</a></p></section></div>"
    )
    assert [one.label for one in found] == ["Togo", None]


@pytest.mark.parametrize(
    "markup",
    [
        "<nav><a href=/a/marche>{}</a></nav>",
        "<footer><a href=/a/marche>{}</a></footer>",
        "<div class=comments><a href=/a/marche>{}</a></div>",
        "<p>Comme nous l’écrivions la semaine dernière, <a href=/a/marche>{}</a>, et tous reviennent.</p>",
        f"<a href={URL}#top>{{}}</a>",
        "<a href=/>{}</a>",
        "<a href='#text'>{}</a>",
        "<a href='mailto:a@news.example'>{}</a>",
        "<a href=https://other.example/a/marche>{}</a>",
        "<a href=/author/awa>{}</a>",
    ],
)
def test_what_belongs_to_the_site_or_to_a_sentence_is_no_headline(markup: str) -> None:
    assert teasers_of(markup.format(HEADLINE)) == ()


def test_a_page_without_an_address_gives_headlines_without_one() -> None:
    assert teasers_of(f"<aside><a href=/a/marche>{HEADLINE}</a></aside>", None) == (Teaser(title=HEADLINE),)


def test_the_article_itself_and_what_its_text_says_are_not_beside_it() -> None:
    given = tuple(
        Teaser(title=title, label="Sous-titre") for title in ("Kara", HEADLINE, "Le stade ouvre samedi à Lomé")
    )
    body = f"Le maire parle.\n\nSous-titre\n\n« {HEADLINE} », dit-il."
    assert beside(given, "KARA", body) == (Teaser(title="Le stade ouvre samedi à Lomé"),)


def test_a_page_of_links_gives_so_many_headlines_and_each_once() -> None:
    links = "".join(f"<li><a href=/a/{n}>Le marché numéro {n} rouvre à Kara</a></li>" for n in range(500))
    assert len(teasers_of(links)) == MAX_TEASERS
    assert len(teasers_of(f"<a href=/a/1>{HEADLINE}</a><a href=/a/2>{HEADLINE}</a>")) == 1
