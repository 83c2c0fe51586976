"""The owner of py3langid: which languages a text may be in.

The model comes with the package; nothing is ever downloaded.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

#: Languages of the rule packs.
PACK_LANGUAGES = ("ar", "en", "es", "fr", "ha", "pt")
#: Known besides, so that a text in one of them is not taken for one of the packs'. Pidgins and creoles
#: are left out on purpose: they count as the language whose words they share.
NEIGHBOURS = (
    "am",
    "ca",
    "de",
    "fa",
    "gl",
    "ig",
    "it",
    "ln",
    "nl",
    "ro",
    "ru",
    "so",
    "sw",
    "tr",
    "ur",
    "yo",
    "zh",
    "zu",
)

_MODELLED = frozenset({*PACK_LANGUAGES, *NEIGHBOURS})

#: Shorter texts are often misread, so their source's languages count too.
SHORT_CHARS = 60
READ_CHARS = 400
#: Read first, and alone where they leave no doubt.
FIRST_CHARS = 160
_NO_DOUBT = 0.999
_SURE = 0.5
#: A short text needs a clearer verdict.
_SURE_SHORT = 0.8
#: From this probability on a declared language is believed, and a second language may be the text's.
_FAIR_DECLARED = 0.03
_FAIR_SECOND = 0.2
_MIN_LETTERS = 8

#: By the first word of their characters' names: scripts that hardly any other language is written in. The model
#: would know them, too, but for the memory that each language costs it.
_SCRIPTS = {
    "ARMENIAN": "hy", "BENGALI": "bn", "DEVANAGARI": "hi", "GEORGIAN": "ka", "GREEK": "el", "GUJARATI": "gu",
    "GURMUKHI": "pa", "HANGUL": "ko", "HEBREW": "he", "HIRAGANA": "ja", "KANNADA": "kn", "KATAKANA": "ja",
    "KHMER": "km", "LAO": "lo", "MALAYALAM": "ml", "MYANMAR": "my", "ORIYA": "or", "SINHALA": "si", "TAMIL": "ta",
    "TELUGU": "te", "THAI": "th", "TIBETAN": "bo",
}  # fmt: skip
_OTHER_SCRIPT = re.compile(
    "[\u0370-\u03ff\u0530-\u05ff\u0900-\u10ff\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\uac00-\ud7af]"
)
#: Of a text's letters those of its script; Japanese has kana between its Chinese signs.
_SHARE, _SHARE_OF_KANA = 0.5, 0.1
_PRIMARY = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9-_]*)?")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+|#\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Languages:
    """The languages of a text."""

    #: Best guess; None when undecided.
    best: str | None
    #: All it may be in; empty for any.
    possible: frozenset[str]


def primary_subtag(tag: str | None) -> str | None:
    """The language of a BCP 47 tag in lower case ("fr" of "fr-FR"); None when it names none."""
    match = _PRIMARY.fullmatch((tag or "").strip().lower())
    return match[1] if match and match[1] != "und" else None


class LanguageDetector:
    """Tells languages apart. Safe for several threads."""

    def languages(
        self, title: str, text: str, *, configured: str | None = None, declared: str | None = None
    ) -> Languages:
        """The languages of an article.

        `configured` is what the operator says of the source: always possible. `declared` is what the
        publisher says: possible when the text gives it a fair chance, or is too short to tell.
        """
        sample = f"{title} {text[:READ_CHARS]}"
        if "@" in sample or "#" in sample or "//" in sample or "www." in sample:
            sample = _ADDRESS.sub(" ", sample)
        ours, theirs = primary_subtag(configured), primary_subtag(declared)
        if (of_script := _by_script(sample)) is not None:
            # Yiddish or Marathi are told by their publishers only.
            told = theirs if theirs is not None and theirs not in _MODELLED else of_script
            return Languages(best=told, possible=frozenset({told, ours or told}))
        ranking = self._ranking(sample)
        best = max(ranking, key=lambda tag: (ranking[tag], tag), default=None)
        is_short = len(sample.strip()) < SHORT_CHARS
        if best is None or ranking[best] < (_SURE_SHORT if is_short else _SURE):
            return Languages(
                best=ours or (theirs if ranking.get(theirs or "", 0.0) >= _FAIR_SECOND else None), possible=frozenset()
            )
        possible = {tag for tag, probability in ranking.items() if probability >= _FAIR_SECOND} | {best}
        if ours:
            possible.add(ours)
        if theirs and (is_short or ranking.get(theirs, 0.0) >= _FAIR_DECLARED):
            possible.add(theirs)
        return Languages(best=best, possible=frozenset(possible))

    def _ranking(self, sample: str) -> dict[str, float]:
        """Probability of each known language; nothing for a text of hardly any letters."""
        if sum(map(str.isalpha, sample)) < _MIN_LETTERS:
            return {}
        if len(sample) > 2 * FIRST_CHARS:
            # Each character costs a walk through 40 MB; where the beginning leaves no doubt, the rest never did.
            ranking = dict(_model().rank(sample[:FIRST_CHARS].rpartition(" ")[0]))
            if max(ranking.values()) >= _NO_DOUBT:
                return ranking
        return dict(_model().rank(sample))


def _by_script(sample: str) -> str | None:
    """The language of a text in a script that tells it; None for a text in any other."""
    found = _OTHER_SCRIPT.findall(sample)
    if len(found) < _MIN_LETTERS:
        return None
    (script, count), *_ = Counter(unicodedata.name(char, "").partition(" ")[0] for char in found).most_common()
    language = _SCRIPTS.get(script)
    share = _SHARE_OF_KANA if language == "ja" else _SHARE
    # Vowel marks are no letters of their own.
    return language if count >= share * max(sum(map(str.isalpha, sample)), 1) else None


@functools.cache
def _model() -> LanguageIdentifier:
    """The model: 0.6 s to load and 45 MB, so once a process, at the first use; nothing changes it later."""
    # A program that has nothing to read needs neither the model nor numpy, another 12 MB.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415

    full = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    full.set_languages([*PACK_LANGUAGES, *NEIGHBOURS])
    # Without the figures of the other languages, which the library would keep: 28 MB.
    return LanguageIdentifier(
        full.nb_ptc,
        full.nb_pc,
        full.nb_classes,
        full.tk_nextmove,
        full.tk_output,
        norm_probs=True,
        tk_row=full.tk_row,
    )
