from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedwatch.rules.classify import Classifier
from feedwatch.rules.load import load_rules
from tests.rules.rulekit import article, classifier, faults_of, fired, labels, marked, ruleset

FILLER = " ".join(["mot"] * 70)


def test_score_is_weight_times_points_times_capped_count() -> None:
    judge = classifier('[topics.t]\nterms = ["soldat"]\nmin_score = 0.5')
    assert labels(judge, "Soldats", f"{FILLER} soldat " + "soldat " * 9)["topic:t"].score == 3 * 2 + 5 * 2
    assert labels(judge, "Titre", "soldat")["topic:t"].score == 1.5 * 2
    assert labels(judge, "Titre", tags=("soldat",))["topic:t"].score == 2 * 2
    assert labels(judge, "Titre", url="https://a.example/soldat/x")["topic:t"].score == 2
    assert labels(judge, "Soldat", url="https://a.example/soldat/x")["topic:t"].score == 3 * 2
    region = classifier('[regions.r]\nstrong = ["Niger"]')
    assert labels(region, "Titre", f"{FILLER} " + "Niger " * 30)["region:r"].score == 20 * 4


def test_own_points_and_the_threshold() -> None:
    judge = classifier('[topics.t]\nstrong = ["junte ^6"]\nweak = ["police", "tué"]\n')
    assert labels(judge, body=f"{FILLER} junte")["topic:t"].score == 6
    assert fired(judge, body=f"{FILLER} police tué police") == []
    assert fired(judge, body=f"{FILLER} police tué police tué") == ["topic:t"]


def test_phrase_crosses_from_lead_to_body_and_counts_as_lead() -> None:
    judge = classifier('[topics.t]\nstrong = ["junte militaire"]')
    body = " ".join(["mot"] * 59) + " junte militaire"
    assert [e.field for e in labels(judge, body=body)["topic:t"].evidence] == ["lead"]


def test_repeated_paragraphs_and_the_title_count_once_and_spans_stay() -> None:
    judge = classifier('[regions.ne]\nstrong = ["Niger"]')
    art = article("Le Niger vote", "Le Niger vote\n\nAu Niger ici.\n\nAu Niger ici.\n\nFin au Niger")
    label = judge.classify(art)[0]
    assert sum(e.count for e in label.evidence) == 3
    assert marked(label, art) == ["Niger"] * 3
    starts = sorted(start for e in label.evidence if e.field == "lead" for start, _ in e.spans)
    assert starts == [art.body.index("Au Niger") + 3, art.body.rindex("Niger")]


def test_phrase_never_crosses_tags_and_spans_count_in_joined_tags() -> None:
    judge = classifier('[regions.x]\nstrong = ["Niger Delta"]\n[regions.ne]\nstrong = ["Delta"]')
    art = article(tags=("Niger", "Delta"))
    found = judge.classify(art)
    assert [label.rule for label in found] == ["ne"]
    assert marked(found[0], art) == ["Delta"]


def test_except_drops_what_is_inside_for_its_own_rule_only() -> None:
    judge = classifier(
        '[topics.a]\nstrong = ["sécurité"]\nexcept = ["sécurité sociale"]\n[topics.b]\nstrong = ["sécurité"]'
    )
    assert fired(judge, "La sécurité sociale") == ["topic:b"]
    assert fired(judge, "La sécurité sociale, la sécurité") == ["topic:a", "topic:b"]


def test_except_takes_a_form_out_of_a_wildcard() -> None:
    judge = classifier('[regions.ne]\nstrong = ["nigéri*"]\nexcept = ["nigérian*"]')
    assert fired(judge, "armée nigériane") == []
    assert fired(judge, "armée nigérienne") == ["region:ne"]


def test_longest_region_wins_but_topics_do_not_weaken_each_other() -> None:
    regions = classifier(
        '[regions.gn]\nstrong = ["Guinée"]\n[regions.gq]\nstrong = ["Guinée équatoriale"]\n'
        '[regions.m1]\nstrong = ["Moscou"]\n[regions.m2]\nstrong = ["Moscou"]'
    )
    assert fired(regions, "La Guinée équatoriale") == ["region:gq"]
    assert fired(regions, "Moscou") == ["region:m1", "region:m2"]
    topics = classifier('[topics.a]\nstrong = ["crise"]\n[topics.b]\nstrong = ["crise sanitaire"]')
    assert fired(topics, "crise sanitaire") == ["topic:a", "topic:b"]


