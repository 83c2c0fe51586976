"""What was let go and what is hidden."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add both tables, and the index by which the entries of a page are found."""
    op.create_table(
        "tombstones",
        sa.Column("source_id", KEY, sa.ForeignKey("sources.id"), primary_key=True),
        sa.Column("guid", KEY, primary_key=True),
        sa.Column("id", KEY, nullable=False),
        sa.Column("item_hash", sa.Text, nullable=False),
        sa.Column("first_seen_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("changes", sa.Integer, nullable=False),
        sa.Column("listed_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "hidden",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("page", KEY, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("hidden_page", "hidden", ["page"])
