from __future__ import annotations

import pytest

from feedwatch.extract.units import make_unit, units_of

READERS = (
    "Vos réactions à cette annonce ont été nombreuses et beaucoup d’entre vous disent que la date est bien trop proche "
    "pour que les marchands soient prêts."
)
LINKED = (
    "Lire aussi : le franc a vécu Ils combattent depuis des années pour que la monnaie soit battue dans le pays et "
    "loin de la région où elle sert."
)


@pytest.mark.parametrize("line", [READERS, LINKED])
def test_a_long_sentence_that_begins_like_furniture_is_text(line: str) -> None:
    assert (make_unit(line).kind, make_unit(line).is_sentence) == (None, True)


def test_a_short_one_is_furniture() -> None:
    assert make_unit("Lire aussi : le franc a vécu").kind == "linked"
    assert make_unit("S'il vous plaît entrez votre commentaire!").kind == "comments"


def test_several_sentences_in_one_line_are_prose_without_a_full_stop_at_the_end() -> None:
    text = "La ville a rouvert son marché après deux mois de travaux. " * 6
    assert make_unit(f"{text}Awa Diop").is_sentence
    assert not make_unit("Niger Mali Monde Sport " * 15).is_sentence


def test_a_form_glued_to_the_text_is_cut_off_but_readers_in_the_text_are_not() -> None:
    prose = "Le marché rouvre lundi après deux mois de travaux dans tout le centre de la ville. " * 30
    form = "Laisser un commentaire Votre adresse e-mail ne sera pas publiée."
    found = {unit.text: unit.kind for unit in units_of(f"{prose}{READERS} {prose}{form}")}
    assert found[READERS] is None
    assert "comments" in found.values()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("尼日尔军方周一表示，武装分子袭击了一支巡逻队。", 12),
        ("กองทัพไนเจอร์แถลงเมื่อวันจันทร์", 12),
        ("L’armée du Niger", 3),
    ],
)
def test_words_of_scripts_without_blanks_are_estimated(text: str, words: int) -> None:
    assert make_unit(text).words == words
