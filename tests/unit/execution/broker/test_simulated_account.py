"""The simulated account: cash checks, reserves, positions, reset and restart."""

from decimal import Decimal

import pytest

from fillpath.core.events import OrderRefused
from fillpath.core.models import OrderSide, OrderStatus, OrderType, TimeInForce
from fillpath.execution.broker.fill_model import FillProfile, SimulationPolicy
from fillpath.testing.builders import START, START_NS, a_position, a_quote, an_order
from tests.unit.execution.broker.scene import DISPLAYED, QUOTES, SPEC, Scene, at_once

BUY, SELL = OrderSide.BUY, OrderSide.SELL


def with_cash(cash: str, profile: FillProfile = FillProfile.QUOTES) -> SimulationPolicy:
    return SimulationPolicy(profile=profile, cash=Decimal(cash))


def test_a_buy_beyond_the_cash_is_refused_with_the_numbers() -> None:
    scene = Scene(SPEC)

    answer = scene.submit(an_order(quantity=1_000))

    text = (
        "BUY 1000 AAPL at up to 150.085005 needs 150092.50925025 with 7.50425025 commission, "
        "has 100000"
    )
    assert answer.status is OrderStatus.REJECTED
    assert answer.metadata["reject_reason"] == f"INSUFFICIENT_CASH: {text}"
    assert scene.events == [OrderRefused(START_NS, "order-1", "INSUFFICIENT_CASH", text)]
    assert scene.portfolio.cash == 100_000


@pytest.mark.parametrize(
    ("cash", "status"),
    [("15001.75005", OrderStatus.FILLED), ("15001.75004", OrderStatus.REJECTED)],
)
def test_the_cash_must_cover_price_and_commission_to_the_last_digit(
    cash: str, status: OrderStatus
) -> None:
    scene = Scene(with_cash(cash))

    answer = scene.submit(an_order())

    assert answer.status is status


def test_a_marketable_limit_needs_what_it_will_pay_and_not_its_limit() -> None:
    scene = Scene(with_cash("15002"))

    answer = scene.submit(an_order(limit_price=Decimal(200)))

    assert answer.status is OrderStatus.FILLED


def test_with_displayed_sizes_a_limit_needs_its_limit() -> None:
    scene = Scene(
        SimulationPolicy(profile=FillProfile.QUOTES, displayed_size=True, cash=Decimal(15_002))
    )

    answer = scene.submit(an_order(limit_price=Decimal(200)))

    assert answer.status is OrderStatus.REJECTED


def test_resting_buys_reserve_limit_and_commission() -> None:
    scene = Scene()

    scene.submit(an_order(limit_price=Decimal(140)))
    scene.submit(an_order(SELL, limit_price=Decimal(160), order_id="order-2"))

    portfolio = scene.portfolio
    assert portfolio.reserved_cash == Decimal("14000.7")
    assert portfolio.working == {"AAPL": Decimal(0)}
    assert portfolio.cash == portfolio.total_equity == 100_000


@pytest.mark.parametrize(
    ("stop", "reserve"), [("151", "15100.755"), ("160", "16000.8")], ids=["near", "far"]
)
def test_a_resting_stop_reserves_its_trigger(stop: str, reserve: str) -> None:
    scene = Scene()

    scene.submit(an_order(order_type=OrderType.STOP, stop_price=Decimal(stop)))

    assert scene.portfolio.reserved_cash == Decimal(reserve)


def test_a_part_that_fills_gives_back_its_part_of_the_reserve() -> None:
    scene = Scene(DISPLAYED)
    scene.quote("149.99", "150.01", 60)

    scene.submit(an_order(limit_price=Decimal("150.01")))

    assert scene.portfolio.reserved_cash == 40 * Decimal("150.01") * Decimal("1.00005")


@pytest.mark.parametrize("end", ["fill", "cancel", "expire"])
def test_a_buy_that_ends_reserves_nothing(end: str) -> None:
    scene = Scene()
    scene.submit(an_order(limit_price=Decimal(140)))

    if end == "fill":
        scene.quote("139.99", "140.00")
    elif end == "cancel":
        scene.broker.cancel("sim-1")
    else:
        scene.broker.expire_day_orders()

    assert scene.portfolio.reserved_cash == 0


def test_an_immediate_buy_that_fills_in_part_reserves_nothing() -> None:
    scene = Scene(DISPLAYED)
    scene.quote("149.99", "150.01", 60)

    scene.submit(an_order(time_in_force=TimeInForce.IOC))

    assert scene.portfolio.reserved_cash == 0


