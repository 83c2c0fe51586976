"""How much of a hostile HTML text is looked at: its beginning, within limits that keep every reader linear."""

from __future__ import annotations

import re

#: More than the largest of 639 real pages has. Links of a list cost about 0.2 ms each.
MAX_PAGE_CHARS = 3_000_000
MAX_PAGE_TAGS = 30_000
MAX_FRAGMENT_CHARS = 500_000
MAX_FRAGMENT_TAGS = 20_000
#: No publisher writes tags of so many attributes; tree builders are quadratic in them.
MAX_ATTRIBUTES = 200
MAX_DEPTH = 400

# A tag as the tokeniser reads it (HTML 13.2.5.32 to 13.2.5.39). It matches wherever a tag starts and possesses
# what it has read, so that one pass over any text is linear.
_ATTRIBUTE_READ = r"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+|))?+"""
_TAG = re.compile(rf"</?[a-zA-Z][^\s/>]*+(?:{_ATTRIBUTE_READ})*+[\s/]*+>?+")
# Of each tag the first attribute beyond the limit, or nothing.
_BEYOND = re.compile(
    rf"</?[a-zA-Z][^\s/>]*+(?:{_ATTRIBUTE_READ}){{0,{MAX_ATTRIBUTES}}}+({_ATTRIBUTE_READ})?+(?:{_ATTRIBUTE_READ})*+"
)
_NESTING_TAG = re.compile(
    r"<(/?)(?:a|abbr|article|aside|b|blockquote|center|code|del|details|div|dl|em|fieldset|figure|font|footer|form|"
    r"header|i|ins|main|nav|ol|pre|q|s|section|small|span|strike|strong|sub|sup|table|u|ul)\b",
    re.IGNORECASE,
)


def bounded_html(html: str, max_chars: int = MAX_PAGE_CHARS, max_tags: int = MAX_PAGE_TAGS) -> str:
    """The beginning of `html` within both limits, safe for tree builders that are quadratic in attributes."""
    text = within(html, max_chars, max_tags)
    if any(_BEYOND.findall(text)):
        # Scripts hold comparisons that look like tags, so they go first.
        bare = _without("style", _without("script", text))
        return _TAG.sub(lambda match: "" if _is_wide(match) else match[0], bare)
    return text


def _is_wide(tag: re.Match[str]) -> bool:
    """Whether a tag has too many attributes."""
    found = _BEYOND.match(tag[0])
    return found is not None and bool(found[1])


def fragment(html: str) -> str:
    """The beginning of `html` that may be given to nh3, which is quadratic in depth, too."""
    text = bounded_html(html, MAX_FRAGMENT_CHARS, MAX_FRAGMENT_TAGS)
    depth = 0
    for match in _NESTING_TAG.finditer(text) if text.count("<") > MAX_DEPTH else ():
        depth = max(0, depth - 1 if match[1] else depth + 1)
        if depth > MAX_DEPTH:
            return text[: match.start()]
    return text


def _without(name: str, html: str) -> str:
    """The markup without the elements called `name`."""
    lower, kept, place = html.lower(), [], 0
    if len(lower) != len(html):
        lower = html
    while (start := lower.find(f"<{name}", place)) >= 0:
        kept.append(html[place:start])
        end = lower.find(f"</{name}", start)
        place = lower.find(">", end) + 1 if end >= 0 else 0
        if place <= 0:
            return "".join(kept)
    return "".join([*kept, html[place:]])


def within(html: str, max_chars: int, max_tags: int) -> str:
    """The beginning of `html` within both limits."""
    text = html[:max_chars]
    if text.count("<") > max_tags:
        place = -1
        for _ in range(max_tags + 1):
            place = text.find("<", place + 1)
        return text[:place]
    if len(html) > max_chars:
        # Without half a tag at its end.
        last = text.rfind("<")
        return text[:last] if last > text.rfind(">") else text
    return text
