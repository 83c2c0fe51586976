"""What the commands on rules read from their command line: rules and labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from feedwatch.cli.frame import USAGE
from feedwatch.cli.output import complain
from feedwatch.model import Facet
from feedwatch.rules.naming import suggest_rule
from feedwatch.rules.ruleset import Rule, RuleSet
from feedwatch.rules.scoring import label_map
from feedwatch.text import printable
from feedwatch.tomlfile import suggest

if TYPE_CHECKING:
    from feedwatch.labelled import Labelled

FACETS: tuple[Facet, ...] = ("region", "topic")

Maps = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="LABEL=RULE[,RULE]", help="Which rules a label of the file means; repeatable."),
]


def _short(tag: str | None) -> str | None:
    """What was given for a language as rules and documents name it."""
    # The file's reader brings the language model's owner along, which most commands never need.
    from feedwatch.labelled import short_language  # noqa: PLC0415

    return short_language(tag) if tag else tag


Lang = Annotated[str | None, typer.Option("--lang", help="Only documents in this language.", callback=_short)]


def pick_rule(text: str, rules: RuleSet) -> Rule:
    """The rule that "region:ne", "topic:security", or an id that only one facet has, names."""
    facet, _, rule_id = text.rpartition(":")
    found = [rules.rules[each][rule_id] for each in FACETS if facet in {"", each} and rules.has(each, rule_id)]
    if len(found) > 1:
        refuse(f"{printable(text)!r} is a region and a topic; write region:{rule_id} or topic:{rule_id}")
    if not found:
        asked = [rules.rules[each] for each in FACETS if facet in {"", each}]
        refuse(f"there is no rule {printable(text)!r}; {suggest_rule(rule_id, *asked)}".rstrip("; "))
    return found[0]


def refuse(message: str) -> NoReturn:
    """End with a message about what was asked."""
    complain(message)
    raise typer.Exit(USAGE)


def read_maps(maps: Iterable[str] | None, facets: Sequence[Facet], rules: RuleSet) -> dict[str, tuple[str, ...]]:
    """The rules that each label of `--map` means."""
    found: dict[str, tuple[str, ...]] = {}
    for text in maps or ():
        label, sign, names = text.partition("=")
        given = tuple(name.strip() for name in names.split(",") if name.strip())
        if not sign or not label.strip() or not given:
            refuse(f"--map {printable(text)!r} is not LABEL=RULE[,RULE]; write it as sports=sport")
        known = {rule_id: rule for facet in facets for rule_id, rule in rules.rules[facet].items()}
        for name in given:
            if name not in known:
                refuse(
                    f"--map {printable(text)!r}: there is no rule {name!r}; {suggest_rule(name, known)}".rstrip("; ")
                )
        found[label.strip().lower()] = given
    return found


def known_labels(
    facet: Facet, items: Iterable[Labelled], rules: RuleSet, maps: dict[str, tuple[str, ...]]
) -> dict[str, frozenset[str]]:
    """Which rules mean which label of the documents; labels that mean none are told of."""
    labels = {label for item in items for label in item.labels.get(facet, ())}
    known, unknown = label_map(facet, labels, rules, maps)
    if unknown:
        cures = [f"{printable(label)} ({suggest(label, rules.rules[facet])})".replace(" ()", "") for label in unknown]
        shown = ", ".join(cures[:10]) + (f" and {len(cures) - 10} more" if len(cures) > 10 else "")
        complain(f"no {facet} has the id or code of these labels: {shown}; --map LABEL=RULE says which is meant")
    return known
