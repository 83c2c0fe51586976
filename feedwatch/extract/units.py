"""Cuts the text of a page into units: lines, or sentences where the line ends were lost."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice, pairwise

from feedwatch.extract.furniture import Kind, advert_length, cut_at_adverts, kind_of, marks
from feedwatch.text import one_line, unparted_words, xml_legal

MAX_CHARS = 400_000
MAX_UNITS = 20_000
#: A line this long in a page of few lines has lost its line ends.
_LONG_LINE = 1_500
#: Words in a line of a comment form.
_LONGEST_FORM = 20
_SHORT_KINDS = frozenset(("comments", "linked"))
#: Words of a line that holds a whole paragraph.
_WHOLE_TEXT = 40
_INNER_END = re.compile(r"[^\W\d_]{2}[.!?…؟。][»”\"’)\]]?\s+\W?[^\W\d_]")
_SOFT_HYPHEN = "\u00ad"

_CLOSING = "»”\"’')]›*\u200f\u200e "
_SENTENCE_END = (".", "!", "?", "…", ":", ";", "؟", "۔", "。", "।", "！", "？")
_CUT_OFF = ("…", "...", "[…", "[...")
#: A title that directly follows its own end is looked for at the start of a page only, and has so many characters.
_START_CHARS = 1_500
_LEAST_DOUBLED = 20
#: A page has its title in few places.
_FEW_TITLES = 3
#: Behind words within a sentence; before a new one.
_GOES_ON = re.compile(r"\s+[a-zß-öø-ÿ]|[,;]|['’]\w")
_BEGINS = re.compile(r"\s+[«“„\"]?\s?[A-ZÀ-ÖØ-Þ]")
_ENDED = re.compile(r"[.!?…؟][»”\"’)]?\s+$")
#: Behind a sentence one or two words of the next, which happen to be the same both times.
_FEW_WORDS_MORE = re.compile(r"([^\W\d_]{2}[.!?…؟][»”\"’)]?)\s+[A-ZÀ-ÖØ-Þ][^\W_]*(?:\s[^\W_]+)?$")
_DOUBLED = re.compile(r"(?<![^\W_])([^\W\d_][^\n]{19,200}?[^\W_][?!»\"]?)\s*\1|([^\W\d_][^\n]{19,200})\s*\2")
_LISTED = re.compile(r"(?:[-–—•●▪*·]|\(?\d{1,2}\s?[.)°-]|[a-z]\))\s?\S")
_CONTINUED = re.compile(r"[,;:.)»”%]")
LINE_END = re.compile(r"\r\n?|[\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# After the end of a sentence, with or without a blank before the next one.
_SENTENCE = re.compile(
    r"(?<=[.!?…؟])([»”\"’)\]]*)(\s+(?=\S)|(?=[A-ZÀ-ÖØ-Þ][^\W\d_]|[«“„\"]\s?[^\W\d_])|"
    r"(?<=[a-zß-öø-ÿ]{2}[.!?])(?=[A-ZÀ-ÖØ-Þ](?:\s[a-zß-öø-ÿ]|['’]))|"
    # Arabic has no capitals: two letters on both sides, so that no initial counts.
    r"(?<=[ء-ي]{2}[.!؟])(?=[ء-ي]{2}))"
)
# Where a line end was lost: a small letter, figure or closing sign directly before a capital and a small letter.
_GLUE = re.compile(r"(?<=[a-zß-öø-ÿ0-9»)\]!?…])(?=(?:«\s?|[“„])?[A-ZÀ-ÖØ-Þ](?:[a-zß-öø-ÿ'’]|\s[a-zß-öø-ÿ]))")
_WORD = re.compile(r"[^\W_]+(?:['’\-.][^\W_]+)*")
_INITIALS = re.compile(
    r"(?:^|[\s(«“\"'’.-])(?:[A-ZÀ-Þ]|[A-Z][a-z]|Mme|Mlle|Mgr|Sra|Prof|Gen|Gén|Col|Cap|Lieut|vol|art|cf|etc|env|av|apr|no|No|n°|Inc|Ltd|bzw|ca)\.$"
)


#: Of 23,000 headlines the longest has 154 characters: what is longer in a text that lost its line ends is several.
_LONGEST_HEADLINE = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A line or sentence of a page with what its shape says."""

    text: str
    words: int
    #: Share of the words after the first that start with a capital.
    capitals: float
    is_sentence: bool
    kind: Kind | None
    #: Whether it belongs to the same paragraph as the unit before.
    continues: bool = False

    @property
    def is_listed(self) -> bool:
        """Whether a bullet or number stands before it."""
        return self.words >= 3 and bool(_LISTED.match(self.text))

    @property
    def is_headline(self) -> bool:
        """Whether it may be the headline of an article: neither a label nor a sentence nor furniture."""
        return (
            self.kind is None
            and 4 <= self.words <= 35
            and 20 <= len(self.text) <= _LONGEST_HEADLINE
            and not self.text.endswith((".", ";", ","))
        )

    @property
    def is_label(self) -> bool:
        """Whether it may be the name of a region or section."""
        return (
            self.kind is None
            and 1 <= self.words <= 5
            and len(self.text) <= 40
            and not self.is_sentence
            and self.text[0].isalpha()
            and not self.text[0].islower()
        )


