"""How much each unit of a scraped page looks like the text of its article, by its shape and by what stands around it.

The model is a sum: each figure of `extract/shape.py` has a table of steps in `prose.json`, and a unit gets the points
of the step that its value falls in. `benchmarks/fit_prose.py` fits the tables on pages whose markup tells their text,
and says by what protocol; above 0 a unit is rather text than furniture.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from feedwatch.extract.shape import columns_of
from feedwatch.extract.units import Unit

DATA: Path = Path(__file__).with_name("prose.json")


@dataclass(frozen=True, slots=True)
class _Table:
    """The points of one figure: `points[n]` for values from `cuts[n - 1]` up to `cuts[n]`."""

    figure: str
    cuts: tuple[float, ...]
    points: tuple[float, ...]


def prose_points(units: Sequence[Unit]) -> list[float]:
    """The logarithm of each unit's odds to be text: above 0 for text, below for furniture."""
    bias, tables = _model()
    odds = [bias] * len(units)
    if units:
        columns = columns_of(units)
        for table in tables:
            cuts, points = table.cuts, table.points
            odds = [
                total + points[bisect_right(cuts, value)]
                for total, value in zip(odds, columns[table.figure], strict=True)
            ]
    return odds


@cache
def _model() -> tuple[float, tuple[_Table, ...]]:
    """What the file holds, read once."""
    data = json.loads(DATA.read_text(encoding="utf-8"))
    tables = (_Table(figure, tuple(table["cuts"]), tuple(table["points"])) for figure, table in data["tables"].items())
    return float(data["bias"]), tuple(tables)
