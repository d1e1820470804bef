"""A carrier: one task with one session, carrying one delivery after another to a destination."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from relay.outbound.lanes import Lane, Limits, Waiting
from relay.outbound.replies import is_about_destination
from relay.outbound.routes import Host
from relay.outbound.troubles import complain
from relay.transit.delivery import Cause, Deferred, Delivery, Failed, Outcome


class Session(Protocol):
    """A session with a receiving host; see relay.outbound.connection.Connection."""

    @property
    def usable(self) -> bool: ...
    @property
    def messages(self) -> int: ...
    @property
    def went_stale(self) -> bool: ...
    @property
    def in_doubt(self) -> bool: ...
    async def send(self, delivery: Delivery, entitled: Callable[[], bool]) -> Outcome: ...
    async def close(self) -> None: ...
    def abort(self) -> None: ...


class Opener(Protocol):
    """Opens sessions; see relay.outbound.connecting.Connector."""

    async def open(self, host: Host) -> Session | Deferred: ...


class Dispatcher(Protocol):
    """Where a carrier gets its orders, and brings back what became of them: the courier."""

    @property
    def running(self) -> bool: ...
    @property
    def sound(self) -> asyncio.Event: ...
    @property
    def entitled(self) -> bool: ...
    def entitlement(self) -> Callable[[], bool]: ...
    async def session(self, lane: Lane) -> Session | Deferred | Failed: ...
    def settle(self, delivery: Delivery, outcome: Outcome, rest_s: float = 0) -> None: ...
    def put_off(self, lane: Lane, outcome: Deferred | Failed, *, but_insisted: bool = False) -> None: ...
    def give_back(self, delivery: Delivery) -> None: ...
    def man(self, lane: Lane) -> None: ...
    def wanted_elsewhere(self, lane: Lane, carried: int) -> bool: ...


class Carrier:
    """Works on one lane until there has been nothing to do for long, or its connection is needed elsewhere."""

    def __init__(self, dispatcher: Dispatcher, lane: Lane, limits: Limits, monotonic: Callable[[], float]) -> None:
        self._dispatcher = dispatcher
        self._lane = lane
        self._limits = limits
        self._monotonic = monotonic
        self._session: Session | None = None
        self._under_way: Delivery | None = None
        self._ready = True
        """Whether the lane counts on us to take a message; it counted when it started or woke us."""
        self._on_duty = True
        self._carried = 0
        lane.carriers += 1
        lane.ready += 1

    async def run(self) -> None:
        """Carry. Whatever goes wrong with one delivery becomes its outcome; cancelled, it breaks off what is under way."""
        try:
            await self._work()
            self._sign_off()  # before the leave-taking: the next one to ask whether there are too many of us counts right
            await self._part()
        except asyncio.CancelledError:
            self._break_off()
            raise
        except Exception as broke:  # noqa: BLE001 - a fault of ours never stops the courier
            complain("courier.carrier_broke", broke)
            if self._under_way is not None:
                self._dispatcher.settle(self._under_way, Deferred(Cause.OTHER, None, f"internal: {type(broke).__name__}"))
                self._under_way = None
            self._break_off()
        finally:
            self._sign_off()

    async def _work(self) -> None:
        lane = self._lane
        while self._dispatcher.running:
            if not self._fit():
                await self._part()
                if not lane.waiting:
                    return
                opened = await self._opened()
                if isinstance(opened, Deferred | Failed):
                    self._no_way(opened)
                    return
                self._session = opened
                lane.sessions += 1
                self._dispatcher.man(lane)  # it answers: further carriers may help
            waiting = await self._next()
            if waiting is None:
                return
            if self._session is not None and not self._session.usable:
                lane.waiting.appendleft(waiting)  # it died while we were idle
            elif self._session is not None:
                await self._carry(self._session, waiting)
            del waiting  # perhaps 25 MB, and the next one may be long in coming (PERF-6)

    async def _opened(self) -> Session | Deferred | Failed:
        """A session, or why there is none. What a stranger's DNS or host made our own code raise is a reason like others: were it
        none, the next carrier would meet the same at once, and so on without end."""
        try:
            return await self._dispatcher.session(self._lane)
        except Exception as broke:  # noqa: BLE001 - a fault of ours is a reason to wait, like others
            complain("courier.carrier_broke", broke)
            return Deferred(Cause.OTHER, None, f"internal: {type(broke).__name__}")

    def _no_way(self, outcome: Deferred | Failed) -> None:
        """There is no session for us. Where others stand, the destination takes no more of them, and those go on."""
        now = self._monotonic()
        if isinstance(outcome, Deferred) and self._lane.sessions > 0:
            self._lane.takes_no_more_sessions(now)
            return
        if isinstance(outcome, Deferred):
            self._lane.failed(now, outcome.text)
        self._dispatcher.put_off(self._lane, outcome)

    async def _carry(self, session: Session, waiting: Waiting) -> None:
        """One attempt. Nothing is awaited between the end of the attempt and its outcome being handed over."""
        lane = self._lane
        self._under_way = delivery = waiting.delivery
        began = self._monotonic()
        outcome = await self._attempt(session, delivery)
        self._under_way = None
        if session.went_stale:
            lane.waiting.appendleft(waiting)
            return
        self._carried += 1
        now = self._monotonic()
        if is_about_destination(outcome) and isinstance(outcome, Deferred):
            lane.failed(now, outcome.text)
        else:
            if lane.heard(outcome, now, began):
                self._dispatcher.man(lane)
        self._dispatcher.settle(delivery, outcome, lane.rest_s(now))
        if lane.rests(now):
            self._dispatcher.put_off(lane, Deferred(Cause.SERVER_UNREACHABLE, None, lane.trouble), but_insisted=True)

    async def _attempt(self, session: Session, delivery: Delivery) -> Outcome:
        try:
            return await session.send(delivery, self._dispatcher.entitlement())
        except Exception as broke:  # noqa: BLE001 - one delivery's misfortune never stops the others
            complain("delivery.broke", broke, delivery=delivery.id)
            in_doubt = session.in_doubt
            session.abort()
            return Deferred(Cause.OTHER, None, f"internal: {type(broke).__name__}", in_doubt)

    async def _next(self) -> Waiting | None:
        """The next delivery; None when there is nothing to do for us."""
        lane = self._lane
        while True:
            await self._dispatcher.sound.wait()
            if not self._dispatcher.running or lane.overmanned or self._dispatcher.wanted_elsewhere(lane, self._carried):
                return None
            if lane.waiting:
                waiting = lane.waiting.popleft()
                if self._dispatcher.entitled and self._monotonic() - waiting.since <= self._limits.held_s_max:
                    self._not_ready()
                    return waiting
                self._dispatcher.give_back(waiting.delivery)
            elif not await self._woken():
                return None

    async def _woken(self) -> bool:
        """Idle until there is something to do; False after long, or when the connection is needed elsewhere."""
        self._not_ready()
        waiter: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._lane.idlers.append(waiter)
        try:
            async with asyncio.timeout(self._limits.idle_s):
                await waiter
        except TimeoutError:
            pass  # or woken in the same instant: the future knows
        finally:
            if waiter in self._lane.idlers:
                self._lane.idlers.remove(waiter)
        self._ready = waiter.done() and not waiter.cancelled() and waiter.result()
        return self._ready

    def _fit(self) -> bool:
        """Whether the session will do for another message."""
        session = self._session
        return session is not None and session.usable and session.messages < self._limits.messages_per_connection_max

    async def _part(self) -> None:
        """Take leave of the receiver."""
        if self._session is not None:
            session, self._session = self._session, None
            self._lane.sessions -= 1
            await session.close()

    def _break_off(self) -> None:
        """The end, in the middle of something. What the receiver may have is in doubt; the rest was never tried."""
        delivery, session = self._under_way, self._session
        in_doubt = session is not None and session.in_doubt
        if session is not None:
            self._session = None
            self._lane.sessions -= 1
            session.abort()
        if delivery is not None and in_doubt:
            self._dispatcher.settle(delivery, Deferred(Cause.SERVER_UNREACHABLE, None, "broken off", in_doubt=True))
        elif delivery is not None:
            self._dispatcher.give_back(delivery)

    def _sign_off(self) -> None:
        self._not_ready()
        if self._on_duty:
            self._on_duty = False
            self._lane.carriers -= 1

    def _not_ready(self) -> None:
        if self._ready:
            self._ready = False
            self._lane.ready -= 1
