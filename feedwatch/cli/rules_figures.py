"""`rules suggest`, `calibrate`, `score`: rules against labelled documents and the stored articles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from feedwatch.app import reading
from feedwatch.cli.frame import DONE, FAILED, Json, guarded, options
from feedwatch.cli.output import as_json, coloured, complain, plain, progress, say, table
from feedwatch.cli.rules_pick import FACETS, Lang, Maps, known_labels, pick_rule, read_maps, refuse
from feedwatch.errors import FeedwatchError
from feedwatch.labelled import NO_TITLE, Labelled, read_labelled
from feedwatch.model import Article, Facet, Label, Source
from feedwatch.rules.calibrate import overlays
from feedwatch.rules.ruleset import Rule
from feedwatch.rules.scoring import Scorecard, scorecard
from feedwatch.rules.suggest import MIN_COUNT, Suggester, Suggestion
from feedwatch.rules.testing import label_line
from feedwatch.rulework import FOLDS, Calibration, calibrated, judged
from feedwatch.setup import Setup
from feedwatch.text import printable, shorten
from feedwatch.tomlfile import suggest as did_you_mean

#: Articles that `suggest` looks at, newest first.
SUGGEST_ARTICLES = 20_000
TITLE_WIDTH = 70
LINE_WIDTH = 160


@guarded
def suggest(  # noqa: PLR0917 - typer names them all
    context: typer.Context,
    topic: Annotated[str | None, typer.Option("--topic", help="The topic that wants terms.")] = None,
    region: Annotated[str | None, typer.Option("--region", help="The region that wants terms.")] = None,
    labelled: Annotated[
        Path | None, typer.Option("--labelled", help="Labelled documents instead of the stored articles.")
    ] = None,
    maps: Maps = None,
    lang: Lang = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many words.")] = 30,
    min_count: Annotated[int, typer.Option("--min-count", min=2, help="In at least so many articles.")] = MIN_COUNT,
    json: Json = False,
) -> None:
    """List words that mark the articles of a rule and that none of its terms covers, clearest first.

    Its articles are the stored ones that it is about, or those with its label in a file of labelled documents.
    Words are compared within a language. Nothing is changed: what helps goes into a pack by hand.

    Examples:

      feedwatch rules suggest --topic security --lang fr

      feedwatch rules suggest --region ne --labelled labelled.jsonl.xz
    """
    chosen = options(context)
    setup = chosen.setup(secrets=False)
    if (topic is None) == (region is None):
        refuse("name either --topic or --region")
    rule = pick_rule(f"topic:{topic}" if topic is not None else f"region:{region}", setup.rules)
    suggester = Suggester(setup.rules, rule.facet, rule.id)
    if labelled is not None:
        _collect_labelled(suggester, rule, read_labelled(labelled, lang=lang), setup, maps)
    else:
        _collect_stored(suggester, rule, setup, lang)
    found = suggester.suggest(limit=limit, min_count=min_count)
    if json or chosen.json:
        as_json(_suggestions_json(rule, suggester, found))
    else:
        _print_suggestions(rule, suggester, found)


def _collect_labelled(
    suggester: Suggester, rule: Rule, items: list[Labelled], setup: Setup, maps: list[str] | None
) -> None:
    """The rule's articles are those with a label that means it."""
    items = [item for item in items if rule.facet in item.labels]
    known = known_labels(rule.facet, items, setup.rules, read_maps(maps, [rule.facet], setup.rules))
    names = {label for label, rules in known.items() if rule.id in rules}
    pairs = ((item.article, not names.isdisjoint(item.labels[rule.facet])) for item in items)
    _collect(suggester, pairs, len(items))


def _collect_stored(suggester: Suggester, rule: Rule, setup: Setup, lang: str | None) -> None:
    """The rule's articles are the stored ones that it is about."""
    with reading(setup) as feedwatch:
        entries = feedwatch.store.entries(limit=SUGGEST_ARTICLES)
        pairs = ((entry.article, _is_about(entry.labels, rule)) for entry in entries)
        total = min(feedwatch.count_entries(), SUGGEST_ARTICLES)
        _collect(suggester, (pair for pair in pairs if lang in {None, pair[0].language}), total)


