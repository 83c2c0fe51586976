from __future__ import annotations

from feedwatch.rules.suggest import Suggester
from tests.rules.rulekit import article, ruleset

RULES = ruleset(
    """
[topics.sport]
strong = ["match*", "coupe du monde"]
[topics.athletics]
parent = "sport"
strong = ["marathon"]
[topics.health]
strong = ["vaccin"]
"""
)
FILLER = "Les gens de la ville parlent souvent de ce sujet avec leurs voisins"


def suggester(*, count: int = 12) -> Suggester:
    found = Suggester(RULES, "topic", "sport")
    for n in range(count):
        text = f"Le gardien de but arrête le match numéro {n}. Marathon et Coupe du monde. {FILLER}."
        found.add(article("Titre", text, language="fr"), inside=True)
        found.add(article("Titre", f"Le vaccin numéro {n} arrive. {FILLER}.", language="fr"), inside=False)
    return found


def phrases(found: Suggester, **more: int) -> list[str]:
    return [one.phrase for one in found.suggest(**{"limit": 20, **more})]


def test_words_of_the_rules_articles_that_no_term_covers_come_up() -> None:
    found = phrases(suggester())
    assert any("gardien" in phrase for phrase in found)
    assert suggester().counts() == (12, 12)


def test_what_terms_cover_does_not_come_up() -> None:
    words = {word.lower() for phrase in phrases(suggester()) for word in phrase.split()}
    assert words.isdisjoint({"match", "coupe", "monde", "marathon"})


def test_words_of_all_articles_cancel_out() -> None:
    words = {word for phrase in phrases(suggester()) for word in phrase.split()}
    assert words.isdisjoint(FILLER.lower().split())


def test_a_suggestion_shows_counts_and_a_place() -> None:
    best = next(one for one in suggester().suggest(limit=20) if "gardien" in one.phrase)
    assert (best.lang, best.inside, best.outside, best.precision) == ("fr", 12, 0, 1.0)
    assert best.z > 1.96
    assert "gardien de but" in best.examples[0]


def test_rare_words_and_limits() -> None:
    assert phrases(suggester(count=4), min_count=5) == []
    assert len(phrases(suggester(), limit=1)) == 1


def test_languages_are_compared_with_themselves() -> None:
    found = suggester()
    for n in range(12):
        found.add(article("Title", f"The people say that number {n} is fine", language="en"), inside=True)
        found.add(article("Title", f"The people say that number {n} is fine", language="en"), inside=False)
    assert {one.lang for one in found.suggest(limit=50)} == {"fr"}


def test_the_way_words_are_written_is_shown() -> None:
    found = Suggester(RULES, "topic", "sport")
    for _ in range(10):
        found.add(article("Titre", "À l’Équipe nationale", language="fr"), inside=True)
        found.add(article("Titre", "Autre chose", language="fr"), inside=False)
    assert any("Équipe" in phrase for phrase in phrases(found))
