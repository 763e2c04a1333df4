"""Schedules of orders, fills and outages by chance: what a broker told is compared with what happened.

Each schedule has a seed. An adapter trades at a gateway of its own while sockets break, links are
lost and messages are cut, doubled, delayed or never said. When all is quiet again, every execution
must have been told once, and no order may have been made twice.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random  # noqa: TID251  # seeded: a schedule can be played again
from typing import Any, Final

from fillpath.core.errors import BrokerRefused, Unavailable
from fillpath.core.events import FillCorrected, OrderFilled
from fillpath.core.units import price_units, quantity_units
from fillpath.ibkr.states import State
from fillpath.testing.gateway import Gateway, GatewayExecution, GatewayOrder, faults
from tests.integration.ibkr.outage import Scene, scene

WAITS: Final[dict[str, Any]] = {
    "answer_seconds": 0.5,
    "heartbeat_seconds": 0.2,
    "silence_seconds": 0.5,
    "unanswered_seconds": 1.5,
}
QUIET_SECONDS: Final = 30.0
ORDERS: Final = 20
_SAID: Final = ("execDetails", "orderStatus", "openOrder", "commissionReport", "openOrderEnd")
_ASKED: Final = (
    "placeOrder",
    "cancelOrder",
    "reqExecutions",
    "reqAllOpenOrders",
    "reqCompletedOrders",
    "reqPositions",
)

Ledger = dict[str, tuple[str, int, int]]
"""By execution: its order, its size and its price, in units; without those that were undone."""


@dataclass
class Outcome:
    """What became of a schedule.

    Args:
        seed: of the schedule.
        orders: how many the gateway had.
        executions: how many were made, corrections left out.
        connections: how often the line was up.
        problems: what should not have been.
    """

    seed: int
    orders: int = 0
    executions: int = 0
    connections: int = 0
    problems: list[str] = field(default_factory=list)


async def play(seed: int, steps: int = 120) -> Outcome:
    """Play a schedule and return what became of it."""
    outcome = Outcome(seed)
    async with Gateway() as gateway:
        gateway.quote("AAPL", "149.99", "150.01")
        async with scene(gateway, **WAITS) as found:
            await found.broker.start(QUIET_SECONDS)
            schedule = Schedule(found, Random(seed))  # noqa: S311  # nothing secret
            async with asyncio.TaskGroup() as group:
                for _ in range(steps):
                    await schedule.step(group)
                schedule.heal()
            await settle(found, outcome)
            judge(found, outcome)
    return outcome


class Schedule:
    """Do one thing after the other, by chance.

    Args:
        found: the adapter and its gateway.
        chance: decides.
    """

    def __init__(self, found: Scene, chance: Random) -> None:
        self._scene = found
        self._gateway = found.gateway
        self._chance = chance
        self._names: list[str] = []
        self._deeds: tuple[tuple[int, Callable[[asyncio.TaskGroup], None]], ...] = (
            (12, self._submit),
            (16, self._fill),
            (4, self._cancel),
            (1, self._end),
            (4, self._correct),
            (2, self._cut),
            (1, self._refuse),
            (1, self._go_deaf),
            (2, self._lose_link),
            (6, self._restore_link),
            (6, self._recover),
            (5, self._misbehave),
        )

    async def step(self, group: asyncio.TaskGroup) -> None:
        """Do one thing, and let a little time pass or none."""
        weights = [weight for weight, _ in self._deeds]
        [(_, deed)] = self._chance.choices(self._deeds, weights)
        deed(group)
        await asyncio.sleep(self._chance.choice((0, 0, 0.01, 0.05, 0.15)))

    def heal(self) -> None:
        """Let everything work again."""
        self._gateway.behave()
        self._gateway.recover()
        self._gateway.restore_link()

    def _submit(self, group: asyncio.TaskGroup) -> None:
        if len(self._names) < ORDERS:
            limit = self._chance.choice(("140", "140", "150.01"))
            order = self._scene.order(limit_price=limit)
            self._names.append(order.order_id)
            group.create_task(_tried(self._scene.broker.submit_order(order)))

    def _fill(self, group: asyncio.TaskGroup) -> None:
        del group
        working = [order for order in self._gateway.orders if order.is_open and order.remaining]
        if working and self._gateway.manners.link:
            order = self._chance.choice(working)
            shares = self._chance.randint(1, int(order.remaining))
            self._gateway.fill(order, shares, self._chance.choice(("139.98", "140")))

    def _cancel(self, group: asyncio.TaskGroup) -> None:
        working = [order for order in self._gateway.orders if order.is_open]
        if working:
            name = str(self._chance.choice(working).perm_id)
            group.create_task(_tried(self._scene.broker.cancel_order(name)))

    def _end(self, group: asyncio.TaskGroup) -> None:
        del group
        working = [order for order in self._gateway.orders if order.is_open]
        if working and self._gateway.manners.link:
            self._gateway.cancel(self._chance.choice(working), reason="by the exchange")

    def _correct(self, group: asyncio.TaskGroup) -> None:
        del group
        made = list(truth(self._gateway).values())
        if made and self._gateway.manners.link:
            wrong = self._chance.choice(made)
            if self._chance.random() < 0.3:  # some are undone
                self._gateway.bust(wrong)
            else:
                self._gateway.correct(wrong, shares=max(Decimal(1), wrong.shares - 1))

    def _cut(self, group: asyncio.TaskGroup) -> None:
        del group
        self._gateway.cut()

    def _refuse(self, group: asyncio.TaskGroup) -> None:
        del group
        self._gateway.refuse()

    def _go_deaf(self, group: asyncio.TaskGroup) -> None:
        del group
        self._gateway.go_deaf(lingers=self._chance.random() < 0.5)  # half of them

    def _recover(self, group: asyncio.TaskGroup) -> None:
        del group
        self._gateway.recover()

    def _lose_link(self, group: asyncio.TaskGroup) -> None:
        del group
        self._gateway.lose_link(self._chance.choice((1100, 2110)))

    def _restore_link(self, group: asyncio.TaskGroup) -> None:
        del group
        if not self._gateway.manners.link:
            self._gateway.restore_link(kept=self._chance.random() < 0.5)  # half

    def _misbehave(self, group: asyncio.TaskGroup) -> None:
        del group
        chance, said = self._chance, self._chance.choice(_SAID)
        asked = chance.choice(_ASKED)
        self._gateway.misbehave(
            chance.choice(
                (
                    faults.Lose(said),
                    faults.Repeat(said, more=2),
                    faults.Delay(said, seconds=0.1),
                    faults.Behind(said, count=2),
                    faults.Crumbs(said, times=3),
                    faults.Merge(said, count=3),
                    faults.CutInside(said),
                    faults.Garbage(said, data=chance.randbytes(12)),
                    faults.CutBefore(asked),
                    faults.CutAfter(asked),
                    faults.Mute(asked),
                    faults.Ignore(asked),
                )
            )
        )


async def _tried(work: Awaitable[object]) -> None:
    """Do something that may be refused, or whose outcome may be unknown."""
    try:
        await work
    except (Unavailable, BrokerRefused):
        return


async def settle(found: Scene, outcome: Outcome) -> None:
    """Wait until all is quiet and told, or note what is not."""
    try:
        async with asyncio.timeout(QUIET_SECONDS):
            while True:
                await found.until(lambda: found.connection.state is State.TRADING)
                # What an audit of the account asks for every now and then.
                await _tried(found.broker.get_executions())
                await _tried(found.broker.get_open_orders())
                if happened(found.gateway) == told(found) and not doubts(found):
                    return
                await asyncio.sleep(0.2)
    except TimeoutError:
        lost = {
            name: one for name, one in happened(found.gateway).items() if name not in told(found)
        }
        outcome.problems.append(
            f"not settled: state {found.connection.state}, not told {lost}, in doubt {doubts(found)}"
        )


def doubts(found: Scene) -> bool:
    """Return whether the adapter still has to ask about an order."""
    return bool(found.broker._tracker.needs)  # noqa: SLF001  # nothing else tells that nothing is owed


def truth(gateway: Gateway) -> dict[str, GatewayExecution]:
    """Return the last word on every execution, by the name that its revisions share."""
    return {
        done.exec_id.rpartition(".")[0]: done
        for order in gateway.orders
        for done in order.executions
    }


def happened(gateway: Gateway) -> Ledger:
    """Return what was executed."""
    return {
        family: (done.order.ref, quantity_units(done.shares), price_units(done.price))
        for family, done in truth(gateway).items()
        if done.shares
    }


def told(found: Scene) -> Ledger:
    """Return what the broker told to be executed, corrections applied."""
    ledger = {
        fill.fill_id: (fill.order_id, fill.quantity, fill.price) for fill in found.all(OrderFilled)
    }
    revised: dict[str, int] = {}
    for change in found.all(FillCorrected):
        family = change.fill_id
        if change.revision >= revised.get(family, 0):
            revised[family] = change.revision
            ledger[family] = (change.order_id, change.quantity, change.price)
    return {family: row for family, row in ledger.items() if row[1]}


def judge(found: Scene, outcome: Outcome) -> None:
    """Note what was lost, told twice, invented or made twice."""
    gateway = found.gateway
    outcome.orders = len(gateway.orders)
    outcome.executions = len(truth(gateway))
    outcome.connections = found.states.count(State.READY)
    real, heard = happened(gateway), told(found)
    outcome.problems += [f"lost {real[one]}" for one in real.keys() - heard.keys()]
    outcome.problems += [f"invented {heard[one]}" for one in heard.keys() - real.keys()]
    outcome.problems += [
        f"told {heard[one]}, was {real[one]}"
        for one in real.keys() & heard.keys()
        if real[one] != heard[one]
    ]
    names = [fill.fill_id for fill in found.all(OrderFilled)]
    outcome.problems += [f"told twice {name}" for name in set(names) if names.count(name) > 1]
    refs = [order.ref for order in gateway.orders]
    outcome.problems += [f"made twice {ref}" for ref in set(refs) if refs.count(ref) > 1]
    outcome.problems += [f"sent twice {one.ref}" for one in gateway.orders if _again(one)]
    if State.REFUSED in found.states:
        outcome.problems.append(f"refused: {found.connection.reason}")


def _again(order: GatewayOrder) -> bool:
    return order.messages > 1


@dataclass
class Tally:
    """What became of many schedules."""

    schedules: int
    orders: int
    executions: int
    connections: int
    bad: int

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> "Tally":
        """Add up."""
        return cls(
            schedules=len(outcomes),
            orders=sum(one.orders for one in outcomes),
            executions=sum(one.executions for one in outcomes),
            connections=sum(one.connections for one in outcomes),
            bad=sum(bool(one.problems) for one in outcomes),
        )


async def play_all(seeds: Iterable[int], beside: int, steps: int) -> list[Outcome]:
    """Play schedules, so many beside each other, and return what became of each."""
    room = asyncio.Semaphore(beside)

    async def one(seed: int) -> Outcome:
        async with room:
            return await play(seed, steps)

    return list(await asyncio.gather(*map(one, seeds)))
