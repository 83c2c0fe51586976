"""Whoever does not know a rule's id is told it."""

from __future__ import annotations

import pytest

from feedwatch.rules.naming import suggest_rule
from tests.rules.rulekit import ruleset

RULES = ruleset("""
[regions.ne]
name = "Niger"
strong = ["=Niger", "Nijar", "النيجر"]
[regions.ne-7]
name = "Tillabéri"
parent = "ne"
strong = ["Tillabéri"]
[regions.ng]
name = "Nigeria"
strong = ["Nigeria"]
[regions.cd]
name = "DR Congo"
strong = ["RDC", "Congo Kinshasa"]
""").rules["region"]


@pytest.mark.parametrize(
    ("word", "cure"),
    [
        ("NE", "did you mean 'ne' (Niger)?"),
        ("niger", "did you mean 'ne' (Niger)?"),
        ("tillaberi", "did you mean 'ne-7' (Tillabéri)?"),
        ("dr-congo", "did you mean 'cd' (DR Congo)?"),
        ("congo_kinshasa", "did you mean 'cd' (DR Congo)?"),
        ("النيجر", "did you mean 'ne' (Niger)?"),
        ("ne7", "did you mean 'ne-7' (Tillabéri)?"),
        ("nige", "did you mean 'ne' (Niger)?"),
        ("Nigerria", "did you mean 'ng' (Nigeria)?"),
        ("", ""),
        ("xyzzy", ""),
    ],
)
def test_a_rule_is_found_by_its_name_in_any_language(word: str, cure: str) -> None:
    assert suggest_rule(word, RULES) == cure


def test_ids_alone_are_enough() -> None:
    assert suggest_rule("NE", {"ne", "ng"}) == "did you mean 'ne'?"
