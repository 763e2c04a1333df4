"""What an order cost, made of what was written down about it."""

from datetime import datetime, timedelta
from decimal import Decimal

from fillpath.core.costs import CostStory, OrderCostRow
from fillpath.core.rows import DecisionRow, FillRow, MarketRow, OrderRow
from fillpath.core.units import nanoseconds
from fillpath.execution.costing import cost_rows, decision_points
from fillpath.execution.midline import Midline, midline
from fillpath.testing.builders import START
from fillpath.testing.rows import (
    a_decision_row,
    a_fill_row,
    a_quality_row,
    a_signal_row,
    an_order_row,
)

D = Decimal
PARENT = "trend/sig-1"
SCALE = 10**8


def seen(*values: object) -> tuple[object, ...]:
    """Return the values, whatever they are."""
    return values


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def a_market(bid: str, ask: str) -> MarketRow:
    mid = (D(bid) + D(ask)) / 2
    return MarketRow(bid=D(bid), ask=D(ask), mid=mid, quote_at=START)


def a_line(*points: tuple[float, str, str], until: float = 1_000) -> Midline:
    return midline(
        [
            (nanoseconds(at(second)), int(D(bid) * SCALE), int(D(ask) * SCALE))
            for second, bid, ask in points
        ],
        until=nanoseconds(at(until)),
        longest_gap=10**12,
    )


RISING = a_line((0, "149.99", "150.01"), (2, "150.09", "150.11"), (60, "150.19", "150.21"))


def a_decision(**changes: object) -> DecisionRow:
    return a_decision_row(
        **{"ts": at(1), "quantity": D(100), "market": a_market("149.99", "150.01"), **changes}
    )


def an_order(**changes: object) -> OrderRow:
    return an_order_row(
        **{
            "status": "FILLED",
            "filled_quantity": D(100),
            "submitted_at": at(1),
            "acknowledged_at": at(2),
            "closed_at": at(4),
            **changes,
        }
    )


def a_fill(**changes: object) -> FillRow:
    return a_fill_row(**{"ts": at(4), "price": D("150.11"), "commission": D(1), **changes})


def a_story(**changes: object) -> CostStory:
    fields: dict[str, object] = {
        "parent_id": PARENT,
        "orders": [an_order()],
        "fills": [a_fill()],
        "decisions": [a_decision()],
        "quality": [a_quality_row()],
        "signal": a_signal_row(signal_at=START, received_at=at(0.5)),
        "sequence": 7,
    }
    return CostStory(**(fields | changes))  # type: ignore[arg-type]  # fields of one struct


def the_row(story: CostStory, line: Midline = RISING) -> OrderCostRow:
    (row,) = cost_rows(story, line)
    return row


def test_an_order_knows_its_prices_at_every_stage() -> None:
    row = the_row(a_story())

    assert seen(row.decision_price, row.arrival_price, row.submit_price) == (150, 150, D("150.10"))
    assert (row.fill_price_mid, row.end_price) == (D("150.10"), D("150.10"))


def test_an_order_knows_when_it_reached_every_stage() -> None:
    row = the_row(a_story())

    assert (row.signal_at, row.received_at, row.decided_at) == (START, at(0.5), at(1))
    assert (row.released_at, row.acknowledged_at) == (at(1), at(2))
    assert (row.first_fill_at, row.last_fill_at, row.ended_at) == (at(4), at(4), at(4))


def test_the_parts_of_the_shortfall_are_money_and_add_up() -> None:
    row = the_row(a_story())

    assert seen(row.delay, row.execution, row.opportunity, row.fees) == (0, 11, 0, 1)
    assert row.shortfall == 12
    assert row.shortfall_bps == 8


def test_costs_are_told_against_every_benchmark() -> None:
    row = the_row(a_story())

    assert row.interval_twap == D("150.20") - D("0.40") / 3  # 1 s at 150.00, 2 s at 150.10
    assert row.arrival_bps == row.decision_bps == D("0.11") * 10_000 / 150
    assert row.twap_bps is not None
    assert row.interval_vwap is None


def test_the_spread_is_that_of_the_moment_when_the_broker_had_it() -> None:
    row = the_row(a_story())

    assert row.quoted_spread_bps == row.effective_spread_bps == D("0.02") * 10_000 / D("150.10")
    assert row.effective_over_quoted == 1


