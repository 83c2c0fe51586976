"""From bytes to text, whatever the publisher says the encoding is."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from feedwatch.errors import ParseError
from feedwatch.model import Document
from feedwatch.xmltree import declared_encoding

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    # The marks of UTF-32 begin like those of UTF-16, so they come first.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# "<" or "{" and one more ASCII character without a mark (XML 1.0 appendix F); white space may precede.
_WIDE = (
    (re.compile(rb"(?:\x00\x00\x00[ \t\r\n])*\x00\x00\x00[<{]\x00\x00\x00[\x01-\x7f]"), "utf-32-be"),
    (re.compile(rb"(?:[ \t\r\n]\x00\x00\x00)*[<{]\x00\x00\x00[\x01-\x7f]\x00\x00\x00"), "utf-32-le"),
    (re.compile(rb"(?:\x00[ \t\r\n])*\x00[<{]\x00[\x01-\x7f]"), "utf-16-be"),
    (re.compile(rb"(?:[ \t\r\n]\x00)*[<{]\x00[\x01-\x7f]\x00"), "utf-16-le"),
)
# "<?xml" as mainframes write it; its letters and signs are the same in all their code pages.
_EBCDIC = b"\x4c\x6f\xa7\x94\x93"
_MAGIC = (
    (b"%PDF-", "a PDF file"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\x89PNG", "an image"),
    (b"GIF8", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"\x1f\x8b", "gzip data"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
)
_META = re.compile(rb"""<meta\b[^>]{0,200}?\bcharset\s*=\s*["']?\s*([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_CONTROLS = bytes(code for code in (*range(32), 127) if code not in b"\t\n\r\f\x1b")
#: Of the first 8 KiB; compressed data has about one in ten. A few are damage in a text.
_MAX_CONTROLS = 0.03
_FEW_CONTROLS = 8

# As browsers read these labels (WHATWG Encoding): the superset that publishers really use.
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
}
# Any bytes are text in these, so they prove nothing and UTF-8 is tried first.
_SINGLE_BYTE = re.compile(r"cp(12\d\d|8\d\d|437)|iso8859-\d+|koi8-\w|mac-\w+|ascii|latin\w*|hp-roman8|tis-620")
#: Not text encodings of the web, or dangerous to accept (UTF-7 hides markup from filters).
_REFUSED = frozenset(("utf-7", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"))
_ARABIC_SHARE = 0.5
# Bytes that Python could not decode ("surrogateescape"), and what they are in Windows-1252.
_BROKEN = re.compile("[\udc80-\udcff]")
_HIGH = re.compile("[^\x00-\x7f]")
#: Bytes of a damaged document that are counted at once.
_PIECE = 65_536
_STRAY = {0xDC00 + code: bytes([code]).decode("cp1252", "replace") for code in range(0x80, 0x100)}
# Published from Windows by a program that took its numbers for Unicode's (as HTML reads references, 13.2.5.80).
_C1 = re.compile("[\x80-\x84\x86-\x9f]")
# UTF-8 that was taken for Latin-1 and encoded once more.
_TWICE = re.compile("(?:[\xc2-\xf4][\x80-\xbf]{1,3})+")
# U+0085 is white space in its own right.
_WINDOWS = {code: char for code in range(0x80, 0xA0) if (char := bytes([code]).decode("cp1252", "ignore"))}
del _WINDOWS[0x85]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A document as text."""

    text: str
    encoding: str
    #: What was lost, for people; None when nothing was.
    problem: str | None = None


def decode(document: Document) -> Decoded:
    """The document's text without byte order mark.

    A byte order mark wins, then UTF-8 where the bytes are valid UTF-8, then what the transport says, then
    what the document says, then Windows-1252, or Windows-1256 for bytes that look Arabic. A charset of
    several bytes a character proves itself and is tried before UTF-8.

    Raises:
        ParseError: the document is empty or is no text.

    """
    body = document.body
    if not body.strip(b" \t\r\n\x00"):
        raise ParseError(document.locator, "is empty (nothing to read: look at the address or the file)")
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return _decode_as(body[len(mark) :], encoding)
    for pattern, encoding in _WIDE:
        if pattern.match(body):
            return _decode_as(body, encoding)
    if body.startswith(_EBCDIC):
        name = _codec(declared_encoding(body[:300].decode("cp037").encode())) or "cp037"
        # Its line ends are "next line".
        return _decode_as(body, name if "<?xml".encode(name) == _EBCDIC else "cp037")
    _require_text(document)
    named = [name for name in (_codec(document.charset), _codec(_declared(body))) if name]
    several = [name for name in named if not _SINGLE_BYTE.fullmatch(name)]
    single = [name for name in named if _SINGLE_BYTE.fullmatch(name)]
    for name in (*several, "utf-8", *single):
        try:
            return Decoded(text=_clean(body.decode(name)), encoding=name)
        except UnicodeDecodeError:
            continue
    return _decode_damaged(body)


def _decode_as(body: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(text=_clean(body.decode(encoding)), encoding=encoding)
    except UnicodeDecodeError:
        return _decode_lossy(body, encoding)


def _decode_lossy(body: bytes, encoding: str) -> Decoded:
    text = body.decode(encoding, "replace")
    lost = text.count("\ufffd")
    problem = f"{lost} places are not valid {encoding} and were replaced (the publisher's encoding is broken)"
    return Decoded(text=_clean(text), encoding=encoding, problem=problem)


def _decode_damaged(body: bytes) -> Decoded:
    """Bytes that are nothing in full: UTF-8 with some damage, or a legacy encoding that nobody named."""
    broken, wide = _damage(body)
    if wide > 10 * broken:
        return _decode_lossy(body, "utf-8")
    if wide > broken:
        # Sequences of UTF-8 do not come about by chance: texts of two encodings were put together.
        problem = f"{broken} bytes are not UTF-8 and were read as Windows-1252 (the publisher mixes encodings)"
        mixed = body.decode("utf-8", "surrogateescape").translate(_STRAY)
        return Decoded(text=_clean(mixed), encoding="utf-8", problem=problem)
    high = bytes(byte for byte in body[:65_536] if byte > 0x7F)
    # Arabic letters of Windows-1256 as bytes; French text has few of them.
    letters = sum(1 for char in high.decode("cp1256", "replace") if "\u0621" <= char <= "\u064a")
    pairs = len(re.findall(rb"[\xc0-\xed]{3}", body[:65_536]))
    if letters > _ARABIC_SHARE * len(high) and pairs * 6 > len(high):
        return Decoded(text=_clean(body.decode("cp1256", "replace")), encoding="cp1256")
    # The five bytes that Windows-1252 leaves open are controls in practice and are dropped with them.
    return Decoded(text=_clean(body.decode("cp1252", "ignore")), encoding="cp1252")


def _damage(body: bytes) -> tuple[int, int]:
    """How many bytes are no UTF-8, and how many characters beyond ASCII are; counted piece by piece, to hold little."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    broken = high = 0
    for start in range(0, len(body), _PIECE):
        piece = decoder.decode(body[start : start + _PIECE], start + _PIECE >= len(body))
        broken += _BROKEN.subn("", piece)[1]
        high += _HIGH.subn("", piece)[1]
    return broken, high - broken


def _clean(text: str) -> str:
    """Without byte order mark; controls that nobody types are UTF-8 encoded twice, or Windows' characters."""
    text = text.lstrip("\ufeff")
    return _TWICE.sub(_decoded_once, text).translate(_WINDOWS) if _C1.search(text) else text


def _decoded_once(match: re.Match[str]) -> str:
    try:
        return match[0].encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return match[0]


def _require_text(document: Document) -> None:
    body = document.body
    for magic, what in _MAGIC:
        if body.startswith(magic):
            raise ParseError(document.locator, f"is not text ({what}; feedwatch reads feeds, pages and plain text)")
    head = body[:8192]
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls > max(_FEW_CONTROLS, _MAX_CONTROLS * len(head)):
        raise ParseError(document.locator, "is not text (binary data)")


def _declared(body: bytes) -> str | None:
    """What the document itself names: its XML declaration, or a `meta` element in its first 4 KiB."""
    named = declared_encoding(body[:300])
    if named:
        return named
    match = _META.search(body, 0, 4096)
    return match[1].decode("ascii") if match else None


def _codec(label: str | None) -> str | None:
    """Python's name of a charset label as browsers read it; None when it is unknown or says nothing."""
    try:
        info = codecs.lookup((label or "").strip().strip("\"'").lower())
        b" ".decode(info.name)
    except (LookupError, ValueError):
        return None
    name = _SUPERSETS.get(info.name, info.name)
    # A document whose first bytes were read as ASCII is in no wide encoding, whatever it says.
    return None if name in _REFUSED or name.startswith(("utf-16", "utf-32", "utf-8")) else name
