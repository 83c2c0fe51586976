"""What a source allows to be shown of its texts holds in every feed, whatever the feed would show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import feedparser
import pytest

from feedwatch.app import reading
from feedwatch.setup import load_setup
from feedwatch.web.tokens import TokenFile
from tests.desk import Desk
from tests.fakes import NOW, rss, rss_item
from tests.web.sitekit import get, served

CONFIG = """
[feedwatch]
packs = []
[output]
formats = ["atom", "rss", "json", "html"]
[[sources]]
id = "agency"
kind = "folder"
path = "agency"
content = "link"
[[sources]]
id = "open"
kind = "folder"
path = "open"
[[feeds]]
id = "all"
title = "All"
limit = 5
[[feeds]]
id = "desk"
title = "The desk's own"
private = true
[[feeds]]
id = "daily"
title = "Day by day"
digest = "daily"
[[feeds]]
id = "ours"
title = "Of open sources"
where = "source:open"
[[feeds]]
id = "short"
title = "Short"
content = "link"
limit = 5
"""
TEXT = " ".join(f"mot{number}" for number in range(300))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Two sources with twelve long texts each; one page is in both."""
    monkeypatch.delenv("FEEDWATCH_CONFIG", raising=False)
    made = Desk(tmp_path, CONFIG)
    for source in ("agency", "open"):
        (tmp_path / source).mkdir()
        items = [
            rss_item(f"{source}{n}", f"Titre {source} {n}", f"{source.upper()} {TEXT} END{source.upper()}")
            for n in range(12)
        ]
        shared = rss_item("both", "Titre commun", f"COMMUN {TEXT}")
        (tmp_path / source / "a.xml").write_text(rss(*items, shared))
    assert made.run("once").exit_code == 0
    made.now = "2026-03-03T12:00:00Z"
    assert made.run("once").exit_code == 0
    return made


def files(desk: Desk) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (desk.folder / "feeds").iterdir()}


def feed_of(name: str) -> str:
    return name.partition(".")[0].partition("_")[0]


def told(desk: Desk, word: str) -> set[str]:
    """The files that hold a word: of a text's beginning, of its end, or of titles."""
    return {name for name, data in files(desk).items() if word.encode() in data}


def limit(desk: Desk, old: str, new: str) -> None:
    desk.edit(f'path = "agency"\n{old}', f'path = "agency"\n{new}')
    assert desk.run("once").exit_code == 0


def entries(desk: Desk, feed_id: str = "all") -> dict[str, str]:
    """The text of each entry by its title."""
    return {each.title: each.get("summary", "") for each in desk.feed(feed_id).entries}


def test_a_source_that_allows_links_is_linked_to_in_every_file(desk: Desk) -> None:
    assert told(desk, "AGENCY") == set()
    assert {feed_of(name) for name in told(desk, "COMMUN")} == {"ours"}
    assert {feed_of(name) for name in told(desk, "Titre agency")} == {"all", "desk", "daily", "short"}
    assert any("_archive-" in name for name in told(desk, "Titre agency"))
    # What others wrote is shown as before.
    assert {"all.atom", "all.rss", "all.json", "desk.atom"} <= told(desk, "ENDOPEN")
    assert {"daily.atom", "all.html"} <= told(desk, "OPEN")


def test_an_entry_of_several_sources_shows_what_the_strictest_allows(desk: Desk) -> None:
    found = entries(desk, "desk")
    assert "mot0" not in found["Titre commun"]
    assert "mot299" in found["Titre open 3"]
    # Where the feed has it from the other source alone, that one decides.
    assert "mot299" in entries(desk, "ours")["Titre commun"]


def test_the_stricter_of_feed_and_source_wins(desk: Desk) -> None:
    assert told(desk, "OPEN").isdisjoint({"short.atom", "short.json", "short.html"})
    limit(desk, 'content = "link"', 'content = "summary"')
    assert "mot0" in entries(desk, "desk")["Titre agency 3"]
    assert told(desk, "ENDAGENCY") == set()
    assert told(desk, "AGENCY").isdisjoint({"short.atom", "short.json", "short.html"})
    item = next(each for each in json.loads(files(desk)["desk.json"])["items"] if "agency" in each["title"])
    assert 400 < len(item["content_text"]) <= 500
    limit(desk, 'content = "summary"', 'content = "full"')
    assert {"all.atom", "all.rss", "all.json", "desk.atom"} <= told(desk, "ENDAGENCY")


