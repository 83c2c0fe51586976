"""The examples of docs/serving.md: configurations load, nginx takes its own, commands exist."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests

from feedwatch.config.load import load_config
from tests.desk import ROOT, Desk
from tests.web.sitekit import BODY

TEXT = (ROOT / "docs/serving.md").read_text(encoding="utf-8")
BASE = '[[sources]]\nid = "a"\nkind = "folder"\npath = "a"\n[[feeds]]\nid = "b"\ntitle = "B"\n'
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
CADDY = shutil.which("caddy")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("number", range(3))
def test_every_configuration_is_valid(tmp_path: Path, number: int) -> None:
    example = blocks("toml")[number]
    path = tmp_path / "config.toml"
    path.write_text(example + ("" if "[[feeds]]" in example else BASE), encoding="utf-8")
    load_config(path, {})


def test_there_are_no_more_of_them() -> None:
    assert len(blocks("toml")) == 3


def test_every_command_exists(tmp_path: Path) -> None:
    desk = Desk(tmp_path, BASE)
    for line in blocks("sh")[0].splitlines():
        words = line.partition("#")[0].split()[1:3]
        assert desk.run(*words, "--help").exit_code == 0


@contextmanager
def nginx(tmp_path: Path, example: str) -> Iterator[str]:
    """nginx with an example's server, in a folder of its own on a port of its own."""
    if NGINX is None:
        pytest.skip("needs nginx: apt-get install nginx-light")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    example = example.replace("listen 80;", f"listen 127.0.0.1:{port};").replace("/var/lib/feedwatch", str(tmp_path))
    temporary = " ".join(
        f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    path = tmp_path / "nginx.conf"
    path.write_text(
        f"user root; daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}}\n"
        f"http {{ access_log {tmp_path}/access.log; {temporary}\n{example}\n}}\n"
    )
    command = [NGINX, "-c", str(path), "-p", str(tmp_path)]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(10)


def test_nginx_takes_the_proxy_as_printed(tmp_path: Path) -> None:
    with nginx(tmp_path, blocks("nginx")[0]) as url:
        assert requests.get(url, timeout=5).status_code == 502


def test_nginx_serves_the_files_as_feedwatch_does(tmp_path: Path) -> None:
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "niger.atom").write_bytes(BODY)
    (tmp_path / "feeds" / "niger.json").write_bytes(b"{}")
    (tmp_path / "feeds" / ".niger.atom.0123.tmp").write_bytes(b"half")
    with nginx(tmp_path, blocks("nginx")[1]) as url:
        answer = requests.get(url + "niger.atom", timeout=5)
        assert answer.content == BODY
        assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
        assert answer.headers["Content-Encoding"] == "gzip"
        again = requests.get(url + "niger.atom", headers={"If-None-Match": answer.headers["ETag"]}, timeout=5)
        assert again.status_code == 304
        assert requests.get(url + "niger.json", timeout=5).headers["Content-Type"] == "application/feed+json"
        assert requests.get(url + ".niger.atom.0123.tmp", timeout=5).status_code == 404


@pytest.mark.parametrize("number", range(2))
def test_caddy_takes_its_configuration(tmp_path: Path, number: int) -> None:
    if CADDY is None:
        pytest.skip("needs caddy: apt-get install caddy, where Debian has it")
    path = tmp_path / "Caddyfile"
    path.write_text(blocks("caddy")[number])
    subprocess.run(
        [CADDY, "validate", "--config", str(path), "--adapter", "caddyfile"], check=True, capture_output=True
    )
