"""The sample documents are what they claim to be, and every one of them has an expectation."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT / "seeds"
ATOM = "{http://www.w3.org/2005/Atom}"
RSS1 = "{http://purl.org/rss/1.0/}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
# Hosts of vocabularies, which identify and are never fetched.
VOCABULARIES = {"www.w3.org", "purl.org", "schema.org", "jsonfeed.org"}
VOID = {"meta", "link", "img", "input", "base", "br"}


def toml_data(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


EXPECTED = toml_data(ROOT / "tests" / "data" / "seeds_expected.toml")
CONFIG = toml_data(ROOT / "config.toml")
ENTRIES: list[dict[str, Any]] = EXPECTED["entry"]
DAMAGED: list[dict[str, Any]] = EXPECTED["damaged"]


def seed_files(pattern: str) -> list[Path]:
    found = sorted(SEEDS.glob(pattern))
    assert found, f"no sample matches {pattern}"
    return found


def seed_name(path: Path) -> str:
    return path.relative_to(SEEDS).as_posix()


def xml_root(path: Path) -> ET.Element:
    return ET.fromstring(path.read_bytes())  # noqa: S314 - only files of this repository


def seed_text(path: Path) -> str:
    return path.read_text(encoding="iso-8859-1" if path.name == "lettre-cotonou.rss" else "utf-8")


def titles_in_feed(path: Path) -> list[str]:
    if path.suffix == ".json":
        return [item["title"] for item in json.loads(path.read_text(encoding="utf-8"))["items"]]
    tags = {
        ".rss": ("item", "title"),
        ".rdf": (RSS1 + "item", RSS1 + "title"),
        ".atom": (ATOM + "entry", ATOM + "title"),
    }
    item, title = tags[path.suffix]
    return [element.findtext(title, "") for element in xml_root(path).iter(item)]


class Outline(HTMLParser):
    """Start tags with their attributes; complains about tags that do not nest."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.linked_data: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] == ("script", {"type": "application/ld+json"}) and data.strip():
            self.linked_data.append(data)


def outline_of(path: Path) -> Outline:
    outline = Outline()
    outline.feed(path.read_text(encoding="utf-8"))
    outline.close()
    assert outline.open == []
    return outline


def test_every_sample_has_an_expectation_and_every_expectation_a_sample() -> None:
    named = {entry["file"] for entry in ENTRIES} | {damaged["file"] for damaged in DAMAGED}
    named |= {other for entry in ENTRIES for other in entry.get("also", [])}
    assert named == {seed_name(path) for path in SEEDS.rglob("*") if path.is_file()}
    assert len(named) >= 18


def test_expected_titles_stand_in_their_files_once() -> None:
    assert not [title for title, times in Counter(entry["title"] for entry in ENTRIES).items() if times > 1]
    for entry in ENTRIES:
        for name in [entry["file"], *entry.get("also", [])]:
            assert entry["title"] in seed_text(SEEDS / name), f"{name}: {entry['title']}"


def test_all_items_of_a_sample_feed_are_expected() -> None:
    for path in seed_files("feeds/*"):
        name = seed_name(path)
        expected = [entry["title"] for entry in ENTRIES if name in [entry["file"], *entry.get("also", [])]]
        assert sorted(titles_in_feed(path)) == sorted(expected), name


def test_expectations_name_feeds_of_the_configuration_and_do_not_contradict_themselves() -> None:
    feeds = {feed["id"] for feed in CONFIG["feeds"]}
    for entry in ENTRIES:
        wanted, unwanted = set(entry["feeds"]), set(entry["not_feeds"])
        assert wanted | unwanted <= feeds, entry["title"]
        assert not wanted & unwanted, entry["title"]
        assert "all" in wanted, entry["title"]
        assert unwanted, entry["title"]
    for feed in feeds - {"niger-official"}:  # that one takes other sources than the samples
        assert any(feed in entry["feeds"] for entry in ENTRIES), f"no sample shows what {feed} is for"


def test_samples_are_written_in_six_languages() -> None:
    assert {entry["lang"] for entry in ENTRIES} == {"fr", "en", "ar", "ha", "pt", "es"}
    assert {entry["lang"] for entry in ENTRIES if entry["file"].startswith("scrapes/")} >= {
        "fr",
        "en",
        "ar",
        "ha",
        "pt",
    }


