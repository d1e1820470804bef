"""Stepping in on mail that is held or under way: each step has a page that says what it will do (GY-26)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from relay.correspondence.languages import marked as _
from relay.errors import Conflict, NotFound
from relay.transit.crossing import Fate
from relay.web.ports import Queue, Queued
from relay.web.site.forms import entered
from relay.web.site.route import PageRoute
from relay.web.site.support import words
from relay.web.site.support.context import DisputeGround, address_of, found_in
from relay.web.site.viewer import Office, Viewer


@dataclass(frozen=True, slots=True)
class QueueDeed:
    """A step on something in the queue."""

    word: str
    label: str
    says: str
    told: str
    do: Callable[[Queue, str, str, str], Awaitable[None]] = field(repr=False)
    is_grave: bool = False
    is_of_message: bool = True


async def _release(queue: Queue, id_: str, by: str, because: str) -> None:  # noqa: ARG001  one shape for all
    await queue.release(id_, by)


async def _release_bare(queue: Queue, id_: str, by: str, because: str) -> None:  # noqa: ARG001
    await queue.release(id_, by, without_attachments=True)


async def _hold(queue: Queue, id_: str, by: str, because: str) -> None:  # noqa: ARG001
    await queue.hold(id_, by)


async def _retry(queue: Queue, id_: str, by: str, because: str) -> None:  # noqa: ARG001
    await queue.retry(id_, by)


QUEUE_ACTS: Final = (
    QueueDeed(
        *(
            "release",
            _("Let it out"),
            _("It goes to the other party as it stands now. Nothing more is taken out of it."),
        ),
        told="released",
        do=_release,
    ),
    QueueDeed(
        *("release-bare", _("Let it out without its attachments")),
        says=_("It is made anew without its files, read again, and goes out if nothing is found in it any more."),
        told="released",
        do=_release_bare,
    ),
    QueueDeed(
        *("return", _("Return it to its writer")),
        says=_("It does not pass. Its writer gets a notice that says why; an automatic mail is answered by nothing."),
        told="returned",
        do=lambda queue, id_, by, because: queue.return_(id_, by, because),
        is_grave=True,
    ),
    QueueDeed(
        *("hold", _("Stop it"), _("It is not sent until somebody lets it out. Nobody is told.")),
        told="stopped",
        do=_hold,
        is_of_message=False,
    ),
    QueueDeed(
        *("retry", _("Try it now"), _("It is tried at once, and not at its next turn.")),
        told="retried",
        do=_retry,
        is_of_message=False,
    ),
)
_BY_WORD: Final = {one.word: one for one in QUEUE_ACTS}
because_characters_max: Final = 500


def router(ground: DisputeGround) -> APIRouter:
    """`/support/queue/{id}/{word}`."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)
    acts = Depends(ground.site.needs(Office.SUPPORT))

    @routes.get("/support/queue/{id_}/{word}")
    async def look_at_queue(
        request: Request,
        id_: Annotated[str, Path(max_length=60)],
        word: str,
        booking: Annotated[str, Query(max_length=100)],
        viewer: Viewer = acts,
    ) -> Response:
        return _page(ground, request, viewer, await ground.queue.one(id_), found_in(_BY_WORD, word), booking)

    @routes.post("/support/queue/{id_}/{word}")
    async def act_on_queue(
        request: Request,
        id_: Annotated[str, Path(max_length=60)],
        word: str,
        booking: Annotated[str, Query(max_length=100)],
        viewer: Viewer = acts,
    ) -> Response:
        deed = found_in(_BY_WORD, word)
        because = (await entered(request)).line("because")
        queued = await ground.queue.one(id_)
        if "@" in because or len(because) > because_characters_max:
            wrong = _("It stays for ever, so it cannot hold a mail address.")
            return _page(ground, request, viewer, queued, deed, booking, wrong=wrong, because=because)
        try:
            await deed.do(ground.queue, id_, viewer.by, because)
        except NotFound:
            raise
        except Conflict as why:
            return _page(ground, request, viewer, queued, deed, booking, refused=str(why), because=because)
        message = f"&message={quote(queued.message, safe='')}" if queued.message is not None else ""
        return RedirectResponse(f"{address_of(booking)}?told={deed.told}{message}", HTTPStatus.SEE_OTHER)

    return routes


def _page(
    ground: DisputeGround,
    request: Request,
    viewer: Viewer,
    queued: Queued,
    deed: QueueDeed,
    reference: str,
    *,
    wrong: str = "",
    refused: str = "",
    because: str = "",
) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.CONFLICT if refused else HTTPStatus.OK
    return ground.page(
        request,
        "support/queue_act.html",
        viewer,
        status=status,
        here="search",
        deed=deed,
        queued=queued,
        reference=reference,
        address=address_of(reference),
        wrong=wrong,
        refused=refused,
        because=because,
        because_characters_max=because_characters_max,
        words=words,
        utc=ZoneInfo("UTC"),
        Fate=Fate,
    )
