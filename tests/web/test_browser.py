"""The pages as a real browser reads them: what is shown, and that nothing of a hostile source runs."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest

from feedwatch.config.load import load_config
from feedwatch.web.make import make_site
from feedwatch.web.server import WebServer
from tests.desk import Desk
from tests.web.sitekit import get
from tests.webserver import Answer
from tests.webserver import WebServer as Anything

#: What each of the texts below tries to run.
MARK = "top.document.documentElement.setAttribute('data-ran-NUMBER','1')"
#: Markup that runs a script without a click in a browser that shows it as it is.
_HOSTILE = [
    f"<script>{MARK}</script>",
    f"<SCRIPT>{MARK}</SCRIPT >",
    f"<script type=module>{MARK}</script>",
    f"<img src=x: onerror={MARK}>",
    f'<img src="x:" onerror="{MARK}">',
    f'<img/src="x:"onerror={MARK}>',
    f"<svg onload={MARK}></svg>",
    f"<svg><script>{MARK}</script></svg>",
    f"<svg><animate attributeName=x begin=0s onbegin={MARK}></svg>",
    f"<details open ontoggle={MARK}>x</details>",
    f"<video><source onerror={MARK}></video>",
    f"<audio src=x: onerror={MARK}></audio>",
    f"<body onload={MARK}>",
    f"<input autofocus onfocus={MARK}>",
    f'<iframe srcdoc="<script>{MARK}</script>"></iframe>',
    f'<iframe src="javascript:{MARK}"></iframe>',
    f"<style>@keyframes a{{}}</style><b style='animation:a 1s' onanimationstart={MARK}>x</b>",
    f"<noscript><p title='</noscript><img src=x: onerror={MARK}>'></noscript>",
    f"<!--><img src=x: onerror={MARK}>-->",
    f"<![CDATA[><img src=x: onerror={MARK}>]]>",
    f"<xmp><p title='</xmp><img src=x: onerror={MARK}>'></xmp>",
    f"<template><img src=x:></template><img src=x: onerror={MARK}>",
    f"<link rel=stylesheet href=x: onerror={MARK}>",
    f"</p></div></main></body><script>{MARK}</script>",
    # This one runs where a text is read twice.
    f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x: onerror={MARK}&gt;'>",
]
HOSTILE = [each.replace("NUMBER", str(number)) for number, each in enumerate(_HOSTILE)]
CONFIG = """
[feedwatch]
packs = []
[[sources]]
id = "saved"
kind = "folder"
path = "docs"
[[feeds]]
id = "all"
title = "All <b>there</b> is"
subtitle = "LONG and all the rest"
""".replace("LONG", "Verwaltungsgerichtsentscheidung" * 9)


@pytest.fixture(scope="module")
def browser() -> str:
    """The browser's program."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    return found


def shown(browser: str, url: str, home: Path) -> str:
    """The document of an address after its scripts, if any, had two seconds; only this machine is reached."""
    switches = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={home}"]
    switches += ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--virtual-time-budget=2000", "--dump-dom"]
    done = subprocess.run([browser, *switches, url], capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


def hostile_feed() -> bytes:
    """A feed with each hostile markup in the title, the text, the author and the category of an item."""
    items = (
        f"<item><guid>{number}</guid><title>Item {number} {escape(each)}</title>"
        f"<link>https://example.org/{number}?{escape(each, quote=True)}</link>"
        f"<author>{escape(each)}</author><category>{escape(each)}</category>"
        f"<description>{escape(each)} Text {number}.</description></item>"
        for number, each in enumerate(HOSTILE)
    )
    return f"<rss version='2.0'><channel><title>{escape(HOSTILE[0])}</title>{''.join(items)}</channel></rss>".encode()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The feeds of hostile documents, served."""
    desk = Desk(tmp_path_factory.mktemp("desk"), CONFIG)
    (desk.folder / "docs").mkdir()
    (desk.folder / "docs" / "feed.xml").write_bytes(hostile_feed())
    assert desk.run("once").exit_code == 0
    server = WebServer(make_site(load_config(desk.config, {})), "127.0.0.1", 0)
    server.start()
    yield server.url
    server.stop()


def ran(document: str) -> set[int]:
    """The numbers of the texts that ran something."""
    return {int(number) for number in re.findall(r'data-ran-(\d+)="1"', document)}


def test_the_texts_are_hostile_indeed(browser: str, tmp_path: Path) -> None:
    frames = "".join(f'<iframe srcdoc="<body>{escape(each, quote=True)}"></iframe>' for each in HOSTILE)
    page = f"<!doctype html><title>x</title><body>{frames}".encode()
    with Anything() as server:
        server.script("/", Answer(body=page, headers={"Content-Type": "text/html; charset=utf-8"}))
        document = shown(browser, server.url("/"), tmp_path / "home")
    assert ran(document) == set(range(len(HOSTILE) - 1))


@pytest.mark.parametrize("name", ["", "all.html", "all.atom", "health.html"])
def test_nothing_of_a_hostile_source_runs(browser: str, site: str, tmp_path: Path, name: str) -> None:
    document = shown(browser, f"{site}{name}", tmp_path / "home")
    assert ran(document) == set()
    assert "<html" in document


def test_a_feed_opened_in_a_browser_is_a_page_that_shows_every_entry(browser: str, site: str, tmp_path: Path) -> None:
    document = shown(browser, f"{site}all.atom", tmp_path / "home")
    assert set(re.findall(r"Item (\d+)\b", document)) == {str(number) for number in range(len(HOSTILE))}
    assert "All &lt;b&gt;there&lt;/b&gt; is" in document
    assert re.search(r'<link[^>]+rel="alternate"[^>]+type="application/atom\+xml"', document)


@pytest.mark.parametrize("name", ["", "all.html", "health.html"])
def test_no_page_is_wider_than_the_screen_of_a_phone(browser: str, site: str, tmp_path: Path, name: str) -> None:
    page = get(f"{site}{name}").text
    measure = "document.body.append(' is ' + this.contentDocument.documentElement.scrollWidth + ' wide')"
    frame = f'<iframe width="360" height="600" onload="{measure}" srcdoc="{escape(page, quote=True)}"></iframe>'
    with Anything() as server:
        headers = {"Content-Type": "text/html; charset=utf-8"}
        server.script("/", Answer(body=f"<!doctype html><title>x</title><body>{frame}".encode(), headers=headers))
        document = shown(browser, server.url("/"), tmp_path / "home")
    (width,) = re.findall(r" is (\d+) wide", document)
    assert int(width) <= 360
