"""A PostgreSQL of the tests' own: started once, on a socket in a directory of its own, as nobody when we are root."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import Engine

from relay.store.columns import metadata
from relay.store.engine import open_engine
from relay.store.schema import PRESENT, migrate
from relay.store.tables import installation

NOBODY: Final = 65_534


@dataclass
class Server:
    """A server that runs."""

    home: Path
    control: Callable[..., None]
    """pg_ctl with its words, for this server: `control("stop", "-m", "immediate")`, `control("start")`."""
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://relay@/{database}?host={self.home}"

    def empty(self) -> str:
        """The URL of a new database with nothing in it."""
        name = f"test_{next(self._numbers)}"
        engine = open_engine(self.url())
        # Databases are made outside of any transaction.
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0")
        engine.dispose()
        return self.url(name)

    @cached_property
    def migrated(self) -> str:
        """The URL of a database at the present schema; always the same one, see `emptied`."""
        url = self.empty()
        engine = open_engine(url)
        migrate(engine)
        engine.dispose()
        return url

    @cached_property
    def _emptying(self) -> Engine:
        return open_engine(self.migrated)

    def emptied(self) -> str:
        """The same with nothing in it. Deleting rows takes milliseconds, where a database for each test would take a second."""
        with self._emptying.begin() as connection:
            # Neither the order of the tables nor the trigger that keeps timelines is in the way then.
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            for name in ("search_index", *(metadata.tables.keys() - {installation.name})):
                connection.exec_driver_sql(f"DELETE FROM {name}")
            for sequence in ("messages_seq_seq", "attempts_seq_seq"):
                connection.exec_driver_sql(f"ALTER SEQUENCE {sequence} RESTART")
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{PRESENT}'")
        return self.migrated

    def close(self) -> None:
        if "_emptying" in self.__dict__:
            self._emptying.dispose()


@contextmanager
def running(listen: str = "") -> Iterator[Server]:
    """A server for as long as the block lasts; the test is skipped where psycopg or the server's programs are missing.

    With `listen` it also takes connections at that address, from its network, on the usual port.
    """
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    initdb, pg_ctl = program("initdb"), program("pg_ctl")
    # It refuses to run as root, and nobody else may enter the directories of pytest.
    user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="relay-postgresql-") as name:
        home = Path(name)
        if user:
            os.chown(home, NOBODY, NOBODY)

        def run(*command: str) -> None:
            subprocess.run(command, check=True, cwd=home, stdout=subprocess.DEVNULL, timeout=60, **user)  # type: ignore[call-overload]

        data = str(home / "data")
        options = f"-k {home} -c listen_addresses='{listen}' -c fsync=off -c full_page_writes=off"

        def control(*words: str) -> None:
            run(pg_ctl, "-D", data, "-o", options, "-l", str(home / "log"), "-w", *words)

        run(initdb, "-D", data, "-A", "trust", "-U", "relay", "-E", "UTF8", "--locale=C", "--no-sync")
        if listen:
            with (home / "data" / "pg_hba.conf").open("a") as rules:
                rules.write("host all relay samenet trust\n")
        control("start")
        server = Server(home, control)
        try:
            yield server
        finally:
            server.close()
            if (home / "data" / "postmaster.pid").exists():  # a test may have stopped it
                control("stop", "-m", "immediate")


def program(name: str) -> str:
    """The server's programs are not on the path where Debian puts them."""
    places = [os.environ.get("PATH", ""), *(str(one) for one in Path("/usr/lib/postgresql").glob("*/bin"))]
    found = shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        pytest.skip(f"no {name} of PostgreSQL here")
    return found
