"""Rules made ready are kept in the user's cache, and read back only if they are what would be made now."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from feedwatch.errors import ConfigError
from feedwatch.model import Article, Label
from feedwatch.rules import kept
from feedwatch.rules.classify import Classifier
from feedwatch.rules.kept import LEAST, MANY, cache_folder, load_classifier
from feedwatch.tomlfile import parse_toml

TEXTS = (
    ("en", "Niger junta expels French envoy", "NIAMEY (Reuters) - Soldiers near Agadez killed two in an attack."),
    ("fr", "Nigeria : des pirates attaquent un pétrolier", "Le Bénin et le Togo renforcent l'armée dans le Golfe."),
    ("ar", "النيجر: هجوم مسلح", "قتل جنود في هجوم قرب نيامي والجيش يعلن حالة الطوارئ."),
    ("ha", "Sojojin Nijar sun yi juyin mulki", "Shugaban kasar Najeriya ya yi magana a Abuja."),
)  # fmt: skip


class ReadError(Exception):
    """Rule files would be read."""


def many_rules(words: int = LEAST, mark: str = "x") -> str:
    """A configuration of so many terms."""
    letters = "abcdefghij"
    terms = [f"{mark}q" + "".join(letters[int(digit)] for digit in str(n)) for n in range(words)]
    return f"[topics.many]\nterms = {terms!r}\n"


def load(base: Path, *, packs: tuple[str, ...] = (), text: str = "") -> Classifier:
    """As a command loads them, `base` being the folder of the configuration."""
    return load_classifier(
        packs,
        inline=parse_toml(text, "config.toml") if text else None,
        base_dir=base,
        cache=base / "cache",
    )


def files(base: Path) -> list[Path]:
    """What is kept."""
    return sorted((base / "cache").glob("*"))


@pytest.fixture
def no_reading(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From its call on no rule file can be read."""

    def refuse(*_: object, **__: object) -> None:
        raise ReadError

    return lambda: monkeypatch.setattr(kept, "load_rules", refuse)


def labels(classifier: Classifier) -> list[tuple[Label, ...]]:
    """What the rules say of the texts."""
    return [
        classifier.classify(
            Article(
                source_id="s", guid=title, id=f"urn:{lang}", url="https://example.org/1",
                canonical_url="https://example.org/1", title=title, body=body, languages=frozenset({lang}),
            )
        )
        for lang, title, body in TEXTS
    ]  # fmt: skip


def test_what_is_kept_judges_as_what_was_read(tmp_path: Path, no_reading: Callable[[], None]) -> None:
    packs = ("regions", "topics")
    first = load(tmp_path, packs=packs)
    no_reading()
    again = load(tmp_path, packs=packs)
    assert again.ruleset == first.ruleset
    assert all(labels(first))
    assert labels(again) == labels(first)
    assert again.ruleset.languages == first.ruleset.languages


def test_kept_regular_expressions_and_near_terms_work(tmp_path: Path, no_reading: Callable[[], None]) -> None:
    text = many_rules() + (
        '[topics.oil]\nregex = ["[0-9]+ barrels ^6"]\nnear = [{a = ["oil"], b = ["price"], points = 6}]\n'
        '[regions.ne]\nstrong = ["Niger"]\n[masks]\nriver = ["Niger River"]\n'
    )
    first = load(tmp_path, text=text)
    no_reading()
    again = load(tmp_path, text=text)
    article = Article(
        source_id="s", guid="1", id="urn:1", url="https://example.org/", canonical_url="https://example.org/",
        title="Niger River: 900 barrels", body="The price of oil fell in Niger.", languages=frozenset({"en"}),
    )  # fmt: skip
    assert {label.rule for label in again.classify(article)} == {"oil", "ne"}
    assert again.classify(article) == first.classify(article)


def test_a_pack_that_changed_is_read_anew(tmp_path: Path) -> None:
    pack = tmp_path / "own.toml"
    pack.write_text(many_rules())
    assert "fresh" not in load(tmp_path, packs=("own.toml",)).ruleset.rules["topic"]
    pack.write_text(many_rules() + '[topics.fresh]\nterms = ["fresh"]\n')
    assert "fresh" in load(tmp_path, packs=("own.toml",)).ruleset.rules["topic"]


