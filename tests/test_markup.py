from __future__ import annotations

import re
import time
from typing import Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feedwatch.markup import html_to_text, sanitise, text_of_sanitised, text_to_html, title_text
from feedwatch.soup import parse_html

BASE: Final = "https://news.example/politics/today.html"

TAG_NAMES: Final = """
a abbr audio b bdi bdo blockquote br caption cite code col colgroup data dd del details dfn div dl dt em figcaption
figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p picture pre q rp rt ruby s samp small source span strong sub
summary sup table tbody td tfoot th thead time tr u ul var video wbr
"""
ATTRIBUTE_NAMES: Final = """
alt colspan controls datetime dir height href hreflang lang media poster rel reversed rowspan scope span src srcset
start title type width
"""
HARMLESS_TAGS: Final = frozenset(TAG_NAMES.split())
HARMLESS_ATTRIBUTES: Final = frozenset(ATTRIBUTE_NAMES.split())


def assert_harmless(html: str) -> None:
    for tag in parse_html(f"<div>{html}</div>").find_all(True):
        assert tag.name in HARMLESS_TAGS | {"html", "body"}, html
        for name, value in tag.attrs.items():
            assert name in HARMLESS_ATTRIBUTES, (tag.name, name, html)
            if name in {"href", "src", "poster"}:
                assert re.match(r"https?://|mailto:", str(value)), html
            if name == "srcset":
                assert all(part.strip().startswith(("http://", "https://")) for part in str(value).split(", ")), html


VECTORS: Final = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<<script>alert(1)//<</script>",
    "<img src=x onerror=alert(1)>",
    "<img src='x' oNerRor = 'alert(1)'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='jAvAsCrIpT&colon;alert(1)'>x</a>",
    "<a href='&#106;&#97;&#118;&#97;script:alert(1)'>x</a>",
    "<a href='java\nscript:alert(1)'>x</a>",
    "<a href=' \x01javascript:alert(1)'>x</a>",
    "<a href='java\u200bscript:alert(1)'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
    "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe src='https://evil.example'></iframe>",
    "<object data='javascript:alert(1)'></object><embed src='javascript:alert(1)'>",
    "<form action='javascript:alert(1)'><input type=submit formaction='javascript:alert(2)'><button>b</button></form>",
    "<svg onload=alert(1)><script>alert(2)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "<math href='javascript:alert(1)'>x</math>",
    "<!--<img src='--><img src=x onerror=alert(1)//'>",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<style>@import 'javascript:alert(1)';</style>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<link rel=stylesheet href='https://evil.example/x.css'>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href='https://evil.example/'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><script>alert(1)</script></template>",
    "<video poster='javascript:alert(1)'><source onerror=alert(1) src='javascript:alert(1)'></video>",
    "<img srcset='javascript:alert(1) 1x, data:x 2x'>",
    "<details ontoggle=alert(1) open>x</details>",
    "<a id=location name=cookie class=x href='/y'>x</a>",
    "<isindex action=javascript:alert(1) type=image>",
    "<body onload=alert(1)><p onclick=alert(1)>x</p></body>",
    "<textarea><script>alert(1)</script></textarea><select><option><img src=x onerror=alert(1)></select>",
    "<xmp><img src=x onerror=alert(1)></xmp><plaintext><script>alert(1)</script>",
]


@pytest.mark.parametrize("vector", VECTORS)
def test_nothing_executable_is_left_of_an_attack(vector: str) -> None:
    cleaned = sanitise(f"<p>before</p>{vector}<p>after</p>", BASE)
    assert_harmless(cleaned)
    assert "before" in cleaned


@given(
    st.lists(
        st.sampled_from([*VECTORS, "<p>", "</p>", "text &amp; ", "<table>", "<b>", "<pre>\n\n", "'", '"', ">"]),
        max_size=8,
    )
)
@settings(max_examples=80, deadline=None)
def test_any_mixture_of_attacks_is_harmless_and_its_own_sanitised_form(parts: list[str]) -> None:
    cleaned = sanitise("".join(parts), BASE)
    assert_harmless(cleaned)
    assert sanitise(cleaned, BASE) == cleaned


SOUP_TAGS: Final = """
|<p>|</p>|<div>|</div>|<a href="/x?a=1&amp;b=2" title="&quot;&lt;">|</a>|<b>|</b>|<i>|</i>|<ul>|<ol>|</ul>
|</ol>|<li>|</li>|<table>|<tr>|<td>|</td>|</tr>|</table>|<h2>|<h3>|</h2>|<hr>|<br>|<pre>|</pre>
|<blockquote lang="fr">|</blockquote>|<dl>|<dt>|<dd>|</dl>|<img src="/i.png" srcset="/i.png 1x,/j,k.png 2x">
|<ruby>|<rt>|</ruby>|<section>|</section>|<font size="2">|</font>|<figure>|</figure>|<video>|<source src="/v">
|</video>|<ins>|</ins>"""
SOUP: Final = [*SOUP_TAGS.replace("\n", "").strip("|").split("|"), *"xé \n\xa0", "\n\n"]


@given(st.lists(st.sampled_from([*SOUP, "&#13;", "&#1;", "\x02", "&lt;b&gt;", "&amp;", "<", ">"]), max_size=20))
@settings(max_examples=150, deadline=None)
def test_sanitised_markup_is_settled_and_read_as_text_like_any_markup(parts: list[str]) -> None:
    cleaned = sanitise("".join(parts), BASE)
    assert sanitise(cleaned, BASE) == cleaned
    assert text_of_sanitised(cleaned) == html_to_text(cleaned)


