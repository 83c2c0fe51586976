"""A configuration with its rules and questions understood; touches neither store nor network."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from feedwatch.alerting import Interests
from feedwatch.clock import Clock
from feedwatch.config.load import Config, load_config
from feedwatch.errors import ConfigError, Fault, QueryError
from feedwatch.judge import Judge, Question
from feedwatch.model import Facet, Source
from feedwatch.rulecheck import all_faults
from feedwatch.rules.classify import Classifier
from feedwatch.rules.kept import load_classifier
from feedwatch.rules.naming import suggest_rule
from feedwatch.rules.ruleset import RuleSet
from feedwatch.rules.where import Where, parse_where
from feedwatch.tomlfile import read_toml, suggest
from feedwatch.views import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """A configuration whose rules and questions are understood; touches neither store nor network."""

    config: Config
    clock: Clock
    rules: RuleSet
    classifier: Classifier
    questions: tuple[Question, ...]

    @property
    def sources(self) -> dict[str, Source]:
        """The configured sources by id."""
        return {source.id: source for source in self.config.sources}

    def where(self, question: str) -> Where:
        """Understand a question.

        Raises:
            QueryError: it is wrong.
        """
        return _parse_where(question, self.rules, self.config)

    def interests(self) -> Interests:
        """What alerts look for."""
        watch = self.config.alerts.watch
        names = {word for word in watch if not word.startswith("@")}
        names |= {word for name in watch for word in self.rules.sets.get(name.removeprefix("@"), ())}
        return Interests(
            feeds=self.config.feeds,
            places={rule.id: rule.name for rule in self.rules.rules["region"].values() if not rule.members},
            names=frozenset(names),
            sources_at_once=self.config.alerts.sources_at_once,
        )

    def judge(self, private: Iterable[str] = ()) -> Judge:
        """The judge that these rules and questions make; `private` are such sources besides the configured ones."""
        # What the configuration says of a source counts; of the others, what it said last.
        named = {source.id for source in self.config.sources if source.private}
        left = {source_id for source_id in private if source_id not in self.sources}
        return Judge(self.classifier, self.rules.hash, self.questions, self.sources, named | left)

    def limits(self, stored: Limits) -> Limits:
        """How much of their texts sources allow to be shown, `stored` being what the store remembers of it."""
        left = {source_id: content for source_id, content in stored.items() if source_id not in self.sources}
        return left | {source.id: source.content for source in self.config.sources if source.content != "full"}


def load_setup(
    path: Path,
    env: Mapping[str, str] = os.environ,
    *,
    packs: Sequence[str] | None = None,
    cache: Path | None = None,
    lean: bool = False,
) -> Setup:
    """Read a configuration with its rules and questions; `packs` stand in place of those that it names.

    Rules are kept in the folder `cache`, and taken from there if nothing has changed; see `kept` for both options.

    Raises:
        ConfigError: with all faults of configuration, rules and questions.
    """
    try:
        return _understand(path, env, packs, cache, lean)
    except ConfigError as error:
        # The first fault may have kept others from being seen.
        raise ConfigError(dict.fromkeys([*all_faults(path, env), *error.faults])) from error


def load_variant(path: Path, variant: Path, env: Mapping[str, str] = os.environ) -> Setup:
    """Another configuration, or the one at `path` with another pack.

    A rule file or folder takes the place of the pack with its name, or comes after all packs.

    Raises:
        ConfigError: with all faults.
    """
    if not variant.exists():
        raise ConfigError([Fault(file=str(variant), message="no such file or folder")])
    if variant.is_file() and not {"feedwatch", "feeds", "sources"}.isdisjoint(read_toml(variant).data):
        return load_setup(variant, env)
    pack = str(variant.absolute())
    packs = load_config(path, env).packs
    names = [Path(each).stem for each in packs]
    if variant.stem in names:
        place = names.index(variant.stem)
        return load_setup(path, env, packs=[*packs[:place], pack, *packs[place + 1 :]])
    return load_setup(path, env, packs=[*packs, pack])


def _understand(
    path: Path, env: Mapping[str, str], packs: Sequence[str] | None, cache: Path | None, lean: bool
) -> Setup:
    clock = Clock.from_env(env)
    config = load_config(path, env)
    if packs is not None:
        config = replace(config, packs=tuple(packs))
    classifier = load_classifier(config.packs, inline=config.file, base_dir=config.base_dir, cache=cache, lean=lean)
    rules = classifier.ruleset
    faults = [*_default_faults(config, rules), *_watch_faults(config, rules), *_selector_faults(config)]
    questions: list[Question] = []
    for place, spec in enumerate(config.feeds):
        try:
            questions.append(Question(spec=spec, where=_parse_where(spec.where, rules, config)))
        except QueryError as error:
            faults += [
                config.file.fault(("feeds", place, "where"), each.message, each.cure, excerpt=each.excerpt)
                for each in (error, *error.more)
            ]
    if faults:
        raise ConfigError(faults)
    return Setup(config=config, clock=clock, rules=rules, classifier=classifier, questions=tuple(questions))


def _selector_faults(config: Config) -> Iterator[Fault]:
    """A fault for each CSS selector that is none."""
    if not any(source.selectors for source in config.sources):
        return
    # Only where there are selectors: trees of pages cost 2 MB and a fifth of a second.
    from feedwatch.parse.selected import selector_fault  # noqa: PLC0415

    for place, source in enumerate(config.sources):
        for part, selector in asdict(source.selectors).items() if source.selectors else ():
            if selector and (wrong := selector_fault(selector)):
                yield config.file.fault(("sources", place, "selectors", part), f"is no CSS selector: {wrong}")


def _parse_where(question: str, rules: RuleSet, config: Config) -> Where:
    return parse_where(
        question,
        regions=rules.rules["region"],
        topics=rules.rules["topic"],
        sources=[source.id for source in config.sources],
    )


def _watch_faults(config: Config, rules: RuleSet) -> Iterator[Fault]:
    """A fault for each watched set that no pack has, unless it is only the default."""
    if "watch" not in config.file.data.get("alerts", {}):
        return
    for place, word in enumerate(config.alerts.watch):
        name = word.removeprefix("@")
        if word.startswith("@") and name not in rules.sets:
            known = suggest(name, rules.sets) or f"known: {', '.join(sorted(rules.sets)) or 'none'}"
            yield config.file.fault(("alerts", "watch", place), f"there is no set {word}", known)


def _default_faults(config: Config, rules: RuleSet) -> Iterator[Fault]:
    """A fault for each source whose default region or topic no rule defines."""
    for place, source in enumerate(config.sources):
        defaults: tuple[tuple[Facet, str | None], ...] = (("region", source.region), ("topic", source.topic))
        for facet, rule in defaults:
            if rule is not None and not rules.has(facet, rule):
                yield config.file.fault(
                    ("sources", place, facet), f"no rule has the id {rule!r}", suggest_rule(rule, rules.rules[facet])
                )
