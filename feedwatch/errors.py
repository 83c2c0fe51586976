"""Every error that feedwatch raises on purpose.

::

    FeedwatchError
    ├── ConfigError      the configuration or a rule file has faults (all of them, at once)
    ├── QueryError       a `where` question is wrong; points at the place
    ├── FetchError       a document could not be fetched
    ├── ParseError       a document could not be read
    ├── ExtractError     an item has no usable text
    ├── StoreError       the store refused
    │   ├── StoreBusy    another process holds it
    │   └── LeaseLost    the claim ran out and somebody else has the source now
    ├── PublishError     a feed could not be written
    ├── AlertError       nobody can be told over a channel
    ├── UsageError       a command was asked for something that there is not
    └── OrderRefused     the running daemon could not carry out an order
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong in a file that a person wrote: where it is, what it is, and the cure."""

    #: Path as the person gave it, or a name such as "<environment>".
    file: str
    message: str
    #: Counted from 1; None when the fault concerns the file as a whole.
    line: int | None = None
    #: Dotted path of the key, e.g. "feeds[2].where"; "" for the file as a whole.
    key: str = ""
    #: What to do, e.g. "did you mean 'strong'?"; "" when the message already says it.
    cure: str = ""
    #: Extra lines shown below, e.g. the text of a question with a caret under the place.
    excerpt: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        parts = [place, f" {self.key}:" if self.key else ":", f" {self.message}"]
        if self.cure:
            parts.append(f" ({self.cure})")
        text = "".join(parts)
        return f"{text}\n{self.excerpt}" if self.excerpt else text


class FeedwatchError(Exception):
    """Base of all errors raised on purpose."""


class ConfigError(FeedwatchError):
    """The configuration or the rules have faults; carries all of them."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class QueryError(FeedwatchError):
    """A question (`where`) is wrong.

    `column` counts characters from 0; `cure` may be ""; `more` are the other names in it that mean nothing.
    """

    def __init__(self, question: str, message: str, *, column: int, cure: str = "") -> None:
        self.question = question
        self.message = message
        self.column = column
        self.cure = cure
        self.more: tuple[QueryError, ...] = ()
        super().__init__(f"{message}{f' ({cure})' if cure else ''}\n{self.excerpt}")

    @property
    def excerpt(self) -> str:
        """The question with a caret under the place, two lines."""
        return f"  {self.question}\n  {' ' * self.column}^"


class FetchError(FeedwatchError):
    """A document could not be fetched.

    `reason` is one word for machines and statistics: "network" (nothing answered), "timeout",
    "http" (with `status`), "address" (refused by the guard), "too-large", "tls", "redirect",
    "missing" (folder or file), "unreadable" (permissions), "unsupported" (of a kind that is not read),
    "robots" (refused by robots.txt), "waiting" (not asked: the server wanted to be left alone).
    """

    def __init__(
        self,
        locator: str,
        message: str,
        *,
        reason: str,
        status: int | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        self.locator = locator
        self.message = message
        self.reason = reason
        self.status = status
        self.retry_after_s = retry_after_s
        super().__init__(f"{locator}: {message}")


class ParseError(FeedwatchError):
    """A document could not be read; `locator` names it."""

    def __init__(self, locator: str, message: str) -> None:
        self.locator = locator
        self.message = message
        super().__init__(f"{locator}: {message}")


class ExtractError(FeedwatchError):
    """An item gave no usable text; `locator` names its document."""

    def __init__(self, locator: str, message: str) -> None:
        self.locator = locator
        self.message = message
        super().__init__(f"{locator}: {message}")


class StoreError(FeedwatchError):
    """The store refused; the message names the store and the cure."""


class StoreBusy(StoreError):
    """Another process holds the store's lock."""


class LeaseLost(StoreError):
    """A claim ran out before its work was saved; nothing of that work was written."""


class PublishError(FeedwatchError):
    """A feed could not be written; `feed_id` names it."""

    def __init__(self, feed_id: str, message: str) -> None:
        self.feed_id = feed_id
        self.message = message
        super().__init__(f"feed {feed_id}: {message}")


class AlertError(FeedwatchError):
    """A channel for alerts cannot be used; the message names the cure and no secret."""


class UsageError(FeedwatchError):
    """A command was asked for something that there is not, or that cannot be."""


class OrderRefused(FeedwatchError):
    """The running daemon could not carry out an order; `code` is what the command ends with."""

    def __init__(self, message: str, *, code: int) -> None:
        self.code = code
        super().__init__(message)
