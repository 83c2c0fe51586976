"""Orders carried out here, or handed to the daemon that holds the store."""

from __future__ import annotations

from feedwatch.app import writing
from feedwatch.cli.output import complain, progress
from feedwatch.daemon.control import ask
from feedwatch.errors import OrderRefused, StoreBusy
from feedwatch.setup import Setup
from feedwatch.storage import control_path
from feedwatch.text import printable
from feedwatch.work import WORKS, Alone, Values


def carry_out(setup: Setup, order: str, values: Values) -> Values:
    """Carry out one of `work.WORKS`; a running daemon does it in our place.

    Raises:
        StoreBusy: another process holds the store that takes no orders.
        FeedwatchError: the order failed.
    """
    try:
        with writing(setup) as app:
            return WORKS[order](Alone(app), values, progress)
    except StoreBusy:
        answer = ask(control_path(setup), order, values, progress)
        if answer is None:
            raise
        complain("done by the running daemon")
        return answer


def put_into_force(setup: Setup) -> None:
    """Let a running daemon take up a configuration that was changed just now, rather than find out by itself.

    A daemon that refuses it is reported and changes nothing in what was written.
    """
    try:
        if tell_daemon(setup, "reload") is not None:
            complain("in force in the running daemon")
    except OrderRefused as error:
        complain(f"the running daemon goes on by its last configuration: {printable(str(error), 2000)}")


def tell_daemon(setup: Setup, order: str) -> Values | None:
    """Give an order that only a daemon can carry out; None when none runs.

    Raises:
        OrderRefused: it failed.
    """
    return ask(control_path(setup), order, {}, progress)
