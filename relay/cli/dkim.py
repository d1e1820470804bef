"""`relay dkim`: the keys that our mail is signed with, their DNS records, and how one takes the place of another (GW-45)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from relay.app.asking import answered
from relay.cli.options import AsJson, ConfigFile
from relay.cli.printing import all_as_json, as_json, complain, instant, say
from relay.errors import NotDone, NotFound
from relay.machine import clock
from relay.settings import Settings, read

if TYPE_CHECKING:
    from relay.app.keyring import Keyring
    from relay.outbound.signing_key import SigningKey

app = typer.Typer(name="dkim", help="The keys that our mail is signed with.", no_args_is_help=True, rich_markup_mode=None)

check_s: Final = 20.0
"""What DNS is given to answer."""
Ed25519 = Annotated[bool, typer.Option("--ed25519", help="The key of the second signature (dkim.ed25519_selector).")]


def _selector(given: str) -> str:
    from relay.outbound.signing_key import is_selector, selector_form

    if given and not is_selector(given):
        raise typer.BadParameter(selector_form)
    return given


Selector = Annotated[
    str,
    typer.Option(
        "--selector",
        parser=_selector,
        metavar="LABEL",
        help="Of the new key; without it, the present one and the date.",
    ),
]


@app.command()
def generate(
    config: ConfigFile = None,
    json: AsJson = False,
    ed25519: Ed25519 = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a key that is there. Mail signed with it fails.")] = False,
) -> None:
    """Write a first key to dkim.key_file, RSA-2048, and print the DNS record that makes it known."""
    settings = read(config).settings
    ring = _ring(settings, ed25519=ed25519)
    if not force and ring.file.exists():
        raise NotDone(f"{ring.file} is there already; `relay dkim rotate` has another key take its place in good order")
    key = ring.make(replace=force)
    if not json:
        complain(f"wrote {ring.file}; publish this record, then start the gateway")
    _tell(settings, ring, key, json=json)


@app.command()
def show(config: ConfigFile = None, json: AsJson = False) -> None:
    """Print the DNS record of each key: the one in use, the next, and those whose records have to stay for a while."""
    from relay.app.keyring import keyrings
    from relay.outbound.signing_key import record_name
    from relay.zone.finding import line

    settings = read(config).settings
    domain, now = settings.relay.domain, clock()
    rows: list[tuple[str, str, str, str | None]] = []
    for ring in keyrings(settings):
        key = ring.present()
        if key is None:
            raise NotFound(f"{ring.file} does not exist yet: run `relay dkim generate{_option(ring)}`")
        rows.append(("in use", key.name(domain), key.record, None))
        if coming := ring.next():
            rows.append(("next", coming.name(domain), coming.record, None))
        for one in ring.retired():
            state = "retired" if one.until > now else "may be removed"
            rows.append((state, record_name(one.selector, domain), one.record, instant(one.until)))
    if json:
        all_as_json(
            [
                {"state": state, "name": name, "type": "TXT", "value": value, "keep_until": until}
                for state, name, value, until in rows
            ]
        )
        return
    for state, name, value, until in rows:
        say(f"; {state}" + (f", keep until {until}" if until and state == "retired" else ""))
        say(line(name, "TXT", value))


@app.command()
def rotate(
    config: ConfigFile = None,
    json: AsJson = False,
    ed25519: Ed25519 = False,
    selector: Selector = "",
) -> None:
    """Have another key take the place of the one in use, in two steps.

    The first time it writes the key and prints its record. The second time, once DNS has that record, it puts the key into use.
    """
    from relay.zone.key import key_published

    settings = read(config).settings
    ring = _ring(settings, ed25519=ed25519)
    coming = ring.next()
    if coming is None:
        key = ring.prepare(clock(), selector, _taken_beside(settings, ring))
        if not json:
            again = f"relay dkim rotate{_option(ring)}"
            complain(f"a key waits; nothing is signed with it. Publish this record, then run `{again}` again")
        _tell(settings, ring, key, json=json, step="made")
        return
    if selector and selector != coming.selector:
        raise NotDone(f"the key of {coming.selector} waits already; finish with it first")
    finding = answered(settings, key_published(coming.name(settings.relay.domain), coming.record), check_s)
    if not finding.state.passes:
        _tell(settings, ring, coming, json=json, step="waiting")
        raise NotDone(f"{finding.name}: {finding.state.value}, so the key is not used yet: {finding.fix}")
    _promote(settings, ring, json=json)


def _promote(settings: Settings, ring: Keyring, *, json: bool) -> None:
    key, before = ring.promote(clock())
    old = f"{before.selector}._domainkey.{settings.relay.domain}"
    if json:
        as_json(
            {
                **_described(settings, ring, key),
                "step": "in use",
                "old": {"name": old, "keep_until": instant(before.until)},
            }
        )
        return
    say(f"{key.selector} signs from the next reload on: systemctl reload relay (or SIGHUP, or a restart)")
    say(f"several nodes: copy {ring.file} to each of them (0600) before it is reloaded")
    say(f"keep the record at {old} until {before.until:%Y-%m-%d}: mail that it signed is still read; then remove it")


def _taken_beside(settings: Settings, ring: Keyring) -> set[str]:
    """Selectors of the other signature's keys: each names one record, for one key."""
    from relay.app.keyring import keyrings

    return {name for other in keyrings(settings) if other != ring for name in (other.selector, *other.selectors())}


def _ring(settings: Settings, *, ed25519: bool) -> Keyring:
    from relay.app.keyring import keyrings

    rings = keyrings(settings)
    if ed25519 and len(rings) == 1:
        raise NotDone('there is no second signature: write for example ed25519_selector = "relay-ed" in [dkim]')
    return rings[-1 if ed25519 else 0]


def _option(ring: Keyring) -> str:
    return " --ed25519" if ring.algorithm.value == "ed25519" else ""


def _described(settings: Settings, ring: Keyring, key: SigningKey) -> dict[str, str]:
    return {"key_file": str(ring.file), "name": key.name(settings.relay.domain), "type": "TXT", "value": key.record}


def _tell(settings: Settings, ring: Keyring, key: SigningKey, *, json: bool, step: str = "") -> None:
    from relay.zone.finding import line

    if json:
        as_json({**_described(settings, ring, key), **({"step": step} if step else {})})
    else:
        say(line(key.name(settings.relay.domain), "TXT", key.record))
