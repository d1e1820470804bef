"""`relay webhook`: other systems that are told of what happens to bookings."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from relay.cli.opened import opened
from relay.cli.options import AsJson, By, ConfigFile
from relay.cli.printing import all_as_json, as_json, complain, instant, minute, say, table
from relay.machine import NewIds, clock

if TYPE_CHECKING:
    from relay.desk.webhooks import WebhookDesk
    from relay.web.webhook_ports import Endpoint

T = TypeVar("T")

app = typer.Typer(
    name="webhook",
    help="Where events about bookings go: add, list, change, rotate secrets, see what became of each.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Id = Annotated[str, typer.Argument(metavar="ID", help="The endpoint's id.")]
Events = Annotated[list[str] | None, typer.Option("--event", help="Such as booking.accept; all without it; may be repeated.")]


@app.command()
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="https, on the internet.")],
    event: Events = None,
    by: By = "operator",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Say where events go, and print the secret they are signed with: this once."""
    endpoint, secret = _asked(config, lambda desk: desk.add(url, event or (), by))
    _tell_secret(endpoint, secret, json=json)


@app.command("list")
def list_(config: ConfigFile = None, json: AsJson = False) -> None:
    """List the endpoints."""
    from relay.web.webhooks import ShownEndpoint

    found = _asked(config, lambda desk: desk.all())
    if json:
        all_as_json([ShownEndpoint.of(one).model_dump(mode="json") for one in found])
        return
    table(
        ("id", "url", "events", "enabled", "since"),
        [
            (one.id, one.url, " ".join(one.events) or "all", "yes" if one.is_enabled else "no", minute(one.created_at))
            for one in found
        ],
        none="no endpoints",
    )


@app.command()
def change(
    id_: Id,
    event: Events = None,
    enabled: Annotated[
        bool | None, typer.Option("--enable/--disable", help="What happens while it is disabled is not told later.")
    ] = None,
    by: By = "operator",
    config: ConfigFile = None,
) -> None:
    """Say which events an endpoint wants, disable or enable it."""
    _asked(config, lambda desk: desk.change(id_, event, enabled, by))
    say(f"endpoint {id_} is changed")


@app.command()
def rotate(id_: Id, by: By = "operator", config: ConfigFile = None, json: AsJson = False) -> None:
    """Print a new secret; the old one signs too for a day."""
    endpoint, secret = _asked(config, lambda desk: desk.rotate(id_, by))
    _tell_secret(endpoint, secret, json=json)


@app.command()
def remove(id_: Id, by: By = "operator", config: ConfigFile = None) -> None:
    """Send it nothing any more; its log goes with it."""
    _asked(config, lambda desk: desk.remove(id_, by))
    say(f"endpoint {id_} is removed")


@app.command()
def log(
    id_: Id,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    after: Annotated[str | None, typer.Option(metavar="ID", help="The next page: the last id of this page.")] = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """What became of each event, the newest first."""
    from relay.web.webhooks import ShownSent

    sent = [ShownSent.of(one) for one in _asked(config, lambda desk: desk.log(id_, None, limit, after))]
    if json:
        all_as_json([one.model_dump(mode="json") for one in sent])
        return
    table(
        ("id", "event", "booking", "at", "state", "attempts", "last answer"),
        [
            (
                one.id,
                one.type,
                one.reference,
                instant(one.at) or "",
                one.state.value,
                str(len(one.tries)),
                str(one.tries[-1].code or one.tries[-1].trouble) if one.tries else "",
            )
            for one in sent
        ],
        none="nothing was sent",
    )


@app.command()
def redeliver(
    id_: Id,
    event: Annotated[str, typer.Argument(metavar="EVENT", help="Its id, from the log.")],
    by: By = "operator",
    config: ConfigFile = None,
) -> None:
    """Send an event once more, under its id."""
    _asked(config, lambda desk: desk.redeliver(id_, event, by))
    say(f"event {event} is sent again")


def _asked(config: Path | None, step: Callable[[WebhookDesk], Awaitable[T]]) -> T:
    from relay.desk.webhooks import WebhookDesk
    from relay.store.store import Store

    async def taken(store: Store, *, anywhere: bool) -> T:
        try:
            return await step(WebhookDesk(store, NewIds(), clock, secrets.token_bytes, anywhere))
        finally:
            await store.close()

    with opened(config) as house:
        return asyncio.run(taken(Store(house.engine), anywhere=house.settings.webhooks.anywhere))


def _tell_secret(endpoint: Endpoint, secret: str, *, json: bool) -> None:
    if json:
        as_json({"id": endpoint.id, "url": endpoint.url, "secret": secret})
        return
    complain(f"endpoint {endpoint.id} for {endpoint.url}; its secret is shown this once:")
    say(secret)
