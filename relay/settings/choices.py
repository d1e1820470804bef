"""The closed sets of words that keys have to choose from, and that nobody but the configuration knows."""

from __future__ import annotations

from enum import Enum


class Refusals(Enum):
    """What a proven writer gets when a message does not pass (design.md section 2)."""

    NOTICE = "notice"
    REJECT = "reject"


class Enforcement(Enum):
    """Whether a writer has to be proven by SPF or DKIM (GW-11)."""

    ENFORCE = "enforce"
    OFF = "off"


class Scanning(Enum):
    """Whether every message must have been scanned (GW-26)."""

    REQUIRED = "required"
    OFF = "off"


class OutboundTls(Enum):
    """How connections to the next server are protected (RFC 3207)."""

    OPPORTUNISTIC = "opportunistic"
    REQUIRED = "required"
    OFF = "off"


class ServerEncryption(Enum):
    """What an object store is asked to encrypt with (S3, x-amz-server-side-encryption)."""

    BUCKET = ""
    AES256 = "AES256"
    KMS = "aws:kms"


class SocketMode(Enum):
    """Who may connect to a socket in the file system: its owner, its group, everybody."""

    OWNER = "0600"
    GROUP = "0660"
    EVERYBODY = "0666"


class OpenOn(Enum):
    """From when on the two sides of a booking may write to each other (GY-1, GY-6)."""

    CONFIRMED = "confirmed"
    REQUESTED = "requested"


class OrderedBy(Enum):
    """How sure it has to be who orders on the public pages (SL-B1)."""

    MAIL = "mail"
    SIGN_IN = "sign-in"


class PaymentProvider(Enum):
    """Who takes payments: people by hand (cash, transfers), or Stripe."""

    MANUAL = "manual"
    STRIPE = "stripe"


class LogLevel(Enum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(Enum):
    CONSOLE = "console"
    JSON = "json"
