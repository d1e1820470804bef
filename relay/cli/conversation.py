"""`relay conversation`: two parties, two aliases, a window (GW-1 to GW-5)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from relay.cli.opened import opened
from relay.cli.options import AsJson, By, ConfigFile
from relay.cli.printing import Json, all_as_json, as_json, facts, instant, minute, table
from relay.conversation import Conversation, KnownDomain, Opening, Party, Standing
from relay.conversation import activity_end as end_of_activity
from relay.machine import NewIds, clock
from relay.values import ConversationId, Language, NameShown, RealAddress, Role

app = typer.Typer(
    name="conversation",
    help="Conversations: open, show, list, confirm, close, extend, move, reopen, resume; addresses and domains of a party.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Reference = Annotated[str, typer.Argument(metavar="REFERENCE", help="The booking's reference.")]
TimeZone = Annotated[
    str, typer.Option("--time-zone", "--partner-time-zone", metavar="ZONE", help="Of a date, or a time without an offset.")
]
Until = Annotated[str, typer.Option("--until", metavar="ISO8601", help="The new end of the window; a date ends with that day.")]


@app.command("open")
def open_(
    reference: Annotated[str, typer.Option(help="The booking's reference.")],
    partner_email: Annotated[list[str], typer.Option(metavar="ADDRESS", help="Known address of the partner; may be repeated.")],
    partner_name: Annotated[str, typer.Option()],
    customer_email: Annotated[list[str], typer.Option(metavar="ADDRESS", help="Known address of the customer; may be repeated.")],
    customer_name: Annotated[str, typer.Option()],
    activity_end: Annotated[str, typer.Option(metavar="ISO8601", help="When the activity ends; a date ends with that day.")],
    pending: Annotated[bool, typer.Option("--pending", help="Not confirmed yet, so not open.")] = False,
    partner_language: Annotated[Language, typer.Option()] = Language.EN,
    customer_language: Annotated[Language, typer.Option()] = Language.EN,
    time_zone: TimeZone = "UTC",
    by: By = "operator",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Open a conversation and print its two aliases."""
    from relay.app.addressing import mint
    from relay.store.steps import open_conversation

    try:
        opening = Opening(
            reference=reference,
            partner_name=partner_name,
            partner_addresses=_addresses(partner_email, "--partner-email"),
            customer_name=customer_name,
            customer_addresses=_addresses(customer_email, "--customer-email"),
            activity_end=_instant(activity_end, time_zone, "--activity-end"),
            pending=pending,
            partner_language=partner_language,
            customer_language=customer_language,
        )
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong)) from None
    with opened(config) as house:
        window_after = house.settings.policy.window_after_activity
        aliases = mint(house.settings, NewIds())
        with house.writing() as connection:
            conversation = open_conversation(connection, opening, aliases, now=clock(), window_after=window_after, by=by)
        if json:
            as_json(_contract(conversation))
        else:
            _print(conversation, clock())


@app.command()
def show(reference: Reference, config: ConfigFile = None, json: AsJson = False) -> None:
    """Show a conversation."""
    from relay.store.conversations import by_reference

    with opened(config) as house, house.reading() as connection:
        _tell(by_reference(connection, reference), json=json)


