from __future__ import annotations

import re
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from feedwatch import dates
from feedwatch.dates import parse_date, sane


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # RFC 2822 and what is nearly it
        ("Tue, 05 Mar 2024 10:11:12 +0000", "2024-03-05T10:11:12"),
        ("Tue, 5 Mar 2024 10:11:12 GMT", "2024-03-05T10:11:12"),
        ("05 Mar 24 10:11 EST", "2024-03-05T15:11:00"),
        ("Tue, 05 Mar 2024 10:11:12 -0330", "2024-03-05T13:41:12"),
        ("Tuesday, 5 March 2024 10:11:12 +01:00", "2024-03-05T09:11:12"),
        ("Tue, 05 Mar 2024 10:11:12 WAT", "2024-03-05T09:11:12"),
        ("Tue, 05 Mar 2024 10:11:12 Africa/Niamey", "2024-03-05T09:11:12"),
        ("Tue, 05 Mar 2024 10:11:12 GMT-07:00", "2024-03-05T17:11:12"),
        ("Tue Mar 05 2024 10:11:12 GMT+0100 (heure normale)", "2024-03-05T09:11:12"),
        ("Tue Mar  5 10:11:12 PST 2024", "2024-03-05T18:11:12"),
        ("Thurs, 7 Mar 2024 00:00:39 +0000", "2024-03-07T00:00:39"),
        ("Sat, 3 Sept 94 10:00:00 GMT", "1994-09-03T10:00:00"),
        # RFC 3339, ISO 8601 and parts of it
        ("2024-03-05T10:11:12Z", "2024-03-05T10:11:12"),
        ("2024-03-05T10:11:12.987654+05:30", "2024-03-05T04:41:12"),
        ("2024-03-05 10:11:12 UTC", "2024-03-05T10:11:12"),
        ("2024-03-05T10:11:12-05:00Z", "2024-03-05T15:11:12"),
        ("2024-03-05T10:11", "2024-03-05T10:11:00"),
        ("2024-03-05T8:11:12-010:00", "2024-03-05T18:11:12"),
        ("2024-03-05T24:00:00Z", "2024-03-06T00:00:00"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59"),
        ("2024-03-05", "2024-03-05T00:00:00"),
        ("2024/3/5 08:09", "2024-03-05T08:09:00"),
        ("2024-03", "2024-03-01T00:00:00"),
        ("2024", "2024-01-01T00:00:00"),
        ("20240305T101112Z", "2024-03-05T10:11:12"),
        ("20240305", "2024-03-05T00:00:00"),
        ("1709633472", "2024-03-05T10:11:12"),
        ("1709633472000", "2024-03-05T10:11:12"),
        ("2024-03-05 3:04 PM", "2024-03-05T15:04:00"),
        # French
        ("ven., 03 juil. 2020 15:09:58 +0000", "2020-07-03T15:09:58"),
        ("Lundi, 16. Novembre 2020 - 15:54", "2020-11-16T15:54:00"),
        ("mar., 01 déc. 2020", "2020-12-01T00:00:00"),
        ("mar. 5 mars 2024 à 10h11", "2024-03-05T10:11:00"),
        ("1er août 2023 à 7 h 05", "2023-08-01T07:05:00"),
        ("Publié le 5 février 2024", "2024-02-05T00:00:00"),
        ("Samedi 5 juin 2021 - 10h", "2021-06-05T10:00:00"),
        # English in words
        ("March 5th, 2024", "2024-03-05T00:00:00"),
        ("Nov. 16, 2020, 10:57 a.m.", "2020-11-16T10:57:00"),
        ("Jan. 4, 2016, 12:37 a.m.", "2016-01-04T00:37:00"),
        ("Friday, December 22, 2017 - 3:09pm", "2017-12-22T15:09:00"),
        ("March 30 2020 07:02:38 PM", "2020-03-30T19:02:38"),
        ("Nov. 2020", "2020-11-01T00:00:00"),
        # German, Spanish, Portuguese, Italian, Arabic, Hausa
        ("Di, 5 Mär 2024 00:00:00 +0100", "2024-03-04T23:00:00"),
        ("12. März 2021, 18:05 Uhr", "2021-03-12T18:05:00"),
        ("15 de marzo de 2021", "2021-03-15T00:00:00"),
        ("15 de março de 2021 às 14h30", "2021-03-15T14:30:00"),
        ("3 ottobre 2021", "2021-10-03T00:00:00"),
        ("الجمعة 3 يوليو 2020", "2020-07-03T00:00:00"),
        ("٣ يوليو ٢٠٢٠", "2020-07-03T00:00:00"),
        ("3 كانون الثاني 2021 14:30", "2021-01-03T14:30:00"),
        ("5 جويلية 2021", "2021-07-05T00:00:00"),
        ("3 ga Satumba, 2023", "2023-09-03T00:00:00"),
        # figures only: the day comes first unless it cannot
        ("03/04/2020", "2020-04-03T00:00:00"),
        ("Fri, 26/06/2020", "2020-06-26T00:00:00"),
        ("03/30/2020 19:19 +0000", "2020-03-30T19:19:00"),
        ("3/4/2020 9:05:00 PM", "2020-03-04T21:05:00"),
        ("10.11.2020 18:05", "2020-11-10T18:05:00"),
        # Russian, Turkish, and other languages of Africa
        ("воскресенье, 1 октября 2023 г. 18:00 МСК", "2023-10-01T15:00:00"),
        ("Cmt, 2 Mar 2024 10:00:00 +0300", "2024-03-02T07:00:00"),
        ("5 Haziran 2021 Cumartesi", "2021-06-05T00:00:00"),
        ("Ijumaa, 5 Machi 2021", "2021-03-05T00:00:00"),
        ("5 Maarso 2021", "2021-03-05T00:00:00"),
        ("5 Maachị 2021", "2021-03-05T00:00:00"),
        ("5 Ẹrẹ́nà 2021", "2021-03-05T00:00:00"),
        ("5 Mbooy 2021", "2021-03-05T00:00:00"),
        ("7 de setiembre de 2023", "2023-09-07T00:00:00"),
        # times as they are also written
        ("2024/3/5 PM 3:04", "2024-03-05T15:04:00"),
        ("March 5, 2024, 12.16 pm", "2024-03-05T12:16:00"),
        ("Tue Mar 5 10:11:12,2024", "2024-03-05T10:11:12"),
        ("5 mars 2024 10:11:12,5", "2024-03-05T10:11:12"),
        ("Sun, 31 Dec 2023 24:04:05 GMT", "2024-01-01T00:04:05"),
        ("Tue, 05 Mar 2024 10:11:12 CVT", "2024-03-05T11:11:12"),
        ("Tue, 05 Mar 2024 10:11:12 NPT", "2024-03-05T04:26:12"),
        # languages that only dateparser knows
        ("5 червня 2021", "2021-06-05T00:00:00"),
        ("5 czerwca 2021", "2021-06-05T00:00:00"),
        ("2021年6月5日", "2021-06-05T00:00:00"),
        ("5 มิถุนายน 2021", "2021-06-05T00:00:00"),
    ],
)
def test_a_date_is_read_as_written(text: str, expected: str) -> None:
    assert parse_date(text) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "  ",
        "yesterday",
        "hier",
        "2 days ago",
        "il y a 3 heures",
        "May",
        "12",
        "12:30",
        "lundi",
        "Mon, 31 Feb 2020 10:00:00 GMT",
        "2024-13-01",
        "2024-02-30",
        "Thu, 01 Jan 1600 00:00:00 GMT",
        "0001-01-01T00:00:00Z",
        "3024-01-01",
        "1969-12-31",
        "2101-01-01",
        "version 2.0.1",
        "tomorrow 2020",
        "Tue, 05 Mar 2024 25:61:00 GMT",
        "9" * 50,
        "1 " * 40_000,
        "2024-03-05" + " " * 40_000 + "x",
        "32 mars 2024",
    ],
)
def test_what_is_no_date_or_outside_1970_to_2100_is_none(text: str | None) -> None:
    assert parse_date(text) is None


