"""Lines of scraped texts are counted, so that what many documents of a source have is known for furniture."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add a table."""
    op.create_table(
        "lines",
        sa.Column("source_id", KEY, sa.ForeignKey("sources.id"), primary_key=True),
        sa.Column("mark", sa.BigInteger, primary_key=True),
        sa.Column("documents", sa.Integer, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
