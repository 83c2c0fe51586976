"""The main job from end to end: documents in, feeds out, through the command line."""

from __future__ import annotations

import shutil
import sqlite3
import tomllib
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.desk import ROOT, Desk, sample_config
from tests.publish.feed_rules import validate_atom, validate_json, validate_opml, validate_rss
from tests.publish.test_validity import check_readers
from tests.webserver import WebServer, conditional

VALIDATORS: dict[str, Callable[[bytes], object]] = {
    ".atom": validate_atom,
    ".rss": validate_rss,
    ".json": validate_json,
    ".opml": validate_opml,
}
EXPECTED: dict[str, Any] = tomllib.loads((ROOT / "tests/data/seeds_expected.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The sample configuration after one run."""
    folder = tmp_path_factory.mktemp("sample")
    desk = Desk(folder, sample_config(folder))
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("FEEDWATCH_CONFIG", raising=False)
        result = desk.run("once")
    assert result.exit_code == 0, result.stderr
    return desk


@pytest.fixture(scope="module")
def titles(sample: Desk) -> dict[str, list[str]]:
    """The titles of each feed of the sample."""
    return {path.stem: sample.titles(path.stem) for path in (sample.folder / "feeds").glob("*.atom")}


@pytest.mark.parametrize("entry", EXPECTED["entry"], ids=lambda entry: f"{entry['file']}-{entry['title'][:30]}")
def test_every_sample_document_is_in_its_feeds_and_no_others(
    titles: dict[str, list[str]], entry: dict[str, Any]
) -> None:
    inside = [feed for feed in entry["feeds"] if entry["title"] in titles[feed]]
    astray = [feed for feed in entry["not_feeds"] if entry["title"] in titles[feed]]
    assert inside == entry["feeds"]
    assert astray == []


def test_nothing_but_the_expected_articles_comes_out(sample: Desk) -> None:
    expected = {entry["title"] for entry in EXPECTED["entry"]}
    kept = {title for damaged in EXPECTED["damaged"] for title in damaged.get("kept", [])}
    assert set(sample.titles("all")) - kept == expected


def test_every_feed_of_the_sample_is_valid_in_every_format(sample: Desk) -> None:
    files = sorted((sample.folder / "feeds").iterdir())
    assert {path.suffix for path in files} == {".atom", ".rss", ".json", ".html", ".opml"}
    for path in files:
        if path.suffix in VALIDATORS:
            VALIDATORS[path.suffix](path.read_bytes())


def test_three_readers_see_the_same_in_every_feed_of_the_sample(sample: Desk) -> None:
    for path in (sample.folder / "feeds").glob("*.atom"):
        data = path.read_bytes()
        check_readers(ElementTree.fromstring(data), data)  # noqa: S314 - our own bytes


def test_only_publishers_give_two_entries_the_same_moment(sample: Desk) -> None:
    for path in (sample.folder / "feeds").glob("*.atom"):
        found = Counter((entry.updated, "published" in entry) for entry in sample.feed(path.stem).entries)
        assert [each for each, count in found.items() if count > 1 and not each[1]] == [], path.name


def test_a_story_from_two_files_is_one_entry_that_names_both(sample: Desk) -> None:
    twice = [entry for entry in EXPECTED["entry"] if entry.get("also")]
    assert twice
    for entry in twice:
        found = [e for e in sample.feed("all").entries if e.title == entry["title"]]
        assert len(found) == 1
        vias = {link.href for link in found[0].links if link.rel == "via"}
        assert len(vias) == 1 + len(entry["also"])


def test_sidebar_headlines_are_nobodys_entry(sample: Desk) -> None:
    text = b"".join(sample.published().values()).decode()
    for furniture in ("spot_img", "LAISSER UN COMMENTAIRE", "LEAVE A REPLY", "Publicité", "Captcha", "captcha"):
        assert furniture not in text


def seeds_desk(folder: Path) -> Desk:
    """The sample documents under two rules and three questions, one of them about age."""
    (folder / "rules.toml").write_text(RULES, encoding="utf-8")
    config = ONE_FOLDER.replace('path = "files"', f'path = "{ROOT / "seeds"}"')
    return Desk(folder, config + '[[feeds]]\nid = "new"\ntitle = "New"\nwhere = "region:ne and age<1d"\n')


def test_damaged_files_are_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    desk = seeds_desk(tmp_path)
    result = desk.run("once")
    for damaged in EXPECTED["damaged"]:
        assert Path(damaged["file"]).name in result.stdout
    assert desk.run("once", "--strict").exit_code == 0
    assert len(desk.titles("all")) > 20


def test_a_second_run_changes_no_byte_and_a_strict_first_run_tells_of_damage(tmp_path: Path) -> None:
    desk = seeds_desk(tmp_path)
    assert desk.run("once", "--strict").exit_code == 1
    before = desk.published()
    stamps = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "feeds").glob("*.atom")}
    desk.now = "2026-03-02T15:30:00Z"
    assert desk.run("once", "--force").exit_code == 0
    changed = {name for name, data in desk.published().items() if data != before[name]}
    # Only questions that depend on age may differ a day later; same hour, same bytes.
    assert changed <= {"new.atom"}
    desk.now = "2026-03-02T15:59:59Z"
    kept = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "feeds").glob("*.atom")}
    assert desk.run("once", "--force").exit_code == 0
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "feeds").glob("*.atom")} == kept
    assert {name: stamp for name, stamp in kept.items() if name not in changed} == {
        name: stamp for name, stamp in stamps.items() if name not in changed
    }


