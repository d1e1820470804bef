"""`relay queue`: what is under way, and stepping in. An id is a delivery's, or MESSAGE/N for a held recipient of a message."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer

from relay.cli.opened import Opened, opened
from relay.cli.options import AsJson, By, ConfigFile
from relay.cli.printing import Json, ago, all_as_json, as_json, facts, instant, masked, minute, one_line, say, table
from relay.errors import Conflict, NotFound
from relay.machine import NewIds, clock
from relay.settings.kinds import duration
from relay.transit.delivery import Carries, Delivery
from relay.transit.return_path import ReturnPaths
from relay.values import DeliveryId, MessageId

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from relay.store.archive import ArchivedDelivery
    from relay.store.outbox import Tracked
    from relay.store.queue import HeldPassage, Wanted
    from relay.store.tables import State

app = typer.Typer(
    name="queue", help="Deliveries: list, show, retry, hold, release, drop.", no_args_is_help=True, rich_markup_mode=None
)

Id = Annotated[str, typer.Argument(metavar="ID", help="A delivery's id, or MESSAGE/N for a held recipient of a message.")]
_DUE: Final = "due"
_HELD: Final = "held"
"""Values of relay.store.tables.State, which would make `relay --help` load the database library."""
_HELD_RECIPIENT: Final = re.compile(r"([0-9a-z]{1,40})/([0-9]{1,4})")


@app.command("list")
def list_(
    state: Annotated[list[str] | None, typer.Option(help="due, held, delivered, failed or dropped; may be repeated.")] = None,
    domain: Annotated[str | None, typer.Option(help="Only to this domain.")] = None,
    booking: Annotated[str | None, typer.Option(metavar="REFERENCE", help="Only of this booking.")] = None,
    age: Annotated[str | None, typer.Option(metavar="DURATION", help='Only what was accepted longer ago: "4h".')] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 100,
    after: Annotated[str | None, typer.Option(metavar="ID", help="The next page: the last id of this page.")] = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """List what is under way, the oldest first, and what waits for a decision."""
    from relay.store import queue

    now = clock()
    before = _before(age, now)
    states = _states(state) if state else queue.UNDER_WAY
    with opened(config) as house, house.reading() as connection:
        wanted = queue.Wanted(states=states, domain=domain, accepted_before=before, limit=limit)
        page = queue.listing(connection, _further(connection, wanted, booking, after))
        whole = (
            domain is None and booking is None and before is None and after is None and any(one.value == _HELD for one in states)
        )
        held = queue.held_passages(connection, limit) if whole else ()
    if json:
        all_as_json([*(_held(one) for one in held), *(_tracked(one) for one in page)])
        return
    table(
        ("id", "carries", "state", "age", "attempts", "next", "to", "last answer"),
        [
            *((f"{one.message}/{one.ordinal}", "nothing yet", "held", "", "", "", "", one.reason) for one in held),
            *(_row(one, now) for one in page),
        ],
        none="nothing is under way",
    )


@app.command()
def show(id_: Id, config: ConfigFile = None, json: AsJson = False) -> None:
    """Show a delivery with its attempts."""
    from relay.store import archive, queue

    with opened(config) as house:
        ours = house.settings.relay.domain
        with house.reading() as connection:
            if (recipient := _held_recipient(id_)) is not None:
                held = _the_held(connection, *recipient)
                as_json(_held(held)) if json else facts([(name, str(value)) for name, value in _held(held).items()])
                return
            delivery = queue.shown(connection, DeliveryId(id_))
            whole = next(one for one in archive.shown(connection, delivery.message).deliveries if one.tracked.id == delivery.id)
    if json:
        as_json({**_tracked(whole.tracked), "attempted": _attempted(whole, ours)})
        return
    facts([(name.replace("_", " "), str(value)) for name, value in _tracked(whole.tracked).items() if value is not None])
    for attempt in whole.attempts:
        said = masked(attempt.text, ours)
        say(one_line(f"{instant(attempt.at)}  attempt {attempt.number}: {attempt.outcome} {attempt.code or ''} {said}", 500))


@app.command()
def retry(id_: Id, by: By = "operator", config: ConfigFile = None) -> None:
    """Try a delivery at once."""
    from relay.store import queue

    with opened(config) as house, house.writing() as connection:
        queue.retry_now(connection, DeliveryId(id_), now=clock(), by=by)
    say(f"delivery {id_} is due now")


@app.command()
def hold(id_: Id, by: By = "operator", config: ConfigFile = None) -> None:
    """Stop a delivery until it is released."""
    from relay.store import queue

    with opened(config) as house, house.writing() as connection:
        queue.hold(connection, DeliveryId(id_), now=clock(), by=by)
    say(f"delivery {id_} is held")


@app.command()
def release(id_: Id, by: By = "operator", config: ConfigFile = None) -> None:
    """Let a held delivery, or a held recipient of a message, go out as it is."""
    from relay.store import queue

    now = clock()
    with opened(config) as house:
        return_paths = _return_paths(house)
        with house.writing() as connection:
            if (recipient := _held_recipient(id_)) is not None:
                message, ordinal = recipient
                delivery = _made(connection, message, ordinal, return_paths, now)
                queue.release_passage(connection, message, ordinal, delivery, now=now, by=by)
            else:
                path = return_paths.mint(DeliveryId(id_), now)
                queue.release(connection, DeliveryId(id_), now=now, by=by, return_path=path)
    say(f"{id_} goes out")


@app.command()
def drop(
    id_: Id,
    because: Annotated[str, typer.Option(metavar="TEXT", help="Why, for the timeline; no mail address.")],
    by: By = "operator",
    config: ConfigFile = None,
) -> None:
    """Give a delivery up, or a held recipient of a message. Its writer is not told."""
    from relay.store import queue

    with opened(config) as house, house.writing() as connection:
        if (recipient := _held_recipient(id_)) is not None:
            queue.drop_passage(connection, *recipient, now=clock(), by=by, because=because)
        else:
            queue.drop(connection, DeliveryId(id_), now=clock(), by=by, because=because)
    say(f"{id_} is dropped")


def _states(names: list[str]) -> frozenset[State]:
    from relay.store.tables import State

    try:
        return frozenset(State(name) for name in names)
    except ValueError:
        choices = ", ".join(one.value for one in State)
        raise typer.BadParameter(f"a state is one of {choices}", param_hint="--state") from None


def _before(age: str | None, now: datetime) -> datetime | None:
    try:
        return now - duration(age) if age is not None else None
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong), param_hint="--age") from None


def _further(connection: Connection, wanted: Wanted, booking: str | None, after: str | None) -> Wanted:
    from dataclasses import replace

    from relay.store.conversations import by_reference

    conversation = by_reference(connection, booking).id if booking is not None else None
    return replace(wanted, conversation=conversation, after=DeliveryId(after) if after is not None else None)


def _held_recipient(id_: str) -> tuple[MessageId, int] | None:
    found = _HELD_RECIPIENT.fullmatch(id_)
    return (MessageId(found[1]), int(found[2])) if found else None


def _the_held(connection: Connection, message: MessageId, ordinal: int) -> HeldPassage:
    from relay.store import queue

    waiting = queue.held_passages(connection, queue.listed_max)
    found = next((one for one in waiting if (one.message, one.ordinal) == (message, ordinal)), None)
    if found is None:
        raise NotFound(f"no recipient {ordinal} of message {message} is held")
    return found


def _return_paths(house: Opened) -> ReturnPaths:
    from relay.app import Secrets

    section = house.settings.relay
    return ReturnPaths(Secrets.at(section.state_dir).return_paths, section.domain)


def _made(connection: Connection, message: MessageId, ordinal: int, return_paths: ReturnPaths, now: datetime) -> Delivery:
    """The delivery of a held rendition, as it would have gone out. Raises NotFound, and Conflict when none was made."""
    from relay.store import archive
    from relay.store.conversations import by_id

    archived = archive.shown(connection, message)
    share = next((one for one in archived.passages if one.ordinal == ordinal), None)
    if share is None:
        raise NotFound(f"message {message} has no recipient number {ordinal}")
    if share.rendition is None:
        raise Conflict(f"no rendition of message {message} was made for recipient {ordinal}, so there is nothing to let out")
    id_ = DeliveryId(NewIds()())
    return Delivery(
        id=id_,
        message=message,
        conversation=share.conversation,
        carries=Carries.RENDITION,
        return_path=return_paths.mint(id_, now),
        recipient=by_id(connection, share.conversation).party(share.writer.other).addresses[0],
        content=share.rendition,
        accepted_at=now,
    )


def _held(one: HeldPassage) -> dict[str, Json]:
    return {
        "id": f"{one.message}/{one.ordinal}",
        "message": one.message,
        "state": "held",
        "writer": one.writer.value,
        "reason": one.reason,
        "can_be_released": one.has_rendition,
    }


def _tracked(one: Tracked) -> dict[str, Json]:
    return {
        "id": one.id,
        "message": one.message,
        "carries": one.carries.value,
        "state": one.state.value,
        "accepted_at": instant(one.accepted_at),
        "attempts": one.attempts,
        "next_at": instant(one.due_at) if one.state.value == _DUE else None,
        "domain": one.domain,
        "last_code": one.last_code,
        "in_doubt": one.in_doubt,
    }


def _attempted(one: ArchivedDelivery, ours: str) -> list[Json]:
    return [
        {
            "number": attempt.number,
            "at": instant(attempt.at),
            "outcome": attempt.outcome,
            "cause": attempt.cause.value if attempt.cause is not None else None,
            "code": attempt.code,
            "text": masked(attempt.text, ours),
        }
        for attempt in one.attempts
    ]


def _row(one: Tracked, now: datetime) -> tuple[str, ...]:
    return (
        one.id,
        one.carries.value,
        one.state.value,
        ago(now - one.accepted_at),
        str(one.attempts),
        minute(one.due_at) if one.state.value == _DUE else "",
        one.domain,
        "" if one.last_code is None else str(one.last_code),
    )
