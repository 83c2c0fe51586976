from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedwatch import sourcework
from tests.desk import ROOT, Desk, Result
from tests.webserver import Answer, WebServer

CONFIG = """\
# What we read.
[feedwatch]
packs = ["rules.toml"]
[[sources]]
id = "files"   # ours
kind = "folder"
path = "files"

# --- What we publish ---

[[feeds]]
id = "niger"
title = "Niger"
where = "region:ne"
"""
RULES = """
[regions.ne]
name = "Niger"
strong = ["Niger", "Niamey"]
[topics.security]
name = "Security"
strong = ["attaque"]
"""
FEED = """<rss version="2.0"><channel><title>Le Fleuve \x85</title>
<item><title>Une attaque a été repoussée près de Niamey ce matin</title><link>https://p.example/1</link>
<pubDate>Sun, 01 Feb 2026 08:00:00 GMT</pubDate></item>
<item><title>Les éleveurs demandent davantage de puits avant la saison</title><link>https://p.example/2</link></item>
</channel></rss>""".encode()
PAGE = b"""<html><head><title>Fleuve</title><link rel="alternate" type="application/rss+xml" href="/le-flux">
</head><body><p>Bienvenue</p></body></html>"""


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer() as running:
        running.script("/le-flux", Answer(body=FEED, headers={"ETag": '"1"', "Content-Type": "application/rss+xml"}))
        running.script("/", Answer(body=PAGE, headers={"Content-Type": "text/html"}))
        yield running


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(sourcework, "PAUSE_S", 0.0)
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.md").write_text("# Attaque au Niger\n\nUne attaque a eu lieu à Niamey hier soir.\n")
    (tmp_path / "files" / "b.xml").write_text("<?xml version='1.0'?><urlset/>")
    return Desk(tmp_path, CONFIG)


def sources(desk: Desk) -> list[dict[str, object]]:
    found: list[dict[str, object]] = tomllib.loads(desk.config.read_text(encoding="utf-8"))["sources"]
    return found


def test_add_finds_the_feed_of_a_page_and_writes_it_below_the_other_sources(desk: Desk, server: WebServer) -> None:
    result = desk.run("sources", "add", server.url("/"), "--allow-private", "--region", "ne", "--interval", "20m")
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    assert "the page names it" in result.stdout
    assert f"{server.url('/le-flux')} is source le-fleuve of" in result.stdout
    block = (
        f'\n[[sources]]\nid = "le-fleuve"\nkind = "feed"\nurl = "{server.url("/le-flux")}"\ntitle = "Le Fleuve"\n'
        'lang = "fr"\nregion = "ne"\ninterval = "20m"\nallow_private = true\n'
    )
    before, after = CONFIG.split('path = "files"\n')
    assert desk.config.read_text(encoding="utf-8") == f'{before}path = "files"\n{block}{after}'
    assert desk.run("once").exit_code == 0
    assert set(desk.titles("niger")) >= {"Une attaque a été repoussée près de Niamey ce matin"}


def test_add_refuses_an_address_that_is_read_already_without_asking_for_it(desk: Desk, server: WebServer) -> None:
    desk.run("sources", "add", server.url("/le-flux"), "--allow-private", "--id", "mine")
    asked, text = len(server.requests), desk.config.read_text()
    again = desk.run("sources", "add", server.url("/le-flux/"), "--allow-private")
    assert (again.exit_code, len(server.requests)) == (2, asked)
    assert "is read already as source mine" in again.stderr
    through_page = desk.run("sources", "add", server.url("/"), "--allow-private")
    assert through_page.exit_code == 2
    assert "is read already as source mine" in through_page.stderr
    assert desk.config.read_text() == text


