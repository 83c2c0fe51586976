"""What holds for every text, whatever way the engine takes with it."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feedwatch.rules.classify import Classifier
from feedwatch.rules.fold import words_of
from feedwatch.rules.load import load_rules
from feedwatch.rules.ruleset import RuleSet
from tests.rules.rulekit import article, classifier, fired, labels, marked

SCRIPTS = {
    "latin": "Tillabéri",
    "ligature": "Œuvre ærø",
    "hausa": "ƙasar Nijar",
    "dotted": "İstanbul",
    "arabic": "النيجر",
    "persian": "ایران",
    "hebrew": "ירושלים",
    "greek": "Αθήνα",
    "cyrillic": "Нигерия",
    "armenian": "Երևան",
    "ethiopic": "አዲስ አበባ",
    "nko": "ߒߞߏ",
    "devanagari": "नाइजर",
    "thai": "ไทย",
    "chinese": "尼日尔",
    "japanese": "ニジェール ガボン",
    "korean": "니제르 한국",
    "full width": "Ｎｉｇｅｒ",
}
#: What may stand around a term: no letter of it folds into the term, some fold to several characters or to none.
AROUND = st.text(st.sampled_from("œß 1\n.,;:«»“”’'-–…\u200b\u00ad\u0301ـ🙂ﷺ漢"), max_size=12)


@pytest.fixture(scope="module")
def of_scripts() -> Classifier:
    names = enumerate(SCRIPTS.values())
    return classifier("".join(f'[topics.s{number}]\nstrong = ["{name}"]\n' for number, name in names))


@given(st.sampled_from(sorted(SCRIPTS)), AROUND, AROUND, st.booleans(), st.booleans())
@example("latin", "œ\u0301", "", True, True)
@settings(max_examples=250, deadline=None)
def test_what_is_highlighted_is_the_term_as_written(
    of_scripts: Classifier, script: str, before: str, after: str, is_composed: bool, in_title: bool
) -> None:
    written = unicodedata.normalize("NFC" if is_composed else "NFD", SCRIPTS[script])
    text = f"{before} {written} {after}"
    title, body = (f"x {text}", "y") if in_title else ("x", f"y {text}")
    found = labels(of_scripts, title, body)[f"topic:s{list(SCRIPTS).index(script)}"]
    shown = marked(found, article(title, body))
    assert [words_of(one) for one in shown] == [words_of(SCRIPTS[script])]
    # Marks that follow belong to its last letter; nothing else is shown.
    assert shown[0].startswith(written)
    assert words_of(shown[0].removeprefix(written)) == []


RULES = """
[masks]
terms = ["Delta Air", "=MALI"]
[regions.ne]
strong = ["Niger", "nigérien*", "النيجر"]
terms = ["Agadez", "=US ^3"]
unsure = ["Delta ^9", "=Air"]
except = ["Niger Delta", "=Niger State"]
[regions.ng]
strong = ["Niger Delta", "Nigeria", "Niger State"]
weak = ["state"]
[regions.ne-1]
parent = "ne"
terms = ["Agadez", "Air Niger", "Delta"]
[regions.west]
members = ["ne", "ng", "inner"]
strong = ["Agadez Delta"]
[regions.inner]
members = ["ml"]
min_score = 1
[regions.ml]
strong = ["Mali", "مالي"]
need = ["Delta", "Niger"]
[topics.a]
strong = ["attack", "attack* ^2", "Air attack", "النيجر"]
weak = ["Attack ^4", "state"]
veto = ["game"]
regex = ['(?i)air attack[a-z]*', 'State of [A-Z]\\w+']
[[topics.a.near]]
a = ["attack", "state"]
b = ["Niger", "Delta"]
within = 2
[topics.b]
lang = "fr"
terms = ["attack", "Niger", "Delta ^1.3"]
unsure = ["state ^7"]
[topics.b2]
lang = "en"
terms = ["state", "attack ^0.7"]
"""
PIECES = [
    "Niger", "Delta", "Delta Air", "Air Niger", "NIGER", "nigérienne", "Nigeria", "Agadez", "State", "State of Xa",
    "US", "us", "U.S.", "attack", "attacks", "attacking", "Air attacks", "MALI", "Mali", "game", "والنيجر", "النِّيجَر",
    "بالمالي", "مالي", "œuvre", ".", ",", "\n\n", "\n", "(", "x" * 9,
]  # fmt: skip
TEXT = st.lists(st.sampled_from(PIECES), max_size=20).map(" ".join)
LANGS = st.sampled_from([(), ("fr",), ("en",), ("fr", "en"), ("ha",)])


@pytest.fixture(scope="module")
def of_rules() -> Classifier:
    return classifier(RULES)


@given(TEXT, TEXT, st.lists(TEXT, max_size=2), TEXT, LANGS)
@example("x", "NIAMEY, Niger attack – Delta", [], "", ())
@settings(max_examples=300, deadline=None)
def test_hits_that_stand_alone_count_as_if_they_had_been_resolved(
    of_rules: Classifier, title: str, body: str, tags: list[str], path: str, langs: tuple[str, ...]
) -> None:
    url = "https://example.org/" + "-".join(path.split())
    art = article(f"t {title}", body, tags=tuple(tags), url=url, langs=langs)
    # A trace has every hit resolved against every other; the second look knows the words that the first has seen.
    assert of_rules.classify(art) == of_rules.classify(art) == of_rules.trace(art).labels


def test_the_same_words_come_out_by_their_capitals_and_their_surroundings_each_time() -> None:
    judge = classifier(
        '[regions.us]\nstrong = ["=US", "Air US"]\n[regions.ne]\nstrong = ["Niger", "nigerien*"]\n'
        'except = ["Niger Delta"]\n[regions.ng]\nstrong = ["Niger Delta"]\n[topics.a]\nstrong = ["delta"]\n'
    )
    for _ in range(2):
        assert fired(judge, "x", "Air US") == fired(judge, "x", "Air us") == ["region:us"]
        assert fired(judge, "x", "US") == ["region:us"]
        assert fired(judge, "x", "us") == []
        assert fired(judge, "x", "Niger Delta") == ["region:ng", "topic:a"]
        assert fired(judge, "x", "Niger. Delta") == ["region:ne", "topic:a"]
        # Words of the title count once, wherever they stand in the address.
        assert fired(judge, "Niger", "", url="https://x.example/niger-delta") == ["region:ne", "topic:a"]


@given(st.data(), TEXT, LANGS)
@settings(max_examples=15, deadline=None)
def test_how_rules_are_split_into_packs_and_ordered_never_changes_a_result(
    of_rules: Classifier, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, text: str, langs: tuple[str]
) -> None:
    folder = tmp_path_factory.mktemp("packs")
    parts = ["", "", ""]
    number = 0
    for part in RULES.split("\n[")[1:]:
        # A table of near terms stays with the rule before it.
        number = number if part.startswith("[") else data.draw(st.integers(0, 2))
        parts[number] += f"[{part}\n"
    packs = [_written(folder, number, text) for number, text in enumerate(parts)]
    rules = load_rules(data.draw(st.permutations(packs)), inline=None, base_dir=folder)
    assert _judged(rules, text, langs) == _judged(of_rules.ruleset, text, langs)


def _written(folder: Path, number: int, text: str) -> str:
    (folder / f"{number}.toml").write_text(text, encoding="utf-8")
    return f"{number}.toml"


def _judged(rules: RuleSet, text: str, langs: tuple[str, ...]) -> object:
    return rules.hash, Classifier(rules).trace(article("t", text, langs=langs))


@given(st.lists(st.tuples(TEXT, TEXT, LANGS, st.sampled_from([None, "ne", "nowhere"])), max_size=20))
@settings(max_examples=60, deadline=None)
def test_articles_that_are_judged_together_get_what_each_gets_alone(
    of_rules: Classifier, texts: list[tuple[str, str, tuple[str, ...], str | None]]
) -> None:
    asked = [(article(f"t {title}", body, langs=langs), region) for title, body, langs, region in texts]
    together = of_rules.classify_all([(art, {"region": region, "topic": None}) for art, region in asked])
    assert together == [of_rules.trace(art, region=region).labels for art, region in asked]
