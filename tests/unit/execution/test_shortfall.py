"""Where paper and reality part, in money: the published examples, and parts that add up exactly."""

from decimal import Decimal

import pytest

from fillpath.core.models import OrderSide
from fillpath.execution.shortfall import Trade, paper_bps, perold, wagner

BUY = OrderSide.BUY
SELL = OrderSide.SELL
D = Decimal


def seen(*values: object) -> tuple[object, ...]:
    """Return the values, whatever they are."""
    return values


def a_trade(side: OrderSide, wanted: str, filled: str, value: str, **prices: str | None) -> Trade:
    given = {name: None if price is None else D(price) for name, price in prices.items()}
    fees = given.pop("fees", None) or D(0)
    return Trade(
        side=side,
        wanted=D(wanted),
        filled=D(filled),
        value=D(value),
        decision=given.get("decision"),
        arrival=given.get("arrival"),
        end=given.get("end"),
        fees=fees,
    )


DELAYED = a_trade(
    BUY, "1000", "700", "28035", decision="40", arrival="40.04", end="40.08", fees="17"
)


def test_published_example_of_a_delayed_and_partly_missed_buy() -> None:
    """0.07 % delay, 0.0175 % execution, 0.06 % missed, 0.0425 % fees: 0.19 % (gaodun.com/q/b03v1i)."""
    parts = perold(DELAYED)

    assert seen(parts.delay, parts.execution, parts.opportunity, parts.fees) == (28, 7, 24, 17)
    assert parts.total == 76
    assert paper_bps(parts.total, DELAYED) == 19
    assert paper_bps(parts.execution, DELAYED) == D("1.75")


def test_published_example_of_a_buy_that_saved() -> None:
    """-0.25 % execution and 0.06 % fees: -0.19 % (bloombergprep.com, question a84284)."""
    trade = a_trade(
        BUY, "4000", "4000", "64800", decision="16.24", arrival="16.24", end="16.28", fees="38.50"
    )
    parts = perold(trade)

    assert seen(parts.delay, parts.execution, parts.opportunity) == (0, -160, 0)
    assert parts.total == D("-121.50")
    assert round(paper_bps(parts.total, trade) or D(0)) == -19


def test_published_example_of_an_order_that_was_missed_by_half() -> None:
    """8,000 wanted at 75, released at 75.75, 4,000 bought at 77, the rest given up at 79.

    Delay 0.5 %, execution 0.83 %, missed 2.67 %, fees 0.25 % (analystforum.com/t/11066).
    """
    trade = a_trade(
        BUY, "8000", "4000", "308000", decision="75", arrival="75.75", end="79", fees="1500"
    )
    parts = perold(trade)

    assert seen(parts.delay, parts.execution, parts.opportunity) == (3_000, 5_000, 16_000)
    assert parts.total == 25_500
    assert paper_bps(parts.total, trade) == 425


def test_the_other_split_has_the_same_total() -> None:
    parts = wagner(DELAYED)

    assert seen(parts.delay, parts.execution, parts.opportunity, parts.fees) == (40, 7, 12, 17)
    assert parts.total == perold(DELAYED).total


def test_a_sell_that_fell_behind_cost_as_much_as_a_buy_that_did() -> None:
    """43.00 decided, 41.00 at arrival, 40.25 sold, 0.05 fees: 2.80 a share (CFA 2000, III, 28)."""
    trade = a_trade(
        SELL, "50000", "50000", "2012500", decision="43", arrival="41", end="38", fees="2500"
    )
    parts = perold(trade)

    assert seen(parts.delay, parts.execution, parts.opportunity) == (100_000, 37_500, 0)
    assert parts.total == 140_000


@pytest.mark.parametrize("missing", ["decision", "arrival", "end"])
def test_a_price_that_nobody_knows_leaves_the_total_unknown(missing: str) -> None:
    prices: dict[str, str | None] = {"decision": "40", "arrival": "40.04", "end": "40.08"}
    trade = a_trade(BUY, "1000", "700", "28035", **(prices | {missing: None}))

    assert perold(trade).total is None
    assert wagner(trade).total is None


def test_a_whole_fill_needs_no_price_at_the_end() -> None:
    trade = a_trade(BUY, "10", "10", "100", decision="9", arrival="9.5", end=None)

    assert perold(trade).total == 10
    assert perold(trade).opportunity == 0


def test_nothing_filled_is_all_missed() -> None:
    trade = a_trade(SELL, "100", "0", "0", decision="10", arrival=None, end="9")
    parts = perold(trade)

    assert seen(parts.delay, parts.execution, parts.opportunity, parts.total) == (0, 0, 100, 100)


@pytest.mark.parametrize(
    "trade",
    [
        a_trade(BUY, "0", "0", "0", decision="1"),
        a_trade(BUY, "1", "1", "1", decision=None, arrival="1"),
    ],
    ids=["nothing wanted", "no price at the decision"],
)
def test_without_a_paper_trade_there_are_no_basis_points(trade: Trade) -> None:
    assert paper_bps(D(1), trade) is None


def test_an_unknown_amount_has_no_basis_points() -> None:
    assert paper_bps(None, DELAYED) is None
