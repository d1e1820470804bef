"""Looks things up in DNS for everybody: dnspython's asynchronous resolver, with a cache, under bounds.

Answers are never exceptions: trouble is an answer like any other, and what to make of it is for whoever asked (GW-14, FAULT-77).
"""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import dns.asyncresolver
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.nameserver
import dns.query
import dns.rdata
import dns.rdatatype
import dns.resolver
from dns._asyncbackend import Backend
from dns.rdtypes.ANY import CNAME, MX, PTR, TLSA, TXT

from relay import figures
from relay.internet import is_public
from relay.lookup import Answer, Asking, Lookup, Outcome, Query, Type

query_s: Final = 5.0
"""What one query may take, all servers and repetitions together."""
check_s: Final = 20.0
"""What the queries of one check may take together (RFC 7208 §4.6.4)."""
queries_at_once: Final = 200
"""Further ones wait for their turn, within their time."""
cached_max: Final = 5_000
"""Answers that are remembered, each for its own time to live."""
cached_max_s: Final = 3_600.0
"""However long an answer says that it holds: the server that is asked remembers it as well, and what a domain changed counts."""
cached_octets_max: Final = 2_048
"""Of one of them: whoever sends chooses what is asked, and so how much is remembered. A longer answer is asked for again."""
read_records_max: Final = 400
"""In all sections of an answer that comes by TCP, with signatures and aliases. One with more is not read: 64 KiB hold 4000, which
take a third of a second, and one message has a hundred queries asked."""
records_max: Final = 200
"""In one answer; an answer of more is trouble."""
record_octets_max: Final = 65_536
_edns_octets: Final = 1_232
"""What a datagram may carry without being cut on its way; what is longer comes by TCP."""

_head_octets: Final = 12

T = TypeVar("T")


class Resolver:
    """Asks `servers` ("address", port), those of the system where there are none. For one event loop. What they say that they
    have validated is believed where all of them are this machine, or on a network of its own.

    Raises OSError where the system's servers are to be asked and nothing says which these are.
    """

    def __init__(self, servers: Sequence[tuple[str, int]] = (), monotonic: Callable[[], float] = time.monotonic) -> None:
        try:
            self._resolver = dns.asyncresolver.Resolver(configure=not servers)
        except dns.resolver.NoResolverConfiguration as why:
            raise OSError("DNS: the system names no servers; set authentication.dns_servers") from why
        asked = list(servers) or [(str(one), self._resolver.port) for one in self._resolver.nameservers]
        self._resolver.nameservers = [_Server(host, port) for host, port in asked]
        self._believed = all(_is_near(host) for host, _ in asked)
        self._resolver.cache = _Cache(cached_max)
        # AD in the query asks for AD in the answer (RFC 6840 §5.7), and spares the signatures.
        self._resolver.flags = dns.flags.RD | dns.flags.AD
        self._resolver.use_edns(0, 0, _edns_octets)
        self._turns = asyncio.Semaphore(queries_at_once)
        self._monotonic = monotonic

    async def ask(self, query: Query, within_s: float = query_s) -> Answer:
        """The answer to `query`; TROUBLE when there is none within `within_s` seconds."""
        began = self._monotonic()
        answer = await self._asked(query, within_s)
        figures.DNS_SECONDS.add(self._monotonic() - began)
        figures.DNS_ANSWERS.add(answer.outcome.value)
        return answer

    async def _asked(self, query: Query, within_s: float) -> Answer:
        try:
            async with asyncio.timeout(within_s), self._turns:
                found = await self._resolver.resolve(
                    dns.name.from_text(query.name),
                    query.type.value,
                    raise_on_no_answer=False,
                    lifetime=within_s,
                    search=False,
                )
        except dns.resolver.NXDOMAIN:
            return Answer(Outcome.NO_NAME)
        except (dns.exception.DNSException, OSError, TimeoutError, UnicodeError):
            # Names that are none are asked by nobody but a hostile record; no server has an answer to them.
            return Answer(Outcome.TROUBLE)
        if found.rrset is None:
            return Answer(Outcome.EMPTY)
        if len(found.rrset) > records_max:
            return Answer(Outcome.TROUBLE)
        records = tuple(_written(one) for one in found.rrset)
        if query.type is Type.MX:
            records = tuple(sorted(records, key=lambda one: int(one.partition(" ")[0])))
        if sum(map(len, records)) > record_octets_max:
            return Answer(Outcome.TROUBLE)
        return Answer(Outcome.FOUND, records, self._believed and bool(found.response.flags & dns.flags.AD))

    async def answered(self, check: Asking[T], within_s: float = check_s) -> tuple[T, tuple[Lookup, ...]]:
        """What `check` returns, and all that it was told. After `within_s` seconds it hears of TROUBLE alone."""
        until = self._monotonic() + within_s
        told: dict[Query, Answer] = {}
        try:
            query = next(check)
            while True:
                if query not in told:
                    left = until - self._monotonic()
                    told[query] = await self.ask(query, min(left, query_s)) if left > 0 else Answer(Outcome.TROUBLE)
                query = check.send(told[query])
        except StopIteration as ended:
            return ended.value, tuple(Lookup(*one) for one in told.items())


