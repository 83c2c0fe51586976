from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from feedwatch.extract.blocks import Block, agree, overlap, without_furniture

LEAD = "After two years of building work the town of Kara opens its first clinic for mothers and small children today."
FIRST = "A midwife from a nearby village said that she had waited a long time for a place like this one to open."
SECOND = "The ministry promises to open three more clinics before the end of the year, in the north and in the east."
THIRD = "Until then, patients from the villages have to travel for half a day to reach the hospital of the province."
ADVERT = "Newsletter and offers"


def blocks(*texts: str) -> list[Block]:
    return [Block(text, f"<p>{text}</p>") for text in texts]


def texts(first: list[Block], second: list[Block]) -> list[str]:
    return [block.text for block in agree(first, second, overlap(first, second))]


def test_a_sentence_that_the_first_opinion_lost_comes_back_to_its_place() -> None:
    assert texts(blocks(FIRST, THIRD), blocks(LEAD, FIRST, SECOND, THIRD)) == [LEAD, FIRST, SECOND, THIRD]


def test_what_the_second_opinion_has_below_the_text_is_not_added() -> None:
    assert texts(blocks(LEAD, FIRST, SECOND), blocks(LEAD, FIRST, SECOND, THIRD)) == [LEAD, FIRST, SECOND]


def test_short_lines_below_the_last_common_block_are_cut() -> None:
    assert texts(blocks(FIRST, SECOND, ADVERT), blocks(FIRST, SECOND)) == [FIRST, SECOND]


def test_a_sentence_below_the_last_common_block_stays() -> None:
    assert texts(blocks(FIRST, SECOND, THIRD), blocks(FIRST, SECOND)) == [FIRST, SECOND, THIRD]


def test_a_far_longer_opinion_that_holds_the_other_wins() -> None:
    assert texts(blocks(LEAD), blocks(LEAD, FIRST, SECOND, THIRD)) == [LEAD, FIRST, SECOND, THIRD]


def test_opinions_without_much_in_common_are_in_doubt() -> None:
    other = blocks(
        *(f"Another story of {number} boats that came back to the port in the evening." for number in range(9))
    )
    first = blocks(LEAD, FIRST, SECOND, THIRD) * 2
    assert overlap(first, other).is_doubtful
    assert not overlap(first, first).is_doubtful
    assert texts(first, other) == [block.text for block in first]


def test_a_long_first_opinion_that_found_more_is_in_no_doubt() -> None:
    short, long = blocks("One thing. " * 20), blocks("Quite another. " * 200)
    assert not overlap(long, short).is_doubtful
    assert overlap(short, long).is_doubtful


def test_prose_wins_over_a_longer_list_of_the_page() -> None:
    prose = blocks(*[LEAD, FIRST, SECOND, THIRD] * 4)
    names = blocks(*(f"Subtitles number {number}, selected" for number in range(200)))
    assert texts([*names, *prose[:4]], prose) == [block.text for block in prose]


def test_a_list_with_more_sentences_than_the_second_opinion_stays() -> None:
    prose = blocks(*[LEAD, FIRST, SECOND, THIRD] * 4)
    rules = blocks(*(f"Rule {number} of the school" for number in range(600)))
    told = blocks(
        *(f"What is to be learned in week {number} is told by the teachers of this school." for number in range(60))
    )
    assert texts([*rules, *told], prose) == [block.text for block in (*rules, *told)]


def test_one_opinion_is_enough() -> None:
    assert texts(blocks(FIRST), []) == [FIRST]
    assert texts([], blocks(FIRST)) == [FIRST]


def test_blocks_of_furniture_go_and_mixed_ones_stay() -> None:
    kept = without_furniture(
        blocks(FIRST, "Lire aussi : le port de Lomé s’agrandit", f"{SECOND}\nPhoto : AFP", "اقرأ أيضا: أخبار")
    )
    assert [block.text for block in kept] == [FIRST, f"{SECOND}\nPhoto : AFP"]


def test_links_below_a_heading_of_other_articles_go_with_it() -> None:
    link = Block("The port grows", '<p><a href="/p">The port grows</a></p>')
    mixed = Block(f"{SECOND} The port", f'<p>{SECOND} <a href="/p">The port</a></p>')
    heading, label = blocks("Related articles", "Lire aussi :")
    found = without_furniture([link, heading, link, link, mixed, link, label, link, *blocks(THIRD)])
    assert found == [link, mixed, link, *blocks(THIRD)]


SOME = st.lists(st.sampled_from([LEAD, FIRST, SECOND, THIRD, ADVERT, "", "¿?"]), max_size=8)


@given(SOME, SOME)
@settings(max_examples=60, deadline=None)
def test_nothing_is_invented(first: list[str], second: list[str]) -> None:
    assert set(texts(blocks(*first), blocks(*second))) <= {*first, *second}
