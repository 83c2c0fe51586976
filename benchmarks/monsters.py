"""Read feeds that are made to hurt: what each costs in processor time and memory.

    python benchmarks/monsters.py [--case NAME]

Each is read by a process of its own, as a poll reads it (the tolerant reader's child included), which says
how far its peak memory rose above that of reading a small feed. The bar: 2 seconds, 200 MiB.
"""

from __future__ import annotations

import argparse
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from feedwatch.errors import ParseError
from feedwatch.model import Document, Source, Validators
from feedwatch.parse.dispatch import parse

BAR_S, BAR_MIB = 2.0, 200.0
_SOURCE = Source(id="m", kind="feed", locator="http://127.0.0.1/", title="m", interval_s=3600)


def rss(items: str, *, head: str = "", root: str = "<rss version='2.0'>", end: str = "</channel></rss>") -> bytes:
    return f"{head}{root}<channel><title>T</title>{items}{end}".encode()


def item(text: str) -> bytes:
    return rss(f"<item><title>{text}</title><guid>1</guid></item>")


def entities(*declared: str, use: str = "&z;") -> bytes:
    head = f"<?xml version='1.0'?><!DOCTYPE rss [{''.join(declared)}]>"
    return rss(f"<item><title>{use}</title><guid>1</guid></item>", head=head)


def laughs() -> bytes:
    steps = [f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10)]
    return entities("<!ENTITY a0 'lol'>", *steps, use="&a9;")


_ITEM = "<item><title>t</title><guid>{}</guid></item>"

CASES: dict[str, Callable[[], bytes]] = {
    "small": lambda: item("T"),
    "billion laughs": laughs,
    "quadratic entity": lambda: entities(f"<!ENTITY z '{'x' * 50_000}'>", use="&z;" * 50_000),
    "many short entities": lambda: entities("<!ENTITY z 'xxxxxxxxxx'>", use="&z;" * 199_000),
    "external entity": lambda: entities("<!ENTITY z SYSTEM 'file:///etc/passwd'>"),
    "external entity over http": lambda: entities("<!ENTITY z SYSTEM 'http://127.0.0.1:9/x'>"),
    "external document type": lambda: rss(
        _ITEM.format(1), head="<?xml version='1.0'?><!DOCTYPE rss SYSTEM 'http://127.0.0.1:9/x.dtd'>"
    ),
    "parameter entities": lambda: entities(
        "<!ENTITY % p SYSTEM 'http://127.0.0.1:9/x'>%p;", "<!ENTITY % a '%p;%p;'>", use="t"
    ),
    "document type in UTF-16": lambda: laughs().decode().encode("utf-16"),
    "endless document type": lambda: b"<?xml version='1.0'?><!DOCTYPE rss [" + b"<!ENTITY a 'b'>" * 600_000,
    "200,000 attributes": lambda: rss("<item " + " ".join(f"a{n}='1'" for n in range(200_000)) + "/>"),
    "200,000 attributes, damaged": lambda: rss("<item " + " ".join(f"a{n}='1'" for n in range(200_000)) + ">", end=""),
    "200,000 deep": lambda: rss("<item>" + "<a>" * 200_000 + "</a>" * 200_000 + "</item>"),
    "200,000 deep, never closed": lambda: rss("<item>" + "<a>" * 200_000, end=""),
    "100,000 namespaces": lambda: rss(
        "<item " + " ".join(f"xmlns:n{n}='urn:{n}'" for n in range(100_000)) + "><title>t</title></item>"
    ),
    "1,000,000 entries": lambda: rss("".join(map(_ITEM.format, range(1_000_000)))[: 10 * 1024 * 1024]),
    "1,000,000 empty entries": lambda: rss("<item/>" * 1_000_000),
    "1,000,000 empty entries, damaged": lambda: rss("<item/>" * 1_000_000, end="</channel>"),
    "a text of 10 MB": lambda: item("x" * (10 * 1024 * 1024 - 200)),
    "a comment of 10 MB": lambda: rss(f"<!--{'x' * (10 * 1024 * 1024 - 300)}-->{_ITEM.format(1)}"),
    "an instruction of 10 MB": lambda: rss(f"<?x {'x' * (10 * 1024 * 1024 - 300)}?>{_ITEM.format(1)}"),
    "an attribute of 10 MB": lambda: rss(f"<item a='{'x' * (9 * 1024 * 1024)}'><guid>1</guid></item>"),
    "a name of 5 MB": lambda: rss(f"<item><{'x' * (5 * 1024 * 1024)}/></item>"),
    "CDATA never closed": lambda: rss("<item><title><![CDATA[" + "x" * (9 * 1024 * 1024), end=""),
    "a million open brackets": lambda: item("&lt;" * 1_000_000 + "<" * 1_000_000),
    "a million ampersands": lambda: item("&" * 1_000_000),
    "a million references": lambda: item("&#233;" * 1_500_000),
    "titles of a million tags": lambda: item("&lt;b&gt;" * 1_000_000),
    "JSON, 200,000 deep": lambda: b'{"version":"https://jsonfeed.org/version/1.1","items":' + b"[" * 200_000,
    "JSON, 1,000,000 items": lambda: (
        b'{"version":"https://jsonfeed.org/version/1.1","items":[' + b"{}," * 3_000_000 + b"{}]}"
    ),
    "JSON, a number of 5 MB": lambda: (
        b'{"version":"https://jsonfeed.org/version/1.1","items":[{"id":' + b"9" * (5 * 1024 * 1024) + b"}]}"
    ),
}


def peak_mib() -> float:
    """The most memory that this process ever had (what `getrusage` says may be its parent's)."""
    found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(found[1]) / 1024 if found else 0.0


def read(body: bytes) -> str:
    document = Document(
        source_id="m",
        locator="http://127.0.0.1/",
        url="http://127.0.0.1/",
        body=body,
        media_type="application/json" if body.startswith(b"{") else "text/xml",
        charset=None,
        fetched_at=datetime.now(UTC),
        validators=Validators(),
    )
    try:
        parsed = parse(document, _SOURCE)
    except ParseError as error:
        return error.message[:90]
    return f"{len(parsed.items)} read {'; '.join(parsed.problems)}"[:90]


def cpu_s() -> float:
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def one(name: str) -> None:
    """Read one case and say what it cost (run in a process of its own)."""
    read(CASES["small"]())
    body = CASES[name]()
    before, start = peak_mib(), cpu_s()
    said = read(body)
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    seconds, more = cpu_s() - start, max(peak_mib() - before, child)
    verdict = "ok" if seconds <= BAR_S and more <= BAR_MIB else "OVER"
    print(f"{len(body) / 1024 / 1024:6.1f} MiB {seconds:6.2f} s {more:+8.1f} MiB  {verdict:<4}  {said}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", choices=list(CASES))
    options = parser.parse_args()
    if options.case:
        one(options.case)
        return
    for name in CASES:
        command = [sys.executable, __file__, "--case", name]
        done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - this very script
        print(f"{name:<34} {done.stdout.strip() or done.stderr.strip()[-200:]}", flush=True)


if __name__ == "__main__":
    main()
