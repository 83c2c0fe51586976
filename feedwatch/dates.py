"""The owner of dateparser: dates as publishers write them, in many languages, without guessing.

A date is read as written or not at all: no relative dates, nothing that depends on today.
"""

from __future__ import annotations

import functools
import importlib
import re
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from feedwatch.datewords import FILLERS, LONG_ZONES, ZONES, months, weekdays

#: Longer texts are no dates.
MAX_LENGTH = 100
FIRST_YEAR = 1970
LAST_YEAR = 2100

_ZONE = r"(?:(?:UTC|GMT)?\s*[+-](?:0(?=\d\d:))?\d{1,2}(?::?\d{2})?|(?![AaPp][Mm])[A-Za-z]{1,5})"
#: RFC 3339, ISO 8601 and the W3C note on date formats: from the year alone to fractions of seconds.
_ISO = re.compile(
    r"(\d{4})(?:([-/.])(0?(?:0?[1-9]|1[0-2]))(?:\2(\d{1,2})"
    rf"(?:(?:[Tt,]\s*|\s+)(\d{{1,2}})(?::(\d{{2}})(?::(\d{{2}})(?:[.,]\d+)?)?\s*({_ZONE})?|(?=Z?$))[Zz]?"
    r"(?:\[[\w/+-]*\])?)?)?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[Tt ]?(\d{2}):?(\d{2})(?::?(\d{2}))?(?:Z|([+-]\d{2}:?\d{2}))?)?")
#: Days counted through the year or its weeks (ISO 8601), with or without a time.
_COUNTED = re.compile(r"(\d{4})-(?:(\d{3})|W(\d{2})-?(\d))(?:T(\d{2}):(\d{2})(?::(\d{2}))?Z?)?")
_MONTH = re.compile(r"(\d{1,2})[/.-](\d{4})")
#: RFC 822 and RFC 2822 as nearly all feeds write them.
_RFC822 = re.compile(
    r"(?:[A-Za-z]{3},\s*)?(\d{1,2})\s+(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+(\d{4}|\d{2})\s+"
    rf"(\d{{2}}):(\d{{2}})(?::(\d{{2}}))?(?:\s+({_ZONE}))?"
)
#: Seconds, milliseconds or microseconds since 1970.
_EPOCH = re.compile(r"@?(?:(\d{9,10})(?:\.\d*)?|(\d{10})(?:\d{3}|\d{6}))")

_COMMENT = re.compile(r"\(([^()]*)\)")
_MERIDIEM = r"[ap]\.?\s?m\b\.?|ص(?:باحا?)?\b|م(?:ساءا?)?\b"
_TIME = re.compile(
    rf"(?<!\d)(\d{{1,2}})\s?[:h]\s?(\d{{2}})(?::(\d{{2}})(?:\.\d+|,\d{{1,3}}(?!\d))?)?(?!\d)\s*({_MERIDIEM})?"
    r"|(?<![\d:])(\d{1,2}):(\d{1,2}):(\d{1,2})(?![\d:])()"
    r"|(?<!\d)(\d{1,2})()()\s?([ap]\.?\s?m\b\.?)"
    r"|(?<!\d)(\d{1,2})()\s?h(?![^\W\d_])()()"
    r"|(?<![\d.])(\d{1,2})\.(\d{2})()\s?([ap]\.?\s?m\b\.?)"
    # Parted by full stops only where it cannot be a date: behind the year, or where a word says so.
    rf"|(?<=(?:\d{{4}}|.ore|..kl)[ ,])\s?(\d{{1,2}})\.(\d{{2}})(?:\.(\d{{2}}))?(?![\d.])\s*({_MERIDIEM})?"
    r"|(?<![\d.])(\d{1,2})\.(\d{2})()()(?=\s*uhr)"
)
_HALF_DAY = re.compile(r"(오전|오후|上午|下午|(?<=[\d,/-] )[ap]m)\s*(\d{1,2}):(\d{2})(:\d{2})?(?!\d)")
_NOON = re.compile(r"\b(?:(noon|midi|mittag)|midnight|minuit|mitternacht)\b")
_HOURS = r"(0?\d|1[0-5])"
_OFFSET = re.compile(
    rf"(?:\b(?:utc|gmt)\s*([+-])\s?{_HOURS}(?::?(\d{{2}}))?|(?<!\d)([+-]){_HOURS}(?::?(\d{{2}})|$))(?![\d/.])"
)
_REGION = re.compile(r"\b(?:Etc/GMT[+-]\d{1,2}|[A-Za-z]+/[A-Za-z_]+(?:/[A-Za-z_]+)?)\b")
_TOKEN = re.compile(r"\d+|[^\W\d_]+(?:'[^\W\d_]+)?")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|eme|e|o)\b")
# Not converted: where the date stands beside one of this calendar, that one counts.
_HIJRI = re.compile(
    r"(?:\d{1,2}\s+)?(?:محرم|صفر|ربيع\s+\S+|جماد[ىي]\s+\S+|رجب|شعبان|رمضان|شوال|ذ[وي]\s+\S+)\s+1[34]\d\d\s*(?:هـ?)?"
)
_TWO_WORDS = re.compile(r"(كانون|تشرين)\s+(?=ال)")
_PUBLISHED = re.compile(
    r"^\s*(?:(?:last )?(?:published|posted|updated|modified)(?: on)?|date(?: de publication)?|stand|"
    r"(?:publie|mis a jour|modifie|mise a jour|poste)(?:e)?(?: le)?|(?:veroffentlicht|aktualisiert|erstellt)(?: am)?|"
    r"(?:publicad[oa]|actualizad[oa]|atualizad[oa]|postado)(?: el| em)?|pubblicato(?: il)?|"
    r"(?:نشر|اخر تحديث|تاريخ النشر)(?: في)?)\s*:?\s*(?:on\s+)?(?![a-z])"
)

