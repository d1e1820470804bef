"""Statements that are put together once for each database and then given to the driver as they are.

SQLAlchemy writes them, so their text is one for both databases; its way of running them takes ten times as long as SQLite's
answer, and the path of mail asks a dozen a message (PERF-3).
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from sqlalchemy import Connection, SelectBase, Update
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler

from relay.store.rows import Found

Statement = SelectBase | Update
_Converter = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Text:
    """A statement in the words of one database. `fixed` are the values that stand in it, `into` makes a row."""

    sql: str
    order: Sequence[str] | None
    """The parameters in the order of their marks; None where the marks have names."""
    fixed: Mapping[str, object]
    taken: Sequence[tuple[str, _Converter]]
    given: Sequence[tuple[int, _Converter]]
    into: Callable[..., Found]

    def parameters(self, values: Mapping[str, object]) -> Mapping[str, object] | tuple[object, ...]:
        whole = {**self.fixed, **values} if self.fixed else dict(values)
        for name, convert in self.taken:
            whole[name] = convert(whole[name])
        return whole if self.order is None else tuple([whole[name] for name in self.order])

    def row(self, columns: Sequence[object]) -> Found:
        if not self.given:
            return self.into(*columns)
        converted = list(columns)
        for at, convert in self.given:
            converted[at] = convert(converted[at])
        return self.into(*converted)


class Prepared:
    """A statement with named parameters (`bindparam`), asked again and again. Rows are tuples whose columns have names."""

    __slots__ = ("_statement", "_texts")

    def __init__(self, statement: Statement) -> None:
        self._statement: Final = statement
        self._texts: Final[dict[str, Text]] = {}

    def rows(self, connection: Connection, **values: object) -> list[Found]:
        """All that it finds."""
        made = self.text_for(connection.dialect)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(made.sql, made.parameters(values))
            return [made.row(one) for one in cursor.fetchall()]
        finally:
            cursor.close()

    def one(self, connection: Connection, **values: object) -> Found | None:
        """The row that it finds; the first, where there are several."""
        return next(iter(self.rows(connection, **values)), None)

    def run(self, connection: Connection, **values: object) -> None:
        """Do it, where there is nothing to find."""
        made = self.text_for(connection.dialect)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(made.sql, made.parameters(values))
        finally:
            cursor.close()

    def text_for(self, dialect: Dialect) -> Text:
        """The statement in the words of that database."""
        made = self._texts.get(dialect.name)
        if made is None:
            made = self._texts[dialect.name] = _text(self._statement, dialect)
        return made


def _text(statement: Statement, dialect: Dialect) -> Text:
    compiled = statement.compile(dialect=dialect)
    asked = [name for name, bind in compiled.binds.items() if bind.required]
    # Lists that stand in the statement are written out; what is asked for has no value yet.
    whole = compiled.construct_expanded_state(dict.fromkeys(asked))
    assert isinstance(compiled, SQLCompiler)
    # Of an UPDATE, what it returns.
    columns = list(statement.selected_columns if isinstance(statement, SelectBase) else statement.exported_columns)
    processed = [(name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in asked]
    given = [one.type.dialect_impl(dialect).result_processor(dialect, None) for one in columns]
    # Its columns have the names by which they were selected.
    row = namedtuple("row", [one.key or "" for one in columns])  # type: ignore[misc]
    return Text(
        sql=whole.statement,
        order=whole.positiontup,
        fixed={name: value for name, value in whole.parameters.items() if name not in asked},
        taken=[(name, convert) for name, convert in processed if convert is not None],
        given=[(at, convert) for at, convert in enumerate(given) if convert is not None],
        into=cast("Callable[..., Found]", row),
    )
