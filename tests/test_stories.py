from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.ledger import Known
from feedwatch.model import Item
from feedwatch.stories import MAX_CHANGES, candidates, dates, identify, item_hash, without_clashes

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def item(**fields: object) -> Item:
    base = Item(shape="entry", locator="feed", position=0, title="Title", content="<p>Text</p>")
    return replace(base, **fields)  # type: ignore[arg-type]  # the fields are those of Item


def known(guid: str, of: Item, **fields: object) -> dict[str, Known]:
    memory = Known(guid=guid, id="urn:x", item_hash=item_hash(of), first_seen_at=NOW, updated_at=NOW, changes=0)
    return {guid: replace(memory, **fields)}  # type: ignore[arg-type]  # the fields are those of Known


def identities(*items: Item, memory: dict[str, Known] | None = None) -> list[tuple[str, str]]:
    found = identify("source", candidates(items), memory or {})
    return [(identity.guid, identity.id) for _, identity, _ in found]


def test_a_valid_iri_is_kept_as_the_id() -> None:
    assert identities(item(guid="tag:example.org,2025:7")) == [("tag:example.org,2025:7", "tag:example.org,2025:7")]


@pytest.mark.parametrize(
    "guid",
    [
        "https://e.org/خبر",
        "https://e.org/%d8%ae",
        "https://E.org/1",
        "https://e.org",
        "https://e.org/a/../b",
        "URN:xy:z",
    ],
)
def test_an_atom_id_is_kept_as_it_is_and_a_key_that_looks_like_one_only_in_its_normal_form(guid: str) -> None:
    ((_, as_atom),) = identities(item(guid=guid))
    assert as_atom == guid
    ((key, as_rss),) = identities(item(guid=guid, guid_is_iri=False))
    assert key == guid
    assert as_rss.startswith("urn:uuid:")
    # What is stored already stays.
    ((_, later),) = identities(item(guid=guid, guid_is_iri=False), memory=known(guid, item(guid=guid), id=guid))
    assert later == guid


@pytest.mark.parametrize("guid", ["https://e.org/?p=1", "https://e.org/%D8%AE#c", "tag:e.org,2020:1", "urn:example:7"])
def test_a_key_in_normal_form_is_kept_as_the_id(guid: str) -> None:
    assert identities(item(guid=guid, guid_is_iri=False)) == [(guid, guid)]


def test_an_id_that_is_no_iri_is_minted_once_for_all_times() -> None:
    ((guid, first_id),) = identities(item(guid="12345"))
    assert guid == "12345"
    assert first_id.startswith("urn:uuid:")
    assert identities(item(guid="12345", title="Other", link="https://e.org/x")) == [(guid, first_id)]


def test_without_a_guid_the_normalised_link_is_the_key() -> None:
    one = identities(item(link="https://www.e.org/a?utm_source=x"))
    assert one == identities(item(link="http://e.org/a#top", title="New title"))


def test_without_guid_and_link_path_and_title_are_the_key() -> None:
    assert identities(item()) == identities(item(content="changed"))
    assert identities(item()) != identities(item(title="Other"))
    assert identities(item()) != identities(item(locator="other.txt"))


def test_pages_that_share_a_guid_do_not_overwrite_each_other() -> None:
    twins = [item(guid="same", link=f"https://e.org/{n}", position=n) for n in range(3)]
    ids = identities(*twins)
    assert ids[0][0] == "same"
    assert len({guid for guid, _ in ids}) == len({its_id for _, its_id in ids}) == 3


def test_twins_keep_their_keys_when_their_order_changes() -> None:
    a, b = (
        item(guid="same", link="https://e.org/a", content="A"),
        item(guid="same", link="https://e.org/b", content="B"),
    )
    first = identify("source", candidates([a, b]), {})
    memory = {
        identity.guid: Known(
            guid=identity.guid,
            id=identity.id,
            item_hash=identity.item_hash,
            first_seen_at=NOW,
            updated_at=NOW,
            changes=0,
        )
        for _, identity, _ in first
    }
    assert sorted(identities(b, a, memory=memory)) == sorted((i.guid, i.id) for _, i, _ in first)
    assert identities(b, memory=memory) == [(first[1][1].guid, first[1][1].id)]


def test_an_item_that_a_document_repeats_counts_once() -> None:
    assert len(candidates([item(guid="x", link="https://e.org/1"), item(guid="x", link="https://e.org/1#c")])) == 1


def test_a_known_item_keeps_the_id_it_had() -> None:
    assert identities(item(guid="12345"), memory=known("12345", item())) == [("12345", "urn:x")]


