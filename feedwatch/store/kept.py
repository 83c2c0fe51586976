"""The tables of what was let go and what is hidden; part of `schema.metadata`."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from feedwatch.store.columns import Instant, Key
from feedwatch.store.schema import metadata

#: Items that the retention let go; they stay known while their source lists them.
tombstones = Table(
    "tombstones",
    metadata,
    Column("source_id", Key, ForeignKey("sources.id"), primary_key=True),
    Column("guid", Key, primary_key=True),
    Column("id", Key, nullable=False),
    Column("item_hash", Text, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("changes", Integer, nullable=False),
    #: When the source was last seen to list it, to the day.
    Column("listed_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

#: Entries taken down by hand, with every other sighting of their page.
hidden = Table(
    "hidden",
    metadata,
    #: An entry's, or "source:" and a source's for all that it brings.
    Column("id", Key, primary_key=True),
    #: Canonical address; "" for an entry without one.
    Column("page", Key, nullable=False),
    Column("title", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Instant, nullable=False),
    sqlite_with_rowid=False,
)
Index("hidden_page", hidden.c.page)
