"""Where a feed says that its older entries are (RFC 5005 section 4)."""

from __future__ import annotations

from feedwatch.errors import ParseError
from feedwatch.model import Document
from feedwatch.parse.atom import atom_link
from feedwatch.parse.decode import decode
from feedwatch.parse.nodes import Context, Names, Node
from feedwatch.urls import http_url, server_of
from feedwatch.xmltree import XMLSyntaxError, read_xml

_RELATION = "prev-archive"


def archive_before(document: Document) -> str | None:
    """The address of the archive document before this one, on the same server; None without one."""
    # Hardly any feed has archives: the others are not read twice.
    if document.url is None or _RELATION.encode() not in document.body:
        return None
    try:
        root = read_xml(decode(document).text)
    except (ParseError, XMLSyntaxError):
        return None
    top = Node(root, Context(names=Names(str(root.tag)), base=http_url(document.url)))
    feed = top.node("channel") or top
    address = atom_link(feed, _RELATION)
    return address if address and server_of(address) == server_of(document.url) else None
