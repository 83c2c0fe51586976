"""The owner of lxml: reading hostile XML safely, and the few names needed to build and walk XML."""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterable, Mapping
from html.entities import html5
from typing import cast

from lxml import etree
from lxml import html as lxml_html

#: One element of a tree.
Element = etree._Element  # noqa: SLF001 - lxml gives the class no public name
QName = etree.QName
SubElement = etree.SubElement
XMLSyntaxError = etree.XMLSyntaxError

MAX_ATTRIBUTES = 256
#: A longer internal subset is refused.
MAX_DTD_CHARS = 65_536
#: Longer entities of a document type are dropped, and all of them once they have added so much.
MAX_ENTITY_CHARS = 1024
MAX_EXPANSION_CHARS = 65_536
#: Replacing more references than this one by one would take seconds.
MAX_REFERENCES = 200_000

_ENCODING = re.compile(rb"""\A\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_SUBSET_TOKEN = re.compile(r"""<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|"[^"]*"|'[^']*'|\[|\]|>""", re.DOTALL)
_ENTITY = re.compile(r"""<!ENTITY\s+([\w:.-]{1,100})\s+("[^"]*"|'[^']*')\s*>""")
# CDATA sections and comments are matched only so that nothing in them is taken for a reference.
_REFERENCE = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)"
    # A "<" that opens nothing.
    r"|<(?=[\s<>=\d.,;:)(&'\"$%*+-])"
    r"|&(?!(?:amp|lt|gt|quot|apos);)(?:#(x[0-9a-fA-F]{1,8}|[0-9]{1,8});|([A-Za-z_][\w.-]{0,99});)?",
    re.DOTALL,
)
_XML_DECLARATION = re.compile(r"<\?xml\b[^>]*>", re.IGNORECASE)
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PREFIX_DECLARED = re.compile(r"xmlns:([\w.-]{1,31})")
_PREFIX_USED = re.compile(
    r"</?([A-Za-z_][\w.-]{0,30}):[A-Za-z_]|\s([A-Za-z_][\w.-]{0,30}):[A-Za-z_][\w.-]*\s*=\s*[\"']"
)
# A prefix for no namespace, which XML forbids.
_NO_NAMESPACE = re.compile(r"""\sxmlns:[\w.-]{0,31}\s*=\s*(?:""|'')""")
_SPACED_NAMESPACE = re.compile(r"""(\sxmlns(?::[\w.-]{1,31})?\s*=\s*["'])\s{0,99}([^\s"'<>]{0,999})\s{0,99}(?=["'])""")
_ROOT = re.compile(r"<[A-Za-z_][\w:.-]*")
#: Namespace given to a prefix that the document used without declaring it; the prefix follows.
UNDECLARED = "urn:undeclared:"


class XMLLimitError(XMLSyntaxError):
    """The document is deeper, wider or longer than any honest one; trying again leniently is no use."""

    def __init__(self, message: str) -> None:
        super().__init__(message, etree.ErrorTypes.ERR_INTERNAL_ERROR, 0, 0)  # type: ignore[call-arg]  # see below


def new_element(tag: str, nsmap: Mapping[str, str] | None = None) -> Element:
    """A new root element; `tag` in Clark notation (`{namespace}name`)."""
    return etree.Element(tag, nsmap=nsmap)


def to_bytes(element: Element) -> bytes:
    """The tree as UTF-8 with an XML declaration."""
    return etree.tostring(element, xml_declaration=True, encoding="UTF-8")


def serialised(element: Element, namespaces: Mapping[str, str]) -> bytes:
    """The element as it stands inside a parent that declares the namespaces; changes its prefixes to theirs."""
    parent = etree.Element("r", nsmap=dict(namespaces))
    parent.append(element)
    data = etree.tostring(parent, encoding="UTF-8", pretty_print=True, xml_declaration=False)
    return data[data.index(b">") + 2 : -len(b"</r>\n")]


def cut(document: bytes, end: bytes) -> tuple[bytes, bytes]:
    """A document's bytes before and from the last `end` (an end tag) on, its indentation not counted."""
    place = document.rindex(end)
    head = document[:place].rstrip(b" ")
    return head, document[len(head) :]


