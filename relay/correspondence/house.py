"""Who writes: the marketplace, as it signs its own mail."""

from __future__ import annotations

from dataclasses import dataclass

from relay.values import NameShown


@dataclass(frozen=True, slots=True)
class House:
    """The marketplace as people know it: its brand, its reply domain, the page where its support is reached.

    `names` is how much of the other party's name our mail may show (GW-40).
    """

    brand: str
    domain: str
    support_url: str
    names: NameShown = NameShown.FIRST

    @property
    def noreply(self) -> str:
        """The address from which our own mail comes, and at which nobody reads (GW-8)."""
        return f"noreply@{self.domain}"
