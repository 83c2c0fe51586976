from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from feedwatch.parse.page import read_page

SENTENCE = "Une phrase de l'article qui raconte ce qui s'est passé hier à Niamey. "
RELATED = "".join(
    f"<li><a href='/autres/{i}'>Une autre nouvelle importante du jour, la {i}e</a></li>" for i in range(12)
)
ARTICLE = f"""<!DOCTYPE html><html lang="fr-NE"><head><title>Le titre | Le Journal</title>
<link rel="canonical" href="https://journal.example/2024/titre">
<meta property="og:title" content="Le titre &amp; la suite"><meta property="og:site_name" content="Le Journal">
<meta property="og:image" content="/i/grande.jpg"><meta name="description" content="Le résumé">
<meta property="article:published_time" content="2024-03-05T10:00:00+01:00"><meta name="author" content="Awa Diop">
</head><body><nav><ul>{RELATED}</ul></nav><h1>Le titre</h1><div class="texte">{f"<p>{SENTENCE * 3}</p>" * 6}</div>
<aside><ul>{RELATED}</ul></aside><div class="suite"><ul>{RELATED}</ul></div></body></html>"""


def card(day: int) -> str:
    return f"""<article class="carte"><header><h2><a href="2024/{day}">Le conseil des ministres du {day} mars</a></h2>
    </header><img src="/i/{day}.jpg"><span class="date">{day} mars 2024</span>
    <p>En une phrase, ce que le conseil a décidé ce jour-là, le {day}.</p>
    <a href="2024/{day}">Lire la suite</a></article>"""


LISTING = f"""<html lang="fr"><head><title>Actualités</title></head><body>
<nav><ul>{"".join(f"<li><a href='/r/{i}'>Rubrique politique et société {i}</a></li>" for i in range(9))}</ul></nav>
<main>{"".join(card(day) for day in range(1, 9))}</main>
<footer><a href="/m">Les mentions légales du journal</a></footer>
</body></html>"""


def test_an_article_is_one_item_with_what_the_page_says_of_itself() -> None:
    (item,) = read_page(ARTICLE, url="https://journal.example/2024/titre?utm_source=x", locator="x").items
    assert item.shape == "page"
    assert item.title == "Le titre &amp; la suite"
    assert item.link == "https://journal.example/2024/titre"
    assert item.content == ARTICLE
    assert (item.summary, item.language) == ("Le résumé", "fr-NE")
    assert item.image == "https://journal.example/i/grande.jpg"
    assert item.published_at == datetime(2024, 3, 5, 9, tzinfo=UTC)
    assert [author.name for author in item.authors] == ["Awa Diop"]
    assert item.origin.title == "Le Journal"


def test_a_saved_page_takes_its_address_from_what_it_says() -> None:
    (item,) = read_page(ARTICLE, url=None, locator="saved.html").items
    assert item.link == "https://journal.example/2024/titre"
    assert item.base_url == "https://journal.example/2024/titre"
    assert item.image == "https://journal.example/i/grande.jpg"


def test_a_page_that_says_nothing_has_no_address() -> None:
    (item,) = read_page("<h1>Titre</h1><p>Texte</p>", url=None, locator="saved.html").items
    assert (item.title, item.link, item.base_url) == ("Titre", None, None)


@pytest.mark.parametrize(
    ("head", "site"),
    [
        ("<title>The long headline of the page</title>", None),
        ("<title>the long headline</title>", None),
        ("<title>The long headline of the page | The Valley</title>", "The Valley"),
        ("<title>The Valley – The long headline of the page</title>", "The Valley"),
        ("<title>The long headline of the page - News - The Valley</title>", "The Valley"),
        ("<title>The Valley</title>", "The Valley"),
        ("<title>Other words</title><meta property='og:site_name' content='The Valley'>", "The Valley"),
        ("", None),
    ],
)
def test_the_site_of_an_article_is_never_named_after_the_article(head: str, site: str | None) -> None:
    page = f"<head>{head}</head><body><h1>The long headline of the page</h1><p>{SENTENCE * 5}</p></body>"
    (item,) = read_page(page, url=None, locator="saved.html").items
    assert item.title == "The long headline of the page"
    assert item.origin.title == site


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title>Un titre - Le Journal</title>", "", "Un titre"),
        ("<title>Journal</title>", "<h1>Un  titre</h1>", "Un titre"),
        ("<title>Deux : un titre | J</title>", "<h1>Le Journal</h1><h1>b</h1>", "Deux : un titre"),
        ("<meta property='og:title' content='a &lt; b'>", "", "a &lt; b"),
        ("", "", ""),
    ],
)
def test_the_provisional_title_is_the_best_the_page_offers(head: str, body: str, title: str) -> None:
    (item,) = read_page(f"<html><head>{head}</head><body>{body}</body></html>", url=None, locator="x").items
    assert item.title == title


