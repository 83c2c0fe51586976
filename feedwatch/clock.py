"""The one owner of "now"."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime

from feedwatch.errors import ConfigError, Fault

VARIABLE = "FEEDWATCH_NOW"
#: The main thread sleeps no longer at once: a signal that comes in the moment before it falls asleep is not heard
#: before it wakes.
AWAKE_S = 1.0


class Clock:
    """Tells the time, aware and in UTC, to the second; fixed when made with an instant."""

    def __init__(self, fixed: datetime | None = None) -> None:
        if fixed is not None and fixed.tzinfo is None:
            raise ValueError("a fixed clock needs an aware datetime")
        self._fixed = fixed.astimezone(UTC).replace(microsecond=0) if fixed else None

    def now(self) -> datetime:
        """The instant, whole seconds (feeds and the store know no finer unit)."""
        return self._fixed or datetime.now(UTC).replace(microsecond=0)

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> Clock:
        """The real clock, or one fixed by the environment variable FEEDWATCH_NOW (RFC 3339).

        Raises:
            ConfigError: the variable is no instant with a zone.

        """
        text = env.get(VARIABLE, "").strip()
        if not text:
            return cls()
        try:
            return cls(datetime.fromisoformat(text))
        except ValueError as error:
            fault = Fault(
                file="<environment>",
                key=VARIABLE,
                message=f"{text!r} is no instant: {error}",
                cure="write it as 2026-01-31T12:00:00Z",
            )
            raise ConfigError([fault]) from error
