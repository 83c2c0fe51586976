"""What every store keeps: articles, labels, memberships, and how feeds notice."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedwatch.ledger import FeedState, Known, Verdict
from feedwatch.model import Entry
from feedwatch.store.sql import SqlStore
from tests.contract.builders import (
    BASE_URL,
    NOON,
    after,
    claim_one,
    make_article,
    make_feeds,
    make_label,
    make_reason,
    make_shown,
    make_source,
    make_verdict,
    rich_article,
    save,
)
from tests.contract.conftest import Home

HOSTILE = [
    "'; DROP TABLE articles; --",
    '" OR 1=1 --',
    "%(guid)s",
    "%s %d {0} :guid ?1 $1",
    "\\",
    "\\'; SELECT 1",
    "a\nb\tc",
    "é ƙ والنيجر \U0001f30d",
    "x" * 4000,
    " ",
    "",
]


def guids(entries: list[Entry]) -> list[str]:
    return [entry.article.guid for entry in entries]


def shown(state: FeedState) -> tuple[int, object]:
    return state.version, state.updated_at


# --- articles -------------------------------------------------------------------------------------------


def test_an_article_comes_back_as_it_was(store: SqlStore) -> None:
    labels = (make_label("ne"), make_label("ml", main=False, code=None, evidence=(), standing="mentioned", score=0.1))
    reasons = (make_reason("ne", "Niger", "النيجر"), make_reason("ml"))
    verdict = make_verdict(rich_article(), labels=labels, feeds={"one": reasons}, seen=after(1), updated=after(-5))
    save(store, claim_one(store), verdict)
    (entry,) = store.entries()
    assert entry.key is not None
    assert entry == replace(verdict.entry, key=entry.key)
    assert store.members("one", limit=9, with_labels=True) == [replace(entry, reasons=reasons)]
    assert store.members("one", limit=9) == [replace(entry, reasons=reasons, labels=())]


def test_a_bare_article_comes_back_as_it_was(store: SqlStore) -> None:
    verdict = make_verdict(make_article(url=None, canonical_url=None, body=""))
    save(store, claim_one(store), verdict)
    (entry,) = store.entries()
    assert entry == replace(verdict.entry, key=entry.key)


def test_id_and_first_sight_of_a_stored_article_never_change(store: SqlStore) -> None:
    claim = claim_one(store)
    save(store, claim, make_verdict(make_article(id="urn:old"), feeds={"one": ()}))
    changed = make_article(id="urn:new", title="New title", item_hash="1-second")
    save(store, claim, make_verdict(changed, feeds={"one": ()}, seen=after(99), updated=after(50), changes=1))
    (entry,) = store.entries()
    assert (entry.article.id, entry.first_seen_at) == ("urn:old", NOON)
    assert (entry.article.title, entry.updated_at, entry.changes) == ("New title", after(50), 1)
    (member,) = store.members("one", limit=9)
    assert (member.article.id, member.first_seen_at) == ("urn:old", NOON)


def test_the_same_guid_in_two_sources_is_two_entries(store: SqlStore) -> None:
    for source_id in ("north", "south"):
        save(store, claim_one(store, source_id), make_verdict(make_article("same", source_id=source_id)))
    assert sorted(entry.article.source_id for entry in store.entries()) == ["north", "south"]


def test_the_last_of_two_equal_guids_in_a_batch_wins(store: SqlStore) -> None:
    first = make_verdict(make_article(title="First"), labels=(make_label(),), feeds={"one": ()})
    last = make_verdict(make_article(title="Last"), feeds={"two": ()})
    save(store, claim_one(store), first, last)
    (entry,) = store.entries()
    assert (entry.article.title, entry.labels) == ("Last", ())
    assert store.count_members() == {"one": 0, "two": 1}


def test_labels_are_replaced_by_the_next_save(store: SqlStore) -> None:
    claim = claim_one(store)
    save(store, claim, make_verdict(labels=(make_label("ne"), make_label("ml"))))
    save(store, claim, make_verdict(labels=(make_label("td"),)))
    (entry,) = store.entries()
    assert [label.rule for label in entry.labels] == ["td"]


# --- known, taken ---------------------------------------------------------------------------------------


def test_known_answers_for_any_number_of_guids(store: SqlStore) -> None:
    claim = claim_one(store)
    save(store, claim, make_verdict(make_article("7"), seen=after(1), updated=after(2), changes=3))
    known = store.known("north", [str(number) for number in range(12_000)])
    assert known == {
        "7": Known(
            guid="7",
            id="urn:item:7",
            item_hash="1-first",
            first_seen_at=after(1),
            updated_at=after(2),
            changes=3,
        )
    }
    assert store.known("south", ["7"]) == {}
    assert store.known("north", []) == {}


def test_an_id_is_taken_by_another_page_only(store: SqlStore) -> None:
    save(store, claim_one(store), make_verdict())
    others: dict[str, str | None] = {f"urn:item:{number}": None for number in range(2, 12_000)}
    for source_id, page, taken in [
        ("south", "https://north.example/1", False),
        ("south", "https://south.example/1", True),
        ("south", None, True),
        ("north", "https://north.example/1", False),
        ("north", "https://north.example/moved", True),
    ]:
        found = store.taken_ids(source_id, others | {"urn:item:1": page})
        assert found == ({"urn:item:1"} if taken else set()), (source_id, page)


def test_an_article_without_a_page_shares_its_id_with_its_own_source_only(store: SqlStore) -> None:
    save(store, claim_one(store), make_verdict(make_article(url=None, canonical_url=None)))
    assert store.taken_ids("north", {"urn:item:1": None}) == set()
    assert store.taken_ids("south", {"urn:item:1": None}) == {"urn:item:1"}
    assert store.taken_ids("north", {"urn:item:1": "https://north.example/1"}) == {"urn:item:1"}
    assert store.taken_ids("north", {}) == set()


# --- memberships and what feeds notice ------------------------------------------------------------------


def test_a_feed_notices_what_it_gains_once_for_each_batch(store: SqlStore) -> None:
    before = store.feed_states()
    verdicts = [make_verdict(make_article(str(n)), feeds={"one": ()}, seen=after(n)) for n in range(5)]
    save(store, claim_one(store), *verdicts)
    states = store.feed_states()
    assert shown(states["one"]) == (before["one"].version + 1, after(4))
    assert states["two"] == before["two"]


def test_a_feed_notices_what_it_loses_and_its_update_stays(store: SqlStore) -> None:
    claim = claim_one(store)
    save(store, claim, make_verdict(feeds={"one": (), "two": ()}))
    before = store.feed_states()
    save(store, claim, make_verdict(feeds={"two": ()}, updated=after(60), changes=1))
    states = store.feed_states()
    assert shown(states["one"]) == (before["one"].version + 1, NOON)
    assert shown(states["two"]) == (before["two"].version + 1, after(60))
    assert store.count_members() == {"one": 0, "two": 1}


def test_a_feed_notices_a_changed_entry_that_stays(store: SqlStore) -> None:
    claim = claim_one(store)
    save(store, claim, make_verdict(feeds={"one": ()}))
    before = store.feed_states()["one"]
    # The full text came later: nothing of the source's own moved, but the feed shows more.
    save(store, claim, make_verdict(make_article(body="Much more."), feeds={"one": ()}))
    assert shown(store.feed_states()["one"]) == (before.version + 1, NOON)


def test_reasons_stay_frozen_until_the_entry_itself_moves(store: SqlStore) -> None:
    claim = claim_one(store)
    first, second = (make_reason("ne", "Niger"),), (make_reason("ne", "Niamey"),)
    save(store, claim, make_verdict(feeds={"one": first}))
    save(store, claim, make_verdict(make_article(body="More."), feeds={"one": second}))
    assert store.members("one", limit=1)[0].reasons == first
    save(store, claim, make_verdict(feeds={"one": second}, updated=after(60), changes=1))
    assert store.members("one", limit=1)[0].reasons == second


def test_a_feeds_update_does_not_depend_on_the_order_of_arrival(store: SqlStore) -> None:
    orders = {"".join(order): order for order in permutations("012")}
    store.begin([make_source()], make_feeds(*orders), base_url=BASE_URL, now=NOON)
    claim = claim_one(store)
    for feed_id, order in orders.items():
        for number in order:
            article = make_article(f"{feed_id}-{number}")
            save(store, claim, make_verdict(article, feeds={feed_id: ()}, seen=after(int(number))))
    assert {feed_id: state.updated_at for feed_id, state in store.feed_states().items()} == dict.fromkeys(
        orders, after(2)
    )


def test_members_come_newest_first_then_by_id(store: SqlStore) -> None:
    seen = {"c": 5, "a": 5, "b": 5, "old": 1, "new": 9, "B": 5, "é": 5}
    verdicts = [make_verdict(make_article(guid), feeds={"one": ()}, seen=after(at)) for guid, at in seen.items()]
    save(store, claim_one(store), *verdicts)
    order = ["new", "B", "a", "b", "c", "é", "old"]
    assert guids(store.members("one", limit=99)) == order
    assert guids(store.members("one", limit=3)) == order[:3]
    assert guids(store.members("one", limit=99, since=after(5))) == order[:-1]
    assert store.members("one", limit=0) == []
    assert store.members("two", limit=9) == []
    assert store.members("nobody", limit=9) == []
    assert guids(list(store.entries())) == order


def test_published_files_are_remembered(store: SqlStore) -> None:
    state = store.feed_states()["one"]
    hashes = {"rss": "b", "atom": "a"}
    store.mark_published([make_shown("one", state.version, render_key="k1", file_hashes=hashes, entries=7)], now=NOON)
    after_ = store.feed_states()["one"]
    assert after_ == replace(
        state,
        published_version=state.version,
        render_key="k1",
        file_hashes={"atom": "a", "rss": "b"},
        published_entries=7,
    )


# --- entries --------------------------------------------------------------------------------------------


def test_entries_are_read_in_pages_without_gaps_or_repeats(store: SqlStore) -> None:
    # More than a page, most of them seen in the same second.
    verdicts = [make_verdict(make_article(f"{n:03}"), labels=(make_label(),), seen=after(n // 150)) for n in range(450)]
    save(store, claim_one(store), *verdicts)
    expected = [f"{n:03}" for block in (range(300, 450), range(150, 300), range(150)) for n in block]
    entries = list(store.entries())
    assert guids(entries) == expected
    assert all(len(entry.labels) == 1 for entry in entries)
    assert guids(list(store.entries(limit=205))) == expected[:205]
    assert guids(list(store.entries(limit=400))) == expected[:400]
    assert guids(list(store.entries(since=after(1)))) == expected[:300]
    assert list(store.entries(limit=0)) == []


def test_entries_with_one_id_from_two_sources_are_all_read(store: SqlStore) -> None:
    for source_id in ("north", "south"):
        claim = claim_one(store, source_id)
        verdicts = [make_verdict(make_article(str(n), source_id=source_id, id="urn:same")) for n in range(150)]
        save(store, claim, *verdicts)
    assert len({entry.key for entry in store.entries()}) == 300


def test_entries_do_not_hold_the_store_while_they_are_read(store: SqlStore) -> None:
    claim = claim_one(store)
    save(store, claim, *(make_verdict(make_article(str(n)), seen=after(n)) for n in range(250)))
    found = store.entries()
    newest = next(found)
    save(store, claim, make_verdict(make_article("later"), seen=after(999)))
    assert newest.article.guid == "249"
    assert len(list(found)) == 249


# --- judging again --------------------------------------------------------------------------------------


def rejudged(entry: Entry, verdict: Verdict) -> Verdict:
    return Verdict(entry=replace(entry, labels=verdict.entry.labels), feeds=verdict.feeds)


def test_unjudged_are_those_of_other_rules_newest_first(store: SqlStore) -> None:
    claim = claim_one(store)
    for number, rules in enumerate(["a", "b", "new", "a", "c", "b"]):
        save(store, claim, make_verdict(make_article(str(number)), seen=after(number)), judged_by=rules)
    assert guids(store.unjudged("new", 99)) == ["5", "4", "3", "1", "0"]
    assert guids(store.unjudged("new", 2)) == ["5", "4"]
    assert store.unjudged("new", 0) == []
    assert store.count_unjudged("new") == 5
    assert store.count_unjudged("nothing") == 6
    assert store.count_unjudged("a") == 4
    assert store.newest_unjudged("new") == after(5)
    assert store.newest_unjudged("b") == after(4)


def test_when_the_member_at_a_place_was_seen_is_known(store: SqlStore) -> None:
    claim = claim_one(store)
    for number in range(3):
        save(store, claim, make_verdict(make_article(str(number)), seen=after(number), feeds={"one": ()}))
    assert [store.seen_at_place("one", place) for place in range(4)] == [after(2), after(1), after(0), None]
    assert store.newest_unjudged("rules-1") is None or store.count_unjudged("rules-1")


def test_rejudging_replaces_labels_and_memberships_and_nothing_else(store: SqlStore) -> None:
    claim = claim_one(store)
    old = make_verdict(labels=(make_label("ne"),), feeds={"one": (make_reason("ne"),)}, updated=after(5), changes=2)
    save(store, claim, old)
    (entry,) = store.unjudged("rules-2", 9)
    text_untouched = replace(entry, article=replace(entry.article, title="Not this", body="nor this"))
    reasons = (make_reason("ml", "Mali"),)
    store.rejudge(
        [rejudged(text_untouched, make_verdict(labels=(make_label("ml"),), feeds={"two": reasons}))], "rules-2"
    )
    (found,) = store.entries()
    assert found == replace(entry, labels=(make_label("ml"),))
    assert store.count_members() == {"one": 0, "two": 1}
    assert store.members("two", limit=1)[0].reasons == reasons
    assert store.unjudged("rules-2", 9) == []


def test_rejudging_that_changes_no_membership_is_not_noticed(store: SqlStore) -> None:
    save(store, claim_one(store), make_verdict(labels=(make_label("ne"),), feeds={"one": (make_reason("ne"),)}))
    before = store.feed_states()
    (entry,) = store.unjudged("rules-2", 9)
    store.rejudge([rejudged(entry, make_verdict(labels=(make_label("ml"),), feeds={"one": ()}))], "rules-2")
    assert store.feed_states() == before
    assert store.members("one", limit=1)[0].reasons == (make_reason("ne"),)


def test_rejudging_raises_exactly_the_feeds_that_gain_or_lose(store: SqlStore) -> None:
    save(store, claim_one(store), make_verdict(feeds={"one": ()}, updated=after(7)))
    before = store.feed_states()
    (entry,) = store.unjudged("rules-2", 9)
    store.rejudge([rejudged(entry, make_verdict(feeds={"two": ()}))], "rules-2")
    states = store.feed_states()
    assert shown(states["one"]) == (before["one"].version + 1, after(7))
    assert shown(states["two"]) == (before["two"].version + 1, after(7))


def test_an_entry_saved_again_since_it_was_read_is_not_rejudged_from_its_old_text(store: SqlStore) -> None:
    claim = claim_one(store)
    save(store, claim, make_verdict(labels=(make_label("ne"),)))
    (stale,) = store.unjudged("rules-2", 9)
    changed = make_article(item_hash="1-second")
    save(store, claim, make_verdict(changed, labels=(make_label("td"),), updated=after(9), changes=1))
    store.rejudge([rejudged(stale, make_verdict(labels=(make_label("ml"),)))], "rules-2")
    (entry,) = store.unjudged("rules-2", 9)
    assert [label.rule for label in entry.labels] == ["td"]


def test_an_entry_that_was_never_stored_cannot_be_rejudged(store: SqlStore) -> None:
    with pytest.raises(ValueError, match="never stored"):
        store.rejudge([make_verdict()], "rules-2")
    store.rejudge([make_verdict(key=12345)], "rules-2")
    assert list(store.entries()) == []


def test_a_feed_that_left_may_still_lose_and_gain(store: SqlStore) -> None:
    save(store, claim_one(store), make_verdict(feeds={"one": ()}))
    store.begin([make_source()], make_feeds("two"), base_url=BASE_URL, now=NOON)
    (entry,) = store.unjudged("rules-2", 9)
    store.rejudge([rejudged(entry, make_verdict(feeds={"two": ()}))], "rules-2")
    assert store.members("one", limit=9) == []
    assert store.count_members() == {"two": 1}


# --- hostile text ---------------------------------------------------------------------------------------


def test_any_text_may_be_an_id(home: Home) -> None:
    store = home.open()
    store.begin(
        [make_source(text, locator=text) for text in HOSTILE], make_feeds(*HOSTILE), base_url=HOSTILE[0], now=NOON
    )
    for text in HOSTILE:
        article = make_article(text, source_id=text, id=text, canonical_url=text, item_hash=text)
        reasons = (make_reason(text, text),)
        save(store, claim_one(store, text), make_verdict(article, labels=(make_label(text),), feeds={text: reasons}))
        (entry,) = store.members(text, limit=9, with_labels=True)
        assert entry.article == article
        assert (entry.reasons, entry.labels) == (reasons, (make_label(text),))
        assert list(store.known(text, [text, "other"])) == [text]
        assert store.taken_ids(text, {text: text + "/other"}) == {text}
        assert store.feed_states()[text].feed_id == text
    assert [status.source_id for status in store.statuses()] == sorted(HOSTILE)
    assert len(list(store.entries())) == len(HOSTILE)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60))
def test_any_legal_text_comes_back_as_it_was(store: SqlStore, body: str) -> None:
    store.clear_leases()
    claim = claim_one(store)
    article = make_article("text", body=body, tags=(body,), language=body)
    save(store, claim, make_verdict(article, labels=(make_label(name=body),)))
    entry = next(entry for entry in store.entries() if entry.article.guid == "text")
    assert (entry.article, entry.labels[0].name) == (article, body)
