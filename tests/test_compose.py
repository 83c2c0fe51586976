from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedwatch import compose as composing
from feedwatch.compose import as_of, compose, is_short, render_key, window
from feedwatch.ledger import FeedState
from feedwatch.model import Article, Entry, FeedSpec, Origin
from feedwatch.views import FeedView

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
BASE_URL = "https://feeds.example/"


def sighting(name: str, *, hours_ago: float = 0, source: str = "a", page: str | None = None, guid: str = "") -> Entry:
    """An entry with the id `name`, of the page `page` where one is given."""
    article = Article(
        source_id=source,
        guid=guid or name,
        id=f"urn:test:{name}",
        url=page,
        canonical_url=page,
        title=name,
        body="",
        origin=Origin(title=source, self_link=f"https://{source}.example/feed"),
    )
    seen = NOON - timedelta(hours=hours_ago)
    return Entry(article=article, labels=(), first_seen_at=seen, updated_at=seen)


def state(updated_at: datetime | None = None) -> FeedState:
    return FeedState(
        feed_id="feed",
        id="urn:uuid:feed",
        created_at=NOON - 100 * HOUR,
        updated_at=updated_at,
        version=1,
        published_version=0,
        file_hashes={},
    )


def composed(*entries: Entry, keep: Any = None, **definition: Any) -> FeedView:
    spec = FeedSpec(id="feed", title="Feed", **definition)
    return compose(spec, state(), entries, as_of=NOON, base_url=BASE_URL, keep=keep)


def names(view: FeedView) -> list[str]:
    return [shown.id.removeprefix("urn:test:") for shown in view.entries]


def test_newest_first_then_by_id() -> None:
    view = composed(sighting("c", hours_ago=1), sighting("b"), sighting("d", hours_ago=2), sighting("a", hours_ago=1))
    assert names(view) == ["b", "a", "c", "d"]


def test_publishers_date_does_not_move_an_entry() -> None:
    future = sighting("future", hours_ago=5)
    future = replace(future, article=replace(future.article, published_at=NOON + 9999 * HOUR))
    assert names(composed(future, sighting("new"))) == ["new", "future"]


def test_limit_keeps_the_newest() -> None:
    assert names(composed(*(sighting(str(n), hours_ago=n) for n in range(9)), limit=3)) == ["0", "1", "2"]


def test_view_carries_the_feeds_own_facts() -> None:
    view = composed(sighting("x"))
    assert (view.id, view.spec.title) == ("urn:uuid:feed", "Feed")
    assert (view.self_url, view.home_url) == ("https://feeds.example/feed.atom", "https://feeds.example/")
    bare = compose(view.spec, state(), [], as_of=NOON, base_url="https://feeds.example/sub")
    assert (bare.self_url, bare.home_url) == ("https://feeds.example/sub/feed.atom", "https://feeds.example/sub/")


def test_feed_is_as_new_as_the_store_says_else_as_its_creation() -> None:
    spec = FeedSpec(id="feed", title="Feed")
    seen = compose(spec, state(NOON - 3 * HOUR), [sighting("x")], as_of=NOON, base_url=BASE_URL)
    assert seen.updated_at == NOON - 3 * HOUR
    assert composed().updated_at == NOON - 100 * HOUR


def test_max_age_counts_from_first_seen() -> None:
    entries = [sighting("edge", hours_ago=24), sighting("old", hours_ago=24.1), sighting("new")]
    assert names(composed(*entries, max_age_s=86_400)) == ["new", "edge"]


def test_same_page_is_one_entry_with_a_via_for_each_source() -> None:
    page = "https://news.example/1"
    first = sighting("first", hours_ago=3, source="b", page=page)
    later = sighting("later", hours_ago=1, source="a", page=page)
    view = composed(later, first)
    assert names(view) == ["first"]
    assert view.entries[0].entry is first
    assert [source for source, _ in view.entries[0].vias] == ["b", "a"]
    assert view.entries[0].vias[1][1] == later.article.origin


