"""A mail message (RFC 5322, MIME) as one item: subject, date, sender, and the text that its sender wrote.

A page that a browser saved in one file (MHTML, RFC 2557) has the same form.
"""

from __future__ import annotations

import html
import re
from dataclasses import replace
from email import policy
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses

from feedwatch.dates import parse_date
from feedwatch.errors import ParseError
from feedwatch.model import Document, Item, Person
from feedwatch.parse.nodes import language_tag, to_url
from feedwatch.text import one_line, xml_legal

#: Parts of a message that are looked at; nested and attached ones count.
MAX_PARTS = 100
_MAX_SENDERS = 20
_PAGES = ("text/html", "application/xhtml+xml")
_ANGLE = re.compile(r"<([^<>\s]{1,500})>")
_EMAIL = re.compile(r"[^\s<>@\"'(),:;\\]{1,64}@[^\s<>@\"'(),:;\\]{1,190}")


def read_mail(document: Document) -> Item:
    """The message as an item: HTML where it has some, else its plain text; attachments are left out.

    The Message-ID is the guid. A newsletter's page in the archive (`Archived-At`, RFC 5064) is the link.

    Raises:
        ParseError: it is no message, or holds no text.

    """
    message = BytesParser(policy=policy.compat32).parsebytes(document.body)
    markup, plain = _texts(message)
    subject = _header(message, "Subject")
    if not message.keys() or not (markup or plain or subject):
        raise ParseError(document.locator, "is no mail message, or one without subject and text")
    return Item(
        shape="entry" if markup else "text",
        locator=document.locator,
        position=0,
        guid=_identifier(_header(message, "Message-ID")),
        link=to_url(_identifier(_header(message, "Archived-At")) or _header(message, "Archived-At")),
        title=html.escape(subject, quote=False),
        content=markup or plain,
        published_at=parse_date(_header(message, "Date")[:100]),
        authors=_senders(message),
        language=language_tag(_header(message, "Content-Language").partition(",")[0]),
    )


def page_in(document: Document) -> Document:
    """The HTML page in a file of MHTML, with the address that it was saved from.

    Raises:
        ParseError: there is no page in it.

    """
    message = BytesParser(policy=policy.compat32).parsebytes(document.body)
    for _, part in zip(range(MAX_PARTS), message.walk(), strict=False):
        data = part.get_payload(decode=True)
        if part.get_content_type() in _PAGES and isinstance(data, bytes):
            written = _header(message, "Snapshot-Content-Location") or _header(part, "Content-Location")
            return replace(
                document,
                body=data,
                media_type=part.get_content_type(),
                charset=part.get_content_charset(),
                url=to_url(written),
            )
    raise ParseError(document.locator, "holds no page (it is no MHTML as browsers save it, or damaged)")


def _header(message: Message, name: str) -> str:
    """A header on one line, its encoded words decoded (RFC 2047); as it stands where they are damaged."""
    written = str(message.get(name, ""))[:10_000]
    try:
        return one_line(str(make_header(decode_header(written))))
    except (LookupError, ValueError, UnicodeError):
        return one_line(written)


def _identifier(text: str) -> str | None:
    found = _ANGLE.search(text)
    return found[1] if found else None


def _senders(message: Message) -> tuple[Person, ...]:
    people = []
    for name, address in getaddresses([_header(message, "From")])[:_MAX_SENDERS]:
        shown = one_line(name) or address
        if shown:
            people.append(Person(name=shown, email=address if _EMAIL.fullmatch(address) else None))
    return tuple(people)


def _texts(message: Message) -> tuple[str, str]:
    """The HTML and the plain text that its sender wrote: the first of each that is no attachment."""
    markup = plain = ""
    for number, part in enumerate(message.walk()):
        if number >= MAX_PARTS or (markup and plain):
            break
        if part.is_multipart() or part.get_content_disposition() == "attachment" or part.get_filename():
            continue
        kind = part.get_content_type()
        if kind == "text/html" and not markup:
            markup = _decoded(part)
        elif kind == "text/plain" and not plain:
            plain = _decoded(part)
    return markup.strip(), plain.strip()


def _decoded(part: Message) -> str:
    """A part's text in the charset that it names, else in UTF-8 or Windows's Latin letters."""
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    for charset in (part.get_content_charset() or "utf-8", "utf-8", "cp1252"):
        try:
            return xml_legal(data.decode(charset))
        except (LookupError, UnicodeError):
            continue
    return xml_legal(data.decode("latin-1"))
