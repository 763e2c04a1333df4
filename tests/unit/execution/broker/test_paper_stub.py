"""The paper stub: it fills at once near the market, and its portfolio never moves."""

import asyncio
from decimal import Decimal

import pytest

from fillpath.core.events import BrokerEvent, OrderAccepted, OrderRefused
from fillpath.core.models import Order, OrderSide, OrderStatus, OrderType
from fillpath.core.translation import filled_by
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.execution.broker.paper_stub import DEMO_POSITIONS, PaperStubBroker
from fillpath.runtime.clock import ManualClock
from fillpath.testing.builders import START, START_NS, a_quote, an_order

BUY, SELL = OrderSide.BUY, OrderSide.SELL
FIVE_BPS = Decimal("0.0005")


def a_feed() -> MemoryFeed:
    feed = MemoryFeed()
    feed.set_quote(a_quote())
    return feed


def a_stub(
    feed: MemoryFeed | None = None, seed: int = 0
) -> tuple[PaperStubBroker, list[BrokerEvent]]:
    broker = PaperStubBroker(feed, ManualClock(START), seed)
    events: list[BrokerEvent] = []
    broker.subscribe(events.append)
    return broker, events


def submit(broker: PaperStubBroker, order: Order) -> Order:
    return asyncio.run(broker.submit_order(order))


def prices(side: OrderSide, seed: int = 0, count: int = 50) -> list[Decimal]:
    broker, _ = a_stub(a_feed(), seed)
    for number in range(count):
        submit(broker, an_order(side, order_id=f"order-{number}"))
    return [fill.price for fill in asyncio.run(broker.get_executions())]


def test_an_order_is_submitted_and_then_filled_whole() -> None:
    broker, events = a_stub(a_feed())

    answer = submit(broker, an_order(parent_order_id="parent-1"))

    (fill,) = asyncio.run(broker.get_executions())
    assert events == [
        OrderAccepted(START_NS, "order-1", "stub-1"),
        filled_by(START_NS, fill),
    ]
    assert (answer.status, answer.filled_quantity) == (OrderStatus.FILLED, Decimal(100))
    assert answer.average_fill_price == fill.price
    assert (fill.fill_id, fill.parent_order_id, fill.ts) == ("order-1:1", "parent-1", START)
    assert fill.simulated is True
    assert fill.commission == 0


@pytest.mark.parametrize(("side", "far_side"), [(BUY, "150.01"), (SELL, "149.99")])
def test_the_price_is_the_far_side_give_or_take_five_bps(side: OrderSide, far_side: str) -> None:
    touch = Decimal(far_side)

    traded = prices(side)

    assert all(abs(price - touch) <= touch * FIVE_BPS + Decimal("1e-8") for price in traded)
    assert min(traded) < touch < max(traded)


def test_the_same_seed_gives_the_same_fills_and_another_seed_others() -> None:
    assert prices(BUY, seed=1) == prices(BUY, seed=1)
    assert prices(BUY, seed=1) != prices(BUY, seed=2)


@pytest.mark.parametrize(("side", "limit"), [(BUY, "120"), (SELL, "180")])
def test_a_limit_is_filled_at_once_and_never_beyond_it(side: OrderSide, limit: str) -> None:
    broker, _ = a_stub(a_feed())

    answer = submit(broker, an_order(side, limit_price=Decimal(limit)))

    assert answer.status is OrderStatus.FILLED
    assert answer.average_fill_price == Decimal(limit)


def test_without_a_quote_the_last_price_serves() -> None:
    feed = a_feed()
    feed.set_quote(a_quote(None, None))
    broker, _ = a_stub(feed)

    answer = submit(broker, an_order())

    assert abs((answer.average_fill_price or Decimal(0)) - 150) <= 150 * FIVE_BPS


@pytest.mark.parametrize("feed", [None, MemoryFeed()], ids=["no market", "an empty market"])
@pytest.mark.parametrize("position", DEMO_POSITIONS, ids=lambda p: p.symbol)
def test_the_demo_symbols_always_have_a_price(feed: MemoryFeed | None, position: object) -> None:
    symbol = getattr(position, "symbol", "")
    demo_price = getattr(position, "market_price", Decimal(0))
    broker, _ = a_stub(feed)

    answer = submit(broker, an_order(symbol=symbol))

    assert abs((answer.average_fill_price or Decimal(0)) - demo_price) <= demo_price * FIVE_BPS


def test_a_symbol_without_any_price_is_refused() -> None:
    broker, events = a_stub(a_feed())

    answer = submit(broker, an_order(symbol="IBM"))

    text = "IBM has neither a quote nor a demo price"
    assert answer.status is OrderStatus.REJECTED
    assert answer.metadata["reject_reason"] == f"NO_MARKET: {text}"
    assert events == [OrderRefused(START_NS, "order-1", "NO_MARKET", text)]
    assert asyncio.run(broker.get_order_status("stub-1")) is OrderStatus.REJECTED


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (
            an_order(order_type=OrderType.STOP, stop_price=140),
            "UNSUPPORTED: the paper stub fills at once and takes no STOP order",
        ),
        (
            an_order(order_type=OrderType.STOP_LIMIT, stop_price=140, limit_price=139),
            "UNSUPPORTED: the paper stub fills at once and takes no STOP_LIMIT order",
        ),
        (
            an_order(status=OrderStatus.CANCELLED),
            "INVALID_ORDER: status must be PENDING for a new order, got CANCELLED",
        ),
        (
            an_order(quantity="0.0000001"),
            "INVALID_ORDER: a quantity may have at most 6 decimals, got 1E-7",
        ),
    ],
)
def test_what_cannot_be_filled_at_once_is_refused(order: Order, reason: str) -> None:
    broker, _ = a_stub(a_feed())

    answer = submit(broker, order)

    assert answer.status is OrderStatus.REJECTED
    assert answer.metadata["reject_reason"] == reason


def test_the_portfolio_is_the_demo_whatever_is_traded() -> None:
    broker, _ = a_stub(a_feed())
    submit(broker, an_order(quantity=10_000))

    portfolio = asyncio.run(broker.get_portfolio())

    assert (portfolio.account, portfolio.cash) == ("STUB", Decimal(100_000))
    assert [p.symbol for p in portfolio.positions] == ["AAPL", "MSFT", "GOOG"]
    assert portfolio.total_equity == 100_000 + 18_984 + Decimal("21067.5") + Decimal("12356.25")
    assert asyncio.run(broker.get_positions()) == list(portfolio.positions)


def test_the_demo_positions_show_gains_and_a_loss() -> None:
    profits = [position.unrealized_pnl for position in DEMO_POSITIONS]

    assert [profit > 0 for profit in profits] == [True, True, False]


def test_nobody_has_to_listen() -> None:
    broker = PaperStubBroker(None, ManualClock(START))

    assert submit(broker, an_order()).status is OrderStatus.FILLED
