"""The search page: a box, its query as chips, what it finds, how much that is, and searches that are kept (AR-2 search box).

All that a page shows stands in its address. Each search leaves its text in the access audit, without addresses (AR-1).
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from relay.correspondence.languages import marked as _
from relay.errors import Conflict, NotDone
from relay.transit.casework import Looked
from relay.web.site.forms import entered
from relay.web.site.support.ground import READERS, UTC, SupportGround, account_of
from relay.web.site.support.operators import GROUPS
from relay.web.site.support.search_ports import Asker, Findings, Kept, Tally, name_characters_max, query_characters_max
from relay.web.site.viewer import Office, Viewer

TOLD: Final = {
    "kept": _("The search is kept."),
    "forgotten": _("The search is kept no longer."),
}
FATES: Final = {
    "passed": (_("passed on"), "good", "✓"),
    "refused": (_("blocked"), "bad", "✕"),
    "held": (_("held"), "warn", "pause"),
    "unclaimed": (_("archived, nobody says they wrote it"), "", ""),
    "duplicate": (_("sent again"), "", ""),
    "taken": (_("answer to the booking"), "", ""),
    "absorbed": (_("not passed on"), "", ""),
}
WRITERS: Final = {"customer": _("Customer"), "partner": _("Provider")}
FACETS: Final = {"party": _("Who wrote"), "event": _("Fate"), "language": _("Language"), "month": _("Month")}
KINDS: Final = {
    "by:customer": _("Customer"),
    "by:partner": _("Provider"),
    "fate:passed": _("passed on"),
    "fate:refused": _("blocked"),
    "fate:held": _("held"),
    "fate:duplicate": _("sent again"),
    "fate:taken": _("answer to the booking"),
    "fate:absorbed": _("not passed on"),
    "event:delayed": _("delayed"),
    "event:failed": _("failed"),
    "event:bounced": _("bounced"),
}
"""The kinds that have words; languages and months stand for themselves."""
Typed = Annotated[str, Query(max_length=query_characters_max + 200)]


def router(ground: SupportGround) -> APIRouter:
    """`/support`, `/support/tally` and `/support/saved`."""
    routes = ground.routes()
    reads = Depends(ground.site.needs(*READERS))

    @routes.get("/support")
    async def search(
        request: Request,
        q: Typed = "",
        beyond: Annotated[int | None, Query(ge=0, le=2**62)] = None,
        count: Annotated[str, Query(max_length=3)] = "",
        viewer: Viewer = Depends(ground.site.needs(*READERS, Office.AUDITOR)),  # noqa: B008  FastAPI's way
    ) -> Response:
        if not any(viewer.holds(office) for office in READERS):
            return RedirectResponse("/support/audit", HTTPStatus.SEE_OTHER)
        return await _page(ground, request, viewer, q.strip(), beyond, is_counted=bool(count))

    @routes.get("/support/tally")
    async def tally(request: Request, q: Typed = "", viewer: Viewer = reads) -> Response:
        """The counts alone, for the page's script."""
        await ground.note(viewer, Looked.SEARCH, q.strip())
        counted, wrong = await _tally(ground, viewer, q.strip())
        return ground.page(
            request, "tally.html", viewer, "search", tally=counted, wrong=wrong, facets=FACETS, kinds=KINDS, href=_href
        )

    @routes.post("/support/saved")
    async def keep(request: Request, viewer: Viewer = reads) -> Response:
        form = await entered(request)
        query, name = form.line("q"), form.line("name")
        if not query or not name or len(name) > name_characters_max or len(query) > query_characters_max:
            wrong = _("A search is kept under a name, of at most 100 signs.")
            return await _page(ground, request, viewer, query, None, name=name, wrong_name=wrong)
        try:
            await ground.finder.keep(account_of(viewer).id, Kept(name, query))
        except Conflict:
            wrong = _("There are as many as can be kept: let one go first.")
            return await _page(ground, request, viewer, query, None, name=name, wrong_name=wrong)
        return RedirectResponse(f"/support?{urlencode({'q': query, 'told': 'kept'})}", HTTPStatus.SEE_OTHER)

    @routes.post("/support/saved/forget")
    async def forget(request: Request, viewer: Viewer = reads) -> Response:
        form = await entered(request)
        await ground.finder.forget(account_of(viewer).id, form.line("name"))
        query = form.line("q")
        said = {"q": query, "told": "forgotten"} if query else {"told": "forgotten"}
        return RedirectResponse(f"/support?{urlencode(said)}", HTTPStatus.SEE_OTHER)

    return routes


async def _page(
    ground: SupportGround,
    request: Request,
    viewer: Viewer,
    query: str,
    beyond: int | None,
    *,
    is_counted: bool = False,
    name: str = "",
    wrong_name: str = "",
) -> Response:
    found: Findings | None = None
    counted: Tally | None = None
    wrong = ""
    if query:
        await ground.note(viewer, Looked.SEARCH, query)
        try:
            found = await ground.finder.find(query, asker(viewer), beyond)
        except NotDone as why:
            wrong = str(why)
        if found is not None and is_counted:
            counted, _wrong = await _tally(ground, viewer, query)
    return ground.page(
        request,
        "search.html",
        viewer,
        "search",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong or wrong_name else HTTPStatus.OK,
        told=TOLD,
        query=query,
        found=found,
        tally=counted,
        wrong=wrong,
        kept=await ground.finder.kept(account_of(viewer).id),
        name=name,
        wrong_name=wrong_name,
        next=_href(query, beyond=found.next) if found is not None and found.next is not None else "",
        first=_href(query) if beyond is not None else "",
        groups=GROUPS,
        fates=FATES,
        writers=WRITERS,
        facets=FACETS,
        kinds=KINDS,
        href=_href,
        tally_href=f"/support/tally?{urlencode({'q': query})}",
        query_characters_max=query_characters_max,
        name_characters_max=name_characters_max,
    )


async def _tally(ground: SupportGround, viewer: Viewer, query: str) -> tuple[Tally | None, str]:
    """How much there is, or why that cannot be said."""
    try:
        return await ground.finder.tally(query, asker(viewer)), ""
    except NotDone as why:
        return None, str(why)


def asker(viewer: Viewer) -> Asker:
    """Whoever looks, as the search knows them. Their days begin in UTC, as the times of the archive are told."""
    return Asker(account_of(viewer).id, viewer.holds(Office.SENIOR), UTC)


def _href(query: str, *, beyond: int | None = None, count: bool = False) -> str:
    asked = {"q": query} | ({"beyond": str(beyond)} if beyond is not None else {}) | ({"count": "yes"} if count else {})
    return f"/support?{urlencode(asked)}" if query else "/support"
