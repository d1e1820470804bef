"""`relay queue`: what is under way, what is held, and stepping in. An id is a delivery's, MESSAGE-N for a held message, or
mail-ID for mail about a booking that could not be written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer

from relay.cli.attempts import attempt_lines, attempts_as_json
from relay.cli.findings import findings_as_json, findings_in_short
from relay.cli.opened import Opened, opened
from relay.cli.options import AsJson, By, ConfigFile
from relay.cli.printing import Json, ago, all_as_json, as_json, facts, instant, minute, say, table
from relay.machine import clock
from relay.settings.quantities import duration
from relay.values import DeliveryId

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from relay.desk.queue import QueueDesk
    from relay.store.held import HeldShare
    from relay.store.posting import BookingMail
    from relay.store.queue import Wanted
    from relay.store.tables import State
    from relay.store.tracked import Tracked

app = typer.Typer(
    name="queue",
    help="What is under way or held, and stepping in.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Id = Annotated[str, typer.Argument(metavar="ID", help="A delivery's id, MESSAGE-N or mail-ID: see list.")]
_DUE: Final = "due"
_HELD: Final = "held"
"""Values of relay.store.tables.State, which would make `relay --help` load the database library."""


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
    """List what waits for a decision, then what is under way, each the oldest first."""
    from relay.desk.queue_names import Place, share_id
    from relay.store import queue

    now = clock()
    before = _before(age, now)
    states = _states(state) if state else queue.UNDER_WAY
    with opened(config) as house, house.reading() as connection:
        place = Place.named(after)
        # Held messages stand in no domain's queue, and come before all deliveries.
        whole = domain is None and booking is None and before is None and any(one.value == _HELD for one in states)
        waiting = place.shares(connection, limit) if whole else ()
        mails = place.mails(connection, limit - len(waiting)) if whole else ()
        left = limit - len(waiting) - len(mails)
        wanted = queue.Wanted(states=states, domain=domain, accepted_before=before, limit=left, after=place.delivery)
        page = queue.listing(connection, _of_booking(connection, wanted, booking))
    if json:
        all_as_json([*(_held(one) for one in waiting), *(_parked(one) for one in mails), *(_tracked(one) for one in page)])
        return
    table(
        ("id", "carries", "state", "age", "attempts", "next", "to", "last answer"),
        [
            *((share_id(one), "nothing yet", "held", ago(now - one.received_at), "", "", "", _why(one)) for one in waiting),
            *(_parked_row(one, now) for one in mails),
            *(_row(one, now) for one in page),
        ],
        none="nothing is under way",
    )


@app.command()
def show(id_: Id, config: ConfigFile = None, json: AsJson = False) -> None:
    """Show a delivery with its attempts, or a held message with what was found in it."""
    from relay.desk.queue_names import held_share, parked_mail
    from relay.store import archive

    with opened(config) as house:
        ours = house.settings.relay.domain
        with house.reading() as connection:
            if (share := held_share(connection, id_)) is not None:
                as_json(_held(share)) if json else _print_held(share)
                return
            if (mail := parked_mail(connection, id_)) is not None:
                as_json(_parked(mail)) if json else facts([(name, str(value)) for name, value in _parked(mail).items()])
                return
            whole = archive.delivery_shown(connection, DeliveryId(id_))
    if json:
        as_json({**_tracked(whole.tracked), "attempted": attempts_as_json(whole, ours)})
        return
    facts([(name.replace("_", " "), str(value)) for name, value in _tracked(whole.tracked).items() if value is not None])
    for line in attempt_lines(whole, ours):
        say(line)


@app.command()
def retry(
    id_: Id,
    confirmed: Annotated[
        bool,
        typer.Option("--confirmed", help="You made sure that the party wrote it, whose address is known and proves nothing."),
    ] = False,
    by: By = "operator",
    config: ConfigFile = None,
) -> None:
    """Try a delivery at once, or decide a held message anew, for instance after an upgrade.

    A message of an unknown writer waits for the party's answer. To decide it yourself, make the address known (relay conversation
    add-address); where it is known, and its domain has neither SPF nor DKIM, say --confirmed. That is about this message alone.
    """
    _step(config, lambda desk: desk.retry(id_, by, confirmed=confirmed))
    say(f"{id_} is tried again; see `relay trace`")


@app.command()
def hold(id_: Id, by: By = "operator", config: ConfigFile = None) -> None:
    """Stop a delivery until it is released."""
    _step(config, lambda desk: desk.hold(id_, by))
    say(f"delivery {id_} is held")


@app.command()
def release(
    id_: Id,
    without_attachments: Annotated[
        bool, typer.Option("--without-attachments", help="Made anew without its files, if nothing is found in it then.")
    ] = False,
    by: By = "operator",
    config: ConfigFile = None,
) -> None:
    """Let a held delivery, or a held message, go out as it is."""
    _step(config, lambda desk: desk.release(id_, by, without_attachments=without_attachments))
    say(f"{id_} goes out")


@app.command("return")
def return_(
    id_: Id,
    because: Annotated[str, typer.Option(metavar="TEXT", help="Why, for the timeline; no mail address.")] = "",
    by: By = "operator",
    config: ConfigFile = None,
) -> None:
    """Refuse a held message after all. Its writer is told that it could not be forwarded, and what to do."""
    _step(config, lambda desk: desk.return_(id_, by, because))
    say(f"{id_} is returned")


@app.command()
def drop(
    id_: Id,
    because: Annotated[str, typer.Option(metavar="TEXT", help="Why, for the timeline; no mail address.")],
    by: By = "operator",
    config: ConfigFile = None,
) -> None:
    """Give a delivery up, or a held message. Its writer is not told."""
    _step(config, lambda desk: desk.drop(id_, by, because))
    say(f"{id_} is dropped")


@app.command()
def suspend(
    domain: Annotated[str, typer.Argument(metavar="DOMAIN", help="The part of addresses behind the @.")],
    because: Annotated[str, typer.Option(metavar="TEXT", help="Why, for the other operators; no mail address.")] = "",
    by: By = "operator",
    config: ConfigFile = None,
) -> None:
    """Send nothing to a destination until it is resumed. What is due there waits, and its writers hear of the delay as of any
    other; retry and release send all the same."""
    from relay.store import destinations
    from relay.store.stepping import Step

    with opened(config) as house, house.writing() as connection:
        named = destinations.suspend(connection, domain, Step(by, clock(), because))
    say(f"nothing is sent to {named} until it is resumed; after 48 hours, what waits is returned to its writers")


@app.command()
def resume(
    domain: Annotated[str, typer.Argument(metavar="DOMAIN")],
    by: By = "operator",  # noqa: ARG001 -- every step takes it
    config: ConfigFile = None,
) -> None:
    """Send to a destination again, and what waits there at once."""
    from relay.store import destinations

    with opened(config) as house, house.writing() as connection:
        count = destinations.resume(connection, domain, clock())
    say(f"{count} deliveries to {domain} are due")


@app.command()
def suspended(config: ConfigFile = None, json: AsJson = False) -> None:
    """List the destinations to which nothing is sent."""
    from relay.store import destinations

    now = clock()
    with opened(config) as house, house.reading() as connection:
        found = destinations.listed(connection)
    if json:
        all_as_json(
            [
                {"domain": one.domain, "since": instant(one.since), "by": one.by, "because": one.because, "due": one.due}
                for one in found
            ]
        )
        return
    rows = [(one.domain, ago(now - one.since), one.by, str(one.due), one.because) for one in found]
    table(("domain", "for", "by", "waiting", "because"), rows, none="no destination is suspended")


def _step(config: Path | None, step: Callable[[QueueDesk], Coroutine[object, object, None]]) -> None:
    """Takes `step` at the desk that the HTTP side has too."""
    from relay.app.deciding import queue_desk
    from relay.store.store import Store

    async def taken(house: Opened) -> None:
        store = Store(house.engine)
        try:
            await step(queue_desk(house.settings, store))
        finally:
            await store.close()

    with opened(config) as house:
        asyncio.run(taken(house))


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


def _of_booking(connection: Connection, wanted: Wanted, booking: str | None) -> Wanted:
    from dataclasses import replace

    from relay.store.conversations import by_reference

    return replace(wanted, conversation=by_reference(connection, booking).id) if booking is not None else wanted


def _why(share: HeldShare) -> str:
    return f"{share.reason}: {findings_in_short(share.findings) or share.detail}".rstrip(": ")


def _held(share: HeldShare) -> dict[str, Json]:
    from relay.desk.queue_names import share_id

    return {
        "id": share_id(share),
        "message": share.message,
        "state": "held",
        "writer": share.writer.value,
        "received_at": instant(share.received_at),
        "reason": share.reason,
        "detail": share.detail,
        "findings": findings_as_json(share.findings),
        "can_be_released": share.has_rendition,
    }


def _print_held(share: HeldShare) -> None:
    shown = {name: value for name, value in _held(share).items() if name != "findings" and value != ""}
    facts([(name.replace("_", " "), str(value)) for name, value in shown.items()])
    if share.findings:
        say()
        table(("found", "place", "layer"), [(one.kind.value, one.place, one.layer) for one in share.findings], none="")


def _parked(mail: BookingMail) -> dict[str, Json]:
    from relay.desk.queue_names import mail_id

    return {
        "id": mail_id(mail),
        "booking": mail.reference,
        "says": mail.says.value,
        "to": mail.to.value,
        "state": _HELD,
        "at": instant(mail.at),
        "why": mail.why,
    }


def _parked_row(mail: BookingMail, now: datetime) -> tuple[str, ...]:
    from relay.desk.queue_names import mail_id

    return (mail_id(mail), "nothing yet", _HELD, ago(now - mail.at), "", "", "", f"{mail.says.value}: {mail.why}")


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
