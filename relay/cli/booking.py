"""`relay booking`: from "may I?" to "it took place", on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relay.cli import booking_acts
from relay.cli.booking_acts import Actor, Reference
from relay.cli.booking_shown import tell, tell_all
from relay.cli.desks import asked, made, read_as, read_file
from relay.cli.instants import instant_of
from relay.cli.options import AsJson, By, ConfigFile
from relay.cli.printing import all_as_json, as_json, facts, instant, minute, octets, say, table
from relay.machine import clock
from relay.values import Language

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from relay.app.booking import Core
    from relay.booking.selection import Filter
    from relay.web.booking_shown import ShownBooking

app = typer.Typer(
    name="booking",
    help="Bookings: request, reserve, check out, look, act, export.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

app.add_typer(booking_acts.app)

Offer = Annotated[str, typer.Argument(metavar="OFFER")]
Variant = Annotated[str, typer.Argument(metavar="VARIANT")]
CustomerEmail = Annotated[str, typer.Option(metavar="ADDRESS")]
CustomerName = Annotated[str, typer.Option()]
CustomerLanguage = Annotated[Language, typer.Option()]
CustomerTimeZone = Annotated[str | None, typer.Option(metavar="ZONE", help="Where they live.")]
Slot = Annotated[str | None, typer.Option(metavar="ID", help="A published one.")]
Starts = Annotated[str | None, typer.Option(metavar="ISO8601", help="A time outside the published slots (SL-3), with --ends.")]
Ends = Annotated[str | None, typer.Option(metavar="ISO8601")]
TimeZone = Annotated[str, typer.Option(metavar="ZONE", help="Of --starts and --ends, and of the activity then.")]
Participants = Annotated[int, typer.Option(min=1)]
Choices = Annotated[
    list[str] | None, typer.Option("--choose", metavar="KEY=N", help="Of the price list or the options; may be repeated.")
]
Note = Annotated[str, typer.Option(help="The customer's wishes.")]
Staff = Annotated[str | None, typer.Option(metavar="ID", help="Who of the partner's staff it is to be.")]
Channel = Annotated[str, typer.Option(help="online, box_office, phone or api.")]
Audience = Annotated[str, typer.Option(help="public, group or business.")]


@app.command()
def request(
    offer: Offer,
    variant: Variant,
    customer_email: CustomerEmail,
    customer_name: CustomerName,
    customer_language: CustomerLanguage = Language.EN,
    customer_time_zone: CustomerTimeZone = None,
    slot: Slot = None,
    starts: Starts = None,
    ends: Ends = None,
    time_zone: TimeZone = "UTC",
    participants: Participants = 1,
    choose: Choices = None,
    note: Note = "",
    staff: Staff = None,
    channel: Channel = "api",
    audience: Audience = "public",
    actor: Actor = "customer",
    by: By = "operator",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Ask for something; the partner answers (OR-2)."""
    who = _customer(customer_email, customer_name, customer_language, customer_time_zone)
    when = _when(slot, starts, ends, time_zone)
    what = _what(participants, choose, note, staff, channel, audience)
    _begin("request", offer, variant, {**who, **when, **what, "actor": actor}, by, config, json=json)