def _suggestions_json(rule: Rule, suggester: Suggester, found: list[Suggestion]) -> dict[str, object]:
    inside, outside = suggester.counts()
    return {
        "rule": f"{rule.facet}:{rule.id}",
        "inside": inside,
        "outside": outside,
        "suggestions": [{**plain(each), "precision": round(each.precision, 3)} for each in found],
    }


def _print_suggestions(rule: Rule, suggester: Suggester, found: list[Suggestion]) -> None:
    inside, outside = suggester.counts()
    rows = [
        (
            each.phrase,
            each.lang or "?",
            each.inside,
            each.outside,
            f"{each.precision:.0%}",
            f"{each.z:.1f}",
            each.examples[0] if each.examples else "",
        )
        for each in found
    ]
    columns = ("words", "lang", "its", "others", "its part", "z", "for example")
    table(f"{rule.facet}:{rule.id}: {inside} articles against {outside}", columns, rows, numbers=columns[2:6])
    if not rows:
        complain("too few articles, or its terms say it all")


def _collect(suggester: Suggester, articles: Iterable[tuple[Article, bool]], total: int) -> None:
    with progress("articles", total) as advance:
        for article, inside in articles:
            suggester.add(article, inside=inside)
            advance(1)


def _is_about(labels: Iterable[Label], rule: Rule) -> bool:
    return any(label.facet == rule.facet and label.rule == rule.id and label.standing == "about" for label in labels)


@guarded
def score(  # noqa: PLR0917 - typer names them all
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Labelled documents: one JSON object a line; .xz is read too.")],
    maps: Maps = None,
    lang: Lang = None,
    only: Annotated[list[str] | None, typer.Option("--only", help="Only this rule or label; repeatable.")] = None,
    source: Annotated[str | None, typer.Option("--source", help="Judge them as documents of this source.")] = None,
    mentioned: Annotated[bool, typer.Option("--mentioned", help="Count every rule that fires.")] = False,
    floor: Annotated[
        float | None, typer.Option("--floor", min=0, max=1, help="Exit with 1 if a mean F1 is lower.")
    ] = None,
    examples: Annotated[int, typer.Option("--examples", min=0, help="Show so many wrong documents a label.")] = 0,
    json: Json = False,
) -> None:
    """Precision, recall and F1 of the rules on documents that people labelled.

    Each line of the file has "text" or "title", and "topics" or "countries"; "lang", "url" and "tags" are used.
    A label means the rule with that id or code; --map says otherwise. With --floor the mean F1 over the labels
    of a facet decides about the exit code; together with --only that of the rules named.

    Examples:

      feedwatch rules score labelled.jsonl --floor 0.8

      feedwatch rules score news.jsonl.xz --lang fr --map sports=sport --map politics=politics,security,migration
    """
    chosen = options(context)
    setup = chosen.setup(secrets=False)
    judge = _source(setup, source)
    items = read_labelled(file, lang=lang)
    given = read_maps(maps, FACETS, setup.rules)
    cards: list[Scorecard] = []
    wrong: list[dict[str, object]] = []
    for facet in FACETS:
        mine = [item for item in items if facet in item.labels]
        if not mine:
            continue
        known = known_labels(facet, mine, setup.rules, given)
        with progress(f"{facet}s", len(mine)) as advance:
            results = judged(mine, setup.classifier, facet, source=judge, advance=advance)
        cards.append(_only(scorecard(facet, results, known, setup.rules, mentioned=mentioned), only))
        wrong += _wrong(mine, results, cards[-1], examples, mentioned=mentioned)
    if only and not any(card.scores for card in cards):
        refuse(f"nothing in {printable(str(file))} is about {printable(', '.join(only))}")
    raise typer.Exit(_show_scores(cards, wrong, floor, json=json or chosen.json))


