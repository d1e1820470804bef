"""Partners: whether anything of theirs can be booked, their profile, and their account at the payment provider (SL-2, SL-B6)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response

from relay.booking.offer import Mode
from relay.booking.partner import Partner, PaymentAccount, Tier
from relay.correspondence.languages import marked
from relay.web.catalogue_ports import Catalogue
from relay.web.changing import replaced
from relay.web.site.forms import entered
from relay.web.site.operator.ground import Ground, rows_max
from relay.web.site.route import back
from relay.web.site.viewer import Office, Viewer
from relay.web.site.words import site_words

HERE: Final = "/operator/partners"
TOLD: Final = {"changed": marked("The partner is changed.")}
TIERS: Final = {Tier.BASIC: marked("basic"), Tier.GOLD: marked("gold")}
PAYMENT_ACCOUNTS: Final = {
    PaymentAccount.NONE: marked("none"),
    PaymentAccount.PENDING: marked("made, and not verified yet"),
    PaymentAccount.ACTIVE: marked("active"),
}
LACKS: Final = {
    "the Gold profile": marked("the Gold profile"),
    "an active payment account": marked("an active payment account"),
}


def router(ground: Ground, catalogue: Catalogue) -> APIRouter:
    """`/operator/partners`."""
    routes = ground.routes()
    operates = Depends(ground.site.needs(Office.OPERATOR))

    @routes.get(HERE)
    async def listed(
        request: Request, viewer: Viewer = operates, after: Annotated[str | None, Query(max_length=100)] = None
    ) -> Response:
        found = await catalogue.partners.page(None, rows_max + 1, after)
        items = found[:rows_max]
        return ground.page(
            request,
            "partners.html",
            viewer,
            HERE,
            items=[(one, _lacks(one)) for one in items],
            tier_words=TIERS,
            account_words=PAYMENT_ACCOUNTS,
            lack_words=LACKS,
            next=f"{HERE}?after={quote(items[-1].id, safe='')}" if len(found) > rows_max else "",
            first=HERE if after is not None else "",
        )

    async def shown(request: Request, viewer: Viewer, status: HTTPStatus = HTTPStatus.OK) -> Response:
        one = await catalogue.partners.one(str(request.path_params["id"]))
        say = site_words(viewer.language).gettext
        return ground.page(
            request,
            "partner.html",
            viewer,
            HERE,
            status=status,
            told=TOLD,
            partner=one,
            lacks=_lacks(one),
            lack_words=LACKS,
            tier_choices=[(tier.value, say(name)) for tier, name in TIERS.items()],
            account_choices=[(account.value, say(name)) for account, name in PAYMENT_ACCOUNTS.items()],
        )

    @routes.get(f"{HERE}/{{id}}")
    async def one(request: Request, viewer: Viewer = operates) -> Response:
        return await shown(request, viewer)

    @routes.post(f"{HERE}/{{id}}")
    async def change(request: Request, viewer: Viewer = operates) -> Response:
        form = await entered(request)
        tiers, accounts = {one.value: one for one in Tier}, {one.value: one for one in PaymentAccount}
        tier, account = tiers.get(form.line("tier")), accounts.get(form.line("account"))
        if tier is None or account is None:
            return await shown(request, viewer, HTTPStatus.UNPROCESSABLE_ENTITY)
        changes: dict[str, Any] = {"tier": tier, "account": account, "is_active": form.is_ticked("is_active")}
        id_ = str(request.path_params["id"])
        await catalogue.partners.change(id_, replaced(changes), viewer.by)
        return back(f"{HERE}/{quote(id_, safe='')}", "changed")

    return routes


def _lacks(partner: Partner) -> list[str]:
    """What they lack for custom requests, each by its name (SL-2)."""
    missing = partner.missing_for(Mode.CUSTOM_REQUEST)
    return missing.split(" and ") if missing else []
