from __future__ import annotations

from pathlib import Path

from feedwatch.metrics import CONTENT_TYPE
from feedwatch.web.figures import metrics_route
from tests.web.sitekit import CONFIG, config_of, get, served

ROUTES = {"/metrics": metrics_route(lambda: b"feedwatch_polls_total 1\n# EOF\n", CONTENT_TYPE)}


def test_a_monitor_on_this_machine_gets_the_figures(tmp_path: Path) -> None:
    with served(config_of(tmp_path), {}, routes=ROUTES) as server:
        answer = get(f"{server.url}metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text.startswith("feedwatch_polls_total 1")


def test_who_comes_through_a_proxy_gets_none(tmp_path: Path) -> None:
    with served(config_of(tmp_path, CONFIG + '[server]\nproxies = ["127.0.0.1"]\n'), {}, routes=ROUTES) as server:
        answer = get(f"{server.url}metrics", **{"X-Forwarded-For": "203.0.113.9"})
    assert answer.status_code == 404
