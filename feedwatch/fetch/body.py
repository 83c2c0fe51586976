"""Reading a body that may lie about its size: bounded, decoded once, complete or refused."""

from __future__ import annotations

import io
from collections.abc import Iterator

import requests
from urllib3.response import HTTPResponse

from feedwatch.fetch.decoders import DAMAGED, DECODERS, Decoder
from feedwatch.fetch.dial import Deadline
from feedwatch.fetch.faults import Trouble

#: Decoded bytes for each byte sent; text compresses 5 to 20 times, a bomb a thousand times.
MAX_RATIO = 200
# Below this size the ratio says nothing.
_RATIO_FROM_BYTES = 256 * 1024
# Read in small pieces: the ratio is judged after each.
_READ_BYTES = 16 * 1024
_DECODE_BYTES = 64 * 1024
# A server that sends single bytes costs us more than it costs itself.
_MAX_READS = 250_000


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


def _decoder(encoding: str) -> Decoder:
    names = [name for part in encoding.lower().split(",") if (name := part.strip()) not in ("", "identity")]
    if len(names) > 1:
        raise Trouble("too-large", "the body is compressed more than once")
    name = names[0].removeprefix("x-") if names else ""
    if name not in DECODERS:
        raise Trouble("http", f"the body has an encoding that was not asked for ({name})")
    return DECODERS[name]()


def _decoded(decoder: Decoder, data: bytes) -> Iterator[bytes]:
    """What the decoder makes of `data`, piece by piece, so that the caller can stop."""
    try:
        yield decoder.decode(data, _DECODE_BYTES)
        while decoder.pending:
            yield decoder.decode(b"", _DECODE_BYTES)
    except DAMAGED as error:
        raise Trouble("http", f"the compressed body is damaged ({error})") from None


def _too_large(max_bytes: int) -> Trouble:
    return Trouble("too-large", f"the body is larger than {max_bytes / 1024 / 1024:g} MiB")
