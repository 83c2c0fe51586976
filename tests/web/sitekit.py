"""A site on 127.0.0.1 over a folder of feeds, as a configuration makes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from feedwatch.config.load import Config, load_config
from feedwatch.web.make import make_site
from feedwatch.web.server import WebServer

BODY = b"<feed>" + b"entry " * 500 + b"</feed>"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
CONFIG = """
[feedwatch]
base_url = "https://feeds.example.org/"
[[sources]]
id = "docs"
kind = "folder"
path = "docs"
[[feeds]]
id = "niger-security"
title = "Niger <b>security</b>"
subtitle = "What happens <in> Niger"
former = ["niger-sec"]
where = "region:ne and topic:security"
[[feeds]]
id = "later"
title = "Not yet"
"""


def config_of(folder: Path, text: str = CONFIG, **env: str) -> Config:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load_config(path, env)


@contextmanager
def served(config: Config, files: Mapping[str, bytes], **options: Any) -> Iterator[WebServer]:
    """A server that sees changes of files at once."""
    config.output_dir.mkdir(exist_ok=True)
    for name, body in files.items():
        write(config, name, body)
    server = WebServer(make_site(config, look_every_s=0.0, **options), "127.0.0.1", 0)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def write(config: Config, name: str, body: bytes, mode: int = 0o644) -> None:
    """As the publisher does it: a new file in place of the old one."""
    new = config.output_dir / ".new"
    new.write_bytes(body)
    new.chmod(mode)
    new.replace(config.output_dir / name)


def get(url: str, **headers: str) -> requests.Response:
    """Without redirects, and without the headers that requests likes to add."""
    return requests.get(
        url, headers={"Accept-Encoding": "identity", **headers}, timeout=5, allow_redirects=False, stream=False
    )
