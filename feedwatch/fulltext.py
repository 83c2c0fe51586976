"""Later jobs: the page behind a thin article is fetched, and its text takes the place of the source's own.

Whatever becomes of a job, the source's own text is never lost: it is replaced only by a text that was
recognised as the announced article's, in the transaction that also ends the job.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Literal

from feedwatch.clock import Clock
from feedwatch.dates import sane
from feedwatch.errands import Done, Errand, Later, Retry
from feedwatch.errors import ExtractError, FetchError, LeaseLost, ParseError
from feedwatch.extract.article import Extractor
from feedwatch.extract.obstacle import obstacle
from feedwatch.extract.repeats import NO_REPEATS, Repeats
from feedwatch.extract.thin import with_page_text
from feedwatch.further import source_at
from feedwatch.judge import Judge
from feedwatch.ledger import Event, Identity, Job, Outcome
from feedwatch.model import Article, Document, Item, NotModified, Source, Validators
from feedwatch.parse.decode import decode
from feedwatch.ports import Fetcher, Store
from feedwatch.text import printable
from feedwatch.urls import redact

log = logging.getLogger(__name__)

KIND: Literal["fulltext"] = "fulltext"
#: A page is given up after so many attempts.
MAX_ATTEMPTS = 5
#: Wait after the first failure; each further one waits four times as long.
FIRST_RETRY_S = 5 * 60
_LONGEST_RETRY_S = 24 * 3600
#: Answers that another attempt does not change.
_FINAL_STATUS = frozenset(range(400, 500)) - {403, 408, 425, 429}
_FINAL_REASONS = frozenset({"address", "too-large", "redirect", "robots", "unsupported"})
#: The server itself is in trouble: the other pages of the source wait, too.
_RESTING = frozenset({"waiting", "network", "timeout", "tls"})
_HTML_TYPES = ("", "text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml")


class _RefusalError(Exception):
    """Why a page's text was not taken."""

    def __init__(
        self,
        message: str,
        *,
        final: bool,
        retry_after_s: float = 0.0,
        untried: bool = False,
        resting: bool = False,
    ) -> None:
        self.message = message
        self.final = final
        self.retry_after_s = retry_after_s
        self.untried = untried
        self.resting = resting
        super().__init__(message)


class FullTexts:
    """Fetches the pages behind articles; safe to use from several threads."""

    def __init__(
        self,
        *,
        sources: Mapping[str, Source],
        fetcher: Fetcher,
        extractor: Extractor,
        judge: Judge,
        store: Store,
        clock: Clock,
    ) -> None:
        self._sources = sources
        self._fetcher = fetcher
        self._extractor = extractor
        self._judge = judge
        self._store = store
        self._clock = clock
        # As in ingest: threads that all compute at once only fight for the interpreter.
        self._turn = Lock()

    def fetch(self, job: Job) -> Outcome:
        """Do one later job; what the page or its server did wrong is kept as the job's error or an event."""
        later = Later(
            key=job.article,
            source_id=job.source_id,
            kind=KIND,
            until=datetime.fromisoformat(job.until),
            attempts=job.failures,
        )
        try:
            return self._fetch(later)
        except LeaseLost:
            # Saved again meanwhile, or taken over: whoever did that has a job of its own.
            return Outcome(source_id=later.source_id, job=KIND, result="unchanged")

    def _fetch(self, later: Later) -> Outcome:
        source = self._sources.get(later.source_id)
        errand = self._store.errand(later)
        if source is None or source.full_text == "never" or errand is None or errand.entry.article.url is None:
            self._store.finish_later(later, Done(now=self._clock.now()))
            return Outcome(source_id=later.source_id, job=KIND, result="unchanged")
        if later.attempts >= 2 * MAX_ATTEMPTS:
            broke_off = _RefusalError("the program ended each time while reading it", final=True)
            return self._settle(later, errand.entry.article.url, broke_off)
        url = errand.entry.article.url
        try:
            document = _fetched(self._fetcher, source, url, errand.page)
        except _RefusalError as refusal:
            return self._settle(later, url, refusal)
        except Exception as error:  # noqa: BLE001 - it is logged, and counts as a failure of this page
            return self._settle(later, url, _broken(url, error))
        with self._turn:
            # Pages of several servers are read at once: what one counts of its lines is written before the next reads.
            made = self._made(source, errand, document)
            if isinstance(made, Done):
                self._store.finish_later(later, made)
        if isinstance(made, _RefusalError):
            return self._settle(later, url, made)
        taken = made.verdict is not None
        return Outcome(
            source_id=source.id, job=KIND, result="read" if taken else "unchanged", documents=1, changed=int(taken)
        )

    def _made(self, source: Source, errand: Errand, document: Document | None) -> Done | _RefusalError:
        """The article with its page's text, judged, or why there is none."""
        now = self._clock.now()
        if document is None:
            return Done(now=now)
        own = errand.entry.article
        # A text that came from the page before is no measure of what the page must hold.
        announced = own if errand.page.body_hash is None else replace(own, body="", html="")
        try:
            repeats = Repeats(self._store.lines(source.id))
            article = _merged(self._extractor, source, own, announced, document, now, repeats)
            verdict = self._judge.verdict(replace(errand.entry, article=article))
            # A page that is read again was counted when it was new.
            lines = repeats.with_article(article, now)[1] if announced is own else {}
        except _RefusalError as refusal:
            return refusal
        except Exception as error:  # noqa: BLE001 - as above
            return _broken(own.url or "", error)
        return Done(now=now, judged_by=self._judge.hash, verdict=verdict, page=document.validators, lines=lines)

    def _settle(self, later: Later, url: str, refusal: _RefusalError) -> Outcome:
        """Try again later, or give up with an event."""
        now, tried = self._clock.now(), later.attempts + 1
        outcome = Outcome(source_id=later.source_id, job=KIND, result="failed", error=refusal.message)
        if not refusal.final and (refusal.untried or tried < MAX_ATTEMPTS):
            wait = max(0.0 if refusal.untried else retry_wait_s(later.key, tried), refusal.retry_after_s)
            at = now + timedelta(seconds=round(wait) or 1)
            rest = at if refusal.resting else None
            self._store.retry_later(
                later, Retry(at=at, error=refusal.message, untried=refusal.untried, rest_until=rest)
            )
            return outcome
        times = f", {tried} times" if tried > 1 else ""
        message = f"its text was not taken{times}: {refusal.message}; the source's own stays"
        event = Event(
            source_id=later.source_id,
            at=now,
            kind="fulltext-failed",
            message=printable(message, 1000),
            locator=redact(url),
        )
        self._store.finish_later(later, Done(now=now, event=event))
        return replace(outcome, problems=(f"{printable(redact(url), 200)}: {message}",))


