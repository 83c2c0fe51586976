"""Marks of links that a program put in a text go; what an author wrote in brackets stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedwatch.parse.linkmarks import MAX_CHARS, without_link_marks

LYNX = """   #[1]Le Fleuve

   [2]Accueil [3]Monde [4][logo.png]

                              Le pont est ouvert

   Par [5]Awa Diop

   Le pont de [6]Kayes est ouvert depuis mardi, « une première » [sic]
   selon le maire[7][1], qui cite la loi de [1998].

     * [8]Le marché rouvre
     * [9]La pluie arrive

References

   Visible links
   1. https://fleuve.example/feed
   2. https://fleuve.example/
   3. https://fleuve.example/monde
   4. https://fleuve.example/logo
   5. https://fleuve.example/awa
   6. https://fleuve.example/kayes
   7. https://fleuve.example/pont#note
   8. https://fleuve.example/marche
   9. https://fleuve.example/pluie

   Hidden links:
  10. https://fleuve.example/cache
"""
W3M = LYNX.replace("Visible links", "").replace("References", "References:").replace("   Hidden links:\n", "")
HTML2TEXT = """[Accueil](/) [](javascript:void(0);) [Monde](/monde "Tout le monde") [](whatsapp://send?x)![logo](/logo.png)

# Le pont est ouvert

Par [**Awa Diop**](https://fleuve.example/awa_\\(d\\))

Le pont de [Kayes](https://fleuve.example/kayes_\\(ville\\)) est ouvert depuis
mardi, « une première » [sic] selon le _maire_ , qui cite la loi de [1998] et
l’article [2](deux).

* * *

  * [Le marché rouvre, dit-on, lundi ou
mardi](<https://fleuve.example/marche>)
  * [![photo](https://fleuve.example/wp-
content/p.jpg)](pluie/un.html)La pluie arrive
"""


def test_numbers_before_links_and_the_list_of_addresses_go() -> None:
    for number, text in enumerate((LYNX, W3M)):
        bare = without_link_marks(text)
        assert "fleuve.example" not in bare, number
        assert "References" not in bare
        assert "   Accueil Monde \n" in bare
        assert "Le pont de Kayes est ouvert depuis mardi, « une première » [sic]" in bare
        assert "selon le maire[1], qui cite la loi de [1998]." in bare
        assert "     * Le marché rouvre\n" in bare


def test_markdown_becomes_plain_text_with_unwrapped_lines() -> None:
    lines = without_link_marks(HTML2TEXT).split("\n")
    assert lines[0].split() == ["Accueil", "Monde"]
    assert "Le pont est ouvert" in lines
    assert "Par Awa Diop" in lines
    assert (
        "Le pont de Kayes est ouvert depuis mardi, « une première » [sic] selon le maire , qui cite la loi de [1998] "
        "et l’article [2](deux)."
    ) in lines
    assert "Le marché rouvre, dit-on, lundi ou mardi" in lines
    assert "La pluie arrive" in lines


@pytest.mark.parametrize(
    "text",
    [
        "Il a dit « la loi [sic] » et [1] rien d’autre [2], voir [3]Kayes.",
        # An author's notes with their list.
        "La pluie tombe [1]. Le pont tient [2], dit-on [3].\n\n[1] https://a.example\n[2] https://b.example\n[3] /c\n",
        "Mark a link like this: [Kayes](https://example.org/kayes), and a picture like this: ![Kayes](kayes.png).",
        "f[0](x) and g[1](y) and h[2](z) and k[3](w) are calls.",
        "* Un\n* Deux\n* Trois\n",
        "[1]Un [2]Deux [3]Trois, dit la liste.\n",
    ],
)
def test_what_an_author_wrote_stays(text: str) -> None:
    assert without_link_marks(text) == text


def test_what_is_too_long_to_be_a_page_stays() -> None:
    text = "[a](/b) " * (MAX_CHARS // 8 + 1)
    assert without_link_marks(text) == text


@given(
    st.lists(st.sampled_from(["[", "]", "(", ")", "[1]", "1. https://a.example\n", "](/a)", "!", "*", "x ", "\n"])).map(
        "".join
    )
)
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_and_only_ever_shorter(text: str) -> None:
    assert len(without_link_marks(text)) <= len(text) + 1
