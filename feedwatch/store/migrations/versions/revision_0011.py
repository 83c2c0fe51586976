"""How much of a source's texts may be published is kept, also when it leaves the configuration."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column."""
    op.add_column("sources", sa.Column("content", sa.Text, nullable=False, server_default="full"))
