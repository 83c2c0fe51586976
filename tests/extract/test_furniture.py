from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedwatch.extract import furniture
from feedwatch.extract.furniture import fold, home_length, is_generic, is_home, kind_of, marks


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("LAISSER UN COMMENTAIRE", "comments"),
        ("Leave a Reply", "comments"),
        ("12 Comments", "comments"),
        ("اترك تعليقًا", "comments"),
        ("Deixe um comentário", "comments"),
        ("Deja un comentario", "comments"),
        ("Articles similaires", "related"),
        ("RELATED ARTICLES", "related"),
        ("مقالات ذات صلة", "related"),
        ("Notícias relacionadas", "related"),
        ("Lire aussi : Lomé inaugure un marché", "linked"),
        ("Article précédent Le port de Lomé s’agrandit", "linked"),
        ("Photo : AFP", "caption"),
        ("Une rue de Kara après la pluie. © Awa Diop", "caption"),
        ("Par Awa Diop", "byline"),
        ("Publié le 3 mars 2024 à 10h20", "byline"),
        ("12/03/2025", "byline"),
        ("- Publicité-", "noise"),
        ("spot_img", "noise"),
        ("Facebook Twitter WhatsApp", "noise"),
        ("Mentions légales", "noise"),
        ("Tous droits réservés © 2025", "noise"),
        ("***", "noise"),
        ("Le conseil des ministres se réunit jeudi", None),
        ("Bénin", None),
        ("Conseil des ministres du 12 mars 2025", None),
    ],
)
def test_the_kind_of_a_line(line: str, kind: str | None) -> None:
    assert kind_of(line) == kind


@pytest.mark.parametrize(
    "line",
    [
        "Suivez l’actualité de la vallée en continu sur notre chaîne WhatsApp",
        "Recevez chaque matin nos titres dans votre boîte mail.",
        "Follow The Valley Post on Facebook and Instagram @valleypost",
        "Join The Valley’s WhatsApp channel to stay up to date",
        "Get the news of the valley delivered straight to your inbox",
        "Kindly share this story with those you know:",
        "Siga La Voz del Valle en Facebook y WhatsApp",
        "Receba as notícias do vale no seu e-mail",
        "تابعوا آخر أخبار الوادي عبر قناتنا على واتساب",
        "انضم إلى قناتنا على تلغرام",
        "Ku shiga tasharmu ta WhatsApp domin samun labarai",
        "Déjà abonné ? Connectez-vous",
        "Il reste la moitié de cet article. La suite est réservée aux abonnés.",
        "This article is for subscribers only. To continue reading, log in or subscribe.",
        "هذا المحتوى متاح للمشتركين فقط",
        "Story continues below advertisement",
        "Your browser does not support the audio element.",
        "Votre navigateur ne prend pas en charge la lecture audio.",
        "This content is imported from Instagram. You may be able to find more information at their web site.",
        "Désactivez votre bloqueur de publicités pour continuer.",
        "Did you enjoy this story?",
    ],
)
def test_calls_to_follow_to_join_and_to_pay_are_no_text(line: str) -> None:
    assert kind_of(line) == "noise"


@pytest.mark.parametrize(
    "line",
    [
        "Like many in the valley, he uses WhatsApp to reach his customers in the north.",
        "Join forces against hunger, the minister told the guests from Facebook and Twitter.",
        "Follow The Valley Post on Facebook: it is a publisher's own last line, in its text.",
        "Follow-up meetings will be held on Telegram, officials said.",
        "تابع الوزير حديثه عبر فيسبوك قائلا إن المشروع سينتهي هذا العام",
        "انضم اللاعب إلى نادي العاصمة بعد مفاوضات طويلة",
        "Entre los asistentes, muchos grababan con el teléfono para Facebook.",
        "The story continues below the dam, where the fields are dry.",
    ],
)
def test_sentences_that_begin_like_calls_are_text(line: str) -> None:
    assert kind_of(line) is None


@pytest.mark.parametrize(
    "line",
    ["→ À lire aussi : le marché de Kara", "👉 Read also: Kara opens a market", "Czytaj też: Targ", "PUEDES VER: Kara"],
)
def test_pointers_at_other_articles_are_known_behind_signs(line: str) -> None:
    assert kind_of(line) == "linked"


def test_a_long_line_is_never_furniture() -> None:
    assert kind_of("Lire aussi : " + "un mot " * 60) is None


@given(st.text(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_line_has_a_kind(line: str) -> None:
    kind_of(line)
    assert all(0 <= place < len(line) for place in marks(line))
    assert not re.search("[A-Zé]", fold(line))


@pytest.mark.parametrize("name", ["Accueil", "HOME", "الرئيسية", "Início", "Gida", "Inicio"])
def test_home_pages_are_known(name: str) -> None:
    assert is_home(name)
    assert home_length(f"{name}xyz") == len(name)


@pytest.mark.parametrize("name", ["News - Infos", "Actualités", "أخبار", "Notícias", "Labarai"])
def test_sections_that_say_nothing_are_known(name: str) -> None:
    assert is_generic(name)
    assert not is_home(name)


def test_a_section_is_neither() -> None:
    assert not is_generic("Sécurité")
    assert not is_home("Sécurité")
    assert home_length("Sécurité") == 0


def test_headings_are_found_in_a_text_without_line_ends() -> None:
    text = "Il est parti. Laisser un commentaire Nom E-mail Articles similaires Un autre titre"
    assert [text[place:].split(maxsplit=1)[0] for place in marks(text)] == ["Laisser", "Articles"]


def test_texts_of_all_characters_that_there_are_leave_little_behind() -> None:
    for start in range(0xA0, 0x20000, 0x400):
        fold("".join(map(chr, range(start, start + 0x400))))
    assert len(furniture._FOLDED) <= furniture._MAX_TABLE
    assert fold("É\u2019") == "e'"