def table() -> list[tuple[str, str]]:
    """The kinds of dates that feeds print, each with its instant."""
    lines = (Path(__file__).parent / "data" / "dates.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.rsplit("|", 1) for line in lines if not line.startswith("#")]
    spelt = re.compile(r"\\u([0-9a-f]{4})")
    return [(spelt.sub(lambda match: chr(int(match[1], 16)), text), instant) for text, instant in rows]


def test_every_kind_of_date_that_feeds_print_is_the_right_instant() -> None:
    rows = table()
    wanted = {text: None if iso == "None" else datetime.fromisoformat(iso).replace(tzinfo=UTC) for text, iso in rows}
    wrong = {text: (instant, parse_date(text)) for text, instant in wanted.items() if parse_date(text) != instant}
    assert wrong == {}
    assert len(rows) > 250


def test_the_day_of_the_week_tells_day_and_month_apart() -> None:
    for month in range(1, 13):
        for day in range(1, 13):
            moment = datetime(2023, month, day, tzinfo=UTC)
            if datetime(2023, day, month, tzinfo=UTC).weekday() != moment.weekday():
                assert parse_date(f"{moment:%A, %d/%m/%Y}") == parse_date(f"{moment:%a %m/%d/%Y}") == moment


def test_a_zone_can_move_a_date_out_of_range() -> None:
    assert parse_date("2100-12-31T23:59:59-05:00") is None
    assert parse_date("1970-01-01T00:00:00+01:00") is None


@pytest.mark.parametrize("text", ["5 июня 2021", "03/04/2020", "Nov. 2020", "16. November 2020", "12 juin", "March 3"])
def test_the_result_does_not_depend_on_today(text: str) -> None:
    results = set()
    for today in ("2001-02-28", "2026-07-31", "2040-12-31"):
        with time_machine.travel(datetime.fromisoformat(today).replace(tzinfo=UTC), tick=False):
            results.add(parse_date(text))
    assert len(results) == 1


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2100, 12, 30)))  # noqa: DTZ001 - made aware below
@settings(max_examples=60)
def test_every_instant_survives_both_standard_forms(moment: datetime) -> None:
    instant = moment.replace(microsecond=0, tzinfo=UTC)
    assert parse_date(instant.isoformat()) == instant
    assert parse_date(instant.strftime("%a, %d %b %Y %H:%M:%S +0000")) == instant