def test_a_configuration_that_changed_is_read_anew(tmp_path: Path) -> None:
    load(tmp_path, text=many_rules())
    changed = load(tmp_path, text="# a line more\n" + many_rules() + '[topics.fresh]\nterms = ["fresh"]\n')
    assert "fresh" in changed.ruleset.rules["topic"]


@pytest.mark.parametrize("damage", ["cut", "empty", "one byte", "noise"])
def test_what_is_damaged_is_made_anew(tmp_path: Path, damage: str) -> None:
    first = load(tmp_path, text=many_rules())
    (file,) = files(tmp_path)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    kinds = {"cut": bytes(data[:-1]), "empty": b"", "one byte": bytes(data), "noise": b"\x80" * 500}
    file.write_bytes(kinds[damage])
    assert load(tmp_path, text=many_rules()).ruleset == first.ruleset
    assert len(file.read_bytes()) == len(data)


def test_what_another_may_write_is_not_read(tmp_path: Path, no_reading: Callable[[], None]) -> None:
    load(tmp_path, text=many_rules())
    (file,) = files(tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    no_reading()
    load(tmp_path, text=many_rules())
    file.chmod(0o666)
    with pytest.raises(ReadError):
        load(tmp_path, text=many_rules())


def test_a_link_or_another_name_is_not_read(tmp_path: Path, no_reading: Callable[[], None]) -> None:
    load(tmp_path, text=many_rules())
    (file,) = files(tmp_path)
    load(tmp_path, text=many_rules(mark="y"))
    (other,) = set(files(tmp_path)) - {file}
    other.replace(file)
    no_reading()
    with pytest.raises(ReadError):
        load(tmp_path, text=many_rules())
    file.rename(other)
    load(tmp_path, text=many_rules(mark="y"))
    elsewhere = tmp_path / "elsewhere"
    other.rename(elsewhere)
    other.symlink_to(elsewhere)
    with pytest.raises(ReadError):
        load(tmp_path, text=many_rules(mark="y"))


def test_faults_are_told_each_time(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(ConfigError, match="unknown key"):
            load(tmp_path, text=many_rules() + 'word = ["x"]\n')
    assert not files(tmp_path)


def test_small_sets_are_not_worth_it(tmp_path: Path) -> None:
    load(tmp_path, text='[topics.few]\nterms = ["few"]\n')
    assert not files(tmp_path)


def test_the_last_sets_are_kept(tmp_path: Path) -> None:
    for n in range(MANY + 2):
        load(tmp_path, text=many_rules(mark="abcdefgh"[n]))
    assert len(files(tmp_path)) == MANY


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    for _ in range(2):
        assert load(tmp_path, text=many_rules()).ruleset.rules["topic"]


def test_without_a_cache_nothing_is_kept(tmp_path: Path) -> None:
    inline = parse_toml(many_rules(), "config.toml")
    assert load_classifier((), inline=inline, base_dir=tmp_path, cache=None).ruleset.rules["topic"]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("env", "place"),
    [
        ({"HOME": "/home/a"}, "/home/a/.cache/feedwatch"),
        ({"HOME": "/home/a", "XDG_CACHE_HOME": "/var/b"}, "/var/b/feedwatch"),
        ({"HOME": "/home/a", "XDG_CACHE_HOME": "relative"}, "/home/a/.cache/feedwatch"),
        ({"HOME": "relative"}, None),
        ({"HOME": ""}, None),
        ({}, None),
    ],
)
def test_the_cache_is_where_the_user_has_caches(env: dict[str, str], place: str | None) -> None:
    assert cache_folder(env) == (Path(place) if place else None)


def test_lean_rules_judge_as_others_without_holding_the_terms(tmp_path: Path) -> None:
    packs = ("regions", "topics")
    lean = load_classifier(packs, inline=None, base_dir=tmp_path, lean=True)
    full = load_classifier(packs, inline=None, base_dir=tmp_path)
    assert labels(lean) == labels(full)
    assert lean.ruleset.hash == full.ruleset.hash
    assert lean.ruleset.rules["region"].keys() == full.ruleset.rules["region"].keys()
    assert not any(rule.strong or rule.terms for rule in lean.ruleset.rules["region"].values())