def test_a_market_that_runs_past_the_reserve_cancels_instead_of_overdrawing() -> None:
    scene = Scene(with_cash("15200"))
    scene.submit(an_order(order_type=OrderType.STOP, stop_price=Decimal(151)))

    scene.quote("159.99", "160.00")

    assert scene.told == ["OrderAccepted", "OrderCancelled"]
    reason = getattr(scene.events[-1], "reason", "")
    assert reason.startswith("INSUFFICIENT_CASH: BUY 100 AAPL at up to 160 needs 16000.8")
    assert scene.portfolio.cash == 15_200
    assert scene.portfolio.reserved_cash == 0


def test_selling_what_is_held_needs_no_cash() -> None:
    scene = Scene(SimulationPolicy(cash=0, positions=(a_position(100),)))

    answer = scene.submit(an_order(SELL))

    assert answer.status is OrderStatus.FILLED
    assert scene.positions == []


def test_covering_a_short_needs_no_cash_beyond_what_it_brought_in() -> None:
    scene = Scene(with_cash("100"))
    scene.submit(an_order(SELL))
    scene.quote("199.99", "200.00")

    answer = scene.submit(an_order(BUY, order_id="order-2"))

    assert answer.status is OrderStatus.FILLED
    assert scene.positions == []


def test_buying_more_than_is_short_needs_cash_for_the_rest() -> None:
    scene = Scene(with_cash("7500"))
    scene.submit(an_order(SELL, 100))

    enough = scene.submit(an_order(BUY, 149, order_id="order-2"))
    too_much = scene.submit(an_order(BUY, 200, order_id="order-3"))

    assert enough.status is OrderStatus.FILLED
    assert too_much.status is OrderStatus.REJECTED


def test_what_a_short_sale_brings_in_buys_nothing_else() -> None:
    scene = Scene(with_cash("1000"))
    scene.feed.set_quote(a_quote("99.99", "100.00", symbol="MSFT"))
    scene.submit(an_order(SELL))

    answer = scene.submit(an_order(BUY, 11, symbol="MSFT", order_id="order-2"))

    assert answer.status is OrderStatus.REJECTED
    assert "has 999.25005" in answer.metadata["reject_reason"]


def test_a_resting_cover_reserves_nothing_until_it_would_open() -> None:
    scene = Scene()
    scene.submit(an_order(SELL))

    scene.submit(an_order(BUY, 150, limit_price=Decimal(140), order_id="order-2"))

    assert scene.portfolio.reserved_cash == Decimal("7000.35")


def test_a_resting_cover_fills_however_little_cash_there_is() -> None:
    scene = Scene(with_cash("0.75"))
    scene.submit(an_order(SELL))
    scene.submit(an_order(BUY, order_type=OrderType.STOP, stop_price=151, order_id="order-2"))

    scene.quote("169.99", "170.00")

    assert scene.prices[-1] == 170
    assert scene.positions == []


def test_a_position_shows_average_mark_and_profit() -> None:
    scene = Scene()
    scene.submit(an_order(quantity=100))
    scene.quote("151.99", "152.01")
    scene.submit(an_order(SELL, 25, order_id="order-2"))

    (position,) = scene.positions

    assert position.quantity == 75
    assert position.average_price == Decimal("150.01")
    assert position.market_price == 152
    assert position.realized_pnl == 25 * Decimal("1.98")
    assert scene.portfolio.realized_pnl == 25 * Decimal("1.98")


def test_the_portfolio_says_whose_it_is_and_when() -> None:
    portfolio = Scene().portfolio

    assert (portfolio.account, portfolio.timestamp) == ("SIM", START)


def test_what_was_never_quoted_counts_at_cost() -> None:
    scene = Scene(SimulationPolicy(cash=0, positions=(a_position(10, symbol="IBM"),)))

    portfolio = scene.portfolio

    assert portfolio.total_equity == 1_500
    assert portfolio.positions[0].market_price is None


def test_a_position_without_any_price_is_shown_without_one() -> None:
    gift = a_position(10, symbol="IBM", average_price=None, market_price=None)
    scene = Scene(SimulationPolicy(positions=(gift,)))

    (position,) = scene.positions

    assert (position.quantity, position.average_price) == (Decimal(10), None)


def test_reset_opens_the_account_again_and_forgets_the_rest() -> None:
    scene = Scene(SimulationPolicy(profile=FillProfile.QUOTES, positions=(a_position(5),)))
    scene.submit(an_order())
    scene.submit(an_order(limit_price=Decimal(140), order_id="order-2"))

    scene.broker.reset()

    assert scene.portfolio.cash == 100_000
    assert [position.quantity for position in scene.positions] == [5]
    assert scene.open_orders == []
    assert at_once(scene.broker.get_executions()) == []
    assert scene.broker.resting_band("AAPL") == (None, None)
    assert scene.submit(an_order()).broker_order_id == "sim-1"
    assert scene.told[-2:] == ["OrderAccepted", "OrderFilled"]


