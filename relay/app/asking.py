"""DNS, asked by a command: a check under way is answered by the resolver that the configuration names."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from relay.lookup import Asking
from relay.settings import Settings

T = TypeVar("T")


def answered(settings: Settings, check: Asking[T], within_s: float) -> T:
    """What `check` returns; after `within_s` seconds it hears of trouble alone. Raises WrongConfiguration."""

    async def asked() -> T:
        from relay.app.sending import resolver

        found, _ = await resolver(settings).answered(check, within_s)
        return found

    return asyncio.run(asked())
