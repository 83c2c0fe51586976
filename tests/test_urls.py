from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.urls import canonical, http_url, is_iri, is_normal, is_public, path_words, redact, uuid_urn


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://example.org/a b?q=é", "https://example.org/a%20b?q=%C3%A9"),
        (" HTTP://EXAMPLE.org:8080/x\n", "http://example.org:8080/x"),
        ("https://user:secret@example.org/", "https://example.org/"),
        ("https://[2001:DB8::1]/x", "https://[2001:db8::1]/x"),
        ("https://exa\tmple.org/", "https://example.org/"),
        ("https://example.org/100%[a]#b#c", "https://example.org/100%25%5Ba%5D#b%23c"),
        ("https://الجزيرة.example/", "https://xn--mgbeiue0iwb.example/"),
    ],
)
def test_addresses_are_cleaned(text: str, expected: str) -> None:
    assert http_url(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//example.org/x",
        "https:///x",
        "https://[::1",
        "https://example.org:99999/",
        "https://example.org/" + "a" * 5000,
        "http://\\¡/",
        "https://exa mple.org/",
    ],
)
def test_what_is_no_web_address_is_refused(text: str | None) -> None:
    assert http_url(text) is None


def test_relative_addresses_resolve_against_their_base() -> None:
    assert http_url("../b?x=1", "https://example.org/a/c/") == "https://example.org/a/b?x=1"


@given(st.text(max_size=40), st.sampled_from([None, "https://example.org/a/"]))
def test_whatever_passes_is_a_web_address_that_passes_again(text: str, base: str | None) -> None:
    url = http_url(text, base)
    if url is not None:
        assert urlsplit(url).scheme in {"http", "https"}
        assert http_url(url) == url


@pytest.mark.parametrize(
    "same",
    [
        "https://example.org/story?id=7",
        "http://www.example.org:80/story?id=7#comments",
        "https://example.org/story/?utm_source=rss&id=7&fbclid=abc",
        "https://EXAMPLE.org/%73tory?id=7",
    ],
)
def test_addresses_of_one_page_have_one_canonical_form(same: str) -> None:
    assert canonical(same) == "https://example.org/story?id=7"


def test_different_pages_stay_different() -> None:
    pages = ["https://e.org/a?p=1", "https://e.org/a?p=2", "https://e.org/b?p=1", "https://e.org:81/a?p=1"]
    assert len({canonical(page) for page in pages}) == 4


@given(st.text(max_size=30))
def test_the_canonical_form_is_stable(tail: str) -> None:
    first = canonical(f"https://example.org/{tail}")
    assert canonical(first) == first


@pytest.mark.parametrize(
    "text", ["https://example.org/?p=1", "tag:example.org,2025:1", "urn:uuid:1", "https://ex.org/é"]
)
def test_valid_ids_are_kept(text: str) -> None:
    assert is_iri(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        "123",
        "two words:x",
        "http:///x",
        "https://e.org/%zz",
        "a:\x00",
        "a:<b>",
        "a:b#c#d",
        "https://e.org/[x]",
    ],
)
def test_invalid_ids_are_not(text: str | None) -> None:
    assert not is_iri(text)


def test_minted_ids_depend_on_every_part() -> None:
    assert uuid_urn("a", "bc") == "urn:uuid:" + uuid_urn("a", "bc").removeprefix("urn:uuid:")
    assert uuid_urn("a", "bc") != uuid_urn("ab", "c")


def test_secrets_are_not_shown() -> None:
    shown = redact("https://me:pw@example.org/feed?token=abc&page=2&api_key=x")
    assert "pw" not in shown
    assert "abc" not in shown
    assert shown == "https://example.org/feed?token=…&page=2&api_key=…"


def test_words_of_a_path() -> None:
    assert path_words("https://example.org/2025/03/attaque-a-tillab%C3%A9ri_bilan.html?x=1") == (
        "2025 03 attaque a tillabéri bilan"
    )


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://feeds.example.org/", True),
        ("https://203.0.114.1:8443/x", True),
        ("https://[2606:4700::1]/", True),
        ("http://127.0.0.1:8080/", False),
        ("http://localhost:8080/", False),
        ("http://desk:8080/", False),
        ("http://desk.local/", False),
        ("http://192.168.1.4/", False),
        ("http://[fd00::1]/", False),
        ("http://[::1]/", False),
        ("nonsense", False),
    ],
)
def test_an_address_of_a_network_of_ones_own_is_not_public(url: str, public: bool) -> None:
    assert is_public(url) is public


@pytest.mark.parametrize(
    "text",
    [
        "https://e.org/",
        "http://e.org/?p=1",
        "http://e.org:8080/a",
        "https://e.org/a/%D8%A7",
        "https://e.org/a?b=../c&d=%26#f",
        "https://e.org/x..y/.well",
        "tag:e.org,2020:x/1",
        "urn:uuid:1b1b3cf0-5a4e-5f9c-8d59-000000000001",
    ],
)
def test_normal_forms_are_known(text: str) -> None:
    assert is_normal(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "https://e.org",
            "https://e.org?x=1",
            "HTTP://e.org/",
            "https://E.org/",
            "https://e.org./",
            "https://u:p@e.org/",
        ),
        *("http://e.org:80/", "https://e.org:443/", "https://e.org:/", "https://e.org/é", "https://e.org/a[1]"),
        *("https://e.org/%d8%a7", "https://e.org/%7Ex", "https://e.org/%E9", "https://e.org/e%CC%81"),
        *("https://e.org/a/../b", "https://e.org/./b", "https://e.org/..", "https://e.org/a/..", "https://e.org/a/."),
        *("URN:x:y", "urn:x:é", "ftp://e.org/a", "e.org", ""),
    ],
)
def test_other_forms_are_not_normal(text: str) -> None:
    assert not is_normal(text)
