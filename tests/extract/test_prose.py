from __future__ import annotations

from feedwatch.extract.prose import prose_points
from feedwatch.extract.units import make_unit

SENTENCE = "The town opened a clinic for mothers and small children on Monday, after two years of building."
SENTENCES = [
    SENTENCE,
    "Until now the nearest doctor was two hours away on a road that the river closes for months.",
    "The council paid for it with the market's fees, and the parents of the district gave their work.",
    "Its first nurse, who grew up in the town, will teach two others until the end of the year.",
    "Medicine for the first months has come from the capital, on the lorry that also brings the post.",
]
MENU = ["Home", "Sport", "Politics", "Weather", "Contact"]


def test_a_sentence_among_sentences_is_text_and_a_line_of_a_menu_is_not() -> None:
    units = [make_unit(line) for line in (*MENU, *SENTENCES, *MENU)]
    points = prose_points(units)
    assert all(point > 0 for point in points[5:10])
    assert all(point < 0 for point in points[10:])


def test_below_the_comments_a_sentence_is_worth_less() -> None:
    above = [make_unit(line) for line in SENTENCES[:4]]
    last = make_unit(SENTENCES[4])
    without = prose_points([*above, last])[-1]
    assert prose_points([*above, make_unit("Leave a comment"), last])[-1] < without


def test_no_units_have_no_points() -> None:
    assert prose_points([]) == []


def test_a_page_of_many_units_is_read_in_parts_with_the_same_points() -> None:
    units = [make_unit(line) for line in (SENTENCES + MENU) * 120]
    points = prose_points(units)
    assert len(points) == 1_200
    # Far from both ends every round looks nearly the same.
    assert abs(points[505] - points[495]) < 1.0
