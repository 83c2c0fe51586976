"""The one statement that SQLAlchemy keeps in its dialects: INSERT that meets an existing row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy import insert as plain_insert
from sqlalchemy.sql.dml import Insert


class Upsert:
    """INSERT that replaces the row with the same `target` columns (the primary key, if not given).

    Columns in `keep` stay as they are in a row that exists. With `only_if_greater` such a row is
    replaced only if that column grows. Built once for each database: that is most of its cost.
    """

    def __init__(
        self, table: Table, *, target: Sequence[str] = (), keep: Sequence[str] = (), only_if_greater: str | None = None
    ) -> None:
        def build(dialect: str) -> Insert:
            statement = _insert_of(dialect)(table)
            elements = list(target) or [column.name for column in table.primary_key]
            replaced = {
                column.name: statement.excluded[column.name]
                for column in table.columns
                if column.name not in elements and column.name not in keep and not column.primary_key
            }
            condition = None
            if only_if_greater is not None:
                condition = statement.excluded[only_if_greater] > table.c[only_if_greater]
            built: Insert = statement.on_conflict_do_update(index_elements=elements, set_=replaced, where=condition)
            return built

        # Built twice by two threads at once, they are the same.
        self._on = cache(build)

    def on(self, connection: Connection) -> Insert:
        """The statement for the connection's database."""
        return self._on(connection.dialect.name)


def insert_missing(connection: Connection, table: Table) -> Insert:
    """INSERT that leaves a row with the same key alone."""
    statement: Insert = _insert_of(connection.dialect.name)(table).on_conflict_do_nothing()
    return statement


def _insert_of(dialect: str) -> Callable[[Table], Any]:
    """INSERT as the database knows it; the other one's dialect costs 3 MB and is not loaded."""
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite  # noqa: PLC0415

        return sqlite.insert
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415

    return postgresql.insert


class BulkInsert:
    """INSERT of many rows that are written as the driver takes them, in the order of the table's columns.

    For the one table that gets many rows an article: converting each value costs more than storing it.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._names = [column.name for column in table.columns]
        self._sql: dict[str, str] = {}

    def run(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert the rows."""
        dialect = connection.dialect
        if dialect.name not in self._sql:
            self._sql[dialect.name] = str(plain_insert(self._table).compile(dialect=dialect))
        values = rows if dialect.positional else [dict(zip(self._names, row, strict=True)) for row in rows]
        connection.exec_driver_sql(self._sql[dialect.name], list(values))
