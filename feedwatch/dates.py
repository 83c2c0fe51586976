"""The owner of dateparser: dates as publishers write them, in many languages, without guessing.

A date is read as written or not at all: no relative dates, nothing that depends on today.
"""

from __future__ import annotations

import functools
import importlib
import re
import threading
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

#: Longer texts are no dates.
MAX_LENGTH = 100
FIRST_YEAR = 1970
LAST_YEAR = 2100

_ZONE = r"(?:(?:UTC|GMT)?\s*[+-]\d{2}(?::?\d{2})?|(?![AaPp][Mm])[A-Za-z]{1,5})"
#: RFC 3339, ISO 8601 and the W3C note on date formats: from the year alone to fractions of seconds.
_ISO = re.compile(
    r"(\d{4})(?:([-/.])(\d{1,2})(?:\2(\d{1,2})"
    rf"(?:(?:[Tt,]\s*|\s+)(\d{{1,2}}):(\d{{2}})(?::(\d{{2}})(?:[.,]\d+)?)?\s*({_ZONE})?Z?)?)?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?Z?)?")
#: RFC 822 and RFC 2822 as nearly all feeds write them.
_RFC822 = re.compile(
    r"(?:[A-Za-z]{3},\s*)?(\d{1,2})\s+(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+(\d{4}|\d{2})\s+"
    rf"(\d{{2}}):(\d{{2}})(?::(\d{{2}}))?(?:\s+({_ZONE}))?"
)
_EPOCH = re.compile(r"\d{9,10}|\d{13}")

_COMMENT = re.compile(r"\([^()]*\)")
_TIME = re.compile(
    r"(?<!\d)(\d{1,2})\s?[:h]\s?(\d{2})(?::(\d{2})(?:[.,]\d+)?)?(?!\d)\s*([ap]\.?m\b\.?|ص|م)?"
    r"|(?<!\d)(\d{1,2})()()\s?([ap]\.?m\b\.?)"
    r"|(?<!\d)(\d{1,2})()\s?h(?![^\W\d_])()()"
)
_OFFSET = re.compile(r"(?:\b(?:utc|gmt)\s*)?([+-])(\d{2}):?(\d{2})\b")
_REGION = re.compile(r"\b[A-Za-z]+/[A-Za-z_]+(?:/[A-Za-z_]+)?\b")
_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|eme|e|o)\b")

# Full names by month; an unambiguous beginning of three letters or more stands for its month too.
_NAMES = """
january janvier januar enero janeiro gennaio januari
february fevrier februar febrero fevereiro febbraio februari
march mars marz marzo marco maart mrz mrt
april avril abril aprile
may mai mayo maio maggio mei
june juin juni junio junho giugno
july juillet juli julio julho luglio
august aout agosto augustus
september septembre septiembre setembro settembre
october octobre oktober octubre outubro ottobre
november novembre noviembre novembro
december decembre dezember diciembre dezembro dicembre
"""
# These count only as written: Hausa, then Arabic as in Cairo, Algiers and Tunis, Rabat, Damascus.
_EXACT = """
janairu يناير جانفي كانونالثاني
fabrairu faburairu فبراير فيفري شباط
maris مارس اذار
afrilu afirilu ابريل افريل نيسان
mayu مايو ماي ايار
yuni يونيو يونيه جوان حزيران
yuli يوليو يوليه جويليه جويلية يوليوز تموز
agusta اغسطس اوت غشت اب
satumba سبتمبر شتنبر ايلول
oktoba اكتوبر تشرينالاول
nuwamba نوفمبر نونبر تشرينالثاني
disamba ديسمبر دجنبر كانونالاول
"""
_TWO_WORDS = re.compile(r"(كانون|تشرين)\s+(?=ال)")
_FILLER_TABLE = """
at a as the of on de del den der le la las el um uhr ore alle et und y e ga watan
يوم في من الساعه الساعة
"""
_FILLERS = frozenset(_FILLER_TABLE.split())
_PUBLISHED = re.compile(r"^\s*(?:published|posted|publie(?:e)? le|publie(?:e)?|date)\s*:?\s*(?:on\s+)?")

# Minutes east of Greenwich. Ambiguous names mean what they mean in most feeds (BST is British, IST Indian).
_ZONE_TABLE = """
0 z utc gmt ut wet
60 bst cet met mez wat west
120 cest mest mesz eet cat sast
180 eest eat msk trt
240 gst
300 pkt
330 ist
420 ict wib
480 sgt hkt awst pht
540 jst kst
570 acst
600 aest
660 aedt
720 nzst
780 nzdt
-150 ndt
-180 adt brt art
-210 nst
-240 edt ast bot clt
-300 est et cdt
-360 cst ct mdt
-420 mst mt pdt
-480 pst pt akdt
-540 akst
-600 hst
"""
_ZONES = {
    name: int(minutes)
    for minutes, *names in (line.split() for line in _ZONE_TABLE.strip().splitlines())
    for name in names
}
# Asked last, and only about what may be a whole date; few for each script because each costs time.
_LANGUAGES = (
    (re.compile("[\u0400-\u04ff]"), ("ru", "uk", "bg")),
    (re.compile("[\u3040-\u9fff\uac00-\ud7af]"), ("zh", "ja", "ko")),
    (re.compile("[\u0600-\u06ff]"), ("ar", "fa")),
    (re.compile("[A-Za-z]{3}"), ("tr", "pl", "sw", "id", "ro", "sv", "cs")),
)
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
    month = _months()[name.lower()]
    return _moment(_year(year), month, int(day), int(hour), int(minute), int(second or 0), _offset(zone))


