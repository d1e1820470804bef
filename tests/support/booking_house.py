"""The booking core over a database, behind the HTTP side, as a process that serves has it."""

from __future__ import annotations

import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

import httpx

from relay.app import addressing
from relay.app.archive import present
from relay.app.booking import Core, core
from relay.desk.batches import BatchDesk
from relay.desk.bookings import BookingDesk
from relay.desk.catalogue import CatalogueDesk
from relay.desk.own_bookings import OwnBookingDesk
from relay.desk.parties import PartyDesk
from relay.desk.repeats import RepeatDesk
from relay.desk.webhooks import Herald, WebhookDesk
from relay.machine import NewIds, clock
from relay.settings import read
from relay.store.engine import open_engine
from relay.store.store import Store
from support.web import Web


@dataclass(frozen=True)
class Side:
    """What `support.web.Web` takes in the place of its fakes."""

    bookings: BookingDesk
    batches: BatchDesk
    catalogue: CatalogueDesk
    webhooks: WebhookDesk
    repeats: RepeatDesk
    parties: PartyDesk
    own: OwnBookingDesk


def side(core_: Core, store: Store, new_id: NewIds) -> Side:
    webhooks = WebhookDesk(store, new_id, clock, secrets.token_bytes)
    return Side(core_.bookings, core_.batches, core_.catalogue, webhooks, RepeatDesk(store), core_.parties, core_.own)


def opened(migrated: Path | None, directory: Path) -> tuple[Web, Store]:
    """The HTTP side over a new database in `directory`, a copy of `migrated`; the store is to be closed in the end."""
    if migrated is not None:
        shutil.copy(migrated, directory / "relay.db")
    file = directory / "relay.toml"
    file.write_text(
        f'[relay]\nstate_dir = "{directory}"\n[authentication]\nmode = "off"\n[antivirus]\nmode = "off"\n'
        f'[database]\nurl = "sqlite:///{directory}/relay.db"\n[dkim]\nkey_file = "{directory}/dkim.pem"\n'
    )
    settings = read(file).settings
    engine, new_id = open_engine(f"sqlite:///{directory}/relay.db"), NewIds()
    if migrated is None:
        present(engine)
    store = Store(engine)
    whole = core(settings, store, addressing.mint(settings, new_id), new_id, lambda: None, Herald(new_id))
    return Web(booking=side(whole, store, new_id)), store  # type: ignore[arg-type]  # the real ones


PARTNER = {
    "id": "p1",
    "name": "Garda Boats",
    "languages": ["it", "en"],
    "time_zone": "Europe/Rome",
    "addresses": ["team@garda.example"],
    "tier": "gold",
    "account": "active",
    "staff": [{"id": "s1", "name": "Giulia", "address": "giulia@garda.example"}],
}
PRICE = {"key": "adult", "title": {"en": "Adult"}, "unit": {"minor": 4500, "currency": "EUR"}, "people": 1}
MODES = ("instant", "on_request", "custom_request", "reserve", "voucher")
OFFER = {
    "id": "o1",
    "partner": "p1",
    "title": {"en": "Boat tour"},
    "kind": "one_day",
    "time_zone": "Europe/Rome",
    "currency": "EUR",
    "required_action": {"kind": "sign", "instruction": {"en": "Sign the contract."}},
    "variants": [{"id": f"v-{mode}", "title": {"en": mode}, "switches": {"mode": mode}, "prices": [PRICE]} for mode in MODES],
}
AT = {"starts_at": "2099-06-10T07:00:00Z", "ends_at": "2099-06-10T10:00:00Z", "time_zone": "Europe/Rome"}


async def stocked(client: httpx.AsyncClient) -> None:
    """A partner, an offer with a variant of each mode, and a slot of three places of each."""
    for path, body in (("partners", PARTNER), ("offers", OFFER)):
        answer = await client.post(f"/api/v1/{path}", json=body)
        assert answer.status_code == 201, answer.text
    for mode in MODES:
        slots = {"slots": [{"id": f"t-{mode}", "occasion": AT, "capacity": 3}]}
        answer = await client.post(f"/api/v1/offers/o1/variants/v-{mode}/slots", json=slots)
        assert answer.status_code == 201, answer.text
