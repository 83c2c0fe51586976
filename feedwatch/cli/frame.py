"""What all commands share: global options, error messages, exit codes. With main.py the owner of typer."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ParamSpec

import typer

from feedwatch.cli.output import complain, log_to_stderr
from feedwatch.errors import (
    ConfigError,
    FeedwatchError,
    FetchError,
    OrderRefused,
    ParseError,
    QueryError,
    StoreBusy,
    UsageError,
)
from feedwatch.text import printable

if TYPE_CHECKING:
    from feedwatch.setup import Setup

DONE = 0
FAILED = 1
USAGE = 2
NOTHING_READ = 3
#: EX_TEMPFAIL of sysexits.h.
BUSY = 75
INTERRUPTED = 130

P = ParamSpec("P")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The global options."""

    config: Path
    json: bool
    verbosity: int
    log_form: str = ""
    log_level: str = ""

    def setup(self, *, secrets: bool = True, stays: bool = False) -> Setup:
        """The configuration that the options name.

        Without `secrets` it may lack the values of its `${VARIABLES}`; for a process that `stays` its rules are read
        anew and lean, which leaves less in memory.
        """
        # Help needs neither rules nor configuration, which take a second to import.
        from feedwatch.config.secrets import SetElsewhere  # noqa: PLC0415
        from feedwatch.rules.kept import cache_folder  # noqa: PLC0415
        from feedwatch.setup import load_setup  # noqa: PLC0415

        cache = None if stays else cache_folder(os.environ)
        return load_setup(self.config, os.environ if secrets else SetElsewhere(os.environ), cache=cache, lean=stays)

    def log(self, *, daemon: bool = False) -> None:
        """Log to standard error as the options say."""
        log_to_stderr(self.verbosity, daemon=daemon, form=self.log_form, level=self.log_level)


def options(context: typer.Context) -> Options:
    """The global options of a running command."""
    found = context.find_root().obj
    if not isinstance(found, Options):
        raise TypeError("the command was not started through the main command")
    return found


def _shown(error: FeedwatchError) -> str:
    """The message without anything that could steer the terminal: it may quote outside text."""
    return "\n".join(printable(line, 2000) for line in str(error).splitlines())


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """Turn our errors into a message and an exit code; anything else is a bug and keeps its traceback."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except ConfigError as error:
            count = len(error.faults)
            complain(f"{_shown(error)}\n{count} fault{'s' if count != 1 else ''}; nothing was done")
            raise typer.Exit(USAGE) from error
        except QueryError as error:
            complain("\n".join(f"the question is wrong: {_shown(each)}" for each in (error, *error.more)))
            raise typer.Exit(USAGE) from error
        except StoreBusy as error:
            complain(_shown(error))
            raise typer.Exit(BUSY) from error
        except (FetchError, ParseError) as error:
            complain(_shown(error))
            raise typer.Exit(NOTHING_READ) from error
        except UsageError as error:
            complain(_shown(error))
            raise typer.Exit(USAGE) from error
        except OrderRefused as error:
            complain(_shown(error))
            raise typer.Exit(error.code) from error
        except FeedwatchError as error:
            complain(_shown(error))
            raise typer.Exit(FAILED) from error
        except KeyboardInterrupt as error:
            complain("interrupted; what was read so far is stored")
            raise typer.Exit(INTERRUPTED) from error

    return run
