"""The owner of nh3: HTML from outside becomes plain text, or harmless HTML.

What comes in is hostile: every function bounds the length and the number of tags it looks at, so that a
page of 50 MB or 100,000 nested tags costs bounded time. Nothing here raises for any text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape

import nh3

from feedwatch.bounds import (
    MAX_DEPTH,
    MAX_FRAGMENT_CHARS,
    bounded_html,
    fragment,
    within,
)
from feedwatch.text import one_line, paragraphs, xml_legal
from feedwatch.urls import http_url

__all__ = [
    "bounded_html",
    "html_to_text",
    "sanitise",
    "text_of_sanitised",
    "text_to_html",
    "title_text",
]

MAX_TITLE_CHARS = 10_000


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_DROPPED_WITH_CONTENT = _names(
    "script style svg math iframe embed noscript noembed noframes template title textarea select "
    "button option datalist canvas xmp frameset portal"
)
_PARAGRAPH_TAGS = _names(
    "address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form h1 h2 "
    "h3 h4 h5 h6 header hgroup hr legend main nav ol p pre section summary table ul"
)
_LINE_TAGS = _names("br li tr caption")
_CELL_TAGS = _names("td th")
_INLINE_TAGS = _names(
    "a abbr b bdi bdo cite code data del dfn em i ins kbd mark q rp rt ruby s samp small span strong sub sup time u "
    "var wbr"
)
_MEDIA_TAGS = _names("img picture source audio video")
_ALLOWED_TAGS = (
    _INLINE_TAGS
    | _MEDIA_TAGS
    | _LINE_TAGS
    | _CELL_TAGS
    | _names(
        "blockquote col colgroup dd details div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr ol p pre summary table "
        "tbody tfoot thead ul"
    )
)
_ALLOWED_ATTRIBUTES = {
    "*": {"dir", "lang"},
    "a": {"href", "hreflang", "title"},
    "abbr": {"title"},
    "audio": {"src"},
    "col": {"span"},
    "colgroup": {"span"},
    "del": {"datetime"},
    # `style` never leaves: the filter turns it into a mark of invisible images, which are then removed.
    "img": {"src", "srcset", "alt", "title", "width", "height", "data-src", "data-lazy-src", "data-original", "style"},
    "ins": {"datetime"},
    "ol": {"start", "type", "reversed"},
    "source": {"src", "srcset", "type", "media"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
    "video": {"src", "poster", "width", "height"},
}
#: Where these stand, the next reading may move or drop something (tables, white space of `pre`, implied ends).
_MOVING_TAGS = _names("table caption colgroup tbody thead tfoot tr td th pre dl dt dd ruby rp rt")
_VOID_TAGS = _names("br img hr wbr source")
_HEADINGS = _names("h1 h2 h3 h4 h5 h6")
_SIZE = re.compile(r"\d{1,5}%?")
_SIMPLE_VALUE = re.compile(r"[\w\s.,:;+/()%-]{0,100}")
_HIDDEN = "hidden"
_HIDDEN_STYLE = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|(?:width|height)\s*:\s*[01](?:px)?\s*(?:!important)?\s*(?:;|$))",
    re.IGNORECASE,
)
_CANDIDATE = re.compile(r"\s*([^\s,]\S*[^\s,])(?:\s+(\d{1,6}(?:\.\d{1,3})?[wxh]))?\s*(?:,|$)")
_MAILTO = re.compile(r"mailto:[^\s<>\"'\\\x00-\x20]{1,500}", re.IGNORECASE)

# nh3 writes attributes with double quotes and escapes quotes within, so these see exactly one tag.
_WRITTEN_TAG = re.compile(r'<(img|[a-z0-9]+(?= ))((?: [\w-]+="[^"]*")*)>')
_ANY_WRITTEN_TAG = re.compile(r'<(/?)([a-z0-9]+)(?: [\w-]+="[^"]*")*>')
_ATTRIBUTE = re.compile(r' ([\w-]+)="([^"]*)"')
_LAZY_SOURCES = ("data-src", "data-lazy-src", "data-original")
_SHOWN_ATTRIBUTES = ("src", "srcset", "alt", "title", "width", "height", "dir", "lang")
_BEACON = re.compile(
    r"https?://(?:[^/]*\.)?(?:pixel\.wp\.com|stats\.wordpress\.com|feeds\.feedburner\.com/~r|feedsportal\.com|"
    r"doubleclick\.net|google-analytics\.com|scorecardresearch\.com|facebook\.com/tr|quantserve\.com)\b",
    re.IGNORECASE,
)

_SELF_CLOSED = re.compile(
    r"<(iframe|script|style|noscript|noframes|noembed|textarea|title|select|canvas|video|audio|svg|math)\b([^<>]{0,2000})/>",
    re.IGNORECASE,
)
_CELL_TAG = re.compile(r"<t[dh][ >]")
_PLAIN_TAG = re.compile(r"<(/?[a-z0-9]+)>")
_MANY_LINE_ENDS = re.compile(r"\n{3,}")
_INLINE_MARKUP = re.compile(
    r"</?(?:a|abbr|b|big|br|cite|code|del|em|font|i|ins|mark|p|q|s|small|span|strong|sub|sup|u|wbr)"
    r"(?:\s[^<>]{0,1000})?/?>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")

_CLEANER = nh3.Cleaner(
    tags=set(_ALLOWED_TAGS),
    clean_content_tags=set(_DROPPED_WITH_CONTENT),
    attributes={tag: set(names) for tag, names in _ALLOWED_ATTRIBUTES.items()},
    set_tag_attribute_values={"audio": {"controls": ""}, "video": {"controls": ""}},
    strip_comments=True,
    link_rel="noopener noreferrer",
    url_schemes={"http", "https", "mailto"},
)
_TEXT_CLEANER = nh3.Cleaner(
    tags=set(_PARAGRAPH_TAGS | _LINE_TAGS | _CELL_TAGS),
    clean_content_tags=set(_DROPPED_WITH_CONTENT),
    attributes={"*": set()},  # without this, "lang" and "title" stay
    link_rel=None,
)
_TITLE_CLEANER = nh3.Cleaner(
    tags={"br", "p", "div"},
    clean_content_tags={"script", "style", "svg", "math", "iframe", "noscript", "template"},
    attributes={"*": set()},  # without this, "lang" and "title" stay
    link_rel=None,
)


def html_to_text(html: str) -> str:
    """The text of the markup: paragraphs separated by a blank line, list items and rows on lines of their own.

    Scripts, styles and controls are left out, entities decoded. HTML without any block structure keeps
    the paragraphs that blank lines make in its source.
    """
    if "<" not in html and "&" not in html:
        return "\n\n".join(paragraphs(html))
    cleaned = _TEXT_CLEANER.clean(fragment(_closed(html)))
    if "<" not in cleaned:
        return "\n\n".join(paragraphs(unescape(cleaned)))
    return _readable_lines(_PLAIN_TAG.sub(_separator, " ".join(cleaned.split())))


def _closed(html: str) -> str:
    """The markup with an end for what is written as empty, as in XML, and would swallow all that follows in HTML."""
    if "/>" not in html:
        return html
    return _SELF_CLOSED.sub(lambda match: f"<{match[1]}{match[2]}></{match[1]}>", html)


def _readable_lines(spaced: str) -> str:
    lines = "\n".join(" ".join(line.split()) for line in xml_legal(unescape(spaced)).split("\n"))
    return _MANY_LINE_ENDS.sub("\n\n", lines).strip()


def title_text(html: str) -> str:
    """One line of plain text from a title that may hold markup or entities, also when escaped twice."""
    bounded = within(html, MAX_TITLE_CHARS, MAX_TITLE_CHARS)
    if "<" not in bounded and "&" not in bounded:
        return one_line(bounded)
    text = unescape(_PLAIN_TAG.sub(" ", _TITLE_CLEANER.clean(bounded)))
    # What is still an inline tag or an entity was escaped once too often; other angle brackets are text.
    return one_line(_ENTITY.sub(lambda match: unescape(match[0]), _INLINE_MARKUP.sub("", text)))


def text_to_html(text: str) -> str:
    """The plain text as HTML: one `p` for each paragraph, everything escaped."""
    return "\n".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in paragraphs(text))


def sanitise(html: str, base_url: str | None = None) -> str:
    """The HTML fragment with nothing in it that runs, submits, frames, styles or tracks.

    Tags and attributes outside a strict list go (their text stays, except that of scripts and the like).
    Addresses are absolute http, https or mailto afterwards, resolved against `base_url`; relative ones
    without a base go. Images of at most 1x1 are removed, lazily loaded ones get their real address.
    Equal input gives equal output, and the output is its own sanitised form.
    """
    # Line ends as HTML itself reads them (HTML 13.2.3.5).
    bounded = fragment(_closed(xml_legal(html))).replace("\r\n", "\n").replace("\r", "\n")
    if "<" not in bounded and "&" not in bounded:
        # As the cleaner itself would write it (HTML 13.3, "escaping a string").
        return escape(bounded, quote=False).replace("\xa0", "&nbsp;").strip()
    rewrite = _rewriter(base_url)
    result = bounded
    # Misnested markup may need a second reading to settle (HTML 13.2.10.5: "not round-trip").
    for _ in range(4):
        # References may have written characters that XML forbids.
        cleaned = xml_legal(_WRITTEN_TAG.sub(rewrite, _CLEANER.clean(result))).strip()
        if cleaned == result or _is_settled(cleaned):
            return cleaned
        result = cleaned
    return text_to_html(html_to_text(result))


def text_of_sanitised(html: str) -> str:
    """The same as `html_to_text` for what `sanitise` returned, without reading it as HTML again."""
    if "\x01" in html or "\x02" in html or not _fits(html):
        return html_to_text(html)
    marked = _ANY_WRITTEN_TAG.sub(_mark, html)
    if "\x01" not in marked and "\x02" not in marked and not _CELL_TAG.search(html):
        # No blocks: blank lines separate paragraphs.
        return "\n\n".join(paragraphs(unescape(marked)))
    spaced = " ".join(marked.split()).replace("\x01", "\n\n").replace("\x02", "\n")
    return _readable_lines(spaced)


def _mark(match: re.Match[str]) -> str:
    """A stand-in for the white space of a tag that survives its collapse."""
    name = match[2]
    if name in _PARAGRAPH_TAGS:
        return "\x01"
    if name in _LINE_TAGS:
        # Lines end where the next one starts.
        return " " if match[1] else "\x02"
    return " " if name in _CELL_TAGS else ""


def _is_settled(html: str) -> bool:
    """Whether what was written is surely read as it stands: strictly nested, and nothing that moves when read."""
    if "\r" in html:
        return False
    tags: list[str] = []
    for closing, name in _ANY_WRITTEN_TAG.findall(html):
        if closing:
            if not tags or tags.pop() != name:
                return False
        elif _moves(name, tags):
            return False
        elif name not in _VOID_TAGS:
            tags.append(name)
    return not tags


def _moves(name: str, around: list[str]) -> bool:
    """Whether a start tag may end elements around it, or does not stay where it is (HTML 13.2.6.4.7)."""
    if name in _PARAGRAPH_TAGS:
        return name in _MOVING_TAGS or "p" in around or (name in _HEADINGS and not _HEADINGS.isdisjoint(around))
    if name == "li":
        return not around or around[-1] not in {"ul", "ol"}
    return name in _MOVING_TAGS or (name == "a" and "a" in around)


def _rewriter(base_url: str | None) -> Callable[[re.Match[str]], str]:
    """What becomes of a tag with attributes: addresses absolute, values harmless, images visible or gone."""
    keep = _attribute_filter(base_url)

    def rewrite(match: re.Match[str]) -> str:
        name, kept = match[1], []
        for attribute, written in _ATTRIBUTE.findall(match[2]):
            value = keep(attribute, unescape(written) if "&" in written else written)
            if value is not None:
                kept.append((attribute, _escaped(value)))
        if name == "img":
            return _image(dict(kept))
        return f"<{name}{''.join(f' {attribute}={chr(34)}{value}{chr(34)}' for attribute, value in kept)}>"

    return rewrite


def _escaped(value: str) -> str:
    """An attribute's value as it is written (HTML 13.3)."""
    return escape(value, quote=False).replace('"', "&quot;").replace("\xa0", "&nbsp;")


