from __future__ import annotations

from feedwatch.extract.prose import prose_points
from feedwatch.extract.units import make_unit

SENTENCE = "The town opened a clinic for mothers and small children on Monday, after two years of building."
MENU = ["Home", "Sport", "Politics", "Weather", "Contact"]


def test_a_sentence_among_sentences_is_text_and_a_line_of_a_menu_is_not() -> None:
    units = [make_unit(line) for line in (*MENU, *([SENTENCE] * 5), *MENU)]
    points = prose_points(units)
    assert all(point > 0 for point in points[5:10])
    assert all(point < 0 for point in points[10:])


def test_below_the_comments_a_sentence_is_worth_less() -> None:
    above = [make_unit(SENTENCE)] * 4
    without = prose_points([*above, make_unit(SENTENCE)])[-1]
    assert prose_points([*above, make_unit("Leave a comment"), make_unit(SENTENCE)])[-1] < without


def test_no_units_have_no_points() -> None:
    assert prose_points([]) == []
