"""Closed trades out of executions, and the statistics that Kelly needs."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.core.errors import ModelError
from fillpath.core.models import OrderSide
from fillpath.strategy.measured import (
    Execution,
    Record,
    RoundTrip,
    Trades,
    record_of,
    round_trips,
    wilson_lower,
)

START = datetime(2026, 11, 23, 15, tzinfo=UTC)


def executed(*rows: str, symbol: str = "AAPL") -> list[Execution]:
    """Return executions out of words: side, shares, price and perhaps commission."""
    found = []
    for minute, row in enumerate(rows):
        side, quantity, price, *commission = row.split()
        found.append(
            Execution(
                symbol=symbol,
                side=OrderSide.BUY if side == "buy" else OrderSide.SELL,
                quantity=Decimal(quantity),
                price=Decimal(price),
                ts=START + timedelta(minutes=minute),
                commission=Decimal(commission[0]) if commission else Decimal(0),
            )
        )
    return found


def told(trips: list[RoundTrip]) -> list[tuple[str, int, str, str]]:
    return [
        (trip.direction.value, int(trip.quantity), f"{trip.profit:.2f}", f"{trip.return_pct:.3f}")
        for trip in trips
    ]


@pytest.mark.parametrize(
    ("rows", "trips"),
    [
        (["buy 10 100", "sell 10 110"], [("LONG", 10, "100.00", "10.000")]),
        (["sell 10 100", "buy 10 110"], [("SHORT", 10, "-100.00", "-10.000")]),
        (["buy 10 100 1", "sell 10 110 2"], [("LONG", 10, "97.00", "9.700")]),
        (["buy 10 100 -1", "sell 10 100 0"], [("LONG", 10, "1.00", "0.100")]),
        # However many executions it takes, it is one trade.
        (
            ["buy 10 100", "buy 10 102", "sell 5 110", "sell 15 111"],
            [("LONG", 20, "195.00", "9.653")],
        ),
        (
            ["buy 10 100", "sell 5 110", "buy 5 100", "sell 10 110"],
            [("LONG", 15, "150.00", "10.000")],
        ),
        (["buy 10 100", "sell 4 110"], []),
        # Through zero: one trade closed and another opened, the commission shared by the shares.
        (
            ["buy 10 100", "sell 30 110 3", "buy 20 100"],
            [("LONG", 10, "99.00", "9.900"), ("SHORT", 20, "198.00", "9.000")],
        ),
    ],
)
def test_a_trade_is_from_nothing_held_to_nothing_held(
    rows: list[str], trips: list[tuple[str, int, str, str]]
) -> None:
    assert told(round_trips(executed(*rows))) == trips


def test_a_trade_knows_its_times_and_average_prices() -> None:
    (trip,) = round_trips(executed("buy 10 100", "buy 30 104", "sell 40 110"))

    assert (trip.entered_at, trip.left_at) == (START, START + timedelta(minutes=2))
    assert (trip.entry_price, trip.exit_price) == (Decimal(103), Decimal(110))


def test_symbols_are_trades_of_their_own() -> None:
    trades = Trades()
    for execution in [
        *executed("buy 10 100", "sell 10 110"),
        *executed("buy 10 100", "sell 10 95", symbol="IBM"),
    ]:
        trades.add(execution)

    assert trades.record("AAPL").win_rate == 1
    assert trades.record("IBM").win_rate == 0
    assert trades.record().trades == 2


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(1, 50), st.integers(50, 150), st.integers(-3, 9)),
        max_size=40,
    )
)
def test_profits_of_closed_trades_add_up_to_the_cash_once_nothing_is_held(
    rows: list[tuple[bool, int, int, int]],
) -> None:
    words = [f"{'buy' if buys else 'sell'} {q} {p} {c}" for buys, q, p, c in rows]
    held = sum(q if buys else -q for buys, q, _, _ in rows)
    if held:
        words.append(f"{'sell' if held > 0 else 'buy'} {abs(held)} 100 1")
    executions = executed(*words)

    trips = round_trips(executions)

    cash = sum(
        (
            -e.quantity * e.price - e.commission
            if e.side is OrderSide.BUY
            else e.quantity * e.price - e.commission
            for e in executions
        ),
        Decimal(0),
    )
    assert abs(sum((trip.profit for trip in trips), Decimal(0)) - cash) < Decimal("1e-15")


def test_a_record_counts_wins_and_losses_and_leaves_scratches_out() -> None:
    record = record_of([Decimal(2), Decimal(-1), Decimal(0), Decimal(4)])

    assert record == Record(
        trades=3,
        win_rate=Decimal("0.6667"),
        avg_win_pct=Decimal("3.0000"),
        avg_loss_pct=Decimal("1.0000"),
    )


def test_what_is_unknown_is_not_claimed() -> None:
    assert record_of([]).claims() == {"n_trades": 0}
    assert record_of([Decimal(1)]).claims() == {
        "win_rate": 1,
        "avg_win_pct": 1,
        "n_trades": 1,
    }


def test_a_cautious_claim_is_the_lower_end_of_the_interval() -> None:
    record = record_of([Decimal(1)] * 55 + [Decimal(-1)] * 45)

    assert record.claims()["win_rate"] == Decimal("0.55")
    assert record.claims(cautious=True)["win_rate"] == wilson_lower(55, 100)
    assert record_of([]).claims(cautious=True) == {"n_trades": 0}


def test_the_lower_end_of_the_interval_is_the_published_one() -> None:
    assert f"{wilson_lower(55, 100):.5f}" == "0.46793"
    assert wilson_lower(0, 10) == 0


@pytest.mark.parametrize(("wins", "trades"), [(1, 0), (-1, 10), (11, 10)])
def test_impossible_counts_are_refused(wins: int, trades: int) -> None:
    with pytest.raises(ModelError, match="wins must be from 0 to trades"):
        wilson_lower(wins, trades)
