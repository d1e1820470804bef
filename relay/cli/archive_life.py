"""What becomes of the archive in time: legal holds, and what they keep from being erased (AR-1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from relay.cli.instants import instant_of
from relay.cli.opened import opened
from relay.cli.options import AsJson, By, ConfigFile
from relay.cli.printing import Json, all_as_json, as_json, instant, minute, one_line, say, table
from relay.errors import NotDone
from relay.machine import clock
from relay.values import RealAddress

if TYPE_CHECKING:
    from relay.store.legal_holds import LegalHold

app = typer.Typer()

Reference = Annotated[str, typer.Option("--reference", metavar="R", help="That booking with its conversation.")]
Address = Annotated[str, typer.Option("--address", metavar="ADDRESS", help="Whoever writes from there: all of their bookings.")]


@app.command()
def hold(
    reason: Annotated[str, typer.Option(help="Why nothing of it may go.")],
    owner: Annotated[str, typer.Option(metavar="WORD", help="Who answers for it.")],
    review: Annotated[str, typer.Option(metavar="ISO8601", help="When somebody looks whether it is needed still, in UTC.")],
    reference: Reference = "",
    address: Address = "",
    case: Annotated[int, typer.Option("--case", metavar="NUMBER", help="That case, and the booking that it is about.")] = 0,
    by: By = "command line",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Keep a booking, a party or a case from erasure and retention. Whoever reads it is not kept from anything."""
    from relay.store import legal_holds
    from relay.store.legal_holds import Placing

    wanted = Placing(
        reason=reason,
        owner=owner,
        review_at=instant_of(review, "UTC", "--review"),
        reference=reference or None,
        address=mailbox(address) if address else None,
        case=case or None,
    )
    with opened(config) as house, house.writing() as connection:
        placed = legal_holds.place(connection, wanted, by=by, now=clock())
    if json:
        as_json(_as_json(placed))
    else:
        say(f"hold {placed.number} on the {placed.kind.value}, to be reviewed {minute(placed.review_at)}")


@app.command()
def release(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The hold's.")],
    by: By = "command line",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Ask for the end of a hold; a second person who does the same ends it."""
    from relay.store import legal_holds

    with opened(config) as house, house.writing() as connection:
        left = legal_holds.release(connection, number, by=by, now=clock())
    if json:
        as_json(_as_json(left))
    elif left.is_in_force:
        say(f"hold {number} stays until a second person releases it, too")
    else:
        say(f"hold {number} has ended")


@app.command()
def holds(
    reference: Reference = "",
    every: Annotated[bool, typer.Option("--all", help="Those that have ended, too.")] = False,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """List the legal holds, those to be reviewed first at the top."""
    from relay.store import legal_holds

    with opened(config) as house, house.reading() as connection:
        listed = legal_holds.listed(connection, reference=reference, is_in_force=not every, limit=legal_holds.listed_max)
    if json:
        all_as_json([_as_json(one) for one in listed])
        return
    table(
        ("number", "on", "booking", "owner", "review", "stands", "reason"),
        [
            (
                str(one.number),
                one.kind.value if one.case is None else f"case {one.case}",
                one.reference or "",
                one.owner,
                minute(one.review_at),
                _stands(one),
                one_line(one.reason, 80),
            )
            for one in listed
        ],
        none="no hold",
    )


def mailbox(address: str) -> RealAddress:
    """Raises NotDone for what is none."""
    try:
        return RealAddress(address)
    except ValueError:
        raise NotDone("that is no mail address") from None


def _stands(one: LegalHold) -> str:
    if not one.is_in_force:
        return f"ended by {one.asked_by} and {one.released_by}"
    return f"{one.asked_by} wants its end" if one.asked_by is not None else "in force"


def _as_json(one: LegalHold) -> dict[str, Json]:
    return {
        "number": one.number,
        "kind": one.kind.value,
        "reference": one.reference,
        "case": one.case,
        "reason": one.reason,
        "owner": one.owner,
        "review_at": instant(one.review_at),
        "placed_by": one.placed_by,
        "placed_at": instant(one.placed_at),
        "asked_by": one.asked_by,
        "released_by": one.released_by,
        "released_at": instant(one.released_at),
        "in_force": one.is_in_force,
    }
