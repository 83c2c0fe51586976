"""How much each unit of a scraped page looks like the text of its article: by shape, words, and what stands around it.

The model is a sum of small trees in `prose.json`: each asks whether a few figures of `extract/shape.py` and
`extract/evidence.py` are above a value, and gives points for the answers. `benchmarks/fit_prose.py` fits it on pages
whose markup tells their text, and says by what protocol; above 0 a unit is rather text than furniture.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feedwatch.extract.evidence import evidence_of
from feedwatch.extract.shape import looks_of
from feedwatch.extract.units import Unit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DATA: Path = Path(__file__).with_name("prose.json")
#: So many units go through the trees at once: memory for those of a page as long as any may be.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Trees:
    """Trees of one depth: in each row of `figures` and `cuts` the root, then its two branches, and so on.

    A unit goes to the second branch where its figure is above the cut; `points` are those of the ends.
    """

    figures: NDArray[np.intp]
    cuts: NDArray[np.float64]
    points: NDArray[np.float64]

    def odds(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The sum of the trees' points for each row of figures."""
        import numpy as np  # noqa: PLC0415 - what has no scraped text to read needs no numpy

        count, inner = self.figures.shape
        trees = np.arange(count)
        rows = (np.arange(len(values)) * values.shape[1])[:, None]
        at = np.zeros((len(values), count), dtype=np.intp)
        # Flat places are taken in half the time of pairs.
        for _ in range(inner.bit_length()):
            node = at + trees * inner
            at = 2 * at + 1 + (values.take(self.figures.take(node) + rows) > self.cuts.take(node))
        found: NDArray[np.float64] = self.points.take(at - inner + trees * (inner + 1)).sum(axis=1)
        return found


@dataclass(frozen=True, slots=True)
class Model:
    """What the file holds."""

    words_bias: float
    words: Mapping[str, float]
    names: tuple[str, ...]
    trees: Trees


def prose_points(units: Sequence[Unit]) -> list[float]:
    """The logarithm of each unit's odds to be text: above 0 for text, below for furniture."""
    import numpy as np  # noqa: PLC0415 - what has no scraped text to read needs no numpy

    if not units:
        return []
    model = _model()
    figures, marks = looks_of(units)
    columns = figures | evidence_of(marks, model.words, model.words_bias)
    values = np.array([columns[name] for name in model.names]).T
    parts = [model.trees.odds(values[start : start + _AT_ONCE]) for start in range(0, len(units), _AT_ONCE)]
    return [float(odds) for odds in np.concatenate(parts)]


@cache
def _model() -> Model:
    """What the file holds, read once."""
    import numpy as np  # noqa: PLC0415 - what has no scraped text to read needs no numpy

    data: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    trees = data["trees"]
    return Model(
        words_bias=float(data["words_bias"]),
        words=data["words"],
        names=tuple(data["figures"]),
        trees=Trees(
            np.array([tree["figures"] for tree in trees], dtype=np.intp),
            np.array([tree["cuts"] for tree in trees], dtype=np.float64),
            np.array([tree["points"] for tree in trees], dtype=np.float64),
        ),
    )
