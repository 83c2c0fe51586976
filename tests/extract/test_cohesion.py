from __future__ import annotations

from feedwatch.extract.shape import looks_of
from feedwatch.extract.units import make_unit

ARTICLE = [
    "The council opened a clinic for mothers and small children in the district on Monday.",
    "Until now the nearest clinic was two hours away, and mothers went there with their children on foot.",
    "The district paid for the clinic with its own money, and the council will pay the nurses.",
]
TEASER = "Our players won against the neighbours yesterday, and the coach praised every single one of them."


def test_sentences_of_one_theme_share_words_and_a_teaser_shares_none() -> None:
    shares = looks_of([make_unit(line) for line in (*ARTICLE, TEASER)])[0]["words of prose"]
    assert min(shares[:3]) > 0.2
    assert shares[3] == 0.0


def test_units_before_the_run_count_down_and_those_behind_it_count_up() -> None:
    units = [make_unit(line) for line in ("Home", "Sport", *ARTICLE, "Contact", "Imprint")]
    away = looks_of(units)[0]["from the run"]
    assert away[0] < away[1] < 0
    assert away[2:5] == [0.0, 0.0, 0.0]
    assert 0 < away[5] < away[6]


def test_rows_of_one_make_begin_alike() -> None:
    lines = ["Photo: the market", *ARTICLE, "Photo: the river", "Photo: the school"]
    assert looks_of([make_unit(line) for line in lines])[0]["begins alike"] == [2, 1, 0, 1, 2, 2]


def test_bylines_beside_are_counted() -> None:
    units = [make_unit(line) for line in ("12 March 2024", "A town and its clinic", "13 March 2024")]
    figures = looks_of(units)[0]
    assert figures["dates -3+0"] == [0, 1, 1]
    assert figures["dates +1+4"] == [1, 1, 0]
