"""Later jobs know their source, pages behind articles are remembered, files of many records are resumed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the jobs anew (none was ever scheduled), add a table and a column."""
    op.drop_table("jobs")
    op.create_table(
        "jobs",
        sa.Column("article_key", COUNTER, sa.ForeignKey("articles.key", ondelete="CASCADE"), primary_key=True),
        sa.Column("kind", KEY, primary_key=True),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("lease_until", sa.BigInteger),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("source_id", KEY, sa.ForeignKey("sources.id"), nullable=False),
    )
    op.create_index("jobs_due", "jobs", ["kind", "due_at", "article_key"])
    op.create_index("jobs_of_source", "jobs", ["source_id", "due_at"])
    op.create_table(
        "pages",
        sa.Column("article_key", COUNTER, sa.ForeignKey("articles.key", ondelete="CASCADE"), primary_key=True),
        sa.Column("fetched_at", sa.BigInteger, nullable=False),
        sa.Column("etag", sa.Text),
        sa.Column("last_modified", sa.Text),
        sa.Column("body_hash", sa.Text),
    )
    if op.get_bind().dialect.name == "sqlite":
        _rebuild_documents()
    else:
        op.add_column("documents", sa.Column("read_bytes", sa.BigInteger))


def _rebuild_documents() -> None:
    """SQLite writes an added column behind the constraints; made anew, the table is as in a new store."""
    columns = "source_id, locator, etag, last_modified, body_hash, size_bytes, modified_ns, error, version"
    op.rename_table("documents", "documents_before")
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
        sa.Column("read_bytes", sa.BigInteger),
        sqlite_with_rowid=False,
    )
    op.execute(f"INSERT INTO documents ({columns}) SELECT {columns} FROM documents_before")  # noqa: S608 - our own names
    op.drop_table("documents_before")
