"""Hubs and a running daemon: it subscribes, a push makes it poll, and it tells its own hub what came of it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.desk import ROOT
from tests.hub import Hub
from tests.webserver import Answer, WebServer

#: The daemon as it is, except that it looks after hubs at once instead of within a minute or two.
HURRIED = """
import sys
import feedwatch.daemon.run as run
import feedwatch.publishing as publishing
import feedwatch.websub as websub
run.PING_EVERY_S = run.TEND_EVERY_S = 0.2
# Not at once: a ping is noted before its file is written.
publishing.DEBOUNCE_S = websub.DEBOUNCE_S = 2
from feedwatch.__main__ import main
sys.argv[0] = "feedwatch"
main()
"""
CONFIG = """
[feedwatch]
packs = []
base_url = "{base}"
[server]
listen = "{listen}"
hub = "{hub}"
subscribe = "always"
[[sources]]
id = "north"
url = "{source}"
allow_private = true
interval = "1d"
[[feeds]]
id = "all"
title = "All"
"""


def document(hub: str, topic: str, *titles: str) -> bytes:
    """The source's feed."""
    items = "".join(f"<item><guid>urn:example:{title}</guid><title>{title}</title></item>" for title in titles)
    links = f'<a:link rel="hub" href="{hub}"/><a:link rel="self" href="{topic}"/>'
    return (
        f'<rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom"><channel><title>N</title>{links}{items}'
        "</channel></rss>"
    ).encode()


def eventually(holds: Callable[[], bool], what: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.05)


@contextmanager
def daemon(folder: Path, **values: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        listen = f"127.0.0.1:{probe.getsockname()[1]}"
    base = f"http://{listen}/"
    config = folder / "config.toml"
    config.write_text(CONFIG.format(base=base, listen=listen, **values))
    process = subprocess.Popen(
        [sys.executable, "-c", HURRIED, "--config", str(config), "run"],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        yield base
    finally:
        process.terminate()
        process.wait(30)


def shows(url: str, title: str) -> bool:
    try:
        return title in requests.get(url, timeout=5).text
    except requests.ConnectionError:
        return False


def test_a_push_brings_its_news_into_the_feed_and_our_own_hub_hears_of_it(tmp_path: Path) -> None:
    with WebServer() as source, Hub() as theirs, Hub() as ours:
        topic = source.url("/feed")
        source.script("/feed", Answer(body=document(theirs.url, topic, "first")))
        with daemon(tmp_path, hub=ours.url, source=topic) as base:
            eventually(lambda: shows(f"{base}all.atom", "first"), "the source is not read")
            eventually(lambda: topic in theirs.subscribers, "nobody subscribed")
            assert theirs.verified == [True]
            news = document(theirs.url, topic, "second", "first")
            source.script("/feed", Answer(body=news))
            # What a push holds does not count: the source is asked.
            assert theirs.push(topic, document(theirs.url, topic, "third")) in (200, 202, 204)
            eventually(lambda: shows(f"{base}all.atom", "second"), "the push did nothing")
            eventually(
                lambda: any(url == f"{base}all.atom" and b"second" in body for url, body in ours.fetched),
                "our hub heard nothing",
            )
            assert not shows(f"{base}all.atom", "third")
