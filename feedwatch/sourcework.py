"""Sources for people: find the feed of a site, look at what it brings, name it; nothing is stored."""

from __future__ import annotations

import ipaddress
import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import urldefrag, urljoin, urlsplit, urlunsplit

from feedwatch.config.edit import NewSource, clean_title
from feedwatch.errors import ExtractError, FetchError, ParseError
from feedwatch.extract.article import Extractor
from feedwatch.extract.language import primary_subtag
from feedwatch.model import Article, Document, Source, SourceKind
from feedwatch.opml import Outline
from feedwatch.parse.decode import decode
from feedwatch.parse.dispatch import parse
from feedwatch.parse.feedlinks import feed_addresses, linked_addresses, onward_addresses
from feedwatch.ports import Fetcher
from feedwatch.stories import candidates, identify
from feedwatch.urls import canonical, http_url, redact, without_feed_scheme

#: Where sites keep a feed that their pages do not name; tried one after the other, on the page's host only.
COMMON_PATHS = ("/feed", "/rss", "/feed.xml", "/atom.xml", "/index.xml", "/rss.xml")
#: Of one search.
MAX_REQUESTS = 19
#: Between two requests of one search.
PAUSE_S = 1.0
#: Items that are looked at for language and title.
_SAMPLE = 20
#: Titles that are shown of a candidate.
_SHOWN = 5
_SURE_SHARE = 0.8
_MAX_ID = 32
#: What registries put before a country's code: no name of anybody.
_SECOND_LEVEL = frozenset(("ac", "co", "com", "edu", "gouv", "gov", "info", "net", "org"))