def test_without_a_tape_only_what_the_journal_says_is_known() -> None:
    row = the_row(a_story(), a_line(until=1_000))

    assert seen(row.decision_price, row.arrival_price, row.execution) == (150, 150, 11)
    assert row.shortfall == 12
    assert (row.submit_price, row.end_price, row.interval_twap) == (None, None, None)
    assert (row.markout_1s_bps, row.effective_spread_bps) == (None, None)


def test_a_markout_comes_when_its_time_has_passed() -> None:
    early = the_row(a_story(), a_line((0, "150", "150"), until=10))
    late = the_row(a_story(), a_line((0, "150", "150"), until=400))

    assert early.markout_1s_bps is not None
    assert early.markout_10s_bps is None
    assert early.due_at == at(14)
    assert late.markout_300s_bps is not None
    assert late.due_at is None


def test_an_order_that_works_has_not_missed_anything_yet() -> None:
    story = a_story(
        orders=[an_order(status="PARTIALLY_FILLED", closed_at=None)],
        fills=[a_fill(quantity=D(40))],
    )

    row = the_row(story)

    assert seen(row.filled_quantity, row.opportunity, row.shortfall) == (40, None, None)
    assert row.execution == D("4.40")


def test_what_was_not_filled_is_missed_from_the_decision_to_the_end() -> None:
    story = a_story(
        orders=[an_order(status="CANCELLED", closed_at=at(70))], fills=[a_fill(quantity=D(40))]
    )

    row = the_row(story)

    assert row.opportunity == 60 * D("0.20")
    assert row.wagner_opportunity == 60 * D("0.20")
    assert row.shortfall == D("4.40") + 12 + 1


def test_a_correction_and_a_late_commission_change_the_costs() -> None:
    story = a_story(
        fills=[
            a_fill(fill_id="x1", quantity=D(60), price=D("150.01"), commission=D("0.5")),
            a_fill(fill_id="x2", quantity=D(0), price=D("150.11"), commission=D(9)),
        ]
    )

    row = the_row(story)

    assert seen(row.filled_quantity, row.average_price, row.fees) == (60, D("150.01"), D("0.5"))


def test_a_bust_of_everything_leaves_no_price() -> None:
    row = the_row(a_story(fills=[a_fill(quantity=D(0))]))

    assert seen(row.filled_quantity, row.average_price, row.arrival_bps) == (0, None, None)
    assert row.last_fill_at is None


def test_without_a_decision_the_price_of_the_signal_counts() -> None:
    story = a_story(decisions=[], quality=[a_quality_row(signal_price=D("149.50"))], signal=None)

    row = the_row(story)

    assert row.decision_price == D("149.50")
    assert row.arrival_price == D("150.005")  # the mid of the measurement
    assert (row.signal_at, row.received_at, row.decided_at) == (START, None, None)


def test_without_decision_and_measurement_the_tape_says_what_arrival_was() -> None:
    row = the_row(a_story(decisions=[], quality=[], signal=None))

    assert seen(row.decision_price, row.arrival_price, row.signal_at) == (None, 150, None)
    assert row.shortfall is None


def test_a_held_signal_was_decided_when_it_was_released() -> None:
    held = a_decision(ts=at(0.5), outcome="HELD", market=a_market("149.89", "149.91"))
    story = a_story(decisions=[a_decision(), held])

    row = the_row(story)

    assert seen(row.decision_price, row.arrival_price, row.decided_at) == (D("149.90"), 150, at(1))
    assert row.delay == 10


def a_slice(number: int, second: float, **changes: object) -> OrderRow:
    return an_order(
        order_id=f"{PARENT}#{number}",
        parent_order_id=PARENT,
        quantity=D(50),
        filled_quantity=D(50),
        submitted_at=at(second),
        acknowledged_at=at(second),
        closed_at=at(second + 1),
        slice=number,
        slices=2,
        **changes,
    )


def a_slice_fill(number: int, second: float, price: str) -> FillRow:
    return a_fill(
        fill_id=f"x{number}",
        order_id=f"{PARENT}#{number}",
        parent_order_id=PARENT,
        quantity=D(50),
        price=D(price),
        ts=at(second),
    )


def a_sliced_story(**changes: object) -> CostStory:
    released = a_decision(
        ts=at(60), stage="SLICE", order_id=f"{PARENT}#2", market=a_market("150.19", "150.21")
    )
    fields: dict[str, object] = {
        "orders": [a_slice(2, 60), a_slice(1, 1)],
        "fills": [a_slice_fill(1, 2, "150.01"), a_slice_fill(2, 61, "150.21")],
        "decisions": [a_decision(), released],
    }
    return a_story(**(fields | changes))