def test_no_attribute_leaks_into_text() -> None:
    html = '<div lang="de" title="x">Guten <b lang="en">day</b></div><p lang="fr">jour</p>'
    assert html_to_text(html) == "Guten day\n\njour"
    assert title_text('<p lang="de">Titel</p>') == "Titel"


@example("0\xa0>")
@example("0\r\xa0")
@given(st.text())
@settings(max_examples=80, deadline=None)
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert sanitise(sanitise(text)) == sanitise(text)
    assert "\n\n\n" not in html_to_text(text)
    assert "\n" not in title_text(text)
    parse_html(text)


def test_addresses_become_absolute() -> None:
    html = (
        "<a href='../b?x=1&y=2'>b</a><a href='mailto:desk@news.example'>m</a>"
        "<img src='p.jpg' srcset='p.jpg 1x, /q,2.jpg 2x'>"
    )
    assert sanitise(html, BASE) == (
        '<a href="https://news.example/b?x=1&amp;y=2" rel="noopener noreferrer">b</a>'
        '<a href="mailto:desk@news.example" rel="noopener noreferrer">m</a>'
        '<img src="https://news.example/politics/p.jpg"'
        ' srcset="https://news.example/politics/p.jpg 1x, https://news.example/q,2.jpg 2x">'
    )


def test_relative_addresses_without_a_base_go() -> None:
    assert sanitise("<a href='/b'>b</a><img src='p.jpg'>") == '<a rel="noopener noreferrer">b</a>'


@pytest.mark.parametrize(
    "pixel",
    [
        "<img src='https://t.example/p.gif' width=1 height=1>",
        "<img src='https://t.example/p.gif' width='1' height='0'>",
        "<img src='https://t.example/p.gif' style='display:none'>",
        "<img src='https://t.example/p.gif' style='width:1px;height:1px'>",
        "<img src='https://pixel.wp.com/b.gif?v=ext'>",
    ],
)
def test_tracking_pixels_are_removed(pixel: str) -> None:
    assert sanitise(f"<p>text{pixel}</p>") == "<p>text</p>"


def test_a_lazily_loaded_image_gets_its_real_address() -> None:
    html = "<img src='data:image/gif;base64,R0' data-src='/real.jpg' alt='a \"b\"' width='600' height='400'>"
    assert (
        sanitise(html, BASE)
        == '<img src="https://news.example/real.jpg" alt="a &quot;b&quot;" width="600" height="400">'
    )


def test_direction_and_language_stay() -> None:
    assert sanitise('<p dir="RTL" lang="ar" class="x">نص</p>') == '<p dir="rtl" lang="ar">نص</p>'


def test_text_of_blocks_lists_and_rows() -> None:
    html = (
        "<h2>Head &amp; more</h2><p>One<br>two&nbsp;three</p>\n<ul><li>a</li><li>b</li></ul><script>x()</script>"
        "<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table><div>l&#8217;état</div>"
    )
    assert html_to_text(html) == "Head & more\n\nOne\ntwo three\n\na\nb\n\n1 2\n3\n\nl’état"


def test_text_without_markup_keeps_its_paragraphs() -> None:
    assert html_to_text("One &lt; two\nstill one\n\nTwo") == "One < two still one\n\nTwo"


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ("Niger &amp; Mali", "Niger & Mali"),
        ("Niger &amp;amp; Mali", "Niger & Mali"),
        ("L&amp;#8217;accord", "L’accord"),
        ("<b>Bold</b> move", "Bold move"),
        ("&lt;em&gt;Bold&lt;/em&gt; move", "Bold move"),
        ("The &lt;script&gt; tag explained", "The <script> tag explained"),
        ("Score 3 &lt; 4", "Score 3 < 4"),
        ("  two\n lines ", "two lines"),
        ("النيجر&nbsp;اليوم", "النيجر اليوم"),
        ("AT&T", "AT&T"),
    ],
)
def test_titles_become_one_line_of_text(raw: str, title: str) -> None:
    assert title_text(raw) == title


def test_text_becomes_escaped_paragraphs() -> None:
    assert text_to_html("a < b\n& c\n\nd") == "<p>a &lt; b &amp; c</p>\n<p>d</p>"


def test_only_the_named_elements_are_kept() -> None:
    soup = parse_html("<html><head><title>T</title></head><body><p>x</p><h1>H</h1></body></html>", only=("h1", "title"))
    assert [tag.name for tag in soup.find_all(True)] == ["title", "h1"]


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 100_000 + "x",
        "<b>" * 100_000 + "x",
        "<table><tr><td>" * 30_000,
        "a <b>b</b> " * 1_000_000,
        "<p " + " ".join(f"a{n}=1" for n in range(200_000)) + ">x",
        '<p a=">" ' + " ".join(f'a{n}="<b>"' for n in range(100_000)) + ">x",
        "<script>" + "x<y;" * 300_000,
        "<" * 1_000_000,
        "<a href='" * 200_000,
    ],
    ids=["depth", "formatting", "tables", "length", "attributes", "hidden attributes", "script", "brackets", "quotes"],
)
def test_a_monstrous_page_costs_bounded_time(page: str) -> None:
    started = time.process_time()
    sanitise(page, BASE)
    html_to_text(page)
    title_text(page)
    assert time.process_time() - started < 5.0


@pytest.mark.parametrize("tag", ["iframe src='/x'", "script src=x", "textarea", "svg", "video src='/v' "])
def test_an_element_written_as_empty_swallows_nothing(tag: str) -> None:
    html = f"<p>before</p><{tag}/><p>after</p>"
    assert html_to_text(html) == "before\n\nafter"
    assert "<p>after</p>" in sanitise(html, BASE)


def test_what_an_object_shows_in_its_place_stays() -> None:
    assert sanitise("safe<object data='javascript:alert(1)'> <b>text</b>") == "safe <b>text</b>"
