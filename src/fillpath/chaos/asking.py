"""Ask the broker until its answers and the journal agree: on the start, and then now and again."""

import asyncio

from fillpath.core.errors import Unavailable
from fillpath.core.events import TradingHeld, TradingReleased
from fillpath.core.units import NANOSECONDS
from fillpath.execution.reconciling import BrokerView, Outcome, Reconciler
from fillpath.service.live import Live

RECONCILING = "RECONCILING"
AGAIN_SECONDS = 10.0


class Asking:
    """Keeps a live engine reconciled with its broker.

    Args:
        live: the engine, opened.
    """

    def __init__(self, live: Live) -> None:
        self._live = live
        self._reconciler = Reconciler(live.desk.state)

    async def until_clean(self) -> None:
        """Hold trading until the broker's answers are explained."""
        now = self._live.parts.clock.nanoseconds
        self._live.engine.offer(TradingHeld(now(), RECONCILING, "asking the broker"))
        while True:
            outcome = await self._round()
            if outcome.clean:
                break
            await asyncio.sleep((outcome.ask_again_after_ns or 0) / NANOSECONDS)
        self._live.engine.offer(TradingReleased(now(), RECONCILING, "reconciled"))
        await self._live.turn()

    async def run(self) -> None:
        """Ask again now and then, sooner while something is pending."""
        while True:
            outcome = await self._round()
            again = outcome.ask_again_after_ns
            await asyncio.sleep(AGAIN_SECONDS if again is None else again / NANOSECONDS)

    async def _round(self) -> Outcome:
        live = self._live
        broker = live.parts.broker
        asked = live.parts.clock.nanoseconds()
        try:
            open_orders = await broker.get_open_orders()
            completed = await broker.get_completed_orders()
            positions = await broker.get_positions()
            portfolio = await broker.get_portfolio()
            executions = await broker.get_executions()
        except Unavailable:
            view = BrokerView(
                asked_at=asked, answered_at=live.parts.clock.nanoseconds(), complete=False
            )
        else:
            view = BrokerView(
                asked_at=asked,
                answered_at=live.parts.clock.nanoseconds(),
                executions=tuple(executions),
                open_orders=tuple(open_orders),
                completed_orders=tuple(completed),
                positions=tuple(positions),
                cash=portfolio.cash,
            )
        outcome = self._reconciler.answered(view)
        for fact in outcome.facts:
            live.engine.offer(fact)
        live.wake()
        if live.state.name == "TRADING":
            await live.turnstile.next_turn()
        else:
            await live.turn()
        return outcome
