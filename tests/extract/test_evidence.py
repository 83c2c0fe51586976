from __future__ import annotations

from feedwatch.extract.evidence import evidence_of, marks_of

POINTS = {"council": 1.0, "^share": -2.0, ".share": -1.0, "share$": -0.5}


def test_a_word_counts_by_where_it_stands() -> None:
    units = [
        ["share", "now"],
        ["the", "council"],
        ["the", "others", "share"],
        ["a", "share", "of", "the", "council", "x"],
    ]
    assert evidence_of(list(map(marks_of, units)), POINTS, 0.5)["words say"] == [-2.5, 1.5, -1.0, 1.5]


def test_a_unit_without_words_says_nothing_of_its_own() -> None:
    assert marks_of([]) == set()
    assert evidence_of([set()], POINTS, 0.5)["words say"] == [0.5]


def test_what_the_units_beside_say_stands_with_each_unit() -> None:
    figures = evidence_of([{"council"}, set(), {"^share"}], POINTS, 0.0)
    assert figures["words say at -1"][1] == 1.0
    assert figures["words say at +1"][1] == -2.0
    assert figures["words say +1+6"] == [-1.0, -2.0, 0.0]


def test_many_words_say_no_more_than_a_few_strong_ones() -> None:
    many = {f"word{number}": 1.0 for number in range(50)}
    assert evidence_of([set(many)], many, 0.0)["words say"] == [6.0]
