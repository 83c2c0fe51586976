"""Folders of mail and web archives from end to end."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from feedwatch import pipeline as pipeline_module
from feedwatch.ingest import BatchMaker
from feedwatch.store.opening import open_store
from tests.desk import Desk
from tests.warcs import packed, page, response, text

CONFIG = """
[feedwatch]
packs = ["rules.toml"]
[[sources]]
id = "files"
kind = "folder"
path = "files"
[[feeds]]
id = "all"
title = "All"
limit = 1000
"""
URL = "https://a.example/"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "rules.toml").write_text('[regions.ne]\nname = "Niger"\nstrong = ["Niamey"]\n', encoding="utf-8")
    (tmp_path / "files" / "deep").mkdir(parents=True)
    return Desk(tmp_path, CONFIG)


def write(desk: Desk, name: str, data: bytes, *, at: int = 1_000) -> None:
    path = desk.folder / "files" / name
    path.write_bytes(data)
    os.utime(path, (at, at))


def stored(desk: Desk) -> list[Any]:
    store = open_store("sqlite:///feedwatch.db", base_dir=desk.folder, read_only=True)
    try:
        return list(store.entries())
    finally:
        store.close()


def test_pages_of_an_archive_are_articles_with_their_addresses(desk: Desk) -> None:
    write(desk, "deep/a.warc.gz", packed(*(response(f"{URL}{number}", page(number)) for number in range(3))))
    assert desk.run("once", "--strict").exit_code == 0
    found = {entry.article.url: entry.article for entry in stored(desk)}
    assert set(found) == {f"{URL}{number}" for number in range(3)}
    assert found[f"{URL}1"].title == "Le marché numéro 1 rouvre ses portes"
    assert "La phrase 5" in found[f"{URL}1"].body
    before = desk.published()
    desk.run("once", "--strict")
    assert desk.published() == before


def test_a_wall_in_an_archive_is_named_and_no_entry(desk: Desk) -> None:
    wall = b"<html><head><title>Page introuvable</title></head><body><h1>Page introuvable</h1></body></html>"
    write(desk, "deep/a.warc.gz", packed(response(f"{URL}1", page(1)), response(f"{URL}2", wall)))
    found = desk.run("once")
    assert [entry.article.url for entry in stored(desk)] == [f"{URL}1"]
    assert "says that there is no such page" in found.stdout + found.stderr


def test_texts_of_an_archive_lose_their_furniture(desk: Desk) -> None:
    body = (
        "Accueil\nPolitique\nSport\nLe marché de Niamey rouvre\n"
        "Le marché central de Niamey a rouvert mardi matin après trois mois de travaux, a annoncé la mairie.\n"
        "Les vendeurs, installés au bord du fleuve depuis décembre, ont retrouvé leurs places dans la journée.\n"
        "LAISSER UN COMMENTAIRE\nVotre adresse ne sera pas publiée\n"
    )
    write(desk, "a.wet.gz", packed(text(f"{URL}1", body)))
    desk.run("once", "--strict")
    (entry,) = stored(desk)
    assert "trois mois de travaux" in entry.article.body
    assert "COMMENTAIRE" not in entry.article.body


def test_a_killed_run_goes_on_behind_the_last_saved_record(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline_module, "BATCH_DOCUMENTS", 4)
    write(desk, "a.warc.gz", packed(*(response(f"{URL}{number}", page(number)) for number in range(10))))
    judged: list[str] = []
    real = BatchMaker.make

    def killed(self: Any, source: Any, claim: Any, fetched: Any, *rest: Any) -> Any:
        judged.extend(each.url for each in fetched)
        if len(judged) == 8:
            raise KeyboardInterrupt
        return real(self, source, claim, fetched, *rest)

    monkeypatch.setattr(BatchMaker, "make", killed)
    desk.run("once")
    assert len(stored(desk)) == 4
    judged.clear()
    monkeypatch.setattr(BatchMaker, "make", real)
    seen: list[int] = []

    def counted(self: Any, source: Any, claim: Any, fetched: Any, *rest: Any) -> Any:
        seen.append(len(fetched))
        return real(self, source, claim, fetched, *rest)

    monkeypatch.setattr(BatchMaker, "make", counted)
    desk.run("once")
    assert sum(seen) == 6
    assert len(stored(desk)) == 10


def test_many_bad_records_are_told_in_bounds(desk: Desk) -> None:
    bad = [response(f"{URL}{number}", b'{"no": "feed"}', media_type="application/json") for number in range(300)]
    write(desk, "a.warc.gz", packed(*bad, response(f"{URL}good", page(1))))
    result = desk.run("once", "--json").json()["sources"][0]
    assert result["new"] == 1
    assert len(result["problems"]) <= 300
    store = open_store("sqlite:///feedwatch.db", base_dir=desk.folder, read_only=True)
    events = store.events(limit=10_000)
    store.close()
    assert 100 <= len(events) <= 310
    assert any("more troubles" in event.message for event in events)


def test_a_mail_message_is_an_entry(desk: Desk) -> None:
    message = (
        "From: Awa Diop <awa@journal.example>\r\nSubject: =?utf-8?q?Le_march=C3=A9_rouvre?=\r\n"
        "Date: Sat, 28 Feb 2026 10:00:00 +0100\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        "<p>À <b>Niamey</b>, le marché rouvre.</p><script>x()</script>"
    )
    write(desk, "deep/a.eml", message.encode())
    assert desk.run("once", "--strict").exit_code == 0
    (entry,) = stored(desk)
    assert (entry.article.title, entry.article.body) == ("Le marché rouvre", "À Niamey, le marché rouvre.")
    assert "script" not in entry.article.html
    assert [author.email for author in entry.article.authors] == ["awa@journal.example"]
    assert desk.run("explain", str(desk.folder / "files/deep/a.eml")).exit_code == 0


def test_a_removed_archive_leaves_its_entries(desk: Desk) -> None:
    write(desk, "a.warc.gz", packed(response(f"{URL}1", page(1))))
    desk.run("once")
    (desk.folder / "files" / "a.warc.gz").unlink()
    assert desk.run("once", "--strict").exit_code == 0
    assert len(stored(desk)) == 1
