"""The bounds of SMTP sessions (invariant 12)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_MAY_BE_ZERO: Final = frozenset({"tarpit_s_min", "tarpit_s_max", "guesses_max", "refused_max"})


@dataclass(frozen=True, slots=True)
class Limits:
    """Every bound of the inbound side, with its unit in its name. Raises ValueError for a bound that is not positive.

    The two tarpit delays may be zero, and so may the numbers of guesses and of refused messages: then they are not bounded.
    Everything else has to be more.
    """

    message_octets_max: int = 25 * 2**20
    """After unstuffing dots. Announced as SIZE (RFC 1870); twice of it closes the connection (FAULT-49)."""
    command_octets_max: int = 2048
    """A command line with its line end (FAULT-10)."""
    recipients_max: int = 100
    """Of one transaction; the next gets 452 (FAULT-31, RFC 5321 §4.5.3.1.8)."""
    recipients_apart_max: int = 10
    """The same of an LMTP transaction, where a message may be judged once more for each of them (RFC 2033)."""
    errors_max: int = 20
    """Permanent refusals since the last accepted message; the last closes the connection (FAULT-6)."""
    transactions_max: int = 10_000
    """MAIL commands of one session."""
    commands_between_messages_max: int = 1_000
    """Commands since the last accepted message: room for 100 recipients, and an end to NOOP and RSET for ever."""

    connections_max: int = 1_000
    """Together (FAULT-41)."""
    connections_per_network_max: int = 100
    """From one IPv4 address or one IPv6 /64 (CASE-52)."""
    guesses_max: int = 20
    """Different unknown recipients that one network names within `guesses_s`; with the next one it is shut out (GW-20).
    Zero: nobody is."""
    refused_max: int = 3_600
    """Messages of one network that were read, and refused or put off for what they are, within `refused_s`; then MAIL answers
    450 4.7.1 (GW-27). Zero: as many as come."""
    to_house_max: int = 60
    """Messages of one network to postmaster and the other addresses of the house, within `to_house_s`; then RCPT answers
    450 4.7.1 for them (GW-8)."""
    networks_remembered_max: int = 10_000
    """Networks whose conduct is remembered; the one that did nothing for the longest time is forgotten first."""
    in_flight_octets_max: int = 2**30
    """Content under way for all sessions together, in memory and on disk. One network has as much of it as is still free, so that
    a flood leaves room for others. When it is used up, nothing is read for `room_s`; MAIL, and then DATA, answer 452 4.3.1."""
    in_memory_octets_max: int = 64 * 2**10
    """What is held in memory of one message while it arrives; the rest goes to a file without a name."""
    large_octets_at_once: int = 16 * 2**20
    """Messages that went to a file are taken over one after the other, or together up to this sum, the networks in turns; those
    that wait are on the disk alone (PERF-6)."""
    disk_octets_free_min: int = 256 * 2**20
    """With less than this on the disk MAIL answers 452 4.3.1; what is left is for deliveries and their results (FAULT-97)."""

    command_s: float = 300.0
    """For one whole command line, however it trickles in (RFC 5321 §4.5.3.2.7)."""
    fruitless_s: float = 1_800.0
    """From the connection, or the last message that was accepted, to a command that is still waited for then: words now and then,
    none of them mail, keep no connection for days."""
    data_chunk_s: float = 180.0
    """For the next octet of DATA (RFC 5321 §4.5.3.2.5), and the start that is given before the rate counts."""
    data_octets_per_s_min: int = 500
    """The rate which DATA has to keep on average (FAULT-11)."""
    proxy_header_s: float = 5.0
    """For a load balancer's PROXY header, which it sends at once (FAULT-42)."""
    handshake_s: float = 30.0
    """For a TLS handshake (FAULT-38)."""
    room_s: float = 30.0
    """For room in `in_flight_octets_max`; meanwhile nothing is read, and TCP holds the sender back."""
    look_up_s: float = 5.0
    """For telling who is reached at a recipient's address (FAULT-33)."""
    linger_s: float = 5.0
    """Between closing a connection and dropping what its client has not fetched."""
    guesses_s: float = 600.0
    """The time that makes up for `guesses_max` guesses."""
    refused_s: float = 3_600.0
    """The time that makes up for `refused_max` refused messages."""
    to_house_s: float = 3_600.0
    """The time that makes up for `to_house_max` messages to the house."""
    shut_out_s_min: float = 300.0
    """For so long nobody is listened to in a network that guesses: 421 4.7.0. Each time twice as long as the time before ..."""
    shut_out_s_max: float = 3_600.0
    """... and no longer than that; after as long without a guess it begins anew."""
    tarpit_s_min: float = 1.0
    """Delay of the answer to a network's first guess at an alias (FAULT-29) ..."""
    tarpit_s_max: float = 5.0
    """... and of the fifth and every later one."""

    def __post_init__(self) -> None:
        wrong = [
            name for name in self.__slots__ if getattr(self, name) < 0 or (getattr(self, name) == 0 and name not in _MAY_BE_ZERO)
        ]
        if wrong:
            raise ValueError(f"must be more than nothing: {', '.join(wrong)}")

    def tarpit_s(self, guesses: int) -> float:
        """How long the answer to a network's guess number `guesses` waits."""
        return min(self.tarpit_s_max, self.tarpit_s_min * guesses)
