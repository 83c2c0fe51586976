"""A process that saves without end, to be killed."""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path

from feedwatch.ledger import Batch, DocumentState
from feedwatch.model import Validators
from feedwatch.store.opening import lock_store, open_store
from tests.contract.builders import NOON, claim_one, make_article, make_label, make_verdict

URL = "sqlite:///store.db"
#: Articles in a batch.
SIZE = 40


def save_for_ever(folder: Path, acknowledge: Connection) -> None:
    """Save batch after batch, one document with its articles each, and send how many are saved."""
    with lock_store(URL, base_dir=folder):
        store = open_store(URL, base_dir=folder)
        store.clear_leases()
        claim = claim_one(store)
        number = len(store.validators("north"))
        while True:
            articles = [make_article(f"{number}-{n}", body="text " * 200) for n in range(SIZE)]
            verdicts = tuple(make_verdict(each, labels=(make_label(),), feeds={"one": ()}) for each in articles)
            document = DocumentState(locator=str(number), validators=Validators(etag=str(number)))
            store.save(Batch(claim=claim, now=NOON, judged_by="r", verdicts=verdicts, documents=(document,)))
            number += 1
            acknowledge.send(number)
