"""`relay offer`: what can be booked, in which variants, at which times, and what is closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relay.cli.desks import asked, made, read_as, read_file
from relay.cli.instants import instant_of, span_of
from relay.cli.options import AsJson, By, ConfigFile
from relay.cli.printing import Json, all_as_json, as_json, facts, minute, say, table
from relay.values import Language

if TYPE_CHECKING:
    from relay.booking.catalogue import Listing, Offer, Stock

app = typer.Typer(
    name="offer",
    help="Offers: add, show, list, change, close, open; their variants, slots and profiles.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Id = Annotated[str, typer.Argument(metavar="OFFER", help="The house's own id of the offer.")]
VariantId = Annotated[str, typer.Argument(metavar="VARIANT", help="The house's own id of the variant.")]
OptionalVariant = Annotated[str | None, typer.Option("--variant", metavar="ID", help="Only this variant of it.")]
File = Annotated[Path, typer.Option(metavar="FILE", help='JSON as the HTTP API takes it; "-": standard input.')]


@app.command()
def add(
    id_: Annotated[str | None, typer.Argument(metavar="OFFER", help="The house's own id; not with --file.")] = None,
    partner: Annotated[str | None, typer.Option(metavar="ID")] = None,
    title: Annotated[str | None, typer.Option()] = None,
    language: Annotated[Language, typer.Option(help="Of the title.")] = Language.EN,
    kind: Annotated[str, typer.Option(help="one_day, several_days or goods (SL-8).")] = "one_day",
    mode: Annotated[str | None, typer.Option(help="instant, on_request, custom_request, reserve or voucher.")] = None,
    currency: Annotated[str, typer.Option(metavar="ISO4217")] = "EUR",
    time_zone: Annotated[str, typer.Option(metavar="ZONE", help="Of the activity.")] = "UTC",
    price: Annotated[str | None, typer.Option(metavar="AMOUNT", help="Of one place, such as 45.00; more with --file.")] = None,
    file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help='With its variants, JSON as the HTTP API takes it; "-": standard input.'),
    ] = None,
    by: By = "operator",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Add an offer: from a file, or a small one with one variant of the same id."""
    from relay.web.offer_models import NewOffer

    if file is not None:
        new = read_as(NewOffer, read_file(file), str(file))
    else:
        titled = {language.value: title} if title is not None else None
        prices = [{"key": "place", "title": titled, "unit": _money(price, currency), "people": 1}] if price is not None else []
        new = made(
            NewOffer,
            {
                "id": id_,
                "partner": partner,
                "title": titled,
                "kind": kind,
                "currency": currency,
                "time_zone": time_zone,
                "switches": {"mode": mode} if mode is not None else None,
                "variants": [{"id": id_, "title": titled, "prices": prices}],
            },
        )
    offer, variants = new.offer(), new.parts()
    asked(config, lambda core: core.catalogue.add(offer, *variants, by=by))
    _tell(offer, json=json)


@app.command()
def show(id_: Id, config: ConfigFile = None, json: AsJson = False) -> None:
    """Show an offer."""
    _tell(asked(config, lambda core: core.catalogue.offers.one(id_)), json=json)


