"""Alerts, and what each feed was seen to have."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "alerts",
        sa.Column("key", COUNTER, primary_key=True, autoincrement=True),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("feed_id", KEY, nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("began_at", sa.BigInteger, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("sent_at", sa.BigInteger),
    )
    op.create_index("alerts_newest", "alerts", ["began_at", "key"])
    op.create_table(
        "sightings",
        sa.Column("feed_id", KEY, primary_key=True),
        sa.Column("kind", KEY, primary_key=True),
        sa.Column("value", KEY, primary_key=True),
        sa.Column("first_at", sa.BigInteger, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