def test_a_change_touches_the_feeds_concerned_and_gives_their_archives_new_names(desk: Desk) -> None:
    before = files(desk)
    first = feedparser.parse(before["all.atom"])
    limit(desk, 'content = "link"', "")
    after = files(desk)
    changed = {name for name in before.keys() & after.keys() if before[name] != after[name]}
    assert {feed_of(name) for name in changed} == {"all", "desk", "daily"}
    gone, new = before.keys() - after.keys(), after.keys() - before.keys()
    assert gone
    assert {feed_of(name) for name in gone | new} == {"all"}
    # An archive under an old name shows the same entries, with the same texts; only what it names may differ.
    for name in before.keys() & after.keys():
        if "_archive-" in name:
            assert [(each.id, each.summary) for each in feedparser.parse(before[name]).entries] == [
                (each.id, each.summary) for each in feedparser.parse(after[name]).entries
            ]
    second = feedparser.parse(after["all.atom"])
    assert second.feed.updated == first.feed.updated
    assert [(each.id, each.updated) for each in second.entries] == [(each.id, each.updated) for each in first.entries]
    setup = load_setup(desk.config, {"FEEDWATCH_NOW": desk.now})
    with reading(setup) as app:
        assert all(app.store.is_gone(name) for name in gone)
    limit(desk, "", 'content = "link"\n')
    assert files(desk) == before


def test_nothing_is_written_when_nothing_changed(desk: Desk) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in (desk.folder / "feeds").iterdir()}
    assert desk.run("once").exit_code == 0
    assert {path.name: path.stat().st_mtime_ns for path in (desk.folder / "feeds").iterdir()} == before


def test_it_holds_for_a_source_that_left_the_configuration(desk: Desk) -> None:
    agency = CONFIG.partition('[[sources]]\nid = "open"')[0].partition("[[sources]]")[2]
    desk.edit(f"[[sources]]{agency}", "")
    assert desk.run("regenerate").exit_code == 0
    assert told(desk, "AGENCY") == set()
    assert "Titre agency 3" in entries(desk, "desk")
    desk.now = "2026-03-04T12:00:00Z"
    (desk.folder / "feeds" / "all.atom").unlink()
    assert desk.run("once").exit_code == 0
    assert told(desk, "AGENCY") == set()


def test_answers_to_questions_obey_it(desk: Desk) -> None:
    setup = load_setup(desk.config, {"FEEDWATCH_NOW": desk.now})
    token = TokenFile(setup.config.server.tokens).add("maria", [], NOW)
    with reading(setup) as app, served(setup.config, {}, states=app.store.feed_states, asking=lambda: app) as server:
        answers: Mapping[str, bytes] = {
            f"{prefix}{ending}": get(f"{server.url}{prefix}feed.{ending}?where=%22titre%22").content
            for prefix in ("", f"t/{token}/")
            for ending in ("atom", "rss", "json")
        }
    for answer in answers.values():
        assert b"Titre agency" in answer
        assert b"AGENCY" not in answer
        assert b"COMMUN" not in answer
        assert b"mot299" in answer


def test_a_word_that_is_none_is_refused(desk: Desk) -> None:
    desk.edit('content = "link"\n[[sources]]', 'content = "nothing"\n[[sources]]')
    result = desk.run("check")
    assert result.exit_code == 2
    assert "full" in result.stdout + result.stderr


def test_a_source_that_is_taken_down_is_in_no_output_any_more(desk: Desk) -> None:
    limit(desk, 'content = "link"', 'content = "full"')
    before = files(desk)
    archives = {name for name in told(desk, "Titre agency") if "_archive-" in name}
    assert archives
    assert desk.run("hide", "source:agency").exit_code == 0
    assert told(desk, "agency") == told(desk, "AGENCY") == set()
    assert archives.isdisjoint(files(desk))
    assert files(desk)["ours.atom"] == before["ours.atom"]
    setup = load_setup(desk.config, {"FEEDWATCH_NOW": desk.now})
    with reading(setup) as app, served(setup.config, {}, states=app.store.feed_states, asking=lambda: app) as server:
        for ending in ("atom", "rss", "json"):
            answer = get(f"{server.url}feed.{ending}?where=%22titre%22").content
            assert b"OPEN" in answer
            assert b"agency" not in answer.lower()
        for name in archives:
            assert app.store.is_gone(name)