def _attribute_filter(base_url: str | None) -> Callable[[str, str], str | None]:
    """What becomes of an attribute's value; None drops the attribute."""

    def address(value: str) -> str | None:
        return http_url(value, base_url)

    rules: dict[str, Callable[[str], str | None]] = {
        **dict.fromkeys(("src", "poster", *_LAZY_SOURCES), address),
        "href": lambda value: _mail_address(value) or address(value),
        "srcset": lambda value: _srcset(value, base_url),
        "style": lambda value: _HIDDEN if value == _HIDDEN or _HIDDEN_STYLE.search(value) else None,
        "rel": lambda value: value,
        "alt": one_line,
        "title": one_line,
        "width": _size,
        "height": _size,
        "dir": lambda value: value.lower() if value.lower() in {"ltr", "rtl", "auto"} else None,
    }

    def keep(name: str, value: str) -> str | None:
        return rules.get(name, _simple)(value)

    return keep


def _size(value: str) -> str | None:
    return value.strip() if _SIZE.fullmatch(value.strip()) else None


def _simple(value: str) -> str | None:
    return value if _SIMPLE_VALUE.fullmatch(value) else None


def _mail_address(value: str) -> str | None:
    match = _MAILTO.fullmatch(value.strip())
    return match[0] if match else None


