from __future__ import annotations

from pathlib import Path

import pytest

from feedwatch.config.load import Config, load_config
from feedwatch.config.schema import seconds
from feedwatch.errors import ConfigError, Fault

GOOD = """
[[sources]]
id = "s"
url = "https://example.org/feed"
[[feeds]]
id = "all"
title = "All"
"""


def load(tmp_path: Path, text: str, env: dict[str, str] | None = None) -> Config:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load_config(path, env or {})


def faults(tmp_path: Path, text: str, env: dict[str, str] | None = None) -> list[Fault]:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text, env)
    return list(caught.value.faults)


def test_a_small_file_gets_sensible_defaults(tmp_path: Path) -> None:
    config = load(tmp_path, GOOD)
    assert (config.host, config.port, config.workers) == ("127.0.0.1", 8080, 16)
    assert config.output_dir == tmp_path / "feeds"
    assert config.sources[0].kind == "feed"
    assert config.sources[0].interval_s == 3600
    assert config.feeds[0].limit == 100


def test_a_folder_is_relative_to_the_file_and_read_every_minute(tmp_path: Path) -> None:
    text = GOOD.replace('url = "https://example.org/feed"', 'kind = "folder"\npath = "seeds"')
    source = load(tmp_path, text).sources[0]
    assert source.locator == str(tmp_path / "seeds")
    assert source.interval_s == 60


def test_all_faults_come_at_once_with_their_lines(tmp_path: Path) -> None:
    text = """\
[polling]
intervall = "1h"
workers = 0
[[sources]]
id = "Bad Id"
url = "https://example.org/feed"
[[sources]]
id = "b"
kind = "fede"
url = "x"
[[feeds]]
id = "all"
"""
    found = faults(tmp_path, text)
    assert [fault.line for fault in found] == [2, 3, 5, 9, 11]
    assert "did you mean 'interval'?" in str(found[0])
    assert "feeds[1].title: is missing" in str(found[-1])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[feeds]]\nid='all'\ntitle='x'", "sources: is missing"),
        (GOOD + "[nonsense]\nx = 1\n", "unknown key"),
        (GOOD.replace("https://example.org/feed", "ftp://example.org"), "no http(s) address"),
        (GOOD.replace('url = "https://example.org/feed"', ""), 'needs url = "…"'),
        (GOOD + '[[feeds]]\nid = "all"\ntitle = "Again"\n', "used already in line 6"),
        (GOOD.replace('id = "all"', 'id = "health"'), "the program's own feed"),
        (GOOD + '[server]\nlisten = "8080"\n', "is no address"),
        (GOOD + '[polling]\ninterval = "soon"\n', "is no length of time"),
        (GOOD + '[polling]\nworkers = "4"\n', "valid integer"),
        (GOOD + '[feedwatch]\nbase_url = "feeds.example.org"\n', "is no http(s) address"),
        (GOOD + '[feedwatch]\ncontact = "a\\r\\nX-Evil: 1"\n', "no header may carry"),
    ],
)
def test_each_fault_says_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    assert message in "\n".join(str(fault) for fault in faults(tmp_path, text))


def test_the_shape_of_a_feed_is_read(tmp_path: Path) -> None:
    shape = 'order = "score"\nmin_score = 4\ndigest = "weekly"\ntime_zone = "Africa/Niamey"\nformer = ["old"]\n'
    spec = load(tmp_path, GOOD + shape + "archive = false\nfooter = false\n").feeds[0]
    assert (spec.order, spec.min_score, spec.digest, spec.time_zone) == ("score", 4.0, "weekly", "Africa/Niamey")
    assert (spec.former, spec.archive, spec.footer) == (("old",), False, False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[output]\nformats = ["rss"]\n' + GOOD, 'must have "atom" in it'),
        ('[output]\nformats = ["atom", "pdf"]\n' + GOOD, "is not one of the possible values"),
        (GOOD + 'time_zone = "Mars/Base"\n', "is no time zone known here"),
        (GOOD + 'former = ["all"]\n', "'all' is the id of a feed"),
        (GOOD + "min_score = -1\n", "greater than or equal to 0"),
    ],
)
def test_a_wrong_shape_says_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    (fault,) = faults(tmp_path, text)
    assert message in str(fault)


def test_the_environment_overrides_single_keys(tmp_path: Path) -> None:
    env = {
        "FEEDWATCH_BASE_URL": "https://feeds.example.org/x",
        "FEEDWATCH_STORE_URL": "postgresql+psycopg://db/feeds",
        "FEEDWATCH_POLLING_WORKERS": "3",
        "FEEDWATCH_SERVER_LISTEN": "[::1]:9000",
        "FEEDWATCH_NOW": "2026-01-01T00:00:00Z",
    }
    config = load(tmp_path, GOOD, env)
    assert config.base_url == "https://feeds.example.org/x/"
    assert config.store_url == "postgresql+psycopg://db/feeds"
    assert config.workers == 3
    assert (config.host, config.port) == ("::1", 9000)


def test_a_misspelt_variable_is_a_fault_and_not_ignored(tmp_path: Path) -> None:
    found = faults(tmp_path, GOOD, {"FEEDWATCH_STORE_UR": "x"})
    assert "did you mean 'FEEDWATCH_STORE_URL'?" in str(found[0])


@pytest.mark.parametrize(
    ("text", "expected"), [("90s", 90), ("15m", 900), ("1h", 3600), ("7d", 604800), ("2w", 1209600)]
)
def test_lengths_of_time(text: str, expected: int) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("value", ["", "0s", "1.5h", "h", "-1h", 60, None])
def test_what_is_no_length_of_time(value: object) -> None:
    with pytest.raises(ValueError, match="90s"):
        seconds(value)


def test_how_feeds_are_served_has_defaults_and_faults(tmp_path: Path) -> None:
    server = load(tmp_path, GOOD).server
    assert (server.title, server.max_age_s, server.proxies) == ("feedwatch", 300, ())
    (fault,) = faults(tmp_path, '[server]\nproxies = ["10.0.0.0/8", "proxy.example.org"]\n' + GOOD)
    assert "is no address or network" in fault.message
    assert "10.0.0.0/8" in fault.message


def test_ids_are_looked_at_whatever_else_is_wrong(tmp_path: Path) -> None:
    text = """\
[[feeds]]
id = "health"
title = "Health"
[[feeds]]
id = "a"
title = "A"
[[feeds]]
id = "a"
title = "Again"
former = ["health"]
"""
    found = [str(fault) for fault in faults(tmp_path, text)]
    assert len(found) == 4
    assert "sources: is missing" in found[0]
    assert ":2 feeds[1].id: 'health' is kept for the program's own feed" in "".join(found)
    assert ":8 feeds[3].id: 'a' is used already in line 5" in "".join(found)
    assert "'health' is the id of a feed" in "".join(found)
