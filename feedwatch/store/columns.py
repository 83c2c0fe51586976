"""Types of columns that are the same in SQLite and PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def write_json(value: Any) -> str | None:
    """The value as compact JSON with sorted keys; None for None."""
    return None if value is None else _JSON.encode(value)


class Instant(TypeDecorator[datetime]):
    """An aware datetime in UTC, stored as whole microseconds since 1970.

    A number compares and sorts the same in both databases, whatever their session's zone.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Count the microseconds.

        Raises:
            ValueError: `value` is naive.

        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a stored time must be aware, got {value!r}")
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """The instant, aware and in UTC."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class Json(TypeDecorator[Any]):
    """A JSON value as compact text with sorted keys: equal values are equal bytes in both databases."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write the value; None stays NULL."""
        return write_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read the value."""
        return None if value is None else json.loads(value)


#: Text that is compared and sorted by its bytes, as SQLite does anyway and PostgreSQL only when told.
Key = Text().with_variant(Text(collation="C"), "postgresql")
#: SQLite counts rows by itself only in a column of exactly this type.
Counter = BigInteger().with_variant(Integer(), "sqlite")
