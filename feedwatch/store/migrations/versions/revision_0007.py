"""Where the fields of an article stood."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; it stays empty for what is in the store."""
    op.add_column("articles", sa.Column("provenance", sa.Text))
