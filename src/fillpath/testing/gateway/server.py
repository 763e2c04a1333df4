"""The gateway itself: a server on this machine, and what a test does with it."""

import asyncio
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Final, Self

from msgspec import Struct

from fillpath.core.ports import Clock
from fillpath.core.units import Number, exact
from fillpath.runtime.clock import SystemClock
from fillpath.testing.gateway import answers
from fillpath.testing.gateway.accounts import Account
from fillpath.testing.gateway.book import Book, Parts
from fillpath.testing.gateway.catalogue import CONTRACTS, PENNY, Catalogue, Contract, MarketRule
from fillpath.testing.gateway.desk import Desk
from fillpath.testing.gateway.faults import Fault
from fillpath.testing.gateway.filling import NEWS, Charge, Fills, Voice
from fillpath.testing.gateway.history import History
from fillpath.testing.gateway.hub import Hub, Manners
from fillpath.testing.gateway.log import Log
from fillpath.testing.gateway.placing import PlacedOrder
from fillpath.testing.gateway.quoting import Quoting
from fillpath.testing.gateway.records import GatewayExecution, GatewayOrder
from fillpath.testing.gateway.session import Session
from fillpath.testing.gateway.wire import Message

HOST: Final = "127.0.0.1"
PATIENCE: Final = 20.0
"""Seconds that a condition is waited for."""
_LOST: Final = "Connectivity between IB and Trader Workstation has been lost."
_KEPT: Final = "Connectivity between IB and Trader Workstation has been restored - data maintained."
_DATA_LOST: Final = "Connectivity between IB and Trader Workstation has been restored - data lost."


class Setup(Struct, frozen=True, kw_only=True):
    """How a gateway starts.

    Args:
        accounts: the names of the login's accounts, each with 100,000 dollars.
        contracts: what can be traded.
        rules: the steps of prices.
    """

    accounts: tuple[str, ...] = ("DU1234567",)
    contracts: tuple[Contract, ...] = CONTRACTS
    rules: tuple[MarketRule, ...] = (PENNY,)


