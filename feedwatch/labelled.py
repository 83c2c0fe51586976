"""Documents with labels that people gave them: the yardstick of rules. One JSON object a line, .xz or plain.

Fields: `text` and `title` (one of them is needed), `lang`, `url`, `tags`; `topics` and `countries` (or `regions`)
are lists of labels. An absent or empty list says nothing about its facet.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feedwatch.errors import ConfigError, Fault
from feedwatch.extract.language import LanguageDetector
from feedwatch.model import Article, Facet
from feedwatch.text import one_line, xml_legal

#: Titles stand in for absent ones, because an article must have one; without letters they mean nothing.
NO_TITLE = "—"
#: Longer lines are refused: a document has some kilobytes.
MAX_LINE_CHARS = 4_000_000
#: Faults reported of one file.
MAX_FAULTS = 20
_FIELDS: Mapping[Facet, tuple[str, ...]] = {"topic": ("topics", "topic"), "region": ("countries", "regions", "region")}
# ISO 639-3 codes, which corpora use, of languages that have a code of two letters.
_SHORT = {
    "ara": "ar", "arb": "ar", "eng": "en", "fra": "fr", "fre": "fr", "hau": "ha", "por": "pt", "spa": "es",
    "deu": "de", "ita": "it", "swa": "sw", "swh": "sw", "yor": "yo", "ibo": "ig", "amh": "am", "som": "so",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A document and what people say of it."""

    article: Article
    #: Labels as written, in lower case; a facet that is not in it was not judged.
    labels: Mapping[Facet, frozenset[str]]


def read_labelled(
    path: Path, *, lang: str | None = None, detector: Callable[[], LanguageDetector] = LanguageDetector
) -> list[Labelled]:
    """Read a file of labelled documents; with `lang` only those in that language.

    Languages that the file does not name are detected.

    Raises:
        ConfigError: the file cannot be read, or lines of it are wrong (all of them, up to a limit).
    """
    found: list[Labelled] = []
    faults: list[Fault] = []
    detect = detector()
    for number, line in _lines(path):
        item = _read_line(line, number, path, detect, faults)
        if item is not None and (lang is None or lang in item.article.languages):
            found.append(item)
        if len(faults) >= MAX_FAULTS:
            break
    if not faults and not found:
        only = f" in the language {lang!r}" if lang else ""
        faults.append(Fault(file=str(path), message=f"holds no labelled document{only}"))
    if faults:
        raise ConfigError(faults)
    return found


def short_language(tag: str) -> str:
    """The language of a tag as rules name it: two letters where there are ("fr" for "fra" and "fr-FR")."""
    code = tag.strip().lower().partition("-")[0]
    return _SHORT.get(code, code)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that are not empty, with their numbers from 1."""
    try:
        with lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8") as file:
            for number, line in enumerate(iter(lambda: file.readline(MAX_LINE_CHARS), ""), 1):
                if line.strip():
                    yield number, line
    except FileNotFoundError as error:
        raise ConfigError([Fault(file=str(path), message="no such file")]) from error
    except (OSError, EOFError, lzma.LZMAError) as error:
        message = f"cannot be read: {getattr(error, 'strerror', None) or error}"
        raise ConfigError([Fault(file=str(path), message=message)]) from error
    except UnicodeDecodeError as error:
        raise ConfigError([Fault(file=str(path), message="is not UTF-8", cure="save the file as UTF-8")]) from error


def _read_line(line: str, number: int, path: Path, detector: LanguageDetector, faults: list[Fault]) -> Labelled | None:
    """One document; None for one that is faulty or without any label."""
    try:
        data = json.loads(line)
        if not isinstance(data, dict):
            raise ValueError("is no JSON object")  # noqa: TRY004, TRY301 - one message for all that a line can be
        labels = {facet: given for facet in _FIELDS if (given := _labels_of(data, facet))}
        title, text = one_line(_text(data, "title")), xml_legal(_text(data, "text"))
        if not title and not text.strip():
            raise ValueError("has neither title nor text")  # noqa: TRY301
        language = _text(data, "lang")
        tags = _list(data, "tags")
    except (ValueError, RecursionError) as error:
        message = "is no JSON" if isinstance(error, json.JSONDecodeError | RecursionError) else str(error)
        faults.append(Fault(file=str(path), line=number, message=message, cure='as in {"text": "…", "topics": ["x"]}'))
        return None
    if not labels:
        return None
    language = short_language(language)
    languages = frozenset({language}) if language else detector.languages(title, text).possible
    key = str(data.get("id") or f"{path.name}:{number}")
    article = Article(
        source_id="labelled",
        guid=key,
        id=f"urn:labelled:{number}",
        url=_text(data, "url") or None,
        canonical_url=None,
        title=title or NO_TITLE,
        body=text,
        language=min(languages) if len(languages) == 1 else None,
        languages=languages,
        tags=tags,
    )
    return Labelled(article=article, labels=labels)


def _labels_of(data: Mapping[str, Any], facet: Facet) -> frozenset[str]:
    given = [label for name in _FIELDS[facet] for label in _list(data, name)]
    return frozenset(label.strip().lower() for label in given if label.strip())


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{key} must be a text")  # noqa: TRY004 - reported with the line, like every fault of it
    return value


def _list(data: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """A list of texts; one text counts as a list of one."""
    value = data.get(key)
    if value is None:
        return ()
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise ValueError(f"{key} must be a list of texts")
    return tuple(items)
