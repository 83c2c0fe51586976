"""Reading a body that may lie about its size: bounded, decoded once, complete or refused."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

import brotli
import requests
from urllib3.response import HTTPResponse

from feedwatch.fetch.dial import Deadline
from feedwatch.fetch.faults import Trouble

#: What we ask for, and all that we decode.
ACCEPT_ENCODING = "gzip, deflate, br"
#: Decoded bytes for each byte sent; text compresses 5 to 20 times, a bomb a thousand times.
MAX_RATIO = 200
# Below this size the ratio says nothing.
_RATIO_FROM_BYTES = 1024 * 1024
# Read in small pieces: the ratio is judged after each.
_READ_BYTES = 16 * 1024
_DECODE_BYTES = 64 * 1024
# A server that sends single bytes costs us more than it costs itself.
_MAX_READS = 250_000


class _Decoder(Protocol):
    def decode(self, data: bytes, limit: int) -> bytes:
        """At most `limit` decoded bytes; the rest is kept until `pending` is False."""
        ...

    @property
    def pending(self) -> bool: ...

    @property
    def complete(self) -> bool: ...


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
        self._object = brotli.Decompressor()
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


_DECODERS: dict[str, Callable[[], _Decoder]] = {
    "": _Identity,
    "gzip": lambda: _Zlib(16 + zlib.MAX_WBITS),
    "deflate": lambda: _Zlib(zlib.MAX_WBITS),
    "br": _Brotli,
}


def read_body(response: requests.Response, *, max_bytes: int, deadline: Deadline, cut: bool = False) -> bytes:
    """The decoded body; with `cut`, the beginning of one that is larger than `max_bytes`.

    Raises:
        Trouble: it is larger than `max_bytes` (decoded), compressed more than MAX_RATIO times or more
            than once, damaged, cut short, or not there in time.

    """
    raw: HTTPResponse = response.raw
    decoder = _decoder(response.headers.get("Content-Encoding", ""))
    announced = response.headers.get("Content-Length", "")
    if announced.isascii() and announced.isdigit() and int(announced[:20]) > max_bytes and not cut:
        raise _too_large(max_bytes)
    # Hands its buffer over without a copy, unlike a list that is joined.
    body = io.BytesIO()
    sent = 0
    for _ in range(_MAX_READS):
        deadline.remaining_s()
        data = raw.read1(_READ_BYTES, decode_content=False)
        if not data:
            if not decoder.complete and sent:
                raise Trouble("http", "the compressed body is cut short")
            return body.getvalue()
        sent += len(data)
        for part in _decoded(decoder, data):
            body.write(part)
            if (size := body.tell()) > max_bytes:
                if cut:
                    return body.getvalue()[:max_bytes]
                raise _too_large(max_bytes)
            if size > _RATIO_FROM_BYTES and size > sent * MAX_RATIO:
                raise Trouble("too-large", f"the body is compressed more than {MAX_RATIO} times")
    raise Trouble("too-large", f"the body came in more than {_MAX_READS} pieces")


def _decoder(encoding: str) -> _Decoder:
    names = [name for part in encoding.lower().split(",") if (name := part.strip()) not in ("", "identity")]
    if len(names) > 1:
        raise Trouble("too-large", "the body is compressed more than once")
    name = names[0].removeprefix("x-") if names else ""
    if name not in _DECODERS:
        raise Trouble("http", f"the body has an encoding that was not asked for ({name})")
    return _DECODERS[name]()


def _decoded(decoder: _Decoder, data: bytes) -> Iterator[bytes]:
    """What the decoder makes of `data`, piece by piece, so that the caller can stop."""
    try:
        yield decoder.decode(data, _DECODE_BYTES)
        while decoder.pending:
            yield decoder.decode(b"", _DECODE_BYTES)
    except (zlib.error, brotli.error) as error:
        raise Trouble("http", f"the compressed body is damaged ({error})") from None


def _too_large(max_bytes: int) -> Trouble:
    return Trouble("too-large", f"the body is larger than {max_bytes / 1024 / 1024:g} MiB")