def test_a_loser_removes_nothing() -> None:
    judge = classifier(
        '[regions.a]\nstrong = ["un deux trois"]\n[regions.b]\nstrong = ["trois quatre"]\n'
        '[regions.c]\nstrong = ["quatre"]'
    )
    assert fired(judge, "un deux trois quatre") == ["region:a", "region:c"]


def test_masks_hide_regions_and_topics() -> None:
    judge = classifier(
        '[masks]\nterms = ["Niger Airways", "Jordan Ayew"]\n[regions.ne]\nstrong = ["Niger"]\n'
        '[topics.air]\nstrong = ["airways"]\n[regions.jo]\nstrong = ["Jordan Ayew"]'
    )
    assert fired(judge, "Niger Airways") == []
    assert fired(judge, "Jordan Ayew") == []
    assert fired(judge, "Niger, Airways. Airways au Niger") == ["region:ne", "topic:air"]


def test_a_span_counts_once_at_its_highest_points() -> None:
    judge = classifier('[topics.t]\nstrong = ["terroris*"]\nweak = ["terroriste"]')
    found = labels(judge, "terroriste")["topic:t"]
    assert found.score == 12
    assert [e.term for e in found.evidence] == ["terroris*"]


def test_unsure_counts_only_beside_a_hit_that_is_not() -> None:
    judge = classifier('[regions.ge]\nstrong = ["Tbilissi"]\nunsure = ["=Géorgie"]')
    assert fired(judge, "Géorgie, Géorgie, Géorgie") == []
    assert labels(judge, "Géorgie, Tbilissi")["region:ge"].score == 3 * (4 + 2)


NEAR = """
[topics.t]
[[topics.t.near]]
a = ["hommes armés"]
b = ["tué", "enlevé"]
within = 3
points = 5
"""


@pytest.mark.parametrize(
    ("title", "score"),
    [
        ("Des hommes armés ont hier tué", 15),
        ("Tué par des hommes armés", 15),
        ("Des hommes armés un deux trois quatre tué", None),
        ("Des hommes armés. Tué", None),
        ("Hommes armés tué, hommes armés enlevé", 30),
        ("hommes armés tué tué", 15),
    ],
)
def test_near(title: str, score: float | None) -> None:
    found = labels(classifier(NEAR), title)
    assert (found["topic:t"].score if found else None) == score


def test_ordered_near_and_near_over_masked_or_excepted_words() -> None:
    judge = classifier(NEAR + "ordered = true\n")
    assert fired(judge, "Tué par des hommes armés") == []
    assert fired(judge, "Hommes armés: rien, hommes armés enlevé") == ["topic:t"]
    hidden = classifier(NEAR + '[masks]\nterms = ["enlevé volant"]')
    assert fired(hidden, "hommes armés enlevé volant") == []


def test_near_terms_are_not_taken_by_longer_mentions() -> None:
    judge = classifier(
        '[regions.a]\nmin_score = 1\n[[regions.a.near]]\na = ["Niger"]\nb = ["Delta"]\n'
        '[regions.b]\nstrong = ["Niger Delta"]'
    )
    assert fired(judge, "Niger Delta") == ["region:a", "region:b"]


def test_need_is_proof_and_earns_nothing() -> None:
    judge = classifier('[topics.t]\nstrong = ["attaque"]\nneed = ["Boko Haram", "ISWAP"]')
    assert fired(judge, "Une attaque") == []
    assert labels(judge, "Une attaque de Boko Haram")["topic:t"].score == 12
    both = classifier('[topics.t]\nstrong = ["attaque"]\nneed = [["Boko Haram"], ["lac", "fleuve"]]')
    assert fired(both, "Une attaque de Boko Haram") == []
    assert fired(both, "Une attaque de Boko Haram, fleuve") == ["topic:t"]


def test_veto_looks_at_title_tags_and_lead_only() -> None:
    judge = classifier('[topics.t]\nstrong = ["attaque"]\nveto = ["jeu vidéo"]')
    assert fired(judge, "Attaque", "Un jeu vidéo") == []
    assert fired(judge, "Attaque", tags=("Jeux vidéo",)) == []
    assert fired(judge, "Attaque", f"{FILLER} un jeu vidéo") == ["topic:t"]


