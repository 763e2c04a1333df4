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
from fillpath.testing.gateway.desk import Asker, Desk, tell_holding
from fillpath.testing.gateway.filling import NEWS, Charge, Fills, Voice
from fillpath.testing.gateway.log import Log
from fillpath.testing.gateway.records import GatewayExecution, GatewayOrder
from fillpath.testing.gateway.requests import Request, read_request
from fillpath.testing.gateway.session import Session
from fillpath.testing.gateway.wire import SERVER_VERSION, BadFrame, Message, frame, stamp

HOST: Final = "127.0.0.1"
PATIENCE: Final = 20.0
"""Seconds that a condition is waited for."""
IN_USE: Final = (
    "Unable to connect as the client id is already in use. Retry with a unique client id."
)
UNREADABLE: Final = "Error reading request. Unable to parse data. Extraneous or missing fields"


class Setup(Struct, frozen=True, kw_only=True):
    """How a gateway starts.

    Args:
        accounts: the names of the login's accounts, each with 100,000 dollars.
        contracts: what can be traded.
        rules: the steps of prices.
        master: the client id that hears of the orders of all, None for none.
    """

    accounts: tuple[str, ...] = ("DU1234567",)
    contracts: tuple[Contract, ...] = CONTRACTS
    rules: tuple[MarketRule, ...] = (PENNY,)
    master: int | None = None


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
        self.refuses = False
        self.accounts = {name: Account(name=name) for name in self.setup.accounts}
        self.contracts = Catalogue(self.setup.contracts, self.setup.rules)
        self._clock = clock or SystemClock()
        self._sessions: list[Session] = []
        self._askers: dict[int, Asker] = {}
        voice = Voice(self._to_client, self._moved)
        self.fills = Fills(self.accounts, voice, self._clock)
        self.book = Book(Parts(self.contracts, self.setup.accounts, self.fills, voice, self._clock))
        self._desk = Desk(self.contracts, self.accounts, self.book, self.fills, self._clock)
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
        self._server = await loop.create_server(lambda: Session(self), HOST, port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close every socket and the server; orders and accounts stay, so it can start again."""
        self.cut()
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
        return [session.client_id for session in self._sessions if session.client_id >= 0]

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
            more: any of ``bid_size``, ``ask_size``, ``last``, ``last_size``, ``close``, ``volume``.
        """
        contract = self.contracts.named(symbol)
        touch = self.book.touch(contract)
        for name, value in {"bid": bid, "ask": ask, **more}.items():
            setattr(touch, name, None if value is None else exact(value, name))
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

    def error(self, code: int, text: str = "", about: int = -1, client: int | None = None) -> None:
        """Say an error, a warning or a notice, to one client or to all."""
        for client_id in self.clients if client is None else [client]:
            self._to_client(client_id, answers.error(about, code, text))

    def say(self, client_id: int, *messages: Message) -> None:
        """Send any messages to a client."""
        for each in messages:
            self._to_client(client_id, each)

    def cut(self) -> None:
        """Break every socket, as a cable does."""
        for session in list(self._sessions):
            session.cut()

    def opened(self, session: Session) -> None:
        """Take note of a new socket; close it at once while connections are refused."""
        if self.refuses:
            session.cut()
            return
        self._sessions.append(session)
        self.log.stir()

    def closed(self, session: Session) -> None:
        """Take note of a socket that is gone."""
        self._leave(session)
        self.log.stir()

    def heard(self, session: Session, fields: list[str]) -> None:
        """Deal with one frame.

        Raises:
            BadFrame: the greeting is none.
        """
        if not session.greeted:
            self._greet(session, fields)
            return
        try:
            request = read_request(fields)
        except BadFrame as problem:
            self._unreadable(session, fields, str(problem))
            return
        self.log.hear(asyncio.get_running_loop().time(), session.client_id, request)
        self._serve(session, request)
        self.log.stir()

    def _greet(self, session: Session, fields: list[str]) -> None:
        if not fields[0].startswith("v"):
            raise BadFrame("the client must say which versions it speaks")
        session.greeted = True
        session.write(frame((str(SERVER_VERSION), stamp(self._clock.now()))))

    def _unreadable(self, session: Session, fields: list[str], problem: str) -> None:
        about = int(fields[1]) if len(fields) > 1 and fields[1].isdigit() else -1
        session.send(answers.error(about, 320, f"{UNREADABLE}: {problem}"))
        self.log.stir()

    def _serve(self, session: Session, request: Request) -> None:
        if request.kind == "startApi":
            self._start(session, request.about)
        elif session.client_id in self._askers:
            self._desk.answer(self._askers[session.client_id], request)

    def _start(self, session: Session, client_id: int) -> None:
        if client_id in self._askers:
            session.send(answers.error(-1, 326, IN_USE))
            session.close()
            return
        session.client_id = client_id
        asker = Asker(client_id, lambda message: self._send(session, message))
        self._askers[client_id] = asker
        self._desk.greet(asker)

    def _send(self, session: Session, message: Message) -> None:
        self.log.say(asyncio.get_running_loop().time(), session.client_id, message)
        session.send(message)

    def _to_client(self, client_id: int, message: Message) -> None:
        for each in {client_id, self.setup.master}:
            if each in self._askers:
                self._askers[each].tell(message)

    def _moved(self, account: str, contract: Contract) -> None:
        held = self.accounts[account].holding(contract)
        for asker in list(self._askers.values()):
            if asker.wants_positions:
                asker.tell(answers.position(account, contract, held.shares, held.cost))
            if asker.account == account:
                tell_holding(self._desk, asker, held)

    def _leave(self, session: Session) -> None:
        if session in self._sessions:
            self._sessions.remove(session)
        asker = self._askers.get(session.client_id)
        if asker is not None:
            del self._askers[session.client_id]
        session.client_id = -1


__all__ = ["HOST", "PATIENCE", "Gateway", "Setup"]
