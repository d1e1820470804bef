"""The API does what its description says, whatever it is sent: no 5xx, no answer that is not described."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, Final

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from support.booking_house import MODES, opened, stocked
from support.web import Web
from support.world import CUSTOMER_ADDRESS

pytestmark = pytest.mark.slow

examples_max: Final = 4
"""Of each operation: there are some ninety."""
CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SETTINGS: Final = hypothesis.settings(
    max_examples=examples_max,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(hypothesis.HealthCheck),
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
)

schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", Web().app())
"""Of the application that all tests share; each puts what it likes behind it."""
_CORE: Final = r"^/api/v1/(partners|offers|profiles|bookings|releases|cancellations|announcements|webhooks)"
gateway, core = schema.exclude(path_regex=_CORE), schema.include(path_regex=_CORE)


@gateway.parametrize()
@SETTINGS
def test_no_answer_of_the_gateway_is_another(case: schemathesis.Case) -> None:
    Web().app()
    case.call_and_validate(headers={"Authorization": "Bearer all"}, checks=CHECKS)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Web, dict[str, str]]]:
    """A house over a database, and what a path's parameters may be called there."""
    web, store = opened(None, tmp_path_factory.mktemp("api"))

    async def filled() -> dict[str, str]:
        async with web.client() as client:
            await stocked(client)
            for mode in MODES:
                customer = {"name": "Zofia", "address": CUSTOMER_ADDRESS}
                wish: dict[str, Any] = {"offer": "o1", "variant": f"v-{mode}", "slot": f"t-{mode}", "customer": customer}
                answer = await client.post("/api/v1/bookings", json={**wish, "choices": [{"price": "adult"}]})
                assert answer.status_code == 201, answer.text
            await client.post("/api/v1/webhooks", json={"url": "https://shop.example/hook"})
        return {"reference": answer.json()["reference"], "variant": "v-reserve", "slot": "t-reserve", "staff": "s1"}

    names = asyncio.run(filled())
    yield web, names
    asyncio.run(store.close())


@core.parametrize()
@SETTINGS
def test_no_answer_of_the_booking_core_is_another(case: schemathesis.Case, house: tuple[Web, dict[str, str]]) -> None:
    """Over a database, of things that are there: more is asked than whether they are."""
    web, names = house
    web.app()
    known = {**names, "id": {"partners": "p1", "offers": "o1"}.get(case.path.split("/")[3], "none")}
    case.path_parameters = {name: known.get(name, "none") for name in case.path_parameters or {}}
    case.call_and_validate(headers={"Authorization": "Bearer all"}, checks=CHECKS)
