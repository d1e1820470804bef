"""The whole configuration, and what an operator should know about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from types import MappingProxyType
from typing import Self

from pydantic import PrivateAttr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from relay.inbound.mta_sts import Mode as MtaSts
from relay.internet import is_public
from relay.settings.choices import Enforcement, PaymentProvider, Scanning
from relay.settings.endpoints import Smarthost, Tcp, UnixSocket, is_on_this_machine
from relay.settings.sections import (
    AntivirusSection,
    ArchiveSection,
    AuthenticationSection,
    BlobsSection,
    BookingSection,
    DatabaseSection,
    DkimSection,
    LogSection,
    OutboundSection,
    PaymentsSection,
    PolicySection,
    RelaySection,
    SignInSection,
    SmtpSection,
    WebhooksSection,
    WebSection,
)

Key = tuple[str, str]
"""Section and key."""


class Origin(Enum):
    """Where a value came from. The environment wins over the file, the file over the default."""

    ENVIRONMENT = "environment"
    FILE = "file"
    DEFAULT = "default"


class Settings(BaseSettings):
    """The whole configuration, frozen. Paths are relative to the working directory.

    Made bare, it holds the defaults and reads nothing: `relay.settings.read` is what reads the file and the environment.
    """

    _origins: Mapping[Key, Origin] = PrivateAttr(default_factory=dict)

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="RELAY_", env_nested_delimiter="__", enable_decoding=False
    )

    relay: RelaySection = RelaySection()
    smtp: SmtpSection = SmtpSection()
    policy: PolicySection = PolicySection()
    authentication: AuthenticationSection = AuthenticationSection()
    antivirus: AntivirusSection = AntivirusSection()
    dkim: DkimSection = DkimSection()
    outbound: OutboundSection = OutboundSection()
    database: DatabaseSection = DatabaseSection()
    blobs: BlobsSection = BlobsSection()
    archive: ArchiveSection = ArchiveSection()
    web: WebSection = WebSection()
    sign_in: SignInSection = SignInSection()
    booking: BookingSection = BookingSection()
    payments: PaymentsSection = PaymentsSection()
    webhooks: WebhooksSection = WebhooksSection()
    log: LogSection = LogSection()

    def from_where(self, origins: Mapping[Key, Origin]) -> Self:
        """The same settings, which know where each value came from."""
        self._origins = MappingProxyType(dict(origins))
        return self

    def origin(self, section: str, key: str) -> Origin:
        """Where a value came from."""
        return self._origins.get((section, key), Origin.DEFAULT)

    def __eq__(self, other: object) -> bool:
        """Where a value came from makes no other settings of it."""
        return isinstance(other, Settings) and self.__dict__ == other.__dict__

    __hash__ = BaseSettings.__hash__

    @classmethod
    def settings_customise_sources(  # pydantic-settings calls it with these names
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 -- pydantic hands it in
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- pydantic hands it in
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- pydantic hands it in
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- pydantic hands it in
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is handed in, so that a Settings made in a test does not depend on where the test runs."""
        return (init_settings,)

    @property
    def smtp_hostname(self) -> str:
        """Our name in the banner and in EHLO."""
        return self.smtp.hostname or self.relay.domain

    def contradictions(self) -> Iterator[tuple[Key, str]]:
        """Keys that cannot both be as they are: each with its section, and a sentence about it."""
        smtp, route = self.smtp, self.outbound.route
        ours: dict[Tcp | UnixSocket, Key] = {}
        listens: Sequence[tuple[Key, Sequence[Tcp | UnixSocket]]] = (
            (("smtp", "listen"), smtp.listen),
            (("smtp", "lmtp_listen"), smtp.lmtp_listen),
            (("web", "listen"), (self.web.listen,)),
            (("outbound", "self_test"), (self.outbound.self_test,)),
        )
        for key, places in listens:
            for at in places:
                if isinstance(at, Tcp) and not at.port:
                    continue  # the system chooses one that is free
                if (before := ours.setdefault(at, key)) != key:
                    yield key, f"{at} is taken by {'.'.join(before)}: give each a port of its own"
        back = ours.get(route.server, ("", "")) if isinstance(route, Smarthost) else ("", "")
        if back[0] == "smtp":
            yield ("outbound", "route"), f"it leads back here, to {'.'.join(back)}: name the server that takes our mail"

    def warnings(self) -> tuple[str, ...]:
        """What an operator should know about this configuration; one sentence each."""
        said = {
            "authentication.mode: off: whoever can connect can write as anybody": self.authentication.mode is Enforcement.OFF,
            "antivirus.mode: off: attachments pass unscanned": self.antivirus.mode is Scanning.OFF,
            "relay.operators: nobody gets mail to postmaster@ and abuse@ (RFC 2142)": not self.relay.operators,
            "authentication.trusted_authserv_id: without a meaning, as mode is off": (
                self.authentication.trusted_authserv_id != "" and self.authentication.mode is Enforcement.OFF
            ),
            "outbound.dane: without a meaning, as authentication.dns_servers are reached over the internet": (
                self.outbound.dane
                and not isinstance(self.outbound.route, Smarthost)
                and any(is_public(one.host) for one in self.authentication.dns_servers)
            ),
            "smtp.mta_sts: enforce without smtp.tls_certificate: who heeds it keeps the mail, unless a front MTA has one": (
                self.smtp.mta_sts is MtaSts.ENFORCE and self.smtp.tls_certificate is None
            ),
            "web.base_url: nobody outside reaches the page on which parties say whether mail was theirs (GW-6)": (
                self.authentication.mode is Enforcement.ENFORCE and is_on_this_machine(self.web.base_url)
            ),
            "web.base_url: Stripe does not reach this machine, so nobody hears what was paid": (
                self.payments.provider is PaymentProvider.STRIPE
                and not self.payments.stripe_api_base
                and is_on_this_machine(self.web.base_url)
            ),
            # Base64 turns 3 octets into 4, and adds a line end to every 76 of them.
            "smtp.message_max: too small for policy.attachments_max in Base64": (
                self.smtp.message_max * 100 < self.policy.attachments_max * 137
            ),
        }
        return tuple(sentence for sentence, applies in said.items() if applies)
