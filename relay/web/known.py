"""From where a party writes, over HTTP: addresses and whole domains, added and taken back (GW-5).

No answer shows any of them (LEAK-86).
"""

from __future__ import annotations

from typing import Self

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, model_validator

from relay.conversation import Conversation, KnownDomain, domain_characters_max
from relay.values import Clock, NameShown, RealAddress, Role, address_octets_max
from relay.web.conversations import STEP, Reference, ShownConversation
from relay.web.guard import Guard, by
from relay.web.ports import Bearer, Conversations
from relay.web.scopes import Scope


class PartyAddress(BaseModel):
    """An address from which a party may write, or may not any more (GW-5)."""

    model_config = ConfigDict(extra="forbid")

    party: Role = Field(description="Whose address it is.")
    address: str = Field(max_length=address_octets_max)

    @model_validator(mode="after")
    def _is_an_address(self) -> Self:
        self.real()
        return self

    def real(self) -> RealAddress:
        return RealAddress(self.address.strip())


class NewDomain(BaseModel):
    """A domain from all of whose addresses a party may write (GW-5)."""

    model_config = ConfigDict(extra="forbid")

    party: Role = Field(description="Whose domain it is.")
    domain: str = Field(max_length=domain_characters_max, description="Not a public mail provider's.")
    subdomains: bool = Field(default=False, description="Whether what lies below it counts too.")

    @model_validator(mode="after")
    def _is_a_domain(self) -> Self:
        self.known()
        return self

    def known(self) -> KnownDomain:
        return KnownDomain(self.domain, self.subdomains)


class OldDomain(BaseModel):
    """A domain from which a party may not write any more."""

    model_config = ConfigDict(extra="forbid")

    party: Role
    domain: str = Field(max_length=domain_characters_max)


def router(conversations: Conversations, guard: Guard, names: NameShown, clock: Clock) -> APIRouter:
    """`/conversations/{reference}/addresses` and `…/domains`. `names` is the setting of that name."""
    routes = APIRouter(prefix="/conversations", tags=["conversations"])
    writes = Depends(guard.needs(Scope.CONVERSATIONS_WRITE))

    def shown(conversation: Conversation) -> ShownConversation:
        return ShownConversation.of(conversation, names, clock())

    @routes.post("/{reference:path}/addresses", summary="Let a party write from one more address", responses=STEP)
    async def add_address(reference: Reference, added: PartyAddress, writer: Bearer = writes) -> ShownConversation:
        return shown(await conversations.add_address(reference, added.party, added.real(), by(writer)))

    @routes.post("/{reference:path}/addresses/remove", summary="Take an address of a party back", responses=STEP)
    async def remove_address(reference: Reference, removed: PartyAddress, writer: Bearer = writes) -> ShownConversation:
        """Mail from there is not theirs any more. It stays out of what the other side reads all the same."""
        return shown(await conversations.remove_address(reference, removed.party, removed.real(), by(writer)))

    @routes.post("/{reference:path}/domains", summary="Let a party write from all of a domain", responses=STEP)
    async def add_domain(reference: Reference, added: NewDomain, writer: Bearer = writes) -> ShownConversation:
        """For colleagues, or the senders of a booking system."""
        return shown(await conversations.add_domain(reference, added.party, added.known(), by(writer)))

    @routes.post("/{reference:path}/domains/remove", summary="Take a domain of a party back", responses=STEP)
    async def remove_domain(reference: Reference, removed: OldDomain, writer: Bearer = writes) -> ShownConversation:
        return shown(await conversations.remove_domain(reference, removed.party, removed.domain.strip(), by(writer)))

    return routes
