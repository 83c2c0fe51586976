"""Read feeds that chance has damaged: each must give items or a clear refusal, and soon.

    python benchmarks/mutations.py [2000] [--feeds FILE.jsonl.xz] [--seed 1] [--child]

Without a file of feeds the generated ones of `poll.py` are damaged. Badly damaged feeds are read by a child
process each; unless `--child` is given its work is done here, which is the same but for its start.
"""

from __future__ import annotations

import argparse
import base64
import json
import lzma
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import poll  # type: ignore[import-not-found]  # stands beside this script

from feedwatch.errors import ParseError
from feedwatch.model import Document, Source, Validators
from feedwatch.parse import lenient, lenient_child
from feedwatch.parse.dispatch import parse
from feedwatch.parse.nodes import legal_values

SOURCE = Source(id="m", kind="feed", locator="https://m.example/feed", title="m", interval_s=3600)
TOKENS = [
    b"<", b">", b"&", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<?xml version='1.0' encoding='utf-16'?>", b"\x00",
    b"\xff\xfe", b"\xc3", b"&#0;", b"&#xD800;", b"&nbsp;", b"&bogus;", b"<item>", b"</item>", b"<entry>", b"xmlns='x'",
    b"<!DOCTYPE r [<!ENTITY a 'b'>]>", b"<a:b/>", b"'", b'"', b"<div><p><b>", b"\x92", b"\r", b"{", b"<html><body>",
]  # fmt: skip


def damaged(feed: bytes, chance: random.Random) -> bytes:
    """The feed after one to six accidents."""
    body = bytearray(feed)
    for _ in range(chance.randint(1, 6)):
        start = chance.randrange(len(body) + 1)
        end = min(len(body), start + chance.choice((1, 3, 20, 200, 2000)))
        accident = chance.randrange(7)
        if accident == 0:
            del body[start:end]
        elif accident == 1:
            body[start:start] = body[start:end]
        elif accident == 2:
            body[start:start] = chance.choice(TOKENS)
        elif accident == 3:
            body[start:end] = bytes(chance.randrange(256) for _ in range(end - start))
        elif accident == 4:
            body[start:start] = chance.choice(TOKENS) * chance.choice((10, 300))
        elif accident == 5:
            del body[chance.randrange(len(body) // 2, len(body) + 1) :]
        else:
            place = chance.randrange(len(body) + 1)
            body[start:end] = body[place : place + end - start]
    return bytes(body)


def feeds(path: Path | None) -> list[bytes]:
    """What is damaged."""
    if path is None:
        return [poll.feed(number)[:6000] + b"</item></channel></rss>" for number in range(40)]
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        return [body for line in lines if (body := base64.b64decode(json.loads(line)["data_b64"]))]


def here(text: str, locator: str, limit: int, base: str) -> dict[str, object]:
    """The child's work in this process."""
    del locator
    try:
        answer: dict[str, object] = lenient_child.read(text.encode("utf-8", "replace"), limit, base)
    except Exception as error:  # noqa: BLE001 - as the child does
        return {"error": str(error)}
    return json.loads(json.dumps(answer), object_hook=legal_values)  # type: ignore[no-any-return] # the child writes an object


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", nargs="?", type=int, default=2000)
    parser.add_argument("--feeds", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--child", action="store_true")
    options = parser.parse_args()
    if not options.child:
        ask: Callable[..., object] = here
        lenient._ask = ask  # type: ignore[assignment]  # noqa: SLF001 - see above
    known, chance = feeds(options.feeds), random.Random(options.seed)  # noqa: S311 - sample data
    outcomes: Counter[str] = Counter()
    slowest = 0.0
    for number in range(options.count):
        body = damaged(chance.choice(known), chance)
        start = sum(os.times()[:4])
        try:
            parsed = parse(document(body), SOURCE)
            outcomes["read" if not parsed.problems else "read with problems"] += 1
        except ParseError:
            outcomes["refused"] += 1
        except Exception as error:  # noqa: BLE001 - what is counted here
            outcomes["CRASHED"] += 1
            print(f"number {number}: {type(error).__name__}: {error}")
        slowest = max(slowest, sum(os.times()[:4]) - start)
    print(", ".join(f"{count} {what}" for what, count in outcomes.most_common()), f"; slowest {slowest:.2f} s CPU")
    print(f"{time.process_time():.0f} s CPU in all")
    raise SystemExit(1 if outcomes["CRASHED"] else 0)


def document(body: bytes) -> Document:
    """The body as if it had been fetched."""
    return Document(
        source_id="m",
        locator=SOURCE.locator,
        url=SOURCE.locator,
        body=body,
        media_type="application/xml",
        charset=None,
        fetched_at=datetime(2026, 3, 1, tzinfo=UTC),
        validators=Validators(),
    )


if __name__ == "__main__":
    main()
