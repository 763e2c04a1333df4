"""One socket to a gateway; the only place that knows the vendor's library.

Of `ib_async` it takes the messages that are sent, and the reading of the three longest that come.
Its state, its statuses and its queue are not used: what the gateway says becomes a value of
`heard.py` at once, and what is sent is on the socket when the call returns.
"""

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from types import ModuleType
from typing import Any, Final

from fillpath.core.errors import ConfigError, Unavailable
from fillpath.ibkr.forms import ContractForm, OrderForm
from fillpath.ibkr.frames import Garbage, framed
from fillpath.ibkr.heard import Dropped, Greeted, Heard, Opened, Said
from fillpath.ibkr.line import NotSent
from fillpath.ibkr.messages import ACCOUNTS, NEXT_ID, read
from fillpath.ibkr.numbers import whole
from fillpath.ibkr.sockets import Socket
from fillpath.ibkr.vendor import BREAKS, LONG, LONG_NAME, Caught, contract_of, order_of, plain_text

OLDEST: Final = 170
NEWEST: Final = 178
"""Versions of the protocol that are spoken; those of the library end there."""

_TOO_OLD: Final = 503
_FATAL: Final = frozenset({326, _TOO_OLD})
"""Codes after which no greeting will come."""
_NOTICES: Final = range(2100, 2200)
_SECONDS: Final = 2
"""Ask for times of bars as seconds since 1970."""


