"""What holds for every page: a form counts only from our own pages, and what goes wrong is a page too."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, urlsplit

import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from relay.errors import Conflict, NotDone, NotFound, RelayError, Unavailable
from relay.web.site.forms import entered
from relay.web.site.layout import SignInNeeded, cookie_name
from relay.web.site.viewer import form_token_of
from relay.web.site.wrong import wrong_page

log = structlog.get_logger("relay.site")

token_field: Final = "form_token"  # noqa: S105  a field's name
next_characters_max: Final = 500


class PageRoute(APIRoute):
    """A route whose answers are pages."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                if request.method not in {"GET", "HEAD"}:
                    await _insist_on_our_form(request)
                return await handle(request)
            except SignInNeeded:
                return RedirectResponse(sign_in_address(request), HTTPStatus.SEE_OTHER)
            except RequestValidationError:
                return wrong_page(request, HTTPStatus.NOT_FOUND)
            except HTTPException as wrong:
                return wrong_page(request, HTTPStatus(wrong.status_code))
            except NotFound:
                return wrong_page(request, HTTPStatus.NOT_FOUND)
            except Conflict:
                return wrong_page(request, HTTPStatus.CONFLICT)
            except NotDone:
                return wrong_page(request, HTTPStatus.UNPROCESSABLE_ENTITY)
            except Unavailable as why:
                log.warning("page.unavailable", path=self.path, why=str(why))
                return wrong_page(request, HTTPStatus.SERVICE_UNAVAILABLE)
            except RelayError as broken:
                log.error("page.broken", path=self.path, kind=type(broken).__name__)
                return wrong_page(request, HTTPStatus.INTERNAL_SERVER_ERROR)
            finally:
                # Files that came with a form lie in temporary ones.
                await request.close()

        return handled


def sign_in_address(request: Request) -> str:
    """The page for signing in, which leads back to where somebody wanted to go."""
    if request.method != "GET":
        return "/sign-in"
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"/sign-in?next={quote(wanted, safe='')}" if len(wanted) <= next_characters_max else "/sign-in"


def back(href: str, told: str = "") -> Response:
    """To that page after a form; by the word `told` it says what was done."""
    mark = "&" if "?" in href else "?"
    return RedirectResponse(f"{href}{mark}told={told}" if told else href, HTTPStatus.SEE_OTHER)


async def _insist_on_our_form(request: Request) -> None:
    """Turns away what another site made a browser send: by where it says it comes from, and by the token of the session."""
    fetched_from = request.headers.get("sec-fetch-site")
    if fetched_from not in {None, "same-origin", "none"}:
        raise HTTPException(HTTPStatus.FORBIDDEN)
    origin = request.headers.get("origin")
    # Older browsers say nothing of where it comes from, and no origin to whoever wants no referrer: the token is what counts.
    if fetched_from is None and origin not in {None, "null"} and urlsplit(origin).netloc != request.headers.get("host"):
        raise HTTPException(HTTPStatus.FORBIDDEN)
    secret = request.cookies.get(cookie_name(request))
    if secret is not None:
        sent = (await entered(request)).raw(token_field)
        if not hmac.compare_digest(sent.encode("utf-8", "replace"), form_token_of(secret).encode()):
            raise HTTPException(HTTPStatus.FORBIDDEN)
