"""What waits at the simulated broker: limits, stops, displayed size, the band of the replay."""

from decimal import Decimal

import pytest

from fillpath.core.events import OrderCancelled, OrderExpired
from fillpath.core.models import OrderSide, OrderStatus, OrderType, TimeInForce
from fillpath.execution.broker.book import ANY_ASK, ANY_BID
from fillpath.execution.broker.fill_model import SimulationPolicy
from fillpath.testing.builders import START_NS, a_quote, an_order
from tests.unit.execution.broker.scene import DISPLAYED, QUOTES, SPEC, Scene, at_once

BUY, SELL = OrderSide.BUY, OrderSide.SELL
SECOND = 10**9


def units(price: str) -> int:
    return int(Decimal(price) * 10**8)


@pytest.mark.parametrize(
    ("policy", "ask", "price"),
    [
        pytest.param(QUOTES, "149.00", "149.00", id="quotes: at the limit"),
        pytest.param(QUOTES, "148.50", "148.50", id="quotes: better than the limit"),
        pytest.param(SPEC, "149.00", "149.00", id="spec: never beyond the limit"),
        pytest.param(SPEC, "148.50", "148.57425", id="spec: the touch worsened"),
    ],
)
def test_a_resting_buy_fills_at_the_touch_that_reaches_it(
    policy: SimulationPolicy, ask: str, price: str
) -> None:
    scene = Scene(policy)
    scene.submit(an_order(limit_price=Decimal(149)))

    scene.quote("148.00", ask)

    assert scene.prices == [Decimal(price)]
    assert scene.events[-1].at == START_NS + SECOND


def test_a_market_that_only_comes_near_fills_nothing() -> None:
    scene = Scene()
    scene.submit(an_order(limit_price=Decimal(149)))
    scene.submit(an_order(SELL, limit_price=Decimal(151), order_id="order-2"))

    scene.quote("149.00", "149.01")
    scene.quote("150.99", "151.00")

    assert scene.fills == []


def test_the_best_price_trades_first_and_then_the_oldest() -> None:
    scene = Scene()
    for number, limit in enumerate((148, 149, 148, 149), 1):
        scene.submit(an_order(quantity=1, limit_price=Decimal(limit), order_id=f"order-{number}"))

    scene.quote("147.99", "148.00")

    assert [fill.order_id for fill in scene.fills] == ["order-2", "order-4", "order-1", "order-3"]


def test_a_symbol_that_moves_leaves_the_others_alone() -> None:
    scene = Scene()
    scene.feed.set_quote(a_quote("419.98", "420.02", symbol="MSFT"))
    scene.submit(an_order(symbol="MSFT", quantity=1, limit_price=Decimal(149)))

    scene.quote("140.00", "140.02")

    assert scene.fills == []


def test_the_band_is_the_best_limit_of_each_side() -> None:
    scene = Scene()
    for number, (side, limit) in enumerate(((BUY, 147), (BUY, 149), (SELL, 153), (SELL, 152)), 1):
        order = an_order(side, 1, limit_price=Decimal(limit), order_id=f"order-{number}")
        scene.submit(order)

    assert scene.broker.works
    assert scene.broker.resting_band("AAPL") == (units("149"), units("152"))
    assert scene.broker.resting_band("MSFT") == (None, None)


def test_the_band_follows_cancels_and_fills() -> None:
    scene = Scene()
    for number, limit in enumerate((149, 148), 1):
        scene.submit(an_order(quantity=1, limit_price=Decimal(limit), order_id=f"order-{number}"))
    scene.broker.cancel("sim-1")
    between = scene.broker.resting_band("AAPL")

    scene.quote("147.00", "147.50")

    assert between == (units("148"), None)
    assert scene.broker.resting_band("AAPL") == (None, None)


def test_an_order_that_waits_for_any_price_widens_the_band_to_everything() -> None:
    scene = Scene()
    scene.quote(None, None)
    scene.submit(an_order(quantity=1))
    scene.submit(an_order(SELL, 1, order_id="order-2"))

    assert scene.broker.resting_band("AAPL") == (ANY_ASK, ANY_BID)


