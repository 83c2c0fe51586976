"""The HTTP server beside nginx on the same files, in the same run: requests for each second of processor time, memory.

    python benchmarks/serve.py [--seconds 3] [--clients 50] [--idle 1000] [--slow 500]

Needs nginx (apt-get install nginx-light); without it only feedwatch is measured. The load goes to 127.0.0.1 only,
for a bounded time, from a loop of sockets in this process: its cost is no part of the figures, which are the
processor time of the servers. Other work on the machine disturbs them less than it would a clock.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import os
import random
import resource
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FEED = "niger-security.atom"
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
WORDS = ["Niamey", "Agadez", "la junte", "le retrait des troupes", "sécurité", "soldats", "أمن النيجر", "sojoji"]


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs: its name, port, and processes."""

    name: str
    port: int
    pids: tuple[int, ...]

    def cpu_s(self) -> float:
        """Processor seconds used so far."""
        return sum(cpu_s(pid) for pid in self.pids)

    def memory_mb(self) -> float:
        """Memory that belongs to it alone, in MB (proportional share of shared pages)."""
        return sum(memory_mb(pid) for pid in self.pids)


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def feed(entries: int, seed: int) -> bytes:
    """A feed of about `entries` x 1.2 KB, of words in three languages."""
    chance = random.Random(seed)  # noqa: S311 - no secret, the same feed at every run
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>Niger</title>']
    for number in range(entries):
        body = " ".join(chance.choices(WORDS, k=150))
        parts.append(
            f"<entry><id>urn:x:{seed}:{number}</id><title>{body[:60]}</title><content>{body}</content></entry>"
        )
    return ("\n".join(parts) + "</feed>").encode()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    for _ in range(2400):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise SystemExit(f"nothing answers on port {port}")


@contextlib.contextmanager
def feedwatch(folder: Path) -> Iterator[Server]:
    port = free_port()
    config = folder / "config.toml"
    config.write_text(
        f'[server]\nlisten = "127.0.0.1:{port}"\n[output]\ndir = "feeds"\n'
        '[[sources]]\nid = "docs"\nkind = "folder"\npath = "docs"\n'
        '[[feeds]]\nid = "niger-security"\ntitle = "Niger"\n'
    )
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "feedwatch", "--config", str(config), "serve"], stderr=subprocess.DEVNULL
    )
    try:
        wait_for(port)
        yield Server("feedwatch", port, (process.pid,))
    finally:
        process.terminate()
        process.wait(10)