def html_tree(text: str) -> Element | None:
    """A page as a tree without comments; None when there is nothing in it.

    The text must be bounded (see `bounds`); the parser itself stops at a depth of 256.
    """
    parser = lxml_html.HTMLParser(collect_ids=False, remove_comments=True, remove_pis=True)
    # One class for all elements: the library's own choice calls Python for each.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=lxml_html.HtmlElement))
    try:
        return lxml_html.document_fromstring(_XML_DECLARATION.sub("", text, count=1), parser=parser)
    except etree.ParserError:
        return None


def drop_elements(tree: Element, names: Iterable[str]) -> None:
    """Remove the named elements with all in them; the text behind them stays."""
    etree.strip_elements(tree, *names, with_tail=False)


_COUNT = etree.XPath("count(descendant-or-self::*)")


def count_elements(element: Element) -> int:
    """How many elements there are: this one and all in it."""
    return int(cast("float", _COUNT(element)))


def text_of(element: Element, between: str = "") -> str:
    """All text in the element as it stands there, with `between` put between the pieces."""
    return between.join(map(str, element.itertext()))


_SHOWN = etree.XPath("descendant::text()[not(parent::script or parent::style)]")


def shown_text(element: Element) -> str:
    """The text in the element without that of scripts and styles, its pieces parted by blanks."""
    return " ".join(map(str, cast("list[str]", _SHOWN(element))))


def outer_html(element: Element) -> str:
    """The element with all in it as HTML, without the text behind it."""
    return etree.tostring(element, method="html", encoding="unicode", with_tail=False)


def inner_html(element: Element) -> str:
    """What stands inside the element, as an HTML fragment without namespaces; changes the element.

    Made for XHTML in feeds: prefixes, namespace declarations and prefixed attributes are dropped.
    """
    for node in element.iter(etree.Element):
        node.tag = etree.QName(node).localname
        for name in [name for name in node.attrib if str(name).startswith("{")]:
            del node.attrib[name]
    parent = etree.Element("div")
    parent.text = element.text
    parent.extend(list(element))
    etree.cleanup_namespaces(parent)
    whole = etree.tostring(parent, method="html", encoding="unicode", with_tail=False)
    return whole.removeprefix("<div>").removesuffix("</div>").strip()


def read_xml(data: bytes | str) -> Element:
    """The root of a well-formed document.

    No DTD is seen by the parser, so no entity is ever expanded by it and nothing is loaded. Entities that
    HTML names (`&nbsp;`) and short plain ones that the document type declares are replaced as text;
    all others are dropped where there is a document type. Comments and processing instructions are
    left out.

    Raises:
        XMLLimitError: deeper than 256 elements, more than MAX_ATTRIBUTES on one, a text above 10 MB.
        XMLSyntaxError: the bytes are not well-formed XML.

    """
    text = data if isinstance(data, str) else _decode(data)
    text, declared = _without_doctype(text)
    try:
        root = _parse(text)
    except XMLLimitError:
        raise
    except XMLSyntaxError:
        replaced = _replace_entities(text, declared)
        if replaced == text:
            raise
        root = _parse(replaced)
    if root.xpath(f"boolean(//*[@*[{MAX_ATTRIBUTES + 1}]])"):
        raise XMLLimitError(f"an element has more than {MAX_ATTRIBUTES} attributes")
    return root


def mend_xml(text: str) -> str:
    """The text with the commonest damage of feeds undone, for a second try at `read_xml`.

    Undone: something before the first tag, a broken XML declaration, characters that XML forbids (also
    written as references), a bare "&" or "<", prefixes used without a declaration or declared for no namespace, blanks
    around a namespace.
    """
    start = text.find("<")
    # What the declaration says of the encoding is known by now, and its name may be one that XML refuses.
    mended = _ILLEGAL.sub("", _XML_DECLARATION.sub("", text[max(start, 0) :], count=1))
    if "xmlns" in mended:
        mended = _SPACED_NAMESPACE.sub(r"\1\2", _NO_NAMESPACE.sub("", mended))
    mended, declared = _without_doctype(mended)
    mended = _replace_entities(mended, declared, mend=True)
    return _declare_prefixes(mended)


def declared_encoding(head: bytes) -> str | None:
    """The encoding that an XML declaration at the start of the bytes names, lower case."""
    match = _ENCODING.match(head)
    return match[1].decode("ascii").lower() if match else None


