"""What the pages need to change who acts for a partner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from relay.booking.partner import Partner


class Teams(Protocol):
    """The people and addresses of partners."""

    async def change(self, partner: str, change: Callable[[Partner], Partner], by: str) -> Partner:
        """The partner as `change` makes it of what it is in that transaction.

        Where somebody or an address comes or goes, a mail to every address that the team had before goes with it: nobody takes a
        team over in silence.

        Raises NotFound, and what `change` raises.
        """
        ...
