"""Labelled documents, made up for the tests of what learns from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RULES = """
[topics.sport]
name = "Sport"
strong = ["match", "stade"]
terms = ["victoire", "équipe"]
weak = ["course"]
[topics.health]
name = "Health"
strong = ["hôpital", "vaccin"]
terms = ["malade", "équipe"]
weak = ["course"]
[regions.ne]
name = "Niger"
code = "NE"
strong = ["Niger", "Niamey"]
[regions.ng]
name = "Nigeria"
code = "NG"
strong = ["Nigeria", "Abuja"]
"""


def write_labelled(path: Path, items: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items), encoding="utf-8")
    return path


def sport_and_health(count: int = 12) -> list[dict[str, Any]]:
    """French documents: the word `équipe` is in both topics, but means sport; `gardien` marks sport untold."""
    items = []
    for n in range(count):
        sport = f"L'équipe numéro {n} a gagné, son gardien aussi. La victoire de l'équipe est belle."
        health = f"Les malades numéro {n} attendent à l'hôpital, une équipe arrive avec le vaccin."
        items.append({"lang": "fra", "title": f"Nouvelle {n}", "text": sport, "topics": ["sport"]})
        items.append({"lang": "fra", "title": f"Nouvelle {n}", "text": health, "topics": ["health"]})
    return items
