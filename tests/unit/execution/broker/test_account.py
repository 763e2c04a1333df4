"""The simulated account: cash, and which cash may be spent."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.core.holdings import Holding
from fillpath.core.units import MONEY_SCALE
from fillpath.execution.broker.account import Account, nearest_money, opened
from fillpath.testing.builders import a_position

HUNDRED = 100 * 10**8
SHARES = 10**6


def test_a_trade_moves_cash_by_value_and_commission() -> None:
    account = Account(cash=10_000 * MONEY_SCALE)

    account.trade("AAPL", 10 * SHARES, HUNDRED, 7)

    assert account.cash == 9_000 * MONEY_SCALE - 7
    assert account.holdings["AAPL"] == Holding(10 * SHARES, 1_000 * MONEY_SCALE)


def test_what_a_short_sale_brings_in_cannot_be_spent() -> None:
    account = Account(cash=10_000 * MONEY_SCALE)

    account.trade("AAPL", -10 * SHARES, HUNDRED, 0)

    assert account.cash == 11_000 * MONEY_SCALE
    assert account.spendable == 10_000 * MONEY_SCALE


def test_covering_a_short_frees_what_it_had_brought_in() -> None:
    account = Account(cash=10_000 * MONEY_SCALE)
    account.trade("AAPL", -10 * SHARES, HUNDRED, 0)

    account.trade("AAPL", 10 * SHARES, HUNDRED // 2, 0)

    assert account.short_proceeds == 0
    assert account.spendable == account.cash == 10_500 * MONEY_SCALE


def test_a_reserve_cannot_be_spent() -> None:
    account = Account(cash=1_000, reserved=400)

    assert account.spendable == 600


@pytest.mark.parametrize(
    ("held", "bought", "opens"),
    [(0, 10, 10), (5, 10, 10), (-4, 10, 6), (-10, 10, 0), (-20, 10, 0)],
)
def test_only_what_is_left_after_covering_opens(held: int, bought: int, opens: int) -> None:
    account = Account(holdings={"AAPL": Holding(held, held)})

    assert account.opening_part("AAPL", bought) == opens
    assert account.opening_part("MSFT", bought) == bought


def test_an_account_opens_with_its_positions_added_up_over_strategies() -> None:
    account = opened(
        1_000,
        [
            a_position(100, average_price=Decimal(150), strategy_name="trend"),
            a_position(50, average_price=Decimal(156), realized_pnl=Decimal(7)),
            a_position(-10, symbol="MSFT", average_price=None, market_price=Decimal(400)),
            a_position(5, symbol="GOOG", average_price=None, market_price=None),
        ],
    )

    assert account.holdings == {
        "AAPL": Holding(150 * SHARES, 22_800 * MONEY_SCALE, 7 * MONEY_SCALE),
        "MSFT": Holding(-10 * SHARES, -4_000 * MONEY_SCALE),
        "GOOG": Holding(5 * SHARES, 0),
    }
    assert account.spendable == 1_000 - 4_000 * MONEY_SCALE


@given(cost=st.integers(1, 10**22), shares=st.integers(1, 10**5))
def test_an_average_price_gives_its_cost_back(cost: int, shares: int) -> None:
    average = Decimal(cost).scaleb(-14) / shares

    assert nearest_money(average * shares) == cost


@given(
    st.lists(
        st.tuples(st.integers(-100, 100).filter(bool), st.integers(1, 10**6)),
        min_size=1,
        max_size=30,
    )
)
def test_short_proceeds_are_the_cost_of_what_is_short(trades: list[tuple[int, int]]) -> None:
    account = Account(cash=10**9)

    for number, (quantity, price) in enumerate(trades):
        account.trade("AAPL" if number % 3 else "MSFT", quantity, price, 1)

    assert account.short_proceeds == -sum(min(h.cost, 0) for h in account.holdings.values())
    realized = sum(h.realized for h in account.holdings.values())
    costs = sum(h.cost for h in account.holdings.values())
    assert account.cash == 10**9 + realized - costs - len(trades)
