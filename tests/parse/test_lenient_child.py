from __future__ import annotations

import json
import subprocess
import sys

import pytest

from feedwatch.parse import lenient_child

DAMAGED = (
    b"<rss version='2.0'><channel><title>T & U</title>"
    b"<item><title>a</title><pubDate>x</pubDate></item><item><title>b</title></item>"
)


def test_the_answer_has_plain_values_and_at_most_the_asked_number_of_entries() -> None:
    answer = lenient_child.read(DAMAGED, 1, "")
    assert json.loads(json.dumps(answer)) == answer
    assert [entry["title_detail"]["value"] for entry in answer["entries"]] == ["a"]
    assert "updated" not in answer["entries"][0]


@pytest.mark.parametrize("data", [b"", b"http://127.0.0.1:9/feed", b"/etc/passwd", b"\x00\xff", b"<" * 1000])
def test_what_is_no_feed_has_no_entries_and_is_neither_fetched_nor_opened(data: bytes) -> None:
    assert lenient_child.read(data, 10, "")["entries"] == []


def test_the_program_reads_from_standard_input_and_needs_nothing_of_feedwatch() -> None:
    command = [sys.executable, "-P", lenient_child.__file__, "10", ""]
    child = subprocess.run(command, input=DAMAGED, capture_output=True, check=True, cwd="/", env={})
    assert len(json.loads(child.stdout)["entries"]) == 2


def test_the_program_limits_its_own_memory_and_still_answers() -> None:
    program = (
        "import io, sys\nimport feedwatch.parse.lenient_child as child\n"
        "child.MEMORY_BYTES = 16 * 1024 * 1024\nsys.argv = ['x', '10', '']\nraise SystemExit(child.main())"
    )
    data = b"<rss><channel>" + b"<item><title>a & b</title></item>" * 20_000
    found = subprocess.run([sys.executable, "-c", program], input=data, capture_output=True, check=False)
    assert found.returncode != 0 or "error" in json.loads(found.stdout)
