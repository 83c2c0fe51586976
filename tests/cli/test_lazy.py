from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from feedwatch.cli.lazy import LazyGroup
from feedwatch.cli.main import app
from feedwatch.cli.rules_app import app as rules_app
from tests.desk import Desk

TABLES = [group.info.cls for group in (app, rules_app)]


@pytest.mark.parametrize("group", TABLES)
def test_the_list_of_commands_says_what_the_commands_say(group: type[LazyGroup]) -> None:
    commands = group(name="x")
    for name, lazy in group.table.items():
        command = commands.get_command(None, name)
        text = " ".join((command.help or "").split())
        assert text.startswith(lazy.help.rstrip(".")), name


def test_help_imports_neither_store_nor_network_nor_rules() -> None:
    code = "import sys, feedwatch.cli.main, feedwatch.cli.rules_app; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"sqlalchemy", "requests", "trafilatura", "lark", "pydantic", "lxml", "numpy", "ahocorasick_rs", "re2"}
    assert heavy.isdisjoint(done.stdout.split())


def test_a_check_of_rules_imports_neither_store_nor_network() -> None:
    code = "import sys, feedwatch.cli.rules_check; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"sqlalchemy", "requests", "trafilatura", "numpy"}.isdisjoint(done.stdout.split())


def test_a_check_of_the_configuration_imports_neither_store_nor_network() -> None:
    code = "import sys, feedwatch.cli.checking, feedwatch.setup; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"sqlalchemy", "requests", "trafilatura", "numpy", "bs4"}.isdisjoint(done.stdout.split())


def test_a_daemon_that_has_read_nothing_has_loaded_nothing_to_read_with() -> None:
    code = "import sys, feedwatch.cli.running, feedwatch.daemon.run; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"numpy", "py3langid", "trafilatura", "bs4", "markdown_it", "dateparser", "jinja2", "rich.console"}
    unused = {"alembic", "apprise", "psycopg", "sqlalchemy.orm", "sqlalchemy.dialects.postgresql"}
    assert heavy.isdisjoint(done.stdout.split())
    assert unused.isdisjoint(done.stdout.split())


def test_a_slip_gets_a_suggestion(tmp_path: Path) -> None:
    assert "'rules'" in Desk(tmp_path, "").run("rulez").stderr
