"""The calendar of a partner, a week at a time: what is booked and asked for, beside the slots and how full they are.

Requests stand here where both somebody of the staff and a date were asked for; all others stand in the list alone (OR-26,
OR-27). The week, the member of the staff and whether expired requests are shown stand in the address (OR-31).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import APIRouter, Request, Response

from relay.booking.booking import OPEN, Stage
from relay.booking.selection import Filter, Order
from relay.values import Clock
from relay.web.booking_ports import Bookings
from relay.web.catalogue_ports import Catalogue
from relay.web.site.layout import Site
from relay.web.site.partner.access import is_theirs
from relay.web.site.partner.ways import ways
from relay.web.site.partner.week import SHOWN, is_shown, laid_out, week_named
from relay.web.site.route import PageRoute

bookings_max: Final = 300
slots_max: Final = 300
"""Of one week; a page says where there are more."""
_zone_characters_max: Final = 60


def router(site: Site, clock: Clock, bookings: Bookings, catalogue: Catalogue) -> APIRouter:
    """`/partner/{partner}/calendar`."""
    routes = APIRouter(prefix="/partner/{partner}", include_in_schema=False, route_class=PageRoute)

    @routes.get("/calendar")
    async def calendar(request: Request, partner: str) -> Response:
        viewer, membership = await site.at_partner(request, partner)
        asked, now = request.query_params, clock()
        house = await catalogue.partners.one(partner)
        zone = _zone(asked.get("zone", "")) or house.zone
        week = week_named(asked.get("week", ""), zone, now)
        sees_all = membership.member is None or membership.sees_team
        members = [(one.id, one.name) for one in house.staff] if sees_all else []
        staff = next((id_ for id_, _name in members if id_ == asked.get("staff", "")), None)
        expired = bool(asked.get("expired"))
        wanted = Filter(
            partner=partner,
            staff=None if sees_all else membership.member,
            assignee=staff,
            stages=SHOWN | {Stage.EXPIRED} if expired else SHOWN,
            starts_before=week.ends,
            ends_after=week.begins,
        )
        found = await bookings.page(wanted, Order.START, bookings_max, None)
        theirs = [one for one in found.items if is_theirs(one.booking, membership)]
        slots = await catalogue.slots_of(partner, week.ends, week.begins, slots_max)
        names = {str(one.id): one.name for one in house.staff}
        shown = [one for one in theirs if is_shown(one.booking, expired=expired)]
        whole = laid_out(week, shown, slots, names, viewer.language, now)
        chosen = {"staff": staff or "", "expired": "yes" if expired else "", "zone": zone.key if zone != house.zone else ""}

        def href(name: str) -> str:
            return "?" + urlencode({key: value for key, value in {"week": name, **chosen}.items() if value})

        return site.page(
            request,
            "partner/calendar.html",
            viewer,
            ways=ways(viewer, membership, "calendar"),
            partner=membership,
            week=whole,
            last_day=week.ends - timedelta(days=1),
            previous=href(week.beside(-1)),
            next=href(week.beside(1)),
            today=href(week_named("", zone, now).name),
            members=members,
            staff=staff or "",
            expired=expired,
            chosen=chosen,
            listed_only=sum(
                one.booking.stage in OPEN and one.booking.assignee is None and one.booking.terms.occasion is not None
                for one in theirs
            ),
            is_cut=found.next is not None or len(slots) == slots_max,
        )

    return routes


def _zone(name: str) -> ZoneInfo | None:
    """The time zone of that name; None where there is none."""
    if not name or len(name) > _zone_characters_max:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
