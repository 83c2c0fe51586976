from __future__ import annotations

import pytest

from feedwatch.model import Label
from feedwatch.rules.classify import Classifier
from feedwatch.rules.scoring import label_map, scorecard
from tests.rules.labelkit import RULES
from tests.rules.rulekit import article, ruleset

SET = ruleset(RULES)
JUDGE = Classifier(SET)


def judged(*pairs: tuple[str, str]) -> list[tuple[frozenset[str], tuple[Label, ...]]]:
    return [(frozenset(given.split()), JUDGE.classify(article("—", text))) for given, text in pairs]


def test_precision_recall_and_f1_of_each_label() -> None:
    known, unknown = label_map("topic", ["sport", "health"], SET, {})
    card = scorecard(
        "topic",
        judged(
            ("sport", "Le match a lieu."),
            ("sport", "Rien du tout."),
            ("health", "Le vaccin arrive."),
            ("health", "Le match a lieu."),
        ),
        known,
        SET,
    )
    health, sport = card.scores
    assert unknown == []
    assert (sport.right, sport.wrong, sport.missed, sport.support) == (1, 1, 1, 2)
    assert (sport.precision, sport.recall, sport.f1) == (0.5, 0.5, 0.5)
    assert (health.precision, health.recall) == (1.0, 0.5)
    assert health.f1 == pytest.approx(2 / 3)
    assert card.macro_f1 == pytest.approx((0.5 + 2 / 3) / 2)
    assert (card.documents, card.main_right) == (4, 2)


def test_a_label_means_an_id_a_code_or_what_is_said() -> None:
    known, unknown = label_map("region", ["ne", "ng", "sudan"], SET, {})
    assert known == {"ne": {"ne"}, "ng": {"ng"}}
    assert unknown == ["sudan"]
    known, unknown = label_map("topic", ["sports", "news"], SET, {"sports": ("sport", "health")})
    assert known == {"sports": {"sport", "health"}}
    assert unknown == ["news"]


def test_any_of_the_rules_of_a_label_finds_it() -> None:
    card = scorecard(
        "topic",
        judged(("both", "Le match a lieu."), ("both", "Le vaccin arrive.")),
        {"both": frozenset({"sport", "health"})},
        SET,
    )
    assert [(one.label, one.right) for one in card.scores] == [("both", 2)]


def test_countries_that_nobody_labelled_are_wrong_but_do_not_change_the_mean() -> None:
    card = scorecard("region", judged(("ne", "Niamey et Abuja, le Niger.")), {"ne": frozenset({"ne"})}, SET)
    assert [(one.label, one.right, one.wrong) for one in card.scores] == [("ne", 1, 0), ("ng", 0, 1)]
    assert card.macro_f1 == 1.0
    assert card.micro_f1 == pytest.approx(2 / 3)


def test_what_is_only_mentioned_counts_when_asked_for() -> None:
    text = "Niger " * 30 + ". Abuja."
    known = {"ng": frozenset({"ng"})}
    assert scorecard("region", judged(("ng", text)), known, SET).macro_f1 == 0.0
    assert scorecard("region", judged(("ng", text)), known, SET, mentioned=True).macro_f1 == 1.0
