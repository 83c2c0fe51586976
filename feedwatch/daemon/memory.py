"""Memory that is free within the process, given back to the system."""

from __future__ import annotations

import contextlib
import ctypes
import gc

#: `M_ARENA_MAX` of glibc's malloc.h.
_ARENA_MAX = -8
_ARENAS = 2


def keep_together() -> None:
    """Let all threads share two heaps where glibc can: each has one of its own else, and keeps what is free in it."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Collect what nothing refers to, such as rules that were replaced, and return free pages where glibc can."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
