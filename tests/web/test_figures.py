from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from feedwatch.metrics import CONTENT_TYPE
from feedwatch.web.figures import metrics_route
from feedwatch.web.server import WebServer
from tests.web.sitekit import CONFIG, config_of, get, served

ROUTES = {"/metrics": metrics_route(lambda: b"feedwatch_polls_total 1\n# EOF\n", CONTENT_TYPE)}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[WebServer]:
    text = CONFIG + '[server]\nproxies = ["127.0.0.1"]\n'
    with served(config_of(tmp_path, text), {}, routes=ROUTES) as running:
        yield running


def test_a_monitor_on_this_machine_gets_the_figures(server: WebServer) -> None:
    answer = get(f"{server.url}metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text.startswith("feedwatch_polls_total 1")


def test_who_comes_through_a_proxy_gets_none(server: WebServer) -> None:
    assert get(f"{server.url}metrics", **{"X-Forwarded-For": "203.0.113.9"}).status_code == 404