@app.command()
def reserve(
    offer: Offer,
    variant: Variant,
    customer_email: CustomerEmail,
    customer_name: CustomerName,
    customer_language: CustomerLanguage = Language.EN,
    customer_time_zone: CustomerTimeZone = None,
    slot: Slot = None,
    participants: Participants = 1,
    choose: Choices = None,
    note: Note = "",
    staff: Staff = None,
    option: Annotated[bool, typer.Option("--option", help="An option instead of a reservation (ST-20).")] = False,
    channel: Channel = "api",
    audience: Audience = "public",
    actor: Actor = "customer",
    by: By = "operator",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Reserve now, pay later (ST-1, ST-16)."""
    who = _customer(customer_email, customer_name, customer_language, customer_time_zone)
    what = _what(participants, choose, note, staff, channel, audience)
    given = {**who, "slot": slot, **what, "actor": actor, "hold": "option" if option else None}
    _begin("reserve", offer, variant, given, by, config, json=json)


@app.command("check-out")
def check_out(
    offer: Offer,
    variant: Variant,
    customer_email: CustomerEmail,
    customer_name: CustomerName,
    customer_language: CustomerLanguage = Language.EN,
    customer_time_zone: CustomerTimeZone = None,
    slot: Slot = None,
    participants: Participants = 1,
    choose: Choices = None,
    note: Note = "",
    channel: Channel = "api",
    audience: Audience = "public",
    by: By = "operator",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Book and pay at once; the place is kept while the customer pays."""
    who = _customer(customer_email, customer_name, customer_language, customer_time_zone)
    what = _what(participants, choose, note, None, channel, audience)
    _begin("check_out", offer, variant, {**who, "slot": slot, **what}, by, config, json=json)


@app.command()
def show(reference: Reference, config: ConfigFile = None, json: AsJson = False) -> None:
    """Show a booking, and what each may do with it now."""
    from relay.web.booking_shown import ShownBooking

    found = asked(config, lambda core: core.bookings.one(reference))
    tell(ShownBooking.of(found, clock()), json=json)


Text = Annotated[str, typer.Option("--search", metavar="TEXT", help="In the reference, the name, or the title (SL-27).")]
Tabs = Annotated[
    list[str] | None, typer.Option("--tab", help="requests, awaiting_payment, booked, past, expired, ended; may be repeated.")
]
Stages = Annotated[list[str] | None, typer.Option("--stage", help="May be repeated.")]
Action = Annotated[str | None, typer.Option(help="How the required action stands: none, open, done (SV-9).")]
OfOffer = Annotated[str | None, typer.Option("--offer", metavar="ID")]
OfVariant = Annotated[str | None, typer.Option("--variant", metavar="ID")]
OfPromotion = Annotated[str | None, typer.Option("--promotion", metavar="NUMBER", help="The house's number of it (SV-7).")]
OfPartner = Annotated[str | None, typer.Option("--partner", metavar="ID")]
OfStaff = Annotated[str | None, typer.Option("--staff", metavar="ID", help="What this member of the staff may see (OR-3).")]
Overdue = Annotated[bool | None, typer.Option("--overdue/--in-time")]
Unreached = Annotated[
    bool | None, typer.Option("--unreached/--reached", help="Mail does not reach a party: each address is dead (GW-54).")
]
Expired = Annotated[bool, typer.Option("--expired", help="Expired ones too (OR-31).")]
Ticked = Annotated[list[str] | None, typer.Option("--reference", metavar="REFERENCE", help="These alone; may be repeated.")]


@app.command("list")
def list_(
    search: Text = "",
    tab: Tabs = None,
    stage: Stages = None,
    action: Action = None,
    promotion: OfPromotion = None,
    offer: OfOffer = None,
    variant: OfVariant = None,
    partner: OfPartner = None,
    staff: OfStaff = None,
    overdue: Overdue = None,
    unreached: Unreached = None,
    expired: Expired = False,
    order: Annotated[str, typer.Option(help="newest, deadline or start.")] = "newest",
    limit: Annotated[int, typer.Option(min=1, max=100)] = 50,
    after: Annotated[str | None, typer.Option(metavar="NEXT", help="The next page: what this one ends with.")] = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """List bookings, the newest first."""
    from relay.web.booking_filter import Listing
    from relay.web.booking_shown import ShownBooking

    given = _narrowed(search, tab, stage, action, promotion, offer, variant, partner, staff, overdue, unreached, expired)
    wanted = made(Listing, {**given, "order": order, "limit": limit, "after": after})
    page = asked(config, lambda core: core.bookings.page(wanted.filter(), wanted.order, wanted.limit, wanted.after))
    now = clock()
    tell_all([ShownBooking.of(one, now) for one in page.items], page.next, json=json)


@app.command()
def counts(partner: OfPartner = None, staff: OfStaff = None, config: ConfigFile = None, json: AsJson = False) -> None:
    """Count bookings by where they stand (SV-21)."""
    from relay.booking.selection import Filter
    from relay.web.words import word

    wanted = Filter(partner=partner, staff=staff, expired=True)
    found = asked(config, lambda core: core.bookings.counts(wanted))
    told = {word(tab): number for tab, number in found.tabs.items()}
    told |= {"unseen": found.unseen, "not_contacted": found.not_contacted, "overdue": found.overdue}
    as_json(told) if json else facts([(name.replace("_", " "), str(number)) for name, number in told.items()])


@app.command("ask-again")
def ask_again(
    reference: Reference,
    terms: Annotated[Path | None, typer.Option(metavar="FILE", help="What is different, JSON as the HTTP API takes it.")] = None,
    by: By = "operator",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Make a new request with the data of what is over (OR-35)."""
    from relay.web.booking_shown import ShownBooking
    from relay.web.terms import GivenTerms

    instead = read_as(GivenTerms, read_file(terms), str(terms)).terms() if terms is not None else None
    found = asked(config, lambda core: core.bookings.ask_again(reference, instead, by, None))
    tell(ShownBooking.of(found, clock()), json=json)


@app.command()
def history(reference: Reference, config: ConfigFile = None, json: AsJson = False) -> None:
    """What happened to a booking, the oldest first."""
    from relay.web.booking_shown import ShownStep

    steps = [ShownStep.of(one) for one in asked(config, lambda core: core.bookings.history(reference))]
    if json:
        all_as_json([one.model_dump(mode="json") for one in steps])
        return
    table(
        ("version", "at", "act", "actor", "by", "stage", "reason"),
        [
            (str(one.version), instant(one.at) or "", one.act, one.actor.value, one.by, one.stage.value, one.reason)
            for one in steps
        ],
        none="nothing happened to it yet",
    )


@app.command()
def forecast(reference: Reference, config: ConfigFile = None, json: AsJson = False) -> None:
    """What comes next by itself, when and why; and for whom it waits."""
    from relay.web.booking_shown import Forecast

    told = Forecast.of(*asked(config, lambda core: core.bookings.forecast(reference)))
    if json:
        as_json(told.model_dump(mode="json"))
        return
    if told.waits_for is not None:
        say(f"waits for the {told.waits_for.actor.value}: {told.waits_for.why}")
    table(
        ("at", "what", "why"),
        [
            (minute(one.at), one.act.value if one.act is not None else f"reminds the {one.mails[0].to}", one.why)
            for one in told.items
        ],
        none="nothing comes by itself",
    )


@app.command()
def ledger(reference: Reference, config: ConfigFile = None, json: AsJson = False) -> None:
    """What was paid and given back, entry by entry."""
    from relay.web.booking_shown import ShownEntry

    entries = [ShownEntry.of(one) for one in asked(config, lambda core: core.bookings.ledger(reference))]
    if json:
        all_as_json([one.model_dump(mode="json") for one in entries])
        return
    table(
        ("at", "what", "amount", "by"),
        [(minute(one.at), one.kind.value, one.amount.text, one.by) for one in entries],
        none="no money moved",
    )


@app.command()
def export(
    search: Text = "",
    tab: Tabs = None,
    stage: Stages = None,
    action: Action = None,
    promotion: OfPromotion = None,
    offer: OfOffer = None,
    variant: OfVariant = None,
    partner: OfPartner = None,
    staff: OfStaff = None,
    overdue: Overdue = None,
    unreached: Unreached = None,
    expired: Expired = False,
    reference: Ticked = None,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Standard output without it.")] = None,
    config: ConfigFile = None,
) -> None:
    """Write bookings as CSV that is safe to open in a spreadsheet, without anybody's address (SV-10)."""
    from relay.web.booking_filter import Narrowing

    given = _narrowed(search, tab, stage, action, promotion, offer, variant, partner, staff, overdue, unreached, expired)
    wanted = made(Narrowing, {**given, "reference": reference or []}).filter()
    if output is None:
        asked(config, lambda core: _poured(core, wanted, octets))
        return
    with output.open("wb") as file:
        asked(config, lambda core: _poured(core, wanted, file.write))


async def _poured(core: Core, wanted: Filter, pour: Callable[[bytes], object]) -> None:
    from relay.booking.selection import Order
    from relay.web import export as exported
    from relay.web.booking_shown import ShownBooking

    async def each() -> AsyncIterator[ShownBooking]:
        async for one in core.bookings.all(wanted, Order.NEWEST):
            yield ShownBooking.of(one, clock())

    async for block in exported.lines(each()):
        pour(block)


def _begin(way: str, offer: str, variant: str, given: dict[str, object], by: str, config: Path | None, *, json: bool) -> None:
    from relay.web.booking_shown import ShownBooking
    from relay.web.bookings import ToBook

    to_book = made(ToBook, {"way": way, "offer": offer, "variant": variant, **given})
    found = asked(config, lambda core: core.bookings.begin(to_book.asked(by), None))
    tell(ShownBooking.of(found, clock()), json=json)


def _customer(address: str, name: str, language: Language, time_zone: str | None) -> dict[str, object]:
    known = {"address": address, "name": name, "language": language, "time_zone": time_zone}
    return {"customer": known}


def _when(slot: str | None, starts: str | None, ends: str | None, time_zone: str) -> dict[str, object]:
    if (starts is None) != (ends is None):
        raise typer.BadParameter("--starts and --ends go together")
    if starts is None or ends is None:
        return {"slot": slot}
    begins, over = instant_of(starts, time_zone, "--starts"), instant_of(ends, time_zone, "--ends")
    return {"slot": slot, "occasion": {"starts_at": begins, "ends_at": over, "time_zone": time_zone}}


def _what(
    participants: int, choices: list[str] | None, note: str, staff: str | None, channel: str, audience: str
) -> dict[str, object]:
    chosen = []
    for one in choices or ():
        key, _, number = one.partition("=")
        if number and not number.isdecimal():
            raise typer.BadParameter("write KEY or KEY=N", param_hint="--choose")
        chosen.append({"price": key, "quantity": int(number or 1)})
    return {
        "participants": participants,
        "choices": chosen,
        "note": note,
        "staff": staff,
        "channel": channel,
        "audience": audience,
    }


def _narrowed(
    search: str,
    tabs: list[str] | None,
    stages: list[str] | None,
    action: str | None,
    promotion: str | None,
    offer: str | None,
    variant: str | None,
    partner: str | None,
    staff: str | None,
    overdue: bool | None,
    unreached: bool | None,
    expired: bool,
) -> dict[str, object]:
    return {
        "q": search,
        "tab": tabs or [],
        "stage": stages or [],
        "action": [action] if action is not None else [],
        "promotion": promotion,
        "offer": offer,
        "variant": variant,
        "partner": partner,
        "staff": staff,
        "overdue": overdue,
        "unreached": unreached,
        "expired": expired,
    }
