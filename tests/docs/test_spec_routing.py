"""The specification's router page: its examples run as printed, its table and defaults hold."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest

from fillpath.core.models import Order, OrderSide, OrderType, Quote
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.execution.broker.simulated_broker import SimulatedBroker
from fillpath.execution.policy import RouterPolicy
from fillpath.execution.router import SmartOrderRouter
from fillpath.runtime.clock import ManualClock

OPEN = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
ADV = 100_000


def a_feed(bid: str = "150.00", ask: str = "150.02", adv: int = ADV) -> MemoryFeed:
    feed = MemoryFeed()
    feed.set_quote(Quote("AAPL", Decimal(bid), Decimal(ask), Decimal(900), Decimal(900), ts=OPEN))
    feed.set_adv("AAPL", adv)
    return feed


def an_order(
    quantity: int = 1_000, strength: str = "0.75", side: OrderSide = OrderSide.BUY
) -> Order:
    return Order(
        symbol="AAPL",
        side=side,
        quantity=Decimal(quantity),
        order_id="order-1",
        metadata={"signal_strength": strength},
    )


def sleeping(clock: ManualClock) -> Callable[[float], Awaitable[None]]:
    """Return a sleep that takes no time but the clock's."""

    async def sleep(seconds: float) -> None:
        clock.advance(seconds)

    return sleep


def test_1000_shares_become_five_slices_of_200() -> None:
    router = SmartOrderRouter(feed=a_feed())
    order = an_order(1_000)

    slices = router._create_twap_slices(order, num_slices=5)  # noqa: SLF001  # as printed

    assert [piece.quantity for piece in slices] == [200, 200, 200, 200, 200]
    assert [piece.metadata["twap_slice"] for piece in slices] == [1, 2, 3, 4, 5]
    assert {piece.metadata["twap_total_slices"] for piece in slices} == {5}
    assert {piece.metadata["twap_interval_seconds"] for piece in slices} == {60}
    assert {piece.metadata["parent_order_id"] for piece in slices} == {"order-1"}


@pytest.mark.parametrize(
    ("quantity", "sent", "minutes"),
    [
        pytest.param(500, [500], 0, id="usually one order"),
        pytest.param(1_001, [201, 200, 200, 200, 200], 5, id="five slices, one a minute"),
    ],
)
async def test_the_usage_example_sends_what_route_returns(
    quantity: int, sent: list[int], minutes: int
) -> None:
    clock = ManualClock(OPEN)
    market_feed = a_feed("30.00", "30.01")
    broker = SimulatedBroker(market_feed, clock)
    asyncio = SimpleNamespace(sleep=sleeping(clock))
    order = an_order(quantity)
    submitted = []

    router = SmartOrderRouter(feed=market_feed, clock=clock)
    orders = await router.route(order)
    for routed_order in orders:
        submitted.append(await broker.submit_order(routed_order))
        if "twap_interval_seconds" in routed_order.metadata:
            await asyncio.sleep(routed_order.metadata["twap_interval_seconds"])

    assert [answer.quantity for answer in submitted] == sent
    assert [answer.filled_quantity for answer in submitted] == sent
    assert (clock.now() - OPEN).total_seconds() == minutes * 60


TABLE = [
    pytest.param("0.95", ("150.00", "150.02"), 500, "urgent", "150.17", id="strength > 0.9"),
    pytest.param("0.75", ("150.00", "151.00"), 500, "wide", "150.57", id="spread > 20 bps"),
    pytest.param("0.75", ("150.00", "150.02"), 1_001, "twap", "150.02", id="size > 1.0 % ADV"),
    pytest.param("0.75", ("150.00", "150.02"), 99, "passive", "150.00", id="size < 0.1 % ADV"),
    pytest.param("0.75", ("150.00", "150.20"), 500, "default", "150.07", id="bid + offset"),
]


@pytest.mark.parametrize(("strength", "quote", "quantity", "route", "limit"), TABLE)
async def test_each_row_of_the_table_gives_its_order(
    strength: str, quote: tuple[str, str], quantity: int, route: str, limit: str
) -> None:
    router = SmartOrderRouter(feed=a_feed(*quote), clock=ManualClock(OPEN))

    first, *_ = await router.route(an_order(quantity, strength))

    assert (first.metadata["route"], first.order_type) == (route, OrderType.LIMIT)
    assert first.limit_price == Decimal(limit)


async def test_the_default_of_a_sell_is_ask_minus_offset() -> None:
    router = SmartOrderRouter(feed=a_feed("150.00", "150.20"), clock=ManualClock(OPEN))

    (sold,) = await router.route(an_order(500, side=OrderSide.SELL))

    assert sold.limit_price == Decimal("150.13")


async def test_a_bare_market_order_is_one_setting_away() -> None:
    settings = RouterPolicy(protect_market=False)
    router = SmartOrderRouter(feed=a_feed(), settings=settings, clock=ManualClock(OPEN))

    (urgent,) = await router.route(an_order(500, "0.95"))

    assert (urgent.order_type, urgent.limit_price) == (OrderType.MARKET, None)


def test_the_defaults_are_those_of_the_page() -> None:
    policy = RouterPolicy()

    assert policy.size_threshold_small_pct == Decimal("0.1")
    assert policy.size_threshold_large_pct == Decimal("1.0")
    assert policy.twap_num_slices == 5
    assert policy.twap_interval_seconds == 60
    assert policy.wide_spread_threshold_bps == Decimal("20.0")
