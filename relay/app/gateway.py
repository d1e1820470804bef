"""The gateway put together: settings in, everything that runs in one process out."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

from relay.app import addressing, deciding, sending
from relay.app.alerting import Alerting
from relay.app.archive import Archive, opened_store
from relay.app.booking import Core, core
from relay.app.inviting import Inviting
from relay.app.keyring import Signing
from relay.app.mirroring import Mirror
from relay.app.posting import Posting
from relay.desk.anew import Anew
from relay.desk.mail_answers import MailAnswerDesk
from relay.desk.posting_matter import BookingLetters
from relay.desk.questions import QuestionDesk
from relay.desk.webhooks import Herald
from relay.errors import WrongConfiguration
from relay.inbound.accept import Acceptance
from relay.inbound.answers import AnswerMail
from relay.inbound.antivirus import Clamd
from relay.inbound.directory import Directory
from relay.inbound.house_mail import HouseMail
from relay.inbound.limits import Limits
from relay.inbound.server import SmtpServer
from relay.inbound.tls import Certificate
from relay.machine import NewIds, clock, free_octets, secret
from relay.outbound.courier import Courier
from relay.outbound.telling import Telling
from relay.outbound.tls_report import Tallies
from relay.settings import Settings
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
    tallies: Tallies
    smtp: SmtpServer
    certificate: Certificate | None
    scanner: Clamd | None
    new_id: NewId
    mint: Mint
    return_paths: ReturnPaths
    anew: Anew
    questions: QuestionDesk
    alerting: Alerting
    posting: Posting
    inviting: Inviting
    core: Core
    answers: MailAnswerDesk
    signing: Signing
    mirror: Mirror = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "mirror", Mirror(self))


def built(settings: Settings, worker: str) -> Gateway:
    """The gateway that `settings` describe. Raises WrongConfiguration with all faults, and Unavailable."""
    state_dir, domain = settings.relay.state_dir, settings.relay.domain
    new_id = NewIds()
    signing = Signing(settings)
    house = deciding.house(settings)
    return_paths = addressing.return_paths(settings)
    scanner = deciding.scanner(settings)
    store = opened_store(settings)
    archive = Archive(store, worker)
    tallies = Tallies(clock)
    # Whoever asks DNS in this process asks the same one: what it remembers, and its bounds, are for all.
    names = cache(partial(sending.resolver, settings))
    telling = Telling(archive, house, signing, new_id)
    courier = Courier(
        outbox=archive,
        notices=telling,
        route=sending.way_out(settings, store, tallies, names),
        opener=sending.connector(settings, tallies),
        clock=clock,
        monotonic=time.monotonic,
        jitter=random.random,
        limits=sending.limits(settings),
    )
    operators = settings.relay.operators
    judging = deciding.judging(settings, store, scanner, deciding.prover(settings, names), new_id)
    crossings = deciding.crossings(settings, signing, new_id)
    mint = addressing.mint(settings, new_id)
    pages, style = str(settings.web.base_url), judging.decider.style
    letters = BookingLetters(house, deciding.guide(settings), pages, operators, secret, mint.hex_digits, style)
    posting = Posting(store, letters, signing, return_paths, domain, new_id, clock, courier.wake)
    booking = core(settings, store, mint, new_id, told=posting.wake, tell=Herald(new_id))
    answers = MailAnswerDesk(store, booking.bookings, house, signing, new_id, clock)
    answer_mail = AnswerMail(
        bookings=answers,
        gatherer=judging.gatherer,
        crossings=crossings,
        archive=archive,
        courier=courier,
        house=house,
        style=style,
        pages=pages,
        new_id=new_id,
        new_secret=secret,
    )
    acceptance = Acceptance(
        judging=judging,
        crossings=crossings,
        archive=archive,
        courier=courier,
        house_mail=HouseMail(archive, courier, telling, return_paths, operators, signing, house, new_id, scanner),
        answers=answer_mail,
    )
    guesses, refused = settings.smtp.guess_rate, settings.smtp.refused_rate
    anew = Anew(store, judging, crossings, house)
    tarpit_s = settings.smtp.tarpit.total_seconds()
    chain, key = settings.smtp.tls_certificate, settings.smtp.tls_key
    certificate = Certificate(chain, key) if chain is not None and key is not None else None
    smtp = SmtpServer(
        Directory(domain, store, return_paths, clock, answers),
        acceptance,
        hostname=settings.smtp_hostname,
        clock=clock,
        new_id=new_id,
        limits=Limits(
            message_octets_max=settings.smtp.message_max,
            connections_max=settings.smtp.connections_max,
            connections_per_network_max=settings.smtp.connections_per_network_max,
            guesses_max=guesses.count if guesses is not None else 0,
            guesses_s=guesses.span.total_seconds() if guesses is not None else 1.0,
            refused_max=refused.count if refused is not None else 0,
            refused_s=refused.span.total_seconds() if refused is not None else 1.0,
            disk_octets_free_min=settings.smtp.disk_free_min,
            tarpit_s_min=tarpit_s,
            tarpit_s_max=5 * tarpit_s,
        ),
        tls=None if certificate is None else certificate.context,
        spool_directory=_made(state_dir / "spool"),
        free_octets=partial(free_octets, state_dir),
        balancers=settings.smtp.proxy_protocol_from,
        behind_front=bool(settings.authentication.trusted_authserv_id),
    )
    return Gateway(
        settings=settings,
        store=store,
        archive=archive,
        courier=courier,
        tallies=tallies,
        smtp=smtp,
        certificate=certificate,
        scanner=scanner,
        new_id=new_id,
        mint=mint,
        return_paths=return_paths,
        anew=anew,
        questions=QuestionDesk(store, clock, lambda: anew),
        alerting=Alerting(store, operators, house, signing, new_id, clock),
        posting=posting,
        inviting=_inviting(settings, store, signing, new_id, courier.wake),
        core=booking,
        answers=answers,
        signing=signing,
    )


def _inviting(settings: Settings, store: Store, signing: Signing, new_id: NewId, sent: Callable[[], None]) -> Inviting:
    section = settings.sign_in
    return Inviting(
        store=store,
        house=deciding.house(settings),
        pages=str(settings.web.base_url).rstrip("/") + "/",
        lasts=section.link,
        sign=signing,
        new_id=new_id,
        new_secret=secret,
        clock=clock,
        sent=sent,
        of_accounts=section.accounts_by_link,
    )


def _made(directory: Path) -> Path:
    """A directory of ours that nobody else reads."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise WrongConfiguration(f"{directory}: {error.strerror}") from error
    return directory
