"""Sites parted in thirds by their name, so that what is fitted and chosen on some is reported on others."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlsplit

THIRDS = ("fit", "choose", "report")


def site_of(page: dict[str, Any]) -> str:
    """The name of the page's site; pages without a real address are sites of their own."""
    host = urlsplit(page.get("url") or "").hostname or ""
    name: str = page["id"] if host in {"", "fakehost"} else ".".join(host.removeprefix("www.").split(".")[-2:])
    return name


def third_of(page: dict[str, Any]) -> str:
    """The third that the page's site belongs to."""
    return THIRDS[int(hashlib.sha256(site_of(page).encode()).hexdigest(), 16) % 3]