@pytest.mark.parametrize(
    ("side", "stop", "quiet", "move", "price"),
    [
        (SELL, 148, ("148.01", "148.05"), ("148.00", "148.04"), "148.00"),
        (SELL, 148, ("149.00", "149.02"), ("140.00", "140.50"), "140.00"),
        (BUY, 152, ("151.90", "151.99"), ("151.95", "152.00"), "152.00"),
        (BUY, 152, ("151.00", "151.02"), ("160.00", "160.25"), "160.25"),
    ],
    ids=["sell stop reached", "sell stop gapped over", "buy stop reached", "buy stop gapped over"],
)
def test_a_stop_waits_and_then_fills_at_the_touch_not_at_its_price(
    side: OrderSide, stop: int, quiet: tuple[str, str], move: tuple[str, str], price: str
) -> None:
    scene = Scene()
    waiting = scene.submit(
        an_order(side, order_type=OrderType.STOP, stop_price=Decimal(stop)),
    )
    scene.quote(*quiet)
    assert (waiting.status, scene.fills) == (OrderStatus.SUBMITTED, [])

    scene.quote(*move)

    assert scene.prices == [Decimal(price)]
    assert scene.open_orders == []


def test_a_stop_that_the_market_is_past_fills_at_once() -> None:
    scene = Scene()

    answer = scene.submit(an_order(SELL, order_type=OrderType.STOP, stop_price=Decimal(155)))

    assert answer.status is OrderStatus.FILLED
    assert scene.prices == [Decimal("149.99")]


def test_a_stop_limit_waits_for_its_limit_once_it_is_set_off() -> None:
    scene = Scene()
    scene.submit(
        an_order(
            SELL,
            order_type=OrderType.STOP_LIMIT,
            stop_price=Decimal(148),
            limit_price=Decimal("147.50"),
        )
    )
    bands = [(scene.broker.stop_band("AAPL"), scene.broker.resting_band("AAPL"))]

    scene.quote("147.00", "147.20")
    bands.append((scene.broker.stop_band("AAPL"), scene.broker.resting_band("AAPL")))
    scene.quote("147.60", "147.80")

    assert bands == [
        ((None, units("148")), (None, None)),
        ((None, None), (None, units("147.50"))),
    ]
    assert scene.prices == [Decimal("147.60")]


def test_a_protective_stop_level_does_not_make_an_entry_a_stop() -> None:
    scene = Scene()

    scene.submit(an_order(stop_price=Decimal(147)))
    scene.submit(an_order(limit_price=Decimal(151), stop_price=Decimal(147), order_id="order-2"))

    assert scene.prices == [Decimal("150.01"), Decimal("150.01")]


def test_an_immediate_stop_that_is_not_set_off_is_cancelled() -> None:
    scene = Scene()

    answer = scene.submit(
        an_order(
            SELL,
            order_type=OrderType.STOP,
            stop_price=Decimal(140),
            time_in_force=TimeInForce.IOC,
        )
    )

    assert answer.status is OrderStatus.CANCELLED


def test_the_size_shown_is_taken_once() -> None:
    scene = Scene(DISPLAYED)
    scene.quote("149.99", "150.01", 300)

    first = scene.submit(an_order(quantity=200, limit_price=Decimal("150.01")))
    second = scene.submit(an_order(quantity=200, limit_price=Decimal("150.01"), order_id="order-2"))

    assert (first.status, first.filled_quantity) == (OrderStatus.FILLED, Decimal(200))
    assert (second.status, second.filled_quantity) == (
        OrderStatus.PARTIALLY_FILLED,
        Decimal(100),
    )


def test_each_new_quote_fills_at_most_what_it_shows() -> None:
    scene = Scene(DISPLAYED)
    scene.quote("149.99", "150.01", 100)
    scene.submit(an_order(quantity=250, limit_price=Decimal("150.01")))

    scene.quote("149.98", "150.00", 100)
    scene.quote("149.99", "150.01", 100)

    assert [(f.fill_id, f.quantity, f.price) for f in scene.fills] == [
        ("order-1:1", Decimal(100), Decimal("150.01")),
        ("order-1:2", Decimal(100), Decimal("150.00")),
        ("order-1:3", Decimal(50), Decimal("150.01")),
    ]


def test_the_average_is_that_of_all_parts() -> None:
    scene = Scene(DISPLAYED)
    scene.quote("149.99", "150.01", 100)
    scene.submit(an_order(quantity=300, limit_price=Decimal("150.01")))
    scene.quote("149.98", "150.00", 100)

    (working,) = scene.open_orders

    assert working.status is OrderStatus.PARTIALLY_FILLED
    assert working.filled_quantity == 200
    assert working.average_fill_price == Decimal("150.005")