@given(st.text(max_size=120))
@settings(max_examples=150, deadline=None)
def test_any_text_gives_a_date_in_range_or_none(text: str) -> None:
    found = parse_date(text)
    assert found is None or (found.tzinfo is UTC and found.microsecond == 0 and 1970 <= found.year <= 2100)


@given(st.from_regex(r"[0-9a-zé.,:/+ -]{0,40}(19|20)[0-9]{2}[0-9a-zé.,:/+ -]{0,20}", fullmatch=True))
@settings(max_examples=100, deadline=None)
def test_any_text_with_a_year_gives_a_date_in_range_or_none(text: str) -> None:
    found = parse_date(text)
    assert found is None or 1970 <= found.year <= 2100


def test_other_languages_are_read_from_many_threads() -> None:
    found: list[datetime | None] = []

    def work() -> None:
        found.extend(parse_date(f"{day} червня 2021") for day in range(1, 11))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 40
    assert all(found)


def test_dateparser_is_not_imported_for_ordinary_dates() -> None:
    program = (
        "import sys\nfrom feedwatch.dates import parse_date\n"
        "assert parse_date('Lundi, 16. Novembre 2020 - 15:54') and not parse_date('hier')\n"
        "assert 'dateparser' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_date_more_than_a_day_ahead_or_before_1970_is_not_sane() -> None:
    now = datetime(2024, 3, 5, 12, tzinfo=UTC)
    assert sane(now + timedelta(hours=23), now) == now + timedelta(hours=23)
    assert sane(now + timedelta(days=1, seconds=1), now) is None
    assert sane(datetime(1969, 12, 31, tzinfo=UTC), now) is None
    assert sane(datetime(1970, 1, 1, tzinfo=UTC), now) is not None
    assert sane(None, now) is None


def test_rarer_languages_are_asked_so_often_for_one_document_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dates, "_PATIENCE", 3)
    polish, english = "3 listopada 2020", "3 November 2020"
    for _ in range(2):
        with dates.of_one_document():
            assert [parse_date(polish) is not None for _ in range(5)] == [True, True, True, False, False]
            assert parse_date(english) is not None
    assert parse_date(polish) is not None


def test_what_cannot_be_a_date_costs_no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dates, "_PATIENCE", 1)
    with dates.of_one_document():
        assert not any(parse_date(text) for text in ("yesterday", "no date", "12", "") * 3)
        assert parse_date("3 listopada 2020") is not None