def make_unit(text: str, *, continues: bool = False) -> Unit:
    """A unit with its shape."""
    line = one_line(text)
    found = _WORD.findall(line[:5_000])
    capital = sum([word[0].isupper() for word in found[1:]])
    words = len(found) + unparted_words(line[:5_000])
    is_sentence, kind = _ends_sentence(line, words), kind_of(line)
    if is_sentence and kind in _SHORT_KINDS and words > _LONGEST_FORM:
        # "Your reactions to the new coin have been many, and …" speaks of readers; a form is shorter.
        kind = None
    return Unit(
        text=line,
        words=words,
        capitals=capital / (len(found) - 1) if len(found) > 1 else 0.0,
        is_sentence=is_sentence,
        kind=kind,
        continues=continues,
    )


def _ends_sentence(line: str, words: int) -> bool:
    if words >= _WHOLE_TEXT and _INNER_END.search(line):
        # Several sentences in one line are prose, whatever stands behind the last one.
        return True
    bare = line.rstrip(_CLOSING)
    if bare.endswith(_CUT_OFF):
        # Teasers are cut off like this; a paragraph may end so, too.
        return words > 30
    if not bare.endswith(_SENTENCE_END):
        # A quotation that fills a paragraph.
        return words >= 15 and line[-1:] in '»”"' and line[:1] in '«“"„–-—'
    return words >= (6 if bare.endswith((":", ";")) else 3)


def units_of(text: str, title: str = "") -> list[Unit]:
    """The units of a page's text in its order; at most MAX_UNITS of its first MAX_CHARS characters.

    `title`, when known, is a unit of its own wherever it stands in a text without line ends.
    """
    lines = LINE_END.split(xml_legal(text[:MAX_CHARS]).replace(_SOFT_HYPHEN, ""))
    filled = sum(1 for line in lines if line.strip())
    longest = max((len(line) for line in lines), default=0)
    if (longest > _LONG_LINE and longest > 0.4 * sum(map(len, lines))) or filled == 1:
        # Prose repeats its own first words, too; only the first line of a page may begin with the page's title.
        first = next((place for place, line in enumerate(lines) if line.strip()), -1)
        found = chain.from_iterable(
            _unbroken(line, title or (repeated_title(line) if place == first else ""))
            for place, line in enumerate(lines)
        )
    else:
        found = chain.from_iterable(map(_units_of_block, _blocks(lines)))
    return list(islice((unit for unit in found if unit.text), MAX_UNITS))


def _units_of_block(block: list[str]) -> Iterator[Unit]:
    """One unit a line; the parts of a paragraph that was wrapped or broken at its links are joined."""
    wrapped = _is_wrapped(block)
    waiting: list[Unit] = []
    for line in block:
        if waiting and not (wrapped or _goes_on(waiting[-1], line)):
            yield _together(waiting)
            waiting = []
        if _is_glued(line):
            yield from _unbroken(line, "")
        else:
            waiting.append(make_unit(line))
    if waiting:
        yield _together(waiting)


def _together(units: list[Unit]) -> Unit:
    return units[0] if len(units) == 1 else make_unit(" ".join(unit.text for unit in units))


def _blocks(lines: list[str]) -> list[list[str]]:
    """Lines between blank lines."""
    blocks: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _is_wrapped(block: list[str]) -> bool:
    """Whether a block is one paragraph wrapped at a column: lines of one width that break off within sentences."""
    lengths = [len(line) for line in block[:-1]]
    if len(block) < 3 or not 40 <= max(lengths) <= 120 or min(lengths) < 0.7 * max(lengths) or len(block[-1]) > 120:
        return False
    firsts = [
        first for line in block[1:] if (first := next(filter(str.isalpha, line), "")) and first.lower() != first.upper()
    ]
    if firsts:
        return sum(map(str.islower, firsts)) >= 0.4 * len(firsts)
    return sum(not line.rstrip(_CLOSING).endswith(_SENTENCE_END) for line in block[:-1]) >= 0.6 * len(lengths)


def _is_glued(line: str) -> bool:
    """Whether a line is many lines whose ends were lost."""
    return len(line) >= 300 and line.count(" ") < 9 * sum(1 for _ in _GLUE.finditer(line))


def _goes_on(before: Unit, line: str) -> bool:
    """Whether a line is the rest of the sentence that the line before began."""
    text = one_line(line)
    if not text or before.kind is not None or before.is_sentence or _is_glued(line):
        return False
    if not (text[0].islower() and before.words >= 2) and not _CONTINUED.match(text):
        return False
    return kind_of(text) is None


def _unbroken(line: str, title: str) -> Iterator[Unit]:
    """The sentences of a line that holds a whole page; furniture glued to them is cut off."""
    pieces = unicodedata.normalize("NFC", line).split(title) if title else [unicodedata.normalize("NFC", line)]
    for place, piece in enumerate(pieces):
        if place:
            yield make_unit(title)
        for part in cut_at_adverts(piece):
            advert = advert_length(part)
            if advert:
                yield make_unit(part[:advert])
            for text, continues in _sentences(part[advert:]):
                yield from _pieces(text, continues=continues)


