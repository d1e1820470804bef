"""Every key of the configuration, by section, with its default and what it means.

The tables of `relay config example` and `relay config show` are made from these models.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from relay.correspondence.hint import RemovalHint
from relay.inbound.directory import ROLES
from relay.inbound.mta_sts import Mode as MtaSts
from relay.inbound.mta_sts import max_age_max
from relay.message.files import DocumentMetadata
from relay.message.html import RemoteImages
from relay.message.terms import ToHeader
from relay.message.treatment import Treatment
from relay.policy.facts import Encrypted, Rates, ThirdParties
from relay.settings.choices import (
    Enforcement,
    LogFormat,
    LogLevel,
    OpenOn,
    OrderedBy,
    OutboundTls,
    PaymentProvider,
    Refusals,
    Scanning,
    ServerEncryption,
    SocketMode,
)
from relay.settings.endpoints import (
    DnsServer,
    Endpoint,
    Listener,
    Loopback,
    Route,
    Scanner,
    Smarthost,
    Tcp,
    UnixSocket,
    is_on_this_machine,
    port_max,
)
from relay.settings.kinds import (
    Address,
    BlobsUrl,
    DatabaseUrl,
    Domain,
    FilePath,
    MxPattern,
    Network,
    OptionalPath,
    Several,
    WebUrl,
)
from relay.settings.quantities import DayRange, Duration, Frequency, Hours, Size
from relay.values import NameShown, Rate

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]
Prefix = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9.-]{0,40}[a-z0-9])?-$")]
Label = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$")]

message_octets_max: Final = 512 * 2**20
"""Of `message_max`: with all that is made of it, a message is one value of the database still (SQLite takes 10**9 octets)."""
domain_octets_max: Final = 178
"""Of the domain of the aliases: with any selector and `._domainkey.` before it, it is a name that DNS takes (253)."""
_TAKEN_PREFIXES: Final = ("bounce-", *(f"{role}-" for role in sorted(ROLES)))
"""Local parts that begin so are our return paths, or look like the house's own addresses."""


