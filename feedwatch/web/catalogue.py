"""Which feeds there are and which moved: what decides about every name that is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from feedwatch.formats import FILE_NAME, INDEX
from feedwatch.model import FeedSpec

#: Lists and feeds that the program itself writes beside those of the configuration.
OWN_NAMES = frozenset({f"{INDEX}.opml"})
OWN_FEEDS = frozenset({"health", "alerts"})


@dataclass(frozen=True, slots=True)
class FileName:
    """A name that a feed file may have."""

    name: str
    feed_id: str
    #: "" for the feed itself.
    archive: str
    ending: str


def file_name(name: str) -> FileName | None:
    """The parts of a file's name; None for a name that no feed file has."""
    found = FILE_NAME.fullmatch(name)
    return FileName(name, found["id"], found["archive"] or "", found["ending"]) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The feeds of one configuration; made anew when that changes."""

    title: str
    #: Where readers reach the site; ends in "/".
    base_url: str
    public: Mapping[str, FeedSpec] = field(default_factory=dict)
    private: Mapping[str, FeedSpec] = field(default_factory=dict)
    #: Former ids of feeds -> the id of today.
    renamed: Mapping[str, str] = field(default_factory=dict)

    def is_public(self, feed_id: str) -> bool:
        """Whether everybody may read the feed."""
        return feed_id in self.public or feed_id in OWN_FEEDS


def make_catalogue(feeds: Iterable[FeedSpec], *, base_url: str, title: str = "feedwatch") -> Catalogue:
    """The catalogue of these feeds."""
    specs = {spec.id: spec for spec in feeds}
    return Catalogue(
        title=title,
        base_url=base_url,
        public={id_: spec for id_, spec in specs.items() if not spec.private},
        private={id_: spec for id_, spec in specs.items() if spec.private},
        # That a private feed moved is nobody's business.
        renamed={
            old: spec.id for spec in specs.values() if not spec.private for old in spec.former if old not in specs
        },
    )
