from __future__ import annotations

import json

from feedwatch.rules.explain import explain, explain_json
from tests.rules.rulekit import article, classifier

RULES = """
[regions.ne]
strong = ["Niger", "Niamey"]
except = ["Niger Delta"]
[topics.eco]
terms = ["banque"]
min_score = 10
[topics.jeu]
strong = ["banque"]
veto = ["jeu"]
"""


def test_every_line_of_an_explanation() -> None:
    art = article("Niger : banque et jeu", "Au Niger. Niger Delta. Niamey, Niger")
    assert explain(classifier(RULES).trace(art)).splitlines() == [
        'region:ne  score  30.0  100%  about main  "Niger" in title, ×2 in body · "Niamey" in body',
        'suppressed: "Niger" inside "Niger Delta" ×1 (region:ne)',
        'vetoed: topic:jeu 12.0 by "jeu" in title',
        "near miss: topic:eco 6.0 of 10",
    ]


def test_nothing_fired() -> None:
    assert explain(classifier(RULES).trace(article("Rien"))) == "no rule fired"


def test_source_default_and_many_terms() -> None:
    judge = classifier(RULES)
    assert explain(judge.trace(article("Rien"), region="ne")).endswith("about main  source default")
    many = classifier("[topics.t]\nterms = " + json.dumps([f"mot{chr(97 + n)}" for n in range(12)]))
    shown = explain(many.trace(article(" ".join(f"mot{chr(97 + n)}" for n in range(12)))))
    assert shown.endswith(" · …")
    assert shown.count('"') == 16


def test_the_json_form_holds_everything() -> None:
    shown = explain_json(classifier(RULES).trace(article("Niger : banque, jeu, Niger Delta", langs=["fr"])))
    assert json.loads(json.dumps(shown)) == shown
    assert shown["labels"][0]["evidence"][0]["spans"] == [[0, 5]]
    assert shown["suppressed"][0]["term"] == "Niger"
    assert shown["vetoed"][0]["rule"] == "jeu"
    assert shown["near_misses"][0]["score"] == 6
    assert shown["languages"] == ["fr"]