_LONG_ZONE = re.compile("|".join(sorted(LONG_ZONES, key=len, reverse=True)))
# Dashes and apostrophes as they are typeset.
_SIGNS = str.maketrans({"\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2212": "-", "\u2019": "'"})

# Asked last, and only about what may be a whole date; few for each script because each costs time.
_LANGUAGES = (
    (re.compile("[\u0400-\u04ff]"), ("ru", "uk", "bg", "be", "sr", "mk")),
    (re.compile("[\u3040-\u9fff\uac00-\ud7af]"), ("zh", "ja", "ko")),
    (re.compile("[\u0600-\u06ff]"), ("ar", "fa")),
    (re.compile("[\u0370-\u03ff]"), ("el",)),
    (re.compile("[\u0590-\u05ff]"), ("he",)),
    (re.compile("[\u0900-\u097f]"), ("hi",)),
    (re.compile("[\u0980-\u09ff]"), ("bn",)),
    (re.compile("[\u0e00-\u0e7f]"), ("th",)),
    (re.compile("[\u10a0-\u10ff]"), ("ka",)),
    (re.compile("[\u1200-\u137f]"), ("am",)),
    (re.compile("[A-Za-z]{3}"), ("tr", "pl", "sw", "id", "ro", "sv", "cs", "hu", "fi", "hr")),
)
#: Of one document, so many dates are asked about; it takes about two seconds.
_PATIENCE = 500
#: How many are left for the document at hand, in a list of one.
_left: ContextVar[list[int] | None] = ContextVar("_left", default=None)
_WHOLE = re.compile(r"(?=.*(?<!\d)\d{1,2}(?!\d)).*(?<!\d)\d{4}(?!\d)")


def parse_date(text: str | None) -> datetime | None:
    """The date as an instant in UTC, whole seconds; None when the text is no date.

    A date without a zone is taken as UTC, one without a time as midnight, a month or year as its first
    day. Days come before months in figures (03/04/2020 is 3 April) unless that is impossible or the time
    is written with am or pm. Years outside 1970 to 2100 are None. Formats: RFC 2822 section 3.3,
    RFC 3339, and what newspapers print.
    """
    if not text or len(text) > 4 * MAX_LENGTH:
        return None
    text = text.strip()
    if not text or len(text) > MAX_LENGTH:
        return None
    try:
        found = _iso(text) or _rfc822(text) or _figures(text) or _words(text)
        if found is None:
            found = _foreign(text)
        moment = found.astimezone(UTC).replace(microsecond=0) if found else None
    except (ValueError, OverflowError):
        return None
    return moment if moment and FIRST_YEAR <= moment.year <= LAST_YEAR else None


@contextmanager
def of_one_document() -> Iterator[None]:
    """Meanwhile the languages that take milliseconds are asked about the first hundreds of dates only."""
    token = _left.set([_PATIENCE])
    try:
        yield
    finally:
        _left.reset(token)


def _may_be_asked() -> bool:
    left = _left.get()
    if left is None:
        return True
    left[0] -= 1
    return left[0] >= 0


def sane(date: datetime | None, now: datetime) -> datetime | None:
    """The date if a document seen at `now` can have it (1970 to one day ahead), else None."""
    if date is None or date.year < FIRST_YEAR or date > now + timedelta(days=1):
        return None
    return date


def _iso(text: str) -> datetime | None:
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    year, _, month, day, hour, minute, second, zone = match.groups()
    return _moment(
        int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0), _offset(zone)
    )


