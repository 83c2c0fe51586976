"""Headlines beside a text as entries of their own, when the source wants them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from feedwatch.store.opening import open_store
from tests.desk import Desk

CONFIG = """
[feedwatch]
packs = ["rules.toml"]
[[sources]]
id = "files"
kind = "folder"
path = "files"
teasers = true
[[feeds]]
id = "all"
title = "All"
[[feeds]]
id = "benin"
title = "Benin"
where = 'tag:bénin'
"""
RULES = '[regions.bj]\nname = "Benin"\nstrong = ["Cotonou"]\n'
TEXT = (
    "Le conseil municipal a voté mardi soir le budget de la ville, après six heures de débats parfois vifs. Le maire a "
    "défendu la hausse des crédits de l’eau, que l’opposition juge trop faible. "
)
PAGE = """Logo
AccueilNewsVilleLe budget de la ville est voté

Le budget de la ville est voté

{text}

{text}

LAISSER UN COMMENTAIRE

S'il vous plaît entrez votre commentaire!
Bénin

Bénin: un nouveau marché ouvre ses portes à Cotonou

Niger

Niger : la récolte d’oignons s’annonce bonne dans le nord

Monde

{other}
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    (tmp_path / "files").mkdir()
    write(tmp_path, "a.txt", "Le fleuve monte de deux mètres en une semaine")
    return Desk(tmp_path, CONFIG)


def write(folder: Path, name: str, other: str) -> None:
    (folder / "files" / name).write_text(PAGE.format(text=TEXT, other=other), encoding="utf-8")


def entries(desk: Desk) -> dict[str, Any]:
    store = open_store("sqlite:///feedwatch.db", base_dir=desk.folder, read_only=True)
    try:
        return {entry.article.title: entry for entry in store.entries()}
    finally:
        store.close()


def test_each_headline_is_an_entry_without_text_and_its_label_a_tag(desk: Desk) -> None:
    desk.run("once")
    found = entries(desk)
    assert set(found) == {
        "Le budget de la ville est voté",
        "Bénin: un nouveau marché ouvre ses portes à Cotonou",
        "Niger : la récolte d’oignons s’annonce bonne dans le nord",
        "Le fleuve monte de deux mètres en une semaine",
    }
    one = found["Niger : la récolte d’oignons s’annonce bonne dans le nord"].article
    assert (one.body, one.html, one.tags, one.url) == ("", "", ("Niger",), None)
    assert desk.titles("benin") == ["Bénin: un nouveau marché ouvre ses portes à Cotonou"]


def test_the_same_headline_beside_another_text_is_the_same_entry(desk: Desk) -> None:
    desk.run("once")
    before = entries(desk)
    write(desk.folder, "b.txt", "Le nouveau stade accueille son premier match samedi")
    desk.now = "2026-03-02T12:00:00Z"
    desk.run("once")
    after = entries(desk)
    assert set(after) - set(before) == {"Le nouveau stade accueille son premier match samedi"}
    assert {title: entry.article.id for title, entry in after.items() if title in before} == {
        title: entry.article.id for title, entry in before.items()
    }


def test_without_the_setting_there_are_none(desk: Desk) -> None:
    desk.edit("teasers = true", "")
    desk.run("once")
    assert set(entries(desk)) == {"Le budget de la ville est voté"}


def test_nothing_changes_when_nothing_changed(desk: Desk) -> None:
    desk.run("once")
    before = desk.published()
    desk.now = "2026-03-01T12:30:00Z"
    desk.run("once")
    assert desk.published() == before


HTML = """<!doctype html><html><head><title>Le port est agrandi</title></head><body><nav><a href=/v>La ville</a></nav>
<main><h1>Le port est agrandi</h1><p>{text}</p><p>{text}</p></main>
<aside><h4>Bénin</h4><ul><li>
<a href="https://paper.example/marche">Un nouveau marché ouvre ses portes à Cotonou</a></li></ul>
<h4>Niger</h4><ul><li>
<a href="https://paper.example/oignons">La récolte d’oignons s’annonce bonne dans le nord</a></li></ul>
</aside></body></html>"""


def test_the_headlines_beside_a_saved_page_are_entries_too(desk: Desk) -> None:
    (desk.folder / "files" / "a.txt").unlink()
    (desk.folder / "files" / "page.html").write_text(HTML.format(text=TEXT), encoding="utf-8")
    desk.run("once")
    found = entries(desk)
    assert set(found) == {
        "Le port est agrandi",
        "Un nouveau marché ouvre ses portes à Cotonou",
        "La récolte d’oignons s’annonce bonne dans le nord",
    }
    one = found["Un nouveau marché ouvre ses portes à Cotonou"].article
    assert (one.body, one.tags, one.url) == ("", ("Bénin",), "https://paper.example/marche")
    assert "Cotonou" not in found["Le port est agrandi"].article.body
    assert desk.titles("benin") == ["Un nouveau marché ouvre ses portes à Cotonou"]


def test_without_the_setting_a_saved_page_is_one_entry(desk: Desk) -> None:
    (desk.folder / "files" / "a.txt").unlink()
    (desk.folder / "files" / "page.html").write_text(HTML.format(text=TEXT), encoding="utf-8")
    desk.edit("teasers = true", "")
    desk.run("once")
    assert set(entries(desk)) == {"Le port est agrandi"}