class Section(BaseModel):
    """A table of the file. Its docstring is the comment above it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class RelaySection(Section):
    """The installation."""

    domain: Domain = Field(default="reply.example.com", max_length=domain_octets_max, description="all aliases live here")
    brand: Words = Field(default="Example Travel", description='"NAME via BRAND" in From, and in the mail we write ourselves')
    state_dir: FilePath = Field(default=Path("var"), description="SQLite file, keys, spool of the embedded default")
    support_url: WebUrl = Field(default="https://example.com/support", description="where our notices send people who need help")
    partner_prefix: Prefix = Field(default="local-partner-", description="aliases of partners: prefix + 12 hex digits (GW-1)")
    customer_prefix: Prefix = Field(default="customer-", description="aliases of customers")
    operators: Annotated[tuple[Address, ...], Several] = Field(
        default=(), description="who gets mail to postmaster@ and abuse@ (GW-8)", examples=[["ops@example.com"]]
    )

    stop_grace: Duration = Field(
        default=timedelta(seconds=30),
        le=timedelta(minutes=15),
        description="at the end: what sessions under way are given to finish, and after them deliveries",
    )

    @model_validator(mode="after")
    def _prefixes_tell_the_parties_apart(self) -> Self:
        both = (self.partner_prefix, self.customer_prefix)
        if both[0].startswith(both[1]) or both[1].startswith(both[0]):
            raise ValueError("partner_prefix and customer_prefix must differ, and neither may begin with the other")
        if taken := next((taken for taken in _TAKEN_PREFIXES if any(one.startswith(taken) for one in both)), None):
            raise ValueError(f'a prefix that begins with "{taken}" is taken by our own addresses; choose another')
        return self


class SmtpSection(Section):
    """Mail coming in."""

    listen: Annotated[tuple[Listener, ...], Several] = Field(default=(Tcp("127.0.0.1", 2525),), description="SMTP")
    lmtp_listen: Annotated[tuple[Endpoint, ...], Several] = Field(
        default=(), description='LMTP; behind Postfix: "unix:/run/relay/lmtp.sock"', examples=[["unix:/run/relay/lmtp.sock"]]
    )
    lmtp_socket_mode: SocketMode = Field(
        default=SocketMode.GROUP, description='who may connect to it: "0600", "0660": its group, "0666"'
    )
    message_max: Size = Field(
        default=25 * 2**20, gt=0, le=message_octets_max, description="one message as it comes over the wire"
    )
    hostname: Domain | Literal[""] = Field(default="", description="our name in the banner and in EHLO; empty: relay.domain")
    tls_certificate: OptionalPath = Field(
        default=None,
        description="PEM file with the chain; STARTTLS is offered when it is there",
        examples=["/etc/relay/tls/chain.pem"],
    )
    tls_key: OptionalPath = Field(default=None, description="PEM file with its key", examples=["/etc/relay/tls/key.pem"])
    proxy_protocol_from: Annotated[tuple[Network, ...], Several] = Field(
        default=(),
        description="load balancers that must send a PROXY header; everybody else must not",
        examples=[["10.0.0.0/8"]],
    )
    mta_sts: MtaSts = Field(
        default=MtaSts.OFF,
        description="the policy served at /.well-known/mta-sts.txt: off | testing | enforce | none (takes an earlier one back)",
    )
    mta_sts_mx: Annotated[tuple[MxPattern, ...], Several] = Field(
        default=(), description="names in the MX record; empty: hostname", examples=[["*.example.com"]]
    )
    mta_sts_max_age: Duration = Field(
        default=timedelta(days=7), gt=timedelta(0), le=max_age_max, description="how long senders remember the policy"
    )
    connections_max: int = Field(default=1_000, gt=0, le=100_000, description="at the same time, together")
    connections_per_network_max: int = Field(
        default=100, gt=0, le=100_000, description="the same from one IPv4 address, or one IPv6 /64"
    )
    disk_free_min: Size = Field(
        default=256 * 2**20,
        gt=0,
        description="with less than this left on the disk of state_dir no mail is taken, and all is sent",
    )
    tarpit: Duration = Field(
        default=timedelta(seconds=1),
        le=timedelta(seconds=30),
        description="delay of the answer to a guessed alias",
    )
    guess_rate: Frequency = Field(
        default=Rate(20, timedelta(minutes=10)),
        description="unknown recipients of one network; beyond, it is shut out for a while",
    )
    refused_rate: Frequency = Field(
        default=Rate(3_600, timedelta(hours=1)),
        description="messages of one network that are read and refused; beyond, MAIL is answered 450",
    )

    @model_validator(mode="after")
    def _a_certificate_comes_with_its_key(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key belong together: give both or neither")
        return self


class PolicySection(Section):
    """What may pass, and what the other side sees."""

    attachments_max: Size = Field(default=10 * 2**20, description="decoded, all together (GY-14)")
    window_after_activity: Duration = Field(
        default=timedelta(days=7),
        le=timedelta(days=3_650),
        description="how long the parties may write after the activity (GY-15)",
    )
    refusals: Refusals = Field(default=Refusals.NOTICE, description='or "reject": a 5xx also for a proven writer')
    third_party_cc: ThirdParties = Field(default=ThirdParties.STRIP, description='or "refuse" (GW-24)')
    names: NameShown = Field(default=NameShown.FIRST, description="what the other side sees of a name: first | full | none")
    unknown_addresses: Treatment = Field(
        default=Treatment.MASK, description="addresses of neither party: keep | mark | mask | hold (LEAK-24)"
    )
    phone_numbers: Treatment = Field(
        default=Treatment.KEEP, description="keep | mark: support sees it | mask: a phrase instead | hold: an operator decides"
    )
    ibans: Treatment = Field(default=Treatment.KEEP, description="bank accounts, the same four (LEAK-25)")
    links: Treatment = Field(default=Treatment.KEEP, description="to anywhere but us, meeting links too: the same four (LEAK-25)")
    removal_hint: RemovalHint = Field(
        default=RemovalHint.OFF, description='or "mail": a writer is told, once a day at most, that details were taken out'
    )
    to_header: ToHeader = Field(default=ToHeader.ALIAS, description='or "real" (GW-40)')
    remote_images: RemoteImages = Field(default=RemoteImages.REMOVE, description='or "keep" (LEAK-45)')
    document_metadata: DocumentMetadata = Field(
        default=DocumentMetadata.IDENTIFYING,
        description='or "always": when the properties of a PDF go (LEAK-61)',
    )
    writer_rate: Frequency = Field(
        default=Rates().writer, description='messages of one writer; more are put off, 450; or "off" (GW-27)'
    )
    conversation_rate: Frequency = Field(default=Rates().conversation, description="the same of both parties of a conversation")
    encrypted: Encrypted = Field(default=Encrypted.REFUSE, description='or "pass": content that nobody can check (GW-46)')


class AuthenticationSection(Section):
    """Who wrote it."""

    mode: Enforcement = Field(
        default=Enforcement.ENFORCE, description='SPF, DKIM and DMARC of every writer; or "off" (closed set-ups)'
    )
    dns_servers: Annotated[tuple[DnsServer, ...], Several] = Field(
        default=(),
        description='empty: the system\'s resolver; "127.0.0.1:5353" for tests',
        examples=[["127.0.0.1:5353"]],
    )
    trusted_authserv_id: Domain | Literal[""] = Field(
        default="", description="what a front MTA that has checked calls itself; only it may be able to connect (GW-13)"
    )


class AntivirusSection(Section):
    """The virus scanner."""

    mode: Scanning = Field(
        default=Scanning.REQUIRED, description='or "off": shown in red by doctor, health and the operator\'s page'
    )
    clamd: Scanner = Field(default=UnixSocket(Path("/run/clamav/clamd.ctl")), description='or "tcp:127.0.0.1:3310"')


class DkimSection(Section):
    """Our signature."""

    selector: Label = Field(default="relay", description="the key is published at <selector>._domainkey.<relay.domain>")
    key_file: FilePath = Field(default=Path("var/dkim.pem"), description="RSA key in PEM; `relay dkim generate` writes one")
    ed25519_selector: Label | Literal[""] = Field(
        default="", description="a second signature, by Ed25519 (RFC 8463); empty: none", examples=["relay-ed"]
    )
    ed25519_key_file: FilePath = Field(default=Path("var/dkim-ed25519.pem"), description="its key")

    @model_validator(mode="after")
    def _each_key_has_its_own_place(self) -> Self:
        if self.ed25519_selector and self.ed25519_selector == self.selector:
            raise ValueError("selector and ed25519_selector must differ: each names one record")
        if self.ed25519_selector and self.ed25519_key_file == self.key_file:
            raise ValueError("key_file and ed25519_key_file must differ")
        return self


class OutboundSection(Section):
    """Mail going out."""

    route: Route = Field(
        default=Smarthost(Tcp("127.0.0.1", 2526)), description='or "mx": to the hosts of each recipient\'s domain'
    )
    tls: OutboundTls = Field(default=OutboundTls.OPPORTUNISTIC, description='or "required", "off"')
    self_test: Loopback = Field(
        default=Tcp("127.0.0.1", 2527),
        description="where `relay self-test` receives; mail of its people goes there, whatever the route",
    )

    dane: bool = Field(
        default=True,
        description="by mx: follow TLSA records; false where the way to the DNS server can be tampered with (RFC 7672)",
    )
    mta_sts: bool = Field(default=True, description="by mx: follow the policies that domains publish (RFC 8461)")
    authorities: OptionalPath = Field(
        default=None,
        description="PEM file with those who may vouch for hosts; empty: the system's",
        examples=["/etc/relay/ca.pem"],
    )
    private_destinations: bool = Field(
        default=False, description="by mx: also to private addresses; for closed networks and tests"
    )
    mx_port: int = Field(default=25, ge=1, le=port_max, description="by mx: for tests")
    mta_sts_port: int = Field(default=443, ge=1, le=port_max, description="for tests")

    @model_validator(mode="after")
    def _the_self_test_is_apart(self) -> Self:
        if isinstance(self.route, Smarthost) and self.route.server == self.self_test:
            raise ValueError("route and self_test are the same place: everybody's mail would end in the self-test")
        return self


class DatabaseSection(Section):
    """Where everything is kept."""

    url: DatabaseUrl = Field(
        default="sqlite:///var/relay.db", repr=False, description='or "postgresql+psycopg://user@host/database"'
    )


class BlobsSection(Section):
    """Where large contents are kept. Credentials for S3 as boto3 finds them: AWS_ACCESS_KEY_ID, ~/.aws, the machine's role."""

    url: BlobsUrl = Field(default="database", description='or "s3://bucket/prefix": what is larger than 64 kB goes there')
    endpoint_url: WebUrl | Literal[""] = Field(
        default="", description="of an S3-compatible server; empty: AWS", examples=["https://s3.example.com"]
    )
    region: Label | Literal[""] = Field(default="", description="empty: what AWS_REGION or ~/.aws/config say")
    encryption: ServerEncryption = Field(
        default=ServerEncryption.BUCKET, description='by the server: empty: as the bucket says, "AES256", "aws:kms"'
    )


