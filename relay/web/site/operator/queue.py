"""The queue: its shape, what waits for a decision, and deciding (GW-50 to GW-55).

No page of it shows what a mail says, or to whom it goes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from relay.correspondence.languages import marked
from relay.errors import NotDone, NotFound
from relay.web.operator_ports import Load
from relay.web.ports import Narrowed, Queue, Queued
from relay.web.site.forms import entered
from relay.web.site.operator import words
from relay.web.site.operator.ground import Ground, rows_max
from relay.web.site.operator.queue_parts import HERE, because_characters_max, queue_page
from relay.web.site.route import back
from relay.web.site.viewer import Office, Viewer
from relay.web.site.words import site_words


@dataclass(frozen=True, slots=True)
class Step:
    """One way of stepping in. `fits` says for what; `because`: why it is done is written down, and for a `must` has to be."""

    word: str
    label: str
    hint: str
    done: str
    fits: Callable[[Queued], bool]
    take: Callable[[Queue, str, str, str], Awaitable[None]]
    because: bool = False
    must: bool = False
    kind: str = ""


def _is_share(one: Queued) -> bool:
    return one.carries == "nothing" and one.message is not None


def _is_delivery(one: Queued) -> bool:
    return one.carries != "nothing"


STEPS: Final = (
    Step(
        "retry",
        marked("Try now"),
        marked("Sent at once, also where the destination is suspended or left alone."),
        marked("It is tried at once."),
        lambda one: _is_delivery(one) and one.state == "due",
        lambda queue, id_, by, _: queue.retry(id_, by),
        kind="main",
    ),
    Step(
        "decide",
        marked("Decide anew"),
        marked("For instance after an upgrade. It may pass, be refused with a notice, or be held again."),
        marked("It is decided anew."),
        lambda one: one.carries == "nothing",
        lambda queue, id_, by, _: queue.retry(id_, by),
    ),
    Step(
        "confirm",
        marked("Its writer is confirmed"),
        marked("You have made sure, by other means than the mail itself, that the party wrote it whose address is in From."),
        marked("It is decided anew, as written by that party."),
        lambda one: _is_share(one) and one.reason == "unknown_writer",
        lambda queue, id_, by, _: queue.retry(id_, by, confirmed=True),
    ),
    Step(
        "hold",
        marked("Hold"),
        marked("Nothing of it is sent until somebody releases it."),
        marked("It is held."),
        lambda one: _is_delivery(one) and one.state == "due",
        lambda queue, id_, by, _: queue.hold(id_, by),
    ),
    Step(
        "release",
        marked("Release"),
        marked("It goes out as it is, with whatever was found in it."),
        marked("It goes out."),
        lambda one: one.state == "held" and one.can_be_released,
        lambda queue, id_, by, _: queue.release(id_, by),
        kind="main",
    ),
    Step(
        "release-without",
        marked("Release without its files"),
        marked("Made anew with a mark in the place of each file, and let out only when nothing is found in it then."),
        marked("It goes out without its files."),
        _is_share,
        lambda queue, id_, by, _: queue.release(id_, by, without_attachments=True),
    ),
    Step(
        "return",
        marked("Return to its writer"),
        marked("The writer hears that it could not be forwarded, and what to do; never what was found."),
        marked("It is returned."),
        _is_share,
        lambda queue, id_, by, because: queue.return_(id_, by, because),
        because=True,
    ),
    Step(
        "drop",
        marked("Give up"),
        marked("Nobody is told. Why stands in the timeline for ever; no mail address may stand in it."),
        marked("It is given up."),
        lambda one: one.state in {"due", "held"},
        lambda queue, id_, by, because: queue.drop(id_, by, because),
        because=True,
        must=True,
        kind="bad",
    ),
)
"""All there are, in the order of the buttons."""
TOLD: Final = {one.word: one.done for one in STEPS}
Id = Annotated[str, Path(alias="id", max_length=60)]
After = Annotated[str | None, Query(max_length=60)]


def router(ground: Ground, queue: Queue) -> APIRouter:
    """`/operator/queue`, and each thing in it."""
    routes = ground.routes()
    operates = Depends(ground.site.needs(Office.OPERATOR))
    operation = ground.ports.operation

    @routes.get(HERE)
    async def listed(
        request: Request,
        viewer: Viewer = operates,
        state: Annotated[str, Query(max_length=20)] = "",
        carries: Annotated[str, Query(max_length=20)] = "",
        domain: Annotated[str, Query(max_length=255)] = "",
        reference: Annotated[str, Query(max_length=100)] = "",
        after: After = None,
    ) -> Response:
        narrowed, wrong = Narrowed(state, carries, domain.strip(), reference.strip()), ""
        items: tuple[Queued, ...] = ()
        next_ = None
        try:
            found = await queue.page(rows_max, after, narrowed)
            items, next_ = found.items, found.next
        except NotFound:
            wrong = marked("There is no conversation of a booking with that reference.")
        given = {name: value for name in ("state", "carries", "domain", "reference") if (value := getattr(narrowed, name))}
        load = await operation.load()
        return queue_page(
            ground,
            request,
            "queue.html",
            viewer,
            "queue",
            items=items,
            narrowed=narrowed,
            told=TOLD,
            wrong=wrong,
            load=load,
            shape=_shape(load, viewer),
            next=_href(given, next_) if next_ else "",
            first=_href(given) if after else "",
            is_narrowed=bool(given),
        )

    async def item_page(
        request: Request, viewer: Viewer, id_: str, status: HTTPStatus = HTTPStatus.OK, problem: str = "", **given: str
    ) -> Response:
        one = await queue.one(id_)
        return queue_page(
            ground,
            request,
            "queued.html",
            viewer,
            "queue",
            status=status,
            told=TOLD,
            one=one,
            steps=[step for step in STEPS if step.fits(one)],
            problem=problem,
            given=given,
        )

    @routes.get(f"{HERE}/{{id}}")
    async def item(request: Request, id_: Id, viewer: Viewer = operates) -> Response:
        return await item_page(request, viewer, id_)

    @routes.post(f"{HERE}/{{id}}/{{word}}")
    async def take(request: Request, id_: Id, word: str, viewer: Viewer = operates) -> Response:
        step = next((one for one in STEPS if one.word == word), None)
        if step is None:
            raise NotFound(f"no step {word[:20]}")
        because = (await entered(request)).line("because")[:because_characters_max]
        if step.must and not because:
            given = {"because": "", "wrong": step.word}
            return await item_page(request, viewer, id_, HTTPStatus.UNPROCESSABLE_ENTITY, **given)
        try:
            await step.take(queue, id_, viewer.by, because)
        except NotFound:
            raise
        except NotDone as why:
            return await item_page(request, viewer, id_, HTTPStatus.CONFLICT, str(why), because=because, wrong="")
        return back(HERE, step.word)

    return routes


def _href(given: Mapping[str, str], after: str = "") -> str:
    whole = {**given, **({"after": after} if after else {})}
    return f"{HERE}?{urlencode(whole)}" if whole else HERE


def _shape(load: Load, viewer: Viewer) -> tuple[Sequence[str], Sequence[tuple[str, Sequence[int], int]]]:
    """The queue as a table: the names of the ages, and of each large receiver how much has which, with the sum."""
    say = site_words(viewer.language).gettext
    counts: Counter[tuple[str, str]] = Counter()
    for one in load.portions:
        counts[(one.destination, one.age)] += one.count
    rows = []
    for destination in sorted({one.destination for one in load.portions}, key=lambda one: (one == "other", one)):
        each = [counts[(destination, age)] for age in words.AGES]
        name = say(words.DESTINATIONS[destination]) if destination in words.DESTINATIONS else destination.capitalize()
        rows.append((name, each, sum(each)))
    return [say(one) for one in words.AGES.values()], rows
