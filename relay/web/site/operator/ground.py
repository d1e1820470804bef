"""What all pages of operators share: the way about them, whose they are, and their words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from relay.correspondence.languages import marked
from relay.web.diagnosis import Health
from relay.web.operator_ports import OperatorPorts
from relay.web.site.layout import POLICY, Site, Way
from relay.web.site.operator import words
from relay.web.site.route import PageRoute
from relay.web.site.viewer import Office, Viewer
from relay.web.site.words import site_words

UTC: Final = ZoneInfo("UTC")
rows_max: Final = 50
GRAVE: Final = ("antivirus.mode", "authentication.mode")
"""Warnings about these stand in red: mail passes that should not."""

WAYS: Final = {
    "/operator": marked("Overview"),
    "/operator/queue": marked("Queue"),
    "/operator/releases": marked("Reservations"),
    "/operator/traffic": marked("Traffic"),
    "/operator/partners": marked("Partners"),
    "/operator/tokens": marked("Tokens"),
    "/operator/webhooks": marked("Webhooks"),
    "/operator/accounts": marked("Accounts"),
    "/operator/settings": marked("Settings"),
}
"""The pages of operators, in their order, with their names."""
OF_BOOKINGS: Final = frozenset({"/operator/releases", "/operator/partners", "/operator/webhooks"})
"""Those that there are where bookings are kept."""
AUDIT: Final = "/support/audit"
"""The page of the access audit, which only those see who are auditors, too."""


@dataclass(frozen=True, slots=True)
class Ground:
    """On what operators' pages stand. `keeps_bookings`: the gateway is not used alone."""

    site: Site
    ports: OperatorPorts
    keeps_bookings: bool

    def routes(self) -> APIRouter:
        """A router whose answers are pages."""
        return APIRouter(include_in_schema=False, route_class=PageRoute)

    def page(
        self,
        request: Request,
        template: str,
        viewer: Viewer,
        here: str,
        *,
        status: HTTPStatus = HTTPStatus.OK,
        told: Mapping[str, str] | None = None,
        **values: object,
    ) -> Response:
        """A page in the folder of operators; `here` is the entry of WAYS to which it belongs."""
        return self.site.page(
            request,
            f"operator/{template}",
            viewer,
            status=status,
            ways=self._ways(viewer, here),
            told=told,
            policy=POLICY,
            utc=UTC,
            Health=Health,
            span=words.spans(viewer.language),
            health_words=words.HEALTH,
            alarm_words=words.ALARMS,
            role_words=words.ROLES,
            **values,
        )

    def _ways(self, viewer: Viewer, here: str) -> list[Way]:
        say = site_words(viewer.language).gettext
        found = [
            Way(href, say(name), is_here=href == here)
            for href, name in WAYS.items()
            if self.keeps_bookings or href not in OF_BOOKINGS
        ]
        if viewer.holds(Office.AUDITOR):
            found.append(Way(AUDIT, say(marked("Who looked at what"))))
        return found