class Gateway:
    """A gateway that answers real clients, with accounts, a market and faults of its own.

    It listens while it is entered with ``async with``, on a port that the system chooses. Everything
    happens inside the event loop: what a client asked is done before its next message is read.

    Args:
        setup: accounts and contracts.
        clock: what time the gateway says it is.
    """

    def __init__(self, setup: Setup | None = None, clock: Clock | None = None) -> None:
        self.setup = setup or Setup()
        self.port = 0
        self.log = Log()
        self.manners = Manners()
        self.accounts = {name: Account(name=name) for name in self.setup.accounts}
        self.contracts = Catalogue(self.setup.contracts, self.setup.rules)
        self.history = History()
        clock = clock or SystemClock()
        voice = Voice(self._tell, self._moved)
        self.fills = Fills(self.accounts, voice, clock)
        parts = Parts(self.contracts, self.setup.accounts, self.fills, voice, clock)
        self.book = Book(parts)
        self.data = Quoting(self.book.touch)
        desk = Desk(
            catalogue=self.contracts,
            accounts=self.accounts,
            book=self.book,
            fills=self.fills,
            quoting=self.data,
            history=self.history,
            clock=clock,
        )
        self._hub = Hub(desk, self.log, self.manners)
        self._foreign = 0
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        """Listen."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close everything."""
        await self.stop()

    async def start(self, port: int = 0) -> None:
        """Listen; on a port of the system's choice unless one is given.

        Raises:
            OSError: the port is taken.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Session(self._hub), HOST, port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close every socket and the server; orders and accounts stay, so it can start again."""
        self._hub.stop()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    @property
    def orders(self) -> list[GatewayOrder]:
        """Return every order, oldest first."""
        return self.book.all

    @property
    def clients(self) -> list[int]:
        """Return the ids of the clients that are connected and have started."""
        return list(self._hub.clients)

    def order(self, name: str | int) -> GatewayOrder:
        """Return the newest order with this reference or order id.

        Raises:
            KeyError: there is none.
        """
        for order in reversed(self.book.all):
            if name in {order.ref, order.order_id}:
                return order
        raise KeyError(f"the gateway has no order {name!r}")

    async def until(self, condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Wait until a condition about the gateway holds.

        Raises:
            TimeoutError: it did not hold in time.
        """
        await self.log.until(condition, seconds)

    async def received(self, kind: str, count: int = 1, seconds: float = PATIENCE) -> None:
        """Wait until so many requests of a kind have come.

        Raises:
            TimeoutError: they did not come in time.
        """
        await self.until(lambda: self.log.count(kind) >= count, seconds)

    def quote(
        self, symbol: str, bid: Number | None, ask: Number | None, **more: Number | None
    ) -> None:
        """Set the market of a symbol and trade what it allows.

        Args:
            symbol: ticker.
            bid: dollars; None when nobody bids.
            ask: dollars; None when nobody offers.
            more: any other number of a ``Touch``, such as ``last`` or ``close``; any number of
                shares can be had at a side whose size (``bid_size``, ``ask_size``) is left out.
        """
        contract = self.contracts.named(symbol)
        touch = self.book.touch(contract)
        sides: dict[str, Number | None] = {"bid": bid, "ask": ask, "bid_size": None}
        for name, value in (sides | {"ask_size": None} | more).items():
            setattr(touch, name, None if value is None else exact(value, name))
        self.data.moved(contract)
        self.book.match(contract)
        self.log.stir()

    def halt(self, symbol: str, kind: int = 1) -> None:
        """Halt a symbol: 1 for news, 2 for its volatility; 0 lets it trade again."""
        contract = self.contracts.named(symbol)
        self.book.touch(contract).halted = kind
        self.data.moved(contract)
        self.book.match(contract)
        self.log.stir()

    def auction(self, symbol: str, price: Number, *, opening: bool = False) -> None:
        """Hold the closing or opening auction of a symbol at one price."""
        contract = self.contracts.named(symbol)
        self.book.auction(contract, exact(price, "price"), opening=opening)
        self.log.stir()

    def fill(
        self,
        order: GatewayOrder,
        shares: Number,
        price: Number,
        news: Iterable[str] = NEWS,
    ) -> GatewayExecution:
        """Execute shares of an order, whatever its state, and tell what ``news`` names."""
        done = self.book.fill(order, exact(shares, "shares"), exact(price, "price"), tuple(news))
        self.log.stir()
        return done

    def correct(
        self,
        wrong: GatewayExecution,
        *,
        shares: Number | None = None,
        price: Number | None = None,
    ) -> GatewayExecution:
        """Correct the size or the price of an execution."""
        right_shares = wrong.shares if shares is None else exact(shares, "shares")
        right_price = wrong.price if price is None else exact(price, "price")
        return self.fills.correct(wrong, right_shares, right_price)

    def bust(self, wrong: GatewayExecution) -> GatewayExecution:
        """Take an execution back: a correction to no shares."""
        return self.fills.correct(wrong, Decimal(0), wrong.price)

    def charge(self, done: GatewayExecution, amount: str, currency: str = "USD") -> None:
        """Say what an execution cost, perhaps again; any text, also ``NaN``."""
        self.fills.charge(done, Charge(amount, currency))

    def cancel(
        self, order: GatewayOrder, status: str = "Cancelled", code: int = 202, reason: str = ""
    ) -> None:
        """End an order, as the broker can without being asked; code 0 says no error."""
        self.book.end(order, status, code, f"Order Canceled - reason:{reason}")
        self.log.stir()

    def external(
        self, symbol: str, action: str, shares: Number, price: Number | None = None, client: int = 0
    ) -> GatewayOrder:
        """Place an order of a person (client 0) or of another program; at a limit if one is given."""
        self._foreign -= 1
        placed = PlacedOrder(
            action=action,
            quantity=exact(shares, "shares"),
            order_type="MKT" if price is None else "LMT",
            limit_price=None if price is None else exact(price, "price"),
            aux_price=None,
            tif="DAY",
            account=self.setup.accounts[0],
        )
        order_id = self._foreign if client == 0 else self.book.next_id(client)
        order = self.book.add((client, order_id), self.contracts.named(symbol), placed)
        self.log.stir()
        return order

    def show(self, order: GatewayOrder, status: str, why_held: str = "") -> None:
        """Put an order into any state and say so."""
        self.book.revive(order, status, why_held)
        self.log.stir()

    def complain(self, order: GatewayOrder, code: int, text: str = "") -> None:
        """Say an error, a warning or a notice about an order to who placed it."""
        self._hub.to_client(order.client_id, answers.error(order.order_id, code, text))

    def error(self, code: int, text: str = "", about: int = -1, client: int | None = None) -> None:
        """Say an error, a warning or a notice, to one client or to all."""
        self._hub.announce(answers.error(about, code, text), client)

    def say(self, message: Message, client: int | None = None) -> None:
        """Send any message, to one client or to all."""
        self._hub.announce(message, client)

    def tell_accounts(self) -> None:
        """Tell the values of accounts to whoever asked for them, as the real one does at times."""
        self._hub.tell_accounts()

    def misbehave(self, *faults: Fault) -> None:
        """Let these faults happen, each as often as it says, beside those that already may."""
        self._hub.mischief.arm(*faults)

    def behave(self) -> None:
        """Let no fault happen any more, and say what was held."""
        self._hub.mischief.disarm()
        self._hub.mischief.release()

    def release(self) -> None:
        """Say what was held, in the order it was to be said."""
        self._hub.mischief.release()

    def cut(self, client: int | None = None) -> None:
        """Break every socket, or that of one client, as a cable does."""
        self._hub.cut(client)

    def refuse(self) -> None:
        """Break every socket, and each new one at once, as while a gateway restarts."""
        self.manners.refuses = True
        self._hub.cut()

    def go_deaf(self, *, lingers: bool = False) -> None:
        """Read and say nothing more, on old sockets and new ones, without closing them.

        Args:
            lingers: whether the ids of clients stay in use when they close their side.
        """
        self.manners.deaf = True
        self.manners.lingers = lingers
        self._hub.go_deaf()

    def recover(self) -> None:
        """Take new sockets and answer them; the ids of those that are gone are free."""
        self.manners.refuses = self.manners.deaf = self.manners.lingers = False
        self._hub.forget()

    def lose_link(self, code: int = 1100) -> None:
        """Lose the broker: say so, keep orders and cancels waiting, tell nothing by itself."""
        self.error(code, _LOST)
        self.manners.link = False

    def restore_link(self, *, kept: bool = True) -> None:
        """Reach the broker again, with 1102, or with 1101 when subscriptions were lost."""
        self.manners.link = True
        if not kept:
            self.data.lose()
        self.error(1102 if kept else 1101, _KEPT if kept else _DATA_LOST)
        self._hub.catch_up()
        self.log.stir()

    def new_day(self) -> None:
        """Forget executions and what has ended, as the real one does at midnight."""
        self.book.new_day()
        self.fills.new_day()

    def _tell(self, client_id: int, message: Message) -> None:
        self._hub.to_client(client_id, message)

    def _moved(self, account: str, contract: Contract) -> None:
        self._hub.moved(account, self.accounts[account].holding(contract))


__all__ = ["HOST", "PATIENCE", "Gateway", "Setup"]
