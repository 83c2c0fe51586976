"""Folding: text in the one form that terms and documents are compared in, with the way back.

Folded text is lower case, without accents, harakat or tatweel; one blank parts the words of a phrase, and two
or more are a hard break that no phrase crosses. `Folded.span` leads from a place in it to the place in the
original. The hot path does no work per character in Python: a text whose characters all stand on one of a
few pages of 256 is folded by encoding and decoding; other texts go through `str.translate`.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate
from operator import sub
from typing import Any

from feedwatch.text import UNPARTED_LETTERS, UNPARTED_SIGNS

# Marks of the flat text, which is the folded text before runs of separators become one.
_DROP, _SOFT, _HARD, _DOT, _LINE = "\x00", " ", ";", ".", "\n"
#: A hard break in the folded text.
GAP = "  "
#: The same in a list of words.
BREAK = "."

_HARD_CHARS = (
    '!?;:()[]{}<>|«»‹›“”„‟"…•،؛؟۔。！？；：「」『』《》【】（）।'
    # Ends of sentences of other scripts, and of paragraphs.
    "¡¿‼‽⁇⁈⁉⸮⋯\u037e\u2029։׃፡።፣፤፥፦፧፨߸߹॥။។៕｡．﹒﹔﹕﹖﹗〈〉〔〕〖〗〝〞〟｢｣＜＞⟨⟩❝❞﴾﴿"
)
_APOSTROPHES = "ʹʺʻʼʽʾʿˈˊˋ՚"
_MARKS = {"\n": _LINE, ".": _DOT, **dict.fromkeys(_HARD_CHARS, _HARD), **dict.fromkeys(_APOSTROPHES, _SOFT)}
# What compatibility decomposition and case folding leave apart although writers mix it.
_SPECIAL = {
    "ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y", "œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d",
    "þ": "th", "ı": "i", "ŋ": "n", "ɲ": "n", "ɛ": "e", "ɔ": "o", "ǝ": "e", "ħ": "h", "ŧ": "t",
    "ٱ": "ا", "ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك", "ہ": "ه", "ھ": "ه",
}  # fmt: skip
# Scripts written without blanks, and Hangul with its glued particles: each character is a word.
_UNSPACED = (*UNPARTED_LETTERS, *UNPARTED_SIGNS, (0xAC00, 0xD7AF))


def _is_unspaced(char: str) -> bool:
    code = ord(char)
    return code >= 0x0E00 and any(low <= code <= high for low, high in _UNSPACED)


@lru_cache(maxsize=8192)
def fold_char(char: str) -> str:
    """What one character becomes in the flat text: folded letters, or one of the marks.

    An unspaced character comes with a blank on either side. A pure function; the cache only saves time.
    """
    if char in _MARKS:
        return _MARKS[char]
    kind = unicodedata.category(char)
    if kind in {"Cf", "Me"} or char == "ـ" or unicodedata.combining(char) or "\ufe00" <= char <= "\ufe0f":
        return _DROP
    if kind == "Nd":
        return str(unicodedata.digit(char))
    if kind[0] not in "LM":
        return _SOFT
    return _fold_letter(char)


def _fold_letter(char: str) -> str:
    if _is_unspaced(char):
        plain = unicodedata.normalize("NFKC", char)
        return f" {plain if len(plain) == 1 else char} "
    if (special := _SPECIAL.get(char.lower())) is not None:
        return special
    parts = unicodedata.normalize("NFKD", char)
    if parts == char:
        folded = char.casefold()
        return folded if len(folded) == 1 or folded.isalpha() else folded[0]
    return "".join(part for c in parts if (part := fold_char(c)) != _DROP) or _SOFT


# --- pages ------------------------------------------------------------------------------------------

_PRINTABLE = "\t\n" + "".join(map(chr, range(0x20, 0x7F)))
_LATIN = (
    _PRINTABLE
    + "".join(map(chr, range(0xA0, 0x100)))
    + "œŒƁɓƊɗƘƙƳƴ’‘“”‚„–—…‑‹›\u202f\u2009\u200b\u200e\ufeff\u2028ʼ′€™•−\u0300\u0301\u0302\u0303\u0308\u0327"
    + "ŠšŽžĆćČčĞğİıŞşŁłŃńŚśŻżĄąĘęŐőŰűŸ"
)
_ARABIC = (
    _PRINTABLE
    + "".join(map(chr, [*range(0x621, 0x63B), *range(0x640, 0x656), *range(0x660, 0x66D)]))
    + "ٰٱپچژکگیہھە،؛؟۔\xa0«»°·’‘“”–—…•\u200b\u200c\u200d\u200e\u200f"
    + "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2069\ufeff"
    + "éèàçêîôâëïûùöüñÉÈÀÇ€"
)


class _Page:
    """Up to 256 characters that fold by encoding to their numbers and decoding to their folds."""

    def __init__(self, chars: str) -> None:
        # With NUL first, CPython builds a compact map that encodes seven times faster than a dict.
        chars = "".join(dict.fromkeys("\0" + chars))
        padded = chars + "".join(chr(0xE000 + n) for n in range(256 - len(chars)))
        self._encode = codecs.charmap_build(padded)
        # A letter that folds to several stays for a later step, in lower case.
        folds = (fold_char(char) for char in padded)
        self._decode = "".join(f if len(f) == 1 else c.lower() for c, f in zip(padded, folds, strict=True))
        self._wide_chars = "".join(dict.fromkeys(c.lower() for c in chars if len(fold_char(c)) > 1))
        self._wide = re.compile(f"([{self._wide_chars or _DROP}])")

    def flatten(self, text: str) -> tuple[str, Offsets | None] | None:
        """The flat text and the way back if lengths changed; None if a character is not on the page."""
        try:
            numbers = codecs.charmap_encode(text, "strict", self._encode)[0]
        except UnicodeEncodeError:
            return None
        flat = codecs.charmap_decode(numbers, "strict", self._decode)[0]
        if flat.isascii() or not any(char in flat for char in self._wide_chars):
            return flat, None
        pieces = self._wide.split(flat)
        old = list(map(len, pieces))
        pieces[1::2] = map(fold_char, pieces[1::2])
        return "".join(pieces), Offsets(list(map(len, pieces)), old)


class Offsets:
    """The way from a rewritten text back to the text before it, piece by piece."""

    __slots__ = ("new", "old")

    def __init__(self, new_lengths: Iterable[int], old_lengths: Iterable[int]) -> None:
        self.new = list(accumulate(new_lengths, initial=0))
        self.old = list(accumulate(old_lengths, initial=0))

    def back(self, position: int) -> int:
        """The old place of the character at `position`."""
        piece = bisect_right(self.new, position) - 1
        return min(self.old[piece] + position - self.new[piece], max(self.old[piece], self.old[piece + 1] - 1))

    def back_end(self, position: int) -> int:
        """The old end of what ends behind the character at `position`."""
        piece = bisect_right(self.new, position) - 1
        after = piece + 1
        if position + 1 == self.new[after]:
            return self.old[after]
        return min(self.old[piece] + position + 1 - self.new[piece], self.old[after])

    def forth(self, position: int) -> int:
        """The new place of the old character at `position`."""
        piece = min(bisect_right(self.old, position), len(self.old) - 1) - 1
        return min(self.new[piece] + position - self.old[piece], self.new[piece + 1])


_PAGES = (_Page(_LATIN), _Page(_ARABIC))
# `bytes.translate` wants a table of 256.
_ASCII = "".join(fold_char(chr(code)) for code in range(128)).encode().ljust(256)


# Decomposed Hangul and kana: what was one character is a word, so it is put together again first.
_SYLLABLE = re.compile(r"[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?|[\u3046-\u30fd][\u3099\u309a]")
_UNIT = re.compile(f"{_SYLLABLE.pattern}|.", re.DOTALL)


def _flatten(text: str) -> tuple[str, Offsets | None]:
    if text.isascii():
        return text.encode().translate(_ASCII).decode(), None
    for page in _PAGES:
        if (done := page.flatten(text)) is not None:
            return done
    if _SYLLABLE.search(text):
        return _flatten_syllables(text)
    table = {char: fold_char(char) for char in set(text)}
    if all(len(folded) == 1 for folded in table.values()):
        return text.translate({ord(char): folded for char, folded in table.items()}), None
    pieces = [table[char] for char in text]
    return "".join(pieces), Offsets(map(len, pieces), (1 for _ in pieces))


def _flatten_syllables(text: str) -> tuple[str, Offsets | None]:
    pieces: list[tuple[str, int]] = []
    for unit in _UNIT.findall(text):
        whole = unicodedata.normalize("NFC", unit)
        folded = fold_char(whole if len(whole) == 1 else unit[0])
        if len(unit) == 1:
            pieces.append((folded, 1))
        else:
            # Its blanks stand for nothing that was written.
            pieces += [(" ", 0), (folded.strip(), len(unit)), (" ", 0)]
    return "".join([folded for folded, _ in pieces]), Offsets(
        [len(folded) for folded, _ in pieces], [length for _, length in pieces]
    )


# --- dots and separators ----------------------------------------------------------------------------

_TITLES = (
    "mr|dr|st|ms|jr|sr|lt|pr|mt|ft|vs",
    "mme|mrs|ste|gen|col|sgt|cdt|cmd|maj|rev|hon|gov|sen|rep|sra|dra|mgr|cpt|adm",
    "mlle|prof|capt|dept|brig",
)
# A dot that ends no phrase: after a title or a single letter, or between two digits.
_SOFT_DOT = re.compile(
    r"\.(?:(?<=[^\w]\w\.)"
    + "".join(rf"|(?<=[^\w](?:{names})\.)(?=[ \n\xa0]?\w)" for names in _TITLES)
    + r"|(?<=\d\.)(?=\d))"
)
_INITIAL_NEXT = re.compile(r"[^\W\d_](?!\w)")
_LETTER_BEFORE = re.compile(r"[^\W\d_]")
_LINES = re.compile(f"{_LINE} *{_LINE}")
_BLANKS = re.compile("(  +)")


def _soften(flat: str) -> str:
    """The flat text with "U.S." as one word and without the dots that end no phrase; same length."""

    def replace(match: re.Match[str]) -> str:
        place = match.start()
        is_joined = _LETTER_BEFORE.match(flat, place - 1) and _INITIAL_NEXT.match(flat, place + 1)
        return _DROP if is_joined else _SOFT

    return _SOFT_DOT.sub(replace, flat) if _DOT in flat else flat


def _harden(flat: str) -> str:
    """The flat text with a hard break for two lines and a blank for one; same length."""
    if flat.count(_LINE) == 2 * flat.count(_LINE + _LINE):
        return flat.replace(_LINE, _HARD)
    flat = flat.replace(_LINE + _LINE, _HARD + _HARD)
    if f"{_LINE} " in flat:
        flat = _LINES.sub(lambda lines: _HARD * len(lines[0]), flat)
    return flat.replace(_LINE, _SOFT)


def _ends(pieces: Iterable[str], more: int) -> list[int]:
    """Where the text behind each piece begins if pieces are joined by `more` characters."""
    return list(accumulate(map(more.__add__, map(len, pieces))))


def _narrow(flat: str) -> tuple[str, list[int]]:
    """The flat text with one blank for each run of them, and before which of its places one was left out."""
    pieces = flat.split(GAP)
    bare = list(map(str.lstrip, pieces))
    if "" in bare:
        # Four blanks or more.
        parts = _BLANKS.split(flat)
        bare, runs = parts[::2], map(len, parts[1::2])
    else:
        runs = map(sub, map(len, pieces[1:]), map(len, bare[1:]))
        runs = map((2).__add__, runs)
    ends = _ends(bare, 1)
    more = [end for end, run in zip(ends, runs, strict=False) if run > 2 for _ in range(run - 2)]
    return " ".join(bare), sorted(ends + more) if more else ends


class Folded:
    """A folded text and the way back to the original."""

    __slots__ = ("_dropped", "_first", "_hard", "_narrowed", "original", "text")

    def __init__(self, text: str) -> None:
        self.original = text
        flat, self._first = _flatten(text)
        # The frame lets every word stand between blanks.
        flat = f"{_HARD}{flat}{_HARD}"
        #: Before which places of the flat text something was dropped, for each time.
        self._dropped: list[list[int]] = []
        if _DROP in flat:
            flat = self._drop(flat)
        if _DOT in flat:
            # Marks are gone by now, so that initials are told from words.
            flat = _soften(flat).replace(_DOT, _HARD)
            if _DROP in flat:
                flat = self._drop(flat)
        flat, self._narrowed = _narrow(_harden(flat))
        pieces = flat.split(_HARD)
        self.text = GAP.join(pieces)
        #: Where the text after each hard break begins, which is one character longer than it was.
        self._hard = _ends(pieces, len(GAP))

    def _drop(self, flat: str) -> str:
        pieces = flat.split(_DROP)
        self._dropped.append(_ends(pieces[:-1], 0))
        return "".join(pieces)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Start and end in the original of the words at `start` to `end` (both at letters' edges, no break between)."""
        before = bisect_right(self._hard, start)
        first, last = start - before, end - before - 1
        # One character of frame in front.
        first += bisect_right(self._narrowed, first) - 1
        last += bisect_right(self._narrowed, last) - 1
        return (first, last + 1) if self._first is None and not self._dropped else self._exact(first, last)

    def spans(self, places: Iterable[tuple[int, int, Any]]) -> list[tuple[int, int]]:
        """The same for many places, which do not overlap and come from the end of the text to its beginning."""
        if self._first is not None or self._dropped:
            return [self.span(start, end) for start, end, _ in places]
        before, left = len(self._hard) - 1, len(self._narrowed) - 1
        hard, narrowed = [-1, *self._hard], [-1, *self._narrowed]
        found = []
        for start, end, _ in places:
            while start < hard[before]:
                before -= 1
            first, last = start - before, end - before
            while first < narrowed[left]:
                left -= 1
            more = left - 1 if last <= narrowed[left + 1] else bisect_right(self._narrowed, last - 1) - 1
            found.append((first + left - 1, last + more))
        return found

    def _exact(self, first: int, last: int) -> tuple[int, int]:
        """A span of the flat text in the original, where some characters became several, or none."""
        for dropped in reversed(self._dropped):
            # One character of frame in front.
            first += bisect_right(dropped, first + 1)
            last += bisect_right(dropped, last + 1)
        end = last + 1
        if self._first is not None:
            first, end = self._first.back(first), self._first.back_end(last)
        text = self.original
        # Marks belong to the letter before them, and the last dot to "U.S.".
        while self._dropped and end < len(text) and fold_char(text[end]) == _DROP:
            end += 1
        is_dotted = bool(self._dropped) and text[end : end + 1] == "." == text[end - 2 : end - 1] and end - first > 2
        return first, end + is_dotted

    def place(self, position: int) -> int:
        """Where the original's character at `position` is in the folded text, or what stands for it."""
        place = (self._first.forth(position) if self._first is not None else position) + 1
        for dropped in self._dropped:
            place -= _before(dropped, place, 1)
        place -= _before(self._narrowed, place, 1)
        return place + _before(self._hard, place + 2, -1)


