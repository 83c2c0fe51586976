"""The page that follows in a list, in the ways in which sites lead to it."""

from __future__ import annotations

import pytest

from feedwatch.parse.page import next_address
from tests.parse import listings

URL = "https://fleuve.example/actu/"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("<link rel='next' href='/actu/page/2/'>", "/actu/page/2/"),
        ("<a rel='nofollow next' href='?page=1'>2</a>", "/actu/?page=1"),
        ("<a href='page/2'>Suivant »</a>", "/actu/page/2"),
        ("<a href='page/2'>Page suivante</a>", "/actu/page/2"),
        ("<a href='page/2'>Articles plus anciens</a>", "/actu/page/2"),
        ("<a href='page/2'>Older posts</a>", "/actu/page/2"),
        ("<a href='page/2'>التالي</a>", "/actu/page/2"),
        ("<a href='page/2'>الصفحة التالية</a>", "/actu/page/2"),
        ("<a href='page/2'>Siguiente</a>", "/actu/page/2"),
        ("<a href='page/2'>Próxima página</a>", "/actu/page/2"),
        ("<a href='page/2'>Shafi na gaba</a>", "/actu/page/2"),
        ("<a href='page/2'>›</a>", "/actu/page/2"),
        ("<a href='page/2' aria-label='Next page'><svg></svg></a>", "/actu/page/2"),
        ("<a class='pager-next' href='page/2'><i></i></a>", "/actu/page/2"),
        ("<a href='/actu/?page=3'>3</a><a href='/actu/?page=2'>2</a>", "/actu/?page=2"),
        ("<a href='/actu/page/2/'>2</a>", "/actu/page/2/"),
    ],
)
def test_the_next_page_is_found(link: str, expected: str) -> None:
    assert next_address(listings.frame(link), URL) == f"https://fleuve.example{expected}"


def test_on_the_second_page_the_third_is_next() -> None:
    numbers = "".join(f"<a href='/actu/page/{n}/'>{n}</a>" for n in (1, 2, 3, 4))
    assert next_address(listings.frame(numbers), URL + "page/2/") == "https://fleuve.example/actu/page/3/"


@pytest.mark.parametrize(
    "link",
    [
        "<a href='/a/2'>L’année suivante, le marché rouvre</a>",
        "<a href='https://autre.example/page/2'>Suivant</a>",
        "<a href='/actu/'>Suivant</a>",
        "<a href='javascript:next()'>Next</a>",
        "<a href='/?p=2'>2 commentaires</a>",
        "",
    ],
)
def test_nothing_else_is_taken_for_it(link: str) -> None:
    assert next_address(listings.frame(link), URL) is None


def test_a_saved_page_leads_nowhere() -> None:
    assert next_address(listings.wordpress(), None) is None
