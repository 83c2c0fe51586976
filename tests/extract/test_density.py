from __future__ import annotations

from feedwatch.extract.density import dense_blocks
from feedwatch.xmltree import html_tree

FIRST = "The town of Kara opened a clinic for mothers and small children on Monday, after two years of building work."
SECOND = (
    "A midwife from a nearby village said, with a smile, that she had waited a long time for a place like this one."
)
THIRD = "The ministry promises to open three more clinics before the end of the year, in the north and in the east."


def texts(html: str) -> list[str]:
    tree = html_tree(html)
    assert tree is not None
    return [block.text for block in dense_blocks(tree)]


def test_the_dense_part_of_a_page_is_its_article() -> None:
    links = "".join(f"<li><a href='/{number}'>A headline of another story {number}</a></li>" for number in range(30))
    page = (
        f"<body><div class=top><ul>{links}</ul></div><div class=x><p>{FIRST}</p><p>{SECOND}</p><h2>What comes next</h2>"
        f"<p>{THIRD}</p></div><div class=sidebar><p>{FIRST[:60]} in other words, and again, and again.</p></div></body>"
    )
    assert texts(page) == [FIRST, SECOND, "What comes next", THIRD]


def test_text_behind_a_script_or_a_line_break_is_not_lost() -> None:
    page = f"<body><div class=article>{FIRST}<br><br>{SECOND}<script>var a = 1;</script> {THIRD}</div></body>"
    assert texts(page) == [f"{FIRST}\n{SECOND} {THIRD}"]


def test_a_class_that_speaks_of_furniture_is_believed_only_if_something_else_is_left() -> None:
    page = f"<body><div class=social-wrap><p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p></div></body>"
    assert texts(page) == [FIRST, SECOND, THIRD]


def test_what_a_reader_does_not_see_is_no_text() -> None:
    page = (
        f"<body><div><p>{FIRST}</p><p style='display: none'>Secret words</p><p>{SECOND}</p><p>{THIRD}</p></div></body>"
    )
    assert texts(page) == [FIRST, SECOND, THIRD]


def test_a_page_without_prose_has_no_blocks() -> None:
    assert texts("<body><img src=x></body>") == []
    assert html_tree("") is None


def test_parts_of_nearly_as_many_points_are_one_article() -> None:
    part = "<div><div class=row><div class=cell><p>{}</p><p>{}</p></div></div></div>"
    other = part.format("Fishing boats, too, came back to port.", "They sold their catch in the evening.")
    page = f"<body><div class=page>{part.format(FIRST, SECOND)}{part.format(SECOND, THIRD)}{part.format(THIRD, FIRST)}"
    page += f"{part.format(FIRST, THIRD)}</div><div class=below>{other}</div></body>"
    assert texts(page) == [FIRST, SECOND, SECOND, THIRD, THIRD, FIRST, FIRST, THIRD]


def test_classes_that_name_what_a_theme_has_not_hide_nothing() -> None:
    for name in ("no-sidebar", "has-sidebar right", "elementor-widget elementor-widget-wrap", "pagerow", "no-sub-nav"):
        short = "<p>Read by many: a short text that stands where it is seen, with a comma.</p>" * 5
        page = f"<body><div class='{name}'><p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p></div><div>{short}</div></body>"
        assert texts(page)[:3] == [FIRST, SECOND, THIRD], name


def test_a_box_of_much_prose_stays_whatever_its_class_says() -> None:
    prose = (
        f"<p>{FIRST}</p><p>{SECOND}</p><p>One, two, three, four, five, six, seven, eight, nine: all of them came.</p>"
    )
    links = "".join(f"<a href='/{n}'>Another story, of boats, {n}</a> " for n in range(9))
    page = f"<body><article><p>{THIRD}</p><div class=media>{prose}</div><div class=media>{links}</div></article></body>"
    found = texts(page)
    assert found[:3] == [THIRD, FIRST, SECOND]
    assert not any("Another story" in text for text in found)