class _Cache(dns.resolver.LRUCache):
    """Remembers short answers, for a while."""

    def put(self, key: dns.resolver.CacheKey, value: dns.resolver.Answer) -> None:
        value.expiration = min(value.expiration, time.time() + cached_max_s)
        if len(value.response.wire or b"") <= cached_octets_max:
            super().put(key, value)


class _Server(dns.nameserver.Do53Nameserver):
    """Looks at answers that come by TCP before it reads them; in a datagram there is no room for much."""

    async def async_query(
        self,
        request: dns.message.QueryMessage,
        timeout: float,  # noqa: ASYNC109  the signature is dnspython's, which calls it
        source: str | None,
        source_port: int,
        max_size: bool,
        backend: Backend,
        one_rr_per_rrset: bool = False,
        ignore_trailing: bool = False,
    ) -> dns.message.Message:
        """Raises FormError for more records than are read."""
        if not max_size:
            more = (one_rr_per_rrset, ignore_trailing)
            return await super().async_query(request, timeout, source, source_port, max_size, backend, *more)
        try:
            async with asyncio.timeout(timeout):
                wire = await self._by_tcp(request.to_wire())
        except TimeoutError as over:
            raise dns.exception.Timeout from over
        if sum(struct.unpack_from("!HHH", wire.ljust(_head_octets), 6)) > read_records_max:
            raise dns.exception.FormError
        response = dns.message.from_wire(wire, one_rr_per_rrset=one_rr_per_rrset, ignore_trailing=ignore_trailing)
        if not request.is_response(response):
            raise dns.query.BadResponse
        return response

    async def _by_tcp(self, asked: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(self.address, self.port)
        try:
            writer.write(len(asked).to_bytes(2) + asked)
            return await reader.readexactly(int.from_bytes(await reader.readexactly(2)))
        finally:
            writer.close()


def _is_near(host: str) -> bool:
    """Whether a server's word for what it has validated can be taken: over the internet anybody on the way could say the same of
    records of their own, and so put aside what a domain demands over HTTPS (RFC 4035 §4.9.3, RFC 8461 §2)."""
    try:
        return not is_public(host)
    except ValueError:
        return False


def _written(record: dns.rdata.Rdata) -> str:
    match record:
        case MX.MX():
            return f"{record.preference} {_name(record.exchange)}"
        case TXT.TXT():
            return b"".join(record.strings).decode("latin-1")
        case CNAME.CNAME() | PTR.PTR():
            return _name(record.target)
        case TLSA.TLSA():
            return f"{record.usage} {record.selector} {record.mtype} {record.cert.hex()}"
        case _:
            return record.to_text()


def _name(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()
