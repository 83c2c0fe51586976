"""Which item is which: the same, a changed or a new one (pure; the store's memory comes as arguments)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedwatch.dates import sane
from feedwatch.ledger import Identity, Known
from feedwatch.model import Item
from feedwatch.text import digest, one_line
from feedwatch.urls import canonical, is_normal, is_permanent, uuid_urn

#: What is dated earlier has a broken clock: there were no feeds.
FIRST_YEAR = 1990
#: A page that changes on each visit stops moving `updated` after so many changes.
MAX_CHANGES = 24

#: Between a fingerprint's words and the time of the last change.
_CHANGED = "@"
_INVISIBLE = re.compile(r"<!--.*?-->|<(script|style|noscript|template)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
# Looking first is a tenth of the work, and most markup has nothing of the kind.
_MAYBE_INVISIBLE = re.compile(r"<(?:!--|s[ct]|no|te)", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An item with the keys it may be known by."""

    item: Item
    item_hash: str
    #: Guid, else normalised link, else path and title.
    plain: str
    #: For the case that several pages of a document share the plain key.
    derived: str
    #: Whether another page of the same document has the same plain key.
    shared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """When an entry was first seen and last changed."""

    first_seen_at: datetime
    updated_at: datetime
    changes: int


def item_hash(item: Item) -> str:
    """Fingerprint of what a reader would call the item: title, link and text, without markup.

    Markup is left out because publishers vary it on every request (tokens, counters, class names). A headline has
    the time of its last change behind it, where its list tells one: the page behind it is to be looked at again.
    """
    text = item.content or item.summary
    of_words = digest(one_line(_visible(item.title)), canonical(item.link), one_line(_visible(text)))
    is_told = item.shape == "teaser" and item.updated_at is not None
    return f"{of_words}{_CHANGED}{item.updated_at:%Y%m%dT%H%M%SZ}" if is_told else of_words


def _same_words(one: str, other: str) -> bool:
    """Whether two fingerprints differ in the told time of the last change at most."""
    return one.partition(_CHANGED)[0] == other.partition(_CHANGED)[0]


def _visible(markup: str) -> str:
    if "<" not in markup:
        return markup
    return _TAG.sub(" ", _INVISIBLE.sub(" ", markup) if _MAYBE_INVISIBLE.search(markup) else markup)


def candidates(items: Sequence[Item]) -> list[Candidate]:
    """One candidate for each different item of a document, in document order.

    An item that a document repeats (same key, same page, or same key and text) counts once.
    """
    plain_keys = [_plain_key(item) for item in items]
    hashes = [item_hash(item) for item in items]
    pages = [canonical(item.link) or item_hash for item, item_hash in zip(items, hashes, strict=True)]
    different = Counter(key for key, _ in set(zip(plain_keys, pages, strict=True)))
    seen: set[tuple[str, str]] = set()
    found: list[Candidate] = []
    for item, key, page, its_hash in zip(items, plain_keys, pages, hashes, strict=True):
        if (key, page) in seen:
            continue
        seen.add((key, page))
        found.append(
            Candidate(item=item, item_hash=its_hash, plain=key, derived=f"{key}\n{page}", shared=different[key] > 1)
        )
    return found


def _plain_key(item: Item) -> str:
    return item.guid or canonical(item.link) or f"{item.locator}\n{one_line(_visible(item.title))}"


def identify(
    source_id: str, found: Sequence[Candidate], known: Mapping[str, Known]
) -> list[tuple[Candidate, Identity, Known | None]]:
    """Decide the key and permanent id of each candidate.

    A candidate known by its derived key keeps it. Of several that share a plain key, the one that the
    store knows by it keeps it (told by its text, else the first in the document); the others get the
    derived one, so that no page overwrites another.
    """
    owners = _owners(found, known)
    result: list[tuple[Candidate, Identity, Known | None]] = []
    for place, candidate in enumerate(found):
        use_plain = candidate.derived not in known and owners.get(candidate.plain, place) == place
        guid = candidate.plain if use_plain else candidate.derived
        memory = known.get(guid)
        keeps_own_id = use_plain and _is_id(candidate.item)
        its_id = memory.id if memory else guid if keeps_own_id else uuid_urn(source_id, guid)
        identity = Identity(guid=guid, id=its_id, item_hash=candidate.item_hash)
        result.append((candidate, identity, memory))
    return result


def _is_id(item: Item) -> bool:
    """Whether the item's own key may be the id of an entry.

    An atom:id must never change when it is published again (RFC 4287 section 4.2.6). What only happens to look like
    one must also be in ASCII and in normal form, as validators want an id that is chosen anew.
    """
    return is_permanent(item.guid) and (item.guid_is_iri or is_normal(item.guid or ""))


def _owners(found: Sequence[Candidate], known: Mapping[str, Known]) -> dict[str, int]:
    """Which place of the document owns each shared plain key."""
    owners: dict[str, int] = {}
    for place, candidate in enumerate(found):
        if not candidate.shared or candidate.derived in known:
            continue
        memory = known.get(candidate.plain)
        is_the_one = memory is not None and memory.item_hash == candidate.item_hash
        if is_the_one or candidate.plain not in owners:
            owners[candidate.plain] = place
    return owners


def without_archive(found: Sequence[Candidate], known: Mapping[str, Known], since: datetime | None) -> list[Candidate]:
    """The candidates of a sitemap without those that changed before `since` and were not taken then."""
    return [
        each
        for each in found
        if since is None
        or each.plain in known
        or each.derived in known
        or (changed_at := each.item.updated_at or each.item.published_at) is None
        or changed_at >= since
    ]


def without_clashes(source_id: str, identity: Identity, taken: Collection[str]) -> Identity:
    """The identity with an id of its own if another page has its id already."""
    if identity.id not in taken:
        return identity
    return Identity(guid=identity.guid, id=uuid_urn(source_id, identity.guid), item_hash=identity.item_hash)


def dates(item: Item, memory: Known | None, its_hash: str, now: datetime) -> Dates:
    """When the item was first seen and changed, as `now` sees it.

    Undated items of one document are one second apart in document order, the first the newest. The
    publisher's date counts for `updated` at first sight only, and not before there were feeds; later it is the
    time at which a change of the item's words was seen, at most MAX_CHANGES times. Where `updated` is ours, it
    has a fraction of a second, another one for each item (the clock knows none): readers sort by it, and take
    two entries of the same moment for one.
    """
    if memory is None:
        dated = sane(item.updated_at or item.published_at, now)
        first_seen = now if dated else now - timedelta(seconds=item.position)
        believed = dated is not None and dated.year >= FIRST_YEAR and dated <= first_seen
        updated_at = dated if dated and believed else first_seen + _fraction(item, its_hash)
        return Dates(first_seen_at=first_seen, updated_at=updated_at, changes=0)
    if _same_words(memory.item_hash, its_hash) or memory.changes >= MAX_CHANGES:
        return Dates(first_seen_at=memory.first_seen_at, updated_at=memory.updated_at, changes=memory.changes)
    updated_at = max(now + _fraction(item, its_hash), memory.updated_at + timedelta(microseconds=1))
    return Dates(first_seen_at=memory.first_seen_at, updated_at=updated_at, changes=memory.changes + 1)


def _fraction(item: Item, its_hash: str) -> timedelta:
    """Less than a second, always the same for the item as it is."""
    mark = digest(item.guid, item.link, item.locator, its_hash)
    return timedelta(microseconds=int(mark[-8:], 16) % 999_999 + 1)
