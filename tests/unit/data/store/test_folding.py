"""A batch comes to the last word on every key, whatever was said before."""

from decimal import Decimal

from fillpath.core.rows import (
    AlertRow,
    DecisionRow,
    FillRow,
    OrderRow,
    PositionRow,
    Projected,
    QualityRow,
    SignalRow,
)
from fillpath.data.store.folding import Batch, folded
from fillpath.testing.rows import (
    ONE_OF_EACH_ROW,
    a_decision_row,
    a_fill_row,
    a_position_row,
    a_quality_row,
    a_signal_row,
    an_alert_row,
    an_order_row,
    made_by,
)


def batch_of(*records: list[Projected], after: int = -1) -> Batch:
    return folded("SIM", [row for record in records for row in record], after)


def test_every_kind_of_row_is_taken_with_its_account_and_event() -> None:
    batch = batch_of(made_by(7, *ONE_OF_EACH_ROW))

    found = [batch.rows(type(row)) for row in ONE_OF_EACH_ROW]
    assert [len(rows) for rows in found] == [1] * len(ONE_OF_EACH_ROW)
    assert {row[0]["account"] for row in found} == {"SIM"}
    assert [(row[0]["sequence"], row[0]["row_index"]) for row in found] == [
        (7, index) for index in range(len(ONE_OF_EACH_ROW))
    ]


def test_rows_of_records_that_are_stored_are_left_out() -> None:
    batch = batch_of(made_by(4, an_alert_row()), made_by(5, an_alert_row()), after=4)

    assert [row["sequence"] for row in batch.rows(AlertRow)] == [5]


def test_the_last_row_of_an_order_a_position_and_a_measurement_stays() -> None:
    batch = batch_of(
        made_by(0, an_order_row(), a_position_row(), a_quality_row()),
        made_by(
            1,
            an_order_row(status="FILLED"),
            a_position_row(quantity=Decimal(7)),
            a_quality_row(quantity=Decimal(7)),
        ),
    )

    assert [row["status"] for row in batch.rows(OrderRow)] == ["FILLED"]
    assert [row["quantity"] for row in batch.rows(PositionRow)] == [7]
    assert [row["quantity"] for row in batch.rows(QualityRow)] == [7]


def test_the_highest_revision_of_a_fill_stays() -> None:
    batch = batch_of(
        made_by(0, a_fill_row(revision=1)),
        made_by(1, a_fill_row(revision=2, quantity=Decimal(0))),
        made_by(2, a_fill_row()),
    )

    assert [row["revision"] for row in batch.rows(FillRow)] == [2]


def test_a_decision_is_written_into_the_signal_of_the_same_batch() -> None:
    batch = batch_of(made_by(0, a_signal_row()), made_by(1, a_decision_row()))

    (row,) = batch.rows(SignalRow)
    assert (row["outcome"], row["order_id"]) == ("ORDERED", "trend/sig-1")
    assert batch.outcomes == {}


def test_a_decision_that_names_no_order_forgets_none() -> None:
    late = a_decision_row(outcome="REFUSED", reason="STALE", order_id="")
    same = batch_of(made_by(0, a_signal_row(order_id="o1")), made_by(1, late))
    earlier = batch_of(made_by(1, a_decision_row()), made_by(2, late))

    assert [row["order_id"] for row in same.rows(SignalRow)] == ["o1"]
    assert [row["order_id"] for row in earlier.outcomes.values()] == ["trend/sig-1"]


def test_the_last_decision_about_a_signal_stored_before_is_kept_for_it() -> None:
    held = a_decision_row(outcome="HELD", reason="STALE_QUOTE")
    batch = batch_of(made_by(3, held), made_by(4, a_decision_row()))

    (said,) = batch.outcomes.values()
    assert (said["outcome"], said["reason"], said["at_sequence"]) == ("ORDERED", "", 4)


def test_a_decision_about_a_slice_is_no_outcome_of_its_signal() -> None:
    batch = batch_of(made_by(0, a_decision_row(stage="SLICE")))

    assert batch.outcomes == {}
    assert len(batch.rows(DecisionRow)) == 1


def test_a_repeated_signal_is_kept_only_where_the_first_is_not() -> None:
    again = a_signal_row(outcome="REFUSED", reason="DUPLICATE")
    together = batch_of(made_by(0, a_signal_row()), made_by(1, again))
    alone = batch_of(made_by(1, again), made_by(2, again))

    assert [row["reason"] for row in together.rows(SignalRow)] == [""]
    assert together.repeats == {}
    assert [row["sequence"] for row in alone.repeats.values()] == [1]
