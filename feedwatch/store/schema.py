"""The one schema of the store, for SQLite and PostgreSQL alike."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from feedwatch.store.columns import Counter, Instant, Json, Key

#: The newest revision under `migrations/versions/`; revisions are counted in four digits.
HEAD = "0011"
#: Alembic's own table, named so that it does not meet another program's in a shared database.
VERSION_TABLE = "feedwatch_schema"

metadata = MetaData()

#: Single facts: `newest_tick`, `base_url` (the first one ever, from which feed ids are made).
meta = Table(
    "meta",
    metadata,
    Column("key", Key, primary_key=True),
    Column("value", Text, nullable=False),
)

sources = Table(
    "sources",
    metadata,
    Column("id", Key, primary_key=True),
    Column("locator", Key, nullable=False),
    #: As configured; NULL when the configuration gives only the id.
    Column("title", Text),
    #: As the source calls itself.
    Column("own_title", Text),
    #: Whether the configuration names it now.
    Column("active", Boolean, nullable=False),
    Column("next_due_at", Instant, nullable=False),
    #: Not even `force` polls before this (Retry-After).
    Column("not_before", Instant),
    #: "host:port" that is asked; "" for a folder.
    Column("server", Key, nullable=False),
    #: Gone for good as its server says; only a person brings it back.
    Column("retired", Boolean, nullable=False),
    #: `ledger.Habits`; NULL for a source without any.
    Column("habits", Json),
    Column("failures", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("last_polled_at", Instant),
    Column("last_ok_at", Instant),
    #: NULL while nobody works on it.
    Column("lease_until", Instant),
    #: Fencing number: counts the claims, so that a late worker is told from the present one.
    Column("lease_token", BigInteger, nullable=False),
    #: `vitals.Vitals`, as the polls left it; NULL for a source without any.
    Column("vitals", Json),
    #: `vitals.Health`, as last diagnosed; NULL before the first time.
    Column("health", Json),
    #: As the configuration said last: its entries are for private feeds only.
    Column("private", Boolean, nullable=False, server_default=false()),
    #: As the configuration said last: no feed shows more of its entries ("full", "summary", "link").
    Column("content", Text, nullable=False, server_default="full"),
)
Index("sources_due", sources.c.active, sources.c.next_due_at, sources.c.id)

documents = Table(
    "documents",
    metadata,
    Column("source_id", Key, ForeignKey("sources.id"), primary_key=True),
    Column("locator", Key, primary_key=True),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_hash", Text),
    Column("size_bytes", BigInteger),
    Column("modified_ns", BigInteger),
    #: "" when it was read; otherwise the program version below failed on it.
    Column("error", Text, nullable=False),
    Column("version", Text, nullable=False),
    #: Of a file with many records: how far it was read; NULL for the whole.
    Column("read_bytes", BigInteger),
    sqlite_with_rowid=False,
)

# Small columns first: SQLite finds them without walking through the text.
articles = Table(
    "articles",
    metadata,
    Column("key", Counter, primary_key=True, autoincrement=True),
    Column("source_id", Key, ForeignKey("sources.id"), nullable=False),
    Column("guid", Key, nullable=False),
    Column("id", Key, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("changes", Integer, nullable=False),
    Column("item_hash", Text, nullable=False),
    #: Hash of the rules and feeds that judged it last.
    Column("judged_by", Key, nullable=False),
    Column("url", Text),
    Column("canonical_url", Text),
    Column("language", Text),
    Column("languages", Json),
    Column("published_at", Instant),
    Column("source_updated_at", Instant),
    Column("title", Text, nullable=False),
    Column("authors", Json),
    Column("tags", Json),
    Column("enclosures", Json),
    Column("image", Text),
    Column("rights", Text),
    Column("origin", Json),
    Column("teasers", Json),
    Column("summary", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("tail", Text, nullable=False),
    #: Where each field stood, by field.
    Column("provenance", Json),
    UniqueConstraint("source_id", "guid", name="articles_item"),
)
Index("articles_id", articles.c.id)
Index("articles_page", articles.c.canonical_url)
Index("articles_newest", articles.c.first_seen_at.desc(), articles.c.id)
Index("articles_judged", articles.c.judged_by, articles.c.first_seen_at.desc(), articles.c.id)

labels = Table(
    "labels",
    metadata,
    Column("article_key", Counter, ForeignKey("articles.key", ondelete="CASCADE"), primary_key=True),
    #: Counted from 0 in the order of the verdict.
    Column("position", Integer, primary_key=True),
    Column("facet", Text, nullable=False),
    Column("rule", Key, nullable=False),
    Column("name", Text, nullable=False),
    Column("code", Text),
    Column("score", Float, nullable=False),
    Column("share", Float, nullable=False),
    Column("standing", Text, nullable=False),
    Column("main", Boolean, nullable=False),
    Column("evidence", Json),
    sqlite_with_rowid=False,
)

feeds = Table(
    "feeds",
    metadata,
    Column("feed_id", Key, primary_key=True),
    Column("id", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant),
    Column("version", BigInteger, nullable=False),
    Column("published_version", BigInteger, nullable=False),
    Column("published_entries", Integer, nullable=False),
    Column("render_key", Text, nullable=False),
    Column("file_hashes", Json),
    #: Whether the configuration names it now.
    Column("active", Boolean, nullable=False),
    #: First seen of the oldest member that changed since the files were written.
    Column("changed_since", Instant),
    #: Hash of what decides the archives' bytes besides their members.
    Column("archive_shape", Text, nullable=False, server_default=""),
    #: As the configuration said last: not for everybody.
    Column("private", Boolean, nullable=False, server_default=false()),
)

#: Archive documents of feeds, oldest first.
archives = Table(
    "archives",
    metadata,
    Column("feed_id", Key, ForeignKey("feeds.feed_id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("name", Key, nullable=False),
    Column("until", Instant, nullable=False),
    Column("entries", Integer, nullable=False),
    sqlite_with_rowid=False,
)

#: File names that were published and never will be again: their addresses answer 410.
gone = Table(
    "gone",
    metadata,
    Column("name", Key, primary_key=True),
    Column("at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

memberships = Table(
    "memberships",
    metadata,
    Column("article_key", Counter, ForeignKey("articles.key", ondelete="CASCADE"), primary_key=True),
    Column("feed_id", Key, ForeignKey("feeds.feed_id"), primary_key=True),
    # Neither ever changes in an article; repeated here so that one index holds a feed in its order.
    Column("first_seen_at", Instant, nullable=False),
    Column("atom_id", Key, nullable=False),
    Column("reasons", Json),
    #: `marks`: fingerprints of what is shown of the article, and of the reasons; 0 in rows older than they.
    Column("shown", BigInteger, nullable=False, server_default="0"),
    Column("why", BigInteger, nullable=False, server_default="0"),
    sqlite_with_rowid=False,
)
#: A feed in its order, with all that tells whether anything of it changed.
Index(
    "memberships_newest",
    memberships.c.feed_id,
    memberships.c.first_seen_at.desc(),
    memberships.c.atom_id,
    memberships.c.article_key,
    memberships.c.shown,
    memberships.c.why,
)

events = Table(
    "events",
    metadata,
    Column("key", Counter, primary_key=True, autoincrement=True),
    Column("source_id", Key, nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("locator", Text),
)
Index("events_newest", events.c.at, events.c.key)
Index("events_of_source", events.c.source_id, events.c.at, events.c.key)
Index("events_of_kind", events.c.kind, events.c.at, events.c.key)

alerts = Table(
    "alerts",
    metadata,
    Column("key", Counter, primary_key=True, autoincrement=True),
    Column("kind", Key, nullable=False),
    #: "" for what concerns all feeds.
    Column("feed_id", Key, nullable=False),
    Column("subject", Key, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    #: NULL while the channels were not told.
    Column("sent_at", Instant),
)
Index("alerts_newest", alerts.c.began_at, alerts.c.key)

#: What each feed was seen to have, so that what is new in it can be told.
sightings = Table(
    "sightings",
    metadata,
    Column("feed_id", Key, primary_key=True),
    Column("kind", Key, primary_key=True),
    Column("value", Key, primary_key=True),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

#: Documents that crashed a stage, raw.
rejects = Table(
    "rejects",
    metadata,
    Column("source_id", Key, ForeignKey("sources.id"), primary_key=True),
    Column("locator", Key, primary_key=True),
    Column("stage", Text, nullable=False),
    Column("error", Text, nullable=False),
    #: Program version that crashed.
    Column("version", Text, nullable=False),
    Column("url", Text),
    Column("media_type", Text, nullable=False),
    Column("charset", Text),
    Column("fetched_at", Instant, nullable=False),
    Column("validators", Json),
    Column("body", LargeBinary, nullable=False),
)

#: Work on single articles that waits for its time.
jobs = Table(
    "jobs",
    metadata,
    Column("article_key", Counter, ForeignKey("articles.key", ondelete="CASCADE"), primary_key=True),
    Column("kind", Key, primary_key=True),
    Column("due_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("attempts", Integer, nullable=False),
    Column("error", Text, nullable=False),
    #: The article's, so that sources take turns.
    Column("source_id", Key, ForeignKey("sources.id"), nullable=False),
)
Index("jobs_due", jobs.c.kind, jobs.c.due_at, jobs.c.article_key)
Index("jobs_of_source", jobs.c.source_id, jobs.c.due_at)

#: Pages from which articles have their text.
pages = Table(
    "pages",
    metadata,
    Column("article_key", Counter, ForeignKey("articles.key", ondelete="CASCADE"), primary_key=True),
    Column("fetched_at", Instant, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_hash", Text),
)

#: Published files that our hub is to be told of.
pings = Table(
    "pings",
    metadata,
    Column("name", Key, primary_key=True),
    #: Another one after each change.
    Column("mark", Text, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Text, nullable=False),
    sqlite_with_rowid=False,
)

#: Sources that their hubs are to tell us of; see `ledger.Subscription`.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("source_id", Key, ForeignKey("sources.id"), primary_key=True),
    Column("hub", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("path", Key, nullable=False, unique=True),
    Column("secret", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("attempts", Integer, nullable=False),
    Column("missed", Integer, nullable=False),
    #: The last push with the right signature.
    Column("pushed_at", Instant),
    sqlite_with_rowid=False,
)


#: Short lines of a source's scraped texts, by fingerprint: what many documents have is furniture.
lines = Table(
    "lines",
    metadata,
    Column("source_id", Key, ForeignKey("sources.id"), primary_key=True),
    Column("mark", BigInteger, primary_key=True),
    Column("documents", Integer, nullable=False),
    Column("seen_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)


def create_schema(connection: Connection) -> None:
    """Make all tables of a new store at once, marked as if every migration had run.

    What the migrations make is the same, which a test holds on both databases.
    """
    metadata.create_all(connection)
    # As Alembic makes it; kept out of `metadata`, which holds what is ours.
    version = Table(VERSION_TABLE, MetaData(), Column("version_num", String(32), primary_key=True))
    version.create(connection)
    connection.execute(version.insert(), {"version_num": HEAD})