def test_child_counts_once_for_its_parent_and_stays_out_of_the_sum() -> None:
    judge = classifier(
        '[regions.ne]\nstrong = ["Niger"]\nterms = ["Agadez"]\n[regions.ne-1]\nparent = "ne"\nstrong = ["Agadez"]\n'
        '[regions.ml]\nstrong = ["Mali"]'
    )
    found = labels(judge, "Agadez au Niger et Mali")
    assert found["region:ne"].score == 3 * (4 + 4)
    assert found["region:ne-1"].score == 12
    assert found["region:ne"].share == pytest.approx(24 / 36, abs=1e-3)
    assert found["region:ml"].share == pytest.approx(12 / 36, abs=1e-3)
    assert found["region:ne"].main
    assert not found["region:ne-1"].main


def test_group_adds_up_its_members_and_is_neither_main_nor_in_the_sum() -> None:
    judge = classifier(
        '[regions.ne]\nstrong = ["Niger"]\n[regions.ml]\nstrong = ["Mali"]\n'
        '[regions.sahel]\nmembers = ["ne", "ml"]\nstrong = ["Sahel"]\n[regions.fr]\nstrong = ["France"]'
    )
    found = labels(judge, "Niger, Mali, Sahel")
    assert found["region:sahel"].score == 36
    assert {e.term for e in found["region:sahel"].evidence} == {"Niger", "Mali", "Sahel"}
    assert found["region:ne"].share == 0.5
    assert [name for name, label in found.items() if label.main] == ["region:ml"] or found["region:ne"].main
    assert fired(judge, "Le Sahel") == ["region:sahel"]


def test_about_needs_a_share_or_a_strong_term_in_the_title() -> None:
    judge = classifier('[regions.ne]\nstrong = ["Niger"]\n[regions.ru]\nstrong = ["Russie"]')
    body = f"{FILLER} " + "Niger " * 9 + "Russie"
    found = labels(judge, "Titre", body)
    assert (found["region:ne"].standing, found["region:ru"].standing) == ("about", "mentioned")
    assert found["region:ru"].share == 0.1
    assert labels(judge, "Russie", body)["region:ru"].standing == "about"
    assert found["region:ne"].main


def test_main_ties_go_to_the_earliest_hit() -> None:
    judge = classifier('[regions.a]\nstrong = ["Alpha"]\n[regions.b]\nstrong = ["Beta"]')
    assert labels(judge, "Beta, Alpha")["region:b"].main
    assert labels(judge, "Alpha, Beta")["region:a"].main


@pytest.mark.parametrize(
    "dateline",
    ["NIAMEY, 3 mars (ANP) –", "NIAMEY (Reuters) -", "Niamey, le 3 mars 2025 (ANP) -", "NIAMEY —", "NIAMEY, March 3 -"],
)
def test_dateline_counts_eight_points_and_is_never_about(dateline: str) -> None:
    judge = classifier('[regions.ne]\nstrong = ["Niamey"]\n[regions.ml]\nstrong = ["Mali"]')
    found = labels(judge, "Titre", f"{dateline} Le Mali a voté.")
    assert found["region:ne"].standing == "mentioned"
    assert [(e.term, e.points, e.count) for e in found["region:ne"].evidence] == [("dateline", 8, 1)]
    assert found["region:ml"].main
    assert labels(judge, "Titre", f"{dateline} Le Mali et Niamey.")["region:ne"].standing == "about"


def test_an_ordinary_first_sentence_is_no_dateline() -> None:
    judge = classifier('[regions.ne]\nstrong = ["Niamey"]')
    for body in ("Niamey a voté hier – enfin", "À Niamey, le gouvernement (élu en mars) a parlé", "Niamey vote."):
        assert [e.term for e in labels(judge, "Titre", body)["region:ne"].evidence] == ["Niamey"]


def test_source_default_holds_only_when_no_rule_of_the_facet_fires() -> None:
    judge = classifier(
        '[regions.ne]\nname = "Niger"\ncode = "NE"\nstrong = ["Niger"]\n[regions.sahel]\nmembers = ["ne"]\n'
        '[regions.ml]\nstrong = ["Mali"]\n[topics.t]\nstrong = ["crise"]'
    )
    found = {label.rule: label for label in judge.classify(article("Crise"), region="ne", topic="t")}
    assert found["ne"].evidence[0].term == "source default"
    assert found["ne"].evidence[0].field == "source"
    assert (found["ne"].standing, found["ne"].main, found["ne"].code) == ("about", True, "NE")
    assert found["sahel"].standing == "about"
    assert found["t"].score == 12
    assert [label.rule for label in judge.classify(article("Mali"), region="ne")] == ["ml"]
    assert judge.classify(article("Rien"), region="nowhere") == ()
    assert judge.ruleset.has("region", "ne")
    assert not judge.ruleset.has("topic", "ne")