def _sentences(text: str) -> Iterator[tuple[str, bool]]:
    """The sentences of a text, and whether each follows the one before in the same paragraph."""
    places = {0: False}
    for match in _SENTENCE.finditer(text):
        if not (match[2] and _INITIALS.search(text, max(0, match.start() - 12), match.start())):
            places[match.end()] = bool(match[2])
    places |= dict.fromkeys(marks(text), False)
    starts = sorted(places)
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        yield text[start:end], places[start]


def repeated_title(line: str) -> str:
    """The longest beginning of a text that stands in it again: a page's title element, "" without one.

    Prose begins with the same words twice, too: where a sentence goes on behind them, or they are one between others,
    they are no title.
    """
    text = line.lstrip()
    low, high = 0, min(250, len(text) // 2)
    while low < high:
        middle = (low + high + 1) // 2
        if text.find(text[:middle], middle) >= 0:
            low = middle
        else:
            high = middle - 1
    found = text[:low]
    if low < len(text) and found and found[-1].isalnum() and text[low].isalnum() and not text[low].isupper():
        found = found.rpartition(" ")[0]
    found = _FEW_WORDS_MORE.sub(r"\1", found.rstrip(" \t|-–—:»›•·"))
    is_title = found.count(" ") >= 2 and len(found) >= 12 and not _is_prose(text, found)
    title = found if is_title else _doubled(text)
    # A text that is little else has no title.
    return "" if text.count(title) > _FEW_TITLES and text.count(title) * len(title) * 2 > len(text) else title


def _is_prose(text: str, start: str) -> bool:
    """Whether the beginning of a text and its next occurrence are parts of sentences."""
    again = text.find(start, len(start))
    between = text[len(start) : again]
    behind, ended = text[again + len(start) : again + len(start) + 10], bool(_ENDED.search(between))
    goes_on = _GOES_ON.match(between) and (ended or _GOES_ON.match(behind))
    if goes_on or (start.endswith(".") and ended and _BEGINS.match(between)):
        return True
    # Scripts without capitals: a sentence before it, and one that goes on behind.
    caseless = start[0].lower() == start[0].upper() and start[0].isalpha()
    return caseless and ended and between[:1].isspace() and between.lstrip()[:1].isalpha()


def _doubled(text: str) -> str:
    """A title that directly follows its own end in a breadcrumb, near the beginning."""
    start = text[:_START_CHARS]
    # Of most texts no piece of that length comes again: that is told much sooner than by the pattern.
    pieces = range(len(start) - _LEAST_DOUBLED + 1)
    if len({start[at : at + _LEAST_DOUBLED] for at in pieces}) >= len(pieces):
        return ""
    match = _DOUBLED.search(start)
    return (match[1] or match[2]).strip() if match else ""


def _pieces(sentence: str, *, continues: bool) -> list[Unit]:
    """The sentence as one unit, or its furniture and its prose apart where line ends were lost in it."""
    places = [0, *(match.start() for match in _GLUE.finditer(sentence)), len(sentence)]
    pieces = [sentence[a:b] for a, b in pairwise(places)]
    words = len(sentence.split())
    if (len(pieces) < 3 and words >= 8) or words >= 9 * len(pieces):
        cut = 1 if len(pieces) > 1 and (kind_of(pieces[0].strip()) or _is_labelled(pieces)) else 0
    else:
        # The prose is what is left after the last piece that is shorter than a clause.
        cut = len(pieces) - 1
        while cut > 0 and len(pieces[cut - 1].split()) >= 8:
            cut -= 1
    units = [make_unit(piece, continues=continues and not place) for place, piece in enumerate(pieces[:cut])]
    rest = "".join(pieces[cut:])
    advert = advert_length(rest)
    if advert:
        units.append(make_unit(rest[:advert]))
    return [*units, _headed(make_unit(rest[advert:], continues=continues and not (cut or advert)))]


def _is_labelled(pieces: list[str]) -> bool:
    """Whether the first of two pieces is the label of a headline: short, and no sentence follows."""
    return make_unit(pieces[0]).is_label and not make_unit(pieces[-1]).is_sentence


def _headed(unit: Unit) -> Unit:
    """A long run of words that starts with a heading of furniture is all furniture."""
    if unit.kind is not None or unit.words < 9:
        return unit
    words = unit.text.split()
    kind = kind_of(" ".join(words[:8]))
    if kind == "comments" and unit.is_sentence and unit.words > _LONGEST_FORM:
        # Behind a heading a new line began, with a capital; "Your reactions to …" goes on.
        heading = next((end for end in range(1, 9) if kind_of(" ".join(words[:end])) == "comments"), 8)
        if words[heading][:1].islower():
            return unit
    if kind == "comments" or (kind == "related" and (unit.capitals > 0.2 or not unit.is_sentence)):
        return replace(unit, kind=kind)
    return unit
