"""Rows of what happens to orders beside plain fills: doubts, cancels, corrections, adjustments."""

from decimal import Decimal
from typing import Final, TypeVar

import pytest

from fillpath.core.commands import CancelOrder, PlaceOrder
from fillpath.core.events import SplitApplied
from fillpath.core.models import OrderSide
from fillpath.core.rows import (
    AlertRow,
    DecisionRow,
    FillRow,
    HoldingChangeRow,
    OrderRow,
    PositionRow,
    QualityRow,
    SignalRow,
    SnapshotRow,
)
from fillpath.core.units import NANOSECONDS, moment
from fillpath.execution import projecting
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.projecting import Projector
from fillpath.testing.builders import a_signal
from tests.unit.execution.desk.scene import Scene, a_holding, shares

ORDER: Final = "trend/sig-1"
Row = TypeVar("Row")


class Told:
    """The rows of a scene, told apart by kind."""

    def __init__(self, scene: Scene) -> None:
        projector = Projector(DeskPolicy())
        self.rows: list[object] = []
        for number, event in enumerate(scene.events):
            taken = projector.take(number, event)
            self.rows.extend(projected.row for projected in taken)
        self.projector = projector

    def of(self, kind: type[Row]) -> list[Row]:
        return [row for row in self.rows if isinstance(row, kind)]

    def last(self, kind: type[Row]) -> Row:
        return self.of(kind)[-1]


def sent() -> Scene:
    scene = Scene()
    scene.signal(quantity=100)
    return scene


def test_intents_in_the_journal_make_no_rows_of_their_own() -> None:
    scene = sent()
    told = Told(scene)
    place = next(c for c in scene.all if isinstance(c, PlaceOrder))

    rows = [
        told.projector.take(2, place),
        told.projector.take(3, CancelOrder(scene.at, ORDER, "B1", "why")),
    ]

    assert rows == [[], []]


def test_a_signal_that_was_seen_before_says_so() -> None:
    scene = sent()
    scene.hear(a_signal())

    row = Told(scene).last(SignalRow)

    assert (row.outcome, row.reason) == ("REFUSED", "DUPLICATE")


def test_a_signal_that_only_cancels_for_now_is_held() -> None:
    scene = sent()
    scene.accept(ORDER)
    scene.signal("FLAT")

    told = Told(scene)

    assert told.last(SignalRow).outcome == "HELD"
    assert told.last(OrderRow).cancel_requested


def test_a_doubt_shows_on_the_order() -> None:
    scene = sent()
    scene.doubt(ORDER)

    told = Told(scene)

    assert told.last(OrderRow).certainty == "IN_DOUBT"
    assert told.last(AlertRow).code == "IN_DOUBT"


def test_a_cancel_that_failed_shows_on_the_order() -> None:
    scene = sent()
    scene.accept(ORDER)
    scene.signal("FLAT")
    scene.cancel_failed(ORDER)

    row = Told(scene).last(OrderRow)

    assert (row.status, row.cancel_requested, row.closed_at) == ("SUBMITTED", False, None)


def test_an_ended_order_has_the_row_of_its_end() -> None:
    scene = sent()
    scene.accept(ORDER)
    scene.cancelled(ORDER)

    row = Told(scene).last(OrderRow)

    assert (row.status, row.reason) == ("CANCELLED", "on request")
    assert row.closed_at is not None


@pytest.mark.fault("F-11", "F-75")
def test_a_late_commission_changes_the_rows_of_fill_order_and_account() -> None:
    scene = sent()
    scene.trade(ORDER)
    scene.commission(ORDER, "x1", "1.25")

    told = Told(scene)

    assert (told.last(FillRow).commission, told.last(FillRow).revision) == (Decimal("1.25"), 0)
    assert told.last(OrderRow).commission == Decimal("1.25")
    assert told.last(SnapshotRow).commission == Decimal("1.25")


@pytest.mark.fault("F-63")
def test_a_correction_changes_every_row_it_touches() -> None:
    scene = sent()
    scene.trade(ORDER, 150)
    scene.correct(ORDER, "x1", 60, 151)

    told = Told(scene)

    fill, order = told.last(FillRow), told.last(OrderRow)
    assert [int(fill.quantity), int(fill.price), fill.revision] == [60, 151, 1]
    assert (fill.strategy_name, fill.fill_id) == ("trend", "x1")
    assert (order.status, int(order.filled_quantity)) == ("CANCELLED", 60)
    assert told.last(PositionRow).quantity == 60
    assert told.last(QualityRow).quantity == 60
    assert told.last(AlertRow).code == "FILL_CORRECTED"


