from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feedwatch.rules import fold as fold_module
from feedwatch.rules.fold import caps_of, fold, fold_char, words_of

WRITTEN = st.text(
    st.one_of(
        st.sampled_from("aàÀeéÉnNñœŒßıİƙƘɗ .,;'’-–\n\t«»ـَّالنيجرة٣尼日가é\u0301\u200d\u200b\xad1.U.S.🙂"),
        st.characters(max_codepoint=0x1FFFF),
    ),
    max_size=60,
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("L’armée à Côte d'Ivoire", "l armee a cote d ivoire"),
        ("Guinée-Bissau", "guinee bissau"),
        ("ƙasa ɗan ɓarna ƴan Łódź Øre đ ŋ ı İstanbul", "kasa dan barna yan lodz ore d n i istanbul"),
        ("Œuvre GROẞ groß cæsar", "oeuvre gross gross caesar"),
        ("أحمد إلى آخر ٱلأمن", "احمد الي اخر الامن"),
        ("النِّيجَر والأمـــن مدرسة", "النيجر والامن مدرسه"),
        ("ایران کابل", "ايران كابل"),
        ("٣٥ ۴", "35 4"),
        ("U.S. and U.S.A. said", "us and usa said"),
        ("M. Tassa, Dr. Who and St. Kitts", "m tassa dr who and st kitts"),
        ("3.5 million", "3 5 million"),
        ("尼日尔在 Niger", "尼 日 尔 在 niger"),
        ("니제르의", "니 제 르 의"),
        ("a\nb", "a b"),
        ("zero\u200bwidth so\xadft", "zerowidth soft"),
        ("ﬁn ﷲ Ａ１", "fin الله a1"),
        ("É.U. ou E\u0301.U. ou U\xad.S\xad.", "eu ou eu ou us"),
    ],
)
def test_text_folds_to_words(text: str, words: str) -> None:
    assert " ".join(words_of(text)) == words


@pytest.mark.parametrize(
    "text",
    [
        "au Niger. Delta",
        "Niger! Delta",
        "Niger: Delta",
        "Niger (Delta",
        "«Niger» Delta",
        "Niger” Delta",
        "Niger… Delta",
        "Niger\n\nDelta",
        "Niger\n  \nDelta",
        "Niger؛ Delta",
        "Niger، Delta",
        "Niger؟ Delta",
        "Niger ; Delta",
        "Niger\u2029Delta",
        "Niger⁉ Delta",
        "Niger ¿Delta?",
        "Niger። Delta",
        "Niger։ Delta",
        "Niger｡Delta",
        "〈Niger〉Delta",
    ],
)
def test_hard_break_ends_a_phrase(text: str) -> None:
    assert re.search("niger  +delta", fold(text).text)


@pytest.mark.parametrize(
    "text",
    [
        "Niger, Delta",
        "Niger\u00a0Delta",
        "Niger\u202fDelta",
        "Niger\u2028Delta",
        "Niger\u2011Delta",
        "Niger\nDelta",
        "Niger - Delta",
        "Niger’Delta",
        "Niger 'Delta",
        "Niger ʼDelta",
    ],
)
def test_soft_break_does_not(text: str) -> None:
    assert " niger delta " in fold(text).text


def test_composed_and_decomposed_text_fold_alike() -> None:
    for text in ("Sécurité à l’État", "أمن النيجر", "Yaoundé ñandú Łódź"):
        assert fold(unicodedata.normalize("NFD", text)).text == fold(unicodedata.normalize("NFC", text)).text


@given(WRITTEN)
@settings(max_examples=300, deadline=None)
@example("  ـ ـ  ;\u200b;  \n\n x")
@example("œ œ")
def test_folded_words_stand_between_blanks(text: str) -> None:
    folded = fold(text).text
    assert folded.startswith("  ")
    assert folded.endswith("  ")
    assert all(char.isalnum() or char == " " or unicodedata.category(char)[0] == "M" for char in folded)


@given(WRITTEN)
@settings(max_examples=300, deadline=None)
@example("Œuvre groß U.S.A. النِّيجَر")
def test_every_word_leads_back_to_what_was_written(text: str) -> None:
    folded = fold(text)
    place = 0
    last = 0
    for word in folded.text.split():
        start = folded.text.index(f" {word} ", place) + 1
        place = start + len(word)
        first, end = folded.span(start, place)
        assert last <= first < end <= len(text) or first < last, "words keep their order"
        last = max(last, first)
        # What is highlighted holds every letter of the word (and the rest of a letter that folds to several words).
        flat = "".join(fold_char(char) for char in text[first:end]).replace("\x00", "").replace(".", "")
        assert word in flat.replace(" ", "")


@given(st.text(st.sampled_from(fold_module._LATIN + fold_module._ARABIC), max_size=40))
@settings(max_examples=200, deadline=None)
def test_pages_fold_as_the_general_way_does(text: str) -> None:
    # The emoji is on no page, so the second text takes the other way.
    assert words_of(text + "\n\nx") == words_of(text + "\n\n🙂x")


@pytest.mark.parametrize(
    ("text", "word", "written"),
    [
        ("Se\u0301curite\u0301 ici", "securite", "Se\u0301curite\u0301"),
        ("في النِّيجَر اليوم", "النيجر", "النِّيجَر"),
        ("والأمـــن", "والامن", "والأمـــن"),
        ("un cœur gros", "coeur", "cœur"),
        ("die Straße hier", "strasse", "Straße"),
        ("the U.S. army", "us", "U.S."),
        ("在尼日尔", "尔", "尔"),
    ],
)
def test_span_is_the_word_as_written(text: str, word: str, written: str) -> None:
    folded = fold(text)
    start = folded.text.index(f" {word} ") + 1
    first, last = folded.span(start, start + len(word))
    assert text[first:last] == written


def test_capitals_are_read_letter_by_letter() -> None:
    assert caps_of("Niger U.S.") == "UllllUU"
    assert caps_of("Œu n-1") == "UUll-"
    assert caps_of("النيجر").strip("-") == ""


def test_hostile_text_takes_linear_time() -> None:
    for piece in (" \u200b", "œ ", "a.", ".;", " \n", "ـ", "尼", "U.S."):
        assert fold(piece * 50_000).text
