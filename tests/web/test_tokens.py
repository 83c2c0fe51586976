from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feedwatch.web.tokens import Keys, TokenError, TokenFile

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tokens.json"


def test_a_token_opens_what_it_names_until_it_is_revoked(path: Path) -> None:
    file, keys = TokenFile(path), Keys(path, look_every_s=0.0)
    maria, desk = file.add("maria", ["a", "b"], NOW), file.add("desk", [], NOW)
    found = keys.find(maria)
    assert found is not None
    assert (found.name, found.opens("a"), found.opens("c")) == ("maria", True, False)
    every = keys.find(desk)
    assert every is not None
    assert every.opens("anything")
    assert file.revoke("maria")
    assert keys.find(maria) is None
    assert keys.find(desk) is not None
    assert not file.revoke("maria")


def test_tokens_have_256_bits_and_are_kept_as_hashes_in_a_file_for_the_owner(path: Path) -> None:
    file = TokenFile(path)
    made = {file.add(f"n{number}", [], NOW) for number in range(20)}
    assert len(made) == 20
    assert {len(token) for token in made} == {43}
    text = path.read_text()
    assert not any(token in text for token in made)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [path.name for path in path.parent.iterdir() if path.suffix == ".tmp"] == []


@pytest.mark.parametrize("presented", ["", "x", "a" * 43, "é" * 43, "a" * 10_000, "../x", "null"])
def test_a_wrong_token_opens_nothing(path: Path, presented: str) -> None:
    TokenFile(path).add("maria", [], NOW)
    assert Keys(path).find(presented) is None


def test_without_a_file_nothing_opens(path: Path) -> None:
    assert Keys(path).find("a" * 43) is None
    assert TokenFile(path).read() == ()


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o604])
def test_a_file_that_others_may_read_opens_nothing_and_says_why(
    path: Path, mode: int, caplog: pytest.LogCaptureFixture
) -> None:
    token = TokenFile(path).add("maria", [], NOW)
    path.chmod(mode)
    assert Keys(path).find(token) is None
    assert "chmod 600" in caplog.text
    assert token not in caplog.text
    with pytest.raises(TokenError, match="may be read by others"):
        TokenFile(path).add("other", [], NOW)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"tokens": [{}]}', '{"tokens": [{"name": "a", "hash": "x", "feeds": []}]}']
)
def test_a_damaged_file_opens_nothing(path: Path, text: str, caplog: pytest.LogCaptureFixture) -> None:
    path.write_text(text)
    path.chmod(0o600)
    assert Keys(path).find("a" * 43) is None
    assert "is damaged" in caplog.text


def test_a_link_in_place_of_the_file_is_not_followed(path: Path, tmp_path: Path) -> None:
    token = TokenFile(tmp_path / "real.json").add("maria", [], NOW)
    path.symlink_to(tmp_path / "real.json")
    assert Keys(path).find(token) is None


@pytest.mark.parametrize("name", ["", " x", "a\nb", "a/b", "x" * 65, "a\u202eb"])
def test_a_name_is_words(path: Path, name: str) -> None:
    with pytest.raises(TokenError, match="no name for a token"):
        TokenFile(path).add(name, [], NOW)


def test_a_name_is_used_once(path: Path) -> None:
    TokenFile(path).add("maria", [], NOW)
    with pytest.raises(TokenError, match="already"):
        TokenFile(path).add("maria", [], NOW)


def test_commands_at_the_same_time_lose_nothing(path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: TokenFile(path).add(f"n{number}", [], NOW), range(24)))
    assert len(json.loads(path.read_text())["tokens"]) == 24