def test_add_without_permission_reaches_no_private_address(desk: Desk, server: WebServer) -> None:
    result = desk.run("sources", "add", server.url("/le-flux"))
    assert result.exit_code == 3
    assert "--allow-private" in result.stderr
    assert server.requests == []
    assert desk.config.read_text() == CONFIG


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--id", "Bad Id"), "--id: use at most 64"),
        (("--id", "files"), "the id of another source"),
        (("--lang", "french"), "--lang: write it as"),
        (("--region", "nee"), "no rule has the id 'nee'; did you mean 'ne' (Niger)?"),
        (("--topic", "x"), "no rule has the id 'x'"),
        (("--interval", "often"), "is no length of time"),
    ],
)
def test_add_refuses_wrong_options_before_anything_is_fetched(
    desk: Desk, server: WebServer, words: tuple[str, ...], message: str
) -> None:
    result = desk.run("sources", "add", server.url("/le-flux"), "--allow-private", *words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert (server.requests, desk.config.read_text()) == ([], CONFIG)


def test_add_offers_the_page_where_there_is_no_feed_and_takes_it_when_told(desk: Desk, server: WebServer) -> None:
    text = b"<html><title>Nouvelles</title><body><p>" + b"Un long texte de la page. " * 50 + b"</p></body></html>"
    url = server.script("/plain", Answer(body=text, headers={"Content-Type": "text/html"}))
    refused = desk.run("sources", "add", url, "--allow-private")
    assert refused.exit_code == 3
    assert "--kind page" in refused.stderr
    assert desk.config.read_text() == CONFIG
    assert desk.run("sources", "add", url, "--allow-private", "--kind", "page").exit_code == 0
    assert (sources(desk)[1]["kind"], sources(desk)[1]["id"]) == ("page", "nouvelles")


def test_add_for_machines_and_without_changing_anything(desk: Desk, server: WebServer) -> None:
    url = server.url("/", login="me:geheim@")
    result = desk.run("sources", "add", url, "--allow-private", "--dry-run", "--json", "--title", "T", "--lang", "ha")
    answer = result.json()
    assert answer["added"] is False
    assert (answer["source"]["id"], answer["source"]["title"], answer["source"]["lang"]) == ("le-fleuve", "T", "ha")
    assert answer["found"]["entries"] == 2
    assert "geheim" not in result.stdout
    assert desk.config.read_text() == CONFIG


def test_a_configuration_with_faults_is_not_edited(desk: Desk, server: WebServer) -> None:
    desk.edit('where = "region:ne"', 'where = "region:xx"')
    result = desk.run("sources", "add", server.url("/le-flux"), "--allow-private")
    assert result.exit_code == 2
    assert server.requests == []


def test_discover_shows_all_and_changes_nothing(desk: Desk, server: WebServer) -> None:
    shown = desk.run("sources", "discover", server.url("/"), "--allow-private")
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert "Le Fleuve" in shown.stdout
    answer = desk.run("sources", "discover", server.url("/"), "--allow-private", "--json").json()
    assert [each["kind"] for each in answer["candidates"]] == ["feed"]
    assert desk.config.read_text() == CONFIG


def test_list_shows_the_sources_and_once_there_is_a_store_their_state(desk: Desk) -> None:
    desk.edit("\n# --- What", '[[sources]]\nid = "x"\nurl = "http://me:geheim@127.0.0.1:9/feed"\n\n# --- What')
    before = desk.run("sources", "list")
    assert before.exit_code == 0
    assert "http://127.0.0.1:9/feed" in before.stdout
    assert "geheim" not in before.stdout
    assert "last read" not in before.stdout
    assert "1m" in before.stdout
    desk.run("once")
    after = desk.run("sources", "list").stdout
    assert "last read" in after
    assert "failed 1×" in after
    answer = desk.run("sources", "list", "--json").json()
    assert [(each["id"], each["status"]["entries"]) for each in answer] == [("files", 1), ("x", 0)]


def test_test_shows_what_would_come_out_and_stores_nothing(desk: Desk, server: WebServer) -> None:
    url = server.url("/le-flux")
    shown = desk.run("sources", "test", url, "--allow-private")
    assert shown.exit_code == 0, shown.stderr
    for part in ('ETag: "1"', "application/rss+xml", "2 items", "2026-02-01 08:00", "Niger", "Security", "niger"):
        assert part in shown.stdout
    (answer,) = desk.run("sources", "test", url, "--allow-private", "--json").json()
    assert [item["feeds"] for item in answer["items"]] == [["niger"], []]
    assert not (desk.folder / "feedwatch.db").exists()


def test_test_of_a_folder_names_the_documents_that_cannot_be_read(desk: Desk) -> None:
    shown = desk.run("sources", "test", "files")
    assert shown.exit_code == 0
    assert "Attaque au Niger" in shown.stdout
    assert "b.xml: is XML, but no feed" in shown.stderr


def test_test_of_what_is_not_there_or_no_feed_fails(desk: Desk, server: WebServer) -> None:
    unknown = desk.run("sources", "test", "file")
    assert unknown.exit_code == 2
    assert "did you mean 'files'?" in unknown.stderr
    no_feed = desk.run("sources", "test", server.url("/"), "--allow-private")
    assert no_feed.exit_code == 3
    assert "the page names this feed" in no_feed.stderr
    assert desk.run("sources", "test", server.url("/x"), "--allow-private").exit_code == 3


def test_remove_takes_out_what_was_added(desk: Desk, server: WebServer) -> None:
    desk.run("sources", "add", server.url("/le-flux"), "--allow-private")
    assert desk.run("sources", "remove", "le-fleuve").exit_code == 0
    assert desk.config.read_text() == CONFIG
    assert "did you mean 'files'?" in desk.run("sources", "remove", "fils").stderr
    last = desk.run("sources", "remove", "files")
    assert last.exit_code == 2
    assert desk.config.read_text() == CONFIG


def test_import_and_export_are_each_others_reverse(desk: Desk) -> None:
    listed = """<opml version="2.0"><body><outline text="Sahel &#10; [[feeds]]">
      <outline text="Journal &quot;A&quot;" xmlUrl="https://a.example/feed" language="fr"/></outline>
      <outline type="link" text="Page B" url="https://b.example/"/>
      <outline text="Bad" xmlUrl="file:///etc/passwd"/>
      <outline text="Again" xmlUrl="http://www.a.example/feed/"/></body></opml>"""
    (desk.folder / "in.opml").write_text(listed)
    tried = desk.run("sources", "import", str(desk.folder / "in.opml"), "--dry-run")
    assert "2 sources to add, 2 left out" in tried.stdout
    assert "is no http(s) address" in tried.stdout
    assert desk.config.read_text() == CONFIG
    done = desk.run("sources", "import", "-", "--json", stdin=listed.encode())
    assert [each["id"] for each in done.json()["sources"]] == ["journal-a", "page-b"]
    assert "\n# Sahel [[feeds]]\n[[sources]]\n" in desk.config.read_text()
    assert desk.run("check").exit_code == 0
    exported = desk.run("sources", "export")
    assert "files: a folder is no feed" in exported.stderr
    for place in ("in.opml", "out.opml"):
        desk.run("sources", "export", "--output", str(desk.folder / place))
        assert (desk.folder / place).read_text(encoding="utf-8") == exported.stdout
    before = sources(desk)
    for source_id in ("journal-a", "page-b"):
        desk.run("sources", "remove", source_id)
    desk.run("sources", "import", str(desk.folder / "out.opml"))
    assert sources(desk) == before


def test_import_of_what_is_no_list_changes_nothing(desk: Desk) -> None:
    (desk.folder / "empty.opml").write_text("<opml><body/></opml>")
    for name in ("missing.opml", "config.toml", "empty.opml"):
        assert desk.run("sources", "import", str(desk.folder / name)).exit_code == 3
    assert desk.run("sources", "export", "--output", str(desk.folder / "no" / "x.opml")).exit_code == 1
    assert desk.config.read_text() == CONFIG


def test_every_example_of_the_document_works_as_printed(desk: Desk, server: WebServer) -> None:
    text = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    text = text.replace("https://paper.example/", server.url("/"))
    (desk.folder / "subscriptions.opml").write_text("<opml><body><outline xmlUrl='https://a.example/'/></body></opml>")
    shown, *_ = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    ran: list[str] = []
    for line in "".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL)).splitlines():
        words, target = _words(line)
        if words[0] in ("add", "discover", "test"):
            words.append("--allow-private")
        result = _run(desk, words)
        assert result.exit_code == 0, f"{line}: {result.stderr}"
        if target:
            (desk.folder / target).write_text(result.stdout)
        if words[0] == "add" and len(ran) < 2:
            assert f"{shown}allow_private = true\n" in desk.config.read_text(encoding="utf-8")
        ran.append(words[0])
    assert set(ran) == {"add", "discover", "list", "test", "remove", "import", "export"}


def test_the_examples_in_the_help_are_commands(desk: Desk) -> None:
    for command in ("add", "discover", "list", "test", "remove", "import", "export"):
        shown = desk.run("sources", command, "--help")
        assert shown.exit_code == 0
        assert f"feedwatch sources {command}" in shown.stdout


def _words(line: str) -> tuple[list[str], str]:
    """The words after "feedwatch sources" of a line of a document, and the file its output goes to."""
    command, _, target = line.partition("#")[0].partition(">")
    words = shlex.split(command)
    assert words[:2] == ["feedwatch", "sources"]
    return words[2:], target.strip()


def _run(desk: Desk, words: list[str]) -> Result:
    """Run it as if in the desk's folder."""
    return desk.run("sources", *(str(desk.folder / word) if word.endswith(".opml") else word for word in words))
