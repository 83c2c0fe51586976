"""What is remembered of the health of sources."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, and the index by which one kind of event is found."""
    op.add_column("sources", sa.Column("vitals", sa.Text))
    op.add_column("sources", sa.Column("health", sa.Text))
    op.create_index("events_of_kind", "events", ["kind", "at", "key"])
