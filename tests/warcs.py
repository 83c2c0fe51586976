"""Small web archives for tests, written by hand so that the reader is not tested against itself."""

from __future__ import annotations

import gzip


def record(kind: str, url: str, body: bytes, media_type: str, *, length: int | None = None) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-03-01T00:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:0>\r\nContent-Type: {media_type}\r\nContent-Length: "
        f"{len(body) if length is None else length}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


def response(url: str, body: bytes, *, status: int = 200, media_type: str = "text/html; charset=utf-8") -> bytes:
    http = f"HTTP/1.1 {status} OK\r\nContent-Type: {media_type}\r\n\r\n".encode() + body
    return record("response", url, http, "application/http; msgtype=response")


def text(url: str, body: str) -> bytes:
    return record("conversion", url, body.encode(), "text/plain")


def packed(*records: bytes) -> bytes:
    """Each record gzipped by itself, as crawlers write them."""
    return b"".join(gzip.compress(each, mtime=0) for each in records)


def page(number: int) -> bytes:
    """An article's page."""
    sentences = "".join(
        f"<p>La phrase {part} de l’article {number} raconte le marché de la ville, ses prix, ses vendeurs et les "
        f"{number + part} camions venus de la côte.</p>"
        for part in range(6)
    )
    title = f"Le marché numéro {number} rouvre ses portes"
    return (
        f"<html lang='fr'><head><title>{title}</title></head><body><h1>{title}</h1>{sentences}</body></html>".encode()
    )
