"""One term of a rule: its syntax, and the forms of it that a text may hold.

`junte militaire` whole words, plurals of the first and last accepted · `nigérien*` any ending ·
`=US` exact capitals · `@set` the terms of a set · ` ^n` own points.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from sys import intern
from typing import NamedTuple

from feedwatch.rules.fold import BREAK, caps_of, words_of

_POINTS = re.compile(r"\s\^(\S*)\s*$")
_FIGURE = re.compile(r"\d(\.\d+)?")
_LATIN_WORD = re.compile(r"[a-z]{2,}")
_KNOWN_PLURALS = frozenset(("en", "fr", "es", "pt", "ha"))
_FEW_ES = frozenset(("en", "ha"))
_ARABIC = re.compile(r"[\u0600-\u06ff]")
MIN_STEM = 4
#: Shorter Arabic stems with the article swallow common words (مالي* makes المالية, finance, Mali).
MIN_ARABIC_STEM = 5
MAX_WORDS = 12

_CONJUNCTIONS = ("", "و", "ف")
_ARTICLE = "ال"
#: What may stand before an Arabic word in the same token.
PROCLITICS = frozenset(
    c + p + a for c in _CONJUNCTIONS for p, a in [*product(("", "ب", "ك", "ل"), ("", _ARTICLE)), ("لل", "")]
)
#: The same for `=` terms.
EXACT_PROCLITICS = frozenset(c + p for c in _CONJUNCTIONS for p in ("", "ب", "ل"))
# The article loses its alif after ل, so والنيجر becomes وللنيجر.
_MERGED_ARTICLE = frozenset(c + "لل" for c in _CONJUNCTIONS)


class TermError(ValueError):
    """A term that cannot work; `cure` says what to do."""

    def __init__(self, message: str, cure: str = "") -> None:
        super().__init__(message)
        self.cure = cure


@dataclass(frozen=True, slots=True)
class Term:
    """A term as parsed."""

    #: As written, without ` ^n`.
    text: str
    #: Folded.
    words: tuple[str, ...]
    #: Written with `=`.
    exact: bool = False
    #: Written with `*`.
    wild: bool = False
    #: Own points; None for those of its list.
    points: float | None = None
    #: Languages of the documents it holds in; None for all.
    langs: frozenset[str] | None = None

    @property
    def caps(self) -> str:
        """For a term with `=` in a script with capitals how it is written, else ""."""
        marks = caps_of(self.text) if self.exact else ""
        return marks if marks.strip("-") else ""

    @property
    def key(self) -> str:
        """Equal for terms that are the same to the automaton."""
        return f"{self.caps if self.exact else ''}={' '.join(self.words)}{'*' if self.wild else ''}|{self.exact:d}"


class Form(NamedTuple):
    """One string for the automaton.

    A form without `proclitics` begins with a blank; one that does not end with a blank has any ending.
    """

    text: str
    proclitics: frozenset[str] | None = None


def split_points(text: str) -> tuple[str, float | None]:
    """The text without ` ^n`, and n.

    Raises:
        TermError: what follows ` ^` is no figure from 0 to 9.

    """
    match = _POINTS.search(text)
    if match is None:
        return text.strip(), None
    if not _FIGURE.fullmatch(match[1]) or float(match[1]) > 9:
        raise TermError(f"{text!r}: points are 0 to 9, not {match[1]!r}", 'write it as "junte ^6"')
    return text[: match.start()].strip(), float(match[1])


def parse_term(text: str, langs: frozenset[str] | None = None) -> Term:
    """Read one term; sets (`@name`) are not terms.

    Raises:
        TermError: it has no letters, a bad `*` or ` ^n`, or something that no text can match.

    """
    shown, points = split_points(text)
    exact, wild = shown.startswith("="), shown.endswith("*")
    bare = shown.removeprefix("=").removesuffix("*").strip()
    # Terms of a pack share most of their words, and many are just one: each is kept once.
    words = tuple([intern(word) for word in words_of(bare)])
    if words == (shown,):
        shown = words[0]
    if not any(char.isalpha() for word in words for char in word):
        raise TermError(f"the term {text!r} has no letters", "name at least one word")
    if BREAK in words:
        raise TermError(
            f"the term {text!r} holds a sign that ends a phrase, so nothing can match it", "write it as two terms"
        )
    if len(words) > MAX_WORDS:
        raise TermError(f"the term {text!r} has more than {MAX_WORDS} words", "shorten it")
    if "*" in bare:
        raise TermError(f"the term {text!r} has a '*' that is not at its end", "name the words one by one")
    if wild:
        _check_wildcard(text, words, exact=exact)
    return Term(shown, words, exact, wild, points, langs)


def _check_wildcard(text: str, words: tuple[str, ...], *, exact: bool) -> None:
    if exact:
        raise TermError(f"the term {text!r} has both '=' (exact) and '*' (any ending)", "drop one of them")
    least = MIN_ARABIC_STEM if _ARABIC.search(words[-1]) else MIN_STEM
    letters = sum(char.isalpha() for char in (words[-1] if len(words) == 1 else "".join(words)))
    if letters < least:
        raise TermError(
            f"the wildcard {text!r} is too short: at least {least} letters before '*'", "write the endings out"
        )


def plurals(word: str, langs: frozenset[str] | None = None) -> list[str]:
    """A folded word and the plurals that a text in one of `langs` (None: in any language) may hold instead.

    Of English, French, Spanish and Portuguese; words of other languages may have all of them.
    """
    forms = [word]
    if not _LATIN_WORD.fullmatch(word):
        return forms
    if langs is None or not langs <= _KNOWN_PLURALS:
        langs = _KNOWN_PLURALS
    forms.append(word + "s")
    # "boxes", "heroes"; after other letters only "flores", and "allemandes" of "allemand".
    if word[-1] not in "ea" and (word[-1] in "sxzho" or not langs <= _FEW_ES):
        forms.append(word + "es")
    if word[-1] == "y" and "en" in langs:
        forms.append(word[:-1] + "ies")
    if "fr" in langs:
        if word.endswith(("al", "ail")) and len(word) > 3:
            forms.append(word[: word.rindex("a")] + "aux")
        if word.endswith(("au", "eu", "ou")):
            forms.append(word + "x")
    return forms


def forms(term: Term) -> list[Form]:
    """Every string the automaton looks for on behalf of the term."""
    first, last = term.words[0], term.words[-1]
    ending = "" if term.wild else " "
    if _ARABIC.search(first):
        rest = "".join(f" {word}" for word in term.words[1:]) + ending
        found = [Form(first + rest, EXACT_PROCLITICS if term.exact else PROCLITICS)]
        if first.startswith(_ARTICLE) and len(first) > len(_ARTICLE) + 1:
            found.append(Form(first.removeprefix(_ARTICLE) + rest, _MERGED_ARTICLE))
        return found
    lasts = [last] if term.wild or term.exact else plurals(last, term.langs)
    if len(term.words) == 1:
        return [Form(f" {last}{ending}") for last in lasts]
    firsts = [first] if term.exact else plurals(first, term.langs)
    middle = " ".join(("", *term.words[1:-1], ""))
    return [Form(f" {first}{middle}{last}{ending}") for first in firsts for last in lasts]
