"""The owner of jinja2: the page that lists the feeds, for people and for readers that discover feeds."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from feedwatch.formats import FORMAT_NAMES, MEDIA_TYPES, content_type
from feedwatch.ledger import FeedState
from feedwatch.model import FeedSpec
from feedwatch.web.catalogue import Catalogue
from feedwatch.web.representation import Representation, represent

if TYPE_CHECKING:
    from jinja2 import Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One feed of the list."""

    spec: FeedSpec
    #: The formats that are there; empty while the feed was not written yet.
    endings: tuple[str, ...]
    #: As the store knows it; None without a store.
    state: FeedState | None


class IndexPage:
    """Renders the list of feeds; equal lists give equal bytes, so that a reader that polls it gets 304."""

    @cached_property
    def _template(self) -> Template:
        # When somebody looks: most servers are asked for feeds only.
        from jinja2 import Environment, PackageLoader, select_autoescape  # noqa: PLC0415

        templates = Environment(
            loader=PackageLoader("feedwatch.web"),
            autoescape=select_autoescape(default=True),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        templates.filters["day"] = _day
        return templates.get_template("index.html")

    def render(self, catalogue: Catalogue, rows: Sequence[Row], *, has_list: bool, prefix: str = "") -> bytes:
        """The page in UTF-8.

        `has_list`: whether there is an OPML list beside it; `prefix` stands between the base address and the
        names of feeds.
        """
        html = self._template.render(
            title=catalogue.title,
            base_url=catalogue.base_url + prefix,
            rows=rows,
            has_list=has_list,
            names=FORMAT_NAMES | {"html": "read here"},
            types=MEDIA_TYPES,
        )
        return html.encode()


class Kept:
    """A page that is made again once in `every_s` seconds at most, and has new validators only when it differs."""

    def __init__(self, make: Callable[[], bytes], *, every_s: float, cache_control: str) -> None:
        self._make = make
        self._every_s = every_s
        self._cache_control = cache_control
        self._made: tuple[float, bytes, Representation] | None = None

    def get(self) -> Representation:
        """The page as it is now; safe to call from several threads."""
        made = self._made
        now = time.monotonic()
        if made is not None and now - made[0] < self._every_s:
            return made[2]
        body = self._make()
        if made is None or made[1] != body:
            page = represent(
                body, media_type=content_type("html"), modified=time.time(), cache_control=self._cache_control
            )
        else:
            page = made[2]
        self._made = (now, body, page)
        return page


def rows_of(
    specs: Mapping[str, FeedSpec], endings_of: Callable[[str], tuple[str, ...]], states: Mapping[str, FeedState]
) -> list[Row]:
    """The rows of a list, in the order of the configuration."""
    return [Row(spec=spec, endings=endings_of(feed_id), state=states.get(feed_id)) for feed_id, spec in specs.items()]


def _day(moment: datetime) -> str:
    """A moment for people; not "an hour ago", which would be another page every minute."""
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"
