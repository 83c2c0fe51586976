"""Archives of feeds, names that are gone, and fingerprints of what feeds show."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add them; what is in the store stays as it is."""
    op.add_column("feeds", sa.Column("changed_since", sa.BigInteger))
    op.add_column("feeds", sa.Column("archive_shape", sa.Text, nullable=False, server_default=""))
    op.add_column("memberships", sa.Column("shown", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("memberships", sa.Column("why", sa.BigInteger, nullable=False, server_default="0"))
    op.create_index("articles_page", "articles", ["canonical_url"])
    op.create_table(
        "archives",
        sa.Column("feed_id", KEY, sa.ForeignKey("feeds.feed_id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("name", KEY, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "gone",
        sa.Column("name", KEY, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
