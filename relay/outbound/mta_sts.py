"""MTA-STS (RFC 8461): what a domain demands of the hosts that take its mail, announced in DNS, published over HTTPS, cached.

Trouble on the way to a policy that nobody has seen before is no reason to keep mail back (§2): whoever could make such trouble
could as well have hidden the announcement. One that is cached holds until it runs out, whatever is announced by then.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final, Protocol

from relay.errors import Unavailable
from relay.lookup import Answer, Outcome, Query, Type
from relay.outbound.https import Fetched, NotFetched
from relay.outbound.ports import Names
from relay.outbound.tls_report import Finding
from relay.outbound.troubles import complain
from relay.values import Clock

age_max: Final = timedelta(seconds=31_557_600)
"""How long a policy may ask to be cached (RFC 8461 §3.2)."""
patterns_max: Final = 100
"""Patterns of hosts in one policy; one with more is invalid."""
fresh: Final = timedelta(days=1)
"""A policy that was fetched longer ago is fetched anew, so that blocking one fetch is not enough to let it run out (§10.2)."""
pause: Final = timedelta(minutes=5)
"""After a fetch that failed (§3.3)."""
pauses_max: Final = 1_000
"""Domains of which a failed fetch is cached."""
PATH: Final = "/.well-known/mta-sts.txt"

_ID: Final = re.compile(r"[A-Za-z0-9]{1,32}")
_PATTERN: Final = re.compile(
    r"(?=.{1,253}$)(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)


class Mode(Enum):
    """What is to happen when a host does not meet the policy (§5)."""

    ENFORCE = "enforce"
    TESTING = "testing"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a domain demands. `patterns`: names of hosts, or `*.` and what follows one label."""

    mode: Mode
    patterns: tuple[str, ...]
    max_age: timedelta

    def allows(self, host: str) -> bool:
        """Whether mail may be taken to `host` (§4.1)."""
        _, _, parent = host.partition(".")
        return host in self.patterns or f"*.{parent}" in self.patterns


class CachedPolicy(Protocol):
    """A policy as it was published, and the id with which it was announced when it was fetched."""

    @property
    def id(self) -> str: ...
    @property
    def content(self) -> str: ...
    @property
    def fetched_at(self) -> datetime: ...


class PolicyCache(Protocol):
    """Where policies are cached, for all workers. Both raise Unavailable."""

    async def policy_of(self, domain: str) -> CachedPolicy | None: ...
    async def keep_policy(self, domain: str, announced: str, content: str, now: datetime) -> None: ...


class Fetching(Protocol):
    """HTTPS, as relay.outbound.https does it."""

    async def __call__(self, host: str, path: str) -> Fetched | NotFetched: ...


def announced(answer: Answer) -> str | None:
    """The id of the policy that a domain announces at `_mta-sts` (§3.1); None where there is none, or more than one."""
    ours = [record for record in answer.records if record.replace(" ", "").startswith("v=STSv1;")]
    if answer.outcome is not Outcome.FOUND or len(ours) != 1:
        return None
    fields = dict(_field(one, "=") for one in ours[0].split(";")[1:])
    found = fields.get("id", "")
    return found if _ID.fullmatch(found) else None


def parsed(content: str) -> Policy | None:
    """The policy in the file of a domain (§3.2); None for what is none. Fields that nobody knows are passed over."""
    fields = [_field(line, ":") for line in content.splitlines() if line.strip()]
    first = {name: value for name, value in reversed(fields) if name != "mx"}
    modes = {one.value: one for one in Mode}
    mode, age = modes.get(first.get("mode", "")), first.get("max_age", "")
    patterns = tuple(value.lower().rstrip(".") for name, value in fields if name == "mx")
    right = first.get("version") == "STSv1" and mode is not None and re.fullmatch(r"[0-9]{1,10}", age)
    if not right or mode is None or len(patterns) > patterns_max or not all(map(_PATTERN.fullmatch, patterns)):
        return None
    if not patterns and mode is not Mode.NONE:
        return None
    return Policy(mode, patterns, min(timedelta(seconds=int(age)), age_max))


class Policies:
    """Finds the policy that holds for a domain now. `clock` gives the time in UTC."""

    def __init__(self, names: Names, fetch: Fetching, cache: PolicyCache, clock: Clock) -> None:
        self._names = names
        self._fetch = fetch
        self._cache = cache
        self._clock = clock
        self._failed: dict[str, datetime] = {}

    async def policy(self, domain: str) -> tuple[Policy | None, Finding | None]:
        """The policy of `domain`, None where there is none, or none to be had and none cached; and what went wrong, if
        anything did (RFC 8460 §4.3). Raises Unavailable: what is cached must not be passed over."""
        now = self._clock()
        cached = await self._cache.policy_of(domain)
        known = _holding(cached, now) if cached is not None else None
        found = announced(await self._names.ask(Query(f"_mta-sts.{domain}", Type.TXT)))
        if found is None or (known is not None and cached is not None and _is_current(cached, found, now)):
            return known, None
        if (failed_at := self._failed.get(domain)) is not None and failed_at <= now < failed_at + pause:
            return known, None
        got = await self._fetch(f"mta-sts.{domain}", PATH)
        if isinstance(got, NotFetched):
            why = Finding.STS_WEBPKI_INVALID if got is NotFetched.CERTIFICATE else Finding.STS_POLICY_FETCH_ERROR
            return known, self._for_later(domain, now, why)
        text = got.content.decode("utf-8", "replace").replace("\x00", "\ufffd")
        policy = parsed(text) if got.media_type == "text/plain" else None
        if policy is None:
            return known, self._for_later(domain, now, Finding.STS_POLICY_INVALID)
        self._failed.pop(domain, None)
        try:
            await self._cache.keep_policy(domain, found, text, now)
        except Unavailable as why:
            complain("policy.not_kept", why)  # it holds now, and is fetched again
        return policy, None

    def _for_later(self, domain: str, now: datetime, why: Finding) -> Finding:
        self._failed.pop(domain, None)
        self._failed[domain] = now
        if len(self._failed) > pauses_max:
            del self._failed[next(iter(self._failed))]
        return why


def _holding(cached: CachedPolicy, now: datetime) -> Policy | None:
    policy = parsed(cached.content)
    return policy if policy is not None and now < cached.fetched_at + policy.max_age else None


def _is_current(cached: CachedPolicy, found: str, now: datetime) -> bool:
    return cached.id == found and now < cached.fetched_at + fresh


def _field(text: str, mark: str) -> tuple[str, str]:
    name, _, value = text.partition(mark)
    return name.strip(), value.strip()
