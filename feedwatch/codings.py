"""The owner of brotli: the content codings of HTTP (RFC 9110 section 8.4.1)."""

from __future__ import annotations

import gzip
from typing import Any

import brotli

BrotliError: type[Exception] = brotli.error

#: Smaller bodies fit one packet anyway.
MIN_BYTES = 512
#: As fast as gzip and smaller; 11 would take seconds for a large feed.
_BROTLI_QUALITY = 5


def brotli_decompressor() -> Any:
    """A decompressor that takes its input in pieces."""
    return brotli.Decompressor()


def compressed(body: bytes) -> dict[str, bytes]:
    """The body in each coding that makes it smaller, best first; equal bodies give equal bytes."""
    if len(body) < MIN_BYTES:
        return {}
    forms = {
        "br": bytes(brotli.compress(body, quality=_BROTLI_QUALITY)),
        # The time in a gzip header would make equal bodies differ.
        "gzip": gzip.compress(body, compresslevel=6, mtime=0),
    }
    return {coding: data for coding, data in forms.items() if len(data) < len(body)}
