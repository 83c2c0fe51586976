"""A text in which the first words come again: they are its title only where no prose stands between."""

from __future__ import annotations

import pytest

from feedwatch.extract.scrape import read_scrape

COUNCIL = (
    "Le Conseil des ministres s’est réuni mardi à Niamey pour examiner la situation du pays. Le Conseil des ministres "
    "a adopté trois projets de loi sur l’eau et le bétail. Les habitants attendent des mesures depuis deux semaines."
)
REFRAIN = (
    "We will go on. The people of the valley have waited for three years, and the bridge is not there. We will go on. "
    "The council has voted the money, and nobody has seen it. We will go on. So said the mayor before two hundred "
    "people."
)
BOARD = (
    "The bridge over the river is closed. Nobody knows for how long, the mayor said on Tuesday. The bridge over the "
    "river is closed. That sentence stands on a board at the entrance of the village, and drivers have learned to turn."
)
ALIKE = (
    "مجلس الوزراء في نيامي اجتمع يوم الثلاثاء لبحث الوضع في البلاد وأسعار الوقود. "
    "مجلس الوزراء في نيامي اعتمد ثلاثة مشاريع قوانين حول المياه والماشية. وينتظر السكان الإجراءات منذ أسبوعين."
)


@pytest.mark.parametrize("text", [COUNCIL, REFRAIN, BOARD, ALIKE])
@pytest.mark.parametrize("by_lines", [False, True])
def test_prose_that_begins_twice_with_the_same_words_keeps_them(text: str, by_lines: bool) -> None:
    scrape = read_scrape(text.replace(". ", ".\n\n") if by_lines else text)
    assert " ".join(scrape.paragraphs) == text


def test_a_sentence_again_and_again_is_a_text_without_a_title() -> None:
    text = "The town of Kara opened a clinic for mothers and small children on Monday, after two years of building. "
    for page in (text * 40, (text + "\n\n") * 40):
        scrape = read_scrape(page)
        assert len(" ".join(scrape.paragraphs)) >= 40 * (len(text) - 1)


def test_a_title_that_ends_with_a_full_stop_is_one_where_no_prose_stands_between() -> None:
    title = "Wild goats ruled this island. Now it is being reborn."
    text = "The rocky islands of the bay have become a home for lizards and birds, ten years after the last goat left."
    for page in (
        f"{title} | The Valley Home News Sport {title} {text} {text}",
        f"{title}\nHome\nSport\n{title}\n{text}",
    ):
        assert read_scrape(page).title == title
