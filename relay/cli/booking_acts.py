"""Acting on a booking on the command line: one command for every act, and one of its own for what is done most often."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from relay.cli.booking_shown import tell
from relay.cli.desks import asked, made, read_as, read_file
from relay.cli.instants import instant_of
from relay.cli.options import AsJson, By, ConfigFile
from relay.machine import clock

if TYPE_CHECKING:
    from relay.app.booking import Core
    from relay.web.booking_shown import ShownBooking

app = typer.Typer()

Reference = Annotated[str, typer.Argument(metavar="REFERENCE", help="The booking's reference.")]
Actor = Annotated[str, typer.Option(help="customer, partner, support or operator.")]
Reason = Annotated[str, typer.Option(help="Why, for the other side to read; with contact, the message.")]
NewTerms = Annotated[
    Path | None,
    typer.Option("--terms", metavar="FILE", help='Other terms, JSON as over HTTP; "-": standard input.'),
]
TermsVersion = Annotated[
    int | None, typer.Option("--terms-version", min=1, help="With accept: the version that was read; the present one without it.")
]
Until = Annotated[str | None, typer.Option(metavar="ISO8601", help="The new deadline, in --time-zone.")]
Amount = Annotated[str | None, typer.Option(help="Such as 45.00; of a payment all that is due, without it.")]
Assignee = Annotated[str | None, typer.Option("--staff", metavar="ID", help="With assign and book: who takes it on.")]
Cause = Annotated[str | None, typer.Option(help="With cancel by a partner: operational, force_majeure, …")]
Version = Annotated[int | None, typer.Option(min=1, help="Of the booking, as it was looked at.")]


@app.command()
def act(
    reference: Reference,
    what: Annotated[str, typer.Argument(metavar="ACT", help="One of those that `relay booking show` says are possible.")],
    actor: Actor = "operator",
    reason: Reason = "",
    terms: NewTerms = None,
    terms_version: TermsVersion = None,
    until: Until = None,
    time_zone: Annotated[str, typer.Option(metavar="ZONE")] = "UTC",
    amount: Amount = None,
    staff: Assignee = None,
    cause: Cause = None,
    version: Version = None,
    by: By = "operator",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Do something with a booking. What is not possible is said with the reason, and with what is possible instead."""
    from relay.web.booking_acts import ToDo
    from relay.web.booking_shown import ShownBooking
    from relay.web.terms import GivenTerms

    at = instant_of(until, time_zone, "--until") if until is not None else None
    offered = read_as(GivenTerms, read_file(terms), str(terms)) if terms is not None else None

    async def taken(core: Core) -> ShownBooking:
        before = await core.bookings.one(reference)
        booking = ShownBooking.of(before, clock())
        to_do = made(
            ToDo,
            {
                "act": what.replace("-", "_"),
                "actor": actor,
                "version": version or booking.version,
                "reason": reason,
                "terms_version": terms_version or booking.terms.version,
                "until": at,
                "amount": _amount(amount, booking, what),
                "staff": staff,
                "cause": cause,
            },
        )
        doing = to_do.model_copy(update={"terms": offered}).doing(by)
        return ShownBooking.of(await core.bookings.act(reference, doing, None), clock())

    tell(asked(config, taken), json=json)


_OFTEN: Final = {
    "accept": ("accept", "partner", "Say yes to a request."),
    "decline": ("decline", "partner", "Say no to a request, and why."),
    "counter": ("counter", "partner", "Offer other terms."),
    "pay": ("take_payment", "operator", "Take the money: in cash, or seen in the bank account."),
    "cancel": ("cancel", "operator", "Cancel what is reserved or booked, and say why."),
    "refund": ("refund", "operator", "Give money back to where it came from."),
    "release": ("release", "operator", "Take the place of what is not paid away."),
    "block": ("block", "operator", "Have it released by nobody."),
    "unblock": ("unblock", "operator", "Let it be released again."),
    "extend": ("extend", "operator", "Give the customer until another time to pay."),
}
"""What is done most often: the act, by whom without --actor, and what help says."""


def _short(what: str, by_whom: str) -> Callable[..., None]:
    def command(
        reference: Reference,
        actor: Actor = by_whom,
        reason: Reason = "",
        terms: NewTerms = None,
        terms_version: TermsVersion = None,
        until: Until = None,
        time_zone: Annotated[str, typer.Option(metavar="ZONE")] = "UTC",
        amount: Amount = None,
        cause: Cause = None,
        version: Version = None,
        by: By = "operator",
        config: ConfigFile = None,
        json: AsJson = False,
    ) -> None:
        at, staff = (until, time_zone), None
        act(reference, what, actor, reason, terms, terms_version, *at, amount, staff, cause, version, by, config, json)

    return command


for _name, (_act, _by_whom, _help) in _OFTEN.items():
    app.command(_name, help=_help)(_short(_act, _by_whom))


def _amount(text: str | None, booking: ShownBooking, act: str) -> dict[str, object] | None:
    from relay.booking.money import Money

    currency = booking.amounts.total.currency
    if text is None:
        due = booking.amounts.outstanding.minor
        return {"minor": due, "currency": currency} if act.replace("-", "_") == "take_payment" else None
    try:
        money = Money.of(text, currency)
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong), param_hint="--amount") from None
    return {"minor": money.minor, "currency": money.currency}
