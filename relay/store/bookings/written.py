"""Values of the booking core as JSON, and back: the types say how, so that what they become is written without further ado.

Strict: a field that the type does not have, or a value that it refuses, is `Damaged`, never left out or guessed. A field that
is missing has the type's default: it came later than the value was written. What else changes raises `FORMAT`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Final, TypeVar, Union, cast, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

from relay.errors import Damaged
from relay.store.rows import from_micros, micros
from relay.values import RealAddress

FORMAT: Final = 1
_FORMAT: Final = "format"
_MICROSECOND: Final = timedelta(microseconds=1)

Json = None | bool | int | str | Sequence["Json"] | Mapping[str, "Json"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Apart:
    """A value as JSON in which each address is its place in `addresses`, a JSON list: so that those can be kept elsewhere."""

    state: str
    addresses: str


def written(value: object) -> str:
    """A value that holds no address, as JSON that is written in one way only."""
    apart = written_apart(value)
    if apart.addresses != "[]":
        raise TypeError(f"a {type(value).__name__} holds addresses, which are kept apart")
    return apart.state


def written_apart(value: object) -> Apart:
    """A value and the addresses in it."""
    addresses: list[str] = []
    told = _codec(cast("Hashable", type(value))).to_json(value, addresses)
    if not isinstance(told, dict):
        raise TypeError(f"{type(value).__name__} is no value by itself")
    return Apart(_CANONICAL.encode({_FORMAT: FORMAT, **told}), _CANONICAL.encode(addresses))


def read(kind: type[T], state: str, addresses: str = "[]") -> T:
    """The value of that kind that was written. Raises Damaged for anything else."""
    try:
        return cast("T", _codec(cast("Hashable", kind)).from_json(_unwrapped(json.loads(state)), json.loads(addresses)))
    except (ValueError, TypeError, KeyError, IndexError, OverflowError) as error:
        # Its text may quote what somebody wrote.
        raise Damaged(f"what is kept is no {kind.__name__} ({type(error).__name__})") from None


def _unwrapped(told: object) -> Json:
    if not isinstance(told, dict) or told.pop(_FORMAT, None) != FORMAT:
        raise ValueError("another format")
    return told


_CANONICAL: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


@dataclass(frozen=True, slots=True)
class _Codec:
    """Both ways of one type. Each is given the list of addresses, to add to or to look in."""

    to_json: Callable[[object, list[str]], Json]
    from_json: Callable[[Json, Sequence[str]], object]


@cache
def _codec(kind: Hashable) -> _Codec:
    """How `kind`, a type as fields are annotated with, is written. Raises TypeError for one that nobody thought of."""
    supertype = getattr(kind, "__supertype__", None)
    if supertype is not None:  # a NewType
        return _codec(supertype)
    if get_origin(kind) in {Union, UnionType}:
        return _optional(kind)
    if get_origin(kind) in {tuple, frozenset}:
        return _many(kind)
    if isinstance(kind, type):
        if kind in _PLAIN:
            return _PLAIN[kind]
        if issubclass(kind, Enum):
            return _Codec(lambda value, _: cast("Enum", value).value, lambda told, _: kind(told))
        if is_dataclass(kind):
            return _record(kind)
    raise TypeError(f"{kind} cannot be written")


def _plain(kind: type) -> _Codec:
    def exactly(value: object) -> Json:
        if type(value) is not kind:
            raise TypeError(f"no {kind.__name__}")
        return cast("Json", value)

    return _Codec(lambda value, _: exactly(value), lambda told, _: exactly(told))


def _number(told: Json) -> int:
    if type(told) is not int:
        raise TypeError("no number")
    return told


def _text(told: Json) -> str:
    if type(told) is not str:
        raise TypeError("no text")
    return told


def _placed(value: object, addresses: list[str]) -> int:
    text = cast("RealAddress", value).reveal()
    if text not in addresses:
        addresses.append(text)
    return addresses.index(text)


def _address(told: Json, addresses: Sequence[str]) -> RealAddress:
    place = _number(told)
    if place < 0:
        raise IndexError("no place in a list")
    return RealAddress(_text(addresses[place]))


_PLAIN: Final[Mapping[type, _Codec]] = {
    str: _plain(str),
    int: _plain(int),
    bool: _plain(bool),
    datetime: _Codec(
        lambda value, _: micros(cast("datetime", value)),
        lambda told, _: from_micros(_number(told)),
    ),
    date: _Codec(lambda value, _: cast("date", value).isoformat(), lambda told, _: date.fromisoformat(_text(told))),
    timedelta: _Codec(
        lambda value, _: cast("timedelta", value) // _MICROSECOND,
        lambda told, _: _number(told) * _MICROSECOND,
    ),
    ZoneInfo: _Codec(lambda value, _: cast("ZoneInfo", value).key, lambda told, _: ZoneInfo(_text(told))),
    RealAddress: _Codec(_placed, _address),
}


def _optional(kind: Hashable) -> _Codec:
    """Something or nothing; other unions have no one way back."""
    wanted = [one for one in get_args(kind) if one is not NoneType]
    if len(wanted) != 1 or len(get_args(kind)) != 2:
        raise TypeError(f"{kind} cannot be written")
    inner = _codec(wanted[0])
    return _Codec(
        lambda value, addresses: None if value is None else inner.to_json(value, addresses),
        lambda told, addresses: None if told is None else inner.from_json(told, addresses),
    )


def _many(kind: Hashable) -> _Codec:
    """A tuple in its order, a set in the order of what is written."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple and (len(arguments) != 2 or arguments[1] is not Ellipsis):
        return _fixed([_codec(one) for one in arguments])
    inner = _codec(arguments[0])

    def to_json(value: object, addresses: list[str]) -> Json:
        told = [inner.to_json(one, addresses) for one in cast("tuple[object, ...]", value)]
        return told if origin is tuple else sorted(told, key=_CANONICAL.encode)

    def from_json(told: Json, addresses: Sequence[str]) -> object:
        if not isinstance(told, list):
            raise TypeError("no list")
        values = [inner.from_json(one, addresses) for one in told]
        if origin is frozenset and len(set(values)) < len(values):
            raise ValueError("something stands twice")
        return tuple(values) if origin is tuple else frozenset(values)

    return _Codec(to_json, from_json)


def _fixed(inner: Sequence[_Codec]) -> _Codec:
    """So many values, each of a type of its own."""

    def from_json(told: Json, addresses: Sequence[str]) -> object:
        if not isinstance(told, list):
            raise TypeError("no list")
        return tuple(one.from_json(value, addresses) for one, value in zip(inner, told, strict=True))

    return _Codec(
        lambda value, addresses: [
            one.to_json(each, addresses) for one, each in zip(inner, cast("tuple[object, ...]", value), strict=True)
        ],
        from_json,
    )


def _record(kind: type) -> _Codec:
    """A value with its fields, by their names."""
    hints = get_type_hints(kind)
    inner = {one.name: _codec(hints[one.name]) for one in fields(kind)}
    needed = {one.name for one in fields(kind) if one.default is MISSING and one.default_factory is MISSING}
    if _FORMAT in inner:
        raise TypeError(f"{kind.__name__} has a field {_FORMAT}")

    def from_json(told: Json, addresses: Sequence[str]) -> object:
        if not isinstance(told, dict) or told.keys() - inner.keys() or needed - told.keys():
            raise ValueError("other fields")
        return kind(**{name: inner[name].from_json(value, addresses) for name, value in told.items()})

    return _Codec(
        lambda value, addresses: {name: one.to_json(getattr(value, name), addresses) for name, one in inner.items()}, from_json
    )
