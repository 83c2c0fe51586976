"""Several articles in one scraped file become several items; one article stays one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedwatch.extract.parting import MAX_PARTS, parted, parts_of
from feedwatch.extract.scrape import read_scrape
from feedwatch.model import Item

#: By language: title, byline and text of each article.
ARTICLES = {
    "fr": (
        (
            "Kara ouvre un centre de soins pour les mères",
            "Par Afi Mensah | 12 mars 2025",
            "La ville de Kara a ouvert lundi un centre de soins destiné aux mères et aux enfants, après deux ans.",
            "Le ministère promet d’ouvrir trois autres centres avant la fin de l’année, et d’y former des équipes.",
            "Les soins y sont gratuits pour tous les enfants de moins de cinq ans, a rappelé la directrice.",
        ),
        (
            "Le fleuve déborde à Niamey après trois jours de pluie",
            "Par Moussa Ali Issa | 13 mars 2025",
            "Le fleuve Niger est sorti de son lit dans la nuit de mardi à mercredi, et deux quartiers sont inondés.",
            "Les autorités ont ouvert les écoles aux familles, qui y passent déjà leur deuxième nuit sans électricité.",
            "La pluie doit cesser vendredi, selon le service météorologique, mais la crue durera encore une semaine.",
        ),
    ),
    "en": (
        (
            "Gunmen attack a convoy near Tillabéri",
            "By Amina Sow - 12 March 2025",
            "Gunmen on motorbikes attacked a convoy on Monday near Tillabéri, killing four men, officials have said.",
            "The army sent reinforcements from the capital, and said the road would be closed until further notice.",
            "Residents told our reporter that they had heard shots for an hour before the soldiers came.",
        ),
        (
            "Ghana announces a new plan for cocoa farmers",
            "By Kofi Boateng - 14 March 2025",
            "The government of Ghana will pay farmers a third more for their cocoa from October on, the minister said.",
            "Farmers’ groups welcomed the plan, but asked for the money that is still owed to them from last season.",
            "Prices on the world market have fallen by a half since December, which makes the plan a costly promise.",
        ),
    ),
    "ar": (
        (
            "الجيش يحبط هجوما على قرية قرب تمبكتو",
            "بقلم أحمد ولد سالم - 12 مارس 2025",
            "أعلن الجيش المالي يوم الأربعاء أنه أحبط هجوما على قرية تقع شمال مدينة تمبكتو، وأكد مقتل خمسة مهاجمين.",
            "وقال متحدث عسكري إن الوحدات لا تزال تمشط المنطقة بحثا عن الفارين بعد أن عاد السكان إلى بيوتهم.",
            "ولم تعلن أي جهة مسؤوليتها عن الهجوم حتى الآن، وهو الثالث في المنطقة منذ بداية الشهر الجاري.",
        ),
        (
            "تونس تطلق برنامجا جديدا لدعم المزارعين في الجنوب",
            "بقلم ليلى بن عمر - 13 مارس 2025",
            "أطلقت وزارة الفلاحة التونسية يوم الخميس برنامجا جديدا لدعم صغار المزارعين في ولايات الجنوب الأربع.",
            "ويشمل البرنامج قروضا دون فوائد وحفر آبار جديدة، وتبلغ كلفته أربعين مليون دينار على ثلاث سنوات.",
            "وطالبت نقابات المزارعين بتوسيع البرنامج ليشمل ولايات الوسط التي تضررت هي الأخرى من الجفاف.",
        ),
    ),
    "pt": (
        (
            "Hospital de Bissau recebe novos equipamentos de diagnóstico",
            "12 de março de 2025",
            "O hospital nacional recebeu na terça-feira um conjunto de equipamentos oferecidos por parceiros europeus.",
            "Segundo a direção, os aparelhos vão reduzir o tempo de espera dos doentes que chegam do interior do país.",
            "A formação dos técnicos começa na próxima semana e deve durar até ao fim do mês de abril.",
        ),
        (
            "Praia acolhe encontro de ministros da economia azul",
            "13 de março de 2025",
            "A capital de Cabo Verde recebe a partir de segunda-feira ministros de quinze países da costa ocidental.",
            "O encontro discute a pesca ilegal, os portos e a energia das ondas, disse o ministro aos jornalistas.",
            "Os países esperam assinar uma declaração comum e criar um fundo para pequenas empresas do setor.",
        ),
    ),
}  # fmt: skip
RULES = ("", "-----", "==========", "* * *")


def joined(language: str, rule: str = "") -> str:
    return f"\n\n{rule}\n\n".join("\n\n".join(article) for article in ARTICLES[language])


def item(text: str, **values: object) -> Item:
    return replace(Item(shape="scrape", locator="a.txt", position=0, content=text), **values)  # type: ignore[arg-type]  # checked by the dataclass


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("language", ARTICLES)
def test_each_article_of_a_file_comes_out_exactly(language: str, rule: str) -> None:
    parts = parts_of(joined(language, rule))
    assert [title for title, _ in parts] == [article[0] for article in ARTICLES[language]]
    for (title, text), article in zip(parts, ARTICLES[language], strict=True):
        scrape = read_scrape(text, title)
        assert scrape.title == article[0]
        assert scrape.paragraphs == article[2:]


@pytest.mark.parametrize("language", ARTICLES)
def test_a_long_ruled_line_parts_articles_without_bylines(language: str) -> None:
    bare = ["\n\n".join((article[0], *article[2:])) for article in ARTICLES[language]]
    assert [title for title, _ in parts_of("\n\n==========\n\n".join(bare))] == [
        article[0] for article in ARTICLES[language]
    ]
    assert parts_of("\n\n".join(bare)) == []


@pytest.mark.parametrize("language", ARTICLES)
def test_dates_may_stand_above_the_titles(language: str) -> None:
    text = "\n\n".join("\n".join((byline, title, *rest)) for title, byline, *rest in ARTICLES[language])
    parts = parts_of(text)
    assert [title for title, _ in parts] == [article[0] for article in ARTICLES[language]]
    assert all(article[1] in part for (_, part), article in zip(parts, ARTICLES[language], strict=True))


@pytest.mark.parametrize("rule", ["", "* * *", "---"])
@pytest.mark.parametrize("language", ARTICLES)
def test_one_article_with_subheadings_stays_one(language: str, rule: str) -> None:
    (title, byline, *first), (heading, _, *second) = ARTICLES[language]
    text = f"{title}\n{byline}\n\n" + "\n\n".join([*first, rule, " ".join(heading.split()[:3]), *second])
    assert parts_of(text) == []


@pytest.mark.parametrize("language", ARTICLES)
def test_cards_of_other_articles_make_no_parts(language: str) -> None:
    one, other = ARTICLES[language]
    cards = "\n\n".join(f"{title}\n{byline}" for title, byline, *_ in (other, one, other))
    assert parts_of("\n\n".join(one) + "\n\n" + cards) == []


def test_comments_below_an_article_are_no_articles() -> None:
    (title, byline, *text), _ = ARTICLES["en"]
    comment = "A reader from the north\nBy Anonymous - 15 March 2025\n\n" + " ".join(text)
    assert parts_of("\n\n".join([title, byline, *text, "LEAVE A REPLY", comment, comment])) == []


def test_whole_pages_one_below_the_other_are_parted_at_the_ruled_line() -> None:
    pages = [
        "Main logo\n" + "\n".join(article) + "\nLEAVE A REPLY\nPlease enter your comment!" for article in ARTICLES["en"]
    ]
    parts = parts_of("\n=====\n".join(pages))
    assert [title for title, _ in parts] == [article[0] for article in ARTICLES["en"]]
    for (title, text), article in zip(parts, ARTICLES["en"], strict=True):
        assert read_scrape(text, title).paragraphs == article[2:]


def test_nothing_of_the_file_is_lost_but_ruled_lines() -> None:
    text = "Gazette du fleuve\n\n" + joined("fr", "=====") + "\n\nMentions légales"
    lines = {line for _, part in parts_of(text) for line in part.splitlines() if line}
    assert lines == {line for line in text.splitlines() if line and line != "====="}


def test_a_title_that_comes_twice_begins_no_second_article() -> None:
    article = "\n\n".join(ARTICLES["fr"][0])
    assert parts_of(f"{article}\n\n{article}") == []


def test_items_are_counted_in_order_and_their_titles_are_plain() -> None:
    text = joined("en").replace("Gunmen attack", "AT&T <b>staff</b> attack")
    found = parted([item("One line."), item(text, locator="b.txt", position=1), item("Another.", position=2)])
    assert [each.position for each in found] == [0, 1, 2, 3]
    assert [each.locator for each in found] == ["a.txt", "b.txt", "b.txt", "a.txt"]
    assert found[1].title == "AT&amp;T &lt;b&gt;staff&lt;/b&gt; attack a convoy near Tillabéri"


def test_pages_with_an_address_and_other_shapes_stay_whole() -> None:
    whole = [item(joined("fr"), link="https://a.example/"), item(joined("fr"), shape="text")]
    assert parted(whole) == tuple(whole)


def test_any_number_of_articles_is_bounded() -> None:
    title, byline, *text = ARTICLES["en"][0]
    many = "\n".join(f"{title} number {n}\n{byline}\n" + "\n".join(text) for n in range(2 * MAX_PARTS))
    parts = parts_of(many)
    assert len(parts) == MAX_PARTS
    assert f"number {MAX_PARTS}\n" in parts[-1][1]


def test_a_file_of_very_many_lines_is_read_whole() -> None:
    assert parts_of(joined("fr") + "\n1 mars 2025" * 30_000) == []


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="aA1 .\n-=|Par2025م", max_size=400))
def test_any_text_may_come(text: str) -> None:
    assert parts_of(text) == parts_of(text)