def test_lost_and_spoiled_feed_files_are_written_again(tmp_path: Path) -> None:
    desk = seeds_desk(tmp_path)
    desk.run("once")
    before = desk.published()
    (tmp_path / "feeds" / "niger.atom").unlink()
    (tmp_path / "feeds" / "all.atom").write_bytes(b"spoiled")
    assert desk.run("regenerate").exit_code == 0
    assert desk.published() == before


def test_a_lost_store_gives_the_same_ids(tmp_path: Path) -> None:
    desk = seeds_desk(tmp_path)
    desk.run("once")
    before = {entry.title: entry.id for entry in desk.feed("all").entries}
    for path in tmp_path.glob("feedwatch.db*"):
        path.unlink()
    desk.now = "2026-06-01T00:00:00Z"
    desk.run("once")
    assert {entry.title: entry.id for entry in desk.feed("all").entries} == before


ONE_FOLDER = """
[feedwatch]
packs = ["rules.toml"]
[[sources]]
id = "files"
kind = "folder"
path = "files"
[[feeds]]
id = "niger"
title = "Niger"
where = "region:ne"
[[feeds]]
id = "all"
title = "All"
"""
RULES = """
[regions.ne]
name = "Niger"
code = "NE"
strong = ["Niamey"]
[topics.security]
name = "Security"
terms = ["attaque"]
"""


@pytest.fixture
def small(tmp_path: Path) -> Desk:
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    files = tmp_path / "files"
    files.mkdir()
    (files / "a.md").write_text("# Le marché de Niamey rouvre\n\nLes commerçants de Niamey sont contents.\n")
    (files / "b.md").write_text("# Pluies à Dosso\n\nLes pluies ont commencé dans la région de Dosso.\n")
    return Desk(tmp_path, ONE_FOLDER)


def test_a_changed_rule_judges_the_archive_again_and_keeps_ids_and_dates(small: Desk) -> None:
    assert small.run("once").exit_code == 0
    assert small.titles("niger") == ["Le marché de Niamey rouvre"]
    before = {e.title: (e.id, e.updated) for e in small.feed("all").entries}
    kept = (small.folder / "feeds" / "niger.atom").read_bytes()
    rules = small.folder / "rules.toml"
    rules.write_text(RULES.replace('"Niamey"', '"Niamey", "Dosso"'), encoding="utf-8")
    small.now = "2026-04-01T00:00:00Z"
    result = small.run("regenerate")
    assert "2 entries judged again" in result.stdout
    assert sorted(small.titles("niger")) == ["Le marché de Niamey rouvre", "Pluies à Dosso"]
    assert {e.title: (e.id, e.updated) for e in small.feed("all").entries} == before
    rules.write_text(RULES, encoding="utf-8")
    small.run("regenerate")
    assert (small.folder / "feeds" / "niger.atom").read_bytes().count(b"<entry") == 1
    assert kept.count(b"<entry") == 1


def test_an_edited_document_is_the_same_entry_updated_once(small: Desk) -> None:
    small.run("once")
    before = {e.title: (e.id, e.updated) for e in small.feed("all").entries}
    path = small.folder / "files" / "b.md"
    path.write_text("# Pluies à Dosso\n\nLes pluies ont cessé dans la région de Dosso.\n")
    small.now = "2026-03-03T00:00:00Z"
    small.run("once")
    after = {e.title: (e.id, e.updated) for e in small.feed("all").entries}
    assert after["Le marché de Niamey rouvre"] == before["Le marché de Niamey rouvre"]
    its_id, updated = after["Pluies à Dosso"]
    assert (its_id, updated[:19]) == (before["Pluies à Dosso"][0], "2026-03-03T00:00:00")
    small.now = "2026-03-04T00:00:00Z"
    small.run("once")
    assert {e.title: (e.id, e.updated) for e in small.feed("all").entries} == after


def test_a_removed_document_stays_in_the_archive(small: Desk) -> None:
    small.run("once")
    (small.folder / "files" / "b.md").unlink()
    small.run("once")
    assert "Pluies à Dosso" in small.titles("all")


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("empty.txt", b"", "is empty"),
        ("blank.md", b" \n \n", "is empty"),
        ("binary.txt", bytes(range(256)) * 20, "is not text"),
        ("broken.xml", b"<rss><channel><item><title>half", "read leniently: line 1"),
        ("letter.xml", b"<?xml version='1.0'?><letter>Dear reader</letter>", "feed"),
        ("no-text.html", b"<html><head><title></title></head><body><img src=x></body></html>", "no text found"),
        ("book.pdf", b"%PDF-1.7", ".pdf"),
    ],
)
def test_a_bad_document_is_named_and_harms_no_other(small: Desk, name: str, data: bytes, message: str) -> None:
    (small.folder / "files" / name).write_bytes(data)
    result = small.run("once")
    assert result.exit_code == 0
    problems = result.stdout.partition("Read with problems")[2].partition("Feeds")[0]
    assert message in problems
    assert name in problems or name == "book.pdf"
    assert len(small.titles("all")) == 2
    assert small.run("once", "--force").exit_code == 0