class ArchiveSection(Section):
    """What is kept as evidence."""

    head_every: Duration = Field(
        default=timedelta(minutes=1),
        ge=timedelta(seconds=1),
        le=timedelta(days=1),
        description="how often the record is signed while anything happens",
    )


class WebSection(Section):
    """HTTP: health, metrics, API, pages."""

    listen: Listener = Field(
        default=Tcp("127.0.0.1", 8025), description="a TLS-terminating proxy belongs in front when it is public"
    )
    base_url: WebUrl = Field(default="http://127.0.0.1:8025", description="how people reach it from outside")


class SignInSection(Section):
    """Signing in to the pages: by a link in a mail to the known address; people of the house by OpenID Connect, too."""

    session: Duration = Field(
        default=timedelta(days=30),
        ge=timedelta(minutes=5),
        le=timedelta(days=365),
        description="how long somebody stays signed in",
    )
    account_session: Duration = Field(
        default=timedelta(hours=12), ge=timedelta(minutes=5), le=timedelta(days=365), description="the same for the house's own"
    )
    link: Duration = Field(
        default=timedelta(minutes=15),
        ge=timedelta(minutes=2),
        le=timedelta(days=1),
        description="how long a link in a mail works; it works once",
    )
    links_per_address: Frequency = Field(
        default=Rate(5, timedelta(hours=1)), description="how often one may be asked for with one address; empty: always"
    )
    links_per_network: Frequency = Field(
        default=Rate(60, timedelta(hours=1)), description="the same from one network (an IPv4 /24, an IPv6 /64)"
    )
    accounts_by_link: bool = Field(default=True, description="whether people of the house sign in that way, too")
    oidc_issuer: WebUrl | Literal[""] = Field(
        default="",
        description="the house's own provider (OpenID Connect), for its people",
        examples=["https://login.example.com"],
    )
    oidc_client_id: Text = Field(default="", description="as it knows us; it leads back to <web.base_url>/sign-in/house/back")
    oidc_client_secret_file: OptionalPath = Field(
        default=None, description="the secret that goes with it, alone in a file", examples=["/etc/relay/oidc.secret"]
    )

    @model_validator(mode="after")
    def _rates_are_remembered(self) -> Self:
        for rate in (self.links_per_address, self.links_per_network):
            if rate is not None and rate.span > timedelta(days=1):
                raise ValueError("links_per_address and links_per_network look back a day at most")
        return self

    @model_validator(mode="after")
    def _the_provider_has_what_it_needs(self) -> Self:
        if not self.oidc_issuer:
            return self
        if not self.oidc_client_id or self.oidc_client_secret_file is None:
            raise ValueError("with oidc_issuer oidc_client_id and oidc_client_secret_file are needed")
        if self.oidc_issuer.startswith("http:") and not is_on_this_machine(self.oidc_issuer):
            raise ValueError("oidc_issuer: anybody on the way could sign in; write https://")
        return self


