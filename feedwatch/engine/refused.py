"""Jobs on a store that refuses: the first refusal is the last."""

from __future__ import annotations

from collections.abc import Callable

from feedwatch.errors import StoreError
from feedwatch.ledger import Job, Outcome


class UntilRefused:
    """Does jobs until the store refuses what one wanted to save; from then on they fail for the same reason.

    Nobody is asked for what could not be kept. Safe to call from several threads.
    """

    def __init__(self, work: Callable[[Job], Outcome]) -> None:
        self._work = work
        self._refusals: list[StoreError] = []

    def __call__(self, job: Job) -> Outcome:
        """Do a job."""
        try:
            if not self._refusals:
                return self._work(job)
        except StoreError as error:
            self._refusals.append(error)
        return Outcome(source_id=job.source_id, job=job.kind, result="failed", error=str(self._refusals[0]))

    def check(self) -> None:
        """After the last job.

        Raises:
            StoreError: the store refused.
        """
        if self._refusals:
            raise self._refusals[0]
