"""What a message is decided by, as the configuration says: for mail that comes in, and for what is decided anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from urllib.parse import urlsplit

from relay.app import addressing
from relay.app.keyring import signer
from relay.app.keys import Secrets
from relay.app.sending import resolver
from relay.correspondence.house import House
from relay.correspondence.notifications.matter import Guide
from relay.desk.anew import Anew
from relay.desk.queue import QueueDesk
from relay.inbound.antivirus import Clamd
from relay.inbound.crossings import Crossings
from relay.inbound.decide import Decider, QuestionPages
from relay.inbound.filetypes import FileTypes
from relay.inbound.gather import Gatherer, Prover
from relay.inbound.judging import Judging
from relay.inbound.prover import DomainProver, FrontProver, Lookups
from relay.machine import NewIds, clock, secret
from relay.message.seal import Seal
from relay.message.terms import Style
from relay.message.treatment import Treatments
from relay.policy import facts
from relay.settings import Enforcement, PaymentProvider, Refusals, Scanning, Settings
from relay.store.store import Store
from relay.values import NewId


def scanner(settings: Settings) -> Clamd | None:
    """The antivirus daemon; None where the house does without."""
    return Clamd(addressing.scanner_place(settings)) if settings.antivirus.mode is Scanning.REQUIRED else None


def prover(settings: Settings, names: Callable[[], Lookups]) -> Prover | None:
    """Who finds out whether a writer is who the From field says; None where the house takes a known address for proof.

    `names` gives whom to ask, and is called where DNS is needed alone. Raises WrongConfiguration.
    """
    if settings.authentication.mode is Enforcement.OFF:
        return None
    if settings.authentication.trusted_authserv_id:
        return FrontProver(settings.authentication.trusted_authserv_id)
    return DomainProver(names())


def house(settings: Settings) -> House:
    """What our own mail says about this marketplace."""
    return House(settings.relay.brand, settings.relay.domain, str(settings.relay.support_url), settings.policy.names)


def guide(settings: Settings) -> Guide:
    """What mails about bookings tell everybody: the house's pages, how long a refund takes, and how to pay by hand."""
    booking, payments = settings.booking, settings.payments
    pages = (str(booking.help_url), str(booking.terms_url), str(booking.review_url))
    pays_online = payments.provider is not PaymentProvider.MANUAL
    return Guide(*pages, booking.refund_days, pays_online, "" if pays_online else payments.how_to_pay)


def style(settings: Settings) -> Style:
    """The switches of `[policy]` as renditions follow them."""
    policy, domain = settings.policy, settings.relay.domain
    pages = (settings.relay.support_url, settings.web.base_url)
    return Style(
        brand=settings.relay.brand,
        domain=domain,
        seal=Seal(Secrets.at(settings.relay.state_dir).seal, domain),
        names=policy.names,
        treatments=Treatments(
            unknown_addresses=policy.unknown_addresses,
            phone_numbers=policy.phone_numbers,
            ibans=policy.ibans,
            links=policy.links,
        ),
        remote_images=policy.remote_images,
        document_metadata=policy.document_metadata,
        to_header=policy.to_header,
        house_domains=(domain,),
        house_hosts=tuple(urlsplit(page).hostname or "" for page in pages),
    )


def crossings(settings: Settings, sign: Callable[[bytes, datetime], bytes], new_id: NewId) -> Crossings:
    """Makes what goes out of what was decided. Raises WrongConfiguration."""
    return Crossings(sign, addressing.return_paths(settings), new_id)


def queue_desk(settings: Settings, store: Store) -> QueueDesk:
    """The desk of `relay queue`, over a database that the caller closes. Raises WrongConfiguration."""
    new_id = NewIds()

    def anew() -> Anew:
        sign = signer(settings).signed
        return Anew(
            store,
            judging(settings, store, scanner(settings), prover(settings, partial(resolver, settings)), new_id),
            crossings(settings, sign, new_id),
            house(settings),
        )

    return QueueDesk(store, addressing.return_paths(settings), new_id, clock, anew)


def judging(settings: Settings, store: Store, scans: Clamd | None, prover: Prover | None, new_id: NewId) -> Judging:
    """Judges by the policy of `settings`. Raises WrongConfiguration."""
    domain = settings.relay.domain
    return Judging(
        gatherer=Gatherer(
            conversations=store,
            scanner=scans,
            file_types=FileTypes(),
            local_policy=facts.LocalPolicy(
                attachment_bytes_max=settings.policy.attachments_max,
                third_parties=settings.policy.third_party_cc,
                encrypted=settings.policy.encrypted,
                rates=facts.Rates(settings.policy.writer_rate, settings.policy.conversation_rate),
            ),
            customer_prefix=settings.relay.customer_prefix,
            domain=domain,
            prover=prover,
        ),
        decider=Decider(
            style=style(settings),
            house=house(settings),
            reject=settings.policy.refusals is Refusals.REJECT,
            attachment_bytes_max=settings.policy.attachments_max,
            new_id=new_id,
            removal_hint=settings.policy.removal_hint,
            pages=QuestionPages(str(settings.web.base_url), secret),
        ),
    )
