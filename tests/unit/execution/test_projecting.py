"""Rows are folded from the journal: the same records give the same rows under the same names."""

from decimal import Decimal

from fillpath.core.commands import Intent
from fillpath.core.events import (
    AccountOpened,
    AccountValued,
    Event,
    MarketView,
    OrderAccepted,
    OrderFilled,
    SignalReceived,
)
from fillpath.core.models import OrderSide, Signal, SignalDirection
from fillpath.core.rows import FillRow, OrderRow, PositionRow, Projected, SignalRow, SnapshotRow
from fillpath.core.units import moment
from fillpath.execution.desk import Desk
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.projecting import Projector

T0 = 1_700_000_000_000_000_000
MARKET = MarketView(99_99000000, 100_01000000, 10**9, 10**9, T0, 10**12)
SIGNAL = Signal(
    symbol="AAPL",
    direction=SignalDirection.LONG,
    strength=Decimal("0.95"),
    metadata={"quantity": 10},
    strategy_name="trend",
    signal_id="s1",
    timestamp=moment(T0),
)


def journal() -> list[Event | Intent]:
    """Return what the engine writes for one signal that is filled whole."""
    desk = Desk(DeskPolicy())
    records: list[Event | Intent] = []
    events: list[Event] = [
        AccountOpened(T0, "SIM", 100_000 * 10**14),
        SignalReceived(T0, SIGNAL, MARKET),
        OrderAccepted(T0 + 1, "trend/s1", "b1"),
        OrderFilled(
            T0 + 2, "trend/s1", "x1", "AAPL", OrderSide.BUY, 10 * 10**6, 100_01000000, T0 + 2
        ),
    ]
    for event in events:
        records.append(event)
        records.extend(c for c in desk.step(event) if isinstance(c, Intent))
    return records


def projected() -> list[Projected]:
    projector = Projector(DeskPolicy())
    return [row for n, record in enumerate(journal()) for row in projector.take(n, record)]


def test_a_signal_says_what_became_of_it() -> None:
    (row,) = [p.row for p in projected() if isinstance(p.row, SignalRow)]

    assert (row.signal_id, row.outcome, row.order_id) == ("s1", "ORDERED", "trend/s1")


def test_an_order_has_a_row_at_every_step_of_its_life() -> None:
    rows = [p.row for p in projected() if isinstance(p.row, OrderRow)]

    assert [row.status for row in rows] == ["PENDING", "SUBMITTED", "FILLED"]
    assert [row.closed_at is None for row in rows] == [True, True, False]


def test_a_fill_names_the_strategy_and_the_signal_behind_it() -> None:
    (row,) = [p.row for p in projected() if isinstance(p.row, FillRow)]

    assert (row.strategy_name, row.signal_id, row.price) == ("trend", "s1", Decimal("100.01"))


def test_a_fill_moves_the_position_and_the_account() -> None:
    rows = [p.row for p in projected()]
    positions = [row for row in rows if isinstance(row, PositionRow)]
    snapshots = [row for row in rows if isinstance(row, SnapshotRow)]

    assert [(row.symbol, row.quantity) for row in positions] == [("AAPL", Decimal(10))]
    assert [row.cash for row in snapshots] == [Decimal(100_000), Decimal("98999.9")]


def test_a_second_fold_gives_the_same_rows_under_the_same_names() -> None:
    assert projected() == projected()
    names = [row.event_id("SIM") for row in projected()]
    assert len(names) == len(set(names))


def test_a_valuation_is_a_snapshot_of_the_account() -> None:
    projector = Projector(DeskPolicy())
    for sequence, record in enumerate(journal()):
        projector.take(sequence, record)

    told = projector.take(projector.next_sequence, AccountValued(T0 + 9 * 10**9, 10**17, 0))

    snapshot = told[-1].row
    assert isinstance(snapshot, SnapshotRow)
    assert snapshot.equity == snapshot.cash + 1_000
