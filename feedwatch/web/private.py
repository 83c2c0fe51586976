"""Feeds for holders of a token: the same files, under addresses that only they know (`/t/<token>/…`)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from html import escape
from threading import Lock

from feedwatch.formats import FORMATS, content_type
from feedwatch.ledger import FeedState
from feedwatch.model import FeedSpec
from feedwatch.publish.listing import render_index
from feedwatch.web.catalogue import Catalogue, FileName, file_name
from feedwatch.web.exchange import NOT_FOUND, PREFLIGHT, Reply, Request, Route
from feedwatch.web.files import NEGOTIATED, FeedFolder
from feedwatch.web.negotiate import prefers_page
from feedwatch.web.pages import IndexPage, rows_of
from feedwatch.web.representation import CORS, Representation, represent
from feedwatch.web.tokens import Keys, Token

PREFIX = "/t/"
#: The name under which questions are answered, as long as no feed has it.
QUESTION = "feed"
#: Files as their holders see them that are kept in memory.
_MANY = 128

#: Answers a question under a file name such as "feed.atom", below a prefix of the base address.
Ask = Callable[[Request, str, str], Reply | Representation]


class PrivateFeeds:
    """What a token opens; whoever holds none, a wrong one, or one for other feeds gets the same 404."""

    def __init__(
        self,
        catalogue: Catalogue,
        folder: FeedFolder,
        keys: Keys,
        *,
        states: Callable[[], Mapping[str, FeedState]],
        max_age_s: int,
        ask: Ask | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._folder = folder
        self._keys = keys
        self._states = states
        self._cache_control = f"private, max-age={max_age_s}"
        self._ask = ask
        self._page = IndexPage()
        self._lock = Lock()
        self._kept: OrderedDict[tuple[str, str], tuple[Representation, Representation]] = OrderedDict()

    def route(self) -> Route:
        """The route of all that tokens open, for the prefix."""
        return Route(handler=self._answer, methods=("GET", "HEAD", "OPTIONS"))

    def _answer(self, request: Request) -> Reply | Representation:
        if request.method == "OPTIONS":
            # For every path alike: it says nothing of what is there.
            return PREFLIGHT
        presented, _, name = request.path.removeprefix(PREFIX).partition("/")
        token = self._keys.find(presented)
        if token is None:
            return NOT_FOUND
        return self._opened(name, token, f"{PREFIX[1:]}{presented}/", request)

    def _opened(self, name: str, token: Token, prefix: str, request: Request) -> Reply | Representation:
        """What a token's holder gets under a name."""
        if name in ("", "index.html"):
            return self._list(token, prefix)
        if name == "index.opml":
            return self._outlines(token, prefix)
        named, feeds = file_name(name), self._feeds(token)
        if named is not None and named.feed_id in feeds:
            return self._file(named, token, prefix, request)
        # A token for some feeds is no token for questions: their answers are not of these feeds.
        if named is not None and named.feed_id == QUESTION and self._ask is not None and not token.feeds:
            return self._ask(request, name, prefix)
        return NOT_FOUND

    def _feeds(self, token: Token) -> dict[str, FeedSpec]:
        feeds = {**self._catalogue.private, **self._catalogue.public}
        return {feed_id: spec for feed_id, spec in feeds.items() if token.opens(feed_id)}

    def _file(self, named: FileName, token: Token, prefix: str, request: Request) -> Reply | Representation:
        name = named.name
        found = None
        if named.ending in NEGOTIATED and prefers_page(request.header("accept")):
            name = f"{name.rpartition('.')[0]}.html"
            found = self._folder.look(name)
        if found is None:
            name = named.name
            found = self._folder.look(name)
        return NOT_FOUND if found is None else self._addressed(name, found, named.feed_id, token, prefix)

    def _addressed(self, name: str, found: Representation, feed_id: str, token: Token, prefix: str) -> Representation:
        """The file with its own addresses as the holder reaches them: readers follow `self` and `prev-archive`."""
        with self._lock:
            kept = self._kept.get((token.hash, name))
            if kept is not None and kept[0] is found:
                self._kept.move_to_end((token.hash, name))
                return kept[1]
        body = found.forms[""].body
        base = self._catalogue.base_url
        ending = name.rpartition(".")[2]
        written = (lambda text: text) if ending == "json" else escape
        for mark in (".", "_archive-"):
            plain, own = f"{base}{feed_id}{mark}", f"{base}{prefix}{feed_id}{mark}"
            body = body.replace(written(plain).encode(), written(own).encode())
        made = represent(
            body,
            media_type=content_type(ending),
            modified=found.modified_s,
            cache_control=self._cache_control,
            vary="Accept, Accept-Encoding",
            more=CORS,
            is_private=True,
        )
        with self._lock:
            self._kept[token.hash, name] = (found, made)
            while len(self._kept) > _MANY:
                self._kept.popitem(last=False)
        return made

    def _endings(self, feed_id: str) -> tuple[str, ...]:
        return tuple(ending for ending in FORMATS if self._folder.exists(f"{feed_id}.{ending}"))

    def _list(self, token: Token, prefix: str) -> Representation:
        rows = rows_of(self._feeds(token), self._endings, self._states())
        body = self._page.render(self._catalogue, rows, has_list=True, prefix=prefix)
        return self._made(body, "html")

    def _outlines(self, token: Token, prefix: str) -> Representation:
        base = self._catalogue.base_url + prefix
        return self._made(render_index([*self._feeds(token).values()], base, title=self._catalogue.title), "opml")

    def _made(self, body: bytes, ending: str) -> Representation:
        return represent(
            body, media_type=content_type(ending), modified=0, cache_control=self._cache_control, is_private=True
        )
