"""Answer what a client asks."""

from collections.abc import Callable
from typing import Final

from msgspec import Struct, field

from fillpath.core.ports import Clock
from fillpath.testing.gateway import answers, data_answers
from fillpath.testing.gateway import order_answers as say
from fillpath.testing.gateway.accounts import Account, Holding
from fillpath.testing.gateway.book import Book
from fillpath.testing.gateway.catalogue import Catalogue, Contract
from fillpath.testing.gateway.filling import Fills
from fillpath.testing.gateway.history import NO_DATA, PACING, History
from fillpath.testing.gateway.placing import Instrument
from fillpath.testing.gateway.quoting import DataKind, Quoting, Subscription
from fillpath.testing.gateway.records import GatewayExecution
from fillpath.testing.gateway.requests import Request
from fillpath.testing.gateway.wire import Message

Tell = Callable[[Message], None]
_MOVING: Final = frozenset({"NetLiquidation", "TotalCashValue", "AvailableFunds"})
_SUMMARIES: Final = 2
TOO_MANY_SUMMARIES: Final = (
    "Error processing request.-'wd' : cause - Maximum number of account summary requests exceeded"
)
INVALID_TIME: Final = "End Date/Time: The date, time, or time-zone entered is invalid."
UNKNOWN_CONTRACT: Final = "No security definition has been found for the request"


class Asker(Struct):
    """Who asks.

    Args:
        client_id: its number.
        tell: sends it a message.
        wants_positions: whether it is told when a position changes.
        account: whose values it is told of; empty for none.
        summaries: the summaries that it has not ended.
    """

    client_id: int
    tell: Tell
    wants_positions: bool = False
    account: str = ""
    summaries: set[int] = field(default_factory=set)


class Desk(Struct, frozen=True):
    """What the answers are made of."""

    catalogue: Catalogue
    accounts: dict[str, Account]
    book: Book
    fills: Fills
    quoting: Quoting
    history: History
    clock: Clock

    def answer(self, asker: Asker, request: Request) -> None:
        """Do what a request asks and answer it."""
        handler = _HANDLERS.get(request.kind)
        if handler is not None:
            handler(self, asker, request)

    def double(self, client_id: int, order_id: int) -> None:
        """Make a second order of one that a client has just placed or changed."""
        order = self.book.find(client_id, order_id)
        if order is not None:
            self.book.double(order)

    def leave(self, asker: Asker, request: Request, status: str, reason: str) -> None:
        """Keep a refused order in some state, and say so."""
        contract = self.contract(asker, request)
        if contract is not None and request.order is not None:
            key = (asker.client_id, request.about)
            self.book.keep(key, contract, request.order, (status, reason))

    def contract(self, asker: Asker, request: Request) -> Contract | None:
        """Return the one contract that a request means, or say that there is none."""
        found = self.catalogue.find(named(request))
        if len(found) == 1:
            return found[0]
        asker.tell(answers.error(request.about, 200, UNKNOWN_CONTRACT))
        return None

    def greet(self, asker: Asker) -> None:
        """Say what every client is told when it starts."""
        asker.tell(answers.next_valid_id(self.book.next_id(asker.client_id)))
        asker.tell(answers.managed_accounts(tuple(self.accounts)))
        for code, text in _FARMS:
            asker.tell(answers.error(-1, code, text))

    def values(self, name: str) -> list[tuple[str, str, str]]:
        """Return tag, value and currency of everything about an account."""
        return self.accounts[name].values(lambda contract: self.book.touch(contract).mark())

    def positions(self, asker: Asker) -> None:
        """Tell every position."""
        for account in self.accounts.values():
            for held in account.holdings.values():
                if held.shares:
                    told = answers.position(account.name, held.contract, held.shares, held.cost)
                    asker.tell(told)
        asker.tell(answers.position_end())


def named(request: Request) -> Instrument:
    """Return the contract that a request names."""
    assert request.instrument is not None
    return request.instrument


_FARMS: Final = (
    (2104, "Market data farm connection is OK:usfarm"),
    (2106, "HMDS data farm connection is OK:ushmds"),
    (2158, "Sec-def data farm connection is OK:secdefil"),
)


def _place(desk: Desk, asker: Asker, request: Request) -> None:
    contract = desk.contract(asker, request)
    if contract is not None and request.order is not None:
        desk.book.place((asker.client_id, request.about), contract, request.order)


