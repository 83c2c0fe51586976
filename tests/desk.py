"""A place to run the program in: a configuration, a command line, and readers for what it wrote."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import feedparser
from typer.testing import CliRunner

from feedwatch.cli.main import app

ROOT = Path(__file__).resolve().parent.parent
_FOLDER = """
[feedwatch]
packs = ["rules.toml"]
[[sources]]
id = "files"
kind = "folder"
path = "files"
[[feeds]]
id = "all"
title = "All"
"""


@dataclass(frozen=True)
class Result:
    """What a command printed and how it ended."""

    exit_code: int
    stdout: str
    stderr: str

    def json(self) -> Any:
        return json.loads(self.stdout)


class Desk:
    """A folder with a config.toml of its own."""

    def __init__(self, folder: Path, config: str, *, now: str = "2026-03-01T12:00:00Z") -> None:
        self.folder = folder
        self.config = folder / "config.toml"
        self.config.write_text(config, encoding="utf-8")
        self.now = now

    def run(self, *words: str, stdin: bytes | None = None) -> Result:
        """Run a command in this process."""
        with _own_logging():
            result = CliRunner().invoke(
                app, ["--config", str(self.config), *words], env={"FEEDWATCH_NOW": self.now}, input=stdin
            )
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Result(result.exit_code, result.stdout, result.stderr)

    def edit(self, old: str, new: str) -> None:
        """Change the configuration."""
        text = self.config.read_text(encoding="utf-8")
        assert old in text
        self.config.write_text(text.replace(old, new), encoding="utf-8")

    def feed(self, feed_id: str) -> Any:
        """A published feed as a reader understands it."""
        parsed = feedparser.parse((self.folder / "feeds" / f"{feed_id}.atom").read_bytes())
        assert not parsed.bozo, parsed.get("bozo_exception")
        return parsed

    def titles(self, feed_id: str) -> list[str]:
        return [entry.title for entry in self.feed(feed_id).entries]

    def published(self) -> dict[str, bytes]:
        """Everything published, byte for byte."""
        return {path.name: path.read_bytes() for path in sorted((self.folder / "feeds").glob("*.atom"))}


def folder_desk(folder: Path) -> Desk:
    """A desk that reads the folder "files", for stories of what is read and not of rules or questions."""
    (folder / "rules.toml").write_text('[regions.bj]\nname = "Benin"\nstrong = ["Cotonou"]\n', encoding="utf-8")
    (folder / "files").mkdir()
    return Desk(folder, _FOLDER)


@contextmanager
def _own_logging() -> Iterator[None]:
    """What a command does to logging ends with it."""
    root, ours = logging.getLogger(), logging.getLogger("feedwatch")
    before = (list(root.handlers), root.level, ours.level)
    try:
        yield
    finally:
        root.handlers[:] = before[0]
        root.setLevel(before[1])
        ours.setLevel(before[2])


def sample_config(folder: Path) -> str:
    """The project's own configuration, offline: every address is an empty folder, only `seeds` has documents."""
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    (folder / "nothing").mkdir()
    text = re.sub(r'(?m)^kind = "feed"\nurl = .*$', 'kind = "folder"\npath = "nothing"', text)
    return text.replace('path = "seeds"', f'path = "{ROOT / "seeds"}"')