def _srcset(value: str, base_url: str | None) -> str | None:
    """The candidates of a `srcset` that are http(s) (HTML 4.8.4.2.1), absolute; None without any."""
    kept = []
    for match in _CANDIDATE.finditer(value[:20_000]):
        url = http_url(match[1], base_url)
        if url is not None and not url.endswith(","):
            kept.append(f"{url} {match[2]}" if match[2] else url)
    return ", ".join(kept[:50]) or None


def _image(found: dict[str, str]) -> str:
    """An `img` as it may stay: with an address, visible, the real address in `src`."""
    lazy = next((found[name] for name in _LAZY_SOURCES if name in found), None)
    if lazy is not None:
        found["src"] = lazy
    source = found.get("src", "")
    tiny = all(found.get(name, "").rstrip("%") in {"0", "1"} for name in ("width", "height"))
    if not (source or found.get("srcset")) or tiny or found.get("style") == _HIDDEN or _BEACON.match(source):
        return ""
    kept = "".join(f' {name}="{found[name]}"' for name in _SHOWN_ATTRIBUTES if name in found)
    return f"<img{kept}>"


def _separator(match: re.Match[str]) -> str:
    """The white space that a block tag stands for in plain text."""
    name = match[1]
    if name.removeprefix("/") in _PARAGRAPH_TAGS:
        return "\n\n"
    # Lines end where the next one starts.
    return "\n" if name in _LINE_TAGS else " "


def _fits(html: str) -> bool:
    """Whether bounding would leave this as it is."""
    return (html.count("<") <= MAX_DEPTH and len(html) <= MAX_FRAGMENT_CHARS) or fragment(html) == html
