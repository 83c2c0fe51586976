"""Tokens that open private feeds: made here, kept only as hashes, in a file that nobody else may read."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import hmac
import json
import logging
import os
import re
import secrets
import stat
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from feedwatch.errors import FeedwatchError

log = logging.getLogger(__name__)

#: 256 bits: nobody guesses one, so a fast hash is enough to keep it.
TOKEN_BYTES = 32
#: A revoked token opens nothing after so long.
LOOK_EVERY_S = 1.0
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_NAME = re.compile(r"[\w.@+-][\w .@+-]{0,63}")
#: Of the file; thousands of tokens are less.
_MAX_BYTES = 4 * 1024 * 1024


class TokenError(FeedwatchError):
    """A token cannot be made, or the file of tokens cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One subscriber's key, without the key."""

    #: For the people who run the site.
    name: str
    #: sha256 of the token, hexadecimal.
    hash: str
    #: Feeds that it opens; none named means all.
    feeds: tuple[str, ...]
    created_at: datetime

    def opens(self, feed_id: str) -> bool:
        """Whether its holder may read the feed."""
        return not self.feeds or feed_id in self.feeds


class TokenFile:
    """The tokens of one site; commands change it, the server reads it again when it changed."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> tuple[Token, ...]:
        """All tokens, by name; none when there is no file.

        Raises:
            TokenError: others may read the file, or it is damaged.
        """
        try:
            file = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise TokenError(f"{self._path} cannot be read: {error.strerror}") from error
        with os.fdopen(file, "rb") as stream:
            mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
            if mode & 0o077:
                raise TokenError(
                    f"{self._path} may be read by others (mode {mode:o}): chmod 600 it, then make new tokens"
                )
            data = stream.read(_MAX_BYTES + 1)
        try:
            return tuple(_token(values) for values in json.loads(data)["tokens"])
        except (ValueError, TypeError, KeyError) as error:
            raise TokenError(f"{self._path} is damaged: restore it, or remove it and make new tokens") from error

    def add(self, name: str, feeds: Sequence[str], now: datetime) -> str:
        """Make a token for a subscriber and return it: this is the only time that it can be seen.

        Raises:
            TokenError: the name is taken or none, or the file cannot be used.
        """
        if not _NAME.fullmatch(name):
            raise TokenError(f"{name!r} is no name for a token: use up to 64 letters, figures and .@+- in between")
        with self._locked():
            tokens = self.read()
            if any(token.name == name for token in tokens):
                raise TokenError(f"there is a token {name!r} already: revoke it, or choose another name")
            made = secrets.token_urlsafe(TOKEN_BYTES)
            token = Token(name=name, hash=_hash(made), feeds=tuple(feeds), created_at=now)
            self._write(sorted([*tokens, token], key=lambda token: token.name))
        return made

    def revoke(self, name: str) -> bool:
        """Make a subscriber's token worthless; False when there is none.

        Raises:
            TokenError: the file cannot be used.
        """
        with self._locked():
            tokens = self.read()
            left = [token for token in tokens if token.name != name]
            if len(left) == len(tokens):
                return False
            self._write(left)
            return True

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Two commands never lose each other's change."""
        beside = self._path.with_name(self._path.name + ".lock")
        try:
            file = os.open(beside, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise TokenError(f"{self._path} cannot be changed: {error.strerror}") from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)

    def _write(self, tokens: Sequence[Token]) -> None:
        """Put the new file in place of the old one, whole or not at all."""
        values = [asdict(token) | {"created_at": token.created_at.isoformat()} for token in tokens]
        data = json.dumps({"tokens": values}, ensure_ascii=False, indent=1).encode() + b"\n"
        new = self._path.with_name(f".{self._path.name}.{secrets.token_hex(8)}.tmp")
        try:
            file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(file, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            new.replace(self._path)
        except OSError as error:
            with contextlib.suppress(OSError):
                new.unlink()
            raise TokenError(f"{self._path} cannot be written: {error.strerror}") from error


class Keys:
    """The tokens as the server asks for them."""

    def __init__(self, path: Path, *, look_every_s: float = LOOK_EVERY_S) -> None:
        self._path = path
        self._file = TokenFile(path)
        self._look_every_s = look_every_s
        self._looked_at = -look_every_s
        self._state: object = None
        self._tokens: tuple[Token, ...] = ()

    def find(self, presented: str) -> Token | None:
        """The token that was presented; takes as long for a wrong one as for a right one."""
        self._look()
        offered = _hash(presented) if _TOKEN.fullmatch(presented) else _hash("")
        found: Token | None = None
        for token in self._tokens:
            if hmac.compare_digest(token.hash, offered):
                found = token
        return found

    def _look(self) -> None:
        """Read the file again if it changed."""
        now = time.monotonic()
        if now - self._looked_at < self._look_every_s:
            return
        self._looked_at = now
        try:
            status = self._path.lstat()
            state: object = (status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size)
        except OSError:
            state = None
        if state == self._state:
            return
        self._state = state
        try:
            self._tokens = self._file.read()
        except TokenError as error:
            # What cannot be trusted opens nothing.
            log.error("%s; no token is valid until then", error)  # noqa: TRY400 - a fault of the file, not a bug
            self._tokens = ()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _token(values: dict[str, Any]) -> Token:
    feeds = values["feeds"]
    digest = values["hash"]
    if not isinstance(digest, str) or not re.fullmatch(r"[0-9a-f]{64}", digest) or not isinstance(feeds, list):
        raise ValueError("no token")
    return Token(
        name=str(values["name"]),
        hash=digest,
        feeds=tuple(map(str, feeds)),
        created_at=datetime.fromisoformat(values["created_at"]).astimezone(UTC),
    )
