"""Random orders on a random market: whatever happens, the simulated books balance."""

from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from fillpath.core.events import (
    BrokerEvent,
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRefused,
)
from fillpath.core.models import Order, OrderSide, OrderStatus, OrderType, TimeInForce
from fillpath.execution.broker.fill_model import SimulationPolicy
from tests.unit.execution.broker.scene import DISPLAYED, QUOTES, SPEC, Scene

ZERO = Decimal(0)
ENDS = (OrderCancelled, OrderExpired, OrderRefused)
PRICES = st.integers(9_000, 11_000).map(lambda cents: Decimal(cents).scaleb(-2))


class BrokerLife(RuleBasedStateMachine):
    """One account, one symbol, and a plain recount of everything from the events."""

    scene: Scene

    @initialize(policy=st.sampled_from((SPEC, QUOTES, DISPLAYED)))
    def open(self, policy: SimulationPolicy) -> None:
        self.scene = Scene(policy)
        self.scene.quote("99.99", "100.01")
        self.orders: list[Order] = []

    @rule(bid=st.none() | PRICES, spread=st.integers(-2, 300), size=st.integers(0, 500))
    def show_a_quote(self, bid: Decimal | None, spread: int, size: int) -> None:
        ask = None if bid is None else bid + Decimal(spread).scaleb(-2)
        self.scene.quote(None if bid is None else str(bid), None if ask is None else str(ask), size)

    @rule(
        side=st.sampled_from(OrderSide),
        kind=st.sampled_from(OrderType),
        shares=st.integers(1, 1_200),
        price=PRICES,
        time_in_force=st.sampled_from(TimeInForce),
    )
    def submit(
        self,
        side: OrderSide,
        kind: OrderType,
        shares: int,
        price: Decimal,
        time_in_force: TimeInForce,
    ) -> None:
        order = Order(
            symbol="AAPL",
            side=side,
            quantity=Decimal(shares),
            order_type=kind,
            limit_price=price,
            stop_price=price,
            time_in_force=time_in_force,
            order_id=f"order-{len(self.orders) + 1}",
        )
        self.orders.append(order)
        answer = self.scene.submit(order)
        assert answer == self.scene.submit(order)

    @rule(number=st.integers(0, 50))
    def cancel(self, number: int) -> None:
        working = {order.broker_order_id for order in self.scene.open_orders}
        name = f"sim-{number}"
        assert self.scene.broker.cancel(name) is (name in working)

    @rule()
    def close_the_session(self) -> None:
        self.scene.broker.expire_day_orders()

    def told(self, order: Order) -> list[BrokerEvent]:
        return [event for event in self.scene.events if event.order_id == order.order_id]

    @invariant()
    def cash_and_positions_are_the_sum_of_the_fills(self) -> None:
        cash, held = Decimal(100_000), ZERO
        for fill in self.scene.fills:
            cash -= fill.side.sign * fill.quantity * fill.price + fill.commission
            held += fill.side.sign * fill.quantity
        portfolio = self.scene.portfolio
        assert portfolio.cash == cash
        assert portfolio.held("AAPL") == held

    @invariant()
    def profit_and_cost_account_for_every_cent(self) -> None:
        portfolio = self.scene.portfolio
        paid = sum((fill.commission for fill in self.scene.fills), ZERO)
        costs = sum((p.quantity * (p.average_price or ZERO) for p in portfolio.positions), ZERO)
        cash = 100_000 + portfolio.realized_pnl - costs - paid
        assert abs(portfolio.cash - cash) < Decimal("1e-9")

    @invariant()
    def cash_is_reserved_for_what_works_and_for_nothing_else(self) -> None:
        portfolio = self.scene.portfolio
        buys = [order for order in self.scene.open_orders if order.side is OrderSide.BUY]
        assert portfolio.reserved_cash >= 0
        assert buys or portfolio.reserved_cash == 0

    @invariant()
    def every_order_tells_one_story(self) -> None:
        for order in self.orders:
            first, *rest = self.told(order)
            assert isinstance(first, OrderAccepted | OrderRefused)
            assert not any(isinstance(event, OrderAccepted | OrderRefused) for event in rest)
            assert not any(isinstance(event, ENDS) for event in rest[:-1])
            filled = sum((e.fill.quantity for e in rest if isinstance(e, OrderFilled)), ZERO)
            assert filled <= order.quantity

    @invariant()
    def no_fill_is_beyond_its_limit(self) -> None:
        limits = {
            order.order_id: order.limit_price
            for order in self.orders
            if order.order_type in {OrderType.LIMIT, OrderType.STOP_LIMIT}
        }
        for fill in self.scene.fills:
            limit = limits.get(fill.order_id)
            assert limit is None or (limit - fill.price) * fill.side.sign >= 0

    @invariant()
    def the_status_is_what_the_story_says(self) -> None:
        working = {order.order_id: order for order in self.scene.open_orders}
        for number, order in enumerate(self.orders, 1):
            last = self.told(order)[-1]
            filled = sum(
                (e.fill.quantity for e in self.told(order) if isinstance(e, OrderFilled)), ZERO
            )
            ended = isinstance(last, ENDS) or filled == order.quantity
            assert (order.order_id in working) is not ended
            if not ended:
                now = working[order.order_id]
                assert now.broker_order_id == f"sim-{number}"
                assert now.filled_quantity == filled
                partial = OrderStatus.PARTIALLY_FILLED if filled else OrderStatus.SUBMITTED
                assert now.status is partial

    @invariant()
    def nothing_waits_that_could_trade(self) -> None:
        view = self.scene.feed.view("AAPL")
        buy, sell = self.scene.broker.resting_band("AAPL")
        sized = self.scene.broker.capabilities.partial_fills
        if sized or view.bid is None or view.ask is None or view.bid > view.ask:
            return
        assert buy is None or buy < view.ask
        assert sell is None or sell > view.bid


TestBrokerLife = BrokerLife.TestCase
TestBrokerLife.settings = settings(max_examples=50, stateful_step_count=30)
