"""Fold the rows of a batch into what each table needs: the last word on every key, once."""

from collections.abc import Iterable
from typing import Any, Final, assert_never

import msgspec

from fillpath.core.rows import (
    AlertRow,
    DecisionRow,
    FillRow,
    HoldingChangeRow,
    OrderRow,
    PositionRow,
    Projected,
    QualityRow,
    Row,
    SignalRow,
    SnapshotRow,
)

SEEN_BEFORE: Final = "DUPLICATE"
"""The reason of a signal that was sent again: it says nothing of the signal that came first."""
SIGNAL_STAGE: Final = "SIGNAL"

Values = dict[str, Any]


class Batch:
    """Rows by kind, each key once.

    Rows must come in the order of the journal. Signals, orders, positions and measurements take the
    last row of a key, fills the highest revision; snapshots, decisions and alerts are never the
    same twice.

    Args:
        account: whose rows they are.
    """

    def __init__(self, account: str) -> None:
        self.account = account
        self.by_kind: dict[type[Row], dict[object, Values]] = {}
        self.outcomes: dict[object, Values] = {}
        self.repeats: dict[object, Values] = {}

    def take(self, projected: Projected) -> None:
        """Add one row."""
        row = projected.row
        values = msgspec.structs.asdict(row)
        values["account"] = self.account
        values["sequence"] = projected.sequence
        values["row_index"] = projected.index
        match row:
            case SignalRow():
                self._take_signal(row, values)
            case DecisionRow():
                self._put(row, (projected.sequence, projected.index), values)
                self._take_outcome(row, projected.sequence)
            case FillRow():
                self._take_fill(row, values)
            case OrderRow() | QualityRow():
                self._put(row, row.order_id, values)
            case PositionRow():
                self._put(row, row.symbol, values)
            case SnapshotRow() | AlertRow() | HoldingChangeRow():
                self._put(row, (projected.sequence, projected.index), values)
            case _:
                assert_never(row)

    def rows(self, kind: type[Row]) -> list[Values]:
        """Return the values of one kind of row, each with all columns of its table."""
        return list(self._kept(kind).values())

    def _kept(self, kind: type[Row]) -> dict[object, Values]:
        return self.by_kind.setdefault(kind, {})

    def _put(self, row: Row, key: object, values: Values) -> None:
        kept = self._kept(type(row))
        kept.pop(key, None)
        kept[key] = values

    def _take_signal(self, row: SignalRow, values: Values) -> None:
        key = (row.strategy_name, row.signal_id)
        if row.reason != SEEN_BEFORE:
            self._put(row, key, values)
        elif key not in self._kept(SignalRow):
            self.repeats.setdefault(key, values)

    def _take_fill(self, row: FillRow, values: Values) -> None:
        before = self._kept(FillRow).get(row.fill_id)
        if before is None or before["revision"] <= row.revision:
            self._put(row, row.fill_id, values)

    def _take_outcome(self, row: DecisionRow, sequence: int) -> None:
        """Note what became of a signal, in its row or for the row that is stored already."""
        if row.stage != SIGNAL_STAGE or row.reason == SEEN_BEFORE:
            return
        key = (row.strategy_name, row.signal_id)
        said = {"outcome": row.outcome, "reason": row.reason, "text": row.text}
        order_id = row.order_id
        values = self._kept(SignalRow).get(key)
        if values is not None:
            values.update(said, order_id=order_id or values["order_id"])
            return
        before = self.outcomes.pop(key, {"order_id": ""})
        self.outcomes[key] = said | {
            "order_id": order_id or before["order_id"],
            "of_account": self.account,
            "of_strategy": row.strategy_name,
            "of_signal": row.signal_id,
            "at_sequence": sequence,
        }


def folded(account: str, rows: Iterable[Projected], after: int) -> Batch:
    """Return what the rows of records after number ``after`` come to."""
    batch = Batch(account)
    for projected in rows:
        if projected.sequence > after:
            batch.take(projected)
    return batch
