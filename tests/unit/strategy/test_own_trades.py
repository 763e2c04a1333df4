"""What a strategy holds and has earned, from executions that come in any order and change."""

from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

from msgspec.structs import replace

from fillpath.core.models import OrderSide
from fillpath.core.rows import FillRow, HoldingChangeRow
from fillpath.strategy.own_trades import OwnTrades
from fillpath.testing.builders import START
from fillpath.testing.rows import a_fill_row

D = Decimal


def a_row(number: int, side: str, quantity: int, price: int, **changes: Any) -> FillRow:
    return a_fill_row(
        fill_id=f"exec-{number}",
        side=OrderSide(side),
        quantity=D(quantity),
        price=D(price),
        ts=START + timedelta(minutes=number),
        commission=D(changes.pop("commission", 0)),
        strategy_name="trend",
        **changes,
    )


ROUND = (a_row(1, "BUY", 10, 100, commission=1), a_row(2, "SELL", 10, 110, commission=1))


def followed(*rows: FillRow) -> OwnTrades:
    own = OwnTrades("trend")
    for row in rows:
        own.take(row)
    return own


def test_a_closed_trade_counts_after_its_commissions() -> None:
    own = followed(*ROUND)

    assert [trip.profit for trip in own.closed()] == [D(98)]
    assert own.record().avg_win_pct == D("9.8000")
    assert own.positions() == {}


def test_the_order_in_which_executions_are_told_changes_nothing() -> None:
    rows = (*ROUND, a_row(3, "BUY", 4, 120), a_row(4, "SELL", 1, 118))

    told = [followed(*some) for some in permutations(rows)]

    assert {one.record() for one in told} == {followed(*rows).record()}
    assert {one.position("AAPL") for one in told} == {D(3)}


def test_one_after_the_other_gives_the_same_as_all_at_once() -> None:
    rows = [a_row(n, "BUY" if n % 3 else "SELL", 1 + n % 4, 100 + n % 7) for n in range(1, 60)]
    one_by_one = OwnTrades("trend")

    for row in rows:
        one_by_one.take(row)
        assert one_by_one.record().trades <= len(one_by_one.closed())

    assert one_by_one.closed() == followed(*reversed(rows)).closed()
    assert one_by_one.record() == followed(*reversed(rows)).record()
    assert one_by_one.positions() == followed(*reversed(rows)).positions()


def test_an_execution_that_is_told_twice_counts_once() -> None:
    own = followed(ROUND[0])

    assert own.take(ROUND[0]) is False
    assert own.position("AAPL") == D(10)
    assert own.position("MSFT") == 0


def test_a_correction_takes_the_place_of_what_it_corrects() -> None:
    own = followed(*ROUND, replace(ROUND[1], price=D(90), revision=1))

    assert [trip.profit for trip in own.closed()] == [D(-102)]
    assert own.take(ROUND[1]) is False, "what was corrected does not come back"


def test_an_execution_that_was_undone_counts_for_nothing() -> None:
    own = followed(*ROUND, replace(ROUND[1], quantity=D(0), revision=1))

    assert own.closed() == []
    assert own.positions() == {"AAPL": D(10)}


def test_what_other_strategies_do_is_not_its_own() -> None:
    own = followed(ROUND[0])

    assert own.take(replace(ROUND[1], strategy_name="gap")) is False
    assert own.positions() == {"AAPL": D(10)}


def test_a_split_changes_shares_and_prices_and_earns_nothing() -> None:
    own = followed(a_row(1, "BUY", 10, 100), a_row(3, "SELL", 20, 55))
    split = HoldingChangeRow(
        ts=START + timedelta(minutes=2), symbol="AAPL", kind="SPLIT", new_shares=2, old_shares=1
    )
    own.change(split)
    own.change(split)
    own.change(replace(split, symbol="MSFT"))

    assert [(trip.entry_price, trip.return_pct) for trip in own.closed()] == [(D(50), D(10))]
    assert own.positions() == {}


def test_what_was_held_before_the_journal_is_held() -> None:
    own = followed(a_row(2, "BUY", 5, 100))
    held = HoldingChangeRow(
        ts=START, symbol="AAPL", kind="OPENED", quantity=D(-5), price=D(110), strategy_name="trend"
    )
    own.change(held)
    own.change(replace(held, symbol="IBM", quantity=D(3), price=None))
    own.change(replace(held, symbol="SPY", strategy_name="gap"))
    own.change(replace(held, symbol="SPY", kind="ADJUSTED"))

    assert own.positions() == {"IBM": D(3)}
    assert [trip.profit for trip in own.closed()] == [D(50)]


def test_what_cost_nothing_earns_no_percentage() -> None:
    own = followed(a_row(2, "SELL", 3, 100))
    own.change(
        HoldingChangeRow(
            ts=START, symbol="AAPL", kind="OPENED", quantity=D(3), strategy_name="trend"
        )
    )

    assert [trip.return_pct for trip in own.closed()] == [D(0)]
    assert own.record().trades == 0
