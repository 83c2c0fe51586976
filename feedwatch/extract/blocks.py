"""Blocks of an article, and how two opinions of which blocks are its text become one. Pure.

The first opinion knows the markup of the web's themes; the second knows only where prose is dense. Where they agree,
the second adds the sentences that the first lost (a standfirst, a paragraph built otherwise) and cuts what the first
let in below the last line of text. Where they disagree, the far longer one wins if it holds the other, and prose wins
over lists.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import itemgetter

from feedwatch.extract.furniture import is_home, kind_of

#: Comparing more blocks than this is not worth the time; the first opinion stands.
MAX_BLOCKS = 2_000
#: The second opinion replaces the first when it is so many times as long and holds so much of it, or of almost nothing.
LONGER = 1.5
HOLDS = 0.9
ALMOST_NOTHING = 600
#: From so much common text on, the second opinion may add and cut.
AGREEMENT = 0.5
#: The first opinion is worth a more costly reading when less of either is in the other.
DOUBT = (0.5, 0.3)
#: A more costly reading looks for more; it hardly ever changes a first opinion of so many letters, the longer of both.
FOUND_CHARS = 1_000
#: With less in common, a second opinion of so many letters wins when less of what only the first has is sentences.
PROSE_CHARS = 400
HARDLY = 0.3
#: Characters of a sentence that may be added, and of one that stays below the last common block.
_ADDED_CHARS = 80
_TAIL_CHARS = 60
#: Shorter blocks are too common to say where they belong.
_ANCHOR_CHARS = 20
#: What an article is at least of the layout table that holds it.
_OF_TABLE = 0.4
_TRAIL_SIGNS = (">", "›", "»", "/")
_TRAIL_CHARS = 300
#: A block with less of its text outside of links is one.
_OUTSIDE = 0.2
_LINK = re.compile(r"<a\s[^>]*>.*?</a>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_SENTENCE_END = re.compile(r"[.!?…:\"»”؟۔。！？][\"»”')\]]*$")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, list or table."""

    #: Plain text; the lines of a list or table on lines of their own.
    text: str
    #: Unsanitised HTML.
    html: str


@dataclass(frozen=True, slots=True)
class Overlap:
    """What two lists of blocks have in common; blocks are compared by their letters and figures."""

    first: tuple[str, ...]
    second: tuple[str, ...]
    #: All of each list in one.
    whole_first: str
    whole_second: str
    #: Share of the first's characters that the second holds, and the reverse.
    of_first: float
    of_second: float

    @property
    def is_doubtful(self) -> bool:
        """Whether the opinions differ so much that one of them is wrong, and the first may have missed something."""
        is_found = len(self.whole_first) >= max(FOUND_CHARS, len(self.whole_second))
        return not is_found and (self.of_first < DOUBT[0] or self.of_second < DOUBT[1])


def overlap(first: Sequence[Block], second: Sequence[Block]) -> Overlap:
    """Compare two opinions."""
    ones, others = tuple(_bare(block.text) for block in first), tuple(_bare(block.text) for block in second)
    one, other = "".join(ones), "".join(others)
    return Overlap(
        first=ones,
        second=others,
        whole_first=one,
        whole_second=other,
        of_first=_share(ones, other),
        of_second=_share(others, one),
    )


def agree(first: Sequence[Block], second: Sequence[Block], common: Overlap) -> list[Block]:
    """The blocks that both opinions together take for the article."""
    if not first or not second or len(first) + len(second) > MAX_BLOCKS:
        return list(first or second)
    one, other = len(common.whole_first), len(common.whole_second)
    if other > LONGER * one and (common.of_first >= HOLDS or one < ALMOST_NOTHING):
        return list(second)
    if common.of_first < AGREEMENT:
        is_better = _is_glued(first, common) or (other >= PROSE_CHARS and _is_the_prose(second, first, common))
        return list(second if is_better else first)
    ordered = _in_order(first, common)
    if ordered != list(first):
        first, common = ordered, overlap(ordered, second)
    return _without_tail(_with_lost(first, second, common), common)


def _in_order(first: Sequence[Block], common: Overlap) -> list[Block]:
    """The first's blocks in the order of the page, which is the second's; the library may put one before all others."""
    once = Counter(common.second) + Counter(common.first)
    places = {bare: place for place, bare in enumerate(common.second) if once[bare] == 2 and len(bare) > _ANCHOR_CHARS}
    known = [places[bare] for bare in common.first if bare in places]
    if known == sorted(known):
        return list(first)
    keys: list[int] = []
    # What the second has not stands with what follows it, as headings do.
    below = len(common.second)
    for bare in reversed(common.first):
        below = places.get(bare, below)
        keys.append(below)
    return [block for _, block in sorted(zip(reversed(keys), first, strict=True), key=itemgetter(0))]


