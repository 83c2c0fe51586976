"""The memory of a source's lines: functions on a connection inside one transaction."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, delete, select

from feedwatch.ledger import LineCount
from feedwatch.store.records import chunks
from feedwatch.store.schema import lines
from feedwatch.store.statements import Upsert

_LINE = Upsert(lines)
_OF_SOURCE = select(lines.c.mark, lines.c.documents, lines.c.seen_at).where(lines.c.source_id == bindparam("source"))
_FORGET = delete(lines).where(lines.c.source_id == bindparam("b_source"), lines.c.mark == bindparam("b_mark"))


def read_lines(connection: Connection, source_id: str) -> dict[int, LineCount]:
    """All that is remembered of the source's lines, by fingerprint."""
    rows = connection.execute(_OF_SOURCE, {"source": source_id})
    return {mark: LineCount(documents, seen_at) for mark, documents, seen_at in rows}


def write_lines(connection: Connection, source_id: str, changes: Mapping[int, LineCount | None]) -> None:
    """Write what became of each line; None forgets it."""
    forgotten = [{"b_source": source_id, "b_mark": mark} for mark, count in changes.items() if count is None]
    if forgotten:
        connection.execute(_FORGET, forgotten)
    kept = [
        {"source_id": source_id, "mark": mark, "documents": count.documents, "seen_at": count.seen_at}
        for mark, count in changes.items()
        if count is not None
    ]
    for some in chunks(kept):
        connection.execute(_LINE.on(connection), some)
