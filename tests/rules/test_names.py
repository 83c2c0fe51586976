"""Names of countries, and what only looks like one: hundreds of one-line texts in each language of the packs.

The files in `names/` hold a text, the countries that it must be found to name, and those that it must not.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from feedwatch.rules.classify import Classifier
from tests.rules.packkit import countries, judged

NAMES = Path(__file__).parent / "names"
LANGUAGES = ("ar", "en", "es", "fr", "ha", "pt")
#: Texts that name no country at all, or none of those that it would be easy to see in them.
NEGATIVE = 10


def probes(lang: str) -> list[tuple[str, set[str], set[str]]]:
    lines = (NAMES / f"{lang}.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split("|") for line in lines if not line.startswith("#")]
    return [(text, set(wanted.split()), set(forbidden.split())) for text, wanted, forbidden in rows]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("place", ["title", "body"])
def test_names_and_what_looks_like_one(packs_classifier: Classifier, lang: str, place: str) -> None:
    wrong = []
    for text, wanted, forbidden in probes(lang):
        title, body = (text, "") if place == "title" else ("", text)
        found = countries(packs_classifier, judged(packs_classifier, body, lang, title))
        if not wanted <= found or found & forbidden:
            wrong.append((text, sorted(wanted - found), sorted(found & forbidden)))
    assert wrong == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_looks_like_a_name_is_tried_in_every_language(lang: str) -> None:
    assert sum(not wanted for _, wanted, _ in probes(lang)) >= NEGATIVE


def test_every_country_is_named_in_some_text() -> None:
    named = {country for lang in LANGUAGES for _, wanted, _ in probes(lang) for country in wanted}
    assert len(named) > 150
