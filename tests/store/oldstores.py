"""Stores as older versions of the program left them: their schema, and as much of a store of today as fits into it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from feedwatch.store.migrating import migration_config


def old_revisions() -> list[str]:
    """All revisions before the newest, oldest first."""
    script = ScriptDirectory.from_config(migration_config())
    return [each.revision for each in script.walk_revisions()][:0:-1]


def as_of_revision(today: Path, revision: str, target: Path) -> None:
    """Write a store of the revision that holds what is in the store of today."""
    engine = create_engine(f"sqlite:///{target}")
    with engine.begin() as connection:
        config = migration_config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()
    with closing(sqlite3.connect(target)) as db:
        db.execute("ATTACH ? AS today", (str(today),))
        tables = [row[0] for row in db.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
        for table in tables:
            if table == "feedwatch_schema" or table.startswith("sqlite_"):
                continue
            columns = ", ".join(row[1] for row in db.execute(f"PRAGMA main.table_info({table})"))
            db.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM today.{table}")  # noqa: S608 - names of our own schema
        db.commit()


def contents(store: Path) -> dict[str, list[tuple[object, ...]]]:
    """What every version has kept of entries, labels, memberships, sources and documents."""
    queries = {
        "articles": "SELECT key, source_id, guid, id, first_seen_at, updated_at, changes, title, body FROM articles",
        "labels": "SELECT article_key, position, facet, rule, score FROM labels",
        "memberships": "SELECT article_key, feed_id, first_seen_at, atom_id, reasons FROM memberships",
        "sources": "SELECT id, locator, next_due_at, failures FROM sources",
        "documents": "SELECT source_id, locator, etag, body_hash FROM documents",
    }
    with closing(sqlite3.connect(store)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        return {name: sorted(db.execute(query).fetchall(), key=repr) for name, query in queries.items()}
