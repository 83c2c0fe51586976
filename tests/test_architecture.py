"""The house keeps its shape: floors, one owner for each third-party package, no circles."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "feedwatch"

#: From the ground up. A module imports from lower floors, and on its own floor only from rooms named
#: before it; the rooms of an independent floor do not know each other.
FLOORS: list[tuple[str, list[str]]] = [
    (
        "words",
        [
            "errors",
            "text",
            "logs",
            "urls",
            "formats",
            "source",
            "model",
            "views",
            "vitals",
            "ledger",
            "upkeep",
            "errands",
            "clock",
            "collector",
        ],
    ),
    (
        "contract",
        [
            "hubport",
            "alertports",
            "keepports",
            "ports",
            "datewords",
            "dates",
            "codings",
            "balance",
            "xmltree",
            "bounds",
            "markup",
            "soup",
            "tomlfile",
            "config",
        ],
    ),
    (
        "stages",
        [
            "parse",
            "extract",
            "stories",
            "rules",
            "compose",
            "bulletins",
            "polling",
            "health",
            "trends",
            "opml",
        ],
    ),
    (
        "edges",
        [
            "fetch",
            "store",
            "publish",
            "engine",
            "scheduler",
            "alerts",
            "metrics",
        ],
    ),
    (
        "story",
        [
            "websub",
            "judge",
            "drafting",
            "ingest",
            "examine",
            "labelled",
            "rulecheck",
            "rounds",
            "alerting",
            "digest",
            "further",
            "fulltext",
            "rulework",
            "sourcework",
            "trying",
            "setup",
            "asking",
            "archiving",
            "publishing",
            "pipeline",
        ],
    ),
    (
        "wiring",
        [
            "latch",
            "storage",
            "app",
            "glance",
            "work",
            "doctor",
        ],
    ),
    (
        "doors",
        [
            "web",
            "daemon",
            "cli",
            "__main__",
        ],
    ),
]
INDEPENDENT = {"stages", "edges"}

OWNERS = {
    "ahocorasick_rs": {"rules"},
    "alembic": {"store"},
    "apprise": {"alerts"},
    "apscheduler": {"scheduler"},
    "backports": {"fetch"},
    "brotli": {"codings"},
    "bs4": {"soup"},
    "compression": {"fetch"},
    "dateparser": {"dates"},
    "fastwarc": {"fetch"},
    "feedgen": {"publish"},
    "feedparser": {"parse"},
    "httptools": {"web"},
    "jinja2": {"web"},
    "lark": {"rules"},
    "lxml": {"xmltree"},
    "markdown_it": {"parse"},
    "nh3": {"markup"},
    "numpy": {"extract"},
    "prometheus_client": {"metrics"},
    "psycopg": {"store"},
    "py3langid": {"extract"},
    "pydantic": {"config"},
    "re2": {"rules"},
    "requests": {"fetch"},
    "rich": {"cli"},
    "sqlalchemy": {"store"},
    "starlette": {"web"},
    "tomlkit": {"config"},
    "trafilatura": {"extract"},
    "typer": {"cli"},
    "urllib3": {"fetch"},
    "uvicorn": {"web"},
}


def modules(package: Path) -> dict[str, Path]:
    """Dotted names of all modules of the package, without the package's own name; "" is its face."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = list(path.relative_to(package).with_suffix("").parts)
        if parts[-1] == "__init__":
            parts.pop()
        found[".".join(parts)] = path
    return found


