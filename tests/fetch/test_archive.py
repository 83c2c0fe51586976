"""Web archives in a folder: read in order, in bounded memory, resumed where they were left."""

from __future__ import annotations

import gzip
import os
import tracemalloc
from collections.abc import Iterator, Mapping
from io import BytesIO
from itertools import islice
from pathlib import Path

import pytest

from feedwatch.clock import Clock
from feedwatch.fetch import folder as folder_module
from feedwatch.fetch.archive import ArchiveError, records, starts_record
from feedwatch.fetch.folder import FolderFetcher
from feedwatch.model import Document, Failed, Fetched, NotModified, Source, Validators
from tests.fakes import NOW
from tests.warcs import packed, page, record, response, text

URL = "https://a.example/"
RECORDS = [response(f"{URL}{number}", page(number)) for number in range(6)]


def documents(folder: Path, known: Mapping[str, Validators] | None = None) -> Iterator[Fetched]:
    source = Source(id="s", kind="folder", locator=str(folder), title="S", interval_s=60)
    return FolderFetcher(Clock(NOW)).fetch(source, known or {})


def urls(fetched: Iterator[Fetched]) -> list[str]:
    return [(each.url or "").removeprefix(URL) for each in fetched if isinstance(each, Document)]


def write(folder: Path, data: bytes, name: str = "a.warc.gz", *, at: int = 1_000) -> None:
    path = folder / name
    path.write_bytes(data)
    os.utime(path, (at, at))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.warc", b"".join(RECORDS)),
        ("a.warc.gz", packed(*RECORDS)),
        ("A.WARC.GZ", packed(*RECORDS)),
        ("a.warc.gz", gzip.compress(b"".join(RECORDS))),
    ],
    ids=["plain", "gzipped", "capitals", "gzipped as a whole"],
)
def test_every_page_of_an_archive_is_a_document(tmp_path: Path, name: str, data: bytes) -> None:
    write(tmp_path, data, name)
    found = [each for each in documents(tmp_path) if isinstance(each, Document)]
    assert [each.url for each in found] == [f"{URL}{number}" for number in range(6)]
    assert found[2].body == page(2)
    assert (found[2].media_type, found[2].charset, found[2].container) == ("text/html", "utf-8", name)
    assert len({each.locator for each in found}) == 6
    last = found[-1].validators
    assert (last.size_bytes, last.read_bytes) == (len(data), None)


def test_the_texts_of_a_wet_file_are_documents(tmp_path: Path) -> None:
    write(tmp_path, packed(text(f"{URL}1", "Un titre\nUn texte."), text(f"{URL}2", "Autre")), "a.wet.gz")
    found = [each for each in documents(tmp_path) if isinstance(each, Document)]
    assert [(each.url, each.media_type) for each in found] == [(f"{URL}1", "text/plain"), (f"{URL}2", "text/plain")]


def test_what_is_no_page_is_passed_over(tmp_path: Path) -> None:
    write(
        tmp_path,
        packed(
            record("warcinfo", "", b"software: x", "application/warc-fields"),
            record("request", f"{URL}r", b"GET / HTTP/1.1\r\n\r\n", "application/http; msgtype=request"),
            response(f"{URL}missing", page(0), status=404),
            response(f"{URL}picture", b"\x89PNG", media_type="image/png"),
            response("ftp://a.example/x", page(0)),
            response(f"{URL}feed", b"<rss/>", media_type="application/rss+xml"),
        ),
    )
    assert urls(documents(tmp_path)) == ["feed"]


def test_an_archive_that_was_read_is_not_opened_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, packed(*RECORDS))
    *_, last = (each for each in documents(tmp_path) if isinstance(each, Document))
    monkeypatch.setattr(folder_module, "records", None)
    assert list(documents(tmp_path, {"a.warc.gz": last.validators})) == []


@pytest.mark.parametrize("data", [packed(*RECORDS), b"".join(RECORDS)], ids=["gzipped", "plain"])
def test_reading_goes_on_behind_what_was_saved(tmp_path: Path, data: bytes) -> None:
    name = "a.warc.gz" if data.startswith(b"\x1f") else "a.warc"
    write(tmp_path, data, name)
    *_, third = (each for each in islice(documents(tmp_path), 3) if isinstance(each, Document))
    assert third.validators.read_bytes is not None
    assert urls(documents(tmp_path, {name: third.validators})) == ["3", "4", "5"]


