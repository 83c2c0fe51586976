"""`where`: the question of a feed, in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache, cached_property

from lark import Lark, Token, Transformer, UnexpectedInput, UnexpectedToken, v_args

from feedwatch.errors import QueryError
from feedwatch.model import Article, Facet, Label, Reason
from feedwatch.rules.fold import BREAK, words_of
from feedwatch.rules.naming import suggest_rule
from feedwatch.rules.query import Age, And, Case, Everything, Has, Not, Or, Part, Ruled, Words, walk
from feedwatch.tomlfile import suggest

MAX_LENGTH = 4000
MAX_DEPTH = 50
MAX_REASON_TERMS = 8

_GRAMMAR = r"""
    ?start: any
    ?any: all (_OR all)*
    ?all: one (_AND one)*
    ?one: _NOT one -> negated
        | "(" any ")" -> inner
        | FIELD value [SIGN NUMBER] -> field
        | AGE SIGN SPAN -> age
        | STRING -> words
    value: NAME | NUMBER | SPAN | STRING | AGE
    _OR.3: /or(?![\w:.-])/i
    _AND.3: /and(?![\w:.-])/i
    _NOT.3: /not(?![\w:.-])/i
    AGE.3: /age(?![\w:.-])/i
    FIELD.4: /[^\W\d_]+:/
    SIGN: ">=" | "<=" | ">" | "<" | "="
    SPAN.2: /\d+[smhdw](?![\w.-])/
    NUMBER.2: /\d+(\.\d+)?(?![\w.-])/
    NAME: /[\w][\w.-]*/
    STRING: /"(?:[^"\\]|\\.)*"/
    %ignore /\s+/
