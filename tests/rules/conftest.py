"""The shipped packs, read once for all tests of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedwatch.rules.classify import Classifier
from feedwatch.rules.load import load_rules


@pytest.fixture(scope="session")
def packs_classifier() -> Classifier:
    return Classifier(load_rules(["regions", "topics"], inline=None, base_dir=Path.cwd()))
