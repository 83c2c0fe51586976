"""What every store keeps when several hands are at work."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from feedwatch.errors import LeaseLost
from feedwatch.ledger import Batch, Claim, SourceState, Verdict
from feedwatch.store.sql import SqlStore
from tests.contract.builders import (
    BASE_URL,
    NOON,
    after,
    make_article,
    make_feeds,
    make_label,
    make_source,
    make_verdict,
    save,
)
from tests.contract.conftest import Home

HANDS = 8


def test_no_source_is_claimed_twice(home: Home) -> None:
    stores = [home.open() for _ in range(2)]
    names = [f"s{number:02}" for number in range(60)]
    stores[0].begin([make_source(name) for name in names], [], base_url=BASE_URL, now=NOON)
    start = threading.Barrier(HANDS)

    def grab(hand: int) -> list[str]:
        start.wait()
        taken: list[str] = []
        # A hand may come away empty while another is claiming the rest: that is no end.
        for _ in range(100):
            taken += [claim.source_id for claim in stores[hand % 2].claim_due(now=NOON, limit=3, lease_s=60)]
        return taken

    with ThreadPoolExecutor(HANDS) as pool:
        counts = Counter(name for taken in pool.map(grab, range(HANDS)) for name in taken)
    assert counts == dict.fromkeys(names, 1)


def test_of_many_hands_with_old_claims_only_the_newest_writes(store: SqlStore) -> None:
    claims = [store.claim_due(now=after(60 * n), limit=1, lease_s=60, source_ids=["north"])[0] for n in range(HANDS)]
    assert len({claim.token for claim in claims}) == HANDS

    def write(claim: Claim) -> bool:
        try:
            save(store, claim, make_verdict(make_article(str(claim.token))))
        except LeaseLost:
            return False
        return True

    with ThreadPoolExecutor(HANDS) as pool:
        assert list(pool.map(write, claims)) == [False] * (HANDS - 1) + [True]
    assert [entry.article.guid for entry in store.entries()] == [str(claims[-1].token)]


def test_many_hands_polling_lose_nothing_and_count_every_change(home: Home) -> None:
    stores = [home.open() for _ in range(2)]
    names = [f"s{number}" for number in range(HANDS)]
    sources, rounds = [make_source(name) for name in names], 5
    stores[0].begin(sources, make_feeds("one", "two"), base_url=BASE_URL, now=NOON)
    before = stores[0].feed_states()["one"].version

    def poll(hand: int) -> None:
        mine = stores[hand % 2]
        for turn in range(rounds):
            (claim,) = mine.claim_due(now=after(turn), limit=1, lease_s=60, source_ids=[names[hand]])
            verdicts = [
                make_verdict(
                    make_article(f"{turn}-{n}", source_id=claim.source_id),
                    feeds={"two": (), "one": ()} if hand % 2 else {"one": (), "two": ()},
                    seen=after(hand * 100 + turn),
                )
                for n in range(4)
            ]
            state = SourceState(next_due_at=after(turn + 1))
            mine.save(Batch(claim=claim, now=after(turn), judged_by="r", verdicts=tuple(verdicts), state=state))
            mine.members("one", limit=5, with_labels=True)

    with ThreadPoolExecutor(HANDS) as pool:
        list(pool.map(poll, range(HANDS)))
    store = home.open()
    assert store.count_members() == {"one": HANDS * rounds * 4, "two": HANDS * rounds * 4}
    state = store.feed_states()["one"]
    assert state.version == before + HANDS * rounds
    assert state.updated_at == after((HANDS - 1) * 100 + rounds - 1)


def test_saving_and_rejudging_at_once_end_in_one_consistent_state(home: Home) -> None:
    store, other = home.open(), home.open()
    store.begin([make_source()], make_feeds("one", "two"), base_url=BASE_URL, now=NOON)
    (claim,) = store.claim_due(now=NOON, limit=1, lease_s=600)
    articles = [make_article(str(number)) for number in range(20)]

    def save_all(turn: int) -> None:
        verdicts = [make_verdict(article, feeds={"one": ()}, updated=after(turn), changes=turn) for article in articles]
        save(store, claim, *(verdicts if turn % 2 else reversed(verdicts)), judged_by="old")

    def rejudge_all() -> None:
        entries = other.unjudged("new", 99)
        verdicts = [Verdict(entry=replace(entry, labels=(make_label(),)), feeds={"two": ()}) for entry in entries]
        other.rejudge(verdicts[::-1], "new")

    save_all(1)
    with ThreadPoolExecutor(2) as pool:
        work = [pool.submit(save_all, turn) for turn in range(2, 12)] + [pool.submit(rejudge_all) for _ in range(10)]
        for each in work:
            each.result()
    rejudge_all()
    assert store.count_unjudged("new") == 0
    assert store.count_members() == {"one": 0, "two": 20}
    entries = list(store.entries())
    # Whichever save came last wrote all of it (a busy machine may hold any of them up).
    assert len({entry.changes for entry in entries}) == 1
    assert {len(entry.labels) for entry in entries} == {1}