"""


@cache
def _parser() -> Lark:
    """The parser; never changed once made, each parse keeps its own state."""
    return Lark(_GRAMMAR, parser="lalr", maybe_placeholders=True)


_RULED = ("region", "topic", "mentions", "main")
_FIELDS = (*_RULED, "lang", "source", "tag", "title")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_KNOWN = ", ".join(f"{name}:" for name in _FIELDS) + ', age<7d and "words"'


@dataclass(frozen=True)
class Where:
    """A question, ready to be put to articles; `str` gives its canonical form."""

    part: Part

    def may_match(self, article: Article, labels: tuple[Label, ...]) -> bool:
        """Whether the article answers the question now or at some other age."""
        return self.part.holds(Case(article=article, labels=labels)) is not False

    def matches(self, article: Article, labels: tuple[Label, ...], age_s: float) -> bool:
        """Whether the article answers the question at an age in seconds."""
        return self.part.holds(Case(article=article, labels=labels, age_s=age_s)) is True

    @cached_property
    def uses_age(self) -> bool:
        """Whether the answer may change with time."""
        return any(isinstance(part, Age) for part in walk(self.part))

    @cached_property
    def named(self) -> frozenset[tuple[Facet, str]]:
        """The rules that the question names."""
        return frozenset(
            (facet, part.rule) for part in walk(self.part) if isinstance(part, Ruled) for facet in part.facets
        )

    def __str__(self) -> str:
        return str(self.part)


def parse_where(text: str, *, regions: Collection[str], topics: Collection[str], sources: Collection[str]) -> Where:
    """Read a question; an empty one means everything.

    Raises:
        QueryError: with the column and, where there is one, the cure.

    """
    if not text.strip():
        return Where(Everything())
    if len(text) > MAX_LENGTH:
        raise QueryError(text[:60] + "…", f"the question is longer than {MAX_LENGTH} characters", column=60)
    _check_nesting(text)
    try:
        tree = _parser().parse(text)
    except UnexpectedInput as error:
        raise _syntax_error(text, error) from error
    builder = _Builder(text, regions, topics, sources)
    part = builder.transform(tree)
    if builder.faults:
        first, *more = sorted(builder.faults, key=lambda fault: fault.column)
        first.more = tuple(more)
        raise first
    return Where(part)


_STRING_OR_SIGN = re.compile(r'"(?:[^"\\]|\\.)*"|[()"]')


def _check_nesting(text: str) -> None:
    """Find parentheses and quotes without a partner, with the place of the lonely one."""
    opened: list[int] = []
    for match in _STRING_OR_SIGN.finditer(text):
        if match[0] == '"':
            raise QueryError(text, "the quote is never closed", column=match.start(), cure='add "')
        if match[0] == "(":
            opened.append(match.start())
            if len(opened) > MAX_DEPTH:
                raise QueryError(text, f"more than {MAX_DEPTH} parentheses deep", column=match.start())
        elif match[0] == ")":
            if not opened:
                raise QueryError(text, "this parenthesis was never opened", column=match.start(), cure="take it out")
            opened.pop()
    if opened:
        raise QueryError(text, "this parenthesis is never closed", column=opened[-1], cure="add )")
    if len(re.findall(r"\bnot\b", text, re.IGNORECASE)) > MAX_DEPTH:
        raise QueryError(text, f"more than {MAX_DEPTH} times not", column=0)


def _syntax_error(text: str, error: UnexpectedInput) -> QueryError:
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return QueryError(text, "the question ends too early", column=len(text), cure="say what comes last")
    # Declared as None in lark's base class, a number in both of its children.
    column = int(getattr(error, "pos_in_stream", None) or 0)
    before, word = text[:column], text[column:].split(maxsplit=1)[0].rstrip("()") or text[column]
    message, cure = f"{word!r} is not expected here", f"known are {_KNOWN}"
    if word.lower() in {"and", "or"}:
        message, cure = f"{word!r} has nothing before it to join", ""
    elif _AGE_BEFORE.search(before):
        message, cure = f"{word!r} is no length of time", "write it as age<7d (s, m, h, d or w)"
    elif _SIGN_BEFORE.search(before):
        message, cure = f"{word!r} is no figure", "write it as topic:security>=10"
    elif _ends_a_part(before):
        message, cure = f"and, or, or the end is expected before {word!r}", ""
    elif (name := _NAME.match(word)) is not None:
        message = f"{name[0]!r} is no condition"
        cure = f'write "{name[0]}" in quotes, or one of {_KNOWN}'
        if name[0].lower() in _FIELDS:
            cure = f"write {name[0].lower()}:… without a blank before the colon"
    return QueryError(text, message, column=column, cure=cure)


_AGE_BEFORE = re.compile(r"\bage\s*[<>=]+\s*$", re.IGNORECASE)
_SIGN_BEFORE = re.compile(r"[<>=]\s*$")
_NAME = re.compile(r"\w[\w.-]*")


def _ends_a_part(before: str) -> bool:
    last = before.split()[-1:] or [""]
    return last[0].lower() not in {"", "and", "or", "not"} and not last[0].endswith(("(", ":", "<", ">", "="))


@v_args(inline=True)
class _Builder(Transformer[Token, Part]):
    """Tree -> parts, names checked."""

    def __init__(self, text: str, regions: Collection[str], topics: Collection[str], sources: Collection[str]) -> None:
        super().__init__()
        self._text = text
        self._rules: dict[Facet, Collection[str]] = {"region": regions, "topic": topics}
        self._sources = sources
        #: What is wrong with the names in it, in no order.
        self.faults: list[QueryError] = []

    def any(self, *parts: Part) -> Part:
        return Or(tuple(inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,))))

    def all(self, *parts: Part) -> Part:
        return And(tuple(inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,))))

    def negated(self, part: Part) -> Part:
        return part.part if isinstance(part, Not) else Not(part)

    def inner(self, part: Part) -> Part:
        return part

    def value(self, token: Token) -> Token:
        return token

    def words(self, token: Token) -> Part:
        return self._noted(lambda: Words(self._literal(token)))

    def age(self, _age: Token, sign: Token, span: Token) -> Part:
        return Age(str(sign), int(span[:-1]), span[-1])

    def field(self, name: Token, value: Token, sign: Token | None, figure: Token | None) -> Part:
        return self._noted(lambda: self._field(name, value, sign, figure))

    def _noted(self, read: Callable[[], Part]) -> Part:
        """What is read, or anything where it is wrong: the other names are looked at, too."""
        try:
            return read()
        except QueryError as error:
            self.faults.append(error)
            return Everything()

    def _field(self, name: Token, value: Token, sign: Token | None, figure: Token | None) -> Part:
        word = name[:-1].lower()
        if word == "story":
            raise self._error(name, "story: is reserved for a later version", "ask for regions, topics or words")
        if word == "age":
            raise self._error(name, "age is compared", "write it as age<7d")
        if word not in _FIELDS:
            raise self._error(name, f"there is no {name}", suggest(word, _FIELDS) or f"known are {_KNOWN}")
        if sign is not None and word not in {"region", "topic", "mentions"}:
            raise self._error(sign, f"{word}: has no score to compare", f"leave out {sign}{figure}")
        if word == "title":
            return Words(self._literal(value), only_title=True)
        text = _unquoted(value)
        if word in _RULED:
            facets = self._facets(word, text, value)
            return Ruled(word, text, facets, str(sign or ""), float(figure) if figure is not None else 0.0)
        if word == "source" and text not in self._sources:
            raise self._error(value, f"there is no source {text!r}", suggest(text, self._sources))
        if word == "lang" and not _LANGUAGE.fullmatch(text):
            raise self._error(value, f"{text!r} is no language", "write two or three letters, such as lang:fr")
        if word == "tag" and not words_of(text):
            raise self._error(value, "the tag has no letters", "")
        return Has(word, text)

    def _facets(self, word: str, rule: str, place: Token) -> tuple[Facet, ...]:
        facets = tuple(f for f in self._rules if word in {f, "mentions", "main"} and rule in self._rules[f])
        if facets:
            return facets
        what = "rule" if word in {"mentions", "main"} else word
        elsewhere = [f"{f}:{rule}" for f in self._rules if rule in self._rules[f]]
        asked = [self._rules[f] for f in self._rules if word in {f, "mentions", "main"}]
        cure = f"did you mean {elsewhere[0]}?" if elsewhere else suggest_rule(rule, *asked)
        raise self._error(place, f"there is no {what} {rule!r}", cure)

    def _literal(self, token: Token) -> str:
        text = _unquoted(token)
        words = words_of(text)
        if not words or BREAK in words:
            what = "are no words in it" if not words else "is a sign in it that ends a phrase"
            raise self._error(token, f"nothing can match {text!r}: there {what}", "quote words that stand together")
        return text

    def _error(self, token: Token, message: str, cure: str) -> QueryError:
        return QueryError(self._text, message, column=token.start_pos or 0, cure=cure)


def _unquoted(token: Token) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1]) if token.startswith('"') else str(token)


def reasons_of(labels: tuple[Label, ...], where: Where) -> tuple[Reason, ...]:
    """Why an article is in a feed: what it is about, and what the question names and it mentions.

    Terms are the distinct ones of the evidence, strongest first, at most MAX_REASON_TERMS.
    """
    return tuple(
        Reason(
            facet=label.facet,
            rule=label.rule,
            name=label.name,
            code=label.code,
            score=label.score,
            standing=label.standing,
            terms=tuple(dict.fromkeys(evidence.term for evidence in label.evidence))[:MAX_REASON_TERMS],
            named=(label.facet, label.rule) in where.named,
        )
        for label in labels
        if label.standing == "about" or (label.facet, label.rule) in where.named
    )
