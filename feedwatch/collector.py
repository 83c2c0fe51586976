"""Python's collector of garbage, kept from looking in vain."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def undisturbed() -> Iterator[None]:
    """No looks for garbage in circles meanwhile: for bounded work that makes many small objects and no circles.

    A look costs by all that lives, not by what is new. Of several threads the first that is done lets the collector
    look again; none leaves it switched off.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
