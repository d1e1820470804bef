"""Maskers for tests, and an independent eye that looks for what they should have taken out."""

from __future__ import annotations

from typing import Final

from relay.message.identity import Identity
from relay.message.leaks import Finding, Watched, leaks
from relay.message.masker import Masker
from relay.message.treatment import Treatment, Treatments
from relay.values import Language, NameShown, Role
from support.world import CUSTOMER_ALIAS, PARTNER_ALIAS, a_party

HERS: Final = "ann.writer@writer-tours.example"
HER_GMAIL: Final = "annwriter77@gmail.com"
HIS: Final = "bob.reader@poczta.fm"
HER_ALIAS: Final = str(PARTNER_ALIAS)
HIS_ALIAS: Final = str(CUSTOMER_ALIAS)


def a_masker(
    *,
    name: str = "Ann Writer",
    names: NameShown = NameShown.FIRST,
    language: Language = Language.EN,
    unknown: Treatment = Treatment.MASK,
    details: Treatment = Treatment.KEEP,
    house_hosts: tuple[str, ...] = ("support.example.org",),
    addresses: tuple[str, ...] = (HERS, HER_GMAIL),
    others: tuple[str, ...] = (HIS,),
    hosts: tuple[str, ...] = (),
    allowed_domains: tuple[str, ...] = ("example.com",),
) -> Masker:
    """Ann, a partner, writes to Bob, a customer. `details`: what becomes of phone numbers, bank accounts and links alike."""
    ann = a_party(Role.PARTNER, name=name, addresses=addresses)
    bob = a_party(Role.CUSTOMER, name="Bob Reader", addresses=others)
    treatments = Treatments(unknown_addresses=unknown, phone_numbers=details, ibans=details, links=details)
    return Masker(Identity.of(ann, names, hosts), Identity.of(bob, names), language, treatments, allowed_domains, house_hosts)


def seen_in(text: str, media_type: str) -> tuple[Finding, ...]:
    """What the second reading, which shares no code with the masker, still finds of Ann's and Bob's addresses."""
    octets = f"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: {media_type}; charset=utf-8\r\n\r\n{text}\r\n"
    return leaks(
        octets.encode("utf-8", "replace"), [Watched.of((HERS, HER_GMAIL)), Watched.of((HIS,))], allowed=(HER_ALIAS, HIS_ALIAS)
    )
