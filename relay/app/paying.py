"""Who takes payments and gives them back, as the settings say."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from relay.errors import WrongConfiguration
from relay.payments.manual import Manual
from relay.payments.provider import Provider
from relay.payments.stripe import Stripe
from relay.settings import PaymentProvider, Settings

secret_octets_max: Final = 500
_KEYS: Final = ("sk_", "rk_")
_WEBHOOK_SECRETS: Final = ("whsec_",)


@dataclass(frozen=True, slots=True)
class Providers:
    """`chosen` takes new payments. What was paid by hand is given back by hand, whoever takes payments since."""

    chosen: Provider
    by_hand: Provider = field(default_factory=Manual)

    def of(self, taken_by: str) -> Provider:
        """Who gives a payment back, from who entered it into the ledger."""
        return self.chosen if taken_by == self.chosen.name else self.by_hand

    async def close(self) -> None:
        """Ask for nothing more; on return nothing is under way."""
        await self.chosen.close()
        await self.by_hand.close()


def providers(settings: Settings) -> Providers:
    """Raises WrongConfiguration where a secret is missing, or is none."""
    section = settings.payments
    if section.provider is PaymentProvider.MANUAL:
        return Providers(Manual())
    key, webhook = section.stripe_key_file, section.stripe_webhook_secret_file
    assert key is not None  # the settings have seen to it
    assert webhook is not None
    if importlib.util.find_spec("stripe") is None:
        raise WrongConfiguration("payments.provider: Stripe's library is not installed; install relay-gateway[stripe]")
    return Providers(Stripe(_secret(key, _KEYS), _secret(webhook, _WEBHOOK_SECRETS), section.stripe_api_base))


def _secret(file: Path, begins: tuple[str, ...]) -> str:
    """What stands in `file`, alone. It is in no error, for errors are printed and logged."""
    try:
        with file.open("rb") as opened:
            octets = opened.read(secret_octets_max + 1)
    except OSError as error:
        raise WrongConfiguration(f"{file}: {error.strerror}") from error
    secret = octets.decode("ascii", "replace").strip()
    if not secret.startswith(begins) or not secret.isascii() or len(secret.split()) != 1 or len(octets) > secret_octets_max:
        raise WrongConfiguration(f"{file}: {' or '.join(f'{one}…' for one in begins)} is expected there, and nothing else")
    return secret