def imports(path: Path) -> Iterator[str]:
    """Everything a file imports, wherever in the file it says so."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(module: str) -> str:
    return module.partition(".")[0]


def place(name: str) -> tuple[int, int]:
    for floor, (_, rooms) in enumerate(FLOORS):
        if name in rooms:
            return floor, rooms.index(name)
    raise AssertionError(f"{name} stands on no floor; name it in FLOORS and in docs/architecture.md")


def inner_arrows(package: Path) -> dict[str, set[str]]:
    """Which module of the package imports which."""
    known = modules(package)
    arrows: dict[str, set[str]] = {name: set() for name in known}
    for name, path in known.items():
        for target in imports(path):
            if room(target) != package.name:
                continue
            dotted = target.removeprefix(package.name).removeprefix(".")
            while dotted and dotted not in known:
                dotted = dotted.rpartition(".")[0]
            arrows[name].add(dotted)
    return arrows


def upward(package: Path) -> list[str]:
    """Imports against the floors."""
    wrong = []
    for name, targets in inner_arrows(package).items():
        for target in targets:
            if not name or not target or room(name) == room(target):
                continue
            mine, other = place(room(name)), place(room(target))
            same_floor = mine[0] == other[0]
            if mine <= other or (same_floor and FLOORS[mine[0]][0] in INDEPENDENT):
                wrong.append(f"{name} imports {target}")
    return wrong


def strangers(package: Path) -> list[str]:
    """Third-party packages imported by someone who is not their owner."""
    wrong = []
    for name, path in modules(package).items():
        for target in imports(path):
            top = room(target)
            if top == package.name or top in sys.stdlib_module_names:
                continue
            if room(name) not in OWNERS.get(top, set()):
                wrong.append(f"{name} imports {top}, which belongs to {', '.join(OWNERS.get(top, {'nobody'}))}")
    return wrong


def circles(package: Path) -> list[str]:
    """Modules that import themselves through others."""
    arrows = inner_arrows(package)
    found = []
    for start in arrows:
        reached, front = set[str](), list(arrows[start] - {start})
        while front:
            module = front.pop()
            if module not in reached:
                reached.add(module)
                front += arrows[module]
        if start in reached:
            found.append(start)
    return found


def test_every_import_goes_down() -> None:
    assert upward(PACKAGE) == []


def test_every_third_party_package_has_one_owner() -> None:
    assert strangers(PACKAGE) == []


def test_there_are_no_circles() -> None:
    assert circles(PACKAGE) == []


def test_no_file_is_too_long_to_read() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in PACKAGE.rglob("*.py")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def test_inner_faces_are_empty() -> None:
    faces = [path for path in PACKAGE.rglob("__init__.py") if path.parent != PACKAGE]
    assert [str(path) for path in faces if path.read_text(encoding="utf-8").strip()] == []


def test_the_architecture_document_names_every_room() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    missing = [name for _, rooms in FLOORS for name in rooms if f"`{name}" not in text]
    assert missing == []


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A small house with the same rooms."""
    house = tmp_path / "feedwatch"
    for name, text in {
        "__init__": "",
        "model": "",
        "pipeline": "from feedwatch.model import x",
        "app": "import feedwatch.pipeline",
        "parse/__init__": "",
        "parse/feed": "import feedparser",
        "extract/__init__": "",
        "extract/article": "",
    }.items():
        path = house / f"{name}.py"
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text)
    assert upward(house) == strangers(house) == circles(house) == []
    return house


def test_a_planted_upward_import_is_found(planted: Path) -> None:
    (planted / "model.py").write_text("def f():\n    from feedwatch.app import y")
    assert upward(planted) == ["model imports app"]


def test_a_planted_import_between_stages_is_found(planted: Path) -> None:
    (planted / "extract" / "article.py").write_text("from feedwatch.parse import feed")
    assert upward(planted) == ["extract.article imports parse.feed"]


def test_a_planted_second_owner_is_found(planted: Path) -> None:
    (planted / "pipeline.py").write_text("import feedparser")
    assert strangers(planted) == ["pipeline imports feedparser, which belongs to parse"]


def test_a_planted_circle_hidden_under_type_checking_is_found(planted: Path) -> None:
    (planted / "parse" / "other.py").write_text("import feedwatch.parse.feed")
    (planted / "parse" / "feed.py").write_text("if TYPE_CHECKING:\n    from feedwatch.parse.other import z")
    assert circles(planted) == ["parse.feed", "parse.other"]
