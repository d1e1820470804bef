"""An archive of a million messages: filled by a generator of ours, indexed anew, and asked by every operator of the search box.

    .venv/bin/python bench/million.py sqlite:////tmp/million/relay.db --messages 1000000 --reindex --measure

Messages, bookings and words are made by number and seed (letters, wordlists), and go in through the product's own packing and
tables, with their deliveries, timelines and leaves. Filling goes on where it was left, also to a larger number. `--reindex`
empties the index and fills it again in one process: the rate is told by the clock and by the processor. `--measure` asks twenty
queries and more of each operator (asked), each with the snippets of twenty messages, and tells median and p95 in milliseconds by
the clock, and p95 by the processor of this process; what a database server takes is in the former alone.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from multiprocessing import Pool
from multiprocessing.pool import Pool as PoolOfProcesses
from pathlib import Path
from typing import Final

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent.parent / "tests")]

from asked import CASE_EVERY, LABELS, Questions
from filled import MODES, Busy
from letters import BEGAN, LANES, Booked, House, Sent
from sqlalchemy import Connection, Engine, func, select, text

from relay.errors import NotDone, ToldEnough
from relay.message.causes import Cause
from relay.store import accepting, cases, facets, indexing, outbox, record, search, timeline, volumes
from relay.store.booking_tables import bookings
from relay.store.engine import at_leisure, reading, writing
from relay.store.operators import ANSWERED
from relay.store.packing import Packed, packed
from relay.store.query import parsed
from relay.store.rows import Inserted, Row, Value, micros
from relay.store.tables import aliases, conversations, messages, parties, party_addresses
from relay.store.terms import Asking
from relay.transit.casework import Decided
from relay.transit.crossing import Crossing, Fate
from relay.transit.delivery import Deferred, Delivered, Failed, Outcome

AT_ONCE: Final = 1_000
"""Messages of one transaction: a multiple of the lanes."""
AHEAD: Final = 4
BAR_MS: Final = 50
LEAVES: Final = 5_000
INDEXED: Final = 200
"""As the running gateway does (relay.app.indexing)."""
LEASE: Final = timedelta(minutes=10)
_CONVERSATIONS: Final = Inserted(conversations, "id", "reference", "activity_end", "opens_at", "created_at", "closes_at")
_ALIASES: Final = Inserted(aliases, "local", "minted_at")
_PARTIES: Final = Inserted(parties, "id", "conversation", "role", "alias_local", "alias_domain", "name", "language")
_ADDRESSES: Final = Inserted(party_addresses, "party", "position", "address", "key")
_BOOKINGS: Final = Inserted(bookings, *bookings.c.keys())
COPIED: Final = ("id", "reference", "stage", "partner", "offer", "variant", "starts_at", "ends_at", "created_at", "changed_at")


@dataclass(frozen=True, slots=True)
class Ready:
    """A message as rows, with what its deliveries came to. `quiet`: the same for a writer who had a day's notices."""

    packed: Packed
    outcomes: tuple[Outcome, ...]
    quiet: Packed | None
    comes_back: bool


def made(seed: int, first: int) -> list[Ready]:
    """The messages from `first` on, of one transaction. Runs beside what writes them."""
    return [_ready(_house(seed).sent(number)) for number in range(first, first + AT_ONCE)]


def _ready(sent: Sent) -> Ready:
    crossing = sent.crossing
    quiet = None
    if crossing.passages[0].fate is Fate.REFUSED:
        silent = tuple(replace(passage, deliveries=()) for passage in crossing.passages)
        quiet = _packed(replace(crossing, passages=silent))
    # One in two hundred and fifty comes back after all.
    return Ready(_packed(crossing), sent.outcomes, quiet, crossing.fingerprint[0] == 0)


def _packed(crossing: Crossing) -> Packed:
    return packed(crossing, now=crossing.envelope.received_at, lease=LEASE, worker="bench")


_houses: dict[int, House] = {}


def _house(seed: int) -> House:
    if seed not in _houses:
        _houses[seed] = House(seed)
    return _houses[seed]


