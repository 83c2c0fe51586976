"""From a configuration to the site: which routes there are and what they show."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from feedwatch.config.load import Config
from feedwatch.formats import FORMATS
from feedwatch.ledger import FeedState
from feedwatch.web.callbacks import PREFIX, Inbox, callback_route
from feedwatch.web.catalogue import Catalogue, file_name, make_catalogue
from feedwatch.web.clients import Clients, is_loopback
from feedwatch.web.exchange import Reply, Request, Route, text
from feedwatch.web.files import LOOK_EVERY_S, FeedFolder
from feedwatch.web.pages import IndexPage, Kept, rows_of
from feedwatch.web.private import PREFIX as TOKENS
from feedwatch.web.private import PrivateFeeds
from feedwatch.web.questions import Asking, Questions
from feedwatch.web.representation import Headers
from feedwatch.web.site import Site
from feedwatch.web.tokens import Keys

#: The list of feeds is made again after so long.
LIST_EVERY_S = 2.0

#: What hubs know about: pages and lists are for people.
FEED_ENDINGS = frozenset({"atom", "rss", "json"})

States = Callable[[], Mapping[str, FeedState]]


def no_states() -> Mapping[str, FeedState]:
    """What is known of the feeds without a store."""
    return {}


def make_site(
    config: Config,
    *,
    states: States = no_states,
    is_gone: Callable[[str], bool] = lambda _name: False,
    inbox: Inbox | None = None,
    asking: Asking | None = None,
    routes: Mapping[str, Route] | None = None,
    look_every_s: float = LOOK_EVERY_S,
) -> Site:
    """The site of a configuration.

    `states` and `is_gone` ask the store for the feeds that are and the files that were; `inbox` hears hubs, `asking`
    answers questions; `routes` come besides the site's own.
    """
    catalogue = make_catalogue(config.feeds, base_url=config.base_url, title=config.server.title)
    folder = FeedFolder(
        config.output_dir, max_age_s=config.server.max_age_s, look_every_s=look_every_s, links_of=_links(config)
    )
    site = Site(
        catalogue,
        folder,
        routes={},
        is_gone=is_gone,
        clients=Clients(config.server.proxies),
    )
    site.routes = {**_front(site, folder, states), **(routes or {})}
    keys = Keys(config.server.tokens, look_every_s=look_every_s)
    questions = Questions(asking, config.base_url) if asking else None
    private = PrivateFeeds(
        catalogue,
        folder,
        keys,
        states=states,
        max_age_s=config.server.max_age_s,
        ask=questions.ask if questions else None,
    )
    if questions is not None and is_loopback(config.host):
        for path, route in questions.routes().items():
            site.routes.setdefault(path, route)
    site.prefixes[TOKENS] = private.route()
    if inbox is not None:
        site.prefixes[PREFIX] = callback_route(inbox)
    return site


def _front(site: Site, folder: FeedFolder, states: States) -> dict[str, Route]:
    """The list of feeds, and what machines ask of every site."""
    page = Kept(
        lambda: _index(site.catalogue, folder, states()), every_s=LIST_EVERY_S, cache_control="public, max-age=60"
    )
    index = Route(handler=lambda _request: page.get())
    return {
        "/": index,
        "/index.html": index,
        "/healthz": Route(handler=_healthz),
        "/robots.txt": Route(handler=_robots),
    }


def _index(catalogue: Catalogue, folder: FeedFolder, states: Mapping[str, FeedState]) -> bytes:
    def endings_of(feed_id: str) -> tuple[str, ...]:
        return tuple(ending for ending in FORMATS if folder.exists(f"{feed_id}.{ending}"))

    rows = rows_of(catalogue.public, endings_of, states)
    return IndexPage().render(catalogue, rows, has_list=folder.exists("index.opml"))


def _links(config: Config) -> Callable[[str], Headers]:
    """The Link header of each file (RFC 8288): where it is at home, and the hub that tells of its changes."""
    private = {spec.id for spec in config.feeds if spec.private}

    def links_of(name: str) -> Headers:
        links = f'<{config.base_url}{name}>; rel="self"'
        named = file_name(name)
        if named and not named.archive and named.ending in FEED_ENDINGS and named.feed_id not in private:
            links += f', <{config.server.hub}>; rel="hub"' if config.server.hub else ""
        return [(b"link", links.encode())]

    return links_of


def _healthz(_request: Request) -> Reply:
    return text(200, "ok\n")


def _robots(_request: Request) -> Reply:
    return text(200, "User-agent: *\nDisallow: /\n", cache="public, max-age=86400")
