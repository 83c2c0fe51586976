from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from feedwatch.errors import ParseError
from feedwatch.model import Category, Person
from feedwatch.parse.markdown import MAX_CHARS, read_markdown


def test_front_matter_and_first_heading_are_read_and_left_out_of_the_content() -> None:
    item = read_markdown(
        '---\ntitle: "Eau & feu"\ndate: 2024-03-05\nlang: fr\nurl: https://journal.example/1\nauthor: Awa\n'
        "tags:\n  - eau\n  - feu\nsummary: Un résumé\nodd line\n---\n\n# Eau & feu\n\nUn *mot*.\n",
        url=None,
        locator="a.md",
    )
    assert (item.title, item.content) == ("Eau &amp; feu", "<p>Un <em>mot</em>.</p>")
    assert item.published_at == datetime(2024, 3, 5, tzinfo=UTC)
    assert (item.language, item.link, item.summary) == ("fr", "https://journal.example/1", "Un résumé")
    assert item.authors == (Person(name="Awa"),)
    assert item.categories == (Category(term="eau"), Category(term="feu"))


def test_without_front_matter_the_first_heading_is_the_title() -> None:
    item = read_markdown("# L'*eau* & le feu\n\n| a | b |\n|---|---|\n| 1 | 2 |\n", url=None, locator="a.md")
    assert item.title == "L'<em>eau</em> &amp; le feu"
    assert item.content.startswith("<table>")
    assert item.published_at is None


@pytest.mark.parametrize("tags", ["[eau, 'feu']", "eau, feu", '["eau", "feu"]'])
def test_tags_are_a_list_in_any_of_its_forms(tags: str) -> None:
    item = read_markdown(f"---\ntags: {tags}\n---\nx", url=None, locator="a.md")
    assert [category.term for category in item.categories] == ["eau", "feu"]


def test_a_rule_at_the_top_is_no_front_matter() -> None:
    assert read_markdown("---\nno end\n\nTexte", url=None, locator="a.md").content.endswith("<p>Texte</p>")


def test_a_heading_that_is_not_the_title_stays() -> None:
    item = read_markdown("---\ntitle: Autre\n---\n# Chapitre\n", url=None, locator="a.md")
    assert (item.title, item.content) == ("Autre", "<h1>Chapitre</h1>")


@pytest.mark.parametrize("piece", ["[", "![", "*a_", "`", "> ", "- ", "<", "[a](", "&"])
def test_hostile_repetitions_are_read_in_bounded_time(piece: str) -> None:
    start = time.process_time()
    read_markdown(piece * (20_000 // len(piece)), url=None, locator="a.md")
    assert time.process_time() - start < 3


def test_a_book_is_refused() -> None:
    with pytest.raises(ParseError, match="split it"):
        read_markdown("a" * (MAX_CHARS + 1), url=None, locator="a.md")
