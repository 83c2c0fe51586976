"""Small pure functions on text that more than one floor needs."""

from __future__ import annotations

import hashlib
import re
import unicodedata

# Everything outside the Char production of XML 1.0 (section 2.2), noncharacters included.
# One class of what is illegal is five times as fast as the negation of what is legal.
_XML_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U0001fffe\U0001ffff]")
_CONTROLS = bytes({*range(32)} - {9, 10, 13})
#: How U+FDD0 to U+FDEF, U+FFFE, U+FFFF, U+1FFFE and U+1FFFF begin in UTF-8, with a few legal ones.
_SUSPECT_LEADS = (b"\xef\xb7", b"\xef\xbf", b"\xf0\x9f\xbf")
#: Their first bytes, which most texts do not have: one byte is found twenty times as fast as two.
_BMP_LEAD, _EMOJI_LEAD = 0xEF, 0xF0
_LONG_CHARS = 100
_LINE_END = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_LOOKALIKES = str.maketrans("’‘ʼ`ʹٱى", "'''''اي")
#: Scripts written without blanks, by their first and last characters: signs of which two or so are a word, and letters.
UNPARTED_SIGNS = (
    (0x3005, 0x3007), (0x3040, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F), (0x20000, 0x3FFFF),
)  # fmt: skip
UNPARTED_LETTERS = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF))
_SIGNS, _LETTERS = (
    "".join(f"{chr(low)}-{chr(high)}" for low, high in each) for each in (UNPARTED_SIGNS, UNPARTED_LETTERS)
)
_SIGN = re.compile(f"[{_SIGNS}]")
_RUNS = re.compile(f"([{_SIGNS}]+)|([{_LETTERS}]+)")
_LETTERS_OF_A_WORD = 5
_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")


def xml_legal(text: str) -> str:
    """The text without the characters that XML 1.0 forbids (controls, lone surrogates, noncharacters)."""
    return text if len(text) > _LONG_CHARS and _is_plainly_legal(text) else _XML_ILLEGAL.sub("", text)


def _is_plainly_legal(text: str) -> bool:
    """Whether no byte of the text begins a forbidden character: ten times as fast as to look at each character."""
    try:
        data = text.encode()
    except UnicodeEncodeError:
        return False
    if len(data.translate(None, _CONTROLS)) != len(data):
        return False
    is_suspect = _BMP_LEAD in data or _EMOJI_LEAD in data
    return not is_suspect or not any(lead in data for lead in _SUSPECT_LEADS)


def one_line(text: str) -> str:
    """The text on one line: every run of white space is one blank, none at the ends."""
    return " ".join(xml_legal(text).split())


def count_words(text: str) -> int:
    """The words of the text, those of scripts without blanks by what they take on the average."""
    return len(text.split()) + unparted_words(text)


def unparted_words(text: str) -> int:
    """How many words there are about in scripts without blanks, beyond those that blanks and signs part."""
    if text.isascii():
        return 0
    return sum(len(signs) // 2 + len(letters) // _LETTERS_OF_A_WORD for signs, letters in _RUNS.findall(text))


def weigh(text: str) -> int:
    """How much the text says, in letters of an alphabet: a Chinese or Japanese sign counts three."""
    return len(text) if text.isascii() else len(text) + 2 * len(_SIGN.findall(text))


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a plain text (separated by blank lines), each on one line, empty ones left out."""
    lines = _LINE_END.sub("\n", text)
    return [line for part in _BLANK_LINES.split(lines) if (line := one_line(part))]


def fold_plain(text: str) -> str:
    """The text for rough comparing: lower case, without accents and vowel marks, straight apostrophes."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))
    return bare.translate(_LOOKALIKES)


def shorten(text: str, limit: int) -> str:
    """The text on one line in at most `limit` characters, cut at a word where there is one, with "…"."""
    line = one_line(text)
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    space = cut.rfind(" ")
    return (cut[:space] if space > limit // 2 else cut).rstrip(" ,;:–-") + "…"


def printable(text: str, limit: int = 500) -> str:
    """Outside text made safe for a log line or a terminal.

    Line ends, controls, escape sequences and direction overrides become visible escapes; at most
    `limit` characters.
    """
    shown = "".join(
        char if char == " " or unicodedata.category(char)[0] not in "CZ" else _escape(char) for char in text[:limit]
    )
    return shown + ("…" if len(text) > limit else "")


def _escape(char: str) -> str:
    # U+200C and U+200D are part of how Arabic-script words are written.
    if char in "\u200c\u200d":
        return char
    if unicodedata.category(char) == "Zs":
        return " "
    return char.encode("unicode_escape").decode("ascii")


def digest(*parts: str | None) -> str:
    """A stable fingerprint of the parts (sha256, 32 hexadecimal digits) with a version in front.

    Absent and empty parts differ, and so do ("ab", "c") and ("a", "bc").
    """
    state = hashlib.sha256()
    for part in parts:
        data = b"" if part is None else part.encode("utf-8", "surrogatepass")
        state.update(b"-" if part is None else b"+%d:" % len(data))
        state.update(data)
    return "1-" + state.hexdigest()[:32]


def fingerprint(text: str) -> int:
    """A stable fingerprint that every database holds as a whole number (BLAKE2b, 63 bits); never 0."""
    data = text.encode("utf-8", "surrogatepass")
    return (int.from_bytes(hashlib.blake2b(data, digest_size=8).digest()) >> 1) or 1