def test_a_sliced_order_has_a_row_and_each_slice_has_one() -> None:
    rows = cost_rows(a_sliced_story(), RISING)

    assert [row.order_id for row in rows] == [PARENT, f"{PARENT}#1", f"{PARENT}#2"]
    assert [row.parent_order_id for row in rows] == [None, PARENT, PARENT]
    assert [row.slices for row in rows] == [2, 0, 0]
    assert [seen(row.quantity, row.filled_quantity) for row in rows] == [
        (100, 100),
        (50, 50),
        (50, 50),
    ]
    assert rows[0].average_price == D("150.11")
    assert (rows[0].status, rows[0].ended_at) == ("FILLED", at(61))


def test_a_slice_arrives_when_it_is_released_and_the_parent_with_the_first() -> None:
    parent, first, second = cost_rows(a_sliced_story(), RISING)

    assert seen(parent.arrival_price, first.arrival_price) == (150, 150)
    assert second.arrival_price == D("150.20")
    assert second.delay == 50 * D("0.20")


def test_the_costs_of_the_slices_are_those_of_the_parent() -> None:
    parent, *slices = cost_rows(a_sliced_story(), RISING)

    assert parent.shortfall == sum(row.shortfall or D(0) for row in slices) == 13


def test_between_two_slices_a_parent_has_not_ended() -> None:
    story = a_sliced_story(orders=[a_slice(1, 1)], fills=[a_slice_fill(1, 2, "150.01")])

    parent = cost_rows(story, RISING)[0]

    assert seen(parent.ended_at, parent.shortfall, parent.quantity) == (None, None, 100)


def test_a_slice_that_works_keeps_its_parent_open() -> None:
    story = a_sliced_story(orders=[a_slice(1, 1), a_slice(2, 60, status="SUBMITTED")])
    working = [row if row.order_id.endswith("1") else _reopened(row) for row in story.orders]

    parent = cost_rows(a_sliced_story(orders=working), RISING)[0]

    assert (parent.status, parent.ended_at) == ("SLICED", None)


def _reopened(row: OrderRow) -> OrderRow:
    return an_order_row(
        order_id=row.order_id, parent_order_id=PARENT, submitted_at=row.submitted_at
    )


def test_a_schedule_that_was_given_up_missed_its_rest() -> None:
    over = a_decision(ts=at(70), stage="SLICE", outcome="UNFILLED", market=None)
    story = a_sliced_story(
        orders=[a_slice(1, 1)],
        fills=[a_slice_fill(1, 2, "150.01")],
        decisions=[a_decision(), over],
    )

    parent = cost_rows(story, RISING)[0]

    assert parent.ended_at == at(70)
    assert parent.opportunity == 50 * D("0.20")


def test_slices_of_an_unknown_decision_were_wanted_as_they_were_sent() -> None:
    parent = cost_rows(a_sliced_story(decisions=[]), RISING)[0]

    assert parent.quantity == 100


def test_a_stop_that_was_never_set_off_cost_nothing_and_missed_nothing() -> None:
    stop = an_order(order_id="stop", route="protect", filled_quantity=D(0), status="CANCELLED")

    assert cost_rows(a_story(parent_id="stop", orders=[stop], fills=[]), RISING) == []


def test_a_stop_is_measured_by_the_market_of_its_first_fill() -> None:
    stop = an_order(order_id="stop", route="protect", side="SELL", submitted_at=at(0))
    fill = a_fill(order_id="stop", side="SELL", price=D("150.09"))

    row = the_row(a_story(parent_id="stop", orders=[stop], fills=[fill], quality=[]))

    assert (row.decision_price, row.arrival_price, row.signal_at) == (None, None, None)
    assert seen(row.submit_price, row.effective_over_quoted) == (D("150.10"), 1)
    assert row.shortfall is None
    assert row.quantity == 100


def test_the_quotes_that_decisions_saw_are_points_of_the_line() -> None:
    blind = a_decision(market=None)
    half = a_decision(market=MarketRow(bid=D(1)))

    assert list(decision_points([a_decision(), blind, half])) == [(at(1), D("149.99"), D("150.01"))]


def test_nothing_sent_is_nothing_measured() -> None:
    assert cost_rows(a_story(orders=[]), RISING) == []


def test_a_hold_that_saw_no_market_is_not_where_the_price_was_decided() -> None:
    held = a_decision(ts=at(0.5), outcome="HELD", market=MarketRow())

    assert the_row(a_story(decisions=[a_decision(), held])).decision_price == 150
