"""A feed as a page for people: what it holds, and how to subscribe to it.

Plain text only: no markup of a publisher, no picture, no script, nothing that is loaded from anywhere. So it can be
put on any web server, and its policy forbids all but its own style.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files

from feedwatch.formats import FORMAT_NAMES, INDEX, MEDIA_TYPES
from feedwatch.model import FeedSpec
from feedwatch.publish.content import MAX_SUMMARY_CHARS, reasons_html, right_to_left
from feedwatch.publish.languages import language_tag
from feedwatch.publish.links import Links
from feedwatch.publish.values import legal, one_line, published_at
from feedwatch.text import shorten
from feedwatch.urls import http_url
from feedwatch.views import FeedView, ViewEntry

_WORDS = {
    "en": {
        "subscribe": "This is a feed. Copy an address into your feed reader to subscribe.",
        "all": "All feeds",
        "list": "List for readers (OPML)",
        "none": "Nothing yet.",
        "newest": "Updated",
    },
    "fr": {
        "subscribe": "Ceci est un flux. Copiez une adresse dans votre lecteur de flux pour vous abonner.",
        "all": "Tous les flux",
        "list": "Liste pour lecteurs (OPML)",
        "none": "Rien pour l’instant.",
        "newest": "Mis à jour",
    },
    "es": {
        "subscribe": "Esto es un canal. Copie una dirección en su lector de canales para suscribirse.",
        "all": "Todos los canales",
        "list": "Lista para lectores (OPML)",
        "none": "Nada todavía.",
        "newest": "Actualizado",
    },
    "pt": {
        "subscribe": "Isto é um feed. Copie um endereço para o seu leitor de feeds para o subscrever.",
        "all": "Todos os feeds",
        "list": "Lista para leitores (OPML)",
        "none": "Nada ainda.",
        "newest": "Atualizado",
    },
    "ar": {
        "subscribe": "هذه خلاصة. انسخ عنوانًا إلى قارئ الخلاصات للاشتراك.",
        "all": "كل الخلاصات",
        "list": "قائمة للقارئات (OPML)",
        "none": "لا شيء بعد.",
        "newest": "آخر تحديث",
    },
}


def frame(view: FeedView, links: Links, *, empty: bool) -> tuple[bytes, bytes]:
    """What stands before and after the entries.

    Raises:
        ValueError: the feed cannot be written.

    """
    words = _words(view.spec)
    title = one_line(view.spec.title) or view.spec.id
    offered = [(name, links.self_url(name)) for name in links.others]
    alternates = "\n".join(
        f'<link rel="alternate" type="{MEDIA_TYPES[name]}" title="{escape(title)} ({FORMAT_NAMES[name]})"'
        f' href="{escape(url)}">'
        for name, url in offered
    )
    addresses = "\n".join(
        f'<li><b>{FORMAT_NAMES[name]}</b> <a href="{escape(url)}" dir="ltr">{escape(url)}</a></li>'
        for name, url in offered
    )
    about = one_line(view.spec.subtitle)
    lang = language_tag(view.spec.lang) or "en"
    head = f"""<!doctype html>
<html lang="{escape(lang)}" dir="{_direction(lang)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>{escape(title)}</title>
{alternates}
<style>{_style()}</style>
</head>
<body>
<header>
<h1 dir="auto">{escape(title)}</h1>
{f'<p dir="auto">{escape(about)}</p>' if about else ""}
<p>{words["newest"]}: {_time(view.updated_at.isoformat())}</p>
<div class="subscribe">
<p>{words["subscribe"]}</p>
<ul>
{addresses}
</ul>
</div>
</header>
<main>
{f"<p>{words['none']}</p>" if empty else ""}
"""
    return head.encode(), _foot(links.view.home_url, words).encode()


def _foot(home: str, words: dict[str, str]) -> str:
    return f"""</main>
<footer>
<a href="{escape(home)}">{words["all"]}</a>
<a href="{escape(home)}{INDEX}.opml">{words["list"]}</a>
</footer>
</body>
</html>
"""


def fragment(spec: FeedSpec, shown: ViewEntry) -> bytes:
    """One entry: its title, where it is from and when, its first words, why it is here."""
    entry, article = shown.entry, shown.entry.article
    url = http_url(article.url)
    title = escape(one_line(article.title) or url or shown.id)
    lang = language_tag(article.language)
    marked = f' lang="{escape(lang)}" dir="{_direction(lang)}"' if lang else ' dir="auto"'
    sources = dict.fromkeys(one_line(origin.title or "") or source_id for source_id, origin in shown.vias)
    by = " · ".join(f"<bdi>{escape(name)}</bdi>" for name in sources)
    date = (published_at(entry) or entry.first_seen_at).isoformat()
    lead = shorten(legal(article.summary or article.body), MAX_SUMMARY_CHARS) if spec.content != "link" else ""
    why = reasons_html(spec, entry)
    lines = [
        f"<article{marked}>",
        f'<h2><a href="{escape(url)}">{title}</a></h2>' if url else f"<h2>{title}</h2>",
        f'<p class="by">{by} · {_time(date)}</p>',
        f"<p>{escape(lead)}</p>" if lead else "",
        f'<p class="why" dir="ltr">{why}</p>' if why else "",
        "</article>\n",
    ]
    return "\n".join(filter(None, lines)).encode()


def _words(spec: FeedSpec) -> dict[str, str]:
    return _WORDS.get((spec.lang or "").lower().split("-")[0], _WORDS["en"])


def _direction(lang: str) -> str:
    return "rtl" if right_to_left(lang) else "ltr"


def _time(date: str) -> str:
    """A date for people in any language: year, month, day, hour, in UTC."""
    return f'<time datetime="{date}" dir="ltr">{date[:10]} {date[11:16]} UTC</time>'


@cache
def _style() -> str:
    return files("feedwatch.publish").joinpath("page.css").read_text(encoding="utf-8")


@cache
def _policy() -> str:
    mark = b64encode(sha256(_style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{mark}'; base-uri 'none'; form-action 'none'"