class Filling:
    """Brings one database to so many messages."""

    def __init__(self, url: str, seed: int) -> None:
        self.seed = seed
        self.busy = Busy(url, seed)
        self.engine = self.busy.engine
        self.house = _house(seed)
        self.template: dict[str, Value] = {}

    def fill(self, count: int) -> None:
        began, here = time.monotonic(), self._there()
        if here >= count:
            return
        self._open()
        with Pool(1) as beside:
            for first, some in _in_turn(beside, self.seed, range(here, count, AT_ONCE)):
                with writing(self.engine) as connection:
                    self._conversations(connection, first // LANES, AT_ONCE // LANES)
                    for one in some:
                        _write(connection, one)
                    # Every entry of every timeline gets its leaf.
                    while record.number_some(connection, LEAVES):
                        pass
                done = first + AT_ONCE
                rate = (done - here) / (time.monotonic() - began)
                _told(f"{done} of {count} messages, {rate:.0f} a second", is_last=done >= count)

    def _there(self) -> int:
        with reading(self.engine) as connection:
            return int(connection.execute(select(func.count()).select_from(messages)).scalar_one())

    def _open(self) -> None:
        """Forty partners with their offers, and one booking that all others are like."""
        with reading(self.engine) as connection:
            found = connection.execute(select(bookings).order_by(bookings.c.id).limit(1)).first()
        if found is None:
            self.busy.open_house()
            self.busy.book(1)
            self.busy.number()
            with reading(self.engine) as connection:
                found = connection.execute(select(bookings).order_by(bookings.c.id).limit(1)).first()
        if found is None:
            raise SystemExit("no booking was made")
        types = {column.name: column.type for column in bookings.c}
        dialect = self.engine.dialect
        for name, value in found._mapping.items():
            convert = types[name].bind_processor(dialect)
            self.template[name] = convert(value) if convert is not None else value

    def _conversations(self, connection: Connection, first: int, count: int) -> None:
        """So many bookings: each has its conversation, some have a case."""
        numbers = range(first, first + count)
        whole = [self.house.conversation(number) for number in numbers]
        booked = [self.house.booked(number) for number in numbers]
        people = [(of, one, party) for of, one in zip(booked, whole, strict=True) for party in one.parties()]
        _CONVERSATIONS(
            connection,
            [
                (one.id, of.reference, micros(of.activity_end), *[micros(of.opened_at)] * 2, micros(one.window.closes_at))
                for of, one in zip(booked, whole, strict=True)
            ],
        )
        _ALIASES(connection, [(party.alias.local, micros(of.opened_at)) for of, _, party in people])
        _PARTIES(
            connection,
            [
                (party.id, one.id, party.role.value, party.alias.local, party.alias.domain, party.name, party.language.value)
                for _, one, party in people
            ],
        )
        known = [(party.id, 0, address.reveal(), address.key) for _, _, party in people for address in party.addresses]
        _ADDRESSES(connection, known)
        drafts = [timeline.Draft(one.id, timeline.Kind.OPENED, {"by": "bench"}) for one in whole]
        timeline.append(connection, drafts, booked[-1].opened_at)
        _BOOKINGS(connection, [self._booking(of, number) for of, number in zip(booked, numbers, strict=True)])
        for number in numbers:
            if number % CASE_EVERY == 0:
                self._case(connection, number)

    def _booking(self, one: Booked, number: int) -> Row:
        name = f"{one.partner}-{MODES[number % len(MODES)].value.replace(' ', '-')}"
        own = (
            *(self.house.id("booking", number, one.opened_at), one.reference, one.stage, f"p{one.partner}"),
            *(f"o{name}", f"v{name}", micros(one.activity_end - timedelta(hours=3)), micros(one.activity_end)),
            *(micros(one.opened_at), micros(one.opened_at)),
        )
        row = {**self.template, **dict(zip(COPIED, own, strict=True)), "hold": None, "keeping": None}
        return tuple(row[column] for column in bookings.c.keys())  # noqa: SIM118  SQLAlchemy's

    def _case(self, connection: Connection, number: int) -> None:
        one, draw = self.house.booked(number), self.house.draw("case", number)
        at, owner = one.activity_end, draw.choice(("eva", "otto", "ines", "tom"))
        case = cases.opened(connection, one.reference, f"about {one.reference}", owner, at + timedelta(days=5), "eva", at)
        case = cases.labelled(connection, case.number, case.version, [draw.choice(LABELS)], "eva", at)
        if draw.random() < 0.8:
            decided = draw.choice(list(Decided))
            case = cases.decided(connection, case.number, case.version, decided, "by the terms", owner, at)
            if draw.random() < 0.8:
                cases.closed(connection, case.number, case.version, owner, at)

    def index(self) -> str:
        """Makes all that is not findable so, as the running gateway does; what it took, in words."""
        with reading(self.engine) as connection:
            waiting = indexing.waiting(connection)
        began, busy_for, done = time.monotonic(), time.process_time(), 0
        while True:
            with reading(self.engine) as connection:
                entries = indexing.unlearnt(connection, INDEXED)
            if not entries:
                break
            with writing(self.engine) as connection:
                done += indexing.learn(connection, entries)
            _told(f"{done} of {waiting} indexed, {done / (time.monotonic() - began):.0f} a second", is_last=False)
        clock, processor = time.monotonic() - began, time.process_time() - busy_for
        _told(f"{done} indexed", is_last=True)
        if not done:
            return "nothing was to be indexed"
        return f"{done} messages indexed: {done / clock:,.0f} a second by the clock, {done / processor:,.0f} by the processor"

    def reindex(self) -> str:
        with writing(self.engine) as connection:
            indexing.rebuild(connection)
        return self.index()


def _in_turn(beside: PoolOfProcesses, seed: int, firsts: Sequence[int]) -> Iterator[tuple[int, list[Ready]]]:
    """The messages of each transaction, made beside what writes them, a few transactions ahead."""
    coming = [beside.apply_async(made, (seed, first)) for first in firsts[:AHEAD]]
    for at, first in enumerate(firsts):
        some = coming.pop(0).get()
        if at + AHEAD < len(firsts):
            coming.append(beside.apply_async(made, (seed, firsts[at + AHEAD])))
        yield first, some


def _write(connection: Connection, one: Ready) -> None:
    """One message with what became of it."""
    at = one.packed.received_at
    try:
        begun = accepting.write(connection, one.packed)
    except ToldEnough:
        if one.quiet is None:
            raise
        begun = accepting.write(connection, one.quiet)
    for delivery in begun:
        for attempt, outcome in enumerate(one.outcomes, 1):
            at += timedelta(seconds=2 if attempt == 1 else 600)
            due = at + timedelta(minutes=10) if isinstance(outcome, Deferred) else None
            outbox.record(connection, delivery.id, outcome, now=at, next_due=due, attempt=attempt)
            if isinstance(outcome, Delivered) and one.comes_back:
                back = Failed(Cause.ADDRESS_WRONG, 550, "5.1.1 no such user")
                outbox.bounced(connection, delivery.id, back, now=at + timedelta(minutes=5), untold="made up")


def sizes(engine: Engine, count: int) -> Iterator[str]:
    """What the database keeps of a message."""
    with reading(engine) as connection:
        at_leisure(connection)
        if engine.dialect.name == "sqlite":
            whole = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            whole *= connection.exec_driver_sql("PRAGMA page_size").scalar_one()
            index = 0
            for name in map(volumes.name, volumes.there(connection)):
                index += connection.exec_driver_sql(f"SELECT total(length(block)) FROM {name}_data").scalar_one()
                index += connection.exec_driver_sql(f"SELECT total(length(sz)) + 12 * count(*) FROM {name}_docsize").scalar_one()
        else:
            index = connection.exec_driver_sql("SELECT pg_total_relation_size('search_index')").scalar_one()
            whole = connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one()
        raw, kept, texts = connection.execute(
            text(
                "SELECT (SELECT sum(size) FROM messages), (SELECT sum(length(data)) FROM blobs),"
                " (SELECT sum(length(CAST(body AS bytea))) FROM texts)".replace(
                    "bytea", "blob" if engine.dialect.name == "sqlite" else "text"
                )
            )
        ).one()
    yield f"as received {raw / count:,.0f} octets a message, of which its own text {texts / count:,.0f}"
    yield f"kept {kept / count:,.0f} octets a message, as received and as delivered together"
    yield f"index {index / 1e6:,.0f} MB, {index / count:,.0f} octets a message"
    yield f"database {whole / 1e6:,.0f} MB, {whole / count:,.0f} octets a message"


def measure(engine: Engine, seed: int, rounds: int, only: Sequence[str]) -> Iterator[str]:
    """A line of a table for each kind of query."""
    with reading(engine) as connection:
        questions = Questions(connection, _house(seed))
    missing = ANSWERED - questions.operators
    if missing:
        yield f"not asked: {', '.join(sorted(missing))}"
    yield "| asked | p50 ms | p95 ms | p95 ms of the processor | most ms | found | slowest |"
    yield "|---|---|---|---|---|---|---|"
    over = 0
    for name, queries in questions.sets.items():
        if not only or name in only:
            line, p95 = _line(engine, name, queries, rounds, partial(_found, questions.asking))
            over += p95 > BAR_MS
            yield line
    yield f"{over} kinds of query have a p95 of more than {BAR_MS} ms"
    if not only:
        mixed = [queries[0] for queries in questions.sets.values()]
        yield _line(engine, "counts and kinds beside the hits", mixed, rounds, partial(_counted, questions.asking))[0]


def _found(asking: Asking, connection: Connection, query: str) -> object:
    return search.search(connection, query, asking=asking)


def _counted(asking: Asking, connection: Connection, query: str) -> int:
    return facets.counted(connection, parsed(query, asking)).total


def _line(
    engine: Engine, name: str, queries: Sequence[str], rounds: int, ask: Callable[[Connection, str], object]
) -> tuple[str, float]:
    """How long `queries` take, as a line of the table, and their p95. Once more than `rounds`: the first round does not count."""
    took: list[tuple[float, float, str]] = []
    found, unanswered = 0, dict[str, str]()
    for turn in range(rounds + 1):
        for query in queries:
            with reading(engine) as connection:
                began, busy_for = time.perf_counter(), time.process_time()
                answer: object = None
                try:
                    answer = ask(connection, query)
                except NotDone as why:
                    unanswered[query] = str(why)
                busy_for, clock = time.process_time() - busy_for, time.perf_counter() - began
            if turn:
                took.append((clock * 1000, busy_for * 1000, query))
                found += bool(answer)
    clocks, busy = sorted(one[0] for one in took), sorted(one[1] for one in took)
    at = max(0, -(-len(took) * 95 // 100) - 1)
    slowest = max(took)[2].replace("|", "\\|")
    refused = f", {len(unanswered)} not answered: {next(iter(unanswered.values()))}" if unanswered else ""
    line = (
        f"| {name} | {statistics.median(clocks):.1f} | {clocks[at]:.1f} | {busy[at]:.1f} | {clocks[-1]:.1f}"
        f" | {found // rounds} of {len(queries)}{refused} | `{slowest[:60]}` |"
    )
    return line, clocks[at]


def _told(what: str, *, is_last: bool) -> None:
    print(f"\r{what}", end="\n" if is_last else "", file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--messages", type=int, default=1_000_000, help="in thousands")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reindex", action="store_true", help="empty the index, and fill it again")
    parser.add_argument("--measure", action="store_true", help="ask every operator")
    parser.add_argument("--rounds", type=int, default=2, help="so often each query is asked, after once that does not count")
    parser.add_argument("--only", nargs="*", default=(), help="of what is asked, these alone")
    told = parser.parse_args()
    if told.messages % AT_ONCE:
        parser.error(f"--messages: a multiple of {AT_ONCE}")
    filling = Filling(told.url, told.seed)
    began = time.monotonic()
    filling.fill(told.messages)
    print(f"filled to {told.messages} messages from {BEGAN:%Y-%m-%d} on in {time.monotonic() - began:,.0f} s")
    print(filling.reindex() if told.reindex else filling.index())
    if told.reindex or told.measure:
        print("\n".join(sizes(filling.engine, told.messages)))
    if told.measure:
        for line in measure(filling.engine, told.seed, told.rounds, told.only):
            print(line, flush=True)
    print(f"at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB of memory")
    return 0


if __name__ == "__main__":
    sys.exit(main())