def test_languages_gate_terms_but_never_masks_exceptions_and_sets() -> None:
    judge = classifier(
        '[sets]\ng = ["JNIM"]\n[topics.t]\nlang = "fr"\nstrong = ["attaque", "@g"]\nexcept = ["attaque cardiaque"]\n'
    )
    assert fired(judge, "Attaque", langs=["fr"]) == ["topic:t"]
    assert fired(judge, "Attaque", langs=["en", "fr"]) == ["topic:t"]
    assert fired(judge, "Attaque") == ["topic:t"]
    assert fired(judge, "Attaque", langs=["en"]) == []
    assert fired(judge, "JNIM", langs=["en"]) == ["topic:t"]
    assert judge.ruleset.languages == {"fr"}


def test_one_term_in_two_languages_holds_in_both() -> None:
    judge = classifier('[topics.a]\nlang = "fr"\nstrong = ["vote"]\n[topics.b]\nlang = ["en", "fr"]\nstrong = ["vote"]')
    assert fired(judge, "vote", langs=["en"]) == ["topic:b"]


def test_regex_is_verified_on_the_original_text() -> None:
    judge = classifier("[topics.t]\nregex = ['AK-?47s? saisies ^7', '(?i)opération \\w+ hadin']")
    art = article("Des AK-47 saisies")
    label = judge.classify(art)[0]
    assert label.score == 21
    assert marked(label, art) == ["AK-47 saisies"]
    assert fired(judge, "des ak-47 saisies") == []
    assert fired(judge, "OPÉRATION xyz hadin") == ["topic:t"]


def test_tail_never_counts_but_is_explained() -> None:
    judge = classifier('[regions.ne]\nstrong = ["Niger"]')
    art = article("Titre", "Texte", tail="Niger")
    assert judge.classify(art) == ()
    assert [(s.rule, s.term, s.why) for s in judge.trace(art).suppressed] == [
        ("ne", "Niger", "in the part that was cut")
    ]


def test_trace_judges_alike_and_says_what_was_left_out() -> None:
    judge = classifier(
        '[regions.ne]\nstrong = ["Niger"]\nexcept = ["Niger Delta"]\n[topics.eco]\nterms = ["banque"]\nmin_score = 10\n'
        '[topics.jeu]\nstrong = ["banque"]\nveto = ["jeu"]\n[regions.ge]\nstrong = ["Tbilissi"]\nunsure = ["=Géorgie"]'
    )
    art = article("Niger Delta, banque, jeu, Géorgie")
    trace = judge.trace(art)
    assert trace.labels == judge.classify(art)
    assert {(s.rule, s.term, s.why) for s in trace.suppressed} == {
        ("ne", "Niger", 'inside "Niger Delta"'),
        ("ge", "=Géorgie", "unsure, with nothing sure beside it"),
    }
    assert [(m.rule, m.score, m.min_score) for m in trace.near_misses] == [("eco", 6, 10)]
    assert [(v.rule, v.term, v.field) for v in trace.vetoes] == [("jeu", "jeu", "title")]


def test_labels_are_sorted_and_spans_point_into_the_text() -> None:
    judge = classifier('[regions.b]\nstrong = ["Beta"]\n[regions.a]\nstrong = ["Alpha"]\n[topics.t]\nstrong = ["Beta"]')
    art = article("Alpha Beta", "Alpha. L’Œuvre de Beta et Alpha Beta")
    found = judge.classify(art)
    assert [(label.facet, label.rule) for label in found] == [("region", "a"), ("region", "b"), ("topic", "t")]
    for label in found:
        assert set(marked(label, art)) <= {"Alpha", "Beta"}


def test_no_rules_at_all() -> None:
    assert classifier("").classify(article("Niger")) == ()


