"""Rule packs -> one checked RuleSet; all faults of all files at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from feedwatch.errors import ConfigError, Fault
from feedwatch.model import Facet
from feedwatch.rules.merge import Draft, merge_rules
from feedwatch.rules.naming import suggest_rule
from feedwatch.rules.parts import RULE_KEYS, read_part
from feedwatch.rules.ruleset import BUILT_IN, CLASSIFIER_VERSION, Rule, RuleSet, RuleTest, canonical
from feedwatch.rules.tables import Sets, Table
from feedwatch.rules.terms import Term
from feedwatch.text import digest
from feedwatch.tomlfile import TomlFile, read_toml, suggest

FACETS: Mapping[str, Facet] = {"regions": "region", "topics": "topic"}
_OURS = ("sets", "masks", "regions", "topics", "tests")
# What a pack may say about itself; none of it decides anything.
_ABOUT = ("name", "title", "description", "license", "source", "version")
_TEST_KEYS = ("name", "file", "text", "title", "lang", "tags", "url", "expect", "reject")
_TEST_PREFIXES = ("region", "topic", "mentions", "main", "feed")
_PACKS = Path(__file__).parent / "packs"


def load_rules(packs: Sequence[str], *, inline: TomlFile | None, base_dir: Path) -> RuleSet:
    """Read packs and merge them.

    A pack name without "/" and without ".toml" is built in; others are paths relative to `base_dir`.
    The rule sections of `inline` count as the last pack; its other sections are not looked at.

    Raises:
        ConfigError: with every fault of every file.

    """
    reader = _Reader(base_dir=base_dir)
    for pack in packs:
        files = pack_files(pack, base_dir)
        if not files:
            reader.faults.append(_absent(pack, base_dir, inline))
        for path, name in files:
            try:
                reader.files.append((read_toml(path, name), False))
            except ConfigError as error:
                reader.faults += error.faults
    if inline is not None:
        reader.files.append((inline, True))
    rules = reader.read()
    if reader.faults:
        raise ConfigError(reader.faults)
    masks = tuple(sorted(set(reader.masks), key=lambda term: (term.key, term.text)))
    return RuleSet(
        rules=rules,
        masks=masks,
        sets=reader.sets.words(),
        tests=tuple(reader.tests),
        hash=_hash(rules, masks),
    )


def built_in_packs() -> list[str]:
    """The names of the packs that come with the program."""
    return sorted({p.stem for p in _PACKS.iterdir() if p.suffix == ".toml" or (p.is_dir() and any(p.glob("*.toml")))})


def own_packs(packs: Sequence[str], base_dir: Path) -> list[Path]:
    """The files and folders of those packs that are not built in."""
    return [base_dir / pack for pack in packs if _is_own(pack)]


def pack_files(pack: str, base_dir: Path) -> list[tuple[Path, str]]:
    """The files of a pack in order, each with its name for people; none when there is no such pack."""
    is_own = _is_own(pack)
    path = base_dir / pack if is_own else _PACKS / pack
    name = pack.rstrip("/") if is_own else f"{BUILT_IN}{pack}"
    if pack and path.is_dir():
        return [(file, f"{name}/{file.name}") for file in sorted(path.glob("*.toml"))]
    single = path if is_own else path.with_suffix(".toml")
    return [(single, name)] if pack and single.exists() else []


def _is_own(pack: str) -> bool:
    """Whether the name is a path of the user's rather than a pack that comes with the program."""
    return "/" in pack or pack.endswith(".toml")


def _absent(pack: str, base_dir: Path, inline: TomlFile | None) -> Fault:
    """The fault of a pack of which there is no file."""
    if _is_own(pack):
        return _missing(inline, f"there is no rule file {pack}", f"looked for {base_dir / pack}")
    known = built_in_packs()
    cure = suggest(pack, known) or f"built in are {', '.join(known) or 'none'}; a file of yours ends in .toml"
    return _missing(inline, f"there is no built-in pack {pack!r}", cure)


