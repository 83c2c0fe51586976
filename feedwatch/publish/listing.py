"""The list of all feeds, for readers that subscribe to many at once."""

from __future__ import annotations

from collections.abc import Sequence

from feedwatch.model import FeedSpec
from feedwatch.opml import Outline, write_opml
from feedwatch.publish.languages import language_tag
from feedwatch.publish.values import PROGRAM, one_line


def render_index(specs: Sequence[FeedSpec], base_url: str, formats: Sequence[str] = (), *, title: str = "") -> bytes:
    """The feeds in the order of the configuration, as OPML 2.0; equal input gives equal bytes.

    Without any feed it names the site itself: a list must name something.
    """
    home = base_url.rstrip("/") + "/"
    outlines = [
        Outline(
            url=f"{home}{spec.id}.atom",
            title=one_line(spec.title) or spec.id,
            language=language_tag(spec.lang) or "",
            page_url=f"{home}{spec.id}.html" if "html" in formats else "",
            description=one_line(spec.subtitle),
        )
        for spec in specs
    ]
    return write_opml(
        outlines or [Outline(url=home, title=PROGRAM, is_page=True)], title=one_line(title) or f"{PROGRAM}: {home}"
    )