def test_an_id_that_another_page_has_is_replaced() -> None:
    ((_, identity, _),) = identify("source", candidates([item(guid="tag:e.org,2025:1")]), {})
    assert without_clashes("source", identity, set()) == identity
    other = without_clashes("source", identity, {"tag:e.org,2025:1"})
    assert other.id.startswith("urn:uuid:")
    assert other.guid == identity.guid


def test_markup_that_varies_with_every_request_is_no_change() -> None:
    before = item(content='<p class="a1">Text</p><script>n=1</script><img src="pixel?1">')
    after = item(content='<p class="b2">Text</p><script>n=2</script><img src="pixel?2">', published_at=NOW)
    assert item_hash(before) == item_hash(after)
    assert item_hash(before) != item_hash(item(content="<p>Text, corrected</p>"))


def test_updated_is_the_sources_at_first_sight_and_never_in_the_future() -> None:
    old, future = NOW - timedelta(days=3), NOW + timedelta(hours=5)
    assert dates(item(published_at=old), None, "h", NOW).updated_at == old
    assert dates(item(published_at=old, updated_at=NOW), None, "h", NOW).updated_at == NOW
    assert dates(item(published_at=future), None, "h", NOW).updated_at.replace(microsecond=0) == NOW
    assert dates(item(published_at=datetime(1971, 1, 1, tzinfo=UTC)), None, "h", NOW).updated_at >= NOW
    assert dates(item(published_at=old), None, "h", NOW).first_seen_at == NOW


def test_undated_items_are_a_second_apart_in_document_order() -> None:
    seen = [dates(item(position=n), None, "h", NOW).first_seen_at for n in range(3)]
    assert seen == [NOW, NOW - timedelta(seconds=1), NOW - timedelta(seconds=2)]


def test_a_change_moves_updated_to_the_time_it_was_seen_whatever_the_source_says() -> None:
    memory = known("g", item(), updated_at=NOW - timedelta(days=2), first_seen_at=NOW - timedelta(days=2))["g"]
    changed = dates(item(content="new", updated_at=NOW - timedelta(days=9)), memory, "other", NOW)
    assert (changed.updated_at.replace(microsecond=0), changed.changes) == (NOW, 1)
    assert changed.first_seen_at == memory.first_seen_at


def test_no_two_items_are_updated_at_the_same_moment_by_us() -> None:
    before = known("g", item(), updated_at=NOW - timedelta(days=2))["g"]
    items = [item(guid=f"g{n}", position=0) for n in range(100)]
    fresh = [dates(each, None, "h", NOW).updated_at for each in items]
    changed = [dates(each, before, "other", NOW).updated_at for each in items]
    assert len({*fresh}) == len({*changed}) == 100
    assert all(NOW < date < NOW + timedelta(seconds=1) for date in fresh + changed)
    assert fresh == [dates(each, None, "h", NOW).updated_at for each in items]


def test_a_second_change_within_a_second_still_moves_updated() -> None:
    memory = known("g", item(), updated_at=NOW + timedelta(seconds=1))["g"]
    assert dates(item(), memory, "other", NOW).updated_at > memory.updated_at


@pytest.mark.parametrize("guid", ["urn:x:1", "urn:uuid:1", "tag:nowhere:1", "https://e.org/%zz"])
def test_an_id_that_breaks_the_rules_of_its_scheme_is_not_kept(guid: str) -> None:
    (_, identity, _) = identify("s", candidates([item(guid=guid)]), {})[0]
    assert identity.id.startswith("urn:uuid:")
    assert identity.guid == guid


def test_a_page_that_changes_on_each_visit_stops_moving() -> None:
    memory = known("g", item(), changes=MAX_CHANGES, updated_at=NOW - timedelta(days=1))["g"]
    assert dates(item(), memory, "other", NOW).updated_at == NOW - timedelta(days=1)


@given(st.lists(st.tuples(st.sampled_from(["", "a", "b", "tag:x,1:y"]), st.sampled_from(["", "p", "q"])), max_size=6))
def test_keys_and_ids_in_a_document_are_always_different(pairs: list[tuple[str, str]]) -> None:
    items = [
        item(guid=guid or None, link=f"https://e.org/{link}" if link else None, position=n, title=f"T{n % 2}")
        for n, (guid, link) in enumerate(pairs)
    ]
    ids = identities(*items)
    assert len({guid for guid, _ in ids}) == len(ids)
    assert len({its_id for _, its_id in ids}) == len(ids)
