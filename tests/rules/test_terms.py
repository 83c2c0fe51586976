from __future__ import annotations

import pytest

from feedwatch.rules.terms import TermError, forms, parse_term, plurals


@pytest.mark.parametrize(
    ("term", "plural"),
    [
        ("soldat", "soldats"),
        ("army", "armies"),
        ("cheval", "chevaux"),
        ("travail", "travaux"),
        ("bureau", "bureaux"),
        ("feu", "feux"),
        ("bijou", "bijoux"),
        ("general", "generales"),
        ("bus", "buses"),
    ],
)
def test_text_may_hold_the_plural_of_a_term(term: str, plural: str) -> None:
    assert plural in plurals(term)
    assert term not in plurals(plural)


@pytest.mark.parametrize(
    ("langs", "held", "left"),
    [
        (("en",), {"armys", "armies"}, {"armyes"}),
        (("fr",), {"armys", "armyes"}, {"armies"}),
        (("es",), {"armyes"}, {"armies"}),
        (("ar",), {"armys", "armies", "armyes"}, set[str]()),
    ],
)
def test_a_term_of_one_language_has_the_plurals_of_that_language(
    langs: tuple[str, ...], held: set[str], left: set[str]
) -> None:
    found = set(plurals("army", frozenset(langs)))
    assert held <= found
    assert not left & found


@pytest.mark.parametrize(
    ("lang", "plural"),
    [
        ("en", "churches"),
        ("en", "heroes"),
        ("fr", "allemandes"),
        ("fr", "journaux"),
        ("es", "paises"),
        ("pt", "flores"),
    ],
)
def test_no_language_loses_plurals_of_its_own(lang: str, plural: str) -> None:
    words = {"churches": "church", "heroes": "hero", "allemandes": "allemand", "journaux": "journal", "paises": "pais"}
    assert plural in plurals(words.get(plural, "flor"), frozenset({lang}))


def test_first_and_last_word_take_a_plural() -> None:
    shown = {form.text for form in forms(parse_term("groupe très armé"))}
    assert {" groupe tres arme ", " groupes tres armes ", " groupe tres armes "} <= shown
    assert " groupes tress armes " not in shown


def test_exact_terms_and_wildcards() -> None:
    assert [form.text for form in forms(parse_term("=US"))] == [" us "]
    assert [form.text for form in forms(parse_term("nigérien*"))] == [" nigerien"]
    assert parse_term("coup d'État ^6").points == 6
    assert parse_term("x ^0.5").points == 0.5
    assert parse_term("=U.S.").caps == "UU"
    assert parse_term("=النيجر").caps == ""


def test_arabic_article_merges_after_lam() -> None:
    merged = [form for form in forms(parse_term("النيجر")) if form.text == "نيجر "]
    assert merged
    assert "ولل" in (merged[0].proclitics or ())
    assert "" not in (merged[0].proclitics or ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nig*", "too short"),
        ("مالي*", "too short"),
        ("2025", "no letters"),
        ("", "no letters"),
        ("* ", "no letters"),
        ("=nigérien*", "both"),
        ("nig*er", "not at its end"),
        ("Niger: Delta", "ends a phrase"),
        ("junte ^10", "0 to 9"),
        ("junte ^x", "0 to 9"),
        ("a " * 20, "more than"),
    ],
)
def test_terms_that_cannot_work_are_refused(text: str, message: str) -> None:
    with pytest.raises(TermError, match=message):
        parse_term(text)
