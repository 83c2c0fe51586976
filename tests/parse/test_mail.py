"""Mail messages as items."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.errors import ParseError
from feedwatch.model import Document, Item, Source, Validators
from feedwatch.parse.dispatch import parse
from feedwatch.parse.mail import read_mail


def document(body: bytes) -> Document:
    return Document(
        source_id="s",
        locator="a.eml",
        url=None,
        body=body,
        media_type="message/rfc822",
        charset=None,
        fetched_at=datetime(2026, 3, 1, tzinfo=UTC),
        validators=Validators(),
    )


def read(body: bytes | EmailMessage) -> Item:
    return read_mail(document(body if isinstance(body, bytes) else body.as_bytes()))


def message(plain: str = "Bonjour.\n\nLe pont est ouvert.", markup: str = "") -> EmailMessage:
    made = EmailMessage()
    made["Subject"] = "Le pont de Gaya rouvre & la douane aussi"
    made["From"] = '"Awa Diop" <awa@journal.example>, Bureau <desk@journal.example>'
    made["Date"] = "Sat, 28 Feb 2026 10:00:00 +0100"
    made["Message-ID"] = "<17@journal.example>"
    made.set_content(plain)
    if markup:
        made.add_alternative(markup, subtype="html")
    return made


def test_a_plain_message_is_a_text_with_its_headers() -> None:
    item = read(message())
    assert item.shape == "text"
    assert item.content == "Bonjour.\n\nLe pont est ouvert."
    assert item.title == "Le pont de Gaya rouvre &amp; la douane aussi"
    assert item.published_at == datetime(2026, 2, 28, 9, tzinfo=UTC)
    assert item.guid == "17@journal.example"
    assert [(author.name, author.email) for author in item.authors] == [
        ("Awa Diop", "awa@journal.example"),
        ("Bureau", "desk@journal.example"),
    ]


def test_html_goes_before_plain_text() -> None:
    item = read(message(markup="<p>Le pont est <b>ouvert</b>.</p>"))
    assert (item.shape, item.content) == ("entry", "<p>Le pont est <b>ouvert</b>.</p>")


def test_attachments_are_left_out() -> None:
    made = message()
    made.add_attachment(b"secret", maintype="text", subtype="html", filename="x.html")
    made.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="i.png")
    assert read(made).content == "Bonjour.\n\nLe pont est ouvert."


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("iso-8859-1", "Sécurité à Zinder"),
        ("windows-1256", "الأمن في النيجر"),
        ("utf-8", "Ƙasa"),
        ("nonsense", "Sécurité"),
    ],
)
def test_texts_and_subjects_come_in_the_charset_that_they_name(charset: str, text: str) -> None:
    known = "utf-8" if charset == "nonsense" else charset
    body = f"Subject: x\r\nContent-Type: text/plain; charset={charset}\r\n\r\n".encode() + text.encode(known)
    assert read(body).content == text


@pytest.mark.parametrize(
    ("written", "subject"),
    [
        ("=?utf-8?q?S=C3=A9curit=C3=A9?= du Sahel", "Sécurité du Sahel"),
        ("=?iso-8859-1?Q?S=E9curit=E9?=", "Sécurité"),
        ("=?utf-8?b?2KfZhNij2YXZhg==?=", "الأمن"),
        ("=?nonsense?q?abc?=", "=?nonsense?q?abc?="),
        ("deux\r\n lignes", "deux lignes"),
    ],
)
def test_encoded_words_of_a_subject_are_decoded(written: str, subject: str) -> None:
    assert read(f"Subject: {written}\r\n\r\ntexte".encode()).title == subject


def test_a_newsletter_links_to_its_page_in_the_archive() -> None:
    assert read(b"Subject: x\r\nArchived-At: <https://a.example/n/1>\r\n\r\nt").link == "https://a.example/n/1"
    assert read(b"Subject: x\r\nArchived-At: <javascript:alert(1)>\r\n\r\nt").link is None


@pytest.mark.parametrize("body", [b"", b"no header at all", b"\xff\xfe\x00\x00"])
def test_what_is_no_message_is_an_error(body: bytes) -> None:
    with pytest.raises(ParseError, match="no mail message"):
        read(body)


def test_a_message_of_very_many_parts_ends() -> None:
    parts = b"--x\r\nContent-Type: image/png\r\n\r\nx\r\n" * 20_000
    body = b"Subject: x\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + parts + b"--x--"
    assert read(body).content == ""


@given(st.binary(max_size=300))
def test_no_bytes_break_it(body: bytes) -> None:
    for start in (b"", b"Subject: a\r\n", b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"):
        try:
            read(start + body)
        except ParseError:
            continue


FOLDER = Source(id="s", kind="folder", locator="in", title="s", interval_s=60)
PAGE = (
    "<html><head><title>Le pont de Gaya rouvre</title></head><body><h1>Le pont de Gaya rouvre</h1>"
    f"<p>{'Le pont a été rouvert hier à la circulation, dit la préfecture. ' * 5}</p></body></html>"
)


def saved(page: bytes, *, kind: str = "text/html", charset: str = "utf-8", top: str = "") -> Document:
    """A page as a browser saves it in one file, its picture beside it."""
    text = f"""From: <Saved by Blink>
{top}MIME-Version: 1.0
Content-Type: multipart/related; type={kind}; boundary=xx

--xx
Content-Type: {kind}; charset={charset}
Content-Transfer-Encoding: base64
Content-Location: https://journal.example/gaya

{base64.encodebytes(page).decode()}
--xx
Content-Type: image/png
Content-Transfer-Encoding: base64
Content-Location: https://journal.example/a.png

iVBORw0KGgo=
--xx--
"""
    body = text.replace("\n", "\r\n").encode()
    return replace(document(body), locator="saved.mhtml", media_type="multipart/related")


@pytest.mark.parametrize("charset", ["utf-8", "windows-1252", "utf-16"])
@pytest.mark.parametrize("kind", ["text/html", "application/xhtml+xml"])
def test_a_page_saved_in_one_file_is_that_page(charset: str, kind: str) -> None:
    (item,) = parse(saved(PAGE.encode(charset), kind=kind, charset=charset), FOLDER).items
    assert (item.shape, item.title) == ("page", "Le pont de Gaya rouvre")
    assert item.link == "https://journal.example/gaya"
    assert "rouvert hier à la circulation" in item.content


def test_a_saved_page_has_the_address_it_was_saved_from() -> None:
    top = "Snapshot-Content-Location: https://journal.example/gaya?p=2\n"
    (item,) = parse(saved(PAGE.encode(), top=top), FOLDER).items
    assert item.link == "https://journal.example/gaya?p=2"


NO_PAGE = {
    "nothing": b"",
    "noise": b"\x00\xff" * 50,
    "cut": b"Content-Type: multipart/related; boundary=x\r\n\r\n--x\r\n",
}


@pytest.mark.parametrize("body", NO_PAGE.values(), ids=NO_PAGE)
def test_a_file_without_a_page_is_an_error_that_says_so(body: bytes) -> None:
    with pytest.raises(ParseError, match=r"saved.mhtml: holds no page"):
        parse(replace(saved(b""), body=body), FOLDER)