def test_the_same_quote_told_twice_shows_its_size_once() -> None:
    scene = Scene(DISPLAYED)
    scene.quote("149.99", "150.01", 100)
    scene.submit(an_order(quantity=250, limit_price=Decimal("150.01")))

    scene.broker.on_market("AAPL")

    assert [fill.quantity for fill in scene.fills] == [100]


def test_sells_take_the_size_of_the_bid() -> None:
    scene = Scene(DISPLAYED)
    scene.feed.set_quote(a_quote(bid_size=70, ask_size=1_000))

    scene.submit(an_order(SELL))

    assert [fill.quantity for fill in scene.fills] == [70]


def test_a_quote_without_size_fills_nothing() -> None:
    scene = Scene(DISPLAYED)
    scene.quote("149.99", "150.01", 0)

    answer = scene.submit(an_order())

    assert answer.status is OrderStatus.SUBMITTED


def test_a_market_order_goes_on_through_the_quotes_until_it_is_whole() -> None:
    scene = Scene(DISPLAYED)
    scene.quote("149.99", "150.01", 60)
    scene.submit(an_order())

    scene.quote("155.00", "155.05", 60)

    assert [(f.quantity, f.price) for f in scene.fills] == [
        (Decimal(60), Decimal("150.01")),
        (Decimal(40), Decimal("155.05")),
    ]


def test_an_immediate_order_takes_what_is_shown_and_cancels_the_rest() -> None:
    scene = Scene(DISPLAYED)
    scene.quote("149.99", "150.01", 60)

    answer = scene.submit(an_order(time_in_force=TimeInForce.IOC))

    assert (answer.status, answer.filled_quantity) == (OrderStatus.CANCELLED, Decimal(60))
    assert scene.told == ["OrderAccepted", "OrderFilled", "OrderCancelled"]


def test_all_or_nothing_is_nothing_when_too_little_is_shown() -> None:
    scene = Scene(DISPLAYED)
    scene.quote("149.99", "150.01", 60)

    answer = scene.submit(an_order(time_in_force=TimeInForce.FOK))

    assert (answer.status, answer.filled_quantity) == (OrderStatus.CANCELLED, Decimal(0))


def test_a_day_order_ends_with_the_session_and_others_go_on() -> None:
    scene = Scene()
    for number, time_in_force in enumerate((TimeInForce.DAY, TimeInForce.GTC, TimeInForce.DAY), 1):
        order = an_order(
            quantity=1,
            limit_price=Decimal(149),
            order_id=f"order-{number}",
            time_in_force=time_in_force,
        )
        scene.submit(order)

    scene.broker.expire_day_orders()

    assert [e for e in scene.events if isinstance(e, OrderExpired)] == [
        OrderExpired(START_NS, "order-1", "a DAY order ends with the session"),
        OrderExpired(START_NS, "order-3", "a DAY order ends with the session"),
    ]
    assert [order.order_id for order in scene.open_orders] == ["order-2"]
    assert at_once(scene.broker.get_order_status("sim-1")) is OrderStatus.EXPIRED
    assert scene.portfolio.reserved_cash == Decimal("149.00745")


def test_a_split_multiplies_what_is_held_and_cancels_what_rests_in_the_symbol() -> None:
    scene = Scene()
    scene.feed.set_quote(a_quote("419.98", "420.02", symbol="MSFT"))
    scene.submit(an_order(quantity=10))
    scene.submit(an_order(quantity=1, limit_price=Decimal(140), order_id="order-2"))
    scene.submit(an_order(symbol="MSFT", limit_price=Decimal(40), order_id="order-3"))

    scene.broker.apply_split("AAPL", 7, 1)

    (position,) = scene.positions
    assert position.quantity == 70
    assert (position.average_price or Decimal(0)) * 70 == Decimal("1500.10")
    assert scene.events[-1] == OrderCancelled(START_NS, "order-2", "cancelled by the split 7 for 1")
    assert [order.order_id for order in scene.open_orders] == ["order-3"]


def test_a_split_of_what_is_not_held_changes_nothing() -> None:
    scene = Scene()

    scene.broker.apply_split("AAPL", 1, 20)

    assert (scene.positions, scene.events) == ([], [])