def _parse(text: str) -> Element:
    # Decoded already: what the declaration says of the encoding must not count again.
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(text.encode("utf-8"), parser)
    except UnicodeEncodeError as error:
        raise _syntax_error("it holds half of a surrogate pair", text.count("\n", 0, error.start) + 1) from error
    except XMLSyntaxError as error:
        if "XML_PARSE_HUGE" in str(error) or "too big" in str(error):
            raise XMLLimitError(f"a limit of the XML reader was passed: {error.msg}") from error
        raise


def _syntax_error(message: str, line: int) -> XMLSyntaxError:
    # The stubs do not know that lxml's errors carry a code and a position.
    return XMLSyntaxError(message, etree.ErrorTypes.ERR_INTERNAL_ERROR, line, 0)  # type: ignore[call-arg]  # the stubs know only a message


def _decode(data: bytes) -> str:
    """The bytes as their byte order mark or XML declaration says, else as UTF-8."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            data, encoding = data[len(mark) :], name
            break
    else:
        encoding = declared_encoding(data[:300]) or "utf-8"
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise _syntax_error(f"it is not {encoding}: {error}", 1) from error


def _without_doctype(text: str) -> tuple[str, dict[str, str] | None]:
    """The text without its document type, and the plain entities that declared; None without one."""
    start = _skip_prolog(text)
    if not text.startswith("<!DOCTYPE", start) and not text.startswith("<!doctype", start):
        return text, None
    depth, end = 0, None
    for token in _SUBSET_TOKEN.finditer(text, start + 9, start + 9 + MAX_DTD_CHARS):
        depth += {"[": 1, "]": -1}.get(token[0], 0)
        if token[0] == ">" and depth <= 0:
            end = token.end()
            break
    if end is None:
        if len(text) - start > MAX_DTD_CHARS:
            raise XMLLimitError(f"the document type is longer than {MAX_DTD_CHARS} characters")
        return text, None
    declared = {
        match[1]: value
        for match in _ENTITY.finditer(text, start, end)
        if len(value := match[2][1:-1]) <= MAX_ENTITY_CHARS and not set(value) & set("&<%")
    }
    # The lines stay, so that errors still name the right one.
    return text[:start] + "\n" * text.count("\n", start, end) + text[end:], declared


def _skip_prolog(text: str) -> int:
    """Where the document type or the root element starts."""
    place = 0
    while True:
        while place < len(text) and text[place] in " \t\r\n\ufeff":
            place += 1
        for opening, closing in (("<?", "?>"), ("<!--", "-->")):
            if text.startswith(opening, place):
                end = text.find(closing, place)
                if end < 0:
                    return place
                place = end + len(closing)
                break
        else:
            return place


def _replace_entities(text: str, declared: Mapping[str, str] | None, *, mend: bool = False) -> str:
    """The text with named entities as what they stand for; `mend` also undoes what is no reference."""
    room, left = MAX_EXPANSION_CHARS, MAX_REFERENCES

    def replace(match: re.Match[str]) -> str:
        nonlocal room, left
        whole, number, name = match[0], match[1], match[2]
        if not whole.startswith("&") and whole != "<":
            return whole
        left -= 1
        if left < 0:
            raise XMLLimitError(f"more than {MAX_REFERENCES} references to entities, or signs of markup that are none")
        if name and declared and len(declared.get(name, "")) <= room and name in declared:
            room -= len(declared[name])
            return html.escape(declared[name])
        if name and (known := html5.get(name + ";")):
            return html.escape(known)
        if number:
            return whole if _is_legal(number) or not mend else ""
        if name and declared is not None:
            return ""
        return html.escape(whole[0]) + whole[1:] if mend else whole

    return _REFERENCE.sub(replace, text)


def _is_legal(number: str) -> bool:
    code = int(number[1:], 16) if number.startswith("x") else int(number)
    return code <= 0x10FFFF and not _ILLEGAL.match(chr(code))


def _declare_prefixes(text: str) -> str:
    """Undeclared prefixes declared on the root element, under addresses that mean nothing."""
    used = {match[1] or match[2] for match in _PREFIX_USED.finditer(text)}
    missing = sorted(used - set(_PREFIX_DECLARED.findall(text)) - {"xml", "xmlns"})[:50]
    root = _ROOT.search(text, _skip_prolog(text)) if missing else None
    if root is None:
        return text
    added = "".join(f' xmlns:{prefix}="{UNDECLARED}{prefix}"' for prefix in missing)
    return text[: root.end()] + added + text[root.end() :]
