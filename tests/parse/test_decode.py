from __future__ import annotations

import os
import tracemalloc
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedwatch.errors import ParseError
from feedwatch.model import Document, Validators
from feedwatch.parse.decode import Decoded, decode

FRENCH = "<p>À Niamey, l’armée annonce un cessez-le-feu à l'été : 5 €</p>"
ARABIC = "<p>النيجر: الجيش يعلن وقف إطلاق النار في الصيف</p>"


def read_bytes(body: bytes, charset: str | None = None) -> Decoded:
    return decode(
        Document(
            source_id="s",
            locator="file.html",
            url=None,
            body=body,
            media_type="",
            charset=charset,
            fetched_at=datetime(2024, 3, 5, tzinfo=UTC),
            validators=Validators(),
        )
    )


@pytest.mark.parametrize("text", [FRENCH, ARABIC])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_or_valid_utf8_decides(text: str, encoding: str) -> None:
    assert read_bytes(text.encode(encoding), "iso-8859-1").text == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_encodings_without_a_mark_are_recognised(encoding: str) -> None:
    assert read_bytes(FRENCH.encode(encoding)).text == FRENCH


@pytest.mark.parametrize(
    ("text", "real", "said"),
    [
        (FRENCH, "cp1252", "iso-8859-1"),
        (FRENCH, "iso-8859-15", "ISO-8859-15"),
        (ARABIC, "cp1256", "windows-1256"),
        (ARABIC, "iso-8859-6", "iso-8859-6"),
        ("<p>尼日尔军方宣布停火</p>", "gb18030", "gb2312"),
        ("<p>尼日爾軍方宣布停火</p>", "big5", "big5"),
        ("<p>ニジェール軍</p>", "cp932", "shift_jis"),
        ("<p>ニジェール軍</p>", "iso2022_jp", "iso-2022-jp"),
        ("<p>Армия объявила</p>", "koi8-r", "koi8-r"),
    ],
)
def test_what_the_transport_says_is_used_as_browsers_use_it(text: str, real: str, said: str) -> None:
    written = text.encode(real, "replace")
    found = read_bytes(written, said)
    assert found.text == written.decode(real)
    assert found.problem is None


@pytest.mark.parametrize(
    "head",
    [
        "<?xml version='1.0' encoding='windows-1256'?>",
        '<meta charset="windows-1256">',
        '<html><meta http-equiv="Content-Type" content="text/html; charset=windows-1256">',
    ],
)
def test_what_the_document_says_is_used_when_the_transport_is_silent_or_unknown(head: str) -> None:
    for charset in (None, "", "nonsense", "utf-8"):
        assert read_bytes((head + ARABIC).encode("cp1256"), charset).text == head + ARABIC


def test_valid_utf8_wins_over_a_wrong_label() -> None:
    head = "<?xml version='1.0' encoding='iso-8859-1'?>"
    assert read_bytes((head + FRENCH).encode(), "windows-1252").text == head + FRENCH


def test_unlabelled_legacy_bytes_are_taken_for_french_or_arabic() -> None:
    assert read_bytes(FRENCH.encode("cp1252")).text == FRENCH
    assert read_bytes(ARABIC.encode("cp1256")).text == ARABIC


def test_a_long_damaged_document_is_judged_without_another_copy_of_it() -> None:
    body = b"Kara opens a clinic \xff\xfe\x80\xc3 " * 200_000
    tracemalloc.start()
    try:
        found = read_bytes(body)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.encoding == "cp1252"
    # Its text takes two bytes a character; one copy more would take as much again.
    assert peak < 4 * len(body)


@pytest.mark.parametrize("size", range(65_530, 65_540))
def test_a_letter_across_the_border_of_what_is_counted_at_once_is_whole(size: int) -> None:
    body = b"x" * size + "é".encode() * 100 + b"\xe9 "
    assert read_bytes(body).text.count("é") == 100


def test_a_little_damage_in_utf8_costs_only_the_damaged_places() -> None:
    found = read_bytes(FRENCH.encode() * 20 + b"\xff\xe9")
    assert found.text.startswith(FRENCH)
    assert found.problem is not None
    assert "2 places are not valid utf-8" in found.problem


@pytest.mark.parametrize("body", [b"", b"  \r\n\t ", b"\x00\x00"])
def test_nothing_is_an_error_that_says_so(body: bytes) -> None:
    with pytest.raises(ParseError, match="is empty"):
        read_bytes(body)


@pytest.mark.parametrize("body", [b"\x7fELF\x02\x01\x01" + bytes(64), b"a\x00b\x01c\x02" * 50, os.urandom(4096)])
def test_binary_data_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError, match="is not text"):
        read_bytes(b"x" + body)


@pytest.mark.parametrize(
    ("body", "what"),
    [(b"%PDF-1.7 text", "PDF"), (b"PK\x03\x04", "office"), (b"\x89PNG", "image"), (b"\x1f\x8b", "gzip")],
)
def test_well_known_files_are_called_by_their_name(body: bytes, what: str) -> None:
    with pytest.raises(ParseError, match=what):
        read_bytes(body + b"text " * 100)


def test_one_control_character_does_not_make_a_text_binary() -> None:
    assert "\x00" in read_bytes(b"<rss>" + b"text " * 100 + b"\x00</rss>").text


@pytest.mark.parametrize(
    "charset", ["utf-7", "punycode", "hex", "rot13", "unicode_escape", "x" * 500, "utf-8\x00", "é"]
)
def test_charsets_that_are_no_encodings_of_the_web_are_ignored(charset: str) -> None:
    assert read_bytes(b"<p>+ADw-script+AD4-</p>", charset).text == "<p>+ADw-script+AD4-</p>"


@given(st.binary(max_size=200), st.sampled_from([None, "utf-8", "gb2312", "utf-16", "cp1256", "nonsense"]))
@settings(max_examples=200)
def test_any_bytes_become_text_or_a_parse_error(body: bytes, charset: str | None) -> None:
    try:
        found = read_bytes(body, charset)
    except ParseError:
        return
    found.text.encode("utf-8")


def test_numbers_of_windows_for_controls_are_its_characters() -> None:
    assert read_bytes("don\x92t \x93a\x94 \x85".encode()).text == "don’t “a” \x85"


def test_two_encodings_put_together_are_both_read() -> None:
    found = read_bytes("Crue à Gao, été".encode() + "; prix élevé".encode("cp1252"))
    assert found.text == "Crue à Gao, été; prix élevé"
    assert "mixes encodings" in (found.problem or "")


def test_utf8_encoded_twice_is_read_once() -> None:
    twice = "<rss>« à l’eau… »</rss>".encode().decode("latin-1").encode()
    assert read_bytes(twice).text == "<rss>« à l’eau… »</rss>"


@pytest.mark.parametrize("encoding", ["cp037", "cp500", "cp1140"])
def test_ebcdic_is_told_by_its_declaration(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>\n<rss>é</rss>'
    assert read_bytes(text.encode(encoding)).text == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_white_space_or_json_before_wide_text_changes_nothing(encoding: str) -> None:
    for text in ("\r\n <rss>é</rss>", '{"version": "é"}'):
        assert read_bytes(text.encode(encoding)).text == text