@pytest.mark.parametrize("path", seed_files("scrapes/*.txt"), ids=seed_name)
def test_scrape_has_the_furniture_of_a_copied_page(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").split("\n")
    title = next(entry["title"] for entry in ENTRIES if entry["file"] == seed_name(path))
    assert lines[:3] == ["Live logo", "Live logo", "spot_img"]
    assert lines[3].endswith(title), "the breadcrumb is glued to the title"
    assert lines[3] != title
    assert lines.count(title) == 1, "the title is repeated on a line of its own"
    form = lines.index("Captcha verification failed!")
    assert any(re.fullmatch(r"- ?\S+ ?-", line) for line in lines[5:form]), "an advertisement marker"
    assert sum(len(line) > 100 for line in lines[5:form]) >= 4, "a body of several paragraphs"
    sidebar = [line for line in lines[form + 2 :] if line]
    assert len(sidebar) >= 8, "a label and a headline, four times"
    assert len(sidebar) % 2 == 0


@pytest.mark.parametrize("path", seed_files("pages/*.html"), ids=seed_name)
def test_saved_page_is_a_whole_page(path: Path) -> None:
    outline = outline_of(path)
    tags = Counter(tag for tag, _ in outline.tags)
    assert all(tags[tag] >= 1 for tag in ("html", "title", "header", "nav", "main", "article", "aside", "footer", "h1"))
    assert [attrs["href"] for tag, attrs in outline.tags if tag == "link" and attrs.get("rel") == "canonical"]
    kinds = [attrs["content"] for tag, attrs in outline.tags if attrs.get("property") == "og:type"]
    listing = any(entry.get("form") == "listing" for entry in ENTRIES if entry["file"] == seed_name(path))
    assert kinds == ["website" if listing else "article"]
    if not listing:
        (linked,) = outline.linked_data
        title = next(entry["title"] for entry in ENTRIES if entry["file"] == seed_name(path))
        assert json.loads(linked)["headline"] == title


def test_arabic_page_runs_from_right_to_left() -> None:
    attributes = outline_of(SEEDS / "pages" / "qafilat-gao.html").tags[0][1]
    assert attributes == {"lang": "ar", "dir": "rtl"}


def test_listing_page_dates_and_links_each_teaser() -> None:
    outline = outline_of(SEEDS / "pages" / "rubrique-sahel.html")
    teasers = [entry for entry in ENTRIES if entry.get("form") == "listing"]
    assert sum(tag == "article" for tag, _ in outline.tags) == len(teasers) == 4
    assert sum(tag == "time" for tag, _ in outline.tags) == len(teasers)


@pytest.mark.parametrize("path", seed_files("feeds/*.rss"), ids=seed_name)
def test_rss_2_0_sample_is_one(path: Path) -> None:
    root = xml_root(path)
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    for item in root.iter("item"):
        assert all(item.findtext(tag) for tag in ("title", "link", "guid", "pubDate", "description"))


def test_atom_sample_is_one() -> None:
    root = xml_root(SEEDS / "feeds" / "sahel-desk.atom")
    assert root.tag == ATOM + "feed"
    for element in [root, *root.iter(ATOM + "entry")]:
        assert all(element.findtext(ATOM + tag) for tag in ("id", "title", "updated"))


def test_rss_1_0_sample_lists_its_items() -> None:
    root = xml_root(SEEDS / "feeds" / "nigeria-wire.rdf")
    assert root.tag == RDF + "RDF"
    listed = [element.get(RDF + "resource") for element in root.iter(RDF + "li")]
    assert listed == [item.get(RDF + "about") for item in root.iter(RSS1 + "item")]


def test_json_feed_sample_is_one() -> None:
    data = json.loads((SEEDS / "feeds" / "cuenca-chad.json").read_text(encoding="utf-8"))
    assert data["version"] == "https://jsonfeed.org/version/1.1"
    for item in data["items"]:
        assert isinstance(item["id"], str)
        assert ("content_html" in item) != ("content_text" in item)


def test_one_sample_is_in_an_old_encoding() -> None:
    raw = (SEEDS / "feeds" / "lettre-cotonou.rss").read_bytes()
    assert b'encoding="ISO-8859-1"' in raw
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")


def test_one_story_is_in_two_feeds_at_one_address_with_and_without_tracking() -> None:
    rss = xml_root(SEEDS / "feeds" / "journal-sahel.rss")
    atom = xml_root(SEEDS / "feeds" / "sahel-desk.atom")
    tracked = {link for item in rss.iter("item") if "utm_" in (link := item.findtext("link", ""))}
    plain = {link.get("href", "") for entry in atom.iter(ATOM + "entry") for link in entry.iter(ATOM + "link")}
    assert len({link.split("?")[0] for link in tracked} & plain) == 1


@pytest.mark.parametrize("path", seed_files("notes/*.md"), ids=seed_name)
def test_markdown_sample_opens_with_its_header(path: Path) -> None:
    opening, header, body = path.read_text(encoding="utf-8").split("---\n", 2)
    keys = [line.split(":")[0] for line in header.splitlines()]
    assert opening == ""
    assert {"title", "date", "lang", "tags", "url"} <= set(keys)
    assert len(body) > 400


def test_samples_point_to_reserved_hosts_only() -> None:
    for path in SEEDS.rglob("*.*"):
        if path.name == "photo.txt":
            continue
        for url in re.findall(r"https?://[^\s<>\"')\]]+", seed_text(path)):
            host = urlsplit(url).hostname or ""
            assert host in VOCABULARIES or host.endswith((".example", "example.org")), f"{seed_name(path)}: {url}"


def test_truncated_feed_breaks_off_after_a_whole_item() -> None:
    path = SEEDS / "damaged" / "flux-tronque.xml"
    with pytest.raises(ET.ParseError):
        xml_root(path)
    whole, broken = path.read_text(encoding="utf-8").split("</item>")
    assert f"<title>{DAMAGED[0]['kept'][0]}</title>" in whole
    assert "<item>" in broken


def test_binary_file_under_a_text_name_is_no_text() -> None:
    raw = (SEEDS / "damaged" / "photo.txt").read_bytes()
    assert raw.startswith(b"\x89PNG\r\n\x1a\n")
    assert b"\x00" in raw


def test_configuration_watches_many_sources_in_the_languages_of_the_region() -> None:
    sources = CONFIG["sources"]
    assert len({source["id"] for source in sources}) == len(sources) >= 31
    assert {source["lang"] for source in sources if "lang" in source} >= {"fr", "en", "ar", "ha", "pt"}
    assert len({source["url"] for source in sources if "url" in source}) == len(sources) - 1
    assert len(CONFIG["feeds"]) >= 14


def test_rule_tests_of_the_configuration_name_files_and_feeds_that_exist() -> None:
    feeds = {feed["id"] for feed in CONFIG["feeds"]}
    for test in CONFIG["tests"]:
        assert "text" in test or (ROOT / test["file"]).is_file(), test["name"]
        named = {label.split(":")[1] for label in test["expect"] + test["reject"] if label.startswith("feed:")}
        assert named <= feeds, test["name"]