def _show_scores(cards: list[Scorecard], wrong: list[dict[str, object]], floor: float | None, *, json: bool) -> int:
    """Print the figures; the exit code says whether they reach the floor."""
    below = floor is not None and any(card.macro_f1 < floor for card in cards if card.scores)
    if json:
        as_json({"facets": [_card_json(card) for card in cards], "below_floor": below, "wrong": wrong})
    else:
        for card in cards:
            _print_card(card, floor)
        for each in wrong:
            say(printable(f"{each['label']} {each['kind']}: {each['title']} – {each['fired']}", LINE_WIDTH * 2))
    if below:
        complain(f"the mean F1 is below {floor:g}")
    return FAILED if below else DONE


def _source(setup: Setup, name: str | None) -> Source | None:
    if name is not None and name not in setup.sources:
        refuse(f"there is no source {printable(name)!r}; {did_you_mean(name, setup.sources)}".rstrip("; "))
    return setup.sources.get(name or "")


def _only(card: Scorecard, names: list[str] | None) -> Scorecard:
    if not names:
        return card
    wanted = {name.lower() for name in names}
    scores = tuple(
        score
        for score in card.scores
        if not wanted.isdisjoint({score.label, *score.rules, *(f"{card.facet}:{rule}" for rule in score.rules)})
    )
    return Scorecard(facet=card.facet, documents=card.documents, main_right=card.main_right, scores=scores)


def _wrong(
    items: list[Labelled],
    results: list[tuple[frozenset[str], tuple[Label, ...]]],
    card: Scorecard,
    limit: int,
    *,
    mentioned: bool,
) -> list[dict[str, object]]:
    """The first documents that each label's rules miss or wrongly name, with what fired."""
    found: list[dict[str, object]] = []
    for one in card.scores if limit else ():
        kinds = {"missed": 0, "wrong": 0}
        for item, (given, labels) in zip(items, results, strict=True):
            mine = [label for label in labels if label.facet == card.facet]
            hit = any(label.rule in one.rules and (mentioned or label.standing == "about") for label in mine)
            kind = "missed" if one.label in given and not hit else "wrong" if hit and one.label not in given else ""
            if not kind or kinds[kind] == limit:
                continue
            kinds[kind] += 1
            fired = "; ".join(label_line(label) for label in mine) or "nothing fired"
            title = item.article.title if item.article.title != NO_TITLE else shorten(item.article.body, TITLE_WIDTH)
            found.append(
                {
                    "label": one.label,
                    "kind": kind,
                    "id": item.article.guid,
                    "title": shorten(title, TITLE_WIDTH),
                    "labels": sorted(given),
                    "fired": fired,
                }
            )
    return found


def _card_json(card: Scorecard) -> dict[str, object]:
    return {
        "facet": card.facet,
        "documents": card.documents,
        "macro_f1": round(card.macro_f1, 4),
        "micro_f1": round(card.micro_f1, 4),
        "main_right": round(card.main_right / card.documents, 4),
        "labels": [
            {
                "label": one.label,
                "rules": one.rules,
                "support": one.support,
                "right": one.right,
                "wrong": one.wrong,
                "missed": one.missed,
                "precision": round(one.precision, 4),
                "recall": round(one.recall, 4),
                "f1": round(one.f1, 4),
            }
            for one in card.scores
        ],
    }


def _print_card(card: Scorecard, floor: float | None) -> None:
    rows = [
        (
            one.label,
            ", ".join(one.rules),
            one.support,
            f"{one.precision:.3f}",
            f"{one.recall:.3f}",
            coloured(f"{one.f1:.3f}", "red") if floor is not None and one.f1 < floor else f"{one.f1:.3f}",
        )
        for one in card.scores
    ]
    columns = ("label", "rules", "documents", "precision", "recall", "F1")
    table(f"{card.facet}s of {card.documents} documents", columns, rows, numbers=columns[2:])
    main = card.main_right / card.documents
    say(f"mean F1 {card.macro_f1:.3f}, over all decisions {card.micro_f1:.3f}, main {card.facet} right {main:.3f}")
    say()


