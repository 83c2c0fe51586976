"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# A revision is history: it says itself what the columns were, whatever `store.schema` says later.
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create everything."""
    _create_sources()
    _create_articles()
    _create_of_articles()
    _create_feeds()
    _create_logs()


def _create_sources() -> None:
    op.create_table(
        "meta",
        sa.Column("key", KEY, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "sources",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("locator", KEY, nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("own_title", sa.Text),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("next_due_at", sa.BigInteger, nullable=False),
        sa.Column("not_before", sa.BigInteger),
        sa.Column("server", KEY, nullable=False),
        sa.Column("retired", sa.Boolean, nullable=False),
        sa.Column("habits", sa.Text),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("last_polled_at", sa.BigInteger),
        sa.Column("last_ok_at", sa.BigInteger),
        sa.Column("lease_until", sa.BigInteger),
        sa.Column("lease_token", sa.BigInteger, nullable=False),
    )
    op.create_index("sources_due", "sources", ["active", "next_due_at", "id"])
    op.create_table(
        "documents",
        sa.Column("source_id", KEY, sa.ForeignKey("sources.id"), primary_key=True),
        sa.Column("locator", KEY, primary_key=True),
        sa.Column("etag", sa.Text),
        sa.Column("last_modified", sa.Text),
        sa.Column("body_hash", sa.Text),
        sa.Column("size_bytes", sa.BigInteger),
        sa.Column("modified_ns", sa.BigInteger),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )


def _create_articles() -> None:
    op.create_table(
        "articles",
        sa.Column("key", COUNTER, primary_key=True, autoincrement=True),
        sa.Column("source_id", KEY, sa.ForeignKey("sources.id"), nullable=False),
        sa.Column("guid", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("first_seen_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("changes", sa.Integer, nullable=False),
        sa.Column("item_hash", sa.Text, nullable=False),
        sa.Column("judged_by", KEY, nullable=False),
        sa.Column("url", sa.Text),
        sa.Column("canonical_url", sa.Text),
        sa.Column("language", sa.Text),
        sa.Column("languages", sa.Text),
        sa.Column("published_at", sa.BigInteger),
        sa.Column("source_updated_at", sa.BigInteger),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("authors", sa.Text),
        sa.Column("tags", sa.Text),
        sa.Column("enclosures", sa.Text),
        sa.Column("image", sa.Text),
        sa.Column("rights", sa.Text),
        sa.Column("origin", sa.Text),
        sa.Column("teasers", sa.Text),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("html", sa.Text, nullable=False),
        sa.Column("tail", sa.Text, nullable=False),
        sa.UniqueConstraint("source_id", "guid", name="articles_item"),
    )
    newest: list[str | sa.TextClause] = [sa.text("first_seen_at DESC"), "id"]
    op.create_index("articles_id", "articles", ["id"])
    op.create_index("articles_newest", "articles", newest)
    op.create_index("articles_judged", "articles", ["judged_by", *newest])


def _create_of_articles() -> None:
    op.create_table(
        "labels",
        sa.Column("article_key", COUNTER, sa.ForeignKey("articles.key", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("facet", sa.Text, nullable=False),
        sa.Column("rule", KEY, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("code", sa.Text),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("share", sa.Float, nullable=False),
        sa.Column("standing", sa.Text, nullable=False),
        sa.Column("main", sa.Boolean, nullable=False),
        sa.Column("evidence", sa.Text),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "jobs",
        sa.Column("article_key", COUNTER, sa.ForeignKey("articles.key", ondelete="CASCADE"), primary_key=True),
        sa.Column("kind", KEY, primary_key=True),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("lease_until", sa.BigInteger),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
    )
    op.create_index("jobs_due", "jobs", ["kind", "due_at", "article_key"])


def _create_feeds() -> None:
    op.create_table(
        "feeds",
        sa.Column("feed_id", KEY, primary_key=True),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("published_version", sa.BigInteger, nullable=False),
        sa.Column("published_entries", sa.Integer, nullable=False),
        sa.Column("render_key", sa.Text, nullable=False),
        sa.Column("file_hashes", sa.Text),
        sa.Column("active", sa.Boolean, nullable=False),
    )
    op.create_table(
        "memberships",
        sa.Column("article_key", COUNTER, sa.ForeignKey("articles.key", ondelete="CASCADE"), primary_key=True),
        sa.Column("feed_id", KEY, sa.ForeignKey("feeds.feed_id"), primary_key=True),
        sa.Column("first_seen_at", sa.BigInteger, nullable=False),
        sa.Column("atom_id", KEY, nullable=False),
        sa.Column("reasons", sa.Text),
        sqlite_with_rowid=False,
    )
    op.create_index("memberships_newest", "memberships", ["feed_id", sa.text("first_seen_at DESC"), "atom_id"])


def _create_logs() -> None:
    op.create_table(
        "events",
        sa.Column("key", COUNTER, primary_key=True, autoincrement=True),
        sa.Column("source_id", KEY, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("locator", sa.Text),
    )
    op.create_index("events_newest", "events", ["at", "key"])
    op.create_index("events_of_source", "events", ["source_id", "at", "key"])
    op.create_table(
        "rejects",
        sa.Column("source_id", KEY, sa.ForeignKey("sources.id"), primary_key=True),
        sa.Column("locator", KEY, primary_key=True),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("url", sa.Text),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("charset", sa.Text),
        sa.Column("fetched_at", sa.BigInteger, nullable=False),
        sa.Column("validators", sa.Text),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
