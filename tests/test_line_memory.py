"""A source of scraped texts or saved pages learns its own furniture."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from feedwatch.store.opening import open_store
from feedwatch.store.sql import SqlStore
from tests.desk import Desk, folder_desk

BOX = "La rédaction vous propose chaque matin un regard différent sur la ville."
PAGE = """Le pont numéro {number} de la ville est enfin ouvert

Le conseil municipal a voté mardi soir les crédits du pont {number}, après six heures de débats parfois vifs.

{box}

Le maire a défendu la hausse, que l’opposition juge trop faible pour les {number} quartiers du nord de la ville.
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return folder_desk(tmp_path)


def write(desk: Desk, number: int, *, box: str = BOX, more: str = "") -> None:
    text = PAGE.format(number=number, box=box) + more
    (desk.folder / "files" / f"{number}.txt").write_text(text, encoding="utf-8")


def bodies(desk: Desk) -> dict[str, str]:
    store = open_store("sqlite:///feedwatch.db", base_dir=desk.folder, read_only=True)
    try:
        return {entry.article.guid: entry.article.body for entry in store.entries()}
    finally:
        store.close()


def counts(desk: Desk) -> list[int]:
    with closing(sqlite3.connect(desk.folder / "feedwatch.db")) as db:
        return sorted((row[0] for row in db.execute("SELECT documents FROM lines")), reverse=True)


def read(desk: Desk, now: str = "2026-03-01T12:00:00Z") -> None:
    desk.now = now
    assert desk.run("once", "--force").exit_code == 0


def test_a_folder_read_at_once_knows_its_furniture(desk: Desk) -> None:
    for number in range(2, 8):
        write(desk, number)
    read(desk)
    assert len(bodies(desk)) == 6
    assert not any(BOX in body for body in bodies(desk).values())
    assert counts(desk)[:3] == [6, 6, 1]


def test_a_later_file_profits_from_those_before(desk: Desk) -> None:
    for number in range(2, 5):
        write(desk, number)
    read(desk)
    assert all(BOX in body for body in bodies(desk).values())
    write(desk, 5)
    read(desk, "2026-03-01T13:00:00Z")
    assert sorted(BOX in body for body in bodies(desk).values()) == [False, True, True, True]


def test_a_file_that_changes_counts_once(desk: Desk) -> None:
    for number in range(2, 8):
        write(desk, number)
    read(desk)
    write(desk, 3, more="\n\nLe chantier du pont a duré trois ans et coûté deux milliards de francs.\n")
    read(desk, "2026-03-01T13:00:00Z")
    assert counts(desk)[:3] == [6, 6, 1]
    changed = next(body for body in bodies(desk).values() if "chantier" in body)
    assert BOX not in changed


def test_a_run_that_changes_nothing_and_other_sources_read_no_memory(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[str] = []
    real: Callable[[SqlStore, str], object] = SqlStore.lines

    def watched(store: SqlStore, source_id: str) -> object:
        reads.append(source_id)
        return real(store, source_id)

    monkeypatch.setattr(SqlStore, "lines", watched)
    write(desk, 2)
    read(desk)
    assert reads == ["files"]
    read(desk, "2026-03-01T13:00:00Z")
    (desk.folder / "files" / "note.md").write_text("# A note\n\nNothing but a note.\n", encoding="utf-8")
    read(desk, "2026-03-01T14:00:00Z")
    assert reads == ["files"]
    assert len(bodies(desk)) == 2


def test_a_trial_of_the_source_reads_with_its_memory(desk: Desk) -> None:
    box = "La rédaction de Cotonou vous propose chaque matin un regard différent sur la ville."
    for number in range(2, 8):
        write(desk, number, box=box)
    tried = desk.run("sources", "test", "files", "--json").json()
    assert all(item["labels"] for trial in tried for item in trial["items"])
    read(desk)
    tried = desk.run("sources", "test", "files", "--json").json()
    assert len(tried) == 6
    assert not any(item["labels"] for trial in tried for item in trial["items"])


# --- saved pages ------------------------------------------------------------------------------------


HTML_PAGE = """<html lang="fr"><body><h1>Le pont numéro {number} de la ville est enfin ouvert</h1><article>
<p>Le conseil municipal a voté mardi soir les crédits du pont {number}, après six heures de débats parfois vifs.</p>
<p>{box}</p>
<p>Le maire a défendu la hausse, que l’opposition juge trop faible pour les {number} quartiers du nord de la ville.</p>
<p>Le chantier du pont {number} a duré trois ans, coûté deux milliards de francs et occupé trois cents ouvriers.</p>
</article></body></html>"""


def save_page(desk: Desk, number: int, *, more: str = "") -> Path:
    path = desk.folder / "files" / f"{number:02}.html"
    path.write_text(HTML_PAGE.format(number=number, box=BOX) + more, encoding="utf-8")
    return path


def test_saved_pages_learn_from_those_before_and_the_first_keep_what_they_say(desk: Desk) -> None:
    for number in range(2, 10):
        save_page(desk, number)
    read(desk)
    kept = [BOX in body for _, body in sorted(bodies(desk).items())]
    assert kept == [True] * 4 + [False] * 4
    # Lines that are cut are counted on: they are as common as before.
    assert counts(desk)[:3] == [8, 8, 1]


def test_a_saved_page_that_changes_counts_once(desk: Desk) -> None:
    for number in range(2, 8):
        save_page(desk, number)
    read(desk)
    save_page(desk, 2, more="<p>Le pont a été béni par le curé et par l’imam de la ville, devant mille curieux.</p>")
    read(desk, "2026-03-01T13:00:00Z")
    assert counts(desk)[:3] == [6, 6, 1]


@pytest.mark.parametrize("kind", ["txt", "html"])
def test_an_explanation_says_which_lines_the_memory_removed(desk: Desk, kind: str) -> None:
    for number in range(2, 10):
        write(desk, number) if kind == "txt" else save_page(desk, number)
    path = str(desk.folder / "files" / ("9.txt" if kind == "txt" else "09.html"))
    alone = desk.run("explain", path, "--source", "files")
    assert alone.exit_code == 0
    assert "removed" not in alone.stdout
    assert not alone.stderr
    read(desk)
    shown = desk.run("explain", path, "--source", "files")
    assert f"removed, as other documents of the source have it: {BOX}" in shown.stdout
    (item,) = desk.run("explain", path, "--source", "files", "--json").json()["items"]
    assert item["removed"] == [BOX]
    assert BOX in item["article"]["tail"]
    assert "removed" not in desk.run("explain", path).stdout


def test_the_store_keeps_which_lines_were_removed(desk: Desk) -> None:
    for number in range(2, 10):
        save_page(desk, number)
    read(desk)
    store = open_store("sqlite:///feedwatch.db", base_dir=desk.folder, read_only=True)
    try:
        articles = [entry.article for entry in store.entries()]
    finally:
        store.close()
    removed = [article for article in articles if dict(article.provenance).get("repeated") == BOX]
    assert len(removed) == 4
    assert all(article.tail == BOX and BOX not in article.html for article in removed)
