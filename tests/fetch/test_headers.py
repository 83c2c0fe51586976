from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feedwatch.fetch.headers import MAX_RETRY_AFTER_S, charset, http_date, link, media_type, retry_after_s, validator

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("application/rss+xml; charset=utf-8", "application/rss+xml"),
        (" Text/HTML ", "text/html"),
        ("text/xml;charset=x", "text/xml"),
        ("", ""),
        ("nonsense", ""),
        ("text/html\u202e, text/x", ""),
    ],
)
def test_media_type_is_lower_case_without_parameters(value: str, expected: str) -> None:
    assert media_type(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text/xml; charset=UTF-8", "utf-8"),
        ('text/xml; boundary=x; charset="windows-1252"', "windows-1252"),
        ("text/xml; charset='latin1'", "latin1"),
        ("text/xml;CHARSET = utf-8", "utf-8"),
        ("text/xml", None),
        ("text/xml; charset=", None),
    ],
)
def test_charset_is_read_with_and_without_quotes(value: str, expected: str | None) -> None:
    assert charset(value) == expected


@pytest.mark.parametrize("value", ['"abc"', 'W/"a b"', "yesterday", "\u00e9t\u00e9", "' odd"])
def test_a_validator_is_kept_as_it_came(value: str) -> None:
    assert validator(value) == value


@pytest.mark.parametrize("value", [None, "", '"a\r\nX-Evil: 1"', "a\x00", "x" * 5000])
def test_a_validator_that_cannot_be_sent_back_is_dropped(value: str | None) -> None:
    assert validator(value) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("99999999999", MAX_RETRY_AFTER_S),
        ("9" * 20, MAX_RETRY_AFTER_S),
        ("Sat, 31 Jan 2026 13:00:00 GMT", 3600.0),
        ("Saturday, 31-Jan-26 13:00:00 GMT", 3600.0),
        ("Sat Jan 31 13:00:00 2026", 3600.0),
        ("Sat, 31 Jan 2026 11:00:00 GMT", 0.0),
        ("Sat, 31 Jan 2099 11:00:00 GMT", MAX_RETRY_AFTER_S),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("Sat, 99 Jan 2026 13:00:00 GMT", None),
        ("٣", None),
    ],
)
def test_retry_after_is_read_in_both_forms_and_capped(value: str, expected: float | None) -> None:
    assert retry_after_s(value, date="", now=NOW) == expected


def test_retry_after_as_a_date_counts_from_the_servers_own_clock() -> None:
    wait_s = retry_after_s(
        "Sat, 31 Jan 2026 10:05:00 GMT",
        date="Sat, 31 Jan 2026 10:00:00 GMT",
        now=NOW,
    )
    assert wait_s == 300.0


@pytest.mark.parametrize("value", ["", "x", "Sat, 31 Jan 99999 13:00:00 GMT", "0", "Mon, 1"])
def test_a_date_that_is_none_is_none(value: str) -> None:
    assert http_date(value) is None


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (['<https://hub.example/>; rel="hub"'], "https://hub.example/"),
        (["<https://x.example/>; rel=next", "<https://hub.example/>; rel=hub"], "https://hub.example/"),
        (
            ['<https://x.example/a,b>; rel="self", </hub?a=1>; title="a, b; c" ; rel="alternate HUB"'],
            "https://s.example/hub?a=1",
        ),
        (['<https://x.example/>; title="rel=hub"'], None),
        (["https://hub.example/; rel=hub"], None),
        (["<javascript:alert(1)>; rel=hub"], None),
        (["<>; rel=hub"], None),
        (["<https://hub.example/>" + ";a" * 5000 + ";rel=hub"], None),
        ([], None),
    ],
)
def test_a_link_is_found_by_its_relation(values: list[str], found: str | None) -> None:
    assert link(values, "hub", "https://s.example/feed") == found
