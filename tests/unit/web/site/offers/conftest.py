"""A house with customers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.own_space import OwnSpace, a_space


@pytest.fixture
async def space(migrated: Path, tmp_path: Path) -> AsyncIterator[OwnSpace]:
    space, client = await a_space(migrated, tmp_path)
    yield space
    await client.aclose()
    await space.store.close()
