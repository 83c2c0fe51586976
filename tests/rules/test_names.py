"""What names a country or tells a topic, and what only looks like it: one-line texts in each language of the packs.

The files in `names/` and `subjects/` hold a text, what must be found in it, and what must not.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from feedwatch.rules.classify import Classifier
from tests.rules.packkit import countries, judged, topics

HERE = Path(__file__).parent
LANGUAGES = ("ar", "en", "es", "fr", "ha", "pt")
#: Texts that name no country at all, or none of those that it would be easy to see in them.
NEGATIVE = 10


def probes(folder: str, lang: str) -> list[tuple[str, set[str], set[str]]]:
    lines = (HERE / folder / f"{lang}.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split("|") for line in lines if not line.startswith("#")]
    return [(text, set(wanted.split()), set(forbidden.split())) for text, wanted, forbidden in rows]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("place", ["title", "body"])
@pytest.mark.parametrize("folder", ["names", "subjects"])
def test_one_line_tells(packs_classifier: Classifier, folder: str, place: str, lang: str) -> None:
    wrong = []
    for text, wanted, forbidden in probes(folder, lang):
        title, body = (text, "") if place == "title" else ("", text)
        labels = judged(packs_classifier, body, lang, title)
        found = topics(labels) if folder == "subjects" else countries(packs_classifier, labels)
        if not wanted <= found or found & forbidden:
            wrong.append((text, sorted(wanted - found), sorted(found & forbidden)))
    assert wrong == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_looks_like_a_name_is_tried_in_every_language(lang: str) -> None:
    assert sum(not wanted for _, wanted, _ in probes("names", lang)) >= NEGATIVE


def test_every_topic_is_told_by_some_text_in_some_language() -> None:
    told = {topic for lang in LANGUAGES for _, wanted, _ in probes("subjects", lang) for topic in wanted}
    assert len(told) == 12


def test_most_countries_are_named_in_some_text() -> None:
    named = {country for lang in LANGUAGES for _, wanted, _ in probes("names", lang) for country in wanted}
    assert len(named) > 150
