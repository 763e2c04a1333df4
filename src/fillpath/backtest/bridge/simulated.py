"""Our simulated broker behind the interface that Backtrader's strategies expect of a broker.

Backtrader calls ``next`` once for each bar, before the strategy sees it. What the strategy sent at
the bar before goes to the simulated broker first, then the quotes up to the end of the bar do.
"""

from collections import defaultdict, deque
from typing import Any, Final, NoReturn

import backtrader

from fillpath.backtest.bridge.families import Item, Place
from fillpath.backtest.bridge.feeds import TapeFeed, now_of
from fillpath.backtest.bridge.ledger import Ledger, clean
from fillpath.backtest.bridge.stage import Stage, moment_of, number_of
from fillpath.backtest.bridge.wishes import check_kind, for_the_day, order_of, wish_of
from fillpath.core.errors import ConfigError, ModelError
from fillpath.core.events import (
    BrokerEvent,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRefused,
)
from fillpath.core.models import Order, OrderStatus, PortfolioSnapshot
from fillpath.core.units import (
    MONEY_SCALE,
    PRICE_SCALE,
    QUANTITY_SCALE,
    moment,
    price_decimal,
    price_units,
    quantity_decimal,
)

_BT: Any = backtrader.Order
_UNPAID: Final = ("INSUFFICIENT_CASH", "INSUFFICIENT_MARGIN")
_LINKED: Final = "an order that it was linked to was filled"
_SET_UP: Final = ("set", "add_cash", "add_order", "eos")


