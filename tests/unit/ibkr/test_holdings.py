"""What the account holds and is worth: read whole, or not at all."""

from decimal import Decimal

import pytest

from fillpath.core.errors import Unavailable
from fillpath.core.models import OrderSide, OrderType
from fillpath.ibkr.heard import AccountValue, Held, Valued
from fillpath.ibkr.holdings import positions, working_of, worth_of
from fillpath.testing.builders import an_order

DU1 = "DU1"


def held(symbol: str = "AAPL", quantity: str | None = "10", **more: object) -> Held:
    """Return a position."""
    size = None if quantity is None else Decimal(quantity)
    usual: dict[str, object] = {"account": DU1, "con_id": 1, "sec_type": "STK"}
    fields = usual | {"average_cost": Decimal("150.1")} | more
    return Held(symbol=symbol, quantity=size, **fields)  # type: ignore[arg-type]


def worth(**more: object) -> Valued:
    """Return what a position is worth."""
    usual: dict[str, object] = {
        "account": DU1,
        "con_id": 1,
        "symbol": "AAPL",
        "sec_type": "STK",
        "quantity": Decimal(10),
        "market_price": Decimal(160),
        "realized": Decimal("-2.5"),
    }
    return Valued(**(usual | more))  # type: ignore[arg-type]


def value(tag: str, text: str, currency: str = "USD", account: str = DU1) -> AccountValue:
    """Return one value of the account."""
    return AccountValue(account, tag, text, currency)


def test_a_position_is_its_size_its_cost_and_what_it_is_worth() -> None:
    (position,) = positions([held()], [worth(), value("NetLiquidation", "1")], DU1)

    assert position.symbol == "AAPL"
    assert position.quantity == 10
    assert position.average_price == Decimal("150.1")
    assert position.market_price == 160
    assert position.realized_pnl == Decimal("-2.5")


@pytest.mark.fault("F-78")
def test_a_part_of_a_share_is_kept_to_the_last_digit() -> None:
    (position,) = positions([held(quantity="10.3725")], [], DU1)

    assert position.quantity == Decimal("10.3725")
    assert position.market_price is None
    assert position.realized_pnl == 0


def test_other_accounts_and_what_is_gone_are_left_out() -> None:
    found = positions(
        [held(quantity="0"), held("MSFT", account="DU2")], [worth(account="DU2")], DU1
    )

    assert found == []


def test_what_is_worth_nothing_or_unknown_has_no_price() -> None:
    strange = [Decimal("NaN"), Decimal(0), Decimal(-1), None]

    for price in strange:
        (position,) = positions(
            [held(average_cost=price)], [worth(market_price=price, realized=None)], DU1
        )
        assert position.average_price is None
        assert position.market_price is None


@pytest.mark.parametrize("quantity", [None, "NaN", "0.1234567"])
def test_a_size_that_cannot_be_read_spoils_the_answer(quantity: str | None) -> None:
    with pytest.raises(Unavailable, match="positions"):
        positions([held(quantity=quantity)], [], DU1)


def test_a_position_that_is_there_twice_spoils_the_answer() -> None:
    with pytest.raises(Unavailable, match="AAPL must be there once"):
        positions([held(), held(con_id=2)], [], DU1)


def test_an_option_goes_by_its_contract() -> None:
    found = positions([held(), held(con_id=42, sec_type="OPT")], [], DU1)

    assert [position.symbol for position in found] == ["AAPL", "OPT.42"]


def test_the_account_is_worth_what_its_values_say() -> None:
    found = worth_of(
        [
            value("NetLiquidation", "100000.25"),
            value("TotalCashValue", "-5"),
            value("RealizedPnL", "12"),
            value("TotalCashValue", "77", "EUR"),
            value("NetLiquidation", "77", account="DU2"),
            worth(),
        ],
        DU1,
    )

    assert found.equity == Decimal("100000.25")
    assert found.cash == -5
    assert found.realized == 12


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([], id="nothing"),
        pytest.param([value("NetLiquidation", "NaN"), value("TotalCashValue", "1")], id="nan"),
        pytest.param([value("NetLiquidation", "0"), value("TotalCashValue", "1")], id="zero"),
        pytest.param([value("NetLiquidation", "5")], id="no cash"),
        pytest.param(
            [value("NetLiquidation", "5", "EUR"), value("TotalCashValue", "1")], id="euro"
        ),
    ],
)
@pytest.mark.fault("F-61")
def test_an_account_whose_worth_is_not_told_answers_nothing(values: list[AccountValue]) -> None:
    with pytest.raises(Unavailable, match="must be an amount"):
        worth_of(values, DU1)


def test_what_works_counts_by_symbol_and_side() -> None:
    orders = [
        an_order(quantity=10, limit_price=150).changed(filled_quantity=Decimal(4)),
        an_order(OrderSide.SELL, 2),
        an_order(quantity=1).changed(
            symbol="MSFT", stop_price=Decimal(400), order_type=OrderType.STOP
        ),
        an_order(quantity=3).changed(symbol="SPY", stop_price=Decimal(300)),
    ]

    working, reserved = working_of(orders)

    assert working == {"AAPL": Decimal(4), "MSFT": Decimal(1), "SPY": Decimal(3)}
    assert reserved == 6 * 150 + 400
