"""A real connection to the fake gateway, with short waits, and everything that it told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal

from msgspec.structs import replace as replaced

from fillpath.core.ports import EngineClock
from fillpath.core.units import NANOSECONDS, moment
from fillpath.ibkr.connection import Connection
from fillpath.ibkr.forms import ContractForm, OrderForm
from fillpath.ibkr.heard import Heard
from fillpath.ibkr.policy import ConnectionPolicy
from fillpath.ibkr.session import Session
from fillpath.ibkr.states import Alarm, Because, State
from fillpath.runtime.steady import SteadyClock
from fillpath.testing.gateway import Gateway

ACCOUNT = "DU1234567"
CLIENT = 10
AAPL = ContractForm("AAPL", con_id=265598)
PATIENCE = 20.0
QUICK = ConnectionPolicy(
    windows=(),
    client_id=CLIENT,
    connect_seconds=2,
    answer_seconds=1,
    confirm_seconds=0.05,
    heartbeat_seconds=0.2,
    silence_seconds=0.5,
    first_wait_seconds=0.05,
    longest_wait_seconds=0.2,
)
"""The waits of a real one would make slow tests."""


class SkippingClock:
    """A clock that goes on with the machine's, from wherever a test puts it."""

    def __init__(self, at: int) -> None:
        self._steady = SteadyClock()
        self._ahead = at - self._steady.nanoseconds()

    def nanoseconds(self) -> int:
        return self._steady.nanoseconds() + self._ahead

    def now(self) -> datetime:
        return moment(self.nanoseconds())

    def skip(self, seconds: int) -> None:
        """Let time pass at once."""
        self._ahead += seconds * NANOSECONDS


class Wired:
    """A connection to a gateway."""

    def __init__(
        self,
        gateway: Gateway,
        policy: ConnectionPolicy = QUICK,
        clock: EngineClock | None = None,
    ) -> None:
        self.gateway = gateway
        self.line = Session("127.0.0.1", gateway.port, policy.client_id)
        self.connection = Connection(self.line, policy, clock or SteadyClock())
        self.states: list[State] = []
        self.alarms: list[Alarm] = []
        self.news: list[Heard] = []
        self.compared: list[Because] = []
        self._more = asyncio.Event()
        self.connection.watch(self._entered)
        self.connection.warn(self._warned)
        self.connection.listen(self._heard)
        self.connection.reconcile_with(self.compare)

    async def compare(self, because: Because) -> None:
        """Ask everything, in the order of the rules."""
        connection = self.connection
        await connection.executions()
        await connection.open_orders()
        await connection.completed_orders()
        await connection.positions()
        await connection.account_values()
        self.compared.append(because)

    def _entered(self, state: State) -> None:
        self.states.append(state)
        self._more.set()

    def _warned(self, alarm: Alarm) -> None:
        self.alarms.append(alarm)
        self._more.set()

    def _heard(self, news: Heard) -> None:
        self.news.append(news)
        self._more.set()

    def paged(self) -> list[str]:
        """Return the codes of the alarms that wake a person."""
        return [alarm.code for alarm in self.alarms if alarm.page]

    async def reached(self, state: State) -> None:
        """Wait until the connection is in a state."""
        async with asyncio.timeout(PATIENCE):
            while self.connection.state is not state:
                self._more.clear()
                await self._more.wait()

    async def heard(self, fits: Callable[[Heard], bool]) -> None:
        """Wait until something that fits was heard."""
        async with asyncio.timeout(PATIENCE):
            while not any(map(fits, self.news)):
                self._more.clear()
                await self._more.wait()

    async def alarmed(self, code: str) -> Alarm:
        """Wait for an alarm, and return it."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for alarm in self.alarms:
                    if alarm.code == code:
                        return alarm
                self._more.clear()
                await self._more.wait()


@asynccontextmanager
async def wired(gateway: Gateway, policy: ConnectionPolicy = QUICK) -> AsyncIterator[Wired]:
    """Yield a connection that trades."""
    scene = Wired(gateway, policy)
    try:
        await scene.connection.start(PATIENCE)
        yield scene
    finally:
        await scene.connection.stop()


def form(order_id: int, **more: object) -> OrderForm:
    """Return an order that rests."""
    plain = OrderForm(
        order_id=order_id,
        contract=AAPL,
        action="BUY",
        quantity=Decimal(100),
        order_type="LMT",
        limit_price=Decimal("120.00"),
        account=ACCOUNT,
        order_ref=f"ours-{order_id}",
    )
    return replaced(plain, **more)
