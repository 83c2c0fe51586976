"""What announces an event, a meeting or a concert, and no article: listings of them are built like those of news."""

from __future__ import annotations

import re
from itertools import islice
from urllib.parse import urlsplit

from feedwatch.parse.head import attribute
from feedwatch.soup import Tag
from feedwatch.text import fold_plain, one_line

_MAX_INNER = 60
_MAX_CHARS = 600
_WORDS = r"v?events?|agendas?|calend(?:ar|rier)|evenements?|tribe-events?|eventos?|veranstaltung(?:en)?|termine?"
#: In class and id of a card and in what stands closely around it; in its address.
_MARKED = re.compile(rf"(?:^|\s)(?:{_WORDS})(?:$|[-_\s])|schema\.org/\w*Event\b", re.IGNORECASE)
_PATH = re.compile(rf"/(?:{_WORDS})/", re.IGNORECASE)
#: News are marked with places, too; only events have a venue.
_VENUE = re.compile(r"(?:^|[-_\s])venue(?:$|[-_\s])", re.IGNORECASE)
_TIME = r"\d{1,2}\s?(?:[:h]\s?\d{2}|h|[ap]m|uhr)"
#: From a time or day to another, as no article is dated; a place with its label. In plain letters.
_TOLD = re.compile(
    rf"{_TIME}\s*(?:[–—-]|to|bis|a|until|jusqu['’]a)\s*{_TIME}|"
    r"\b(?:du|from|vom|del)\s\d{1,2}(?:er|st|nd|rd|th|\.)?(?:\s[^\W\d]{3,12})?\s(?:au|to|bis|al)\s\d{1,2}\b|"
    r"\b(?:lieu|venue|where|location|ort|lugar|المكان|wuri)\s?:\s?\S"
)


def is_event(card: Tag, address: str) -> bool:
    """Whether a card says in its markup, address or text that it announces an event."""
    near = (card, *islice(card.parents, 2))
    if _PATH.search(urlsplit(address).path) or any(_MARKED.search(_marks(tag)) for tag in near):
        return True
    if any(isinstance(tag, Tag) and _VENUE.search(_marks(tag)) for tag in islice(card.descendants, _MAX_INNER)):
        return True
    return bool(_TOLD.search(fold_plain(one_line(card.get_text(" ")[:_MAX_CHARS]))))


def _marks(tag: Tag) -> str:
    return " ".join(attribute(tag, name) for name in ("class", "id", "itemtype", "itemprop"))
