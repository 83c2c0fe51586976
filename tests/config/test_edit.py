from __future__ import annotations

import difflib
import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedwatch.config.edit import MAX_TITLE_CHARS, NewSource, clean_title, edit_file, with_sources, without_source
from feedwatch.config.load import load_config
from feedwatch.errors import ConfigError, Fault
from tests.desk import ROOT

OWN = (ROOT / "config.toml").read_text(encoding="utf-8")
SMALL = """\
[[sources]]
id = "a"
url = "https://a.example/feed"
[[feeds]]
id = "all"
title = "All"
"""
NEW = NewSource(id="new", url="https://new.example/feed", title="New paper", lang="fr", region="ne", interval="20m")


def changed_lines(old: str, new: str) -> list[str]:
    """What was added (+) and taken away (-), line by line."""
    lines = difflib.ndiff(old.splitlines(keepends=True), new.splitlines(keepends=True))
    return [line for line in lines if line[0] in "+-"]


def faults(text: str, source: NewSource = NEW) -> list[Fault]:
    with pytest.raises(ConfigError) as caught:
        with_sources(text, [source])
    return list(caught.value.faults)


def test_a_source_is_added_to_the_projects_own_file_and_every_other_byte_stays() -> None:
    new = with_sources(OWN, [NEW])
    block = (
        '\n[[sources]]\nid = "new"\nkind = "feed"\nurl = "https://new.example/feed"\n'
        'title = "New paper"\nlang = "fr"\nregion = "ne"\ninterval = "20m"\n'
    )
    assert new.count(block) == 1
    assert new.replace(block, "") == OWN
    assert new.index(block) < new.index("# Feeds: the questions")
    assert tomllib.loads(new)["sources"][-1]["id"] == "new"


def test_what_was_added_can_be_removed_without_a_trace() -> None:
    assert without_source(with_sources(OWN, [NEW]), "new") == OWN


@pytest.mark.parametrize("place", [0, 1, 30, -1])
def test_removing_takes_the_sources_own_lines_only_and_keeps_every_comment(place: int) -> None:
    source = tomllib.loads(OWN)["sources"][place]
    new = without_source(OWN, source["id"])
    changes = changed_lines(OWN, new)
    assert all(line.startswith("- ") for line in changes)
    assert [line for line in changes if line[2:].lstrip().startswith("#")] == []
    assert len([line for line in changes if line[2:].strip()]) == len(source) + 1
    assert source["id"] not in [each["id"] for each in tomllib.loads(new)["sources"]]


def test_a_removed_first_and_only_source_leaves_a_file_that_the_check_refuses(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(SMALL)
    with pytest.raises(ConfigError, match=r"/config\.toml sources: is missing"):
        edit_file(path, lambda text: without_source(text, "a"), lambda copy: load_config(copy, {}))
    assert path.read_text() == SMALL


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# about a, too\n\n# about feeds\n", "\n# about feeds\n"),
        ("# about feeds\n", "# about feeds\n"),
        ("", ""),
    ],
)
def test_a_comment_stays_with_what_it_is_about(before: str, after: str) -> None:
    text = SMALL.replace("[[feeds]]", f"{before}[[feeds]]")
    new = with_sources(text, [NewSource(id="b", url="https://b.example/")])
    assert new.endswith(f'url = "https://b.example/"\n{after}[[feeds]]\nid = "all"\ntitle = "All"\n')


def test_values_over_several_lines_nested_tables_and_sources_after_feeds_are_understood() -> None:
    text = SMALL + (
        '[[sources]] # the last one\nid = "z"\nkind = "folder"\npath = "x"\n'
        'patterns = [\n  "*.txt", # [[sources]]\n  # all of them\n]\n[sources.more]\nkey = """\n[[feeds]]\n"""\n'
        "[topics.x]\nname = 'X'\n"
    )
    new = with_sources(text, [NEW])
    assert [each["id"] for each in tomllib.loads(new)["sources"]] == ["a", "z", "new"]
    assert new.index('id = "new"') < new.index("[topics.x]")
    assert without_source(without_source(new, "z"), "new") == SMALL + "[topics.x]\nname = 'X'\n"


@pytest.mark.parametrize("text", [SMALL.replace("\n", "\r\n"), "\ufeff" + SMALL, SMALL.rstrip("\n")])
def test_line_ends_and_the_mark_of_utf8_stay(text: str) -> None:
    new = with_sources(text, [NEW])
    assert new.startswith(text[:20])
    assert ("\r\n" in text) == ("\r\n" in new)
    assert new.count("\n") - new.count("\r\n") in (0, new.count("\n"))
    assert text.startswith("\ufeff") == new.startswith("\ufeff")