class Session:
    """Speak with a gateway as one client id.

    Args:
        host: name or address of its machine.
        port: where it listens.
        client_id: who this is; never shared.

    Raises:
        ConfigError: the library is not installed.
    """

    def __init__(self, host: str, port: int, client_id: int) -> None:
        self._host = host
        self._port = port
        self._client_id = client_id
        self._library = _library()
        self._listener: Callable[[Heard], None] = _unheard
        self._sent = 0
        self._talk: _Talk | None = None

    @property
    def connected(self) -> bool:
        """Return whether the handshake is done and the socket is not known to be gone."""
        return self._talk is not None and self._talk.greeted

    @property
    def sent(self) -> int:
        """Return how many messages were written since the line was made."""
        return self._sent

    def listen(self, listener: Callable[[Heard], None]) -> None:
        """Send everything that is heard to ``listener``; one listener, the last one wins."""
        self._listener = listener

    async def connect(self, seconds: float) -> None:
        """Connect and shake hands; ``Greeted`` has been heard when it returns.

        Raises:
            Unavailable: nobody answers, or not in time, or the client id is in use, with the
                gateway's own words where it said any.
        """
        self.disconnect()
        talk = self._talk = _Talk()
        socket = Socket(partial(self._opened, talk), self._heard, self._lost)
        where = f"the gateway at {self._host}:{self._port}"
        try:
            async with asyncio.timeout(seconds):
                loop = asyncio.get_running_loop()
                await loop.create_connection(lambda: socket, self._host, self._port)
                await talk.greeting
        except TimeoutError as error:
            words = talk.words or "no greeting"
            raise Unavailable(f"{where}: {words}, after {seconds:g} s") from error
        except OSError as error:
            raise Unavailable(f"{where}: {error.strerror or error}") from error
        finally:
            if not talk.greeted:
                self._lost(socket, "no greeting")

    def disconnect(self) -> None:
        """Close the socket; ``Dropped`` is heard, once."""
        if self._talk is not None and self._talk.socket is not None:
            self._lost(self._talk.socket, "closed by this side")

    def place(self, form: OrderForm) -> None:
        """Place an order, or change the one that has this order id.

        Raises:
            NotSent: the line is down.
            BrokerRefused: a field that cannot be put into a message.
        """
        contract, order = contract_of(self._library, form.contract), order_of(self._library, form)
        self._client.placeOrder(form.order_id, contract, order)

    def cancel(self, order_id: int) -> None:
        """Ask to cancel an order of this client id."""
        self._client.cancelOrder(order_id)

    def cancel_everything(self) -> None:
        """Ask to cancel every order of the account, also those of people and other programs."""
        self._client.reqGlobalCancel()

    def ask_time(self) -> None:
        """Ask for the gateway's clock."""
        self._client.reqCurrentTime()

    def ask_open_orders(self) -> None:
        """Ask for the open orders of every client id."""
        self._client.reqAllOpenOrders()

    def ask_completed_orders(self) -> None:
        """Ask for the orders of today that have ended."""
        self._client.reqCompletedOrders(apiOnly=False)

    def ask_executions(self, request: int) -> None:
        """Ask for the executions of today."""
        self._client.reqExecutions(request, self._library.ExecutionFilter())

    def ask_positions(self) -> None:
        """Ask for all positions, and to be told when they change."""
        self._client.reqPositions()

    def ask_account(self, account: str) -> None:
        """Ask for the account's values, and to be told when they change."""
        # Whoever is being told already is not told everything again without the first of these.
        self._client.reqAccountUpdates(subscribe=False, acctCode=account)
        self._client.reqAccountUpdates(subscribe=True, acctCode=account)

    def ask_contract(self, request: int, contract: ContractForm) -> None:
        """Ask which contracts fit."""
        self._client.reqContractDetails(request, contract_of(self._library, contract))

    def ask_rule(self, rule: int) -> None:
        """Ask for a market rule."""
        self._client.reqMarketRule(rule)

    def data_kind(self, kind: int) -> None:
        """Say which sort of data is wanted: 1 live, 3 delayed where there is no permission."""
        self._client.reqMarketDataType(kind)

    def stream(self, request: int, contract: ContractForm, ticks: str = "") -> None:
        """Subscribe to quotes, and to the generic ticks that are named."""
        wanted = contract_of(self._library, contract)
        self._client.reqMktData(
            request,
            wanted,
            plain_text(ticks, "ticks"),
            snapshot=False,
            regulatorySnapshot=False,
            mktDataOptions=[],
        )

    def stop_stream(self, request: int) -> None:
        """End a subscription."""
        self._client.cancelMktData(request)

    def ask_bars(
        self, request: int, contract: ContractForm, *, end: str, duration: str, size: str
    ) -> None:
        """Ask for historical bars of regular hours, in the vendor's own words of time."""
        self._client.reqHistoricalData(
            request,
            contract_of(self._library, contract),
            plain_text(end, "end"),
            plain_text(duration, "duration"),
            plain_text(size, "size"),
            whatToShow="TRADES",
            useRTH=1,
            formatDate=_SECONDS,
            keepUpToDate=False,
            chartOptions=[],
        )

    @property
    def _client(self) -> Any:
        """Return the library's maker of messages.

        Raises:
            NotSent: the line is down.
        """
        if self._talk is None or not self._talk.greeted:
            raise NotSent("the connection is down")
        return self._talk.client

    def _opened(self, talk: "_Talk", socket: Socket) -> None:
        if self._talk is not talk:
            socket.close()
            return
        talk.socket = socket
        self._listener(Opened())
        socket.write(b"API\0" + framed(f"v{OLDEST}..{NEWEST}".encode()))

    def _heard(self, socket: Socket, fields: list[str]) -> None:
        talk = self._talk
        if talk is None or talk.socket is not socket:
            return
        if talk.client is None:
            self._agree(talk, socket, fields)
            return
        news = talk.read(fields)
        if not talk.greeted:
            news = (*news, *talk.prepare(fields))
        for one in news:
            if self._talk is talk:
                self._listener(one)
                talk.settle(one)
        if talk.refused and self._talk is talk:
            self._lost(socket, talk.words)

    def _agree(self, talk: "_Talk", socket: Socket, fields: list[str]) -> None:
        """Take the first message, which says the version of the protocol, and introduce ourselves."""
        if len(fields) != len(("version", "time")) or not fields[0].isdecimal():
            raise Garbage("the greeting is none of a gateway")
        version = whole(fields[0])
        if not OLDEST <= version <= NEWEST:
            text = f"The gateway speaks version {version}, not {OLDEST} to {NEWEST}"
            self._listener(Said(-1, _TOO_OLD, text))
            self._lost(socket, text)
            return

        def write(message: bytes) -> None:
            socket.write(framed(message))
            self._sent += 1

        try:
            talk.begin(self._library, write, version, self._client_id)
        except NotSent as error:
            self._lost(socket, str(error))

    def _lost(self, socket: Socket, reason: str) -> None:
        """Give up a socket; a second time is no news."""
        socket.close()
        talk = self._talk
        if talk is None or talk.socket not in {socket, None}:
            return
        self._talk = None
        talk.end(reason)
        if talk.greeted:
            self._listener(Dropped(reason))