@contextlib.contextmanager
def nginx(folder: Path, binary: str) -> Iterator[Server]:
    port = free_port()
    config = folder / "nginx.conf"
    config.write_text(
        f"""pid {folder}/nginx.pid; daemon off; worker_processes 1; error_log {folder}/error.log; user root;
events {{ worker_connections 4096; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_timeout 60; keepalive_requests 1000000;
  gzip_static on;
  types {{ application/atom+xml atom; }}
  server {{ listen 127.0.0.1:{port}; root {folder}/feeds; }}
}}
"""
    )
    process = subprocess.Popen([binary, "-c", str(config), "-p", str(folder)], stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        wait_for(port)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        yield Server("nginx", port, (process.pid, *map(int, children)))
    finally:
        process.terminate()
        process.wait(10)


def fetch(port: int, headers: str = "") -> bytes:
    """One whole answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(f"GET /{FEED} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n".encode())
        received = b""
        while data := client.recv(65536):
            received += data
    return received


def load(server: Server, request: bytes, expected: int, *, clients: int, seconds: float) -> tuple[float, float]:
    """Requests a processor second of the server, and requests a second, of `clients` that each wait for an answer."""
    chooser = selectors.DefaultSelector()
    sockets = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(clients)]
    for client in sockets:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        chooser.register(client, selectors.EVENT_READ, (client, [0]))
    before, started, done = server.cpu_s(), time.monotonic(), 0
    for client in sockets:
        client.sendall(request)
    while time.monotonic() - started < seconds:
        for key, _ in chooser.select(0.5):
            client, received = key.data
            data = client.recv(1 << 18)
            if not data:
                raise SystemExit(f"{server.name} closed a connection")
            received[0] += len(data)
            if received[0] >= expected:
                received[0] = 0
                done += 1
                client.sendall(request)
    spent, wall = server.cpu_s() - before, time.monotonic() - started
    for client in sockets:
        client.close()
    return done / spent, done / wall


def idle_memory(server: Server, request: bytes, expected: int, count: int) -> tuple[float, float]:
    """MB before, and with `count` clients that got the feed and stay connected."""
    before = server.memory_mb()
    sockets = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(count)]
    for client in sockets:
        client.sendall(request)
        received = 0
        while received < expected:
            received += len(client.recv(1 << 18))
    after = server.memory_mb()
    # All of them are alive.
    for client in sockets:
        client.sendall(request)
        assert client.recv(16).startswith(b"HTTP/1.1 200")
        client.close()
    return before, after


def beside_slow_clients(server: Server, expected: int, count: int, requests: int = 300) -> float:
    """The 99th percentile in ms of requests that are asked while `count` clients are as slow as can be.

    A third sends the head of a request byte by byte, a third a body, a third asks and reads nothing.
    """
    slow = []
    for number in range(count):
        client = socket.create_connection(("127.0.0.1", server.port))
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        head = f"GET /{FEED} HTTP/1.1\r\nHost: x\r\n"
        whole = f"{head}\r\n" if number % 3 == 0 else head
        client.sendall(
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n" if number % 3 == 1 else whole).encode()
        )
        slow.append(client)
    request, times = f"GET /{FEED} HTTP/1.1\r\nHost: x\r\n\r\n".encode(), []
    for turn in range(requests):
        with contextlib.suppress(OSError):
            slow[turn % count].sendall(b"x")
        start = time.perf_counter()
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
            client.sendall(request)
            received = 0
            while received < expected:
                received += len(client.recv(1 << 18))
        times.append((time.perf_counter() - start) * 1000)
    for client in slow:
        client.close()
    return sorted(times)[len(times) * 99 // 100]


def measure(server: Server, arguments: argparse.Namespace) -> dict[str, float]:
    plain, squeezed = fetch(server.port), "Accept-Encoding: gzip\r\n"
    etag = next(line for line in plain.decode("latin-1").split("\r\n") if line.lower().startswith("etag:"))[5:].strip()
    figures: dict[str, float] = {}
    cases = {"200": "", "200 gzip": squeezed, "304": f"If-None-Match: {etag}\r\n"}
    for name, headers in cases.items():
        request = f"GET /{FEED} HTTP/1.1\r\nHost: x\r\n{headers}\r\n".encode()
        # The same answer with "Connection: close" in place of what keeps it open: measured on a kept one.
        expected = kept_size(server.port, request)
        figures[f"{name}, requests/CPU s"], figures[f"{name}, requests/s"] = load(
            server, request, expected, clients=arguments.clients, seconds=arguments.seconds
        )
    request = f"GET /{FEED} HTTP/1.1\r\nHost: x\r\n{squeezed}\r\n".encode()
    before, after = idle_memory(server, request, kept_size(server.port, request), arguments.idle)
    figures["memory at rest, MB"], figures[f"memory with {arguments.idle} clients, MB"] = before, after
    figures["each client, KB"] = (after - before) * 1024 / arguments.idle
    plain_request = f"GET /{FEED} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    figures[f"p99 beside {arguments.slow} slow clients, ms"] = beside_slow_clients(
        server, kept_size(server.port, plain_request), arguments.slow
    )
    return figures


def kept_size(port: int, request: bytes) -> int:
    """Bytes of one answer on a connection that stays open."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(request)
        received = b""
        client.settimeout(0.5)
        with contextlib.suppress(TimeoutError):
            while data := client.recv(1 << 18):
                received += data
    return len(received)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--idle", type=int, default=1000)
    parser.add_argument("--slow", type=int, default=500)
    parser.add_argument("--entries", type=int, default=100)
    arguments = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, arguments.idle + 256)), hard))
    binary = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    results: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "feeds").mkdir()
        folder.chmod(0o755)
        body = feed(arguments.entries, 1)
        (folder / "feeds" / FEED).write_bytes(body)
        (folder / "feeds" / f"{FEED}.gz").write_bytes(gzip.compress(body, 6, mtime=0))
        print(f"one feed of {arguments.entries} entries, {len(body) / 1024:.0f} KB; {arguments.clients} clients")
        with feedwatch(folder) as server:
            results["feedwatch"] = measure(server, arguments)
        if binary:
            with nginx(folder, binary) as server:
                results["nginx"] = measure(server, arguments)
    for figure, ours in results["feedwatch"].items():
        theirs = results.get("nginx", {}).get(figure)
        beside = f"{theirs:10.1f}   {ours / theirs:6.2f} x" if theirs else "         –"
        print(f"{figure:34} feedwatch {ours:10.1f}   nginx {beside}")


if __name__ == "__main__":
    main()