def _is_glued(first: Sequence[Block], common: Overlap) -> bool:
    """Whether one line of the first is the whole second and not much more: the cells of a layout table."""
    whole = common.whole_second
    long = [bare for line in _lines(first) if len(line) > len(whole) and (bare := _bare(line))]
    return any(len(bare) * _OF_TABLE <= len(whole) < len(bare) and whole in bare for bare in long)


def _is_the_prose(second: Sequence[Block], first: Sequence[Block], common: Overlap) -> bool:
    """Whether hardly any of what only the first has is sentences, and less than the second has of them."""
    alone = [line for line in _lines(first) if _bare(line) not in common.whole_second]
    return _prose_chars(alone) < min(HARDLY * sum(map(len, alone)), _prose_chars(_lines(second)))


def _lines(blocks: Sequence[Block]) -> list[str]:
    return [line for block in blocks for line in block.text.split("\n")]


def _prose_chars(lines: Sequence[str]) -> int:
    return sum(len(line) for line in lines if _is_sentence(line, _TAIL_CHARS))


def without_furniture(blocks: Sequence[Block]) -> list[Block]:
    """The blocks without those whose every line is furniture, and the links below a heading of other articles."""
    kept: list[Block] = []
    is_list = False
    for block in blocks:
        kinds = {"noise" if _is_trail(line) else kind_of(line) for line in block.text.split("\n")}
        if None not in kinds:
            is_list = "related" in kinds or ("linked" in kinds and block.text.endswith(":"))
        elif not (is_list and _is_link(block)):
            is_list = False
            kept.append(block)
    return kept


def _is_trail(line: str) -> bool:
    """Whether a line is the way from the home page to the article."""
    first, separator, _ = line.partition(next((sign for sign in _TRAIL_SIGNS if sign in line), "\n"))
    return bool(separator) and len(line) <= _TRAIL_CHARS and is_home(first)


def _is_link(block: Block) -> bool:
    """Whether hardly any of the block stands outside of links."""
    return len(_TAG.sub("", _LINK.sub("", block.html)).strip()) < _OUTSIDE * len(block.text)


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _share(parts: Sequence[str], whole: str) -> float:
    total = sum(map(len, parts))
    if not total or len(parts) > MAX_BLOCKS:
        return 0.0
    return sum(len(part) for part in parts if part in whole) / total


def _with_lost(first: Sequence[Block], second: Sequence[Block], common: Overlap) -> list[Block]:
    """The first's blocks with the sentences of the second that stand above or between them."""
    anchors = _anchors(common)
    last = max(anchors, default=-1)
    added: dict[int, list[Block]] = {}
    for place, (block, bare) in enumerate(zip(second[:last], common.second, strict=False)):
        if bare not in common.whole_first and _is_sentence(block.text, _ADDED_CHARS) and kind_of(block.text) is None:
            below = next(anchors[after] for after in range(place + 1, last + 1) if after in anchors)
            added.setdefault(below, []).append(block)
    if not added:
        return list(first)
    return [part for place, block in enumerate(first) for part in (*added.get(place, ()), block)]


def _anchors(common: Overlap) -> dict[int, int]:
    """Which block of the first each block of the second is, or holds, by their places."""
    found: dict[int, int] = {}
    starts = [0, *accumulate(map(len, common.first))]
    others = [0, *accumulate(map(len, common.second))]
    for place, bare in enumerate(common.first):
        at = common.whole_second.find(bare) if len(bare) > _ANCHOR_CHARS else -1
        if at >= 0:
            found.setdefault(bisect_right(others, at) - 1, place)
    for place, bare in enumerate(common.second):
        at = common.whole_first.find(bare) if len(bare) > _ANCHOR_CHARS and place not in found else -1
        if at >= 0:
            found[place] = bisect_right(starts, at) - 1
    return found


def _without_tail(blocks: Sequence[Block], common: Overlap) -> list[Block]:
    """The blocks without what is no sentence below the last one that the second opinion holds, too."""
    held = [len(bare) > _ANCHOR_CHARS and bare in common.whole_second for bare in (_bare(b.text) for b in blocks)]
    last = max((place for place, is_held in enumerate(held) if is_held), default=len(blocks))
    return [block for place, block in enumerate(blocks) if place <= last or _is_sentence(block.text, _TAIL_CHARS)]


def _is_sentence(text: str, chars: int) -> bool:
    return len(text) >= chars and bool(_SENTENCE_END.search(text))
