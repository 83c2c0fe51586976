from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedwatch.errors import QueryError
from feedwatch.model import Evidence, Label
from feedwatch.rules.where import Where, parse_where, reasons_of
from tests.rules.rulekit import article

REGIONS = frozenset({"ne", "ml", "ne-1"})
TOPICS = frozenset({"security", "health"})
SOURCES = frozenset({"blog-x", "anp"})


def parse(text: str) -> Where:
    return parse_where(text, regions=REGIONS, topics=TOPICS, sources=SOURCES)


def label(facet: str, rule: str, score: float = 12, standing: str = "about", *, main: bool = False) -> Label:
    return Label(
        facet=facet,  # type: ignore[arg-type] # short for tests
        rule=rule,
        name=rule.upper(),
        score=score,
        share=0.5,
        standing=standing,  # type: ignore[arg-type] # short for tests
        main=main,
        evidence=tuple(Evidence(term=f"t{n // 2}", field="body", count=1, points=2) for n in range(30)),
    )


ART = article("Niger : l’Armée", "Un cœur. Fin du texte", tags=("Afrique de l’Ouest", "Sport"), language="fr")
LABELS = (label("region", "ne", main=True), label("region", "ml", 5, "mentioned"), label("topic", "security", 9))


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("", True),
        ("region:ne", True),
        ("region:ml", False),
        ("mentions:ml", True),
        ("mentions:security", True),
        ("mentions:health", False),
        ("main:ne", True),
        ("main:ml", False),
        ("topic:security>=9", True),
        ("topic:security > 9", False),
        ("mentions:ml<6", True),
        ("lang:fr", True),
        ("lang:en", False),
        ("source:anp", False),
        ('tag:"afrique de l\'ouest"', True),
        ("tag:sports", False),
        ('"larmee"', False),
        ('"L\'ARMEE"', True),
        ('"coeur"', True),
        ('"coeur fin"', False),
        ('title:"niger"', True),
        ('title:"texte"', False),
        ("region:ne and topic:security and not source:blog-x", True),
        ("not region:ne or topic:health", False),
        ("not (region:ml or topic:health)", True),
        ("region:ml or region:ne and topic:security", True),
        ("(region:ml or region:ne) and topic:health", False),
        ("NOT region:ml AND region:ne", True),
    ],
)
def test_questions_are_answered(question: str, answer: bool) -> None:
    where = parse(question)
    assert where.matches(ART, LABELS, 0) is answer
    assert where.may_match(ART, LABELS) is answer


@pytest.mark.parametrize(
    ("question", "may", "young", "old"),
    [
        ("age<7d", True, True, False),
        ("not age<7d", True, False, True),
        ("age<7d and region:ml", False, False, False),
        ("age>=1w or region:ne", True, True, True),
        ("age<7d and region:ne", True, True, False),
    ],
)
def test_age_is_unknown_when_membership_is_stored(question: str, may: bool, young: bool, old: bool) -> None:
    where = parse(question)
    assert where.uses_age
    assert where.may_match(ART, LABELS) is may
    assert where.matches(ART, LABELS, 60) is young
    assert where.matches(ART, LABELS, 7 * 86400) is old


