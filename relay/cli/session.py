"""`relay session`: where somebody is signed in to the pages, and ending that."""

from __future__ import annotations

from typing import Annotated

import typer

from relay.cli.opened import opened
from relay.cli.options import AsJson, ConfigFile
from relay.cli.printing import all_as_json, as_json, instant, minute, say, table
from relay.errors import NotDone
from relay.machine import clock
from relay.values import RealAddress

app = typer.Typer(name="session", help="Where people are signed in: list, end.", no_args_is_help=True, rich_markup_mode=None)

Address = Annotated[str, typer.Option(metavar="ADDRESS", help="Of whoever reads the mail of that address.")]
Account = Annotated[str, typer.Option(metavar="ID", help="Of that account of the house.")]


@app.command("list")
def list_(address: Address = "", account: Account = "", config: ConfigFile = None, json: AsJson = False) -> None:
    """List where somebody is signed in; without an option, where those of the house are. Addresses are not shown."""
    from relay.store import accounts, sessions

    if address and account:
        raise typer.BadParameter("give an address or an account, not both")
    now = clock()
    with opened(config) as house, house.reading() as connection:
        if account:
            accounts.one(connection, account)
            listed = sessions.of_account(connection, account, now)
        elif address:
            listed = sessions.of_mailbox(connection, _key(address), now)
        else:
            listed = sessions.all_of_the_house(connection, now)
    if json:
        all_as_json(
            [
                {
                    "id": one.id,
                    "account": one.account,
                    "agent": one.agent,
                    "created_at": instant(one.created_at),
                    "last_seen_at": instant(one.last_seen_at),
                    "ends_at": instant(one.ends_at),
                }
                for one in listed
            ]
        )
        return
    table(
        ("id", "account", "browser", "since", "last used", "ends"),
        [
            (one.id, one.account or "", one.agent, minute(one.created_at), minute(one.last_seen_at), minute(one.ends_at))
            for one in listed
        ],
        none="nobody is signed in",
    )


@app.command()
def end(
    id_: Annotated[str, typer.Argument(metavar="[ID]", help="One session.")] = "",
    address: Address = "",
    account: Account = "",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """End one session, or all of somebody: whoever used it has to sign in anew."""
    from relay.store import accounts, sessions

    if sum(map(bool, (id_, address, account))) != 1:
        raise typer.BadParameter("say which: a session's ID, --address or --account")
    with opened(config) as house, house.writing() as connection:
        if id_:
            sessions.end(connection, id_)
            ended = 1
        else:
            key = _key(address) if address else accounts.one(connection, account).address.key
            ended = sessions.end_all(connection, key)
    if json:
        as_json({"ended": ended})
    else:
        say(f"{ended} ended")


def _key(address: str) -> str:
    try:
        return RealAddress(address).key
    except ValueError:
        raise NotDone("that is no mail address") from None