def running() -> Scene:
    """A scene with a position, an order half filled, a stop, and one that ended."""
    scene = Scene(DISPLAYED)
    scene.quote("149.99", "150.01", 60)
    scene.submit(an_order(limit_price=Decimal("150.01")))
    scene.submit(an_order(SELL, 5, order_id="order-2"))
    scene.submit(an_order(SELL, order_type=OrderType.STOP, stop_price=140, order_id="order-3"))
    scene.submit(an_order(limit_price=Decimal(130), order_id="order-4"))
    return scene


def restarted(before: Scene, *, executions: bool = True) -> Scene:
    after = Scene(DISPLAYED, quoted=False)
    after.clock.set(before.clock.now())
    portfolio = before.portfolio
    after.broker.restore(
        portfolio.cash, portfolio.positions, before.open_orders, before.fills if executions else ()
    )
    return after


def test_a_restart_stands_where_the_old_broker_stood() -> None:
    before = running()

    after = restarted(before)

    assert after.open_orders == before.open_orders
    assert after.broker.resting_band("AAPL") == before.broker.resting_band("AAPL")
    assert after.broker.stop_band("AAPL") == before.broker.stop_band("AAPL")
    assert at_once(after.broker.get_executions()) == before.fills
    assert after.portfolio.cash == before.portfolio.cash
    assert after.portfolio.reserved_cash == before.portfolio.reserved_cash
    assert after.portfolio.working == before.portfolio.working
    assert after.events == []


def test_a_restart_goes_on_as_if_nothing_had_been() -> None:
    before = running()
    after = restarted(before)
    told = len(before.events)

    for scene in (before, after):
        scene.quote("149.98", "150.00", 500)
        scene.quote("139.00", "139.05", 500)

    assert after.events == before.events[told:]
    assert after.positions == before.positions


def test_after_a_restart_no_name_is_given_again() -> None:
    before = running()
    after = restarted(before)
    after.quote("149.99", "150.01", 500)

    answer = after.submit(an_order(order_id="order-5"))

    assert answer.broker_order_id == "sim-5"


def test_after_a_restart_a_known_order_never_trades_again() -> None:
    before = running()
    after = restarted(before)

    again = after.submit(an_order(SELL, 5, order_id="order-2"))

    assert (again.status, again.filled_quantity) == (OrderStatus.FILLED, Decimal(5))
    assert after.events == []


def test_an_order_that_ended_keeps_its_end_through_a_restart() -> None:
    before = running()
    before.broker.cancel("sim-4")
    ended = before.submit(an_order(limit_price=Decimal(130), order_id="order-4"))
    after = Scene(quoted=False)

    after.broker.restore(Decimal(100_000), (), [ended], ())

    assert after.status(ended) is OrderStatus.CANCELLED
    assert after.open_orders == []
    after.feed.set_quote(a_quote())
    assert after.submit(an_order(order_id="order-5")).broker_order_id == "sim-5"


def test_without_its_executions_an_order_keeps_its_fills_and_no_fill_its_name() -> None:
    before = running()
    after = restarted(before, executions=False)

    after.quote("149.98", "150.00", 500)

    (working, fill) = (before.open_orders[0], after.fills[0])
    assert working.filled_quantity == 60
    assert fill.quantity == 40
    assert fill.fill_id not in {earlier.fill_id for earlier in before.fills}
    assert after.submit(an_order()).average_fill_price == Decimal("150.006")


def test_an_order_that_turns_out_whole_is_filled() -> None:
    scene = Scene()
    whole = an_order(broker_order_id="sim-1", status=OrderStatus.SUBMITTED, filled_quantity=100)

    scene.broker.restore(Decimal(0), (), [whole], ())

    assert scene.status(whole) is OrderStatus.FILLED


def test_an_order_without_a_brokers_name_gets_one() -> None:
    scene = Scene()

    scene.broker.restore(Decimal(20_000), (), [an_order(), an_order(order_id="order-2")], ())

    assert [order.broker_order_id for order in scene.open_orders] == ["sim-1", "sim-2"]


def test_a_foreign_name_is_kept_through_a_restart() -> None:
    scene = Scene()
    foreign = an_order(SELL, broker_order_id="desk-a", limit_price=Decimal(160))

    scene.broker.restore(Decimal(0), (), [foreign], ())

    assert scene.broker.cancel("desk-a") is True


def test_quotes_settings_reach_the_account() -> None:
    assert QUOTES.opening_cash == Scene().portfolio.cash * 10**14


def test_an_order_known_by_its_fills_alone_is_not_shown_as_completed() -> None:
    before = Scene()
    before.submit(an_order())
    after = Scene()

    after.broker.restore(before.portfolio.cash, [], [], before.fills)

    assert at_once(before.broker.get_completed_orders()) != []
    assert at_once(after.broker.get_completed_orders()) == []
