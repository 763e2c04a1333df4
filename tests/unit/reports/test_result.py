"""A result counts every signal once and keeps every row."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from fillpath.core.commands import Decision
from fillpath.core.models import Position
from fillpath.reports.result import PriceSeries, count_signals, summarise
from tests.unit.reports.builders import (
    ACCOUNT,
    FACTS,
    OPEN,
    a_closed_order,
    a_decision,
    a_fill,
    a_recorder,
    a_result,
    a_ticket,
)


def _decided(outcome: str, reason: str = "", **fields: Any) -> Decision:
    return a_decision(outcome=outcome, reason=reason, **fields)


@pytest.mark.parametrize(
    ("decisions", "ordered", "refused"),
    [
        pytest.param([], 0, {}, id="no signal"),
        pytest.param([_decided("ORDERED")], 1, {}, id="ordered"),
        pytest.param([_decided("REDUCED")], 1, {}, id="reduced is ordered"),
        pytest.param([_decided("REFUSED", "NO_EDGE")], 0, {"NO_EDGE": 1}, id="refused"),
        pytest.param(
            [_decided("HELD", "STALE_QUOTE"), _decided("ORDERED")], 1, {}, id="held, then ordered"
        ),
        pytest.param(
            [_decided("HELD", "STALE_QUOTE"), _decided("REFUSED", "CASH")],
            0,
            {"CASH": 1},
            id="held, then refused",
        ),
        pytest.param(
            [_decided("HELD", "STALE_QUOTE"), _decided("EXPIRED", "EXPIRED", stage="EXPIRE")],
            0,
            {"EXPIRED": 1},
            id="held, then expired",
        ),
        pytest.param(
            [_decided("HELD", "STALE_QUOTE"), _decided("EXPIRED", stage="EXPIRE")],
            0,
            {"STALE_QUOTE": 1},
            id="expired without a reason of its own",
        ),
        pytest.param(
            [_decided("HELD", "STALE_QUOTE")], 0, {"STALE_QUOTE": 1}, id="held to the end"
        ),
        pytest.param(
            [_decided("ORDERED"), _decided("REFUSED", "DUPLICATE")],
            1,
            {"DUPLICATE": 1},
            id="sent twice",
        ),
        pytest.param(
            [_decided("HELD", "NO_QUOTE"), _decided("REFUSED", "DUPLICATE"), _decided("ORDERED")],
            1,
            {"DUPLICATE": 1},
            id="sent twice while held",
        ),
        pytest.param(
            [
                _decided("ORDERED"),
                _decided("HELD", "STALE_QUOTE", stage="SLICE"),
                _decided("UNFILLED", "SESSION_CLOSED", stage="EXPIRE"),
            ],
            1,
            {},
            id="what happens to slices is not the signal's outcome",
        ),
        pytest.param(
            [_decided("ORDERED"), _decided("ORDERED", strategy_name="other")],
            2,
            {},
            id="two strategies may use the same signal id",
        ),
    ],
)
def test_each_signal_has_exactly_one_outcome(
    decisions: list[Decision], ordered: int, refused: dict[str, int]
) -> None:
    counts = count_signals(decisions)

    assert counts.ordered == ordered
    assert counts.refused == refused
    assert counts.received == ordered + sum(refused.values())


def test_refusals_are_sorted_by_reason() -> None:
    counts = count_signals(
        _decided("REFUSED", reason, signal_id=reason) for reason in ("STALE_SIGNAL", "CASH")
    )

    assert list(counts.refused) == ["CASH", "STALE_SIGNAL"]


def test_orders_stand_in_the_order_of_sending_with_the_open_ones_among_them() -> None:
    first = a_closed_order(a_ticket(order_id="a"), sent_at=OPEN)
    second = a_closed_order(a_ticket(order_id="b"), sent_at=OPEN + 1, status="SUBMITTED")
    third = a_closed_order(a_ticket(order_id="c"), sent_at=OPEN + 2)

    result = a_result(third, first, still_open=[second])

    assert [row.order_id for row in result.orders] == ["a", "b", "c"]


def test_positions_stand_by_symbol_and_empty_ones_are_left_out() -> None:
    held = [Position(symbol=name, quantity=Decimal(size)) for name, size in [("B", 1), ("A", 2)]]
    closed = Position(symbol="C", quantity=Decimal(0))

    result = summarise(
        a_recorder(), facts=FACTS, account=replace(ACCOUNT, positions=(*held, closed))
    )

    assert [row.symbol for row in result.positions] == ["A", "B"]


def test_the_commission_is_that_of_all_fills() -> None:
    result = a_result(a_fill(), a_fill(fill_id="sim-1-2", commission=Decimal("-0.05")))

    assert result.commission == Decimal("0.70005")


def test_prices_are_kept_for_charts() -> None:
    series = PriceSeries(ts=[OPEN], bid=[1], ask=[2])

    result = a_result(prices={"IBM": series})

    assert result.prices == {"IBM": series}


def test_a_late_fill_replaces_what_was_said_about_the_order() -> None:
    cancelled = a_closed_order(status="CANCELLED", filled=0, value=0)
    filled_late = a_closed_order(status="FILLED", reason="late fill")

    result = a_result(cancelled, filled_late)

    assert [(row.status, row.reason) for row in result.orders] == [("FILLED", "late fill")]
