"""The content codings that are asked for, each decoded in bounded steps."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable
from typing import Protocol

from feedwatch.codings import BrotliError, brotli_decompressor

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

#: What we ask for, and all that we decode.
ACCEPT_ENCODING = "gzip, deflate, br, zstd"
#: What the decoders raise for damaged bytes.
DAMAGED = (zlib.error, BrotliError, zstd.ZstdError)


class Decoder(Protocol):
    """Decodes a body piece by piece."""

    def decode(self, data: bytes, limit: int) -> bytes:
        """At most `limit` decoded bytes; the rest is kept until `pending` is False."""
        ...

    @property
    def pending(self) -> bool:
        """Whether more comes of what was given already."""
        ...

    @property
    def complete(self) -> bool:
        """Whether the body may end here."""
        ...


class _Identity:
    """No encoding."""

    pending = False
    complete = True

    def decode(self, data: bytes, limit: int) -> bytes:
        return data


class _Zlib:
    """gzip with any number of members, or deflate with or without its zlib header (RFC 9110 8.4.1)."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._object = zlib.decompressobj(wbits)
        self._started = False
        self._rest = b""
        self.pending = False
        self.complete = False

    def decode(self, data: bytes, limit: int) -> bytes:
        data = self._rest + data
        if self.complete and data:
            self._next_member(data)
        if self.complete or not (data or self._started):
            self._rest, self.pending = b"", False
            return b""
        if not self._started and self._wbits == zlib.MAX_WBITS and data[0] & 0x0F != 8:
            # Many servers mean raw deflate when they say "deflate".
            self._object = zlib.decompressobj(-zlib.MAX_WBITS)
        self._started = True
        decoded = self._object.decompress(data, limit)
        self.complete = self._object.eof
        self._rest = self._object.unused_data if self.complete else self._object.unconsumed_tail
        # A full piece may leave more inside although all input was taken.
        self.pending = bool(self._rest) or len(decoded) == limit
        return decoded

    def _next_member(self, data: bytes) -> None:
        """Begin another gzip member; anything else behind the end is padding."""
        if self._wbits > zlib.MAX_WBITS and data[:1] == b"\x1f":
            self._object = zlib.decompressobj(self._wbits)
            self.complete = False


class _Brotli:
    """Brotli (RFC 7932)."""

    def __init__(self) -> None:
        self._object = brotli_decompressor()
        self.pending = False

    @property
    def complete(self) -> bool:
        return bool(self._object.is_finished())

    def decode(self, data: bytes, limit: int) -> bytes:
        if self.complete:
            self.pending = False
            return b""
        decoded = bytes(self._object.process(data, output_buffer_limit=limit))
        # The library may hold back output after it took all input: ask until it has nothing to say.
        self.pending = bool(decoded) or not self._object.can_accept_more_data()
        return decoded


class _Zstd:
    """Zstandard with any number of frames (RFC 8878), each within a window that HTTP allows (RFC 9659 section 3)."""

    def __init__(self) -> None:
        self._object = self._new()
        self.pending = False
        self.complete = False

    @staticmethod
    def _new() -> zstd.ZstdDecompressor:
        return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: 23})

    def decode(self, data: bytes, limit: int) -> bytes:
        data = self._object.unused_data + data
        if self._object.eof:
            if not data:
                self.pending = False
                return b""
            self._object = self._new()
        decoded = self._object.decompress(data, limit)
        self.complete = self._object.eof
        self.pending = bool(self._object.unused_data) if self.complete else not self._object.needs_input
        return decoded


DECODERS: dict[str, Callable[[], Decoder]] = {
    "": _Identity,
    "gzip": lambda: _Zlib(16 + zlib.MAX_WBITS),
    "deflate": lambda: _Zlib(zlib.MAX_WBITS),
    "br": _Brotli,
    "zstd": _Zstd,
}
