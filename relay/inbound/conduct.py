"""How networks behave: who guesses at aliases is shut out for a while, who brings refused mail has to slow down.

Each process counts for itself, and forgets when it ends: to share the counts would let whoever guesses write to the database.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv6Network
from typing import Final

from relay.inbound.limits import Limits

_doublings_max: Final = 32
trusted_more: Final = 10
"""So many times as many guesses has a network from which a message to a party was accepted within `trusted_s`."""
trusted_s: Final = 86_400.0
wide_more: Final = 16
"""So many times as much of everything has the /48 around an IPv6 network: whoever rents one may write from all of its 65,536."""
_wide_bits: Final = 48


@dataclass(slots=True)
class _Record:
    """What one network has done, as of `at`; time makes up for it, at the pace that is allowed."""

    at: float
    guesses: float = 0.0
    refused: float = 0.0
    to_house: float = 0.0
    guessed: set[int] = field(default_factory=set)
    """Fingerprints of the addresses that make up `guesses`, or most of them."""
    brought_mail_at: float = -math.inf
    shut_out_until: float = -math.inf
    times_shut_out: int = 0


class Conduct:
    """The unknown recipients that each network named, the messages from it that were refused, and those to the house. Source:
    GW-8, GW-20, GW-27, FAULT-29.

    A server of many people brings a mistyped address now and then, and tries it again; a guesser brings new ones alone.
    So one address counts once, and time makes up for `guesses_max` of them in `guesses_s`. Who brought mail to a party that was
    accepted may guess `trusted_more` times as much: a mail can name a hundred recipients, all of them mistyped, and its server
    brings other people's mail too. More mail buys no more guesses, for whoever has one alias can send as much to it as they like.
    Beyond that nobody in the network is listened to for `shut_out_s_min`, each time twice as long, up to `shut_out_s_max`.
    `monotonic` tells seconds that never run back (FAULT-99). A network without a name is nobody's: a socket of this machine, or a
    front MTA.
    """

    __slots__ = ("_limits", "_monotonic", "_records")

    def __init__(self, limits: Limits, monotonic: Callable[[], float]) -> None:
        self._limits = limits
        self._monotonic = monotonic
        self._records: OrderedDict[str, _Record] = OrderedDict()

    def __len__(self) -> int:
        """Networks that are remembered."""
        return len(self._records)

    def guessed(self, network: str, local: str) -> int:
        """Somebody in `network` named `local`, which reaches nobody: how many of its guesses count now, this one included.

        Where nobody is counted, each guess is the first: no time would make up for it.
        """
        if not network or not self._limits.guesses_max:
            return 1
        counts = [self._guess(one, local, more) for one, more in _circles(network)]
        return counts[0]

    def _guess(self, network: str, local: str, more: int) -> int:
        record, limits = self._brought_up_to_date(network, more), self._limits
        allowed = limits.guesses_max * more * _trust(record)
        mark = hash(local)
        if mark not in record.guessed:
            record.guesses += 1.0
            if len(record.guessed) < allowed:
                record.guessed.add(mark)
        if allowed < record.guesses and record.at >= record.shut_out_until:
            doubled = limits.shut_out_s_min * 2.0 ** min(record.times_shut_out, _doublings_max)
            record.shut_out_until = record.at + min(doubled, limits.shut_out_s_max)
            record.times_shut_out += 1
        return max(1, math.ceil(record.guesses))

    def is_shut_out(self, network: str) -> bool:
        """Whether nobody in `network` is listened to now."""
        records = (self._records.get(one) for one, _ in _circles(network))
        return any(one is not None and self._monotonic() < one.shut_out_until for one in records)

    def brought_mail(self, network: str) -> None:
        """A message from `network` to a party was accepted."""
        for one, more in _circles(network):
            record = self._brought_up_to_date(one, more)
            record.brought_mail_at = record.at

    def was_refused(self, network: str) -> None:
        """A message from `network` was read, and refused."""
        for one, more in _circles(network) if self._limits.refused_max else ():
            self._brought_up_to_date(one, more).refused += 1.0

    def may_bring(self, network: str) -> bool:
        """Whether a message from `network` is read now (GW-27)."""
        allowed = self._limits.refused_max
        return not allowed or all(one.refused <= allowed * more - 1 for one, more in self._known(network))

    def wrote_to_house(self, network: str) -> None:
        """A message from `network` to postmaster, or another address of the house, was accepted."""
        for one, more in _circles(network):
            self._brought_up_to_date(one, more).to_house += 1.0

    def may_write_to_house(self, network: str) -> bool:
        """Whether one more is taken now: each is kept, and goes to the operators (GW-8, GW-27)."""
        return all(one.to_house <= self._limits.to_house_max * more - 1 for one, more in self._known(network))

    def _known(self, network: str) -> Iterator[tuple[_Record, int]]:
        """What is remembered of it and of what lies around it, with how much more that may do."""
        for one, more in _circles(network):
            if one in self._records:
                yield self._brought_up_to_date(one, more), more

    def _brought_up_to_date(self, network: str, more: int) -> _Record:
        """The record of `network`, which may do `more` times as much, as of now; of all it will be forgotten last."""
        limits, now = self._limits, self._monotonic()
        record = self._records.pop(network, None) or _Record(now)
        self._records[network] = record
        if len(self._records) > limits.networks_remembered_max:
            self._records.popitem(last=False)
        passed_s, record.at = now - record.at, now
        record.guesses = max(0.0, record.guesses - passed_s * more * _trust(record) * limits.guesses_max / limits.guesses_s)
        record.refused = max(0.0, record.refused - passed_s * more * limits.refused_max / limits.refused_s)
        record.to_house = max(0.0, record.to_house - passed_s * more * limits.to_house_max / limits.to_house_s)
        if not record.guesses:
            record.guessed.clear()
            if now >= record.shut_out_until + limits.shut_out_s_max:
                record.times_shut_out = 0
        return record


def _trust(record: _Record) -> int:
    return trusted_more if record.at - record.brought_mail_at < trusted_s else 1


@lru_cache(maxsize=1_024)
def _circles(network: str) -> Sequence[tuple[str, int]]:
    """The network, and the /48 around it where it is the /64 of an IPv6 address, with how many times as much each may do; none
    around nobody's."""
    if not network:
        return ()
    if not network.endswith("/64"):
        return ((network, 1),)
    return ((network, 1), (str(IPv6Network(network).supernet(new_prefix=_wide_bits)), wide_more))
