"""The sample pages, and variations of them, come out exact: title, section, every paragraph, every headline beside."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from feedwatch.extract.article import Extractor
from feedwatch.extract.scrape import read_scrape
from feedwatch.ledger import Identity
from feedwatch.model import Item, Source
from feedwatch.store.opening import open_store
from feedwatch.text import one_line
from tests.desk import Desk
from tests.extract.test_scrape import PAGES, Page

ROOT = Path(__file__).resolve().parents[2]
#: A real page of the same theme, which is not ours to give away.
REAL = ROOT.parent / "shared" / "seed-document.txt"
OWN = sorted((ROOT / "seeds" / "scrapes").glob("*.txt"))
CAPTCHA = "Captcha verification failed!"
FORM = {"LAISSER UN COMMENTAIRE", "LEAVE A REPLY", "DEIXE UMA RESPOSTA", "ترك الرد"}
#: The theme's own words in French, and in English.
ENGLISH_THEME = {
    "AccueilNews - InfosSécurité": "HomeNewsSecurity",
    "- Publicité-": "- Advertisement -",
    "LAISSER UN COMMENTAIRE": "LEAVE A REPLY",
    "S'il vous plaît entrez votre commentaire!": "Please enter your comment!",
    "S'il vous plaît entrez votre nom ici": "Please enter your name here",
    "Le score de l'utilisateur captcha a échoué. Contactez nous s'il vous plait!": (
        "Captcha user score failed. Please contact us!"
    ),
}
CONFIG = """
[feedwatch]
packs = ["rules.toml"]
[[sources]]
id = "files"
kind = "folder"
path = "files"
teasers = true
[[feeds]]
id = "all"
title = "All"
"""


class Layout(NamedTuple):
    """What a page of the theme holds, read off its layout."""

    title: str
    paragraphs: tuple[str, ...]
    teasers: tuple[tuple[str, str], ...]


def layout(text: str) -> Layout:
    """The fourth line ends with the title, which stands alone below; pairs of label and headline follow the form."""
    lines = [one_line(line) for line in text.splitlines() if line.strip()]
    title = lines[4]
    assert lines[3].endswith(title)
    form = next(place for place, line in enumerate(lines) if line in FORM)
    beside = lines[lines.index(CAPTCHA) + 2 :]
    return Layout(
        title=title,
        # Bylines, dates and the mark of an advertisement are short; no paragraph of these pages is.
        paragraphs=tuple(line for line in lines[5:form] if len(line) > 60),
        teasers=tuple(zip(beside[::2], beside[1::2], strict=True)),
    )


def real() -> str:
    if not REAL.is_file():
        pytest.skip(f"put the scraped page at {REAL.parent.name}/{REAL.name}, beside the project's folder")
    return REAL.read_text(encoding="utf-8")


def text_of(path: Path) -> str:
    return real() if path == REAL else path.read_text(encoding="utf-8")


def in_english(text: str) -> str:
    for french, english in ENGLISH_THEME.items():
        assert french in text
        text = text.replace(french, english)
    return text


def agrees(text: str, expected: Layout, section: str | None = None) -> None:
    scrape = read_scrape(text)
    assert scrape.title == expected.title
    assert scrape.paragraphs == expected.paragraphs
    assert tuple((teaser.label, teaser.title) for teaser in scrape.teasers) == expected.teasers
    assert section is None or scrape.section == section


@pytest.mark.parametrize("path", [REAL, *OWN], ids=lambda path: path.name)
def test_a_sample_page_comes_out_exact(path: Path) -> None:
    text = text_of(path)
    expected = layout(text)
    assert len(expected.paragraphs) >= 4
    assert len(expected.teasers) >= 4
    agrees(text, expected)


@pytest.mark.parametrize(
    "path", [REAL, *(path for path in OWN if "Accueil" in path.read_text("utf-8"))], ids=lambda path: path.name
)
def test_the_same_page_in_an_english_theme_comes_out_exact(path: Path) -> None:
    text = text_of(path)
    agrees(in_english(text), layout(text), "Security")


@pytest.mark.parametrize(
    "path", [REAL, *(path for path in OWN if "hujum" not in path.name)], ids=lambda path: path.name
)
def test_the_same_page_without_line_ends_comes_out_exact(path: Path) -> None:
    text = text_of(path)
    agrees("".join(line.strip() for line in text.splitlines()), layout(text))


@pytest.mark.parametrize("path", [REAL, *OWN], ids=lambda path: path.name)
def test_the_same_page_without_blank_lines_comes_out_exact(path: Path) -> None:
    text = text_of(path)
    agrees("\n".join(line for line in text.splitlines() if line.strip()), layout(text))


@pytest.mark.parametrize(
    "page", [page for tag, page in PAGES.items() if tag != "ar"], ids=[tag for tag in PAGES if tag != "ar"]
)
def test_a_page_with_more_furniture_comes_out_exact_without_line_ends(page: Page) -> None:
    scrape = read_scrape("".join(line.strip() for line in page.text.splitlines()))
    assert (scrape.title, scrape.section, scrape.paragraphs) == (page.title, page.section, page.paragraphs)
    assert tuple((teaser.label, teaser.title) for teaser in scrape.teasers) == page.teasers


@pytest.mark.parametrize("path", [REAL, *OWN], ids=lambda path: path.name)
def test_a_line_joined_by_blanks_keeps_every_word_of_the_article_and_no_other(path: Path) -> None:
    """Where its paragraphs ended nobody can tell."""
    text = text_of(path)
    expected = layout(text)
    scrape = read_scrape(" ".join(line.strip() for line in text.splitlines() if line.strip()))
    assert scrape.title == expected.title
    assert " ".join(scrape.paragraphs) == " ".join(expected.paragraphs)


def test_the_arabic_sample_without_line_ends_has_its_exact_paragraphs() -> None:
    text = next(path for path in OWN if "hujum" in path.name).read_text(encoding="utf-8")
    expected = layout(text)
    scrape = read_scrape("".join(line.strip() for line in text.splitlines()))
    assert (scrape.title, scrape.paragraphs) == (expected.title, expected.paragraphs)


@pytest.mark.parametrize("between", ["", " "])
def test_headlines_that_nobody_can_part_are_no_headline(between: str) -> None:
    text = next(path for path in OWN if "hujum" in path.name).read_text(encoding="utf-8")
    line = between.join(line.strip() for line in text.splitlines() if line.strip())
    item = Item(shape="scrape", locator="x.txt", position=0, content=line)
    source = Source(id="s", kind="folder", locator="x", title="s", interval_s=3600)
    found = Extractor().extract(item, source, Identity(guid="g", id="urn:x:g", item_hash="h"))
    assert found.title == layout(text).title
    assert found.teasers == ()


def test_an_arabic_page_without_line_ends_keeps_text_and_headlines_apart() -> None:
    page = PAGES["ar"]
    scrape = read_scrape("".join(line.strip() for line in page.text.splitlines()))
    assert (scrape.title, scrape.section) == (page.title, page.section)
    text = " ".join(scrape.paragraphs)
    # Arabic has no capitals that tell where a glued line begins; sentences tell the rest.
    assert page.paragraphs[0] in text
    assert page.paragraphs[1] in text
    assert page.teasers[0][1] not in text
    assert "اترك تعليقا" not in text


@pytest.mark.parametrize("path", [REAL, *OWN], ids=lambda path: path.name)
def test_the_headlines_beside_become_entries_with_their_label_as_tag(path: Path, tmp_path: Path) -> None:
    text = text_of(path)
    expected = layout(text)
    (tmp_path / "rules.toml").write_text('[regions.ne]\nname = "Niger"\nstrong = ["Niamey"]\n', encoding="utf-8")
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / path.name).write_text(text, encoding="utf-8")
    assert Desk(tmp_path, CONFIG).run("once").exit_code == 0
    store = open_store("sqlite:///feedwatch.db", base_dir=tmp_path, read_only=True)
    try:
        found = {entry.article.title: entry.article for entry in store.entries()}
    finally:
        store.close()
    assert set(found) == {expected.title, *(headline for _, headline in expected.teasers)}
    assert found[expected.title].body == "\n\n".join(expected.paragraphs)
    for label, headline in expected.teasers:
        assert found[headline].tags == (label,)
        assert found[headline].body == ""
