"""Feeds for questions in the address: `/feed.atom?where=region:ne+and+topic:security`."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import BoundedSemaphore, Lock
from typing import Protocol
from urllib.parse import urlencode

from feedwatch.errors import QueryError, StoreError
from feedwatch.formats import content_type
from feedwatch.web.exchange import NOT_FOUND, Reply, Request, Route, text
from feedwatch.web.files import NEGOTIATED
from feedwatch.web.negotiate import prefers_page
from feedwatch.web.representation import Representation, represent

FILE = "feed"
DEFAULT_LIMIT = 50
MOST = 200
#: An answer is kept for so long, whoever asks again.
KEEP_S = 60.0
_MANY_ANSWERS = 64
#: New questions of one client: so many at once, and one more after so long.
BURST = 10
REFILL_S = 3.0
_MANY_CLIENTS = 1024
#: Questions are answered one by one; so many may wait, for so long.
_WAITING = 2
_WAIT_S = 10.0

_PARAMETERS = ("where", "limit")
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


class Answerer(Protocol):
    """What is asked; see `app.App`."""

    def canonical(self, question: str) -> str:
        """A question as it is kept. Raises QueryError."""
        ...

    def answer(self, question: str, limit: int, self_url: str) -> Mapping[str, bytes]:
        """The feed in each format; it names `self_url` as its own address."""
        ...


#: Who answers now: another configuration may be in force at the next question.
Asking = Callable[[], Answerer]


class Questions:
    """Answers questions for those who may ask; safe to use from several threads."""

    def __init__(self, asking: Asking, base_url: str, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._asking = asking
        self._base_url = base_url
        self._monotonic = monotonic
        self._lock = Lock()
        self._answers: OrderedDict[str, tuple[float, dict[str, Representation]]] = OrderedDict()
        self._budgets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._turn = Lock()
        self._waiting = BoundedSemaphore(_WAITING + 1)

    def routes(self) -> dict[str, Route]:
        """The routes for those who ask from this machine."""
        return {f"/{FILE}.{ending}": Route(handler=self._answer_here) for ending in ("atom", "rss", "json", "html")}

    def _answer_here(self, request: Request) -> Reply | Representation:
        host = request.header("host")
        bare = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
        # A page of a stranger that runs in a browser on this machine comes under another name, or cannot read.
        if not request.is_local or bare.lower() not in _LOCAL_HOSTS:
            return NOT_FOUND
        return self.ask(request, request.path[1:], "")

    def ask(self, request: Request, name: str, prefix: str) -> Reply | Representation:
        """Answer under a file name ("feed.atom"); `prefix` stands before it in the feed's own address."""
        ending = name.rpartition(".")[2]
        try:
            where, limit = self._read(request)
            question = self._asking().canonical(where)
        except QueryError as error:
            return text(400, f"The question is wrong: {error}\n")
        except ValueError as error:
            return text(400, f"{error}\n")
        # As people write it: the feed's own address is the one that it was asked under.
        query = urlencode({"where": question} | ({"limit": limit} if limit != DEFAULT_LIMIT else {}), safe=":()*,!")
        found = self._kept(prefix + query)
        if found is None:
            wait_s = self._spend(request.client)
            if wait_s > 0:
                return _later(429, wait_s, "That were many questions; ask again in a moment.\n")
            try:
                found = self._make(prefix, query, question, limit)
            except StoreError:
                return _later(503, 60, "The store cannot be read now.\n")
            if found is None:
                return _later(503, 5, "Others are asking; ask again in a moment.\n")
        if ending in NEGOTIATED and "html" in found and prefers_page(request.header("accept")):
            ending = "html"
        return found.get(ending, NOT_FOUND)

    def _read(self, request: Request) -> tuple[str, int]:
        """The question and the limit.

        Raises:
            ValueError: something is missing, unknown or out of bounds.
        """
        given = request.parameters
        if unknown := sorted(set(given) - set(_PARAMETERS)):
            raise ValueError(f"{unknown[0][:80]!r} is no parameter; known: {', '.join(_PARAMETERS)}")
        if "where" not in given:
            raise ValueError(f"A question is missing: /{FILE}.atom?where=region:ne+and+topic:security")
        limit = given.get("limit", str(DEFAULT_LIMIT))
        if not (limit.isascii() and limit.isdigit() and len(limit) < 6 and 1 <= int(limit) <= MOST):
            raise ValueError(f"limit is a number from 1 to {MOST}")
        return given["where"], int(limit)

    def _kept(self, key: str) -> dict[str, Representation] | None:
        with self._lock:
            kept = self._answers.get(key)
            if kept is None or self._monotonic() - kept[0] > KEEP_S:
                return None
            self._answers.move_to_end(key)
            return kept[1]

    def _make(self, prefix: str, query: str, question: str, limit: int) -> dict[str, Representation] | None:
        """Answer in our turn; None when too many wait."""
        if not self._waiting.acquire(blocking=False):
            return None
        try:
            if not self._turn.acquire(timeout=_WAIT_S):
                return None
            try:
                # Somebody before us may have asked the same.
                return self._kept(prefix + query) or self._made(prefix, query, question, limit)
            finally:
                self._turn.release()
        finally:
            self._waiting.release()

    def _made(self, prefix: str, query: str, question: str, limit: int) -> dict[str, Representation]:
        files = self._asking().answer(question, limit, f"{self._base_url}{prefix}{FILE}.atom?{query}")
        with self._lock:
            before = self._answers.get(prefix + query)
        found = {}
        for ending, body in files.items():
            same = before[1].get(ending) if before else None
            if same is not None and same.forms[""].body == body:
                found[ending] = same
                continue
            found[ending] = represent(
                body,
                media_type=content_type(ending),
                modified=time.time(),
                cache_control=f"private, max-age={int(KEEP_S)}",
                vary="Accept, Accept-Encoding",
                is_private=True,
            )
        with self._lock:
            self._answers[prefix + query] = (self._monotonic(), found)
            self._answers.move_to_end(prefix + query)
            while len(self._answers) > _MANY_ANSWERS:
                self._answers.popitem(last=False)
        return found

    def _spend(self, client: str) -> float:
        """Take one question from the client's budget; seconds to wait when there is none left."""
        now = self._monotonic()
        with self._lock:
            left, at = self._budgets.pop(client, (float(BURST), now))
            left = min(left + (now - at) / REFILL_S, float(BURST))
            spent = left >= 1
            self._budgets[client] = (left - 1 if spent else left, now)
            while len(self._budgets) > _MANY_CLIENTS:
                self._budgets.popitem(last=False)
        return 0.0 if spent else (1 - left) * REFILL_S


def _later(status: int, wait_s: float, message: str) -> Reply:
    return text(status, message, (b"retry-after", str(max(1, round(wait_s + 0.5))).encode()))
