"""The language of rules, sentence by sentence: a sentence, rules, a document, and what fires with which score.

`"topic:t 6"` means that it fired with that score, `"topic:t"` that it fired, "" that nothing did.
"""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from tests.rules.rulekit import classifier, faults_of, labels

T = "[topics.t]\n"
R = "[regions.r]\n"
LONG = " ".join(["mot"] * 60)

WORTH = [
    # A document is split into fields with weights.
    ("a title counts three times", T + 'strong=["alpha"]', {"title": "alpha"}, "topic:t 12"),
    ("tags count twice", T + 'strong=["alpha"]', {"tags": ("alpha",)}, "topic:t 8"),
    ("the lead counts one and a half times", T + 'strong=["alpha"]', {"body": "alpha"}, "topic:t 6"),
    ("the body counts once", T + 'strong=["alpha"]', {"body": LONG + " alpha"}, "topic:t 4"),
    ("words of the address count once", T + 'strong=["alpha"]', {"url": "https://x.org/alpha/2.html"}, "topic:t 4"),
    ("the address is its path, not its host", T + 'strong=["alpha"]', {"url": "https://alpha.org/2.html"}, ""),
    (
        "words of the address that the title has do not count",
        T + 'strong=["alpha"]',
        {"title": "alpha", "url": "https://x.org/alpha"},
        "topic:t 12",
    ),
    ("the tail never scores", T + 'strong=["alpha"]', {"tail": "alpha"}, ""),
    (
        "a paragraph equal to the title is dropped",
        T + 'strong=["alpha"]',
        {"title": "alpha beta", "body": "alpha beta\n\nmot"},
        "topic:t 12",
    ),
    (
        "a repeated paragraph counts once",
        T + 'strong=["alpha"]',
        {"body": "un alpha ici\n\nautre\n\nun alpha ici"},
        "topic:t 6",
    ),
    # Points.
    ("strong terms have four points", T + 'strong=["alpha"]\nmin_score=1', {"body": LONG + " alpha"}, "topic:t 4"),
    ("terms have two", T + 'terms=["alpha"]\nmin_score=1', {"body": LONG + " alpha"}, "topic:t 2"),
    ("weak terms have one", T + 'weak=["alpha"]\nmin_score=1', {"body": LONG + " alpha"}, "topic:t 1"),
    ("own points", T + 'strong=["alpha ^6"]', {"body": LONG + " alpha"}, "topic:t 6"),
    ("own points of zero earn nothing", T + 'strong=["alpha ^0", "beta"]', {"body": LONG + " alpha beta"}, "topic:t 4"),
    ("unsure terms have two", R + 'strong=["beta"]\nunsure=["alpha"]', {"body": LONG + " beta alpha"}, "region:r 6"),
    ("unsure terms alone earn nothing", R + 'unsure=["alpha"]\nstrong=["beta"]', {"title": "alpha alpha"}, ""),
    (
        "a term of a topic counts five times at most",
        T + 'strong=["alpha"]',
        {"body": LONG + " alpha" * 9},
        "topic:t 20",
    ),
    (
        "one of a region twenty times",
        R + 'strong=["alpha"]',
        {"body": LONG + " alpha" * 25},
        "region:r 80",
    ),
    ("the threshold is four", T + 'terms=["alpha"]', {"body": LONG + " alpha"}, ""),
    ("two normal terms reach it", T + 'terms=["alpha","beta"]', {"body": LONG + " alpha beta"}, "topic:t 4"),
    ("four weak terms reach it", T + 'weak=["a1","b1","c1","d1"]', {"body": LONG + " a1 b1 c1 d1"}, "topic:t 4"),
    ("a rule may have its own", T + 'strong=["alpha"]\nmin_score=5', {"body": LONG + " alpha"}, ""),
    ("a set stands for its terms", '[sets]\ns=["alpha"]\n' + T + 'strong=["@s"]', {"body": "alpha"}, "topic:t"),
    # Proof and veto.
    ("need asks for any of a list", T + 'strong=["alpha"]\nneed=["beta","gamma"]', {"body": "alpha"}, ""),
    ("and earns nothing", T + 'strong=["alpha"]\nneed=["beta","gamma"]', {"body": "alpha gamma"}, "topic:t 6"),
    (
        "lists of lists ask for one of each",
        T + 'strong=["alpha"]\nneed=[["beta"],["gamma"]]',
        {"body": "alpha beta"},
        "",
    ),
    (
        "and are met by one of each",
        T + 'strong=["alpha"]\nneed=[["beta"],["gamma"]]',
        {"body": "alpha beta gamma"},
        "topic:t",
    ),
    ("the tail proves nothing", T + 'strong=["alpha"]\nneed=["beta"]', {"body": "alpha", "tail": "beta"}, ""),
    ("a veto in the title ends it", T + 'strong=["alpha"]\nveto=["beta"]', {"title": "beta", "body": "alpha"}, ""),
    ("so in the tags", T + 'strong=["alpha"]\nveto=["beta"]', {"tags": ("beta",), "body": "alpha"}, ""),
    ("so in the lead", T + 'strong=["alpha"]\nveto=["beta"]', {"body": "alpha beta"}, ""),
    ("not in the body", T + 'strong=["alpha"]\nveto=["beta"]', {"body": "alpha " + LONG + " beta"}, "topic:t"),
    ("not in the tail", T + 'strong=["alpha"]\nveto=["beta"]', {"body": "alpha", "tail": "beta"}, "topic:t"),
    # Near.
    (
        "near counts in either order",
        T + 'near=[{a=["alpha"],b=["beta"],within=3,points=5}]',
        {"body": "beta x y alpha"},
        "topic:t 7.5",
    ),
    (
        "ordered near does not",
        T + 'near=[{a=["alpha"],b=["beta"],within=3,points=5,ordered=true}]',
        {"body": "beta x y alpha"},
        "",
    ),
    ("not farther", T + 'near=[{a=["alpha"],b=["beta"],within=3,points=5}]', {"body": "beta x y z w alpha"}, ""),
    ("not across a break", T + 'near=[{a=["alpha"],b=["beta"],within=3,points=5}]', {"body": "beta. alpha"}, ""),
    (
        "each a counts once",
        T + 'near=[{a=["alpha"],b=["beta"],within=9,points=5}]',
        {"body": "beta alpha beta"},
        "topic:t 7.5",
    ),
    # Regular expressions.
    ("a regex matches as written", T + "regex=['barkh\\w+ ^5']", {"body": "opération barkhane"}, "topic:t 7.5"),
]