class _Talk:
    """What is known of one connection."""

    def __init__(self) -> None:
        self.socket: Socket | None = None
        self.client: Any = None
        self.words = ""
        self.refused = False
        self.greeted = False
        self.greeting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._caught = Caught()
        self._accounts: tuple[str, ...] = ()
        self._next_id: int | None = None

    def begin(
        self, library: ModuleType, write: Callable[[bytes], None], version: int, client_id: int
    ) -> None:
        """Make the library's maker of messages, and let it introduce us."""
        self.client = _talker(library, self._caught, write)
        self.client.begin(version, client_id)

    def read(self, fields: list[str]) -> Iterable[Heard]:
        """Return what a message says.

        Raises:
            Garbage: it is not what its number promises.
        """
        handler = LONG.get(whole(fields[0]))
        if handler is None:
            return read(fields)
        if handler == "contractDetails" and len(fields) > LONG_NAME:
            self._caught.long_name, fields[LONG_NAME] = fields[LONG_NAME], ""
        try:
            getattr(self.client.decoder, handler)(fields)
        except BREAKS as error:
            raise Garbage(f"{handler} with {len(fields)} fields cannot be read") from error
        return self._caught.taken()

    def prepare(self, fields: list[str]) -> Iterable[Heard]:
        """Return the greeting, once the order id and the accounts are known."""
        kind = whole(fields[0])
        if kind == NEXT_ID:
            self._next_id = whole(fields[-1])
        elif kind == ACCOUNTS:
            self._accounts = tuple(one for one in fields[-1].split(",") if one)
        if self._next_id is None or not self._accounts:
            return ()
        self.greeted = True
        return (Greeted(self.client.serverVersion(), self._accounts, self._next_id),)

    def settle(self, news: Heard) -> None:
        """Be done with waiting for the greeting, one way or the other."""
        if isinstance(news, Greeted) and not self.greeting.done():
            self.greeting.set_result(None)
        elif isinstance(news, Said) and not self.greeted and news.code not in _NOTICES:
            self.words = f"{news.code}: {news.text}"
            self.refused = news.code in _FATAL

    def end(self, reason: str) -> None:
        """Wait for no greeting any more."""
        if not self.greeting.done():
            self.greeting.set_exception(ConnectionError(self.words or reason))
            self.greeting.exception()  # nobody may be waiting any more


def _talker(library: ModuleType, caught: Caught, write: Callable[[bytes], None]) -> Any:
    """Return the library's maker of messages, without its queue and its socket."""
    client: Any = library.client.Client

    class Talker(client):  # type: ignore[misc]  # its class is known only when it is installed
        """Make messages, and write each at once."""

        def begin(self, version: int, client_id: int) -> None:
            """Be connected, and say who this is."""
            self.clientId = client_id
            self._serverVersion = self.decoder.serverVersion = version
            self.connState = self.CONNECTED
            self.startApi()

        def sendMsg(self, msg: str) -> None:  # noqa: N802  # the library's name
            """Write a message."""
            write(msg.encode())

    return Talker(caught)


def _library() -> ModuleType:
    try:
        import ib_async  # noqa: PLC0415  # an extra, and slow to import
        import ib_async.client  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(
            "Interactive Brokers needs the extra fillpath[ibkr]; install that, "
            "or choose another broker.provider"
        ) from error
    return ib_async


def _unheard(_: Heard) -> None:
    """Be the listener until there is one."""


__all__ = ["NEWEST", "OLDEST", "Session"]