def test_same_id_is_one_entry_whatever_the_page() -> None:
    one = sighting("same", source="a", page="https://news.example/1")
    two = sighting("same", source="b", page="https://news.example/2", hours_ago=1)
    view = composed(one, two)
    assert names(view) == ["same"]
    assert view.entries[0].entry is two


def test_pages_and_ids_merge_through_each_other() -> None:
    chain = [
        sighting("x", page="https://news.example/1", source="a"),
        sighting("x", page="https://news.example/2", source="b", hours_ago=1),
        sighting("y", page="https://news.example/2", source="c", hours_ago=2),
        sighting("y", page=None, source="d", hours_ago=3),
        sighting("z", page=None, source="e"),
    ]
    view = composed(*chain)
    assert names(view) == ["z", "y"]
    assert [source for source, _ in view.entries[1].vias] == ["d", "c", "b", "a"]


def test_one_place_that_lists_a_page_twice_is_one_via() -> None:
    page = "https://news.example/1"
    assert len(composed(sighting("x", page=page), sighting("y", page=page)).entries[0].vias) == 1


def test_equal_sightings_are_ordered_by_source_then_guid() -> None:
    page = "https://news.example/1"
    entries = [
        sighting("x", page=page, source="b", guid="1"),
        sighting("y", page=page, source="a", guid="2"),
        sighting("z", page=page, source="a", guid="1"),
    ]
    for order in (entries, entries[::-1], entries[1:] + entries[:1]):
        assert names(composed(*order)) == ["z"]


def test_page_brought_again_later_is_as_old_as_its_first_sighting() -> None:
    page = "https://news.example/1"
    entries = [sighting("again", page=page, source="b"), sighting("first", page=page, hours_ago=30)]
    assert names(composed(*entries, max_age_s=86_400)) == []
    assert names(composed(*entries, keep=lambda entry: NOON - entry.first_seen_at < 24 * HOUR)) == []


def test_question_with_age_holds_when_any_sighting_answers_it() -> None:
    page = "https://news.example/1"
    entries = [sighting("of-a", page=page, hours_ago=2), sighting("of-b", page=page, source="b"), sighting("else")]
    assert names(composed(*entries, keep=lambda entry: entry.article.source_id == "b")) == ["of-a"]


def test_loud_source_is_capped_and_the_others_fill_the_feed() -> None:
    loud = [sighting(f"loud{n:03}", source="loud") for n in range(50)]
    quiet = [sighting(f"quiet{n}", source="quiet", hours_ago=9) for n in range(5)]
    view = composed(*loud, *quiet, per_source=3, limit=5)
    assert names(view) == ["loud000", "loud001", "loud002", "quiet0", "quiet1"]


def test_merging_comes_before_the_cap() -> None:
    page = "https://news.example/1"
    entries = [
        sighting("x", page=page, hours_ago=2),
        sighting("y", page=page, source="b", hours_ago=1),
        sighting("z", source="b", hours_ago=3),
    ]
    assert names(composed(*entries, per_source=1)) == ["x", "z"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcd"), st.sampled_from("wxyz"), st.sampled_from([None, "p", "q", "r"]), st.integers(0, 3)
        ),
        max_size=12,
    ),
    st.randoms(use_true_random=False),
)
def test_order_of_arrival_changes_nothing(rows: list[tuple[str, str, str | None, int]], shuffle: random.Random) -> None:
    entries = [
        sighting(name, source=source, page=page and f"https://news.example/{page}", hours_ago=age, guid=str(place))
        for place, (source, name, page, age) in enumerate(rows)
    ]
    view = composed(*entries, per_source=2, limit=5)
    shuffled = entries.copy()
    shuffle.shuffle(shuffled)
    assert composed(*shuffled, per_source=2, limit=5) == view
    assert len({shown.id for shown in view.entries}) == len(view.entries)
    pages = [shown.entry.article.canonical_url for shown in view.entries if shown.entry.article.canonical_url]
    assert len(pages) == len(set(pages))


