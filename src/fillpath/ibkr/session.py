"""One socket to a gateway; the only place that knows the vendor's library.

Of `ib_async` it takes the messages that are sent, and the reading of the three longest that come.
Its state, its statuses and its queue are not used: what the gateway says becomes a value of
`heard.py` at once, and what is sent is on the socket when the call returns.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType, ModuleType
from typing import Any, Final

from fillpath.core.errors import BrokerRefused, ConfigError, Unavailable
from fillpath.ibkr.forms import ContractForm, OrderForm
from fillpath.ibkr.frames import Garbage, framed
from fillpath.ibkr.heard import ContractFound, Dropped, Greeted, Heard, Opened, OrderShown, Said
from fillpath.ibkr.line import NotSent
from fillpath.ibkr.messages import (
    ACCOUNTS,
    COMPLETED_ORDER,
    CONTRACT,
    NEXT_ID,
    OPEN_ORDER,
    read,
)
from fillpath.ibkr.numbers import exact, whole
from fillpath.ibkr.sockets import Socket

OLDEST: Final = 170
NEWEST: Final = 178
"""Versions of the protocol that are spoken; those of the library end there."""

_TOO_OLD: Final = 503
_FATAL: Final = frozenset({326, _TOO_OLD})
"""Codes after which no greeting will come."""
_NOTICES: Final = range(2100, 2200)
_SECONDS: Final = 2
"""Ask for times of bars as seconds since 1970."""
_LONG_NAME: Final = 19
"""Place of a contract's name: the library reads it as a program text, which a name is not."""
_BREAKS: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    StopIteration,
    TypeError,
    ValueError,
)
"""What the library raises when a message is not what its number promises."""


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
        socket = Socket(self._opened, self._heard, self._lost)
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
        contract, order = _contract(self._library, form.contract), _order(self._library, form)
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
        self._client.reqContractDetails(request, _contract(self._library, contract))

    def ask_rule(self, rule: int) -> None:
        """Ask for a market rule."""
        self._client.reqMarketRule(rule)

    def data_kind(self, kind: int) -> None:
        """Say which sort of data is wanted: 1 live, 3 delayed where there is no permission."""
        self._client.reqMarketDataType(kind)

    def stream(self, request: int, contract: ContractForm, ticks: str = "") -> None:
        """Subscribe to quotes, and to the generic ticks that are named."""
        wanted = _contract(self._library, contract)
        self._client.reqMktData(
            request,
            wanted,
            _text(ticks, "ticks"),
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
            _contract(self._library, contract),
            _text(end, "end"),
            _text(duration, "duration"),
            _text(size, "size"),
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

    def _opened(self, socket: Socket) -> None:
        if self._talk is None:
            socket.close()
            return
        self._talk.socket = socket
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
        self._caught = _Caught()
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
        handler = _LONG.get(whole(fields[0]))
        if handler is None:
            return read(fields)
        if handler == "contractDetails" and len(fields) > _LONG_NAME:
            self._caught.long_name, fields[_LONG_NAME] = fields[_LONG_NAME], ""
        try:
            getattr(self.client.decoder, handler)(fields)
        except _BREAKS as error:
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


class _Caught:
    """Stand where the library's own state would be, and keep nothing but the last message."""

    def __init__(self) -> None:
        self.long_name = ""
        self._news: list[Heard] = []

    def taken(self) -> tuple[Heard, ...]:
        """Return what the last message said."""
        news = tuple(self._news)
        self._news.clear()
        return news

    def connectAck(self) -> None:  # noqa: N802  # the library's name
        """Be told of the handshake."""

    def openOrder(self, order_id: int, contract: Any, order: Any, state: Any) -> None:  # noqa: N802  # the library's name
        """Be told of an open order."""
        self._news.append(
            OrderShown(
                order_id=order_id,
                client_id=order.clientId,
                parent_id=order.parentId,
                warning=state.warningText,
                **_shown(contract, order, state),
            )
        )

    def completedOrder(self, contract: Any, order: Any, state: Any) -> None:  # noqa: N802  # the library's name
        """Be told of an order that has ended."""
        self._news.append(
            OrderShown(
                order_id=0,
                client_id=order.clientId,
                completed=True,
                completed_status=state.completedStatus,
                filled=exact(order.filledQuantity),
                **_shown(contract, order, state),
            )
        )

    def contractDetails(self, request: int, details: Any) -> None:  # noqa: N802  # the library's name
        """Be told of a contract."""
        contract = details.contract
        self._news.append(
            ContractFound(
                request=request,
                con_id=contract.conId,
                symbol=contract.symbol,
                sec_type=contract.secType,
                exchange=contract.exchange,
                primary_exchange=contract.primaryExchange,
                currency=contract.currency,
                min_tick=_positive(details.minTick),
                exchanges=_listed(details.validExchanges),
                rules=tuple(map(whole, _listed(details.marketRuleIds))),
                stock_type=details.stockType,
                long_name=self.long_name,
                trading_hours=details.tradingHours,
                liquid_hours=details.liquidHours,
                time_zone=details.timeZoneId,
                min_size=_positive(details.minSize),
                size_increment=_positive(details.sizeIncrement),
                order_types=_listed(details.orderTypes),
            )
        )


_LONG: Final[Mapping[int, str]] = MappingProxyType(
    {OPEN_ORDER: "openOrder", CONTRACT: "contractDetails", COMPLETED_ORDER: "completedOrder"}
)


def _shown(contract: Any, order: Any, state: Any) -> dict[str, Any]:
    """Return what open and completed orders have in common."""
    return {
        "perm_id": order.permId,
        "order_ref": order.orderRef,
        "account": order.account,
        "con_id": contract.conId,
        "symbol": contract.symbol,
        "sec_type": contract.secType,
        "action": order.action,
        "quantity": exact(order.totalQuantity) or Decimal(0),
        "order_type": order.orderType,
        "limit_price": _positive(order.lmtPrice),
        "aux_price": _positive(order.auxPrice),
        "tif": order.tif,
        "outside_rth": order.outsideRth,
        "oca_group": order.ocaGroup,
        "oca_type": order.ocaType,
        "status": state.status,
    }


def _positive(value: float) -> Decimal | None:
    """Return a price or a size; 0 is how the vendor spells that there is none."""
    found = exact(value)
    return found if found is not None and found > 0 else None


def _listed(text: str) -> tuple[str, ...]:
    return tuple(one for one in text.split(",") if one)


def _order(library: ModuleType, form: OrderForm) -> Any:
    order = library.Order(
        action=_text(form.action, "action"),
        totalQuantity=_amount(form.quantity, "quantity"),
        orderType=_text(form.order_type, "order_type"),
        tif=_text(form.tif, "tif"),
        goodTillDate=_text(form.good_till, "good_till"),
        outsideRth=form.outside_rth,
        account=_text(form.account, "account"),
        orderRef=_text(form.order_ref, "order_ref"),
        ocaGroup=_text(form.oca_group, "oca_group"),
        ocaType=form.oca_type,
        parentId=form.parent_id,
        transmit=form.transmit,
        algoStrategy=_text(form.algo, "algo"),
        algoParams=[
            library.TagValue(_text(name, "algo_params"), _text(value, "algo_params"))
            for name, value in form.algo_params
        ],
    )
    if form.limit_price is not None:
        order.lmtPrice = _amount(form.limit_price, "limit_price")
    if form.aux_price is not None:
        order.auxPrice = _amount(form.aux_price, "aux_price")
    return order


def _contract(library: ModuleType, form: ContractForm) -> Any:
    return library.Contract(
        conId=form.con_id,
        symbol=_text(form.symbol, "symbol"),
        exchange=_text(form.exchange, "exchange"),
        primaryExchange=_text(form.primary_exchange, "primary_exchange"),
        currency=_text(form.currency, "currency"),
        secType=_text(form.sec_type, "sec_type"),
    )


def _text(value: str, name: str) -> str:
    """Return a text that cannot be taken for several fields."""
    if "\0" in value:
        raise BrokerRefused("BAD_FIELD", f"{name} must not hold a zero byte, got {value!r}")
    return value


def _amount(value: Decimal, name: str) -> str:
    """Return a price or a quantity as it goes on the wire, exactly."""
    if not value.is_finite() or value <= 0:
        raise BrokerRefused("BAD_FIELD", f"{name} must be above 0 and finite, got {value}")
    return format(value.normalize(), "f")


def _talker(library: ModuleType, caught: _Caught, write: Callable[[bytes], None]) -> Any:
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
