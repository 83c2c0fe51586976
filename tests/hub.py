"""A WebSub hub on 127.0.0.1 that does what the recommendation says: verifies intent, fetches topics, signs pushes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode

import requests


@dataclass
class Subscriber:
    callback: str
    secret: str


@dataclass
class Hub:
    """A context manager; `lease_s` is what it grants, `status` what it answers."""

    lease_s: int = 86_400
    status: int = 202
    method: str = "sha256"
    #: topic -> subscriber
    subscribers: dict[str, Subscriber] = field(default_factory=dict)
    #: All forms received, in order.
    forms: list[dict[str, str]] = field(default_factory=list)
    #: Topics that were fetched after a publish ping, with what was there.
    fetched: list[tuple[str, bytes]] = field(default_factory=list)
    #: Whether a verification of intent was confirmed, in order.
    verified: list[bool] = field(default_factory=list)
    _idle: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def __enter__(self) -> Hub:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: object) -> None:
                """Tests read `forms`."""

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                hub.forms.append(form)
                self.send_response_only(hub.status)
                self.send_header("Content-Length", "0")
                self.end_headers()
                if hub.status < 300:
                    threading.Thread(target=hub._act, args=(form,)).start()

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait(self) -> None:
        """Until one more form was acted upon."""
        assert self._idle.acquire(timeout=5)

    def _act(self, form: dict[str, str]) -> None:
        try:
            if form["hub.mode"] == "publish":
                answer = requests.get(form["hub.url"], timeout=5)
                self.fetched.append((form["hub.url"], answer.content))
                self.push(form["hub.url"], answer.content)
            else:
                self._verify(form)
        finally:
            self._idle.release()

    def _verify(self, form: dict[str, str]) -> None:
        challenge, topic, mode = secrets.token_hex(8), form["hub.topic"], form["hub.mode"]
        query = {"hub.mode": mode, "hub.topic": topic, "hub.challenge": challenge}
        if mode == "subscribe":
            query["hub.lease_seconds"] = str(self.lease_s)
        answer = requests.get(f"{form['hub.callback']}?{urlencode(query)}", timeout=5)
        confirmed = answer.status_code == 200 and answer.text == challenge
        self.verified.append(confirmed)
        if confirmed and mode == "subscribe":
            self.subscribers[topic] = Subscriber(form["hub.callback"], form["hub.secret"])
        elif confirmed:
            self.subscribers.pop(topic, None)

    def push(self, topic: str, content: bytes) -> int | None:
        """Distribute; the status that the subscriber answered."""
        subscriber = self.subscribers.get(topic)
        if subscriber is None:
            return None
        signature = hmac.new(subscriber.secret.encode(), content, getattr(hashlib, self.method)).hexdigest()
        headers = {"X-Hub-Signature": f"{self.method}={signature}", "Content-Type": "application/atom+xml"}
        return requests.post(subscriber.callback, data=content, headers=headers, timeout=5).status_code
