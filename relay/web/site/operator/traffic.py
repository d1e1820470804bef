"""How much was taken, refused, handed on: plots by the hour or the day, and the same as a table (faults.md 4.5)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from relay.correspondence.languages import marked
from relay.web.operator_ports import Span, Stretch
from relay.web.site import plot
from relay.web.site.operator import words
from relay.web.site.operator.ground import Ground
from relay.web.site.viewer import Office, Viewer
from relay.web.site.words import site_words

HERE: Final = "/operator/traffic"
SERIES: Final = {
    "accepted": (marked("Accepted"), "good"),
    "refused": (marked("Refused"), "bad"),
    "held": (marked("Held"), "warn"),
    "delivered": (marked("Delivered"), "good"),
    "deferred": (marked("Deferred"), "warn"),
    "bounced": (marked("Failed or bounced"), "bad"),
}
"""The fields of a stretch that are drawn, with their names and kinds."""


def router(ground: Ground) -> APIRouter:
    """`/operator/traffic`."""
    routes = ground.routes()
    operates = Depends(ground.site.needs(Office.OPERATOR))

    @routes.get(HERE)
    async def traffic(
        request: Request, viewer: Viewer = operates, span: Annotated[str, Query(max_length=10)] = "day"
    ) -> Response:
        wanted = Span.MONTH if span == Span.MONTH.value else Span.DAY
        found = await ground.ports.operation.traffic(wanted)
        say = site_words(viewer.language).gettext

        def name(at: datetime) -> str:
            return f"{at:%H:%M}" if wanted is Span.DAY else f"{at:%m-%d}"

        def drawn(field: str) -> plot.Plot:
            title, kind = SERIES[field]
            return plot.bars(say(title), [(name(one.at), _value(one, field)) for one in found.stretches], kind)

        return ground.page(
            request,
            "traffic.html",
            viewer,
            HERE,
            span_of=wanted.value,
            plots=[drawn(one) for one in SERIES],
            titles=[title for title, _ in SERIES.values()],
            rows=[(one.at, name(one.at), [_value(one, field) for field in SERIES]) for one in reversed(found.stretches)],
            refused_by=list(found.refused_by.items()),
            refusal_words=words.REFUSALS,
        )

    return routes


def _value(one: Stretch, field: str) -> int:
    value = getattr(one, field)
    assert isinstance(value, int)
    return value