def test_sources_at_the_end_of_a_file_without_a_last_line_end_are_followed() -> None:
    text = '[[feeds]]\nid = "all"\ntitle = "All"\n[[sources]]\nid = "a"\nurl = "https://a.example/"'
    assert [each["id"] for each in tomllib.loads(with_sources(text, [NEW]))["sources"]] == ["a", "new"]


@pytest.mark.parametrize("text", ["sources = [{ id = 'a', url = 'https://a.example/' }]\n", "x = 1\n"])
def test_a_file_without_sections_is_refused_with_the_cure(text: str) -> None:
    assert "write each source as [[sources]]" in str(faults(text)[0])


def test_a_file_that_is_no_toml_is_refused_with_its_line() -> None:
    assert faults("a = 1\nb = \n")[0].line == 2


def test_a_source_that_is_not_there_cannot_be_removed() -> None:
    with pytest.raises(ConfigError, match="has no source 'b'"):
        without_source(SMALL, "b")


@settings(max_examples=60, deadline=None)
@given(title=st.text(max_size=200), comment=st.text(max_size=200), url=st.text(max_size=50))
def test_any_outside_text_is_written_so_that_it_is_read_back_and_nothing_else_with_it(
    title: str, comment: str, url: str
) -> None:
    url = url.encode("utf-8", "ignore").decode()
    new = with_sources(SMALL, [NewSource(id="n", url=url, title=title, comment=comment)])
    added = tomllib.loads(new)["sources"][1]
    assert added.get("title", "") == clean_title(title)
    assert added.get("url", "") == url
    assert set(added) <= {"id", "kind", "url", "title"}
    assert len(clean_title(title)) <= MAX_TITLE_CHARS
    assert all(char.isprintable() or char in "\u200c\u200d" or char == " " for char in clean_title(title))


PIECES = (
    '[[sources]]\nid = "{n}"\nurl = "https://{n}.example/"\n',
    "[[sources]]  # {n}\n  id = \"{n}\"\n  # inside\n\n  path = 'x'\n",
    '[[ sources ]]\nid = "{n}"\npatterns = [ # "]"\n  "[[sources]]", # "\n]\n',
    '[[sources]]\nid = "{n}"\n[sources.headers]\n"X-Y" = "#"\n',
    '[[feeds]]\nid = "{n}"\nwhere = """\n[[sources]]\nid = "no"\n"""\n',
    "# [[sources]] {n}\n",
    "\n",
)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=8), st.sampled_from(["", "\n", "# end"]))
def test_however_a_file_is_laid_out_an_edit_adds_its_lines_and_takes_only_those_away(
    pieces: list[str], end: str
) -> None:
    numbered = [piece.replace("{n}", f"n{place}") for place, piece in enumerate(pieces)]
    text = "".join(['[[sources]]\nid = "first"\n', *numbered, end])
    new = with_sources(text, [NEW])
    added = changed_lines(text, new)
    assert all(line.startswith("+ ") for line in added if line[2:].rstrip("\n") != end)
    back = without_source(new, "new")
    assert back.rstrip("\n") == text.rstrip("\n")
    for source in tomllib.loads(text)["sources"]:
        left = without_source(new, source["id"])
        assert [each for each in left.splitlines() if each.lstrip().startswith("# ")] == [
            each for each in new.splitlines() if each.lstrip().startswith("# ")
        ]


def test_titles_lose_what_could_cheat_a_terminal_or_the_eye() -> None:
    assert clean_title('Le\x1b[31m "Sahel"\n\u202eevil\u2028[x]\x00') == 'Le[31m "Sahel" evil [x]'


def test_the_file_is_replaced_with_its_mode_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(SMALL)
    path.chmod(0o640)
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    for name in (path, link):
        edit_file(name, lambda text: f"{text}# seen\n", lambda copy: load_config(copy, {}))
    assert path.read_text() == f"{SMALL}# seen\n# seen\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert link.is_symlink()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["config.toml", "link.toml"]


def test_a_fault_found_by_the_check_names_the_file_and_leaves_it_alone(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(SMALL)
    with pytest.raises(ConfigError) as caught:
        edit_file(path, lambda text: f"{text}nonsense = 1\n", lambda copy: load_config(copy, {}))
    assert caught.value.faults[0].file == str(path)
    assert path.read_text() == SMALL
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("data", "message"), [(None, "No such file"), (b"\xff", "is not UTF-8")])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, data: bytes | None, message: str) -> None:
    path = tmp_path / "config.toml"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(ConfigError, match=message):
        edit_file(path, str.upper, lambda copy: copy)


def test_a_first_section_that_is_removed_leaves_no_blank_line_at_the_top() -> None:
    rest = '[[sources]]\nid = "y"\nurl = "https://b.example/"\n'
    assert without_source(f'[[sources]]\nid = "x"\nurl = "https://a.example/"\n\n{rest}', "x") == rest
