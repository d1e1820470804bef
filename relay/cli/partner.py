"""`relay partner`: who provides what is offered, and their staff."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relay.cli.desks import asked, made, read_as, read_file
from relay.cli.options import AsJson, By, ConfigFile
from relay.cli.printing import all_as_json, as_json, facts, table
from relay.values import Language

if TYPE_CHECKING:
    from relay.booking.partner import Partner
    from relay.web.partners import NewPartner, PartnerChange

app = typer.Typer(
    name="partner",
    help="Partners: add, show, list, change; staff that comes and goes.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Id = Annotated[str, typer.Argument(metavar="ID", help="The house's own id of the partner.")]
Name = Annotated[str | None, typer.Option(help="As customers see it.")]
Languages = Annotated[list[Language] | None, typer.Option("--language", help="The first is theirs; may be repeated.")]
TimeZone = Annotated[str | None, typer.Option(metavar="ZONE")]
Addresses = Annotated[list[str] | None, typer.Option("--address", metavar="ADDRESS", help="Of the team; may be repeated.")]
Senders = Annotated[
    list[str] | None, typer.Option("--sender", metavar="ADDRESS", help="From which their booking system writes; may be repeated.")
]
Tier = Annotated[str | None, typer.Option(help="basic or gold; custom requests take gold (SL-2).")]
Account = Annotated[str | None, typer.Option(help="none, pending or active: at the payment provider.")]
File = Annotated[
    Path | None, typer.Option(metavar="FILE", help='All of it as JSON, as the HTTP API takes it; "-": standard input.')
]


@app.command()
def add(
    id_: Annotated[str | None, typer.Argument(metavar="ID", help="The house's own id; not with --file.")] = None,
    name: Name = None,
    language: Languages = None,
    time_zone: TimeZone = None,
    address: Addresses = None,
    sender: Senders = None,
    tier: Tier = None,
    account: Account = None,
    file: File = None,
    by: By = "operator",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Add a partner."""
    from relay.web.partners import NewPartner

    new: NewPartner
    if file is not None:
        new = read_as(NewPartner, read_file(file), str(file))
    else:
        new = made(NewPartner, {"id": id_, **_given(name, language, time_zone, address, sender, tier, account)})
    partner = new.partner()
    asked(config, lambda core: core.catalogue.add(partner, by=by))
    _tell(partner, json=json)


@app.command()
def change(
    id_: Id,
    name: Name = None,
    language: Languages = None,
    time_zone: TimeZone = None,
    address: Addresses = None,
    sender: Senders = None,
    tier: Tier = None,
    account: Account = None,
    active: Annotated[bool | None, typer.Option("--active/--inactive", help="Whether anything of theirs can be booked.")] = None,
    by: By = "operator",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Change a partner; what is not given stays as it is."""
    from relay.web.changing import replaced
    from relay.web.partners import PartnerChange

    given = {**_given(name, language, time_zone, address, sender, tier, account), "is_active": active}
    changed: PartnerChange = made(PartnerChange, given)
    changes = changed.changes()
    _tell(asked(config, lambda core: core.catalogue.partners.change(id_, replaced(changes), by)), json=json)


@app.command()
def show(id_: Id, config: ConfigFile = None, json: AsJson = False) -> None:
    """Show a partner, without the addresses."""
    _tell(asked(config, lambda core: core.catalogue.partners.one(id_)), json=json)


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    after: Annotated[str | None, typer.Option(metavar="ID", help="The next page: the last id of this page.")] = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """List partners, in the order of their ids."""
    from relay.web.partners import ShownPartner

    found = asked(config, lambda core: core.catalogue.partners.page(None, limit, after))
    if json:
        all_as_json([ShownPartner.of(one).model_dump(mode="json") for one in found])
        return
    table(
        ("id", "name", "languages", "tier", "account", "staff"),
        [
            (
                one.id,
                one.name,
                " ".join(each.value for each in one.languages),
                one.tier.value,
                one.account.value,
                str(len(one.staff)),
            )
            for one in found
        ],
        none="no partners",
    )


@app.command()
def employ(
    id_: Id,
    staff: Annotated[str, typer.Argument(metavar="STAFF", help="The id of whoever comes, or changes.")],
    name: Annotated[str, typer.Option()],
    address: Annotated[str, typer.Option(metavar="ADDRESS")],
    language: Annotated[Language, typer.Option()] = Language.EN,
    sees_team: Annotated[bool, typer.Option("--sees-team", help="Also what is assigned to others, or nobody (OR-3).")] = False,
    by: By = "operator",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Add a member of the staff, or put one in the place of another."""
    from relay.web.partners import NewStaff, employed

    given = {"id": staff, "name": name, "address": address, "language": language, "sees_team": sees_team}
    member = made(NewStaff, given).member()
    _tell(asked(config, lambda core: core.catalogue.partners.change(id_, employed(member), by)), json=json)


@app.command()
def dismiss(
    id_: Id,
    staff: Annotated[str, typer.Argument(metavar="STAFF")],
    by: By = "operator",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """A member of the staff leaves; what they had is the team's."""
    from relay.web.partners import dismissed

    _tell(asked(config, lambda core: core.catalogue.partners.change(id_, dismissed(staff), by)), json=json)


def _given(
    name: str | None,
    languages: list[Language] | None,
    time_zone: str | None,
    addresses: list[str] | None,
    senders: list[str] | None,
    tier: str | None,
    account: str | None,
) -> dict[str, object]:
    return {
        "name": name,
        "languages": languages or None,
        "time_zone": time_zone,
        "addresses": addresses or None,
        "senders": senders or None,
        "tier": tier,
        "account": account,
    }


def _tell(partner: Partner, *, json: bool) -> None:
    from relay.web.partners import ShownPartner

    shown = ShownPartner.of(partner)
    if json:
        as_json(shown.model_dump(mode="json"))
        return
    facts(
        [
            ("id", shown.id),
            ("name", shown.name),
            ("languages", " ".join(one.value for one in shown.languages)),
            ("time zone", shown.time_zone),
            ("addresses", f"{shown.known_addresses} known, {shown.known_senders} further senders"),
            ("tier", partner.tier.value),
            ("account", partner.account.value),
            *(("staff", f"{one.id}  {one.name}{', sees the team' if one.sees_team else ''}") for one in shown.staff),
            ("lacks", shown.lacks or "nothing"),
            ("active", "yes" if shown.is_active else "no"),
        ]
    )
