"""The two people of the trap corpus, and the parties that they are in a conversation."""

from __future__ import annotations

from typing import Final

from relay.conversation import Conversation
from relay.selftest.traps import Scene, Side
from relay.values import Role
from support.world import CUSTOMER_ALIAS, PARTNER_ALIAS, a_conversation, a_party

PARTNER_SIDE: Final = Side(
    address="m.brandauer.touren@brandauer-bergreisen.example",
    second_address="mb.bergreisen77@gmail.com",
    domain="brandauer-bergreisen.example",
    first_name="Marta",
    last_name="Brandauer",
    company="Brandauer Bergreisen",
    host="buero-pc3.anschluss-nord.example",
    ip="192.88.99.17",
    alias=str(PARTNER_ALIAS),
)
CUSTOMER_SIDE: Final = Side(
    address="piotr@zelaznowski-dom.example",
    second_address="piotrek.zelaz@poczta.fm",
    domain="zelaznowski-dom.example",
    first_name="Piotr",
    last_name="Zelaznowski",
    company="Zelaznowski Meble",
    host="laptop-7.siec-poludnie.example",
    ip="192.88.99.44",
    alias=str(CUSTOMER_ALIAS),
)
SCENES: Final = {
    "partner": Scene(PARTNER_SIDE, CUSTOMER_SIDE, "Example Travel"),
    "customer": Scene(CUSTOMER_SIDE, PARTNER_SIDE, "Example Travel"),
}
"""By who writes."""


def the_conversation() -> Conversation:
    """The conversation of the two."""
    partner, customer = PARTNER_SIDE, CUSTOMER_SIDE
    return a_conversation(
        partner=a_party(Role.PARTNER, name=partner.name, addresses=(partner.address, partner.second_address)),
        customer=a_party(Role.CUSTOMER, name=customer.name, addresses=(customer.address, customer.second_address)),
    )
