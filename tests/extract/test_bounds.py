"""Pages that nobody should write: each ends soon, in an article or in an error that names it."""

from __future__ import annotations

import time

import pytest

from benchmarks.bounds import PAGES, read
from feedwatch.bounds import MAX_ATTRIBUTES, MAX_PAGE_CHARS, bounded_html, within

MOST_S = 10.0
#: Those that are made quickly; `benchmarks/bounds.py` reads them all.
NAMES = (
    "50 MB of references",
    "1 million attributes",
    "100,000 nested div",
    "100,000 nested p",
    "1 million links",
    "200,000 br",
    "200,000 img",
    "invalid UTF-8",
    "only numbers",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_page_ends_soon_and_says_how(name: str) -> None:
    body = PAGES[name]()
    start = time.process_time()
    said = read(body, "page")
    assert time.process_time() - start < MOST_S
    assert said.startswith(("1 of ", "5000 of ", "refused: page.html: "))


def test_a_page_without_a_word_is_no_article() -> None:
    assert read(b"<html><body>" + b"<p>. . .</p>" * 1_000, "page").startswith("refused: page.html: no text found")


def test_a_text_longer_than_the_bound_keeps_its_beginning() -> None:
    page = "<body>" + "A clinic opened. " * (MAX_PAGE_CHARS // 10)
    assert within(page, MAX_PAGE_CHARS, 10) == page[:MAX_PAGE_CHARS]
    assert within("<p>ab</p><p cd", 12, 10) == "<p>ab</p>"


@pytest.mark.parametrize("between", [" a=1", " a='>'", ' a="<p>"', "/a", " a = 1"])
def test_a_tag_of_too_many_attributes_is_left_out(between: str) -> None:
    few, many = between * MAX_ATTRIBUTES, between * (MAX_ATTRIBUTES + 1)
    assert bounded_html(f"<p{few}>x</p>") == f"<p{few}>x</p>"
    assert bounded_html(f"<b>a</b><p{many}>x</p>") == "<b>a</b>x</p>"
