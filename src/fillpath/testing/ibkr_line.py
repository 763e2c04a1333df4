"""A line to Interactive Brokers without a socket: it remembers what was written and says what it is told."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from msgspec.structs import replace

from fillpath.core.errors import Unavailable
from fillpath.core.ports import EngineClock
from fillpath.core.units import NANOSECONDS
from fillpath.ibkr.forms import ContractForm, OrderForm
from fillpath.ibkr.heard import (
    AccountValue,
    BarShown,
    ContractFound,
    Dropped,
    Ended,
    Executed,
    Greeted,
    Heard,
    Held,
    Opened,
    OrderShown,
    RuleShown,
    Said,
    ServerTime,
    Valued,
)
from fillpath.ibkr.line import NotSent

PAPER_ACCOUNT: Final = "DU1234567"


class Wrote(NamedTuple):
    """One message that was written.

    Args:
        what: name of the method of `Line` that wrote it.
        content: its first argument: the form, the order id, the request; None without one.
        at: nanoseconds UTC.
    """

    what: str
    content: object
    at: int


class ScriptedLine:
    """Be a `Line` whose other end is a test.

    Questions are answered from the lists below in the next turn of the loop, unless their name
    (such as `open_orders`, `completed_orders`, `executions`, `positions`, `account`, `contract`,
    `rule`, `bars`, `time`) is in ``silent``. Orders and cancels are answered by ``on_place`` and
    ``on_cancel``, which say nothing unless they are set. ``requests`` has the number of the newest
    question of each kind that carries one.

    Args:
        clock: tells when something was written, and the gateway's time.
        accounts: of the login.
        next_order_id: that the gateway greets with.
    """

    def __init__(
        self,
        clock: EngineClock,
        accounts: tuple[str, ...] = (PAPER_ACCOUNT,),
        next_order_id: int = 1,
    ) -> None:
        self.accounts = accounts
        self.next_order_id = next_order_id
        self.clock_ahead_seconds = 0
        self.connections = 0
        self.failing = ""
        self.silent: set[str] = set()
        self.choked = False
        self.wrote: list[Wrote] = []
        self.requests: dict[str, int] = {}
        self.at_the_door: list[Said] = []
        self.orders: list[OrderShown] = []
        self.completed: list[OrderShown] = []
        self.executed: list[Executed] = []
        self.held: list[Held] = []
        self.values: list[AccountValue | Valued] = []
        self.contracts: list[ContractFound] = []
        self.rules: dict[int, RuleShown] = {}
        self.bars: list[BarShown] = []
        self.on_place: Callable[[OrderForm], Iterable[Heard]] = _nothing_about_a_form
        self.on_cancel: Callable[[int], Iterable[Heard]] = _nothing_about_an_id
        self._clock = clock
        self._connected = False
        self._listener: Callable[[Heard], None] = _unheard

    @property
    def connected(self) -> bool:
        """Return whether it is connected."""
        return self._connected

    @property
    def sent(self) -> int:
        """Return how many messages were written."""
        return len(self.wrote)

    def written(self, what: str) -> list[object]:
        """Return the content of everything of this kind that was written, in order."""
        return [wrote.content for wrote in self.wrote if wrote.what == what]

    def hear(self, *news: Heard) -> None:
        """Say something, as the gateway would."""
        for one in news:
            self._listener(one)

    def listen(self, listener: Callable[[Heard], None]) -> None:
        """Say everything to ``listener``."""
        self._listener = listener

    async def connect(self, seconds: float) -> None:
        """Connect, unless ``failing`` says why not, ``at_the_door`` says something else.

        Raises:
            Unavailable: as told.
        """
        self.connections += 1
        if self.failing:
            raise Unavailable(self.failing)
        self.hear(Opened())
        if "connect" in self.silent:
            await asyncio.sleep(seconds)
            raise Unavailable("the gateway did not greet in time")
        if self.at_the_door:
            self.hear(*self.at_the_door)
            raise Unavailable(self.at_the_door[-1].text)
        self._connected = True
        self.hear(Greeted(178, self.accounts, self.next_order_id))

    def disconnect(self) -> None:
        """Close it."""
        self.drop("disconnected on purpose")

    def drop(self, reason: str = "the gateway closed the socket") -> None:
        """Break it from the other side."""
        if self._connected:
            self._connected = False
            self.hear(Dropped(reason))

    def place(self, form: OrderForm) -> None:
        """Remember an order."""
        self._write("place", form)
        self._soon(self.on_place(form))

    def cancel(self, order_id: int) -> None:
        """Remember a cancel."""
        self._write("cancel", order_id)
        self._soon(self.on_cancel(order_id))

    def cancel_everything(self) -> None:
        """Remember it."""
        self._write("cancel_everything", None)

    def ask_time(self) -> None:
        """Answer with the clock's time, cut to the second."""
        self._write("ask_time", None)
        seconds = self._clock.nanoseconds() // NANOSECONDS + self.clock_ahead_seconds
        self._answer("time", (ServerTime(seconds * NANOSECONDS),))

    def ask_open_orders(self) -> None:
        """Answer with ``orders``."""
        self._write("ask_open_orders", None)
        self._answer("open_orders", (*self.orders, Ended("open_orders")))

    def ask_completed_orders(self) -> None:
        """Answer with ``completed``."""
        self._write("ask_completed_orders", None)
        self._answer("completed_orders", (*self.completed, Ended("completed_orders")))

    def ask_executions(self, request: int) -> None:
        """Answer with ``executed``."""
        self._write("ask_executions", request)
        self.requests["executions"] = request
        self._answer("executions", _numbered(self.executed, "executions", request))

    def ask_positions(self) -> None:
        """Answer with ``held``."""
        self._write("ask_positions", None)
        self._answer("positions", (*self.held, Ended("positions")))

    def ask_account(self, account: str) -> None:
        """Answer with ``values``."""
        self._write("ask_account", account)
        self._answer("account", (*self.values, Ended("account")))

    def ask_contract(self, request: int, contract: ContractForm) -> None:
        """Answer with the ``contracts`` of the same symbol, or that there is none."""
        self._write("ask_contract", contract)
        self.requests["contract"] = request
        found = [one for one in self.contracts if one.symbol == contract.symbol]
        if found:
            self._answer("contract", _numbered(found, "contract", request))
        else:
            nothing = "No security definition has been found for the request"
            self._answer("contract", (Said(request, 200, nothing),))

    def ask_rule(self, rule: int) -> None:
        """Answer with the one in ``rules``, if any."""
        self._write("ask_rule", rule)
        if rule in self.rules:
            self._answer("rule", (self.rules[rule],))

    def data_kind(self, kind: int) -> None:
        """Remember it."""
        self._write("data_kind", kind)

    def stream(self, request: int, contract: ContractForm, ticks: str = "") -> None:
        """Remember it: the request, the contract and the ticks."""
        self._write("stream", (request, contract, ticks))

    def stop_stream(self, request: int) -> None:
        """Remember it."""
        self._write("stop_stream", request)

    def ask_bars(
        self, request: int, contract: ContractForm, *, end: str, duration: str, size: str
    ) -> None:
        """Answer with ``bars``."""
        self._write("ask_bars", (contract, end, duration, size))
        self.requests["bars"] = request
        self._answer("bars", _numbered(self.bars, "bars", request))

    def _write(self, what: str, content: object) -> None:
        if self.choked or not self._connected:
            raise NotSent(f"{what}: the line is down")
        self.wrote.append(Wrote(what, content, self._clock.nanoseconds()))

    def _answer(self, what: str, news: Iterable[Heard]) -> None:
        if what not in self.silent:
            self._soon(news)

    def _soon(self, news: Iterable[Heard]) -> None:
        told = tuple(news)
        if told:
            asyncio.get_running_loop().call_soon(self._say, self.connections, told)

    def _say(self, connection: int, news: tuple[Heard, ...]) -> None:
        """Say the words of a connection, if it is still there."""
        for one in news:
            if self._connected and connection == self.connections:
                self._listener(one)


def _numbered(
    answers: Iterable[Executed | ContractFound | BarShown], what: str, request: int
) -> tuple[Heard, ...]:
    numbered = [replace(answer, request=request) for answer in answers]
    return (*numbered, Ended(what, request))


def _nothing_about_a_form(_: OrderForm) -> Iterable[Heard]:
    return ()


def _nothing_about_an_id(_: int) -> Iterable[Heard]:
    return ()


def _unheard(_: Heard) -> None:
    """Be the listener until there is one."""


__all__ = ["PAPER_ACCOUNT", "ScriptedLine", "Wrote"]
