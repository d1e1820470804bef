"""`relay account`: those of the house who sign in to the pages, and which offices they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from relay.cli.opened import opened
from relay.cli.options import AsJson, ConfigFile
from relay.cli.printing import all_as_json, as_json, instant, minute, say, table
from relay.errors import NotDone
from relay.machine import clock
from relay.values import Language, RealAddress
from relay.web.site.viewer import Office

if TYPE_CHECKING:
    from relay.store.accounts import Account

app = typer.Typer(
    name="account",
    help="Those of the house who sign in to the pages: add, list, change, disable.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Id = Annotated[str, typer.Argument(metavar="ID", help="A short word, by which histories name them: eva.")]
Offices = Annotated[list[Office], typer.Option("--office", help="What they may do; may be repeated. None implies another.")]


@app.command()
def add(
    id_: Id,
    name: Annotated[str, typer.Option(help="As colleagues know them.")],
    address: Annotated[str, typer.Option(help="Their mail address: links to sign in go there.")],
    office: Offices,
    language: Annotated[Language, typer.Option(help="In which they read.")] = Language.EN,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Let somebody of the house sign in."""
    from relay.store import accounts

    account = accounts.Account(id_, name, _address(address), frozenset(one.value for one in office), language, created_at=clock())
    with opened(config) as house, house.writing() as connection:
        accounts.add(connection, account)
    _tell(account, json=json)


@app.command("list")
def list_(config: ConfigFile = None, json: AsJson = False) -> None:
    """List them, those who are disabled too. Addresses are not shown."""
    from relay.store import accounts

    with opened(config) as house, house.reading() as connection:
        listed = accounts.listed(connection)
    if json:
        all_as_json([_as_json(one) for one in listed])
        return
    table(
        ("id", "name", "offices", "language", "since", "disabled"),
        [
            (one.id, one.name, " ".join(sorted(one.offices)), one.language.value, minute(one.created_at), minute(one.disabled_at))
            for one in listed
        ],
        none="no accounts",
    )


@app.command()
def change(
    id_: Id,
    name: Annotated[str | None, typer.Option(help="As colleagues know them.")] = None,
    address: Annotated[str | None, typer.Option(help="Another mail address; they have to sign in anew.")] = None,
    office: Annotated[list[Office] | None, typer.Option(help="All that they may do from now on; may be repeated.")] = None,
    language: Annotated[Language | None, typer.Option(help="In which they read.")] = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Change what is given; the rest stays. It holds from their next page on."""
    from relay.store import accounts

    wanted = accounts.Change(
        name,
        _address(address) if address is not None else None,
        frozenset(one.value for one in office) if office else None,
        language,
    )
    if wanted == accounts.Change():
        raise typer.BadParameter("say what changes")
    with opened(config) as house, house.writing() as connection:
        account = accounts.change(connection, id_, wanted)
    _tell(account, json=json)


@app.command()
def disable(id_: Id, config: ConfigFile = None) -> None:
    """Sign somebody out everywhere, and let them in no more. They stay in the list: histories name them."""
    from relay.store import accounts

    with opened(config) as house, house.writing() as connection:
        accounts.disable(connection, id_, clock())
    say(f"{id_} is disabled")


@app.command()
def enable(id_: Id, config: ConfigFile = None) -> None:
    """Let somebody in again who was disabled."""
    from relay.store import accounts

    with opened(config) as house, house.writing() as connection:
        accounts.enable(connection, id_)
    say(f"{id_} may sign in")


def _address(written: str) -> RealAddress:
    try:
        return RealAddress(written)
    except ValueError:
        raise NotDone("that is no mail address") from None


def _tell(account: Account, *, json: bool) -> None:
    if json:
        as_json(_as_json(account))
    else:
        say(f"{account.id}: {account.name}, {' '.join(sorted(account.offices))}")


def _as_json(account: Account) -> dict[str, str | list[str] | None]:
    return {
        "id": account.id,
        "name": account.name,
        "offices": sorted(account.offices),
        "language": account.language.value,
        "created_at": instant(account.created_at),
        "disabled_at": instant(account.disabled_at),
    }
