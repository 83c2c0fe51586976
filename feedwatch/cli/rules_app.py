"""The commands of `feedwatch rules`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import typer

from feedwatch.cli.lazy import Lazy, LazyGroup


class _Commands(LazyGroup):
    """What there is to do with rules."""

    table: ClassVar[Mapping[str, Lazy]] = {
        "check": Lazy(
            "rules_check:check",
            "Name every fault of the configuration, its packs, questions and rule tests, each with its line.",
        ),
        "test": Lazy(
            "rules_commands:run_tests",
            "Run the [[tests]] of the configuration and its packs; show what fired instead where one fails.",
        ),
        "lint": Lazy("rules_commands:lint", "Show terms that work, but hardly as their writer thinks."),
        "diff": Lazy(
            "rules_commands:diff", "Show which stored articles change label, and which enter or leave which feed."
        ),
        "show": Lazy(
            "rules_check:show",
            "Show a rule as all packs together make it: terms with points, language and file, parent and groups.",
        ),
        "suggest": Lazy(
            "rules_figures:suggest",
            "List words that mark the articles of a rule and that none of its terms covers, clearest first.",
        ),
        "calibrate": Lazy(
            "rules_figures:calibrate",
            "Fit the points of terms to labelled documents, as a pack that extends the rules.",
        ),
        "score": Lazy(
            "rules_figures:score", "Precision, recall and F1 of the rules on documents that people labelled."
        ),
    }


app = typer.Typer(
    name="rules",
    cls=_Commands,
    help="Check, test, compare and improve the rules.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def rules() -> None:
    """Check, test, compare and improve the rules."""