Found = Literal["address", "link", "path", "page"]
#: From a page's text and address to addresses that it leads to.
Links = Callable[[str, str | None], list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Something that could be read as a source."""

    #: To be written into the configuration; may hold the login that was given.
    url: str
    kind: SourceKind
    #: The address itself was it, the page links to it, a common path led to it, or it is the page itself.
    found: Found
    #: As it calls itself, on one line; "" when it does not say.
    title: str
    entries: int
    newest_at: datetime | None
    #: Of its entries, when they are in one language.
    language: str | None
    #: Titles of its first entries, on one line each.
    sample: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What was found at an address, best first, and what was tried in vain."""

    candidates: tuple[Candidate, ...]
    #: One line each.
    tried: tuple[str, ...] = ()

    def best(self, kind: SourceKind | None) -> Candidate | None:
        """The first feed, or the page if that is asked for."""
        return next((each for each in self.candidates if each.kind == (kind or "feed")), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What a list of feeds comes to."""

    sources: tuple[NewSource, ...]
    #: Title or address, and why it was left out.
    left_out: tuple[tuple[str, str], ...]


class Finder:
    """Looks for the feed of an address: itself, what its page links to, common paths, pages about feeds; the page."""

    def __init__(
        self, fetcher: Fetcher, *, pause: Callable[[float], None], extractor: Extractor, allow_private: bool
    ) -> None:
        self._fetcher = fetcher
        self._pause = pause
        self._extractor = extractor
        self._allow_private = allow_private
        self._tried: list[str] = []
        self._asked: set[str | None] = set()
        #: Pages that stood where a feed was looked for.
        self._pages: list[Document] = []

    def discover(self, url: str, kind: SourceKind | None = None) -> Discovery:
        """Everything at the address that can be a source; at most MAX_REQUESTS, one after the other.

        Common paths are tried only when the page names no feed that can be read. With kind "page" the address
        itself is looked at and nothing else.

        Raises:
            FetchError: the address itself could not be fetched, or is none.
            ParseError: what is there is neither a feed nor a page.

        """
        url = with_scheme(url)
        self._tried, self._asked, self._pages = [], {canonical(url)}, []
        document = self._fetch(url, is_first=True, home=url)
        if kind in ("page", "sitemap"):
            return Discovery(candidates=(self._candidate(document, url, kind, "page"),))
        try:
            return Discovery(candidates=(self._candidate(document, url, "feed", "address"),))
        except ParseError as error:
            page, lack = self._page(document, url)
            if not page and not _is_html(document):
                raise error from None
        found = self._search(document, url)
        tried = self._tried if found or not lack else [*self._tried, lack]
        return Discovery(candidates=(*found, *page), tried=tuple(tried))

    def _search(self, document: Document, url: str) -> list[Candidate]:
        """The feeds that the page leads to: those it names, else those it links to, else one that is guessed."""
        return (
            self._led_to(document, url, (feed_addresses, linked_addresses, onward_addresses))
            or self._on_pages(url)
            or list(itertools.islice(self._feeds(_guesses(document.url or url), url, "path"), 1))
            or self._on_pages(url)
        )

    def _on_pages(self, url: str) -> list[Candidate]:
        """The feeds of pages that were met on the way: papers with many feeds list them on one."""
        met = (self._led_to(page, url, (feed_addresses, linked_addresses)) for page in self._pages[:2])
        return next((found for found in met if found), [])

    def _led_to(self, page: Document, url: str, ways: Iterable[Links]) -> list[Candidate]:
        text = decode(page).text
        found = (list(self._feeds(links(text, page.url), url, "link")) for links in ways)
        return next((feeds for feeds in found if feeds), [])

    def _page(self, document: Document, url: str) -> tuple[tuple[Candidate, ...], str]:
        """The page itself, if it lists articles or is one; else what it lacks, on one line."""
        try:
            return (self._candidate(document, url, "page", "page"),), ""
        except ParseError as error:
            return (), f"{redact(url)}: {error.message}"

    def _feeds(self, urls: Iterable[str], home: str, found: Found) -> Iterator[Candidate]:
        """Those of the addresses that are feeds. A server that does not answer any more is not asked again."""
        for url in urls:
            if canonical(url) in self._asked or len(self._asked) >= MAX_REQUESTS:
                continue
            self._asked.add(canonical(url))
            try:
                document = self._fetch(url, is_first=False, home=home)
                yield self._candidate(document, with_login(url, home), "feed", found)
            except FetchError as error:
                self._tried.append(f"{redact(url)}: {error.message}")
                if found == "path" and (error.reason != "http" or error.status in (403, 429, 503)):
                    return
            except ParseError as error:
                if _is_html(document):
                    self._pages.append(document)
                self._tried.append(f"{redact(url)}: {error.message}")

    def _fetch(self, url: str, *, is_first: bool, home: str) -> Document:
        if not is_first:
            self._pause(PAUSE_S)
        # A page that was allowed to be private does not open other hosts of that network.
        is_home = _origin(url) == _origin(home)
        source = _source(with_login(url, home), "feed", allow_private=self._allow_private and is_home)
        fetched = next(iter(self._fetcher.fetch(source, {})), None)
        if not isinstance(fetched, Document):
            raise FetchError(redact(url), "gave no document", reason="http")
        return fetched

    def _candidate(self, document: Document, url: str, kind: SourceKind, found: Found) -> Candidate:
        """What a document is as a source of that kind.

        Raises:
            ParseError: it is none.

        """
        source = _source(url, kind, allow_private=False)
        items = parse(document, source).items
        articles: list[Article] = []
        for each, identity, _ in identify(source.id, candidates(items[:_SAMPLE]), {}):
            try:
                articles.append(self._extractor.extract(each.item, source, identity))
            except ExtractError:
                continue
        # A page that is no list and does not name its site is watched by its own name.
        names = (item.origin.title or (item.title if item.shape == "page" else "") for item in items)
        titles = Counter(name for name in names if name)
        title, count = titles.most_common(1)[0] if titles else ("", 0)
        return Candidate(
            url=_settled(url, document.url),
            kind=kind,
            found=found,
            # A feed made of several says of each entry where it is from; none of those is its own name.
            title=clean_title(title) if 2 * count > len(items) else "",
            entries=len(items),
            newest_at=max((at for item in items if (at := item.published_at or item.updated_at)), default=None),
            language=_one_language(articles),
            sample=tuple(article.title for article in articles[:_SHOWN]),
        )


def propose_id(title: str, url: str, taken: Collection[str]) -> str:
    """An id for a source: of its title's Latin letters, else of its host; never one that is taken."""
    base = _slug(title)
    if len(base) < 3:
        labels = (urlsplit(url).hostname or "").removeprefix("www.").split(".")
        if len(labels) > 1 and not labels[-1].isdigit():
            labels.pop()
            labels = labels[:-1] if len(labels) > 1 and labels[-1] in _SECOND_LEVEL else labels
        base = _slug("-".join(labels)) or "source"
    chosen = base
    for number in itertools.count(2):
        if chosen not in taken:
            break
        chosen = f"{base}-{number}"
    return chosen


def same_source(sources: Iterable[Source], url: str) -> Source | None:
    """The source that reads the same page or feed already; None without one."""
    wanted = canonical(url)
    return next((each for each in sources if each.kind != "folder" and canonical(each.locator) == wanted), None)


def sources_of_list(outlines: Iterable[Outline], existing: Sequence[Source], *, allow_private: bool = False) -> Import:
    """New sources for the feeds of a list, with ids of their own; what is known or refused is left out."""
    taken = {source.id for source in existing}
    known = {canonical(source.locator): source.id for source in existing if source.kind != "folder"}
    made: list[NewSource] = []
    left_out: list[tuple[str, str]] = []
    folders: tuple[str, ...] = ()
    for outline in outlines:
        url = http_url(outline.url)
        name = clean_title(outline.title) or redact(url or outline.url or outline.page_url)
        if not outline.url:
            cure = f"sources discover {redact(outline.page_url)} looks for one"
            left_out.append((name, f"names a page and no feed; {cure}"))
        elif url is None:
            left_out.append((name, "is no http(s) address"))
        elif canonical(url) in known:
            left_out.append((name, f"is read already as {known[canonical(url)]}"))
        elif not allow_private and is_private(url):
            left_out.append((name, "is on a private network; allow it with --allow-private"))
        else:
            new_id = propose_id(outline.title, url, taken)
            taken.add(new_id)
            known[canonical(url)] = new_id
            made.append(
                NewSource(
                    id=new_id,
                    url=url,
                    kind="page" if outline.is_page else "feed",
                    title=outline.title,
                    lang=primary_subtag(outline.language),
                    allow_private=allow_private and is_private(url),
                    comment=" / ".join(outline.folders) if outline.folders != folders else "",
                )
            )
            folders = outline.folders
    return Import(sources=tuple(made), left_out=tuple(left_out))


def list_of_sources(sources: Iterable[Source]) -> list[Outline]:
    """The feeds and pages as a list for other readers; folders and logins stay at home."""
    return [
        Outline(url=url, title=source.title, language=source.lang or "", is_page=source.kind == "page")
        for source in sources
        if source.kind != "folder" and (url := http_url(source.locator))
    ]


def has_login(url: str) -> bool:
    """Whether the address holds a user name or password."""
    return "@" in urlsplit(url).netloc


def is_private(url: str) -> bool:
    """Whether the host as written is one's own machine or network; what a name leads to is seen at each fetch."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal", ".home.arpa"))


def with_scheme(text: str) -> str:
    """What a person typed as an address; https where it has no scheme, its login kept.

    Raises:
        FetchError: it is no http(s) address.

    """
    typed = text.strip()
    typed = without_feed_scheme(typed)
    typed = typed if "://" in typed else f"https://{typed}"
    url = http_url(typed)
    if url is None:
        cure = "write it as https://example.org/"
        raise FetchError(redact(clean_title(text)), f"is no http(s) address ({cure})", reason="address")
    return with_login(urldefrag(url).url, typed)


def with_login(url: str, home: str) -> str:
    """The address with the login of `home`, if both are of the same host, port and scheme."""
    login, at, _ = urlsplit(home).netloc.rpartition("@")
    if not at or _origin(url) != _origin(home):
        return url
    parts = urlsplit(url)
    safe = re.sub(r"[^\x21-\x7e]+", "", login)
    return urlunsplit(parts._replace(netloc=f"{safe}@{parts.netloc.rpartition('@')[2]}"))


def _origin(url: str) -> tuple[str, str | None, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def _source(url: str, kind: SourceKind, *, allow_private: bool) -> Source:
    """A source for one look."""
    return Source(id="new", kind=kind, locator=url, title="new", interval_s=3600, allow_private=allow_private)


def _is_html(document: Document) -> bool:
    """Whether the document is a web page of any kind."""
    try:
        items = parse(document, _source(document.locator, "folder", allow_private=False)).items
    except ParseError:
        return False
    return any(item.shape in ("page", "teaser") for item in items)


def _guesses(url: str) -> list[str]:
    """Where the feed of a page's site may be, then that of its section."""
    section = urlsplit(url).path.rstrip("/")
    return [urljoin(url, path) for path in (*COMMON_PATHS, *((f"{section}/feed/",) if section else ()))]


def _settled(asked: str, final: str | None) -> str:
    """The address to keep: where a redirect led if that is the same page (https, www), else what was asked for."""
    if final and not has_login(asked) and canonical(final) == canonical(asked):
        return final
    return asked


def _one_language(articles: Sequence[Article]) -> str | None:
    """The language of nearly all articles; None when they differ or are undecided."""
    votes = Counter(article.language for article in articles if article.language)
    if not votes:
        return None
    language, count = votes.most_common(1)[0]
    return language if count >= _SURE_SHARE * len(articles) else None


def _slug(text: str) -> str:
    """The Latin letters and digits of a text in lower case, words joined by "-", cut at a word."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode("ascii")
    words = "-".join(re.findall(r"[a-z0-9]+", plain.replace("'", "")))
    if len(words) > _MAX_ID:
        cut = words[: _MAX_ID + 1].rpartition("-")[0]
        words = cut or words[:_MAX_ID]
    return words
