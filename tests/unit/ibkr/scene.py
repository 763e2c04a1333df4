"""A connection on a scripted line, in virtual time."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from fillpath.chaos.virtual_time import VirtualLoop
from fillpath.core.units import NANOSECONDS, moment, nanoseconds
from fillpath.ibkr.connection import Connection
from fillpath.ibkr.forms import ContractForm, OrderForm
from fillpath.ibkr.heard import Heard, OrderShown
from fillpath.ibkr.policy import ConnectionPolicy
from fillpath.ibkr.states import Alarm, Because, State
from fillpath.testing.ibkr_line import PAPER_ACCOUNT, ScriptedLine

CLIENT: Final = 10
# A Tuesday, 15:00 in New York.
START: Final = nanoseconds(datetime(2026, 6, 2, 19, tzinfo=UTC))
AAPL: Final = ContractForm("AAPL", con_id=265598)


def in_virtual_time(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Play a scenario; no second of it is really waited for."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(scenario())


class LoopClock:
    """A clock on the wall of a loop."""

    def __init__(self, start: int = START) -> None:
        self.start = start

    def nanoseconds(self) -> int:
        return self.start + round(asyncio.get_running_loop().time() * NANOSECONDS)

    def now(self) -> datetime:
        return moment(self.nanoseconds())


class Scene:
    """A connection, its line, and everything that it told."""

    def __init__(self, policy: ConnectionPolicy | None = None, start: int = START) -> None:
        self.clock = LoopClock(start)
        self.policy = policy or ConnectionPolicy(client_id=CLIENT)
        self.line = ScriptedLine(self.clock)
        self.connection = Connection(self.line, self.policy, self.clock)
        self.states: list[State] = []
        self.alarms: list[Alarm] = []
        self.heard: list[Heard] = []
        self.compared: list[Because] = []
        self._moved = asyncio.Event()
        self.connection.watch(self._entered)
        self.connection.warn(self.alarms.append)
        self.connection.listen(self.heard.append)
        self.connection.reconcile_with(self.compare)

    async def compare(self, because: Because) -> None:
        self.compared.append(because)

    def _entered(self, state: State) -> None:
        self.states.append(state)
        self._moved.set()

    def number(self, what: str) -> int:
        """Return the number of the newest question of a kind that carries one."""
        return self.line.requests[what]

    def codes(self) -> list[str]:
        """Return the codes of the alarms that were raised, in order."""
        return [alarm.code for alarm in self.alarms if not alarm.over]

    def paged(self) -> list[str]:
        """Return the codes of those that wake a person."""
        return [alarm.code for alarm in self.alarms if alarm.page]

    async def reached(self, state: State, seconds: float = 600) -> None:
        """Wait until the connection is in this state."""
        async with asyncio.timeout(seconds):
            while self.connection.state is not state:
                self._moved.clear()
                await self._moved.wait()


def form(order_id: int = 1) -> OrderForm:
    """Return an order."""
    return OrderForm(
        order_id=order_id,
        contract=AAPL,
        action="BUY",
        quantity=Decimal(10),
        order_type="LMT",
        limit_price=Decimal("150.25"),
        account=PAPER_ACCOUNT,
        order_ref=f"order-{order_id}",
    )


def shown(order_id: int = 1, client_id: int = CLIENT) -> OrderShown:
    """Return the same order as the gateway shows it."""
    return OrderShown(
        order_id=order_id,
        client_id=client_id,
        perm_id=9000 + order_id,
        order_ref=f"order-{order_id}",
        account=PAPER_ACCOUNT,
        con_id=265598,
        symbol="AAPL",
        action="BUY",
        quantity=Decimal(10),
        order_type="LMT",
        status="Submitted",
    )