WORDS = [
    # Terms.
    ("capitals are ignored", "Junte Militaire", "la junte militaire", True),
    ("accents are ignored", "securite", "la Sécurité", True),
    ("hyphens are ignored", "Guinée-Bissau", "la Guinée Bissau", True),
    ("apostrophes are ignored", "l'armée", "l’armée", True),
    ("whole words only", "ied", "it was applied", False),
    ("plural of the last word", "junte militaire", "des junte militaires", True),
    ("plural of the first word", "coup d'État", "coups d'État", True),
    ("plural in -aux", "journal", "les journaux", True),
    ("plural in -eux", "feu", "des feux", True),
    ("plural in -oux", "bijou", "des bijoux", True),
    ("plural in -ies", "city", "the cities", True),
    ("never the reverse", "Manx", "a man", False),
    ("nor for Paris", "paris", "un pari", False),
    ("no stemmer", "Mali", "mal nourris", False),
    ("any ending", "nigérien*", "les nigériennes", True),
    ("exact capitals", "=US", "the US army", True),
    ("not other ones", "=US", "give us peace", False),
    ("not in a shouting field", "=US", "GIVE US PEACE NOW", False),
    ("but there with dots", "=US", "THE U.S. ARMY LEAVES NOW", True),
    ("mixed case matches itself", "=Chad", "in Chad", True),
    ("or all capitals", "=Chad", "IN CHAD", True),
    ("not lower case", "=Chad", "a chad", False),
    # Folding.
    ("letters that NFKD lacks", "kasa", "a ƙasa", True),
    ("ɓ is b", "ɓarayi", "barayi", True),
    ("ɗ is d", "dan", "ɗan", True),
    ("ƴ is y", "yan", "ƴan", True),
    ("œ is oe", "oeuvre", "une œuvre", True),
    ("æ is ae", "aether", "æther", True),
    ("ß is ss", "strasse", "straße", True),
    ("ø is o", "oslo", "øslo", True),
    ("ł is l", "lodz", "łódź", True),
    ("đ is d", "dinh", "đinh", True),
    ("ı is i", "istanbul", "ıstanbul", True),
    ("ŋ is n", "ngala", "ŋgala", True),
    ("أ is ا", "الامن", "الأمن", True),
    ("إ is ا", "اسرائيل", "إسرائيل", True),
    ("آ is ا", "اسيا", "آسيا", True),
    ("ى is ي", "مستشفي", "مستشفى", True),
    ("ة is ه", "شرطه", "شرطة", True),
    ("ک is ك", "كتاب", "کتاب", True),
    ("harakat are dropped", "النيجر", "النِّيجَر", True),
    ("tatweel is dropped", "النيجر", "النيـجر", True),
    ("composed is decomposed", "sécurité", unicodedata.normalize("NFD", "sécurité"), True),
    # Breaks.
    ("a full stop ends a phrase", "Niger Delta", "au Niger. Delta Airlines", False),
    ("so does a colon", "Niger Delta", "Niger: Delta", False),
    ("so do quotes", "Niger Delta", "Niger « Delta »", False),
    ("so does a dash of a bracket", "Niger Delta", "Niger (Delta)", False),
    ("so does the Arabic comma", "نهر النيجر", "نهر، النيجر", False),
    ("a comma does not", "Niger Delta", "Niger, Delta", True),
    ("a line end is a space", "Niger Delta", "Niger\nDelta", True),
    ("a paragraph end is none", "Niger Delta", "Niger\n\nDelta", False),
    ("no break after an abbreviation", "Dr Salia", "Dr. Salia", True),
    ("nor after a saint", "St Louis", "St. Louis", True),
    ("dots between letters join", "USA", "the U.S.A. army", True),
    # Arabic proclitics.
    ("و", "نيامي", "ونيامي", True),
    ("ف", "نيامي", "فنيامي", True),
    ("ب", "نيامي", "بنيامي", True),
    ("ك", "نيامي", "كنيامي", True),
    ("ل", "نيامي", "لنيامي", True),
    ("ال", "جيش", "الجيش", True),
    ("وال", "جيش", "والجيش", True),
    ("بال", "جيش", "بالجيش", True),
    ("لل", "جيش", "للجيش", True),
    ("ولل", "جيش", "وللجيش", True),
    ("exact: no article", "=مالي", "المالي", False),
    ("exact: no ending", "=مالي", "مالية", False),
    ("exact: but proclitics", "=مالي", "ومالي", True),
    ("exact: these, too", "=مالي", "بمالي", True),
    # Other scripts.
    ("a character is a word", "尼日尔", "在尼日尔政府", True),
    ("not half of it", "尼日尔", "尼日利亚", False),
]

