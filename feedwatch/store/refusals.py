"""What a system's refusal means to a person; without the database's library, which takes long to load."""

from __future__ import annotations

import errno

from feedwatch.errors import StoreError
from feedwatch.text import printable

#: By errno, for the files that are made beside a database.
_SYSTEM = {
    errno.EACCES: "give this user the right to write in the folder",
    errno.EPERM: "give this user the right to write in the folder",
    errno.EROFS: "the file system takes no writes: name a file elsewhere",
    errno.ENOSPC: "the disk is full: free some space, then run again",
}


def refused(name: str, error: OSError) -> StoreError:
    """The error that names the store and the cure."""
    cure = _SYSTEM.get(error.errno or 0, "check the path and the disk")
    return StoreError(f"store {name}: {said(error)}: {cure}")


def said(error: BaseException) -> str:
    """What the database or the system said, on one line."""
    text = " ".join(str(error).split())
    return printable(text, 300) or type(error).__name__
