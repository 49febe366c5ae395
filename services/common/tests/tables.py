"""Tables of tests, without migrations."""

import peewee

from services.common.database.database import Database
from services.common.database.heartbeat import _Heartbeat

HEARTBEAT = _Heartbeat


def make(database: Database, *models: type[peewee.Model]) -> None:
    """Bind the models to the database, and make their tables there."""
    database.bind(models)
    with database.writing():
        database.peewee.create_tables(models)
