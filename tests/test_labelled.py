from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest

from feedwatch.errors import ConfigError
from feedwatch.labelled import NO_TITLE, read_labelled


def write(path: Path, *lines: object) -> Path:
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    return path


def test_labels_languages_and_texts_are_read(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl",
        {"lang": "hau", "title": "Kanun labari", "text": "Labari", "topics": ["Health"], "countries": ["NE", "ng"]},
        {"lang": "en-US", "text": "No title here", "topic": "sport", "tags": ["Football"], "url": "http://a.example/"},
    )
    first, second = read_labelled(path)
    assert first.labels == {"topic": {"health"}, "region": {"ne", "ng"}}
    assert first.article.languages == {"ha"}
    assert second.labels == {"topic": {"sport"}}
    assert (second.article.title, second.article.tags) == (NO_TITLE, ("Football",))
    assert second.article.languages == {"en"}


def test_a_compressed_file_is_read_and_languages_are_detected(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.xz"
    text = "Le gouvernement a annoncé hier une nouvelle campagne de vaccination dans toutes les régions du pays."
    with lzma.open(path, "wt", encoding="utf-8") as file:
        file.write(json.dumps({"text": text, "topics": ["health"]}) + "\n")
    (item,) = read_labelled(path)
    assert item.article.languages == {"fr"}
    assert read_labelled(path, lang="fr") == [item]


def test_documents_without_labels_say_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", {"text": "x y", "topics": []}, {"text": "x y", "topics": ["sport"]}, "")
    assert len(read_labelled(path)) == 1


def test_all_wrong_lines_are_named_at_once(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl",
        "{broken",
        "[1]",
        {"topics": ["sport"]},
        {"text": 7, "topics": ["sport"]},
        {"text": "x", "topics": [7]},
        {"text": "fine", "topics": ["sport"]},
    )
    with pytest.raises(ConfigError) as caught:
        read_labelled(path)
    assert [(fault.line, fault.message) for fault in caught.value.faults] == [
        (1, "is no JSON"),
        (2, "is no JSON object"),
        (3, "has neither title nor text"),
        (4, "text must be a text"),
        (5, "topics must be a list of texts"),
    ]


@pytest.mark.parametrize(("name", "data"), [("a.jsonl", b"\xff\xfe"), ("a.jsonl.xz", b"no xz"), ("a.jsonl", b"")])
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ConfigError, match=name):
        read_labelled(tmp_path / name)


def test_a_missing_file_and_a_missing_language_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        read_labelled(tmp_path / "none.jsonl")
    path = write(tmp_path / "a.jsonl", {"text": "x", "lang": "en", "topics": ["sport"]})
    with pytest.raises(ConfigError, match="'fr'"):
        read_labelled(path, lang="fr")