def _rfc822(text: str) -> datetime | None:
    match = _RFC822.fullmatch(text)
    if match is None:
        return None
    day, name, year, hour, minute, second, zone = match.groups()
    month = months()[name.lower()]
    return _moment(_year(year), month, int(day), int(hour), int(minute), int(second or 0), _offset(zone))


def _figures(text: str) -> datetime | None:
    """A date of digits only: seconds since 1970, 20201108 with or without a time, days or weeks of a year."""
    if match := _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(match[1] or match[2]), UTC)
    if match := _COMPACT.fullmatch(text):
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
        return _moment(year, month, day, hour, minute, second, _offset(match[7]))
    if match := _COUNTED.fullmatch(text):
        year, _, week, day, hour, minute, second = (int(part or 0) for part in match.groups())
        date = datetime.fromisocalendar(year, week, day) if week else datetime.strptime(match[0][:8], "%Y-%j")  # noqa: DTZ007 - only its day is used
        return _moment(date.year, date.month, date.day, hour, minute, second, UTC)
    if match := _MONTH.fullmatch(text):
        return _moment(int(match[2]), int(match[1]), 1, 0, 0, 0, UTC)
    return None


def _moment(
    year: int, month: int, day: int, hour: int, minute: int, second: int, zone: timezone | ZoneInfo
) -> datetime:
    # The hour behind the last of a day (ISO 8601) is the first of the next; a leap second is the second before it.
    late = timedelta(days=1 if hour == 24 else 0)
    moment = datetime(year, month, day, 0 if late else hour, minute, 59 if second == 60 else second, tzinfo=zone)
    return moment + late


def _year(text: str) -> int:
    """A year of two or three digits as RFC 2822 section 4.3 reads it."""
    year = int(text)
    if len(text) == 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if len(text) == 3 else year


def _offset(zone: str | None) -> timezone:
    """The zone of a name or offset; an unknown name is UTC (RFC 2822 section 4.3)."""
    if not zone:
        return UTC
    if match := re.search(r"([+-])(?:0(?=\d\d:))?(\d{1,2})(?::?(\d{2}))?$", zone):
        minutes = int(match[2]) * 60 + int(match[3] or 0)
        return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes))
    return timezone(timedelta(minutes=ZONES.get(zone.lower(), 0)))


# --- dates in words ---------------------------------------------------------------------------------


def _fold(text: str) -> str:
    """Lower case without accents, so that "Févr." and "fevr." are one."""
    marked = unicodedata.normalize("NFKD", _HALF_DAY.sub(_in_english, text.casefold()).translate(_SIGNS))
    folded = "".join(char for char in marked if not unicodedata.combining(char))
    return _LONG_ZONE.sub(lambda match: LONG_ZONES[match[0]], folded)


def _in_english(match: re.Match[str]) -> str:
    """Korean and Chinese put the half of the day before the hour, and so do some who write English."""
    return f"{match[2]}:{match[3]}{match[4] or ''} {'am' if match[1] in ('오전', '上午', 'am') else 'pm'}"


def _words(text: str) -> datetime | None:
    """A date with a month's name, or figures in another order than ISO."""
    zone: timezone | ZoneInfo | None = None
    rest = _COMMENT.sub(" ", text)
    if (region := _REGION.search(rest)) and (zone := _region(region[0])):
        rest = rest.replace(region[0], " ")
    rest = _HIJRI.sub(" ", _PUBLISHED.sub("", _TWO_WORDS.sub(r"\1", _fold(rest))))
    (hour, minute, second), half, before, tail = _clock(rest)
    if tail.strip() == "at":
        # Atlantic time; anywhere else it is a word.
        tail = " ast"
    if zone is None and (offset := _OFFSET.search(tail)):
        zone = _offset(offset[0].strip())
        tail = tail[: offset.start()] + " " + tail[offset.end() :]
    tokens = _TOKEN.findall(_ORDINAL.sub("", f"{before} {tail}"))
    date, names = _date(tokens, american=half in ("am", "pm"))
    if date is None:
        return None
    if zone is None:
        zone = _offset(names[0]) if names else _noted(text)
    return _moment(*date, hour, minute, second, zone)


def _noted(text: str) -> timezone:
    """The zone that only a remark in brackets gives."""
    for remark in _COMMENT.findall(text):
        if offset := _OFFSET.search(_fold(remark)):
            return _offset(offset[0].strip())
        if (name := remark.strip().lower()) in ZONES:
            return _offset(name)
    return UTC


