"""Commands whose modules are imported when they are asked for: help and quick commands need no network or store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group


@dataclass(frozen=True, slots=True)
class Lazy:
    """Where a command is, and the first sentence of its help."""

    #: "module:function", or "module:app" for a group of commands; modules are those of this package.
    place: str
    help: str


class LazyGroup(TyperGroup):
    """A group of commands that knows their names and imports the one that is run."""

    table: ClassVar[Mapping[str, Lazy]] = {}

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        # Names alone, from which suggestions for slips are made.
        self.commands: dict[str, Any] = dict.fromkeys(self.table)

    def list_commands(self, ctx: Any) -> list[str]:
        """The names in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, made now."""
        if cmd_name not in self.table:
            return None
        if self.commands[cmd_name] is None:
            module, _, name = self.table[cmd_name].place.partition(":")
            found = getattr(import_module(f"feedwatch.cli.{module}"), name)
            self.commands[cmd_name] = get_group(found) if isinstance(found, typer.Typer) else _command(found, cmd_name)
        return self.commands[cmd_name]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The list of commands in the help, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.help) for name, lazy in self.table.items()])


def _command(function: Any, name: str) -> Any:
    holder = typer.Typer(add_completion=False, rich_markup_mode=None)
    holder.command(name)(function)
    return get_command(holder)
