"""What hubs are to be told, and what they are to tell of; sources and feeds that are not for everybody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the tables, and which sources and feeds are private."""
    op.add_column("feeds", sa.Column("private", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("sources", sa.Column("private", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "pings",
        sa.Column("name", KEY, primary_key=True),
        sa.Column("mark", sa.Text, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "subscriptions",
        sa.Column("source_id", KEY, sa.ForeignKey("sources.id"), primary_key=True),
        sa.Column("hub", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("path", KEY, nullable=False, unique=True),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("lease_until", sa.BigInteger),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("missed", sa.Integer, nullable=False),
        sa.Column("pushed_at", sa.BigInteger),
        sqlite_with_rowid=False,
    )
