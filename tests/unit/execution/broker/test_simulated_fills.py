"""What the simulated broker does with an order that it gets: profiles, prices, answers."""

from decimal import Decimal

import pytest

from fillpath.core.events import OrderAccepted, OrderCancelled, OrderRefused
from fillpath.core.models import Order, OrderSide, OrderStatus, OrderType, TimeInForce
from fillpath.core.translation import filled_by
from fillpath.execution.broker.fill_model import FillProfile, SimulationPolicy
from fillpath.testing.builders import START, START_NS, a_quote, an_order
from tests.unit.execution.broker.scene import QUOTES, SPEC, Scene, at_once

BUY, SELL = OrderSide.BUY, OrderSide.SELL


@pytest.mark.parametrize(
    ("policy", "side", "price"),
    [
        pytest.param(SPEC, BUY, "150.085005", id="spec: the ask worsened by 0.05 %"),
        pytest.param(SPEC, SELL, "149.915005", id="spec: the bid worsened by 0.05 %"),
        pytest.param(QUOTES, BUY, "150.01", id="quotes: the ask"),
        pytest.param(QUOTES, SELL, "149.99", id="quotes: the bid"),
    ],
)
def test_a_market_order_fills_at_once_and_whole(
    policy: SimulationPolicy, side: OrderSide, price: str
) -> None:
    scene = Scene(policy)

    answer = scene.submit(an_order(side))

    assert answer.status is OrderStatus.FILLED
    assert answer.filled_quantity == 100
    assert answer.average_fill_price == Decimal(price)
    assert [(fill.quantity, fill.price) for fill in scene.fills] == [(Decimal(100), Decimal(price))]


@pytest.mark.parametrize(
    ("side", "limit", "price"),
    [
        (BUY, "150.05", "150.05"),
        (BUY, "151.00", "150.085005"),
        (SELL, "149.95", "149.95"),
        (SELL, "149.00", "149.915005"),
    ],
)
def test_a_specified_fill_is_worsened_but_never_beyond_its_limit(
    side: OrderSide, limit: str, price: str
) -> None:
    scene = Scene(SPEC)

    scene.submit(an_order(side, limit_price=Decimal(limit)))

    assert scene.prices == [Decimal(price)]


@pytest.mark.parametrize("policy", [SPEC, QUOTES])
def test_commission_is_exactly_half_a_hundredth_of_a_percent(policy: SimulationPolicy) -> None:
    scene = Scene(policy)

    scene.submit(an_order(quantity=33))

    (fill,) = scene.fills
    assert fill.commission == fill.price * 33 * Decimal("0.00005")


def test_a_commission_shows_no_trailing_zeros() -> None:
    scene = Scene(QUOTES)
    scene.quote("99.98", "100.00")

    for number, quantity in enumerate((100, 200, 7), 1):
        scene.submit(an_order(order_id=f"order-{number}", quantity=quantity))

    assert [str(fill.commission) for fill in scene.fills] == ["0.5", "1", "0.035"]


def test_a_fill_says_what_it_is_in_full() -> None:
    scene = Scene(QUOTES)

    scene.submit(an_order(SELL, 40, parent_order_id="parent-1"))

    (fill,) = scene.fills
    assert (fill.fill_id, fill.order_id, fill.parent_order_id) == (
        "order-1:1",
        "order-1",
        "parent-1",
    )
    assert (fill.symbol, fill.side, fill.quantity) == ("AAPL", SELL, Decimal(40))
    assert (fill.ts, fill.simulated) == (START, True)


def test_events_carry_the_moment_and_the_brokers_counted_names() -> None:
    scene = Scene(QUOTES)

    first = scene.submit(an_order())
    second = scene.submit(an_order(order_id="order-2"))

    assert [first.broker_order_id, second.broker_order_id] == ["sim-1", "sim-2"]
    assert scene.events[0] == OrderAccepted(START_NS, "order-1", "sim-1")
    assert scene.events[1] == filled_by(START_NS, scene.fills[0])


def test_without_a_quote_the_specified_profile_trades_at_the_last_price() -> None:
    scene = Scene(SPEC)
    scene.quote(None, None)

    scene.submit(an_order())

    assert scene.prices == [Decimal("150.075")]


def test_the_quotes_profile_never_trades_without_a_quote() -> None:
    scene = Scene(QUOTES)
    scene.quote(None, None)

    waiting = scene.submit(an_order())
    scene.quote("150.99", "151.01")

    assert waiting.status is OrderStatus.SUBMITTED
    assert scene.prices == [Decimal("151.01")]