PIECES = [
    '[regions.ne]\nstrong = ["Niger", "Niamey"]\nexcept = ["Niger Delta"]\n',
    '[regions.ng]\nstrong = ["Niger Delta", "Nigeria"]\nunsure = ["=Delta"]\n',
    '[regions.ne-1]\nparent = "ne"\nterms = ["Agadez", "Niger"]\n',
    '[regions.group]\nmembers = ["ne", "ng"]\nstrong = ["Agadez"]\n',
    '[topics.a]\nstrong = ["attaque", "attaque Niger"]\nterms = ["Attaque"]\nveto = ["jeu"]\n',
    '[topics.b]\nterms = ["attaque"]\nneed = ["Niger", "Delta"]\n[[topics.b.near]]\na = ["attaque"]\nb = ["Niamey"]\n',
    '[masks]\nterms = ["Delta Niamey"]\n',
]
SAMPLE = ("Niger", "Delta", "Niamey", "Nigeria", "Agadez", "attaque", "jeu", ".", ",", "et")
WORDS = st.lists(st.sampled_from(SAMPLE), max_size=25)


@given(WORDS, WORDS, st.permutations(PIECES))
@settings(max_examples=60, deadline=None)
def test_order_of_rules_never_changes_a_result(title: list[str], body: list[str], pieces: list[str]) -> None:
    art = article(" ".join(["t", *title]), " ".join(body))
    one, other = classifier("".join(PIECES)), classifier("".join(pieces))
    assert one.ruleset.hash == other.ruleset.hash
    assert one.trace(art) == other.trace(art)
    assert one.classify(art) == other.trace(art).labels


def test_order_of_packs_never_changes_a_result(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text('[regions.ne]\nname = "Niger"\n', encoding="utf-8")
    (tmp_path / "fr.toml").write_text(
        'lang = "fr"\nextend = true\n[regions.ne]\nstrong = ["Niger"]\n', encoding="utf-8"
    )
    (tmp_path / "en.toml").write_text(
        'lang = "en"\nextend = true\n[regions.ne]\nstrong = ["niger"]\n', encoding="utf-8"
    )
    art = article("Niger", langs=["en"])
    sets = [load_rules(packs, inline=None, base_dir=tmp_path) for packs in (_PACKS, _PACKS[::-1])]
    assert sets[0].hash == sets[1].hash
    assert Classifier(sets[0]).classify(art) == Classifier(sets[1]).classify(art) != ()


_PACKS = ["base.toml", "fr.toml", "en.toml"]


def test_many_threads_get_the_same_answer() -> None:
    judge = classifier("".join(PIECES))
    art = article("Niger attaque Delta", "Niamey, attaque à Agadez. " * 20)
    wanted = judge.classify(art)
    answers: list[bool] = []

    def work() -> None:
        answers.extend(judge.classify(art) == wanted for _ in range(20))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 80
    assert all(answers)


def test_a_hostile_article_is_judged_in_linear_time() -> None:
    judge = classifier('[regions.a]\nstrong = ["a b"]\n[regions.b]\nstrong = ["b a"]\n' + NEAR)
    assert judge.classify(article("t", "a b " * 30_000 + "hommes armés " * 10_000 + "x " * 20_000 + "tué"))


def test_set_points_hold_for_terms_without_their_own() -> None:
    assert faults_of('[sets]\ng = ["Alpha", "Beta ^1"]\n[topics.t]\nstrong = ["@g ^7"]') == []
    terms = ruleset('[sets]\ng = ["Alpha", "Beta ^1"]\n[topics.t]\nstrong = ["@g ^7"]').rules["topic"]["t"].strong
    assert sorted((term.text, term.points) for term in terms) == [("Alpha", 7), ("Beta", 1)]


@pytest.mark.parametrize(
    ("path", "score"),
    [
        ("niger-delta-attack", 4.0),
        ("delta-attack", None),
        ("niger-attack", None),
        # What the title says parts what stands around it.
        ("niger-story-delta", None),
        ("story-niger-delta", 4.0),
    ],
)
def test_an_address_counts_where_none_of_a_terms_words_is_in_the_title(path: str, score: float | None) -> None:
    judge = classifier('[topics.t]\nstrong = ["Niger Delta"]\n')
    found = labels(judge, "A long story", url=f"https://example.org/{path}")
    assert (found["topic:t"].score if found else None) == score
    assert not labels(judge, "Delta story", url=f"https://example.org/{path}")
