"""THE owner of Alembic: brings a store's schema up to date.

Loaded only when there is something to do, because Alembic costs a third of a second.
"""

from __future__ import annotations

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def migration_config() -> Config:
    """Where the migrations lie: beside this file, also when installed."""
    config = Config()
    folder = Path(__file__).with_name("migrations")
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def newest_revision() -> str | None:
    """The revision that the newest migration leads to."""
    return ScriptDirectory.from_config(migration_config()).get_current_head()


def upgrade(connection: Connection) -> None:
    """Run the missing migrations inside the connection's transaction; the caller commits."""
    # Its progress is of interest to those who write migrations, not to those who run them.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = migration_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
