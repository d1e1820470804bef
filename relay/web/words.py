"""The core's closed sets as the API spells them: the member's name in small letters, in requests, answers and exports alike."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from relay.booking.badges import Badge
from relay.booking.booking import Actor, Cause, HoldKind, Keeping, Relay, RequiredAction, Stage
from relay.booking.catalogue import OfferKind
from relay.booking.ledger import Kind, Payment
from relay.booking.offer import Audience, Channel, DeadlinePolicy, Mode, PaidCancellation, Pay, Redeem
from relay.booking.partner import PaymentAccount, Tier
from relay.booking.requirement import RequirementKind
from relay.booking.selection import Order, Tab
from relay.booking.situation import Act
from relay.values import Role
from relay.web.webhook_ports import Sending


def word(member: Enum) -> str:
    """How the API spells it."""
    return member.name.lower()


@dataclass(frozen=True, slots=True)
class Spelled:
    """How pydantic reads and writes members of a closed set; `but` are those that nobody outside may name."""

    of: type[Enum]
    but: Collection[Enum] = ()

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # pydantic's types
        words = {word(one): one for one in self.of if one not in self.but}
        read = core_schema.no_info_after_validator_function(words.__getitem__, core_schema.literal_schema(list(words)))
        return core_schema.json_or_python_schema(
            json_schema=read,
            python_schema=core_schema.no_info_wrap_validator_function(
                lambda given, reading: given if isinstance(given, self.of) else reading(given), read
            ),
            serialization=core_schema.plain_serializer_function_ser_schema(word),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "enum": [word(one) for one in self.of if one not in self.but]}


def spelled(members: Iterable[Enum]) -> list[str]:
    """Each of them, in their order."""
    return [word(one) for one in members]


EDGE_ACTORS: frozenset[Actor] = frozenset({Actor.CLOCK, Actor.PAYMENTS})
"""Who acts by themselves: nobody acts in their name."""

WAYS: frozenset[Act] = frozenset({Act.REQUEST, Act.RESERVE, Act.CHECK_OUT})
"""How a booking begins."""

ActWord = Annotated[Act, Spelled(Act)]
ActorWord = Annotated[Actor, Spelled(Actor)]
PersonWord = Annotated[Actor, Spelled(Actor, EDGE_ACTORS)]
StageWord = Annotated[Stage, Spelled(Stage)]
PaymentWord = Annotated[Payment, Spelled(Payment)]
HoldWord = Annotated[HoldKind, Spelled(HoldKind)]
KeepingWord = Annotated[Keeping, Spelled(Keeping)]
ActionWord = Annotated[RequiredAction, Spelled(RequiredAction)]
RequirementWord = Annotated[RequirementKind, Spelled(RequirementKind)]
RelayWord = Annotated[Relay, Spelled(Relay)]
BadgeWord = Annotated[Badge, Spelled(Badge)]
TabWord = Annotated[Tab, Spelled(Tab)]
OrderWord = Annotated[Order, Spelled(Order)]
CauseWord = Annotated[Cause, Spelled(Cause)]
WayWord = Annotated[Act, Spelled(Act, frozenset(Act) - WAYS)]
EntryWord = Annotated[Kind, Spelled(Kind)]
ModeWord = Annotated[Mode, Spelled(Mode)]
PayWord = Annotated[Pay, Spelled(Pay)]
DeadlinePolicyWord = Annotated[DeadlinePolicy, Spelled(DeadlinePolicy)]
PaidCancellationWord = Annotated[PaidCancellation, Spelled(PaidCancellation)]
RedeemWord = Annotated[Redeem, Spelled(Redeem)]
AudienceWord = Annotated[Audience, Spelled(Audience)]
ChannelWord = Annotated[Channel, Spelled(Channel)]
OfferKindWord = Annotated[OfferKind, Spelled(OfferKind)]
TierWord = Annotated[Tier, Spelled(Tier)]
PaymentAccountWord = Annotated[PaymentAccount, Spelled(PaymentAccount)]
RoleWord = Annotated[Role, Spelled(Role)]
SendingWord = Annotated[Sending, Spelled(Sending)]