def test_long_chain_of_same_pages_is_merged_quickly() -> None:
    chain = [sighting(str(n // 2), page=f"https://news.example/{(n + 1) // 2}", guid=str(n)) for n in range(20_000)]
    assert len(composed(*chain, limit=10).entries) == 1


@pytest.mark.parametrize(
    "spec", [FeedSpec(id="f", title="F", limit=n, per_source=c) for n in (1, 50) for c in (None, 2)]
)
def test_window_is_larger_than_the_limit(spec: FeedSpec) -> None:
    assert window(spec) > max(49, spec.limit)


def read_until_full(members: list[Entry], spec: FeedSpec, keep: Any = None) -> tuple[FeedView, int]:
    """What the caller of compose does."""
    asked = window(spec)
    while True:
        read = members[:asked]
        view = compose(spec, state(), read, as_of=NOON, base_url=BASE_URL, keep=keep)
        if not is_short(spec, len(view.entries), read, asked=asked, as_of=NOON):
            return view, asked
        asked *= 4


def test_capped_feed_is_filled_however_loud_a_source_is() -> None:
    loud = [sighting(f"loud{n:05}", source="loud") for n in range(5000)]
    quiet = [sighting(f"quiet{n}", source=f"quiet{n}", hours_ago=9) for n in range(5)]
    view, _ = read_until_full(loud + quiet, FeedSpec(id="f", title="F", limit=6, per_source=2))
    assert names(view)[2:] == ["quiet0", "quiet1", "quiet2", "quiet3"]


def test_reading_stops_where_the_rest_is_too_old() -> None:
    old = [sighting(f"old{n:05}", hours_ago=50) for n in range(5000)]
    view, asked = read_until_full(
        [sighting("new"), *old], spec := FeedSpec(id="f", title="F", limit=6, max_age_s=86_400)
    )
    assert names(view) == ["new"]
    assert asked == window(spec)


def test_question_for_old_entries_is_filled_behind_new_ones() -> None:
    members = [sighting(f"{n:05}", hours_ago=n / 100) for n in range(5000)]
    spec = FeedSpec(id="f", title="F", limit=2)
    view, _ = read_until_full(members, spec, lambda entry: NOON - entry.first_seen_at >= 24 * HOUR)
    assert names(view) == ["02400", "02401"]


def test_question_that_nothing_answers_is_not_read_for_ever() -> None:
    _, asked = read_until_full([sighting("x")] * 60_000, FeedSpec(id="f", title="F"), lambda _entry: False)
    assert asked < 40_000


def test_ages_count_to_the_full_hour() -> None:
    assert as_of(NOON + timedelta(minutes=59, seconds=59, microseconds=1)) == NOON
    assert as_of(NOON) == NOON


def test_render_key_follows_all_that_decides_the_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = FeedSpec(id="f", title="F")
    keys = [
        render_key(spec, BASE_URL, NOON, False),
        render_key(replace(spec, title="G"), BASE_URL, NOON, False),
        render_key(replace(spec, limit=99), BASE_URL, NOON, False),
        render_key(spec, "https://other.example/", NOON, False),
        render_key(spec, BASE_URL, NOON, True),
        render_key(spec, BASE_URL, NOON + HOUR, True),
        render_key(replace(spec, max_age_s=9), BASE_URL, NOON, False),
        render_key(replace(spec, max_age_s=9), BASE_URL, NOON + HOUR, False),
    ]
    monkeypatch.setattr(composing, "RENDER_VERSION", -1)
    keys.append(render_key(spec, BASE_URL, NOON, False))
    assert len(set(keys)) == len(keys)


def test_render_key_is_the_same_at_any_hour_where_no_age_counts() -> None:
    spec = FeedSpec(id="f", title="F")
    assert render_key(spec, BASE_URL, NOON, False) == render_key(replace(spec), BASE_URL, NOON + HOUR, False)