def _before(places: list[int], position: int, step: int) -> int:
    """How many of the changes at `places`, each of which moves what is behind it, are before an old position."""
    return bisect_left(range(len(places)), position, key=lambda n: places[n] + step * n)


def fold(text: str) -> Folded:
    """Fold a text."""
    return Folded(text)


def words_of(text: str) -> list[str]:
    """The folded words of a text, with BREAK at each hard break inside it."""
    if text.isascii() and text.replace(" ", "").isalnum():
        return text.lower().split()
    flat, _ = _flatten(text)
    if not any(mark in flat for mark in (_HARD, _DOT, _DROP, _LINE)):
        # Accents, hyphens, apostrophes, other scripts: nothing in it parts phrases or leaves words open.
        return flat.split()
    phrases = [phrase.split() for phrase in Folded(text).text.split(GAP)]
    words: list[str] = []
    for phrase in filter(None, phrases):
        words += [BREAK, *phrase] if words else phrase
    return words


_ASCII_CAPS = {
    code: "U" if chr(code).isupper() else "l" if chr(code).islower() else "-" if chr(code).isdigit() else None
    for code in range(128)
}


def caps_of(text: str) -> str:
    """The capitals of a text: U, l or - for each folded letter (upper, lower, neither).

    Two texts that fold alike are written alike if these are equal.
    """
    if text.isascii():
        return text.translate(_ASCII_CAPS)
    marks = []
    for char in text:
        folded = fold_char(char).strip()
        if folded and folded not in {_DROP, _HARD, _DOT}:
            marks.append(("U" if char.isupper() else "l" if char.islower() else "-") * len(folded))
    return "".join(marks)
