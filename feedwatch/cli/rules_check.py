"""`rules check`, `show`: what rule files say; needs neither store nor network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from feedwatch.cli.frame import DONE, USAGE, Json, guarded, options
from feedwatch.cli.output import as_json, complain, say, table
from feedwatch.cli.rules_pick import pick_rule
from feedwatch.rulecheck import all_faults
from feedwatch.rules.origins import Origin, origins, rule_files
from feedwatch.rules.probing import LIST_POINTS, points_of
from feedwatch.rules.ruleset import Rule, RuleSet
from feedwatch.setup import Setup
from feedwatch.text import printable


@guarded
def check(context: typer.Context, json: Json = False) -> None:
    """Name every fault of the configuration, its packs, questions and rule tests, each with its line.

    Exits with 2 if there is one.

    Examples:

      feedwatch rules check

      feedwatch --config desk.toml rules check --json
    """
    chosen = options(context)
    faults = all_faults(chosen.config)
    if json or chosen.json:
        as_json({"config": str(chosen.config), "faults": faults})
    elif faults:
        for fault in faults:
            complain("\n".join(printable(line, 4000) for line in str(fault).splitlines()))
        complain(f"{len(faults)} fault{'s' * (len(faults) > 1)}")
    else:
        say(f"{printable(str(chosen.config))}: no faults in rules, questions and tests")
    raise typer.Exit(USAGE if faults else DONE)


def origins_of(setup: Setup, only: Rule | None = None) -> list[Origin]:
    """Where each term stands, of all rules or of one."""
    config = setup.config
    return origins(rule_files(config.packs, config.file, config.base_dir), setup.rules, only)


@guarded
def show(
    context: typer.Context,
    rule: Annotated[str, typer.Argument(help="As in questions: region:ne, topic:security.")],
    json: Json = False,
) -> None:
    """Show a rule as all packs together make it: terms with points, language and file, parent and groups.

    Examples:

      feedwatch rules show region:ne

      feedwatch rules show topic:security --json
    """
    chosen = options(context)
    setup = chosen.setup(secrets=False)
    found = pick_rule(rule, setup.rules)
    places = origins_of(setup, found)
    facts = _facts(found, setup.rules)
    rows = [
        (
            each.list,
            f"{points_of(each.list, each.term):g}" if each.list in LIST_POINTS else "",
            each.term.text,
            " ".join(sorted(each.term.langs or ())) or "all",
            f"{each.file}:{each.line}",
        )
        for each in places
    ]
    columns = ("list", "points", "term", "language", "place")
    if json or chosen.json:
        terms = [dict(zip(columns, row, strict=True)) for row in rows]
        as_json({**facts, "terms": terms, "need": found.need, "near": found.near, "regex": found.regex})
        return
    for name, value in facts.items():
        text = ", ".join(value) if isinstance(value, list | tuple) else value
        if text not in {"", None}:
            say(f"{name}: {printable(str(text), 2000)}")
    _print_more(found)
    table(f"{len(rows)} terms", columns, rows, numbers=("points",))


def _facts(rule: Rule, ruleset: RuleSet) -> dict[str, object]:
    """What there is to say of a rule beside its terms."""
    others = ruleset.rules[rule.facet].values()
    return {
        "facet": rule.facet,
        "id": rule.id,
        "name": rule.name,
        "code": rule.code,
        "parent": rule.parent,
        "children": sorted(each.id for each in others if each.parent == rule.id),
        "members": rule.members,
        "groups": sorted(each.id for each in others if rule.id in each.members),
        "min_score": rule.min_score,
        "min_share": rule.min_share,
        "tests": sorted(each.name for each in ruleset.tests if _names(each.expect + each.reject, rule)),
    }


def _names(items: Sequence[str], rule: Rule) -> bool:
    return not {f"{rule.facet}:{rule.id}", f"mentions:{rule.id}", f"main:{rule.id}"}.isdisjoint(items)


def _print_more(rule: Rule) -> None:
    for group in rule.need:
        say(f"needs one of: {printable(', '.join(term.text for term in group), 2000)}")
    for near in rule.near:
        sides = [printable(", ".join(term.text for term in side), 1000) for side in (near.a, near.b)]
        order = "followed by" if near.ordered else "near"
        say(f"near: ({sides[0]}) {order} ({sides[1]}) within {near.within} words, {near.points:g} points")
    for regex in rule.regex:
        say(f"regex: {printable(regex.text)}, {regex.points:g} points")
