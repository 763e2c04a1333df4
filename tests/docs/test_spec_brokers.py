"""What the specification says about brokers, sentence by sentence."""

from decimal import Decimal

import pytest

from fillpath.core.events import BrokerEvent, OrderAccepted, OrderFilled
from fillpath.core.models import OrderSide, OrderStatus, PortfolioSnapshot
from fillpath.core.ports import BrokerAdapter
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.execution.broker.paper_stub import PaperStubBroker
from fillpath.execution.broker.simulated_broker import SimulatedBroker
from fillpath.runtime.clock import ManualClock
from fillpath.testing.builders import START, a_quote, an_order

METHODS = (
    "submit_order",
    "cancel_order",
    "get_order_status",
    "get_positions",
    "get_portfolio",
    "health_check",
)


def a_feed() -> MemoryFeed:
    feed = MemoryFeed()
    feed.set_quote(a_quote("99.98", "100.00"))
    return feed


def brokers() -> list[BrokerAdapter]:
    clock = ManualClock(START)
    return [SimulatedBroker(a_feed(), clock), PaperStubBroker(a_feed(), clock)]


@pytest.mark.parametrize("broker", brokers(), ids=lambda broker: type(broker).__name__)
def test_every_broker_implements_the_six_methods(broker: BrokerAdapter) -> None:
    assert all(callable(getattr(broker, name)) for name in METHODS)


@pytest.mark.parametrize("broker", brokers(), ids=lambda broker: type(broker).__name__)
async def test_an_order_is_never_filled_without_being_submitted(broker: BrokerAdapter) -> None:
    events: list[BrokerEvent] = []
    broker.subscribe(events.append)

    await broker.submit_order(an_order())

    assert [type(event) for event in events] == [OrderAccepted, OrderFilled]


@pytest.mark.parametrize("broker", brokers(), ids=lambda broker: type(broker).__name__)
async def test_submitting_returns_the_order_with_the_brokers_name(broker: BrokerAdapter) -> None:
    returned = await broker.submit_order(an_order())

    assert returned.broker_order_id
    assert await broker.get_order_status(returned.broker_order_id) is OrderStatus.FILLED


async def test_the_stub_fills_at_the_market_price_and_some_random_slippage() -> None:
    broker = PaperStubBroker(a_feed(), ManualClock(START))

    returned = await broker.submit_order(an_order())

    assert returned.status is OrderStatus.FILLED
    assert returned.average_fill_price != 100
    assert abs((returned.average_fill_price or Decimal(0)) - 100) <= Decimal("0.05")


async def test_the_stub_has_100_000_in_cash_and_three_positions_with_mock_profit() -> None:
    broker = PaperStubBroker(None, ManualClock(START))

    portfolio = await broker.get_portfolio()

    assert portfolio.cash == 100_000
    assert [position.symbol for position in portfolio.positions] == ["AAPL", "MSFT", "GOOG"]
    assert all(position.unrealized_pnl for position in await broker.get_positions())


async def test_the_stubs_portfolio_is_static() -> None:
    broker = PaperStubBroker(a_feed(), ManualClock(START))
    before = await broker.get_portfolio()

    await broker.submit_order(an_order())

    assert await broker.get_portfolio() == before


async def test_the_simulated_broker_checks_the_cash() -> None:
    broker = SimulatedBroker(a_feed(), ManualClock(START))

    returned = await broker.submit_order(an_order(quantity=1_001))

    assert returned.status is OrderStatus.REJECTED
    assert "has 100000" in returned.metadata["reject_reason"]


async def test_the_simulated_broker_takes_5_bps_of_slippage_and_half_a_bp_of_commission() -> None:
    broker = SimulatedBroker(a_feed(), ManualClock(START))

    await broker.submit_order(an_order(quantity=100))

    (fill,) = await broker.get_executions()
    assert fill.price == Decimal("100.05")
    assert fill.commission == Decimal(10005) * Decimal("0.005") / 100


async def test_the_simulated_portfolio_follows_what_is_traded() -> None:
    broker = SimulatedBroker(a_feed(), ManualClock(START))
    await broker.submit_order(an_order(quantity=100))
    await broker.submit_order(an_order(OrderSide.SELL, 40, order_id="order-2"))

    portfolio = await broker.get_portfolio()

    (position,) = portfolio.positions
    assert (position.symbol, position.quantity) == ("AAPL", Decimal(60))
    spent = Decimal(10005) - 40 * Decimal("99.98") * Decimal("0.9995")
    fees = (Decimal(10005) + 40 * Decimal("99.98") * Decimal("0.9995")) * Decimal("0.00005")
    assert portfolio.cash == 100_000 - spent - fees


async def test_the_simulated_broker_is_reset_between_runs() -> None:
    def fresh(portfolio: PortfolioSnapshot) -> bool:
        return portfolio.cash == 100_000 and portfolio.positions == ()

    broker = SimulatedBroker(a_feed(), ManualClock(START))
    await broker.submit_order(an_order())
    traded = await broker.get_portfolio()

    broker.reset()

    assert not fresh(traded)
    assert fresh(await broker.get_portfolio())