@app.command("list")
def list_(
    standing: Annotated[Standing | None, typer.Option(help="Only these.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    after: Annotated[str | None, typer.Option(metavar="ID", help="The next page: the id of the last one of this page.")] = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """List conversations, the newest first."""
    from relay.store.conversations import listed

    now = clock()
    start = ConversationId(after) if after is not None else None
    with opened(config) as house, house.reading() as connection:
        page = listed(connection, now=now, standing=standing, limit=limit, after=start)
    if json:
        all_as_json([_whole(one, now) for one in page])
        return
    table(
        ("reference", "standing", "opens", "closes", "partner", "customer"),
        [
            (
                one.reference,
                one.standing(now).value,
                minute(one.window.opens_at),
                minute(one.window.closes_at),
                str(one.partner.alias),
                str(one.customer.alias),
            )
            for one in page
        ],
        none="no conversations",
    )


@app.command()
def confirm(reference: Reference, by: By = "operator", config: ConfigFile = None, json: AsJson = False) -> None:
    """The booking is confirmed: open the conversation (GW-3)."""
    from relay.store import steps

    with opened(config) as house, house.writing() as connection:
        window_after = house.settings.policy.window_after_activity
        after = steps.confirm(connection, reference, now=clock(), window_after=window_after, by=by)
    _tell(after, json=json)


@app.command()
def close(reference: Reference, by: By = "operator", config: ConfigFile = None, json: AsJson = False) -> None:
    """Close a conversation before its time: no more mail passes."""
    from relay.store import steps

    with opened(config) as house, house.writing() as connection:
        after = steps.close(connection, reference, now=clock(), by=by)
    _tell(after, json=json)


@app.command()
def extend(
    reference: Reference,
    until: Until,
    time_zone: TimeZone = "UTC",
    by: By = "operator",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Let the parties write for longer, also when the window is over."""
    from relay.store import steps

    closes_at = _instant(until, time_zone, "--until")
    with opened(config) as house, house.writing() as connection:
        after = steps.extend(connection, reference, closes_at, now=clock(), by=by)
    _tell(after, json=json)


@app.command()
def move(
    reference: Reference,
    activity_end: Annotated[str, typer.Option("--activity-end", metavar="ISO8601", help="A date ends with that day.")],
    time_zone: TimeZone = "UTC",
    by: By = "operator",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """The activity ends at another time: the window follows it, the aliases stay."""
    from relay.store import steps

    end = _instant(activity_end, time_zone, "--activity-end")
    with opened(config) as house, house.writing() as connection:
        window_after = house.settings.policy.window_after_activity
        after = steps.move(connection, reference, end, now=clock(), window_after=window_after, by=by)
    _tell(after, json=json)


@app.command()
def reopen(
    reference: Reference,
    until: Until,
    time_zone: TimeZone = "UTC",
    by: By = "operator",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Let the parties write again after a conversation was closed or over."""
    from relay.store import steps

    closes_at = _instant(until, time_zone, "--until")
    with opened(config) as house, house.writing() as connection:
        after = steps.reopen(connection, reference, closes_at, now=clock(), by=by)
    _tell(after, json=json)


Whose = Annotated[Role, typer.Argument(help="Whose it is.")]
Address = Annotated[str, typer.Argument(metavar="ADDRESS")]
Domain = Annotated[str, typer.Argument(metavar="DOMAIN")]


@app.command("add-address")
def add_address(
    reference: Reference, role: Whose, email: Address, by: By = "operator", config: ConfigFile = None, json: AsJson = False
) -> None:
    """Let a party write from one more address (GW-5)."""
    from relay.store import known

    [address] = _addresses([email], "ADDRESS")
    with opened(config) as house, house.writing() as connection:
        after = known.add_address(connection, reference, role, address, now=clock(), by=by)
    _tell(after, json=json)


@app.command("remove-address")
def remove_address(
    reference: Reference, role: Whose, email: Address, by: By = "operator", config: ConfigFile = None, json: AsJson = False
) -> None:
    """Take an address of a party back: what comes from there is not theirs any more."""
    from relay.store import known

    [address] = _addresses([email], "ADDRESS")
    with opened(config) as house, house.writing() as connection:
        after = known.remove_address(connection, reference, role, address, now=clock(), by=by)
    _tell(after, json=json)


@app.command("add-domain")
def add_domain(
    reference: Reference,
    role: Whose,
    domain: Domain,
    subdomains: Annotated[bool, typer.Option("--subdomains", help="Also what lies below it.")] = False,
    by: By = "operator",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Let a party write from every address at a domain: their colleagues, a booking system (GW-5)."""
    from relay.store import known

    try:
        whole = KnownDomain(domain, subdomains)
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong), param_hint="DOMAIN") from None
    with opened(config) as house, house.writing() as connection:
        after = known.add_domain(connection, reference, role, whole, now=clock(), by=by)
    _tell(after, json=json)


@app.command("remove-domain")
def remove_domain(
    reference: Reference, role: Whose, domain: Domain, by: By = "operator", config: ConfigFile = None, json: AsJson = False
) -> None:
    """Take a domain of a party back: its addresses are not theirs any more."""
    from relay.store import known

    with opened(config) as house, house.writing() as connection:
        after = known.remove_domain(connection, reference, role, domain.strip(), now=clock(), by=by)
    _tell(after, json=json)


@app.command()
def resume(
    reference: Reference,
    role: Annotated[Role, typer.Argument(help="To whom mail is to go again.")],
    by: By = "operator",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Let mail go to a party again, after a complaint or after their addresses were found dead (GW-54)."""
    from relay.store import steps

    with opened(config) as house, house.writing() as connection:
        after = steps.resume(connection, reference, role, now=clock(), by=by)
    _tell(after, json=json)


def _addresses(given: list[str], option: str) -> tuple[RealAddress, ...]:
    try:
        return tuple(RealAddress(text.strip()) for text in given)
    except ValueError:
        raise typer.BadParameter("not a mail address", param_hint=option) from None


def _instant(text: str, zone: str, option: str) -> datetime:
    try:
        of_the_place = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise typer.BadParameter(f"no time zone {zone!r}; write for example Europe/Rome", param_hint="--time-zone") from None
    try:
        return end_of_activity(text, of_the_place)
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong).removeprefix("activity end: "), param_hint=option) from None


def _contract(conversation: Conversation) -> dict[str, Json]:
    """What design.md section 5 promises, and nothing else."""
    return {
        "reference": conversation.reference,
        "partner_alias": str(conversation.partner.alias),
        "customer_alias": str(conversation.customer.alias),
        "opens_at": instant(conversation.window.opens_at),
        "closes_at": instant(conversation.window.closes_at),
    }


def _whole(conversation: Conversation, now: datetime) -> dict[str, Json]:
    return {
        **_contract(conversation),
        "id": conversation.id,
        "standing": conversation.standing(now).value,
        "activity_end": instant(conversation.activity_end),
        "closed_at": instant(conversation.closed_at),
        **{party.role.value: _party(party) for party in conversation.parties()},
    }


def _party(party: Party) -> dict[str, Json]:
    """A party without what would reveal them: the first word of the name, and how many addresses are known."""
    return {
        "name": party.shown_name(NameShown.FIRST),
        "language": party.language.value,
        "known_addresses": len(party.addresses),
        "known_domains": len(party.domains),
        "dead_addresses": len(party.dead),
        "suspended_at": instant(party.suspended_at),
    }


def _tell(conversation: Conversation, *, json: bool) -> None:
    if json:
        as_json(_whole(conversation, clock()))
    else:
        _print(conversation, clock())


def _print(conversation: Conversation, now: datetime) -> None:
    rows = [("booking", conversation.reference), ("standing", conversation.standing(now).value)]
    for party in conversation.parties():
        known = f"{len(party.addresses)} known {'address' if len(party.addresses) == 1 else 'addresses'}"
        known += f", {len(party.domains)} known {'domain' if len(party.domains) == 1 else 'domains'}" if party.domains else ""
        stopped = f", {len(party.dead)} dead" if party.dead else ""
        stopped += f", suspended since {minute(party.suspended_at)}" if party.suspended_at is not None else ""
        about = f"{party.alias}  {party.shown_name(NameShown.FIRST)}, {party.language.value}, {known}{stopped}"
        rows.append((party.role.value, about))
    rows += [
        ("opens", "once confirmed" if conversation.window.opens_at is None else minute(conversation.window.opens_at)),
        ("closes", minute(conversation.window.closes_at)),
    ]
    if conversation.closed_at is not None:
        rows.append(("closed", minute(conversation.closed_at)))
    facts(rows)
