"""The owner of starlette: the read-only site that feed readers subscribe to."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path

from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from feedwatch.model import FeedSpec
from feedwatch.web.files import FeedFolder, Representation

#: Readers need not ask again within so many seconds; feeds change a few times an hour.
MAX_AGE_S = 300
_SAFETY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def make_site(feeds: Sequence[FeedSpec], directory: Path, *, title: str = "feedwatch") -> Starlette:
    """The application: `/` lists the feeds, `/<id>.atom` is a feed, `/healthz` says that it runs."""
    folder = FeedFolder(directory)
    templates = Environment(loader=PackageLoader("feedwatch.web"), autoescape=select_autoescape(default=True))
    page = templates.get_template("index.html")

    def index(_request: Request) -> Response:
        shown = [(spec, folder.get(f"{spec.id}.atom") is not None) for spec in feeds]
        html = page.render(title=title, feeds=shown)
        return HTMLResponse(html, headers={**_SAFETY, "Content-Security-Policy": _PAGE_POLICY})

    def feed(request: Request) -> Response:
        found = folder.get(request.path_params["name"])
        if found is None:
            return PlainTextResponse("There is no such feed; / lists them.\n", status_code=404, headers=_SAFETY)
        return _answer(request, found)

    def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok\n", headers={**_SAFETY, "Cache-Control": "no-store"})

    def robots(_request: Request) -> Response:
        return PlainTextResponse("User-agent: *\nDisallow: /\n", headers=_SAFETY)

    return Starlette(
        routes=[
            Route("/", index),
            Route("/healthz", healthz),
            Route("/robots.txt", robots),
            Route("/{name}", feed),
        ]
    )


def _answer(request: Request, found: Representation) -> Response:
    """The representation, or 304 when the reader has it already (RFC 9110 section 13.2.2)."""
    squeezed = _accepts_gzip(request.headers.get("accept-encoding", ""))
    etag = found.compressed_etag if squeezed else found.etag
    headers = {
        **_SAFETY,
        "ETag": etag,
        "Last-Modified": found.last_modified,
        "Cache-Control": f"public, max-age={MAX_AGE_S}",
        "Vary": "Accept-Encoding",
        "Access-Control-Allow-Origin": "*",
        "X-Robots-Tag": "noindex",
    }
    if _has_it(request, found):
        return Response(status_code=304, headers=headers)
    if squeezed:
        headers["Content-Encoding"] = "gzip"
    body = found.compressed if squeezed else found.body
    return Response(body, headers={**headers, "Content-Type": found.media_type})


def _has_it(request: Request, found: Representation) -> bool:
    """Whether the request's validators name what would be sent; If-None-Match decides alone if present."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        # The weak comparison of RFC 9110 section 8.8.3.2: W/ does not matter for GET.
        named = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return bool(named & {"*", found.etag, found.compressed_etag})
    since = request.headers.get("if-modified-since")
    if since is None:
        return False
    try:
        return parsedate_to_datetime(since).timestamp() >= found.modified_s
    except (TypeError, ValueError, OverflowError):
        return False


def _accepts_gzip(header: str) -> bool:
    """Whether Accept-Encoding allows gzip (RFC 9110 section 12.5.3)."""
    for part in header.lower().split(","):
        coding, _, parameters = part.strip().partition(";")
        if coding.strip() in {"gzip", "*"}:
            quality = parameters.strip().removeprefix("q=").strip()
            try:
                return float(quality or 1) > 0
            except ValueError:
                return False
    return False
