from __future__ import annotations

import hashlib
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedwatch.fetch.body import _decoded, _decoder
from tests.webserver import compressed

Encoding = Literal["gzip", "deflate", "raw-deflate", "br"]
ENCODINGS: tuple[Encoding, ...] = ("gzip", "deflate", "raw-deflate", "br")


def noise(size: int) -> bytes:
    """Bytes that do not compress."""
    return hashlib.shake_128(b"feedwatch").digest(size)


def decode(encoding: Encoding, packed: bytes, step: int) -> tuple[bytes, bool]:
    """The body decoded from pieces of `step` bytes, and whether the decoder saw its end."""
    decoder = _decoder("deflate" if encoding == "raw-deflate" else encoding)
    parts = [part for start in range(0, len(packed), step) for part in _decoded(decoder, packed[start : start + step])]
    return b"".join(parts), decoder.complete


@given(
    encoding=st.sampled_from(ENCODINGS),
    body=st.one_of(st.binary(max_size=2000), st.text("ab<>", max_size=500).map(lambda text: text.encode() * 20)),
    step=st.integers(1, 3000),
)
@settings(max_examples=60, deadline=None)
def test_however_the_pieces_fall_the_body_is_the_same(encoding: Encoding, body: bytes, step: int) -> None:
    assert decode(encoding, compressed(encoding, body), step) == (body, True)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("size", [65535, 65536, 65537, 131072, 1_000_000])
def test_bodies_around_the_size_of_a_piece_lose_nothing(encoding: Encoding, size: int) -> None:
    for body in (b"a" * size, noise(size)):
        assert decode(encoding, compressed(encoding, body), 16384) == (body, True)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_body_without_its_end_is_known_to_be_incomplete(encoding: Encoding) -> None:
    body = noise(5000)
    packed = compressed(encoding, body)
    for cut in (1, 100, len(packed) - 1):
        assert decode(encoding, packed[:cut], 64)[1] is False
