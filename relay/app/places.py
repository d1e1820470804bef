"""Where everything is kept, as the configuration says: the database, and the object store for what is large."""

from __future__ import annotations

from sqlalchemy import Engine

from relay.settings import Settings
from relay.store.engine import open_engine
from relay.store.objects import Objects
from relay.store.ownership import keep_beside


def objects(settings: Settings) -> Objects | None:
    """Where large octets lie; None when all of them are in the database. Raises WrongConfiguration."""
    blobs = settings.blobs
    if blobs.url == "database":
        return None
    from relay.store import s3

    return s3.opened(blobs.url, endpoint_url=blobs.endpoint_url, region=blobs.region, encryption=blobs.encryption.value)


def database(settings: Settings) -> Engine:
    """The database, which knows where the rest lies. Raises Unavailable and WrongConfiguration."""
    engine = open_engine(settings.database.url)
    if (place := objects(settings)) is not None:
        keep_beside(engine, place)
    return engine