def test_an_archive_gzipped_as_a_whole_has_no_such_place_and_is_read_anew(tmp_path: Path) -> None:
    write(tmp_path, gzip.compress(b"".join(RECORDS)))
    *_, third = (each for each in islice(documents(tmp_path), 3) if isinstance(each, Document))
    assert urls(documents(tmp_path, {"a.warc.gz": third.validators})) == list("012345")


def test_an_archive_that_grew_is_read_on_where_it_ended(tmp_path: Path) -> None:
    write(tmp_path, packed(*RECORDS[:4]))
    *_, last = (each for each in documents(tmp_path) if isinstance(each, Document))
    write(tmp_path, packed(*RECORDS), at=2_000)
    assert urls(documents(tmp_path, {"a.warc.gz": last.validators})) == ["4", "5"]


def test_another_archive_of_the_same_name_is_read_from_its_start(tmp_path: Path) -> None:
    write(tmp_path, packed(*RECORDS[:4]))
    *_, last = (each for each in documents(tmp_path) if isinstance(each, Document))
    write(tmp_path, packed(*RECORDS[::-1]), at=2_000)
    assert urls(documents(tmp_path, {"a.warc.gz": last.validators})) == list("543210")


def test_an_archive_without_any_page_is_remembered_too(tmp_path: Path) -> None:
    write(tmp_path, packed(response(f"{URL}missing", page(0), status=404)))
    (quiet,) = documents(tmp_path)
    assert isinstance(quiet, NotModified)
    assert quiet.validators is not None
    assert list(documents(tmp_path, {"a.warc.gz": quiet.validators})) == []


@pytest.mark.parametrize("damage", [b"garbage that is no record\r\n\r\n" * 50, b"WARC/1.0\r\nA: " + b"x" * 200_000])
def test_a_damaged_archive_keeps_what_came_before(tmp_path: Path, damage: bytes) -> None:
    write(tmp_path, b"".join(RECORDS[:3]) + damage, "a.warc")
    found = list(documents(tmp_path))
    assert urls(iter(found))[:2] == ["0", "1"]
    assert isinstance(found[-1], Failed)
    assert "damaged" in found[-1].message
    assert not any("x" * 100 in str(each) for each in found if isinstance(each, Failed))


@pytest.mark.parametrize("data", [b"", b"x" * 100_000, b"\x1f\x8b", gzip.compress(b"\0" * 1_000_000)])
def test_no_file_breaks_it(tmp_path: Path, data: bytes) -> None:
    write(tmp_path, data)
    assert urls(documents(tmp_path)) == []


def test_a_record_larger_than_a_document_may_be_is_left_out() -> None:
    data = packed(RECORDS[0], response(f"{URL}big", b"\0" * 50_000_000), RECORDS[1])
    found = list(records(BytesIO(data), 0, max_bytes=100_000))
    assert [each.url for each in found] == [f"{URL}0", f"{URL}1"]


def test_memory_does_not_grow_with_the_archive(tmp_path: Path) -> None:
    write(tmp_path, b"".join(response(f"{URL}{number}", page(number) * 50) for number in range(400)), "a.warc")
    size = (tmp_path / "a.warc").stat().st_size
    tracemalloc.start()
    count = sum(isinstance(each, Document) for each in documents(tmp_path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 400
    assert peak < size / 10


def test_without_the_library_the_cure_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, packed(*RECORDS))
    monkeypatch.setattr(folder_module, "can_read_archives", lambda: False)
    (failed,) = documents(tmp_path)
    assert isinstance(failed, Failed)
    assert "feedwatch[warc]" in failed.message


def test_a_place_within_a_record_is_no_start() -> None:
    data = packed(*RECORDS[:2])
    places = [each.place for each in records(BytesIO(data), 0, max_bytes=10_000_000)]
    assert [starts_record(BytesIO(data), place) for place in places] == [True, True]
    assert not any(starts_record(BytesIO(data), place) for place in (1, places[1] + 1, len(data)))
    with pytest.raises(ArchiveError):
        list(records(BytesIO(b"".join(RECORDS[:2])), 5, max_bytes=10_000_000))