@pytest.mark.parametrize(
    ("question", "column", "message", "cure"),
    [
        ("region:nee", 7, "no region 'nee'", "did you mean 'ne'?"),
        ("topic:ne", 6, "no topic 'ne'", "did you mean region:ne?"),
        ("mentions:helth", 9, "no rule 'helth'", "did you mean 'health'?"),
        ("source:blogx", 7, "no source", "'blog-x'"),
        ("regon:ne", 0, "no regon:", "'region'"),
        ("story:12", 0, "reserved", ""),
        ("region:ne and STORY:x", 14, "reserved", ""),
        ("(region:ne", 0, "never closed", "add )"),
        ("region:ne)", 9, "never opened", ""),
        ('region:ne and "abc', 14, "quote is never closed", ""),
        ("region:ne and", 13, "too early", ""),
        ("not", 3, "too early", ""),
        ("and region:ne", 0, "nothing before it", ""),
        ("region:ne region:ml", 10, "expected before 'region:ml'", ""),
        ("region:ne & topic:health", 10, "expected before '&'", ""),
        ("niger", 0, "no condition", 'write "niger" in quotes'),
        ("region : ne", 0, "no condition", "without a blank"),
        ("age<7", 4, "no length of time", "age<7d"),
        ("age:7d", 0, "compared", "age<7d"),
        ("region:ne>x", 10, "no figure", ""),
        ("lang:fr>3", 7, "no score", ""),
        ("lang:french", 5, "no language", "lang:fr"),
        ('"..."', 0, "no words", ""),
        ('"a. Niger! b"', 0, "ends a phrase", ""),
        ("()", 1, "not expected", ""),
        ("(" * 60 + "region:ne" + ")" * 60, 50, "deep", ""),
        ("not " * 60 + "region:ne", 0, "times not", ""),
        ("region:ne or " * 400 + "region:ne", 60, "longer than", ""),
    ],
)
def test_a_wrong_question_points_at_the_place(question: str, column: int, message: str, cure: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(question)
    assert message in caught.value.message
    assert caught.value.column == column
    assert cure in caught.value.cure
    assert caught.value.excerpt.endswith("^")


ATOMS = st.sampled_from(
    [
        "region:ne",
        "region:ne-1>=4.5",
        "topic:security",
        "mentions:ml<3",
        "main:ne",
        "lang:fr",
        "source:blog-x",
        "age<7d",
        'tag:"a \\"b\\" é"',
        "tag:sport",
        '"mots \\\\ ici"',
        "title:Niger",
        "age >= 36h",
        "tag:7d",
        "tag:2025",
    ]
)
QUESTIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("({})".format, inner),
        st.builds("not {}".format, inner),
        st.builds("({}) and ({})".format, inner, inner),
        st.builds("{} or {}".format, inner, inner),
        st.builds("{} AND {}".format, inner, inner),
    ),
    max_leaves=8,
)


@given(QUESTIONS)
@settings(max_examples=200, deadline=None)
def test_the_printed_form_says_the_same(question: str) -> None:
    where = parse(question)
    again = parse(str(where))
    assert again == where
    assert str(again) == str(where)


@given(st.text(st.sampled_from('region:ne()and ornt"<>=7d.é\\ &'), max_size=25))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_or_refused(question: str) -> None:
    where: Where | QueryError
    try:
        where = parse(question)
    except QueryError as error:
        where = error
    if isinstance(where, QueryError):
        assert 0 <= where.column <= len(where.question)
    else:
        assert parse(str(where)) == where


def test_named_rules_and_reasons() -> None:
    where = parse("mentions:ml and topic:security or not region:ne-1")
    assert where.named == {("region", "ml"), ("topic", "security"), ("region", "ne-1")}
    reasons = reasons_of(LABELS, where)
    assert [(reason.rule, reason.standing) for reason in reasons] == [
        ("ne", "about"),
        ("ml", "mentioned"),
        ("security", "about"),
    ]
    assert reasons[0].terms == tuple(f"t{n}" for n in range(8))
    assert [reason.rule for reason in reasons_of(LABELS, parse(""))] == ["ne", "security"]


def test_every_name_that_means_nothing_is_told_at_once() -> None:
    question = 'region:nee and (lang:french or "…") and not source:blog-y and topic:security'
    with pytest.raises(QueryError) as caught:
        parse(question)
    found = [(each.column, each.message) for each in (caught.value, *caught.value.more)]
    assert found == [
        (question.index("nee"), "there is no region 'nee'"),
        (question.index("french"), "'french' is no language"),
        (question.index('"…"'), "nothing can match '…': there are no words in it"),
        (question.index("blog-y"), "there is no source 'blog-y'"),
    ]