@guarded
def calibrate(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Labelled documents, as for `rules score`.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the pack here: a .toml file, or a folder for several languages.")
    ] = None,
    regions: Annotated[bool, typer.Option("--regions", help="Points of regions instead of topics.")] = False,
    lower: Annotated[bool, typer.Option("--lower", help="Lower points too, of terms that mislead.")] = False,
    maps: Maps = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Fit the points of terms to labelled documents, as a pack that extends the rules.

    The gain is measured on documents that the points were not fitted to (five folds). No pack is edited: the
    result is printed, or written to --out; name it in `packs` after the others to use it. With --lang terms
    that hold in every language keep their points, if there are others.

    Examples:

      feedwatch rules calibrate labelled.jsonl --lang fr --out points-fr.toml

      feedwatch rules calibrate news.jsonl.xz --map sports=sport --lower --out points/
    """
    chosen = options(context)
    setup = chosen.setup(secrets=False)
    facet: Facet = "region" if regions else "topic"
    items = [item for item in read_labelled(file, lang=lang) if facet in item.labels]
    if len(items) < 2 * FOLDS:
        refuse(f"{printable(str(file))}: {len(items)} documents with {facet}s are too few")
    known = known_labels(facet, items, setup.rules, read_maps(maps, [facet], setup.rules))
    if not known:
        refuse(f"{printable(str(file))}: none of its labels means a {facet}")
    with progress("documents", len(items) * (2 + FOLDS)) as advance:
        result = calibrated(items, facet, known, setup.rules, advance, lower=lower, lang=lang)
    _show_calibration(file, items, result, out, json=json or chosen.json)


def _show_calibration(file: Path, items: list[Labelled], result: Calibration, out: Path | None, *, json: bool) -> None:
    """Write the packs, or print them, and say what they are worth."""
    files = overlays(result.before.facet, result.points, _note(file, items, result))
    written = list(_write(files, out)) if out is not None else []
    if json:
        as_json(
            {
                "documents": len(items),
                "terms": len(result.points),
                "before": _card_json(result.before),
                "after": _card_json(result.after),
                "written": written,
                "packs": files,
            }
        )
        return
    if out is None:
        for number, (lang, text) in enumerate(files.items()):
            if len(files) > 1:
                say(("\n" if number else "") + f"# {lang or 'all'}.toml")
            say(text)
    complain(_gain(result))
    for path in written:
        complain(f"written: {printable(str(path))}")


def _gain(result: Calibration) -> str:
    before, after = result.before, result.after
    return (
        f"{len(result.points)} terms get other points; on documents that they were not fitted to mean F1 goes from "
        f"{before.macro_f1:.3f} to {after.macro_f1:.3f} ({after.macro_f1 - before.macro_f1:+.3f}), "
        f"main right from {before.main_right / before.documents:.3f} to {after.main_right / after.documents:.3f}"
    )


def _note(file: Path, items: list[Labelled], result: Calibration) -> str:
    return f"Points fitted to {len(items)} documents of {printable(file.name)}.\n{_gain(result)}"


def _write(files: dict[str, str], out: Path) -> Iterator[Path]:
    """Write the packs; never over a file that is there."""
    is_single = out.suffix == ".toml"
    if is_single and len(files) > 1:
        refuse(f"the terms are of several languages ({', '.join(lang or 'all' for lang in files)}): name a folder")
    paths = {lang: out if is_single else out / f"{lang or 'all'}.toml" for lang in files}
    for path in paths.values():
        if path.exists():
            refuse(f"{printable(str(path))} is there already; name another place")
    for lang, text in files.items():
        try:
            paths[lang].parent.mkdir(parents=True, exist_ok=True)
            paths[lang].write_text(text, encoding="utf-8")
        except OSError as error:
            raise FeedwatchError(f"{paths[lang]} cannot be written: {error.strerror}") from error
        yield paths[lang]
