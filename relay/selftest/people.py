"""The two people of the self-test: made up, on domains that exist nowhere, with names that stand in no mail by chance."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from relay.conversation import Conversation, Opening
from relay.message.treatment import Treatment
from relay.policy.facts import Encrypted
from relay.selftest.traps import Scene, Side
from relay.settings import Scanning, Settings
from relay.values import SELF_TEST_DOMAIN, Language, NameShown, RealAddress, Role

REFERENCE: Final = "SELF-TEST"
"""How the references of the self-test's conversations begin, so that everybody can tell them in the archive."""
lasts: Final = timedelta(hours=1)
"""The activity of which the self-test writes: its conversations end by themselves, should nobody close them."""


def opening(reference: str, now: datetime) -> Opening:
    """A conversation of the two."""
    partner, customer = (_side(role, "") for role in Role)
    return Opening(
        reference=reference,
        partner_name=partner.name,
        partner_addresses=_addresses(partner),
        customer_name=customer.name,
        customer_addresses=_addresses(customer),
        activity_end=now + lasts,
        partner_language=Language.DE,
        customer_language=Language.PL,
    )


def scene(settings: Settings, conversation: Conversation, writer: Role) -> Scene:
    """The two of `conversation`, with `writer` as the writer, and what this house decided to show."""
    return Scene(
        writer=_side(writer, str(conversation.party(writer).alias)),
        reader=_side(writer.other, str(conversation.party(writer.other).alias)),
        brand=settings.relay.brand,
        withholds_last_names=settings.policy.names is not NameShown.FULL,
        masks_strangers=settings.policy.unknown_addresses is Treatment.MASK,
        passes_encrypted=settings.policy.encrypted is Encrypted.RELAY,
        is_scanned=settings.antivirus.mode is Scanning.REQUIRED,
    )


def _side(role: Role, alias: str) -> Side:
    if role is Role.PARTNER:
        return Side(
            address=f"bergfuehrung@brandauer-bergreisen.{SELF_TEST_DOMAIN}",
            second_address=f"mb.bergreisen77@postfach-nord.{SELF_TEST_DOMAIN}",
            domain=f"brandauer-bergreisen.{SELF_TEST_DOMAIN}",
            first_name="Marta",
            last_name="Brandauer",
            company="Brandauer Bergreisen",
            host="buero-pc3.anschluss-nord.example",
            ip="192.88.99.17",
            alias=alias,
        )
    return Side(
        address=f"domek.letni@zelaznowski-dom.{SELF_TEST_DOMAIN}",
        second_address=f"piotrek.zelaz@skrzynka-poludnie.{SELF_TEST_DOMAIN}",
        domain=f"zelaznowski-dom.{SELF_TEST_DOMAIN}",
        first_name="Piotr",
        last_name="Zelaznowski",
        company="Zelaznowski Meble",
        host="laptop-7.siec-poludnie.example",
        ip="192.88.99.44",
        alias=alias,
    )


def _addresses(side: Side) -> tuple[RealAddress, ...]:
    return (RealAddress(side.address), RealAddress(side.second_address))
