"""Countries by what their inhabitants and capitals are called, in each language of the packs.

The files in `peoples/` hold a country and words, each of which tells the country and no other.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from feedwatch.rules.classify import Classifier
from tests.rules.packkit import countries, judged

HERE = Path(__file__).parent / "peoples"
LANGUAGES = ("ar", "en", "es", "fr", "pt")


def peoples(lang: str) -> list[tuple[str, list[str]]]:
    lines = (HERE / f"{lang}.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split("|") for line in lines if not line.startswith("#")]
    return [(country, words.split(", ")) for country, words in rows]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_inhabitants_and_capitals_tell_their_country(packs_classifier: Classifier, lang: str) -> None:
    wrong = [
        (word, country, sorted(found))
        for country, words in peoples(lang)
        for word in words
        if (found := countries(packs_classifier, judged(packs_classifier, "", lang, word))) != {country}
    ]
    assert wrong == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_all_countries_of_some_size_have_inhabitants(lang: str) -> None:
    assert len(peoples(lang)) >= 170


@pytest.mark.parametrize("lang", [*LANGUAGES, "ha"])
def test_every_country_can_be_told_in_every_language(packs_classifier: Classifier, lang: str) -> None:
    mute = [
        rule.id
        for rule in packs_classifier.ruleset.rules["region"].values()
        if not rule.parent and not rule.members
        if not any(term.langs is None or lang in term.langs for term in (*rule.strong, *rule.terms, *rule.unsure))
    ]
    assert mute == []
