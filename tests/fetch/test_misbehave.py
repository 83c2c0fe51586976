from __future__ import annotations

import pytest

from feedwatch.clock import Clock
from feedwatch.errors import FetchError
from feedwatch.fetch.http import HttpFetcher
from feedwatch.model import Document, Source
from tests.misbehave import Habit, habits, serve
from tests.webserver import WebServer


@pytest.mark.parametrize("habit", habits(), ids=lambda habit: habit.path)
def test_every_server_comes_to_a_document_or_an_error_in_time(habit: Habit) -> None:
    with WebServer() as server:
        serve(server)
        source = Source(
            id="s", kind="feed", locator=server.url(habit.path), title="s", interval_s=60, allow_private=True
        )
        fetcher = HttpFetcher(user_agent="x", clock=Clock(), timeout_s=0.6)
        try:
            found = isinstance(next(iter(fetcher.fetch(source, {}))), Document)
        except FetchError:
            found = False
        finally:
            fetcher.close()
    assert found == habit.read
