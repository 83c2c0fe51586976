"""Real feed readers over HTTP; what they see is what people see."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks.readers import Newsboat, Reader, place, reader_python, steps


def newsboat(folder: Path) -> Newsboat:
    if shutil.which("newsboat") is None:
        pytest.skip("needs newsboat: apt-get install newsboat")
    return Newsboat(folder / "newsboat")


def reader(folder: Path) -> Reader:
    python = reader_python()
    if python is None:
        pytest.skip("needs reader: pip install reader sgmllib3k in an environment, its python in FEEDWATCH_TEST_READER")
    return Reader(folder / "reader", python)


@pytest.mark.parametrize("make", [newsboat, reader])
def test_a_reader_sees_each_entry_once_an_update_as_an_update_and_nothing_else(tmp_path: Path, make: object) -> None:
    assert callable(make)
    program = make(tmp_path)
    with place() as here:
        seen = dict(enumerate(steps(here, program)))
    facts = {number: (step, found.new, found.changed, found.statuses) for number, (step, found) in seen.items()}
    again = facts.pop(1)
    # newsboat keeps validators from its second look on.
    assert again in (("looked again", 0, 0, [304]), ("looked again", 0, 0, [200]))
    assert facts == {
        0: ("subscribed", 5, 0, [200]),
        2: ("regenerated", 0, 0, [304]),
        3: ("other rules, same entries", 0, 0, [304]),
        4: ("one entry corrected", 0, 1, [200]),
        5: ("two entries more", 2, 0, [200]),
        6: ("looked again", 0, 0, [304]),
    }
    assert sorted(title for _, title in seen[4][1].entries) == [
        "Niger 0, corrigé",
        *(f"Niger {n}" for n in range(1, 5)),
    ]
