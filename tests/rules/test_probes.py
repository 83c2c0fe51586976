"""What any reader of these scripts would call the same word, and what nobody would."""

from __future__ import annotations

import unicodedata

import pytest

from feedwatch.rules.classify import Classifier
from tests.rules.rulekit import article, classifier, fired, labels, marked

RULES = """
[masks]
terms = ["Chad Smith"]
[regions.ne]
strong = ["Niger", "النيجر"]
except = ["Niger Delta", "Delta du Niger", "=Niger State", "fleuve Niger", "Niger River"]
[regions.ng]
strong = ["Nigeria"]
[regions.us]
strong = ["=US", "=U.S."]
[regions.td]
strong = ["=Chad", "Tchad"]
[topics.t]
strong = ["état", "securite", "l'armée", "Sécurité", "الامن", "kasa", "ied", "wind", "équipé"]
"""


@pytest.fixture(scope="module")
def judge() -> Classifier:
    return classifier(RULES)


@pytest.mark.parametrize(
    ("title", "rules", "written"),
    [
        ("Nigeria: the army", ["region:ng"], "Nigeria"),
        ("L'ÉTAT", ["topic:t"], "ÉTAT"),
        ("la Sécurité", ["topic:t"], "Sécurité"),
        ("l’armée avance", ["topic:t"], "l’armée"),
        (unicodedata.normalize("NFD", "la sécurité ici"), ["topic:t"], unicodedata.normalize("NFD", "sécurité")),
        ("في الأمن هنا", ["topic:t"], "الأمن"),
        ("حكومة والنيجر", ["region:ne"], "والنيجر"),
        ("وللنيجر كلمة", ["region:ne"], "وللنيجر"),
        ("في النِّيجَر", ["region:ne"], "النِّيجَر"),
        ("a ƙasa yau", ["topic:t"], "ƙasa"),
    ],
)
def test_scripts(judge: Classifier, title: str, rules: list[str], written: str) -> None:
    found = labels(judge, title)
    assert sorted(found) == rules
    assert marked(found[rules[0]], article(title)) == [written]


@pytest.mark.parametrize(
    "title",
    [
        "in the Niger Delta",
        "le Delta du Niger",
        "in Niger State",
        "the Niger River",
        "NIGER STATE",
        "sur le fleuve Niger",
        "it was applied",
        "at the window",
        "give us peace",
        "GIVE US PEACE",
        "Chad Smith drums",
        "chad",
    ],
)
def test_guards(judge: Classifier, title: str) -> None:
    assert fired(judge, title) == []


@pytest.mark.parametrize(
    ("title", "rules"),
    [
        ("au Niger. Delta Airlines", ["region:ne"]),
        ("Niger state TV", ["region:ne"]),
        ("troops of the US leave", ["region:us"]),
        ("the U.S. Army", ["region:us"]),
        ("U.S. ARMY LEAVES", ["region:us"]),
        ("CHAD VOTES", ["region:td"]),
        ("Chad votes", ["region:td"]),
    ],
)
def test_what_must_fire(judge: Classifier, title: str, rules: list[str]) -> None:
    assert fired(judge, title) == rules


def test_a_tag_alone_in_capitals_is_no_shouting(judge: Classifier) -> None:
    assert fired(judge, "Retrait", tags=("US", "Armes")) == ["region:us"]
