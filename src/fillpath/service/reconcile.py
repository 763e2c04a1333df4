"""Ask a broker outside how the account stands, before trading and again and again while it goes on."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from msgspec.structs import replace

from fillpath.core.capabilities import RemoteBroker
from fillpath.core.errors import BrokerRefused, Unavailable
from fillpath.core.events import TradingHeld, TradingReleased
from fillpath.core.units import NANOSECONDS, moment
from fillpath.execution.reconciling import BrokerView, Outcome, Reconciler
from fillpath.service.live import Live

RECONCILING: Final = "RECONCILING"
EVERY_SECONDS: Final = 30.0
ANSWER_SECONDS: Final = 5.0


class Auditor:
    """Keep the desk and the broker agreed; hold trading while it is not known that they are.

    Args:
        live: the engine, opened.
        changed: called after each round; the desk's holds say whether trading may go on.
        checks_account: whether positions and cash must agree.
    """

    def __init__(
        self, live: Live, changed: Callable[[], None], *, checks_account: bool = True
    ) -> None:
        self._live = live
        self._changed = changed
        self._reconciler = Reconciler(live.desk.state, checks_account=checks_account)
        self._due = asyncio.Event()
        live.amended = self._due.set
        self._alarms = 0
        self._said = False
        self._waiting: list[asyncio.Future[tuple[str, ...]]] = []
        self.rounds = 0
        self.differences: tuple[str, ...] = ()
        self.positions: Mapping[str, str] = {}
        self.answered_at: datetime | None = None

    def hold(self, why: str) -> None:
        """Let nothing but cancels leave until a round is clean; saying it again changes nothing."""
        if RECONCILING not in self._live.desk.state.holds:
            self._said = True
            now = self._live.parts.clock.nanoseconds()
            self._live.engine.offer(TradingHeld(now, RECONCILING, why))
            self._live.wake()

    def needed(self, why: str, holds: bool) -> None:  # noqa: FBT001  # as the broker says it
        """Ask soon, because the broker says that its events may not tell everything.

        Args:
            why: for a person.
            holds: whether nothing but cancels may leave before a round that began after this.
        """
        if holds:
            self._alarms += 1
            self._reconciler.begin_anew()
            self.hold(why)
        self._due.set()

    async def again(self) -> tuple[str, ...]:
        """Ask soon, and return what differs in a round that began after this."""
        future: asyncio.Future[tuple[str, ...]] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self._due.set()
        return await future

    async def run(self) -> None:
        """Ask until cancelled: at once until it is clean, and then every half a minute.

        After a change of an order it is asked at once by which name the broker works it now.
        """
        while True:
            self._due.clear()
            waiting, self._waiting = self._waiting, []
            outcome = await self.round()
            for future in waiting:
                if not future.done():
                    future.set_result(self.differences)
            pause = outcome.ask_again_after_ns
            seconds = EVERY_SECONDS if pause is None else pause / NANOSECONDS
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._due.wait()

    async def round(self) -> Outcome:
        """Ask once, and feed what follows from the answers.

        Raises:
            JournalError: what follows cannot be written.
        """
        live = self._live
        alarms = self._alarms
        view = await self._view()
        if alarms != self._alarms:  # it may lack what only the end of the answers could know
            view = replace(view, complete=False)
        breakers = live.desk.policy.risk.breakers
        outcome = self._reconciler.answered(view, breakers.reconciliation_drift_cycles)
        self.rounds += 1
        if view.complete:
            self.answered_at = moment(view.answered_at)
            self.positions = {held.symbol: f"{held.quantity:f}" for held in view.positions}
        self.differences = tuple(
            f"{found.code} {found.symbol} {found.order_id}: {found.text}".replace("  ", " ")
            for found in outcome.differences
        )
        for fact in outcome.facts:
            live.engine.offer(fact)
        if not await self._takes_orders():  # a connection may answer long before it takes orders
            self.hold("the broker takes no orders now")
        elif outcome.clean and alarms == self._alarms:
            self._release()
        elif not view.complete:
            self.hold("the broker does not answer every question")
        fed = live.turnstile.next_turn()
        live.wake()
        await fed
        self._changed()
        return outcome

    async def _takes_orders(self) -> bool:
        """Return whether a broker that asks for rounds, and for one more when it does, takes orders."""
        broker = self._live.parts.broker
        return not isinstance(broker, RemoteBroker) or await broker.health_check()

    def _release(self) -> None:
        # The engine may still be busy with what came before the hold, and then has yet to take it.
        if self._said or RECONCILING in self._live.desk.state.holds:
            self._said = False
            now = self._live.parts.clock.nanoseconds()
            self._live.engine.offer(TradingReleased(now, RECONCILING, "the broker agrees"))

    async def _view(self) -> BrokerView:
        parts = self._live.parts
        broker = parts.broker
        asked_at = parts.clock.nanoseconds()
        answers: dict[str, Any] = {}
        for name, question in (
            ("open_orders", broker.get_open_orders),
            ("completed_orders", broker.get_completed_orders),
            ("positions", broker.get_positions),
            ("cash", self._cash),
            ("executions", broker.get_executions),
        ):
            answer = await _answered(question)
            if answer is not None:
                answers[name] = tuple(answer) if isinstance(answer, list) else answer
        return BrokerView(
            asked_at=asked_at,
            answered_at=parts.clock.nanoseconds(),
            complete=len(answers) == len(self._reconciler.questions),
            **answers,
        )

    async def _cash(self) -> Any:
        return (await self._live.parts.broker.get_portfolio()).cash


async def _answered(question: Callable[[], Awaitable[Any]]) -> Any:
    """Return the answer, or None when there is none in time."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await question()
    except (Unavailable, BrokerRefused, TimeoutError):
        return None