def _missing(inline: TomlFile | None, message: str, cure: str) -> Fault:
    """The fault of a pack that is not there, at the place that names it."""
    if inline is None:
        return Fault(file="packs", message=message, cure=cure)
    return inline.fault(("feedwatch", "packs"), message, cure)


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Goes through the files of one load."""

    base_dir: Path
    files: list[tuple[TomlFile, bool]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    sets: Sets = field(default_factory=Sets)
    masks: list[Term] = field(default_factory=list)
    tests: list[RuleTest] = field(default_factory=list)

    def read(self) -> dict[Facet, dict[str, Rule]]:
        tops = [(Table(file, (), file.data, self.faults), is_inline) for file, is_inline in self.files]
        for top, is_inline in tops:
            self.sets.add(top.table("sets"), extend=not is_inline and top.flag("extend"))
        self.sets.check()
        drafts: dict[Facet, dict[str, Draft]] = {"region": {}, "topic": {}}
        for top, is_inline in tops:
            self._read_file(top, drafts, is_inline=is_inline)
        rules = {facet: merge_rules(facet, drafts[facet], self.faults) for facet in drafts}
        for top, _ in tops:
            self.tests += [test for table in top.tables("tests") if (test := self._read_test(table, rules))]
        return rules

    def _read_file(self, top: Table, drafts: dict[Facet, dict[str, Draft]], *, is_inline: bool) -> None:
        langs, extend = None, False
        if not is_inline:
            top.check_keys((*_OURS, "lang", "extend", *_ABOUT), "section")
            langs, extend = top.langs(), top.flag("extend")
        masks = top.table("masks")
        for key in masks.data:
            self.masks += self.sets.terms(masks, masks.texts(key), None, key)
        for section, facet in FACETS.items():
            parent = top.table(section)
            for rule_id in parent.data:
                table = parent.table(rule_id)
                table.check_keys(RULE_KEYS, "key")
                part = read_part(table, self.sets, langs, extend=extend)
                drafts[facet].setdefault(rule_id, Draft()).parts.append(part)

    def _read_test(self, table: Table, rules: Mapping[Facet, Mapping[str, Rule]]) -> RuleTest | None:
        table.check_keys(_TEST_KEYS, "key")
        file, text = table.text("file"), table.text("text")
        if (file is None) == (text is None) and table.text("title") is None:
            table.fault("a test needs a file or a text", 'add text = "…"')
            return None
        expect, reject = (self._expectations(table, key, rules) for key in ("expect", "reject"))
        langs = table.langs()
        return RuleTest(
            name=table.text("name") or f"test {table.path[-1]}",
            where=f"{table.file.name}:{table.file.line_of(table.path) or 1}",
            file=self.base_dir / file if file else None,
            title=table.text("title") or "",
            text=text or "",
            lang=min(langs) if langs else None,
            tags=tuple(tag for _, tag in table.texts("tags")),
            url=table.text("url"),
            expect=expect,
            reject=reject,
        )

    def _expectations(self, table: Table, key: str, rules: Mapping[Facet, Mapping[str, Rule]]) -> tuple[str, ...]:
        texts = table.texts(key)
        for n, text in texts:
            prefix, _, rule_id = text.partition(":")
            if prefix not in _TEST_PREFIXES or not rule_id:
                table.fault(f"{text!r} is nothing to expect", 'write it as "region:ne"', key, n)
                continue
            facets: tuple[Facet, ...] = ("region", "topic")
            known = {i: rule for f in facets if prefix in {f, "mentions", "main"} for i, rule in rules[f].items()}
            if prefix != "feed" and rule_id not in known:
                table.fault(f"there is no rule {text!r}", suggest_rule(rule_id, known), key, n)
        return tuple(text for _, text in texts)


def _hash(rules: Mapping[Facet, Mapping[str, Rule]], masks: tuple[Term, ...]) -> str:
    """Of everything that decides results: the same whatever the order of packs, files and terms."""
    return digest(CLASSIFIER_VERSION, canonical(rules), canonical(masks))
