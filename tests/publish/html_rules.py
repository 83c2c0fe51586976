"""What validators ask of HTML inside a feed: nothing risky, and markup that a strict parser reads without complaint.

HTML parsers mend nearly everything, and each version mends otherwise; a strict one stops at the first thing that it
would have to mend. So every element here is closed where it was opened, and stands where it may.
"""

from __future__ import annotations

import re
from html.entities import name2codepoint

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+[\w-]+=\"[^\"]*\")*)\s*>")
_ATTRIBUTE = re.compile(r"([\w-]+)=\"([^\"]*)\"")
_REFERENCE = re.compile(r"&(#?\w*);?")
_VOID = frozenset({"br", "col", "hr", "img", "source", "wbr"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | {
    "address", "article", "aside", "blockquote", "details", "div", "dl", "figcaption", "figure", "hr", "ol", "p",
    "pre", "section", "summary", "table", "ul", "li", "dd", "dt",
}  # fmt: skip
ELEMENTS = _BLOCKS | {
    "a", "abbr", "b", "bdi", "br", "caption", "cite", "code", "col", "colgroup", "data", "del", "dfn", "em", "i", "img",
    "ins", "kbd", "mark", "picture", "q", "rp", "rt", "ruby", "s", "samp", "small", "source", "span", "strong", "sub",
    "sup", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "u", "var", "wbr",
}  # fmt: skip
ATTRIBUTES = frozenset(
    {
        "alt", "colspan", "datetime", "dir", "height", "href", "hreflang", "lang", "media", "rel", "reversed",
        "rowspan", "scope", "sizes", "span", "src", "srcset", "start", "title", "type", "width",
    }
)  # fmt: skip
#: Where an element may stand: directly in one of these.
_PARENTS = {
    "rt": {"ruby"},
    "rp": {"ruby"},
    "caption": {"table"},
    "colgroup": {"table"},
    "col": {"colgroup"},
    "tbody": {"table"},
    "thead": {"table"},
    "tfoot": {"table"},
    "tr": {"tbody", "thead", "tfoot"},
    "td": {"tr"},
    "th": {"tr"},
}


def check_html(html: str) -> None:
    """Assert that the fragment is harmless and needs no mending; see above."""
    around: list[str] = []
    end = 0
    for tag in _TAG.finditer(html):
        _check_text(html[end : tag.start()])
        end = tag.end()
        closing, name, attributes = tag.groups()
        assert name in ELEMENTS, f"<{name}> in {html!r}"
        if closing:
            assert around, f"</{name}> closes nothing in {html!r}"
            assert around.pop() == name, f"</{name}> too early in {html!r}"
            continue
        _check_place(name, around, html)
        for attribute, value in _ATTRIBUTE.findall(attributes):
            assert attribute in ATTRIBUTES, f"{attribute} of <{name}>"
            _check_text(value)
            if attribute in ("href", "src"):
                # Relative ones mean another page in every reader.
                assert re.match(r"(https?://|mailto:)", value), value
        if name not in _VOID:
            around.append(name)
    _check_text(html[end:])
    assert around == [], f"{around} stay open in {html!r}"


def _check_place(name: str, around: list[str], html: str) -> None:
    parent = around[-1] if around else ""
    assert parent in _PARENTS.get(name, {parent}), f"<{name}> in <{parent}>: {html!r}"
    assert name not in _BLOCKS or "p" not in around, f"<{name}> within <p>: {html!r}"
    assert name != "a" or "a" not in around, f"a link in a link: {html!r}"
    assert name not in _HEADINGS or parent not in _HEADINGS, f"<{name}> in <{parent}>: {html!r}"


def _check_text(text: str) -> None:
    """No bare mark of HTML, and only references that HTML knows."""
    assert "<" not in text, text
    for name in _REFERENCE.findall(text):
        known = name in name2codepoint or re.fullmatch(r"#(\d+|x[0-9a-fA-F]+)", name) is not None
        assert known or name == "", f"&{name} in {text!r}"
