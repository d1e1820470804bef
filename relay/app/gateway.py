"""The gateway put together: settings in, everything that runs in one process out."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from pathlib import Path

from relay.app import addressing
from relay.app.archive import Archive, opened_store
from relay.app.keys import Secrets, signing_key
from relay.correspondence.house import House
from relay.errors import WrongConfiguration
from relay.inbound.accept import Acceptance
from relay.inbound.antivirus import Clamd
from relay.inbound.decide import Decider
from relay.inbound.directory import Directory
from relay.inbound.filetypes import FileTypes
from relay.inbound.gather import Gatherer
from relay.inbound.house_mail import HouseMail
from relay.inbound.limits import Limits
from relay.inbound.server import SmtpServer
from relay.inbound.tls import server_context
from relay.machine import NewIds, clock
from relay.message.seal import Seal
from relay.message.terms import Style
from relay.outbound import lanes
from relay.outbound.connecting import Connector
from relay.outbound.courier import Courier
from relay.outbound.signing import Signer
from relay.outbound.telling import Telling
from relay.policy import facts
from relay.settings import Enforcement, Refusals, Scanning, Settings
from relay.store.steps import Mint
from relay.store.store import Store
from relay.transit.return_path import ReturnPaths
from relay.values import NewId


@dataclass(frozen=True, slots=True)
class Gateway:
    """Everything that runs in one process, made and not yet started."""

    settings: Settings
    store: Store
    archive: Archive
    courier: Courier
    smtp: SmtpServer
    scanner: Clamd | None
    new_id: NewId
    mint: Mint
    return_paths: ReturnPaths


def built(settings: Settings, worker: str) -> Gateway:
    """The gateway that `settings` describe. Raises WrongConfiguration with all faults, and Unavailable."""
    if obstacles := settings.obstacles():
        raise WrongConfiguration(*obstacles)
    state_dir, domain = settings.relay.state_dir, settings.relay.domain
    new_id = NewIds()
    own = Secrets.at(state_dir)
    signer = Signer.from_pem(domain, settings.dkim.selector, signing_key(settings))
    house = House(settings.relay.brand, domain, str(settings.relay.support_url), settings.policy.names)
    return_paths = addressing.return_paths(settings)
    scanner = Clamd(addressing.scanner_place(settings)) if settings.antivirus.mode is Scanning.REQUIRED else None
    store = opened_store(settings)
    archive = Archive(store, worker)
    telling = Telling(archive, house, signer.signed, new_id)
    courier = Courier(
        outbox=archive,
        notices=telling,
        route=addressing.way_out(settings),
        opener=Connector(settings.smtp_hostname),
        clock=clock,
        monotonic=time.monotonic,
        jitter=random.random,
        # Commands work on the table alone: what they make due is to be noticed while somebody still watches.
        limits=lanes.Limits(poll_s_max=2.0),
    )
    operators = settings.relay.operators
    acceptance = Acceptance(
        gatherer=Gatherer(
            conversations=store,
            scanner=scanner,
            file_types=FileTypes(),
            house=facts.House(
                attachment_bytes_max=settings.policy.attachments_max,
                third_parties=settings.policy.third_party_cc,
                encrypted=settings.policy.encrypted,
            ),
            customer_prefix=settings.relay.customer_prefix,
            domain=domain,
            authentication_off=settings.authentication.mode is Enforcement.OFF,
        ),
        decider=Decider(
            style=Style(
                brand=settings.relay.brand,
                domain=domain,
                seal=Seal(own.seal, domain),
                names=settings.policy.names,
                unknown_addresses=settings.policy.unknown_addresses,
                remote_images=settings.policy.remote_images,
                document_metadata=settings.policy.document_metadata,
                to_header=settings.policy.to_header,
                house_domains=(domain,),
            ),
            house=house,
            reject=settings.policy.refusals is Refusals.REJECT,
            attachment_bytes_max=settings.policy.attachments_max,
            new_id=new_id,
        ),
        archive=archive,
        courier=courier,
        house_mail=HouseMail(archive, courier, telling, return_paths, operators, signer.signed, house, new_id, scanner),
        sign=signer.signed,
        return_paths=return_paths,
        new_id=new_id,
    )
    tarpit_s = settings.smtp.tarpit.total_seconds()
    certificate, key = settings.smtp.tls_certificate, settings.smtp.tls_key
    smtp = SmtpServer(
        Directory(domain, store, return_paths, clock),
        acceptance,
        hostname=settings.smtp_hostname,
        clock=clock,
        new_id=new_id,
        limits=Limits(
            message_octets_max=settings.smtp.message_max,
            connections_max=settings.smtp.connections_max,
            tarpit_s_min=tarpit_s,
            tarpit_s_max=5 * tarpit_s,
        ),
        tls=server_context(certificate, key) if certificate is not None and key is not None else None,
        spool_directory=_made(state_dir / "spool"),
    )
    return Gateway(settings, store, archive, courier, smtp, scanner, new_id, addressing.mint(settings, new_id), return_paths)


def _made(directory: Path) -> Path:
    """A directory of ours that nobody else reads."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise WrongConfiguration(f"{directory}: {error.strerror}") from error
    return directory
