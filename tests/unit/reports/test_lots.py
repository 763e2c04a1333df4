"""First in, first out, exactly: longs, shorts, splits, fees, corrections, and what is not computed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.core.listings import LotRow, ProfitRow
from fillpath.core.models import OrderSide
from fillpath.core.rows import FillRow, HoldingChangeRow
from fillpath.reports.lots import Matched, matched, profits, tax_csv
from fillpath.testing.rows import a_fill_row, a_holding_change_row

D = Decimal
BUY, SELL = OrderSide.BUY, OrderSide.SELL
DAY = timedelta(days=1)
NOON = datetime(2026, 3, 2, 17, tzinfo=UTC)


def a_fill(side: OrderSide, shares: str, price: str, day: float = 0, **changes: object) -> FillRow:
    fields: dict[str, object] = {
        "side": side,
        "quantity": D(shares),
        "price": D(price),
        "ts": NOON + DAY * day,
        "commission": D(0),
        "fill_id": f"{side}{day}",
    }
    return a_fill_row(**(fields | changes))


def gains(found: Matched) -> list[tuple[str, str]]:
    return [(f"{row.quantity:f}", f"{row.gain:f}") for row in found.closed]


def test_the_oldest_shares_are_sold_first() -> None:
    fills = [a_fill(BUY, "10", "100"), a_fill(BUY, "10", "110", 1), a_fill(SELL, "15", "120", 2)]

    found = matched(fills)

    assert gains(found) == [("10", "200"), ("5", "50")]
    assert [(row.quantity, row.cost) for row in found.open] == [(D(5), D(550))]


def test_fees_are_part_of_cost_and_proceeds() -> None:
    fills = [
        a_fill(BUY, "10", "100", commission=D(1)),
        a_fill(SELL, "10", "110", 1, commission=D(2)),
    ]

    (row,) = matched(fills).closed

    assert row == LotRow(
        symbol="AAPL",
        strategy_name="trend",
        quantity=D(10),
        acquired_at=NOON,
        sold_at=NOON + DAY,
        cost=D(1_001),
        proceeds=D(1_098),
        gain=D(97),
        term="SHORT",
    )


def test_a_rebate_lowers_the_cost() -> None:
    assert matched([a_fill(BUY, "1", "10", commission=D("-0.5"))]).open[0].cost == D("9.5")


def test_fees_are_divided_by_shares_and_none_is_lost() -> None:
    fills = [
        a_fill(BUY, "3", "10", commission=D(1)),
        *(a_fill(SELL, "1", "10", day) for day in (1, 2, 3)),
    ]

    found = matched(fills)

    assert sum(row.gain or D(0) for row in found.closed) == D(-1)
    assert found.open == []


def test_a_short_is_opened_by_its_sale_and_closed_by_its_purchase() -> None:
    fills = [
        a_fill(SELL, "10", "100", commission=D(1)),
        a_fill(BUY, "10", "90", 500, commission=D(1)),
    ]

    (row,) = matched(fills).closed

    assert (row.short_sale, row.term) == (True, "SHORT")
    assert (row.proceeds, row.cost, row.gain) == (D(999), D(901), D(98))


def test_a_sale_of_more_than_is_held_opens_a_short_with_the_rest() -> None:
    fills = [a_fill(BUY, "10", "100"), a_fill(SELL, "15", "110", 1, commission=D(3))]

    found = matched(fills)

    assert gains(found) == [("10", "98")]
    assert [(row.quantity, row.cost) for row in found.open] == [(D(-5), D(-549))]


def test_what_is_open_is_worth_its_mark() -> None:
    fills = [
        a_fill(BUY, "10", "100"),
        a_fill(SELL, "5", "50", symbol="MSFT"),
        a_fill(BUY, "1", "1", symbol="DARK"),
    ]

    rows = profits(matched(fills), "symbol", {"AAPL": D(101), "MSFT": D(52)})

    assert [(row.key, row.unrealized) for row in rows] == [
        ("AAPL", D(10)),
        ("DARK", None),
        ("MSFT", D(-10)),
    ]


def a_split(new: int, old: int, day: float = 1) -> HoldingChangeRow:
    return a_holding_change_row(ts=NOON + DAY * day, new_shares=new, old_shares=old)


def test_a_split_changes_the_shares_and_not_the_cost() -> None:
    fills = [a_fill(BUY, "10", "100"), a_fill(SELL, "40", "30", 2)]

    found = matched(fills, [a_split(4, 1), a_split(4, 1)])

    assert gains(found) == [("40", "200")]
    assert found.open == []


def test_a_split_touches_only_its_symbol() -> None:
    found = matched([a_fill(BUY, "10", "100", symbol="MSFT")], [a_split(4, 1)])

    assert [row.quantity for row in found.open] == [D(10)]


def test_a_reverse_split_cuts_the_whole_position_to_the_smallest_share_once() -> None:
    fills = [a_fill(BUY, "1", "9"), a_fill(BUY, "1", "9", 0.1), a_fill(BUY, "0.000001", "9", 0.2)]

    found = matched(fills, [a_split(1, 3)])

    assert [row.quantity for row in found.open] == [D("0.333333"), D("0.333333"), D("0.000001")]


def test_a_lot_that_a_split_leaves_nothing_of_gives_its_cost_to_the_next() -> None:
    fills = [a_fill(BUY, "0.000001", "9000000"), a_fill(BUY, "1", "9", 0.1)]

    (lot,) = matched(fills, [a_split(1, 2)]).open

    assert (lot.quantity, lot.cost) == (D("0.5"), D(18))


def test_what_was_held_before_the_journal_is_sold_first_and_its_day_is_not_known() -> None:
    held = a_holding_change_row(
        kind="OPENED", quantity=D(5), price=D(80), ts=NOON + 9 * DAY, new_shares=1
    )

    (row,) = matched([a_fill(SELL, "5", "100")], [held]).closed

    assert (row.held_before, row.cost, row.gain, row.term) == (True, D(400), D(100), "")


def test_what_a_person_booked_is_a_lot() -> None:
    booked = a_holding_change_row(kind="ADJUSTED", quantity=D(-2), price=None, ts=NOON + DAY)

    found = matched([a_fill(BUY, "5", "100")], [booked])

    assert gains(found) == [("2", "-200")]
    assert found.closed[0].sold_at == NOON + DAY


def test_a_corrected_execution_counts_as_it_is_and_an_undone_one_not_at_all() -> None:
    fills = [a_fill(BUY, "10", "99", revision=1), a_fill(BUY, "0", "100", 1, revision=1)]

    assert [(row.quantity, row.cost) for row in matched(fills).open] == [(D(10), D(990))]


@pytest.mark.parametrize(
    ("bought", "sold", "term"),
    [
        pytest.param("2025-03-03", "2026-03-03", "SHORT", id="a year to the day"),
        pytest.param("2025-03-03", "2026-03-04", "LONG", id="a day more"),
        pytest.param("2024-02-29", "2025-02-28", "SHORT", id="a leap day"),
        pytest.param("2024-12-31", "2026-01-01", "LONG", id="over two new years"),
    ],
)
def test_shares_held_for_more_than_a_year_are_long_term(bought: str, sold: str, term: str) -> None:
    when = [datetime.fromisoformat(f"{day}T17:00:00+00:00") for day in (bought, sold)]
    fills = [a_fill(BUY, "1", "1", ts=when[0]), a_fill(SELL, "1", "1", ts=when[1])]

    assert matched(fills).closed[0].term == term


def two_strategies() -> list[FillRow]:
    return [
        a_fill(BUY, "10", "100", strategy_name="a", commission=D(1)),
        a_fill(SELL, "10", "110", 1, strategy_name="b"),
    ]


def test_within_the_account_one_strategy_closes_what_another_opened() -> None:
    assert gains(matched(two_strategies())) == [("10", "99")]


def test_within_strategies_each_has_its_own_lots() -> None:
    found = matched(two_strategies(), by_strategy=True)

    assert profits(found, "strategy", {"AAPL": D(105)}) == [
        ProfitRow(key="a", realized=D(0), unrealized=D(49), fees=D(1), lots=0),
        ProfitRow(key="b", realized=D(0), unrealized=D(50), fees=D(0), lots=0),
    ]


def test_profit_by_symbol_counts_lots_and_fees() -> None:
    fills = [
        a_fill(BUY, "10", "100", commission=D(1)),
        a_fill(SELL, "5", "110", 1, commission=D(1)),
        a_fill(BUY, "1", "5", symbol="DARK"),
    ]

    rows = profits(matched(fills), "symbol", {"AAPL": D(120)})

    assert rows == [
        ProfitRow(key="AAPL", realized=D("48.5"), unrealized=D("99.5"), fees=D(2), lots=1),
        ProfitRow(key="DARK", realized=D(0), unrealized=None, fees=D(0), lots=0),
    ]


def test_the_file_for_a_tax_return_says_what_is_not_computed() -> None:
    lines = tax_csv([]).splitlines()

    assert lines == [
        "# Wash sales are not computed: every loss is shown whole.",
        "symbol,quantity,acquired,sold,proceeds,cost,gain,term,short_sale",
    ]


def test_the_file_for_a_tax_return_has_the_days_of_the_exchange_and_cents() -> None:
    late = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)  # still the second of March in New York
    fills = [
        a_fill(BUY, "3", "10", ts=late, commission=D("0.005")),
        a_fill(SELL, "4", "11", 2),
        a_fill(BUY, "1", "12", 3),
    ]
    held = a_holding_change_row(kind="OPENED", quantity=D(1), price=D(5), symbol="OLD")
    sold = a_fill(SELL, "1", "6", 4, symbol="OLD")

    lines = tax_csv(matched([*fills, sold], [held]).closed).splitlines()[2:]

    assert lines == [
        "AAPL,3,2026-03-02,2026-03-04,33.00,30.00,3.00,SHORT,no",
        "AAPL,1,2026-03-05,2026-03-04,11.00,12.00,-1.00,SHORT,yes",
        "OLD,1,VARIOUS,2026-03-06,6.00,5.00,1.00,VARIOUS,no",
    ]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(OrderSide),
            st.decimals("0.000001", 1_000, places=6),
            st.decimals("0.01", 1_000, places=4),
            st.decimals(-1, 5, places=2),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_gains_and_open_lots_add_up_to_the_cash_that_moved(
    trades: list[tuple[OrderSide, Decimal, Decimal, Decimal]],
) -> None:
    fills = [
        a_fill(side, f"{shares}", f"{price}", day, commission=fee)
        for day, (side, shares, price, fee) in enumerate(trades)
    ]

    found = matched(fills)

    cash = sum((-f.side.sign * f.quantity * f.price - f.commission for f in fills), D(0))
    gain = sum((row.gain or D(0) for row in found.closed), D(0))
    tied = sum((row.cost for row in found.open), D(0))
    held = sum((f.side.sign * f.quantity for f in fills), D(0))
    assert gain - tied == cash
    assert sum((row.quantity for row in found.open), D(0)) == held
    assert sum(found.fees.values(), D(0)) == sum((f.commission for f in fills), D(0))
