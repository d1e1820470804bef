"""Every page of every area, as who may see it: nothing serious is wrong, in both themes.

OR-14: narrow (360 px) with scripts, and wide without; the journeys have the other two. With RELAY_PICTURES=DIR there is a
picture of each.
"""

from __future__ import annotations

import pytest
from support.browsing import ANNA, EVA, GIULIA, MARCO, OTTO, TEAM, VIEWS, ZOFIA, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

ANYBODY = ""
PAGES = {
    "sign in": (ANYBODY, "/sign-in"),
    "sign in sent": (ANYBODY, "/sign-in/sent"),
    "offer on request": (ANYBODY, "/offers/tour/on_request"),
    "offer to be asked for": (ANYBODY, "/offers/tour/custom_request"),
    "offer to be booked at once": (ANYBODY, "/offers/tour/instant"),
    "offer to be reserved": (ANYBODY, "/offers/tour/reserve"),
    "sessions": (ZOFIA, "/sessions"),
    "partner requests": (TEAM, "/partner/alpine"),
    "partner booked": (TEAM, "/partner/alpine?tab=booked"),
    "partner of the staff": (GIULIA, "/partner/alpine"),
    "partner who sees the team": (MARCO, "/partner/alpine"),
    "partner calendar": (TEAM, "/partner/alpine/calendar"),
    "partner messages": (TEAM, "/partner/alpine/messages"),
    "partner a request": (TEAM, "/partner/alpine/bookings/{asked}"),
    "partner a booking": (TEAM, "/partner/alpine/bookings/{with action}"),
    "partner writes": (TEAM, "/partner/alpine/bookings/{asked}/contact"),
    "partner declines": (TEAM, "/partner/alpine/bookings/{asked}/decline"),
    "partner cancels": (TEAM, "/partner/alpine/bookings/{confirmed}/cancel"),
    "partner offers": (TEAM, "/partner/alpine/offers"),
    "partner an offer": (TEAM, "/partner/alpine/offers/tour"),
    "partner a new offer": (TEAM, "/partner/alpine/offers/new"),
    "partner a variant": (TEAM, "/partner/alpine/offers/tour/variants/on_request"),
    "partner slots": (TEAM, "/partner/alpine/offers/tour/variants/on_request/slots"),
    "partner team": (TEAM, "/partner/alpine/team"),
    "partner team of the staff": (GIULIA, "/partner/alpine/team"),
    "partner announces": (TEAM, "/partner/alpine/announce"),
    "partner conversation": (TEAM, "/partner/alpine/bookings/{confirmed}/messages"),
    "customer space": (ZOFIA, "/my"),
    "customer asked": (ZOFIA, "/my/bookings/{asked}"),
    "customer countered": (ZOFIA, "/my/bookings/{countered}"),
    "customer other terms": (ZOFIA, "/my/bookings/{countered}/terms"),
    "customer awaiting": (ZOFIA, "/my/bookings/{awaiting}"),
    "customer reserved": (ZOFIA, "/my/bookings/{reserved}"),
    "customer confirmed": (ZOFIA, "/my/bookings/{confirmed}"),
    "customer cancels": (ZOFIA, "/my/bookings/{confirmed}/cancel"),
    "customer with action": (ZOFIA, "/my/bookings/{with action}"),
    "customer voucher with action": (ZOFIA, "/my/bookings/{with action}/voucher"),
    "customer voucher": (ZOFIA, "/my/bookings/{voucher}/voucher"),
    "customer declined": (ZOFIA, "/my/bookings/{declined}"),
    "customer asks again": (ZOFIA, "/my/bookings/{declined}/again"),
    "customer cancelled": (ZOFIA, "/my/bookings/{cancelled}"),
    "customer messages": (ZOFIA, "/my/bookings/{confirmed}/messages"),
    "support search": (EVA, "/support"),
    "support results": (EVA, "/support?q=meeting"),
    "support nothing found": (EVA, "/support?q=nothingofthatkind"),
    "support dispute": (EVA, "/support/bookings/{confirmed}"),
    "support extends": (EVA, "/support/bookings/{confirmed}/act/extend"),
    "support cases": (EVA, "/support/cases"),
    "support a new case": (EVA, "/support/cases/new"),
    "support genuine": (EVA, "/support/genuine"),
    "support audit": (ANNA, "/support/audit"),
    "operator": (OTTO, "/operator"),
    "operator doctor": (OTTO, "/operator/doctor"),
    "operator alerts": (OTTO, "/operator/alerts"),
    "operator queue": (OTTO, "/operator/queue"),
    "operator dead letters": (OTTO, "/operator/queue/dead"),
    "operator releases": (OTTO, "/operator/releases"),
    "operator profiles": (OTTO, "/operator/releases/profiles"),
    "operator destinations": (OTTO, "/operator/queue/destinations"),
    "operator traffic": (OTTO, "/operator/traffic"),
    "operator tokens": (OTTO, "/operator/tokens"),
    "operator webhooks": (OTTO, "/operator/webhooks"),
    "operator partners": (OTTO, "/operator/partners"),
    "operator partner": (OTTO, "/operator/partners/alpine"),
    "operator accounts": (OTTO, "/operator/accounts"),
    "operator settings": (OTTO, "/operator/settings"),
}


@pytest.mark.parametrize("view", [VIEWS[0], VIEWS[-1]], ids=lambda view: view.name)
@pytest.mark.parametrize("name", PAGES)
async def test_a_page_is_usable_by_everybody(visitor: Visitor, name: str) -> None:
    who, path = PAGES[name]
    if who:
        await visitor.signed_in_as(who)
    for what, reference in visitor.house.bookings.items():
        path = path.replace(f"{{{what}}}", reference)
    await visitor.goes(path)
    await visitor.looks_right(name)
    assert await visitor.page.locator("h1").count() == 1


@pytest.mark.parametrize("view", [VIEWS[0], VIEWS[-1]], ids=lambda view: view.name)
async def test_what_is_not_there_is_told_on_a_page(visitor: Visitor) -> None:
    await visitor.signed_in_as(ZOFIA)
    for who, path in ((ZOFIA, "/my/bookings/NOBODYS"), (ANNA, "/operator"), (EVA, "/partner/alpine")):
        await visitor.signed_in_as(who)
        await visitor.goes(path, expect=404)
    await visitor.looks_right("not there")
