"""Every bad habit of web servers that feedwatch is prepared for, to be tried by hand.

    python -m tests.misbehave

prints an address for each and serves until interrupted; `feedwatch sources test --allow-private ADDRESS`
shows what becomes of it. `test_misbehave.py` fetches them all.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass

from tests.fakes import rss, rss_item
from tests.webserver import Answer, WebServer, compressed, conditional

FEED = rss(rss_item("1"), rss_item("2")).encode()
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Habit:
    """One path of the server, and what a fetch of it comes to."""

    path: str
    what: str
    answer: Answer | Callable[..., Answer]
    #: Whether a document comes of it in the end.
    read: bool = False


def coded(encoding: str, body: bytes, name: str | None = None) -> Answer:
    """A body in a content coding, which `name` may misname."""
    return Answer(body=body, headers={"Content-Encoding": name or encoding})


def to(location: str, status: int = 302) -> Answer:
    """A redirect."""
    return Answer(status=status, headers={"Location": location})


@functools.cache
def habits() -> tuple[Habit, ...]:
    """All of them."""
    return (
        Habit("/feed", "well-behaved: validators and 304", conditional(FEED, etag='"1"'), read=True),
        *(
            Habit(f"/{code}", f"status {code}", Answer(status=code, body=b"no"))
            for code in (403, 404, 410, 451, 500, 502)
        ),
        Habit("/429", "429 with Retry-After", Answer(status=429, headers={"Retry-After": "120"})),
        Habit("/503", "503 with Retry-After", Answer(status=503, headers={"Retry-After": "120"})),
        Habit("/304", "304 to a request without conditions", Answer(status=304, content_length=None)),
        Habit("/301", "moved for good", to("/feed", 301), read=True),
        Habit("/308", "moved for good", to("/feed", 308), read=True),
        Habit("/302", "moved for now", to("/feed"), read=True),
        Habit("/circle", "redirects to itself", to("/circle")),
        Habit("/metadata", "redirects to a cloud's metadata service", to("http://169.254.169.254/latest/")),
        Habit("/file", "redirects to a file", to("file:///etc/passwd")),
        Habit("/nowhere", "redirects without an address", Answer(status=302)),
        *(
            Habit(f"/{name}", f"{name}", coded(name, compressed(name, FEED)), read=True)
            for name in ("gzip", "br", "zstd")
        ),
        Habit("/deflate", "deflate without its header", coded("deflate", compressed("raw-deflate", FEED)), read=True),
        Habit("/bomb", "gzip of 8 MiB of nothing", coded("gzip", compressed("gzip", bytes(8 * MIB)))),
        Habit("/twice", "compressed twice", coded("gzip", compressed("gzip", FEED), "gzip, gzip")),
        Habit("/damaged", "damaged gzip", coded("gzip", compressed("gzip", FEED)[:-40])),
        Habit("/unasked", "a coding nobody asked for", coded("lzma", FEED)),
        Habit("/huge", "announces a gigabyte", Answer(body=FEED, content_length=1024 * MIB)),
        Habit("/short", "shorter than announced", Answer(body=FEED, content_length=len(FEED) + 9, close=True)),
        Habit(
            "/long",
            "no length, ends with the connection",
            Answer(body=FEED, content_length=None, close=True),
            read=True,
        ),
        Habit("/chunks", "tiny chunks", Answer(body=FEED, chunk_bytes=1), read=True),
        Habit(
            "/endless-chunks", "chunks without an end", Answer(body=FEED, chunk_bytes=9, chunks_end=False, close=True)
        ),
        Habit("/slow-head", "headers in single bytes", Answer(body=FEED, drip="head", drip_pause_s=1)),
        Habit("/slow-body", "the body in single bytes", Answer(body=FEED, drip="body", drip_pause_s=1)),
        Habit("/silent", "says nothing", Answer(body=FEED, delay_s=3600)),
        Habit(
            "/headers", "100 KiB of headers", Answer(headers=[(f"X-{n}", "x" * 1000) for n in range(100)], body=FEED)
        ),
        Habit("/cookie", "sets a cookie", Answer(headers={"Set-Cookie": "a=1"}, body=FEED), read=True),
        Habit("/type", "says it is a picture", Answer(headers={"Content-Type": "image/png"}, body=FEED), read=True),
        Habit(
            "/charset",
            "lies about the encoding",
            Answer(headers={"Content-Type": "text/xml; charset=koi8-r"}, body=FEED),
            read=True,
        ),
        Habit("/nonsense", "is no HTTP", Answer(raw=b"\x16\x03\x01\x02\x00 no\r\n\r\n")),
        Habit("/empty", "an empty body", Answer(), read=True),
    )


def serve(server: WebServer) -> tuple[Habit, ...]:
    """Script them all; returns them."""
    found = habits()
    for habit in found:
        server.script(habit.path, habit.answer)
    return found


def main() -> None:
    with WebServer() as server:
        for habit in serve(server):
            print(f"{server.url(habit.path):<44} {habit.what}", flush=True)  # noqa: T201 - a program for people
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