def _clock(text: str) -> tuple[tuple[int, int, int], str, str, str]:
    """Hour, minute and second of a text; "am" or "pm" if it says so; what stands before and behind them."""
    match = _TIME.search(text)
    if match is None:
        if noon := _NOON.search(text):
            return (12 if noon[1] else 0, 0, 0), "", text[: noon.start()], text[noon.end() :]
        return (0, 0, 0), "", text, ""
    groups = match.groups()
    hour, minute, second, meridiem = next(groups[i : i + 4] for i in range(0, len(groups), 4) if groups[i])
    half = re.sub(r"[.\s]", "", meridiem or "")
    hours, is_late = int(hour), half == "pm" or half.startswith("م")
    if is_late and hours < 12:
        hours += 12
    elif half and not is_late and hours == 12:
        hours = 0
    return (hours, int(minute or 0), int(second or 0)), half, text[: match.start()], text[match.end() :]


def _region(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def _date(tokens: list[str], *, american: bool) -> tuple[tuple[int, int, int] | None, list[str]]:
    """Year, month and day of the tokens, and the names of zones among them; no date if a word is unknown."""
    named, days = months(), weekdays()
    # "mar." is Tuesday in French and Spanish where another month follows.
    weekday: int | None = None
    if tokens and tokens[0] == "mar" and any(token in named for token in tokens[1:]):
        tokens, weekday = tokens[1:], 1
    numbers: list[str] = []
    zones: list[str] = []
    month = before = 0
    for place, token in enumerate(tokens):
        if token.isdigit():
            numbers.append(token)
        elif token in named:
            # In Arabic a month may be given by both of its names.
            if month not in (0, named[token]):
                return None, []
            month, before = named[token], before if month else len(numbers)
        elif token in ZONES and numbers:
            zones.append(token)
        elif token in days:
            weekday = days[token]
        elif token not in FILLERS and place:
            return None, []
    date = _named(numbers, month, before) if month else _numeric(numbers, weekday, american=american)
    return date, zones


def _named(numbers: list[str], month: int, before: int) -> tuple[int, int, int] | None:
    if len(numbers) == 1 and len(numbers[0]) == 4:
        return int(numbers[0]), month, 1
    if len(numbers) != 2:
        return None
    first, second = numbers
    if len(first) == 4 or (before == 1 and int(first) > 31):
        return _year(first), month, int(second)
    return (_year(second), month, int(first)) if len(second) in (2, 3, 4) else None


def _numeric(numbers: list[str], weekday: int | None, *, american: bool) -> tuple[int, int, int] | None:
    if len(numbers) != 3:
        return None
    if len(numbers[0]) == 4:
        return int(numbers[0]), int(numbers[1]), int(numbers[2])
    if len(numbers[2]) not in (2, 4):
        return None
    day, month, year = int(numbers[0]), int(numbers[1]), _year(numbers[2])
    orders = [(year, month, day), (year, day, month)]
    if american:
        orders.reverse()
    possible = [order for order in orders if order[1] <= 12]
    # The day of the week tells which order it is, where only one agrees.
    agreeing = [order for order in possible if weekday is not None and _weekday(*order) == weekday]
    return next(iter(agreeing or possible), None)


def _weekday(year: int, month: int, day: int) -> int | None:
    try:
        return datetime(year, month, day, tzinfo=UTC).weekday()
    except ValueError:
        return None


# --- other languages --------------------------------------------------------------------------------


class _Reader:
    """dateparser for a few languages, kept because building one costs a hundred readings."""

    def __init__(self, languages: tuple[str, ...]) -> None:
        # Imported here, not above: the import takes as long as a short command, and only a date that
        # nothing else can read may cost that.
        parser = importlib.import_module("dateparser.date").DateDataParser
        settings = {
            "PARSERS": ["absolute-time"],
            "REQUIRE_PARTS": ["day", "month", "year"],
            "DATE_ORDER": "DMY",
            "TIMEZONE": "UTC",
            "RETURN_AS_TIMEZONE_AWARE": True,
            # Never today: a date must read the same tomorrow.
            "RELATIVE_BASE": datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None),
        }
        self._parser = parser(
            languages=list(languages), settings=settings, try_previous_locales=False, use_given_order=True
        )
        self._lock = threading.Lock()

    def read(self, text: str) -> datetime | None:
        with self._lock:
            found = self._parser.get_date_data(text).date_obj
        return found if isinstance(found, datetime) else None


@functools.cache
def _reader(languages: tuple[str, ...]) -> _Reader:
    return _Reader(languages)


def _foreign(text: str) -> datetime | None:
    """A whole date (day, month, year) with a month's name in some other language."""
    if not _WHOLE.search(text) or not _may_be_asked():
        return None
    for script, languages in _LANGUAGES:
        if script.search(text):
            return _reader(languages).read(text)
    return None
