from __future__ import annotations

from typing import Any

import pytest

from feedwatch.rules.classify import Classifier
from feedwatch.rules.ruleset import RuleTest
from feedwatch.rules.testing import Outcome, check_test
from tests.rules.rulekit import article, ruleset

RULES = """
[regions.ne]
strong = ["Niger", "Niamey"]
except = ["Niger Delta"]
[regions.ng]
strong = ["Nigeria", "Abuja"]
[topics.security]
strong = ["attaque"]
terms = ["soldat"]
veto = ["jeu vidéo"]
"""
JUDGE = Classifier(ruleset(RULES))


def outcome(text: str, title: str = "—", feeds: tuple[str, ...] = ()) -> Outcome:
    return Outcome(trace=JUDGE.trace(article(title, text)), feeds=feeds)


def expectation(*expect: str, reject: tuple[str, ...] = (), **more: Any) -> RuleTest:
    return RuleTest(name="t", where="rules.toml:1", expect=expect, reject=reject, **more)


def test_what_holds_passes() -> None:
    test = expectation(
        "region:ne", "topic:security", "mentions:ng", "main:ne", "feed:f", reject=("region:ng", "feed:g", "main:ng")
    )
    result = check_test(test, [outcome("Attaque. " + "Niger, " * 20 + "Abuja", feeds=("f",))])
    assert result.passed
    assert result.fired == ()


@pytest.mark.parametrize(
    ("item", "text", "reason"),
    [
        ("region:ne", "Rien de tout cela.", "none of its terms is in the text"),
        ("region:ne", "Le Niger Delta brûle.", '"Niger" does not count: inside "Niger Delta"'),
        ("region:ng", "Niger, " * 20 + "Abuja", "region:ng mentioned, score 6"),
        ("topic:security", "Un soldat passe.", "near miss: 3.0 of 4 points"),
        ("topic:security", "Attaque dans un jeu vidéo.", 'vetoed by "jeu vidéo" in lead'),
        ("main:ng", "Niger, " * 20 + "Abuja", "the main region is ne"),
        ("feed:f", "Niger", "the feeds are none"),
    ],
)
def test_a_failure_says_what_was_there_instead(item: str, text: str, reason: str) -> None:
    result = check_test(expectation(item), [outcome(text)])
    (failure,) = result.failures
    assert (failure.item, failure.expected) == (item, True)
    assert reason in failure.found
    assert result.fired[-1] == "feeds: none"


def test_what_is_rejected_shows_its_evidence() -> None:
    result = check_test(expectation(reject=("mentions:ne", "feed:f")), [outcome("À Niamey.", feeds=("f",))])
    assert [failure.expected for failure in result.failures] == [False, False]
    assert '"Niamey" in lead' in result.failures[0].found
    assert "region:ne about" in result.failures[1].found


def test_of_several_items_one_must_hold_and_none_may_be_rejected() -> None:
    items = [outcome("À Niamey."), outcome("À Abuja.")]
    assert check_test(expectation("region:ne", "region:ng"), items).passed
    assert not check_test(expectation("region:ne", reject=("region:ng",)), items).passed
    (failure,) = check_test(expectation("region:ne"), []).failures
    assert failure.found == "no article was found"
