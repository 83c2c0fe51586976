"""The parts of a question (`where`) and what each says of an article.

Every part answers True, False, or None for "cannot be known yet" (Kleene's three-valued logic), which is
how the age of an article is left open when membership is stored.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from feedwatch.model import Article, Facet, Label
from feedwatch.rules.fold import BREAK, fold, words_of

UNITS_S: Mapping[str, int] = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}


@dataclass(frozen=True, kw_only=True)
class Case:
    """An article with its labels while questions are put to it."""

    article: Article
    labels: tuple[Label, ...]
    #: None when it is not to be looked at.
    age_s: float | None = None

    @cached_property
    def title(self) -> str:
        """Folded."""
        return fold(self.article.title).text

    @cached_property
    def text(self) -> str:
        """Title and body, folded."""
        return fold(f"{self.article.title}\n\n{self.article.body}").text


@dataclass(frozen=True, slots=True)
class Everything:
    """No question at all."""

    def holds(self, case: Case) -> bool | None:
        """Always."""
        return True

    def __str__(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Ruled:
    """`region:ne`, `topic:security>=10` (about), `mentions:bj` (fired at all), `main:ne`."""

    word: str
    rule: str
    #: Facets in which there is such a rule; no part of what is asked.
    facets: tuple[Facet, ...] = field(default=(), compare=False)
    sign: str = ""
    score: float = 0.0

    def holds(self, case: Case) -> bool | None:
        """Whether a label says so."""
        return any(self._fits(label) for label in case.labels)

    def _fits(self, label: Label) -> bool:
        if label.rule != self.rule or label.facet not in self.facets:
            return False
        if self.word == "main" and not label.main:
            return False
        if self.word in {"region", "topic"} and label.standing != "about":
            return False
        return not self.sign or COMPARE[self.sign](label.score, self.score)

    def __str__(self) -> str:
        return f"{self.word}:{_shown(self.rule)}{self.sign}{f'{self.score:g}' if self.sign else ''}"


@dataclass(frozen=True, slots=True)
class Has:
    """`lang:fr`, `source:anp`, `tag:Sahel`."""

    word: str
    value: str

    def holds(self, case: Case) -> bool | None:
        """Whether the article is of that language or source, or carries the tag (folded)."""
        article = case.article
        if self.word == "source":
            return article.source_id == self.value
        if self.word == "lang":
            return self.value in ({article.language} if article.language else article.languages)
        wanted = words_of(self.value)
        return any(words_of(tag) == wanted for tag in article.tags)

    def __str__(self) -> str:
        return f"{self.word}:{_shown(self.value)}"


@dataclass(frozen=True, slots=True)
class Words:
    """`"literal words"` in title or body, or `title:"…"`."""

    text: str
    only_title: bool = False

    def holds(self, case: Case) -> bool | None:
        """Whether the words stand there one after the other, whole, folded."""
        folded = " ".join(word for word in words_of(self.text) if word != BREAK)
        return f" {folded} " in (case.title if self.only_title else case.text)

    def __str__(self) -> str:
        return f"{'title:' if self.only_title else ''}{_quoted(self.text)}"


@dataclass(frozen=True, slots=True)
class Age:
    """`age<7d`: time since it was first seen."""

    sign: str
    number: int
    unit: str

    def holds(self, case: Case) -> bool | None:
        """None while the age is not to be looked at."""
        if case.age_s is None:
            return None
        return COMPARE[self.sign](case.age_s, self.number * UNITS_S[self.unit])

    def __str__(self) -> str:
        return f"age{self.sign}{self.number}{self.unit}"


@dataclass(frozen=True, slots=True)
class Not:
    """Negation."""

    part: Part

    def holds(self, case: Case) -> bool | None:
        """The opposite; unknown stays unknown."""
        answer = self.part.holds(case)
        return None if answer is None else not answer

    def __str__(self) -> str:
        return f"not {_wrapped(self.part, And, Or)}"


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    parts: tuple[Part, ...]

    def holds(self, case: Case) -> bool | None:
        """False if any is false, unknown if any is unknown."""
        is_open = False
        for part in self.parts:
            answer = part.holds(case)
            if answer is False:
                return False
            is_open = is_open or answer is None
        return None if is_open else True

    def __str__(self) -> str:
        return " and ".join(_wrapped(part, Or) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """Any of them."""

    parts: tuple[Part, ...]

    def holds(self, case: Case) -> bool | None:
        """True if any is true, unknown if any is unknown."""
        is_open = False
        for part in self.parts:
            answer = part.holds(case)
            if answer is True:
                return True
            is_open = is_open or answer is None
        return None if is_open else False

    def __str__(self) -> str:
        return " or ".join(map(str, self.parts))


Part = Everything | Ruled | Has | Words | Age | Not | And | Or


def walk(part: Part) -> Iterator[Part]:
    """The part and everything in it."""
    yield part
    if isinstance(part, Not):
        yield from walk(part.part)
    elif isinstance(part, And | Or):
        for inner in part.parts:
            yield from walk(inner)


def _wrapped(part: Part, *kinds: type) -> str:
    return f"({part})" if isinstance(part, kinds) else str(part)


def _shown(value: str) -> str:
    bare = value.replace("-", "").replace("_", "").replace(".", "").isalnum()
    return value if bare and value.isascii() and not value.startswith(("-", ".")) else _quoted(value)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
