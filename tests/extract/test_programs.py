from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.extract.programs import told_by_program

TEXT = "The council voted on Tuesday to rebuild the central market."
MORE = "Work is to begin in June and to last eighteen months."


@pytest.mark.parametrize(
    "article",
    [
        {"title": "A market for the city", "articleBody": TEXT},
        {"slug": "x", "content": {"html": TEXT}},
        {"body": "market-rebuilt", "teaser": {"text": "A market."}, "parts": [{"value": TEXT}]},
    ],
)
def test_the_longest_text_is_found_wherever_it_stands(article: object) -> None:
    assert told_by_program(json.dumps({"props": {"page": [article, 3, None]}})) == TEXT


def test_the_objects_of_a_list_are_paragraphs() -> None:
    pieces = [
        {"type": "text", "content": TEXT},
        {"type": "image", "url": "/a b.jpg"},
        {"type": "text", "content": MORE},
    ]
    assert told_by_program(json.dumps({"content_elements": pieces})) == f"{TEXT}\n\n{MORE}"


@pytest.mark.parametrize("data", ["", "{", "3", '"text"', "[" * 100_000])
def test_what_is_no_json_tells_nothing(data: str) -> None:
    assert told_by_program(data) == ""


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_json_is_read(data: object) -> None:
    assert isinstance(told_by_program(json.dumps(data)), str)
