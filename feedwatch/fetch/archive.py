"""The owner of FastWARC: the pages in a web archive (ISO 28500), one record at a time in bounded memory."""

from __future__ import annotations

import importlib.util
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from feedwatch.urls import http_url

#: Endings of archives in lower case: whole pages, and their text as extracted by the crawler.
ENDINGS = (".warc", ".warc.gz", ".wet", ".wet.gz")
_GZIP = b"\x1f\x8b"
_START = b"WARC/"
_PAGES = ("text/html", "application/xhtml+xml", "application/json", "application/feed+json")
_PEEK_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One page, or its text, out of an archive."""

    #: Where it starts in the file, in bytes.
    place: int
    url: str
    body: bytes
    #: Lower case, without parameters; "text/plain" for the text of a page.
    media_type: str
    charset: str | None


class ArchiveError(Exception):
    """The archive cannot be read on; the message says why and after how many bytes."""


def can_read_archives() -> bool:
    """Whether the library is installed; it comes with the extra "warc"."""
    return importlib.util.find_spec("fastwarc") is not None


def records(file: BinaryIO, start: int, *, max_bytes: int) -> Iterator[Record]:
    """The pages and texts in an archive from byte `start` on, where a record starts; larger ones are left out.

    Only answers with status 200 that are HTML, XML or JSON are pages. Compressed bodies are unpacked.

    Raises:
        ArchiveError: the file is damaged; what came before is good.

    """
    from fastwarc.warc import ArchiveIterator, WarcRecordType  # noqa: PLC0415 - comes with an extra

    file.seek(start)
    kinds = WarcRecordType.response | WarcRecordType.conversion | WarcRecordType.resource
    place = start
    try:
        for record in ArchiveIterator(
            file, record_types=kinds, max_content_length=max_bytes, auto_decode="all", strict_mode=False
        ):
            place = record.stream_pos
            url = http_url((record.headers.get("WARC-Target-URI") or "").strip("<>"))
            if url is None or (record.is_http and record.http_headers.status_code != 200):
                continue
            media_type = _media_type(record.http_content_type if record.is_http else record.headers.get("Content-Type"))
            if not _is_readable(media_type, is_text=record.record_type == WarcRecordType.conversion):
                continue
            body = record.reader.read(max_bytes + 1)
            if body and len(body) <= max_bytes:
                charset = record.http_charset if record.is_http else "utf-8"
                yield Record(place=place, url=url, body=body, media_type=media_type, charset=charset)
    except (OSError, EOFError, ValueError, RuntimeError) as error:
        raise ArchiveError(f"is damaged after {place} bytes ({str(error)[:200].lower()})") from error


def starts_record(file: BinaryIO, place: int) -> bool:
    """Whether a record starts there, so that reading can go on: files gzipped as a whole have no such places."""
    file.seek(place)
    head = file.read(_PEEK_BYTES)
    if head.startswith(_GZIP):
        try:
            head = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(head, len(_START))
        except zlib.error:
            return False
    return head.startswith(_START)


def _media_type(written: str | None) -> str:
    return (written or "").partition(";")[0].strip().lower()


def _is_readable(media_type: str, *, is_text: bool) -> bool:
    if is_text:
        return media_type in ("", "text/plain")
    return media_type in _PAGES or media_type.endswith(("/xml", "+xml"))
