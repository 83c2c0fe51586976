from __future__ import annotations

import json
import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.logs import REPEATS, JsonLines, NoFlood, TextLines, without_secrets


def record(message: str, *args: object, level: int = logging.WARNING) -> logging.LogRecord:
    return logging.LogRecord("feedwatch.x", level, "f.py", 1, message, args, None)


@pytest.mark.parametrize(
    "text",
    [
        "https://anna:hunter2@example.org/feed",
        "postgresql+psycopg://feedwatch:hunter2@db/feeds: refused",
        "https://example.org/feed?lang=fr&token=hunter2&page=2",
        "https://example.org/?access_token=hunter2",
        "https://example.org/feed?API_KEY=hunter2#x",
        "https://s3.example.org/x?X-Amz-Signature=hunter2",
        "sent Authorization: Bearer hunter2hunter2",
        "headers {'Authorization': 'Basic hunter2=='}",
        "Cookie: hunter2; path",
        "bearer hunter2hunter2 refused",
        "https://hunter2@example.org/",
    ],
)
def test_secrets_do_not_reach_a_log(text: str) -> None:
    for formatter in (TextLines(), JsonLines()):
        line = formatter.format(record("source s: %s", text))
        assert "hunter2" not in line
        assert "***" in line


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/feed?page=2&lang=fr",
        "mail to desk@example.org",
        "the code of 3 sources",
        "feed niger: 3 entries",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert without_secrets(text) == text


@given(st.text())
def test_one_record_is_one_line(text: str) -> None:
    for formatter in (TextLines(), TextLines(journal=True), JsonLines()):
        line = formatter.format(record("%s", text))
        assert len(line.splitlines()) == 1
        assert "\x1b" not in line
        line.encode("utf-8")


def test_json_lines_say_when_what_and_of_whom() -> None:
    told = record("source %s: %d new", "s", 3)
    told.source = "s"
    values = json.loads(JsonLines().format(told))
    assert values["time"].endswith("Z")
    assert {name: values[name] for name in ("level", "logger", "message", "source")} == {
        "level": "warning",
        "logger": "feedwatch.x",
        "message": "source s: 3 new",
        "source": "s",
    }


def test_an_exception_stays_on_the_line_of_its_record() -> None:
    try:
        int("https://a:hunter2@example.org/\nnext")
    except ValueError:
        told = logging.LogRecord("feedwatch.x", logging.ERROR, "f.py", 1, "tick failed", (), sys.exc_info())
    assert "ValueError" in json.loads(JsonLines().format(told))["exception"]
    line = TextLines().format(told)
    assert len(line.splitlines()) == 1
    assert "ValueError" in line
    assert "hunter2" not in line


def test_the_journal_is_told_the_priority() -> None:
    assert TextLines(journal=True).format(record("x", level=logging.ERROR)).startswith("<3>ERROR feedwatch.x: x")


def test_a_flood_of_the_same_is_left_out_and_counted() -> None:
    now = 0.0
    quiet = NoFlood(monotonic=lambda: now)
    assert sum(quiet.filter(record("source %s fails", "a")) for _ in range(100)) == REPEATS
    assert quiet.filter(record("source %s fails", "b"))
    now = 61.0
    again = record("source %s fails", "a")
    assert quiet.filter(again)
    assert again.getMessage() == "source a fails (95 more like this were left out)"
