"""The courier: takes deliveries from memory as they are accepted, and from the table when they come due, and hands them on.

It never has one delivery twice at a time, and forgets none: what it cannot keep goes back to the table, what it was holding
when its process died comes due again when the lease of the claim runs out (invariants 3, 4, 8).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Final

from relay.outbound.carrier import Carrier, Opener, Session
from relay.outbound.lanes import Lane, Limits, Place, Waiting
from relay.outbound.openings import Openings
from relay.outbound.ports import Notices, Outbox
from relay.outbound.routes import DestinationKey, Route
from relay.outbound.settling import PAUSES_S, Settler
from relay.outbound.troubles import complain, log
from relay.transit.delivery import Cause, Deferred, Delivery, Failed, Outcome
from relay.values import Clock, DeliveryId, ascii_domain

_LIMITS: Final = Limits()
SUSPENDED: Final = Deferred(Cause.SERVER_UNREACHABLE, None, "not tried: an operator has suspended this destination")
"""What becomes of mail to a destination that an operator has suspended: it waits as if nobody had answered, and its writer hears
of it as of any other delay (GW-50, GW-52)."""
_CLOSING_S: Final = 5.0
"""For writing down and giving back, after the grace of a drain is over."""


@dataclass(frozen=True, slots=True)
class Load:
    """What the courier has in hand, for health checks and metrics."""

    in_memory: int
    octets: int
    waiting: int
    connections: int
    resting: int
    """Destinations that are left alone for a while."""
    sound: bool
    """Whether results can be written down; if not, nothing is sent."""


class Courier:
    """Hands deliveries on, many destinations at a time. `start` it, `offer` it what was accepted, `drain` it at the end.

    `clock` is the wall clock, for times in the table; `monotonic` counts seconds, for everything that waits; `jitter` gives a
    float in [0, 1).
    """

    def __init__(
        self,
        *,
        outbox: Outbox,
        notices: Notices,
        route: Route,
        opener: Opener,
        clock: Clock,
        monotonic: Callable[[], float],
        jitter: Callable[[], float],
        limits: Limits = _LIMITS,
        pauses_s: tuple[float, ...] = PAUSES_S,
    ) -> None:
        self._outbox = outbox
        self._route = route
        self._opener = opener
        self._clock = clock
        self._monotonic = monotonic
        self._limits = limits
        self._pauses_s = pauses_s
        self._settler = Settler(outbox, notices, clock, jitter, pauses_s)
        self._lanes: dict[DestinationKey, Lane] = {}
        self._hungry: dict[DestinationKey, Lane] = {}
        """Lanes with work for which there was no connection left, the longest waiting first."""
        self._openings = Openings(limits.opening_s, limits.opening_crowded_s)
        self._suspended: frozenset[str] = frozenset()
        """Domains to which nothing is sent but what an operator insists on."""
        self._suspended_until = -inf
        """So long they are not asked for again."""
        self._held: dict[DeliveryId, tuple[Lane, int]] = {}
        """What is in memory, with its octets: waiting, under way, or not yet recorded."""
        self._octets = 0
        self._carriers: set[asyncio.Task[None]] = set()
        self._settling: set[asyncio.Task[None]] = set()
        self._back: deque[Delivery] = deque()
        self._wants_room = False
        self._full_until = 0.0
        """Nothing is claimed before, in monotonic seconds: all that was due had no room."""
        self._woken = asyncio.Event()
        self._poller: asyncio.Task[None] | None = None
        self.running = False
        """Whether carriers may go on."""
        self.entitled_until = inf
        """By the monotonic clock: until then no other worker takes this one for dead, and its claims over."""
        self._tenure = 0
        """How often that happened."""

    @property
    def sound(self) -> asyncio.Event:
        """Set while results can be written down."""
        return self._settler.sound

    @property
    def entitled(self) -> bool:
        """Whether what was claimed is still ours for certain. If not, nothing is begun, and what waits goes back to the table."""
        return self._monotonic() < self.entitled_until

    def entitlement(self) -> Callable[[], bool]:
        """What tells, from now on, whether that which is begun now is still ours: `hand_back` ends it for good."""
        tenure = self._tenure
        return lambda: self.entitled and self._tenure == tenure

    def start(self) -> None:
        """Begin; needs a running event loop."""
        self.running = True
        self._poller = asyncio.create_task(self._poll(), name="courier: table")

    def offer(self, deliveries: Sequence[Delivery]) -> None:
        """Take on deliveries that this worker has claimed. Returns at once; never fails. What exceeds the bounds goes back."""
        now = self._monotonic()
        for delivery in deliveries:
            if delivery.id not in self._held:
                self._place(delivery, now)

    def hand_back(self) -> None:
        """Give everything that waits back to the table: it may be another worker's by now. What is under way, and not yet wholly
        sent, is broken off."""
        self._tenure += 1
        self._clear_lanes()

    def wake(self) -> None:
        """Look at the table now: something may have come due earlier than it said."""
        self._woken.set()

    def load(self) -> Load:
        """What is in hand now."""
        now = self._monotonic()
        return Load(
            in_memory=len(self._held),
            octets=self._octets,
            waiting=sum(len(lane.waiting) for lane in self._lanes.values()),
            connections=sum(lane.sessions for lane in self._lanes.values()),
            resting=sum(lane.rests(now) for lane in self._lanes.values()),
            sound=self._settler.sound.is_set(),
        )

    async def drain(self, grace_s: float) -> None:
        """Stop: what waits goes back to the table, what is under way may finish within `grace_s`, then it is broken off.

        Returns when everything is written down or given back, or cannot be: then the leases of the claims run out.
        """
        self.running = False
        if self._poller is not None:
            self._poller.cancel()
            await asyncio.gather(self._poller, return_exceptions=True)
        self._clear_lanes()
        await _within(grace_s, self._carriers)
        for carrier in self._carriers:
            carrier.cancel()
        await asyncio.gather(*self._carriers, return_exceptions=True)
        self._clear_lanes()
        releasing = asyncio.create_task(self._release(), name="courier: giving back")
        await _within(_CLOSING_S, {*self._settling, releasing})
        unfinished = [task for task in (*self._settling, releasing) if not task.done()]
        for task in unfinished:
            task.cancel()
        results = await asyncio.gather(*unfinished, releasing, return_exceptions=True)
        if unfinished or any(isinstance(one, Exception) for one in results):
            log.error("courier.drained_unrecorded", count=len(self._held) + len(self._back))

    def hurry(self) -> None:
        """The grace of a drain is over now: what is under way is broken off."""
        self.running = False
        for carrier in self._carriers:
            carrier.cancel()

    def _clear_lanes(self) -> None:
        for lane in self._lanes.values():
            while lane.waiting:
                self.give_back(lane.waiting.popleft().delivery)
            while lane.idlers:
                _wake(lane.idlers.popleft(), go_on=False)

    # What comes in

    def _place(self, delivery: Delivery, now: float) -> None:
        if not self.running:
            self._return(delivery)
            return
        key = self._route.destination(delivery.recipient)
        lane = self._lanes.get(key)
        if lane is None:
            first, most = self._limits.connections_per_destination_first, self._limits.connections_per_destination_max
            lane = self._lanes[key] = Lane(key, allowed=min(first, most), allowed_max=most)
        if self._is_suspended(delivery):
            self._hold(lane, delivery)
            self.settle(delivery, SUSPENDED)
            return
        match lane.place(now, self._limits, self._has_room(lane, len(delivery.content)), delivery.insisted):
            case Place.WAITING:
                self._hold(lane, delivery)
                lane.waiting.append(Waiting(delivery, now))
                self.man(lane)
            case Place.LATER:
                self._hold(lane, delivery)
                self.settle(
                    delivery, Deferred(Cause.SERVER_UNREACHABLE, None, lane.trouble or "no session yet"), lane.rest_s(now)
                )
            case Place.BACK:
                lane.full_at = lane.held
                self._return(delivery)

    def _is_suspended(self, delivery: Delivery) -> bool:
        if not self._suspended or delivery.insisted:
            return False
        return ascii_domain(delivery.recipient.reveal().rpartition("@")[2]) in self._suspended

    def _leave_alone(self, suspended: frozenset[str]) -> None:
        """From now on nothing goes to these; what waits for those that are new among them is put off."""
        is_more = not suspended <= self._suspended
        self._suspended = suspended
        for lane in self._lanes.values() if is_more else ():
            waiting, lane.waiting = lane.waiting, deque()
            for one in waiting:
                if self._is_suspended(one.delivery):
                    self.settle(one.delivery, SUSPENDED)
                else:
                    lane.waiting.append(one)

    def _has_room(self, lane: Lane, octets: int) -> bool:
        """Whether a delivery of so many octets may be held for `lane`, which has at most as much as is free for all."""
        if not self._held:
            return True
        free = self._limits.deliveries_max - len(self._held)
        free_octets = self._limits.octets_max - self._octets
        return lane.held < free and lane.octets <= free_octets and octets <= free_octets

    def _hold(self, lane: Lane, delivery: Delivery) -> None:
        octets = len(delivery.content)
        self._held[delivery.id] = lane, octets
        self._octets += octets
        lane.held += 1
        lane.octets += octets

    def _let_go(self, delivery: Delivery) -> None:
        lane, octets = self._held.pop(delivery.id)
        self._octets -= octets
        lane.held -= 1
        lane.octets -= octets
        if lane.full_at and 2 * lane.held <= lane.full_at:
            lane.full_at = 0
            self._full_until = 0.0
            self.wake()
        if (
            self._wants_room
            and 2 * len(self._held) <= self._limits.deliveries_max
            and 2 * self._octets <= self._limits.octets_max
        ):
            self.wake()

    def _return(self, delivery: Delivery) -> None:
        """Remember to give it back; where even that is too much, the lease of its claim runs out."""
        if len(self._back) < self._limits.returned_max:
            self._back.append(replace(delivery, content=b""))
            self.wake()

    # What carriers bring back

    def give_back(self, delivery: Delivery) -> None:
        """To the table, untried."""
        self._let_go(delivery)
        self._return(delivery)

    def settle(self, delivery: Delivery, outcome: Outcome, rest_s: float = 0) -> None:
        """Have `outcome` written down, without waiting for it; until it is, the delivery stays in hand."""
        settling = asyncio.create_task(self._settle(delivery, outcome, rest_s), name="courier: settling")
        self._settling.add(settling)
        settling.add_done_callback(self._settling.discard)

    def put_off(self, lane: Lane, outcome: Deferred | Failed, *, but_insisted: bool = False) -> None:
        """The same outcome for all that wait in a lane; `but_insisted`: for what an operator does not want tried regardless."""
        rest_s = lane.rest_s(self._monotonic())
        waiting, lane.waiting = lane.waiting, deque()
        for one in waiting:
            if but_insisted and one.delivery.insisted:
                lane.waiting.append(one)
            else:
                self.settle(one.delivery, outcome, rest_s)

    def wanted_elsewhere(self, lane: Lane, carried: int) -> bool:
        """Whether a carrier of `lane`, with `carried` messages behind it, should leave its connection to another destination."""
        fewest = min((hungry.carriers for hungry in self._hungry.values() if hungry.waiting and hungry is not lane), default=None)
        if fewest is None:
            return False
        if not lane.waiting:
            return True
        if carried == 0:
            return False  # a connection that was opened for nothing is worse than one that stays for a message
        return fewest + 1 < lane.carriers or (fewest == 0 and carried >= self._limits.messages_per_turn_max)

    def man(self, lane: Lane) -> None:
        """Wake idle carriers for what waits, and start further ones, within the limits."""
        while lane.idlers and lane.ready < len(lane.waiting):
            lane.ready += _wake(lane.idlers.popleft(), go_on=True)
        for _ in range(lane.carriers_wanted(self._monotonic(), self._limits)):
            if len(self._carriers) >= self._limits.connections_max:
                self._hungry.setdefault(lane.key, lane)
                self._openings.hurry()
                self._call_one_off(lane)
                return
            carrier = asyncio.create_task(Carrier(self, lane, self._limits, self._monotonic).run(), name="courier: carrier")
            self._carriers.add(carrier)
            carrier.add_done_callback(self._carrier_left)

    async def _settle(self, delivery: Delivery, outcome: Outcome, rest_s: float) -> None:
        settled = await self._settler.settle(delivery, outcome, rest_s)
        self._let_go(delivery)
        if settled.further:
            self.wake()

    # The table

    async def _poll(self) -> None:
        troubles = 0
        while True:
            self._woken.clear()
            try:
                pause_s = await self._look()
                troubles = 0
            except Exception as broke:  # noqa: BLE001 - whatever it was, the table is looked at again
                pause_s = self._pauses_s[min(troubles, len(self._pauses_s) - 1)]
                troubles += 1
                complain("courier.no_table", broke, tries=troubles)
                await asyncio.sleep(pause_s)
                continue
            await _event(self._woken, pause_s)

    async def _look(self) -> float:
        """Give back what has to go back, claim what is due; for how many seconds there is nothing further to do."""
        self._forget_lanes()
        if (now := self._monotonic()) >= self._suspended_until:
            self._leave_alone(await self._outbox.suspended())
            self._suspended_until = now + self._limits.suspended_every_s
        gave_back = bool(self._back)
        await self._release()
        room = min(self._limits.deliveries_max - len(self._held), self._limits.claim_max)
        self._wants_room = room <= 0 or 2 * self._octets > self._limits.octets_max
        if self._wants_room:
            return self._limits.poll_s_max  # finishing something wakes us
        due_at = await self._outbox.next_due_at()
        if due_at is None:
            return self._limits.poll_s_max
        due_in_s = (due_at - self._clock()).total_seconds()
        if due_in_s > 0:
            return min(due_in_s, self._limits.poll_s_max)
        now = self._monotonic()
        if now < self._full_until:
            return self._full_until - now
        claimed = () if gave_back else await self._outbox.claim(room)
        self.offer(claimed)
        if claimed and len(self._back) >= len(claimed):
            self._full_until = now + self._pauses_s[-1]
        if not claimed or self._back:
            await asyncio.sleep(self._pauses_s[0])  # another worker was quicker, or there was no room
        return 0

    async def _release(self) -> None:
        """Raises Unavailable; then they are still ours to give back."""
        if self._back:
            given = list(self._back)
            await self._outbox.release(given)
            for _ in given:
                self._back.popleft()

    def _forget_lanes(self) -> None:
        now = self._monotonic()
        for key in [key for key, lane in self._lanes.items() if lane.forgettable(now)]:
            del self._lanes[key]

    # The way out

    def _call_one_off(self, hungry: Lane) -> None:
        """End an idle connection elsewhere; where there is none, busy ones look for themselves after each message."""
        for lane in self._lanes.values():
            if lane is not hungry and lane.idlers:
                _wake(lane.idlers.popleft(), go_on=False)
                return

    def _carrier_left(self, carrier: asyncio.Task[None]) -> None:
        """Its connection goes to whoever has fewest, and of those to who has waited longest; its own lane comes last.

        By the waiting alone, one lane would have all that come free, and those without would take them from it again: each time
        three round trips for nothing.
        """
        self._carriers.discard(carrier)
        if not self.running:
            return
        hungry, self._hungry = self._hungry, {}
        for lane in sorted([*hungry.values(), *self._lanes.values()], key=lambda one: one.carriers):
            self.man(lane)

    async def session(self, lane: Lane) -> Session | Deferred | Failed:
        """A session with the first host of the destination that grants one (FAULT-87, FAULT-88), or why there is none."""
        trouble = Deferred(Cause.SERVER_UNREACHABLE, None, "no host to try")
        try:
            async with self._openings.one(crowded=any(hungry.waiting for hungry in self._hungry.values())):
                hosts = await self._route.hosts(lane.key)
                if isinstance(hosts, Deferred | Failed):
                    return hosts
                for host in hosts:
                    opened = await self._opener.open(host)
                    if not isinstance(opened, Deferred):
                        return opened
                    trouble = opened
        except TimeoutError:
            return Deferred(Cause.SERVER_UNREACHABLE, None, "4.4.1 no host answered in time")
        return trouble


def _wake(idler: asyncio.Future[bool], go_on: bool) -> bool:
    """Whether that woke somebody."""
    if idler.done():
        return False
    idler.set_result(go_on)
    return True


async def _event(event: asyncio.Event, timeout_s: float) -> None:
    """Until `event` is set, for `timeout_s` at most."""
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        pass  # the time is what was waited for


async def _within(timeout_s: float, tasks: Iterable[asyncio.Task[None]]) -> None:
    """Until all `tasks` have ended, for `timeout_s` at most."""
    if pending := set(tasks):
        await asyncio.wait(pending, timeout=timeout_s)