def test_damaged_documents_stay_visible_in_the_status(small: Desk) -> None:
    (small.folder / "files" / "empty.txt").write_bytes(b"")
    small.run("once")
    small.run("once")
    assert "1 document could not be read" in small.run("status").stdout


def test_an_undeclared_legacy_encoding_is_read(small: Desk) -> None:
    text = "Un “texte” sans déclaration\n\nÉcrit naguère à Niamey, il cite l’armée et l’État du pays.\n"
    (small.folder / "files" / "latin.txt").write_bytes(text.encode("cp1252"))
    small.run("once")
    assert "Un “texte” sans déclaration" in small.titles("niger")


def test_a_missing_folder_is_one_line_and_exit_code_3_when_it_was_all(small: Desk) -> None:
    shutil.rmtree(small.folder / "files")
    result = small.run("once")
    assert result.exit_code == 3
    assert "files" in result.stdout
    assert "Traceback" not in result.stdout + result.stderr


def test_an_unreachable_source_is_one_line_and_does_not_fail_the_run(small: Desk) -> None:
    small.edit(
        '[[feeds]]\nid = "niger"',
        '[[sources]]\nid = "dead"\nurl = "http://127.0.0.1:9/"\nallow_private = true\n[[feeds]]\nid = "niger"',
    )
    result = small.run("once")
    assert result.exit_code == 0
    assert [line for line in result.stdout.splitlines() if line.startswith("dead")]
    assert small.run("once", "--force", "--strict").exit_code == 1


def test_a_private_address_is_refused_unless_allowed(small: Desk) -> None:
    small.edit(
        '[[feeds]]\nid = "niger"', '[[sources]]\nid = "inner"\nurl = "http://127.0.0.1:9/"\n[[feeds]]\nid = "niger"'
    )
    result = small.run("once")
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("inner")]
    assert "allow_private" in line


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('where = "region:ne"', 'where = "region:nee"', "region:nee"),
        ('where = "region:ne"', 'where = "region:ne and"', "^"),
        ('kind = "folder"', 'kindd = "folder"', "did you mean 'kind'?"),
        ('id = "files"', 'id = "files"\nregion = "zz"', "no rule has the id 'zz'"),
        ('packs = ["rules.toml"]', 'packs = ["none.toml"]', "none.toml"),
    ],
)
def test_a_wrong_configuration_is_refused_with_its_line_and_touches_nothing(
    small: Desk, old: str, new: str, message: str
) -> None:
    small.edit(old, new)
    result = small.run("once")
    assert result.exit_code == 2
    assert message in result.stderr
    assert "config.toml" in result.stderr
    assert not (small.folder / "feedwatch.db").exists()
    assert small.run("check").exit_code == 2


def test_a_fault_in_a_rule_file_names_that_file(small: Desk) -> None:
    (small.folder / "rules.toml").write_text('[regions.ne]\nname = "Niger"\nstrnog = ["Niamey"]\n')
    result = small.run("check")
    assert result.exit_code == 2
    assert "rules.toml:3" in result.stderr
    assert "did you mean 'strong'?" in result.stderr


def test_nothing_is_stored_twice(small: Desk) -> None:
    for _ in range(3):
        small.run("once", "--force")
    with closing(sqlite3.connect(small.folder / "feedwatch.db")) as db:
        assert db.execute("select count(*) from articles").fetchone() == (2,)


def test_a_feed_over_http_is_asked_politely_and_read_once(small: Desk) -> None:
    body = (
        b"<rss version='2.0'><channel><title>Radio</title><item><guid isPermaLink='false'>1</guid>"
        b"<title>March\xc3\xa9 de Niamey</title><link>http://radio.example/1</link></item></channel></rss>"
    )
    with WebServer() as server:
        url = server.script("/feed", conditional(body, etag='W/"7"'))
        small.edit(
            '[[feeds]]\nid = "niger"',
            f'[[sources]]\nid = "radio"\nurl = "{url}"\nallow_private = true\n[[feeds]]\nid = "niger"',
        )
        small.run("once")
        assert "Marché de Niamey" in small.titles("niger")
        before = small.published()
        assert "unchanged" in small.run("once", "--force").stdout
        assert len(server.requests) == 2
        assert server.requests[1].header("If-None-Match") == 'W/"7"'
        assert (server.requests[0].header("User-Agent") or "").startswith("feedwatch/")
        # Not due: nobody is asked.
        small.run("once")
        assert len(server.requests) == 2
    assert small.published() == before
