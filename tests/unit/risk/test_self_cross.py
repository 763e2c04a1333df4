"""No order meets an own order on the other side, whichever strategy sent that."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from fillpath.core.models import OrderSide
from fillpath.core.units import price_units
from fillpath.risk.asking import Ask
from fillpath.risk.cascade import Cascade
from fillpath.risk.checks.exposure import check_self_cross
from fillpath.risk.limits import RiskLimits
from fillpath.risk.memory import MOST_PRICE, RiskMemory
from fillpath.risk.verdicts import Objection
from tests.unit.risk.builders import an_order

LIMITS = RiskLimits()


def units(price: str) -> int:
    return price_units(Decimal(price))


def resting(side: str, *prices: int) -> RiskMemory:
    """Return a memory of orders that work, named after their number."""
    orders = {f"other/{number}": price for number, price in enumerate(prices)}
    return RiskMemory(open_orders={("AAPL", OrderSide(side)): orders}, open_total=len(orders))


def a_limit(side: str, price: str | None) -> Ask:
    """Return an entry with this limit, or a market order."""
    return replace(an_order(side), limit=None if price is None else units(price))


@pytest.mark.control("C-27", "passes")
@pytest.mark.parametrize(
    ("side", "limit", "other", "price"),
    [
        pytest.param("BUY", "149.99", "SELL", "150", id="a tick below the own sale"),
        pytest.param("SELL", "150.01", "BUY", "150", id="a tick above the own buy"),
        pytest.param("BUY", "151", "BUY", "150", id="two buys"),
        pytest.param("SELL", "149", "SELL", "150", id="two sales"),
    ],
)
def test_prices_that_do_not_meet_pass(side: str, limit: str, other: str, price: str) -> None:
    assert check_self_cross(a_limit(side, limit), resting(other, units(price)), LIMITS) is None


@pytest.mark.control("C-27", "refuses")
@pytest.mark.parametrize(
    ("side", "limit", "other"),
    [
        pytest.param("BUY", "150", "SELL", id="buy at the price of the own sale"),
        pytest.param("BUY", "150.01", "SELL", id="buy above it"),
        pytest.param("BUY", None, "SELL", id="buy at any price"),
        pytest.param("SELL", "150", "BUY", id="sell at the price of the own buy"),
        pytest.param("SELL", "149.99", "BUY", id="sell below it"),
        pytest.param("SELL", None, "BUY", id="sell at any price"),
    ],
)
def test_prices_that_meet_are_refused(side: str, limit: str | None, other: str) -> None:
    objection = check_self_cross(a_limit(side, limit), resting(other, units("150")), LIMITS)

    assert objection == Objection(
        "SELF_CROSS",
        "it could trade with our own other/0, which works at 150",
        0,
        30_000_000,
        0,
    )


@pytest.mark.control("C-27", "refuses")
@pytest.mark.parametrize(
    ("side", "other", "price"), [("BUY", "SELL", 0), ("SELL", "BUY", MOST_PRICE)]
)
@pytest.mark.parametrize("limit", ["0.01", "150", None])
def test_a_market_order_of_ours_meets_everything(
    side: str, other: str, price: int, limit: str | None
) -> None:
    objection = check_self_cross(a_limit(side, limit), resting(other, price), LIMITS)

    assert objection is not None
    assert objection.text == "it could trade with our own other/0, which works at any price"


@pytest.mark.control("C-27", "passes")
@pytest.mark.parametrize(
    ("side", "other", "price"), [("BUY", "SELL", MOST_PRICE), ("SELL", "BUY", 0)]
)
@pytest.mark.parametrize("limit", ["0.01", "100000", None])
def test_a_stop_of_ours_rests_at_no_price(
    side: str, other: str, price: int, limit: str | None
) -> None:
    assert check_self_cross(a_limit(side, limit), resting(other, price), LIMITS) is None


@pytest.mark.control("C-27", "refuses")
@pytest.mark.parametrize(("side", "other", "named"), [("BUY", "SELL", 1), ("SELL", "BUY", 2)])
def test_the_order_that_would_be_met_first_is_named(side: str, other: str, named: int) -> None:
    memory = resting(other, units("151"), units("150"), units("152"))

    objection = check_self_cross(a_limit(side, "151"), memory, LIMITS)

    assert objection is not None
    assert f"our own other/{named}," in objection.text


@pytest.mark.control("C-27", "passes")
def test_exits_answer_to_it_not_and_sending_asks_again() -> None:
    cascade = Cascade(LIMITS)

    assert check_self_cross not in cascade.exit.checks
    assert check_self_cross in cascade.sending.checks
    assert check_self_cross not in cascade.parent.checks
