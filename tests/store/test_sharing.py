"""Small writes that share a transaction."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Connection, Engine, create_engine, text

from feedwatch.errors import LeaseLost
from feedwatch.store.sharing import Sharing


class Table:
    """A table of numbers in a real database, and how many transactions were begun on it."""

    def __init__(self, path: Path) -> None:
        self.engine: Engine = create_engine(f"sqlite:///{path}")
        self.begun = 0
        self.running, self.go_on = Event(), Event()
        with self.engine.begin() as connection:
            connection.execute(text("create table numbers (number integer unique)"))

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self.engine.begin() as connection:
            self.begun += 1
            yield connection

    def numbers(self) -> list[int]:
        with self.engine.connect() as connection:
            return list(connection.scalars(text("select number from numbers order by number")))

    def add(self, connection: Connection, number: int) -> None:
        connection.execute(text("insert into numbers values (:number)"), {"number": number})

    def slowly(self, connection: Connection) -> None:
        """Hold the first transaction until the others wait."""
        self.running.set()
        assert self.go_on.wait(10)
        self.add(connection, 0)


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    made = Table(tmp_path / "numbers.db")
    yield made
    made.engine.dispose()


def together(table: Table, sharing: Sharing, numbers: list[int]) -> list[BaseException | None]:
    """Write the numbers (below 0: lose the lease) while a transaction runs; what each came to."""

    def write(number: int) -> None:
        def one(connection: Connection) -> None:
            if number < 0:
                raise LeaseLost(f"{number}")
            table.add(connection, number)

        sharing.run(one)

    with ThreadPoolExecutor(len(numbers) + 1) as pool:
        first = pool.submit(sharing.run, table.slowly)
        assert table.running.wait(10)
        others = [pool.submit(write, number) for number in numbers]
        while len(sharing._waiting) < len(numbers):
            pass
        table.go_on.set()
        first.result(10)
        return [other.exception(10) for other in others]


def test_writes_that_come_while_one_runs_share_the_next_transaction(table: Table) -> None:
    assert together(table, Sharing(table.writing), [1, 2, 3, 4]) == [None] * 4
    assert table.numbers() == [0, 1, 2, 3, 4]
    assert table.begun == 2


def test_a_lost_lease_is_told_to_its_own_poll_only(table: Table) -> None:
    first, lost, last = together(table, Sharing(table.writing), [1, -1, 2])
    assert (first, last) == (None, None)
    assert isinstance(lost, LeaseLost)
    assert table.numbers() == [0, 1, 2]


def test_a_write_that_breaks_takes_none_of_the_others_with_it(table: Table) -> None:
    outcomes = together(table, Sharing(table.writing), [1, 0, 2])
    assert [type(outcome).__name__ for outcome in outcomes] == ["NoneType", "IntegrityError", "NoneType"]
    assert table.numbers() == [0, 1, 2]
