"""Every example in the documents works as printed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from feedwatch import __version__
from feedwatch.alerts import Channels
from feedwatch.formats import FORMATS, MEDIA_TYPES
from feedwatch.setup import load_setup
from tests.desk import ROOT, Desk

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_configuration_in_the_readme_is_valid(tmp_path: Path) -> None:
    (example,) = blocks("toml")
    path = tmp_path / "config.toml"
    path.write_text(example, encoding="utf-8")
    setup = load_setup(path, {})
    assert {spec.id for spec in setup.config.feeds} == {"niger-security", "fuel"}
    assert setup.rules.has("topic", "pipelines")


def test_the_configuration_of_alerts_is_valid(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path / "config.toml"
    path.write_text(blocks("toml")[0] + example, encoding="utf-8")
    setup = load_setup(path, {"MAIL_PASSWORD": "secret"})
    assert len(Channels(setup.config.alerts.channels)) == 2
    assert {"Wagner", "JNIM"} <= setup.interests().names


@pytest.mark.parametrize("target", ["run", "test"])
def test_the_two_commands_are_targets_of_the_makefile(target: str) -> None:
    assert f"make {target} " in blocks("sh")[0]
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_every_command_in_the_readme_exists(tmp_path: Path) -> None:
    desk = Desk(tmp_path, "")
    words = {word for block in blocks("sh") for word in re.findall(r"^(?:\S*/)?feedwatch (\w+)", block, re.MULTILINE)}
    assert {"serve", "run", "explain", "show", "ask", "regenerate", "status"} <= words
    for word in words:
        assert desk.run(word, "--help").exit_code == 0


def command_lines() -> list[str]:
    """Every line in the documents that runs the program, without its comment."""
    found = []
    for document in sorted((ROOT / "docs").glob("*.md")):
        for block in re.findall(r"```sh\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL):
            found += [line for line in block.splitlines() if re.match(r"(\S*/)?feedwatch ", line)]
    return found


@pytest.mark.parametrize("line", command_lines())
def test_every_command_in_the_documents_is_understood(tmp_path: Path, line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    end = next((place for place, word in enumerate(words) if word in {"|", ">", "&&", ";"}), len(words))
    result = Desk(tmp_path, "").run(*words[:end], "--help")
    assert result.exit_code == 0, result.stderr


def test_the_example_of_feeds_is_a_configuration_and_says_the_formats(tmp_path: Path) -> None:
    document = (ROOT / "docs/publishing.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", document, re.DOTALL)
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "one.md").write_text("# Niamey\n\nText.\n", encoding="utf-8")
    desk = Desk(tmp_path, example)
    assert desk.run("once").exit_code == 0
    names = {path.name for path in (tmp_path / "feeds").iterdir()}
    assert {f"{feed}.{ending}" for feed in ("everything", "desk", "daily") for ending in FORMATS} <= names
    for ending, media_type in MEDIA_TYPES.items():
        assert ending == "opml" or f"| `<id>.{ending}` |" in document
        assert f"`{media_type}`" in document


def test_every_link_in_the_documents_leads_somewhere() -> None:
    for document in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for target in re.findall(r"\]\(([^)#]+)\)", document.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_the_changelog_begins_with_what_is_not_released_yet() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert __version__ == "0.1.0" or f"## {__version__}" in text


@pytest.mark.parametrize("page", ["sources.md"])
def test_every_source_in_the_documents_is_valid(tmp_path: Path, page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    examples = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert examples
    for place, example in enumerate(examples):
        path = tmp_path / f"{place}.toml"
        path.write_text(f'{example}\n[[feeds]]\nid = "all"\ntitle = "All"\n', encoding="utf-8")
        assert load_setup(path, {}).config.sources
