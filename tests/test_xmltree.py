from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedwatch.xmltree import (
    MAX_ENTITY_CHARS,
    Element,
    XMLLimitError,
    XMLSyntaxError,
    declared_encoding,
    inner_html,
    mend_xml,
    new_element,
    read_xml,
    to_bytes,
)

LAUGHS = (
    "<!DOCTYPE a [<!ENTITY l0 'ha'>"
    + "".join(f"<!ENTITY l{i} '{f'&l{i - 1};' * 10}'>" for i in range(1, 10))
    + "]><a>&l9;end</a>"
)


def quickly(work: Callable[[], Element]) -> Element:
    start = time.process_time()
    try:
        return work()
    finally:
        assert time.process_time() - start < 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_bytes_are_read_in_their_own_encoding(encoding: str) -> None:
    assert read_xml("<a>é</a>".encode(encoding)).text == "é"


def test_a_declared_encoding_counts_for_bytes_and_not_for_text() -> None:
    document = '<?xml version="1.0" encoding="iso-8859-15"?><a>€</a>'
    assert read_xml(document.encode("iso-8859-15")).text == "€"
    assert read_xml(document).text == "€"
    assert declared_encoding(document.encode("iso-8859-15")) == "iso-8859-15"
    assert declared_encoding(b"<a/>") is None


@pytest.mark.parametrize(
    "data",
    [b"<a>\xe9</a>", b'<?xml version="1.0" encoding="nonsense"?><a/>', b"", "  ", "<a>", "\ud800<a/>", "<a>\ud800</a>"],
)
def test_what_cannot_be_read_is_a_syntax_error(data: bytes | str) -> None:
    with pytest.raises(XMLSyntaxError):
        read_xml(data)


def test_named_entities_of_html_are_read_also_in_attributes_and_not_in_cdata() -> None:
    root = read_xml('<a b="&eacute;&quot;">&nbsp;&lt;&hellip;<![CDATA[&nbsp;]]><!-- &nope; --></a>')
    assert root.text == "\xa0<…&nbsp;"
    assert root.get("b") == 'é"'


def test_an_unknown_entity_without_a_document_type_is_an_error() -> None:
    with pytest.raises(XMLSyntaxError):
        read_xml("<a>&nope;</a>")


def test_plain_entities_of_a_document_type_are_replaced_and_others_dropped() -> None:
    root = read_xml(
        "<?xml version='1.0'?><!-- c --><!DOCTYPE a SYSTEM 'http://127.0.0.1:1/x.dtd' [\n"
        "<!-- <!ENTITY no 'no'> ]> -->\n<!ENTITY site 'Le Journal'><!ENTITY file SYSTEM 'file:///etc/passwd'>\n"
        f"<!ENTITY nested '&site;'><!ENTITY long '{'x' * (MAX_ENTITY_CHARS + 1)}'><!ENTITY % p 'q'>\n]>\n"
        "<a>&site;|&file;|&nested;|&long;|&nbsp;|&amp;</a>"
    )
    assert root.text == "Le Journal||||\xa0|&"


def test_error_lines_are_those_of_the_document_with_its_document_type() -> None:
    with pytest.raises(XMLSyntaxError) as caught:
        read_xml("<!DOCTYPE a [\n\n]>\n<a>\n</b>")
    assert caught.value.lineno == 5


def test_a_billion_laughs_are_not_heard() -> None:
    assert quickly(lambda: read_xml(LAUGHS)).text == "end"


def test_entities_add_at_most_64_kib() -> None:
    bomb = f"<!DOCTYPE a [<!ENTITY x '{'y' * 1000}'>]><a>{'&x;' * 100_000}</a>"
    assert len(quickly(lambda: read_xml(bomb)).text or "") <= 65_536


@pytest.mark.parametrize(
    "document",
    [
        "<a " + " ".join(f'b{i}="1"' for i in range(200_000)) + "/>",
        "<a>" * 200_000,
        "<a>" * 300 + "</a>" * 300,
        "<a>" + "x" * 10_100_000 + "</a>",
        "<a><![CDATA[" + "x" * 10_100_000 + "]]></a>",
        "<a>" + "&" * 1_000_000 + "</a>",
        "<a>" + "&nbsp;" * 300_000 + "</a>",
        "<!DOCTYPE a [" + "<!-- -->" * 50_000 + "]><a/>",
        "<!DOCTYPE a [" + "<!--" * 100_000,
        "<!DOCTYPE a [" + "\"'" * 100_000,
    ],
    ids=[
        "attributes",
        "open depth",
        "closed depth",
        "text",
        "cdata",
        "ampersands",
        "entities",
        "dtd",
        "dtd comments",
        "dtd quotes",
    ],
)
def test_what_no_honest_document_has_is_refused_quickly(document: str) -> None:
    with pytest.raises(XMLLimitError):
        quickly(lambda: read_xml(document))


@pytest.mark.parametrize("piece", ["<![CDATA[", "<!--", "<?a ", "<a b='", "</a>", "<b%d:x/>"])
def test_damage_repeated_many_times_is_found_and_mended_quickly(piece: str) -> None:
    pieces = "".join(piece % i if "%d" in piece else piece for i in range(100_000))
    document = f"<a>{pieces}"
    with pytest.raises(XMLSyntaxError):
        quickly(lambda: read_xml(document))
    with pytest.raises(XMLSyntaxError):
        quickly(lambda: read_xml(mend_xml(document)))


def test_mending_undoes_the_usual_damage_and_keeps_the_rest() -> None:
    damaged = (
        "Warning: something\n<?xml version='1.0'?><a>\x00fish &amp; chips & peas&#0;&#x1F; &eacute; &what; "
        "<b:c d:e='1'>x?a=1&b=2</b:c><![CDATA[& &nbsp;]]></a>"
    )
    with pytest.raises(XMLSyntaxError):
        read_xml(damaged)
    root = read_xml(mend_xml(damaged))
    assert root.text == "fish & chips & peas é &what; "
    assert root[0].text == "x?a=1&b=2"
    assert root[0].tail == "& &nbsp;"


@given(st.text(alphabet="ab<>&;[]!-?/='\" \x00é#x1", max_size=80))
@settings(max_examples=200)
def test_any_text_is_read_or_refused_with_a_syntax_error(text: str) -> None:
    for candidate in (f"<a>{text}</a>", text):
        try:
            read_xml(mend_xml(candidate))
        except XMLSyntaxError:
            continue


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc", "Cn")), max_size=60))
@settings(max_examples=60)
def test_what_is_written_is_what_is_read(text: str) -> None:
    element = new_element("{urn:x}a", {"x": "urn:x"})
    element.text = text
    assert (read_xml(to_bytes(element)).text or "") == text


def test_inner_html_has_no_trace_of_namespaces() -> None:
    element = read_xml(
        '<d xmlns="http://www.w3.org/1999/xhtml" xmlns:x="http://www.w3.org/1999/xhtml" xml:lang="fr">1 &lt; 2'
        ' <x:p class="c" xml:space="preserve">a<br/>b &amp; <a href="?a=1&amp;b=2">c</a></x:p><!-- no --><i/>é</d>'
    )
    assert inner_html(element) == '1 &lt; 2 <p class="c">a<br>b &amp; <a href="?a=1&amp;b=2">c</a></p><i></i>é'