def _cancel(desk: Desk, asker: Asker, request: Request) -> None:
    desk.book.cancel(asker.client_id, request.about)


def _cancel_all(desk: Desk, asker: Asker, request: Request) -> None:
    del asker, request
    desk.book.cancel_all()


def _own_orders(desk: Desk, asker: Asker, request: Request) -> None:
    """Tell the open orders of this client; client 0 also has those of people."""
    del request
    for order in list(desk.book.open_orders()):
        if order.client_id == asker.client_id:
            asker.tell(say.open_order(order))
            asker.tell(say.order_status(order))
    asker.tell(say.open_order_end())


def _all_orders(desk: Desk, asker: Asker, request: Request) -> None:
    del request
    for order in list(desk.book.open_orders()):
        asker.tell(say.open_order(order))
        asker.tell(say.order_status(order))
    asker.tell(say.open_order_end())


def _completed_orders(desk: Desk, asker: Asker, request: Request) -> None:
    del request
    for order in list(desk.book.completed_orders()):
        asker.tell(say.completed_order(order))
    asker.tell(say.completed_orders_end())


def _executions(desk: Desk, asker: Asker, request: Request) -> None:
    for done in list(desk.fills.all):
        if _wanted(done, request.words):
            asker.tell(say.execution(done, request.about))
            if done.exec_id in desk.fills.charges:
                asker.tell(desk.fills.report(done))
    asker.tell(say.executions_end(request.about))


def _wanted(done: GatewayExecution, words: dict[str, str]) -> bool:
    order = done.order
    side = {"": "", "BUY": "BUY", "BOT": "BUY"}.get(words["side"], "SELL")
    return (
        words["client"] in {"", "0", str(order.client_id)}
        and words["account"] in {"", order.account}
        and words["symbol"] in {"", order.contract.symbol}
        and side in {"", order.placed.action}
    )


def _positions(desk: Desk, asker: Asker, request: Request) -> None:
    del request
    asker.wants_positions = True
    desk.positions(asker)


def _no_positions(desk: Desk, asker: Asker, request: Request) -> None:
    del desk, request
    asker.wants_positions = False


def _account(desk: Desk, asker: Asker, request: Request) -> None:
    name = request.words["account"] or next(iter(desk.accounts))
    if request.words["subscribe"] != "1":
        asker.account = ""
    elif name in desk.accounts:
        asker.account = name
        tell_account(desk, asker)
    else:
        asker.tell(
            answers.error(-1, 321, "Error validating request:-'cb' : cause - Invalid account code")
        )


def tell_account(desk: Desk, asker: Asker) -> None:
    """Tell all values of the account that is asked for, and their end."""
    account = desk.accounts[asker.account]
    for tag, value, currency in desk.values(account.name):
        asker.tell(answers.account_value(account.name, tag, value, currency))
    for held in account.holdings.values():
        asker.tell(_worth(desk, asker, held))
    asker.tell(answers.account_time(desk.clock.now()))
    asker.tell(answers.account_download_end(account.name))


def tell_holding(desk: Desk, asker: Asker, held: Holding) -> None:
    """Tell a position that changed, and the values that changed with it."""
    asker.tell(_worth(desk, asker, held))
    for tag, value, currency in desk.values(asker.account):
        if tag in _MOVING:
            asker.tell(answers.account_value(asker.account, tag, value, currency))


def _worth(desk: Desk, asker: Asker, held: Holding) -> Message:
    price = desk.book.touch(held.contract).mark() or held.cost
    return answers.portfolio(asker.account, held, price)


def _account_multi(desk: Desk, asker: Asker, request: Request) -> None:
    name = request.words["account"] or next(iter(desk.accounts))
    for tag, value, currency in desk.values(name) if name in desk.accounts else ():
        asker.tell(answers.account_multi(request.about, name, tag, value, currency))
    asker.tell(answers.account_multi_end(request.about))


def _summary(desk: Desk, asker: Asker, request: Request) -> None:
    if len(asker.summaries - {request.about}) >= _SUMMARIES:
        asker.tell(answers.error(request.about, 322, TOO_MANY_SUMMARIES))
        return
    asker.summaries.add(request.about)
    tags = set(request.words["tags"].split(","))
    for name in desk.accounts:
        for tag, value, currency in desk.values(name):
            if tag in tags:
                asker.tell(answers.account_summary(request.about, name, tag, value, currency))
    asker.tell(answers.account_summary_end(request.about))