@app.command("list")
def list_(
    partner: Annotated[str | None, typer.Option(metavar="ID", help="Only theirs.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    after: Annotated[str | None, typer.Option(metavar="ID", help="The next page: the last id of this page.")] = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """List offers, in the order of their ids."""
    from relay.web.offer_models import ShownOffer

    found = asked(config, lambda core: core.catalogue.offers.page(partner, limit, after))
    if json:
        all_as_json([ShownOffer.of(one).model_dump(mode="json") for one in found])
        return
    table(
        ("id", "title", "partner", "kind", "closed"),
        [(one.id, one.title.said[0].text, one.partner, one.kind.value, "closed" if one.is_closed else "") for one in found],
        none="no offers",
    )


@app.command()
def change(id_: Id, file: File, by: By = "operator", config: ConfigFile = None, json: AsJson = False) -> None:
    """Change an offer; what is not in the file stays as it is. Bookings that are made keep what they were made with."""
    from relay.web.changing import replaced
    from relay.web.offer_models import OfferChange

    changes = read_as(OfferChange, read_file(file), str(file)).changes()
    _tell(asked(config, lambda core: core.catalogue.offers.change(id_, replaced(changes), by)), json=json)


@app.command()
def close(id_: Id, variant: OptionalVariant = None, by: By = "operator", config: ConfigFile = None, json: AsJson = False) -> None:
    """Sell nothing more of an offer, or of one variant (SL-B6)."""
    _shut(id_, variant, config, by, is_closed=True, json=json)


@app.command("open")
def open_(id_: Id, variant: OptionalVariant = None, by: By = "operator", config: ConfigFile = None, json: AsJson = False) -> None:
    """Sell an offer, or one variant, again."""
    _shut(id_, variant, config, by, is_closed=False, json=json)


@app.command("add-variant")
def add_variant(id_: Id, file: File, by: By = "operator", config: ConfigFile = None, json: AsJson = False) -> None:
    """Add a variant to an offer."""
    from relay.web.offer_models import NewVariant

    variant = read_as(NewVariant, read_file(file), str(file)).variant(id_)
    asked(config, lambda core: core.catalogue.add(variant, by=by))
    _tell_variant(asked(config, lambda core: core.catalogue.listing(variant.id)), json=json)


@app.command("change-variant")
def change_variant(variant: VariantId, file: File, by: By = "operator", config: ConfigFile = None, json: AsJson = False) -> None:
    """Change a variant; what is not in the file stays as it is."""
    from relay.web.changing import replaced
    from relay.web.offer_models import VariantChange

    changes = read_as(VariantChange, read_file(file), str(file)).changes()
    asked(config, lambda core: core.catalogue.variants.change(variant, replaced(changes), by))
    _tell_variant(asked(config, lambda core: core.catalogue.listing(variant)), json=json)


@app.command()
def variant(variant: VariantId, config: ConfigFile = None, json: AsJson = False) -> None:
    """Show a variant, with the rules that hold for it and what its partner lacks."""
    _tell_variant(asked(config, lambda core: core.catalogue.listing(variant)), json=json)


@app.command("add-slot")
def add_slot(
    variant: VariantId,
    starts: Annotated[str, typer.Option(metavar="ISO8601", help="Without an offset: in --time-zone.")],
    capacity: Annotated[int, typer.Option(min=0, help="How many places there are.")],
    ends: Annotated[str | None, typer.Option(metavar="ISO8601")] = None,
    lasts: Annotated[str | None, typer.Option(metavar="DURATION", help='In place of --ends: "3h".')] = None,
    time_zone: Annotated[str, typer.Option(metavar="ZONE", help="Of the activity.")] = "UTC",
    id_: Annotated[str | None, typer.Option("--id", help="The house's own; ours without it.")] = None,
    every: Annotated[str | None, typer.Option(metavar="DURATION", help='Several: "1d" for each day, at the same time.')] = None,
    times: Annotated[int, typer.Option(min=1, max=366, help="How many, with --every.")] = 1,
    by: By = "operator",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Add a time at which there is room, or several."""
    from relay.booking.catalogue import Slot, Stock
    from relay.booking.catalogue import VariantId as Named
    from relay.booking.terms import Occasion, SlotId
    from relay.cli.instants import shifted
    from relay.machine import NewIds
    from relay.web.offer_models import ShownSlot
    from relay.web.terms import zone_named

    begins, zone = instant_of(starts, time_zone, "--starts"), zone_named(time_zone)
    length = _length(begins, ends, lasts, time_zone)
    step, new_id = span_of(every, "--every") if every is not None else timedelta(), NewIds()
    if times > 1 and not step:
        raise typer.BadParameter("several take --every", param_hint="--times")
    slots = []
    for number in range(times):
        at = shifted(begins, step * number, zone)
        own = id_ if number == 0 else None
        slots.append(Slot(SlotId(own or new_id()), Named(variant), Occasion(at, at + length, zone), capacity))
    asked(config, lambda core: core.catalogue.add(*slots, by=by))
    if json:
        all_as_json([ShownSlot.of(Stock(one, 0)).model_dump(mode="json") for one in slots])
    else:
        for one in slots:
            say(f"{one.id}  {minute(one.occasion.starts_at) if one.occasion is not None else ''}")


@app.command()
def slots(
    variant: VariantId,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    after: Annotated[str | None, typer.Option(metavar="ID", help="The next page: the last id of this page.")] = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """List the slots of a variant, with how much of each is taken (ST-4)."""
    _tell_slots(asked(config, lambda core: core.catalogue.slots(variant, None, limit, after)), json=json)


@app.command("change-slot")
def change_slot(
    slot: Annotated[str, typer.Argument(metavar="SLOT")],
    capacity: Annotated[int | None, typer.Option(min=0, help="Not less than is taken.")] = None,
    closed: Annotated[bool | None, typer.Option("--closed/--open", help="Whether nothing more is sold of it.")] = None,
    by: By = "operator",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Change how much room a slot has, close or open it."""
    _tell_slots([asked(config, lambda core: core.catalogue.change_slot(slot, capacity, closed, by))], json=json)


@app.command("add-profile")
def add_profile(file: File, by: By = "operator", config: ConfigFile = None, json: AsJson = False) -> None:
    """Say which variants may be reserved by whom, where, and on which days (ST-6)."""
    from relay.web.profiles import NewProfile, ShownProfile

    profile = read_as(NewProfile, read_file(file), str(file)).profile()
    asked(config, lambda core: core.catalogue.add(profile, by=by))
    shown = ShownProfile.of(profile).model_dump(mode="json")
    as_json(shown) if json else facts([(name, str(value)) for name, value in shown.items()])


def _shut(id_: str, variant: str | None, config: Path | None, by: str, *, is_closed: bool, json: bool) -> None:
    from relay.web.changing import replaced

    changes = {"is_closed": is_closed}
    if variant is None:
        _tell(asked(config, lambda core: core.catalogue.offers.change(id_, replaced(changes), by)), json=json)
    else:
        asked(config, lambda core: core.catalogue.variants.change(variant, replaced(changes), by))
        _tell_variant(asked(config, lambda core: core.catalogue.listing(variant)), json=json)


def _length(begins: datetime, ends: str | None, lasts: str | None, time_zone: str) -> timedelta:
    if (ends is None) == (lasts is None):
        raise typer.BadParameter("either --ends or --lasts is needed")
    length = span_of(lasts, "--lasts") if lasts is not None else instant_of(ends or "", time_zone, "--ends") - begins
    if length <= timedelta():
        raise typer.BadParameter("it has to end after it starts", param_hint="--ends")
    return length


def _money(amount: str, currency: str) -> dict[str, Json]:
    from relay.booking.money import Money

    try:
        money = Money.of(amount, currency)
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong), param_hint="--price") from None
    return {"minor": money.minor, "currency": money.currency}


def _tell(offer: Offer, *, json: bool) -> None:
    from relay.web.offer_models import ShownOffer

    shown = ShownOffer.of(offer)
    if json:
        as_json(shown.model_dump(mode="json"))
        return
    facts(
        [
            ("id", shown.id),
            ("title", offer.title.said[0].text),
            ("partner", shown.partner),
            ("kind", offer.kind.value),
            ("time zone", shown.time_zone),
            ("place", shown.place or "-"),
            ("mode", offer.switches.mode.value if offer.switches.mode is not None else "the house's"),
            ("closed", "yes" if shown.is_closed else "no"),
        ]
    )


def _tell_variant(listing: Listing, *, json: bool) -> None:
    from relay.web.offer_models import ShownVariant

    shown = ShownVariant.of(listing)
    if json:
        as_json(shown.model_dump(mode="json"))
        return
    rules = listing.rules
    facts(
        [
            ("id", shown.id),
            ("offer", shown.offer),
            ("title", listing.variant.title.said[0].text),
            *(("price", f"{one.key}  {one.unit.text}") for one in shown.prices),
            *(("option", f"{one.key}  {one.unit.text}") for one in shown.options),
            ("mode", rules.mode.value),
            ("paid", rules.pay.value),
            ("required action", listing.requirement.kind.value if listing.requirement is not None else "none"),
            ("lacks", shown.lacks or "nothing"),
            ("closed", "yes" if shown.is_closed else "no"),
        ]
    )


def _tell_slots(stocks: Sequence[Stock], *, json: bool) -> None:
    from relay.web.offer_models import ShownSlot

    shown = [ShownSlot.of(one) for one in stocks]
    if json:
        all_as_json([one.model_dump(mode="json") for one in shown])
        return
    table(
        ("id", "starts", "ends", "places", "taken", "closed"),
        [
            (
                one.id,
                minute(one.occasion.starts_at if one.occasion is not None else None),
                minute(one.occasion.ends_at if one.occasion is not None else None),
                str(one.capacity),
                str(one.taken),
                "closed" if one.is_closed else "",
            )
            for one in shown
        ],
        none="no slots",
    )
