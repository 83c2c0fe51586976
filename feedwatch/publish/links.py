"""The addresses under which a feed is found, in each of its formats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from feedwatch.formats import FORMATS
from feedwatch.publish.values import web_iri
from feedwatch.views import FeedView


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Addresses of one feed; `formats` are those that are written."""

    view: FeedView
    formats: Sequence[str] = ("atom",)

    def self_url(self, ending: str) -> str:
        """The feed in one format.

        Raises:
            ValueError: base_url is no http address.

        """
        if self.view.archive and ending == "atom":
            return self.named(self.view.archive)
        if ending == "atom":
            return _address(self.view.self_url)
        path, mark, query = self.view.self_url.partition("?")
        return _address(f"{path.removesuffix('.atom')}.{ending}{mark}{query}")

    def named(self, archive: str) -> str:
        """An archive document of the feed."""
        return _address(f"{self.view.self_url.rpartition('/')[0]}/{archive}.atom")

    @property
    def history(self) -> list[tuple[str, str]]:
        """Relations of RFC 5005 section 4, with their addresses."""
        found = []
        if self.view.prev_archive:
            found.append(("prev-archive", self.named(self.view.prev_archive)))
        if self.view.archive:
            found.append(("current", _address(self.view.self_url)))
            if not self.view.prev_archive:
                # An archive without a neighbour passes for torn. The oldest one is written before it has any,
                # and must stay as it is when it gets one: what follows it is, for ever, the feed itself.
                found.append(("next-archive", _address(self.view.self_url)))
        return found

    @property
    def page_url(self) -> str:
        """The page for people: the feed's own where one is written, else the list of all feeds."""
        return self.self_url("html") if "html" in self.formats else _address(self.view.home_url)

    @property
    def others(self) -> list[str]:
        """The formats for readers, in the order in which they are offered."""
        return [name for name in FORMATS if name in self.formats and name != "html"]


def _address(url: str) -> str:
    address = web_iri(url)
    if address is None:
        raise ValueError(f"{url!r} is no http address; correct base_url")
    return address