@pytest.mark.fault("F-64")
def test_a_bust_leaves_rows_of_nothing() -> None:
    scene = sent()
    scene.trade(ORDER, 150)
    scene.correct(ORDER, "x1", 0, 0)

    told = Told(scene)

    quality = told.last(QualityRow)
    assert told.last(FillRow).quantity == told.last(PositionRow).quantity == 0
    assert quality.quantity == quality.notional == quality.slippage_bps == 0
    assert told.last(SnapshotRow).positions == 0


def test_a_correction_of_a_working_order_shows_on_it() -> None:
    scene = sent()
    scene.accept(ORDER)
    scene.fill(ORDER, 40)
    scene.correct(ORDER, "x1", 30)

    row = Told(scene).last(OrderRow)

    assert (row.status, row.closed_at) == ("PARTIALLY_FILLED", None)
    assert row.filled_quantity == 30


@pytest.mark.fault("F-59")
def test_a_foreign_fill_has_a_row_without_a_strategy() -> None:
    scene = Scene()
    scene.fill("external:1", 10, side=OrderSide.SELL)

    row = Told(scene).last(FillRow)

    assert (row.order_id, row.strategy_name, row.signal_id) == ("external:1", "", "")
    assert row.side is OrderSide.SELL


@pytest.mark.fault("F-77")
def test_an_adjustment_shows_in_position_and_account() -> None:
    scene = Scene()
    scene.adjust(10, 150)

    told = Told(scene)

    assert told.last(PositionRow).symbol == "AAPL"
    assert told.last(PositionRow).quantity == 10
    assert told.last(SnapshotRow).cash == 9_998_500
    alert = told.last(AlertRow)
    assert (alert.code, alert.text) == (
        "POSITION_ADJUSTED",
        "10 AAPL at 150 booked by ann: found",
    )


def test_cash_that_is_booked_alone_is_named() -> None:
    scene = Scene()

    scene.adjust(0, cash="-1.5")

    told = Told(scene)
    assert told.last(AlertRow).text == "0 AAPL at 0 and -1.5 in cash booked by ann: found"


def test_the_opening_shows_every_position() -> None:
    scene = Scene(positions=(a_holding(1, symbol="MSFT"), a_holding(2), a_holding(0, symbol="Z")))

    rows = Told(scene).of(PositionRow)

    assert [(row.symbol, int(row.quantity)) for row in rows[:2]] == [("AAPL", 2), ("MSFT", 1)]


def test_a_position_of_unknown_cost_has_no_price() -> None:
    scene = Scene()
    scene.adjust(10)

    assert Told(scene).last(PositionRow).average_price is None


def test_a_slice_names_its_parent() -> None:
    scene = Scene()
    scene.show(adv=shares(50_000))
    scene.signal(quantity=1_000)
    scene.accept(f"{ORDER}#1")
    scene.fill(f"{ORDER}#1", parent_order_id=ORDER)

    told = Told(scene)

    assert told.last(FillRow).parent_order_id == ORDER
    assert [row.stage for row in told.of(DecisionRow)] == ["SIGNAL", "SLICE"]


def test_an_order_says_when_the_broker_first_had_it_also_after_its_end() -> None:
    scene = sent()
    scene.accept(ORDER)
    first = scene.at
    scene.at += NANOSECONDS
    scene.accept(ORDER)
    scene.fill(ORDER)

    rows = Told(scene).of(OrderRow)

    assert rows[0].acknowledged_at is None
    assert {row.acknowledged_at for row in rows[1:]} == {moment(first)}
    assert rows[-1].status == "FILLED"


def test_when_brokers_had_orders_that_nobody_knows_any_more_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(projecting, "_SPARE", -2)
    scene = sent()
    scene.accept(ORDER)
    scene.accept("nobody's")

    row = Told(scene).last(OrderRow)

    assert row.acknowledged_at is not None


def test_what_changes_positions_without_an_execution_has_its_row() -> None:
    scene = Scene(positions=(a_holding(1, symbol="MSFT"), a_holding(0, symbol="Z")))
    scene.adjust(10)
    scene.tell(SplitApplied(scene.at, "AAPL", 4, 1))

    rows = Told(scene).of(HoldingChangeRow)

    assert [(row.kind, row.symbol, row.quantity) for row in rows] == [
        ("OPENED", "MSFT", Decimal(1)),
        ("ADJUSTED", "AAPL", Decimal(10)),
        ("SPLIT", "AAPL", Decimal(0)),
    ]
    assert (rows[-1].new_shares, rows[-1].old_shares) == (4, 1)
