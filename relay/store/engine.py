"""Opening a database, and transactions on it. What goes wrong there is `Unavailable`: "later", never yes or no (FAULT-97, 98).

A sync that failed is never tried again as it is. SQLite takes a commit whose fsync failed back, and the next one writes its pages
into the same place of the log anew before it syncs; PostgreSQL stops, and recovers from its own log. What the kernel forgot of a
failed write is in no transaction that was ever answered with a 250.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, Dialect, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from relay.errors import Deadlock, NotBegun, Unavailable, WrongConfiguration
from relay.store.objects import Objects

patience: Final = timedelta(seconds=5)
"""How long anything waits for a lock or a free connection (FAULT-98)."""
leisure_s: Final = 3_600
"""The same for migrations and for moving: far longer than anything on the path of mail."""
connections_max: Final = 6
"""Connections of one process: the committer's, the readers' (`store.readers`), and one for a command beside them."""
connection_told_characters_max: Final = 200
"""Of what PostgreSQL's library says of a connection that it could not make, or lost."""

_PRAGMAS: Final = (
    "journal_mode = WAL",
    # In WAL mode NORMAL loses what was acknowledged when the power fails: 250 means durable (invariant 3).
    "synchronous = FULL",
    "foreign_keys = ON",
    # What was erased is overwritten, not merely unlinked.
    "secure_delete = ON",
    "temp_store = MEMORY",
    "trusted_schema = OFF",
    # 0.5 MB of each connection, and there are seven: whatever one commits, the others forget what they have. What the kernel
    # keeps of the file serves them all, and 2 MB or 8 MB made nothing quicker (PERF-10).
    "cache_size = -500",
    # 16 MB: the committer moves pages from the log into the file, the fewer times the better.
    "wal_autocheckpoint = 4000",
)
_FILE: Final = "file"
"""Under which a connection knows the file that it has open: its path, and which one it is."""
_WRITES: Final = "relay_writes"
_READS: Final[Mapping[str, Mapping[str, object]]] = {
    # There each statement would see what was committed meanwhile; SQLite's transactions are one view by themselves.
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}
_OBJECTS: Final = "relay_objects"
_DEADLOCK: Final = "40P01"
_lost_after: Final = 2
"""A connection without a word for so many times `patience` is lost: the server must not keep the locks of a node that was cut off
in the middle of a transaction, and that node must not wait for the network's own patience, which is a quarter of an hour."""
_POSTGRESQL: Final = (
    "-c timezone=UTC -c synchronous_commit=on -c lock_timeout={ms} -c statement_timeout={ms}"
    " -c idle_in_transaction_session_timeout={lost_ms} -c tcp_user_timeout={lost_ms}"
    " -c tcp_keepalives_idle={lost_s} -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
)


def open_engine(url: str, *, patience: timedelta = patience, objects: Objects | None = None) -> Engine:
    """The database at `url`; its file is made when missing (0600, its directory 0700), its schema is not (see `schema`).

    `patience`: how long to wait for another writer. `objects`: where large octets lie that are not in it. Raises
    WrongConfiguration for a URL that is no SQLite file and no PostgreSQL, and Unavailable when the file cannot be made.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise WrongConfiguration("database.url: not a database URL, for example sqlite:///var/relay.db") from None
    if parsed.get_backend_name() == "sqlite":
        engine = _sqlite(parsed, patience)
    elif parsed.get_backend_name() == "postgresql":
        engine = _postgresql(parsed, patience)
    else:
        raise WrongConfiguration("database.url: sqlite:///FILE or postgresql+psycopg://… is needed")
    lay_beside(engine, objects)
    return engine


def lay_beside(engine: Engine, objects: Objects | None) -> None:
    """From now on what is large in this database lies in `objects`; with None, in the database."""
    engine.update_execution_options(**{_OBJECTS: objects})


def objects_of(database: Engine | Connection) -> Objects | None:
    """Where large octets lie that are not in the database; None where all of them are."""
    return database.get_execution_options().get(_OBJECTS)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view of the database, and nothing written: the transaction is rolled back. Raises Unavailable."""
    with translated(engine.dialect), engine.connect() as connection:
        if options := _READS.get(engine.dialect.name):
            connection.execution_options(**options)
        connection.begin()
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction, committed at the end, rolled back when the block raises. Raises Unavailable.

    On SQLite it takes the write lock at once: a transaction that reads first and wants to write later fails without waiting
    when another one wrote in between. Raises NotBegun when it did not come to that.
    """
    with translated(engine.dialect), ExitStack() as opened:
        with _beginning(engine.dialect):
            connection = opened.enter_context(engine.connect().execution_options(**{_WRITES: True}))
            opened.enter_context(connection.begin())
        yield connection


class Line:
    """A connection that is kept between transactions, of one thread at a time: taking it from the pool takes ten times as long as
    beginning one (PERF-3). It is taken anew after an error, and when another file stands in the place of the one that is open.

    Of PostgreSQL none is kept: before each use the pool asks whether the server is still there.
    """

    def __init__(self, engine: Engine, *, writes: bool) -> None:
        self._engine = engine
        self._writes = writes
        self._kept: Connection | None = None

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """As `writing` and `reading` make it."""
        if self._engine.dialect.name == "postgresql":
            with writing(self._engine) if self._writes else reading(self._engine) as connection:
                yield connection
            return
        try:
            with translated(self._engine.dialect), ExitStack() as opened:
                with _beginning(self._engine.dialect):
                    transaction = opened.enter_context(self._connected().begin())
                yield transaction.connection
                if not self._writes:
                    transaction.rollback()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Gives the connection back. The next transaction takes another."""
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.close()

    def _connected(self) -> Connection:
        if self._kept is not None and not _stands(self._kept.connection.info):
            self.close()
        if self._kept is None:
            self._kept = self._engine.connect().execution_options(**{_WRITES: self._writes})
        return self._kept