def _broken(url: str, error: Exception) -> _RefusalError:
    """A page that breaks a stage must not come back for ever; this is a bug of ours."""
    log.error("%s: its page broke a stage", printable(url), exc_info=error)
    message = f"internal error: {type(error).__name__}: {printable(str(error), 200)}"
    return _RefusalError(message, final=False)


def page_text(
    own: Article, source: Source, *, fetcher: Fetcher, extractor: Extractor, repeats: Repeats = NO_REPEATS
) -> tuple[Article | None, str]:
    """The article with its page's text, for a look; None and the reason when it would not be taken."""
    try:
        document = _fetched(fetcher, source, own.url or "", Validators())
        if document is None:
            return None, "gave no document"
        return _merged(extractor, source, own, own, document, document.fetched_at, repeats), ""
    except _RefusalError as refusal:
        return None, refusal.message


def _fetched(fetcher: Fetcher, source: Source, url: str, known: Validators) -> Document | None:
    """The page; None when it is as it was when the article's text was taken from it.

    Raises:
        _RefusalError: it could not be fetched.

    """
    try:
        for fetched in fetcher.fetch(page_source(source, url), {url: known} if known.body_hash else {}):
            if isinstance(fetched, NotModified):
                return None
            if isinstance(fetched, Document):
                return fetched
    except FetchError as error:
        raise _refused(error) from None
    raise _RefusalError("gave no document", final=True)


def _merged(
    extractor: Extractor,
    source: Source,
    own: Article,
    announced: Article,
    document: Document,
    now: datetime,
    repeats: Repeats,
) -> Article:
    """The source's article with the text of its page.

    Raises:
        _RefusalError: the page is not what was announced.

    """
    if document.media_type not in _HTML_TYPES:
        raise _RefusalError(f"is no web page ({printable(document.media_type, 60)})", final=True)
    try:
        html = decode(document).text
        item = Item(
            shape="page",
            locator=document.locator,
            position=0,
            link=own.url,
            content=html,
            language=own.origin.language,
            base_url=document.url,
        )
        page = extractor.extract(item, source, Identity(guid=own.guid, id=own.id, item_hash=own.item_hash), repeats)
    except (ParseError, ExtractError) as error:
        raise _RefusalError(error.message, final=True) from None
    found = obstacle(html, page, announced, asked=own.url or "", final=document.url)
    if found is not None:
        raise _RefusalError(f"the page {found.message}", final=not found.passing)
    dated = replace(
        page, published_at=sane(page.published_at, now), source_updated_at=sane(page.source_updated_at, now)
    )
    return with_page_text(own, dated)


def page_source(source: Source, url: str) -> Source:
    """The source as which a page behind it is fetched: robots.txt holds for it, and no list is looked for."""
    return replace(source_at(source, url), kind="page", pages=1, selectors=None)


def retry_wait_s(key: int, attempts: int) -> float:
    """Seconds to wait after the nth failure: four times as long each time, up to half as long again by the article."""
    spread = zlib.crc32(f"{key}-{attempts}".encode()) / 0xFFFF_FFFF
    return min(FIRST_RETRY_S * 4.0 ** (attempts - 1), _LONGEST_RETRY_S) * (1 + spread / 2)


def _refused(error: FetchError) -> _RefusalError:
    final = error.reason in _FINAL_REASONS or (error.status in _FINAL_STATUS)
    return _RefusalError(
        error.message,
        final=final,
        retry_after_s=error.retry_after_s or 0.0,
        untried=error.reason == "waiting",
        resting=error.reason in _RESTING or error.status in (429, 503),
    )
