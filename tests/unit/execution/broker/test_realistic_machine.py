"""Random orders on a random market with delay: whatever happens, cash and shares are conserved."""

from decimal import Decimal
from typing import Any, Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from fillpath.core.events import CommissionReported, OrderFilled
from fillpath.core.models import Order, OrderSide, OrderStatus, OrderType, TimeInForce
from fillpath.execution.simulating.policy import AccountKind, CommissionPlan, FeeRounding
from tests.unit.execution.broker.realistic_scene import RealScene, realistic

ZERO: Final = Decimal(0)
PRICES = st.integers(9_000, 11_000).map(lambda cents: Decimal(cents).scaleb(-2))
SLOW: Final = {"latency_ms_min": 0, "latency_ms_max": 3_000}
WORLDS: Final[tuple[dict[str, Any], ...]] = (
    {},
    SLOW,
    SLOW | {"account": AccountKind.CASH, "fee_rounding": FeeRounding.CENT_UP},
    SLOW | {"account": AccountKind.PLAIN, "commission": CommissionPlan.TIERED},
    SLOW | {"traded_share_pct": 60, "shortable_shares": 300, "refill_seconds": 0},
)


class RealLife(RuleBasedStateMachine):
    """One account, one symbol, and a plain recount of everything from the events."""

    scene: RealScene

    @initialize(world=st.sampled_from(WORLDS), adv=st.sampled_from((None, 40_000, 4_000_000)))
    def open(self, world: dict[str, Any], adv: int | None) -> None:
        self.scene = RealScene(realistic(**world))
        self.account = self.scene.broker.capabilities
        if adv is not None:
            self.scene.feed.set_adv("AAPL", adv)
        self.scene.show("99.99", "100.01")
        self.orders: list[Order] = []
        self.short_allowed = self.account.shorts

    @rule(bid=PRICES, spread=st.integers(-1, 300), sizes=st.tuples(*[st.integers(0, 500)] * 2))
    def show_a_quote(self, bid: Decimal, spread: int, sizes: tuple[int, int]) -> None:
        self.scene.show(str(bid), str(bid + Decimal(spread).scaleb(-2)), *sizes)

    @rule(
        side=st.sampled_from(OrderSide),
        kind=st.sampled_from(OrderType),
        shares=st.integers(1, 1_200),
        price=PRICES,
        group=st.sampled_from(("", "", "g")),
        more=st.fixed_dictionaries(
            {
                "time_in_force": st.sampled_from(TimeInForce),
                "metadata": st.sampled_from(
                    ({}, {}, {"trailing_amount": "1.5"}, {"destination": "at_open"})
                ),
            }
        ),
    )
    def submit(  # hypothesis hands them in by name
        self,
        *,
        side: OrderSide,
        kind: OrderType,
        shares: int,
        price: Decimal,
        group: str,
        more: dict[str, Any],
    ) -> None:
        order = Order(
            symbol="AAPL",
            side=side,
            quantity=Decimal(shares),
            order_type=kind,
            limit_price=price,
            stop_price=price,
            oca_group=group,
            order_id=f"order-{len(self.orders) + 1}",
            **more,
        )
        self.orders.append(order)
        assert self.scene.submit(order) == self.scene.submit(order)

    @rule(number=st.integers(0, 50))
    def cancel(self, number: int) -> None:
        working = {order.broker_order_id for order in self.scene.open_orders}
        name = f"sim-{number}"
        assert self.scene.broker.cancel(name) is (name in working)

    @rule(price=PRICES, shares=st.integers(1, 400))
    def trade(self, price: Decimal, shares: int) -> None:
        self.scene.broker.on_trade("AAPL", price, Decimal(shares))

    @rule(milliseconds=st.sampled_from((0, 1, 700, 60_000, 86_400_000)))
    def wait(self, milliseconds: int) -> None:
        self.scene.wait(milliseconds)

    @rule()
    def begin_a_session(self) -> None:
        self.scene.open_session()

    @rule()
    def end_the_session(self) -> None:
        self.scene.broker.expire_day_orders()

    @rule()
    def halt(self) -> None:
        self.scene.broker.halt("AAPL")

    @rule()
    def end_the_halt(self) -> None:
        self.scene.broker.end_halt("AAPL")

    def paid(self) -> dict[str, Decimal]:
        fees = {fill.fill_id: fill.commission for fill in self.scene.fills}
        for event in self.scene.events:
            if isinstance(event, CommissionReported):
                fees[event.fill_id] = Decimal(event.commission).scaleb(-14)
        return fees

    @invariant()
    def cash_and_shares_are_the_sum_of_the_fills(self) -> None:
        cash, held, fees = Decimal(100_000), ZERO, self.paid()
        for fill in self.scene.fills:
            cash -= fill.side.sign * fill.quantity * fill.price + fees[fill.fill_id]
            held += fill.side.sign * fill.quantity
        portfolio = self.scene.portfolio
        assert portfolio.cash == cash
        assert portfolio.held("AAPL") == held

    @invariant()
    def an_account_spends_and_sells_only_what_it_may(self) -> None:
        portfolio = self.scene.portfolio
        assert self.short_allowed or portfolio.held("AAPL") >= 0
        assert not self.account.checks_cash or portfolio.cash >= 0

    @invariant()
    def cash_is_reserved_for_what_works_and_for_nothing_else(self) -> None:
        buys = [order for order in self.scene.open_orders if order.side is OrderSide.BUY]
        assert self.scene.portfolio.reserved_cash >= 0
        assert buys or self.scene.portfolio.reserved_cash == 0

    @invariant()
    def no_fill_is_beyond_its_order_or_its_limit(self) -> None:
        filled: dict[str, Decimal] = {}
        orders = {order.order_id: order for order in self.orders}
        for fill in self.scene.fills:
            order = orders[fill.order_id]
            filled[fill.order_id] = filled.get(fill.order_id, ZERO) + fill.quantity
            limited = order.order_type in {OrderType.LIMIT, OrderType.STOP_LIMIT}
            if limited and order.limit_price is not None:
                assert (order.limit_price - fill.price) * fill.side.sign >= 0
        assert all(shares <= orders[name].quantity for name, shares in filled.items())

    @invariant()
    def what_works_is_what_the_story_says(self) -> None:
        working = {order.order_id: order for order in self.scene.open_orders}
        assert [*working] == [o.order_id for o in self.orders if o.order_id in working]
        for order in self.orders:
            told = [event for event in self.scene.events if event.order_id == order.order_id]
            shares = sum((e.fill.quantity for e in told if isinstance(e, OrderFilled)), ZERO)
            if order.order_id in working:
                now = working[order.order_id]
                partial = OrderStatus.PARTIALLY_FILLED if shares else OrderStatus.SUBMITTED
                assert (now.filled_quantity, now.status) == (shares, partial)


TestRealLife = RealLife.TestCase
TestRealLife.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