class SimulatedBridge(backtrader.BrokerBase):  # type: ignore[misc]  # backtrader has no types
    """The broker that a Backtrader strategy talks to; ours does the work."""

    def attach(
        self, stage: Stage, ledger: Ledger, feeds: list[TapeFeed], commission: float, since: int
    ) -> None:
        """Take what it stands on.

        Args:
            stage: clock, market and broker.
            ledger: where orders and fills are written down.
            feeds: what the strategy is shown.
            commission: share of the traded value, for what strategies work out by themselves.
            since: the strategy may trade from here on, nanoseconds UTC.
        """
        self.stage = stage
        self.ledger = ledger
        self.feeds = feeds
        self.since = since
        self.positions: Any = defaultdict(backtrader.Position)
        self.news: deque[Any] = deque()
        self.queue: deque[Item] = deque()
        self.items: dict[str, Item] = {}
        self.by_ref: dict[int, Item] = {}
        self.settling: deque[Item] = deque()
        self.closing: list[Item] = []
        self.trailing: list[Item] = []
        self.decided_at = 0
        self.account: PortfolioSnapshot | None = None
        self.comminfo[None] = backtrader.CommissionInfo(commission=commission)
        self.startingcash = self.cash = self.getcash()
        stage.subscribe(self.heard)
        stage.remind = self.time_is_over
        stage.settle = self._settle

    def getcash(self) -> float:
        """Return the cash of the account."""
        return float(self._account().cash)

    get_cash = getcash

    def getvalue(self, datas: Any = None, **_ways: Any) -> float:
        """Return the equity of the account, or what is held of some feeds at their last close."""
        if datas is None:
            return float(self._account().total_equity)
        return float(sum(self.positions[data].size * data.close[0] for data in datas))

    get_value = getvalue

    def get_leverage(self) -> float:
        """Return that nothing is lent."""
        return 1.0

    def getposition(self, data: Any) -> Any:
        """Return what is held of a feed."""
        return self.positions[data]

    def get_orders_open(self, safe: bool = False) -> list[Any]:  # noqa: FBT001, FBT002  # as theirs
        """Return the orders that have not ended."""
        orders = [item.order for item in self.items.values() if item.order.alive()]
        return [order.clone() for order in orders] if safe else orders

    def orderstatus(self, order: Any) -> int:
        """Return where an order stands."""
        status: int = order.status
        return status

    def get_notification(self) -> Any:
        """Return the next thing that an order has to tell, None when there is nothing."""
        return self.news.popleft() if self.news else None

    def setcommission(self, *_given: Any, **_named: Any) -> NoReturn:
        """Refuse: the simulated broker takes what the settings say."""
        _refuse("setcommission")

    def addcommissioninfo(self, *_given: Any, **_named: Any) -> NoReturn:
        """Refuse: the simulated broker takes what the settings say."""
        _refuse("addcommissioninfo")

    def __getattr__(self, name: str) -> Any:
        """Say what to do instead where Backtrader's own broker can be set up and ours is not."""
        if name.startswith(_SET_UP):
            _refuse(name)
        raise AttributeError(name)

    def buy(self, owner: Any, data: Any, size: float, **asked: Any) -> Any:
        """Take an order to buy; while the strategy only learns it is rejected."""
        return self._take(order_of(backtrader.BuyOrder, owner, data, size, asked), asked)

    def sell(self, owner: Any, data: Any, size: float, **asked: Any) -> Any:
        """Take an order to sell; while the strategy only learns it is rejected."""
        return self._take(order_of(backtrader.SellOrder, owner, data, size, asked), asked)

    def cancel(self, order: Any) -> bool:
        """Cancel what is left of an order; False when it has ended."""
        item = self.by_ref.get(order.ref)
        if item is None or item.over:
            return False
        self._cancel(item)
        self._settle()
        return True

    def next(self) -> None:
        """Send what the strategy gave at the bar before, and play the market to this bar's end."""
        stage, at = self.stage, now_of(self.feeds)
        if self.decided_at:
            stage.release(self.decided_at, at)
            self._send_queue()
        stage.before(at)
        if stage.ends_session(at):
            self._send_closing()
        stage.until(at)
        self._settle()
        self.account = None
        self._trail(at)
        self.decided_at = at

    def heard(self, event: BrokerEvent) -> None:
        """Take what the simulated broker says about an order."""
        self.account = None
        item = self.items.get(event.order_id) if hasattr(event, "order_id") else None
        if item is None or item.over:
            return
        match event:
            case OrderAccepted():
                item.broker_order_id = event.broker_order_id
                self.ledger.named(event.order_id, event.broker_order_id)
                self._accept(item)
            case OrderFilled():
                self._fill(item, event)
            case OrderRefused():
                self._end_refused(item, event.code, f"{event.code}: {event.reason}")
            case OrderCancelled():
                self._end_cancelled(item, event.reason)
            case OrderExpired():
                self._end(item, OrderStatus.EXPIRED, event.reason)
            case OrderAmended() if event.quantity < item.wish.quantity:
                self._reduce(item, event.quantity)
            case _:
                return
        self.settling.append(item)

    def time_is_over(self, order_id: str) -> None:
        """End an order that was valid until now."""
        item = self.items[order_id]
        if not item.over:
            item.expiring = True
            self._cancel(item)
            self._settle()

    def _account(self) -> PortfolioSnapshot:
        """Return the account, which strategies ask for several times a bar."""
        if self.account is None:
            self.account = self.stage.portfolio()
        return self.account

    def _take(self, order: Any, asked: dict[str, Any]) -> Any:
        check_kind(order)
        order.addcomminfo(self.getcommissioninfo(order.data))
        if now_of(self.feeds) < self.since:
            order.reject(self)
            self._notify(order)
            return order
        item = self._item(order, asked.get("oco"))
        head = None if order.parent is None else self.by_ref.get(order.parent.ref)
        if order.parent is not None and (head is None or head.over):
            self._reject(item, "its parent has ended")
        elif head is not None:
            item.parent = head
            head.children.append(item)
        if order.transmit and not item.over:
            self._transmit(item)
        return order

    def _item(self, order: Any, oco: Any) -> Item:
        leader = None if oco is None else self.by_ref.get(oco.ref)
        leader = None if leader is None or leader.over else leader
        head = None if order.parent is None else self.by_ref.get(order.parent.ref)
        group = "" if head is None else f"bracket-{head.wish.number}"
        if leader is not None:
            group = leader.lead()
        wish = wish_of(order, len(self.items) + 1, group)
        item = Item(order, wish, wish.quantity)
        self.items[wish.order_id] = self.by_ref[order.ref] = item
        if leader is not None:
            leader.others.append(item)
            item.others = leader.others
        if order.exectype == _BT.StopTrail:
            self.trailing.append(item)
        self.ledger.sent(wish, self.stage.releases.after(now_of(self.feeds)))
        return item

    def _transmit(self, item: Item) -> None:
        """Let an order and the family that it completes leave at the next release."""
        for one in item.family():
            if one.over or one.order.status != _BT.Created:
                continue
            one.order.submit(self)
            self._notify(one.order)
            if one.parent is None or one.parent.filled:
                one.place = Place.QUEUED
                self.queue.append(one)
            if one.order.valid and not for_the_day(one.order):
                self.stage.call_at(moment_of(one.order.valid), one.wish.order_id)

    def _send_queue(self) -> None:
        waiting, self.queue = self.queue, deque()
        for item in waiting:
            if item.place is Place.QUEUED:
                self._send(item)
        self._settle()

    def _send_closing(self) -> None:
        waiting, self.closing = self.closing, []
        for item in waiting:
            if item.place is Place.CLOSING:
                self._submit(item)
        self._settle()

    def _send(self, item: Item) -> None:
        """Send an order, or let it wait for the close that it asks for."""
        if item.order.exectype == _BT.Close:
            item.place = Place.CLOSING
            self.closing.append(item)
            self._accept(item)
        else:
            self._submit(item)

    def _submit(self, item: Item) -> None:
        wish = item.wish
        item.place = Place.WORKING
        try:
            order = Order(
                symbol=wish.symbol,
                side=wish.side,
                quantity=quantity_decimal(wish.quantity),
                order_type=wish.order_type,
                limit_price=None if wish.limit is None else price_decimal(wish.limit),
                stop_price=None if wish.stop is None else price_decimal(wish.stop),
                time_in_force=wish.time_in_force,
                order_id=wish.order_id,
                strategy_name=wish.strategy_name,
                oca_group=wish.group,
                created_at=self.stage.clock.now(),
            )
        except ModelError as problem:
            self._end_refused(item, "INVALID_ORDER", str(problem))
            self.settling.append(item)
            return
        self.stage.submit(order)

    def _settle(self) -> None:
        """Let what happened to an order reach those that depend on it."""
        while self.settling:
            item = self.settling.popleft()
            if item.over or item.done:
                for other in item.doomed():
                    self._cancel(other)
            for child in item.due_children():
                self._send(child)

    def _cancel(self, item: Item) -> None:
        if item.place is Place.WORKING:
            self.stage.broker.cancel(item.broker_order_id)
        else:
            self._end_cancelled(item, "cancelled before it was sent")
            self.settling.append(item)

    def _accept(self, item: Item) -> None:
        """Tell that an order was accepted, and with it the children that it holds back."""
        for one in (item, *item.children):
            if one.order.status == _BT.Submitted:
                one.order.accept(self)
                self._notify(one.order)

    def _fill(self, item: Item, fill: OrderFilled) -> None:
        order = item.order
        item.left -= fill.quantity
        item.done += fill.quantity
        self.ledger.filled(fill)
        price = fill.price / PRICE_SCALE
        size = fill.side.sign * fill.quantity / QUANTITY_SCALE
        fee = fill.commission / MONEY_SCALE
        position, info = self.positions[order.data], order.comminfo
        before = position.price
        held, average, opened, closed = position.update(size, price, moment(fill.traded_at))
        order.execute(
            number_of(fill.traded_at),
            size,
            price,
            closed,
            info.getvaluesize(-closed, before),
            fee * closed / size,
            opened,
            info.getvaluesize(opened, price),
            fee * opened / size,
            info.margin,
            info.profitandloss(-closed, before, price),
            held,
            average,
        )
        if item.left:
            self._notify(order)
        elif item.reduced:
            order.partial()
            self._notify(order)
            self._end_cancelled(item, _LINKED)
        else:
            order.executed.remsize = 0  # floats may leave a rest
            order.completed()
            item.filled = True
            self._over(item, OrderStatus.FILLED, "")
            self._notify(order)

    def _reduce(self, item: Item, quantity: int) -> None:
        """Take down that another order's fill has made one smaller; of linked orders it ends it.

        The simulated broker takes off what the other has filled, no more; where a cancel takes its
        time what is left may fill too.
        """
        item.left = quantity - item.done
        item.reduced = True
        if item.others:
            self.stage.broker.cancel(item.broker_order_id)

    def _end_refused(self, item: Item, code: str, reason: str) -> None:
        if code.startswith(_UNPAID):
            item.order.margin()
        else:
            item.order.reject(self)
        self._over(item, OrderStatus.REJECTED, reason)
        self._notify(item.order)

    def _end_cancelled(self, item: Item, reason: str) -> None:
        if item.expiring:
            self._end(item, OrderStatus.EXPIRED, "it was valid until now")
        elif reason.startswith(_UNPAID):
            self._end_refused(item, reason, reason)
        else:
            item.order.cancel()
            self._over(item, OrderStatus.CANCELLED, reason)
            self._notify(item.order)

    def _end(self, item: Item, status: OrderStatus, reason: str) -> None:
        item.order.status = _BT.Expired
        item.order.executed.dt = number_of(self.stage.clock.nanoseconds())
        self._over(item, status, reason)
        self._notify(item.order)

    def _reject(self, item: Item, reason: str) -> None:
        item.order.reject(self)
        self._over(item, OrderStatus.REJECTED, reason)
        self._notify(item.order)

    def _over(self, item: Item, status: OrderStatus, reason: str) -> None:
        item.place = Place.OVER
        name = item.wish.order_id
        self.stage.ended(name)
        self.ledger.over(name, status, self.stage.clock.nanoseconds(), reason)

    def _trail(self, at: int) -> None:
        """Let trailing stops follow the close of the bar, as Backtrader's own broker does."""
        self.trailing = [item for item in self.trailing if not item.over]
        for item in self.trailing:
            order = item.order
            if order.data.ended_at != at:
                continue
            order.trailadjust(order.data.close[0])
            if item.place is Place.WORKING:
                stop = price_units(clean(order.created.price))
                quantity = quantity_decimal(item.wish.quantity)
                self.stage.broker.amend(item.broker_order_id, quantity, price_decimal(stop))

    def _notify(self, order: Any) -> None:
        self.news.append(order.clone())


def _refuse(name: str) -> NoReturn:
    raise ConfigError(
        f"{name} sets up Backtrader's own broker: the simulated broker takes its cash and costs from "
        "--cash and the settings simulation.*"
    )


__all__ = ["SimulatedBridge"]
