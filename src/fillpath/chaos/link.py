"""The wire between one engine process and the venue: slow, lossy, and cut at the worst moment.

It fulfils ``BrokerAdapter`` for a broker outside the process. What has left the engine travels on
by itself: a process that dies while it waits has sent its order all the same.
"""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, NoReturn, TypeVar

from msgspec.structs import replace

from fillpath.chaos.chance import Chance
from fillpath.chaos.crashing import Crash, Life
from fillpath.chaos.faults import Swarm
from fillpath.chaos.sending import Change, Leaving
from fillpath.chaos.venue import Venue
from fillpath.core.errors import BrokerRefused, Unavailable
from fillpath.core.events import BrokerEvent, CommissionReported, OrderAccepted, OrderFilled
from fillpath.core.models import Fill, Order, OrderStatus, PortfolioSnapshot, Position
from fillpath.core.ports import BrokerCapabilities

LATEST_ARRIVAL: Final = 2.0
"""Seconds after which what was lost on the way is lost for good."""
NO_ANSWER: Final = 5.0
"""Seconds after which the adapter gives up waiting for an answer."""

Answer = TypeVar("Answer")


class Link:
    """One process's connection to the venue.

    Args:
        venue: the other end.
        life: the process.
        chance: of the run.
        swarm: which faults strike.
        now: the process's own clock, nanoseconds.
        watch: called with each order whose bytes are about to leave, each change, and each
            cancel's name.
    """

    def __init__(
        self,
        venue: Venue,
        life: Life,
        chance: Chance,
        swarm: Swarm,
        *,
        now: Callable[[], int],
        watch: Callable[[Leaving], None],
    ) -> None:
        self._venue = venue
        self._life = life
        self._chance = chance
        self._swarm = swarm
        self._now = now
        self._watch = watch
        self._loop = asyncio.get_running_loop()
        self._sink: Callable[[BrokerEvent], None] = lambda _event: None
        self._heard_until = 0.0
        self._emptied: set[str] = set()
        self.connected = True
        self.cancelled: set[str] = set()
        self.compare: Callable[[str, bool], None] = lambda _why, _holds: None
        venue.tell = self.hear

    @property
    def capabilities(self) -> BrokerCapabilities:
        """Return what the venue can do."""
        return self._venue.capabilities

    def subscribe(self, sink: Callable[[BrokerEvent], None]) -> None:
        """Send every later event to ``sink``."""
        self._sink = sink

    def disconnect(self) -> None:
        """Cut the connection: what the venue says meanwhile is never heard."""
        self.connected = False

    def connect(self) -> None:
        """Restore the connection and say so; the venue may repeat some of what it said."""
        self.connected = True
        self._emptied.clear()
        if self._life.alive:
            self.compare("the connection is back", True)  # noqa: FBT003  # as a broker says it
        if self._swarm.strikes("redelivery", self._chance.of("link.redelivery")):
            for event in [told[0] for told in self._venue.versions.values()][-5:]:
                self.hear(event)

    def hear(self, event: BrokerEvent) -> None:
        """Carry an event of the venue to the engine, in order unless chance is against it."""
        if not self.connected or not self._life.alive:
            return
        rng = self._chance.of("link.event")
        if isinstance(event, OrderAccepted) and self._swarm.strikes("lost_acceptance", rng):
            return
        if isinstance(event, OrderFilled) and self._swarm.strikes("late_commission", rng):
            news = (event.order_id, event.fill_id, event.commission)
            due = self._loop.time() + 0.1 + rng.random() * 5
            self._loop.call_at(due, self._deliver, CommissionReported(event.at, *news))
            event = replace(event, commission=0)
        times = 1 + self._swarm.strikes("repeated_event", rng)
        for _ in range(times):
            due = self._loop.time() + 0.001 + rng.random() * 0.02
            if self._swarm.strikes("late_event", rng):
                due += rng.random() * 8
            else:
                due = self._heard_until = max(due, self._heard_until)
            self._loop.call_at(due, self._deliver, event)

    def _deliver(self, event: BrokerEvent) -> None:
        if not self.connected or not self._life.alive:
            return
        try:
            self._life.point(f"broker.event[{event.__struct_config__.tag}].before")
            self._sink(replace(event, at=self._now()))
            self._life.point(f"broker.event[{event.__struct_config__.tag}].after")
        except Crash:
            return

    async def submit_order(self, order: Order) -> Order:
        """Send an order.

        Raises:
            Unavailable: it is unknown whether the venue has it.
        """
        kind = "slice" if order.parent_order_id else "whole"
        self._life.point(f"broker.submit[{kind}].before")
        self._watch(order)
        if not self.connected:
            raise Unavailable("the connection is down")
        arrived = self._send(order)
        self._life.point(f"broker.submit[{kind}].sent")
        standing = await self._answer(arrived, "reply_lost")
        self._life.point(f"broker.submit[{kind}].after")
        return standing

    def _send(self, order: Order) -> "asyncio.Future[Order]":
        """Let the order travel; the future is done when the venue's answer is there."""
        rng = self._chance.of("link.send")
        arrived: asyncio.Future[Order] = self._loop.create_future()
        delay = self._latency(rng)
        if self._swarm.strikes("request_lost", rng):
            if self._swarm.strikes("late_arrival", rng):
                self._loop.call_later(rng.random() * LATEST_ARRIVAL, self._venue.take, order)
            return arrived
        self._loop.call_later(delay, self._arrive, arrived, lambda: self._venue.take(order))
        return arrived

    def _arrive(self, arrived: "asyncio.Future[Answer]", act: Callable[[], Answer]) -> None:
        try:
            answer = act()
        except BrokerRefused as error:
            arrived.set_exception(error)
            arrived.exception()  # whoever has given up waiting never asks
            return
        if not arrived.done():
            arrived.set_result(answer)

    async def _answer(self, arrived: "asyncio.Future[Answer]", lost: str) -> Answer:
        rng = self._chance.of("link.answer")
        try:
            answer = await asyncio.wait_for(arrived, NO_ANSWER)
        except TimeoutError:
            self._no_answer()
        if self._swarm.strikes(lost, rng):
            await asyncio.sleep(rng.random())
            self._no_answer()
        await asyncio.sleep(self._latency(rng))
        if not self.connected:
            self._no_answer()
        return answer

    def _no_answer(self) -> NoReturn:
        self._life.point("broker.no_answer")
        raise Unavailable("the broker did not answer")

    def _latency(self, rng: Any) -> float:
        if self._swarm.strikes("slow_broker", rng):
            return float(rng.random() * 3)
        return float(0.001 + rng.random() * 0.03)

    async def cancel_order(self, broker_order_id: str) -> bool:
        """Ask to cancel.

        Raises:
            Unavailable: it is unknown whether the request was taken.
        """
        self._life.point("broker.cancel.before")
        self._watch(broker_order_id)
        self.cancelled.add(broker_order_id)
        if not self.connected:
            raise Unavailable("the connection is down")
        rng = self._chance.of("link.cancel")
        arrived: asyncio.Future[bool] = self._loop.create_future()
        lost = self._swarm.strikes("cancel_lost", rng)
        if not lost or rng.random() < 0.5:
            self._loop.call_later(
                self._latency(rng),
                self._arrive,
                arrived,
                lambda: self._venue.cancel(broker_order_id),
            )
        self._life.point("broker.cancel.sent")
        if lost:
            await asyncio.sleep(rng.random())
            self._no_answer()
        taken = await self._answer(arrived, "reply_lost")
        self._life.point("broker.cancel.after")
        return taken

    async def amend_order(
        self, broker_order_id: str, quantity: Decimal, stop_price: Decimal | None
    ) -> bool:
        """Change size and trigger of an order that works.

        Raises:
            Unavailable: it is unknown whether the request was taken.
            BrokerRefused: it works on as it was.
        """
        self._life.point("broker.amend.before")
        self._watch(Change(broker_order_id, quantity))
        if not self.connected:
            raise Unavailable("the connection is down")
        rng = self._chance.of("link.amend")
        arrived: asyncio.Future[bool] = self._loop.create_future()
        delay = self._latency(rng)
        if self._swarm.strikes("amend_refused", rng):
            raise BrokerRefused("AMEND", "refused by chance")
        late = self._swarm.strikes("amend_late", rng)
        lost = self._swarm.strikes("amend_lost", rng)
        if late or not lost or rng.random() < 0.5:
            self._loop.call_later(
                delay + late * rng.random() * 4,
                self._arrive,
                arrived,
                lambda: self._venue.amend(broker_order_id, quantity, stop_price),
            )
        self._life.point("broker.amend.sent")
        if lost:
            await asyncio.sleep(rng.random())
            self._no_answer()
        taken = await self._answer(arrived, "reply_lost")
        self._life.point("broker.amend.after")
        return taken

    async def get_order_status(self, broker_order_id: str) -> OrderStatus:
        """Return the status; an unknown id raises ``BrokerRefused``."""
        await self._ask("get_order_status")
        return await self._venue.broker.get_order_status(broker_order_id)

    async def get_positions(self) -> list[Position]:
        """Return all open positions."""
        await self._ask("get_positions")
        return await self._venue.broker.get_positions()

    async def get_portfolio(self) -> PortfolioSnapshot:
        """Return equity, cash and positions."""
        await self._ask("get_portfolio")
        return await self._venue.broker.get_portfolio()

    async def health_check(self) -> bool:
        """Return whether the connection is up; never raises."""
        self._life.point("broker.health_check")
        return self.connected

    async def get_open_orders(self) -> list[Order]:
        """Return what works; the first answer after connecting may be empty."""
        empty = await self._ask("get_open_orders")
        return [] if empty else self._venue.working()

    async def get_completed_orders(self) -> list[Order]:
        """Return what has ended; the first answer after connecting may be empty."""
        empty = await self._ask("get_completed_orders")
        return [] if empty else await self._venue.completed()

    async def get_executions(self) -> list[Fill]:
        """Return every execution; the first answer after connecting may be empty."""
        empty = await self._ask("get_executions")
        return [] if empty else self._venue.fills()

    async def _ask(self, name: str) -> bool:
        """Travel there and back, and return whether the answer is wrongly empty."""
        self._life.point(f"broker.{name}.before")
        rng = self._chance.of("link.ask")
        await asyncio.sleep(self._latency(rng))
        if not self.connected or self._swarm.strikes("query_failed", rng):
            raise Unavailable(f"the broker did not answer {name}")
        self._life.point(f"broker.{name}.after")
        if name in self._emptied or not self._swarm.strikes("empty_answer", rng):
            return False
        self._emptied.add(name)
        return True