class BookingSection(Section):
    """The booking core, for houses that have no booking system of their own."""

    open_on: OpenOn = Field(
        default=OpenOn.CONFIRMED, description='or "requested": the parties may write to each other before (GY-6)'
    )
    ordered_by: OrderedBy = Field(
        default=OrderedBy.MAIL,
        description='who orders on the pages: whoever confirms it by a link in a mail, or "sign-in": those who are known (SL-B1)',
    )
    orders_per_address: Frequency = Field(
        default=Rate(5, timedelta(hours=1)), description="orders of people who have not signed in, with one address; empty: any"
    )
    orders_per_network: Frequency = Field(
        default=Rate(30, timedelta(hours=1)), description="the same from one network (an IPv4 /24, an IPv6 /64)"
    )
    order_link: Duration = Field(
        default=timedelta(hours=24),
        ge=timedelta(minutes=5),
        le=timedelta(days=1),
        description="how long such an order waits to be confirmed",
    )
    reminders: Annotated[tuple[Duration, ...], Several] = Field(
        default=(timedelta(hours=2), timedelta(hours=24)),
        max_length=5,
        description="after how long somebody who has not answered or paid is reminded (SL-11, SL-20); empty: never",
    )
    quiet_hours: Hours = Field(
        default=None,
        description="in which nobody is reminded, by the clock of the activity's place; empty: none",
        examples=["22:00-07:00"],
    )
    refund_days: DayRange = Field(default=(5, 10), description="working days a refund takes, as mails tell (SL-29)")
    help_url: WebUrl | Literal[""] = Field(
        default="", description="where partners find help (SL-31)", examples=["https://example.com/help"]
    )
    terms_url: WebUrl | Literal[""] = Field(
        default="", description="the terms for partners (GY-28)", examples=["https://example.com/terms"]
    )
    review_url: WebUrl | Literal[""] = Field(
        default="",
        description="where customers say how it was, after it took place (GY-27)",
        examples=["https://example.com/review"],
    )

    @model_validator(mode="after")
    def _orders_are_remembered(self) -> Self:
        for rate in (self.orders_per_address, self.orders_per_network):
            if rate is not None and rate.span > timedelta(days=1):
                raise ValueError("orders_per_address and orders_per_network look back a day at most")
        return self

    @model_validator(mode="after")
    def _reminders_come_one_after_the_other(self) -> Self:
        if list(self.reminders) != sorted(set(self.reminders)) or any(not one for one in self.reminders):
            raise ValueError('reminders: each has to be later than the one before; write for example ["2h", "24h"]')
        return self