def _figures(text: str) -> datetime | None:
    """A date of digits only: seconds or milliseconds since 1970, or 20201108 with or without a time."""
    if _EPOCH.fullmatch(text):
        seconds = int(text) // 1000 if len(text) == 13 else int(text)
        return datetime.fromtimestamp(seconds, UTC)
    match = _COMPACT.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    return _moment(year, month, day, hour, minute, second, UTC)


def _moment(
    year: int, month: int, day: int, hour: int, minute: int, second: int, zone: timezone | ZoneInfo
) -> datetime:
    # 24:00 ends a day (ISO 8601); a leap second is the second before it.
    late = timedelta(days=1) if (hour, minute) == (24, 0) else timedelta(0)
    moment = datetime(year, month, day, 0 if late else hour, minute, min(second, 59), tzinfo=zone)
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
    if match := re.search(r"([+-])(\d{2}):?(\d{2})?$", zone):
        minutes = int(match[2]) * 60 + int(match[3] or 0)
        return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes))
    return timezone(timedelta(minutes=_ZONES.get(zone.lower(), 0)))


# --- dates in words ---------------------------------------------------------------------------------


@functools.cache
def _months() -> dict[str, int]:
    """The month of each name and of each unambiguous beginning of a name."""
    full = [(name, month) for month, line in enumerate(_NAMES.strip().splitlines(), 1) for name in line.split()]
    table = {name: month for month, line in enumerate(_EXACT.strip().splitlines(), 1) for name in line.split()}
    beginnings: dict[str, set[int]] = {}
    for name, month in full:
        for end in range(3, len(name) + 1):
            beginnings.setdefault(name[:end], set()).add(month)
    table.update({start: months.pop() for start, months in beginnings.items() if len(months) == 1})
    table.update(full)
    return table


def _fold(text: str) -> str:
    """Lower case without accents, so that "Févr." and "fevr." are one."""
    marked = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in marked if not unicodedata.combining(char))


def _words(text: str) -> datetime | None:
    """A date with a month's name, or figures in another order than ISO."""
    zone: timezone | ZoneInfo = UTC
    rest = _COMMENT.sub(" ", text)
    if region := _REGION.search(rest):
        zone = _region(region[0])
        rest = rest.replace(region[0], " ")
    rest = _PUBLISHED.sub("", _TWO_WORDS.sub(r"\1", _fold(rest)))
    hour = minute = second = 0
    meridiem = ""
    if clock := _TIME.search(rest):
        hour, minute, second, meridiem = _clock(clock)
        tail = rest[clock.end() :]
        if offset := _OFFSET.search(tail):
            zone = _offset(offset[0].strip())
            tail = tail[: offset.start()] + " " + tail[offset.end() :]
        rest = f"{rest[: clock.start()]} {tail}"
    tokens = _TOKEN.findall(_ORDINAL.sub("", rest))
    date, names = _date(tokens, american=meridiem.startswith(("a", "p")))
    if date is None:
        return None
    if names:
        zone = _offset(names[0])
    return _moment(*date, hour, minute, second, zone)


def _clock(match: re.Match[str]) -> tuple[int, int, int, str]:
    hour, minute, second, meridiem = next(match.groups()[i : i + 4] for i in (0, 4, 8) if match.groups()[i])
    half = (meridiem or "").replace(".", "")
    hours = int(hour)
    if half in ("pm", "م") and hours < 12:
        hours += 12
    elif half in ("am", "ص") and hours == 12:
        hours = 0
    return hours, int(minute or 0), int(second or 0), half


def _region(name: str) -> timezone | ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


def _date(tokens: list[str], *, american: bool) -> tuple[tuple[int, int, int] | None, list[str]]:
    """Year, month and day of the tokens, and the names of zones among them; no date if a word is unknown."""
    months = _months()
    # "mar." is Tuesday in French and Spanish where another month follows.
    if tokens and tokens[0] == "mar" and any(token in months for token in tokens[1:]):
        tokens = tokens[1:]
    numbers: list[str] = []
    zones: list[str] = []
    month = before = 0
    for place, token in enumerate(tokens):
        if token.isdigit():
            numbers.append(token)
        elif token in months and not month:
            month, before = months[token], len(numbers)
        elif token in _ZONES and numbers:
            zones.append(token)
        elif token not in _FILLERS and place:
            return None, []
    date = _named(numbers, month, before) if month else _numeric(numbers, american=american)
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


def _numeric(numbers: list[str], *, american: bool) -> tuple[int, int, int] | None:
    if len(numbers) != 3:
        return None
    if len(numbers[0]) == 4:
        return int(numbers[0]), int(numbers[1]), int(numbers[2])
    day, month = int(numbers[0]), int(numbers[1])
    if len(numbers[2]) not in (2, 4):
        return None
    if month > 12 or (american and day <= 12):
        day, month = month, day
    return _year(numbers[2]), month, day


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
    if not _WHOLE.search(text):
        return None
    for script, languages in _LANGUAGES:
        if script.search(text):
            return _reader(languages).read(text)
    return None
