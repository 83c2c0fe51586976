from __future__ import annotations

from feedwatch.publish.fragments import KEPT_S, Fragments


class Hand:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_no_feed_asks_for_in_an_hour_is_forgotten() -> None:
    clock = Hand()
    kept = Fragments(1000, monotonic=clock)
    kept.put("left", ["atom", "rss"], [b"a", b"b"])
    kept.put("shown", ["atom", "rss"], [b"c", b"d"])
    clock.now = KEPT_S / 2
    assert kept.get(["shown"], ["atom", "rss"]) == [[b"c", b"d"]]
    clock.now = KEPT_S + 1
    kept.put("new", ["atom", "rss"], [b"e", b"f"])
    assert kept.get(["left", "shown", "new"], ["atom", "rss"]) == [None, [b"c", b"d"], [b"e", b"f"]]


def test_when_there_is_too_much_the_longest_unused_goes() -> None:
    kept = Fragments(6)
    kept.put("a", ["atom"], [b"aaa"])
    kept.put("b", ["atom"], [b"bbb"])
    assert kept.get(["a"], ["atom"]) == [[b"aaa"]]
    kept.put("c", ["atom"], [b"ccc"])
    assert kept.get(["a", "b", "c"], ["atom"]) == [[b"aaa"], None, [b"ccc"]]


def test_an_entry_is_kept_in_all_formats_or_not_at_all() -> None:
    kept = Fragments(1000)
    kept.put("a", ["atom"], [b"aaa"])
    assert kept.get(["a", None], ["atom", "rss"]) == [None, None]