class WebhooksSection(Section):
    """Telling other systems what happens to bookings."""

    anywhere: bool = Field(default=False, description="also by http, and to private addresses; for closed networks and tests")
    authorities: OptionalPath = Field(
        default=None,
        description="PEM file with those who may vouch for receivers; empty: the system's",
        examples=["/etc/relay/ca.pem"],
    )


class PaymentsSection(Section):
    """How bookings are paid. Secrets stand in files, each alone, for this user to read."""

    provider: PaymentProvider = Field(
        default=PaymentProvider.MANUAL, description='people take cash and see transfers; or "stripe": on its pages'
    )
    how_to_pay: Text = Field(
        default="", description="what customers are told where people take the money: an account, a desk (OR-B2)"
    )
    stripe_key_file: OptionalPath = Field(
        default=None, description="the secret key of the account, sk_…", examples=["/etc/relay/stripe.key"]
    )
    stripe_webhook_secret_file: OptionalPath = Field(
        default=None,
        description="of the endpoint <web.base_url>/webhooks/stripe, whsec_…",
        examples=["/etc/relay/stripe-webhook.key"],
    )
    stripe_api_base: WebUrl | Literal[""] = Field(default="", description="another server than Stripe's; for tests")

    @model_validator(mode="after")
    def _stripe_has_what_it_needs(self) -> Self:
        if self.provider is PaymentProvider.STRIPE:
            needed = ("stripe_key_file", "stripe_webhook_secret_file")
            if missing := [key for key in needed if getattr(self, key) is None]:
                raise ValueError(f'with provider = "stripe" {" and ".join(missing)} {"are" if missing[1:] else "is"} needed')
        if self.stripe_api_base.startswith("http:") and not is_on_this_machine(self.stripe_api_base):
            raise ValueError("stripe_api_base: the key would travel unencrypted; write https://")
        return self


class LogSection(Section):
    """One line per session and per delivery; never a body, never a real address."""

    level: LogLevel = Field(default=LogLevel.INFO, description="debug | info | warning | error")
    format: LogFormat = Field(default=LogFormat.CONSOLE, description='or "json": one object a line')
