"""What the parts of the queue's page share: its tabs and words."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from fastapi import Request, Response

from relay.web.site.operator import words
from relay.web.site.operator.ground import Ground
from relay.web.site.viewer import Viewer

HERE: Final = "/operator/queue"
because_characters_max: Final = 500


def queue_page(
    ground: Ground,
    request: Request,
    template: str,
    viewer: Viewer,
    tab: str,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    told: Mapping[str, str] | None = None,
    **values: object,
) -> Response:
    """A page of the queue; `tab` is the part of it."""
    return ground.page(
        request,
        template,
        viewer,
        HERE,
        status=status,
        told=told,
        tab=tab,
        state_words=words.STATES,
        carries_words=words.CARRIES,
        reason_words=words.REASONS,
        kind_words=words.KINDS,
        cause_words=words.CAUSES,
        because_characters_max=because_characters_max,
        **values,
    )