def _no_summary(desk: Desk, asker: Asker, request: Request) -> None:
    del desk
    asker.summaries.discard(request.about)


def _contracts(desk: Desk, asker: Asker, request: Request) -> None:
    asked = named(request)
    found = desk.catalogue.find(asked)
    if not found:
        asker.tell(answers.error(request.about, 200, UNKNOWN_CONTRACT))
        return
    for contract in found:
        exchange = asked.exchange or contract.exchanges[0]
        asker.tell(answers.contract_details(request.about, contract, exchange))
    asker.tell(answers.contract_details_end(request.about))


def _rule(desk: Desk, asker: Asker, request: Request) -> None:
    rule = desk.catalogue.rule(request.about)
    if rule is not None:
        asker.tell(answers.market_rule(rule))
    else:
        asker.tell(
            answers.error(
                -1, 321, "Error validating request:-'cg' : cause - Invalid market rule id"
            )
        )


def _stream(desk: Desk, asker: Asker, request: Request) -> None:
    contract = desk.contract(asker, request)
    if contract is not None:
        ticks = frozenset(request.words["ticks"].replace(" ", "").split(","))
        new = Subscription(
            asker.client_id, request.about, contract, asker.tell, ticks, DataKind.LIVE
        )
        desk.quoting.subscribe(new, snapshot=request.words["snapshot"] == "1")


def _no_stream(desk: Desk, asker: Asker, request: Request) -> None:
    desk.quoting.unsubscribe(asker.client_id, request.about)


def _data_kind(desk: Desk, asker: Asker, request: Request) -> None:
    desk.quoting.want(asker.client_id, int(request.words["type"] or 1))


def _bars(desk: Desk, asker: Asker, request: Request) -> None:
    contract = desk.contract(asker, request)
    if contract is None:
        return
    if desk.history.refuses(contract, request, desk.clock.now().timestamp()):
        asker.tell(answers.error(request.about, 162, PACING))
        return
    try:
        bars = desk.history.bars(contract, request, desk.clock.now())
    except (KeyError, ValueError):
        asker.tell(answers.error(request.about, 10314, INVALID_TIME))
        return
    if bars is None:
        text = f"{NO_DATA}{contract.symbol}@SMART {request.words['show']}"
        asker.tell(answers.error(request.about, 162, text))
        return
    first, last = str(bars[0][0]), str(bars[-1][0])
    asker.tell(data_answers.historical_data(request.about, first, last, bars))


def _time(desk: Desk, asker: Asker, request: Request) -> None:
    del request
    asker.tell(answers.current_time(desk.clock.now()))


def _ids(desk: Desk, asker: Asker, request: Request) -> None:
    del request
    asker.tell(answers.next_valid_id(desk.book.next_id(asker.client_id)))


def _managed(desk: Desk, asker: Asker, request: Request) -> None:
    del request
    asker.tell(answers.managed_accounts(tuple(desk.accounts)))


_HANDLERS: Final[dict[str, Callable[[Desk, Asker, Request], None]]] = {
    "placeOrder": _place,
    "cancelOrder": _cancel,
    "reqGlobalCancel": _cancel_all,
    "reqOpenOrders": _own_orders,
    "reqAutoOpenOrders": _own_orders,
    "reqAllOpenOrders": _all_orders,
    "reqCompletedOrders": _completed_orders,
    "reqExecutions": _executions,
    "reqPositions": _positions,
    "cancelPositions": _no_positions,
    "reqAccountUpdates": _account,
    "reqAccountUpdatesMulti": _account_multi,
    "reqAccountSummary": _summary,
    "cancelAccountSummary": _no_summary,
    "reqContractDetails": _contracts,
    "reqMarketRule": _rule,
    "reqMktData": _stream,
    "cancelMktData": _no_stream,
    "reqMarketDataType": _data_kind,
    "reqHistoricalData": _bars,
    "reqCurrentTime": _time,
    "reqIds": _ids,
    "reqManagedAccts": _managed,
}

__all__ = ["Asker", "Desk", "Tell", "named", "tell_account", "tell_holding"]