@pytest.mark.parametrize("policy", [SPEC, QUOTES])
@pytest.mark.parametrize(
    ("bid", "ask"), [pytest.param("149.99", None, id="one side"), ("150.01", "149.99")]
)
def test_a_market_order_waits_while_its_side_is_missing_or_the_market_is_crossed(
    policy: SimulationPolicy, bid: str, ask: str | None
) -> None:
    scene = Scene(policy)
    scene.quote(bid, ask)

    waiting = scene.submit(an_order())
    scene.quote("149.98", "150.00")

    assert waiting.status is OrderStatus.SUBMITTED
    assert len(scene.fills) == 1


@pytest.mark.parametrize("policy", [SPEC, QUOTES])
@pytest.mark.parametrize("side", OrderSide)
def test_without_any_price_an_order_is_refused(policy: SimulationPolicy, side: OrderSide) -> None:
    scene = Scene(policy, quoted=False)

    answer = scene.submit(an_order(side, limit_price=Decimal(150)))

    text = "AAPL has neither a quote nor a last price"
    assert answer.status is OrderStatus.REJECTED
    assert answer.metadata["reject_reason"] == f"NO_MARKET: {text}"
    assert scene.events == [OrderRefused(START_NS, "order-1", "NO_MARKET", text)]


def test_a_refused_order_keeps_its_metadata_and_its_name() -> None:
    scene = Scene(quoted=False)

    answer = scene.submit(an_order(metadata={"signal_id": "sig-1"}))

    assert answer.metadata["signal_id"] == "sig-1"
    assert scene.status(answer) is OrderStatus.REJECTED
    assert scene.submit(an_order()).status is OrderStatus.REJECTED
    assert len(scene.events) == 1


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (an_order(status=OrderStatus.FILLED), "status must be PENDING for a new order, got FILLED"),
        (an_order(quantity="0.0000001"), "a quantity may have at most 6 decimals, got 1E-7"),
        (
            an_order(limit_price=Decimal("1.123456789")),
            "a price may have at most 8 decimals, got 1.123456789",
        ),
    ],
)
def test_an_order_that_cannot_be_is_refused_with_the_reason(order: Order, reason: str) -> None:
    scene = Scene()

    answer = scene.submit(order)

    assert answer.status is OrderStatus.REJECTED
    assert answer.metadata["reject_reason"] == f"INVALID_ORDER: {reason}"
    assert scene.fills == []


def test_the_limit_of_a_market_order_is_a_remark() -> None:
    scene = Scene(QUOTES)
    order = an_order(limit_price=Decimal(100)).changed(order_type=OrderType.MARKET)

    scene.submit(order)

    assert scene.prices == [Decimal("150.01")]


@pytest.mark.parametrize("time_in_force", [TimeInForce.IOC, TimeInForce.FOK])
def test_an_immediate_order_that_finds_nothing_is_cancelled(time_in_force: TimeInForce) -> None:
    scene = Scene()

    answer = scene.submit(an_order(limit_price=Decimal(149), time_in_force=time_in_force))

    assert answer.status is OrderStatus.CANCELLED
    assert scene.told == ["OrderAccepted", "OrderCancelled"]
    assert scene.events[-1] == OrderCancelled(
        START_NS, "order-1", f"{time_in_force} finds nothing more to trade against"
    )
    assert scene.open_orders == []


@pytest.mark.parametrize("time_in_force", list(TimeInForce))
def test_an_order_that_can_trade_at_once_does(time_in_force: TimeInForce) -> None:
    scene = Scene()

    answer = scene.submit(an_order(limit_price=Decimal(151), time_in_force=time_in_force))

    assert answer.status is OrderStatus.FILLED


def test_the_first_profile_is_the_specified_one() -> None:
    scene = Scene(SimulationPolicy())

    scene.submit(an_order())

    assert scene.prices == [Decimal("150.085005")]


def test_two_runs_give_the_same_events() -> None:
    def run(profile: FillProfile) -> list[object]:
        scene = Scene(SimulationPolicy(profile=profile))
        for number in range(1, 20):
            side = BUY if number % 3 else SELL
            limit = Decimal(150) - number % 5
            scene.submit(an_order(side, number, order_id=f"order-{number}", limit_price=limit))
            scene.quote(str(150 - number % 7), str(151 - number % 7))
        return list(scene.events)

    for profile in FillProfile:
        assert run(profile) == run(profile)


def test_the_async_door_is_the_same_as_the_plain_one() -> None:
    plain, through_await = Scene(), Scene()
    order = an_order(limit_price=Decimal(149))

    first = plain.submit(order)
    second = at_once(through_await.broker.submit_order(order))

    assert first == second
    assert plain.broker.cancel("sim-1") is at_once(through_await.broker.cancel_order("sim-1"))
    assert plain.events == through_await.events


def test_nobody_has_to_listen() -> None:
    scene = Scene()
    scene.broker.reset()
    feed_only = Scene(quoted=False)
    feed_only.broker.subscribe(lambda _event: None)

    feed_only.feed.set_quote(a_quote())

    assert feed_only.submit(an_order()).status is OrderStatus.FILLED
    assert feed_only.events == []
