"""The pages of search, cases and the access audit, put together."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter

from relay.web.site.layout import Site
from relay.web.site.support import audit, cases, search
from relay.web.site.support.audit_ports import Audit
from relay.web.site.support.case_ports import Cases
from relay.web.site.support.ground import SupportGround
from relay.web.site.support.search_ports import Finder


def routers(site: Site, finder: Finder, work: Cases, trace: Audit) -> Iterator[APIRouter]:
    """Their routers, in the order in which their addresses are tried."""
    ground = SupportGround(site, finder, work, trace)
    yield search.router(ground)
    yield cases.router(ground)
    yield audit.router(ground)
