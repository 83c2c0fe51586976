"""Fetch bodies that unpack to gigabytes: what each costs in memory and time.

    python benchmarks/bombs.py [2048] [--kinds gzip,br]

The number is the unpacked size in MiB. Each body is fetched by a process of its own, which says how far
its peak memory rose above what the same fetch of a small feed needs.
"""

from __future__ import annotations

import argparse
import gzip
import re
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from feedwatch.clock import Clock
from feedwatch.errors import FetchError
from feedwatch.fetch.http import HttpFetcher
from feedwatch.model import Source
from tests.webserver import Answer, WebServer

MIB = 1024 * 1024


def pieces(size_mib: int) -> Iterator[bytes]:
    """Zeros, one MiB at a time."""
    piece = bytes(MIB)
    return (piece for _ in range(size_mib))


def packed(kind: str, size_mib: int) -> bytes:
    """So many zeros, compressed."""
    if kind == "br":
        compressor = brotli.Compressor(quality=3)
        return bytes(b"".join(map(compressor.process, pieces(size_mib))) + compressor.finish())
    if kind == "zstd":
        squeezer = zstd.ZstdCompressor()
        return b"".join(map(squeezer.compress, pieces(size_mib))) + squeezer.flush()
    deflater = zlib.compressobj(9, wbits=zlib.MAX_WBITS if kind == "deflate" else 16 + zlib.MAX_WBITS)
    body = b"".join(map(deflater.compress, pieces(size_mib))) + deflater.flush()
    for _ in range(4 if kind == "gzip x5" else 0):
        body = gzip.compress(body)
    return body


KINDS = ("gzip", "deflate", "br", "zstd", "gzip x5", "gzip on 302", "gzip on 404", "gzip on 304")


def answers(kind: str, size_mib: int) -> tuple[Answer, ...]:
    """What the server says, the bomb first."""
    name = kind.partition(" ")[0]
    encoding = ", ".join(["gzip"] * 5) if kind == "gzip x5" else name
    headers = {"Content-Encoding": encoding, "Location": "/end"}
    status = int(kind[-3:]) if " on " in kind else 200
    return (Answer(body=packed(kind, size_mib), headers=headers, status=status),)


def peak_mib() -> float:
    """The most memory that this process ever had (what `getrusage` says may be its parent's)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s*(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def fetch(url: str) -> None:
    """Fetch one address and say what it cost (run in a process of its own)."""
    fetcher = HttpFetcher(user_agent="feedwatch/bombs", clock=Clock())

    def once(address: str) -> str:
        source = Source(id="b", kind="feed", locator=address, title="b", interval_s=60, allow_private=True)
        try:
            return f"{len(list(fetcher.fetch(source, {})))} read"
        except FetchError as error:
            return error.message

    small, _, bomb = url.partition(" ")
    once(small)
    before, start = peak_mib(), time.process_time()
    said = once(bomb)
    print(f"{peak_mib() - before:+8.1f} MiB {time.process_time() - start:6.2f} s CPU  {said}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("size", nargs="?", type=int, default=2048)
    parser.add_argument("--kinds", default=",".join(KINDS), help=f"of {', '.join(KINDS)}")
    parser.add_argument("--fetch", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fetch:
        fetch(options.fetch)
        return
    with WebServer() as server:
        small = server.script("/small", Answer(body=b"<rss/>" * 1000))
        server.script("/end", Answer(body=b"<rss/>"))
        for kind in options.kinds.split(","):
            url = server.script("/bomb-" + kind.replace(" ", "-"), *answers(kind, options.size))
            command = [sys.executable, __file__, "--fetch", f"{small} {url}"]
            done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - this very script
            print(f"{kind:<12} {done.stdout.strip()}")


if __name__ == "__main__":
    main()
