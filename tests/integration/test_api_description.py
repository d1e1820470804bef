"""The API does what its description says, whatever it is sent: no 5xx, no answer that is not described."""

from __future__ import annotations

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
from support.bookings import NOW, paid
from support.web import Web

from relay.booking.booking import Stage

examples_max = 5
"""Of each operation, and as many of its parts: there are some eighty."""


def stocked() -> Web:
    """A house in which something is found."""
    web = Web()
    bookings = web.booking.bookings
    for stage in Stage:
        bookings.put(stage, *([paid()] if stage is Stage.CONFIRMED else []), deadline=NOW)
    return web


schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", stocked().app())


@pytest.mark.slow
@schema.parametrize()
@hypothesis.settings(
    max_examples=examples_max,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(hypothesis.HealthCheck),
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
)
def test_no_answer_is_another_than_described(case: schemathesis.Case) -> None:
    stocked().app()  # the application is shared; what stands behind it is new
    case.call_and_validate(
        headers={"Authorization": "Bearer all"},
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_headers_conformance,
            response_schema_conformance,
        ],
    )