def test_a_canonical_address_that_is_only_the_home_page_is_not_believed() -> None:
    page = "<link rel='canonical' href='https://journal.example/'><p>Texte</p>"
    (item,) = read_page(page, url="https://journal.example/2024/titre", locator="x").items
    assert item.link == "https://journal.example/2024/titre"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd"])
def test_only_http_addresses_pass(address: str) -> None:
    page = (
        f"<base href='{address}'><link rel='canonical' href='{address}'><meta property='og:image' content='{address}'>"
    )
    (item,) = read_page(page, url=None, locator="x").items
    assert (item.link, item.base_url, item.image) == (None, None, None)


def test_a_listing_gives_a_teaser_for_each_headline() -> None:
    items = read_page(LISTING, url="https://journal.example/actu/", locator="x").items
    assert [item.shape for item in items] == ["teaser"] * 8
    first = items[0]
    assert (first.title, first.link) == ("Le conseil des ministres du 1 mars", "https://journal.example/actu/2024/1")
    assert first.summary == "En une phrase, ce que le conseil a décidé ce jour-là, le 1."
    assert first.published_at == datetime(2024, 3, 1, tzinfo=UTC)
    assert first.image == "https://journal.example/i/1.jpg"
    assert (first.language, first.content) == ("fr", "")
    assert [item.position for item in items] == list(range(8))


def test_a_bare_list_and_a_table_of_headlines_are_listings() -> None:
    table = "".join(
        f"<tr><td>0{i}/02/2024</td><td><a href='/a{i}'>Une nouvelle importante du jour numéro {i}</a></td></tr>"
        for i in range(1, 8)
    )
    for page in (f"<ul>{RELATED}</ul>", f"<table>{table}</table>"):
        items = read_page(page, url="https://journal.example/", locator="x").items
        assert {item.shape for item in items} == {"teaser"}
    assert items[2].published_at == datetime(2024, 2, 3, tzinfo=UTC)


def test_a_saved_listing_without_any_address_stays_a_page() -> None:
    assert [item.shape for item in read_page(LISTING, url=None, locator="x").items] == ["page"]


@pytest.mark.parametrize(
    "text", ["", "x", "<", "<p>", "<html>" * 5, "\x00", "<a href='http://[x'>" + "y " * 20 + "</a>"]
)
def test_any_text_is_at_least_a_page(text: str) -> None:
    assert [item.shape for item in read_page(text, url=None, locator="x").items] == ["page"]


def test_a_huge_page_of_links_is_read_in_bounded_time() -> None:
    page = "<div>" * 200 + "".join(
        f"<li><a href='/{i}'>Une nouvelle importante numéro {i}</a></li>" for i in range(7_000)
    )
    start = time.process_time()
    parsed = read_page(page, url="https://journal.example/", locator="x")
    assert time.process_time() - start < 10
    assert len(parsed.items) == 5_000
    assert "of 7000" in parsed.problems[0]


def test_a_section_of_a_small_paper_with_three_headlines_is_a_listing() -> None:
    page = f"<title>Sahel</title><h1>Sahel</h1>{''.join(card(day) for day in (1, 2, 3))}"
    items = read_page(page, url="https://journal.example/", locator="x").items
    assert [item.shape for item in items] == ["teaser"] * 3


def test_an_article_in_a_script_without_blanks_is_no_list_of_its_links() -> None:
    related = "".join(f"<li><a href='/2024/{i}.html'>乍得湖地区渔民抗议新的捕鱼规定第{i}次</a></li>" for i in range(12))
    sentence = "尼日尔军方周一表示，武装分子在该国西部袭击了一支巡逻队，造成至少十二名士兵死亡。"
    page = f"<h1>巡逻队遭袭</h1><div>{f'<p>{sentence}</p>' * 8}</div><div><ul>{related}</ul></div>"
    (item,) = read_page(page, url="https://news.example/2024/a.html", locator="x").items
    assert (item.shape, item.title) == ("page", "巡逻队遭袭")
    listed = read_page(f"<div><ul>{related}</ul></div>", url="https://news.example/", locator="x").items
    assert [item.shape for item in listed] == ["teaser"] * 12
