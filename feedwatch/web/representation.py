"""Bytes as HTTP sends them: forms, validators and headers made once for each change, never for each request."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import formatdate

from feedwatch.codings import compressed
from feedwatch.web import negotiate

Headers = list[tuple[bytes, bytes]]

#: On every answer.
SAFETY: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-robots-tag", b"noindex, nofollow"),
]
#: Nothing may be loaded or run: feeds, errors, lists.
BARE_POLICY = b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
#: Pages: our own styles, and the pictures and sounds of entries; no script.
PAGE_POLICY = (
    b"default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data: http: https:; "
    b"media-src http: https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
#: Readers that run in a browser may fetch feeds, and see what they need to ask politely.
CORS: Headers = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, Last-Modified, Link, Retry-After"),
]


@dataclass(frozen=True, slots=True)
class Form:
    """One content coding of a representation, with the headers of its answers."""

    body: bytes
    #: Strong (RFC 9110 section 8.8.3): no two forms share one.
    etag: str
    #: Of a 200 and of a 304.
    headers: Headers
    unchanged: Headers


@dataclass(frozen=True, slots=True)
class Representation:
    """One document in all its forms."""

    #: By content coding, best first; "" is the body as it is.
    forms: dict[str, Form]
    modified_s: int
    #: The codings without "".
    codings: tuple[str, ...]
    #: Bytes that all forms hold.
    size_bytes: int
    #: Not for everybody.
    is_private: bool = False

    def select(self, accept_encoding: str) -> Form:
        """The form that an Accept-Encoding header wants."""
        return self.forms[negotiate.coding(accept_encoding, self.codings) if accept_encoding else ""]

    def unchanged(self, if_none_match: str, if_modified_since: str) -> Form | None:
        """The form that the client has already; If-None-Match decides alone if present (section 13.2.2)."""
        if if_none_match:
            tags = {form.etag: form for form in self.forms.values()}
            matching = negotiate.matching_tag(if_none_match, tags)
            return tags[matching] if matching else None
        if if_modified_since and negotiate.is_since(if_modified_since, self.modified_s):
            return self.forms[""]
        return None


def represent(
    body: bytes,
    *,
    media_type: str,
    modified: float,
    cache_control: str,
    vary: str = "Accept-Encoding",
    more: Sequence[tuple[bytes, bytes]] = (),
    is_private: bool = False,
) -> Representation:
    """A body with its forms; `modified` is seconds since 1970, `more` are headers of 200 and 304 alike."""
    digest = hashlib.sha256(body).hexdigest()[:32]
    page = media_type.startswith("text/html")
    both: Headers = [
        *SAFETY,
        *more,
        (b"content-security-policy", PAGE_POLICY if page else BARE_POLICY),
        (b"cache-control", cache_control.encode()),
        (b"last-modified", formatdate(int(modified), usegmt=True).encode()),
        (b"vary", vary.encode()),
    ]
    forms: dict[str, Form] = {}
    for coding, data in [*compressed(body).items(), ("", body)]:
        etag = f'"{digest}-{coding}"' if coding else f'"{digest}"'
        tagged = [*both, (b"etag", etag.encode())]
        headers = [
            *tagged,
            (b"content-type", media_type.encode()),
            (b"content-length", str(len(data)).encode()),
            *([(b"content-encoding", coding.encode())] if coding else []),
        ]
        forms[coding] = Form(body=data, etag=etag, headers=headers, unchanged=tagged)
    return Representation(
        forms=forms,
        modified_s=int(modified),
        codings=tuple(coding for coding in forms if coding),
        size_bytes=sum(len(form.body) for form in forms.values()),
        is_private=is_private,
    )
