"""The examples of docs/serving.md: configurations load, nginx and Caddy serve by theirs, commands exist."""

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
from tests.web.sitekit import BODY, config_of, served

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
    port = free_port()
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
        yield when_it_answers(port)
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def caddy(tmp_path: Path, example: str, name: str) -> Iterator[str]:
    """Caddy with an example's server, on a port of its own instead of the name and its certificate."""
    if CADDY is None:
        pytest.skip("needs caddy: apt-get install caddy")
    port = free_port()
    example = example.replace(name, f"http://127.0.0.1:{port}", 1).replace("/var/lib/feedwatch", str(tmp_path))
    path = tmp_path / "Caddyfile"
    path.write_text("{\n  admin off\n  auto_https off\n}\n" + example)
    home = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    command = [CADDY, "run", "--config", str(path), "--adapter", "caddyfile"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=home)
    try:
        yield when_it_answers(port)
    finally:
        process.terminate()
        process.wait(10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def when_it_answers(port: int) -> str:
    for _ in range(1500):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return f"http://127.0.0.1:{port}/"
        time.sleep(0.02)
    pytest.fail(f"nothing answers on port {port}")


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[str]:
    """Host and port of a site for something to stand before."""
    (tmp_path / "site").mkdir()
    with served(config_of(tmp_path / "site"), {"niger-security.atom": BODY}) as server:
        yield server.url.split("/")[2]


def check_proxy(url: str) -> None:
    """All that readers get comes through."""
    answer = requests.get(url + "niger-security.atom", timeout=10)
    assert answer.content == BODY
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    again = requests.get(url + "niger-security.atom", headers={"If-None-Match": answer.headers["ETag"]}, timeout=10)
    assert again.status_code == 304
    head = requests.head(url + "niger-security.atom", timeout=10)
    assert (head.status_code, head.headers["ETag"]) == (200, answer.headers["ETag"])
    assert requests.get(url + "t/0123456789abcdef/niger-security.atom", timeout=10).status_code == 404


def test_nginx_stands_before_it(tmp_path: Path, behind: str) -> None:
    with nginx(tmp_path, blocks("nginx")[0].replace("127.0.0.1:8080", behind)) as url:
        check_proxy(url)
    log = (tmp_path / "access.log").read_text()
    assert "niger-security.atom" in log
    assert "0123456789abcdef" not in log


def test_caddy_stands_before_it(tmp_path: Path, behind: str) -> None:
    with caddy(tmp_path, blocks("caddy")[0].replace("127.0.0.1:8080", behind), "feeds.example.org") as url:
        check_proxy(url)


def write_files(folder: Path) -> None:
    folder.mkdir()
    (folder / "niger.atom").write_bytes(BODY)
    (folder / "niger.rss").write_bytes(BODY)
    (folder / "niger.json").write_bytes(b"{}")
    (folder / ".niger.atom.0123.tmp").write_bytes(b"half")


def test_caddy_serves_the_files_as_feedwatch_does(tmp_path: Path) -> None:
    write_files(tmp_path / "feeds")
    with caddy(tmp_path, blocks("caddy")[1], "files.example.org") as url:
        answer = requests.get(url + "niger.atom", timeout=10)
        assert answer.content == BODY
        assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        again = requests.get(url + "niger.atom", headers={"If-None-Match": answer.headers["ETag"]}, timeout=10)
        assert again.status_code == 304
        types = {"rss": "application/rss+xml; charset=utf-8", "json": "application/feed+json"}
        for ending, media_type in types.items():
            assert requests.get(url + f"niger.{ending}", timeout=10).headers["Content-Type"] == media_type
        assert requests.get(url + ".niger.atom.0123.tmp", timeout=10).status_code == 404


def test_nginx_serves_the_files_as_feedwatch_does(tmp_path: Path) -> None:
    write_files(tmp_path / "feeds")
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
        pytest.skip("needs caddy: apt-get install caddy")
    path = tmp_path / "Caddyfile"
    path.write_text(blocks("caddy")[number])
    subprocess.run(
        [CADDY, "validate", "--config", str(path), "--adapter", "caddyfile"], check=True, capture_output=True
    )
