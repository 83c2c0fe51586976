from __future__ import annotations

from feedwatch.rules.classify import Classifier
from feedwatch.rules.diffing import Difference, changed_labels
from tests.rules.rulekit import article, ruleset

OLD = Classifier(ruleset('[regions.ne]\nstrong = ["Niger"]\n[regions.ml]\nstrong = ["Mali"]'))
NEW = Classifier(
    ruleset('[regions.ne]\nstrong = ["Niger"]\nexcept = ["fleuve Niger"]\n[regions.ml]\nstrong = ["Mali"]')
)
RIVER = article("Titre", "Le fleuve Niger monte.")
COUNTRY = article("Titre", "Le Niger vote.")


def test_only_changes_of_standing_count() -> None:
    assert changed_labels(OLD.classify(COUNTRY), NEW.classify(COUNTRY)) == ()
    (change,) = changed_labels(OLD.classify(RIVER), NEW.classify(RIVER))
    assert (change.facet, change.rule, change.old, change.new) == ("region", "ne", "about", "no")
    assert '"Niger" in lead' in change.evidence
    (back,) = changed_labels(NEW.classify(RIVER), OLD.classify(RIVER))
    assert (back.old, back.new) == ("no", "about")


def test_mentioned_is_a_standing_of_its_own() -> None:
    much = article("Titre", "Mali, " * 20 + "Niger")
    more = article("Titre", "Mali, " * 20 + "Niger, " * 20)
    (change,) = changed_labels(OLD.classify(much), OLD.classify(more))
    assert (change.rule, change.old, change.new) == ("ne", "mentioned", "about")


def test_feeds_list_what_enters_and_leaves() -> None:
    found = Difference(feeds=["a", "b"])
    found.add(RIVER, (OLD.classify(RIVER), {"a"}), (NEW.classify(RIVER), {"b"}))
    found.add(COUNTRY, (OLD.classify(COUNTRY), {"a"}), (NEW.classify(COUNTRY), {"a"}))
    assert (found.articles, len(found.changes)) == (2, 1)
    assert [len(found.leaving("a")), len(found.entering("a"))] == [1, 0]
    assert [change.title for change in found.entering("b")] == ["Titre"]
    assert found.by_rule() == [("region", "ne", {("about", "no"): 1})]


def test_a_change_of_the_question_alone_is_a_change() -> None:
    found = Difference(feeds=["a"])
    found.add(COUNTRY, (OLD.classify(COUNTRY), ()), (OLD.classify(COUNTRY), ("a",)))
    assert found.changes[0].labels == ()
    assert found.changes[0].enters == ("a",)
