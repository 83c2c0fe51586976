"""Fingerprints of what feeds show, so that nothing is read or rendered only to find that it is the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from feedwatch.model import Entry
from feedwatch.store.records import Values, article_values
from feedwatch.text import fingerprint

#: Columns of an article that no feed shows.
_NOT_SHOWN = frozenset(
    {
        "source_id",
        "guid",
        "changes",
        "item_hash",
        "judged_by",
        "canonical_url",
        "languages",
        "source_updated_at",
        "teasers",
        "tail",
        "provenance",
    }
)
#: Made once: `json.dumps` with options would make one for each call.
_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, default=datetime.isoformat)


def shown_mark(entry: Entry) -> int:
    """Fingerprint of what a feed can show of the entry, its reasons not counted; never 0."""
    values = article_values(entry, "")
    return _fingerprint({name: value for name, value in values.items() if name not in _NOT_SHOWN})


def reasons_mark(values: Sequence[Values] | None) -> int:
    """Fingerprint of reasons as JSON; never 0."""
    return _fingerprint(values)


def _fingerprint(value: object) -> int:
    return fingerprint(_JSON.encode(value))
