from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from feedwatch.clock import Clock
from feedwatch.errors import FetchError
from feedwatch.fetch.folder import MEDIA_TYPES, FolderFetcher
from feedwatch.model import Document, Failed, Fetched, Gone, NotModified, Source, Validators


@pytest.fixture
def reader(clock: Clock) -> FolderFetcher:
    return FolderFetcher(clock, max_bytes=1000)


def look(
    reader: FolderFetcher, folder: Path, known: Mapping[str, Validators] | None = None, **changes: Any
) -> list[Fetched]:
    source = Source(id="seeds", kind="folder", locator=str(folder), title="Seeds", interval_s=60, **changes)
    return list(reader.fetch(source, known or {}))


def names(found: list[Fetched]) -> list[str]:
    return [fetched.locator for fetched in found]


def learn(found: list[Fetched]) -> dict[str, Validators]:
    return {one.locator: one.validators for one in found if isinstance(one, Document)}


def only(found: list[Fetched]) -> Fetched:
    (one,) = found
    return one


# --- what is read -----------------------------------------------------------------------------------


def test_a_file_becomes_a_document(reader: FolderFetcher, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    file = tmp_path / "sub" / "Zinder.TXT"
    file.write_bytes(b"Niger")
    status = file.stat()
    assert look(reader, tmp_path) == [
        Document(
            source_id="seeds",
            locator="sub/Zinder.TXT",
            url=None,
            body=b"Niger",
            media_type="text/plain",
            charset=None,
            fetched_at=datetime(2026, 1, 31, 12, tzinfo=UTC),
            validators=Validators(
                body_hash=hashlib.sha256(b"Niger").hexdigest(), size_bytes=5, modified_ns=status.st_mtime_ns
            ),
        )
    ]


@pytest.mark.parametrize(("suffix", "media_type"), sorted(MEDIA_TYPES.items()))
def test_the_ending_tells_the_media_type(reader: FolderFetcher, tmp_path: Path, suffix: str, media_type: str) -> None:
    (tmp_path / f"a.b{suffix}").write_bytes(b"x")
    found = only(look(reader, tmp_path))
    assert isinstance(found, Document)
    assert found.media_type == media_type


def test_files_come_in_the_order_of_their_paths(reader: FolderFetcher, tmp_path: Path) -> None:
    for name in ["z.txt", "a.txt", "m/b.txt", "m/a/c.txt", "B.txt", "é.txt"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert names(look(reader, tmp_path)) == ["B.txt", "a.txt", "m/a/c.txt", "m/b.txt", "z.txt", "é.txt"]


def test_hidden_files_and_folders_are_passed_over(reader: FolderFetcher, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "a.txt").write_bytes(b"x")
    (tmp_path / ".b.txt").write_bytes(b"x")
    assert look(reader, tmp_path) == []


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (("**/*",), ["a.txt", "b.html", "in/c.txt", "in/deep/d.txt"]),
        (("**",), ["a.txt", "b.html", "in/c.txt", "in/deep/d.txt"]),
        (("*.txt",), ["a.txt"]),
        (("**/*.txt",), ["a.txt", "in/c.txt", "in/deep/d.txt"]),
        (("in/*",), ["in/c.txt"]),
        (("in/**/*.txt",), ["in/c.txt", "in/deep/d.txt"]),
        (("*/deep/?.txt", "b.*"), ["b.html", "in/deep/d.txt"]),
        (("[ab].*",), ["a.txt", "b.html"]),
        (("none/*",), []),
    ],
)
def test_patterns_choose(reader: FolderFetcher, tmp_path: Path, patterns: tuple[str, ...], expected: list[str]) -> None:
    for name in ["a.txt", "b.html", "in/c.txt", "in/deep/d.txt"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert names(look(reader, tmp_path, patterns=patterns)) == expected


def test_documents_come_one_at_a_time(reader: FolderFetcher, tmp_path: Path) -> None:
    for name in ["a.txt", "b.txt"]:
        (tmp_path / name).write_bytes(b"x")
    source = Source(id="s", kind="folder", locator=str(tmp_path), title="s", interval_s=60)
    walk = reader.fetch(source, {})
    assert next(walk).locator == "a.txt"
    (tmp_path / "b.txt").write_bytes(b"written later")
    second = next(walk)
    assert isinstance(second, Document)
    assert second.body == b"written later"


# --- what changed -----------------------------------------------------------------------------------


def test_an_unchanged_file_yields_nothing(reader: FolderFetcher, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x")
    known = learn(look(reader, tmp_path))
    assert look(reader, tmp_path, known) == []


def test_a_changed_file_is_read_again(reader: FolderFetcher, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"x")
    known = learn(look(reader, tmp_path))
    file.write_bytes(b"longer")
    found = only(look(reader, tmp_path, known))
    assert isinstance(found, Document)
    assert found.body == b"longer"


def test_a_file_of_the_same_size_written_later_is_read_again(reader: FolderFetcher, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"x")
    known = learn(look(reader, tmp_path))
    file.write_bytes(b"y")
    os.utime(file, ns=(0, (known["a.txt"].modified_ns or 0) + 1))
    assert isinstance(only(look(reader, tmp_path, known)), Document)


def test_a_touched_file_is_not_modified_and_brings_its_new_time(reader: FolderFetcher, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"x")
    known = learn(look(reader, tmp_path))
    os.utime(file, ns=(0, 1_700_000_000_000_000_001))
    found = only(look(reader, tmp_path, known))
    assert isinstance(found, NotModified)
    assert found.validators is not None
    assert found.validators.modified_ns == 1_700_000_000_000_000_001
    assert found.validators.body_hash == known["a.txt"].body_hash
    assert look(reader, tmp_path, {"a.txt": found.validators}) == []


def test_vanished_files_are_gone_in_order_after_the_rest(reader: FolderFetcher, tmp_path: Path) -> None:
    (tmp_path / "m.txt").write_bytes(b"x")
    known = {name: Validators() for name in ["z.txt", "b/c.txt", "a.txt"]}
    assert look(reader, tmp_path, known)[1:] == [
        Gone(locator="a.txt"),
        Gone(locator="b/c.txt"),
        Gone(locator="z.txt"),
    ]


def test_a_file_that_can_no_longer_be_read_is_not_gone(reader: FolderFetcher, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"x")
    known = learn(look(reader, tmp_path))
    file.write_bytes(b"x" * 1001)
    assert isinstance(only(look(reader, tmp_path, known)), Failed)


# --- what cannot be read ----------------------------------------------------------------------------


def test_a_file_that_is_too_large_is_reported_and_the_rest_is_read(reader: FolderFetcher, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x" * 1001)
    (tmp_path / "b.txt").write_bytes(b"x" * 1000)
    first, second = look(reader, tmp_path)
    assert isinstance(first, Failed)
    assert (first.locator, first.reason) == ("a.txt", "too-large")
    assert isinstance(second, Document)


def test_kinds_that_are_not_read_are_counted_once_but_a_pages_companions_not(
    reader: FolderFetcher, tmp_path: Path
) -> None:
    for name in ["a.pdf", "b.pdf", "c.docx", "README", "page.html", "style.css", "photo.JPG"]:
        (tmp_path / name).write_bytes(b"x")
    page, note = look(reader, tmp_path)
    assert page.locator == "page.html"
    assert isinstance(note, Failed)
    assert (note.locator, note.reason) == (".", "unsupported")
    assert note.message.startswith("4 files not read (no ending: 1, .docx: 1, .pdf: 2)")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_the_right_to_read_is_reported(reader: FolderFetcher, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x")
    (tmp_path / "a.txt").chmod(0)
    found = only(look(reader, tmp_path))
    assert isinstance(found, Failed)
    assert found.reason == "unreadable"
    assert "may not be read" in found.message


def test_a_folder_that_cannot_be_listed_is_reported_and_its_files_are_not_gone(
    reader: FolderFetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "locked").mkdir()
    (tmp_path / "z.txt").write_bytes(b"x")
    scandir = os.scandir

    def refusing(path: Any) -> Any:
        if os.fspath(path).endswith("locked"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr("feedwatch.fetch.folder.os.scandir", refusing)
    found = look(reader, tmp_path, {"locked/a.txt": Validators(), "other/b.txt": Validators()})
    assert names(found) == ["locked/", "z.txt", "other/b.txt"]
    assert [type(one) for one in found] == [Failed, Document, Gone]


def test_a_file_that_never_stands_still_is_left_for_later(
    reader: FolderFetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"x")
    fstat = os.fstat

    def growing(descriptor: int) -> os.stat_result:
        status = fstat(descriptor)
        with file.open("ab") as more:
            more.write(b"y")
        return status

    monkeypatch.setattr("feedwatch.fetch.folder.os.fstat", growing)
    found = only(look(reader, tmp_path))
    assert isinstance(found, Failed)
    assert "being written" in found.message


def test_a_file_that_grew_after_the_first_look_is_read_whole_with_its_own_size(
    reader: FolderFetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"x")
    real = os.open

    def late(path: Any, flags: int, *rest: Any) -> int:
        file.write_bytes(b"x and more")
        return real(path, flags, *rest)

    monkeypatch.setattr("feedwatch.fetch.folder.os.open", late)
    found = only(look(reader, tmp_path))
    assert isinstance(found, Document)
    assert (found.body, found.validators.size_bytes) == (b"x and more", 10)


def test_a_file_that_vanishes_between_look_and_read_is_reported(
    reader: FolderFetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"x")
    real = os.open

    def late(path: Any, flags: int, *rest: Any) -> int:
        file.unlink()
        return real(path, flags, *rest)

    monkeypatch.setattr("feedwatch.fetch.folder.os.open", late)
    found = only(look(reader, tmp_path))
    assert isinstance(found, Failed)
    assert "no such file" in found.message


def test_pipes_are_not_opened(reader: FolderFetcher, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    assert look(reader, tmp_path) == []


def test_a_name_that_is_not_utf8_is_reported(reader: FolderFetcher, tmp_path: Path) -> None:
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/s\xe9curit\xe9.txt"))).write_bytes(b"x")
    found = only(look(reader, tmp_path))
    assert isinstance(found, Failed)
    assert "not UTF-8" in found.message
    found.locator.encode()


# --- links ------------------------------------------------------------------------------------------


def test_links_out_of_the_folder_are_reported_and_not_followed(reader: FolderFetcher, tmp_path: Path) -> None:
    folder, outside = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    outside.mkdir()
    (outside / "secret.txt").write_bytes(b"secret")
    (folder / "file.txt").symlink_to(outside / "secret.txt")
    (folder / "folder").symlink_to(outside)
    (folder / "up.txt").symlink_to("../out/secret.txt")
    found = look(reader, folder)
    assert names(found) == ["file.txt", "folder", "up.txt"]
    assert all(isinstance(one, Failed) and "link out of the folder" in one.message for one in found)


def test_links_within_the_folder_are_skipped_since_their_target_is_read(reader: FolderFetcher, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x")
    (tmp_path / "b.txt").symlink_to("a.txt")
    (tmp_path / "loop").symlink_to(".")
    assert names(look(reader, tmp_path)) == ["a.txt"]


def test_a_file_replaced_by_a_link_in_the_last_moment_is_not_followed(
    reader: FolderFetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, secret = tmp_path / "in", tmp_path / "secret.txt"
    folder.mkdir()
    secret.write_bytes(b"secret")
    file = folder / "a.txt"
    file.write_bytes(b"x")
    real = os.open

    def late(path: Any, flags: int, *rest: Any) -> int:
        file.unlink()
        file.symlink_to(secret)
        return real(path, flags, *rest)

    monkeypatch.setattr("feedwatch.fetch.folder.os.open", late)
    assert isinstance(only(look(reader, folder)), Failed)


def test_the_folder_itself_may_be_a_link(reader: FolderFetcher, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.txt").write_bytes(b"x")
    (tmp_path / "seeds").symlink_to("real")
    assert names(look(reader, tmp_path / "seeds")) == ["a.txt"]


# --- the folder as a whole --------------------------------------------------------------------------


def test_a_missing_folder_is_an_error_with_the_cure(reader: FolderFetcher, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="no such folder; create it") as caught:
        look(reader, tmp_path / "missing")
    assert caught.value.reason == "missing"


def test_a_file_in_place_of_the_folder_is_an_error(reader: FolderFetcher, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x")
    with pytest.raises(FetchError, match="not a folder") as caught:
        look(reader, tmp_path / "a.txt")
    assert caught.value.reason == "missing"


@pytest.mark.parametrize("locator", ["/nowhere\0", "/dev/null/x"])
def test_an_impossible_folder_is_an_error(reader: FolderFetcher, locator: str) -> None:
    with pytest.raises(FetchError) as caught:
        look(reader, Path(locator))
    assert caught.value.reason == "unreadable"


def test_a_second_look_at_a_thousand_unchanged_files_opens_none(
    reader: FolderFetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(1000):
        (tmp_path / f"{n}.txt").write_bytes(b"x")
    known = learn(look(reader, tmp_path))
    assert len(known) == 1000
    monkeypatch.delattr("feedwatch.fetch.folder.os.open")
    started = time.process_time()
    assert look(reader, tmp_path, known) == []
    assert time.process_time() - started < 0.5
