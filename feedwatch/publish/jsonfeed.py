"""JSON Feed 1.1 (jsonfeed.org/version/1.1)."""

from __future__ import annotations

import json
from typing import Any

from feedwatch.model import Article, FeedSpec, Reason
from feedwatch.publish.content import categories_of, text_of
from feedwatch.publish.extension import REASON_NAMESPACE
from feedwatch.publish.languages import language_tag
from feedwatch.publish.links import Links
from feedwatch.publish.values import authors_of, legal, media_type, one_line, published_at
from feedwatch.urls import http_url, is_iri
from feedwatch.views import FeedView, ViewEntry

_VERSION = "https://jsonfeed.org/version/1.1"
_UNKNOWN_TYPE = "application/octet-stream"


def frame(view: FeedView, links: Links, *, empty: bool) -> tuple[bytes, bytes]:
    """What stands before and after the items.

    Raises:
        ValueError: the feed cannot be written.

    """
    del empty
    feed = {
        "version": _VERSION,
        "title": one_line(view.spec.title) or view.spec.id,
        "home_page_url": links.page_url,
        "feed_url": links.self_url("json"),
        "description": one_line(view.spec.subtitle),
        "language": language_tag(view.spec.lang),
        "hubs": [{"type": "WebSub", "url": view.hub}] if view.hub else None,
        # No field of the format holds the permanent id and the date of the feed.
        "_feedwatch": {"id": view.id, "updated": view.updated_at.isoformat()},
    }
    head = _json(_present(feed)).removesuffix(b"}")
    return head + b',"items":[\n', b"\n]}\n"


def fragment(spec: FeedSpec, shown: ViewEntry) -> bytes:
    """One item.

    Raises:
        ValueError: the entry cannot be written.

    """
    entry, article = shown.entry, shown.entry.article
    if not is_iri(shown.id):
        raise ValueError("its id is no IRI")
    url = http_url(article.url)
    title = one_line(article.title) or url or shown.id
    text = text_of(spec, entry, title=title, linked=url is not None)
    item = {
        "id": shown.id,
        "url": url,
        "title": title,
        "content_html": text.html,
        # An item needs a content; one that only links has its title for it.
        "content_text": "" if text.html else text.summary or title,
        "summary": text.summary,
        "image": http_url(article.image),
        "date_published": (published_at(entry) or entry.first_seen_at).isoformat(),
        "date_modified": entry.updated_at.isoformat(),
        "authors": [_author(fields) for fields in authors_of(article)],
        "tags": list(dict.fromkeys(category.label or category.term for category in categories_of(spec, entry))),
        "language": language_tag(article.language),
        "attachments": _attachments(article),
        "_feedwatch": _present(
            {
                "about": REASON_NAMESPACE,
                "sources": [_source(shown, place) for place in range(len(shown.vias))],
                "rights": legal(article.rights or "").strip(),
                "reasons": [_reason(reason) for reason in entry.reasons] if spec.reasons else None,
            }
        ),
    }
    return _json(_present(item))


def _author(fields: dict[str, str]) -> dict[str, str]:
    url = fields.get("uri") or ("mailto:" + fields["email"] if "email" in fields else "")
    return _present({"name": fields["name"], "url": url})


def _attachments(article: Article) -> list[dict[str, Any]]:
    return [
        _present(
            {
                "url": url,
                "mime_type": media_type(enclosure.media_type) or _UNKNOWN_TYPE,
                "size_in_bytes": enclosure.length_bytes if (enclosure.length_bytes or 0) > 0 else None,
            }
        )
        for enclosure in article.enclosures
        if (url := http_url(enclosure.url)) is not None
    ]


def _source(shown: ViewEntry, place: int) -> dict[str, Any]:
    source_id, origin = shown.vias[place]
    return _present(
        {
            "id": source_id,
            "title": one_line(origin.title or ""),
            "feed_url": http_url(origin.self_link),
            "home_page_url": http_url(origin.link),
        }
    )


def _reason(reason: Reason) -> dict[str, Any]:
    return _present(
        {
            "facet": reason.facet,
            "rule": reason.rule,
            "name": one_line(reason.name),
            "code": reason.code,
            "standing": reason.standing,
            "score": float(format(reason.score, ".6g")),
            "terms": [term for text in reason.terms if (term := one_line(text))],
        }
    )


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def _json(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return legal(text).encode()
