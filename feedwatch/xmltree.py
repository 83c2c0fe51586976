"""The owner of lxml: reading hostile XML safely, and the few names needed to build XML."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

#: One element of a tree.
Element = etree._Element  # noqa: SLF001 - lxml gives the class no public name
QName = etree.QName
SubElement = etree.SubElement
XMLSyntaxError = etree.XMLSyntaxError


def new_element(tag: str, nsmap: Mapping[str, str] | None = None) -> Element:
    """A new root element; `tag` in Clark notation (`{namespace}name`)."""
    return etree.Element(tag, nsmap=nsmap)


def to_bytes(element: Element) -> bytes:
    """The tree as UTF-8 with an XML declaration."""
    return etree.tostring(element, xml_declaration=True, encoding="UTF-8")


def read_xml(data: bytes) -> Element:
    """The root of a well-formed document; no entity is expanded, no DTD read, no network touched.

    Raises:
        XMLSyntaxError: the bytes are not well-formed XML.

    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    return etree.fromstring(data, parser)
