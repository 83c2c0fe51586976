"""What most pages of a source have within their articles is furniture; what the article itself says stays."""

from __future__ import annotations

from datetime import UTC, datetime

from feedwatch.extract.page import MainText, main_text, page_tree
from feedwatch.extract.repeats import MIN_DOCUMENTS, NO_REPEATS, Repeats
from feedwatch.markup import text_of_sanitised

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
#: Two sentences that no list of words knows, and a line that looks like a subheading.
PLEA = "Our reporters walk where others drive, and your gifts keep their shoes whole."
HEADING = "Voices from the valley"
STANDING = (
    "The quarrel over the bridge began in 1998, when the two councils could not agree who was to pay for its pillars, "
    "and the contractor left the site with half of the steel unpaid and all of the concrete poured."
)


def page(number: int, *boxes: str) -> str:
    paragraphs = (
        f"The council of ward {number} voted on Tuesday for the money of the bridge, after {number} hours of debate.",
        f"The mayor said that the bridge would open to the people of ward {number} before the rains of next year.",
        f"The opposition called the sum too small for the {number} quarters in the north that have waited for it.",
    )
    body = "".join(f"<p>{text}</p>" for text in (paragraphs[0], *boxes, *paragraphs[1:]))
    return f"<html><body><h1>Ward {number} votes</h1><article>{body}</article></body></html>"


def article(html: str, repeats: Repeats = NO_REPEATS) -> MainText:
    return main_text(page_tree(html), None, repeats)


def remembered(*pages: str) -> Repeats:
    return NO_REPEATS.with_documents([text_of_sanitised(article(each).html) for each in pages], NOON)[0]


def test_sentences_and_lines_that_most_pages_have_are_cut_and_told() -> None:
    known = remembered(*(page(number, PLEA, HEADING) for number in range(3, 9)))
    assert PLEA in article(page(99, PLEA, HEADING)).html
    found = article(page(99, PLEA, HEADING), known)
    assert found.repeated == (PLEA, HEADING)
    assert text_of_sanitised(found.html) == text_of_sanitised(article(page(99)).html)


def test_fewer_pages_than_four_tell_nothing() -> None:
    known = remembered(*(page(number, PLEA) for number in range(3, 2 + MIN_DOCUMENTS)))
    assert article(page(99, PLEA), known) == article(page(99, PLEA))


def test_what_fewer_than_half_of_the_pages_have_stays() -> None:
    some = [page(number, PLEA, HEADING) for number in range(3, 8)]
    known = remembered(*some, *(page(number) for number in range(10, 16)))
    assert article(page(99, PLEA, HEADING), known) == article(page(99, PLEA, HEADING))


def test_a_long_standing_explanation_stays_wherever_it_recurs() -> None:
    known = remembered(*(page(number, STANDING) for number in range(3, 12)))
    assert STANDING in article(page(99, STANDING), known).html


def test_the_headings_of_reports_of_one_kind_stay() -> None:
    def report(number: int) -> str:
        return page(number, PLEA).replace(f"<p>{PLEA}</p>", f"<p>{PLEA}</p><h2>Needs and response</h2>")

    found = article(report(99), remembered(*(report(number) for number in range(3, 9))))
    assert found.repeated == (PLEA,)
    assert "Needs and response" in found.html


def test_versions_of_one_page_lose_no_sentence() -> None:
    known = remembered(*[page(99)] * 8)
    assert article(page(99), known) == article(page(99))


def test_a_line_that_the_page_has_outside_its_article_does_not_matter() -> None:
    known = remembered(*(page(number, PLEA) for number in range(3, 9)))
    beside = page(99).replace("<article>", f"<nav><a href='/g'>{PLEA}</a></nav><article>")
    assert article(beside, known).repeated == ()
