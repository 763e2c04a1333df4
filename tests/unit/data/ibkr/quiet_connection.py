"""A connection without a socket, whose gateway answers what a test lets it answer."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from msgspec import Struct

from fillpath.core.errors import BrokerRefused, Unavailable
from fillpath.core.events import Event
from fillpath.data.bus.notices import Notice
from fillpath.ibkr.connection import Connection
from fillpath.ibkr.forms import ContractForm
from fillpath.ibkr.heard import (
    AccountValue,
    BarShown,
    ContractFound,
    Dropped,
    Heard,
    Said,
    Ticked,
    Valued,
)
from fillpath.ibkr.line import NotSent
from fillpath.ibkr.policy import ConnectionPolicy
from fillpath.ibkr.states import Because, State
from fillpath.ibkr.ticking import ASK, BID, HALTED
from fillpath.runtime.clock import ManualClock
from fillpath.testing.builders import START
from fillpath.testing.ibkr_line import PAPER_ACCOUNT, ScriptedLine

CON_IDS = {"AAPL": 265598, "MSFT": 272093, "NVDA": 4815747}


def contract(symbol: str, con_id: int = 0, **changes: Any) -> ContractFound:
    """Return a share that the gateway knows."""
    fields: dict[str, Any] = {
        "request": 1,
        "con_id": con_id or CON_IDS.get(symbol, 1),
        "symbol": symbol,
        "sec_type": "STK",
        "exchange": "SMART",
        "primary_exchange": "NASDAQ",
        "currency": "USD",
        "min_tick": Decimal("0.01"),
    }
    return ContractFound(**(fields | changes))


class QuietConnection(Connection):
    """Be a connection that is up when told so, and remembers what was asked."""

    def __init__(self, clock: ManualClock | None = None) -> None:
        self.clock = clock or ManualClock(START)
        self._ears: list[Callable[[Heard], None]] = []
        super().__init__(ScriptedLine(self.clock), ConnectionPolicy(client_id=3), self.clock)
        self.now = State.DISCONNECTED
        self.contracts: dict[str, tuple[ContractFound, ...] | Exception] = {
            symbol: (contract(symbol),) for symbol in CON_IDS
        }
        self.answers: list[tuple[BarShown, ...] | Exception] = []
        self.asked_bars: list[tuple[ContractForm, str, str, str]] = []
        self.values: list[tuple[AccountValue | Valued, ...] | Exception] = []
        self.wrote: list[tuple[str, Any]] = []
        self.streams: dict[str, int] = {}
        self.choked = False
        self.stopped = 0
        self.refused_at_start = ""
        self.while_streaming: tuple[Heard, ...] = ()
        self._numbers = 0
        self._hook: Callable[[Because], Awaitable[None]] | None = None
        self._eyes: list[Callable[[State], None]] = []

    @property
    def state(self) -> State:
        return self.now

    @property
    def account(self) -> str:
        return PAPER_ACCOUNT

    @property
    def reason(self) -> str:
        return "" if self.now is State.TRADING else "the test has not connected it"

    def listen(self, listener: Callable[[Heard], None]) -> None:
        self._ears.append(listener)

    def watch(self, on_state: Callable[[State], None]) -> None:
        self._eyes.append(on_state)

    def reconcile_with(self, hook: Callable[[Because], Awaitable[None]]) -> None:
        self._hook = hook

    async def start(self, seconds: float = 30) -> None:
        del seconds
        if self.refused_at_start:
            raise Unavailable(self.refused_at_start)
        await self.come_up()

    async def stop(self) -> None:
        self.stopped += 1
        self.go_down("stopped")

    async def come_up(self, because: Because = Because.CONNECTED) -> None:
        """Connect: compare first, then trade."""
        self.stand(State.RECONCILE)
        if self._hook is not None:
            await self._hook(because)
        self.stand(State.TRADING)

    def go_down(
        self, reason: str = "the socket was closed", state: State = State.DISCONNECTED
    ) -> None:
        """Lose the socket."""
        if self.now is not State.DISCONNECTED:
            self.hear(Dropped(reason))
            self.streams.clear()
            self.stand(state)

    def stand(self, state: State) -> None:
        """Change the state and tell of it."""
        self.now = state
        for eye in self._eyes:
            eye(state)

    def hear(self, *news: Heard) -> None:
        """Say something, as the gateway would."""
        for one in news:
            for ear in self._ears:
                ear(one)

    def tick(
        self, symbol: str, kind: int, price: str | None = None, size: str | None = None
    ) -> None:
        """Say one value of a subscription."""
        self.hear(
            Ticked(
                self.streams[symbol],
                kind,
                price=None if price is None else Decimal(price),
                size=None if size is None else Decimal(size),
            )
        )

    def quote(
        self, symbol: str, bid: str = "149.99", ask: str = "150.01", size: str = "300"
    ) -> None:
        """Say both sides of a market, and that it is not halted."""
        self.tick(symbol, BID, bid, size)
        self.tick(symbol, ASK, ask, size)
        self.tick(symbol, HALTED, size="0")

    def say(self, code: int, about: int | str = -1, text: str = "words") -> None:
        """Say a message, about a subscription where a symbol is named."""
        request = self.streams[about] if isinstance(about, str) else about
        self.hear(Said(request, code, text))

    def written(self, what: str) -> list[Any]:
        """Return what was written of a kind."""
        return [content for name, content in self.wrote if name == what]

    async def data_kind(self, kind: int) -> None:
        self._write("data_kind", kind)

    async def stream(self, contract: ContractForm, ticks: str = "") -> int:
        self._numbers += 1
        self._write("stream", (contract, ticks))
        for one in self.while_streaming:
            self.hear(one)
        self.streams[contract.symbol] = self._numbers
        return self._numbers

    async def stop_stream(self, request: int) -> None:
        self._write("stop_stream", request)

    async def contract(self, contract: ContractForm) -> tuple[ContractFound, ...]:
        self._write("contract", contract)
        found = self.contracts.get(contract.symbol)
        if found is None:
            raise BrokerRefused("200", "No security definition has been found")
        if isinstance(found, Exception):
            raise found
        return found

    async def bars(
        self, contract: ContractForm, *, end: str, duration: str, size: str
    ) -> tuple[BarShown, ...]:
        self._write("bars", contract)
        self.asked_bars.append((contract, end, duration, size))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def account_values(self) -> tuple[AccountValue | Valued, ...]:
        self._write("account_values", None)
        answer = self.values.pop(0) if len(self.values) > 1 else self.values[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _write(self, what: str, content: Any) -> None:
        if self.choked:
            raise NotSent(f"{what}: the line is down")
        self.wrote.append((what, content))


class Listener(Struct):
    """An engine that remembers what it is told."""

    facts: list[Event] = []
    used: set[str] = set()
    open: bool = True

    def learn(self, fact: Event) -> None:
        """Take a fact."""
        self.facts.append(fact)

    def in_use(self) -> frozenset[str]:
        """Return what the test says."""
        return frozenset(self.used)

    def is_open(self) -> bool:
        """Return what the test says."""
        return self.open


class Told:
    """A person who reads notices."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []

    def hear(self, notice: Notice) -> None:
        """Take a notice."""
        self.notices.append(notice)

    @property
    def codes(self) -> list[str]:
        """Return the codes in their order."""
        return [notice.code for notice in self.notices]
