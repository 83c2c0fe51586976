"""A feed's order and the fingerprints of its members from one index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index anew with two more columns."""
    op.drop_index("memberships_newest", "memberships")
    op.create_index(
        "memberships_newest",
        "memberships",
        ["feed_id", sa.text("first_seen_at DESC"), "atom_id", "article_key", "shown", "why"],
    )
