"""A conversation as a bundle that proves itself (AR-1 export)."""

from __future__ import annotations

from datetime import datetime

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Engine

from relay.app.recording import record_key, record_key_file
from relay.correspondence.bundle import bundled, zipped
from relay.record.contents import Profile
from relay.record.head import fingerprint, signature
from relay.settings import Settings
from relay.store import access_log, bundling, record
from relay.store.access_log import Look
from relay.store.bundling import Making
from relay.store.engine import reading, writing
from relay.transit.casework import Looked

numbered_at_once = 1_000


def up_to_date(settings: Settings, engine: Engine, now: datetime) -> record.SignedHead | None:
    """Every entry that there is has its leaf, and a head over all of them is signed. Raises WrongConfiguration, Unavailable."""
    key = record_key(record_key_file(settings.relay.state_dir))
    while True:
        with writing(engine) as connection:
            if record.number_some(connection, numbered_at_once) == 0:
                record.sign(connection, key, now)
                return record.last_head(connection)


def exported(settings: Settings, engine: Engine, reference: str, profile: Profile, *, by: str, now: datetime) -> bytes:
    """The bundle of that booking's conversation, as a ZIP file; that it was made is noted, by whom (AR-1 access audit).

    Raises NotFound, Conflict, WrongConfiguration and Unavailable.
    """
    up_to_date(settings, engine, now)
    key = record_key(record_key_file(settings.relay.state_dir))
    public = key.public_key()
    making = Making(
        profile=profile,
        at=now,
        house=settings.relay.brand,
        domain=settings.relay.domain,
        key=public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        fingerprint=fingerprint(public),
    )
    with reading(engine) as connection:
        contents = bundling.contents(connection, reference, making)
    with writing(engine) as connection:
        access_log.note(connection, Look(by, by, Looked.EXPORT, reference, reason=profile.value), now)
    return zipped(bundled(contents, lambda text: signature(text, key)), f"conversation-{_safe(reference)}")


def _safe(reference: str) -> str:
    return "".join(one if one.isascii() and (one.isalnum() or one in "-_") else "-" for one in reference)
