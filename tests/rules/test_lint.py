from __future__ import annotations

from pathlib import Path

import pytest

from feedwatch.rules.lint import MIN_ARTICLES, Archive, Lint, lint_rules
from feedwatch.rules.load import load_rules
from feedwatch.rules.origins import Origin, origins, rule_files, rule_ids
from feedwatch.rules.ruleset import RuleSet
from feedwatch.tomlfile import parse_toml
from tests.rules.rulekit import article

TESTED = '[[tests]]\ntext = "x"\nexpect = ["region:ne", "mentions:ng", "topic:security"]\n'


def read(text: str) -> tuple[RuleSet, list[Origin]]:
    inline = parse_toml(text, "rules.toml")
    rules = load_rules([], inline=inline, base_dir=Path())
    return rules, origins(rule_files([], inline, Path()), rules)


def lints(text: str) -> list[Lint]:
    return lint_rules(*read(text + TESTED))


def rules(ne: str = '["Niger"]', ng: str = '["Nigeria"]', security: str = '["attaque"]') -> str:
    return f"[regions.ne]\nstrong = {ne}\n[regions.ng]\nstrong = {ng}\n[topics.security]\nstrong = {security}\n"


def test_sound_rules_have_no_lints() -> None:
    assert lints(rules()) == []


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        (rules(security='["IED"]'), "capitals", 'write "=IED"'),
        (rules(security='["or"]'), "short", '"or" is short'),
        (rules(ng='["Niger State"]'), "begins", '"Niger" begins "Niger State" of region:ng'),
        (rules(ne='["niger*"]'), "swallows", '"niger*" also matches "Nigeria" of region:ng'),
        (rules(ng='["Niger"]'), "twice", "has the same points in region:ne"),
    ],
)
def test_each_lint_names_the_term_and_its_place(text: str, kind: str, words: str) -> None:
    found = lints(text)
    assert [one.kind for one in found] == [kind]
    assert words in found[0].message
    assert found[0].file == "rules.toml"
    assert found[0].line in {2, 4, 6}


@pytest.mark.parametrize(
    "text",
    [
        rules(security='["=IED", "حرب", "or noir"]'),
        rules(ne='["Niger"]\nexcept = ["Niger State"]', ng='["Niger State"]'),
        rules(ng='["Niger State"]\nparent = "ne"'),
        rules(ne='["Niger ^3"]', ng='["Niger ^2"]'),
        rules(ne='["Niger"]\nlang = "fr"', ng='["Niger"]\nlang = "en"'),
        rules(security='["attent*"]')
        + '[topics.crime]\nstrong = ["attent*"]\n[[tests]]\ntext = "x"\nexpect = ["topic:crime"]\n',
        rules(ne='["Niamey"]\nunsure = ["Victoria"]', ng='["Abuja"]\nunsure = ["Victoria"]'),
    ],
)
def test_what_is_meant_so_is_no_lint(text: str) -> None:
    assert lints(text) == []


def test_rules_without_a_test_are_named_together() -> None:
    (found,) = lint_rules(*read('[topics.a]\nstrong = ["mot"]\n[topics.b]\nstrong = ["autre"]\n'))
    assert (found.kind, found.message) == ("untested", "no test names a, b")


def archive(text: str, bodies: list[str], *, is_recent: bool = True) -> list[Lint]:
    found, places = read(text)
    seen = Archive(found)
    for body in bodies:
        seen.add(article("Titre", body, langs=("fr",)), is_recent=is_recent)
    return seen.lints(places, days=90)


def test_terms_that_never_or_always_match_are_found_in_the_archive() -> None:
    text = rules(security='["attaque", "embuscade", "combat*"]')
    bodies = [f"Une attaque, dit-on, numéro {n}." for n in range(MIN_ARTICLES)]
    bodies[0] += " Embuscade au Niger, Nigeria."
    found = {one.kind: one.message for one in archive(text, bodies)}
    assert found["common"].startswith(f'"attaque" is in {MIN_ARTICLES} of {MIN_ARTICLES} articles')
    assert found["never"] == 'not matched in 90 days: "combat*"'


def test_a_wildcard_on_a_frequent_word_is_found() -> None:
    bodies = [f"Le militant numéro {n} parle au Niger, Nigeria, attaque." for n in range(MIN_ARTICLES)]
    found = [one for one in archive(rules(security='["attaque", "milit*"]'), bodies) if one.kind == "frequent"]
    assert [one.message for one in found] == [
        f'"milit*" matches the frequent word "militant" ({MIN_ARTICLES} of {MIN_ARTICLES})'
    ]


def test_silence_says_nothing_in_a_small_or_old_archive() -> None:
    assert archive(rules(), ["Rien."] * 5) == []
    assert archive(rules(), ["Rien."] * MIN_ARTICLES, is_recent=False) == []


def test_origins_follow_packs_sets_and_replacement(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('[sets]\narmed = ["JNIM"]\n[topics.x]\nstrong = ["vieux"]\n', encoding="utf-8")
    inline = parse_toml('[topics.x]\nreplace = true\nterms = ["@armed ^3", "neuf"]\n', "config.toml")
    files = rule_files(["a.toml", "none.toml"], inline, tmp_path)
    loaded = load_rules(["a.toml"], inline=inline, base_dir=tmp_path)
    places = origins(files, loaded)
    assert [(one.term.text, one.list, one.file, one.line) for one in places] == [
        ("JNIM", "terms", "config.toml", 3),
        ("neuf", "terms", "config.toml", 3),
    ]
    assert rule_ids(files) == {"region": set(), "topic": {"x"}}


def test_built_in_packs_are_found_file_by_file() -> None:
    files = rule_files(["regions", "topics"], None, Path())
    assert {file.name.partition("/")[0] for file in files} == {"pack regions", "pack topics"}
    assert len(files) > 8
