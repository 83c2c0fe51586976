"""docs/polling.md: its example is a configuration, its numbers are the program's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from feedwatch import polling
from feedwatch.config.load import load_config
from feedwatch.fetch.hops import MAX_REQUESTS
from tests.desk import ROOT

TEXT = (ROOT / "docs" / "polling.md").read_text(encoding="utf-8")


def test_the_example_is_understood_and_its_secrets_are_not_shown(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    path = tmp_path / "config.toml"
    path.write_text(example + '[[feeds]]\nid = "all"\ntitle = "All"\n', encoding="utf-8")
    env = {"PROXY_LOGIN": "p:s3cret1", "WIRE_PASSWORD": "s3cret2", "WIRE_KEY": "s3cret3"}
    (source,) = load_config(path, env).sources
    assert (source.interval_s, source.own_interval, source.spacing_s) == (900, True, 5)
    assert source.proxy == "http://p:s3cret1@proxy.example.org:3128"
    assert (source.login, source.headers) == ("desk:s3cret2", (("X-Api-Key", "s3cret3"),))
    assert "s3cret" not in repr(source)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (polling.FLOOR_S, "30 minutes"),
        (polling.PAGE_FLOOR_S, "1 hour"),
        (polling.OWN_FLOOR_S, "1 minute"),
        (polling.LONGEST_WAIT_S, "24 hours"),
        (polling.LONGEST_MISSING_WAIT_S, "7 days"),
        (polling.LONGEST_RETRY_AFTER_S, "31 days"),
        (polling.RESTART_SPREAD_S, "ten minutes"),
    ],
)
def test_the_numbers_are_the_programs(seconds: int, words: str) -> None:
    unit = {"minute": 60, "hour": 3600, "day": 86_400}
    number, _, name = words.partition(" ")
    assert seconds == (10 if number == "ten" else int(number)) * unit[name.removesuffix("s")]
    assert words in TEXT
    assert (polling.SIGHTINGS, polling.HOLDS_S, polling.SAME_BODIES, MAX_REQUESTS) == (3, 86_400, 5, 5)
