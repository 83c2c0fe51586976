"""What many documents of a source have is furniture, and the memory that tells is bounded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feedwatch.extract.repeats import (
    DOCUMENTS,
    HALVED_AFTER,
    MAX_LINES,
    MAX_LINES_OF_DOCUMENT,
    MIN_DOCUMENTS,
    NO_REPEATS,
    Repeats,
)
from feedwatch.extract.scrape import read_scrape

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIRST = "Le conseil municipal a voté mardi soir le budget de la ville, après six heures de débats parfois très vifs."
LAST = (
    "Le maire a défendu la hausse des crédits de l’eau, que l’opposition juge trop faible pour les quartiers du nord."
)
#: Sentences that no list of words knows, and a line that looks like a subheading.
BOX = "La rédaction vous propose chaque matin un regard différent sur la ville."
HEADING = "Regards croisés de nos correspondants"


def page(number: int, *, title: str = "", extra: str = "") -> str:
    title = title or f"Le budget numéro {number} de la ville est enfin voté"
    lines = (
        "Gazette du fleuve", title, FIRST.replace("six", f"{number + 2}"), HEADING, BOX, extra,
        LAST.replace("nord", f"secteur {number}"),
    )  # fmt: skip
    return "\n\n".join(filter(None, lines))


def remembered(*texts: str) -> Repeats:
    return NO_REPEATS.with_documents(texts, NOON)[0]


def test_lines_that_most_documents_have_are_furniture_even_sentences() -> None:
    text = page(99)
    assert BOX in read_scrape(text).paragraphs
    scrape = read_scrape(text, repeats=remembered(*map(page, range(8))))
    assert scrape.title == "Le budget numéro 99 de la ville est enfin voté"
    assert scrape.paragraphs == (FIRST.replace("six", "101"), LAST.replace("nord", "secteur 99"))
    assert BOX in scrape.tail
    assert HEADING in scrape.tail


def test_fewer_documents_than_four_tell_nothing() -> None:
    few = remembered(*map(page, range(MIN_DOCUMENTS - 1)))
    assert not few
    assert read_scrape(page(99), repeats=few) == read_scrape(page(99))


def test_a_sentence_that_some_documents_share_is_text() -> None:
    shared = "Les deux camps se rejettent la faute, comme la semaine dernière."
    repeats = remembered(*(page(n, extra=shared if n < 5 else "") for n in range(20)))
    assert shared in read_scrape(page(99, extra=shared), repeats=repeats).paragraphs


def test_a_line_that_some_documents_share_is_furniture_unless_it_ends_a_sentence() -> None:
    headline = "Trois ponts rouvrent après la crue"
    repeats = remembered(*(page(n, extra=headline if n < 5 else "") for n in range(20)))
    assert headline in read_scrape(page(99, extra=headline)).paragraphs
    assert headline not in read_scrape(page(99, extra=headline), repeats=repeats).paragraphs


def test_a_headline_shown_beside_other_articles_is_the_title_of_its_own() -> None:
    title = "Trois ponts rouvrent enfin après la grande crue"
    repeats = remembered(*(page(n, extra=title if n < 6 else "") for n in range(20)))
    assert read_scrape(page(99, title=title), repeats=repeats).title == title


def test_versions_of_one_text_keep_it() -> None:
    text = page(1)
    scrape = read_scrape(text, repeats=remembered(*[text] * 9))
    assert FIRST.replace("six", "3") in scrape.paragraphs
    assert LAST.replace("nord", "secteur 1") in scrape.paragraphs


def test_a_text_of_nothing_but_known_lines_is_read_as_if_nothing_were_known() -> None:
    text = "Rien à signaler ce matin\n\nLa piste reste ouverte à tous les véhicules, dit le poste."
    assert read_scrape(text, repeats=remembered(*[text] * 9)) == read_scrape(text)


def test_a_line_counts_once_for_each_document_whatever_its_case() -> None:
    repeats = remembered("Une ligne\nUNE LIGNE\nUne  ligne", "une ligne")
    assert sorted(count.documents for count in repeats.counts.values()) == [2, 2]


def test_documents_in_several_batches_count_as_in_one() -> None:
    pages = [page(number) for number in range(8)]
    by_turns = NO_REPEATS
    for text in pages:
        by_turns, _ = by_turns.with_documents([text], NOON)
    assert by_turns == remembered(*pages)


def test_the_changes_are_all_that_the_store_needs() -> None:
    before = remembered(*map(page, range(3)))
    after, changes = before.with_documents([page(9)], NOON + timedelta(days=1))
    stored = {**before.counts, **{mark: count for mark, count in changes.items() if count is not None}}
    assert stored == after.counts
    assert len(changes) < len(after.counts)


def test_of_too_many_lines_those_seen_least_and_longest_ago_go() -> None:
    def many(start: int) -> list[str]:
        return ["\n".join(f"line {start + n} of {place}" for n in range(900)) for place in range(4)]

    old, _ = NO_REPEATS.with_documents(["kept of old", *many(0)], NOON)
    old, _ = old.with_documents(["kept of old"], NOON)
    new, changes = old.with_documents(many(10_000), NOON + timedelta(days=1))
    assert len(new.counts) == MAX_LINES
    assert new.counts[DOCUMENTS].documents == 10
    assert max(count.documents for mark, count in new.counts.items() if mark != DOCUMENTS) == 2
    assert sum(count is None for count in changes.values()) == len(old.counts.keys() - new.counts.keys()) > 3_000


def test_of_one_document_so_many_lines_count() -> None:
    repeats = remembered("\n".join(f"line {n}" for n in range(5 * MAX_LINES_OF_DOCUMENT)))
    assert len(repeats.counts) == MAX_LINES_OF_DOCUMENT + 1


def test_counts_fade() -> None:
    repeats = remembered(*[f"shown by all\nonly {n}" for n in range(HALVED_AFTER)])
    assert sorted(count.documents for count in repeats.counts.values()) == [HALVED_AFTER // 2, HALVED_AFTER // 2]


@pytest.mark.parametrize("text", ["", "\x00\n\ud800", "x" * 1_000_000, "\n" * 100_000])
def test_any_text_can_be_remembered(text: str) -> None:
    assert remembered(text).counts[DOCUMENTS].documents == 1
