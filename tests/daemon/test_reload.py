"""A changed configuration comes into force whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from feedwatch import pipeline
from feedwatch.errors import FeedwatchError
from feedwatch.setup import load_setup
from tests.daemon.daemonkit import CONFIG, RULES, HandClock, Parts, eventually, parts, write_desk

FAULTS = [
    CONFIG.replace('title = "All"', "title = 3"),
    CONFIG.replace("topic:security", "topic:secrity"),
    CONFIG.replace('packs = ["rules.toml"]', 'packs = ["nowhere.toml"]'),
    CONFIG.replace('[server]\nlisten = "127.0.0.1:0"', '[store]\nurl = "sqlite:///other.db"'),
    CONFIG[: len(CONFIG) // 2],
    "",
    "\0\xff",
]


@pytest.fixture
def daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parts]:
    write_desk(tmp_path, documents=6)
    # Each reload makes a clock of its own; here all of them are one that is set by hand.
    clock = HandClock()
    monkeypatch.setattr("feedwatch.setup.Clock.from_env", lambda _env: clock)
    with parts(tmp_path, load_setup(tmp_path / "config.toml", {})) as found:
        found.settle()
        yield found


@pytest.mark.parametrize("text", FAULTS)
def test_a_fault_leaves_everything_as_it_was_and_is_shown(daemon: Parts, text: str) -> None:
    before, files = daemon.watch.app, daemon.feed("attacks")
    (daemon.folder / "config.toml").write_text(text)
    with pytest.raises(FeedwatchError):
        daemon.reloader.reload("test")
    assert daemon.watch.app is before
    assert daemon.swapped == []
    assert daemon.board.get().config_fault
    assert daemon.board.get().well
    daemon.settle()
    assert daemon.feed("attacks") == files
    (daemon.folder / "config.toml").write_text(CONFIG)
    daemon.reloader.reload("test")
    assert not daemon.board.get().config_fault


def test_fifty_reloads_poll_nothing_twice(daemon: Parts) -> None:
    for number in range(50):
        faulty = number % 2
        text = CONFIG.replace('"All"', f'"All {number}"')
        (daemon.folder / "config.toml").write_text(text + ("surplus = 1\n" if faulty else ""))
        daemon.reloader.look()
        daemon.reloader.look()
        daemon.watch.claim()
        assert daemon.watch.engine.drain(20)
        assert bool(daemon.board.get().config_fault) == bool(faulty)
    assert len(daemon.swapped) == 25
    (claim,) = daemon.watch.app.claim(1, ["files"], force=True)
    assert claim.token == 2


def test_new_documents_are_judged_by_the_new_rules_at_once(daemon: Parts) -> None:
    (daemon.folder / "rules.toml").write_text(RULES.replace("attaque", "famine"))
    daemon.reloader.reload_if_changed()
    (daemon.folder / "files" / "new.md").write_text("# Famine au Sahel\n\nUne famine menace la région.\n")
    app = daemon.watch.app
    daemon.watch.poll(app.claim(1, ["files"], force=True), lambda _outcome: None)
    labels = {entry.article.title: [label.rule for label in entry.labels] for entry in app.store.entries(limit=99)}
    assert labels["Famine au Sahel"] == ["security"]
    # The archive waits for its turn, and the feed for the archive.
    assert labels["Attaque 0"] == ["security"]
    daemon.watch.publish()
    assert "Famine" not in daemon.feed("attacks")
    assert "Attaque 0" in daemon.feed("attacks")
    daemon.rejudging.start()
    assert eventually(lambda: app.pipeline.count_unjudged() == 0 and not daemon.board.get().to_rejudge)
    daemon.rejudging.stop()
    daemon.watch.publish_changes()
    assert "Famine au Sahel" in daemon.feed("attacks")
    assert "Attaque 0" not in daemon.feed("attacks")


def test_a_feed_is_swapped_when_its_range_is_judged(daemon: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "REJUDGE_ENTRIES", 2)
    monkeypatch.setattr("feedwatch.compose._LEAST_WINDOW", 1)
    monkeypatch.setattr("feedwatch.compose._MEMBERS_PER_ENTRY", 1)
    text = CONFIG.replace('title = "All"', 'title = "All"\nlimit = 2')
    (daemon.folder / "config.toml").write_text(text)
    daemon.reloader.reload("test")
    daemon.watch.app.setup.clock.move(hours=2)  # type: ignore[attr-defined]  # see the fixture
    for number in range(6, 8):
        (daemon.folder / "files" / f"{number}.md").write_text(f"# Attaque {number}\n\nUne attaque de plus, {number}.\n")
    daemon.settle()
    (daemon.folder / "rules.toml").write_text(RULES.replace("attaque", "rien"))
    daemon.reloader.reload("test")
    work = daemon.watch.app.pipeline
    assert work.rejudge_some() == 2
    before = daemon.feed("all")
    (daemon.folder / "feeds" / "all.atom").unlink()
    daemon.watch.publish()
    # The two newest are judged: that is all that the short feed shows; the long one still shows the old rules.
    assert daemon.feed("all") == before
    assert daemon.feed("attacks").count("<entry") == 8
    while work.rejudge_some():
        daemon.watch.publish()
        assert daemon.feed("attacks").count("<entry") in {0, 8}
    daemon.watch.publish()
    assert daemon.feed("attacks").count("<entry") == 0


def test_a_source_that_left_is_not_read_any_more(daemon: Parts) -> None:
    other = CONFIG.replace('id = "files"', 'id = "others"')
    claims = daemon.watch.app.claim(1, ["files"], force=True)
    (daemon.folder / "config.toml").write_text(other)
    daemon.reloader.reload("test")
    seen: list[str] = []
    daemon.watch.poll(claims, lambda outcome: seen.append(outcome.result))
    assert seen == ["unchanged"]


def test_what_takes_effect_at_the_next_start_only_is_named(daemon: Parts) -> None:
    (daemon.folder / "config.toml").write_text(
        CONFIG.replace("127.0.0.1:0", "127.0.0.1:1") + "[polling]\nworkers = 3\n"
    )
    daemon.reloader.reload("test")
    assert daemon.board.get().at_next_start == ("server.listen", "polling.workers")
    (daemon.folder / "config.toml").write_text(CONFIG)
    daemon.reloader.reload("test")
    assert daemon.board.get().at_next_start == ()