FAULTS = [
    ("unknown key", T + 'strnog=["a1"]\nterms=["b1"]', "did you mean 'strong'"),
    ("undefined set", T + 'strong=["@s"]', "@s"),
    ("bad regex", T + "regex=['abc(']", "refused"),
    ("no backtracking", T + "regex=['(abc)\\1']", "refused"),
    ("regex without a literal", T + "regex=['a+b*']", "3 letters"),
    ("wildcard too short", T + 'strong=["abc*"]', "too short"),
    ("Arabic wildcard too short", T + 'strong=["مالي*"]', "too short"),
    ("term without letters", T + 'strong=["123 !"]', "letter"),
    ("purely negative rule", T + 'veto=["a1"]', "can make it fire"),
    ("points out of range", T + 'strong=["alpha ^12"]', "0"),
    ("group of nothing", R + 'members=["zz"]', "zz"),
    ("parent of nothing", R + 'strong=["alpha"]\nparent="zz"', "zz"),
    ("unknown id in a test", T + 'strong=["a1"]\n[[tests]]\nname="x"\ntext="y"\nexpect=["topic:zz"]', "zz"),
]


def document(given: dict[str, Any]) -> dict[str, Any]:
    return {"title": "—", "body": "", **given}


@pytest.mark.parametrize(("sentence", "rules", "given", "result"), WORTH, ids=[case[0] for case in WORTH])
def test_what_a_mention_is_worth(sentence: str, rules: str, given: dict[str, Any], result: str) -> None:
    found = {name: f"{name} {label.score:g}" for name, label in labels(classifier(rules), **document(given)).items()}
    shown = [found[name] if " " in result else name for name in found]
    assert shown == ([result] if result else [])


@pytest.mark.parametrize(("sentence", "term", "text", "holds"), WORDS, ids=[f"{case[0]}: {case[1]}" for case in WORDS])
@pytest.mark.parametrize("place", ["title", "body"])
def test_what_a_term_matches(sentence: str, term: str, text: str, holds: bool, place: str) -> None:
    judge = classifier(f'{T}strong=["{term}"]')
    assert bool(labels(judge, **document({place: text}))) is holds


@pytest.mark.parametrize(("sentence", "rules", "words"), FAULTS, ids=[case[0] for case in FAULTS])
def test_what_cannot_work_is_refused_with_its_place(sentence: str, rules: str, words: str) -> None:
    found = faults_of(rules)
    assert any(words in str(fault) for fault in found), found
    assert all(fault.file and fault.line and fault.key for fault in found)