def difference(engine: Engine, now: datetime) -> timedelta:
    """By how much the database's clock is ahead of `now`; nothing where both are one machine's. Raises Unavailable."""
    if engine.dialect.name != "postgresql":
        return timedelta()
    with reading(engine) as connection:
        there: datetime = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
    return there - now


def at_leisure(connection: Connection) -> None:
    """Until the end of this transaction its statements, and its waiting for others, may take an hour: for the work of operators.

    On SQLite, which has no such bound but for the wait, nothing changes.
    """
    if connection.dialect.name == "postgresql":
        for bound in ("statement_timeout", "lock_timeout"):
            connection.exec_driver_sql(f"SET LOCAL {bound} = '{leisure_s}s'")


@contextmanager
def translated(dialect: Dialect) -> Iterator[None]:
    """Turns errors of the database into Unavailable, with a text that holds no value of any column."""
    try:
        yield
    except DBAPIError as error:
        raise _trouble(error.orig) from None
    except dialect.loaded_dbapi.Error as error:
        # From a cursor of the driver's own (rows.Inserted, prepared.Prepared), or while a connection was being prepared.
        raise _trouble(error) from None
    except NoConnection:
        raise Unavailable("database: every connection is in use") from None


@contextmanager
def _beginning(dialect: Dialect) -> Iterator[None]:
    """Turns errors of the database into NotBegun."""
    try:
        with translated(dialect):
            yield
    except Unavailable as error:
        raise NotBegun(str(error)) from None


def _trouble(error: BaseException | None) -> Unavailable:
    """The statement's values and PostgreSQL's DETAIL may hold addresses, so neither text nor cause travels on."""
    kind = Deadlock if getattr(error, "sqlstate", None) == _DEADLOCK else Unavailable
    return kind(f"database: {_told(error)}")


def _told(error: BaseException | None) -> str:
    if isinstance(error, sqlite3.Error):
        return f"{error} ({getattr(error, 'sqlite_errorname', None) or type(error).__name__})"
    state = getattr(error, "sqlstate", None)
    if type(error).__name__ == "OperationalError" and state is None:
        # Of the connection, not of a statement: the server was not reached, or took neither name nor password.
        return str(error).partition("\n")[0][:connection_told_characters_max]
    constraint = getattr(getattr(error, "diag", None), "constraint_name", None)
    return " ".join(filter(None, (type(error).__name__, state, constraint)))


def _sqlite(url: URL, patience: timedelta) -> Engine:
    if not url.database or url.database == ":memory:":
        raise WrongConfiguration("database.url: SQLite in memory keeps nothing; name a file: sqlite:///var/relay.db")
    path = Path(url.database).absolute()
    _private_file(path)
    # The file is there, or it is not to be used: one made anew, because somebody took it away, would hold nothing.
    present = f"{path.as_uri()}?mode=rw"
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=connections_max,
        max_overflow=0,
        pool_timeout=patience.total_seconds(),
        creator=lambda: sqlite3.connect(present, uri=True, check_same_thread=False, timeout=patience.total_seconds()),
    )

    @event.listens_for(engine, "connect")
    def prepare(raw: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        record.info[_FILE] = path, _identity(path)
        # The driver must not begin transactions of its own: it would take the lock late, and commit around DDL.
        raw.isolation_level = None
        cursor = raw.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "checkout")
    def stay(_: DBAPIConnection, record: ConnectionPoolEntry, __: PoolProxiedConnection) -> None:
        if not _stands(record.info):
            raise DisconnectionError("another file than the one that was opened")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.connection.cursor().execute("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _stands(info: Mapping[Any, Any]) -> bool:
    """Whether the file that a connection has open is the one that stands in its place.

    A connection keeps writing into a file that was moved away or deleted, and a 250 for what is in there is a lie.
    """
    path, identity = info[_FILE]
    return bool(_identity(path) == identity)


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file stands there; None when none does."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _private_file(path: Path) -> None:
    """SQLite gives its -wal and -shm files the mode of the database, so making that one private is enough.

    One that is there is not even opened: whoever closes a file lets go of every lock that his process has on it (POSIX), those of
    SQLite's connections too. Another process then takes the database for abandoned and deletes the log behind their back.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError as error:
        raise Unavailable(f"database file {path}: {error.strerror}") from None


def _postgresql(url: URL, patience: timedelta) -> Engine:
    ms = int(patience.total_seconds() * 1000)
    lost_ms = _lost_after * ms
    lost_s = max(1, lost_ms // 1000)
    try:
        return create_engine(
            url.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_size=connections_max,
            max_overflow=0,
            pool_timeout=patience.total_seconds(),
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": max(1, int(patience.total_seconds())),
                "options": _POSTGRESQL.format(ms=ms, lost_ms=lost_ms, lost_s=lost_s),
                "tcp_user_timeout": lost_ms,
                "keepalives_idle": lost_s,
                "keepalives_interval": 2,
                "keepalives_count": 3,
            },
        )
    except (ImportError, NoSuchModuleError):
        raise WrongConfiguration(
            "database.url: PostgreSQL needs the package psycopg: pip install 'relay-gateway[postgresql]'"
        ) from None
