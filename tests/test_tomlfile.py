from __future__ import annotations

from pathlib import Path

import pytest

from feedwatch.errors import ConfigError
from feedwatch.tomlfile import key_text, parse_toml, read_toml, suggest

TEXT = '''\
[a]
x = 1  # [not.a.table]
[[s]]
id = "q"
y = [
  "one", # ]
  "[two",
]
[[s]]
id = "r"
[topics.security]
note = """
fake = 2
[fake]
"""
"odd key".z = 3
[[topics.security.near]]
a = ["x"]
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("a", "x"), 2),
        (("s", 0), 3),
        (("s", 0, "id"), 4),
        (("s", 0, "y"), 5),
        (("s", 1, "id"), 10),
        (("topics", "security", "note"), 12),
        (("topics", "security", "odd key", "z"), 16),
        (("topics", "security", "near", 0, "a"), 18),
    ],
)
def test_every_key_knows_its_line(path: tuple[str | int, ...], line: int) -> None:
    assert parse_toml(TEXT, "f").line_of(path) == line


def test_text_inside_strings_is_no_key() -> None:
    assert ("fake",) not in parse_toml(TEXT, "f").lines
    assert ("topics", "security", "fake") not in parse_toml(TEXT, "f").lines


def test_a_missing_key_points_to_what_stands_around_it() -> None:
    fault = parse_toml(TEXT, "rules.toml").fault(("s", 1, "nope"), "unknown key", "did you mean 'id'?")
    assert str(fault) == "rules.toml:9 s[2].nope: unknown key (did you mean 'id'?)"


def test_broken_toml_names_the_line() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_toml("a = 1\nb = = 2\n", "config.toml")
    assert caught.value.faults[0].line == 2
    assert "not valid TOML" in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        read_toml(tmp_path / "none.toml")


def test_a_file_that_is_not_utf8_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes(b'a = 1\nb = "caf\xe9"\n')
    with pytest.raises(ConfigError) as caught:
        read_toml(path)
    assert caught.value.faults[0].line == 2


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_toml(tmp_path)


def test_suggestions_are_near_or_absent() -> None:
    assert suggest("strnog", ["strong", "terms"]) == "did you mean 'strong'?"
    assert suggest("xyzzy", ["strong", "terms"]) == ""
    assert key_text(("feeds", 0, "where")) == "feeds[1].where"
