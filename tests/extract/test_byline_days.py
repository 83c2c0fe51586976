"""The day of a plain text stands in the byline beside its title, and nowhere else."""

from __future__ import annotations

import pytest

from feedwatch.extract.days import day_beside

TITLE = "Kara opens a clinic for mothers"
TEXT = "The town of Kara opened a clinic on 2 January 2020, and the council paid for it."


@pytest.mark.parametrize(
    "byline", ["By Afi Mensah | 12 March 2025", "Par Afi Mensah | 12 mars 2025", "12/03/2025", "Publié le 12 mars 2025"]
)
def test_the_byline_below_or_above_the_title_has_the_day(byline: str) -> None:
    for text in (f"{TITLE}\n\n{byline}\n\n{TEXT}", f"{byline}\n{TITLE}\n{TEXT}"):
        day = day_beside(TITLE, text)
        assert day is not None
        assert (day.year, day.month, day.day) == (2025, 3, 12)


@pytest.mark.parametrize(
    "text",
    [
        f"{TITLE}\n\n{TEXT}",
        f"{TITLE}\n\n{TEXT}\n\n{TEXT}\n\n{TEXT}\n\n12 March 2025",
        "12 March 2025\n\nAnother title",
    ],
)
def test_a_day_within_the_text_or_far_from_the_title_is_none(text: str) -> None:
    assert day_beside(TITLE, text) is None


def test_without_a_title_nothing_is_read() -> None:
    assert day_beside("", "12 March 2025") is None
