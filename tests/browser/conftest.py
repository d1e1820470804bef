"""What the tests of pages begin with: one browser and one house for each worker, one visitor for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright
from support.browsing import CHROMIUM, FLAGS, NO_CHROMIUM, VIEWS, House, View, Visitor, visiting


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium of the distribution; skips where there is none."""
    if not CHROMIUM:
        pytest.skip(NO_CHROMIUM)
    async with async_playwright() as playwright:
        one = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield one
        await one.close()


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    if not CHROMIUM:
        pytest.skip(NO_CHROMIUM)
    one = House(tmp_path_factory.mktemp("house"))
    try:
        one.open()
        yield one
    finally:
        one.close()


@pytest.fixture(params=VIEWS, ids=lambda view: view.name)
def view(request: pytest.FixtureRequest) -> View:
    found = request.param
    assert isinstance(found, View)
    return found


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(browser: Browser, house: House, view: View) -> AsyncIterator[Visitor]:
    """Somebody who has not signed in, at each width, with and without JavaScript."""
    async with visiting(browser, house.url, view, house) as one:
        yield one
