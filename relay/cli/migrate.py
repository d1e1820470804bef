"""`relay migrate`: the database brought to the schema of this version."""

from __future__ import annotations

from relay.cli.options import ConfigFile
from relay.cli.printing import say
from relay.settings import read


def migrate(config: ConfigFile = None) -> None:
    """Bring the database to the schema of this version; does nothing when it is there."""
    from relay.store.engine import open_engine
    from relay.store.schema import migrate as bring_up_to_date
    from relay.store.schema import schema_is_current

    engine = open_engine(read(config).settings.database.url)
    try:
        current = schema_is_current(engine)
        bring_up_to_date(engine)
    finally:
        engine.dispose()
    say("the database had the present schema already" if current else "the database has the present schema now")
