"""A DNS server for tests: real packets over UDP and TCP on the loopback interface, answers from a table that may be changed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

Records = Mapping[str, Mapping[str, list[str]]]
"""By name without final dot, by type, in the form of a zone file; of a TXT the text alone, however long it is."""


@dataclass
class Zone:
    """What the server knows. `failing` names get SERVFAIL, `silent` ones no answer at all, `cut` ones come by TCP alone, and
    `secure` ones, which count with all below them, have AD set. `asked` are all questions that came, as "name TYPE"."""

    records: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    failing: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    cut: set[str] = field(default_factory=set)
    secure: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    ttl_s: int = 300
    port: int = 0

    @property
    def server(self) -> str:
        """As `authentication.dns_servers` wants it."""
        return f"127.0.0.1:{self.port}"

    def put(self, name: str, type_: str, *records: str) -> None:
        """Instead of what was there."""
        self.records.setdefault(name.lower(), {})[type_] = list(records)

    def answer(self, wire: bytes, *, by_tcp: bool) -> bytes | None:
        query = dns.message.from_wire(wire)
        asked = query.question[0]
        name = asked.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(asked.rdtype)
        self.asked.append(f"{name} {kind}")
        if name in self.silent:
            return None
        response = dns.message.make_response(query, recursion_available=True)
        if name in self.failing:
            response.set_rcode(dns.rcode.SERVFAIL)
        elif name in self.cut and not by_tcp:
            response.flags |= dns.flags.TC
        else:
            self._fill(response, name, kind)
        if any(name == one or name.endswith(f".{one}") for one in self.secure):
            response.flags |= dns.flags.AD
        return response.to_wire(max_size=65_535 if by_tcp else 1_232)

    def _fill(self, response: dns.message.Message, name: str, kind: str) -> None:
        for _ in range(8):
            here = self.records.get(name)
            if here is None:
                below = any(one.endswith(f".{name}") for one in self.records)
                if not below and not response.answer:
                    response.set_rcode(dns.rcode.NXDOMAIN)
                return
            type_ = "CNAME" if "CNAME" in here and kind not in here else kind
            if type_ not in here or not here[type_]:
                return
            response.answer.append(self._rrset(name, type_, here[type_]))
            if type_ == kind:
                return
            name = here["CNAME"][0].rstrip(".").lower()

    def _rrset(self, name: str, type_: str, records: list[str]) -> dns.rrset.RRset:
        if type_ != "TXT":
            return dns.rrset.from_text_list(f"{name}.", self.ttl_s, "IN", type_, [_absolute(type_, one) for one in records])
        texts = []
        for one in records:
            octets = one.encode("latin-1")
            pieces = [octets[at : at + 255] for at in range(0, len(octets), 255)] or [b""]
            wire = b"".join(bytes([len(piece)]) + piece for piece in pieces)
            texts.append(dns.rdata.from_wire(dns.rdataclass.IN, dns.rdatatype.TXT, wire, 0, len(wire)))
        return dns.rrset.from_rdata_list(dns.name.from_text(name), self.ttl_s, texts)


def _absolute(type_: str, record: str) -> str:
    return record if type_ not in {"CNAME", "MX", "PTR"} or record.endswith(".") else f"{record}."


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, zone: Zone) -> None:
        self._zone = zone

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if (answer := self._zone.answer(data, by_tcp=False)) is not None:
            self._transport.sendto(answer, addr)


@contextmanager
def serving(zone: Zone) -> Iterator[Zone]:
    """`zone` at 127.0.0.1, at a port of its own, from a thread of its own."""
    loop = asyncio.new_event_loop()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                length = int.from_bytes(await reader.readexactly(2))
                if (answer := zone.answer(await reader.readexactly(length), by_tcp=True)) is not None:
                    writer.write(len(answer).to_bytes(2) + answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def begin() -> tuple[asyncio.Server, asyncio.DatagramTransport]:
        for _ in range(50):
            server = await asyncio.start_server(converse, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            try:
                datagrams, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(zone), ("127.0.0.1", port))
            except OSError:
                server.close()
                await server.wait_closed()
                continue
            zone.port = port
            return server, datagrams
        raise AssertionError("no port that is free for both UDP and TCP")

    thread = threading.Thread(target=loop.run_forever, name="dns", daemon=True)
    thread.start()
    server, datagrams = asyncio.run_coroutine_threadsafe(begin(), loop).result(5)
    try:
        yield zone
    finally:

        async def end() -> None:
            server.close()
            datagrams.close()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()
            await asyncio.sleep(0)

        asyncio.run_coroutine_threadsafe(end(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
