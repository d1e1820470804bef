"""Asking the house's own provider who somebody is: OpenID Connect, authorization code with PKCE.

Its certificate, signature and claims are checked (OpenID Connect Core §3.1.3.7, RFC 7636); what it says of anybody counts only
where it has verified their mail address. The libraries for it are loaded where it is in use.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from relay.errors import Unavailable
from relay.values import RealAddress

fetch_s: Final = 10.0
answer_octets_max: Final = 256 * 1024
known_for_s: Final = 3_600.0
"""How long what the provider says of itself, and its keys, are taken as they were."""
skew_s: Final = 60
"""By how much its clock may differ."""
text_characters_max: Final = 4_000
"""Of a code or a state that comes back."""
ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")
"""Of signatures: none that anybody could make who knows our secret, or nothing."""


class Refused(Exception):
    """Nobody is signed in; the text says why, for operators, and holds no address."""


@dataclass(frozen=True, slots=True)
class Client:
    """We, as the provider knows us. `back`: where it sends people back to."""

    issuer: str
    id: str
    secret: str = field(repr=False)
    back: str


@dataclass(frozen=True, slots=True)
class _Provider:
    """What the provider says of itself."""

    authorize: str
    token: str
    keys: str
    takes_basic: bool


@dataclass(slots=True)
class Oidc:
    """Leads people to the provider, and reads what it says when they come back.

    Everything that has to be kept meanwhile follows from one secret, which is kept in their browser: the state, the nonce and the
    verifier, none of which tells anything of another.
    """

    client: Client
    _known: tuple[float, _Provider] | None = None

    async def begin(self, secret: str) -> str:
        """The provider's page, for whoever holds `secret`. Raises Unavailable."""
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        provider = await self._provider()
        asked = {
            "response_type": "code",
            "client_id": self.client.id,
            "redirect_uri": self.client.back,
            "scope": "openid email",
            "state": state_of(secret),
            "nonce": _of(secret, "nonce"),
            "code_challenge": create_s256_code_challenge(_of(secret, "verifier")),
            "code_challenge_method": "S256",
        }
        return f"{provider.authorize}{'&' if urlsplit(provider.authorize).query else '?'}{urlencode(asked)}"

    async def finish(self, secret: str, state: str, code: str) -> RealAddress:
        """The address of whoever came back, which the provider has verified. Raises Refused and Unavailable."""
        if not hmac.compare_digest(state_of(secret).encode(), state.encode("utf-8", "replace")):
            raise Refused("the state is another browser's")
        if not 0 < len(code) <= text_characters_max:
            raise Refused("there is no code")
        provider = await self._provider()
        claims = await self._claims(provider, await self._id_token(provider, code, secret), _of(secret, "nonce"))
        if claims.get("email_verified") is not True:
            raise Refused("the provider has not verified the address")
        try:
            return RealAddress(str(claims.get("email", "")))
        except ValueError:
            raise Refused("the provider names no address") from None

    async def _provider(self) -> _Provider:
        if self._known is not None and time.monotonic() < self._known[0]:
            return self._known[1]
        told = await _asked("GET", f"{self.client.issuer.rstrip('/')}/.well-known/openid-configuration")
        if told.get("issuer") != self.client.issuer:
            raise Unavailable("OpenID Connect: the provider says it is another one than sign_in.oidc_issuer")
        authorize, token, keys = (str(told.get(name, "")) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"))
        begins = "https://" if self.client.issuer.startswith("https:") else "http"
        if not all(one.startswith(begins) for one in (authorize, token, keys)):
            raise Unavailable("OpenID Connect: the provider's description is not usable")
        methods = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        provider = _Provider(authorize, token, keys, takes_basic="client_secret_basic" in methods)
        self._known = (time.monotonic() + known_for_s, provider)
        return provider

    async def _id_token(self, provider: _Provider, code: str, secret: str) -> str:
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.client.back,
            "code_verifier": _of(secret, "verifier"),
        }
        basic: tuple[str, str] | None = (self.client.id, self.client.secret)
        if not provider.takes_basic:
            basic, asked = None, {**asked, "client_id": self.client.id, "client_secret": self.client.secret}
        told = await _asked("POST", provider.token, asked, basic)
        token = told.get("id_token")
        if not isinstance(token, str):
            raise Refused("the provider gave no id token")
        return token

    async def _claims(self, provider: _Provider, token: str, nonce: str) -> Mapping[str, Any]:
        """What the provider says, if it is the provider who says it, to us, now, and about this visit."""
        from authlib.oidc.core.claims import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        keys, client = await _asked("GET", provider.keys), self.client
        try:
            read = jwt.decode(token, KeySet.import_key_set({"keys": keys["keys"]}), algorithms=list(ALGORITHMS))
            required = {name: {"essential": True, "value": value} for name, value in (("iss", client.issuer), ("aud", client.id))}
            claims = CodeIDToken(read.claims, read.header, required, {"nonce": nonce, "client_id": client.id})
            claims.validate(leeway=skew_s)
        except (JoseError, ValueError, TypeError, KeyError) as why:
            raise Refused(f"the id token does not count ({type(why).__name__})") from None
        return dict(claims)


def state_of(secret: str) -> str:
    """What comes back with whoever was led away with `secret`."""
    return _of(secret, "state")


def _of(secret: str, what: str) -> str:
    """43 characters, as a verifier needs at least (RFC 7636 §4.1)."""
    made = hmac.new(secret.encode("utf-8", "replace"), what.encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(made).rstrip(b"=").decode()


async def _asked(
    method: str, url: str, form: Mapping[str, str] | None = None, basic: tuple[str, str] | None = None
) -> dict[str, Any]:
    """The JSON object that is answered. Raises Unavailable, and Refused where the provider says no."""
    import httpx

    octets = b""
    try:
        async with (
            httpx.AsyncClient(timeout=fetch_s, follow_redirects=False, trust_env=False) as client,
            client.stream(method, url, data=form, auth=basic, headers={"Accept": "application/json"}) as answer,
        ):
            async for part in answer.aiter_bytes():
                octets += part
                if len(octets) > answer_octets_max:
                    raise Unavailable("OpenID Connect: the provider answers too much")
            status = answer.status_code
    except httpx.HTTPError as why:
        raise Unavailable(f"OpenID Connect: the provider does not answer ({type(why).__name__})") from None
    if method == "POST" and 400 <= status < 500:
        raise Refused(f"the provider refuses the code ({status})")
    if status != 200:
        raise Unavailable(f"OpenID Connect: the provider answers {status}")
    return _object(octets)


def _object(octets: bytes) -> dict[str, Any]:
    import json

    try:
        told = json.loads(octets)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise Unavailable("OpenID Connect: the provider answers something else than JSON")
    return told
