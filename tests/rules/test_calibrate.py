from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest

from feedwatch.model import Article
from feedwatch.rules.calibrate import Example, Place, Terms, fit, folds, overlays, with_points
from feedwatch.rules.classify import Classifier
from feedwatch.rules.load import load_rules
from feedwatch.rules.probing import points_of, probing, scoring_terms
from feedwatch.rules.ruleset import RuleSet
from feedwatch.tomlfile import parse_toml
from tests.rules.labelkit import RULES, sport_and_health
from tests.rules.rulekit import article, ruleset

SET = ruleset(RULES)
BOTH = frozenset({"sport", "health"})


def documents() -> list[tuple[Article, frozenset[str]]]:
    return [
        (article(item["title"], item["text"], langs=("fr",)), frozenset(item["topics"])) for item in sport_and_health()
    ]


def examples(rules: RuleSet, items: Iterable[tuple[Article, frozenset[str]]]) -> list[Example]:
    probe, terms = Classifier(probing(rules)), Terms(rules, "topic")
    return [terms.example(probe.classify(one), one.languages, right, BOTH) for one, right in items]


def by_name(points: dict[Place, float]) -> dict[tuple[str, str], float]:
    return {(rule, term.text): value for (rule, _, term), value in points.items()}


def shares(rules: RuleSet, rule_id: str) -> list[float]:
    judge = Classifier(rules)
    return [
        next((label.share for label in judge.classify(one) if label.rule == rule_id), 0.0)
        for one, right in documents()
        if rule_id in right
    ]


def test_words_that_tell_get_more_points() -> None:
    points = by_name(fit(examples(SET, documents())))
    assert points["sport", "victoire"] > 2
    assert points["health", "hôpital"] > 4
    assert all(0 <= value <= 9 and value * 2 == int(value * 2) for value in points.values())


def test_words_that_mislead_get_fewer_points_only_when_allowed() -> None:
    assert ("health", "équipe") not in by_name(fit(examples(SET, documents())))
    assert by_name(fit(examples(SET, documents()), lower=True))["health", "équipe"] < 2


def test_the_right_rules_share_grows() -> None:
    fitted = with_points(SET, fit(examples(SET, documents())))
    assert sum(shares(fitted, "sport")) > sum(shares(SET, "sport"))


def test_documents_in_one_language_tell_nothing_of_terms_that_hold_in_all() -> None:
    mixed = ruleset(RULES.replace("[topics.health]", '[topics.health]\nlang = "fr"'))
    both, french = (fit(examples(mixed, documents()), lang=lang) for lang in (None, "fr"))
    assert {rule for rule, _ in by_name(both)} == {"sport", "health"}
    assert {rule for rule, _ in by_name(french)} == {"health"}
    # Rules without any language are all there is to fit.
    assert fit(examples(SET, documents()), lang="fr") == fit(examples(SET, documents()))


def test_rare_terms_keep_their_points() -> None:
    assert fit(examples(SET, documents()[:4])) == {}


def test_the_same_documents_give_the_same_points() -> None:
    assert fit(examples(SET, documents())) == fit(examples(SET, documents()))


def test_folds_share_out_everything_once() -> None:
    parts = folds(23, 5)
    assert sorted(n for part in parts for n in part) == list(range(23))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    assert parts == folds(23, 5)


def test_the_pack_judges_as_the_fit_does(tmp_path: Path) -> None:
    points = fit(examples(SET, documents()))
    (text,) = overlays("topic", points, "Fitted\nin a test.").values()
    (tmp_path / "base.toml").write_text(RULES, encoding="utf-8")
    (tmp_path / "points.toml").write_text(text, encoding="utf-8")
    loaded = load_rules(["base.toml", "points.toml"], inline=None, base_dir=tmp_path)
    assert text.startswith("# Fitted\n# in a test.\n")
    assert tomllib.loads(text)["topics"]["sport"]["extend"] is True
    fitted = Classifier(with_points(SET, points))
    for one, _ in documents():
        assert Classifier(loaded).classify(one) == fitted.classify(one)


def test_points_of_an_overlay_take_the_place_of_those_of_the_rule(tmp_path: Path) -> None:
    points = fit(examples(SET, documents()), lower=True)
    assert any(value < points_of(name, term) for (_, name, term), value in points.items())
    (text,) = overlays("topic", points, "").values()
    (tmp_path / "base.toml").write_text(RULES, encoding="utf-8")
    (tmp_path / "points.toml").write_text(text, encoding="utf-8")
    fitted = Classifier(with_points(SET, points))
    for packs in (["base.toml", "points.toml"], ["points.toml", "base.toml"]):
        loaded = Classifier(load_rules(packs, inline=None, base_dir=tmp_path))
        assert [loaded.classify(one) for one, _ in documents()] == [fitted.classify(one) for one, _ in documents()]


def test_terms_of_a_language_stay_with_it() -> None:
    rules = ruleset("[topics.sport]\nlang = 'fr'\nstrong = [\"match d'aller\", '=Coupe']\n[topics.x-y]\nweak=['z y']")
    places = {
        (rule.id, name, term): 7.5 for rule in rules.rules["topic"].values() for name, term in scoring_terms(rule)
    }
    files = overlays("topic", places, "")
    assert list(files) == ["fr", ""]
    data = tomllib.loads(files["fr"])
    assert data["lang"] == "fr"
    assert data["topics"]["sport"]["strong"] == ["=Coupe ^7.5", "match d'aller ^7.5"]
    assert parse_toml(files[""], "x").data["topics"] == {"x-y": {"extend": True, "weak": ["z y ^7.5"]}}


@pytest.mark.parametrize(("langs", "found"), [(("fr",), 8.0), (("en",), 2.0), ((), 8.0)])
def test_evidence_is_of_the_term_of_the_documents_language(langs: tuple[str, ...], found: float) -> None:
    rules = RuleSet(
        rules={
            "region": {},
            "topic": ruleset('[topics.sport]\nstrong = ["but"]').rules["topic"],
        }
    )
    (rule,) = rules.rules["topic"].values()
    one = rule.strong[0]
    french, english = (
        type(one)(one.text, one.words, langs=frozenset({lang}), points=p) for lang, p in (("fr", 8.0), ("en", 2.0))
    )
    changed = with_points(rules, {})
    changed.rules["topic"]["sport"] = type(rule)(facet="topic", id="sport", name="s", strong=(french, english))  # type: ignore[index]  # tests may look inside
    label = Classifier(probing(changed)).classify(article("—", "but", langs=langs))
    example = Terms(changed, "topic").example(label, frozenset(langs), BOTH, BOTH)
    ((place, _),) = example.weights["sport"].items()
    assert place[2].points == found
