"""What sources besides feeds cost: a folder of many files, hostile listing pages, a web archive.

    python -m benchmarks.sources folder --files 100000
    python -m benchmarks.sources pages
    python -m benchmarks.sources archive --megabytes 200

CPU seconds of this process; each figure beside a baseline of the same run.
"""

from __future__ import annotations

import argparse
import gzip
import os
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from feedwatch.clock import Clock
from feedwatch.errors import ParseError
from feedwatch.fetch.folder import FolderFetcher
from feedwatch.ledger import Batch, DocumentState, SourceState
from feedwatch.model import Document, Source, Validators
from feedwatch.parse.page import read_listing
from feedwatch.soup import parse_html
from feedwatch.store.opening import open_store


def cpu_s(work: Callable[[], object], times: int = 3) -> float:
    """The least CPU time of several runs."""
    found = []
    for _ in range(times):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


@contextmanager
def told(name: str) -> Iterator[None]:
    start = time.process_time()
    yield
    print(f"{name}: {time.process_time() - start:.2f} s")


def walk_and_stat(folder: Path) -> int:
    """What any program must do at least: list the folders and look at each file."""
    count = 0
    stack = [str(folder)]
    while stack:
        with os.scandir(stack.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    stack.append(entry.path)
                else:
                    count += entry.stat(follow_symlinks=False).st_size >= 0
    return count


def folder(files: int) -> None:
    """A look at a folder in which nothing changed, with what the store remembers of it."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        for number in range(files):
            if number % 1000 == 0:
                (place / "docs" / f"{number // 1000:03}").mkdir(parents=True)
            (place / "docs" / f"{number // 1000:03}" / f"{number}.txt").write_text("Un titre\n\nUn texte.\n")
        source = Source(id="s", kind="folder", locator=str(place / "docs"), title="S", interval_s=60)
        fetcher, clock = FolderFetcher(Clock(None)), Clock(None)
        store = open_store("sqlite:///s.db", base_dir=place)
        store.begin([source], [], base_url="http://127.0.0.1/", now=clock.now())
        (claim,) = store.claim_due(now=clock.now(), limit=1, lease_s=600)
        with told(f"reading {files} files for the first time, without judging them"):
            states = [
                DocumentState(locator=each.locator, validators=each.validators)
                for each in fetcher.fetch(source, {})
                if isinstance(each, Document)
            ]
        end = SourceState(next_due_at=clock.now())
        store.save(Batch(claim=claim, now=clock.now(), judged_by="", documents=tuple(states), state=end))
        known = store.recall(["s"])["s"].validators
        assert list(fetcher.fetch(source, known)) == []
        least = cpu_s(lambda: walk_and_stat(place / "docs"))
        look = cpu_s(lambda: list(fetcher.fetch(source, known)))
        recall = cpu_s(lambda: store.recall(["s"])["s"])
        print(f"listing and stat alone: {least:.2f} s")
        print(f"a look at the unchanged folder: {look:.2f} s ({look / least:.1f} times as long)")
        print(f"recalling what is known of it: {recall:.2f} s; a whole poll: {look + recall:.2f} s")
        store.close()


def pages() -> None:
    """Pages that are made to cost time; the baseline is building the tree of the same page."""
    link = "<li><a href='/a/{0}'>Une nouvelle importante du jour numéro {0}</a></li>"
    shapes = {
        "a list of 100 articles": "<ul>" + "".join(link.format(n) for n in range(100)) + "</ul>",
        "a million links": "<ul>" + "".join(link.format(n) for n in range(1_000_000)) + "</ul>",
        "50 MB of one link": link.format(1) * (50_000_000 // 70),
        "100,000 nested tags": "<div>" * 100_000 + link.format(1),
        "invalid UTF-8": (b"<ul>" + b"\xff\xfe\x80" * 10_000_000).decode("utf-8", "replace"),
        "50 MB without a tag": "mot " * 12_500_000,
        "20,000 links in one another": "<a href='/x'>" * 20_000,
    }
    for name, page in shapes.items():
        start = time.process_time()
        parse_html(page)
        tree = time.process_time() - start
        start = time.process_time()
        try:
            found = len(read_listing(page, url="https://a.example/", locator="x", selectors=None).items)
        except ParseError:
            found = 0
        whole = time.process_time() - start
        print(f"{name}: {whole:.2f} s, {found} teasers (the tree alone: {tree:.2f} s)")


def archive(megabytes: int) -> None:
    """A web archive streamed from disk; the baseline is unpacking it."""
    body = b"<html><head><title>t</title></head><body>" + os.urandom(30_000).hex().encode() + b"</body></html>"
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "a.warc.gz"
        with path.open("wb") as file:
            for number in range(megabytes * 1_000_000 // len(http)):
                head = (
                    f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example/{number}\r\n"
                    "WARC-Date: 2026-03-01T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:0>\r\n"
                    f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
                )
                file.write(gzip.compress(head.encode() + http + b"\r\n\r\n", compresslevel=1))
        source = Source(id="s", kind="folder", locator=name, title="S", interval_s=60)

        def stream() -> int:
            return sum(1 for _ in FolderFetcher(Clock(None)).fetch(source, {}))

        def unpack() -> int:
            with gzip.open(path) as file:
                return sum(len(part) for part in iter(lambda: file.read(1 << 20), b""))

        reading, least = cpu_s(stream), cpu_s(unpack)
        tracemalloc.start()
        count = stream()
        peak = tracemalloc.get_traced_memory()[1]
        size = path.stat().st_size
        print(f"{count} pages, {size / 1e6:.0f} MB packed, {megabytes} MB unpacked")
        print(f"streaming: {reading:.2f} s; unpacking alone: {least:.2f} s; peak memory of Python: {peak / 1e6:.1f} MB")
        known = {"a.warc.gz": Validators(size_bytes=size, modified_ns=path.stat().st_mtime_ns)}
        print(f"a look when it is known: {cpu_s(lambda: list(FolderFetcher(Clock(None)).fetch(source, known))):.4f} s")


def main() -> None:
    """Run one of the measurements."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["folder", "pages", "archive"])
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--megabytes", type=int, default=200)
    chosen = parser.parse_args()
    if chosen.what == "folder":
        folder(chosen.files)
    elif chosen.what == "pages":
        pages()
    else:
        archive(chosen.megabytes)


if __name__ == "__main__":
    main()
