from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.text import count_words, digest, one_line, paragraphs, printable, shorten, weigh, xml_legal


@given(st.text())
def test_legal_text_always_makes_well_formed_xml(text: str) -> None:
    legal = xml_legal(text)
    escaped = legal.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    ET.fromstring(f"<a>{escaped}</a>".encode())  # noqa: S314 - a text of our own making


def test_legal_text_keeps_every_script_and_emoji() -> None:
    text = "Sécurité ƙasa النِّيجَر 中国 👩🏽‍🚀\t\n"
    assert xml_legal(text) == text


def test_lone_surrogates_and_noncharacters_are_dropped() -> None:
    assert xml_legal("a\ud800b\ufffec\ufdd0d\x00e") == "abcde"


@given(st.text())
def test_one_line_has_no_line_end_and_is_stable(text: str) -> None:
    line = one_line(text)
    assert line == one_line(line)
    assert len(line.splitlines()) <= 1


def test_paragraphs_are_parted_by_blank_lines_of_any_kind() -> None:
    assert paragraphs("un\r\ndeux\r\n \t\r\n\ntrois\u2028\u2028quatre\n\n\n") == ["un deux", "trois", "quatre"]


@given(st.text(), st.integers(min_value=2, max_value=50))
def test_shortened_text_fits(text: str, limit: int) -> None:
    assert len(shorten(text, limit)) <= limit


def test_text_is_shortened_at_a_word() -> None:
    assert shorten("Le gouvernement, réuni hier", 17) == "Le gouvernement…"


@pytest.mark.parametrize("bad", ["\x1b[31mred", "line\nline", "\u202ereversed", "\x9b0m", "nul\x00"])
def test_printable_text_cannot_steer_a_terminal_or_forge_a_line(bad: str) -> None:
    shown = printable(bad)
    assert shown.isprintable()
    assert shown != bad


def test_printable_text_keeps_letters_of_all_scripts() -> None:
    assert printable("état والنيجر ƙasa\u200cها") == "état والنيجر ƙasa\u200cها"


@given(st.lists(st.one_of(st.none(), st.text(max_size=5)), max_size=4))
def test_digest_tells_different_parts_apart(parts: list[str | None]) -> None:
    assert digest(*parts) == digest(*parts)
    assert digest(*parts) != digest(*parts, None)
    assert digest(*parts, "") != digest(*parts, None)


def test_digest_is_not_fooled_by_moving_a_border() -> None:
    assert digest("ab", "c") != digest("a", "bc")


@pytest.mark.parametrize(
    "bad", ["\x00", "\x0b", "\x1f", "\ud800", "\ufdd0", "\ufdef", "\ufffe", "\uffff", "\U0001fffe"]
)
def test_what_xml_forbids_goes_from_long_texts_too(bad: str) -> None:
    text = "Kofi a dit « oui » à 3 €, \t\n et النيجر. " * 100
    assert xml_legal(text) == text
    assert xml_legal(f"{text}{bad}{text}") == text + text


def test_what_looks_like_the_forbidden_in_bytes_stays() -> None:
    text = "ﷺ ﷲ \ufffd 🿀 " * 500
    assert xml_legal(text) == text


@pytest.mark.parametrize(
    ("text", "words", "weight"),
    [
        ("", 0, 0),
        ("une armée", 2, 9),
        ("صحيفة الوطن", 2, 11),
        ("尼日尔军方周一表示", 5, 27),
        ("Niger 尼日尔军方", 4, 21),
        ("กองทัพไนเจอร์แถลงเมื่อวันจันทร์", 7, 31),
        ("니제르 한국", 2, 6),
    ],
)
def test_words_of_scripts_without_blanks_are_counted_too(text: str, words: int, weight: int) -> None:
    assert (count_words(text), weigh(text)) == (words, weight)
