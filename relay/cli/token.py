"""`relay token`: who may use the HTTP API."""

from __future__ import annotations

import secrets
from typing import Annotated

import typer

from relay.cli.opened import opened
from relay.cli.options import AsJson, ConfigFile
from relay.cli.printing import all_as_json, as_json, complain, instant, minute, say, table
from relay.machine import NewIds, clock
from relay.web.scopes import Scope

app = typer.Typer(name="token", help="Tokens of the HTTP API: create, list, revoke.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def create(
    name: Annotated[str, typer.Option(help="Who or what will use it.")],
    scope: Annotated[list[Scope], typer.Option(help="What it may do; may be repeated.")],
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Make a token and print it: this once, for only a hash of it is kept."""
    from relay.store import tokens

    scopes = [one.value for one in scope]
    with opened(config) as house, house.writing() as connection:
        token, secret = tokens.create(connection, name, scopes, now=clock(), new_id=NewIds(), random=secrets.token_bytes)
    if json:
        as_json({"id": token.id, "name": token.name, "scopes": sorted(token.scopes), "token": secret})
        return
    complain(f"token {token.id} for {token.name}; it is shown this once:")
    say(secret)


@app.command("list")
def list_(config: ConfigFile = None, json: AsJson = False) -> None:
    """List tokens, without their secrets."""
    from relay.store import tokens

    with opened(config) as house, house.reading() as connection:
        listed = tokens.listed(connection)
    if json:
        all_as_json(
            [
                {
                    "id": one.id,
                    "name": one.name,
                    "scopes": sorted(one.scopes),
                    "created_at": instant(one.created_at),
                    "last_used_at": instant(one.last_used_at),
                    "revoked_at": instant(one.revoked_at),
                }
                for one in listed
            ]
        )
        return
    table(
        ("id", "name", "scopes", "created", "last used", "revoked"),
        [
            (
                one.id,
                one.name,
                " ".join(sorted(one.scopes)),
                minute(one.created_at),
                minute(one.last_used_at),
                minute(one.revoked_at),
            )
            for one in listed
        ],
        none="no tokens",
    )


@app.command()
def revoke(id_: Annotated[str, typer.Argument(metavar="ID")], config: ConfigFile = None) -> None:
    """Make a token worthless, from now on."""
    from relay.store import tokens

    with opened(config) as house, house.writing() as connection:
        tokens.revoke(connection, id_, clock())
    say(f"token {id_} is revoked")
