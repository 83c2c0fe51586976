from __future__ import annotations

import time
from typing import Final, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedwatch.extract.scrape import read_scrape


class Page(NamedTuple):
    text: str
    title: str
    section: str | None
    paragraphs: tuple[str, ...]
    teasers: tuple[tuple[str | None, str], ...] = ()


FRENCH = Page(
    """Live logo
spot_img
AccueilActualitésSantéKara ouvre un centre de soins pour les mères et les enfants

Kara ouvre un centre de soins pour les mères et les enfants

- Publicité -

La ville de Kara a ouvert lundi un centre de soins destiné aux mères et aux enfants, après deux ans d’effort.

« Nous attendions ce lieu depuis longtemps », confie une sage-femme venue d’un village voisin.

Lire aussi : Lomé inaugure un nouveau marché

Le ministère promet d’ouvrir trois autres centres avant la fin de l’année.

Les soins y sont gratuits.

LAISSER UN COMMENTAIRE

S'il vous plaît entrez votre commentaire!
S'il vous plaît entrez votre nom ici
Captcha verification failed!
Ghana

Ghana : la récolte de cacao s’annonce meilleure que prévu

Sport

Le stade de Parakou accueillera la finale du championnat
""",
    "Kara ouvre un centre de soins pour les mères et les enfants",
    "Santé",
    (
        "La ville de Kara a ouvert lundi un centre de soins destiné aux mères et aux enfants, après deux ans d’effort.",
        "« Nous attendions ce lieu depuis longtemps », confie une sage-femme venue d’un village voisin.",
        "Le ministère promet d’ouvrir trois autres centres avant la fin de l’année.",
        "Les soins y sont gratuits.",
    ),
    (
        ("Ghana", "Ghana : la récolte de cacao s’annonce meilleure que prévu"),
        ("Sport", "Le stade de Parakou accueillera la finale du championnat"),
    ),
)
ENGLISH = Page(
    """Skip to content
Main logo
HomeNewsSecurityGunmen attack a convoy near Tillabéri

Gunmen attack a convoy near Tillabéri

By Amina Sow - 12 March 2025
Share on Facebook
Share on Twitter

Gunmen on motorbikes attacked a convoy on Monday near Tillabéri, killing four men, officials said.

Advertisement

The army sent reinforcements. It said the road would be closed until further notice.

Read also: Niger closes its northern border

Residents told our reporter they had heard shots for an hour. "We hid in the school," one of them said.

The investigation goes on.

LEAVE A REPLY

Please enter your comment!
Please enter your name here
Save my name, email, and website in this browser for the next time I comment.
Ghana

Ghana announces a new plan for cocoa farmers

World

Japan and Canada sign an agreement on fisheries
""",
    "Gunmen attack a convoy near Tillabéri",
    "Security",
    (
        "Gunmen on motorbikes attacked a convoy on Monday near Tillabéri, killing four men, officials said.",
        "The army sent reinforcements. It said the road would be closed until further notice.",
        'Residents told our reporter they had heard shots for an hour. "We hid in the school," one of them said.',
        "The investigation goes on.",
    ),
    (
        ("Ghana", "Ghana announces a new plan for cocoa farmers"),
        ("World", "Japan and Canada sign an agreement on fisheries"),
    ),
)
ARABIC = Page(
    """الرئيسية » أخبار » الأمن
الجيش يحبط هجوما على قرية قرب تمبكتو

الجيش يحبط هجوما على قرية قرب تمبكتو

بقلم: أحمد ولد سالم
12 مارس 2025
شارك على فيسبوك
إعلان

أعلن الجيش المالي يوم الأربعاء أنه أحبط هجوما على قرية تقع شمال مدينة تمبكتو، وأكد مقتل خمسة مهاجمين.

وقال متحدث عسكري إن الوحدات لا تزال تمشط المنطقة بحثا عن الفارين. وأضاف أن السكان عادوا إلى بيوتهم.

اقرأ أيضا: النيجر تعلق نشاط شركة أجنبية

ولم تعلن أي جهة مسؤوليتها عن الهجوم حتى الآن.

اترك تعليقا
لن يتم نشر عنوان بريدك الإلكتروني.
تونس

تونس تطلق برنامجا جديدا لدعم المزارعين في الجنوب
""",
    "الجيش يحبط هجوما على قرية قرب تمبكتو",
    "الأمن",
    (
        "أعلن الجيش المالي يوم الأربعاء أنه أحبط هجوما على قرية تقع شمال مدينة تمبكتو، وأكد مقتل خمسة مهاجمين.",
        "وقال متحدث عسكري إن الوحدات لا تزال تمشط المنطقة بحثا عن الفارين. وأضاف أن السكان عادوا إلى بيوتهم.",
        "ولم تعلن أي جهة مسؤوليتها عن الهجوم حتى الآن.",
    ),
    (("تونس", "تونس تطلق برنامجا جديدا لدعم المزارعين في الجنوب"),),
)
HAUSA = Page(
    """GidaLabaraiTsaroSojoji sun ceto mutane goma a dajin Zamfara

Sojoji sun ceto mutane goma a dajin Zamfara

Talla

Rundunar sojin Najeriya ta ce dakarunta sun ceto mutane goma da aka yi garkuwa da su a jihar Zamfara.

Kakakin rundunar ya ce an miƙa mutanen ga iyalansu bayan an duba lafiyarsu a asibiti.

Ku karanta kuma: Gwamna ya ziyarci kasuwar Gusau

Har yanzu ana neman wasu mutum uku.

Ku bar sharhi
Nijar

Nijar ta buɗe sabuwar makarantar koyon aikin noma
""",
    "Sojoji sun ceto mutane goma a dajin Zamfara",
    "Tsaro",
    (
        "Rundunar sojin Najeriya ta ce dakarunta sun ceto mutane goma da aka yi garkuwa da su a jihar Zamfara.",
        "Kakakin rundunar ya ce an miƙa mutanen ga iyalansu bayan an duba lafiyarsu a asibiti.",
        "Har yanzu ana neman wasu mutum uku.",
    ),
    (("Nijar", "Nijar ta buɗe sabuwar makarantar koyon aikin noma"),),
)
PORTUGUESE = Page(
    """InícioNotíciasSaúdeHospital de Bissau recebe novos equipamentos de diagnóstico

Hospital de Bissau recebe novos equipamentos de diagnóstico

Por Redação
12 de março de 2025
Publicidade

O hospital nacional recebeu na terça-feira um conjunto de equipamentos oferecidos por parceiros.

Segundo a direção, os aparelhos vão reduzir o tempo de espera dos doentes que chegam do interior do país.

Leia também: Ministra visita centros de saúde em Gabu

A formação dos técnicos começa na próxima semana.

DEIXE UMA RESPOSTA

Por favor digite seu comentário!
Cabo Verde

Praia acolhe encontro de ministros da economia azul
""",
    "Hospital de Bissau recebe novos equipamentos de diagnóstico",
    "Saúde",
    (
        "O hospital nacional recebeu na terça-feira um conjunto de equipamentos oferecidos por parceiros.",
        "Segundo a direção, os aparelhos vão reduzir o tempo de espera dos doentes que chegam do interior do país.",
        "A formação dos técnicos começa na próxima semana.",
    ),
    (("Cabo Verde", "Praia acolhe encontro de ministros da economia azul"),),
)
SPANISH = Page(
    """Inicio > Economía
El puerto de Bata amplía su terminal de mercancías

El puerto de Bata amplía su terminal de mercancías

Publicidad

El puerto de Bata empezó el jueves las obras que doblarán la capacidad de su terminal, según la empresa.

Los trabajos durarán catorce meses y darán empleo a más de doscientas personas de la región.

Síguenos en Facebook
DEJA UNA RESPUESTA
Noticias relacionadas
Malabo celebra su feria anual del libro
""",
    "El puerto de Bata amplía su terminal de mercancías",
    "Economía",
    (
        "El puerto de Bata empezó el jueves las obras que doblarán la capacidad de su terminal, según la empresa.",
        "Los trabajos durarán catorce meses y darán empleo a más de doscientas personas de la región.",
    ),
    ((None, "Malabo celebra su feria anual del libro"),),
)
PAGES: Final = {
    "fr": FRENCH,
    "en": ENGLISH,
    "ar": ARABIC,
    "ha": HAUSA,
    "pt": PORTUGUESE,
    "es": SPANISH,
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_page_with_furniture_gives_exactly_its_article(page: Page) -> None:
    scrape = read_scrape(page.text)
    assert scrape.title == page.title
    assert scrape.section == page.section
    assert scrape.paragraphs == page.paragraphs
    assert tuple((teaser.label, teaser.title) for teaser in scrape.teasers) == page.teasers


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_what_is_cut_is_kept_in_the_tail(page: Page) -> None:
    scrape = read_scrape(page.text)
    shown = {scrape.title, *scrape.paragraphs, *scrape.tail.split("\n")}
    shown |= {teaser.title for teaser in scrape.teasers} | {teaser.label for teaser in scrape.teasers if teaser.label}
    lines = [line.strip() for line in page.text.splitlines() if line.strip()]
    # The breadcrumb is the one line that lives on as the section only.
    assert [line for line in lines if line not in shown and not line.endswith((page.title, page.section or ""))] == []


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
@pytest.mark.parametrize("line_end", ["\r\n", "\r", "\u2028"])
def test_line_ends_make_no_difference(page: Page, line_end: str) -> None:
    assert read_scrape(page.text.replace("\n", line_end)) == read_scrape(page.text)


FOREIGN_HEADLINES: Final = [
    ("Tchad", "Tchad : une délégation attendue à N’Djamena pour des pourparlers"),
    ("Monde", "Le Chili et le Pérou rouvrent leur frontière commune"),
    ("Mali", "Mali : la saison des pluies commence plus tôt que prévu"),
    ("Kenya", "Nairobi accueille un sommet africain sur le climat"),
    ("Asie", "Séoul annonce un plan de soutien aux familles"),
    ("Libye", "Libye : reprise des exportations de pétrole à Zueitina"),
    ("Europe", "Lisbonne relève le salaire minimum pour la troisième fois"),
    ("Sénégal", "Dakar : le nouveau pont sera ouvert au printemps"),
    ("Soudan", "Soudan : l’aide humanitaire arrive enfin à El Fasher"),
    ("Brésil", "Brésil : la forêt recule moins vite qu’en 2023"),
]


@pytest.mark.parametrize("form", ["LAISSER UN COMMENTAIRE\n\nS'il vous plaît entrez votre commentaire!\n", ""])
@pytest.mark.parametrize("labelled", [True, False])
@pytest.mark.parametrize("page", [FRENCH, ENGLISH, PORTUGUESE], ids=["fr", "en", "pt"])
def test_ten_foreign_headlines_below_never_reach_the_text(page: Page, labelled: bool, form: str) -> None:
    article = f"{page.title}\n\n" + "\n\n".join(page.paragraphs) + "\n\n"
    sidebar = "\n\n".join(f"{label}\n\n{headline}" if labelled else headline for label, headline in FOREIGN_HEADLINES)
    scrape = read_scrape(article + form + sidebar)
    assert scrape.paragraphs == page.paragraphs
    assert [teaser.title for teaser in scrape.teasers] == [headline for _, headline in FOREIGN_HEADLINES]
    assert [teaser.label for teaser in scrape.teasers] == [
        label if labelled else None for label, _ in FOREIGN_HEADLINES
    ]


def test_headlines_above_the_article_stay_out_too() -> None:
    ticker = "\n".join(headline for _, headline in FOREIGN_HEADLINES)
    scrape = read_scrape(f"En ce moment\n{ticker}\n{FRENCH.text}")
    assert scrape.title == FRENCH.title
    assert scrape.paragraphs == FRENCH.paragraphs


def test_a_page_that_came_as_one_line_is_parted_at_its_sentences() -> None:
    body = " ".join(FRENCH.paragraphs)
    above = f"{FRENCH.title} - Le ValAccueilSantéSportMétéoCulture{FRENCH.title}Par Awa Diop"
    glued = f"{above}{body}LAISSER UN COMMENTAIRENomE-mailSite web"
    scrape = read_scrape(glued)
    assert scrape.title == FRENCH.title
    assert " ".join(scrape.paragraphs) == body


@pytest.mark.parametrize(
    ("crumb", "section"),
    [
        ("AccueilNews - InfosSécurité", "Sécurité"),
        ("HomeNewsSecurity", "Security"),
        ("Home » Africa » Health » ", "Health"),
        ("Accueil / Politique / ", "Politique"),
        ("Início | Cultura | ", "Cultura"),
        ("Accueil › Monde › ", "Monde"),
        ("HomeNews", "News"),
        ("Accueil", None),
        ("Logo du site AccueilActualités - InfosSanté", "Santé"),
        ("الرئيسيةأخبارأمن", "أمن"),
    ],
)
def test_the_section_is_the_last_part_of_the_breadcrumb_that_says_something(crumb: str, section: str | None) -> None:
    scrape = read_scrape(FRENCH.text.replace("AccueilActualitésSanté", crumb))
    assert scrape.section == section
    assert scrape.title == FRENCH.title


def test_a_page_whose_line_ends_were_all_lost_gives_the_same_article() -> None:
    scrape = read_scrape(FRENCH.text.replace("\n", ""))
    assert (scrape.title, scrape.section) == (FRENCH.title, FRENCH.section)
    assert " ".join(scrape.paragraphs) == " ".join(FRENCH.paragraphs)


def test_a_breadcrumb_may_have_a_line_for_each_part() -> None:
    text = "\n".join(["Accueil", "Santé", FRENCH.title, "", "\n\n".join(FRENCH.paragraphs)])
    scrape = read_scrape(text)
    assert (scrape.title, scrape.section, scrape.paragraphs) == (FRENCH.title, "Santé", FRENCH.paragraphs)


FURNITURE: Final = [
    "Partager sur Facebook",
    "Facebook Twitter WhatsApp",
    "Publicité",
    "spot_img",
    "Nous utilisons des cookies pour améliorer votre expérience de navigation.",
    "We use cookies to improve your experience on this website.",
    "Photo : une rue de Kara après la pluie",
    "Image d’illustration",
    "Lire aussi : Lomé inaugure un marché",
    "À lire également : le port de Cotonou s’agrandit",
    "Suivez-nous sur WhatsApp",
    "Inscrivez-vous à notre newsletter pour recevoir les nouvelles chaque matin.",
    "5 min de lecture",
    "اقرأ أيضا: أخبار المنطقة",
    "Leia também: outra notícia",
    "12/03/2025",
]


@pytest.mark.parametrize("line", FURNITURE)
def test_furniture_between_paragraphs_is_dropped(line: str) -> None:
    first, *others = FRENCH.paragraphs
    scrape = read_scrape("\n\n".join([FRENCH.title, first, line, *others]))
    assert scrape.paragraphs == FRENCH.paragraphs
    assert line in scrape.tail


TEXT_LIKE_FURNITURE: Final = [
    "Support for the reform fell sharply in the capital last week.",
    "Published in 2019, the report warned of a rising river.",
    "Plus dans le nord que dans le sud, les récoltes ont souffert.",
    "Par ailleurs, le ministre a promis une nouvelle route.",
    "Recherchés depuis mardi, les deux pêcheurs sont rentrés sains et saufs.",
    "Search teams found the boat near the island of Bubaque.",
    "Il est rentré lundi à Niamey, a-t-il confirmé. (AFP)",
    "À propos de la crise, il a appelé au calme.",
    "Dr Amina Bello a remercié les équipes de l’hôpital.",
    "Next week the parliament votes on the budget.",
]


@pytest.mark.parametrize("sentence", TEXT_LIKE_FURNITURE)
def test_a_sentence_that_begins_like_furniture_is_kept(sentence: str) -> None:
    first, *others = FRENCH.paragraphs
    assert sentence in read_scrape("\n\n".join([FRENCH.title, first, sentence, *others])).paragraphs


def test_short_last_words_are_kept() -> None:
    text = "\n\n".join(
        [FRENCH.title, *FRENCH.paragraphs[:2], "Elle a souri.", "Affaire à suivre.", "Partager", "Facebook"]
    )
    assert read_scrape(text).paragraphs[-2:] == ("Elle a souri.", "Affaire à suivre.")


def test_subheadings_stay_in_the_text() -> None:
    text = "\n\n".join([FRENCH.title, FRENCH.paragraphs[0], "Un projet attendu", *FRENCH.paragraphs[1:]])
    assert "Un projet attendu" in read_scrape(text).paragraphs


def test_readers_comments_longer_than_the_article_stay_out() -> None:
    comment = "Je ne suis pas d’accord avec cet article parce que les chiffres de la région disent tout autre chose."
    text = "\n\n".join([FRENCH.title, *FRENCH.paragraphs, "3 commentaires", *(f"{comment} {n}." for n in range(20))])
    assert read_scrape(text).paragraphs == FRENCH.paragraphs


def test_a_wrapped_paragraph_becomes_one() -> None:
    wrapped = (
        "La ville de Kara a ouvert lundi un centre de soins destiné aux\nmères et aux enfants, après deux années de\n"
        "travaux conduits par une entreprise de la région, qui a formé\ndes apprentis."
    )
    assert read_scrape(f"{FRENCH.title}\n\n{wrapped}").paragraphs == (wrapped.replace("\n", " "),)


def test_a_long_paragraph_that_repeats_its_first_words_stays_whole() -> None:
    lorries = " ".join(f"Le camion numéro {n} attend au bord du fleuve depuis trois jours." for n in range(30))
    long = f"La route du nord est fermée depuis lundi. {lorries} "
    text = f"{FRENCH.title}\n\n{long}La route du nord sera rouverte quand les eaux auront baissé."
    assert " ".join(read_scrape(text).paragraphs) == " ".join(text.removeprefix(FRENCH.title).split())


def test_a_list_at_the_end_of_a_text_belongs_to_it() -> None:
    items = tuple(f"- Best {what} - The Valley Players for the opening night" for what in ("play", "music", "light"))
    text = "\n\n".join([ENGLISH.title, *ENGLISH.paragraphs, *items, "LEAVE A REPLY", "Please enter your comment!"])
    assert read_scrape(text).paragraphs == (*ENGLISH.paragraphs, *items)


def test_the_lines_of_an_arabic_comment_form_are_no_headlines() -> None:
    text = "\n\n".join(
        [ARABIC.title, *ARABIC.paragraphs, "اترك تعليقا", "من فضلك ادخل تعليقك!", "من فضلك ادخل اسمك هنا"]
    )
    scrape = read_scrape(text)
    assert (scrape.paragraphs, scrape.teasers) == (ARABIC.paragraphs, ())


def test_one_line_without_furniture_is_its_own_text() -> None:
    text = "Le marché de Zinder a rouvert lundi. Les commerçants y ont retrouvé leurs étals. La mairie s’en félicite."
    assert read_scrape(text).paragraphs == (text,)


def test_a_lone_headline_is_a_title() -> None:
    scrape = read_scrape("Niger : le conseil des ministres reporté")
    assert (scrape.title, scrape.paragraphs) == ("Niger : le conseil des ministres reporté", ())


def test_a_list_of_headlines_is_all_teasers() -> None:
    scrape = read_scrape("\n\n".join(headline for _, headline in FOREIGN_HEADLINES))
    assert scrape.paragraphs == ()
    assert len(scrape.teasers) >= len(FOREIGN_HEADLINES) - 1


VERSES = [
    "The lamp above the harbour door",
    "Is lit for no one now",
    "And every boat that came before",
    "Has a lantern on its bow",
]
INGREDIENTS = ["1 pot de yaourt nature", "2 pots de sucre", "3 pots de farine de blé", "3 gros œufs entiers"]
RESULTS = ["Rivière - Plateau 2-1", "Port - Colline 3-0", "Lagune - Désert 1-1", "Delta - Savane 0-2"]


@pytest.mark.parametrize("lines", [VERSES, INGREDIENTS, RESULTS], ids=["verses", "ingredients", "results"])
def test_short_lines_without_a_sentence_are_text_and_the_menu_beside_them_is_not(lines: list[str]) -> None:
    scrape = read_scrape("\n".join(["Home", "Contact", "What stands on this page", "", *lines, "Imprint", "Search"]))
    assert (scrape.title, list(scrape.paragraphs)) == ("What stands on this page", lines)
    assert "Imprint" in scrape.tail


def test_a_known_title_is_found_in_the_page() -> None:
    scrape = read_scrape(FRENCH.text, FRENCH.title)
    assert (scrape.title, scrape.paragraphs) == (FRENCH.title, FRENCH.paragraphs)


def test_a_title_of_another_wording_is_believed() -> None:
    assert read_scrape(FRENCH.text, "Santé maternelle à Kara").title == "Santé maternelle à Kara"


@given(
    st.text(max_size=2000)
    | st.lists(st.sampled_from([*FURNITURE, *FRENCH.paragraphs, FRENCH.title, ""])).map("\n".join)
)
@settings(max_examples=120, deadline=None)
def test_any_text_is_read_the_same_twice_and_nothing_is_invented(text: str) -> None:
    scrape = read_scrape(text)
    assert read_scrape(text) == scrape
    shown = {"".join(part.split()) for part in (scrape.title, *scrape.paragraphs)}
    whole = "".join(text.split())
    assert all(
        "".join(char for char in part if char.isascii() and char.isalnum())
        in "".join(char for char in whole if char.isascii() and char.isalnum())
        for part in shown
    )


@pytest.mark.parametrize(
    "text",
    [
        "x\n" * 200_000,
        "aB" * 200_000,
        "A. " * 130_000,
        "Le mot (c'est \n" * 20_000,
        "«" * 200_000,
        "12/12/2012 " * 30_000,
    ],
)
def test_a_monstrous_text_costs_bounded_time(text: str) -> None:
    started = time.process_time()
    read_scrape(text)
    assert time.process_time() - started < 4.0


@pytest.mark.parametrize(("line", "kept"), [("Oui, il est là.\n", 20_000), ("...,;:!? --- ", 0), ("!? ...\n", 0)])
def test_a_text_of_nothing_but_short_lines_is_read_to_its_end(line: str, kept: int) -> None:
    assert len(read_scrape(line * 20_000, "").paragraphs) == kept


def test_a_page_in_a_script_without_blanks_has_its_title_and_text() -> None:
    text = [
        "ニジェール軍は月曜日、西部で武装集団が巡回部隊を襲撃し、少なくとも兵士十二人が死亡したと発表した。",
        "国防相は首都で、国境付近で捜索作戦を開始し、隣国に支援を要請したと述べた。",
        "住民によると、襲撃者は北から来て二つの村の穀物倉庫を焼き、数百世帯が避難を余儀なくされた。",
    ]
    title = "ニジェール西部で巡回部隊が襲撃され兵士十二人死亡"
    scrape = read_scrape("\n".join(["ホーム", "国際", "スポーツ", title, "2026-11-01", *text, "会社概要", "国際"]))
    assert (scrape.title, list(scrape.paragraphs)) == (title, text)
