"""A saved file of several articles, through the whole program."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedwatch.store.opening import open_store
from tests.desk import Desk, folder_desk

ARTICLE = """{title}

Par Afi Mensah | {day} mars 2025

La ville a ouvert lundi son {title}, destiné aux habitants de tous les quartiers, après deux ans de travaux.

Le ministère promet d’en ouvrir trois autres avant la fin de l’année, et d’y former vingt personnes des villages.

Les visites y sont gratuites pour tous les enfants de moins de cinq ans, a rappelé la directrice à la presse.
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return folder_desk(tmp_path)


def read(desk: Desk, now: str, *titles: str) -> dict[str, tuple[str, str]]:
    """Id and text of each entry by title, after the file was written and read."""
    text = "\n----------\n\n".join(ARTICLE.format(title=title, day=10 + place) for place, title in enumerate(titles))
    (desk.folder / "files" / "day.txt").write_text(text, encoding="utf-8")
    desk.now = now
    assert desk.run("once", "--force").exit_code == 0
    store = open_store("sqlite:///feedwatch.db", base_dir=desk.folder, read_only=True)
    try:
        return {entry.article.title: (entry.article.id, entry.article.body) for entry in store.entries()}
    finally:
        store.close()


def test_each_article_is_an_entry_that_keeps_its_id_when_the_file_grows(desk: Desk) -> None:
    market, library, museum = (
        "Nouveau grand marché couvert",
        "Bibliothèque du quartier nord",
        "Musée des arts du fleuve",
    )
    first = read(desk, "2026-03-01T12:00:00Z", market, library)
    assert set(first) == {market, library}
    assert market not in first[library][1]
    assert "Afi Mensah" not in first[market][1]
    assert first[market][1].count("\n\n") == 2
    second = read(desk, "2026-03-01T13:00:00Z", museum, library, market)
    assert set(second) == {market, library, museum}
    assert {title: second[title][0] for title in first} == {title: first[title][0] for title in first}


def test_each_article_has_the_day_of_its_own_byline(desk: Desk) -> None:
    read(desk, "2026-03-01T12:00:00Z", "Nouveau grand marché couvert", "Bibliothèque du quartier nord")
    store = open_store("sqlite:///feedwatch.db", base_dir=desk.folder, read_only=True)
    try:
        articles = [entry.article for entry in store.entries()]
    finally:
        store.close()
    assert {str(article.published_at)[:10] for article in articles} == {"2025-03-10", "2025-03-11"}
    assert all(dict(article.provenance)["published"] == "byline" for article in articles)


def test_explain_shows_each_article(desk: Desk) -> None:
    read(desk, "2026-03-01T12:00:00Z", "Nouveau grand marché couvert", "Bibliothèque du quartier nord")
    said = desk.run("explain", str(desk.folder / "files" / "day.txt")).stdout
    assert "Nouveau grand marché couvert" in said
    assert "Bibliothèque du quartier nord" in said


def test_a_source_that_is_tried_shows_each_article_of_a_file(desk: Desk) -> None:
    titles = ("Nouveau grand marché couvert", "Bibliothèque du quartier nord")
    text = "\n----------\n\n".join(ARTICLE.format(title=title, day=10 + place) for place, title in enumerate(titles))
    (desk.folder / "files" / "day.txt").write_text(text, encoding="utf-8")
    shown = desk.run("sources", "test", "files")
    assert shown.exit_code == 0
    assert all(title in shown.stdout for title in titles)
    (document,) = desk.run("sources", "test", "files", "--json").json()
    assert [item["title"] for item in document["items"]] == list(titles)
